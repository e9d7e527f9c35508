// A mail's bytes as its author sent them: without a postmark line in front, without the '>' that a
// mailbox put before its "From " lines, and with line ends that a mail reader knows.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "scanner/extract/extractor.hpp"

namespace gallra::extract::mail {

class MailView {
 public:
  MailView(const Source& source, bool mbox_quoted);

  std::uint64_t size() const { return size_; }
  // Up to `into.size()` bytes at `at`; 0 = end, -1 = I/O error.
  std::int64_t read(std::uint64_t at, std::span<char> into) const;
  // The postmark "From sender date" when the mail came with one; no line end.
  const std::string& postmark() const { return postmark_; }

 private:
  void skip_what_stands_before();
  void find_quotes();

  Source source_;
  std::uint64_t begin_ = 0;             // where the headers start in the source
  std::uint64_t size_ = 0;              // of the view
  bool cr_line_ends_ = false;           // CR alone ends lines: shown as LF
  std::vector<std::uint64_t> removed_;  // positions in the source that the view leaves out, sorted
  std::string postmark_;
};

}  // namespace gallra::extract::mail

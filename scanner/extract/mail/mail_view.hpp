// A mail's bytes as its author sent them: without a postmark line in front, without the '>' that a
// mailbox put before its "From " lines, with line ends that a mail reader knows, and without the
// part of its headers that nobody could mean.
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
  // Headers past the limit were left out.
  bool headers_cut() const { return headers_cut_; }
  // The postmark "From sender date" when the mail came with one; no line end.
  const std::string& postmark() const { return postmark_; }

 private:
  // From view position `at` on, the source is `skipped` bytes further than begin_ + at.
  struct Cut {
    std::uint64_t at = 0;
    std::uint64_t skipped = 0;
  };

  void skip_what_stands_before();
  void cut_headers();
  void cut_headers_at(std::uint64_t from, std::uint64_t to);
  void find_quotes();
  void leave_out(std::uint64_t position, std::uint64_t length);

  Source source_;
  std::uint64_t begin_ = 0;    // where the headers start in the source
  std::uint64_t size_ = 0;     // of the view
  bool cr_line_ends_ = false;  // CR alone ends lines: shown as LF
  bool headers_cut_ = false;
  std::vector<Cut> cuts_;          // sorted
  std::uint64_t quotes_from_ = 0;  // no quotes are looked for before it
  std::string postmark_;
};

}  // namespace gallra::extract::mail

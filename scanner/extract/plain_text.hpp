// A plain file as decoded text, piece by piece, with '\n' for every kind of line end. Memory does
// not grow with the file; holes and long runs of zero bytes are jumped over.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "scanner/extract/charset.hpp"
#include "scanner/extract/extractor.hpp"

namespace gallra::extract {

class PlainText {
 public:
  // `source` must outlive the object.
  explicit PlainText(const Source& source, Encoding declared = Encoding::kUtf8);
  PlainText(const PlainText&) = delete;
  PlainText& operator=(const PlainText&) = delete;

  // Appends the next piece (some 256 KiB of the file); false at the end.
  bool next(std::string& out);
  // Zero bytes were left out in front of the last piece.
  bool skipped() const { return skipped_; }
  // `read`, or how far it came before an I/O error.
  Outcome outcome() const;

 private:
  bool skip_zeros();
  void normalise_line_ends(std::string& out, std::size_t from);

  const Source& source_;
  std::vector<char> block_;
  std::uint64_t at_ = 0;
  TextDecoder decoder_;
  bool ended_ = false;
  bool failed_ = false;
  bool skipped_ = false;
  bool after_return_ = false;  // the last piece ended in '\r'
};

// Several control characters close together: bytes that never were text.
bool holds_garbage(std::string_view text);
std::uint64_t count_lines(std::string_view text);
// Where to cut text so that lines stay whole, or else words, or else characters; never 0.
std::size_t cut_after_line(std::string_view text);

}  // namespace gallra::extract

// Hands text of a structured document (PDF, office files) on in document order: keeps the running
// offset, cuts long text into pieces, and makes sure that it is valid UTF-8.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "scanner/extract/extractor.hpp"

namespace gallra::extract {

class TextWriter {
 public:
  // With `silent` nothing is sent: a resumed container has already delivered its text.
  explicit TextWriter(ExtractSink& sink, bool silent = false) : sink_(sink), silent_(silent) {}

  // Running text whose first line stands at `place`; line numbers of kPage (b), kLine and kBody (a)
  // go on through the pieces. Blank text is not sent.
  void prose(Place place, std::string_view text);
  // One value with its label ("author", a form field's name).
  void record(PlaceKind kind, std::string_view label, std::string_view value, std::uint32_t a = 0);
  // Rows ended by '\n', cells parted by '\t'. `continues` keeps the table of the chunk before.
  void table(Place place, std::string_view rows, bool continues = false);
  // Document properties' dates; days that are artefacts (before 1985, in the future) are dropped.
  void date(DateKind kind, std::string_view iso);

  // Bytes of text so far, sent or silent.
  std::uint64_t bytes() const { return offset_; }
  ExtractSink& sink() { return sink_; }

 private:
  void send(const Place& place, Layout layout, bool continues, std::string_view text);

  ExtractSink& sink_;
  bool silent_;
  std::uint64_t offset_ = 0;
};

// `text` with every byte that is no UTF-8, and every NUL, replaced by U+FFFD.
std::string valid_utf8(std::string_view text);
bool is_valid_utf8(std::string_view text);
void append_utf8(std::string& into, std::uint32_t code_point);
// Spaces, tabs, line ends and no-break spaces only.
bool is_blank(std::string_view text);
// Single digits and signs parted by single blanks ("6 7 0 9 1 9 - 9 5 3 0", boxes of a form) become
// one word again; shorter runs are left alone, since they may be a row of small numbers.
std::string join_spaced_digits(std::string_view text);
// "mailto:astrid%40example.org" -> "mailto:astrid@example.org"
std::string percent_decoded(std::string_view uri);

}  // namespace gallra::extract

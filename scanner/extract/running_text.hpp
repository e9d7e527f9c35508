// Running text of markup: white space collapses, blocks begin new lines, and the lines stay those
// of the file as far as the text allows. Where compact markup puts many blocks on one line of the
// file, the numbers run ahead and are set right at the next section.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "scanner/extract/extractor.hpp"

namespace gallra::extract {

class RunningText {
 public:
  explicit RunningText(ExtractSink& sink) : sink_(sink) {}

  // `line`: of the first byte in the file.
  void text(std::string_view piece, std::uint32_t line);
  // A value that is no part of the sentence around it (an attribute).
  void aside(std::string_view label, std::string_view value, std::uint32_t line);
  void break_line() { break_ = true; }
  void tab();
  // What follows belongs to something else: a heading, a table.
  void section(std::uint32_t line);
  void finish() { send(false); }

  // Hands other text of the same document on, in order.
  void emit(const Place& place, Layout layout, bool continues, std::string_view text);

 private:
  void before_word(std::uint32_t line);
  void send(bool goes_on);

  ExtractSink& sink_;
  std::string out_;
  bool continues_ = false;
  bool space_ = false;
  bool break_ = false;
  std::uint32_t first_ = 1;  // line of out_'s first byte
  std::uint32_t line_ = 1;   // of its end, as a reader of the chunk counts
  std::uint64_t offset_ = 0;
};

}  // namespace gallra::extract

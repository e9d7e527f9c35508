// Text of the records of a data file (JSON, XML): the fields of one record stay together, each with
// its label, and every line number is that of the file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "scanner/extract/extractor.hpp"

namespace gallra::extract {

// A record that stands on one line of the file becomes lines "label: value" with place kField; one
// that stands on several keeps its line ends and has place kLine.
class RecordText {
 public:
  explicit RecordText(ExtractSink& sink) : sink_(sink) {}

  // A new field; `label` may be empty. Line is that of the value's first byte in the file.
  void field(std::string_view label, std::string_view value, std::uint32_t line);
  // One more value of the same list: "a, b".
  void also(std::string_view value, std::uint32_t line);
  // The last value goes on, without a gap. '\n' is a line end of the file; '\v' one that is written
  // in the value only ("\n" of JSON).
  void more(std::string_view value, std::uint32_t line);

  // Where the next field begins: to be handed to flush_to().
  std::uint64_t mark() const { return flushed_ + items_.size(); }
  // Ends a record before that field, or here.
  void flush_to(std::uint64_t mark);
  void flush() { flush_to(mark()); }
  std::size_t size() const { return text_.size(); }
  bool empty() const { return items_.empty(); }

 private:
  struct Item {
    std::size_t begin = 0;  // in text_
    std::uint32_t line = 0;
    bool listed = false;
  };
  void add(std::string_view value);
  void send(std::size_t items, bool goes_on);

  ExtractSink& sink_;
  std::string text_;
  std::vector<Item> items_;
  std::uint64_t flushed_ = 0;  // items sent
  bool continues_ = false;     // the next chunk begins in the middle of a value
  std::uint64_t offset_ = 0;
};

}  // namespace gallra::extract

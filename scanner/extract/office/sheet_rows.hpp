// Cells of a spreadsheet, in rows, on their way out: every value keeps its row and column, empty
// cells become tabs, and large gaps begin a new chunk with a place of its own.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "scanner/extract/text_writer.hpp"

namespace gallra::extract {

class SheetRows {
 public:
  SheetRows(TextWriter& out, std::string sheet) : out_(out), sheet_(std::move(sheet)) {}

  // Rows and columns are 1-based; they come in reading order, unless the file is broken.
  void cell(std::uint32_t row, std::uint32_t column, std::string_view text);
  void finish() { flush(); }

 private:
  void start(std::uint32_t row, std::uint32_t column);
  void flush();

  TextWriter& out_;
  std::string sheet_;
  std::string text_;
  Place place_;
  std::uint32_t row_ = 0;     // of the last cell in text_
  std::uint32_t column_ = 0;  // of the last cell in text_
  bool continues_ = false;    // text_ follows the chunk before without a gap
};

// "8112189876.0" and "1.98112189876E11" -> digits alone when the value is a whole number that a
// double holds exactly (below 2^53); anything else as stored, without an exponent where that is
// possible.
std::string plain_number(std::string_view stored);

// "B7" -> row 7, column 2; false when it is no cell reference.
bool parse_cell_reference(std::string_view reference, std::uint32_t& row, std::uint32_t& column);

}  // namespace gallra::extract

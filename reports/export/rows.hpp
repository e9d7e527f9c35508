// Rows of named values, written as JSON lines or CSV. Whatever goes in, what comes out is valid:
// UTF-8, one row a line, nothing a spreadsheet would run.
#pragma once

#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace gallra::exporting {

// Bytes as valid UTF-8: each maximal part that is not becomes one U+FFFD.
std::string lossy_utf8(std::string_view raw);
bool is_utf8(std::string_view raw);
std::string base64(std::string_view raw);

void append_json_string(std::string& out, std::string_view raw);  // with quotes; makes it UTF-8

// One value of a row: its JSON text and its CSV text (not yet quoted).
struct Field {
  std::string name;
  std::string json;  // "" = left out of JSON
  std::string csv;
};

Field text_field(std::string name, std::string_view value);
Field key_field(std::string name, std::string_view value);  // null in JSON when empty
Field number_field(std::string name, std::uint64_t value);
Field bool_field(std::string name, bool value);
Field list_field(std::string name, const std::vector<std::string>& values);  // CSV: parted by " | "

using Row = std::vector<Field>;

void write_json_line(std::ostream& out, const Row& row);
// RFC 4180 with ';' as Swedish spreadsheets expect; a cell that begins as a formula gets a ' in
// front.
void write_csv_header(std::ostream& out, const Row& row);  // with the byte order mark
void write_csv_line(std::ostream& out, const Row& row);

}  // namespace gallra::exporting

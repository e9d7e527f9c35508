#include "reports/export/rows.hpp"

#include <utility>

namespace gallra::exporting {
namespace {

// Length of the valid UTF-8 character at the front; else 0, and `bad` is how many bytes make one
// U+FFFD (Unicode's "maximal subpart", as Python and browsers do it).
std::size_t character(std::string_view s, std::size_t& bad) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(s[i]); };
  bad = 1;
  const unsigned char lead = byte(0);
  if (lead < 0x80) return 1;
  const std::size_t length = lead >= 0xc2 && lead <= 0xdf   ? 2
                             : lead >= 0xe0 && lead <= 0xef ? 3
                             : lead >= 0xf0 && lead <= 0xf4 ? 4
                                                            : 0;
  if (length == 0) return 0;
  unsigned char low = 0x80,
                high = 0xbf;  // of the second byte: no overlong forms, surrogates, beyond U+10FFFF
  if (lead == 0xe0) low = 0xa0;
  if (lead == 0xed) high = 0x9f;
  if (lead == 0xf0) low = 0x90;
  if (lead == 0xf4) high = 0x8f;
  for (std::size_t i = 1; i < length; ++i) {
    if (i >= s.size() || byte(i) < low || byte(i) > high) return 0;
    bad = i + 1;
    low = 0x80;
    high = 0xbf;
  }
  return length;
}

constexpr std::string_view kReplacement = "\xef\xbf\xbd";

void append_json_character(std::string& out, std::string_view c) {
  static constexpr char kHex[] = "0123456789abcdef";
  const auto byte = static_cast<unsigned char>(c[0]);
  if (c == "\"" || c == "\\") {
    out += '\\';
    out += c;
  } else if (c == "\n") {
    out += "\\n";
  } else if (c == "\t") {
    out += "\\t";
  } else if (c == "\r") {
    out += "\\r";
  } else if (c.size() == 1 && (byte < 0x20 || byte == 0x7f)) {
    out += "\\u00";
    out += kHex[byte >> 4];
    out += kHex[byte & 15];
  } else if (c == "\u2028") {  // line separators to some readers of lines
    out += "\\u2028";
  } else if (c == "\u2029") {
    out += "\\u2029";
  } else if (c == "\u0085") {
    out += "\\u0085";
  } else {
    out += c;
  }
}

template <typename Good, typename Bad>
void each_character(std::string_view raw, const Good& good, const Bad& bad_bytes) {
  while (!raw.empty()) {
    std::size_t bad = 1;
    const std::size_t length = character(raw, bad);
    if (length > 0)
      good(raw.substr(0, length));
    else
      bad_bytes();
    raw.remove_prefix(length > 0 ? length : bad);
  }
}

std::string json_string(std::string_view raw) {
  std::string out;
  append_json_string(out, raw);
  return out;
}

void append_csv(std::string& out, std::string_view cell) {
  const bool formula =
      !cell.empty() && std::string_view("=+-@\t\r").find(cell.front()) != std::string_view::npos;
  const bool quoted =
      cell.find_first_of(";\"\r\n,") != std::string_view::npos ||
      cell.find('\0') != std::string_view::npos ||
      (!cell.empty() && (cell.front() == ' ' || cell.back() == ' ' || cell.front() == '\t'));
  if (quoted) out += '"';
  if (formula) out += '\'';
  for (const char c : cell) {
    if (c == '\0') {
      out += kReplacement;
      continue;
    }
    if (c == '"') out += '"';
    out += c;
  }
  if (quoted) out += '"';
}

}  // namespace

std::string lossy_utf8(std::string_view raw) {
  std::string out;
  out.reserve(raw.size());
  each_character(
      raw, [&](std::string_view c) { out += c; }, [&] { out += kReplacement; });
  return out;
}

bool is_utf8(std::string_view raw) {
  bool valid = true;
  each_character(
      raw, [](std::string_view) {}, [&] { valid = false; });
  return valid;
}

std::string base64(std::string_view raw) {
  static constexpr char kDigits[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < raw.size(); i += 3) {
    const std::size_t n = std::min<std::size_t>(3, raw.size() - i);
    std::uint32_t bits = 0;
    for (std::size_t k = 0; k < 3; ++k)
      bits = bits << 8 | (k < n ? static_cast<unsigned char>(raw[i + k]) : 0U);
    for (std::size_t k = 0; k < 4; ++k) out += k <= n ? kDigits[bits >> (18 - 6 * k) & 63] : '=';
  }
  return out;
}

void append_json_string(std::string& out, std::string_view raw) {
  out += '"';
  each_character(
      raw, [&](std::string_view c) { append_json_character(out, c); },
      [&] { out += kReplacement; });
  out += '"';
}

Field text_field(std::string name, std::string_view value) {
  return {std::move(name), json_string(value), lossy_utf8(value)};
}

Field key_field(std::string name, std::string_view value) {
  if (value.empty()) return {std::move(name), "null", ""};
  return text_field(std::move(name), value);
}

Field number_field(std::string name, std::uint64_t value) {
  return {std::move(name), std::to_string(value), std::to_string(value)};
}

Field bool_field(std::string name, bool value) {
  return {std::move(name), value ? "true" : "false", value ? "true" : "false"};
}

Field list_field(std::string name, const std::vector<std::string>& values) {
  Field field{std::move(name), "[", ""};
  for (const std::string& value : values) {
    if (field.json.size() > 1) {
      field.json += ',';
      field.csv += " | ";
    }
    append_json_string(field.json, value);
    field.csv += lossy_utf8(value);
  }
  field.json += ']';
  return field;
}

void write_json_line(std::ostream& out, const Row& row) {
  std::string line = "{";
  for (const Field& field : row) {
    if (field.json.empty()) continue;
    if (line.size() > 1) line += ',';
    line += '"';
    line += field.name;  // our own names: nothing to escape
    line += "\":";
    line += field.json;
  }
  line += "}\n";
  out << line;
}

void write_csv_header(std::ostream& out, const Row& row) {
  std::string line = "\xef\xbb\xbf";
  for (const Field& field : row) {
    if (&field != row.data()) line += ';';
    append_csv(line, field.name);
  }
  line += "\r\n";
  out << line;
}

void write_csv_line(std::ostream& out, const Row& row) {
  std::string line;
  for (const Field& field : row) {
    if (&field != row.data()) line += ';';
    append_csv(line, field.csv);
  }
  line += "\r\n";
  out << line;
}

}  // namespace gallra::exporting

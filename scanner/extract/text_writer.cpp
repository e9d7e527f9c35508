#include "scanner/extract/text_writer.hpp"

#include <algorithm>
#include <ctime>

namespace gallra::extract {
namespace {

// Large enough to be cheap, small enough for any frame of the jail's protocol.
constexpr std::size_t kPieceBytes = 64 << 10;
// A label is a name a person gave a field; anything longer is no name.
constexpr std::size_t kLabelBytes = 200;
// A personnummer has 10 characters; below 8 it may be a row of single-digit numbers.
constexpr int kSpacedRun = 8;

// Length of the well-formed UTF-8 sequence at `at`, 0 when there is none.
std::size_t sequence_length(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned lead = byte(at);
  if (lead < 0x80) return 1;
  const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || at + length > text.size()) return 0;
  const unsigned second = byte(at + 1);
  const unsigned low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  const unsigned high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  if (second < low || second > high) return 0;
  for (std::size_t i = 2; i < length; ++i)
    if ((byte(at + i) & 0xC0) != 0x80) return 0;
  return length;
}

// Where to cut so that lines, or at least characters, stay whole.
std::size_t cut_point(std::string_view text) {
  if (text.size() <= kPieceBytes) return text.size();
  const std::size_t line = text.rfind('\n', kPieceBytes - 1);
  if (line != std::string_view::npos) return line + 1;
  std::size_t at = kPieceBytes;
  while (at > kPieceBytes - 4 && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) --at;
  return at;
}

void advance(Place& place, std::string_view sent) {
  const auto lines = static_cast<std::uint32_t>(std::count(sent.begin(), sent.end(), '\n'));
  if (place.kind == PlaceKind::kPage) place.b += lines;
  if (place.kind == PlaceKind::kLine || place.kind == PlaceKind::kBody) place.a += lines;
  if (place.kind == PlaceKind::kCell) {
    // A row longer than a piece is cut between lines: the column goes on.
    const std::size_t row = lines == 0 ? 0 : sent.rfind('\n');
    if (lines > 0) place.b = 1;
    place.a += lines;
    place.b += static_cast<std::uint32_t>(
        std::count(sent.begin() + static_cast<std::ptrdiff_t>(row), sent.end(), '\t'));
  }
}

bool is_spaced_sign(char c) { return (c >= '0' && c <= '9') || c == '-' || c == '+'; }

// How many single signs, each followed by one blank but the last, stand at `at`.
int spaced_run(std::string_view text, std::size_t at) {
  int run = 0;
  while (at < text.size() && is_spaced_sign(text[at])) {
    const bool ends = at + 1 >= text.size() || text[at + 1] == '\n';
    if (ends) return run + 1;
    if (text[at + 1] != ' ') return run;
    ++run;
    at += 2;
  }
  return run;
}

}  // namespace

bool is_valid_utf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = text[at] == '\0' ? 0 : sequence_length(text, at);
    if (length == 0) return false;
    at += length;
  }
  return true;
}

std::string valid_utf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = text[at] == '\0' ? 0 : sequence_length(text, at);
    if (length == 0) out += "\uFFFD";
    if (length > 0) out.append(text, at, length);
    at += std::max<std::size_t>(length, 1);
  }
  return out;
}

void append_utf8(std::string& into, std::uint32_t code) {
  if (code == 0 || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) code = 0xFFFD;
  const auto put = [&](std::uint32_t byte) { into.push_back(static_cast<char>(byte)); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0 | (code >> 6));
    put(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    put(0xE0 | (code >> 12));
    put(0x80 | ((code >> 6) & 0x3F));
    put(0x80 | (code & 0x3F));
  } else {
    put(0xF0 | (code >> 18));
    put(0x80 | ((code >> 12) & 0x3F));
    put(0x80 | ((code >> 6) & 0x3F));
    put(0x80 | (code & 0x3F));
  }
}

bool is_blank(std::string_view text) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v') continue;
    if (text.substr(at, 2) != "\u00A0") return false;
    ++at;
  }
  return true;
}

std::string join_spaced_digits(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const bool word_start = at == 0 || text[at - 1] == ' ' || text[at - 1] == '\n';
    const int run = word_start ? spaced_run(text, at) : 0;
    if (run < kSpacedRun) {
      out.push_back(text[at++]);
      continue;
    }
    for (int i = 0; i < run; ++i) out.push_back(text[at + 2 * static_cast<std::size_t>(i)]);
    at += 2 * static_cast<std::size_t>(run) - 1;
  }
  return out;
}

std::string percent_decoded(std::string_view uri) {
  const auto digit = [](char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
  };
  std::string out;
  for (std::size_t i = 0; i < uri.size(); ++i) {
    const bool escape =
        uri[i] == '%' && i + 2 < uri.size() && digit(uri[i + 1]) >= 0 && digit(uri[i + 2]) >= 0;
    out.push_back(escape ? static_cast<char>(digit(uri[i + 1]) * 16 + digit(uri[i + 2])) : uri[i]);
    if (escape) i += 2;
  }
  return out;
}

void TextWriter::send(const Place& place, Layout layout, bool continues, std::string_view text) {
  if (!silent_) sink_.text({place, layout, continues, text, offset_});
  offset_ += text.size();
}

void TextWriter::prose(Place place, std::string_view text) {
  if (is_blank(text)) return;
  std::string clean;
  if (!is_valid_utf8(text)) text = clean = valid_utf8(text);
  for (bool continues = false; !text.empty(); continues = true) {
    const std::string_view piece = text.substr(0, cut_point(text));
    send(place, Layout::kProse, continues, piece);
    advance(place, piece);
    text.remove_prefix(piece.size());
  }
}

void TextWriter::record(PlaceKind kind, std::string_view label, std::string_view value,
                        std::uint32_t a) {
  if (is_blank(value)) return;
  std::string clean;
  if (!is_valid_utf8(value)) value = clean = valid_utf8(value);
  Place place{kind, a, 0, valid_utf8(label.substr(0, kLabelBytes))};
  for (bool continues = false; !value.empty(); continues = true) {
    const std::string_view piece = value.substr(0, cut_point(value));
    send(place, Layout::kRecord, continues, piece);
    value.remove_prefix(piece.size());
  }
}

void TextWriter::table(Place place, std::string_view rows, bool continues) {
  if (is_blank(rows)) return;
  std::string clean;
  if (!is_valid_utf8(rows)) rows = clean = valid_utf8(rows);
  for (; !rows.empty(); continues = true) {
    const std::string_view piece = rows.substr(0, cut_point(rows));
    send(place, Layout::kTable, continues, piece);
    advance(place, piece);
    rows.remove_prefix(piece.size());
  }
}

void TextWriter::date(DateKind kind, std::string_view iso) {
  constexpr std::int32_t kFirstDay = 5479;  // 1985-01-01: before it, clocks that were never set
  std::int32_t day = 0;
  if (silent_ || !parse_day(iso.substr(0, 10), day)) return;
  if (day < kFirstDay || day > day_from_unix(std::time(nullptr)) + 1) return;
  sink_.date({kind, day});
}

}  // namespace gallra::extract

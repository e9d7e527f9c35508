// Is it text, and in what encoding family? (The exact 8-bit code page is the reader's business.)
#include <algorithm>
#include <array>
#include <cstring>

#include "scanner/identify/parts.hpp"

namespace gallra::identify {
namespace {

using namespace std::string_view_literals;

std::uint8_t byte_at(std::string_view b, std::size_t i) { return static_cast<std::uint8_t>(b[i]); }

// All controls but those that stand in texts: white space, backspace and escape (printer output),
// DOS end of file. One bit each.
constexpr std::uint32_t kBadControls = ~(1u << '\t' | 1u << '\n' | 1u << '\v' | 1u << '\f' |
                                         1u << '\r' | 1u << '\b' | 1u << 0x1b | 1u << 0x1a);

std::size_t bad_controls(std::string_view b) {
  static constexpr std::uint64_t kOnes = 0x0101010101010101u;
  static constexpr std::uint64_t kHighs = 0x8080808080808080u;
  std::size_t bad = 0;
  for (std::size_t i = 0; i < b.size();) {
    if (i + 8 <= b.size()) {  // eight bytes of 0x20..0x7e or above 0x7f are settled at once
      std::uint64_t eight = 0;
      std::memcpy(&eight, b.data() + i, 8);
      const std::uint64_t below = (eight - kOnes * 0x20) & ~eight & kHighs;
      const std::uint64_t del = eight ^ (kOnes * 0x7f);
      if ((below | ((del - kOnes) & ~del & kHighs)) == 0) {
        i += 8;
        continue;
      }
    }
    for (const std::size_t end = std::min(i + 8, b.size()); i < end; ++i) {
      const auto u = static_cast<std::uint8_t>(b[i]);
      bad += static_cast<std::size_t>((u < 0x20) & (kBadControls >> (u & 31))) + (u == 0x7f);
    }
  }
  return bad;
}

// One stray control in fifty bytes is a dirty text; random bytes have one in nine.
bool few_bad_controls(std::string_view b) { return bad_controls(b) * 50 <= b.size(); }

// Random bytes are never valid UTF-8 for long; exports part their fields by controls (0x01, 0x1f).
bool few_for_utf8(std::string_view b) { return bad_controls(b) * 10 <= b.size(); }

enum class Utf8 { kAscii, kValid, kInvalid };

// A sequence cut off by the end of the head is no fault.
Utf8 check_utf8(std::string_view b, bool whole) {
  bool ascii = true;
  for (std::size_t i = 0; i < b.size();) {
    for (std::uint64_t eight = 0; i + 8 <= b.size(); i += 8) {
      std::memcpy(&eight, b.data() + i, 8);
      if ((eight & 0x8080808080808080u) != 0) break;
    }
    if (i == b.size()) break;
    const std::uint8_t c = byte_at(b, i);
    if (c < 0x80) {
      ++i;
      continue;
    }
    ascii = false;
    const std::size_t n = c >= 0xf0 && c <= 0xf4  ? 4
                          : c >= 0xe0 && c < 0xf0 ? 3
                          : c >= 0xc2 && c < 0xe0 ? 2
                                                  : 0;
    if (n == 0) return Utf8::kInvalid;
    for (std::size_t k = 1; k < n; ++k) {
      if (i + k >= b.size()) return whole ? Utf8::kInvalid : Utf8::kValid;
      const std::uint8_t next = byte_at(b, i + k);
      if ((next & 0xc0) != 0x80) return Utf8::kInvalid;
      if (k == 1 && ((c == 0xe0 && next < 0xa0) || (c == 0xed && next > 0x9f) ||
                     (c == 0xf0 && next < 0x90) || (c == 0xf4 && next > 0x8f)))
        return Utf8::kInvalid;
    }
    i += n;
  }
  return ascii ? Utf8::kAscii : Utf8::kValid;
}

std::string narrowed(std::string_view b, std::size_t unit, bool little) {
  std::string out;
  out.reserve(b.size() / unit);
  for (std::size_t i = 0; i + unit <= b.size(); i += unit) {
    std::uint32_t value = 0;
    for (std::size_t k = 0; k < unit; ++k)
      value = value << 8 | byte_at(b, i + (little ? unit - 1 - k : k));
    out += value < 0x80 ? static_cast<char>(value) : '\x80';
  }
  return out;
}

// Latin text in UTF-16 has a zero in every other byte, always on the same side.
std::optional<bool> utf16_is_little(std::string_view b) {
  if (b.size() < 8) return std::nullopt;
  std::array<std::size_t, 2> zeros{};
  for (std::size_t i = 0; i + 1 < b.size(); i += 2) {
    zeros[0] += b[i] == 0;
    zeros[1] += b[i + 1] == 0;
  }
  const std::size_t units = b.size() / 2;
  for (const std::size_t high : {std::size_t{1}, std::size_t{0}})
    if (zeros[high] * 10 >= units * 7 && zeros[1 - high] * 50 <= units) return high == 1;
  return std::nullopt;
}

// In UTF-32 three bytes of four are zero, for letters always the same three.
std::optional<bool> utf32_is_little(std::string_view b) {
  const std::size_t units = b.size() / 4;
  if (units < 3) return std::nullopt;
  std::array<std::size_t, 4> zeros{};
  for (std::size_t i = 0; i < 4 * units; ++i) zeros[i % 4] += b[i] == 0;
  for (const std::size_t low : {std::size_t{0}, std::size_t{3}})
    if (zeros[low] * 10 <= units && zeros[3 - low] * 10 >= units * 9 &&
        zeros[1] * 10 >= units * 7 && zeros[2] * 10 >= units * 7)
      return low == 0;
  return std::nullopt;
}

std::optional<Text> as_wide(std::string_view b) {
  struct Mark {
    std::string_view bytes;
    std::size_t unit;
    bool little;
    const char* name;
  };
  static constexpr std::array<Mark, 4> kMarks{{
      {"\xff\xfe\0\0"sv, 4, true, "UTF-32 by its byte order mark"},
      {"\0\0\xfe\xff"sv, 4, false, "UTF-32 by its byte order mark"},
      {"\xff\xfe"sv, 2, true, "UTF-16 by its byte order mark"},
      {"\xfe\xff"sv, 2, false, "UTF-16 by its byte order mark"},
  }};
  for (const Mark& mark : kMarks) {
    if (!b.starts_with(mark.bytes)) continue;
    std::string narrow = narrowed(b.substr(mark.bytes.size()), mark.unit, mark.little);
    if (few_bad_controls(narrow)) return Text{std::move(narrow), mark.name};
  }
  if (b.find('\0') == std::string_view::npos) return std::nullopt;
  const auto by_zeros = [&](std::optional<bool> little, std::size_t unit,
                            const char* name) -> std::optional<Text> {
    if (!little) return std::nullopt;
    std::string narrow = narrowed(b, unit, *little);
    if (!few_bad_controls(narrow)) return std::nullopt;
    return Text{std::move(narrow), name};
  };
  if (auto wide = by_zeros(utf32_is_little(b), 4, "UTF-32 by its zero bytes")) return wide;
  return by_zeros(utf16_is_little(b), 2, "UTF-16 by its zero bytes");
}

bool has_plain_extension(const Head& head) { return head.promised && is_plain(*head.promised); }

// NULs in a text: blocks of them where a log was cut under its writer or a record was padded,
// between the fields or names of a list, or, when the name says text, a stray one in a hundred
// bytes.
std::optional<std::string> without_nuls(const Head& head) {
  constexpr std::size_t kLeastWord = 4;  // bytes between NULs; shorter ones are numbers in binary
  std::string kept;
  std::size_t runs = 0;
  std::size_t stray = 0;
  std::size_t words = 0;
  const std::string_view b = head.bytes;
  for (std::size_t i = 0; i < b.size();) {
    const std::size_t end = std::min(b.find('\0', i), b.size());
    words += end > i;
    kept.append(b.substr(i, end - i));
    const std::size_t next = std::min(b.find_first_not_of('\0', end), b.size());
    if (next - end >= 16)
      ++runs;
    else
      stray += next - end;
    i = next;
  }
  const bool blocks = stray == 0 && runs <= 4 && kept.size() >= 32;
  const bool named = has_plain_extension(head) && stray * 100 <= b.size();
  const bool list = kept.size() >= 8 && kept.size() >= kLeastWord * words &&
                    bad_controls(kept) == 0 && check_utf8(kept, head.whole()) != Utf8::kInvalid;
  if (!blocks && !named && !list) return std::nullopt;
  return kept;
}

}  // namespace

std::optional<Text> as_text(const Head& head) {
  std::string_view b = head.bytes;
  if (b.empty()) return std::nullopt;
  if (auto wide = as_wide(b)) return wide;
  Text text;
  if (b.find('\0') != std::string_view::npos) {
    auto kept = without_nuls(head);
    if (!kept) return std::nullopt;
    text.narrow = *std::move(kept);
    text.encoding = "text around NUL bytes";
  } else {
    if (b.starts_with("\xef\xbb\xbf")) b.remove_prefix(3);
    text.narrow = std::string(b);
  }
  const Utf8 utf8 = check_utf8(text.narrow, head.whole());
  if (utf8 == Utf8::kInvalid ? !few_bad_controls(text.narrow) : !few_for_utf8(text.narrow))
    return std::nullopt;
  const auto count = [&](auto is) {
    return static_cast<std::size_t>(std::count_if(text.narrow.begin(), text.narrow.end(), is));
  };
  if (utf8 == Utf8::kInvalid &&
      count([](char c) { return static_cast<unsigned char>(c) >= 0x80; }) * 10 >
          text.narrow.size() * 3) {
    // More than Swedish ever has (5 %). Cyrillic and Greek do; then there are blanks between words.
    const std::size_t blanks = count([](char c) { return c == ' ' || c == '\n'; });
    if (bad_controls(text.narrow) != 0 || blanks * 20 < text.narrow.size()) return std::nullopt;
  }
  if (text.encoding.empty())
    text.encoding = utf8 == Utf8::kAscii   ? "ASCII"
                    : utf8 == Utf8::kValid ? "valid UTF-8"
                                           : "8-bit characters";
  return text;
}

// A sector lost or a transfer garbled: bytes that are no text in the middle of what is.
std::optional<Text> as_damaged_text(const Head& head) {
  constexpr std::size_t kMostDamaged = 512;
  constexpr std::size_t kLeastText = 32;  // on either side
  const std::string_view b = head.bytes;
  const auto bad = [](char c) { return c == '\0' || bad_controls({&c, 1}) != 0; };
  const auto first = static_cast<std::size_t>(std::find_if(b.begin(), b.end(), bad) - b.begin());
  const auto behind =
      static_cast<std::size_t>(std::find_if(b.rbegin(), b.rend(), bad) - b.rbegin());
  if (first == b.size() || first < kLeastText || behind < kLeastText) return std::nullopt;
  const std::size_t damaged = b.size() - first - behind;
  if (damaged > kMostDamaged || damaged * 4 > b.size()) return std::nullopt;
  Head rest = head;
  std::string kept(b.substr(0, first));
  kept += b.substr(b.size() - behind);
  rest.bytes = kept;
  rest.size = head.size - damaged;
  std::optional<Text> text = as_text(rest);
  if (text) text->encoding += " around damaged bytes";
  return text;
}

}  // namespace gallra::identify

// Case folding of ASCII and Latin-1 letters in UTF-8. Keeps every byte's place: "ÅSA" and "åsa"
// have the same length, so a folded copy and its source share offsets.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace gallra::detect::lexicon {

// U+00C0-00DE without U+00D7 are 0xC3 0x80-0x9E; their small letters stand 0x20 higher.
constexpr unsigned char fold_byte(unsigned char before, unsigned char c) {
  if (c >= 'A' && c <= 'Z') return static_cast<unsigned char>(c | 0x20);
  if (before == 0xC3 && c >= 0x80 && c <= 0x9E && c != 0x97) {
    return static_cast<unsigned char>(c | 0x20);
  }
  return c;
}

inline void fold_into(std::string_view text, char* out) {
  unsigned char before = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    out[i] = static_cast<char>(fold_byte(before, c));
    before = c;
  }
}

inline std::string fold(std::string_view text) {
  std::string out(text.size(), '\0');
  fold_into(text, out.data());
  return out;
}

constexpr bool is_ascii_upper(char c) { return c >= 'A' && c <= 'Z'; }
constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
// Of ASCII letters, and of every letter outside ASCII.
constexpr bool is_letter_byte(char c) {
  return (c >= 'a' && c <= 'z') || is_ascii_upper(c) || static_cast<unsigned char>(c) >= 0x80;
}

// True when the letter that begins at `i` is a capital: ASCII, Latin-1, Latin Extended-A and
// Additional (Ł, Š, Đ, Ễ), and the Romanian Ș and Ț.
inline bool is_upper_at(std::string_view text, std::size_t i) {
  if (i >= text.size()) return false;
  if (is_ascii_upper(text[i])) return true;
  const auto lead = static_cast<unsigned char>(text[i]);
  if (lead < 0xC3 || i + 1 >= text.size()) return false;
  const auto c = static_cast<unsigned char>(text[i + 1]);
  if (lead == 0xC3) return c >= 0x80 && c <= 0x9E && c != 0x97;
  if (lead == 0xC4 || lead == 0xC5) {
    const unsigned point = (lead & 0x1Fu) << 6 | (c & 0x3Fu);
    const bool odd_capitals =
        (point >= 0x139 && point <= 0x148) || (point >= 0x179 && point <= 0x17E);
    return point == 0x178 || (point != 0x138 && point != 0x149 && point != 0x17F &&
                              (point & 1) == (odd_capitals ? 1u : 0u));
  }
  if (lead == 0xC8) return c == 0x98 || c == 0x9A;
  if (lead == 0xE1 && (c & 0xFC) == 0xB8 && i + 2 < text.size())
    return (static_cast<unsigned char>(text[i + 2]) & 1) == 0;
  return false;
}

// True when `text` holds no small letter (and so, of a word, when it is ALL CAPITALS).
inline bool is_all_upper(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c >= 'a' && c <= 'z') return false;
    if (c == 0xC3 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) >= 0x9F) {
      return false;
    }
  }
  return !text.empty();
}

constexpr bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

// Letters, not bytes: the matching rules count what a reader sees.
inline std::size_t count_letters(std::string_view text) {
  std::size_t n = 0;
  for (const char c : text) n += is_continuation(c) ? 0 : 1;
  return n;
}

}  // namespace gallra::detect::lexicon

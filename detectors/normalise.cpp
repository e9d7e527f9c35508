#include "detectors/normalise.hpp"

#include <algorithm>

#include "detectors/compositions.hpp"

namespace gallra::detect {
namespace {

struct Decoded {
  std::uint32_t code = 0;
  std::size_t size = 1;
};

// `at` stands on the first byte of a character of valid UTF-8; short input yields one byte.
Decoded decode(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[at + i]); };
  const unsigned char first = byte(0);
  const std::size_t left = text.size() - at;
  if (first >= 0xC0 && first < 0xE0 && left >= 2)
    return {(first & 0x1Fu) << 6 | (byte(1) & 0x3Fu), 2};
  if (first >= 0xE0 && first < 0xF0 && left >= 3)
    return {(first & 0x0Fu) << 12 | (byte(1) & 0x3Fu) << 6 | (byte(2) & 0x3Fu), 3};
  if (first >= 0xF0 && left >= 4)
    return {(first & 0x07u) << 18 | (byte(1) & 0x3Fu) << 12 | (byte(2) & 0x3Fu) << 6 |
                (byte(3) & 0x3Fu),
            4};
  return {first, 1};
}

void put(std::string& out, std::uint32_t code) {
  if (code < 0x80) {
    out.push_back(static_cast<char>(code));
  } else if (code < 0x800) {
    out.push_back(static_cast<char>(0xC0 | code >> 6));
    out.push_back(static_cast<char>(0x80 | (code & 0x3F)));
  } else {
    out.push_back(static_cast<char>(0xE0 | code >> 12));
    out.push_back(static_cast<char>(0x80 | (code >> 6 & 0x3F)));
    out.push_back(static_cast<char>(0x80 | (code & 0x3F)));
  }
}

constexpr std::uint32_t kDropped = 0xFFFFFFFF;

// What a character is written as; itself when it stays.
std::uint32_t plain_form(std::uint32_t c) {
  if (c == 0x00A0 || c == 0x202F || c == 0x205F || c == 0x3000 || (c >= 0x2000 && c <= 0x200A))
    return ' ';
  if ((c >= 0x2010 && c <= 0x2015) || c == 0x2212 || c == 0xFE63 || c == 0xFF0D) return '-';
  // Soft hyphen, zero-width signs, word joiner, byte order mark, marks of writing direction.
  if (c == 0x00AD || (c >= 0x200B && c <= 0x200F) || (c >= 0x202A && c <= 0x202E) ||
      (c >= 0x2060 && c <= 0x2064) || c == 0xFEFF)
    return kDropped;
  if (c == 0x2028 || c == 0x2029) return '\n';
  if (c >= 0xFF01 && c <= 0xFF5E) return c - 0xFEE0;  // full width: digits, letters, '@', '.'
  if (c == 0x212B) return 0x00C5;                     // angstrom sign
  return c;
}

std::uint32_t composed(char letter, std::uint32_t mark) {
  const auto found = std::lower_bound(
      kCompositions.begin(), kCompositions.end(), std::pair<char, std::uint32_t>(letter, mark),
      [](const Composition& c, const auto& wanted) {
        return std::pair<char, std::uint32_t>(c.letter, c.mark) < wanted;
      });
  if (found == kCompositions.end() || found->letter != letter || found->mark != mark) return 0;
  return found->composed;
}

// Bytes that may begin something to be changed: U+0080-00BF (0xC2) and all from U+0100 on (0xC4..).
bool may_need_work(const char* bytes, std::size_t size) {
  unsigned hit = 0;
  for (std::size_t i = 0; i < size; ++i) {
    const auto c = static_cast<unsigned char>(bytes[i]);
    hit |= static_cast<unsigned>(c >= 0xC4) | static_cast<unsigned>(c == 0xC2);
  }
  return hit != 0;
}

constexpr std::size_t kBlock = 512;  // looked at together; vectorised by the compiler

}  // namespace

bool is_plain(std::string_view text) {
  for (std::size_t at = 0; at < text.size(); at += kBlock)
    if (may_need_work(text.data() + at, std::min(kBlock, text.size() - at))) return false;
  return true;
}

void normalise(std::string_view text, std::string& out, std::vector<Edit>* edits,
               std::size_t source) {
  const auto note = [&](std::size_t from) {
    if (edits == nullptr) return;
    const auto shift =
        static_cast<std::ptrdiff_t>(source + from) - static_cast<std::ptrdiff_t>(out.size());
    const std::ptrdiff_t before = edits->empty() ? 0 : edits->back().shift;
    if (shift != before) edits->push_back({out.size(), shift});
  };
  note(0);
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t block = std::min(kBlock, text.size() - at);
    if (!may_need_work(text.data() + at, block)) {
      out.append(text.data() + at, block);
      at += block;
      continue;
    }
    const std::size_t stop = at + block;
    while (at < stop) {
      const auto first = static_cast<unsigned char>(text[at]);
      if (first < 0xC2 || first == 0xC3) {
        out.push_back(text[at++]);
        continue;
      }
      const Decoded d = decode(text, at);
      if (d.code >= 0x300 && d.code < 0x370 && !out.empty()) {
        if (const std::uint32_t c = composed(out.back(), d.code); c != 0) {
          out.pop_back();
          put(out, c);
          at += d.size;
          note(at);
          continue;
        }
      }
      const std::uint32_t form = plain_form(d.code);
      if (form == d.code) {
        out.append(text.substr(at, d.size));
        at += d.size;
        continue;
      }
      if (form != kDropped) put(out, form);
      at += d.size;
      note(at);
    }
  }
}

}  // namespace gallra::detect

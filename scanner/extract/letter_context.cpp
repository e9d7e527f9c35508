// Telling CP1252, CP850 and Mac Roman apart. The same byte is a letter in one set and a sign in
// another; in Swedish text letters stand among letters of fitting case, signs do not.
#include <algorithm>
#include <array>
#include <cstring>

#include "scanner/extract/charset.hpp"
#include "scanner/extract/charset_tables.hpp"

namespace gallra::extract {
namespace {

enum class Kind : std::uint8_t {
  kBlank,  // white space, controls, the edge of the text
  kPunctuation,
  kDigit,
  kLower,  // ASCII
  kUpper,
  kOurLower,  // å ä ö
  kOurUpper,
  kKnownLower,  // é ü è à: names and loan words
  kKnownUpper,
  kOtherLetter,
  kQuote,
  kApostrophe,
  kDash,
  kSign,  // ° § ½ €
  kBox,   // lines and corners
  kStrange,
};

bool is_one_of(std::uint32_t code, std::u16string_view set) {
  return set.find(static_cast<char16_t>(code)) != std::u16string_view::npos;
}

Kind ascii_kind(std::uint32_t code) {
  if (code >= 'a' && code <= 'z') return Kind::kLower;
  if (code >= 'A' && code <= 'Z') return Kind::kUpper;
  if (code >= '0' && code <= '9') return Kind::kDigit;
  return code <= ' ' || code == 0x7F ? Kind::kBlank : Kind::kPunctuation;
}

Kind kind_of(std::uint32_t code) {
  if (code < 0x80) return ascii_kind(code);
  if (is_one_of(code, u"åäö")) return Kind::kOurLower;
  if (is_one_of(code, u"ÅÄÖ")) return Kind::kOurUpper;
  if (is_one_of(code, u"éüèàáæø")) return Kind::kKnownLower;
  if (is_one_of(code, u"ÉÜÈÀÁÆØ")) return Kind::kKnownUpper;
  if (is_one_of(code, u"“”„«»")) return Kind::kQuote;
  if (is_one_of(code, u"‘’´")) return Kind::kApostrophe;
  if (is_one_of(code, u"–—…•·\u00A0\u00AD")) return Kind::kDash;
  if (is_one_of(code, u"°§½¼¾€£©®™×²³±µ")) return Kind::kSign;
  if (code >= 0x2500 && code <= 0x259F) return Kind::kBox;
  if ((code >= 0xC0 && code <= 0x17F && code != 0xD7 && code != 0xF7)) return Kind::kOtherLetter;
  return Kind::kStrange;
}

struct Candidate {
  Encoding encoding;
  std::array<Kind, 256> kinds;
};

Candidate candidate(Encoding encoding, const HighCodes& codes) {
  Candidate made{encoding, {}};
  for (std::uint32_t byte = 0; byte < 256; ++byte)
    made.kinds[byte] = kind_of(byte < 0x80 ? byte : codes[byte - 0x80]);
  return made;
}

const std::array<Candidate, 3>& candidates() {
  static const std::array<Candidate, 3> all = {candidate(Encoding::kCp1252, kCp1252Codes),
                                               candidate(Encoding::kCp850, kCp850Codes),
                                               candidate(Encoding::kMacRoman, kMacRomanCodes)};
  return all;
}

bool is_lower(Kind k) {
  return k == Kind::kLower || k == Kind::kOurLower || k == Kind::kKnownLower;
}
bool is_upper(Kind k) {
  return k == Kind::kUpper || k == Kind::kOurUpper || k == Kind::kKnownUpper;
}
bool is_letter(Kind k) { return is_lower(k) || is_upper(k) || k == Kind::kOtherLetter; }

// How well a small letter stands between its neighbours: "mål" 10, "sjö" 6, "Mål" 7, "xÅ" below
// zero.
int lower_letter(Kind before, Kind after) {
  if (is_upper(after)) return -6;
  if (is_lower(before)) return is_lower(after) ? 10 : 6;
  if (is_upper(before)) return is_lower(after) ? 7 : 1;
  if (before == Kind::kDigit) return is_lower(after) ? 2 : -2;
  return is_lower(after) ? 6 : 2;
}

int upper_letter(Kind before, Kind after) {
  if (is_lower(before)) return -8;
  if (is_upper(before)) return is_upper(after) ? 8 : is_lower(after) ? -3 : 5;
  if (is_lower(after)) return 8;
  return is_upper(after) ? 6 : 2;
}

// A sign stands at the edge of a word or by itself, not inside one.
int sign(Kind before, Kind after) {
  if (is_letter(before) && is_letter(after)) return -8;
  return 2;
}

int quote(Kind before, Kind after) {
  const bool left = is_letter(before) || before == Kind::kDigit || before == Kind::kPunctuation;
  const bool right = is_letter(after) || after == Kind::kDigit || after == Kind::kPunctuation;
  if (is_letter(before) && is_letter(after)) return -8;
  return left != right ? 3 : 0;
}

int box(Kind before, Kind after) {
  const int beside = (before == Kind::kBox) + (after == Kind::kBox);
  if (is_letter(before) || is_letter(after)) return -8 + 4 * beside;
  return 1 + 2 * beside;
}

int fit(Kind before, Kind it, Kind after) {
  switch (it) {
    case Kind::kOurLower:
      return lower_letter(before, after);
    case Kind::kOurUpper:
      return upper_letter(before, after);
    case Kind::kKnownLower:
      return lower_letter(before, after) / 2 - 1;
    case Kind::kKnownUpper:
      return upper_letter(before, after) / 2 - 1;
    case Kind::kOtherLetter:
      return is_lower(before) || is_lower(after) ? -1 : -4;
    case Kind::kQuote:
      return quote(before, after);
    case Kind::kApostrophe:
      return is_letter(before) ? 1 : quote(before, after) / 2;
    case Kind::kDash:
    case Kind::kSign:
      return sign(before, after);
    case Kind::kBox:
      return box(before, after);
    default:
      return -6;
  }
}

// "ÄÄÄÄ" and "öö" are frames of another set, not words.
int doubled(Kind before, Kind it) {
  const bool ours = it == Kind::kOurLower || it == Kind::kOurUpper;
  return ours && before == it ? -9 : 0;
}

std::size_t next_high(std::string_view bytes, std::size_t at) {
  for (; at + 8 <= bytes.size(); at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data() + at, 8);
    if ((word & 0x8080808080808080u) != 0) break;
  }
  while (at < bytes.size() && static_cast<unsigned char>(bytes[at]) < 0x80) ++at;
  return at;
}

}  // namespace

void LetterContext::add(std::string_view bytes) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  for (std::size_t at = next_high(bytes, 0); at < bytes.size(); at = next_high(bytes, at + 1)) {
    ++judged_;
    for (std::size_t c = 0; c < scores_.size(); ++c) {
      const auto& kinds = candidates()[c].kinds;
      const Kind before = at > 0 ? kinds[byte(at - 1)] : Kind::kBlank;
      const Kind after = at + 1 < bytes.size() ? kinds[byte(at + 1)] : Kind::kBlank;
      const Kind it = kinds[byte(at)];
      const bool same_sign = at > 0 && bytes[at - 1] == bytes[at];
      scores_[c] += fit(before, it, after) + (same_sign ? doubled(before, it) : 0);
    }
  }
}

void LetterContext::add(const LetterContext& other) {
  judged_ += other.judged_;
  for (std::size_t c = 0; c < scores_.size(); ++c) scores_[c] += other.scores_[c];
}

void LetterContext::add_weighed(const LetterContext& before, std::int64_t most) {
  const std::int64_t top = *std::max_element(before.scores_.begin(), before.scores_.end());
  for (std::size_t c = 0; c < scores_.size(); ++c)
    scores_[c] += std::max(before.scores_[c] - top, -most);
}

Encoding LetterContext::best() const {
  // The first of equals: CP1252 is by far the most usual.
  const auto top = std::max_element(scores_.begin(), scores_.end());
  return candidates()[static_cast<std::size_t>(top - scores_.begin())].encoding;
}

}  // namespace gallra::extract

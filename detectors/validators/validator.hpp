// What a number's file answers with. One number, one file in this folder, defining
// `extern const ValidatorEntry validator_<file name>`; the build lists them. In python-stdnum's
// manner: what the number is, its source, how it is written, what makes it valid.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "detectors/signal.hpp"

namespace gallra::detect {

enum class Invalid : std::uint8_t {
  kFormat,     // not written as this kind of number is
  kLength,     // too few or too many digits
  kChecksum,   // the check digit does not fit
  kComponent,  // a part that cannot exist: a date, a series, a top domain
};
std::string_view key_of(Invalid invalid);  // "format", "length", "checksum", "component"

// Where a validator looks: text as it was normalised, and what is known around it.
struct Scene {
  std::string_view text;
  std::size_t begin = 0, end = 0;  // the segment: never read outside
  std::int32_t today = 0;          // days since 1970: what "future" means
  std::int32_t written = 0;        // best known date of the document; 0 = unknown
  bool table = false;              // cells, parted by tabs
  bool name = false;               // a file name
  std::string_view header;         // label of the field or mail header, "" in other text
};

// Equally shaped numbers are counted together, valid and invalid: chance shows in the share that
// pass.
enum class Shape : std::uint8_t {
  kNone,
  kTen,
  kTwelve,
  kTenHyphen,
  kTwelveHyphen,
  kNine,
  kReserve,  // of the regions
  kForeign,
  kCard,
  kAccount,
  kCount
};

// One reading of a stretch of text.
struct Reading {
  std::size_t begin = 0, end = 0;
  std::string value;  // canonical
  int score = 0;      // before any context; see kMediumScore
  Signals signals;
  bool valid = false;
  Invalid invalid = Invalid::kFormat;  // when not valid
  bool near_miss = false;  // not valid, but right in shape: may be a mistyped number (`malformed`)
  bool needs_context = false;  // nothing at all without a word that says what it is
  bool named = false;          // a word that names it was seen
  bool within =
      false;  // stands inside a larger value (a personnummer in an account): both are told
  bool person = false;
  bool test_number = false;
  std::uint8_t birth_day = 0;
  std::int16_t birth_year = 0;
  Shape shape = Shape::kNone;
};

struct ValidatorEntry {
  std::string_view name;
  // `end` is where a coarse pattern of the rule matched up to. Adds the readings that end (or, for
  // forward-read kinds, begin) there.
  void (*locate)(const Scene& scene, std::size_t end, std::vector<Reading>& out);
  // A value as its owner may see it on a screen that others see too.
  std::string (*mask)(std::string_view value);
};

std::span<const ValidatorEntry* const> validators();
const ValidatorEntry* find_validator(std::string_view name);

// Bytes that stand for letters in what a value may touch.
constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_letter(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || static_cast<unsigned char>(c) >= 0x80;
}
constexpr bool is_hex_letter(char c) { return (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f'); }

}  // namespace gallra::detect

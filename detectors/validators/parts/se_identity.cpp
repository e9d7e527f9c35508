#include "detectors/validators/parts/se_identity.hpp"

#include <algorithm>
#include <array>

#include "detectors/normalise.hpp"
#include "detectors/validators/luhn.hpp"
#include "scanner/model/date_evidence.hpp"
#include "scanner/support/embedded.hpp"

namespace gallra::detect {
namespace {

// Scores before context, in points; bands at 45 and 75.
constexpr int kTwelveScore = 85;
constexpr int kHyphenScore = 80;
constexpr int kOddScore = 60;        // a separator that people use and forms do not
constexpr int kBareTenScore = 35;    // one in 270 random ten-digit numbers passes
constexpr int kLineBreakScore = 30;  // nothing but a line end or a cell's edge between the halves
constexpr int kNineScore = 5;        // needs a header

int number(std::string_view digits) {
  int n = 0;
  for (const char c : digits) n = n * 10 + (c - '0');
  return n;
}

constexpr bool leap(int year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

int days_in(int year, int month) {
  constexpr std::array<int, 12> kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && leap(year) ? 29 : kDays[static_cast<std::size_t>(month - 1)];
}

struct Day {
  int year = 0, month = 0, day = 0;
  friend auto operator<=>(const Day&, const Day&) = default;
};

Day from_days(std::int32_t days) {
  const std::string iso = day_text(days);
  if (iso.size() < 10) return {9999, 12, 31};
  return {number(iso.substr(0, 4)), number(iso.substr(5, 2)), number(iso.substr(8, 2))};
}

// Month and day of a samordningsnummer may be unknown (00, 60) or lack in the calendar; see the
// test numbers that Skatteverket publishes.
bool parts_exist(IdentityKind kind, int month, int day) {
  if (kind == IdentityKind::kSamordningsnummer)
    return month >= 0 && month <= 12 && day >= 60 && day <= 91;
  return month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

bool is_in_calendar(int year, int month, int day) {
  return month >= 1 && month <= 12 && day >= 1 && day <= days_in(year, month);
}

// Ten digits: the newest century that is not after the document; '+' means one earlier.
int resolve_year(int yy, int month, int day, bool plus, const Day& now) {
  int year = now.year - now.year % 100 + yy;
  if (Day{year, std::max(month, 1), std::max(day, 1)} > now) year -= 100;
  return plus ? year - 100 : year;
}

// A date and a time of day. With two digits for the year only the years that exports are of.
bool is_timestamp(const Identity& identity, std::size_t digits, std::string_view tail) {
  return identity.year >= (digits == 12 ? 1990 : 2010) && number(tail.substr(0, 2)) < 24 &&
         number(tail.substr(2, 2)) < 60;
}

// The stretch before the last four digits: what stands between the halves.
struct Separator {
  enum class Kind : std::uint8_t { kNone, kHyphen, kPlus, kOdd, kBreak, kBad } kind = Kind::kBad;
  std::size_t begin = 0;
};

Separator read_separator(const Scene& scene, std::size_t end) {
  std::size_t at = end;
  int signs = 0;
  int breaks = 0;
  int spaces = 0;
  bool plus = false;
  bool dot = false;
  while (at > scene.begin && end - at < 5) {
    const char c = scene.text[at - 1];
    if (c == '-' || c == '+' || c == '.') {
      ++signs;
      plus = plus || c == '+';
      dot = dot || c == '.';
    } else if (c == '\n' || c == '\t') {
      ++breaks;
    } else if (c == ' ') {
      ++spaces;
    } else if (c != '\r') {
      break;
    }
    --at;
  }
  Separator s;
  s.begin = at;
  using Kind = Separator::Kind;
  if (at == end) {
    s.kind = Kind::kNone;
  } else if (signs > 1 || breaks > 1 || spaces > 2) {
    s.kind = Kind::kBad;
  } else if (breaks == 1) {
    s.kind = signs == 1 && !dot ? Kind::kOdd : signs == 0 ? Kind::kBreak : Kind::kBad;
  } else if (spaces == 0 && !dot) {
    s.kind = plus ? Kind::kPlus : Kind::kHyphen;
  } else {
    s.kind = plus && spaces > 0 ? Kind::kBad : Kind::kOdd;
  }
  return s;
}

// The date part, read backwards from `end`.
struct DatePart {
  std::size_t begin = 0;
  std::string digits;  // 5, 6 or 8; empty = none
  bool parted = false;
};

std::size_t digits_before(const Scene& scene, std::size_t end, std::size_t most) {
  std::size_t n = 0;
  while (n < most && end - n > scene.begin && is_digit(scene.text[end - n - 1])) ++n;
  return n;
}

DatePart read_date_part(const Scene& scene, std::size_t end) {
  DatePart part;
  const std::size_t run = digits_before(scene, end, 9);
  if (run == 5 || run == 6 || run == 8) {
    part.begin = end - run;
    part.digits = scene.text.substr(part.begin, run);
    // "19 850101-2382", "19-850101-2382": the century apart.
    if (run == 6 && part.begin >= scene.begin + 3) {
      const char sep = scene.text[part.begin - 1];
      const std::string_view century = scene.text.substr(part.begin - 3, 2);
      const bool edge = part.begin == scene.begin + 3 || !is_digit(scene.text[part.begin - 4]);
      if (sep == '-' && edge && (century == "19" || century == "20")) {
        part.digits.insert(0, century);
        part.begin -= 3;
        part.parted = true;
      }
    }
    return part;
  }
  if (run != 2 || end < scene.begin + 8) return part;
  // "1985-01-01", "85 01 01", "1985.01.01"
  const char sep = scene.text[end - 3];
  if (sep != '-' && sep != ' ' && sep != '.' && sep != '/') return part;
  const std::size_t month = end - 5;
  if (digits_before(scene, end - 3, 3) != 2 || month < scene.begin + 3 ||
      scene.text[month - 1] != sep)
    return part;
  const std::size_t year = digits_before(scene, month - 1, 5);
  if (year != 2 && year != 4) return part;
  part.begin = month - 1 - year;
  part.parted = true;
  part.digits = std::string(scene.text.substr(part.begin, year));
  part.digits += scene.text.substr(month, 2);
  part.digits += scene.text.substr(end - 2, 2);
  return part;
}

// Does the run of digits and hex letters from `at` on hold a digit? Then what touches
// the number there is part of an id, a GUID or a decimal.
bool digit_in_run(const Scene& scene, std::size_t at, bool forward) {
  for (int n = 0; n < 40; ++n) {
    if (forward ? at >= scene.end : at <= scene.begin) return false;
    const char c = forward ? scene.text[at++] : scene.text[--at];
    if (is_digit(c)) return true;
    if (!is_hex_letter(c)) return false;
  }
  return true;
}

bool many_commas(const Scene& scene, std::size_t at) {
  std::size_t from = at;
  while (from > scene.begin && at - from < 300 && scene.text[from - 1] != '\n') --from;
  std::size_t to = at;
  while (to < scene.end && to - at < 300 && scene.text[to] != '\n') ++to;
  return std::count(scene.text.begin() + static_cast<std::ptrdiff_t>(from),
                    scene.text.begin() + static_cast<std::ptrdiff_t>(to), ',') >= 3;
}

// "198501012382.0" in a cell: a spreadsheet's number, written out by a program.
bool is_float_tail(const Scene& scene, std::size_t at) {
  if (!scene.table || scene.text.substr(at, 1) != "0") return false;
  return at + 1 >= scene.end || scene.text[at + 1] == '\t' || scene.text[at + 1] == '\n' ||
         scene.text[at + 1] == '\r';
}

enum class Edge : std::uint8_t { kFree, kGlued, kBroken };

// What the number touches on one side. `firm` forms (a hyphen in the right place) stand more.
Edge edge(const Scene& scene, std::size_t at, bool forward, bool firm) {
  if (forward ? at >= scene.end : at <= scene.begin) return Edge::kFree;
  const char c = forward ? scene.text[at] : scene.text[at - 1];
  if (is_digit(c)) return Edge::kBroken;
  const std::size_t beyond = forward ? at + 1 : at - 1;
  const bool has_beyond = forward ? beyond < scene.end : beyond > scene.begin;
  const char next = !has_beyond ? ' ' : forward ? scene.text[beyond] : scene.text[beyond - 1];
  switch (c) {
    case '-':
      return digit_in_run(scene, beyond, forward) || (!firm && is_hex_letter(next)) ? Edge::kBroken
                                                                                    : Edge::kFree;
    case '+':
      return is_digit(next) ? Edge::kBroken : Edge::kFree;
    case '.':
      if (forward && is_float_tail(scene, beyond)) return Edge::kFree;
      return is_digit(next) ? Edge::kBroken : Edge::kFree;
    case ',':
      return is_digit(next) && !firm && !many_commas(scene, at) ? Edge::kBroken : Edge::kFree;
    case ':':
    case '/':
      return is_digit(next) && !firm ? Edge::kBroken : Edge::kFree;
    case '_':
      return Edge::kGlued;
    case '%':
    case '#':
      return Edge::kFree;
    default:
      break;
  }
  if (!is_letter(c)) return Edge::kFree;
  if (static_cast<unsigned char>(c) >= 0x80) return Edge::kGlued;
  // Letters and digits in turn are an id; a word before the number is a word.
  std::size_t i = at;
  for (int n = 0; n < 40; ++n) {
    if (forward ? i >= scene.end : i <= scene.begin) break;
    const char r = forward ? scene.text[i++] : scene.text[--i];
    if (is_digit(r)) return Edge::kBroken;
    if (!is_letter(r)) break;
  }
  return Edge::kGlued;
}

Shape shape_of(std::size_t digits, Separator::Kind kind) {
  if (digits == 9) return Shape::kNine;
  const bool bare = kind == Separator::Kind::kNone;
  if (digits == 12) return bare ? Shape::kTwelve : Shape::kTwelveHyphen;
  return bare ? Shape::kTen : Shape::kTenHyphen;
}

void score(Reading& reading, Separator::Kind kind, const DatePart& part, std::size_t digits) {
  using Kind = Separator::Kind;
  const bool twelve = digits == 12;
  if (twelve) reading.signals.add(Signal::kTwelveDigits);
  if (kind == Kind::kHyphen || kind == Kind::kPlus) reading.signals.add(Signal::kHyphen);
  if (digits == 9) {
    reading.signals.add(Signal::kLostZero);
    reading.score = kNineScore;
  } else if (kind == Kind::kBreak) {
    reading.signals.add(Signal::kOddSeparator);
    reading.score = kLineBreakScore + (twelve ? 20 : 0);
  } else if (kind == Kind::kOdd || part.parted) {
    reading.signals.add(Signal::kOddSeparator);
    reading.score = kOddScore + (twelve && part.parted && kind == Kind::kHyphen ? 15 : 0);
  } else if (twelve) {
    reading.score = kTwelveScore;
  } else if (kind == Kind::kNone) {
    reading.signals.add(Signal::kBareTen);
    reading.score = kBareTenScore;
  } else {
    reading.score = kHyphenScore;
  }
}

// The published numbers, sorted, one a line of 12 digits behind a comment.
std::string_view test_numbers(IdentityKind kind) {
  const auto body = [](std::string_view file) {
    std::string_view text = embedded(file);
    while (!text.empty() && text.front() == '#') text.remove_prefix(text.find('\n') + 1);
    return text;
  };
  static const std::string_view personnummer = body("detectors/tables/test-personnummer.txt");
  static const std::string_view samordningsnummer =
      body("detectors/tables/test-samordningsnummer.txt");
  return kind == IdentityKind::kPersonnummer ? personnummer : samordningsnummer;
}

}  // namespace

bool is_test_number(IdentityKind kind, std::string_view twelve) {
  constexpr std::size_t kLine = 13;
  const std::string_view numbers = test_numbers(kind);
  std::size_t low = 0;
  std::size_t high = numbers.size() / kLine;
  while (low < high) {
    const std::size_t middle = low + (high - low) / 2;
    const int order = numbers.substr(middle * kLine, 12).compare(twelve);
    if (order == 0) return true;
    (order < 0 ? low : high) = order < 0 ? middle + 1 : middle;
  }
  return false;
}

tl::expected<Identity, Invalid> validate_identity(IdentityKind kind, std::string_view digits,
                                                  bool plus, std::int32_t today,
                                                  std::int32_t written) {
  if (!std::all_of(digits.begin(), digits.end(), is_digit)) return tl::unexpected(Invalid::kFormat);
  if (digits.size() != 10 && digits.size() != 12) return tl::unexpected(Invalid::kLength);
  const std::string_view ten = digits.substr(digits.size() - 10);
  const int month = number(ten.substr(2, 2));
  const int coded_day = number(ten.substr(4, 2));
  if (!parts_exist(kind, month, coded_day)) return tl::unexpected(Invalid::kComponent);
  const bool coordination = kind == IdentityKind::kSamordningsnummer;
  const int day = coordination ? coded_day - 60 : coded_day;
  const int yy = number(ten.substr(0, 2));
  const Day now = from_days(today);
  int year = 0;
  if (digits.size() == 12) {
    const int century = number(digits.substr(0, 2));
    if (century < 18 || century > 20) return tl::unexpected(Invalid::kComponent);
    year = century * 100 + yy;
    if (Day{year, std::max(month, 1), std::max(day, 1)} > now)
      return tl::unexpected(Invalid::kComponent);
  } else {
    year =
        resolve_year(yy, month, day, plus, written != 0 ? std::min(now, from_days(written)) : now);
    // 29 February decides the century when the nearest one has no such day.
    if (!coordination && !is_in_calendar(year, month, day)) {
      const int other = year + 100;
      if (is_in_calendar(other, month, day) && Day{other, month, day} <= now) {
        year = other;
      } else if (is_in_calendar(year - 100, month, day)) {
        year -= 100;
      }
    }
  }
  Identity identity;
  identity.no_such_day = !is_in_calendar(year, month, day);
  if (identity.no_such_day && !coordination) return tl::unexpected(Invalid::kComponent);
  if (ten.substr(6, 3) == "000") return tl::unexpected(Invalid::kComponent);  // never issued
  if (!luhn_ok(ten)) return tl::unexpected(Invalid::kChecksum);
  identity.ten = ten;
  identity.year = static_cast<std::int16_t>(year);
  identity.month = static_cast<std::uint8_t>(month);
  identity.day = static_cast<std::uint8_t>(day);
  return identity;
}

tl::expected<Identity, Invalid> validate_written(IdentityKind kind, std::string_view text,
                                                 std::int32_t today, std::int32_t written) {
  const std::string plain = normalised(text);
  Scene scene;
  scene.text = plain;
  scene.end = plain.size();
  scene.today = today;
  scene.written = written;
  std::vector<Reading> readings;
  if (plain.size() >= 9) locate_identity(kind, scene, plain.size(), readings);
  std::string digits;
  for (const char c : plain)
    if (is_digit(c)) digits.push_back(c);
  auto identity =
      validate_identity(kind, digits, plain.find('+') != std::string::npos, today, written);
  const bool whole = std::any_of(readings.begin(), readings.end(),
                                 [](const Reading& reading) { return reading.begin == 0; });
  if (identity && !whole) return tl::unexpected(Invalid::kFormat);
  return identity;
}

void locate_identity(IdentityKind kind, const Scene& scene, std::size_t end,
                     std::vector<Reading>& out) {
  if (end > scene.end || end < scene.begin + 9) return;
  if (end < scene.end && is_digit(scene.text[end])) return;  // a longer run: its own end will come
  if (digits_before(scene, end, 4) != 4) return;
  const Separator separator = read_separator(scene, end - 4);
  using Kind = Separator::Kind;
  if (separator.kind == Kind::kBad) return;
  DatePart part = read_date_part(scene, separator.begin);
  const bool lost_zero = part.digits.size() == 5;
  if (part.digits.empty() || (lost_zero && (separator.kind != Kind::kNone || !scene.table))) return;
  if (part.parted && separator.kind == Kind::kNone) return;  // "1985-01-012382"
  if (lost_zero) part.digits.insert(0, "0");

  const std::string tail(scene.text.substr(end - 4, 4));
  const std::string digits = part.digits + tail;
  const bool firm =
      digits.size() == 12 || separator.kind == Kind::kHyphen || separator.kind == Kind::kPlus;
  const Edge before = edge(scene, part.begin, false, firm);
  const Edge after = edge(scene, end, true, firm);
  if (before == Edge::kBroken || after == Edge::kBroken) return;

  const std::string_view ten = std::string_view(digits).substr(digits.size() - 10);
  if (!parts_exist(kind, number(ten.substr(2, 2)), number(ten.substr(4, 2)))) return;

  Reading reading;
  reading.begin = part.begin;
  reading.end = end;
  reading.value = ten;
  reading.person = true;
  reading.shape = shape_of(lost_zero ? 9 : digits.size(), separator.kind);
  const auto identity =
      validate_identity(kind, digits, separator.kind == Kind::kPlus, scene.today, scene.written);
  score(reading, separator.kind, part, lost_zero ? 9 : digits.size());
  if (before == Edge::kGlued || after == Edge::kGlued) reading.signals.add(Signal::kGlued);
  if (!identity) {
    reading.invalid = identity.error();
    // A mistyped number keeps the hyphen or the century; mere digits say nothing.
    reading.near_miss =
        reading.invalid == Invalid::kChecksum || reading.invalid == Invalid::kComponent;
    out.push_back(std::move(reading));
    return;
  }
  reading.valid = true;
  reading.signals.add(Signal::kDateValid);
  reading.signals.add(Signal::kCheckDigit);
  if (identity->no_such_day) {
    reading.signals.drop(Signal::kDateValid);
    reading.signals.add(Signal::kNoSuchDay);
    reading.score -= 5;
  }
  if (digits.size() == 12 && is_test_number(kind, digits)) {
    reading.test_number = true;
    reading.signals.add(Signal::kTestNumber);
  }
  if ((digits.size() == 12 || (digits.size() == 10 && separator.kind == Kind::kNone)) &&
      separator.kind != Kind::kPlus && is_timestamp(*identity, digits.size(), tail))
    reading.signals.add(Signal::kTimestamp);
  reading.birth_day = identity->day;
  reading.birth_year = identity->year;
  out.push_back(std::move(reading));
}

}  // namespace gallra::detect

#include "detectors/validators/parts/dates.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

#include "detectors/judge/fold.hpp"
#include "detectors/validators/validator.hpp"
#include "scanner/model/date_evidence.hpp"

namespace gallra::detect {

bool in_calendar(int year, int month, int day) {
  constexpr std::array<int, 12> kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (month < 1 || month > 12 || day < 1) return false;
  const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return day <= kDays[static_cast<std::size_t>(month - 1)] + (leap && month == 2 ? 1 : 0);
}

std::int32_t day_of(int year, int month, int day) {
  char iso[16];
  std::snprintf(iso, sizeof iso, "%04d-%02d-%02d", year % 10000, month % 100, day % 100);
  std::int32_t days = 0;
  return parse_day(iso, days) ? days : 0;
}

int number(std::string_view digits) {
  int n = 0;
  for (const char c : digits) n = n * 10 + (c - '0');
  return n;
}

bool all_digits(std::string_view text, std::size_t at, std::size_t n) {
  if (at + n > text.size()) return false;
  return std::all_of(text.begin() + static_cast<std::ptrdiff_t>(at),
                     text.begin() + static_cast<std::ptrdiff_t>(at + n), is_digit);
}

// "2017-03-04", "2017/03/04", "2017.03.04", "20170304", ending at `end`.
bool read_iso_date(std::string_view text, std::size_t end, FoundDate& found) {
  if (end >= 10 && all_digits(text, end - 2, 2) && all_digits(text, end - 5, 2) &&
      all_digits(text, end - 10, 4)) {
    const char sep = text[end - 3];
    if ((sep == '-' || sep == '/' || sep == '.') && text[end - 6] == sep) {
      found.begin = end - 10;
      found.day = day_of(number(text.substr(end - 10, 4)), number(text.substr(end - 5, 2)),
                         number(text.substr(end - 2, 2)));
      return found.day != 0;
    }
  }
  if (end >= 8 && all_digits(text, end - 8, 8)) {
    found.begin = end - 8;
    found.day = day_of(number(text.substr(end - 8, 4)), number(text.substr(end - 4, 2)),
                       number(text.substr(end - 2, 2)));
    return found.day != 0;
  }
  return false;
}

namespace {

// "4/3 2017", "4/3-2017", "04/03/2017", "4.3.2017", "04-03-2017": day before month, as in Sweden.
bool read_day_month(std::string_view text, std::size_t end, FoundDate& found) {
  if (end < 8 || !all_digits(text, end - 4, 4)) return false;
  std::size_t at = end - 4;
  const char second = text[--at];
  if (second != ' ' && second != '/' && second != '.' && second != '-') return false;
  const auto run_before = [&](std::size_t stop) {
    std::size_t n = 0;
    while (n < 3 && stop > n && is_digit(text[stop - n - 1])) ++n;
    return n;
  };
  const std::size_t month = run_before(at);
  if (month < 1 || month > 2 || at < month + 2) return false;
  const std::size_t slash = at - month - 1;
  if (text[slash] != '/' && (text[slash] != second || second == ' ')) return false;
  const std::size_t day = run_before(slash);
  if (day < 1 || day > 2) return false;
  found.begin = slash - day;
  found.day = day_of(number(text.substr(end - 4, 4)), number(text.substr(at - month, month)),
                     number(text.substr(slash - day, day)));
  return found.day != 0;
}

// "4 mars 2017", "den 4 mars 2017", "4 March 2017"
bool read_month_name(std::string_view text, std::size_t end, FoundDate& found) {
  static constexpr std::array<std::string_view, 24> kMonths = {
      "januari",   "februari", "mars",     "april",    "maj",     "juni",     "juli",  "augusti",
      "september", "oktober",  "november", "december", "january", "february", "march", "apr",
      "may",       "june",     "july",     "august",   "sept",    "october",  "nov",   "dec"};
  if (end < 10 || !all_digits(text, end - 4, 4) || text[end - 5] != ' ') return false;
  std::size_t stop = end - 5;
  if (stop > 0 && (text[stop - 1] == '.' || text[stop - 1] == ',')) --stop;
  std::size_t start = stop;
  while (start > 0 && stop - start < 10 && is_letter(text[start - 1])) --start;
  const std::string word = folded(text.substr(start, stop - start));
  if (word.size() < 3) return false;
  int month = 0;
  for (std::size_t i = 0; i < kMonths.size() && month == 0; ++i)
    if (kMonths[i].starts_with(word) || word == kMonths[i]) month = static_cast<int>(i % 12) + 1;
  if (month == 0 || start < 2) return false;
  std::size_t at = start;
  while (at > 0 && (text[at - 1] == ' ' || text[at - 1] == '.')) --at;
  if (at >= 3 && (text.substr(at - 2, 2) == ":e")) at -= 2;  // "4:e mars"
  std::size_t digits = 0;
  while (digits < 3 && at > digits && is_digit(text[at - digits - 1])) ++digits;
  if (digits < 1 || digits > 2) return false;
  found.begin = at - digits;
  found.day =
      day_of(number(text.substr(end - 4, 4)), month, number(text.substr(found.begin, digits)));
  return found.day != 0;
}

}  // namespace

bool read_date(std::string_view text, std::size_t end, FoundDate& found) {
  return read_iso_date(text, end, found) || read_day_month(text, end, found) ||
         read_month_name(text, end, found);
}

bool read_compact_date(std::string_view text, std::size_t begin, std::size_t end,
                       std::int32_t today, CompactDate& found) {
  std::size_t n = 0;
  while (n < 9 && end - n > begin && is_digit(text[end - n - 1])) ++n;
  if (n != 6 && n != 8) return false;
  const std::string_view digits = text.substr(end - n, n);
  const int month = number(digits.substr(n - 4, 2));
  const int day = number(digits.substr(n - 2));
  int year = number(digits.substr(0, n - 4));
  if (n == 6) year += day_of(2000 + year, month, day) > today ? 1900 : 2000;
  if (year < 1880 || !in_calendar(year, month, day) || day_of(year, month, day) > today)
    return false;
  found = {n, year, month, day};
  return true;
}

}  // namespace gallra::detect

// Dates as people write them in Swedish and English, read backwards from where they end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace gallra::detect {

struct FoundDate {
  std::size_t begin = 0;
  std::int32_t day = 0;  // since 1970
};

// "2017-03-04", "2017/03/04", "2017.03.04", "20170304", ending at `end`.
bool read_iso_date(std::string_view text, std::size_t end, FoundDate& found);
// Those, and "4/3 2017", "4.3.2017", "den 4 mars 2017", "4 March 2017".
bool read_date(std::string_view text, std::size_t end, FoundDate& found);

// The six or eight digits before `end` (not before `begin`), year first, as a birth date: of two
// digits the newest century that is not after `today`; none before 1880.
struct CompactDate {
  std::size_t size = 0;  // digits
  int year = 0, month = 0, day = 0;
};
bool read_compact_date(std::string_view text, std::size_t begin, std::size_t end,
                       std::int32_t today, CompactDate& found);

bool in_calendar(int year, int month, int day);
// Days since 1970; 0 when the calendar lacks the day.
std::int32_t day_of(int year, int month, int day);
int number(std::string_view digits);
bool all_digits(std::string_view text, std::size_t at, std::size_t n);

}  // namespace gallra::detect

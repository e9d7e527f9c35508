#include "reports/retention/calendar.hpp"

#include <algorithm>
#include <charconv>
#include <fmt/core.h>

#include "scanner/model/date_evidence.hpp"

namespace gallra::retention {
namespace {

struct Date {
  int y, m, d;
};

Date date_of(std::int32_t day) {
  const std::string iso = day_text(day);
  auto part = [&](std::size_t at, std::size_t n) {
    int value = 0;
    std::from_chars(iso.data() + at, iso.data() + at + n, value);
    return value;
  };
  return {part(0, 4), part(5, 2), part(8, 2)};
}

int days_in(int y, int m) {
  static constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
  return m == 2 && leap ? 29 : kDays[m - 1];
}

std::int32_t day_of(int y, int m, int d) {
  std::int32_t day = 0;
  parse_day(fmt::format("{:04}-{:02}-{:02}", y, m, std::min(d, days_in(y, m))), day);
  return day;
}

}  // namespace

std::optional<Period> Period::parse(std::string_view iso) {
  if (iso.size() < 3 || iso.front() != 'P') return std::nullopt;
  int n = 0;
  const char* end = iso.data() + iso.size() - 1;
  const auto [stop, error] = std::from_chars(iso.data() + 1, end, n);
  if (error != std::errc{} || stop != end || n < 0 || n > 10'000) return std::nullopt;
  switch (iso.back()) {
    case 'Y':
      return Period{n, 0, 0};
    case 'M':
      return Period{0, n, 0};
    case 'W':
      return Period{0, 0, n * 7};
    case 'D':
      return Period{0, 0, n};
    default:
      return std::nullopt;
  }
}

std::string period_text(Lang lang, const Period& period) {
  auto counted = [&](int n, const char* unit) {
    return text(lang, std::string("retention.period.") + unit + (n == 1 ? ".one" : ".many"),
                {std::to_string(n)});
  };
  if (period.years > 0) return counted(period.years, "year");
  if (period.months > 0) return counted(period.months, "month");
  return counted(period.days, "day");
}

std::int32_t add(std::int32_t day, const Period& period) {
  const Date date = date_of(day);
  const int months = date.y * 12 + date.m - 1 + period.years * 12 + period.months;
  return day_of(months / 12, months % 12 + 1, date.d) + period.days;
}

int year_of(std::int32_t day) { return date_of(day).y; }

std::int32_t last_day_of(int year) { return day_of(year, 12, 31); }

std::int32_t fiscal_year_end(std::int32_t day, int month, int day_of_month) {
  const int year = year_of(day);
  const std::int32_t this_year = day_of(year, month, day_of_month);
  return day <= this_year ? this_year : day_of(year + 1, month, day_of_month);
}

}  // namespace gallra::retention

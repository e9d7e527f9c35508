// Periods of retention law: whole years, months or days from a day, and the ends of years.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "scanner/support/text.hpp"

namespace gallra::retention {

// ISO 8601, one unit: P5Y, P24M, P14D, P0D.
struct Period {
  int years = 0, months = 0, days = 0;
  static std::optional<Period> parse(std::string_view iso);
};

// "2 år", "24 månader", "14 dagar" / "2 years" ...
std::string period_text(Lang lang, const Period& period);

// The day `period` after `day`; 29 February + 1 year = 28 February.
std::int32_t add(std::int32_t day, const Period& period);
int year_of(std::int32_t day);
std::int32_t last_day_of(int year);
// The last day of the fiscal year that `day` falls in, for a fiscal year ending on month-day.
std::int32_t fiscal_year_end(std::int32_t day, int month, int day_of_month);

}  // namespace gallra::retention

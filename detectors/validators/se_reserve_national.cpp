// National reserve number (NRID): a century raised by three or more (22 or 25 for 19, 23 for 20),
// year, month and day; or 00 when the date is unknown, then month 20-99 and day 40-59. Two letters,
// a digit for the sex (or a letter) and a check digit: Luhn, a letter counts as its ASCII number
// and the digits of the product are summed. Source: Inera, nationellt reservnummer i
// personuppgiftstjänsten.
#include "detectors/validators/parts/dates.hpp"
#include "detectors/validators/parts/se_reserve.hpp"

namespace gallra::detect {
namespace {

constexpr int kScore = 60;

// I, O, Q, V and W are left out.
bool is_serial_letter(char c) {
  return c >= 'A' && c <= 'Z' && std::string_view("IOQVW").find(c) == std::string_view::npos;
}

bool check_fits(std::string_view twelve) {
  int sum = twelve[11] - '0';
  for (std::size_t i = 0; i < 11; ++i) {
    const int value = is_digit(twelve[i]) ? twelve[i] - '0' : twelve[i];
    for (int product = value * (i % 2 == 0 ? 2 : 1); product > 0; product /= 10)
      sum += product % 10;
  }
  return sum % 10 == 0;
}

bool is_valid(std::string_view twelve, std::int32_t today, ReserveForm& form) {
  if (!all_digits(twelve, 0, 8) || !is_serial_letter(twelve[8]) || !is_serial_letter(twelve[9]) ||
      !is_digit(twelve[11]))
    return false;
  if (!is_digit(twelve[10]) && !is_serial_letter(twelve[10])) return false;
  const int century = number(twelve.substr(0, 2));
  const int month = number(twelve.substr(4, 2));
  const int day = number(twelve.substr(6, 2));
  if (century == 0) {
    if (month < 20 || day < 40 || day > 59) return false;
  } else {
    if (century < 22 || century % 3 == 0) return false;
    const int year = (century % 3 == 1 ? 1900 : 2000) + number(twelve.substr(2, 2));
    if (!in_calendar(year, month, day) || day_of(year, month, day) > today) return false;
  }
  form.check_digit = true;
  form.score = kScore;
  return check_fits(twelve);
}

}  // namespace

extern const ValidatorEntry validator_se_reserve_national;
const ValidatorEntry validator_se_reserve_national = {
    "se.reserve_national", locate_reserve<is_valid>, mask_reserve_number};

}  // namespace gallra::detect

// Reserve number by Carelink: year and month, a day of 32 to 59 (no birthday), three digits and a
// Luhn digit over the last ten. Source: Inera, "Lokala reservidentiteter" 1.2.
#include "detectors/validators/luhn.hpp"
#include "detectors/validators/parts/dates.hpp"
#include "detectors/validators/parts/se_reserve.hpp"

namespace gallra::detect {
namespace {

constexpr int kScore = 40;

bool is_valid(std::string_view twelve, std::int32_t today, ReserveForm& form) {
  if (!all_digits(twelve, 0, 12)) return false;
  const int year = number(twelve.substr(0, 4));
  const int month = number(twelve.substr(4, 2));
  const int day = number(twelve.substr(6, 2));
  form.check_digit = true;
  form.score = kScore;
  return year >= 1880 && month >= 1 && month <= 12 && day_of(year, month, 1) <= today &&
         day >= 32 && day <= 59 && luhn_ok(twelve.substr(2));
}

}  // namespace

extern const ValidatorEntry validator_se_reserve_carelink;
const ValidatorEntry validator_se_reserve_carelink = {
    "se.reserve_carelink", locate_reserve<is_valid>, mask_reserve_number};

}  // namespace gallra::detect

// Reserve number of Region Stockholm: 99, a year, five digits, a Luhn digit over the last seven and
// itself; the older ones have theirs over all. Source: Inera, "Lokala reservidentiteter" 1.2.
#include "detectors/validators/luhn.hpp"
#include "detectors/validators/parts/dates.hpp"
#include "detectors/validators/parts/se_reserve.hpp"

namespace gallra::detect {
namespace {

constexpr int kScore = 40;
constexpr int kOlderScore = 15;

bool is_valid(std::string_view twelve, std::int32_t today, ReserveForm& form) {
  if (!all_digits(twelve, 0, 12) || !twelve.starts_with("99")) return false;
  const int year = number(twelve.substr(2, 4));
  if (year < 1880 || day_of(year, 1, 1) > today) return false;
  form.check_digit = true;
  form.score = luhn_ok(twelve.substr(4)) ? kScore : kOlderScore;
  return luhn_ok(twelve.substr(4)) || luhn_ok(twelve);
}

}  // namespace

extern const ValidatorEntry validator_se_reserve_stockholm;
const ValidatorEntry validator_se_reserve_stockholm = {
    "se.reserve_stockholm", locate_reserve<is_valid>, mask_reserve_number};

}  // namespace gallra::detect

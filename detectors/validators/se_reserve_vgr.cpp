// Reserve number of Västra Götalandsregionen: a date, K (woman), M (man) or X, two digits and a
// Luhn digit; letters count as K 5, M 7, X 8, the older ones over all twelve signs. Source: Inera,
// "Lokala reservidentiteter" 1.2.
#include "detectors/validators/luhn.hpp"
#include "detectors/validators/parts/dates.hpp"
#include "detectors/validators/parts/se_reserve.hpp"

namespace gallra::detect {
namespace {

constexpr int kScore = 60;
constexpr int kOlderScore = 40;

bool is_valid(std::string_view twelve, std::int32_t today, ReserveForm& form) {
  if (!starts_with_date(twelve, today) || !all_digits(twelve, 9, 3)) return false;
  const char sex = twelve[8];
  const int serial = number(twelve.substr(9, 2));
  if (sex == 'X' ? serial < 80 || serial > 89 : serial < 6 || serial > 79) return false;
  std::string digits(twelve);
  if (sex == 'K')
    digits[8] = '5';
  else if (sex == 'M')
    digits[8] = '7';
  else if (sex == 'X')
    digits[8] = '8';
  else
    return false;
  const bool current = luhn_ok(std::string_view(digits).substr(2));
  form.check_digit = true;
  form.score = current ? kScore : kOlderScore;
  return current || luhn_ok(digits);
}

}  // namespace

extern const ValidatorEntry validator_se_reserve_vgr;
const ValidatorEntry validator_se_reserve_vgr = {"se.reserve_vgr", locate_reserve<is_valid>,
                                                 mask_reserve_number};

}  // namespace gallra::detect

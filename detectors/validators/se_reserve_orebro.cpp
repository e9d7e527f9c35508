// Reserve number of Region Örebro län: eight digits, T, a letter or digit, a digit, a letter or
// digit. No check digit. Source: SwedishIdentifier, reserve numbers (RÖL).
#include "detectors/validators/parts/dates.hpp"
#include "detectors/validators/parts/se_reserve.hpp"

namespace gallra::detect {
namespace {

constexpr int kScore = 30;  // above Skåne's, which its form fits, too

bool is_valid(std::string_view twelve, std::int32_t, ReserveForm& form) {
  form.score = kScore;
  return all_digits(twelve, 0, 8) && twelve[8] == 'T' && is_digit(twelve[10]);
}

}  // namespace

extern const ValidatorEntry validator_se_reserve_orebro;
const ValidatorEntry validator_se_reserve_orebro = {"se.reserve_orebro", locate_reserve<is_valid>,
                                                    mask_reserve_number};

}  // namespace gallra::detect

// Reserve number of Region Värmland: a date, S, one of F U X P L, a digit and a letter. No check
// digit. Source: Inera, "Lokala reservidentiteter" 1.2.
#include "detectors/validators/parts/se_reserve.hpp"

namespace gallra::detect {
namespace {

constexpr int kScore = 50;

bool is_valid(std::string_view twelve, std::int32_t today, ReserveForm& form) {
  form.score = kScore;
  return starts_with_date(twelve, today) && twelve[8] == 'S' &&
         std::string_view("FUXPL").find(twelve[9]) != std::string_view::npos &&
         is_digit(twelve[10]) && !is_digit(twelve[11]);
}

}  // namespace

extern const ValidatorEntry validator_se_reserve_varmland;
const ValidatorEntry validator_se_reserve_varmland = {
    "se.reserve_varmland", locate_reserve<is_valid>, mask_reserve_number};

}  // namespace gallra::detect

// Reserve number of Region Skåne: a date and four signs of which at least one is a letter. No check
// digit is published. Source: support pages of care systems in Skåne.
#include "detectors/validators/parts/se_reserve.hpp"

namespace gallra::detect {
namespace {

constexpr int kScore = 25;

bool is_valid(std::string_view twelve, std::int32_t today, ReserveForm& form) {
  form.score = kScore;
  return starts_with_date(twelve, today) &&
         twelve.substr(8).find_first_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ") != std::string_view::npos;
}

}  // namespace

extern const ValidatorEntry validator_se_reserve_skane;
const ValidatorEntry validator_se_reserve_skane = {"se.reserve_skane", locate_reserve<is_valid>,
                                                   mask_reserve_number};

}  // namespace gallra::detect

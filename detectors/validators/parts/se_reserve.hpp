// What the reserve numbers of the regions share. They are given to patients whose personnummer is
// unknown, are stored without a hyphen and shown with one before the last four signs. Source:
// Inera, "Lokala reservidentiteter" 1.2.
#pragma once

#include <string>
#include <string_view>

#include "detectors/validators/validator.hpp"

namespace gallra::detect {

// A date of the years 1880 to now in the first eight of twelve signs.
bool starts_with_date(std::string_view twelve, std::int32_t today);

// Of twelve signs that are such a number: what they are worth.
struct ReserveForm {
  int score = 0;
  bool check_digit = false;
};
using ReserveCheck = bool (*)(std::string_view twelve, std::int32_t today, ReserveForm& form);

void add_reserve_number(const Scene& scene, std::size_t end, ReserveCheck is_valid,
                        std::vector<Reading>& out);

// A validator's `locate`.
template <ReserveCheck is_valid>
void locate_reserve(const Scene& scene, std::size_t end, std::vector<Reading>& out) {
  add_reserve_number(scene, end, is_valid, out);
}

std::string mask_reserve_number(std::string_view value);

}  // namespace gallra::detect

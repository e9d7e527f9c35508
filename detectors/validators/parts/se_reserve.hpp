// What the reserve numbers of the regions share. They are given to patients whose personnummer is
// unknown, are stored without a hyphen and shown with one before the last four signs. Source:
// Inera, "Lokala reservidentiteter" 1.2.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "detectors/validators/validator.hpp"

namespace gallra::detect {

// A date of the years 1880 to now in the first eight of twelve signs.
bool starts_with_date(std::string_view twelve, std::int32_t today);

// The reading of twelve signs that `valid` accepts; its score and signals are for the caller.
struct ReserveForm {
  int score = 0;
  bool check_digit = false;
};
void add_reserve_number(const Scene& scene, std::size_t end,
                        const std::function<bool(std::string_view, ReserveForm&)>& valid,
                        std::vector<Reading>& out);

std::string mask_reserve_number(std::string_view value);

}  // namespace gallra::detect

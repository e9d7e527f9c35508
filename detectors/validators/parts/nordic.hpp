// What the identity numbers of the neighbours share: DDMMYY first, weights and mod 11.
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>

#include "detectors/validators/validator.hpp"

namespace gallra::detect {

int weighted(std::string_view digits, std::span<const int> weights);

// Six digits, a sign or none, and `tail` more, all digits, that stand alone before `end`.
struct DayFirst {
  std::size_t begin = 0;
  std::string digits;
  bool parted = false;
};
bool read_day_first(const Scene& scene, std::size_t end, std::size_t tail, DayFirst& found);

}  // namespace gallra::detect

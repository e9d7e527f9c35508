// How validators read what is written in groups of digits, and what a value may touch.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "detectors/validators/validator.hpp"

namespace gallra::detect {

struct Group {
  std::size_t begin = 0, end = 0;
  char before = 0;  // the sign between it and the group to its left; 0 = nothing joins them
  std::size_t size() const { return end - begin; }
};

// Groups of digits back from `end`, the last one first, parted by one of `signs` (a space may stand
// on either side of another sign).
std::vector<Group> groups_back(const Scene& scene, std::size_t end, std::size_t most,
                               std::string_view signs);
// The digits of groups[0 .. n), in the order of the text.
std::string digits_of(const Scene& scene, const std::vector<Group>& groups, std::size_t n);

// A code of `size` digits in a row and nothing more to test it by, where it stands alone.
void add_code(const Scene& scene, std::size_t end, std::size_t size, int score,
              std::vector<Reading>& out);

bool is_upper(char c);
// Touches no letter, digit or underscore, and is no part of a longer id, decimal or path.
bool stands_alone(const Scene& scene, std::size_t begin, std::size_t end);

// Twelve digits and capital letters that end at `end`, a hyphen before the last four left out; ""
// when there are fewer, or they touch something.
std::string twelve_signs(const Scene& scene, std::size_t end, std::size_t& begin);

}  // namespace gallra::detect

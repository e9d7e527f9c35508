// The Luhn check (mod 10): from the right every second digit is doubled, nine is taken off what is
// above nine, and the sum ends in 0. Source: ISO/IEC 7812-1 annex B; Skatteverket SKV 704.
#pragma once

#include <string_view>

namespace gallra::detect {

// Digits only, the check digit last.
constexpr bool luhn_ok(std::string_view digits) {
  int sum = 0;
  bool twice = false;
  for (std::size_t i = digits.size(); i > 0; --i) {
    int d = digits[i - 1] - '0';
    if (twice) d = d * 2 > 9 ? d * 2 - 9 : d * 2;
    sum += d;
    twice = !twice;
  }
  return !digits.empty() && sum % 10 == 0;
}

}  // namespace gallra::detect

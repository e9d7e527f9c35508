// Is a word among a fixed few?
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

namespace gallra::detect {

template <std::size_t N>
bool is_one_of(const std::array<std::string_view, N>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

}  // namespace gallra::detect

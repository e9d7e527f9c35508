// The named characters of HTML 4 ("aring", "nbsp").
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace gallra::extract {

inline constexpr std::size_t kLongestEntity = 8;  // "thetasym"

// The code point, 0 when there is no such name. Case counts.
std::uint32_t html_entity(std::string_view name);

}  // namespace gallra::extract

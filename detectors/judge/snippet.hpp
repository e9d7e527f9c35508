// The context shown beside a finding, by allow-list: label words of our own tables and dictionary
// terms survive, everything else becomes "▒", so that nothing undetected can leak.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "detectors/candidate.hpp"

namespace gallra::detect {

// Around hits[index] in its line or record; at most 120 characters. `masked` is how the hit itself
// is written. `hits` sorted by begin.
std::string make_snippet(const Window& window, const std::vector<Hit>& hits, std::size_t index,
                         std::string_view masked);

}  // namespace gallra::detect

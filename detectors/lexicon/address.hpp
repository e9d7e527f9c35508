// Postal addresses: street and number, postcode and town, on one line, on two, or in two cells.
#pragma once

#include <vector>

#include "detectors/lexicon/reading.hpp"

namespace gallra::detect::lexicon {

void find_addresses(const Lexicon& lexicon, const Window& window, const Reading& reading,
                    std::vector<Hit>& hits);

}  // namespace gallra::detect::lexicon

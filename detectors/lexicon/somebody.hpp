// Terms become hits only about somebody: who stands near, and does the text speak of people or lay
// down rules? The rules are written out in detectors/lexicons/README.md.
#pragma once

#include <vector>

#include "detectors/lexicon/reading.hpp"

namespace gallra::detect::lexicon {

// Adds a hit for every term that may tell something. `hits` must already hold the identities and
// names of the window.
void judge_terms(const Lexicon& lexicon, const Window& window, const Reading& reading,
                 std::vector<Hit>& hits);

}  // namespace gallra::detect::lexicon

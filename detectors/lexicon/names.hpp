// Names of people: given name and surname by the lists' ambiguity, by labels and by form.
#pragma once

#include <vector>

#include "detectors/lexicon/reading.hpp"

namespace gallra::detect::lexicon {

// Adds a hit for every full name (and for single names where a label says what they are), and
// silent ones for given names alone, which only tell that somebody is spoken of.
void find_names(const Lexicon& lexicon, const Window& window, const Reading& reading,
                std::vector<Hit>& hits);

// The canonical form: folded words in alphabetical order, so that "Berg, Anna" and "Anna Berg" are
// one person.
std::string canonical_name(std::string_view name);

// How a canonical name is shown: the initial of each word and always three dots, so that not even
// the length of the name is told.
std::string mask_name(std::string_view canonical);

}  // namespace gallra::detect::lexicon

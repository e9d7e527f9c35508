// Names by where they stand and how they are written, for those no list knows: the value of a field
// "Klient:", a cell in a column of names, what stands beside an identity number, before a mail
// address or under "Med vänlig hälsning". Nothing is concluded from a name but that it is one.
#pragma once

#include <string_view>
#include <vector>

#include "detectors/lexicon/reading.hpp"

namespace gallra::detect::lexicon {

// A stretch that is the name of a person by its place.
struct PlacedName {
  Span span;
  int score = 0;
  Signal why = Signal::kFieldLabel;
  std::string_view label;  // of the field or column, from our tables; "" without one
};

// Sorted by where they begin; `hits` holds the identity numbers and mail addresses.
std::vector<PlacedName> placed_names(const Lexicon& lexicon, const Window& window,
                                     const Reading& reading, const std::vector<Hit>& hits);

}  // namespace gallra::detect::lexicon

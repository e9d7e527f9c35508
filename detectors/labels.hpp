// Labels of a document (sheets, columns, fields, headers) as they may be stored and shown.
#pragma once

#include <string>
#include <string_view>

namespace gallra::detect {

// A word of our list (tables/label-words.tsv), which holds nobody's name. `folded`: small letters.
bool is_label_word(const std::string& folded);

// Labels are the document's own words and may name somebody. Words of our list
// stand; of every other word only its first letter does ("T•••, A•••"),
// enough to find the place again. Digits stand while they are too few for a number of a person's.
// So does what Excel numbers by itself ("Blad1"). A key as programs write them ("patientName")
// stands whole.
std::string shown_label(std::string_view label);

}  // namespace gallra::detect

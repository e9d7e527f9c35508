// Labels of a document (sheets, columns, fields, headers) as they may be stored and shown.
#pragma once

#include <string>
#include <string_view>

namespace gallra::detect {

// Labels are the document's own words and may name somebody. Words of our list
// (tables/label-words.tsv) stand; of every other word only its first letter does ("T•••, A•••"),
// enough to find the place again. Digits stand while they are too few for a number of a person's. A
// key as programs write them ("patientName") stands whole.
std::string shown_label(std::string_view label);

}  // namespace gallra::detect

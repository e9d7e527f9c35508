// Words that name an organisation or a part of one, by list and by how they end: "Lunds kommun",
// "Socialförvaltningen", "Björkskolan". Who carries such a word is no person.
#pragma once

#include <string_view>

namespace gallra::detect::lexicon {

// `folded` is one word in small letters.
bool names_organisation(std::string_view folded);

}  // namespace gallra::detect::lexicon

#include "detectors/lexicon/organisation.hpp"

#include <algorithm>
#include <array>

namespace gallra::detect::lexicon {

bool names_organisation(std::string_view folded) {
  static constexpr std::array<std::string_view, 44> kWords = {
      "ab",        "hb",         "kb",          "aktiebolag", "handelsbolag", "kommun",
      "kommunen",  "kommuns",    "region",      "regionen",   "landsting",    "landstinget",
      "sjukhus",   "sjukhuset",  "skola",       "skolan",     "förskola",     "förskolan",
      "stiftelse", "stiftelsen", "förening",    "föreningen", "församling",   "gymnasium",
      "myndighet", "enhet",      "enheten",     "avdelning",  "avdelningen",  "avd",
      "förbund",   "akademi",    "universitet", "högskola",   "apotek",       "apoteket",
      "assistans", "omsorg",     "support",     "reception",  "receptionen",  "expeditionen",
      "växeln",    "boendet"};
  if (std::find(kWords.begin(), kWords.end(), folded) != kWords.end()) return true;
  static constexpr std::array<std::string_view, 42> kEndings = {
      "kommun",    "kommuns",   "sjukhus",     "sjukhuset",   "skolan",        "skola",
      "gymnasiet", "centralen", "central",     "förvaltning", "förvaltningen", "nämnden",
      "nämnd",     "kontoret",  "kontor",      "mottagning",  "mottagningen",  "kliniken",
      "klinik",    "kassan",    "myndigheten", "verket",      "byrån",         "byrå",
      "tjänsten",  "tjänst",    "enheten",     "avdelningen", "föreningen",    "förbundet",
      "rätten",    "boendet",   "hemmet",      "stiftelsen",  "bolaget",       "omsorgen",
      "vården",    "gruppen",   "institutet",  "kyrkan",      "mästeri",       "eriet"};
  return folded.size() >= 8 &&
         std::any_of(kEndings.begin(), kEndings.end(), [&](std::string_view ending) {
           return folded.size() > ending.size() + 1 && folded.ends_with(ending);
         });
}

}  // namespace gallra::detect::lexicon

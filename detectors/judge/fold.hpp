// Small letters of ASCII and Latin-1 in UTF-8; every byte keeps its place.
#pragma once

#include <string>
#include <string_view>

#include "detectors/lexicon/fold.hpp"

namespace gallra::detect {

inline void fold_into(std::string_view text, std::string& out) {
  out.resize(text.size());
  lexicon::fold_into(text, out.data());
}

inline std::string folded(std::string_view text) {
  std::string out;
  fold_into(text, out);
  return out;
}

}  // namespace gallra::detect

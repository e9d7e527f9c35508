// Small letters of ASCII and Latin-1 in UTF-8; every byte keeps its place.
#pragma once

#include <string>
#include <string_view>

namespace gallra::detect {

inline void fold_into(std::string_view text, std::string& out) {
  out.assign(text);
  for (std::size_t i = 0; i < out.size(); ++i) {
    const auto c = static_cast<unsigned char>(out[i]);
    const bool latin = i > 0 && static_cast<unsigned char>(out[i - 1]) == 0xC3 && c >= 0x80 &&
                       c <= 0x9E && c != 0x97;
    if ((c >= 'A' && c <= 'Z') || latin) out[i] = static_cast<char>(c | 0x20);
  }
}

inline std::string folded(std::string_view text) {
  std::string out;
  fold_into(text, out);
  return out;
}

}  // namespace gallra::detect

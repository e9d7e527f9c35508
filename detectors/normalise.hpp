// One spelling before matching: composed letters (NFC of Latin marks), plain spaces and hyphens,
// ASCII digits, nothing invisible. Text that needs none of it is copied as it is.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gallra::detect {

// From position `at` of the normalised text on, byte i stood at i + shift in the source; until the
// next edit.
struct Edit {
  std::size_t at = 0;
  std::ptrdiff_t shift = 0;
};

// True when no byte of `text` may need work (plain ASCII and the letters U+00C0-00FF).
bool is_plain(std::string_view text);

// Appends the normalised `text` to `out`. `text` must be valid UTF-8. Adds to `edits` (when given)
// wherever source and result part; `source` is the position of text[0] in the source.
void normalise(std::string_view text, std::string& out, std::vector<Edit>* edits = nullptr,
               std::size_t source = 0);

inline std::string normalised(std::string_view text) {
  std::string out;
  normalise(text, out);
  return out;
}

}  // namespace gallra::detect

// The two packed columns, `finding.places` and `document.dates`, written as bytes: varints are
// LEB128 (7 bits a byte, low first), signed ones zigzag. Reading never trusts the bytes.
//
// places: count, then for each: kind byte (bit 7: same label as the one before), a, b,
//         and unless bit 7 is set: label length, label.
// dates:  for each: kind byte, zigzag day.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "scanner/model/date_evidence.hpp"
#include "scanner/model/place.hpp"

namespace gallra::store {

inline constexpr std::size_t kMaxPlaces = 5;        // kept a finding
inline constexpr std::size_t kMaxLabelBytes = 256;  // a longer label is cut at a character

std::string pack_places(const std::vector<Place>& places);
// As many as can be read; a damaged rest is dropped.
std::vector<Place> unpack_places(std::string_view bytes);

std::string pack_dates(const std::vector<DateEvidence>& dates);
std::vector<DateEvidence> unpack_dates(std::string_view bytes);

// `text` cut to at most `limit` bytes, never inside a UTF-8 character.
std::string_view cut_text(std::string_view text, std::size_t limit);

// A list kept as one text, its parts between `separator`; "" has none.
std::vector<std::string> split(std::string_view text, char separator);

}  // namespace gallra::store

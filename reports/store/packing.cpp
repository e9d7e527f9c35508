#include "reports/store/packing.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>

namespace gallra::store {
namespace {

// These values are on disk and must not change.
static_assert(static_cast<int>(PlaceKind::kNone) == 0 && static_cast<int>(PlaceKind::kLine) == 1 &&
              static_cast<int>(PlaceKind::kPage) == 2 && static_cast<int>(PlaceKind::kCell) == 3 &&
              static_cast<int>(PlaceKind::kSlide) == 4 &&
              static_cast<int>(PlaceKind::kParagraph) == 5 &&
              static_cast<int>(PlaceKind::kHeader) == 6 &&
              static_cast<int>(PlaceKind::kBody) == 7 && static_cast<int>(PlaceKind::kField) == 8 &&
              static_cast<int>(PlaceKind::kProperty) == 9 &&
              static_cast<int>(PlaceKind::kName) == 10);
static_assert(static_cast<int>(DateKind::kLastEntry) == 0 &&
              static_cast<int>(DateKind::kTextDate) == 1 &&
              static_cast<int>(DateKind::kMailDate) == 2 &&
              static_cast<int>(DateKind::kDocCreated) == 3 &&
              static_cast<int>(DateKind::kDocModified) == 4 &&
              static_cast<int>(DateKind::kPathDate) == 5 &&
              static_cast<int>(DateKind::kFileModified) == 6);

constexpr std::uint8_t kSameLabel = 0x80;

void put(std::string& out, std::uint32_t value) {
  while (value >= 0x80) {
    out.push_back(static_cast<char>(value | 0x80));
    value >>= 7;
  }
  out.push_back(static_cast<char>(value));
}

class Bytes {
 public:
  explicit Bytes(std::string_view bytes) : rest_(bytes) {}

  std::optional<std::uint8_t> byte() {
    if (rest_.empty()) return std::nullopt;
    const auto value = static_cast<std::uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    return value;
  }

  std::optional<std::uint32_t> number() {
    std::uint32_t value = 0;
    for (unsigned shift = 0; shift < 35; shift += 7) {
      const auto next = byte();
      if (!next || (shift == 28 && *next > 0x0f)) return std::nullopt;
      value |= static_cast<std::uint32_t>(*next & 0x7f) << shift;
      if (*next < 0x80) return value;
    }
    return std::nullopt;
  }

  std::optional<std::string_view> text(std::size_t size) {
    if (size > rest_.size()) return std::nullopt;
    const std::string_view value = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return value;
  }

 private:
  std::string_view rest_;
};

std::optional<Place> unpack_place(Bytes& bytes, const std::string& last_label) {
  const auto kind = bytes.byte();
  const auto a = bytes.number();
  const auto b = bytes.number();
  if (!kind || !a || !b || (*kind & 0x7f) > static_cast<int>(PlaceKind::kName)) return std::nullopt;
  Place place{static_cast<PlaceKind>(*kind & 0x7f), *a, *b, last_label};
  if ((*kind & kSameLabel) != 0) return place;
  const auto size = bytes.number();
  const auto label = size ? bytes.text(*size) : std::nullopt;
  if (!label) return std::nullopt;
  place.label = *label;
  return place;
}

}  // namespace

std::string_view cut_text(std::string_view text, std::size_t limit) {
  if (text.size() <= limit) return text;
  while (limit > 0 && (static_cast<unsigned char>(text[limit]) & 0xc0) == 0x80) --limit;
  return text.substr(0, limit);
}

std::string pack_places(const std::vector<Place>& places) {
  std::string out;
  const std::size_t count = std::min(places.size(), kMaxPlaces);
  put(out, static_cast<std::uint32_t>(count));
  std::string_view last_label;
  for (std::size_t i = 0; i < count; ++i) {
    const Place& place = places[i];
    const std::string_view label = cut_text(place.label, kMaxLabelBytes);
    const bool same = label == last_label;
    out.push_back(
        static_cast<char>(static_cast<std::uint8_t>(place.kind) | (same ? kSameLabel : 0)));
    put(out, place.a);
    put(out, place.b);
    if (same) continue;
    put(out, static_cast<std::uint32_t>(label.size()));
    out.append(label);
    last_label = label;
  }
  return out;
}

std::vector<Place> unpack_places(std::string_view packed) {
  Bytes bytes(packed);
  std::vector<Place> places;
  const std::uint32_t count = bytes.number().value_or(0);
  std::string last_label;
  while (places.size() < std::min<std::size_t>(count, kMaxPlaces)) {
    auto place = unpack_place(bytes, last_label);
    if (!place) break;
    last_label = place->label;
    places.push_back(*std::move(place));
  }
  return places;
}

std::string pack_dates(const std::vector<DateEvidence>& dates) {
  std::string out;
  for (const DateEvidence& date : dates) {
    out.push_back(static_cast<char>(date.kind));
    const auto day = static_cast<std::uint32_t>(date.day);
    put(out, day << 1 ^ (date.day < 0 ? 0xffffffffU : 0U));
  }
  return out;
}

std::vector<DateEvidence> unpack_dates(std::string_view packed) {
  Bytes bytes(packed);
  std::vector<DateEvidence> dates;
  for (;;) {
    const auto kind = bytes.byte();
    const auto day = kind ? bytes.number() : std::nullopt;
    if (!day || *kind > static_cast<int>(DateKind::kFileModified)) return dates;
    dates.push_back({static_cast<DateKind>(*kind),
                     static_cast<std::int32_t>(*day >> 1 ^ ((*day & 1) != 0 ? 0xffffffffU : 0U))});
  }
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(separator), text.size());
    parts.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

}  // namespace gallra::store

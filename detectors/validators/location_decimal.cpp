// A point in Sweden as two decimals, latitude and longitude (WGS 84), in either order; also in geo:
// addresses (RFC 5870) and links to maps. Two decimals may be any measurement, so the pair alone is
// low. Source: Lantmäteriet, Sweden's extent.
#include <algorithm>
#include <array>
#include <string>

#include "detectors/judge/fold.hpp"
#include "detectors/validators/parts/written.hpp"

namespace gallra::detect {
namespace {

constexpr int kPairScore = 30;
constexpr int kFineScore = 35;  // five decimals or more on both: a metre
constexpr int kLinkScore = 80;
constexpr std::size_t kFewestDecimals = 4;
constexpr std::size_t kLink = 100;  // bytes before the pair

struct Decimal {
  std::size_t begin = 0, end = 0;
  int whole = 0;
  std::size_t decimals = 0;
};

// Two digits, a dot or comma, and decimals, from `at` on.
bool read_decimal(const Scene& scene, std::size_t at, Decimal& d) {
  if (at + 3 >= scene.end || !is_digit(scene.text[at]) || !is_digit(scene.text[at + 1]))
    return false;
  if (scene.text[at + 2] != '.' && scene.text[at + 2] != ',') return false;
  d.begin = at;
  d.whole = (scene.text[at] - '0') * 10 + (scene.text[at + 1] - '0');
  d.end = at + 3;
  while (d.end < scene.end && is_digit(scene.text[d.end])) ++d.end;
  d.decimals = d.end - at - 3;
  return d.decimals >= kFewestDecimals;
}

bool is_latitude(const Decimal& d) { return d.whole >= 55 && d.whole <= 69; }
bool is_longitude(const Decimal& d) { return d.whole >= 10 && d.whole <= 24; }

bool digit_before(const Scene& scene, std::size_t at) {
  return at > scene.begin &&
         (is_digit(scene.text[at - 1]) || scene.text[at - 1] == '.' ||
          (scene.text[at - 1] == '-' && at >= scene.begin + 2 && is_digit(scene.text[at - 2])));
}

// The second number: behind signs, a few letters ("N, E", "&mlon="), on the same line.
bool read_second(const Scene& scene, std::size_t from, Decimal& d) {
  std::size_t letters = 0;
  for (std::size_t at = from; at < scene.end && at - from < 24; ++at) {
    const char c = scene.text[at];
    if (c == '\n') return false;
    if (is_digit(c)) return at > from && scene.text[at - 1] != '-' && read_decimal(scene, at, d);
    if (is_letter(c) && ++letters > 12) return false;
  }
  return false;
}

bool is_link(const Scene& scene, std::size_t begin) {
  std::size_t from = begin - std::min(begin - scene.begin, kLink);
  for (std::size_t at = begin; at > from; --at)
    if (scene.text[at - 1] == ' ' || scene.text[at - 1] == '\n' || scene.text[at - 1] == '\t') {
      from = at;
      break;
    }
  const std::string before = folded(scene.text.substr(from, begin - from));
  static constexpr std::array<std::string_view, 7> kSigns = {
      "geo:", "maps", "openstreetmap", "map=", "mlat=", "kartor.", "hitta.se"};
  return std::any_of(kSigns.begin(), kSigns.end(),
                     [&](std::string_view sign) { return before.find(sign) != std::string::npos; });
}

// The pattern ends behind the fourth decimal of the first number.
void locate(const Scene& scene, std::size_t end, std::vector<Reading>& out) {
  constexpr std::size_t kHead = 3 + kFewestDecimals;
  if (end > scene.end || end < scene.begin + kHead) return;
  Decimal first;
  Decimal second;
  if (!read_decimal(scene, end - kHead, first) || digit_before(scene, first.begin)) return;
  if (!is_latitude(first) && !is_longitude(first)) return;
  if (!read_second(scene, first.end, second)) return;
  if (is_latitude(first) ? !is_longitude(second) : !is_latitude(second)) return;
  if (second.end < scene.end &&
      (is_letter(scene.text[second.end]) && is_digit(scene.text[second.end - 1]) &&
       static_cast<unsigned char>(scene.text[second.end]) < 0x80 && second.end + 1 < scene.end &&
       is_letter(scene.text[second.end + 1])))
    return;
  Reading reading;
  reading.begin = first.begin;
  reading.end = second.end;
  const auto text_of = [&](const Decimal& d) {
    std::string text(scene.text.substr(d.begin, d.end - d.begin));
    std::replace(text.begin(), text.end(), ',', '.');
    return text;
  };
  reading.value = is_latitude(first) ? text_of(first) + "," + text_of(second)
                                     : text_of(second) + "," + text_of(first);
  reading.valid = true;
  reading.signals = {Signal::kKnownSeries};
  reading.score = std::min(first.decimals, second.decimals) >= 5 ? kFineScore : kPairScore;
  if (is_link(scene, first.begin)) {
    reading.signals.add(Signal::kOwnForm);
    reading.score = kLinkScore;
  }
  out.push_back(std::move(reading));
}

}  // namespace

extern const ValidatorEntry validator_location_decimal;
const ValidatorEntry validator_location_decimal = {
    "location_decimal", locate, [](std::string_view) { return std::string("••,••••• ••,•••••"); }};

}  // namespace gallra::detect

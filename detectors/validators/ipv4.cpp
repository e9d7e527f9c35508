// IPv4 address of the open internet; private, local, multicast and documentation ranges are
// nobody's. Versions and chapter numbers are written alike. Source: RFC 791; RFC 6890
// (special-purpose addresses).
#include <array>
#include <string>

#include "detectors/validators/parts/written.hpp"

namespace gallra::detect {
namespace {

constexpr int kScore = 30;
constexpr int kLargeScore = 45;  // a part of three digits: no version number

bool is_public(const std::array<int, 4>& p) {
  if (p[0] == 0 || p[0] == 10 || p[0] == 127 || p[0] >= 224) return false;
  if (p[0] == 100 && p[1] >= 64 && p[1] < 128) return false;
  if (p[0] == 169 && p[1] == 254) return false;
  if (p[0] == 172 && p[1] >= 16 && p[1] < 32) return false;
  if (p[0] == 192 && (p[1] == 168 || (p[1] == 0 && (p[2] == 0 || p[2] == 2)))) return false;
  if (p[0] == 198 && (p[1] == 18 || p[1] == 19 || (p[1] == 51 && p[2] == 100))) return false;
  return p[0] != 203 || p[1] != 0 || p[2] != 113;
}

void locate(const Scene& scene, std::size_t end, std::vector<Reading>& out) {
  if (end > scene.end || (end < scene.end && is_digit(scene.text[end]))) return;
  std::array<int, 4> part{};
  std::size_t at = end;
  int large = 0;
  for (std::size_t i = 4; i > 0; --i) {
    std::size_t n = 0;
    while (n < 4 && at - n > scene.begin && is_digit(scene.text[at - n - 1])) ++n;
    if (n == 0 || n > 3 || (n > 1 && scene.text[at - n] == '0')) return;
    int value = 0;
    for (std::size_t k = at - n; k < at; ++k) value = value * 10 + (scene.text[k] - '0');
    if (value > 255) return;
    part[i - 1] = value;
    large += n == 3 ? 1 : 0;
    at -= n;
    if (i > 1 && (at <= scene.begin || scene.text[--at] != '.')) return;
  }
  // A port or a net's length may follow; a path's slash may not go before.
  std::size_t stop = end;
  if (stop < scene.end && (scene.text[stop] == ':' || scene.text[stop] == '/')) {
    ++stop;
    while (stop < scene.end && is_digit(scene.text[stop])) ++stop;
  }
  if (!is_public(part) || !stands_alone(scene, at, stop)) return;
  Reading reading;
  reading.begin = at;
  reading.end = end;
  reading.value = std::string(scene.text.substr(at, end - at));
  reading.valid = true;
  reading.score = large > 0 ? kLargeScore : kScore;
  reading.signals = {Signal::kKnownSeries};
  out.push_back(std::move(reading));
}

}  // namespace

extern const ValidatorEntry validator_ipv4;
const ValidatorEntry validator_ipv4 = {
    "ipv4", locate, [](std::string_view) { return std::string("•••.•••.•••.•••"); }};

}  // namespace gallra::detect

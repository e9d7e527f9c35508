// IPv6 address of the open internet: 2000::/3 without the documentation range. Source: RFC 4291;
// RFC 3849; RFC 9637.
#include <algorithm>
#include <string>

#include "detectors/judge/fold.hpp"
#include "detectors/validators/parts/written.hpp"

namespace gallra::detect {
namespace {

constexpr int kScore = 70;

bool is_hex(char c) { return is_digit(c) || is_hex_letter(c); }

// The pattern ends behind the first group's colon.
void locate(const Scene& scene, std::size_t end, std::vector<Reading>& out) {
  if (end > scene.end || end < scene.begin + 5) return;
  const std::size_t begin = end - 5;
  if (!stands_alone(scene, begin, scene.end)) return;
  std::size_t at = begin;
  int groups = 0;
  bool gap = false;
  while (at < scene.end) {
    std::size_t n = 0;
    while (n < 5 && at + n < scene.end && is_hex(scene.text[at + n])) ++n;
    if (n > 4) return;
    if (n > 0) ++groups;
    at += n;
    if (at >= scene.end || scene.text[at] != ':') break;
    if (n == 0) {
      if (gap) return;
      gap = true;
    }
    if (at + 1 >= scene.end || (!is_hex(scene.text[at + 1]) && scene.text[at + 1] != ':')) break;
    ++at;
  }
  if (at > begin && scene.text[at - 1] == ':' && !gap) return;
  if (groups > 8 || (groups < 8 && !gap) || groups < 3) return;
  if (at < scene.end && (is_letter(scene.text[at]) || scene.text[at] == ':')) return;
  const std::string value = folded(scene.text.substr(begin, at - begin));
  if (value.starts_with("2001:db8") || value.starts_with("2001:0db8") || value.starts_with("3fff:"))
    return;
  Reading reading;
  reading.begin = begin;
  reading.end = at;
  reading.value = value;
  reading.valid = true;
  reading.score = kScore;
  reading.signals = {Signal::kKnownSeries};
  out.push_back(std::move(reading));
}

}  // namespace

extern const ValidatorEntry validator_ipv6;
const ValidatorEntry validator_ipv6 = {
    "ipv6", locate, [](std::string_view) { return std::string("••••:••••::••••"); }};

}  // namespace gallra::detect

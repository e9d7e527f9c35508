// A point as degrees, minutes and perhaps seconds: 59°19'46"N 18°4'7"E, N 59° 19.77'. Source: ISO
// 6709.
#include <string>

#include "detectors/validators/parts/written.hpp"

namespace gallra::detect {
namespace {

constexpr int kScore = 75;

struct Angle {
  std::size_t begin = 0, end = 0;
  int degrees = 0;
  char side = 0;  // N, S, E (also Ö, O), W (V)
  bool minutes = false;
  std::size_t decimals = 0;
};

char side_of(const Scene& scene, std::size_t at) {
  if (at >= scene.end) return 0;
  switch (scene.text[at]) {
    case 'N':
    case 'S':
    case 'E':
      return scene.text[at];
    case 'O':
      return 'E';
    case 'W':
    case 'V':
      return 'W';
    default:
      // Ö
      return scene.text.substr(at, 2) == "\xC3\x96" ? 'E' : char{0};
  }
}

bool is_degree(const Scene& scene, std::size_t at) {
  return scene.text.substr(at, 2) == "\xC2\xB0" || scene.text.substr(at, 2) == "\xC2\xBA";
}

// ' ’ ′ and " ” ″, as bytes to step over.
std::size_t prime_at(const Scene& scene, std::size_t at) {
  if (at >= scene.end) return 0;
  const char c = scene.text[at];
  if (c == '\'' || c == '"') return 1;
  const std::string_view three = scene.text.substr(at, 3);
  for (const std::string_view sign :
       {"\xE2\x80\x99", "\xE2\x80\xB2", "\xE2\x80\x9D", "\xE2\x80\xB3"})
    if (three == sign) return 3;
  return scene.text.substr(at, 2) == "\xC2\xB4" ? 2 : 0;
}

// `sign` stands on the degree sign.
bool read_angle(const Scene& scene, std::size_t sign, Angle& a) {
  std::size_t at = sign;
  if (at > scene.begin && scene.text[at - 1] == ' ') --at;
  a.begin = at;
  std::size_t digits = 0;
  bool dot = false;
  while (a.begin > scene.begin && at - a.begin < 14) {
    const char c = scene.text[a.begin - 1];
    if ((c == '.' || c == ',') && !dot && digits > 0) {
      dot = true;
      a.decimals = digits;
      digits = 0;
    } else if (is_digit(c)) {
      ++digits;
    } else {
      break;
    }
    --a.begin;
  }
  if (digits < 1 || digits > 3) return false;
  for (std::size_t i = a.begin; i < at && is_digit(scene.text[i]); ++i)
    a.degrees = a.degrees * 10 + (scene.text[i] - '0');
  // Minutes and seconds.
  a.end = sign + 2;
  for (int part = 0; part < 2; ++part) {
    std::size_t p = a.end;
    while (p < scene.end && scene.text[p] == ' ' && p - a.end < 2) ++p;
    const std::size_t from = p;
    while (
        p < scene.end && p - from < 10 &&
        (is_digit(scene.text[p]) || ((scene.text[p] == '.' || scene.text[p] == ',') && p > from)))
      ++p;
    if (p == from) break;
    std::size_t prime = prime_at(scene, p);
    if (prime == 0) break;
    p += prime;
    prime = prime_at(scene, p);  // '' for "
    a.end = p + prime;
    a.minutes = true;
  }
  // The side of the world stands before or behind.
  std::size_t b = a.begin;
  while (b > scene.begin && scene.text[b - 1] == ' ' && a.begin - b < 2) --b;
  if (b > scene.begin && side_of(scene, b - 1) != 0 &&
      (b - 1 == scene.begin ||
       (!is_letter(scene.text[b - 2]) && scene.text[b - 2] != '\'' && scene.text[b - 2] != '"'))) {
    a.side = side_of(scene, b - 1);
    a.begin = b - 1;
    return true;
  }
  std::size_t p = a.end;
  while (p < scene.end && scene.text[p] == ' ' && p - a.end < 2) ++p;
  const char side = side_of(scene, p);
  const std::size_t width = side != 0 && scene.text[p] == '\xC3' ? 2 : 1;
  if (side != 0 && (p + width >= scene.end || !is_letter(scene.text[p + width]))) {
    a.side = side;
    a.end = p + width;
  }
  return true;
}

// The pattern ends behind the first degree sign; the second angle follows within a few bytes.
void locate(const Scene& scene, std::size_t end, std::vector<Reading>& out) {
  if (end > scene.end || end < scene.begin + 3) return;
  Angle first;
  if (!is_degree(scene, end - 2) || !read_angle(scene, end - 2, first)) return;
  if (first.degrees > 90 || (first.side != 'N' && first.side != 'S')) return;
  if (!first.minutes && first.decimals < 3) return;
  for (std::size_t at = first.end; at + 1 < scene.end && at - first.end < 14; ++at) {
    if (scene.text[at] == '\n') return;
    if (!is_degree(scene, at)) continue;
    Angle second;
    if (!read_angle(scene, at, second) || second.degrees > 180) return;
    if (second.side != 'E' && second.side != 'W') return;
    Reading reading;
    reading.begin = first.begin;
    reading.end = second.end;
    reading.value = std::string(scene.text.substr(first.begin, second.end - first.begin));
    reading.valid = true;
    reading.score = kScore;
    reading.signals = {Signal::kOwnForm};
    out.push_back(std::move(reading));
    return;
  }
}

}  // namespace

extern const ValidatorEntry validator_location_dms;
const ValidatorEntry validator_location_dms = {
    "location_dms", locate, [](std::string_view) { return std::string("••°••'••\""); }};

}  // namespace gallra::detect

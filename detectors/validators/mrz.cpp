// Machine-readable zone of passports and identity cards: the line with number, nationality, birth
// date, sex and expiry, each with a check digit (weights 7 3 1, mod 10). Source: ICAO Doc 9303
// parts 3, 4 and 5.
#include <string>

#include "detectors/validators/parts/dates.hpp"
#include "detectors/validators/parts/written.hpp"

namespace gallra::detect {
namespace {

constexpr int kScore = 95;

int value_of(char c) { return is_digit(c) ? c - '0' : c == '<' ? 0 : c - 'A' + 10; }

bool is_sign(char c) { return is_digit(c) || is_upper(c) || c == '<'; }

// The check digit follows the field.
bool check_fits(std::string_view line, std::size_t at, std::size_t size) {
  static constexpr int kWeights[] = {7, 3, 1};
  if (at + size >= line.size()) return false;
  int sum = 0;
  for (std::size_t i = 0; i < size; ++i) {
    if (!is_sign(line[at + i])) return false;
    sum += value_of(line[at + i]) * kWeights[i % 3];
  }
  return is_digit(line[at + size]) && line[at + size] - '0' == sum % 10;
}

std::string without_filler(std::string_view number) {
  return std::string(number.substr(0, number.find('<')));
}

// Passports and two-line cards: NNNNNNNNNC NAT YYMMDDC S YYMMDDC...; the pattern ends behind the
// expiry's check digit. Three-line cards have birth date, sex, expiry and nationality in line two,
// and the number behind "I.SWE" in line one.
void locate(const Scene& scene, std::size_t end, std::vector<Reading>& out) {
  constexpr std::size_t kTwoLines = 28, kThreeLines = 15;
  if (end > scene.end) return;
  Reading reading;
  reading.end = end;
  reading.valid = true;
  reading.person = true;
  reading.score = kScore;
  reading.signals = {Signal::kOwnForm, Signal::kCheckDigit};
  if (end >= scene.begin + kTwoLines) {
    const std::string_view line = scene.text.substr(end - kTwoLines, kTwoLines);
    if (check_fits(line, 0, 9) && check_fits(line, 13, 6) && check_fits(line, 21, 6) &&
        !is_digit(line[10])) {
      reading.begin = end - kTwoLines;
      reading.value = without_filler(line.substr(0, 9));
      if (!reading.value.empty()) out.push_back(std::move(reading));
      return;
    }
  }
  if (end < scene.begin + kThreeLines + 16) return;
  const std::size_t second = end - kThreeLines;
  const std::string_view line = scene.text.substr(second, kThreeLines);
  if (!check_fits(line, 0, 6) || !check_fits(line, 8, 6)) return;
  std::size_t first = second;
  while (first > scene.begin && (scene.text[first - 1] == '\n' || scene.text[first - 1] == '\r'))
    --first;
  std::size_t begin = first;
  while (begin > scene.begin && first - begin < 31 && is_sign(scene.text[begin - 1])) --begin;
  const std::string_view above = scene.text.substr(begin, first - begin);
  if (above.size() != 30 || !check_fits(above, 5, 9)) return;
  reading.begin = begin;
  reading.value = without_filler(above.substr(5, 9));
  if (!reading.value.empty()) out.push_back(std::move(reading));
}

}  // namespace

extern const ValidatorEntry validator_mrz;
const ValidatorEntry validator_mrz = {"mrz", locate,
                                      [](std::string_view) { return std::string("•••••••••"); }};

}  // namespace gallra::detect

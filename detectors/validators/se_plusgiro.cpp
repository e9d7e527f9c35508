// Plusgiro number: two to eight digits in pairs from the right, a hyphen before the check digit
// (Luhn). Private persons have them, too. Source: Nordea, "Plusgironummer"; Bankgirot.
#include "detectors/validators/luhn.hpp"
#include "detectors/validators/parts/written.hpp"

namespace gallra::detect {
namespace {

constexpr int kScore = 20;
constexpr int kShortScore = -10;  // "4-2" is anything

// "4-2", "28 65 43-4", "410 54 68-5", "286543-4"
bool is_grouped(const std::vector<Group>& groups, std::size_t n) {
  if (n < 2 || groups[0].size() != 1 || groups[0].before != '-') return false;
  if (n == 2) return groups[1].size() <= 7;
  for (std::size_t i = 1; i < n; ++i) {
    const bool last = i + 1 == n;
    if (last ? groups[i].size() > 3 : groups[i].size() != 2 || groups[i].before != ' ')
      return false;
  }
  return true;
}

void locate(const Scene& scene, std::size_t end, std::vector<Reading>& out) {
  if (end > scene.end) return;
  const std::vector<Group> groups = groups_back(scene, end, 5, "- ");
  for (std::size_t n = groups.size(); n >= 2; --n) {
    const std::size_t begin = groups[n - 1].begin;
    const std::string digits = digits_of(scene, groups, n);
    if (!is_grouped(groups, n) || digits.size() > 8 || digits[0] == '0' ||
        !stands_alone(scene, begin, end))
      continue;
    Reading reading;
    reading.begin = begin;
    reading.end = end;
    reading.value = digits;
    reading.score = digits.size() < 5 ? kShortScore : kScore;
    reading.valid = luhn_ok(digits);
    reading.invalid = Invalid::kChecksum;
    if (reading.valid) reading.signals.add(Signal::kCheckDigit);
    out.push_back(std::move(reading));
    return;
  }
}

}  // namespace

extern const ValidatorEntry validator_se_plusgiro;
const ValidatorEntry validator_se_plusgiro = {
    "se.plusgiro", locate, [](std::string_view) { return std::string("•• •• ••-•"); }};

}  // namespace gallra::detect

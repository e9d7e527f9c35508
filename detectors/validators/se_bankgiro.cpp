// Bankgiro number: seven or eight digits, a hyphen before the last four, Luhn. Mostly a company's:
// found, but low. Source: Bankgirot, "Bankgironummer".
#include "detectors/validators/luhn.hpp"
#include "detectors/validators/parts/written.hpp"

namespace gallra::detect {
namespace {

constexpr int kScore = -8;  // so that a label alone leaves it low, as function addresses are

void locate(const Scene& scene, std::size_t end, std::vector<Reading>& out) {
  if (end > scene.end) return;
  const std::vector<Group> groups = groups_back(scene, end, 2, "- ");
  if (groups.empty()) return;
  const bool parted =
      groups.size() == 2 && groups[0].size() == 4 && groups[1].size() >= 3 && groups[1].size() <= 4;
  const std::size_t n = parted ? 2 : 1;
  const std::string digits = digits_of(scene, groups, n);
  const std::size_t begin = groups[n - 1].begin;
  if (digits.size() < 7 || digits.size() > 8 || digits[0] == '0') return;
  if (!stands_alone(scene, begin, end)) return;
  Reading reading;
  reading.begin = begin;
  reading.end = end;
  reading.value = digits;
  reading.score = kScore;
  reading.valid = luhn_ok(digits);
  reading.invalid = Invalid::kChecksum;
  if (reading.valid) reading.signals.add(Signal::kCheckDigit);
  out.push_back(std::move(reading));
}

}  // namespace

extern const ValidatorEntry validator_se_bankgiro;
const ValidatorEntry validator_se_bankgiro = {
    "se.bankgiro", locate, [](std::string_view) { return std::string("••••-••••"); }};

}  // namespace gallra::detect

// Swish number of a company (123 and seven digits) or a fund-raiser (90 and five to eight digits).
// A private person's is a mobile number, which the telephone rule finds. Source: Getswish AB.
#include "detectors/validators/parts/written.hpp"

namespace gallra::detect {
namespace {

constexpr int kScore = -8;  // a company's: low, also behind its label

void locate(const Scene& scene, std::size_t end, std::vector<Reading>& out) {
  if (end > scene.end) return;
  const std::vector<Group> groups = groups_back(scene, end, 4, " -");
  for (std::size_t n = groups.size(); n > 0; --n) {
    const std::string digits = digits_of(scene, groups, n);
    const bool company = digits.starts_with("123") && digits.size() == 10;
    const bool charity = digits.starts_with("90") && digits.size() >= 7 && digits.size() <= 10;
    if ((!company && !charity) || !stands_alone(scene, groups[n - 1].begin, end)) continue;
    Reading reading;
    reading.begin = groups[n - 1].begin;
    reading.end = end;
    reading.value = digits;
    reading.score = kScore;
    reading.signals = {Signal::kKnownSeries, Signal::kNoCheckDigit};
    reading.valid = true;
    out.push_back(std::move(reading));
    return;
  }
}

}  // namespace

extern const ValidatorEntry validator_se_swish;
const ValidatorEntry validator_se_swish = {
    "se.swish", locate, [](std::string_view) { return std::string("123 ••• •• ••"); }};

}  // namespace gallra::detect

// Prescriber code: seven digits that stand for one prescriber. Its check digit's rule is not
// published, so only behind its label. Source: E-hälsomyndigheten, "Förskrivarkod".
#include <string>

#include "detectors/validators/parts/written.hpp"

namespace gallra::detect {
namespace {

constexpr int kScore = 20;

void locate(const Scene& scene, std::size_t end, std::vector<Reading>& out) {
  if (end > scene.end) return;
  const std::vector<Group> groups = groups_back(scene, end, 1, "");
  if (groups.size() != 1 || groups[0].size() != 7 || !stands_alone(scene, groups[0].begin, end))
    return;
  Reading reading;
  reading.begin = groups[0].begin;
  reading.end = end;
  reading.value = digits_of(scene, groups, 1);
  reading.valid = true;
  reading.score = kScore;
  reading.signals = {Signal::kNoCheckDigit};
  out.push_back(std::move(reading));
}

}  // namespace

extern const ValidatorEntry validator_se_prescriber_code;
const ValidatorEntry validator_se_prescriber_code = {
    "se.prescriber_code", locate, [](std::string_view) { return std::string("•••••••"); }};

}  // namespace gallra::detect

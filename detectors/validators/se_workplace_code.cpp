// Workplace code: thirteen digits that stand for a place of work in care, so nobody by itself: low.
// No check digit is published, so only behind its label. Source: Region Jönköpings län,
// "Arbetsplatskod".
#include <string>

#include "detectors/validators/parts/written.hpp"

namespace gallra::detect {
namespace {

constexpr int kScore = -8;

void locate(const Scene& scene, std::size_t end, std::vector<Reading>& out) {
  if (end > scene.end) return;
  const std::vector<Group> groups = groups_back(scene, end, 1, "");
  if (groups.size() != 1 || groups[0].size() != 13 || !stands_alone(scene, groups[0].begin, end))
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

extern const ValidatorEntry validator_se_workplace_code;
const ValidatorEntry validator_se_workplace_code = {
    "se.workplace_code", locate, [](std::string_view) { return std::string("•••••••••••••"); }};

}  // namespace gallra::detect

// Field 4d of a driving licence: a reference number of eight or nine digits. (Field 5 is the
// holder's personnummer, which that rule finds.) Source: Transportstyrelsen, "Uppgifter på
// körkortet".
#include <string>

#include "detectors/validators/parts/dates.hpp"
#include "detectors/validators/parts/written.hpp"

namespace gallra::detect {
namespace {

constexpr int kScore = 20;

void locate(const Scene& scene, std::size_t end, std::vector<Reading>& out) {
  if (end > scene.end) return;
  const std::vector<Group> groups = groups_back(scene, end, 3, " ");
  for (std::size_t n = groups.size(); n > 0; --n) {
    const std::string digits = digits_of(scene, groups, n);
    if (digits.size() < 8 || digits.size() > 9 || (n > 1 && groups[n - 1].size() != 3)) continue;
    if (!stands_alone(scene, groups[n - 1].begin, end)) continue;
    FoundDate date;
    if (digits.size() == 8 && read_iso_date(scene.text, end, date)) return;
    Reading reading;
    reading.begin = groups[n - 1].begin;
    reading.end = end;
    reading.value = digits;
    reading.valid = true;
    reading.score = kScore;
    reading.signals = {Signal::kNoCheckDigit};
    out.push_back(std::move(reading));
    return;
  }
}

}  // namespace

extern const ValidatorEntry validator_se_driving_licence;
const ValidatorEntry validator_se_driving_licence = {
    "se.driving_licence", locate, [](std::string_view) { return std::string("•••••••••"); }};

}  // namespace gallra::detect

// HSA-id: SE, an organisation number (Luhn), a hyphen and letters or digits, 31 signs at most.
// Names a unit or an employee in care; which cannot be told. Source: Inera, "HSA-id".
#include <string>

#include "detectors/validators/luhn.hpp"
#include "detectors/validators/parts/dates.hpp"
#include "detectors/validators/parts/written.hpp"

namespace gallra::detect {
namespace {

constexpr std::size_t kLongest = 31;
constexpr int kScore = 40;

// The pattern ends behind the first sign after the hyphen.
void locate(const Scene& scene, std::size_t end, std::vector<Reading>& out) {
  constexpr std::size_t kHead = 14;  // "SE2321000016-" and one more
  if (end > scene.end || end < scene.begin + kHead) return;
  const std::size_t begin = end - kHead;
  if (!all_digits(scene.text, begin + 2, 10)) return;
  std::size_t stop = end;
  while (stop < scene.end && (is_digit(scene.text[stop]) || is_letter(scene.text[stop])) &&
         static_cast<unsigned char>(scene.text[stop]) < 0x80)
    ++stop;
  if (stop - begin > kLongest || !stands_alone(scene, begin, stop)) return;
  Reading reading;
  reading.begin = begin;
  reading.end = stop;
  reading.value = std::string(scene.text.substr(begin, stop - begin));
  reading.valid = luhn_ok(scene.text.substr(begin + 2, 10));
  reading.invalid = Invalid::kChecksum;
  reading.score = kScore;
  reading.signals = {Signal::kOwnForm};
  if (reading.valid) reading.signals.add(Signal::kCheckDigit);
  out.push_back(std::move(reading));
}

}  // namespace

extern const ValidatorEntry validator_se_hsa_id;
const ValidatorEntry validator_se_hsa_id = {
    "se.hsa_id", locate, [](std::string_view) { return std::string("SE••••••••••-••••"); }};

}  // namespace gallra::detect

// A personnummer whose last four signs are blotted out (850304-XXXX) still tells when somebody was
// born. Source: Skatteverket SKV 704 (form); common usage.
#include <string>

#include "detectors/validators/parts/dates.hpp"
#include "detectors/validators/parts/written.hpp"
#include "scanner/model/date_evidence.hpp"

namespace gallra::detect {
namespace {

constexpr int kScore = 60;

void locate(const Scene& scene, std::size_t end, std::vector<Reading>& out) {
  if (end > scene.end || end < scene.begin + 10) return;
  const char sign = scene.text[end - 1];
  for (std::size_t i = end - 4; i < end; ++i)
    if (scene.text[i] != sign) return;
  if (end < scene.end && (scene.text[end] == sign || is_letter(scene.text[end]))) return;
  std::size_t at = end - 4;
  if (scene.text[at - 1] == '-' || scene.text[at - 1] == '+' || scene.text[at - 1] == ' ') --at;
  CompactDate date;
  if (!read_compact_date(scene.text, scene.begin, at, scene.today, date)) return;
  const std::size_t begin = at - date.size;
  // The hyphen before the signs is no part of an id.
  if (!stands_alone(scene, begin, at) && begin > scene.begin &&
      (is_letter(scene.text[begin - 1]) || scene.text[begin - 1] == '_'))
    return;
  Reading reading;
  reading.begin = begin;
  reading.end = end;
  reading.value = day_text(day_of(date.year, date.month, date.day));
  reading.valid = true;
  reading.score = kScore;
  reading.signals = {Signal::kDateValid, Signal::kOwnForm};
  out.push_back(std::move(reading));
}

}  // namespace

extern const ValidatorEntry validator_birth_date_masked;
const ValidatorEntry validator_birth_date_masked = {
    "birth_date_masked", locate, [](std::string_view) { return std::string("••••••-••••"); }};

}  // namespace gallra::detect

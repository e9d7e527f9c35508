// Number of a passport or national identity card: eight digits, since 2022 two letters and seven
// digits or another mix of nine. Nothing to calculate, so only behind a word that names it. Source:
// Polisen, "Pass och nationellt id-kort" (serial numbers since 1 January 2022).
#include <string>

#include "detectors/validators/parts/dates.hpp"
#include "detectors/validators/parts/written.hpp"

namespace gallra::detect {
namespace {

constexpr int kScore = 20;

void locate(const Scene& scene, std::size_t end, std::vector<Reading>& out) {
  if (end > scene.end) return;
  std::size_t begin = end;
  std::size_t digits = 0;
  while (begin > scene.begin && end - begin < 10 &&
         (is_digit(scene.text[begin - 1]) || is_upper(scene.text[begin - 1])))
    digits += is_digit(scene.text[--begin]) ? 1u : 0u;
  const std::size_t size = end - begin;
  const bool older = size == 8 && digits == 8;
  const bool newer = size == 9 && digits >= 5 && digits < 9;
  if ((!older && !newer) || !stands_alone(scene, begin, end)) return;
  FoundDate date;
  if (older && read_iso_date(scene.text, end, date)) return;  // "pass 20240301" is a day at work
  Reading reading;
  reading.begin = begin;
  reading.end = end;
  reading.value = std::string(scene.text.substr(begin, size));
  reading.valid = true;
  reading.score = kScore;
  reading.signals = {Signal::kNoCheckDigit};
  out.push_back(std::move(reading));
}

}  // namespace

extern const ValidatorEntry validator_se_document_number;
const ValidatorEntry validator_se_document_number = {
    "se.document_number", locate, [](std::string_view) { return std::string("•••••••••"); }};

}  // namespace gallra::detect

// Diary or case number in any form, right behind "dnr", "ärendenr", "mål nr": "173/12 613",
// "8.5-29206/2014", "5529-2013". Source: offentlighets- och sekretesslagen (2009:400) 5 kap. 2 §.
#include <string>

#include "detectors/validators/parts/dates.hpp"
#include "detectors/validators/parts/written.hpp"

namespace gallra::detect {
namespace {

constexpr int kScore = 10;

// Digits parted by '/', '-', '.' or ':', with a slash or hyphen at least; letters may go before.
void locate(const Scene& scene, std::size_t end, std::vector<Reading>& out) {
  if (end > scene.end || (end < scene.end && is_digit(scene.text[end]))) return;
  std::size_t begin = end;
  bool sign = false;
  while (begin > scene.begin && end - begin < 24) {
    const char c = scene.text[begin - 1];
    const bool joint = (c == '/' || c == '-' || c == '.' || c == ':') && begin - 1 > scene.begin &&
                       (is_digit(scene.text[begin - 2]) || is_upper(scene.text[begin - 2]));
    if (!is_digit(c) && !is_upper(c) && !joint) break;
    sign = sign || ((c == '/' || c == '-') && joint);
    --begin;
  }
  if (!sign || end - begin < 5 || !stands_alone(scene, begin, end)) return;
  FoundDate date;
  if (read_iso_date(scene.text, end, date)) return;
  Reading reading;
  reading.begin = begin;
  reading.end = end;
  reading.value = std::string(scene.text.substr(begin, end - begin));
  reading.valid = true;
  reading.score = kScore;
  reading.signals = {Signal::kNoCheckDigit};
  out.push_back(std::move(reading));
}

}  // namespace

extern const ValidatorEntry validator_se_case_number_labelled;
const ValidatorEntry validator_se_case_number_labelled = {
    "se.case_number_labelled", locate, [](std::string_view) { return std::string("••••-••••"); }};

}  // namespace gallra::detect

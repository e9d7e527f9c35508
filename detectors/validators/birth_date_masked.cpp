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
  std::size_t n = 0;
  while (n < 9 && at - n > scene.begin && is_digit(scene.text[at - n - 1])) ++n;
  if ((n != 6 && n != 8) || !stands_alone(scene, at - n, at)) {
    if (n != 6 && n != 8) return;
    // The hyphen before the signs is no part of an id.
    if (at - n > scene.begin &&
        (is_letter(scene.text[at - n - 1]) || scene.text[at - n - 1] == '_'))
      return;
  }
  const std::string_view digits = scene.text.substr(at - n, n);
  const int month = number(digits.substr(n - 4, 2));
  const int day = number(digits.substr(n - 2));
  int year = number(digits.substr(0, n - 4));
  if (n == 6) year += 2000;
  if (n == 6 && (!in_calendar(year, month, day) || day_of(year, month, day) > scene.today))
    year -= 100;
  if (!in_calendar(year, month, day) || year < 1880 || day_of(year, month, day) > scene.today)
    return;
  Reading reading;
  reading.begin = at - n;
  reading.end = end;
  reading.value = day_text(day_of(year, month, day));
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

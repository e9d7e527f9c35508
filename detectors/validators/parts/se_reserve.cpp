#include "detectors/validators/parts/se_reserve.hpp"

#include "detectors/validators/parts/dates.hpp"
#include "detectors/validators/parts/written.hpp"

namespace gallra::detect {

bool starts_with_date(std::string_view twelve, std::int32_t today) {
  if (!all_digits(twelve, 0, 8)) return false;
  const int year = number(twelve.substr(0, 4));
  const int month = number(twelve.substr(4, 2));
  const int day = number(twelve.substr(6, 2));
  return year >= 1880 && in_calendar(year, month, day) && day_of(year, month, day) <= today;
}

void add_reserve_number(const Scene& scene, std::size_t end, ReserveCheck is_valid,
                        std::vector<Reading>& out) {
  if (end > scene.end) return;
  Reading reading;
  const std::string twelve = twelve_signs(scene, end, reading.begin);
  ReserveForm form;
  if (twelve.empty() || !is_valid(twelve, scene.today, form)) return;
  reading.end = end;
  reading.valid = true;
  reading.person = true;
  reading.score = form.score;
  reading.signals.add(form.check_digit ? Signal::kCheckDigit : Signal::kNoCheckDigit);
  // Their day is a day of birth: the last two of the eight, when they are one.
  if (starts_with_date(twelve, scene.today)) {
    reading.signals.add(Signal::kDateValid);
    reading.birth_year = static_cast<std::int16_t>(number(twelve.substr(0, 4)));
    reading.birth_day = static_cast<std::uint8_t>(number(twelve.substr(6, 2)));
  }
  reading.value = twelve;
  out.push_back(std::move(reading));
}

std::string mask_reserve_number(std::string_view) { return "••••••••-••••"; }

}  // namespace gallra::detect

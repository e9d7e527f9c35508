#include "detectors/validators/parts/nordic.hpp"

#include "detectors/validators/parts/dates.hpp"
#include "detectors/validators/parts/written.hpp"

namespace gallra::detect {

int weighted(std::string_view digits, std::span<const int> weights) {
  int sum = 0;
  for (std::size_t i = 0; i < weights.size() && i < digits.size(); ++i)
    sum += (digits[i] - '0') * weights[i];
  return sum;
}

bool read_day_first(const Scene& scene, std::size_t end, std::size_t tail, DayFirst& found) {
  if (end > scene.end || end < scene.begin + 6 + tail) return false;
  if (!all_digits(scene.text, end - tail, tail)) return false;
  const char sign = scene.text[end - tail - 1];
  found.parted = sign == '-' || sign == ' ';
  const std::size_t date_end = end - tail - (found.parted ? 1 : 0);
  if (date_end < scene.begin + 6 || !all_digits(scene.text, date_end - 6, 6)) return false;
  found.begin = date_end - 6;
  if (!stands_alone(scene, found.begin, end)) return false;
  found.digits = scene.text.substr(found.begin, 6);
  found.digits += scene.text.substr(end - tail, tail);
  return true;
}

}  // namespace gallra::detect

// Norwegian fødselsnummer: DDMMYY, three digits and two check digits (mod 11). 40 added to the day
// makes a D-number, to the month a hospital's H-number; 80 added to the month a test person's.
// Source: Skatteetaten, "Fødselsnummer"; forskrift til folkeregisterloven (2017-07-14-1201) §
// 2-2-1.
#include "detectors/validators/parts/dates.hpp"
#include "detectors/validators/parts/nordic.hpp"

namespace gallra::detect {
namespace {

constexpr int kScore = 40;
constexpr int kTestScore = 20;
constexpr std::array<int, 10> kFirst = {3, 7, 6, 1, 8, 9, 4, 5, 2, 1};
constexpr std::array<int, 11> kSecond = {5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1};

// The three digits behind the date tell the century. Answers 0 when they fit no year.
int year_of(int yy, int individual) {
  if (individual < 500) return 1900 + yy;
  if (individual < 750 && yy >= 54) return 1800 + yy;
  if (yy < 40) return 2000 + yy;
  return individual >= 900 ? 1900 + yy : 0;
}

void locate(const Scene& scene, std::size_t end, std::vector<Reading>& out) {
  DayFirst found;
  if (!read_day_first(scene, end, 5, found)) return;
  const std::string_view digits = found.digits;
  int day = number(digits.substr(0, 2));
  int month = number(digits.substr(2, 2));
  if (day > 40) day -= 40;
  const bool test = month > 80;
  if (month > 80)
    month -= 80;
  else if (month > 40)
    month -= 40;
  const int year = year_of(number(digits.substr(4, 2)), number(digits.substr(6, 3)));
  Reading reading;
  reading.begin = found.begin;
  reading.end = end;
  reading.shape = Shape::kForeign;
  reading.person = true;
  reading.score = test ? kTestScore : kScore;
  const bool date =
      year != 0 && in_calendar(year, month, day) && day_of(year, month, day) <= scene.today;
  const bool check = weighted(digits, kFirst) % 11 == 0 && weighted(digits, kSecond) % 11 == 0;
  reading.valid = date && check;
  reading.invalid = date ? Invalid::kChecksum : Invalid::kComponent;
  if (reading.valid) reading.signals = {Signal::kDateValid, Signal::kCheckDigit};
  reading.value = found.digits;
  reading.birth_day = static_cast<std::uint8_t>(day);
  reading.birth_year = static_cast<std::int16_t>(year);
  out.push_back(std::move(reading));
}

}  // namespace

extern const ValidatorEntry validator_no_fodselsnummer;
const ValidatorEntry validator_no_fodselsnummer = {
    "no.fodselsnummer", locate, [](std::string_view) { return std::string("•••••• •••••"); }};

}  // namespace gallra::detect

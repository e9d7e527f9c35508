// Danish CPR number: DDMMYY-SSSS; the seventh digit and the year give the century, and the whole is
// divisible by 11 with the weights 4 3 2 7 6 5 4 3 2 1, except for births of 1 January, for which
// numbers have run out since 2007. Source: CPR-kontoret, "Personnummeret i CPR".
#include "detectors/validators/parts/dates.hpp"
#include "detectors/validators/parts/nordic.hpp"

namespace gallra::detect {
namespace {

constexpr int kPartedScore = 24;  // one date in eleven passes, and Swedish numbers look the same
constexpr int kBareScore = 10;    // only near a word that names it
constexpr std::array<int, 10> kWeights = {4, 3, 2, 7, 6, 5, 4, 3, 2, 1};

int century(char seventh, int yy) {
  if (seventh <= '3') return 1900;
  if (seventh == '4' || seventh == '9') return yy >= 37 ? 1900 : 2000;
  return yy >= 58 ? 1800 : 2000;
}

void locate(const Scene& scene, std::size_t end, std::vector<Reading>& out) {
  DayFirst found;
  if (!read_day_first(scene, end, 4, found)) return;
  const int day = number(std::string_view(found.digits).substr(0, 2));
  const int month = number(std::string_view(found.digits).substr(2, 2));
  const int yy = number(std::string_view(found.digits).substr(4, 2));
  const int year = century(found.digits[6], yy) + yy;
  Reading reading;
  reading.begin = found.begin;
  reading.end = end;
  reading.person = true;
  reading.score = found.parted ? kPartedScore : kBareScore;
  reading.shape = Shape::kForeign;
  reading.valid = in_calendar(year, month, day) && day_of(year, month, day) <= scene.today;
  reading.invalid = Invalid::kComponent;
  if (reading.valid) {
    reading.signals = {Signal::kDateValid};
    const bool check = weighted(found.digits, kWeights) % 11 == 0;
    const bool ran_out = day == 1 && month == 1 && year >= 1960;
    reading.valid = check || ran_out;
    reading.needs_context = !check || !found.parted;
    reading.invalid = Invalid::kChecksum;
    reading.signals.add(check ? Signal::kCheckDigit : Signal::kNoCheckDigit);
  }
  reading.value = found.digits;
  reading.birth_day = static_cast<std::uint8_t>(day);
  reading.birth_year = static_cast<std::int16_t>(year);
  out.push_back(std::move(reading));
}

}  // namespace

extern const ValidatorEntry validator_dk_cpr;
const ValidatorEntry validator_dk_cpr = {
    "dk.cpr", locate, [](std::string_view) { return std::string("••••••-••••"); }};

}  // namespace gallra::detect

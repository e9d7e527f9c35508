// Icelandic kennitala: DDMMYY-NNCM, NN from 20, C by mod 11 with the weights 3 2 7 6 5 4 3 2, M the
// century (8, 9, 0); 40 added to the day: an organisation. A kerfiskennitala (since 2021) begins
// with 8 or 9 and has no date and no check. Source: Þjóðskrá, "Um kennitölur".
#include "detectors/validators/parts/dates.hpp"
#include "detectors/validators/parts/nordic.hpp"

namespace gallra::detect {
namespace {

constexpr int kPartedScore = 24;
constexpr int kBareScore = 10;
constexpr int kOrganisationPoints = -10;
constexpr std::array<int, 9> kWeights = {3, 2, 7, 6, 5, 4, 3, 2, 1};

void locate(const Scene& scene, std::size_t end, std::vector<Reading>& out) {
  DayFirst found;
  if (!read_day_first(scene, end, 4, found)) return;
  const std::string_view digits = found.digits;
  Reading reading;
  reading.begin = found.begin;
  reading.end = end;
  reading.person = true;
  reading.score = found.parted ? kPartedScore : kBareScore;
  reading.value = found.digits;
  reading.needs_context = !found.parted;
  if (digits[0] >= '8') {
    reading.valid = true;
    reading.needs_context = true;
    reading.signals = {Signal::kNoCheckDigit};
    out.push_back(std::move(reading));
    return;
  }
  int day = number(digits.substr(0, 2));
  const bool organisation = day > 40;
  if (organisation) {
    day -= 40;
    reading.person = false;
    reading.score += kOrganisationPoints;
  }
  const int century = digits[9] == '0'   ? 2000
                      : digits[9] == '9' ? 1900
                      : digits[9] == '8' ? 1800
                                         : 0;
  const int year = century + number(digits.substr(4, 2));
  const int month = number(digits.substr(2, 2));
  const bool date = century != 0 && in_calendar(year, month, day) &&
                    day_of(year, month, day) <= scene.today && digits[6] >= '2';
  reading.valid = date && weighted(digits, kWeights) % 11 == 0;
  reading.invalid = date ? Invalid::kChecksum : Invalid::kComponent;
  if (reading.valid) reading.signals = {Signal::kDateValid, Signal::kCheckDigit};
  reading.birth_day = static_cast<std::uint8_t>(day);
  reading.birth_year = static_cast<std::int16_t>(year);
  out.push_back(std::move(reading));
}

}  // namespace

extern const ValidatorEntry validator_is_kennitala;
const ValidatorEntry validator_is_kennitala = {
    "is.kennitala", locate, [](std::string_view) { return std::string("••••••-••••"); }};

}  // namespace gallra::detect

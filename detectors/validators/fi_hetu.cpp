// Finnish personal identity code: DDMMYY, a sign that tells the century, 002-899 and a check sign
// (mod 31); 900-999 are nobody's. Source: Myndigheten för digitalisering och befolkningsdata (DVV),
// "Personbeteckningen", with the signs in use since 2023.
#include <string>

#include "detectors/validators/parts/dates.hpp"
#include "detectors/validators/parts/written.hpp"

namespace gallra::detect {
namespace {

constexpr int kHyphenScore = 60;       // and a letter at the end
constexpr int kHyphenDigitScore = 30;  // NNNNNN-NNNN is many things
constexpr int kLetterScore = 40;
constexpr int kArtificialScore = 20;
constexpr std::string_view kCheck = "0123456789ABCDEFHJKLMNPRSTUVWXY";

int century(char sign) {
  if (sign == '+') return 1800;
  if (std::string_view("-YXWVU").find(sign) != std::string_view::npos) return 1900;
  return sign >= 'A' && sign <= 'F' ? 2000 : 0;
}

void locate(const Scene& scene, std::size_t end, std::vector<Reading>& out) {
  constexpr std::size_t kSize = 11;
  if (end > scene.end || end < scene.begin + kSize) return;
  const std::size_t begin = end - kSize;
  const std::string_view text = scene.text.substr(begin, kSize);
  const int base = century(text[6]);
  if (base == 0 || !all_digits(text, 0, 6) || !all_digits(text, 7, 3)) return;
  if (!stands_alone(scene, begin, end)) return;
  const int day = number(text.substr(0, 2));
  const int month = number(text.substr(2, 2));
  const int year = base + number(text.substr(4, 2));
  const int serial = number(text.substr(7, 3));
  Reading reading;
  reading.begin = begin;
  reading.end = end;
  reading.person = true;
  reading.birth_day = static_cast<std::uint8_t>(day);
  reading.birth_year = static_cast<std::int16_t>(year);
  const bool date =
      serial >= 2 && in_calendar(year, month, day) && day_of(year, month, day) <= scene.today;
  const int rest = (number(text.substr(0, 6)) * 1000 + serial) % 31;
  const bool check = kCheck[static_cast<std::size_t>(rest)] == text[10];
  reading.valid = date && check;
  reading.invalid = date ? Invalid::kChecksum : Invalid::kComponent;
  if (reading.valid) reading.signals = {Signal::kDateValid, Signal::kCheckDigit};
  const bool letter = !is_digit(text[10]);
  reading.score = serial >= 900       ? kArtificialScore
                  : is_upper(text[6]) ? kLetterScore
                  : letter            ? kHyphenScore
                                      : kHyphenDigitScore;
  reading.value = std::string(text);
  out.push_back(std::move(reading));
}

}  // namespace

extern const ValidatorEntry validator_fi_hetu;
const ValidatorEntry validator_fi_hetu = {
    "fi.hetu", locate, [](std::string_view) { return std::string("••••••-••••"); }};

}  // namespace gallra::detect

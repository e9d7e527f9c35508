// Interim number: what schools give whoever has no personnummer yet. A birth date, one letter, two
// digits and a Luhn digit in which the letter counts as 1; in vocational schools TF and two digits
// without any check. Sources: Ladok and UHR, interimspersonnummer; Myndigheten för yrkeshögskolan.
#include <string>

#include "detectors/validators/luhn.hpp"
#include "detectors/validators/parts/dates.hpp"
#include "detectors/validators/parts/written.hpp"

namespace gallra::detect {
namespace {

constexpr int kHyphenScore = 65;
constexpr int kBareScore = 45;
constexpr int kVocationalScore = 30;

void locate(const Scene& scene, std::size_t end, std::vector<Reading>& out) {
  if (end > scene.end || end < scene.begin + 10) return;
  const std::string_view tail = scene.text.substr(end - 4, 4);
  const bool vocational = tail.starts_with("TF");
  if (!all_digits(tail, vocational ? 2 : 1, vocational ? 2 : 3)) return;
  if (!vocational && std::string_view("TRSUWXJKLMN").find(tail[0]) == std::string_view::npos)
    return;
  const bool hyphen = scene.text[end - 5] == '-';
  const std::size_t date_end = end - (hyphen ? 5 : 4);
  Reading reading;
  CompactDate date;
  if (!read_compact_date(scene.text, scene.begin, date_end, scene.today, date) ||
      !stands_alone(scene, date_end - date.size, end))
    return;
  reading.begin = date_end - date.size;
  reading.end = end;
  reading.value = std::string(scene.text.substr(date_end - 6, 6)).append(tail);
  reading.person = true;
  reading.birth_year = static_cast<std::int16_t>(date.year);
  reading.birth_day = static_cast<std::uint8_t>(date.day);
  reading.signals = {Signal::kDateValid};
  if (hyphen) reading.signals.add(Signal::kHyphen);
  if (vocational) {
    reading.valid = true;
    reading.score = kVocationalScore;
    reading.signals.add(Signal::kNoCheckDigit);
  } else {
    std::string digits = reading.value;
    digits[6] = '1';
    reading.valid = luhn_ok(digits);
    reading.invalid = Invalid::kChecksum;
    reading.score = hyphen ? kHyphenScore : kBareScore;
    if (reading.valid) reading.signals.add(Signal::kCheckDigit);
  }
  out.push_back(std::move(reading));
}

}  // namespace

extern const ValidatorEntry validator_se_interim;
const ValidatorEntry validator_se_interim = {
    "se.interim", locate, [](std::string_view) { return std::string("••••••••-••••"); }};

}  // namespace gallra::detect

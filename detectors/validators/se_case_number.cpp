// Diary number of an authority in its own form: the body's letters, the year and a number: "KS
// 2016/1963-2", "SCN-2015-0180". It leads to the people of the case, and tells of a public record.
// Source: offentlighets- och sekretesslagen (2009:400) 5 kap. 2 §.
#include <algorithm>
#include <array>
#include <string>

#include "detectors/validators/parts/dates.hpp"
#include "detectors/validators/parts/written.hpp"

namespace gallra::detect {
namespace {

constexpr int kScore = 35;

// Statutes, standards and bug lists are numbered alike.
bool is_other(std::string_view letters) {
  static constexpr std::array<std::string_view, 22> kOthers = {
      "EU", "EG",  "EEG",  "EC", "RFC",  "CVE",   "ISO",  "SFS", "SOU",  "DS",   "SS",
      "EN", "IEC", "IEEE", "FS", "HSLF", "SOSFS", "PROP", "KB",  "ISBN", "ISSN", "GHSA"};
  return std::find(kOthers.begin(), kOthers.end(), letters) != kOthers.end();
}

bool is_sign(char c) { return is_digit(c) || c == '.' || c == '-'; }

// The pattern ends behind the first digit after the year and its sign.
void locate(const Scene& scene, std::size_t end, std::vector<Reading>& out) {
  if (end > scene.end || end < scene.begin + 9) return;
  const std::size_t year_at = end - 6;
  if (!all_digits(scene.text, year_at, 4)) return;
  const int year = number(scene.text.substr(year_at, 4));
  if (year < 1970 || day_of(year, 1, 1) > scene.today) return;
  const char sign = scene.text[end - 2];
  std::size_t letters_end = year_at - 1;
  std::size_t begin = letters_end;
  while (begin > scene.begin && letters_end - begin < 6 && is_upper(scene.text[begin - 1])) --begin;
  const std::string_view letters = scene.text.substr(begin, letters_end - begin);
  if (letters.size() < 2 || letters.size() > 5 || is_other(letters)) return;
  std::size_t stop = end;
  while (stop < scene.end && is_sign(scene.text[stop]) && stop - end < 16) ++stop;
  while (stop > end && !is_digit(scene.text[stop - 1])) --stop;
  // "KS-2018-05-26" may be a date behind a word; five digits and more are a number.
  FoundDate date;
  if (sign == '-' && stop - year_at == 10 && read_iso_date(scene.text, stop, date)) return;
  if (!stands_alone(scene, begin, stop)) return;
  Reading reading;
  reading.begin = begin;
  reading.end = stop;
  reading.value = std::string(scene.text.substr(begin, stop - begin));
  std::replace(reading.value.begin(), reading.value.end(), ' ', '-');
  reading.valid = true;
  reading.score = kScore;
  reading.signals = {Signal::kNoCheckDigit};
  out.push_back(std::move(reading));
}

}  // namespace

extern const ValidatorEntry validator_se_case_number;
const ValidatorEntry validator_se_case_number = {
    "se.case_number", locate, [](std::string_view) { return std::string("••-••••-••••"); }};

}  // namespace gallra::detect

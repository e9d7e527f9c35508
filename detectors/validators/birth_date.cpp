// A birth date behind a word that says so ("född 4 mars 1985", "f. 850304", "Födelsedatum:
// 1985-03-04"), in any of the ways dates are written. Source: Datatermgruppen and Språkrådet,
// "Datum och klockslag" (forms).
#include <array>
#include <string>

#include "detectors/judge/fold.hpp"
#include "detectors/validators/parts/dates.hpp"
#include "detectors/validators/parts/written.hpp"
#include "scanner/model/date_evidence.hpp"

namespace gallra::detect {
namespace {

constexpr int kScore = 30;
constexpr int kNamedScore = 60;     // the word stands in the sentence before it
constexpr std::size_t kReach = 60;  // bytes before the date: "född i Sundsvall den"

// "850304": the newest century that is not to come.
bool read_short(const Scene& scene, std::size_t end, FoundDate& found) {
  if (end < scene.begin + 6 || !all_digits(scene.text, end - 6, 6)) return false;
  const std::string_view digits = scene.text.substr(end - 6, 6);
  const int month = number(digits.substr(2, 2));
  const int day = number(digits.substr(4, 2));
  int year = 2000 + number(digits.substr(0, 2));
  if (in_calendar(year, month, day) && day_of(year, month, day) > scene.today) year -= 100;
  found.begin = end - 6;
  found.day = day_of(year, month, day);
  return in_calendar(year, month, day);
}

// A birth word in the same sentence, with no other date or number between.
bool word_before(const Scene& scene, std::size_t begin) {
  const std::size_t from = begin - std::min(begin - scene.begin, kReach);
  const std::string before = folded(scene.text.substr(from, begin - from));
  static constexpr std::array<std::string_view, 6> kWords = {"född",  "fodd", "födelse",
                                                             "birth", "born", "f.d. "};
  std::size_t word = std::string::npos;
  for (const std::string_view w : kWords)
    if (const std::size_t at = before.rfind(w); at != std::string::npos && w != "f.d. ")
      word = word == std::string::npos ? at : std::max(word, at);
  if (word == std::string::npos) return false;
  for (std::size_t i = word; i < before.size(); ++i) {
    if (is_digit(before[i]) || before[i] == '\n' || before[i] == ';' || before[i] == '\t')
      return false;
    if ((before[i] == '.' || before[i] == '?') && i + 1 < before.size() && before[i + 1] == ' ')
      return false;
  }
  return true;
}

void locate(const Scene& scene, std::size_t end, std::vector<Reading>& out) {
  if (end > scene.end || end < scene.begin + 6 || (end < scene.end && is_digit(scene.text[end])))
    return;
  FoundDate found;
  const bool whole = read_date(scene.text.substr(0, end), end, found) && found.begin >= scene.begin;
  if (!whole && !read_short(scene, end, found)) return;
  if (!stands_alone(scene, found.begin, end)) return;
  // A personnummer goes on with four digits.
  if (end + 5 <= scene.end &&
      (scene.text[end] == ' ' || scene.text[end] == '+' || scene.text[end] == '-') &&
      all_digits(scene.text, end + 1, 4) &&
      (end + 5 == scene.end || !is_digit(scene.text[end + 5])))
    return;
  Reading reading;
  reading.begin = found.begin;
  reading.end = end;
  reading.value = day_text(found.day);
  reading.birth_year = static_cast<std::int16_t>(std::stoi(reading.value.substr(0, 4)));
  reading.valid = found.day <= scene.today && reading.value >= "1880";
  reading.invalid = Invalid::kComponent;
  reading.score = kScore;
  reading.signals = {Signal::kDateValid};
  if (word_before(scene, found.begin)) {
    reading.named = true;
    reading.score = kNamedScore;
  }
  out.push_back(std::move(reading));
}

}  // namespace

extern const ValidatorEntry validator_birth_date;
const ValidatorEntry validator_birth_date = {
    "birth_date", locate, [](std::string_view) { return std::string("••••-••-••"); }};

}  // namespace gallra::detect

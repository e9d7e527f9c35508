// Property designation: municipality, tract or quarter, block and unit: "Skoby Berga 1:2", and S:1
// or GA:1 for shares. Source: Lantmäteriet, "Fastighetsbeteckning"; förordning (2000:308) om
// fastighetsregister.
#include <string>

#include "detectors/judge/fold.hpp"
#include "detectors/validators/parts/written.hpp"

namespace gallra::detect {
namespace {

constexpr int kScore = 30;
constexpr int kWordsScore = 40;  // municipality and tract
constexpr std::size_t kMostWords = 4;

// Is the word before `at` one that begins with a capital? `begin` gets its first letter.
bool capital_word(const Scene& scene, std::size_t at, std::size_t& begin) {
  begin = at;
  while (begin > scene.begin && at - begin < 30 &&
         (is_letter(scene.text[begin - 1]) || scene.text[begin - 1] == '-'))
    --begin;
  if (at - begin < 2) return false;
  const auto first = static_cast<unsigned char>(scene.text[begin]);
  if (is_upper(scene.text[begin])) return true;
  // Å, Ä, Ö and the other capitals of Latin-1
  return first == 0xC3 && begin + 1 < at &&
         static_cast<unsigned char>(scene.text[begin + 1]) < 0x9F;
}

void locate(const Scene& scene, std::size_t end, std::vector<Reading>& out) {
  if (end > scene.end) return;
  while (end < scene.end && is_digit(scene.text[end]))
    ++end;  // the pattern ends at the first digit
  std::size_t at = end;
  while (at > scene.begin && is_digit(scene.text[at - 1])) --at;
  const std::size_t unit = end - at;
  if (unit < 1 || unit > 4 || at <= scene.begin || scene.text[at - 1] != ':') return;
  std::size_t block = --at;
  while (block > scene.begin &&
         (is_digit(scene.text[block - 1]) || is_upper(scene.text[block - 1])))
    --block;
  const std::string_view before = scene.text.substr(block, at - block);
  const bool share = before == "S" || before == "GA" || before == "FS";
  if (!share) {
    if (before.empty() || before.size() > 3) return;  // four are a statute's year
    for (const char c : before)
      if (!is_digit(c)) return;
  }
  // "2:30", "12:05" is an hour; "1:100" a scale: a word in front and the label decide.
  if (block <= scene.begin || scene.text[block - 1] != ' ') return;
  std::size_t begin = block;
  std::size_t words = 0;
  while (words < kMostWords && begin > scene.begin && scene.text[begin - 1] == ' ') {
    std::size_t word = 0;
    if (!capital_word(scene, begin - 1, word)) break;
    // The label is no part of it.
    if (folded(scene.text.substr(word, begin - 1 - word)).starts_with("fastighet")) break;
    begin = word;
    ++words;
  }
  if (words == 0 || !stands_alone(scene, begin, end)) return;
  Reading reading;
  reading.begin = begin;
  reading.end = end;
  reading.value = std::string(scene.text.substr(begin, end - begin));
  reading.valid = true;
  reading.score = words > 1 ? kWordsScore : kScore;
  reading.signals = {Signal::kNoCheckDigit};
  out.push_back(std::move(reading));
}

}  // namespace

extern const ValidatorEntry validator_se_property;
const ValidatorEntry validator_se_property = {
    "se.property", locate, [](std::string_view) { return std::string("•••••• •:•"); }};

}  // namespace gallra::detect

// Registration plate: three letters, two digits, and a digit or (since 2019) a letter. I, Q, V, Å,
// Ä and Ö are not used, nor O at the end. Source: Transportstyrelsen, "Registreringsskyltar".
#include <algorithm>
#include <array>
#include <string>

#include "detectors/validators/parts/dates.hpp"
#include "detectors/validators/parts/written.hpp"

namespace gallra::detect {
namespace {

constexpr int kScore = 25;

bool is_plate_letter(char c) { return is_upper(c) && c != 'I' && c != 'Q' && c != 'V'; }

// Short words in capitals that stand before numbers: statutes, standards, rooms, forms.
bool is_word(std::string_view letters) {
  static constexpr std::array<std::string_view, 28> kWords = {
      "LSS", "SFS", "SOU", "RUM", "SOL", "HSL", "PSL", "PUB", "KAP", "BET",
      "DNR", "FAX", "TEL", "MOB", "PKT", "STR", "HUS", "KBT", "ADL", "HTA",
      "USB", "RFC", "DSM", "MAX", "ART", "OCR", "REF", "SEK"};
  return std::find(kWords.begin(), kWords.end(), letters) != kWords.end();
}

void locate(const Scene& scene, std::size_t end, std::vector<Reading>& out) {
  if (end > scene.end || end < scene.begin + 6) return;
  const char last = scene.text[end - 1];
  if (!is_digit(last) && (!is_plate_letter(last) || last == 'O')) return;
  if (!all_digits(scene.text, end - 3, 2)) return;
  const char sign = scene.text[end - 4];
  const bool parted = sign == ' ' || sign == '-';
  if (parted && end < scene.begin + 7) return;
  const std::size_t begin = end - (parted ? 7 : 6);
  const std::string_view letters = scene.text.substr(begin, 3);
  if (!std::all_of(letters.begin(), letters.end(), is_plate_letter) || is_word(letters)) return;
  if (!stands_alone(scene, begin, end)) return;
  Reading reading;
  reading.begin = begin;
  reading.end = end;
  reading.value = std::string(letters).append(scene.text.substr(end - 3, 3));
  reading.valid = true;
  reading.score = kScore;
  reading.signals = {Signal::kNoCheckDigit};
  out.push_back(std::move(reading));
}

}  // namespace

extern const ValidatorEntry validator_se_plate;
const ValidatorEntry validator_se_plate = {"se.plate", locate,
                                           [](std::string_view) { return std::string("••• •••"); }};

}  // namespace gallra::detect

// International bank account number: country, two check digits (mod 97), and as many signs as the
// country has. Source: ISO 13616; SWIFT, IBAN registry release 101.
#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "detectors/validators/parts/written.hpp"

namespace gallra::detect {
namespace {

constexpr int kScore = 85;

constexpr std::array<std::pair<std::string_view, std::size_t>, 82> kLengths = {
    {{"AD", 24}, {"AE", 23}, {"AL", 28}, {"AT", 20}, {"AZ", 28}, {"BA", 20}, {"BE", 16}, {"BG", 22},
     {"BH", 22}, {"BR", 29}, {"BY", 28}, {"CH", 21}, {"CR", 22}, {"CY", 28}, {"CZ", 24}, {"DE", 22},
     {"DJ", 27}, {"DK", 18}, {"DO", 28}, {"EE", 20}, {"EG", 29}, {"ES", 24}, {"FI", 18}, {"FO", 18},
     {"FR", 27}, {"GB", 22}, {"GE", 22}, {"GI", 23}, {"GL", 18}, {"GR", 27}, {"GT", 28}, {"HR", 21},
     {"HU", 28}, {"IE", 22}, {"IL", 23}, {"IQ", 23}, {"IS", 26}, {"IT", 27}, {"JO", 30}, {"KW", 30},
     {"KZ", 20}, {"LB", 28}, {"LC", 32}, {"LI", 21}, {"LT", 20}, {"LU", 20}, {"LV", 21}, {"LY", 25},
     {"MC", 27}, {"MD", 24}, {"ME", 22}, {"MK", 19}, {"MN", 20}, {"MR", 27}, {"MT", 31}, {"MU", 30},
     {"NI", 28}, {"NL", 18}, {"NO", 15}, {"PK", 24}, {"PL", 28}, {"PS", 29}, {"PT", 25}, {"QA", 29},
     {"RO", 24}, {"RS", 22}, {"RU", 33}, {"SA", 24}, {"SC", 31}, {"SD", 18}, {"SE", 24}, {"SI", 19},
     {"SK", 24}, {"SM", 27}, {"SO", 23}, {"ST", 25}, {"SV", 28}, {"TL", 23}, {"TN", 24}, {"TR", 26},
     {"UA", 29}, {"XK", 20}}};

std::size_t length_in(std::string_view country) {
  const auto found = std::find_if(kLengths.begin(), kLengths.end(),
                                  [&](const auto& row) { return row.first == country; });
  return found == kLengths.end() ? 0 : found->second;
}

bool mod97_ok(const std::string& iban) {
  int rest = 0;
  for (std::size_t i = 0; i < iban.size(); ++i) {
    const char c = iban[(i + 4) % iban.size()];
    rest = is_digit(c) ? (rest * 10 + (c - '0')) % 97 : (rest * 100 + (c - 'A' + 10)) % 97;
  }
  return rest == 1;
}

char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }

bool starts_at(const Scene& scene, std::size_t at) {
  return is_upper(upper(scene.text[at])) && is_upper(upper(scene.text[at + 1])) &&
         is_digit(scene.text[at + 2]) && is_digit(scene.text[at + 3]);
}

// The pattern ends eight signs behind the first letter, or nine with a sign between. Small letters
// in one run are many other things (ids, hashes): then only the country may be letters.
void locate(const Scene& scene, std::size_t end, std::vector<Reading>& out) {
  if (end > scene.end || end < scene.begin + 8) return;
  std::size_t begin = end - 8;
  if (!starts_at(scene, begin) && (begin-- == scene.begin || !starts_at(scene, begin))) return;
  const std::size_t length =
      length_in(std::string{upper(scene.text[begin]), upper(scene.text[begin + 1])});
  if (length == 0) return;
  std::string iban;
  std::size_t at = begin;
  bool grouped = false;
  bool small = false;
  for (; at < scene.end && iban.size() < length; ++at) {
    const char c = scene.text[at];
    const bool sign = c == ' ' || c == '-' || c == '.';
    if (is_digit(c) || is_upper(upper(c)))
      iban.push_back(upper(c));
    else if (!sign || scene.text[at - 1] == c)
      return;
    grouped = grouped || sign;
    small = small || (iban.size() > 2 && is_lower(c));
  }
  if (iban.size() != length || (small && !grouped) || !stands_alone(scene, begin, at)) return;
  Reading reading;
  reading.begin = begin;
  reading.end = at;
  reading.valid = mod97_ok(iban);
  reading.invalid = Invalid::kChecksum;
  reading.value = std::move(iban);
  reading.score = kScore;
  reading.signals = {Signal::kKnownSeries};
  if (reading.valid) reading.signals.add(Signal::kCheckDigit);
  out.push_back(std::move(reading));
}

std::string mask(std::string_view value) {
  return std::string(value.substr(0, 2)) + "•• •••• ••••";
}

}  // namespace

extern const ValidatorEntry validator_iban;
const ValidatorEntry validator_iban = {"iban", locate, mask};

}  // namespace gallra::detect

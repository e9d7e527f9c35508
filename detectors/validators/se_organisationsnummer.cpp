// Swedish organisation number: ten digits, the third at least 2 (so never a personnummer), Luhn.
// Also with the prefix 16 or 01-, and as VAT number SE + ten + 01. No personal data by itself: it
// is read so that it is not taken for something else, and to know a letterhead. Sources: lag
// (1974:174) om identitetsbeteckning för juridiska personer m.fl.; Skatteverket SKV 709.
#include <algorithm>

#include "detectors/normalise.hpp"
#include "detectors/validators/luhn.hpp"
#include "detectors/validators/parts/se_organisation.hpp"
#include "detectors/validators/validator.hpp"

namespace gallra::detect {

tl::expected<std::string, Invalid> validate_organisation(std::string_view text) {
  const std::string plain = normalised(text);
  std::string digits;
  std::string_view rest = plain;
  const bool vat = rest.starts_with("SE");
  if (vat) rest.remove_prefix(2);
  for (const char c : rest) {
    if (is_digit(c))
      digits.push_back(c);
    else if (c != '-' && c != ' ')
      return tl::unexpected(Invalid::kFormat);
  }
  if (digits.size() == 12) {
    if (vat && digits.ends_with("01"))
      digits.resize(10);
    else if (!vat && (digits.starts_with("16") || digits.starts_with("01")))
      digits.erase(0, 2);
    else
      return tl::unexpected(Invalid::kComponent);
  }
  if (digits.size() != 10) return tl::unexpected(Invalid::kLength);
  if (digits[2] < '2' || digits[0] == '0') return tl::unexpected(Invalid::kComponent);
  if (!luhn_ok(digits)) return tl::unexpected(Invalid::kChecksum);
  return digits;
}

namespace {

constexpr int kHyphenScore = 80;
constexpr int kBareScore = 30;

// Reads back from `end`: ten digits with a hyphen or space after the sixth, or none.
void locate(const Scene& scene, std::size_t end, std::vector<Reading>& out) {
  if (end > scene.end || end < scene.begin + 10 || (end < scene.end && is_digit(scene.text[end])))
    return;
  const char sep = scene.text[end - 5];
  const bool parted = sep == '-' || sep == ' ';
  const std::size_t size = parted ? 11 : 10;
  if (end < scene.begin + size) return;
  Reading reading;
  reading.begin = end - size;
  reading.end = end;
  reading.value = scene.text.substr(reading.begin, 6);
  reading.value += scene.text.substr(end - 4, 4);
  if (!std::all_of(reading.value.begin(), reading.value.end(), is_digit)) return;
  if (reading.begin > scene.begin && is_digit(scene.text[reading.begin - 1])) {
    // "16" in front makes the twelve-digit form.
    if (reading.begin < scene.begin + 2 || scene.text.substr(reading.begin - 2, 2) != "16") return;
    reading.begin -= 2;
    if (reading.begin > scene.begin && is_digit(scene.text[reading.begin - 1])) return;
  }
  const auto valid = validate_organisation(reading.value);
  reading.valid = valid.has_value();
  if (!valid) reading.invalid = valid.error();
  reading.signals.add(parted ? Signal::kHyphen : Signal::kBareTen);
  if (reading.valid) reading.signals.add(Signal::kCheckDigit);
  reading.score = sep == '-' ? kHyphenScore : kBareScore;
  out.push_back(std::move(reading));
}

}  // namespace

extern const ValidatorEntry validator_se_organisationsnummer;
const ValidatorEntry validator_se_organisationsnummer = {
    "se.organisationsnummer", locate, [](std::string_view) { return std::string("••••••-••••"); }};

}  // namespace gallra::detect

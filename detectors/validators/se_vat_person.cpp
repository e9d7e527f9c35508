// VAT number of a sole trader: SE + personnummer (ten digits) + 01, so it tells who the person is.
// Source: mervärdesskattelagen (2023:200); Skatteverket, momsregistreringsnummer.
#include <algorithm>

#include "detectors/validators/parts/se_identity.hpp"
#include "detectors/validators/parts/se_organisation.hpp"

namespace gallra::detect {
namespace {

constexpr int kScore = 85;

tl::expected<Identity, Invalid> identity_in(std::string_view digits, std::int32_t today,
                                            std::int32_t written) {
  if (digits.size() != 12) return tl::unexpected(Invalid::kLength);
  if (!digits.ends_with("01")) return tl::unexpected(Invalid::kComponent);
  const std::string_view ten = digits.substr(0, 10);
  auto person = validate_identity(IdentityKind::kPersonnummer, ten, false, today, written);
  if (person) return person;
  auto coordination =
      validate_identity(IdentityKind::kSamordningsnummer, ten, false, today, written);
  return coordination ? coordination : person;
}

// "SE640823323401", "SE 640823-3234 01"
void locate(const Scene& scene, std::size_t end, std::vector<Reading>& out) {
  if (end > scene.end ||
      (end < scene.end && (is_digit(scene.text[end]) || is_letter(scene.text[end]))))
    return;
  std::string digits;
  std::size_t at = end;
  while (at > scene.begin && digits.size() < 12 && end - at < 20) {
    const char c = scene.text[at - 1];
    if (is_digit(c))
      digits.insert(digits.begin(), c);
    else if (c != ' ' && c != '-')
      break;
    --at;
  }
  while (at > scene.begin && (scene.text[at - 1] == ' ' || scene.text[at - 1] == '-')) --at;
  if (digits.size() != 12 || at < scene.begin + 2) return;
  const std::string_view country = scene.text.substr(at - 2, 2);
  if (country != "SE" && country != "se") return;
  if (at - 2 > scene.begin && is_letter(scene.text[at - 3])) return;
  const auto identity = identity_in(digits, scene.today, scene.written);
  if (!identity) return;
  Reading reading;
  reading.begin = at - 2;
  reading.end = end;
  reading.value = identity->ten;
  reading.valid = true;
  reading.person = true;
  reading.score = kScore;
  reading.signals = {Signal::kInVatNumber, Signal::kDateValid, Signal::kCheckDigit};
  reading.birth_day = identity->day;
  reading.birth_year = identity->year;
  out.push_back(std::move(reading));
}

}  // namespace

tl::expected<std::string, Invalid> validate_vat_person(std::string_view text, std::int32_t today) {
  std::string digits;
  if (!text.starts_with("SE")) return tl::unexpected(Invalid::kFormat);
  for (const char c : text.substr(2)) {
    if (is_digit(c))
      digits.push_back(c);
    else if (c != ' ' && c != '-')
      return tl::unexpected(Invalid::kFormat);
  }
  const auto identity = identity_in(digits, today, 0);
  if (!identity) return tl::unexpected(identity.error());
  return identity->ten;
}

extern const ValidatorEntry validator_se_vat_person;
const ValidatorEntry validator_se_vat_person = {
    "se.vat_person", locate, [](std::string_view) { return std::string("SE••••••••••01"); }};

}  // namespace gallra::detect

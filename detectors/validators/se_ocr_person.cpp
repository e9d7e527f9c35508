// A personnummer in a payment reference (OCR number): ten digits of the payer, perhaps more, a
// digit that tells the length, and a Luhn digit. Source: Bankgirot, "OCR-referenskontroll".
#include "detectors/validators/luhn.hpp"
#include "detectors/validators/parts/se_identity.hpp"
#include "detectors/validators/parts/written.hpp"

namespace gallra::detect {
namespace {

constexpr std::size_t kShortest = 12, kLongest = 25;
constexpr int kScore = 20;  // one random row of digits in 30 000 passes

void locate(const Scene& scene, std::size_t end, std::vector<Reading>& out) {
  if (end > scene.end || end < scene.begin + kShortest ||
      (end < scene.end && is_digit(scene.text[end])))
    return;
  std::size_t begin = end;
  while (begin > scene.begin && end - begin <= kLongest && is_digit(scene.text[begin - 1])) --begin;
  const std::string_view digits = scene.text.substr(begin, end - begin);
  if (digits.size() < kShortest || digits.size() > kLongest) return;
  if (static_cast<std::size_t>(digits[digits.size() - 2] - '0') != digits.size() % 10 ||
      !luhn_ok(digits) || !stands_alone(scene, begin, end))
    return;
  const auto identity = validate_identity(IdentityKind::kPersonnummer, digits.substr(0, 10), false,
                                          scene.today, scene.written);
  if (!identity) return;
  Reading reading;
  reading.begin = begin;
  reading.end = end;
  reading.value = identity->ten;
  reading.score = kScore;
  reading.signals = {Signal::kInReference, Signal::kDateValid, Signal::kCheckDigit};
  reading.valid = true;
  reading.person = true;
  reading.birth_day = identity->day;
  reading.birth_year = identity->year;
  out.push_back(std::move(reading));
}

}  // namespace

extern const ValidatorEntry validator_se_ocr_person;
const ValidatorEntry validator_se_ocr_person = {
    "se.ocr_person", locate, [](std::string_view) { return std::string("••••••••••••"); }};

}  // namespace gallra::detect

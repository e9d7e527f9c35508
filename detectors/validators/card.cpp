// Payment card: an issuer's series with its lengths, and Luhn. Bare digits are many other things
// (IMEI, references), so they need a word. Source: ISO/IEC 7812-1; the schemes' published ranges.
#include <algorithm>
#include <array>
#include <string>

#include "detectors/validators/luhn.hpp"
#include "detectors/validators/parts/dates.hpp"
#include "detectors/validators/parts/written.hpp"

namespace gallra::detect {
namespace {

constexpr int kGroupedScore = 70;
constexpr int kBareScore = 35;       // sixteen digits
constexpr int kBareOtherScore = 25;  // fourteen and fifteen: an IMEI has fifteen and Luhn

// The first four digits from, to; how long the number is.
struct Series {
  int from, to;
  std::size_t shortest, longest;
};
constexpr std::array<Series, 19> kSeries = {{
    {4000, 4999, 16, 16},                                              // Visa
    {5100, 5599, 16, 16},                                              // Mastercard
    {2221, 2720, 16, 16}, {3400, 3499, 15, 15},                        // American Express
    {3700, 3799, 15, 15}, {3000, 3059, 14, 14},                        // Diners Club
    {3600, 3699, 14, 14}, {3800, 3999, 14, 14}, {3528, 3589, 16, 16},  // JCB
    {6011, 6011, 16, 16},                                              // Discover
    {6440, 6599, 16, 16}, {6200, 6299, 16, 19},                        // UnionPay
    {5019, 5019, 16, 16},                                              // Dankort
    {5000, 5018, 16, 19},                                              // Maestro
    {5020, 5099, 16, 19}, {5600, 5899, 16, 19}, {6300, 6399, 16, 19},
    {6700, 6799, 16, 19}, {4000, 4999, 19, 19},
}};

bool is_issued(std::string_view digits) {
  if (digits.size() < 14) return false;
  const int head = number(digits.substr(0, 4));
  return std::any_of(kSeries.begin(), kSeries.end(), [&](const Series& s) {
    return s.from <= head && head <= s.to && s.shortest <= digits.size() &&
           digits.size() <= s.longest;
  });
}

// 4-4-4-4, 4-6-5, 4-6-4, 4-4-4-4-3, the same sign between all.
bool is_grouped(const std::vector<Group>& groups, std::size_t n) {
  std::string sizes;
  for (std::size_t i = n; i > 0; --i) {
    sizes.push_back(static_cast<char>('0' + std::min<std::size_t>(groups[i - 1].size(), 9)));
    if (i < n && groups[i - 1].before != groups[0].before) return false;
  }
  return sizes == "4444" || sizes == "465" || sizes == "464" || sizes == "44443";
}

// Groups of four that go on to either side are a row of numbers.
bool goes_on(const Scene& scene, const std::vector<Group>& groups, std::size_t n, std::size_t end) {
  if (n < groups.size() && groups[n - 1].before == groups[0].before && groups[n].size() == 4)
    return true;
  std::size_t digits = 0;
  if (end < scene.end && scene.text[end] == groups[0].before)
    while (end + 1 + digits < scene.end && is_digit(scene.text[end + 1 + digits])) ++digits;
  return digits == 4;
}

void locate(const Scene& scene, std::size_t end, std::vector<Reading>& out) {
  if (end > scene.end || (end < scene.end && is_digit(scene.text[end]))) return;
  const std::vector<Group> groups = groups_back(scene, end, 5, " -");
  for (std::size_t n = groups.size(); n > 0; --n) {
    const std::string digits = digits_of(scene, groups, n);
    if (!is_issued(digits) ||
        (n > 1 && (!is_grouped(groups, n) || goes_on(scene, groups, n, end))) ||
        !stands_alone(scene, groups[n - 1].begin, end))
      continue;
    Reading reading;
    reading.begin = groups[n - 1].begin;
    reading.end = end;
    reading.value = digits;
    reading.shape = Shape::kCard;
    reading.score = n > 1 ? kGroupedScore : digits.size() == 16 ? kBareScore : kBareOtherScore;
    reading.needs_context = n == 1 && digits.size() != 16;
    reading.signals = {Signal::kKnownSeries};
    reading.valid = luhn_ok(digits);
    reading.invalid = Invalid::kChecksum;
    if (reading.valid) reading.signals.add(Signal::kCheckDigit);
    out.push_back(std::move(reading));
    return;
  }
}

}  // namespace

extern const ValidatorEntry validator_card;
const ValidatorEntry validator_card = {
    "card", locate, [](std::string_view) { return std::string("•••• •••• •••• ••••"); }};

}  // namespace gallra::detect

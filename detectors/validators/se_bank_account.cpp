// Swedish bank account: a clearing number of four digits that tells the bank, and the account
// behind it; which check digit it has depends on the bank. Some old Swedbank accounts have none
// that fits. Source: Bankgirot and Svenska Bankföreningen, "Bankernas uppbyggnad av konto- och
// clearingnummer".
#include "detectors/validators/parts/se_account.hpp"

namespace gallra::detect {
namespace {

constexpr int kGroupedScore = 50;
constexpr int kBareScore = 25;

void locate(const Scene& scene, std::size_t end, std::vector<Reading>& out) {
  if (end > scene.end || end < scene.begin + 6) return;
  Account account;
  const auto good = read_account(scene, end, account);
  if (!good && good.error() != Invalid::kChecksum) return;
  Reading reading;
  reading.begin = account.begin;
  reading.end = end;
  reading.value = account.clearing + account.number;
  reading.shape = Shape::kAccount;
  reading.score = account.grouped ? kGroupedScore : kBareScore;
  reading.signals = {Signal::kKnownSeries};
  reading.valid = good.has_value();
  if (good)
    reading.signals.add(Signal::kCheckDigit);
  else
    reading.invalid = good.error();
  reading.near_miss = !good && account.may_lack_check_digit;
  out.push_back(std::move(reading));
}

}  // namespace

extern const ValidatorEntry validator_se_bank_account;
const ValidatorEntry validator_se_bank_account = {
    "se.bank_account", locate, [](std::string_view) { return std::string("••••-•••••••"); }};

}  // namespace gallra::detect

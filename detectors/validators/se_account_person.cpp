// A personnummer in a bank account: in Nordea's personal accounts (clearing 3300 and 3782) the ten
// digits of the account are mostly the holder's personnummer. Source: Nordea, personkonto;
// Bankgirot, "Bankernas uppbyggnad av konto- och clearingnummer".
#include "detectors/validators/parts/se_account.hpp"
#include "detectors/validators/parts/se_identity.hpp"

namespace gallra::detect {
namespace {

constexpr int kGroupedScore = 70;
constexpr int kBareScore = 45;

void locate(const Scene& scene, std::size_t end, std::vector<Reading>& out) {
  if (end > scene.end || end < scene.begin + 14) return;
  Account account;
  if (!read_account(scene, end, account) || !account.person_number) return;
  auto identity = validate_identity(IdentityKind::kPersonnummer, account.number, false, scene.today,
                                    scene.written);
  if (!identity)
    identity = validate_identity(IdentityKind::kSamordningsnummer, account.number, false,
                                 scene.today, scene.written);
  if (!identity) return;
  Reading reading;
  reading.begin = account.number_begin;
  reading.end = end;
  reading.value = identity->ten;
  reading.score = account.grouped ? kGroupedScore : kBareScore;
  reading.signals = {Signal::kInAccount, Signal::kDateValid, Signal::kCheckDigit};
  reading.valid = true;
  reading.person = true;
  reading.within = true;
  reading.birth_day = identity->day;
  reading.birth_year = identity->year;
  out.push_back(std::move(reading));
}

}  // namespace

extern const ValidatorEntry validator_se_account_person;
const ValidatorEntry validator_se_account_person = {
    "se.account_person", locate, [](std::string_view) { return std::string("••••••••-••••"); }};

}  // namespace gallra::detect

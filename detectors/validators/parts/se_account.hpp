// Swedish bank accounts by the table of clearing numbers. Source: Bankgirot and Svenska
// Bankföreningen, "Bankernas uppbyggnad av konto- och clearingnummer"; see
// tables/bank-clearing.tsv.
#pragma once

#include <string>
#include <tl/expected.hpp>

#include "detectors/validators/validator.hpp"

namespace gallra::detect {

struct Account {
  std::size_t begin = 0;         // of the clearing number
  std::size_t number_begin = 0;  // of the account number behind it
  std::string clearing;          // four digits
  std::string number;            // without what fills it
  bool grouped = false;          // clearing and account stand apart
  bool person_number = false;    // the account number is its holder's personnummer (Nordea)
  bool may_lack_check_digit = false;
};

// The account that ends at `end`; kChecksum: a clearing number that exists, and a wrong check digit
// (then `account` is filled too).
tl::expected<void, Invalid> read_account(const Scene& scene, std::size_t end, Account& account);

}  // namespace gallra::detect

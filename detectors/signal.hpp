// What can be weighed for or against a finding. Stored by key, so the order here (the order in
// which a sentence lists them) may change, the keys may not. The words for people are
// "signal.<key>" in the catalogue.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>

namespace gallra::detect {

enum class Signal : std::uint8_t {
  // form
  kTwelveDigits,   // century written
  kHyphen,         // YYMMDD-NNNN (or '+')
  kOddSeparator,   // spaces, dots, a line break where the hyphen should be
  kBareTen,        // ten digits in a row: many things look so
  kLostZero,       // nine digits where a leading zero is missing
  kInVatNumber,    // SE + ten digits + 01 of a sole trader
  kInAccount,      // the account number of a Nordea personal account is its holder's
  kInReference,    // ten digits, length digit and check digit of a payment reference
  kOwnForm,        // written as nothing else is: geo:, a machine-readable zone
  kMobile,         // mobile number series
  kLandline,       // area code with a subscriber number of the right length
  kInternational,  // + and a country code
  kGrouped,        // grouped as people write telephone numbers
  kObfuscated,     // "(at)" instead of @
  kPersonAddress,  // forename.surname@
  kFunctionAddress,
  kSwitchboard,
  // arithmetic
  kDateValid,
  kCheckDigit,
  kKnownSeries,   // a bank, issuer or area that exists
  kNoCheckDigit,  // nothing to calculate
  kMalformed,     // right shape and label, wrong check digit or date
  kNoSuchDay,     // a date the calendar lacks, as coordination numbers may carry
  kTestNumber,
  // surroundings that raise
  kColumnHeader,  // =label
  kFieldLabel,    // =label, right before the value
  kContextWord,   // =label, on the line or near
  kDenseColumn,
  kNeighbourName,
  kNeighbourEmail,
  kNeighbourNumber,
  // surroundings that lower
  kOtherHeader,  // =label: header of something else
  kOtherLabel,   // =label: right before the value
  kOtherWord,    // =label: on the line
  kSparse,       // few of the equally shaped numbers here pass: chance
  kTimestamp,
  kLogLine,
  kGlued,  // joined to letters or an underscore, as in a file name
  kCompetingPhone,
  kCompetingPersonnummer,
  kCompetingOrganisation,
  kCompetingOther,
  // words and names (lexicon)
  kStrongTerm,
  kTerm,
  kSamePerson,    // a person in the same sentence, cell or row
  kPersonNear,    // a person in the same record
  kPersonInFile,  // a person somewhere in the document
  kNobody,        // nobody in the document
  kRecordDocument,
  kPolicyText,
  kDenied,   // "ingen epilepsi"
  kSubject,  // what a course or a guide is about, or a group of people
  kForeign,  // a word of another language than the text's
  kFullName,
  kGivenName,
  kTitle,
  kAmbiguousName,
  kStreet,
  kPostcode,
  kTown,
  kLetterhead,
  // own rules
  kPattern,
  kCount,
};

static_assert(static_cast<int>(Signal::kCount) <= 64, "a set of signals is one word");

std::string_view key_of(Signal signal);  // "check_digit"

// A set of signals; the label of a "=label" signal is kept beside it by the hit.
class Signals {
 public:
  constexpr Signals() = default;
  constexpr Signals(std::initializer_list<Signal> list) {
    for (const Signal s : list) add(s);
  }
  constexpr void add(Signal s) { bits_ |= 1ull << static_cast<int>(s); }
  constexpr void drop(Signal s) { bits_ &= ~(1ull << static_cast<int>(s)); }
  constexpr bool has(Signal s) const { return (bits_ >> static_cast<int>(s) & 1) != 0; }
  constexpr std::uint64_t bits() const { return bits_; }

 private:
  std::uint64_t bits_ = 0;
};

}  // namespace gallra::detect

// How a text is built, line by line: dated entries, signatures, sections of law, sums, hours. What
// a document is often shows in that when it does not call itself anything.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace gallra::detect {

// Traits a rule of detectors/kinds may give points for, by these names in `[shape]`.
enum class Trait : std::uint8_t {
  kDatedEntry,     // a line begins with a date, a weekday or an hour
  kDatedEntries,   // three do
  kSigned,         // a line ends in initials after a slash, or a signature of a profession
  kSignedEntries,  // two lines do, and two begin with a date
  kSbar,           // situation, background, assessment, recommendation
  kHours,          // two spans of the clock or numbers of hours
  kHoursMany,      // five
  kYears,          // two spans of years, as in a list of merits
  kStatute,        // two sections or chapters begin a line
  kNumbered,       // three numbered headings
  kNormative,      // much that shall, must and may
  kSums,           // two sums of money
  kFirstPerson,    // I, me, my
  kSecondPerson,   // you, your
  kBlank,          // three dotted lines to fill in
  kCompanies,      // three companies
  kTable,          // rows and columns
  kMail,           // a mail
  kChat,           // three lines of an hour, a name and what was said
  kNobody,         // nobody was found in it
  kFew,            // fewer than three persons were found in it
  kPersons,        // five persons or more
  kEmails,         // five addresses or more
  kPhones,         // four numbers or more
  kHealth,         // two findings of health or care about somebody
  kCount,
};
constexpr std::size_t kTraits = static_cast<std::size_t>(Trait::kCount);

std::optional<Trait> trait_of(std::string_view name);

class DocumentShape {
 public:
  // One line of folded text, not of a table.
  void add_line(std::string_view folded, std::string_view line);
  // A row of a table; only its sums, hours and companies are counted.
  void add_row(std::string_view folded);
  void set(Trait trait) { known_[static_cast<std::size_t>(trait)] = true; }
  bool has(Trait trait) const;

 private:
  void count_words(std::string_view folded);
  void count_values(std::string_view folded);
  void count_years(std::string_view folded);
  void count_sbar(std::string_view folded);

  std::array<bool, kTraits> known_{};
  std::size_t words_ = 0, norms_ = 0, first_ = 0, second_ = 0;
  std::size_t dated_ = 0, signed_ = 0, hours_ = 0, sections_ = 0, numbered_ = 0, sums_ = 0,
              chat_ = 0, years_ = 0;
  std::size_t blanks_ = 0, companies_ = 0;
  unsigned sbar_ = 0;  // bits of the four letters seen
};

}  // namespace gallra::detect

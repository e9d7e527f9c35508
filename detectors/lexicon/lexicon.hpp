// Everything the lexicon files say, loaded once: the dictionary with terms, names, places and
// context words, the labels of forms, streets and postal towns.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "detectors/candidate.hpp"
#include "detectors/lexicon/dictionary.hpp"
#include "detectors/lexicon/terms.hpp"

namespace gallra::detect::lexicon {

// The part a word of context.tsv plays. The order is the id of its Entry.
enum class Role : std::uint8_t {
  kPronoun,
  kSelf,
  kWho,
  kClinical,
  kNorm,
  kMayBe,
  kCondition,
  kTold,
  kHas,
  kPrivacy,
  kStatute,
  kRecord,
  kTitle,
  kGreeting,
  kCompany,
  kInstitution,
  kDenial,
  kSubject,
  kGroup,
  kCareer,
  kYou,
  kTopic,
  kNegated,
  // not in the file
  kDenied,        // a phrase that silences the terms in it
  kAddressLabel,  // a word that labels a home address
  kCount,
};
std::optional<Role> role_from_key(std::string_view key);

enum class LabelKind : std::uint8_t {
  kNone,
  kName,
  kGiven,
  kSurname,
  kPerson,
  kHealth,
  kSensitive,
  kAddress,
  kOrganisation,
  kPostcode,
  kTown,
  kAbsence,  // why somebody is away from work
  kTopic,    // a course, an article, a unit: what stands there is nobody's
};

struct Label {
  LabelKind kind = LabelKind::kNone;
  std::string_view text;  // as labels.tsv writes it; lives as long as the lexicon
  bool weak = false;      // of care, but a word of machines and programs, too ("status")
};

// A name's Entry::id: ambiguity and whether the form is a genitive.
constexpr std::uint32_t name_id(unsigned ambiguity, bool genitive) {
  return ambiguity | (genitive ? 4u : 0u);
}
constexpr unsigned ambiguity_of(std::uint32_t id) { return id & 3; }
constexpr bool is_genitive(std::uint32_t id) { return (id & 4) != 0; }

inline constexpr std::uint16_t kNoRule = 0xFFFF;

class Lexicon {
 public:
  static tl::expected<std::unique_ptr<const Lexicon>, std::string> load(
      const Options& options, const std::vector<RuleInfo>& rules);

  const Dictionary& words() const { return words_; }
  const Term& term(std::uint32_t id) const { return terms_[id]; }
  std::uint16_t rule_of(std::uint32_t term) const { return rules_[term]; }
  // How an `exact` term is spelled.
  const std::string& spelling(std::uint32_t term) const { return spellings_[term]; }
  std::size_t terms() const { return terms_.size(); }
  // Codes are found by their form, see codes.hpp; kNoTerm when no rule wants them.
  std::uint32_t diagnosis_code() const { return diagnosis_code_; }
  std::uint32_t medicine_code() const { return medicine_code_; }

  // What a column header or the words before a colon mean. Tries the whole text, then its last and
  // its first words ("Barnets förnamn", "Diagnos (huvud)").
  Label label(std::string_view text) const;

  // Strength of the street ending a word has: 0 none, 1 weak, 2 strong.
  int street_ending(std::string_view folded) const;
  // The same for a word of its own ("Karl Johans gata").
  bool is_street_word(std::string_view folded) const;
  bool is_street_prefix(std::string_view word) const;
  // True when the town of that folded name is known.
  bool is_town(std::string_view folded) const;
  // 1 the town has codes that begin so, 0 it has others, -1 the town is not known.
  int town_matches(std::string_view folded, std::string_view digits) const;
  // False for the two-digit beginnings no Swedish postcode has.
  bool postcode_in_use(std::string_view digits) const;

  // "enligt", "måndag", "avdelning": no part of a name that no list knows.
  bool is_common_word(std::string_view folded) const {
    return common_words_.contains(std::string(folded));
  }
  std::string_view rule_id(std::uint16_t rule) const {
    return rule < rule_ids_.size() ? std::string_view(rule_ids_[rule]) : std::string_view();
  }
  // Rules whose values stand for one person: personnummer and the like, dates of birth.
  bool is_identity(std::uint16_t rule) const { return rule < kinds_.size() && kinds_[rule] == 1; }
  bool is_mail(std::uint16_t rule) const { return rule < kinds_.size() && kinds_[rule] == 2; }

  std::uint16_t name_rule() const { return name_rule_; }
  std::uint16_t address_rule() const { return address_rule_; }
  // Equal for equal content: part of the rule set's id.
  std::uint64_t serial() const { return serial_; }

 private:
  Lexicon() = default;
  std::string load_terms(const Options& options, const std::vector<RuleInfo>& rules);
  void load_codes(std::uint16_t diagnosis, std::uint16_t medication);
  void load_names();
  std::string load_context();
  void load_places();

  Dictionary words_;
  Paradigms paradigms_;
  std::vector<Term> terms_;
  std::vector<std::uint16_t> rules_;
  std::vector<std::string> spellings_;
  std::unordered_map<std::string, Label> labels_;
  std::vector<std::unique_ptr<std::string>> label_texts_;
  std::unordered_map<std::string, int> street_endings_;
  std::unordered_map<std::string, bool> street_words_, street_prefixes_;
  std::unordered_map<std::string, std::vector<std::string>> towns_;
  std::unordered_map<std::string, bool> prefixes_;
  std::unordered_set<std::string> common_words_;
  std::vector<std::string> rule_ids_;
  std::vector<std::uint8_t> kinds_;  // by rule: 1 identity, 2 mail address
  std::uint32_t diagnosis_code_ = kNoTerm, medicine_code_ = kNoTerm;
  std::uint16_t name_rule_ = kNoRule;
  std::uint16_t address_rule_ = kNoRule;
  std::uint64_t serial_ = 0;
};

}  // namespace gallra::detect::lexicon

// A loaded rule and the set of them.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "detectors/candidate.hpp"
#include "detectors/detectors.hpp"
#include "detectors/judge/context_words.hpp"
#include "detectors/judge/document_kind.hpp"
#include "detectors/judge/whole.hpp"
#include "detectors/matcher/matcher.hpp"
#include "detectors/validators/validator.hpp"

namespace gallra::detect {

struct Rule {
  std::vector<std::string> patterns;
  const ValidatorEntry* validator = nullptr;
  std::string group = "own";
  std::string family;  // finding keys: values of one family are the same thing
  std::string
      subject;  // "personnummer", "email", "phone", "name": who a value stands for; "" = nobody
  bool caseless = false;
  bool lexicon = false;  // hits come from the lexicon
  bool whole = false;    // judged over the whole document (judge/whole.hpp)
  bool report = true;    // false: only a competing reading, never a finding
  int score = 60;        // of a rule that is a pattern and nothing more
  ContextRule context;
  std::vector<std::string> low;  // examples that are found at low only
};

// A word that a rule cannot do without, as a pattern finds it: what it may touch is looked at
// after.
struct NearWord {
  std::size_t size = 0;  // 0: the pattern has looked
  bool any_begin = false, any_end = false;
};

struct LoadedRules {
  std::vector<RuleInfo> info;  // same order as `rules`
  std::vector<Rule> rules;
};

// Built-in rules and those of the folders. Fails with one problem a line.
tl::expected<LoadedRules, std::string> load_rules(const std::vector<std::string>& folders);

class Rules final : public RuleSet {
 public:
  const std::vector<RuleInfo>& rules() const override { return loaded.info; }
  const std::string& id() const override { return id_text; }

  LoadedRules loaded;
  std::string id_text;
  TestData test_data = TestData::kLabel;
  std::unique_ptr<const Matcher> matcher;
  std::vector<std::uint16_t> rule_of_pattern;  // by pattern; kDatePattern.. for dates
  std::size_t first_word = 0;                  // the first pattern that is a word
  std::vector<NearWord> word_of_pattern;       // from first_word on
  std::unique_ptr<const HitSource> lexicon;    // null: identifiers only
  ContextWords near_words;                     // labels and raising words of rules that need one
  ContextWords words;
  DocumentKinds kinds;
  std::optional<WholeDocument> whole;  // always there once loaded
};

inline constexpr std::uint16_t kDatePattern = 0xFFFF;  // not a rule: date evidence
inline constexpr std::uint16_t kWordPattern = 0xFFFE;  // a word that some rule cannot do without

}  // namespace gallra::detect

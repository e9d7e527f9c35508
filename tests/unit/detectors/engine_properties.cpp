// What holds for every rule and every word of its context, whatever the word lists come to hold.
#include <catch2/catch.hpp>
#include <map>

#include "detectors/rule.hpp"
#include "tests/unit/detectors/engine_scan.hpp"

namespace gallra::detect {
namespace {

using testing::cells;
using testing::identifiers;
using testing::prose;

const Rules& all_rules() { return static_cast<const Rules&>(*identifiers()); }

// A word as it may stand in a text: stars are any letters.
std::string written(std::string word) {
  if (!word.empty() && word.front() == '*') word.replace(0, 1, "x");
  if (!word.empty() && word.back() == '*') word.pop_back();
  return word;
}

const Finding* find(const DocumentFindings& found, std::string_view detector) {
  for (const Finding& finding : found.findings)
    if (finding.detector == detector) return &finding;
  return nullptr;
}

const Rule& rule_of(std::string_view detector) {
  const auto& loaded = all_rules().loaded;
  for (std::size_t i = 0; i < loaded.rules.size(); ++i)
    if (loaded.info[i].id == detector) return loaded.rules[i];
  throw std::runtime_error("no such rule");
}

// 0: not found; else the band.
int band_of(const TextChunk& chunk, std::string_view detector) {
  const DocumentFindings found = testing::scan({chunk});
  const Finding* finding = find(found, detector);
  return finding == nullptr ? 0 : 1 + static_cast<int>(finding->confidence);
}

bool has_any(const Finding& finding, std::initializer_list<std::string_view> keys) {
  for (const std::string& signal : finding.signals)
    for (const std::string_view key : keys)
      if (signal.substr(0, signal.find('=')) == key) return true;
  return false;
}

// A heading or label of the rule's own; what only goes along with such numbers stands there too.
bool is_named(const Finding& finding, const Rule& rule) {
  for (std::string label : rule.context.labels) {
    label.erase(std::remove(label.begin(), label.end(), '*'), label.end());
    for (const std::string& signal : finding.signals)
      if (signal == "column_header=" + label || signal == "field_label=" + label) return true;
  }
  return false;
}

// Numbers with a check digit that holds, as they are usually written.
const std::map<std::string, std::vector<std::string>>& valid_numbers() {
  static const std::map<std::string, std::vector<std::string>> numbers = {
      {"se.personnummer", {"850101-2382", "19850101-2382", "8501012382", "198501012382"}},
      {"se.samordningsnummer", {"850161-2389", "19850161-2389", "8501612389"}},
  };
  return numbers;
}

TEST_CASE("no word that speaks for something else makes a valid number disappear") {
  for (const auto& [detector, numbers] : valid_numbers()) {
    const auto& info = all_rules().loaded.info;
    const auto at = std::find_if(info.begin(), info.end(),
                                 [&](const RuleInfo& rule) { return rule.id == detector; });
    REQUIRE(at != info.end());
    // Any rule's words may stand there, not only its own.
    std::vector<std::string> words;
    for (const Rule& rule : all_rules().loaded.rules)
      for (const std::string& word : rule.context.lower) words.push_back(written(word));
    std::sort(words.begin(), words.end());
    words.erase(std::unique(words.begin(), words.end()), words.end());
    REQUIRE(words.size() > 40);
    for (const std::string& number : numbers) {
      for (const std::string& word : words) {
        INFO(detector << ' ' << number << ' ' << word);
        CHECK(band_of(prose(word + ": " + number), detector) > 0);
        CHECK(band_of(prose("Se " + number + " enligt " + word + "."), detector) > 0);
        CHECK(band_of(cells(word + "\tAntal\n" + number + "\t2\n"), detector) > 0);
      }
    }
  }
}

TEST_CASE("a rule's own label never lowers, a word that lowers never raises") {
  const auto& loaded = all_rules().loaded;
  for (std::size_t i = 0; i < loaded.rules.size(); ++i) {
    const auto numbers = valid_numbers().find(loaded.info[i].id);
    if (numbers == valid_numbers().end()) continue;
    const std::string& detector = numbers->first;
    for (const std::string& number : numbers->second) {
      const int alone = band_of(prose("Det är " + number + " här."), detector);
      for (const std::string& word : loaded.rules[i].context.labels) {
        INFO(detector << ' ' << number << " label " << word);
        CHECK(band_of(prose(written(word) + ": " + number), detector) >= alone);
      }
      for (const std::string& word : loaded.rules[i].context.lower) {
        INFO(detector << ' ' << number << " lower " << word);
        CHECK(band_of(prose(written(word) + ": " + number), detector) <= alone);
      }
    }
  }
}

// The reason given must bear the band: surroundings that only speak against a number do not make it
// sure, and a number whose own label stands before it is not called unsure without a word against
// it.
TEST_CASE("the band never contradicts its signals") {
  const auto& loaded = all_rules().loaded;
  std::vector<std::string> words;
  for (const Rule& rule : loaded.rules)
    for (const auto* list : {&rule.context.labels, &rule.context.raise, &rule.context.lower})
      for (const std::string& word : *list) words.push_back(written(word));
  std::sort(words.begin(), words.end());
  words.erase(std::unique(words.begin(), words.end()), words.end());
  for (const auto& [detector, numbers] : valid_numbers()) {
    for (const std::string& number : numbers) {
      for (const std::string& word : words) {
        // A chunk is a view: its text must outlive it.
        const std::string labelled = word + ": " + number;
        const std::string beside = word + " och " + number;
        const std::string table = word + "\tAntal\n" + number + "\t2\n";
        for (const TextChunk& chunk : {prose(labelled), prose(beside), cells(table)}) {
          const DocumentFindings found = testing::scan({chunk});
          const Finding* finding = find(found, detector);
          if (finding == nullptr) continue;
          INFO(detector << ' ' << number << ' ' << word);
          REQUIRE_FALSE(finding->signals.empty());
          const bool against =
              has_any(*finding, {"other_header", "other_label", "other_word", "sparse", "timestamp",
                                 "log_line", "glued", "competing_phone", "competing_organisation"});
          const bool named = is_named(*finding, rule_of(detector));
          const bool direct_against = has_any(*finding, {"other_header", "other_label"});
          if (direct_against && !named) CHECK(finding->confidence != Confidence::kHigh);
          if (named && !against) CHECK(finding->confidence == Confidence::kHigh);
        }
      }
    }
  }
}

}  // namespace
}  // namespace gallra::detect

// The examples of the rules, run through the whole detection; and the sentence of a finding.
#include <algorithm>

#include "detectors/detectors.hpp"
#include "detectors/rule.hpp"

namespace gallra::detect {
namespace {

constexpr std::int32_t kExampleDay = 20454;  // 2026-01-01: examples read the same next year

// "000229-2398 (check digit)" -> the example and its reason.
std::string_view without_reason(std::string_view example) {
  if (example.empty() || example.back() != ')') return example;
  const std::size_t paren = example.rfind(" (");
  return paren == std::string_view::npos ? example : example.substr(0, paren);
}

class Checker {
 public:
  explicit Checker(const std::shared_ptr<const RuleSet>& rules)
      : rules_(static_cast<const Rules&>(*rules)),
        secret_(Secret::for_tests()),
        detector_(DocumentDetector::create(rules, secret_)) {
    detector_->keep_candidates(true);
  }

  // All that is found in an example.
  DocumentFindings read(std::string_view example) {
    DocumentContext context;
    context.format = Format::kText;
    context.today = kExampleDay;
    detector_->begin(context);
    TextChunk chunk;
    chunk.text = example;
    if (example.find('\t') != std::string_view::npos) {
      chunk.layout = Layout::kTable;
      chunk.place = {PlaceKind::kCell, 1, 1, ""};
    } else {
      chunk.place = {PlaceKind::kLine, 1, 0, ""};
    }
    detector_->text(chunk);
    return detector_->finish();
  }

  // The best band at which `rule` was found in the example; nullopt = not at all.
  std::optional<Confidence> run(const std::string& rule, bool report, std::string_view example) {
    const DocumentFindings found = read(example);
    std::optional<Confidence> best;
    for (const Finding& finding : found.findings)
      if (finding.detector == rule)
        best = std::max(best.value_or(Confidence::kLow), finding.confidence);
    if (report) return best;
    for (const Candidate& candidate : detector_->candidates())
      if (candidate.detector == rule && candidate.accepted)
        best = std::max(best.value_or(Confidence::kLow), candidate.confidence);
    return best;
  }

 private:
  const Rules& rules_;
  Secret secret_;
  std::unique_ptr<DocumentDetector> detector_;
};

}  // namespace

std::vector<std::string> check(const std::shared_ptr<const RuleSet>& set) {
  const auto& rules = static_cast<const Rules&>(*set);
  Checker checker(set);
  std::vector<std::string> failures;
  for (const DocumentKinds::Example& example : rules.kinds.examples()) {
    if (rules.lexicon == nullptr) break;  // identifiers only: nobody is found by name
    const std::string told = checker.read(example.text).document_kind;
    if ((told == example.kind) == example.find) continue;
    failures.push_back(
        example.kind +
        (example.find ? ": told as \"" + told + "\": " : ": found, but should be left alone: ") +
        example.text);
  }
  for (std::size_t i = 0; i < rules.loaded.rules.size(); ++i) {
    const RuleInfo& info = rules.loaded.info[i];
    const Rule& rule = rules.loaded.rules[i];
    if ((rule.lexicon || rule.whole) && rules.lexicon == nullptr) continue;  // identifiers only
    const auto fail = [&](const std::string& example, const char* what) {
      failures.push_back(info.id + ": " + what + ": " + example);
    };
    for (const std::string& example : info.finds) {
      const auto band = checker.run(info.id, rule.report, example);
      if (!band)
        fail(example, "not found");
      else if (*band == Confidence::kLow && rule.report)
        fail(example, "found at low only");
    }
    for (const std::string& example : rule.low) {
      const auto band = checker.run(info.id, rule.report, example);
      if (!band)
        fail(example, "not found");
      else if (*band != Confidence::kLow)
        fail(example, "found above low");
    }
    for (const std::string& example : info.ignores)
      if (checker.run(info.id, rule.report, without_reason(example)))
        fail(example, "found, but should be left alone");
  }
  return failures;
}

std::string sentence(Lang lang, const Finding& finding) {
  std::string out(text(lang, std::string("detectors.band.") + key_of(finding.confidence)));
  std::string_view separator = ": ";
  for (const std::string& signal : finding.signals) {
    const std::size_t equals = signal.find('=');
    std::string key = "signal." + signal.substr(0, equals);
    out += separator;
    if (equals != std::string::npos)
      out += text(lang, key + ".label", {printable(signal.substr(equals + 1))});
    else
      out += text(lang, key);
    separator = ", ";
  }
  return out + ".";
}

}  // namespace gallra::detect

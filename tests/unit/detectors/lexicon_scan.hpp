// The lexicon in tests: loaded once, with the built-in rules.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "detectors/detectors.hpp"
#include "detectors/lexicon/lexicon.hpp"
#include "detectors/lexicon/reading.hpp"
#include "tests/unit/detectors/engine_scan.hpp"

namespace gallra::detect::testing {

inline std::shared_ptr<const RuleSet> all_rules() {
  static const std::shared_ptr<const RuleSet> rules = [] {
    auto loaded = RuleSet::load({});
    if (!loaded) throw std::runtime_error(loaded.error());
    return *loaded;
  }();
  return rules;
}

inline const lexicon::Lexicon& lexicon() {
  static const std::unique_ptr<const lexicon::Lexicon> loaded = [] {
    auto lexicon = lexicon::Lexicon::load({}, all_rules()->rules());
    if (!lexicon) throw std::runtime_error(lexicon.error());
    return std::move(*lexicon);
  }();
  return *loaded;
}

// What the whole detection finds; text with a tab is read as a table.
inline DocumentFindings scan_all(std::string_view text, Format format = Format::kText) {
  auto detector =
      DocumentDetector::create(all_rules(), Secret::for_tests(), DocumentDetector::Reveal::kYes);
  detector->begin(context(format));
  detector->text(text.find('\t') == std::string_view::npos ? prose(text) : cells(text));
  return detector->finish();
}

// The best band of a category: "none", "low", "medium" or "high".
inline std::string band_of(const DocumentFindings& found, std::string_view category) {
  int best = -1;
  for (const Finding& finding : found.findings) {
    if (finding.category == category) best = std::max(best, static_cast<int>(finding.confidence));
  }
  return best < 0 ? "none" : key_of(static_cast<Confidence>(best));
}

}  // namespace gallra::detect::testing

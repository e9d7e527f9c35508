// Runs one text through the whole detection, for tests.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "detectors/detectors.hpp"

namespace gallra::detect::testing {

inline constexpr std::int32_t kToday = 20454;  // 2026-01-01

inline std::shared_ptr<const RuleSet> identifiers() {
  static const std::shared_ptr<const RuleSet> rules = [] {
    Options options;
    options.lexicons = false;
    auto loaded = RuleSet::load(options);
    if (!loaded) throw std::runtime_error(loaded.error());
    return *loaded;
  }();
  return rules;
}

inline DocumentContext context(Format format = Format::kText) {
  DocumentContext c;
  c.format = format;
  c.today = kToday;
  c.name = "brev.txt";
  c.path = "brev.txt";
  return c;
}

inline TextChunk prose(std::string_view text) {
  TextChunk chunk;
  chunk.place = {PlaceKind::kLine, 1, 0, ""};
  chunk.text = text;
  return chunk;
}

inline TextChunk cells(std::string_view rows, std::string sheet = "Blad1") {
  TextChunk chunk;
  chunk.place = {PlaceKind::kCell, 1, 1, std::move(sheet)};
  chunk.layout = Layout::kTable;
  chunk.text = rows;
  return chunk;
}

inline DocumentFindings scan(const std::vector<TextChunk>& chunks,
                             const DocumentContext& c = context()) {
  auto detector =
      DocumentDetector::create(identifiers(), Secret::for_tests(), DocumentDetector::Reveal::kYes);
  detector->begin(c);
  for (const TextChunk& chunk : chunks) detector->text(chunk);
  return detector->finish();
}

inline DocumentFindings scan(std::string_view text) { return scan({prose(text)}); }

// "detector normalised band", one a finding.
inline std::vector<std::string> lines(const DocumentFindings& found) {
  std::vector<std::string> out;
  for (const Finding& f : found.findings)
    out.push_back(f.detector + " " + f.normalised + " " + key_of(f.confidence));
  return out;
}

}  // namespace gallra::detect::testing

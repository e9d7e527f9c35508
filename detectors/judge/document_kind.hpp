// What kind of document a text is (case file, application, invoice ...), by weighted words in its
// name, headings, labels and first pages, and by how it is built: rules in detectors/kinds, one
// file a kind. Retention rules hang on it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <unordered_map>
#include <utility>
#include <vector>

#include "detectors/judge/document_shape.hpp"
#include "scanner/model/finding.hpp"
#include "scanner/model/format.hpp"
#include "scanner/model/text_chunk.hpp"

namespace gallra::detect {

class DocumentKinds {
 public:
  // Reads the built-in kinds; each has examples. Fails with file and reason.
  static tl::expected<DocumentKinds, std::string> load();

  // Points gathered for one document.
  struct Tally {
    std::vector<int> points;             // by kind
    std::vector<int> words;              // of them those of words anywhere in the text
    std::vector<std::uint64_t> counted;  // bit per word already counted (in the text)
    std::size_t bytes = 0;               // text looked at so far
    std::size_t lines = 0;               // of it, not blank
    DocumentShape shape;
  };
  Tally start(std::string_view name, std::string_view path, Format format) const;
  void add(Tally& tally, const TextChunk& chunk) const;
  // What was found in it: persons, addresses, health.
  static void add_findings(Tally& tally, const DocumentFindings& found);
  // The kind with most points, if they are enough; "" otherwise.
  std::string_view best(const Tally& tally) const;
  std::vector<std::string> ids() const;

  struct Example {
    std::string kind, text;
    bool find = true;
  };
  // Run by `check` through the whole detection.
  const std::vector<Example>& examples() const { return examples_; }

 private:
  // Where a word must stand to count.
  enum Zone : unsigned { kName = 1, kTitle = 2, kLabel = 4, kText = 8 };
  struct Kind {
    std::string id;
    int needs = 0;
    std::vector<std::pair<Trait, int>> shape;
  };
  struct Use {
    std::size_t kind = 0;
    int points = 0;
    std::size_t number = 0;         // of the word, over all kinds
    std::vector<std::string> rest;  // further words of a phrase
    unsigned zones = 0;
    bool twice = false;  // counts double in the name
  };
  std::string read(std::string_view file, std::string_view bytes);
  std::string read_words(std::string_view part, std::string_view key, int points);
  void look(Tally& tally, std::string_view low, unsigned zone) const;
  void look_at_line(Tally& tally, std::string_view low) const;
  // Whether it was the header.
  bool look_at_row(Tally& tally, std::string_view low) const;
  static void count(Tally& tally, const Use& use, unsigned zone);

  std::vector<Kind> kinds_;
  std::unordered_map<std::string, std::vector<Use>> words_;
  std::vector<std::pair<std::string, Use>> endings_;  // "*utredning": a word that ends so
  std::vector<Example> examples_;
  std::size_t word_count_ = 0;
};

}  // namespace gallra::detect

// What kind of document a text is (case file, application, invoice ...), by weighted words in its
// name and its first pages: rules in detectors/kinds, one file a kind. Retention rules hang on it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <unordered_map>
#include <vector>

namespace gallra::detect {

class DocumentKinds {
 public:
  // Reads the built-in kinds; each has examples. Fails with file and reason.
  static tl::expected<DocumentKinds, std::string> load();

  // Points gathered for one document.
  struct Tally {
    std::vector<int> points;             // by kind
    std::vector<std::uint64_t> counted;  // bit per word already counted (in the text)
    std::size_t bytes = 0;               // text looked at so far
  };
  Tally start(std::string_view name, std::string_view path) const;
  void add(Tally& tally, std::string_view text) const;
  // The text has dated entries, as notes kept day by day have.
  void add_dated_entries(Tally& tally) const;
  // The kind with most points, if they are enough; "" otherwise.
  std::string_view best(const Tally& tally) const;
  std::vector<std::string> ids() const;
  // Runs the examples of every kind; one line a failure.
  std::vector<std::string> check() const;

 private:
  struct Kind {
    std::string id;
    int needs = 0;
    int dated_entries = 0;  // points for them
    std::vector<std::string> finds, ignores;
  };
  struct Use {
    std::size_t kind = 0;
    int points = 0;
    std::size_t number = 0;         // of the word, over all kinds
    std::vector<std::string> rest;  // further words of a phrase
    bool name_only = false;
  };
  void look(Tally& tally, std::string_view text, bool is_name) const;
  static void count(Tally& tally, const Use& use, bool is_name);

  std::vector<Kind> kinds_;
  std::unordered_map<std::string, std::vector<Use>> words_;
  std::vector<std::pair<std::string, Use>> endings_;  // "*utredning": a word that ends so
  std::size_t word_count_ = 0;
};

}  // namespace gallra::detect

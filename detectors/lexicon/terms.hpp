// The terms of the lexicon files and their Swedish inflections.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <unordered_map>
#include <vector>

namespace gallra::detect::lexicon {

enum class MatchMode : std::uint8_t { kWord, kPrefix, kBoth, kPhrase, kExact };

struct Paradigm {
  std::string code;
  std::size_t strip = 0;             // letters taken off the lemma before an ending is put on
  std::vector<std::string> endings;  // "" among them: the bare stem
  bool vowel_stem = false;  // A and E: the stem without its last vowel may begin a compound
};

class Paradigms {
 public:
  // `table` is paradigms.tsv.
  static Paradigms parse(std::string_view table);
  const Paradigm* find(std::string_view code) const;

 private:
  std::map<std::string, Paradigm, std::less<>> by_code_;
};

struct Term {
  std::string lemma;  // lower case
  std::string cls;    // "diagnosis", "medication" ...
  std::string note;
  std::uint8_t weight = 1;  // 1-3, see the lexicons' README
  MatchMode match = MatchMode::kWord;
  bool english = false;
  const Paradigm* paradigm = nullptr;  // null: the forms are listed
  std::vector<std::string> forms;      // listed forms ("F:a,b,c")
  std::uint32_t source = 0;            // which file: index the caller gave
};

// Reads a term file. Fails with "NAME:LINE: what is wrong" on a row that cannot be used.
tl::expected<std::vector<Term>, std::string> parse_terms(std::string_view name,
                                                         std::string_view table,
                                                         const Paradigms& paradigms,
                                                         std::uint32_t source);

// The lemma without the letters its paradigm strips; the whole lemma when under 3 letters would be
// left.
std::string_view stem_of(const Term& term);

// Every inflected form, the lemma first. Empty for phrases.
std::vector<std::string> inflected_forms(const Term& term);

}  // namespace gallra::detect::lexicon

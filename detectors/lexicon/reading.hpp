// What the dictionary says of one window, sorted out by kind, and where sentences and labels are.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "detectors/candidate.hpp"
#include "detectors/lexicon/lexicon.hpp"

namespace gallra::detect::lexicon {

struct Mark {
  Span span;
  Role role = Role::kPronoun;
};

// A capitalised word that is a name in the lists.
struct NameWord {
  Span span;
  bool given = false, surname = false;
  std::uint8_t given_ambiguity = 0, surname_ambiguity = 0;
  bool genitive = false;  // only as name + s
};

struct TermHit {
  Span span;
  std::uint32_t term = 0;
};

// All vectors sorted by where they begin.
struct Reading {
  std::vector<Mark> marks;
  std::vector<NameWord> names;
  std::vector<NameWord> small_names;  // the same in small letters, only those that are no words
  std::vector<TermHit> terms;         // overlaps resolved, denied ones gone
  std::vector<Span> places;
  std::vector<Span> streets;  // words that end as street names do
  std::vector<Span> towns;    // words a postal town may begin with
};

// Words in alphabetical order, one a line: a spelling list or a thesaurus is about nobody.
bool is_word_list(std::string_view text);
// Translations of a program's messages (gettext).
bool is_catalogue(std::string_view text);

Reading read(const Lexicon& lexicon, const Window& window, Dictionary::Memo& memo);

// The sentences of a window, found in one pass over it. The window must outlive it.
class Sentences {
 public:
  explicit Sentences(const Window& window);
  // From one end of a sentence to the next: a table's row, a field, else up to '.', '!', '?' before
  // a capital, or a line end before anything but a small letter. At most 600 bytes to each side.
  Span around(std::size_t at) const;

 private:
  const Window& window_;
  std::vector<std::size_t> ends_;
};

// The label that speaks of what stands at `at`: column header, field label, or the words before a
// colon on the same line.
struct LabelHere {
  Label label;
  bool column = false;  // a header, not a label before the value
};
LabelHere label_here(const Lexicon& lexicon, const Window& window, std::size_t at);

// The first item of a vector sorted by span.begin that begins at or after `at`.
template <typename Item>
typename std::vector<Item>::const_iterator first_from(const std::vector<Item>& items,
                                                      std::size_t at) {
  auto low = items.begin();
  auto count = items.end() - low;
  while (count > 0) {
    const auto half = count / 2;
    if ((low + half)->span.begin < at) {
      low += half + 1;
      count -= half + 1;
    } else {
      count = half;
    }
  }
  return low;
}

}  // namespace gallra::detect::lexicon

// The token dictionary: every word form of every lexicon in one hash table, the Swedish rules for
// compounds beside it. Built once at start, then const and shared by all threads. How words are
// matched is written in detectors/lexicons/README.md; the steps named here are the steps there.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "detectors/candidate.hpp"
#include "detectors/lexicon/terms.hpp"

namespace gallra::detect::lexicon {

// What a word form stands for. `id` counts within its kind.
enum class EntryKind : std::uint8_t {
  kTerm,     // a whole form of a term; id = term
  kExact,    // the form of a term that needs its capitals; id = term
  kAnchor,   // a word of a phrase; id = phrase
  kGiven,    // given name; id = ambiguity 0-2
  kSurname,  // surname; id = ambiguity 0-2
  kPlace,    // municipality, town; id = ambiguity 0-2
  kWord,     // a word of the context lists; id = the caller's number
  kStreet,   // ends as street names do; id = strength
  kTown,     // first word of a postal town
};

struct Entry {
  EntryKind kind = EntryKind::kTerm;
  std::uint32_t id = 0;
  friend bool operator==(const Entry&, const Entry&) = default;
};

inline constexpr std::uint32_t kNoTerm = std::numeric_limits<std::uint32_t>::max();

// Words in order: a term of several words or with a hyphen or digit in it, or a phrase that denies.
struct Phrase {
  std::vector<std::string> words;  // folded, as the lexicon writes them
  std::size_t anchor = 0;          // the word that is looked up: the one with the longest letters
  std::size_t anchor_at = 0;       // where those letters begin in it ("22|q|11")
  bool open_tail = false;          // `prefix`: the last word may go on ("hiv-positiv|as")
  Entry entry;                     // what the phrase means: a term, or the caller's word
};

// Tries `phrase` with the letters that begin at `begin` of `text` as its anchor; an empty span when
// it is not there.
Span match_phrase(const Phrase& phrase, std::string_view text, std::size_t begin);

// One word of the text with what is known of it. A word may give several hits in a row.
struct WordHit {
  std::uint32_t begin = 0, end = 0;  // bytes in the text
  std::uint32_t compound = kNoTerm;  // term found in it by steps 3 and 4
  std::span<const Entry> entries;
};

class Dictionary {
 public:
  // --- building; finish() before any look-up ---
  void add_word(std::string_view form, Entry entry);
  // Forms, compounds and phrases of a term, which stays the caller's under `id`.
  void add_term(const Term& term, std::uint32_t id);
  void add_phrase(std::string_view text, bool open_tail, Entry entry);
  // Every word that ends so behind at least two letters, unless it is known otherwise.
  void add_ending(std::string_view ending, Entry entry);
  void deny_start(std::string_view start);
  // Second elements that may follow a lemma of three letters.
  void allow_head(std::string_view head);
  void finish();

  // --- looking up ---
  std::span<const Entry> find(std::string_view folded) const;
  const Phrase& phrase(std::uint32_t index) const { return phrases_[index]; }
  std::size_t forms() const { return form_count_; }

  // What the words met last came to, found again by their hash; one per thread and dictionary.
  class Memo {
   public:
    Memo();

   private:
    friend class Dictionary;
    struct Word {
      std::uint64_t hash = 0;
      std::uint32_t first = 0, count = 0;  // in known_; count 0: the word is nothing to us
    };
    struct Known {
      std::uint32_t compound = kNoTerm;
      bool capital_only = false, small_name = false;
      std::span<const Entry> entries;
    };
    std::vector<Word> words_;
    std::vector<Known> known_;
  };
  // Appends the known words of `text` (at most 4 GiB) in order.
  void scan(std::string_view text, Memo& memo, std::vector<WordHit>& hits) const;

 private:
  struct Form {  // as added
    std::uint32_t text = 0;
    std::uint32_t size = 0;
    Entry entry;
  };
  struct Slot {
    std::uint32_t tag = 0;  // high half of the hash
    std::uint32_t text = 0;
    std::uint32_t first = 0;
    std::uint8_t size = 0;  // 0 = empty
    std::uint8_t count = 0;
    bool capital_only = false;  // names and places: a small first letter is no hit
    bool small_name = false;    // but a name that is no word besides may be written so
  };
  struct Stem {  // of a term that may stand in a compound
    std::string lemma;
    std::uint32_t term = 0;
    std::uint32_t stem_size = 0;   // bytes of the stem
    std::uint32_t first_open = 0;  // bytes that suffice at the start of a word
    std::uint32_t inner_open = 0;  // bytes that suffice behind another word
    std::uint8_t weight = 0;
    bool short_lemma = false;  // of three letters: needs a known head after it
    bool inner = false;        // `both`
    const Paradigm* paradigm = nullptr;
  };
  struct AnchorGroup {  // phrase anchors of more than three letters: a stem and up to four letters
    std::string stem;
    std::size_t lost = 0;  // 1 when the anchor's own last letter may be lost
    bool open_tail = false;
    std::vector<Entry> entries;
  };
  // Beginnings of words by their first three bytes; of each up to eight bytes are compared here.
  class Buckets {
   public:
    struct Item {
      std::uint64_t bytes = 0, mask = 0;
      std::uint32_t id = 0;
    };
    void add(std::string_view beginning, std::uint32_t id);
    void finish();
    // Everything whose first three bytes may be those at `padded`, which must be readable for
    // eight.
    std::span<const Item> at(const char* padded) const;

   private:
    std::vector<Item> items_;
    std::vector<std::uint32_t> first_;
  };

  void analyse(std::string_view folded, std::uint64_t hash, bool known, Memo& memo) const;
  const Slot* slot(std::string_view folded, std::uint64_t hash) const;
  void insert(const Form& form, std::vector<std::uint32_t>& chain);
  // `word` begins with the stem.
  bool allowed_tail(const Stem& stem, std::string_view word) const;
  bool is_denied_start(std::string_view folded) const;
  // These take folded words with eight readable bytes behind them.
  // Steps 2-4: the term the word is a compound of, or kNoTerm.
  std::uint32_t compound(std::string_view folded) const;
  const Stem* stem_at_start(std::string_view folded) const;
  const Stem* stem_inside(std::string_view folded) const;
  void phrase_anchors(std::string_view folded, Memo& memo) const;
  void note_start(std::string_view stem);

  std::string arena_;
  std::vector<Form> added_;
  std::vector<Phrase> phrases_;
  std::vector<Stem> stems_;
  std::vector<AnchorGroup> anchors_;
  std::vector<std::string> denied_, heads_;
  std::vector<std::pair<std::string, std::vector<Entry>>> endings_;  // of at least four bytes
  std::vector<std::uint64_t> ends_;  // filter by the last four bytes
  std::vector<Entry> entries_;
  std::vector<Slot> table_;
  std::size_t form_count_ = 0;
  std::vector<std::uint64_t> known_;   // filter by the first eight bytes and the size
  std::vector<std::uint64_t> starts_;  // filter by the first four bytes: compounds and phrases
  Buckets stems_by_start_, inner_by_start_, anchors_by_start_, denied_by_start_;
};

}  // namespace gallra::detect::lexicon

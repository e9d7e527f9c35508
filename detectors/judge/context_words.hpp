// The words around a number that say what it is: from the rules' `context` tables, looked up token
// by token in folded text. A word may begin or end with '*' ("*personnummer", "faktura*").
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace gallra::detect {

// As read from a rule file.
struct ContextRule {
  std::vector<std::string> labels;  // name the number itself: "personnummer", "pnr"
  std::vector<std::string> raise;   // go along with it: "född", "patient"
  std::vector<std::string> lower;   // name something else: "faktura", "ocr"
  // What the value is nothing without. kNear: a label within reach, or what raises on its line.
  // kLabel: the label right before it, or the column's header.
  enum class Required : std::uint8_t { kNothing, kNear, kLabel } required = Required::kNothing;
  // Points instead of a word in a row that holds somebody (weigh_beside); 0 = never without one.
  int beside = 0;
};

enum class WordKind : std::uint8_t { kLabel, kRaise, kLower };

struct FoundWord {
  std::size_t begin = 0, end = 0;  // in the text that was searched
  WordKind kind = WordKind::kLabel;
  std::string_view word;  // ours
};

class ContextWords {
 public:
  void add(std::uint16_t rule, const ContextRule& context);
  // The words of `rule` in text[begin, end), in order. Longest first where words overlap.
  void find(std::uint16_t rule, std::string_view text, std::size_t begin, std::size_t end,
            std::vector<FoundWord>& out) const;
  // Does the text (a heading, a field's label) hold a label of any rule?
  bool is_label(std::string_view text) const;

 private:
  struct Use {
    std::uint16_t rule;
    WordKind kind;
  };
  struct Entry {
    std::string word;               // as found in the rule, without stars
    std::vector<std::string> rest;  // further tokens of a phrase
    std::vector<Use> uses;
  };
  using Entries = std::vector<Entry>;
  struct Affix {
    std::string part;
    Entry entry;
  };
  void add_word(std::uint16_t rule, WordKind kind, const std::string& word);
  template <typename Emit>
  void each(std::string_view text, std::size_t begin, std::size_t end, Emit emit) const;

  std::unordered_map<std::string, Entries> by_token_;
  std::vector<Affix> endings_;     // "*word"
  std::vector<Affix> beginnings_;  // "word*"
};

}  // namespace gallra::detect

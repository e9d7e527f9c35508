#include "detectors/lexicon/reading.hpp"

#include <algorithm>
#include <array>

#include "detectors/lexicon/fold.hpp"

namespace gallra::detect::lexicon {
namespace {

constexpr std::size_t kSentenceReach = 600;  // bytes
constexpr std::size_t kLabelReach = 120;     // bytes from a colon to the value
constexpr std::size_t kValueReach = 24;      // bytes from a test to its result

bool exact_spelled(std::string_view word, const std::string& spelling) {
  return word == spelling || (word.size() == spelling.size() + 1 && word.back() == 's' &&
                              word.substr(0, spelling.size()) == spelling);
}

// "AbortRetryIgnore": a name that a programmer made of words.
bool is_camel(std::string_view word) {
  for (std::size_t i = 1; i < word.size(); ++i) {
    if (is_ascii_upper(word[i]) && word[i - 1] >= 'a' && word[i - 1] <= 'z') return true;
  }
  return false;
}

// Sorts one window's word hits into a Reading.
class Sorter {
 public:
  Sorter(const Lexicon& lexicon, const Window& window) : lexicon_(lexicon), text_(window.text) {}

  void take(const WordHit& hit) {
    const Span span{hit.begin, hit.end};
    if (hit.compound != kNoTerm && !is_camel(word(span))) term(span, hit.compound);
    NameWord name;
    name.span = span;
    bool only_genitive = true;
    for (const Entry& e : hit.entries) {
      switch (e.kind) {
        case EntryKind::kTerm:
          term(span, e.id);
          break;
        case EntryKind::kExact:
          if (exact_spelled(word(span), lexicon_.spelling(e.id))) term(span, e.id);
          break;
        case EntryKind::kAnchor:
          phrase(lexicon_.words().phrase(e.id), hit.begin);
          break;
        case EntryKind::kWord:
          out_.marks.push_back({span, static_cast<Role>(e.id)});
          break;
        case EntryKind::kGiven:
        case EntryKind::kSurname:
          only_genitive &= is_genitive(e.id);
          take_name(name, e, only_genitive);
          break;
        case EntryKind::kPlace:
          if (is_upper_at(text_, span.begin)) out_.places.push_back(span);
          break;
        case EntryKind::kStreet:
          out_.streets.push_back(span);
          break;
        case EntryKind::kTown:
          if (is_upper_at(text_, span.begin)) out_.towns.push_back(span);
          break;
      }
    }
    if ((name.given || name.surname) && stands_free(span)) {
      name.genitive = only_genitive;
      if (is_upper_at(text_, span.begin)) {
        out_.names.push_back(name);
      } else {
        name.given = name.given && name.given_ambiguity == 0;
        name.surname = name.surname && name.surname_ambiguity == 0;
        if (name.given || name.surname) out_.small_names.push_back(name);
      }
    }
  }

  Reading finish() {
    const auto by_begin = [](const auto& a, const auto& b) { return a.span.begin < b.span.begin; };
    std::stable_sort(out_.marks.begin(), out_.marks.end(), by_begin);
    // The longest of those that begin together first; then what overlaps a taken one falls away.
    std::stable_sort(out_.terms.begin(), out_.terms.end(), [&](const TermHit& a, const TermHit& b) {
      if (a.span.begin != b.span.begin) return a.span.begin < b.span.begin;
      if (a.span.end != b.span.end) return a.span.end > b.span.end;
      return lexicon_.term(a.term).weight > lexicon_.term(b.term).weight;
    });
    std::sort(denied_.begin(), denied_.end(),
              [](const Span& a, const Span& b) { return a.begin < b.begin; });
    resolve();
    return std::move(out_);
  }

 private:
  std::string_view word(Span span) const { return text_.substr(span.begin, span.size()); }

  // Not glued to a digit: "b12-astma" is no word of the text, "kol2" no lung.
  bool stands_free(Span span) const {
    if (span.begin > 0 && is_digit(text_[span.begin - 1])) return false;
    return span.end >= text_.size() || !is_digit(text_[span.end]);
  }

  void term(Span span, std::uint32_t id) {
    if (lexicon_.term(id).note == "värde" && !value_follows(span.end)) return;
    const bool dose_follows = span.end < text_.size() && is_digit(text_[span.end]) &&
                              lexicon_.term(id).cls == "medication";
    if (stands_free(span) || dose_follows) out_.terms.push_back({span, id});
  }

  // "BT 165/90", "P-CRP:   64": letters that mean a reading only with its number.
  bool value_follows(std::size_t at) const {
    const std::size_t limit = std::min(text_.size(), at + kValueReach);
    while (at < limit && std::string_view(" :=(\t<>").find(text_[at]) != std::string_view::npos)
      ++at;
    return at < text_.size() && is_digit(text_[at]);
  }

  static void take_name(NameWord& name, const Entry& e, bool only_genitive) {
    const auto ambiguity = static_cast<std::uint8_t>(ambiguity_of(e.id));
    if (is_genitive(e.id) && !only_genitive) return;
    if (e.kind == EntryKind::kGiven) {
      name.given = true;
      name.given_ambiguity = ambiguity;
    } else {
      name.surname = true;
      name.surname_ambiguity = ambiguity;
    }
  }

  void phrase(const Phrase& p, std::size_t begin) {
    const Span span = match_phrase(p, text_, begin);
    if (span.size() == 0) return;
    if (p.entry.kind == EntryKind::kTerm) {
      if (stands_free(span)) out_.terms.push_back({span, p.entry.id});
    } else if (static_cast<Role>(p.entry.id) == Role::kDenied) {
      denied_.push_back(span);
    } else {
      out_.marks.push_back({span, static_cast<Role>(p.entry.id)});
    }
  }

  bool is_denied(Span span) const {
    const auto after = std::upper_bound(denied_.begin(), denied_.end(), span.begin,
                                        [](std::size_t at, const Span& d) { return at < d.begin; });
    // Denied phrases are short and few: those that begin at most 100 bytes before are looked at.
    for (auto it = after; it != denied_.begin();) {
      --it;
      if (it->end >= span.end) return true;
      if (span.begin - it->begin > 100) break;
    }
    return false;
  }

  void resolve() {
    std::vector<TermHit> kept;
    for (const TermHit& hit : out_.terms) {
      if (is_denied(hit.span)) continue;
      if (!kept.empty() && hit.span.begin < kept.back().span.end) {
        // The same word of two lists ("misshandel" is social and criminal) counts in both. A longer
        // one that begins later ("grav | språkstörning") wins.
        const bool twin = hit.span.begin == kept.back().span.begin &&
                          hit.span.end == kept.back().span.end &&
                          lexicon_.rule_of(hit.term) != lexicon_.rule_of(kept.back().term);
        if (!twin && hit.span.size() <= kept.back().span.size()) continue;
        if (!twin) kept.pop_back();
      }
      kept.push_back(hit);
    }
    out_.terms = std::move(kept);
    std::erase_if(out_.marks, [&](const Mark& mark) {
      return (mark.role == Role::kPronoun || mark.role == Role::kWho) && is_denied(mark.span);
    });
  }

  const Lexicon& lexicon_;
  std::string_view text_;
  Reading out_;
  std::vector<Span> denied_;
};

// True when the dot at `dot` shortens a word instead of ending a sentence.
bool is_abbreviation(std::string_view text, std::size_t dot) {
  constexpr std::array<std::string_view, 36> kShort = {
      "dr",  "prof",  "st",   "nr",   "kl",   "kap",   "ca",  "tel",   "pat", "leg",  "ssk", "sign",
      "ang", "forts", "inkl", "exkl", "resp", "max",   "min", "obs",   "ev",  "tabl", "inj", "bl",
      "enl", "avd",   "bitr", "gm",   "jfr",  "diagn", "beh", "kontr", "fr",  "pga",  "rem", "anv"};
  std::size_t at = dot;
  while (at > 0 && dot - at <= 5 && is_letter_byte(text[at - 1])) --at;
  if (dot - at == 1) return true;  // an initial, or "t.ex."
  if (dot - at > 5) return false;
  const std::string word = fold(text.substr(at, dot - at));
  return std::find(kShort.begin(), kShort.end(), word) != kShort.end();
}

bool begins_small(std::string_view text, std::size_t at) {
  while (at < text.size() && text[at] == ' ') ++at;
  return at < text.size() && is_letter_byte(text[at]) && !is_upper_at(text, at);
}

// True when a sentence ends with the byte at `i`.
bool ends_sentence(std::string_view text, std::size_t i) {
  const char c = text[i];
  if (c == '\n') {
    if (i + 1 < text.size() && (text[i + 1] == '\n' || text[i + 1] == '\r')) return true;
    return !begins_small(text, i + 1) || (i > 0 && text[i - 1] == ':');
  }
  if (c != '.' && c != '!' && c != '?') return false;
  if (i + 1 < text.size() && text[i + 1] != ' ' && text[i + 1] != '\n') return false;
  if (c != '.') return true;
  return !begins_small(text, i + 1) && !is_abbreviation(text, i);
}

// Marks that hunspell puts behind a word: "/ADvY", never a word of their own.
bool is_flags(std::string_view text) {
  std::size_t small = 0;
  for (const char c : text) {
    small = c >= 'a' && c <= 'z' ? small + 1 : 0;
    if (small > 2 || c == ' ' || c == '\t') return false;
  }
  return text.size() <= 24;
}

// The word that begins a line of a word list: all of it but the flags of hunspell and the number a
// thesaurus puts behind ("mens|258860"). Empty when the line is none.
std::string_view list_word(std::string_view line) {
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  const std::size_t end = std::min(line.find_first_of("/|"), line.size());
  const std::string_view word = line.substr(0, end);
  if (word.empty() || word.size() > 60 || word.find_first_of("\t:;,=") != std::string_view::npos)
    return {};
  if (end == line.size()) return word.find(' ') == std::string_view::npos ? word : "";
  const std::string_view rest = line.substr(end + 1);
  const bool marks =
      line[end] == '|' ? std::all_of(rest.begin(), rest.end(), is_digit) : is_flags(rest);
  return marks ? word : std::string_view();
}

constexpr std::size_t kListLines = 40;

}  // namespace

bool is_word_list(std::string_view text) {
  std::size_t lines = 0, words = 0, ordered = 0;
  std::string before;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view line = text.substr(at, end - at);
    at = end + 1;
    if (line.empty() || !(is_letter_byte(line[0]) || line[0] == '\'')) continue;
    ++lines;
    const std::string_view word = list_word(line);
    if (word.empty()) {
      if (lines >= kListLines && words * 10 < lines * 8) return false;
      continue;
    }
    std::string key = fold(word);
    ++words;
    ordered += key >= before;
    before = std::move(key);
  }
  return lines >= kListLines && words * 10 >= lines * 9 && ordered * 10 >= words * 9;
}

bool is_catalogue(std::string_view text) {
  int entries = 0;
  for (std::size_t at = text.find("msgid \""); at != std::string_view::npos && entries < 3;
       at = text.find("msgid \"", at + 1)) {
    const bool begins = at == 0 || text[at - 1] == '\n' || text[at - 1] == ' ';
    entries += begins && text.find("msgstr", at) != std::string_view::npos;
  }
  return entries >= 3;
}

Reading read(const Lexicon& lexicon, const Window& window, Dictionary::Memo& memo) {
  std::vector<WordHit> hits;
  lexicon.words().scan(window.text, memo, hits);
  Sorter sorter(lexicon, window);
  for (const WordHit& hit : hits) sorter.take(hit);
  return sorter.finish();
}

Sentences::Sentences(const Window& window) : window_(window) {
  const std::string_view text = window.text;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if ((c == '\n' || c == '.' || c == '!' || c == '?') && ends_sentence(text, i))
      ends_.push_back(i);
  }
}

Span Sentences::around(std::size_t at) const {
  const Segment& segment = window_.segment_at(at);
  if (segment.layout == Layout::kTable) return window_.line_at(at);
  Span span{at - std::min(at - segment.begin, kSentenceReach),
            std::min(segment.end, at + kSentenceReach)};
  const auto next = std::lower_bound(ends_.begin(), ends_.end(), at);
  if (next != ends_.begin()) span.begin = std::max(span.begin, *std::prev(next) + 1);
  if (next != ends_.end()) span.end = std::min(span.end, *next);
  return span;
}

LabelHere label_here(const Lexicon& lexicon, const Window& window, std::size_t at) {
  const Segment& segment = window.segment_at(at);
  if (segment.layout != Layout::kProse) {
    const Label header = lexicon.label(window.header_at(at));
    if (header.kind != LabelKind::kNone) return {header, segment.layout == Layout::kTable};
  } else if (segment.place.kind == PlaceKind::kHeader || segment.place.kind == PlaceKind::kField ||
             segment.place.kind == PlaceKind::kProperty) {
    const Label field = lexicon.label(segment.place.label);
    if (field.kind != LabelKind::kNone) return {field, false};
  }
  const std::string_view text = window.text;
  const std::size_t floor = at - std::min(at - segment.begin, kLabelReach);
  std::size_t colon = at;
  while (colon > floor && text[colon - 1] != ':' && text[colon - 1] != '\n') --colon;
  if (colon == floor || text[colon - 1] != ':') {
    // The label may stand alone on the line before ("Diagnos:\nastma"), or in the cell before.
    if (colon < 2 || colon == floor || text[colon - 1] != '\n') return {};
    std::size_t end = colon - 1;
    while (end > floor && (text[end - 1] == ' ' || text[end - 1] == '\r')) --end;
    if (end == floor || text[end - 1] != ':') return {};
    colon = end;
  }
  std::size_t begin = colon - 1;
  while (begin > floor &&
         std::string_view("\n\t.;,|:").find(text[begin - 1]) == std::string_view::npos) {
    --begin;
  }
  return {lexicon.label(text.substr(begin, colon - 1 - begin)), false};
}

}  // namespace gallra::detect::lexicon

#include "detectors/lexicon/names.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "detectors/lexicon/bearing.hpp"
#include "detectors/lexicon/fold.hpp"
#include "detectors/lexicon/name_form.hpp"
#include "detectors/lexicon/organisation.hpp"

namespace gallra::detect::lexicon {
namespace {

// Scores; see kMediumScore (45) and kHighScore (75).
constexpr int kBothPlain = 78;     // given name and surname, neither of them a word
constexpr int kOneAmbiguous = 66;  // one of them is also a word
constexpr int kBothAmbiguous = 55;
constexpr int kVeryAmbiguous = 50;   // "Per Berglund": a very common word beside a plain name
constexpr int kCommonAndWord = 46;   // "Bo Lind"
constexpr int kTwoCommonWords = 38;  // "Bo Ek"
constexpr int kSurnameByForm = 58;   // the second word ends as surnames do
constexpr int kSurnameUnknown = 47;
constexpr int kInitialSurname = 50;
constexpr int kUnknownGiven = 46;
constexpr int kInverse = 64;  // "Berg, Anna" at the start of a line or cell
constexpr int kTitleSurname = 46;
constexpr int kLabelledSingle = 50;
constexpr int kSmallLetters = 50;  // "anna svensson"
constexpr int kSilent = 20;
constexpr int kLabelBonus = 14, kNeighbourBonus = 8, kGreetingBonus = 12, kTitleBonus = 8;
constexpr int kCapitalsMalus = 8;

constexpr std::size_t kLongestName = 80;     // bytes
constexpr std::size_t kNeighbourReach = 80;  // bytes to an identity number or e-mail address

bool is_particle(std::string_view word) {
  constexpr std::array<std::string_view, 18> kParticles = {"von", "af", "de", "van", "der", "den",
                                                           "la",  "le", "el", "al",  "bin", "ibn",
                                                           "di",  "da", "du", "dos", "ten", "ter"};
  return std::find(kParticles.begin(), kParticles.end(), word) != kParticles.end();
}

bool ends_as_surname(std::string_view folded) {
  constexpr std::array<std::string_view, 46> kEndings = {
      "sson",  "son",    "berg", "ström", "lund",   "gren", "qvist", "kvist", "quist", "dahl",
      "dal",   "man",    "mark", "sted",  "stedt",  "ell",  "ander", "ius",   "én",    "vall",
      "wall",  "blad",   "fors", "holm",  "löf",    "löv",  "lin",   "zadeh", "vić",   "vic",
      "ski",   "nen",    "oglu", "ghlu",  "hammar", "stål", "borg",  "bäck",  "beck",  "rud",
      "sköld", "skjöld", "pour", "yan",   "nia",    "sen"};
  return count_letters(folded) >= 5 &&
         std::any_of(kEndings.begin(), kEndings.end(), [&](std::string_view ending) {
           return folded.size() > ending.size() + 1 &&
                  folded.substr(folded.size() - ending.size()) == ending;
         });
}

struct Part {
  Span span;
  bool given = false, surname = false, unknown = false, initial = false, particle = false;
  std::uint8_t given_ambiguity = 0, surname_ambiguity = 0;
  bool genitive = false;
};

struct Sequence {
  std::vector<Part> parts;
  std::size_t begin() const { return parts.front().span.begin; }
  std::size_t end() const { return parts.back().span.end; }
};

class Finder {
 public:
  Finder(const Lexicon& lexicon, const Window& window, const Reading& reading,
         std::vector<Hit>& hits)
      : lexicon_(lexicon),
        window_(window),
        text_(window.text),
        reading_(reading),
        hits_(hits),
        bearing_(lexicon, window, reading) {
    for (const Hit& hit : hits) {
      if (hit.person && hit.rejected.empty()) {
        identities_.push_back({hit.begin, hit.end});
        if (lexicon.is_identity(hit.rule)) numbers_.push_back({hit.begin, hit.end});
      }
      if (hit.rule == lexicon.address_rule()) addresses_.push_back({hit.begin, hit.end});
    }
    const auto by_begin = [](const Span& a, const Span& b) { return a.begin < b.begin; };
    std::sort(identities_.begin(), identities_.end(), by_begin);
    std::sort(numbers_.begin(), numbers_.end(), by_begin);
    std::sort(addresses_.begin(), addresses_.end(), by_begin);
  }

  void run() {
    std::size_t done = 0;
    for (const NameWord& word : reading_.names) {
      if (word.span.begin < done) continue;
      if (in_address(word.span)) continue;
      done = at(word);
    }
    small_letters();
    for (const Segment& segment : *window_.segments) {
      if (segment.layout == Layout::kTable && segment.headers != nullptr) table(segment);
    }
    const auto by_begin = [](const Hit& a, const Hit& b) { return a.begin < b.begin; };
    std::stable_sort(found_.begin(), found_.end(), by_begin);
    for (const PlacedName& placed : placed_names(lexicon_, window_, reading_, hits_)) place(placed);
    for (std::vector<Hit>* found : {&found_, &cells_}) {
      for (Hit& hit : *found) {
        if (hit.score > 0) hits_.push_back(std::move(hit));
      }
    }
  }

 private:
  std::string_view cut(Span span) const { return text_.substr(span.begin, span.size()); }
  char byte(std::size_t i) const { return i < text_.size() ? text_[i] : '\0'; }

  // --- reading a row of name words ---

  std::size_t word_end(std::size_t at) const {
    while (at < text_.size() && is_letter_byte(text_[at])) ++at;
    return at;
  }

  const NameWord* known(std::size_t begin) const {
    const auto it = first_from(reading_.names, begin);
    return it != reading_.names.end() && it->span.begin == begin ? &*it : nullptr;
  }

  // Where the next word of the same name would begin; 0 when the name cannot go on.
  std::size_t next_word(std::size_t end) const {
    std::size_t at = end;
    while (at < end + 2 && (byte(at) == ' ' || (window_.is_name && byte(at) == '_'))) ++at;
    return at > end && at < text_.size() && is_letter_byte(text_[at]) ? at : 0;
  }

  // "Anna-Karin", "Berg-Ström": one part.
  void take_hyphens(Part& part) const {
    while (byte(part.span.end) == '-' && is_letter_byte(byte(part.span.end + 1)) &&
           is_upper_at(text_, part.span.end + 1)) {
      const std::size_t begin = part.span.end + 1;
      if (const NameWord* more = known(begin)) {
        part.given |= more->given && !part.surname;
        if (more->surname) {  // "Al-Hassan"
          part.surname = true;
          part.surname_ambiguity = more->surname_ambiguity;
        }
        part.genitive = more->genitive;
        part.given_ambiguity = std::min(part.given_ambiguity, more->given_ambiguity);
      }
      part.span.end = word_end(begin);
    }
  }

  Part part_of(const NameWord& word) const {
    Part part;
    part.span = word.span;
    part.given = word.given;
    part.surname = word.surname;
    part.given_ambiguity = word.given_ambiguity;
    part.surname_ambiguity = word.surname_ambiguity;
    part.genitive = word.genitive;
    take_hyphens(part);
    return part;
  }

  bool means_something_else(std::string_view folded) const {
    if (names_organisation(folded)) return true;
    for (const Entry& e : lexicon_.words().find(folded)) {
      if (e.kind == EntryKind::kWord || e.kind == EntryKind::kTerm || e.kind == EntryKind::kPlace ||
          e.kind == EntryKind::kStreet) {
        return true;
      }
    }
    if (lexicon_.is_town(folded) || lexicon_.is_common_word(folded)) return true;
    // "Zetterstig" is a surname, "Bergsgatan" is none.
    static constexpr std::array<std::string_view, 8> kStreets = {
        "gata", "gatan", "vägen", "gränd", "gränden", "torget", "allén", "platsen"};
    return std::any_of(kStreets.begin(), kStreets.end(),
                       [&](std::string_view ending) { return folded.ends_with(ending); });
  }

  // A capitalised word that is in no list but may be a surname.
  std::optional<Part> unknown_surname(std::size_t begin, bool capitals) const {
    Part part;
    part.span = {begin, word_end(begin)};
    const std::string_view word = cut(part.span);
    if (!is_upper_at(text_, begin) || count_letters(word) < 2) return std::nullopt;
    if (is_all_upper(word) && !capitals) return std::nullopt;
    take_hyphens(part);
    if (means_something_else(fold(cut(part.span))) || is_digit(byte(part.span.end))) {
      return std::nullopt;
    }
    part.unknown = true;
    return part;
  }

  std::optional<Part> next_part(const Sequence& so_far, bool capitals, bool surname_seen) const {
    const std::size_t begin = next_word(so_far.end());
    if (begin == 0 || in_address({begin, word_end(begin)})) return std::nullopt;
    if (const NameWord* word = known(begin)) {
      const Part part = part_of(*word);
      if (surname_seen && !part.surname) return std::nullopt;  // the next person
      return part;
    }
    const Span span{begin, word_end(begin)};
    const std::string_view word = cut(span);
    Part part;
    part.span = span;
    if (is_particle(word) && next_word(span.end) != 0 && is_upper_at(text_, next_word(span.end))) {
      part.particle = true;
      return part;
    }
    if (count_letters(word) == 1 && is_upper_at(text_, begin)) {
      part.initial = true;
      if (byte(span.end) == '.') ++part.span.end;
      return part;
    }
    // Two spaces part columns: what follows them must be known to be a name.
    if (surname_seen || begin > so_far.end() + 1) return std::nullopt;
    return unknown_surname(begin, capitals);
  }

  Sequence sequence(const NameWord& first) const {
    Sequence s;
    s.parts.push_back(part_of(first));
    const bool capitals = is_all_upper(cut(first.span)) && count_letters(cut(first.span)) > 1;
    bool surname_seen = first.surname && !first.given;
    while (s.parts.size() < 6) {
      if (s.parts.back().genitive && !s.parts.back().surname) break;  // "Annas", "Annas Berg"
      const std::optional<Part> part = next_part(s, capitals, surname_seen);
      if (!part) break;
      if (part->unknown) {
        s.parts.push_back(*part);
        // A surname of the lists may follow one that is in none: "Anna Zlatkova Berg".
        const std::optional<Part> more = next_part(s, capitals, true);
        if (more && more->surname) s.parts.push_back(*more);
        break;
      }
      surname_seen |= part->surname && !part->given;
      s.parts.push_back(*part);
    }
    while (s.parts.size() > 1 && s.parts.back().particle) s.parts.pop_back();
    return s;
  }

  // --- what stands around ---

  std::string word_after(std::size_t end) const {
    const std::size_t begin = next_word(end);
    return begin == 0 ? std::string() : fold(cut({begin, word_end(begin)}));
  }

  bool has_role(std::string_view folded, Role role) const {
    for (const Entry& e : lexicon_.words().find(folded)) {
      if (e.kind == EntryKind::kWord && e.id == static_cast<std::uint32_t>(role)) return true;
    }
    return false;
  }

  // "Anders Bygg AB", "Karin Boyes gata", "Norberg kommun", "lex Maria", "S:t Eriks".
  bool is_something_else(const Sequence& s) const {
    const std::string after = word_after(s.end());
    if (!after.empty()) {
      const bool capital = is_upper_at(text_, next_word(s.end()));
      if (has_role(after, Role::kInstitution)) return true;
      if (has_role(after, Role::kCompany) && (capital || after == "ab")) return true;
      if (lexicon_.is_street_word(after)) return true;
    }
    if (text_.substr(s.end(), 3) == " & " || text_.substr(s.end(), 5) == " och ") {
      const std::string_view rest = text_.substr(s.end(), 16);
      if (rest.find("Co") != std::string_view::npos ||
          rest.find("öner") != std::string_view::npos ||
          rest.find("Partner") != std::string_view::npos) {
        return true;
      }
    }
    if (byte(s.end()) == '@' ||
        (byte(s.end()) == '.' && is_letter_byte(byte(s.end() + 1)) && !window_.is_name)) {
      return true;  // part of an address or a file name
    }
    return saint_before(s.begin());
  }

  bool saint_before(std::size_t begin) const {
    const std::size_t from = begin - std::min<std::size_t>(begin, 8);
    const std::string before = " " + fold(text_.substr(from, begin - from));
    constexpr std::array<std::string_view, 6> kBefore = {" lex ",  " sankt ",  " s:t ",
                                                         " s:ta ", " sankta ", " st. "};
    return std::any_of(kBefore.begin(), kBefore.end(), [&](std::string_view word) {
      return before.size() >= word.size() && before.substr(before.size() - word.size()) == word;
    });
  }

  bool title_before(std::size_t begin) const {
    auto it = first_from(reading_.marks, begin);
    while (it != reading_.marks.begin()) {
      --it;
      if (it->span.end + 3 < begin) return false;
      if (it->role == Role::kTitle && it->span.end < begin) return true;
    }
    return false;
  }

  bool starts_sentence(std::size_t begin) const {
    std::size_t at = begin;
    while (at > 0 && (text_[at - 1] == ' ' || text_[at - 1] == '-' || text_[at - 1] == '*')) --at;
    return at == 0 || std::string_view("\n\t.!?").find(text_[at - 1]) != std::string_view::npos;
  }

  bool starts_item(std::size_t begin) const {
    std::size_t at = begin;
    while (at > 0 && text_[at - 1] == ' ') --at;
    return at == 0 || std::string_view("\n\t;:").find(text_[at - 1]) != std::string_view::npos;
  }

  // The line before is "Mvh" or the like.
  bool greeting_before(std::size_t begin) const {
    auto it = first_from(reading_.marks, begin);
    while (it != reading_.marks.begin()) {
      --it;
      if (it->span.end + 40 < begin) return false;
      if (it->role != Role::kGreeting) continue;
      const std::string_view between = text_.substr(it->span.end, begin - it->span.end);
      return between.find_first_not_of(" \r\n,!.") == std::string_view::npos;
    }
    return false;
  }

  static bool is_near(const std::vector<Span>& spans, std::size_t begin, std::size_t end) {
    const std::size_t from = begin - std::min(begin, kNeighbourReach + kLongestName);
    auto it = std::lower_bound(spans.begin(), spans.end(), from,
                               [](const Span& id, std::size_t at) { return id.begin < at; });
    for (; it != spans.end() && it->begin <= end + kNeighbourReach; ++it) {
      if (it->end + kNeighbourReach >= begin) return true;
    }
    return false;
  }

  // Names inside "Karin Boyes gata 3" are the street's.
  bool in_address(Span span) const {
    const auto after = std::upper_bound(addresses_.begin(), addresses_.end(), span.begin,
                                        [](std::size_t at, const Span& a) { return at < a.begin; });
    return after != addresses_.begin() && std::prev(after)->end >= span.end;
  }

  // --- judging ---

  static int by_ambiguity(unsigned given, unsigned surname) {
    const unsigned high = std::max(given, surname);
    const unsigned low = std::min(given, surname);
    if (high == 0) return kBothPlain;
    if (high == 1) return low == 0 ? kOneAmbiguous : kBothAmbiguous;
    return low == 0 ? kVeryAmbiguous : low == 1 ? kCommonAndWord : kTwoCommonWords;
  }

  // Judges the name that begins with `word`; where to go on.
  std::size_t at(const NameWord& word) {
    if (glued_before(word.span.begin)) return word.span.end;
    Sequence s = sequence(word);
    if (is_something_else(s)) return s.end();
    if (s.parts.front().given && !turned_by_comma(s.parts.front())) return begins_given(s);
    return begins_surname(s);
  }

  // "Patient: Amir, Per": the first may be either, the label says that it is one name.
  bool turned_by_comma(const Part& first) const {
    if (!first.surname || byte(first.span.end) != ',' || !labelled_name(first.span.begin))
      return false;
    const std::size_t begin = next_word(first.span.end + 1);
    const NameWord* given = begin == 0 ? nullptr : known(begin);
    return given != nullptr && given->given && ends_item(given->span.end);
  }

  bool glued_before(std::size_t begin) const {
    const char c = begin == 0 ? ' ' : text_[begin - 1];
    // "/Karin Berg, ssk" signs a note.
    if (c == '/' && (begin == 1 || text_[begin - 2] == ' ' || text_[begin - 2] == '\n'))
      return false;
    return c == '@' || c == '/' || c == '\\' || c == '.' || (c == '_' && !window_.is_name) ||
           (c == '-' && begin > 1 && is_letter_byte(text_[begin - 2]));
  }

  std::size_t begins_given(Sequence& s) {
    const Part first = s.parts.front();
    std::size_t last = 0;  // the surname
    for (std::size_t i = 1; i < s.parts.size(); ++i) {
      if (s.parts[i].surname || s.parts[i].unknown) last = i;
    }
    if (last == 0) return single_given(s);
    s.parts.resize(last + 1);
    const Part& surname = s.parts[last];
    Signals signals{Signal::kFullName};
    int score = 0;
    if (surname.unknown) {
      const std::string folded = fold(cut(surname.span));
      score = ends_as_surname(folded)      ? kSurnameByForm
              : first.given_ambiguity == 0 ? kSurnameUnknown
              : is_swedish(s)              ? kSurnameUnknown + 5
                                           : kTwoCommonWords - 8;
      if (first.given_ambiguity > 0) score -= 6 * first.given_ambiguity;
    } else {
      score = by_ambiguity(first.given_ambiguity, surname.surname_ambiguity);
      if (surname.given) score = std::min(score, kSurnameByForm);
    }
    if (first.given_ambiguity > 0 || surname.surname_ambiguity > 0 || surname.given) {
      signals.add(Signal::kAmbiguousName);
    }
    return emit(s, score, signals);
  }

  // Capitals begin every other word of an English heading: "Mark Complete".
  bool is_swedish(const Sequence& s) const { return !bearing_.is_english({s.begin(), s.end()}); }

  std::size_t single_given(Sequence& s) {
    const Part& first = s.parts.front();
    const LabelHere here = label_here(lexicon_, window_, s.begin());
    const bool labelled =
        here.label.kind == LabelKind::kName || here.label.kind == LabelKind::kGiven;
    if (labelled && first.given_ambiguity < 2 && starts_item(s.begin()) && ends_item(s.end())) {
      return emit(s, kLabelledSingle - kLabelBonus, {Signal::kGivenName});
    }
    if (first.surname && s.parts.size() == 1 && unknown_before(s)) return s.end();
    const bool plain =
        first.given_ambiguity == 0 || (first.given_ambiguity == 1 && !starts_sentence(s.begin()) &&
                                       !is_all_upper(cut(first.span)));
    if (plain) silent(s);
    return s.end();
  }

  bool ends_item(std::size_t end) const {
    while (byte(end) == ' ' || byte(end) == '\r' || byte(end) == '.') ++end;
    return end >= text_.size() ||
           std::string_view("\n\t,;(").find(text_[end]) != std::string_view::npos;
  }

  std::size_t begins_surname(Sequence& s) {
    const Part surname = s.parts.front();
    if (inverse_without_comma(s)) {
      const int ambiguity =
          std::max<int>(s.parts.back().given_ambiguity, surname.surname_ambiguity);
      return emit(s, kInverse - 8 * ambiguity, {Signal::kFullName});
    }
    // "Berg, Anna" at the start of a line, cell or field.
    if (byte(surname.span.end) == ',') {
      const std::size_t begin = next_word(surname.span.end + 1);
      const NameWord* given = begin == 0 ? nullptr : known(begin);
      if (given != nullptr && given->given && starts_item(s.begin())) {
        s.parts.resize(1);
        s.parts.push_back(part_of(*given));
        const std::size_t after = next_word(s.end());
        const NameWord* third = after == 0 ? nullptr : known(after);
        if (third == nullptr || third->given) {
          const int ambiguity = std::max(given->given_ambiguity, surname.surname_ambiguity);
          return emit(s, kInverse - 8 * ambiguity, {Signal::kFullName});
        }
        s.parts.resize(1);
      }
      if (given == nullptr && begin != 0 && labelled_name(s.begin()) && starts_item(s.begin())) {
        // "Patient: Svensson, Xhemal"
        const std::optional<Part> unknown = unknown_surname(begin, false);
        if (unknown && ends_item(unknown->span.end)) {
          s.parts.resize(1);
          s.parts.push_back(*unknown);
          return emit(s, kUnknownGiven - 6 * surname.surname_ambiguity, {Signal::kFullName});
        }
      }
    }
    s.parts.resize(1);
    if (take_initials_before(s)) {
      if (surname.surname_ambiguity == 2) return s.end();
      return emit(s, kInitialSurname - 12 * surname.surname_ambiguity, {Signal::kFullName});
    }
    if (title_before(s.begin())) {
      if (surname.surname_ambiguity == 2) return s.end();
      return emit(s, kTitleSurname - kTitleBonus, {Signal::kTitle});
    }
    unknown_before(s);
    return s.end();
  }

  bool labelled_name(std::size_t begin) const {
    return label_here(lexicon_, window_, begin).label.kind == LabelKind::kName;
  }

  // "Berg Anna", "Berg Lind Anna Maria" at the start of a line or cell of a list: what follows must
  // not read on as a sentence or as the next name.
  bool inverse_without_comma(Sequence& s) const {
    if (!starts_item(s.begin())) return false;
    Sequence turned;
    for (const Part& part : s.parts) {
      if (!part.surname || part.given) break;
      turned.parts.push_back(part);
    }
    if (turned.parts.empty() || turned.parts.size() > 2) return false;
    bool given = false;
    while (turned.parts.size() < 5) {
      const std::size_t begin = next_word(turned.end());
      const NameWord* word = begin == 0 || begin > turned.end() + 1 ? nullptr : known(begin);
      if (word == nullptr || !word->given) break;
      if (word->genitive) return false;
      turned.parts.push_back(part_of(*word));
      given = true;
    }
    if (!given || !ends_entry(turned.end())) return false;
    s = std::move(turned);
    return true;
  }

  // The end of an item of a list: of the cell or line, or before a number or a column's gap.
  bool ends_entry(std::size_t end) const {
    if (ends_item(end)) return true;
    if (byte(end) != ' ') return false;
    return byte(end + 1) == ' ' || byte(end + 1) == '.' || byte(end + 1) == '-' ||
           byte(end + 1) == '+' || is_digit(byte(end + 1));
  }

  // "A. Svensson", "K G Andersson".
  bool take_initials_before(Sequence& s) const {
    std::size_t begin = s.begin();
    for (int i = 0; i < 3; ++i) {
      std::size_t at = begin;
      while (at > 0 && (text_[at - 1] == ' ' || text_[at - 1] == '.')) --at;
      if (at == begin || at == 0 || begin - at > 2 || !is_ascii_upper(text_[at - 1])) break;
      if (at > 1 && (is_letter_byte(text_[at - 2]) || is_digit(text_[at - 2]))) break;
      begin = at - 1;
    }
    if (begin == s.begin()) return false;
    Part part;
    part.initial = true;
    part.span = {begin, s.begin()};
    while (part.span.end > begin && text_[part.span.end - 1] == ' ') --part.span.end;
    s.parts.insert(s.parts.begin(), part);
    return true;
  }

  // A capitalised word before a surname: "Zlatko Andersson". At the start of a sentence it may be
  // any word, so there the two must be all of a labelled field, or of a cell or item beside a
  // number.
  bool unknown_before(Sequence& s) {
    const Part surname = s.parts.front();
    if (surname.surname_ambiguity == 2 || s.begin() < 3 || text_[s.begin() - 1] != ' ')
      return false;
    std::size_t begin = s.begin() - 1;
    while (begin > 0 && is_letter_byte(text_[begin - 1]) && s.begin() - begin < 30) --begin;
    const std::optional<Part> unknown = unknown_surname(begin, is_all_upper(cut(surname.span)));
    if (!unknown || unknown->span.end + 1 != s.begin() || glued_before(begin)) return false;
    const bool listed = !found_.empty() && !found_.back().silent && found_.back().score > 0 &&
                        found_.back().end + 2 == begin && text_.substr(begin - 2, 2) == ", ";
    const bool item = ends_item(s.end()) &&
                      (listed || (starts_item(begin) &&
                                  (labelled_name(begin) || is_near(identities_, begin, s.end()))));
    if (!item && (surname.surname_ambiguity > 0 || starts_sentence(begin))) return false;
    s.parts.insert(s.parts.begin(), *unknown);
    const int malus = listed ? 0 : 6 * surname.surname_ambiguity;
    emit(s, kUnknownGiven - malus, {Signal::kFullName});
    return true;
  }

  void silent(const Sequence& s) {
    Hit hit;
    hit.rule = lexicon_.name_rule();
    hit.begin = s.begin();
    hit.end = s.end();
    hit.value = canonical(s);
    hit.score = kSilent;
    hit.signals = {Signal::kGivenName};
    hit.silent = true;
    found_.push_back(std::move(hit));
  }

  std::string canonical(const Sequence& s) const {
    std::string name;
    for (const Part& part : s.parts) {
      std::string_view word = cut(part.span);
      if (part.genitive && word.size() > 2) word.remove_suffix(1);
      if (!name.empty()) name += ' ';
      name += word;
    }
    return canonical_name(name);
  }

  std::size_t emit(const Sequence& s, int score, Signals signals) {
    if (s.end() - s.begin() > kLongestName) return s.end();
    Hit hit;
    hit.rule = lexicon_.name_rule();
    hit.begin = s.begin();
    hit.end = s.end();
    hit.value = canonical(s);
    if (is_all_upper(cut({s.begin(), s.end()}))) score -= kCapitalsMalus;
    if (title_before(hit.begin)) {
      score += kTitleBonus;
      signals.add(Signal::kTitle);
    }
    const LabelHere here = label_here(lexicon_, window_, hit.begin);
    if (here.label.kind == LabelKind::kName || here.label.kind == LabelKind::kGiven ||
        here.label.kind == LabelKind::kSurname) {
      score += kLabelBonus;
      signals.add(here.column ? Signal::kColumnHeader : Signal::kFieldLabel);
      hit.label = here.label.text;
    } else if (greeting_before(hit.begin)) {
      score += kGreetingBonus;
    }
    if (is_near(identities_, hit.begin, hit.end)) {
      score += kNeighbourBonus;
      signals.add(is_near(numbers_, hit.begin, hit.end) ? Signal::kNeighbourNumber
                                                        : Signal::kNeighbourEmail);
    }
    hit.score = score;
    hit.signals = signals;
    hit.person = score >= kMediumScore;
    found_.push_back(std::move(hit));
    return s.end();
  }

  // --- columns of names ---

  void table(const Segment& segment) {
    const std::vector<std::string>& headers = *segment.headers;
    std::vector<LabelKind> kinds;
    std::vector<std::string_view> labels;
    bool any = false;
    for (const std::string& header : headers) {
      const Label label = lexicon_.label(header);
      kinds.push_back(label.kind);
      labels.push_back(label.text);
      any |= label.kind == LabelKind::kGiven || label.kind == LabelKind::kSurname;
    }
    if (!any) return;
    std::size_t row = segment.begin;
    while (row < segment.end) {
      const std::size_t end = std::min(text_.find('\n', row), segment.end);
      const std::uint32_t first = row == segment.begin ? std::max(segment.place.b, 1u) : 1u;
      table_row({row, end}, first, headers, kinds, labels);
      row = end + 1;
    }
  }

  void table_row(Span row, std::uint32_t column, const std::vector<std::string>& headers,
                 const std::vector<LabelKind>& kinds, const std::vector<std::string_view>& labels) {
    Span given{}, surname{};
    std::string_view label;
    for (std::size_t at = row.begin; at <= row.end; ++column) {
      const std::size_t end = std::min(text_.find('\t', at), row.end);
      const std::size_t i = column - 1;
      if (i < kinds.size() && cut({at, end}) != headers[i]) {
        const Span cell = trim({at, end});
        if (kinds[i] == LabelKind::kGiven && looks_like_name(cell, 1)) given = cell;
        if (kinds[i] == LabelKind::kSurname && looks_like_name(cell, 1)) surname = cell;
        if (kinds[i] == LabelKind::kGiven) label = labels[i];
      }
      at = end + 1;
    }
    if (given.size() == 0 || surname.size() == 0) return;
    drop_inside(given);
    drop_inside(surname);
    add_cell(given, canonical_name(std::string(cut(given)) + " " + std::string(cut(surname))),
             kBothPlain + kLabelBonus, label);
  }

  Span trim(Span cell) const {
    while (cell.begin < cell.end && (text_[cell.begin] == ' ' || text_[cell.begin] == '\r')) {
      ++cell.begin;
    }
    while (cell.end > cell.begin && (text_[cell.end - 1] == ' ' || text_[cell.end - 1] == '\r')) {
      --cell.end;
    }
    return cell;
  }

  // Capitalised words without a digit, at least `least` and at most four, none of an organisation.
  bool looks_like_name(Span cell, std::size_t least) const {
    if (cell.size() < 2 || cell.size() > kLongestName) return false;
    std::size_t words = 0;
    for (std::size_t at = cell.begin; at < cell.end;) {
      if (!is_letter_byte(text_[at])) {
        if (std::string_view(" -,'.").find(text_[at]) == std::string_view::npos) return false;
        ++at;
        continue;
      }
      const std::size_t end = word_end(at);
      const std::string folded = fold(cut({at, end}));
      if (!is_upper_at(text_, at) && !is_particle(folded)) return false;
      if (has_role(folded, Role::kCompany) || has_role(folded, Role::kInstitution) ||
          has_role(folded, Role::kTitle)) {
        return false;
      }
      ++words;
      at = end;
    }
    return words >= least && words <= 5;
  }

  // The hits of names found so far are in the order of the text, so a cell's stand together.
  std::vector<Hit>::iterator found_from(std::size_t at) {
    return std::lower_bound(found_.begin(), found_.end(), at,
                            [](const Hit& hit, std::size_t begin) { return hit.begin < begin; });
  }

  // Adds a name that is one by its place, unless it was read there already; one that was read in
  // part is widened.
  void place(const PlacedName& placed) {
    const Span span = placed.span;
    if (span.begin < placed_to_) return;
    placed_to_ = span.end;
    for (auto it = found_from(span.begin - std::min<std::size_t>(span.begin, kLongestName));
         it != found_.end() && it->begin < span.end; ++it) {
      if (it->score <= 0 || it->end <= span.begin) continue;
      const bool covers = it->begin <= span.begin && it->end + 1 >= span.end;
      if (!it->silent && covers) {
        if (it->score >= placed.score) return;
        it->score = placed.score;
        it->person = true;
        return;
      }
      it->score = 0;
    }
    Hit hit;
    hit.rule = lexicon_.name_rule();
    hit.begin = span.begin;
    hit.end = span.end;
    hit.value = canonical_name(cut(span));
    hit.score = placed.score;
    hit.signals = {Signal::kFullName};
    hit.signals.add(placed.why);
    hit.label = placed.label;
    hit.person = true;
    cells_.push_back(std::move(hit));
  }

  // --- small letters ---

  // "anna svensson": both are names and nothing else; or the second ends as surnames do.
  void small_letters() {
    if (window_.format == Format::kSource) return;
    const std::vector<NameWord>& words = reading_.small_names;
    for (std::size_t i = 0; i < words.size(); ++i) {
      const NameWord& first = words[i];
      if (!first.given || first.genitive || in_address(first.span)) continue;
      if (glued_before(first.span.begin) ||
          (first.span.begin > 0 && text_[first.span.begin - 1] == '-'))
        continue;
      Span span = first.span;
      std::size_t last = i;
      while (last + 1 < words.size() && words[last + 1].span.begin == span.end + 1 &&
             (byte(span.end) == ' ' || byte(span.end) == '-') && last < i + 3) {
        ++last;
        span.end = words[last].span.end;
        if (words[last].surname) break;
      }
      // "peter-evans" is a login or a folder.
      const bool known =
          last > i && words[last].surname && text_[words[last].span.begin - 1] == ' ';
      if (!known && !surname_by_form(span)) continue;
      const char after = byte(span.end);
      if (after == '@' || after == '_' || (after == '.' && is_letter_byte(byte(span.end + 1))))
        continue;
      emit_small(span, known && words[last].genitive, known ? kSmallLetters : kUnknownGiven);
      i = last;
    }
  }

  bool surname_by_form(Span& span) const {
    if (byte(span.end) != ' ' || !is_letter_byte(byte(span.end + 1))) return false;
    const std::size_t begin = span.end + 1;
    const std::size_t end = word_end(begin);
    const std::string_view word = cut({begin, end});
    if (is_upper_at(text_, begin) || count_letters(word) < 7 || !ends_as_surname(word))
      return false;
    if (!lexicon_.words().find(word).empty() || lexicon_.is_common_word(word)) return false;
    span.end = end;
    return true;
  }

  void emit_small(Span span, bool genitive, int score) {
    Hit hit;
    hit.rule = lexicon_.name_rule();
    hit.begin = span.begin;
    hit.end = span.end;
    std::string_view name = cut(span);
    if (genitive) name.remove_suffix(1);
    hit.value = canonical_name(name);
    hit.score = score;
    hit.signals = {Signal::kFullName};
    hit.person = true;
    found_.push_back(std::move(hit));
  }

  void drop_inside(Span cell) {
    for (auto it = found_from(cell.begin); it != found_.end() && it->begin < cell.end; ++it) {
      it->score = 0;
    }
  }

  void add_cell(Span cell, std::string value, int score, std::string_view label) {
    Hit hit;
    hit.rule = lexicon_.name_rule();
    hit.begin = cell.begin;
    hit.end = cell.end;
    hit.value = std::move(value);
    hit.score = score;
    hit.signals = {Signal::kFullName, Signal::kColumnHeader};
    hit.label = label;
    hit.person = true;
    cells_.push_back(std::move(hit));
  }

  const Lexicon& lexicon_;
  const Window& window_;
  std::string_view text_;
  const Reading& reading_;
  std::vector<Hit>& hits_;
  const Bearing bearing_;
  std::vector<Hit> found_;  // in the order of the text
  std::vector<Hit> cells_;
  std::size_t placed_to_ = 0;
  std::vector<Span> identities_, numbers_, addresses_;  // sorted; numbers_: of identities_
};

}  // namespace

void find_names(const Lexicon& lexicon, const Window& window, const Reading& reading,
                std::vector<Hit>& hits) {
  if (lexicon.name_rule() == kNoRule) return;
  Finder(lexicon, window, reading, hits).run();
}

namespace {

// The first letter of folded text, as a capital where that is ASCII or Latin-1 (å -> Å).
std::string initial(std::string_view word) {
  std::size_t end = 1;
  while (end < word.size() && is_continuation(word[end])) ++end;
  std::string letter(word.substr(0, end));
  char& last = letter.back();
  if (end == 1 && last >= 'a' && last <= 'z') last = static_cast<char>(last - 'a' + 'A');
  if (end == 2 && letter.front() == '\xC3' && (last & 0x20) != 0)
    last = static_cast<char>(last & ~0x20);
  return letter;
}

}  // namespace

std::string canonical_name(std::string_view name) {
  std::vector<std::string> words;
  std::string word;
  const std::string folded = fold(name);
  for (const char c : folded) {
    if (is_letter_byte(c) || c == '-' || c == '\'') {
      word += c;
    } else if (!word.empty()) {
      words.push_back(std::move(word));
      word.clear();
    }
  }
  if (!word.empty()) words.push_back(std::move(word));
  std::sort(words.begin(), words.end());
  std::string out;
  for (const std::string& w : words) {
    if (!out.empty()) out += ' ';
    out += w;
  }
  return out;
}

std::string mask_name(std::string_view canonical) {
  std::string out;
  bool inside = false;
  for (std::size_t i = 0; i < canonical.size(); ++i) {
    const char c = canonical[i];
    if (c == ' ') inside = false;
    if (inside || !is_letter_byte(c)) continue;
    inside = true;
    if (!out.empty()) out += ' ';
    out += initial(canonical.substr(i));
    out += "•••";
  }
  return out.empty() ? "•••" : out;
}

}  // namespace gallra::detect::lexicon

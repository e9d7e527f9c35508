#include "detectors/lexicon/address.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "detectors/lexicon/fold.hpp"
#include "detectors/lexicon/organisation.hpp"

namespace gallra::detect::lexicon {
namespace {

// Scores; see kMediumScore (45) and kHighScore (75).
constexpr int kWhole = 86;             // street, postcode and a town with such postcodes
constexpr int kWholeRural = 78;        // the same without a street's ending ("Hultet 4")
constexpr int kTownElsewhere = 62;     // the town has other postcodes, or is not known
constexpr int kBox = 50;               // "Box 12, 123 45 Orten": more often an organisation's
constexpr int kStreetOfSomebody = 52;  // a street alone, where somebody lives or is named
constexpr int kStreetAndTown = 50;     // "Storgatan 12, Borås": no postcode
constexpr int kStreetOnly = 32;
constexpr int kNamedByLabel = 24;
constexpr int kTownOnly = 22;
constexpr int kLabelBonus = 28;  // "Adress:" before a street alone
constexpr int kOrganisationCap = 30;
constexpr std::size_t kStreetReach = 120;       // bytes from the postcode back to the street
constexpr std::size_t kLetterheadReach = 200;   // bytes to "org.nr" and the like
constexpr int kOwnerLines = 4;                  // above an address that may tell whose it is
constexpr std::size_t kLongestOwnerLine = 120;  // bytes
constexpr std::size_t kLivesReach = 60;         // bytes from "bor" to the street

struct Street {
  Span span;            // name and number
  std::size_t end = 0;  // with flat and floor
  int strength = 0;     // 2 street ending, 1 weak ending, 0 any name, -1 box
};

struct Postcode {
  Span span;  // with "SE-"
  std::string digits;
  Span town;         // empty: none known
  std::string name;  // folded
};

class Finder {
 public:
  Finder(const Lexicon& lexicon, const Window& window, const Reading& reading,
         std::vector<Hit>& hits)
      : lexicon_(lexicon), window_(window), text_(window.text), reading_(reading), hits_(hits) {
    for (const Hit& hit : hits) {
      if (hit.person && hit.score > 0 && hit.rejected.empty())
        people_.push_back({hit.begin, hit.end});
    }
    std::sort(people_.begin(), people_.end(),
              [](const Span& a, const Span& b) { return a.begin < b.begin; });
  }

  void run() {
    for (const Span& word : reading_.towns) {
      if (word.begin < done_) continue;
      if (const auto code = postcode_before(word)) with_postcode(*code);
    }
    const std::vector<Span> whole = std::move(found_);
    found_.clear();
    labelled(whole);
    std::size_t after = 0;
    for (const Span& word : reading_.streets) {
      if (word.begin < after || taken(whole, word)) continue;
      done_ = after;
      if (const auto street = street_at(word)) {
        after = street->end;
        street_alone(*street);
      }
    }
  }

 private:
  std::string_view cut(Span span) const { return text_.substr(span.begin, span.size()); }
  char byte(std::size_t i) const { return i < text_.size() ? text_[i] : '\0'; }
  std::size_t word_end(std::size_t at) const {
    while (at < text_.size() && is_letter_byte(text_[at])) ++at;
    return at;
  }
  std::size_t skip(std::size_t at, std::string_view signs, std::size_t most) const {
    std::size_t end = at;
    while (end < text_.size() && end - at < most &&
           signs.find(text_[end]) != std::string_view::npos) {
      ++end;
    }
    return end;
  }

  // --- parts ---

  // The postcode that ends at `end` (exclusive).
  std::optional<Postcode> postcode_ending(std::size_t end) const {
    std::string digits;
    std::size_t at = end;
    while (at > 0 && digits.size() < 5) {
      const char c = text_[at - 1];
      if (is_digit(c)) {
        digits.insert(digits.begin(), c);
      } else if (c != ' ' || digits.size() != 2) {
        break;
      }
      --at;
    }
    if (digits.size() != 5 || digits[0] == '0' || !lexicon_.postcode_in_use(digits)) {
      return std::nullopt;
    }
    for (const std::string_view prefix : {"SE-", "SE ", "S-", "se-"}) {
      if (at >= prefix.size() && text_.substr(at - prefix.size(), prefix.size()) == prefix &&
          (at == prefix.size() || !is_letter_byte(text_[at - prefix.size() - 1]))) {
        at -= prefix.size();
        break;
      }
    }
    const char before = at == 0 ? ' ' : text_[at - 1];
    if (is_digit(before) || is_letter_byte(before) || before == '-' || before == '.' ||
        before == '/' || before == ':') {
      return std::nullopt;
    }
    return Postcode{{at, end}, digits, {}, {}};
  }

  // The longest known town that begins at `begin`.
  Span town_at(std::size_t begin, std::string& name) const {
    Span best{};
    std::size_t end = word_end(begin);
    for (int words = 0; words < 3 && end > begin; ++words) {
      const std::string folded = fold(cut({begin, end}));
      if (lexicon_.is_town(folded)) {
        best = {begin, end};
        name = folded;
      }
      if ((byte(end) != ' ' && byte(end) != '-') || !is_letter_byte(byte(end + 1))) break;
      end = word_end(end + 1);
    }
    return best;
  }

  std::optional<Postcode> postcode_before(Span word) const {
    std::size_t end = word.begin;
    while (end > 0 && word.begin - end < 4 &&
           std::string_view(" \t\n,").find(text_[end - 1]) != std::string_view::npos) {
      --end;
    }
    if (end == word.begin || end < 5 || !is_digit(text_[end - 1])) return std::nullopt;
    std::optional<Postcode> code = postcode_ending(end);
    if (!code) return std::nullopt;
    code->town = town_at(word.begin, code->name);
    if (code->town.size() == 0) return std::nullopt;
    return code;
  }

  // Postcode and what may be a town, shortly after `at`.
  std::optional<Postcode> postcode_after(std::size_t at) const {
    std::size_t begin = skip(at, " \t\n\r,;|-/", 8);
    if (text_.substr(begin, 3) == "SE-") begin += 3;
    if (text_.substr(begin, 2) == "S-") begin += 2;
    std::size_t end = begin;
    std::size_t digits = 0;
    while (digits < 5 && (is_digit(byte(end)) || (digits == 3 && byte(end) == ' '))) {
      digits += is_digit(byte(end)) ? 1 : 0;
      ++end;
    }
    if (digits != 5 || is_digit(byte(end))) return std::nullopt;
    std::optional<Postcode> code = postcode_ending(end);
    if (!code) return std::nullopt;
    const std::size_t town = skip(end, " \t,", 3);
    if (town > end && is_upper_at(text_, town)) {
      code->town = town_at(town, code->name);
      if (code->town.size() == 0) {
        code->town = {town, word_end(town)};
        code->name = fold(cut(code->town));
      }
    }
    return code;
  }

  // A house number at `at`: "12", "12 B", "12b", "12-14"; its end, or 0.
  std::size_t number_end(std::size_t at) const {
    if (byte(at) < '1' || byte(at) > '9') return 0;
    std::size_t end = at;
    while (is_digit(byte(end))) ++end;
    if (end - at > 4) return 0;
    if (byte(end) == '-' && is_digit(byte(end + 1))) {
      std::size_t second = end + 1;
      while (is_digit(byte(second))) ++second;
      if (second - end > 4) return 0;
      end = second;
    }
    const char next = byte(end);
    if ((next == '.' || next == ',' || next == ':') && is_digit(byte(end + 1))) return 0;
    if (next == '%' || next == '/') return 0;
    const std::size_t letter = next == ' ' ? end + 1 : end;
    if ((is_ascii_upper(byte(letter)) ||
         (letter == end && byte(letter) >= 'a' && byte(letter) <= 'z')) &&
        !is_letter_byte(byte(letter + 1)) && !is_digit(byte(letter + 1))) {
      return letter + 1;
    }
    if (letter == end && is_letter_byte(next)) return 0;
    return end;
  }

  // Flat and floor behind the number: "lgh 1101", "3 tr", "nb", "uppg C".
  std::size_t extras_end(std::size_t at) const {
    constexpr std::array<std::string_view, 6> kWithNumber = {"lgh",  "lgh.",    "lägenhet",
                                                             "uppg", "uppgång", "port"};
    for (int i = 0; i < 2; ++i) {
      const std::size_t begin = skip(at, " ,", 3);
      const std::size_t end = word_end(begin);
      const std::string word = fold(cut({begin, end}));
      if (word == "nb" || word == "bv" || word == "ög") {
        at = end;
        continue;
      }
      if (std::find(kWithNumber.begin(), kWithNumber.end(), word) != kWithNumber.end()) {
        std::size_t number = skip(end, " .:", 3);
        while (is_digit(byte(number)) || is_ascii_upper(byte(number))) ++number;
        at = number;
        continue;
      }
      std::size_t number = begin;
      while (is_digit(byte(number))) ++number;
      const std::size_t tr = skip(number, " ", 1);
      if (number > begin && text_.substr(tr, 2) == "tr" && !is_letter_byte(byte(tr + 2))) {
        at = tr + 2 + (byte(tr + 2) == '.' ? 1 : 0);
        continue;
      }
      break;
    }
    return at;
  }

  // The words before a street word that belong to its name: "Karl Johans | gata", "Norra | Vägen",
  // "S:t Eriks | gatan".
  std::size_t name_begin(Span last, bool own_word) const {
    std::size_t begin = last.begin;
    for (int words = 0; words < 3 && begin > 1; ++words) {
      if (text_[begin - 1] != ' ' && text_[begin - 1] != '-') break;
      // "Ö. Storgatan"
      if (begin > 2 && text_[begin - 2] == '.' &&
          (begin == 3 || !is_letter_byte(text_[begin - 4]) || is_continuation(text_[begin - 3]))) {
        std::size_t letter = begin - 3;
        while (letter > 0 && is_continuation(text_[letter])) --letter;
        if (!is_upper_at(text_, letter) || (letter > 0 && is_letter_byte(text_[letter - 1]))) break;
        begin = letter;
        continue;
      }
      std::size_t first = begin - 1;
      while (first > 0 && (is_letter_byte(text_[first - 1]) || text_[first - 1] == ':')) --first;
      if (first == begin - 1) break;
      const std::string_view word = cut({first, begin - 1});
      const bool prefix = lexicon_.is_street_prefix(word) || word == "S:t" || word == "S:ta";
      if (!prefix && !(own_word && is_upper_at(text_, first))) break;
      begin = first;
    }
    return begin;
  }

  // The street whose last word is `word`: any capitalised word before a number; how surely it is
  // one, its ending tells.
  std::optional<Street> street_at(Span word) const {
    const std::string folded = fold(cut(word));
    const bool own_word = lexicon_.is_street_word(folded);
    const std::size_t begin = name_begin(word, own_word);
    if (!is_upper_at(text_, begin)) return std::nullopt;
    if (own_word && begin == word.begin && !is_upper_at(text_, word.begin)) return std::nullopt;
    std::size_t at = word.end;
    if (byte(at) == '.') ++at;
    const std::size_t number = skip(at, " ", 2);
    if (number == at) return std::nullopt;
    const std::size_t end = number_end(number);
    if (end == 0) return std::nullopt;
    if (const auto box = box_at(word.begin, word.end)) return box;
    const int strength = own_word ? 2 : lexicon_.street_ending(folded);
    return Street{{begin, end}, extras_end(end), strength};
  }

  bool only_separators(std::size_t from, std::size_t to) const {
    return from <= to && to - from <= 8 &&
           cut({from, to}).find_first_not_of(" \t\n\r,;|-/") == std::string_view::npos;
  }

  std::optional<Street> box_at(std::size_t begin, std::size_t end) const {
    constexpr std::array<std::string_view, 4> kBoxes = {"box", "postbox", "pl", "postlåda"};
    const std::string word = fold(cut({begin, end}));
    if (std::find(kBoxes.begin(), kBoxes.end(), word) == kBoxes.end()) return std::nullopt;
    std::size_t number = skip(end, " ", 2);
    const std::size_t first = number;
    while (is_digit(byte(number))) ++number;
    if (number == first || number - first > 5) return std::nullopt;
    return Street{{begin, number}, number, word == "box" || word == "postbox" ? -1 : 0};
  }

  // The street line that ends where the postcode begins.
  std::optional<Street> street_before(std::size_t postcode) const {
    const std::size_t floor = std::max(done_, postcode - std::min(postcode, kStreetReach));
    std::optional<Street> best;
    for (std::size_t at = floor; at < postcode;) {
      if (!is_letter_byte(text_[at])) {
        ++at;
        continue;
      }
      const Span word{at, word_end(at)};
      at = word.end;
      const std::optional<Street> street = street_at(word);
      if (!street || !only_separators(street->end, postcode)) continue;
      if (!best || street->strength > best->strength) best = street;
    }
    return best;
  }

  // --- judging ---

  // "Adress: Hultet 4", and the cells of a column of addresses: the label makes any name a street.
  void labelled(const std::vector<Span>& whole) {
    for (const Mark& mark : reading_.marks) {
      if (mark.role != Role::kAddressLabel || byte(skip(mark.span.end, " ", 1)) != ':') continue;
      const std::size_t begin = skip(mark.span.end, ": \n", 4);
      any_street({begin, std::min(text_.find('\n', begin), text_.size())}, whole);
    }
    for (const Segment& segment : *window_.segments) {
      if (segment.layout == Layout::kRecord &&
          lexicon_.label(segment.place.label).kind == LabelKind::kAddress)
        any_street({segment.begin, std::min(segment.end, text_.size())}, whole);
      if (segment.layout != Layout::kTable || segment.headers == nullptr) continue;
      std::vector<bool> wanted;
      for (const std::string& header : *segment.headers) {
        wanted.push_back(lexicon_.label(header).kind == LabelKind::kAddress);
      }
      if (std::find(wanted.begin(), wanted.end(), true) == wanted.end()) continue;
      std::uint32_t column =
          segment.place.kind == PlaceKind::kCell ? std::max(segment.place.b, 1u) : 1;
      for (std::size_t at = segment.begin; at < segment.end;) {
        const std::size_t end = std::min(text_.find_first_of("\t\n", at), segment.end);
        if (column <= wanted.size() && wanted[column - 1]) any_street({at, end}, whole);
        column = byte(end) == '\n' ? 1 : column + 1;
        at = end + 1;
      }
    }
  }

  void any_street(Span field, const std::vector<Span>& whole) {
    for (std::size_t at = field.begin; at < std::min(field.end, field.begin + 60);) {
      if (!is_letter_byte(text_[at])) {
        ++at;
        continue;
      }
      const Span word{at, word_end(at)};
      at = word.end;
      if (taken(whole, word)) return;
      const auto street = street_at(word);
      if (!street || street->end > field.end || street->strength == 2) continue;
      add(street->span, squeezed(cut(street->span)), kNamedByLabel, {Signal::kStreet}, false);
      return;
    }
  }

  static bool taken(const std::vector<Span>& whole, Span span) {
    const auto after = std::upper_bound(whole.begin(), whole.end(), span.begin,
                                        [](std::size_t at, const Span& s) { return at < s.begin; });
    return after != whole.begin() && std::prev(after)->end >= span.end;
  }

  // Words that only organisations write beside their address.
  bool letterhead(Span span) const {
    constexpr std::array<std::string_view, 12> kWords = {
        "org.nr",       "orgnr",    "org nr",   "org. nr", "organisationsnummer",
        "besöksadress", "bankgiro", "plusgiro", "växel",   "www.",
        "momsreg",      "f-skatt"};
    const std::size_t from = span.begin - std::min(span.begin, kLetterheadReach);
    const std::string around = fold(text_.substr(from, span.end - from + kLetterheadReach));
    return std::any_of(kWords.begin(), kWords.end(), [&](std::string_view word) {
      return around.find(word) != std::string::npos;
    });
  }

  // --- whose address it is ---

  enum class Owner : std::uint8_t { kUnknown, kPerson, kOrganisation };

  // "bor i egen lägenhet på Storgatan 1", "hämtas på Storgatan 1": words of living and visiting
  // shortly before, in the same sentence.
  bool lives_there(Span span) const {
    static constexpr std::array<std::string_view, 21> kLives = {
        "bor ",     "bodde ",     "bosatt",     "boende på", "boende i",   "flytta",    "flyttning",
        "folkbokf", "skriven på", "hemma",      "hem till",  "hemmet på",  "hemadress", "bostad",
        "lägenhet", "hämtas",     "lämnas vid", "vistas",    "gatuadress", "lives at",  "lives in"};
    const std::size_t reach = std::min<std::size_t>(span.begin, kLivesReach);
    std::string before = fold(text_.substr(span.begin - reach, reach));
    const std::size_t stop = before.find_last_of(".\n!?");
    if (stop != std::string::npos) before.erase(0, stop + 1);
    before.insert(0, 1, ' ');
    return std::any_of(kLives.begin(), kLives.end(), [&](std::string_view words) {
      const std::size_t at = before.find(words);
      return at != std::string::npos && !is_letter_byte(before[at - 1]);
    });
  }

  bool is_organisations(Span word) const {
    const std::string folded = fold(cut(word));
    if (names_organisation(folded)) return is_upper_at(text_, word.begin) || folded == "kommun";
    return is_upper_at(text_, word.begin) && has_company_role(folded);
  }

  bool has_company_role(std::string_view folded) const {
    for (const Entry& e : lexicon_.words().find(folded)) {
      if (e.kind == EntryKind::kWord && static_cast<Role>(e.id) == Role::kCompany) return true;
    }
    return false;
  }

  // An identity number, or a given name and a surname side by side.
  bool names_somebody(Span line) const {
    const auto by_begin = [](const Span& a, std::size_t at) { return a.begin < at; };
    const auto number = std::lower_bound(people_.begin(), people_.end(), line.begin, by_begin);
    if (number != people_.end() && number->begin < line.end) return true;
    const NameWord* before = nullptr;
    for (auto it = first_from(reading_.names, line.begin);
         it != reading_.names.end() && it->span.begin < line.end; ++it) {
      if (before != nullptr && it->span.begin - before->span.end <= 2 &&
          ((before->given && it->surname) || (before->surname && it->given)))
        return true;
      before = &*it;
    }
    return false;
  }

  Owner owner_of_line(Span line) const {
    for (std::size_t at = line.begin; at < line.end;) {
      if (!is_letter_byte(text_[at])) {
        ++at;
        continue;
      }
      const Span word{at, word_end(at)};
      at = word.end;
      if (is_organisations(word)) return Owner::kOrganisation;
    }
    return names_somebody(line) ? Owner::kPerson : Owner::kUnknown;
  }

  // What stands before it on its line, then the lines above, up to an empty one, tell whose it is.
  Owner owner(Span span) const {
    if (lives_there(span)) return Owner::kPerson;
    const Segment& segment = window_.segment_at(span.begin);
    if (segment.layout == Layout::kTable)
      return names_somebody(window_.line_at(span.begin)) ? Owner::kPerson : Owner::kUnknown;
    std::size_t end = span.begin;
    for (int lines = 0; lines < kOwnerLines && end > segment.begin; ++lines) {
      const std::size_t newline = text_.substr(0, end).rfind('\n');
      const std::size_t begin =
          std::max(newline == std::string_view::npos ? 0 : newline + 1, segment.begin);
      if (end - begin > kLongestOwnerLine) return owner_of_line({end - kLongestOwnerLine, end});
      const bool blank = cut({begin, end}).find_first_not_of(" \t\r") == std::string_view::npos;
      if (blank && lines > 0) break;
      const Owner who = owner_of_line({begin, end});
      if (who != Owner::kUnknown) return who;
      if (lines == 0) {  // what follows it on its line
        const std::size_t stop =
            std::min({text_.find('\n', span.end), segment.end, span.end + kLongestOwnerLine});
        if (span.end < stop && names_somebody({span.end, stop})) return Owner::kPerson;
      }
      if (begin == segment.begin) break;
      end = begin - 1;
    }
    return Owner::kUnknown;
  }

  // A delivery or an invoice goes to the home of whoever stands in the row.
  bool sent_to_somebody(const Label& label, Span span) const {
    const std::string text = fold(label.text);
    const bool sent = text.starts_with("leverans") || text.starts_with("faktur");
    return sent && owner_of_line(window_.line_at(span.begin)) == Owner::kPerson;
  }

  static std::string squeezed(std::string_view text) {
    std::string out;
    for (const char c : fold(text)) {
      if (c == ' ' || c == '\n' || c == '\t' || c == ',') {
        if (!out.empty() && out.back() != ' ') out += ' ';
      } else {
        out += c;
      }
    }
    return out;
  }

  void add(Span span, std::string value, int score, Signals signals, bool postal_only) {
    Hit hit;
    hit.rule = lexicon_.address_rule();
    hit.begin = span.begin;
    hit.end = span.end;
    hit.value = std::move(value);
    const LabelHere here = label_here(lexicon_, window_, span.begin);
    const bool home = here.label.kind == LabelKind::kAddress;
    const Owner whose = postal_only ? Owner::kUnknown : owner(span);
    if (home && !postal_only) {
      score += kLabelBonus;
      signals.add(here.column ? Signal::kColumnHeader : Signal::kFieldLabel);
      hit.label = here.label.text;
    } else if (score == kStreetOnly && whose == Owner::kPerson) {
      score = kStreetOfSomebody;
      signals.add(Signal::kPersonNear);
    }
    const bool prose = window_.segment_at(span.begin).layout != Layout::kTable;
    if (here.label.kind == LabelKind::kOrganisation && !sent_to_somebody(here.label, span)) {
      score = std::min(score, kOrganisationCap);
      signals.add(Signal::kOtherLabel);
      hit.lower_label = here.label.text;
    } else if (prose && whose != Owner::kPerson &&
               (whose == Owner::kOrganisation || letterhead(span))) {
      score = std::min(score, kOrganisationCap);
      signals.add(Signal::kLetterhead);
    }
    hit.score = score;
    hit.signals = signals;
    found_.push_back(span);
    hits_.push_back(std::move(hit));
  }

  void with_postcode(const Postcode& code) {
    const std::optional<Street> street = street_before(code.span.begin);
    const std::size_t end = code.town.size() == 0 ? code.span.end : code.town.end;
    done_ = end;
    Signals signals{Signal::kPostcode};
    const int matches = lexicon_.town_matches(code.name, code.digits);
    if (code.town.size() != 0 && matches == 1) signals.add(Signal::kTown);
    if (!street) {
      add({code.span.begin, end}, code.digits + "|" + code.name, kTownOnly, signals, true);
      return;
    }
    signals.add(Signal::kStreet);
    int score = street->strength == -1 ? kBox
                : matches != 1         ? kTownElsewhere
                : street->strength > 0 ? kWhole
                                       : kWholeRural;
    if (street->strength == 0 && matches != 1) score = kBox;
    add({street->span.begin, end},
        squeezed(cut(street->span)) + "|" + code.digits + "|" + code.name, score, signals, false);
  }

  void street_alone(const Street& street) {
    if (street.strength < 2) return;
    // "Plan 3", "Väg 40": without a name before it a street word is none.
    const Span first{street.span.begin, word_end(street.span.begin)};
    if (lexicon_.is_street_word(fold(cut(first)))) return;
    if (const auto code = postcode_after(street.end)) {
      with_postcode(*code);
      return;
    }
    std::string name;
    const std::size_t next = skip(street.end, " ,-/|\t", 4);
    const Span town = next > street.end && is_upper_at(text_, next) ? town_at(next, name) : Span{};
    if (town.size() != 0) {
      add({street.span.begin, town.end}, squeezed(cut(street.span)) + "||" + name, kStreetAndTown,
          {Signal::kStreet, Signal::kTown}, false);
      return;
    }
    add(street.span, squeezed(cut(street.span)), kStreetOnly, {Signal::kStreet}, false);
  }

  const Lexicon& lexicon_;
  const Window& window_;
  std::string_view text_;
  const Reading& reading_;
  std::vector<Hit>& hits_;
  std::vector<Span> found_, people_;
  std::size_t done_ = 0;
};

}  // namespace

void find_addresses(const Lexicon& lexicon, const Window& window, const Reading& reading,
                    std::vector<Hit>& hits) {
  if (lexicon.address_rule() == kNoRule) return;
  Finder(lexicon, window, reading, hits).run();
}

}  // namespace gallra::detect::lexicon

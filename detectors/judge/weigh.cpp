#include "detectors/judge/weigh.hpp"

#include <algorithm>

namespace gallra::detect {
namespace {

// Points; bands at 45 and 75, base scores in the validators.
constexpr int kLabelPoints = 50;  // a header or label that names the number
constexpr int kHeaderRaisePoints = 20;
constexpr int kLineLabelPoints = 30;  // elsewhere on the line
constexpr int kNearLabelPoints = 15;  // on a line near by
constexpr int kLineRaisePoints = 12;
constexpr int kNearRaisePoints = 6;
constexpr int kMostRaise = 20;
constexpr int kOtherLabelPoints = -50;  // a header or label that names something else
constexpr int kOtherWordFirm = -5;      // somewhere on the line, the form is a personnummer's own
constexpr int kOtherWordLoose = -15;
constexpr int kNeighbourPoints = 20;
constexpr int kMalformedScore = 50;
constexpr int kGluedFirm = -5;
constexpr int kGluedLoose = -20;
constexpr int kTimestampPoints = -20;
constexpr int kTimestampInLog = -60;
constexpr int kLogLinePoints = -20;
constexpr int kInAddressPoints = -60;

constexpr std::size_t kNearBytes = 300;  // Microsoft Purview looks 300 characters to each side
constexpr std::size_t kNeighbourBytes =
    120;                                  // a name belongs to a number on its own line or the next
constexpr std::size_t kDirectBytes = 28;  // between a label and its value
constexpr std::size_t kLineBytes = 160;   // of a line that is a whole page
constexpr std::size_t kBehindName = 16;   // " (19850304)"
constexpr std::string_view kBirthDate = "birth_date";
constexpr std::string_view kWithoutWord = "context";  // why a hit was rejected

bool is_firm(const Hit& hit) {
  return (hit.signals.has(Signal::kTwelveDigits) || hit.signals.has(Signal::kHyphen)) &&
         !hit.signals.has(Signal::kOddSeparator);
}

bool is_word_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || static_cast<unsigned char>(c) >= 0x80;
}

// Nothing of weight between a label and its value: signs, "nr", "är", "(10 siffror)".
bool is_direct(std::string_view between) {
  if (between.size() > kDirectBytes) return false;
  int breaks = 0;
  int parens = 0;
  std::size_t letters = 0;
  for (const char c : between) {
    if (c == '\n') ++breaks;
    if (c == '(' || c == '[') ++parens;
    if (c == ')' || c == ']') parens = std::max(0, parens - 1);
    if (c == ';' || c == '|' || (is_digit(c) && parens == 0)) return false;
    if (is_word_byte(c) && parens == 0) ++letters;
  }
  return breaks <= 1 && letters <= 4;
}

// "2023-04-15 12:30:01 ...", "[2023-04-15T12:30", "Apr 15 12:30:01": the line is a log's.
bool is_log_line(std::string_view line) {
  line = line.substr(0, 40);
  while (!line.empty() && (line.front() == '[' || line.front() == ' ' || line.front() == '<'))
    line.remove_prefix(1);
  const auto digit = [&](std::size_t i) { return i < line.size() && is_digit(line[i]); };
  const auto clock = [&](std::size_t i) {
    return digit(i) && digit(i + 1) && i + 2 < line.size() && line[i + 2] == ':' && digit(i + 3) &&
           digit(i + 4);
  };
  if (digit(0) && digit(3) && line.size() > 16 && (line[4] == '-' || line[4] == '/'))
    return clock(11);
  if (clock(0) && line.size() > 8 && line[5] == ':') return true;
  return line.size() > 12 && line[3] == ' ' && clock(7);
}

void add_label(Hit& hit, Signal signal, std::string_view word, int points) {
  hit.signals.add(signal);
  if (hit.label.empty()) hit.label = word;
  hit.score += points;
}

void add_other(Hit& hit, Signal signal, std::string_view word, int points) {
  hit.signals.add(signal);
  if (hit.lower_label.empty()) hit.lower_label = word;
  hit.score += points;
}

// The kind of a heading or field label: a label beats what raises, and the last lowering word beats
// nothing.
struct Heading {
  bool label = false, raise = false, lower = false;
  std::string_view label_word, raise_word, lower_word;
};

Heading read_heading(const Rules& rules, std::uint16_t rule, std::string_view text) {
  Heading heading;
  std::vector<FoundWord> words;
  rules.words.find(rule, text, 0, text.size(), words);
  for (const FoundWord& word : words) {
    if (word.kind == WordKind::kLabel) {
      heading.label = true;
      heading.label_word = word.word;
    } else if (word.kind == WordKind::kRaise) {
      heading.raise = true;
      heading.raise_word = word.word;
    } else {
      heading.lower = true;
      heading.lower_word = word.word;
    }
  }
  return heading;
}

// How much the surroundings say of what the value is.
enum class Vouch : std::uint8_t { kNone, kNear, kDirect };

// True when a heading spoke.
bool weigh_heading(const Rules& rules, const Window& window, Hit& hit, Vouch& vouch) {
  const std::string_view text = window.header_at(hit.begin);
  if (text.empty()) return false;
  const bool table = window.segment_at(hit.begin).layout == Layout::kTable;
  const Heading heading = read_heading(rules, hit.rule, text);
  if (heading.label) {
    add_label(hit, table ? Signal::kColumnHeader : Signal::kFieldLabel, heading.label_word,
              kLabelPoints);
    vouch = Vouch::kDirect;
  } else if (heading.lower) {
    add_other(hit, table ? Signal::kOtherHeader : Signal::kOtherLabel, heading.lower_word,
              kOtherLabelPoints);
  } else if (heading.raise) {
    add_label(hit, table ? Signal::kColumnHeader : Signal::kFieldLabel, heading.raise_word,
              kHeaderRaisePoints);
    vouch = Vouch::kNear;
  }
  return heading.label || heading.lower;
}

Vouch weigh_words(const Rules& rules, const Window& window, Hit& hit) {
  const Segment& segment = window.segment_at(hit.begin);
  const bool table = segment.layout == Layout::kTable;
  const Span line = window.line_at(hit.begin);
  // In a table only the row's own cells to the left may be labels; other rows are other people.
  std::size_t from =
      hit.begin - segment.begin > kNearBytes ? hit.begin - kNearBytes : segment.begin;
  std::size_t to = std::min(segment.end, hit.end + kNearBytes);
  if (table) {
    from = std::max(from, line.begin);
    to = std::min(to, line.end);
  }
  // Not in the middle of a word.
  while (from > segment.begin && from < hit.begin && is_word_byte(window.text[from - 1])) ++from;
  std::vector<FoundWord> words;
  rules.words.find(hit.rule, window.text, from, hit.begin, words);
  const std::size_t before = words.size();
  rules.words.find(hit.rule, window.text, std::min(hit.end, to), to, words);

  // The last word before the value, when nothing stands between: its label.
  if (before > 0) {
    const FoundWord& last = words[before - 1];
    if (is_direct(window.text.substr(last.end, hit.begin - last.end))) {
      if (last.kind == WordKind::kLabel) {
        add_label(hit, Signal::kFieldLabel, last.word, kLabelPoints);
        return Vouch::kDirect;
      }
      if (last.kind == WordKind::kLower) {
        add_other(hit, Signal::kOtherLabel, last.word, kOtherLabelPoints);
        return Vouch::kNone;
      }
    }
  }
  // "850101-2382 (personnummer)"
  if (words.size() > before) {
    const FoundWord& next = words[before];
    const std::string_view gap = window.text.substr(hit.end, next.begin - hit.end);
    if (next.kind == WordKind::kLabel && (gap == " (" || gap == "(")) {
      add_label(hit, Signal::kFieldLabel, next.word, kLabelPoints);
      return Vouch::kDirect;
    }
  }
  // Neighbours in a row speak through their own headers; a cell that is a text speaks for itself.
  if (table) {
    const Span cell = window.cell_at(hit.begin);
    std::erase_if(words, [&](const FoundWord& word) {
      return word.begin < cell.begin || word.end > cell.end;
    });
  }

  int raise = 0;
  int label = 0;
  bool other = false;
  bool raised = false;  // on its line
  std::string_view word_of_label, word_of_raise, word_of_other;
  for (const FoundWord& word : words) {
    const bool on_line =
        word.begin >= line.begin && word.end <= line.end &&
        (word.end <= hit.begin ? hit.begin - word.end : word.begin - hit.end) <= kLineBytes;
    if (word.kind == WordKind::kLabel) {
      const int points = on_line ? kLineLabelPoints : kNearLabelPoints;
      if (points > label) word_of_label = word.word;
      label = std::max(label, points);
    } else if (word.kind == WordKind::kRaise) {
      // "f. 850101-2382", but any other "f" is a letter.
      if (word.end - word.begin == 1 && (word.end > hit.begin || hit.begin - word.end > 2))
        continue;
      raised = raised || on_line;
      raise += on_line ? kLineRaisePoints : kNearRaisePoints;
      if (word_of_raise.empty() || on_line) word_of_raise = word.word;
    } else if (on_line) {
      other = true;
      word_of_other = word.word;
    }
  }
  if (label > 0) {
    add_label(hit, Signal::kContextWord, word_of_label, label);
  } else if (raise > 0) {
    add_label(hit, Signal::kContextWord, word_of_raise, std::min(raise, kMostRaise));
  }
  if (other && label < kLineLabelPoints)
    add_other(hit, Signal::kOtherWord, word_of_other,
              is_firm(hit) ? kOtherWordFirm : kOtherWordLoose);
  return label > 0 || raised ? Vouch::kNear : Vouch::kNone;
}

// "uid=0701740605" in a log is mostly a count or an id.
void weigh_bare_telephone(const Window& window, Hit& hit) {
  if (!hit.signals.has(Signal::kMobile) || hit.signals.has(Signal::kGrouped) ||
      hit.signals.has(Signal::kInternational) || hit.signals.has(Signal::kFieldLabel) ||
      hit.signals.has(Signal::kColumnHeader) || hit.signals.has(Signal::kContextWord))
    return;
  if (window.format != Format::kLog &&
      !is_log_line(window.text.substr(window.line_at(hit.begin).begin, 48)))
    return;
  hit.signals.add(Signal::kLogLine);
  hit.score += kLogLinePoints;
}

// "1112912173 -0700": seconds since 1970 and a time zone.
bool is_epoch(const Window& window, const Hit& hit) {
  const std::string_view after = window.text.substr(hit.end, 6);
  return after.size() == 6 && after[0] == ' ' && (after[1] == '-' || after[1] == '+') &&
         std::all_of(after.begin() + 2, after.end(), is_digit);
}

// Part of a web address: "https://example.org/stories/200703300178.html".
bool is_in_address(const Window& window, const Hit& hit) {
  constexpr std::size_t kReach = 200;
  const std::size_t from = hit.begin - std::min(hit.begin, kReach);
  const std::string_view before = window.text.substr(from, hit.begin - from);
  const std::size_t blank = before.find_last_of(" \t\n\"'<>(");
  const std::string_view token =
      blank == std::string_view::npos ? before : before.substr(blank + 1);
  return token.find("://") != std::string_view::npos || token.starts_with("www.");
}

void weigh_form(const Window& window, Hit& hit) {
  if (hit.shape == 0) return weigh_bare_telephone(window, hit);
  if (static_cast<Shape>(hit.shape) == Shape::kAccount) return;
  const bool firm = is_firm(hit);
  if (hit.signals.has(Signal::kBareTen) && is_epoch(window, hit))
    hit.signals.add(Signal::kTimestamp);
  if (is_in_address(window, hit)) {
    hit.signals.add(Signal::kGlued);
    if (!hit.signals.has(Signal::kFieldLabel) && !hit.signals.has(Signal::kColumnHeader))
      hit.score += kInAddressPoints;
  }
  const bool log = window.format == Format::kLog ||
                   is_log_line(window.text.substr(window.line_at(hit.begin).begin, 48));
  const bool named = hit.signals.has(Signal::kFieldLabel) || hit.signals.has(Signal::kColumnHeader);
  if (hit.signals.has(Signal::kTimestamp)) {
    const bool bare = !hit.signals.has(Signal::kHyphen);
    const bool like_a_clock = log || window.is_name || hit.signals.has(Signal::kGlued);
    if (named || !(like_a_clock || bare)) {
      hit.signals.drop(Signal::kTimestamp);
    } else {
      hit.score += like_a_clock ? kTimestampInLog : kTimestampPoints;
    }
  }
  if (log && !named) {
    hit.signals.add(Signal::kLogLine);
    if (!firm) hit.score += kLogLinePoints;
  }
  // File names join with underscores; elsewhere it is a sign of an id.
  if (hit.signals.has(Signal::kGlued) && !window.is_name && !named)
    hit.score += firm ? kGluedFirm : kGluedLoose;
}

bool is_somebody(const Hit& hit) {
  return hit.rejected.empty() && !hit.silent && hit.score >= kMediumScore && hit.person;
}

// Text in columns: a table's row, or a line with two gaps or more.
bool is_row(const Window& window, Span line, std::size_t at) {
  const Layout layout = window.segment_at(at).layout;
  if (layout != Layout::kProse) return layout == Layout::kTable;
  int gaps = 0;
  const std::string_view text = window.text.substr(line.begin, line.size());
  for (std::size_t i = 1; i < text.size(); ++i) {
    const bool wide = text[i] != ' ' && text[i - 1] == ' ' && i > 2 && text[i - 2] == ' ';
    if (wide || text[i] == '\t' || text[i] == ';' || text[i] == '|') ++gaps;
  }
  return gaps >= 2;
}

enum class Somebody : std::uint8_t { kNobody, kNamed, kNumbered };

Somebody somebody_in(const Rules& rules, const std::vector<Hit>& hits, Span span) {
  Somebody who = Somebody::kNobody;
  auto at = std::lower_bound(hits.begin(), hits.end(), span.begin,
                             [](const Hit& h, std::size_t b) { return h.begin < b; });
  for (; at != hits.end() && at->begin < span.end; ++at) {
    if (!is_somebody(*at)) continue;
    const std::string& subject = rules.loaded.rules[at->rule].subject;
    if (is_identity(subject)) return Somebody::kNumbered;
    if (subject == "name") who = Somebody::kNamed;
  }
  return who;
}

// "Anna Exempel 850304", "Anna Exempel (19850304)": digits in a row right behind a name.
bool is_behind_name(const Rules& rules, const Window& window, const std::vector<Hit>& hits,
                    const Hit& date) {
  const std::string_view written = window.text.substr(date.begin, date.end - date.begin);
  if (!std::all_of(written.begin(), written.end(), is_digit)) return false;
  return std::any_of(hits.begin(), hits.end(), [&](const Hit& name) {
    if (!is_somebody(name) || rules.loaded.rules[name.rule].subject != "name" ||
        name.end > date.begin)
      return false;
    const std::string_view gap = window.text.substr(name.end, date.begin - name.end);
    return gap == " " || gap == ", " || gap == " (" || gap == "\t";
  });
}

// Is the value only a part of what its cell says?
bool holds_more(const Window& window, const Hit& hit) {
  const Span cell = window.cell_at(hit.begin);
  const auto blank = [&](std::size_t from, std::size_t to) {
    return window.text.substr(from, to - from).find_first_not_of(" \"'") == std::string_view::npos;
  };
  return !blank(cell.begin, hit.begin) || !blank(std::min(hit.end, cell.end), cell.end);
}

Signal rival_signal(const Rules& rules, const Hit& loser) {
  const std::string& category = rules.loaded.info[loser.rule].category;
  if (category == "phone") return Signal::kCompetingPhone;
  if (category == "personnummer") return Signal::kCompetingPersonnummer;
  if (category == "organisation") return Signal::kCompetingOrganisation;
  return Signal::kCompetingOther;
}

}  // namespace

bool is_identity(std::string_view subject) {
  return subject == "personnummer" || subject == "reserve_id" || subject == "foreign_id";
}

bool is_date_beside_name(const Rules& rules, std::uint16_t rule, Signals signals) {
  return signals.has(Signal::kNeighbourName) && !signals.has(Signal::kColumnHeader) &&
         !signals.has(Signal::kFieldLabel) && rules.loaded.info[rule].category == kBirthDate;
}

void weigh_context(const Rules& rules, const Window& window, Hit& hit) {
  const Rule& rule = rules.loaded.rules[hit.rule];
  if (!rule.lexicon) {
    Vouch vouch = hit.named ? Vouch::kDirect : Vouch::kNone;
    if (!weigh_heading(rules, window, hit, vouch))
      vouch = std::max(vouch, weigh_words(rules, window, hit));
    using Required = ContextRule::Required;
    const bool wants = hit.needs_context || rule.context.required == Required::kNear;
    if ((wants && vouch == Vouch::kNone) ||
        (rule.context.required == Required::kLabel && vouch != Vouch::kDirect)) {
      if (hit.rejected.empty()) hit.rejected = kWithoutWord;
      hit.near_miss = false;
      return;
    }
  }
  weigh_form(window, hit);
  if (hit.near_miss && !hit.rejected.empty()) {
    // A mistyped number is personal data all the same, when its label says what it is.
    const bool named =
        hit.signals.has(Signal::kFieldLabel) || hit.signals.has(Signal::kColumnHeader);
    const bool own_label = named && std::find(rule.context.raise.begin(), rule.context.raise.end(),
                                              std::string(hit.label)) == rule.context.raise.end();
    if (own_label && !hit.signals.has(Signal::kLostZero)) {
      hit.rejected.clear();
      hit.signals.add(Signal::kMalformed);
      hit.score = kMalformedScore;
    }
  }
}

std::vector<Span> beside_somebody(const Rules& rules, const Window& window,
                                  const std::vector<Hit>& hits) {
  std::vector<Span> spans;
  for (const Hit& hit : hits) {
    if (!is_somebody(hit)) continue;
    const std::string& subject = rules.loaded.rules[hit.rule].subject;
    if (subject != "name" && !is_identity(subject)) continue;
    if (!spans.empty() && hit.end <= spans.back().end) continue;
    Span line = window.line_at(hit.begin);
    if (!is_row(window, line, hit.begin))
      line = {hit.end, std::min(line.end, hit.end + kBehindName)};
    if (line.begin < line.end) spans.push_back(line);
  }
  return spans;
}

void weigh_beside(const Rules& rules, const Window& window, std::vector<Hit>& hits) {
  for (Hit& hit : hits) {
    if (hit.rejected != kWithoutWord) continue;
    const int points = rules.loaded.rules[hit.rule].context.beside;
    if (points == 0 || hit.signals.has(Signal::kOtherHeader) ||
        hit.signals.has(Signal::kOtherLabel) || !window.header_at(hit.begin).empty())
      continue;
    const Span line = window.line_at(hit.begin);
    const bool date = rules.loaded.info[hit.rule].category == kBirthDate;
    const bool table = window.segment_at(hit.begin).layout == Layout::kTable;
    // Lines of change logs begin with a date and a name: births are read in tables only.
    if (!is_row(window, line, hit.begin) || (date && !table)) {
      if (!date || !is_behind_name(rules, window, hits, hit)) continue;
      hit.signals.add(Signal::kSamePerson);
    } else {
      const Somebody who = somebody_in(rules, hits, line);
      // Where a number tells when somebody was born, other dates tell something else.
      if (who == Somebody::kNobody || (date && who == Somebody::kNumbered)) continue;
      if (table && holds_more(window, hit)) continue;
      hit.signals.add(who == Somebody::kNumbered ? Signal::kNeighbourNumber
                                                 : Signal::kNeighbourName);
    }
    hit.rejected.clear();
    hit.score += points;
  }
}

void weigh_neighbours(const Rules& rules, const Window& window, std::vector<Hit>& hits) {
  for (Hit& hit : hits) {
    if (hit.shape == 0 || static_cast<Shape>(hit.shape) == Shape::kAccount ||
        !hit.rejected.empty() || is_firm(hit))
      continue;
    Span record = window.record_at(hit.begin);
    if (window.segment_at(hit.begin).layout == Layout::kProse) {
      record.begin =
          std::max(record.begin, hit.begin > kNeighbourBytes ? hit.begin - kNeighbourBytes : 0);
      record.end = std::min(record.end, hit.end + kNeighbourBytes);
    }
    bool name = false;
    bool mail = false;
    auto at = std::lower_bound(hits.begin(), hits.end(), record.begin,
                               [](const Hit& h, std::size_t b) { return h.begin < b; });
    for (int n = 0; at != hits.end() && at->begin < record.end && n < 200; ++at, ++n) {
      if (!is_somebody(*at)) continue;
      const std::string& category = rules.loaded.info[at->rule].category;
      name = name || category == "name";
      mail = mail || category == "email";
    }
    if (name) hit.signals.add(Signal::kNeighbourName);
    if (mail) hit.signals.add(Signal::kNeighbourEmail);
    if (name || mail) hit.score += kNeighbourPoints;
  }
}

void weigh_density(Shape shape, const Density& density, int& score, Signals& signals) {
  constexpr std::uint64_t kFew = 5;
  constexpr std::uint64_t kSome = 20;
  constexpr std::uint64_t kMany = 100;
  if (shape == Shape::kNone || signals.has(Signal::kMalformed)) return;
  // A column of payment references has the cards' check digit throughout.
  if (shape == Shape::kCard) return;
  const double share = density.shaped == 0 ? 0.0
                                           : static_cast<double>(density.valid) /
                                                 static_cast<double>(density.shaped);
  const bool firm =
      shape == Shape::kTwelve || shape == Shape::kTenHyphen || shape == Shape::kTwelveHyphen;
  const bool named = signals.has(Signal::kColumnHeader) || signals.has(Signal::kFieldLabel);
  if (density.valid >= kFew && share >= 0.8) {
    signals.add(Signal::kDenseColumn);
    score += density.valid >= kSome ? 45 : 20;
    // A column of people's numbers is not a column of clock times.
    if (signals.has(Signal::kTimestamp) && density.valid >= kSome) score += 20;
    return;
  }
  // By chance one dated number in ten passes: then the ones that do say little.
  if (density.shaped < kSome || share >= 0.5 || named) return;
  signals.add(Signal::kSparse);
  score -= density.shaped >= kMany || !firm || signals.has(Signal::kLogLine) ? 55 : 30;
}

namespace {

// A hyphen behind the sixth digit, a date and a check digit: that is how a personnummer is written,
// and how no telephone number is grouped (070730-2386).
bool outranks(const Rules& rules, const Hit& a, const Hit& b) {
  // What only its word names never takes a number with a valid check digit away.
  if (rules.loaded.info[a.rule].category == "personnummer" && a.signals.has(Signal::kCheckDigit) &&
      b.signals.has(Signal::kNoCheckDigit))
    return true;
  // Ten digits of a mobile are hardly somebody born in January 2007 with a samordningsnummer.
  if (a.signals.has(Signal::kMobile) && static_cast<Shape>(b.shape) == Shape::kTen &&
      rules.loaded.info[b.rule].id == "se.samordningsnummer" &&
      !b.signals.has(Signal::kColumnHeader) && !b.signals.has(Signal::kFieldLabel))
    return true;
  return static_cast<Shape>(a.shape) == Shape::kTenHyphen &&
         rules.loaded.info[a.rule].category == "personnummer" &&
         rules.loaded.info[b.rule].category == "phone";
}

// A personnummer inside an account or a reference: both are told.
bool coexist(const Rules& rules, const Hit& a, const Hit& b) {
  return (a.within || b.within) &&
         rules.loaded.info[a.rule].category != rules.loaded.info[b.rule].category;
}

}  // namespace

void arbitrate(const Rules& rules, std::vector<Hit>& hits) {
  std::vector<std::size_t> open;  // accepted so far that may still overlap
  for (std::size_t i = 0; i < hits.size(); ++i) {
    Hit& hit = hits[i];
    if (!hit.rejected.empty() || hit.silent) continue;
    std::erase_if(open, [&](std::size_t j) { return hits[j].end <= hit.begin; });
    const bool lexical = rules.loaded.rules[hit.rule].lexicon;
    bool stands = true;
    for (std::size_t& j : open) {
      Hit& other = hits[j];
      const bool other_lexical = rules.loaded.rules[other.rule].lexicon;
      if (!other.rejected.empty() || (lexical && other_lexical) || coexist(rules, hit, other))
        continue;
      // A word or name inside an address or number is part of it.
      bool other_wins = lexical != other_lexical ? lexical : other.score >= hit.score;
      if (outranks(rules, hit, other)) other_wins = false;
      if (outranks(rules, other, hit)) other_wins = true;
      Hit& winner = other_wins ? other : hit;
      Hit& loser = other_wins ? hit : other;
      if (!rules.loaded.rules[loser.rule].lexicon && loser.rule != winner.rule)
        winner.signals.add(rival_signal(rules, loser));
      loser.rejected = rules.loaded.info[winner.rule].id;
      if (other_wins) {
        stands = false;
        break;
      }
    }
    if (stands) open.push_back(i);
  }
}

Confidence band(int score) {
  return score >= kHighScore     ? Confidence::kHigh
         : score >= kMediumScore ? Confidence::kMedium
                                 : Confidence::kLow;
}

std::vector<std::string> signal_texts(Signals signals, std::string_view label,
                                      std::string_view lower_label) {
  std::vector<std::string> texts;
  for (int i = 0; i < static_cast<int>(Signal::kCount); ++i) {
    const auto signal = static_cast<Signal>(i);
    if (!signals.has(signal)) continue;
    std::string text(key_of(signal));
    const bool raises = signal == Signal::kColumnHeader || signal == Signal::kFieldLabel ||
                        signal == Signal::kContextWord;
    const bool lowers = signal == Signal::kOtherHeader || signal == Signal::kOtherLabel ||
                        signal == Signal::kOtherWord;
    if (raises && !label.empty()) text.append("=").append(label);
    if (lowers && !lower_label.empty()) text.append("=").append(lower_label);
    texts.push_back(std::move(text));
  }
  return texts;
}

}  // namespace gallra::detect

#include "detectors/lexicon/somebody.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "detectors/lexicon/bearing.hpp"
#include "detectors/lexicon/codes.hpp"
#include "detectors/lexicon/fold.hpp"

namespace gallra::detect::lexicon {
namespace {

constexpr std::size_t kRecordReach = 400;  // bytes to each side of a term, in prose
constexpr std::size_t kCodeReach = 80;     // bytes from a code to the word that explains it
constexpr std::size_t kHeadBytes = 1500;   // where a record says whom it is about
constexpr std::size_t kNameRoom = 4096;    // a document's own name may be read before its text
constexpr std::size_t kTopicBytes = 300;   // where a text says that it is a course, a guide ...
constexpr int kFormNumbers = 2;            // in a form laid out as a table
constexpr int kFewNumbers = 6;             // identity numbers in a record about one or a few
constexpr std::size_t kShortBytes = 1500;  // a text about one person
constexpr std::size_t kNoteTerms = 4;      // different words of care that make a note
constexpr std::size_t kNoteBytes = 1000;   // of text that they stand in
constexpr int kNobodyScore = 15;           // a telling word with nobody near
constexpr int kMembershipScore = 60;       // the heading of a list of members
constexpr int kProtectedScore = 52;        // a mark of protection, and somebody in the document
constexpr int kSupport = 6;                // what a second term near by adds

// How surely a mark stands for somebody in particular.
enum class Who : std::uint8_t {
  kNobody,
  kAnyone,    // a pronoun, "patienten": somebody, unless the sentence lays down a rule
  kGiven,     // a given name
  kIdentity,  // number, full name, personal address
};

struct Person {
  Span span;
  Who who = Who::kNobody;
  bool writer = false;  // named as who answers for the text
};

// What a stretch of text holds.
struct Count {
  int norm = 0, may_be = 0, told = 0, has = 0, privacy = 0, statute = 0;
  bool condition_first = false;
  bool clinical = false, clock = false;
  Who who = Who::kNobody;
  Who subject = Who::kNobody;  // without those who answer for the text
};

class Judge {
 public:
  Judge(const Lexicon& lexicon, const Window& window, const Reading& reading,
        std::vector<Hit>& hits)
      : lexicon_(lexicon),
        window_(window),
        text_(window.text),
        reading_(reading),
        hits_(hits),
        sentences_(window),
        bearing_(lexicon, window, reading) {
    about_nobody_ = is_word_list(text_) || is_catalogue(text_);
    gather_people();
    gather_clocks();
    weigh_document();
  }

  void run() {
    std::vector<Hit> found;
    for (const TermHit& hit : reading_.terms) {
      const Term& term = lexicon_.term(hit.term);
      if (term.weight < 2 && !is_membership(hit) && !is_members(hit) && !is_dated(hit) &&
          !(stands_alone(hit.span) && tells_here(hit)))
        continue;
      if (is_label(hit.span) || is_persons_own(hit.span) || is_role(hit.span)) continue;
      if (is_heading_cell(hit.span) || is_heading_row(hit.span) || is_in_name(hit)) continue;
      if (is_title(hit) && !is_membership(hit)) continue;
      if (is_initials(hit)) continue;
      if (auto judged = judge(hit, term)) found.push_back(std::move(*judged));
    }
    for (const Code& code : find_codes(text_)) {
      if (auto judged = judge_code(code)) found.push_back(std::move(*judged));
    }
    for (Hit& hit : found) hits_.push_back(std::move(hit));
  }

 private:
  void gather_people() {
    for (const Hit& hit : hits_) {
      if (lexicon_.is_identity(hit.rule) && hit.rejected.empty() && hit.score >= kMediumScore &&
          hit.person) {
        ++numbers_;
        const bool head = hit.begin < kHeadBytes && is_first();
        const bool table = window_.segment_at(hit.begin).layout == Layout::kTable;
        number_first_ = number_first_ || (head && !table);
        number_in_form_ = number_in_form_ || (head && table);
      }
      if (hit.rule == lexicon_.name_rule()) {
        const bool full = !hit.silent && hit.score >= kMediumScore;
        people_.push_back({{hit.begin, hit.end}, full ? Who::kIdentity : Who::kGiven});
      } else if (hit.person && hit.score > 0 && hit.rejected.empty()) {
        people_.push_back({{hit.begin, hit.end}, Who::kIdentity});
      }
    }
    for (const Mark& mark : reading_.marks) {
      if (mark.role == Role::kPronoun || mark.role == Role::kWho || mark.role == Role::kSelf ||
          mark.role == Role::kClinical) {
        people_.push_back({mark.span, Who::kAnyone});
      }
    }
    // "Björn fick Alvedon": a name that is also a word begins the sentence, but it does something.
    for (const NameWord& name : reading_.names) {
      if (!name.given || name.given_ambiguity != 1) continue;
      const auto next = first_from(reading_.marks, name.span.end);
      if (next != reading_.marks.end() && next->span.begin == name.span.end + 1 &&
          (next->role == Role::kTold || next->role == Role::kHas)) {
        people_.push_back({name.span, Who::kGiven});
      }
    }
    gather_roles();
    gather_initials();
    // A letter to somebody: "du" is the one it begins with.
    const bool letter = std::any_of(people_.begin(), people_.end(), [](const Person& p) {
      return p.who == Who::kIdentity && p.span.begin < kHeadBytes;
    });
    for (const Mark& mark : reading_.marks) {
      if (letter && mark.role == Role::kYou) people_.push_back({mark.span, Who::kAnyone});
    }
    std::stable_sort(people_.begin(), people_.end(),
                     [](const Person& a, const Person& b) { return a.span.begin < b.span.begin; });
    for (Person& person : people_) {
      if (person.who < Who::kGiven) continue;
      const Label label = label_here(lexicon_, window_, person.span.begin).label;
      person.writer = label.kind == LabelKind::kName && is_writers(label.text);
    }
    identities_ = std::count_if(people_.begin(), people_.end(),
                                [](const Person& p) { return p.who == Who::kIdentity; });
  }

  static bool tells(Role role) { return role == Role::kTold || role == Role::kHas; }

  // What is told right behind `end`, over one blank.
  bool told_behind(std::size_t end) const {
    for (auto it = first_from(reading_.marks, end);
         it != reading_.marks.end() && it->span.begin <= end + 1; ++it) {
      if (tells(it->role)) return true;
    }
    return false;
  }

  // "far anhållen", "barnen omhändertagna": nothing stands between the role and the fact.
  bool fact_behind(std::size_t end) const {
    const auto next = first_from(reading_.terms, end);
    return next != reading_.terms.end() && next->span.begin == end + 1 && text_[end] == ' ' &&
           lexicon_.term(next->term).weight == 3 && !is_upper_at(text_, next->span.begin);
  }

  // "modern uppger", "far har": a role that does something is somebody.
  void gather_roles() {
    for (const Mark& mark : reading_.marks) {
      if (mark.role == Role::kTitle && (told_behind(mark.span.end) || fact_behind(mark.span.end)))
        people_.push_back({mark.span, Who::kAnyone});
    }
  }

  // "I.K. ringer", "A.B. har": a person under initials.
  void gather_initials() {
    for (std::size_t at = text_.find('.'); at != std::string_view::npos;
         at = text_.find('.', at + 1)) {
      if (at < 1 || at + 3 >= text_.size() || text_[at + 2] != '.') continue;
      if (!is_ascii_upper(text_[at - 1]) || !is_ascii_upper(text_[at + 1])) continue;
      if (at > 1 && (is_letter_byte(text_[at - 2]) || text_[at - 2] == '.')) continue;
      if (text_[at + 3] == ' ' && told_behind(at + 3))
        people_.push_back({{at - 1, at + 3}, Who::kGiven});
    }
  }

  // One name that comes back and does something: the text is about that person.
  bool has_protagonist() const {
    const auto first = std::find_if(people_.begin(), people_.end(), [](const Person& p) {
      return p.who == Who::kIdentity && !p.writer;
    });
    if (first == people_.end() || first->span.begin > kHeadBytes) return false;
    const std::string name = first_word(first->span);
    if (name.size() < 3) return false;
    int own = 0, others = 0, acts = 0;
    for (const Person& person : people_) {
      if (person.who < Who::kGiven) continue;
      const bool same = first_word(person.span) == name;
      own += same;
      others += !same;
      acts += same && told_behind(person.span.end);
    }
    return own >= 3 && acts >= 1 && own >= others;
  }

  // A short text that begins with what somebody does and names nobody else.
  bool has_sole_subject() const {
    if (text_.size() > kShortBytes || !is_first()) return false;
    const auto first = std::find_if(people_.begin(), people_.end(),
                                    [](const Person& p) { return p.who >= Who::kGiven; });
    if (first == people_.end() || first->who != Who::kIdentity || first->writer ||
        first->span.begin > kTopicBytes || has_title(first->span.begin))
      return false;
    const std::string name = first_word(first->span);
    const bool alone = std::all_of(first, people_.end(), [&](const Person& p) {
      return p.who < Who::kGiven || first_word(p.span) == name;
    });
    return alone && told_behind(first->span.end);
  }

  // "sjuksköterska Karin Berg"
  bool has_title(std::size_t at) const {
    auto mark = first_from(reading_.marks, at);
    if (mark == reading_.marks.begin()) return false;
    --mark;
    return mark->role == Role::kTitle && mark->span.end + 1 >= at;
  }

  std::string first_word(Span span) const {
    std::size_t end = span.begin;
    while (end < span.end && is_letter_byte(text_[end])) ++end;
    std::string word = fold(text_.substr(span.begin, end - span.begin));
    if (word.size() > 3 && word.back() == 's') word.pop_back();
    return word;
  }

  // "Sat 88 %", "Furix 40 mg"
  bool is_measured(const TermHit& hit) const {
    const Term& term = lexicon_.term(hit.term);
    if (term.note == "värde") return true;
    return term.cls == "medication" && hit.span.end + 1 < text_.size() &&
           text_[hit.span.end] == ' ' && is_digit(text_[hit.span.end + 1]);
  }

  // Many words of care, and told as notes tell: no leaflet.
  bool reads_as_note() const {
    if (people_.empty() || window_.format == Format::kSource) return false;
    std::vector<std::uint32_t> seen;
    std::size_t measured = 0;
    for (const TermHit& hit : reading_.terms) {
      if (lexicon_.term(hit.term).weight > 1 && in_rules(hit, "health.")) seen.push_back(hit.term);
      measured += is_measured(hit);
    }
    if (seen.size() * kNoteBytes < kNoteTerms * text_.size()) return false;
    std::sort(seen.begin(), seen.end());
    seen.erase(std::unique(seen.begin(), seen.end()), seen.end());
    if (seen.size() < kNoteTerms) return false;
    std::size_t told = measured, general = 0;
    for (const Mark& mark : reading_.marks) {
      const Role r = mark.role;
      told += tells(r) || r == Role::kClinical || r == Role::kPronoun;
      general += r == Role::kNorm || r == Role::kGroup || r == Role::kSubject || r == Role::kYou ||
                 r == Role::kTopic || r == Role::kStatute || r == Role::kPrivacy;
    }
    return told >= 2 && told + clocks_.size() >= 3 && told + clocks_.size() >= 3 * general;
  }

  // "Medlemsregister", "Lista över nya medlemmar" in the head of a list of people.
  bool lists_members() const {
    if (!is_first() || identities_ < 3) return false;
    const std::string head = fold(text_.substr(0, kTopicBytes));
    if (head.find("medlem") == std::string::npos && head.find("avgift") == std::string::npos)
      return false;
    static constexpr std::array<std::string_view, 5> kLists = {"lista", "register", "förteckning",
                                                               "nya medlemmar", "avgift"};
    return std::any_of(kLists.begin(), kLists.end(),
                       [&](std::string_view word) { return head.find(word) != std::string::npos; });
  }

  // Does the window read as a policy or statute, as a record about somebody, or as neither?
  void weigh_document() {
    std::size_t privacy = 0, statute = 0, title = 0, career = 0;
    for (const Mark& mark : reading_.marks) {
      privacy += mark.role == Role::kPrivacy && !in_protection(mark.span);
      if (mark.role == Role::kTopic && mark.span.begin < kTopicBytes && is_first()) {
        const bool heads =
            is_heading(mark.span) || begins_line(mark.span.begin) || is_first_line(mark.span);
        topic_ = topic_ || (heads && !is_form(mark.span));
        form_ = form_ || (heads && is_form(mark.span));
        directory_ = directory_ || window_.segment_at(mark.span.begin).layout == Layout::kTable;
      }
      statute += mark.role == Role::kStatute;
      if (mark.role == Role::kRecord && mark.span.begin < kHeadBytes && is_heading(mark.span)) {
        ++title;
      }
      if (mark.role == Role::kCareer && is_heading(mark.span)) ++career;
    }
    std::size_t sections = 0;
    for (std::size_t at = text_.find("\xC2\xA7"); at != std::string_view::npos && sections < 1000;
         at = text_.find("\xC2\xA7", at + 2)) {
      ++sections;
    }
    // Per thousand bytes. A decision about one person cites some paragraphs, too, so the marks are
    // held against the people that are named.
    const std::size_t marks = 2 * privacy + statute + sections;
    const std::size_t people = static_cast<std::size_t>(identities_);
    policy_ = marks >= 3 && marks * 350 > text_.size() && marks > 2 * people;
    if (privacy >= 4 && privacy > people) policy_ = true;
    topic_ = (topic_ || (form_ && !names_somebody_first())) && numbers_ == 0;
    // Who applies for work is named first, too, and tells of those she worked for.
    const bool first = names_somebody_first() || (number_first_ && numbers_ <= kFewNumbers) ||
                       (number_in_form_ && numbers_ <= kFormNumbers);
    career_ = career > 0;
    const bool tells = first || has_protagonist() || has_sole_subject() || reads_as_note();
    record_ = !policy_ && !topic_ && ((title > 0 && !people_.empty()) || (career == 0 && tells));
    members_ = !policy_ && !topic_ && lists_members();
  }

  // The first lines label a person ("Namn: ...", "Personnummer: ...").
  bool names_somebody_first() const {
    for (const Person& person : people_) {
      if (person.span.begin > kHeadBytes) break;
      if (person.who != Who::kIdentity) continue;
      if (window_.segment_at(person.span.begin).layout == Layout::kTable) continue;
      const Label label = label_here(lexicon_, window_, person.span.begin).label;
      if (label.kind == LabelKind::kPerson) return true;
      // <credit><name> of a help page: an element's bare name is as often its author's.
      if (label.text == "name" && window_.format == Format::kXml) continue;
      if (label.kind == LabelKind::kName && !is_writers(label.text)) return true;
    }
    return false;
  }

  // Labels of who wrote, sent or answers for a text: it need not be about them.
  static bool is_writers(std::string_view label) {
    static constexpr std::array<std::string_view, 26> kWriters = {"handläggare",
                                                                  "utredare",
                                                                  "ansvarig",
                                                                  "läkare",
                                                                  "sjuksköterska",
                                                                  "upprättad av",
                                                                  "skriven av",
                                                                  "avsändare",
                                                                  "mottagare",
                                                                  "från",
                                                                  "till",
                                                                  "from",
                                                                  "to",
                                                                  "cc",
                                                                  "kopia",
                                                                  "författare",
                                                                  "author",
                                                                  "underskrift",
                                                                  "namnförtydligande",
                                                                  "kontaktperson",
                                                                  "kontakt",
                                                                  "frågor",
                                                                  "upplysningar",
                                                                  "redaktör",
                                                                  "enhetschef",
                                                                  "verksamhetschef"};
    const std::string folded = fold(label);
    return std::find(kWriters.begin(), kWriters.end(), folded) != kWriters.end();
  }

  // "Diabetes typ 2 - information till dig": a title of more words.
  bool is_first_line(Span span) const {
    const Span line = window_.line_at(span.begin);
    return line.size() < 100 && span.size() > 8 &&
           text_.find_first_not_of(" \n\r\t*#") >= line.begin &&
           text_.substr(span.begin, span.size()).find(' ') != std::string_view::npos;
  }

  // Such a title also heads a form that is filled in about somebody.
  bool is_form(Span span) const {
    static constexpr std::array<std::string_view, 5> kForms = {"checklist", "rutin", "instruktion",
                                                               "blankett", "mall"};
    const std::string word = fold(text_.substr(span.begin, span.size()));
    return std::any_of(kForms.begin(), kForms.end(),
                       [&](std::string_view form) { return word.starts_with(form); });
  }

  // A line of at most six words.
  bool is_heading(Span span) const {
    const Span line = window_.line_at(span.begin);
    const std::string_view text = text_.substr(line.begin, line.size());
    return text.size() < 80 && std::count(text.begin(), text.end(), ' ') < 6;
  }

  // "Diagnos:" names a field, it does not tell of a diagnosis; "Stroke: 2019" does.
  bool is_label(Span span) const {
    std::size_t at = span.end;
    while (at < text_.size() && text_[at] == ' ') ++at;
    if (at >= text_.size() || text_[at] != ':') return false;
    ++at;
    while (at < text_.size() && text_[at] == ' ') ++at;
    if (at >= text_.size() || text_[at] == '\n' || text_[at] == '\r' || text_[at] == '_')
      return true;
    return lexicon_.label(text_.substr(span.begin, span.size())).kind != LabelKind::kNone;
  }

  // All of a cell or of a field's value: "Förbund: Vision", "\tKommunal\t".
  bool stands_alone(Span span) const {
    std::size_t begin = span.begin;
    while (begin > 0 && text_[begin - 1] == ' ') --begin;
    if (begin > 0 &&
        std::string_view("\n\t;:,|/(").find(text_[begin - 1]) == std::string_view::npos &&
        span.begin - begin < 2)
      return false;
    std::size_t end = span.end;
    while (end < text_.size() && text_[end] == ' ') ++end;
    return end >= text_.size() || end - span.end > 1 ||
           std::string_view("\n\r\t;,|/)").find(text_[end]) != std::string_view::npos;
  }

  bool in_rules(const TermHit& hit, std::string_view prefix) const {
    return lexicon_.rule_id(lexicon_.rule_of(hit.term)).starts_with(prefix);
  }

  // Does the label speak of such terms?
  bool labels(const Label& label, const TermHit& hit) const {
    if (label.weak && !means_care(hit)) return false;
    if (label.kind == LabelKind::kSensitive) return in_rules(hit, "sensitive.");
    if (label.kind == LabelKind::kAbsence)
      return in_rules(hit, "employment.absence") ||
             (in_rules(hit, "health.") && label.text.find("orsak") != std::string_view::npos);
    return label.kind == LabelKind::kHealth && !in_rules(hit, "sensitive.") &&
           !in_rules(hit, "employment.");
  }

  // A field like "status" asks for care where the text is in the term's language; an English one
  // besides where somebody is named.
  bool means_care(const TermHit& hit) const {
    if (bearing_.is_foreign(hit)) return false;
    return !lexicon_.term(hit.term).english ||
           count(record_around(hit.span.begin)).subject >= Who::kGiven;
  }

  // A word that tells little by itself, but fills a field or the cell of somebody's row.
  bool tells_here(const TermHit& hit) const {
    if (labels(label_here(lexicon_, window_, hit.span.begin).label, hit)) return true;
    if (is_membership(hit)) return true;
    const bool table = window_.segment_at(hit.span.begin).layout == Layout::kTable;
    const Who who = count(window_.line_at(hit.span.begin)).who;
    // "4/9  sjuk" in somebody's timesheet
    if (lexicon_.term(hit.term).lemma == "sjuk") return !table && record_ && is_column(hit.span);
    if (in_rules(hit, "employment.absence"))
      return table ? who == Who::kIdentity : record_ && is_column(hit.span);
    return in_rules(hit, "sensitive.trade_union") && is_upper_at(text_, hit.span.begin) &&
           (table || is_column(hit.span)) && who == Who::kIdentity;
  }

  // Parted from what stands before by a tab or several blanks, from what follows likewise or by the
  // end of the line.
  bool is_column(Span span) const {
    std::size_t end = span.end;
    while (end < text_.size() && text_[end] == ' ') ++end;
    const bool open = end == text_.size() || end - span.end > 1 ||
                      std::string_view("\n\r\t").find(text_[end]) != std::string_view::npos;
    return open && span.begin > 1 &&
           (text_[span.begin - 1] == '\t' || text_.substr(span.begin - 2, 2) == "  ");
  }

  // "är medlem i sitt fack, Kommunal", "Karin Berg (Vision)": a union that is also a word.
  bool is_members(const TermHit& hit) const {
    if (!in_rules(hit, "sensitive.trade_union") || !is_upper_at(text_, hit.span.begin))
      return false;
    const Span sentence = sentences_.around(hit.span.begin);
    if (count(sentence).who < Who::kGiven) return false;
    if (hit.span.begin > 2 && text_[hit.span.begin - 1] == '(' && hit.span.end < text_.size() &&
        text_[hit.span.end] == ')') {
      const auto next = first_from(people_, hit.span.begin);
      return next != people_.begin() && std::prev(next)->span.end + 2 >= hit.span.begin;
    }
    static constexpr std::array<std::string_view, 6> kTies = {
        "medlem", "ansluten", "organiserad", "fackombud", "fackavgift", "förtroendevald"};
    const std::string words = fold(text_.substr(sentence.begin, sentence.size()));
    return std::any_of(kTies.begin(), kTies.end(),
                       [&](std::string_view tie) { return words.find(tie) != std::string::npos; });
  }

  // "4/9 sjuk": a day of somebody's timesheet.
  bool is_dated(const TermHit& hit) const {
    if (!record_ ||
        (lexicon_.term(hit.term).lemma != "sjuk" && lexicon_.term(hit.term).cls != "absence") ||
        window_.segment_at(hit.span.begin).layout != Layout::kProse)
      return false;
    const Span line = window_.line_at(hit.span.begin);
    const std::string_view day = text_.substr(line.begin, hit.span.begin - line.begin);
    const std::string_view rest = text_.substr(hit.span.end, line.end - hit.span.end);
    return std::any_of(day.begin(), day.end(), is_digit) &&
           std::count_if(day.begin(), day.end(), is_letter_byte) <= 4 &&
           std::none_of(rest.begin(), rest.end(), is_letter_byte);
  }

  // "| penicillin |": a table drawn in text.
  bool is_cell(Span span) const {
    const Span line = window_.line_at(span.begin);
    const std::string_view row = text_.substr(line.begin, line.size());
    return std::count(row.begin(), row.end(), '|') > 2 || is_column(span);
  }

  // The heading of a list of members names the union, the party or the church of all of them.
  bool is_membership(const TermHit& hit) const {
    if (!members_ || hit.span.begin > kTopicBytes || !is_first() || !is_heading(hit.span))
      return false;
    return in_rules(hit, "sensitive.trade_union") || in_rules(hit, "sensitive.politics") ||
           in_rules(hit, "sensitive.religion");
  }

  // The window that begins the document, behind no more than its name.
  bool is_first() const { return window_.origin < kNameRoom; }

  // "MS" alone in a cell signs a row, unless its column speaks of health.
  bool is_initials(const TermHit& hit) const {
    return hit.span.size() == 2 && lexicon_.term(hit.term).match == MatchMode::kExact &&
           window_.segment_at(hit.span.begin).layout == Layout::kTable &&
           window_.cell_at(hit.span.begin).size() <= 3 &&
           !labels(label_here(lexicon_, window_, hit.span.begin).label, hit);
  }

  bool begins_line(std::size_t at) const {
    while (at > 0 && std::string_view(" *#>-").find(text_[at - 1]) != std::string_view::npos) --at;
    return at == 0 || text_[at - 1] == '\n';
  }

  // The title of the text says what it is, not what somebody has: "Labbsvar", "Tidrapport v 12".
  bool is_title(const TermHit& hit) const {
    if (!is_first() || lexicon_.term(hit.term).weight > 2 || hit.span.begin > 200) return false;
    const std::size_t first = text_.find_first_not_of(" \n\r\t*#");
    const Span line = window_.line_at(hit.span.begin);
    if (first < line.begin || window_.segment_at(hit.span.begin).layout == Layout::kTable)
      return false;
    return begins_line(hit.span.begin) && count(line).who == Who::kNobody;
  }

  // "skyddade personuppgifter" speaks of somebody's protection, not of data protection.
  bool in_protection(Span span) const {
    auto it = first_from(reading_.terms, span.begin + 1);
    for (int n = 0; n < 2 && it != reading_.terms.begin(); ++n) {
      --it;
      if (it->span.begin <= span.begin && it->span.end >= span.end && in_rules(*it, "protected."))
        return true;
    }
    return false;
  }

  // A cell that repeats its column's header is the header row.
  bool is_heading_cell(Span span) const {
    if (window_.segment_at(span.begin).layout != Layout::kTable) return false;
    const Span cell = window_.cell_at(span.begin);
    const std::string_view header = window_.header_at(span.begin);
    const std::string_view text = text_.substr(cell.begin, cell.size());
    // "Patient | Anna Svensson": a form laid out as a table
    if (cell.size() == span.size() && header.empty() && cell.end < text_.size() &&
        text_[cell.end] == '\t' && lexicon_.label(text).kind != LabelKind::kNone)
      return true;
    return !header.empty() && text == header;
  }

  // "Gun-Britt Sandell" is no Briton, and neither is "Britt".
  bool is_in_name(const TermHit& hit) const {
    const Span span = hit.span;
    auto it = first_from(people_, span.begin + 1);
    for (int n = 0; n < 4 && it != people_.begin(); ++n) {
      --it;
      if (it->who >= Who::kGiven && it->span.begin <= span.begin && it->span.end >= span.end)
        return true;
    }
    if (is_called_so(span)) return true;
    if (!in_rules(hit, "sensitive.")) return false;
    if (span.begin > 0 && text_[span.begin - 1] == '-') return true;
    const auto name = first_from(reading_.names, span.begin);
    if (name != reading_.names.end() && name->span.begin == span.begin) return true;
    // "GAY 548" on a car
    return span.size() == 3 && is_all_upper(text_.substr(span.begin, 3)) &&
           span.end + 1 < text_.size() && text_[span.end] == ' ' && is_digit(text_[span.end + 1]);
  }

  // "Johnny Lam" in a list of names, "KZ-AST" of codes.
  bool is_called_so(Span span) const {
    if (!is_upper_at(text_, span.begin) || span.begin < 3) return false;
    const std::string_view word = text_.substr(span.begin, span.size());
    if (text_[span.begin - 1] == '-')
      return is_all_upper(word) && word.size() <= 4 && is_ascii_upper(text_[span.begin - 2]) &&
             is_ascii_upper(text_[span.begin - 3]) && !ends_term(span.begin - 1);
    if (text_[span.begin - 1] != ' ' || is_all_upper(word) || count_letters(word) > 6 ||
        window_.segment_at(span.begin).layout == Layout::kTable)
      return false;
    auto name = first_from(reading_.names, span.begin);
    if (name == reading_.names.begin()) return false;
    --name;
    if (!name->given || name->genitive || name->span.end + 1 != span.begin) return false;
    return name == reading_.names.begin() || std::prev(name)->span.end + 1 != name->span.begin;
  }

  bool ends_term(std::size_t at) const {
    return std::any_of(reading_.terms.begin(), reading_.terms.end(),
                       [&](const TermHit& term) { return term.span.end == at; });
  }

  // "patienten" is a person here, and a term only beside another one.
  bool is_persons_own(Span span) const {
    const auto it = first_from(people_, span.begin);
    return it != people_.end() && it->span.begin == span.begin && it->span.end >= span.end &&
           it->who == Who::kAnyone;
  }

  // "Patient Karin Berg", "Brukare: Karin": the word says who somebody is here.
  bool is_role(Span span) const {
    const auto mark = first_from(reading_.marks, span.begin);
    if (mark == reading_.marks.end() || mark->span.begin != span.begin ||
        mark->role != Role::kTitle)
      return false;
    const auto person = first_from(people_, span.end);
    if (person == people_.end() || person->span.begin > span.end + 4) return false;
    return person->who >= Who::kGiven &&
           text_.substr(span.end, person->span.begin - span.end).find_first_not_of(" \t:") ==
               std::string_view::npos;
  }

  // "Datum;Brukare;Assistent;Från": a row of labels, wherever it stands.
  bool is_heading_row(Span span) const {
    if (lexicon_.label(text_.substr(span.begin, span.size())).kind == LabelKind::kNone)
      return false;
    const Span line = window_.line_at(span.begin);
    if (line.size() > 400) return false;
    int cells = 0, labels = 0;
    for (std::size_t at = line.begin; at < line.end;) {
      const std::size_t stop = std::min(text_.find_first_of(";,|\t", at), line.end);
      ++cells;
      labels += lexicon_.label(text_.substr(at, stop - at)).kind != LabelKind::kNone;
      at = stop + 1;
    }
    return labels >= 3 && labels * 2 >= cells;
  }

  // In a CV the places and measures of care are those of former employers.
  bool is_employers(const TermHit& hit) const {
    const std::string& cls = lexicon_.term(hit.term).cls;
    return in_rules(hit, "social.") || cls == "care-setting" || cls == "employment-contract";
  }

  // "misstänkt pneumoni" is nobody's crime.
  bool suspects_illness(const TermHit& hit) const {
    if (!in_rules(hit, "criminal.")) return false;
    if (!fold(text_.substr(hit.span.begin, hit.span.size())).starts_with("misstänk")) return false;
    const auto next = first_from(reading_.terms, hit.span.end);
    return next != reading_.terms.end() && next->span.begin <= hit.span.end + 1 &&
           in_rules(*next, "health.");
  }

  // "§ 4 Karin Berg": a line that is all name begins the paragraph.
  bool heads(Span record) const {
    if (record.size() == 0 || window_.segment_at(record.begin).layout != Layout::kProse)
      return false;
    std::size_t first = record.begin;
    while (first < record.end && (text_[first] == '\n' || text_[first] == ' ')) ++first;
    const Span line = window_.line_at(first);
    const auto person = first_from(people_, line.begin);
    return person != people_.end() && person->who == Who::kIdentity && !person->writer &&
           person->span.end <= line.end && line.size() <= person->span.size() + 12 &&
           line.end < record.end;
  }

  // A part of a name that a machine gave: "seizure_alarm".
  bool in_code(Span span) const {
    return !window_.is_name && ((span.end < text_.size() && text_[span.end] == '_') ||
                                (span.begin > 0 && text_[span.begin - 1] == '_'));
  }

  // "Karin ramlade. Fick ont i höften.": the sentence before names whom this one goes on about.
  bool goes_on(Span sentence, const Count& here) const {
    if (here.who != Who::kNobody || here.told + here.has == 0 || here.norm + here.may_be > 0)
      return false;
    if (sentence.begin < 2 || window_.segment_at(sentence.begin).layout != Layout::kProse)
      return false;
    const Span before = sentences_.around(sentence.begin - 1);
    if (before.begin < record_around(sentence.begin).begin || before.end > sentence.begin)
      return false;
    const Count then = count(before);
    return then.subject >= Who::kGiven && then.norm == 0 && then.told + then.has > 0;
  }

  Count count(Span span) const {
    Count c;
    for (auto it = first_from(people_, span.begin);
         it != people_.end() && it->span.begin < span.end; ++it) {
      c.who = std::max(c.who, it->who);
      if (!it->writer) c.subject = std::max(c.subject, it->who);
    }
    std::size_t first = span.begin;
    while (first < span.end &&
           std::string_view(" \t\n-*").find(text_[first]) != std::string_view::npos) {
      ++first;
    }
    for (auto it = first_from(reading_.marks, span.begin);
         it != reading_.marks.end() && it->span.begin < span.end; ++it) {
      c.norm += it->role == Role::kNorm;
      c.may_be += it->role == Role::kMayBe;
      c.told += it->role == Role::kTold;
      c.has += it->role == Role::kHas;
      c.privacy += it->role == Role::kPrivacy && !in_protection(it->span);
      c.statute += it->role == Role::kStatute;
      c.clinical |= it->role == Role::kClinical;
      c.condition_first |= it->role == Role::kCondition && it->span.begin == first;
    }
    const auto clock = std::lower_bound(clocks_.begin(), clocks_.end(), span.begin);
    c.clock = clock != clocks_.end() && *clock < span.end;
    return c;
  }

  // "14:30", "kl 14", "2024-03-01": notes carry them. Where each of them begins to tell.
  void gather_clocks() {
    for (std::size_t i = 1; i + 2 < text_.size(); ++i) {
      const char c = text_[i];
      if ((c == ':' || c == '-' || c == '.') ? tells_time(i) : c == 'l' && tells_hour(i - 1))
        clocks_.push_back(i);
    }
  }

  bool tells_time(std::size_t i) const {
    if (!is_digit(text_[i - 1]) || !is_digit(text_[i + 1]) || !is_digit(text_[i + 2])) return false;
    return text_[i] != '.' ||
           (i > 1 && is_digit(text_[i - 2]) && (i + 3 == text_.size() || !is_digit(text_[i + 3])));
  }

  bool tells_hour(std::size_t at) const {
    if (text_[at] != 'k') return false;
    std::size_t digit = at + 2;
    while (digit < text_.size() && digit < at + 6 && (text_[digit] == ' ' || text_[digit] == '.'))
      ++digit;
    return digit > at + 2 && digit < text_.size() && is_digit(text_[digit]);
  }

  Span record_around(std::size_t at) const {
    const bool prose = window_.segment_at(at).layout == Layout::kProse;
    return prose ? window_.record_at(at, kRecordReach) : window_.record_at(at);
  }

  // A sentence with only a pronoun or a role in it: does it speak of one, or of anyone?
  bool lays_down(const Count& sentence) const {
    if (sentence.clinical || sentence.clock) return false;
    if (policy_ || sentence.privacy > 0 || sentence.statute > 0) return true;
    // "Exempelvis om någon har fått bistånd": a rule tells of nobody, too.
    if (sentence.told > 0) return sentence.norm > 0 && sentence.who == Who::kNobody && !record_;
    if (record_) return false;
    if (sentence.norm > 0 || sentence.condition_first) return true;
    return sentence.may_be > 0 && sentence.has == 0;
  }

  // Another term near by makes a misreading less likely.
  bool supported(const TermHit& hit, Span record) const {
    for (auto it = first_from(reading_.terms, record.begin);
         it != reading_.terms.end() && it->span.begin < record.end; ++it) {
      if (it->term != hit.term) return true;
    }
    return false;
  }

  int by_sentence(Who who, bool strong, bool lays_down) const {
    switch (who) {
      case Who::kIdentity:
        return strong ? 84 : 66;
      case Who::kGiven:
        return strong ? 78 : 58;
      case Who::kAnyone:
        if (lays_down) return strong && !policy_ ? 28 : 0;
        return strong ? 60 : 50;
      case Who::kNobody:
        break;
    }
    return 0;
  }

  int by_record(Who who, bool strong, bool lays_down) const {
    switch (who) {
      case Who::kIdentity:
        return strong ? 64 : 30;
      case Who::kGiven:
        return strong ? 56 : 24;
      case Who::kAnyone:
        if (lays_down) return strong && !policy_ ? 24 : 0;
        return strong ? 48 : 20;
      case Who::kNobody:
        break;
    }
    return 0;
  }

  std::optional<Hit> judge(const TermHit& term_hit, const Term& term) const {
    const bool strong = term.weight == 3;
    const Span sentence_span = sentences_.around(term_hit.span.begin);
    const Span record_span = record_around(term_hit.span.begin);
    const Count sentence = count(sentence_span);
    const Count record = count(record_span);
    const LabelHere here = label_here(lexicon_, window_, term_hit.span.begin);
    const bool labelled = labels(here.label, term_hit);
    const bool generic = lays_down(sentence);

    Hit hit;
    hit.rule = lexicon_.rule_of(term_hit.term);
    hit.begin = term_hit.span.begin;
    hit.end = term_hit.span.end;
    hit.value = term.lemma;
    hit.term = true;
    hit.signals.add(strong ? Signal::kStrongTerm : Signal::kTerm);

    int score = by_sentence(sentence.who, strong, generic);
    int nearby = by_record(record.subject, strong, lays_down(record) || generic);
    // "Vid stroke ska ambulans tillkallas. Ansvarig: Karin Berg"
    if (generic && sentence.who == Who::kNobody) nearby = std::min(nearby, strong ? 28 : 0);
    const int going_on = strong ? 60 : 50;
    if (!generic && std::max(score, nearby) < going_on &&
        (goes_on(sentence_span, sentence) || heads(record_span)))
      nearby = going_on;
    if (score >= nearby && score > 0) {
      if (sentence.who != Who::kAnyone || !generic) hit.signals.add(Signal::kSamePerson);
    } else if (nearby > 0) {
      score = nearby;
      hit.signals.add(Signal::kPersonNear);
    }
    if (labelled) {
      const bool about = record.who >= Who::kGiven || record_;
      score = std::max(score, about ? (strong ? 84 : 78) : (strong ? 60 : 48));
      hit.signals.add(here.column ? Signal::kColumnHeader : Signal::kFieldLabel);
      hit.label = here.label.text;
    }
    if (record_) {
      // A note of a record tells of its subject, though nobody is named again.
      // Papers and pay are named in every record; they need something that is told of them.
      const std::string& cls = term.cls;
      const bool paper = (in_rules(term_hit, "employment.") && cls != "performance-discipline" &&
                          cls != "absence") ||
                         cls == "test-lab" || cls == "care-setting";
      const bool tells = sentence.told > 0 || sentence.clock || record.clock || sentence.has > 0 ||
                         term.note == "värde";
      if (score < (strong ? 52 : 46) && (strong || (!generic && (!paper || tells))))
        score = strong ? 52 : 46;
      hit.signals.add(Signal::kRecordDocument);
    }
    if (is_membership(term_hit)) {
      score = std::max(score, kMembershipScore);
      hit.signals.add(Signal::kPersonInFile);
    }
    // Who is protected is looked for with an open hand: anybody named in the document will do.
    if (in_rules(term_hit, "protected.") && strong && !topic_ && !policy_ && !generic &&
        !people_.empty() && people_named() && score < kProtectedScore) {
      score = kProtectedScore;
      hit.signals.add(Signal::kPersonInFile);
    }
    // Nobody near: kept at low where the document has people or rows at all, unless rules speak.
    const bool rules = policy_ || lays_down(sentence) || sentence.norm + sentence.may_be > 0;
    const bool peopled = !people_.empty() || window_.segment_at(hit.begin).layout != Layout::kProse;
    if (strong && score == 0 && !rules && peopled) score = kNobodyScore;
    if (score == 0) return std::nullopt;
    const bool supports = supported(term_hit, record_span);
    if (supports) score += kSupport;
    damp(hit, score, sentence, record);
    // In a list of those who come to a course, each row is about somebody.
    const bool row =
        sentence.who == Who::kIdentity && !directory_ &&
        (window_.segment_at(hit.begin).layout == Layout::kTable || is_cell(term_hit.span));
    if (topic_ && !labelled && !row &&
        !(sentence.who >= Who::kGiven && sentence.told + sentence.has > 0)) {
      hit.signals.add(Signal::kSubject);
      score = std::min(score, kMediumScore - 10);
    }
    if (score >= kMediumScore) bear(term_hit, hit, score, sentence_span, sentence, supports);
    hit.score = score;
    return hit;
  }

  bool people_named() const {
    return std::any_of(people_.begin(), people_.end(),
                       [](const Person& p) { return p.who >= Who::kGiven; });
  }

  // A code counts under its label or beside a word of health.
  std::optional<Hit> judge_code(const Code& code) const {
    const std::uint32_t id =
        code.kind == CodeKind::kMedicine ? lexicon_.medicine_code() : lexicon_.diagnosis_code();
    if (id == kNoTerm) return std::nullopt;
    const TermHit term_hit{code.span, id};
    const bool labelled = labels(label_here(lexicon_, window_, code.span.begin).label, term_hit);
    if (!labelled && (code.kind == CodeKind::kDiagnosisShort || !spoken_of(code.span)))
      return std::nullopt;
    std::optional<Hit> hit = judge(term_hit, lexicon_.term(id));
    if (hit) hit->value = std::string(text_.substr(code.span.begin, code.span.size()));
    return hit;
  }

  // A term of health, or the word for such codes, on the same line near by.
  bool spoken_of(Span code) const {
    const Span line = window_.line_at(code.begin);
    const std::size_t from = std::max(line.begin, code.begin - std::min(code.begin, kCodeReach));
    const std::size_t to = std::min(line.end, code.end + kCodeReach);
    for (auto it = first_from(reading_.terms, from);
         it != reading_.terms.end() && it->span.begin < to; ++it) {
      if (in_rules(*it, "health.")) return true;
    }
    const std::string around = fold(text_.substr(from, to - from));
    static constexpr std::array<std::string_view, 6> kWords = {"diagnos", "icd", "dg ",
                                                               "dg:",     "atc", "sjukskriv"};
    return std::any_of(kWords.begin(), kWords.end(), [&](std::string_view word) {
      return around.find(word) != std::string::npos;
    });
  }

  // Denied, a mere subject, or a word of another language: kept, at low.
  void bear(const TermHit& term_hit, Hit& hit, int& score, Span sentence_span,
            const Count& sentence, bool supports) const {
    const bool labelled =
        hit.signals.has(Signal::kFieldLabel) || hit.signals.has(Signal::kColumnHeader);
    const bool english = lexicon_.term(term_hit.term).english;
    const bool strong = lexicon_.term(term_hit.term).weight == 3;
    const bool acronym = lexicon_.term(term_hit.term).match == MatchMode::kExact;
    const bool somebody = sentence.who != Who::kNobody && sentence.has + sentence.told > 0;
    const bool topic =
        about_nobody_ || in_code(term_hit.span) ||
        label_here(lexicon_, window_, term_hit.span.begin).label.kind == LabelKind::kTopic;
    if (bearing_.is_denied(term_hit, sentence_span)) {
      hit.signals.add(Signal::kDenied);
    } else if (topic || lexicon_.term(term_hit.term).note == "brett" ||
               (career_ && !labelled && is_employers(term_hit)) || suspects_illness(term_hit) ||
               (!labelled && bearing_.is_subject(term_hit, sentence_span, somebody))) {
      hit.signals.add(Signal::kSubject);
    } else if (!labelled && !(acronym && somebody) && bearing_.is_foreign(term_hit)) {
      hit.signals.add(Signal::kForeign);
    } else if (!labelled && english && bearing_.is_english(term_hit.span) &&
               ((sentence.has + sentence.told == 0 && sentence.who == Who::kNobody) ||
                !(strong || supports))) {
      // Technical English is full of such words; about somebody it says "has", "was", and more.
      hit.signals.add(Signal::kSubject);
    } else {
      return;
    }
    score = std::min(score, kMediumScore - 10);
  }

  // Rules and code speak of everybody.
  void damp(Hit& hit, int& score, const Count& sentence, const Count& record) const {
    const bool identified = sentence.who == Who::kIdentity;
    if (policy_ || sentence.privacy > 0) {
      hit.signals.add(Signal::kPolicyText);
      // A name in a policy is its author's or contact's: only what stands right beside counts.
      const bool about = identified && sentence.privacy == 0 && sentence.statute == 0 &&
                         sentence.norm == 0 && sentence.may_be == 0;
      score = std::min(score, about ? kHighScore - 1 : kMediumScore - 10);
    } else if (record.privacy > 0 && !identified) {
      hit.signals.add(Signal::kPolicyText);
      score = std::min(score, kMediumScore - 10);
    }
    if (window_.format == Format::kSource && !identified) score = std::min(score, 10);
    if (people_.empty() && !hit.signals.has(Signal::kFieldLabel) &&
        !hit.signals.has(Signal::kColumnHeader)) {
      hit.signals.add(Signal::kNobody);
    }
  }

  const Lexicon& lexicon_;
  const Window& window_;
  std::string_view text_;
  const Reading& reading_;
  std::vector<Hit>& hits_;
  const Sentences sentences_;
  const Bearing bearing_;
  std::vector<Person> people_;
  std::vector<std::size_t> clocks_;
  std::ptrdiff_t identities_ = 0;
  int numbers_ = 0;            // identity numbers
  bool number_first_ = false;  // one of them in the head of a text
  bool number_in_form_ = false;
  bool form_ = false, directory_ = false;
  bool about_nobody_ = false;  // a word list, a program's messages
  bool policy_ = false, record_ = false, topic_ = false, members_ = false, career_ = false;
};

}  // namespace

void judge_terms(const Lexicon& lexicon, const Window& window, const Reading& reading,
                 std::vector<Hit>& hits) {
  Judge(lexicon, window, reading, hits).run();
}

}  // namespace gallra::detect::lexicon

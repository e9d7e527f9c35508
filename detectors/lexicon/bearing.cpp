#include "detectors/lexicon/bearing.hpp"

#include <algorithm>
#include <array>

#include "detectors/lexicon/fold.hpp"
#include "detectors/one_of.hpp"

namespace gallra::detect::lexicon {
namespace {

constexpr std::size_t kDenialReach = 60;    // bytes between "ingen" and the term
constexpr std::size_t kSubjectReach = 120;  // bytes between "kurs" and the term
constexpr std::size_t kTongueBlock = 2048;  // the language is read once a block
constexpr std::size_t kTongueReach = 600;
constexpr int kEnoughWords = 40;

// Calls `each` with every folded word of `text` until it says no.
template <typename Each>
bool all_words(std::string_view text, Each each) {
  const std::string low = fold(text);
  for (std::size_t at = 0; at < low.size();) {
    if (!is_letter_byte(low[at])) {
      ++at;
      continue;
    }
    const std::size_t begin = at;
    while (at < low.size() && is_letter_byte(low[at])) ++at;
    if (!each(std::string_view(low).substr(begin, at - begin))) return false;
  }
  return true;
}

// What may stand between a denial and what it denies.
bool is_filler(std::string_view word) {
  static constexpr std::array<std::string_view, 77> kFillers = {
      "dem",     "dessa",        "oss",         "rapporterade", "fall",      "bekräftade",
      "pat",     "patienten",    "andra",       "annan",        "annat",     "övriga",
      "övrig",   "större",       "allvarlig",   "allvarliga",   "känd",      "kända",
      "känt",    "tidigare",     "tecken",      "på",           "misstanke", "misstankar",
      "om",      "för",          "någon",       "några",        "något",     "haft",
      "har",     "hade",         "fått",        "diagnos",      "diagnosen", "symtom",
      "symptom", "av",           "pågående",    "aktuell",      "aktuella",  "uttalad",
      "known",   "signs",        "of",          "history",      "any",       "skulder",
      "hos",     "problem",      "med",         "besvär",       "från",      "behov",
      "ärende",  "ärenden",      "anmärkning",  "anmärkningar", "hereditet", "ärftlighet",
      "anamnes", "nytillkommen", "nytillkomna", "tydliga",      "säkra",     "sedan",
      "nu",      "alls",         "den",         "det",          "en",        "ett",
      "form",    "slags",        "sådan",       "ansökan",      "beslut"};
  return is_one_of(kFillers, word);
}

// What joins what is denied: "smärta, yrsel och feber".
bool joins(std::string_view word) {
  return word == "eller" || word == "och" || word == "samt" || word == "or" || word == "and" ||
         word == "nor" || word == "heller";
}

// Folds letters of ASCII and Latin-1 well enough to compare small words.
constexpr std::uint64_t small(char c) { return static_cast<unsigned char>(c) | 0x20u; }

// A word of up to eight bytes as one number: every word of a block is compared with all of these.
constexpr std::uint64_t packed(std::string_view word) {
  std::uint64_t out = 0;
  for (const char c : word) out = out << 8 | small(c);
  return out;
}

template <typename... Words>
constexpr std::array<std::uint64_t, sizeof...(Words)> packed_all(Words... words) {
  return {packed(words)...};
}

constexpr std::size_t kLongestSmallWord = 5;  // bytes
constexpr auto kSwedish =
    packed_all("och", "att", "är", "för", "inte", "med", "på", "av", "som", "det", "till", "har",
               "om", "ett", "han", "hon", "vid", "från", "ej", "efter");
constexpr auto kEnglish = packed_all("the", "and", "of", "to", "is", "with", "this", "that", "be",
                                     "are", "from", "not", "by", "it", "was", "or");

// Those of the Swedish ones that Danish and Norwegian do not have.
constexpr auto kOwn =
    packed_all("och", "att", "är", "för", "inte", "till", "ett", "från", "ej", "vid", "hon");
// Small words of the languages that programs and handbooks come in, none of them Swedish.
constexpr auto kOther = packed_all(
    "og", "ikke", "til", "fra", "er", "af", "hvor", "hvis", "være", "noen", "jeg", "het", "een",
    "van", "niet", "dat", "voor", "zijn", "wordt", "deze", "ook", "naar", "der", "die", "das",
    "und", "nicht", "ist", "ein", "eine", "zu", "von", "auf", "sich", "oder", "wird", "le", "les",
    "des", "et", "est", "pour", "une", "dans", "vous", "avec", "los", "una", "con", "por", "que",
    "como", "che", "non", "della", "sono", "di", "il", "não", "uma", "com", "os", "dos", "että",
    "tai", "voi", "joka", "az", "egy", "hogy", "nem", "és", "je", "pro", "že", "jako", "nebo",
    "nie", "jest", "się", "oraz", "lub", "za", "su", "koji", "ili", "kao", "un", "ir", "kas", "vai",
    "kad", "este", "care", "sau", "bir", "ve", "için", "bu", "yang", "untuk", "atau", "anda", "amb",
    "els", "per", "die", "jy", "nga", "dhe");

// Words of machines and their parts, as they begin.
constexpr std::array<std::string_view, 20> kMachines = {
    "disk",   "hårddisk", "raid",  "partition", "volym",   "volum",     "linux",
    "kernel", "kärna",    "swap",  "filsystem", "filesys", "usb",       "unix",
    "mmc",    "svn",      "mount", "grub",      "lilo",    "minneskort"};

template <std::size_t N>
bool holds(const std::array<std::uint64_t, N>& words, std::uint64_t word) {
  bool found = false;
  for (const std::uint64_t one : words) found |= one == word;  // no way out early: vectorised
  return found;
}

}  // namespace

bool Bearing::is_denied(const TermHit& hit, Span sentence) const {
  if (denied_behind(hit.span)) return true;
  // "saknar sjukdomsinsikt" is what is told.
  if (lexicon_.term(hit.term).lemma == "sjukdomsinsikt") return false;
  // A medicine that was not taken is known all the same.
  if (lexicon_.term(hit.term).cls == "medication") return false;
  auto mark = first_from(reading_.marks, hit.span.begin);
  while (mark != reading_.marks.begin()) {
    --mark;
    if (mark->span.begin < sentence.begin || mark->span.end + kDenialReach < hit.span.begin)
      return false;
    if (mark->role != Role::kDenial || mark->span.end > hit.span.begin) continue;
    // "inte fibromyalgi, utan reumatism"
    const std::string word = fold(text_.substr(mark->span.begin, mark->span.size()));
    std::size_t before = mark->span.begin;
    while (before > 0 && text_[before - 1] == ' ') --before;
    if (word == "utan" && before > 0 && text_[before - 1] == ',') return false;
    return reaches({mark->span.end, hit.span.begin}, hit.span, sentence,
                   word.starts_with("förnek") || word.starts_with("neger"));
  }
  return false;
}

// Does a denial before `between` reach the term behind it? Over fillers and over what is denied in
// the same breath: "ingen astma eller diabetes", "förnekar smärta, yrsel och feber". A comma goes
// on only in a list that a verb denies or that ends in "eller".
bool Bearing::reaches(Span between, Span term, Span sentence, bool verb) const {
  const std::string_view text = text_.substr(between.begin, between.size());
  if (text.find_first_of(";:(\t") != std::string_view::npos) return false;
  const bool comma = text.find(',') != std::string_view::npos;
  if (comma && !verb && text.find("eller") == std::string_view::npos) {
    const std::size_t end = std::min(sentence.end, term.end + kDenialReach);
    std::string_view rest = text_.substr(term.end, end - std::min(end, term.end));
    rest = rest.substr(0, rest.find_first_of(".;:(\t"));
    if (rest.find(" eller ") == std::string_view::npos) return false;
  }
  std::size_t at = between.begin;
  auto other = first_from(reading_.terms, between.begin);
  while (at < between.end) {
    const bool listed = other != reading_.terms.end() && other->span.begin < between.end;
    const std::size_t stop = listed ? other->span.begin : between.end;
    const bool go_on = all_words(text_.substr(at, stop > at ? stop - at : 0), [&](auto word) {
      if (comma && (word == "har" || word == "hade")) return false;
      return is_filler(word) || joins(word);
    });
    if (!go_on) return false;
    if (!listed) break;
    at = other->span.end;
    ++other;
  }
  return true;
}

// "suicidtankar förnekas", "Epilepsi: nej", "diabetes (nej)"
bool Bearing::denied_behind(Span term) const {
  std::size_t at = term.end;
  while (at < text_.size() && at - term.end < 6 &&
         std::string_view(" :?-(=\t").find(text_[at]) != std::string_view::npos)
    ++at;
  std::size_t end = at;
  while (end < text_.size() && is_letter_byte(text_[end])) ++end;
  const std::string word = fold(text_.substr(at, end - at));
  static constexpr std::array<std::string_view, 10> kDenied = {
      "förnekas", "förnekades", "nekas",     "negeras",       "saknas",
      "utesluts", "uteslutits", "uteslutet", "föreligger ej", "uteslutna"};
  if (is_one_of(kDenied, word)) return true;
  // A form nobody has filled in: "Har du diabetes? ja / nej"
  const std::string choice = fold(text_.substr(at, 8));
  if (choice.starts_with("ja / nej") || choice.starts_with("ja/nej") ||
      choice.starts_with("ja  nej")) {
    return true;
  }
  const bool apart =
      text_.substr(term.end, at - term.end).find_first_of(":?-(=\t") != std::string_view::npos;
  return apart && (word == "nej" || word == "ingen" || word == "inga" || word == "inget" ||
                   word == "ej" || word == "no" || word == "none" || word == "nekar");
}

// "diabetessköterskan", "demensföreningen": somebody's trade or an association.
bool Bearing::is_trade(const TermHit& hit) const {
  static constexpr std::array<std::string_view, 45> kHeads = {
      "handläggare", "policy",     "prevention", "vikarie",    "förvaltning", "centralen",
      "kunskap",     "sköterska",  "läkare",     "samordnare", "konsulent",   "pedagog",
      "terapeut",    "behandlare", "ombud",      "team",       "enhet",       "förbund",
      "förening",    "fond",       "forskning",  "utbildning", "föreläsning", "kurs",
      "specialist",  "handledare", "dagarna",    "veckan",     "kampanj",     "konferens",
      "nätverk",     "projekt",    "stiftelse",  "instruktör", "rådgivare",   "psykiatriker",
      "forskare",    "akademi",    "podden",     "riktlinje",  "strategi",    "givning",
      "hantering",   "delegering", "linjen"};
  // "Synskadades Riksförbund"
  std::size_t next = hit.span.end;
  while (next < text_.size() && text_[next] == ' ') ++next;
  if (next == hit.span.end + 1 && is_upper_at(text_, next)) {
    const std::string after = fold(text_.substr(next, 12));
    static constexpr std::array<std::string_view, 4> kBodies = {"riksförbund", "förbund",
                                                                "förening", "stiftelse"};
    if (std::any_of(kBodies.begin(), kBodies.end(),
                    [&](std::string_view body) { return after.starts_with(body); }))
      return true;
  }
  const std::string word = fold(text_.substr(hit.span.begin, hit.span.size()));
  // "ALS-forskning"
  if (hit.span.end + 1 < text_.size() && text_[hit.span.end] == '-') {
    const std::string after = fold(text_.substr(hit.span.end + 1, 16));
    if (std::any_of(kHeads.begin(), kHeads.end(),
                    [&](std::string_view head) { return after.starts_with(head); }) ||
        after.starts_with("skola") || after.starts_with("dag") || after.starts_with("regist"))
      return true;
  }
  // "träffade diabetessköterskan": the definite one is somebody's.
  const bool own = word.size() < lexicon_.term(hit.term).lemma.size() + 4;
  return std::any_of(kHeads.begin(), kHeads.end(), [&](std::string_view head) {
    const std::size_t at = word.rfind(head);
    return at != std::string::npos && at > 2 && word.size() - at - head.size() <= (own ? 0u : 3u);
  });
}

// "Hemtjänst Söder", "HVB Sjöängen": a workplace, not a measure for somebody.
bool Bearing::is_workplace(const TermHit& hit) const {
  static constexpr std::array<std::string_view, 5> kPlaces = {
      "elder-care", "care-setting", "child-protection", "lss", "social-services"};
  if (!is_one_of(kPlaces, lexicon_.term(hit.term).cls)) return false;
  const std::size_t next = hit.span.end + 1;
  if (next >= text_.size() || text_[hit.span.end] != ' ' || !is_upper_at(text_, next)) return false;
  const auto name = first_from(reading_.names, next);
  const bool somebody = name != reading_.names.end() && name->span.begin == next && name->given;
  return is_upper_at(text_, hit.span.begin) && !somebody;
}

// The word before `at` on its line, folded.
std::string Bearing::word_before(std::size_t at) const {
  std::size_t end = at;
  while (end > 0 && text_[end - 1] == ' ') --end;
  std::size_t begin = end;
  while (begin > 0 && is_letter_byte(text_[begin - 1])) --begin;
  return fold(text_.substr(begin, end - begin));
}

// "Dialysmottagningen, ssk Nina Bergh", "Kontakta strokeenheten": an entry of a directory. Somebody
// is "på", "till", "hos" such a place.
bool Bearing::is_unit(const TermHit& hit) const {
  static constexpr std::array<std::string_view, 8> kUnits = {
      "mottagning", "enhet", "avdelning", "klinik", "central", "akuten", "teamet", "familjerätten"};
  const std::string word = fold(text_.substr(hit.span.begin, hit.span.size()));
  if (!std::any_of(kUnits.begin(), kUnits.end(), [&](std::string_view unit) {
        const std::size_t at = word.rfind(unit);
        return at != std::string::npos && word.size() - at - unit.size() <= 3;
      }))
    return false;
  static constexpr std::array<std::string_view, 5> kAsk = {"kontakta", "ring", "ringa", "mejla",
                                                           "maila"};
  const std::string before = word_before(hit.span.begin);
  return before.empty() || is_one_of(kAsk, before);
}

// "folk på demensboendet Eken": the place, and nobody in it.
bool Bearing::is_named_place(const TermHit& hit) const {
  const std::string& cls = lexicon_.term(hit.term).cls;
  const std::size_t next = hit.span.end + 1;
  if ((cls != "elder-care" && cls != "care-setting" && cls != "lss" && cls != "child-protection") ||
      next >= text_.size() || text_[hit.span.end] != ' ' || !is_upper_at(text_, next))
    return false;
  const auto name = first_from(reading_.names, next);
  return !(name != reading_.names.end() && name->span.begin == next && name->given);
}

// A number and a per cent sign follow.
bool Bearing::is_share(std::size_t at) const {
  if (at + 2 >= text_.size() || text_[at] != ' ' || !is_digit(text_[at + 1])) return false;
  for (++at; at < text_.size() && (is_digit(text_[at]) || text_[at] == ','); ++at) {
  }
  while (at < text_.size() && text_[at] == ' ') ++at;
  return at < text_.size() && text_[at] == '%';
}

// "fem år på beroendemottagningen", "tidigare på onkologen": where somebody works.
bool Bearing::is_employer(const TermHit& hit) const {
  const std::string& cls = lexicon_.term(hit.term).cls;
  if (cls != "care-setting" && cls != "mental-health" && cls != "elder-care" &&
      cls != "addiction" && cls != "child-protection")
    return false;
  const std::string link = word_before(hit.span.begin);
  if (link != "på" && link != "i" && link != "från" && link != "inom" && link != "vid")
    return false;
  std::size_t at = hit.span.begin;
  while (at > 0 && text_[at - 1] == ' ') --at;
  const std::string word = word_before(at - std::min(at, link.size()));
  static constexpr std::array<std::string_view, 21> kWork = {
      "arbetar", "jobbar",   "arbetat",  "jobbat",   "arbetade", "jobbade",       "anställd",
      "tjänst",  "vikariat", "vikarie",  "tidigare", "kollega",  "sjuksköterska", "undersköterska",
      "läkare",  "kurator",  "psykolog", "chef",     "skötare",  "vårdbiträde",   "handledare"};
  return is_one_of(kWork, word) || (word == "år" && link == "på");
}

// "14 fall, 3 trycksår, 2 diabetiker": counted, not told of one.
bool Bearing::is_counted(const TermHit& hit) const {
  const Term& term = lexicon_.term(hit.term);
  if (term.cls == "medication" || term.cls == "test-lab" || hit.span.begin < 3) return false;
  // "Våld 33 %, missbruk 21 %", but "sjukskriven 50 %"
  if (term.cls != "absence" && term.cls != "disability" && is_share(hit.span.end)) return true;
  // "Sjukfrånvaro 7,1 %"
  if (term.lemma.ends_with("frånvaro") && hit.span.end + 2 < text_.size() &&
      text_[hit.span.end] == ' ' && is_digit(text_[hit.span.end + 1]))
    return text_.substr(hit.span.end, 8).find('%') != std::string_view::npos;
  std::size_t at = hit.span.begin - 1;
  // "2 % kränkande särbehandling"
  if (text_[at] == ' ' && text_[at - 1] == '%') return term.cls != "absence";
  if (text_[at] != ' ' || !is_digit(text_[at - 1])) return false;
  while (at > 0 && is_digit(text_[at - 1])) --at;
  // "Dag 4 diarré", "100 % sjukskriven", "2024-03-01 stroke"
  const char before = at == 0 ? '\n' : text_[at - 1];
  return hit.span.begin - 1 - at <= 3 && (before == ' ' || before == '\n' || before == '(') &&
         at > 1 &&
         (text_[at - 2] == ',' || text_[at - 2] == ':' || word_before(at) == "och" ||
          word_before(at) == "antal");
}

// "arbetar som personlig assistent", but "har personlig assistent": a trade unless it is
// somebody's.
bool Bearing::is_job(const TermHit& hit, bool somebody) const {
  if (lexicon_.term(hit.term).note != "yrke") return false;
  static constexpr std::array<std::string_view, 12> kOwn = {
      "har", "hade", "hos", "av", "till", "med", "sin", "sina", "hennes", "hans", "en", "två"};
  return !somebody || !is_one_of(kOwn, word_before(hit.span.begin));
}

bool Bearing::is_subject(const TermHit& hit, Span sentence, bool somebody) const {
  if (is_machine(hit) || is_language_name(hit)) return true;
  if (is_trade(hit) || is_workplace(hit) || is_job(hit, somebody) || is_employer(hit)) return true;
  if (!somebody && (is_unit(hit) || is_counted(hit) || is_named_place(hit))) return true;
  auto mark = first_from(reading_.marks, hit.span.begin);
  while (mark != reading_.marks.begin()) {
    --mark;
    if (mark->span.begin < sentence.begin || mark->span.end + kSubjectReach < hit.span.begin)
      return false;
    if (mark->span.end > hit.span.begin) continue;
    // "gick kursen om demens, hon har diabetes"
    if (mark->role == Role::kTold || mark->role == Role::kHas || mark->role == Role::kPronoun)
      return false;
    if (mark->role == Role::kSubject) return true;
    if (mark->role != Role::kGroup) continue;
    const std::string between = fold(text_.substr(mark->span.end, hit.span.begin - mark->span.end));
    // "med hemiplegi eller reumatism": the link stands first, other terms may follow it.
    static constexpr std::array<std::string_view, 5> kLinks = {" med ", " som har ",
                                                               " som lider av ", " i ", " with "};
    if (std::any_of(kLinks.begin(), kLinks.end(),
                    [&](std::string_view link) { return between.starts_with(link); }))
      return true;
  }
  return false;
}

Bearing::Tongue Bearing::tongue_of(Span span) const {
  const std::size_t to = span.end;
  Tongue tongue;
  for (std::size_t at = span.begin; at < to;) {
    if (!is_letter_byte(text_[at])) {
      ++at;
      continue;
    }
    const std::size_t begin = at;
    std::uint64_t number = 0;
    for (; at < to && is_letter_byte(text_[at]); ++at) {
      const std::uint64_t c = small(text_[at]);
      // å, ä, ö, small or capital
      tongue.ring |= (number & 0xFF) == small('\xC3') && (c == 0xA5 || c == 0xA4 || c == 0xB6);
      number = number << 8 | c;
    }
    ++tongue.words;
    if (at - begin > kLongestSmallWord) continue;
    tongue.swedish += holds(kSwedish, number) ? 1 : 0;
    tongue.english += holds(kEnglish, number) ? 1 : 0;
    tongue.own += holds(kOwn, number) ? 1 : 0;
    tongue.other += holds(kOther, number) ? 1 : 0;
  }
  return tongue;
}

Bearing::Tongue Bearing::tongue_around(Span span) const {
  const std::size_t block = span.begin / kTongueBlock;
  if (block == block_) return tongue_;
  const std::size_t from = block * kTongueBlock - std::min(block * kTongueBlock, kTongueReach);
  const std::size_t to = std::min(text_.size(), (block + 1) * kTongueBlock + kTongueReach);
  block_ = block;
  tongue_ = tongue_of({from, to});
  return tongue_;
}

bool Bearing::is_english(Span span) const {
  const Tongue tongue = tongue_around(span);
  return tongue.english >= 3 && tongue.english > 2 * tongue.swedish;
}

bool Bearing::is_foreign(const TermHit& hit) const {
  const Tongue tongue = tongue_around(hit.span);
  const bool english = lexicon_.term(hit.term).english;
  if (tongue.other >= 4 && tongue.other > 2 * (tongue.own + (english ? tongue.english : 0)))
    return true;
  if (english) return false;
  // One English sentence in a Swedish text, as programs quote them.
  const Span line = window_.line_at(hit.span.begin);
  if (line.size() < 2 * kSubjectReach) {
    const Tongue here = tongue_of(line);
    if (here.swedish == 0 && !here.ring && here.english >= 3) return true;
  }
  if (tongue.english >= 3 && tongue.english > 2 * tongue.swedish) return true;
  // Lists and tables have no small words, but a Swedish one has å, ä and ö.
  return window_.segment_at(hit.span.begin).layout == Layout::kProse && tongue.swedish == 0 &&
         !tongue.ring && tongue.words >= kEnoughWords;
}

bool Bearing::is_machine(const TermHit& hit) const {
  if (hit.span.size() > 4 || !is_all_upper(text_.substr(hit.span.begin, hit.span.size())))
    return false;
  const std::size_t from = hit.span.begin - std::min(hit.span.begin, 2 * kSubjectReach);
  const std::size_t to = std::min(text_.size(), hit.span.end + 2 * kSubjectReach);
  int found = 0;
  all_words(text_.substr(from, to - from), [&](std::string_view word) {
    found += std::any_of(kMachines.begin(), kMachines.end(),
                         [&](std::string_view one) { return word.starts_with(one); });
    return found < 2;
  });
  return found >= 2;
}

bool Bearing::is_language_name(const TermHit& hit) const {
  if (!is_upper_at(text_, hit.span.begin)) return false;
  const std::string_view word = text_.substr(hit.span.begin, hit.span.size());
  std::string_view behind = text_.substr(hit.span.end, 16);
  if (behind.starts_with(" Sign Language")) return true;
  return word.starts_with("Sign Lang") || word.starts_with("SIGN LANG");
}

}  // namespace gallra::detect::lexicon

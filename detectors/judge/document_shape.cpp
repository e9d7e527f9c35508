#include "detectors/judge/document_shape.hpp"

#include <algorithm>
#include <string>

#include "detectors/one_of.hpp"

namespace gallra::detect {
namespace {

constexpr std::array<std::string_view, kTraits> kNames{
    "dated_entry", "dated_entries", "signed",       "signed_entries", "sbar",
    "hours",       "hours_many",    "years",        "statute",        "numbered",
    "normative",   "sums",          "first_person", "second_person",  "blank",
    "companies",   "table",         "mail",         "chat",           "nobody",
    "few",         "persons",       "emails",       "phones",         "health"};

constexpr std::array<std::string_view, 13> kNorms{"ska",    "skall",    "bör",     "måste", "får",
                                                  "gäller", "ansvarar", "innebär", "shall", "must",
                                                  "should", "avses",    "may"};
constexpr std::array<std::string_view, 6> kFirst{"jag", "mig", "min", "mitt", "mina", "my"};
constexpr std::array<std::string_view, 7> kSecond{"du",   "dig", "din", "ditt",
                                                  "dina", "you", "your"};
constexpr std::array<std::string_view, 14> kDays{"mån",     "tis",    "ons",    "tor",    "fre",
                                                 "lör",     "sön",    "måndag", "tisdag", "onsdag",
                                                 "torsdag", "fredag", "lördag", "söndag"};
constexpr std::array<std::string_view, 14> kProfessions{"ssk",
                                                        "dsk",
                                                        "usk",
                                                        "läk",
                                                        "leg sjuksköterska",
                                                        "sjuksköterska",
                                                        "undersköterska",
                                                        "kurator",
                                                        "psykolog",
                                                        "leg läkare",
                                                        "arbetsterapeut",
                                                        "fysioterapeut",
                                                        "barnmorska",
                                                        "skolsköterska"};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter_byte(char c) {
  return (c >= 'a' && c <= 'z') || static_cast<unsigned char>(c) >= 0x80;
}
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r*_>#|";
  const std::size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r*_|") - begin + 1);
}

std::size_t digits_at(std::string_view text, std::size_t at) {
  std::size_t end = at;
  while (end < text.size() && is_digit(text[end])) ++end;
  return end - at;
}

int number_at(std::string_view text, std::size_t at, std::size_t size) {
  int number = 0;
  for (std::size_t i = at; i < at + size; ++i) number = number * 10 + (text[i] - '0');
  return number;
}

std::string_view first_word(std::string_view text) {
  std::size_t end = 0;
  while (end < text.size() && is_letter_byte(text[end])) ++end;
  return text.substr(0, end);
}

// "2024-03-11", "240311", "11/3", "11.3", "kl 14", "14.30", "Mån 4/3", "v 12".
bool begins_with_date(std::string_view line) {
  while (!line.empty() && (line[0] == '[' || line[0] == '(')) line.remove_prefix(1);
  const std::string_view word = first_word(line);
  if (is_one_of(kDays, word) || word == "kl" || word == "klockan" || word == "dag" ||
      word == "den") {
    std::size_t at = word.size();
    while (at < line.size() && (line[at] == ' ' || line[at] == '.' || line[at] == ':')) ++at;
    return digits_at(line, at) > 0 || (is_one_of(kDays, word) && at > word.size());
  }
  const std::size_t size = digits_at(line, 0);
  if (size == 0 || size >= line.size()) return false;
  const char next = line[size];
  if (size == 4) {
    const int year = number_at(line, 0, 4);
    return year > 1900 && year < 2100 && (next == '-' || next == '/' || next == '.') &&
           digits_at(line, size + 1) > 0;
  }
  if (size == 6 || size == 8) {
    const std::size_t month = size - 4;
    const int m = number_at(line, month, 2), d = number_at(line, month + 2, 2);
    return m >= 1 && m <= 12 && d >= 1 && d <= 31 && (next == ' ' || next == '\t' || next == ':');
  }
  if (size > 2) return false;
  const int first = number_at(line, 0, size);
  const std::size_t more = digits_at(line, size + 1);
  if (more == 0 || more > 2) return false;
  const int second = number_at(line, size + 1, more);
  if (next == '/') return first >= 1 && first <= 31 && second >= 1 && second <= 12;
  // An hour, not the number of a heading ("1.10 Ansvar").
  return (next == ':' || next == '.') && size == 2 && more == 2 && first < 24 && second < 60;
}

// "... /EL", "... sign AB", "/Karin ssk", "Signerat: ...".
bool ends_in_signature(std::string_view low, std::string_view line) {
  if (low.starts_with("sign") || low.find(" sign") != std::string_view::npos) return true;
  const std::size_t slash = low.rfind('/');
  if (slash != std::string_view::npos && low.size() - slash < 40 && slash + 1 < low.size()) {
    const bool open =
        slash == 0 || low[slash - 1] == ' ' || low[slash - 1] == '.' || low[slash - 1] == '/';
    std::size_t at = slash + 1;
    while (at < low.size() && low[at] == ' ') ++at;
    if (open && at < low.size() && is_letter_byte(low[at])) return true;
  }
  for (const std::string_view word : kProfessions)
    if (low.ends_with(word) && low.size() < 60) return true;
  // Two or three capitals alone at the end of a longer line.
  std::size_t at = line.size();
  while (at > 0 && is_upper(line[at - 1])) --at;
  const std::size_t capitals = line.size() - at;
  return capitals >= 2 && capitals <= 3 && at > 20 && line[at - 1] == ' ' &&
         std::any_of(line.begin(), line.begin() + static_cast<std::ptrdiff_t>(at),
                     is_letter_byte) &&
         line.find_first_of("abcdefghijklmnopqrstuvwxyz") < at;
}

// "Utfört stöd 12/2: ...": a label that ends in a day.
bool is_dated_label(std::string_view line) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || colon > 40) return false;
  const std::size_t slash = line.substr(0, colon).rfind('/');
  return slash != std::string_view::npos && slash > 0 && is_digit(line[slash - 1]) &&
         slash + 1 + digits_at(line, slash + 1) == colon && colon > slash + 1;
}

// "[14.45] Goran: ok", "14:45 Goran: ok", "2024-03-01 14:45 - Goran: ok".
bool is_said(std::string_view low) {
  const std::size_t letter =
      static_cast<std::size_t>(std::find_if(low.begin(), low.end(), is_letter_byte) - low.begin());
  const std::size_t clock = low.substr(0, letter).find_first_of(".:");
  if (letter == 0 || letter > 24 || clock == std::string_view::npos) return false;
  const std::size_t colon = low.find(':', letter);
  return colon != std::string_view::npos && colon - letter < 30;
}

// An hour at `at`: "8", "08", "08.00", "8:30". Its size, or 0.
std::size_t hour_at(std::string_view text, std::size_t at) {
  std::size_t size = digits_at(text, at);
  if (size == 0 || size > 2 || number_at(text, at, size) > 24) return 0;
  const std::size_t mark = at + size;
  if (mark + 2 < text.size() && (text[mark] == '.' || text[mark] == ':') &&
      digits_at(text, mark + 1) == 2)
    size += 3;
  return size;
}

}  // namespace

std::optional<Trait> trait_of(std::string_view name) {
  const auto found = std::find(kNames.begin(), kNames.end(), name);
  if (found == kNames.end()) return std::nullopt;
  return static_cast<Trait>(found - kNames.begin());
}

void DocumentShape::count_words(std::string_view folded) {
  for (std::size_t at = 0; at < folded.size();) {
    if (!is_letter_byte(folded[at])) {
      ++at;
      continue;
    }
    const std::string_view word = first_word(folded.substr(at));
    at += word.size();
    ++words_;
    if (is_one_of(kNorms, word)) ++norms_;
    if (is_one_of(kFirst, word)) ++first_;
    if (is_one_of(kSecond, word)) ++second_;
    if (word == "ab" || word == "hb" || word == "kb" || word == "aktiebolag") ++companies_;
  }
}

void DocumentShape::count_values(std::string_view folded) {
  std::size_t clocks = 0;
  for (std::size_t at = 0; at < folded.size(); ++at) {
    if (!is_digit(folded[at]) ||
        (at > 0 && (is_digit(folded[at - 1]) || is_letter_byte(folded[at - 1]))))
      continue;
    const std::size_t size = digits_at(folded, at);
    std::size_t end = at + size;
    const char mark = end < folded.size() ? folded[end] : ' ';
    const std::size_t more = end < folded.size() ? digits_at(folded, end + 1) : 0;
    if ((mark == ':' || mark == '.') && size <= 2 && more == 2 &&
        number_at(folded, at, size) < 25 && number_at(folded, end + 1, 2) < 60)
      ++clocks;
    if (mark == ',' && more == 2) ++sums_;
    std::size_t after = mark == ',' || mark == '.' ? end + 1 + more : end;
    while (after < folded.size() && folded[after] == ' ') ++after;
    const std::string_view unit = first_word(folded.substr(std::min(after, folded.size())));
    if (unit == "kr" || unit == "kronor" || unit == "sek") ++sums_;
    if (unit == "tim" || unit == "timmar" || unit == "h" || unit == "t" || unit == "hours")
      ++hours_;
    // "07-15", "8.00 – 16.30"
    const std::size_t from = hour_at(folded, at);
    if (from != 0) {
      std::size_t dash = at + from;
      while (dash < folded.size() && folded[dash] == ' ') ++dash;
      const bool is_dash = folded.substr(std::min(dash, folded.size())).starts_with("-") ||
                           folded.substr(std::min(dash, folded.size())).starts_with("\xE2\x80\x93");
      if (is_dash) {
        dash += folded[dash] == '-' ? 1u : 3u;
        while (dash < folded.size() && folded[dash] == ' ') ++dash;
        const std::size_t to = hour_at(folded, dash);
        const bool ends = dash + to >= folded.size() || !is_digit(folded[dash + to]);
        const bool dated = (at > 0 && folded[at - 1] == '-') ||
                           (dash + to < folded.size() && folded[dash + to] == '-');
        if (to != 0 && ends && !dated) ++hours_;
      }
    }
    at = std::max(at, end - 1);
  }
  if (clocks >= 2) ++hours_;
}

// "2015-2019", "2019 – nu", "2017–".
void DocumentShape::count_years(std::string_view folded) {
  for (std::size_t at = 0; at + 4 < folded.size(); ++at) {
    const bool starts = at == 0 || !is_digit(folded[at - 1]);
    if (!starts || digits_at(folded, at) != 4) continue;
    const int year = number_at(folded, at, 4);
    std::string_view rest = folded.substr(at + 4);
    while (rest.starts_with(" ")) rest.remove_prefix(1);
    const std::size_t dash = rest.starts_with("-")              ? 1u
                             : rest.starts_with("\xE2\x80\x93") ? 3u
                                                                : 0u;
    if (dash == 0 || year < 1950 || year > 2100) continue;
    rest.remove_prefix(dash);
    while (rest.starts_with(" ")) rest.remove_prefix(1);
    const std::size_t digits = digits_at(rest, 0);
    const bool month = digits == 2 && rest.size() > 2 && rest[2] == '-';  // the start of a date
    if ((digits == 4 || digits == 0 || digits == 2) && !month) ++years_;
  }
}

void DocumentShape::count_sbar(std::string_view folded) {
  constexpr std::array<std::string_view, 4> kParts{"situation", "bakgrund", "aktuell", "rekommend"};
  constexpr std::string_view kLetters = "sbar";
  if (folded.size() < 3) return;
  for (unsigned i = 0; i < kParts.size(); ++i)
    if (folded.starts_with(kParts[i]) ||
        (folded[0] == kLetters[i] &&
         (folded[1] == ':' || folded[1] == ')' || folded[1] == '.' ||
          folded.substr(1).starts_with(" -") || folded.substr(1).starts_with(" \xE2\x80\x93"))))
      sbar_ |= 1u << i;
}

void DocumentShape::add_line(std::string_view folded, std::string_view line) {
  const std::string_view low = trimmed(folded);
  if (low.empty()) return;
  if (low.find("....") != std::string_view::npos || low.find("____") != std::string_view::npos)
    ++blanks_;
  if (begins_with_date(low) || is_dated_label(low)) ++dated_;
  if (is_said(low)) ++chat_;
  if (ends_in_signature(low, trimmed(line))) ++signed_;
  const std::size_t digits = digits_at(low, 0);
  const std::string_view rest = low.substr(digits);
  if (low.starts_with("\xC2\xA7") || (digits > 0 && digits < 4 &&
                                      (rest.starts_with(" \xC2\xA7") || rest.starts_with(" kap") ||
                                       rest.starts_with(" a \xC2\xA7"))))
    ++sections_;
  if (digits > 0 && digits < 3 && rest.size() > 2 && (rest[0] == '.' || rest[0] == ' ') &&
      (is_letter_byte(rest[1]) || is_digit(rest[1])))
    ++numbered_;
  count_sbar(low);
  count_years(low);
  count_words(low);
  count_values(low);
}

void DocumentShape::add_row(std::string_view folded) {
  set(Trait::kTable);
  count_words(folded);
  count_values(folded);
}

bool DocumentShape::has(Trait trait) const {
  switch (trait) {
    case Trait::kDatedEntry:
      return dated_ >= 1;
    case Trait::kDatedEntries:
      return dated_ >= 3;
    case Trait::kSigned:
      return signed_ >= 1;
    case Trait::kSignedEntries:
      return signed_ >= 2 && dated_ >= 2;
    case Trait::kHoursMany:
      return hours_ >= 5;
    case Trait::kYears:
      return years_ >= 2;
    case Trait::kSbar:
      return sbar_ == 15;
    case Trait::kHours:
      return hours_ >= 2;
    case Trait::kStatute:
      return sections_ >= 2;
    case Trait::kNumbered:
      return numbered_ >= 3;
    case Trait::kNormative:
      return norms_ >= 3 && norms_ * 40 >= words_;
    case Trait::kSums:
      return sums_ >= 2;
    case Trait::kFirstPerson:
      return first_ >= 2;
    case Trait::kSecondPerson:
      return second_ >= 2;
    case Trait::kBlank:
      return blanks_ >= 3;
    case Trait::kChat:
      return chat_ >= 3;
    case Trait::kCompanies:
      return companies_ >= 3;
    default:
      return known_[static_cast<std::size_t>(trait)];
  }
}

}  // namespace gallra::detect

#include "detectors/judge/minor_words.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "detectors/judge/fold.hpp"
#include "detectors/one_of.hpp"

namespace gallra::detect {
namespace {

constexpr std::size_t kHeadBytes = 64 << 10;
constexpr int kAdult = 18;
constexpr int kMostMonths = 36;  // an age told in months is a small child's

// Labels and headings of columns that only a child's paper has.
constexpr std::array<std::string_view, 25> kLabels{"barn",
                                                   "barnet",
                                                   "barnets namn",
                                                   "barnets personnr",
                                                   "barnets personnummer",
                                                   "barnets födelsedata",
                                                   "barn 1",
                                                   "elev",
                                                   "elevens namn",
                                                   "elevens personnummer",
                                                   "målsman",
                                                   "målsmans namn",
                                                   "målsmans underskrift",
                                                   "vårdnadshavare",
                                                   "vårdnadshavare 1",
                                                   "vårdnadshavare 2",
                                                   "vårdn.hav. 1",
                                                   "vårdn.hav.",
                                                   "den unge",
                                                   "ungdom",
                                                   "vh",
                                                   "vh 1",
                                                   "klass",
                                                   "åk",
                                                   "årskurs"};
constexpr std::array<std::string_view, 4> kDirect{"barnet", "flickan", "pojken", "eleven"};
constexpr std::array<std::string_view, 13> kChildren{
    "barnet", "flickan", "pojken",  "eleven", "flicka",   "pojke",     "son",
    "sonen",  "dotter",  "dottern", "elev",   "ungdomen", "tonåringen"};
constexpr std::array<std::string_view, 10> kGuardians{
    "vårdnadshavare", "vårdnadshavaren", "vårdnadshavarna", "målsman",     "mamma",
    "mamman",         "pappa",           "pappan",          "föräldrarna", "modern"};
constexpr std::array<std::string_view, 14> kServices{"bvc",
                                                     "bup",
                                                     "skolsköterska",
                                                     "skolsköterskan",
                                                     "elevhälsa",
                                                     "elevhälsan",
                                                     "elevhälsomöte",
                                                     "elevhälsoteam",
                                                     "eht",
                                                     "familjehem",
                                                     "kontaktfamilj",
                                                     "lvu",
                                                     "barnhälsovården",
                                                     "specialpedagog"};
constexpr std::array<std::string_view, 6> kGrownSchools{
    "komvux", "sfi", "grundvux", "folkhögskola", "vuxenutbildning", "högskola"};
// "14 år i yrket", "5 år sedan" are no ages.
constexpr std::array<std::string_view, 15> kNoAge{"i",    "sedan", "efter", "innan",    "framåt",
                                                  "som",  "till",  "av",    "inom",     "per",
                                                  "från", "bakåt", "kvar",  "fängelse", "på"};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_word_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || static_cast<unsigned char>(c) >= 0x80;
}
// Also of a line in UTF-8: "Å" and its like begin so, and are followed by less than "à".
bool starts_capital(std::string_view line, std::size_t at) {
  const char c = line[at];
  if (c >= 'A' && c <= 'Z') return true;
  return c == '\xC3' && at + 1 < line.size() && static_cast<unsigned char>(line[at + 1]) < 0x9F;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r*_#|-";
  const std::size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

std::string_view word_at(std::string_view low, std::size_t at) {
  std::size_t end = at;
  while (end < low.size() && is_word_byte(low[end])) ++end;
  return low.substr(at, end - at);
}

struct Before {
  std::size_t begin = 0, end = 0;
  char mark = ' ';  // between the word and what follows
};

// The word before `at`, and the mark after it.
Before word_before(std::string_view text, std::size_t at) {
  Before before;
  while (at > 0 && !is_word_byte(text[at - 1]) && !is_digit(text[at - 1])) {
    if (text[at - 1] != ' ') before.mark = text[at - 1];
    --at;
  }
  before.end = at;
  while (at > 0 && is_word_byte(text[at - 1])) --at;
  before.begin = at;
  return before;
}

// The number ending before `at` is the age of a person named or meant right before it.
bool is_age_of_somebody(std::string_view line, std::string_view low, std::size_t number) {
  Before before = word_before(line, number);
  std::string_view word = low.substr(before.begin, before.end - before.begin);
  if (word == "ålder" || word == "åldern") return true;
  bool linked = before.mark == ',' || before.mark == '(';
  if (word == "är") {
    before = word_before(line, before.begin);
    word = low.substr(before.begin, before.end - before.begin);
    linked = true;
    if (word == "han" || word == "hon" || word == "hen" || word == "jag") return true;
  }
  if (word.empty() || !linked) return false;
  if (is_one_of(kChildren, word)) return true;
  if (!starts_capital(line, before.begin)) return false;
  // A name has two words, or stands inside its line.
  const Before first = word_before(line, before.begin);
  return first.end > first.begin;
}

bool tells_age(std::string_view line, std::string_view low, std::size_t at, std::size_t size) {
  int age = 0;
  for (std::size_t i = at; i < at + size; ++i) age = age * 10 + (low[i] - '0');
  if (age < 1 || age > kMostMonths) return false;
  std::string_view rest = low.substr(at + size);
  const bool child = age < kAdult;
  if (child && rest.starts_with("-åring")) return true;
  const bool hyphened = child && (rest.starts_with("-årig ") || rest.starts_with("-åriga ") ||
                                  rest.starts_with("-årige "));
  if (hyphened) return is_one_of(kChildren, word_at(rest, rest.find(' ') + 1));
  if (child && rest.starts_with(")") && at > 0 && low[at - 1] == '(') {
    // "Ana (6) och Bo (9)": where children are spoken of.
    const Before before = word_before(line, at);
    return low.find("barn") != std::string_view::npos && before.mark == '(' &&
           before.end > before.begin && starts_capital(line, before.begin);
  }
  if (rest.starts_with(" ")) rest.remove_prefix(1);
  const std::string_view unit = word_at(rest, 0);
  if (!(child && unit == "år") && unit != "mån" && unit != "månader") return false;
  rest.remove_prefix(unit.size());
  if (rest.starts_with(" ") && rest.size() > 1 && is_one_of(kNoAge, word_at(rest, 1))) return false;
  return is_age_of_somebody(line, low, at);
}

// "4A", "7c": a class, where `at` begins it.
bool is_class(std::string_view low, std::size_t at) {
  if (at >= low.size() || !is_digit(low[at]) || low[at] == '0') return false;
  const std::size_t next = at + 1;
  if (next >= low.size()) return true;
  if (low[next] >= 'a' && low[next] <= 'f')
    return next + 1 >= low.size() || (!is_word_byte(low[next + 1]) && !is_digit(low[next + 1]));
  return !is_word_byte(low[next]) && !is_digit(low[next]);
}

}  // namespace

void MinorWords::add(const TextChunk& chunk) {
  if (plain_ || bytes_ >= kHeadBytes || chunk.place.kind == PlaceKind::kName) return;
  bytes_ += chunk.text.size();
  const std::string low = folded(chunk.text);
  if (chunk.layout == Layout::kRecord && !chunk.continues)
    look_at_label(folded(chunk.place.label), !chunk.text.empty());
  const std::string_view text = low;
  std::size_t row = chunk.continues || chunk.place.a > 2 ? 9 : 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view line = text.substr(at, end - at);
    if (chunk.layout == Layout::kTable && row++ < 2) {
      for (std::size_t cell = 0; cell <= line.size();) {
        const std::size_t tab = std::min(line.find('\t', cell), line.size());
        look_at_label(line.substr(cell, tab - cell), true);
        cell = tab + 1;
      }
    }
    look_at_line(chunk.text.substr(at, end - at), line);
    look_at_words(chunk.text.substr(at, end - at), line);
    at = end + 1;
  }
}

void MinorWords::look_at_label(std::string_view label, bool filled) {
  if (filled && is_one_of(kLabels, trimmed(label))) plain_ = true;
}

void MinorWords::look_at_line(std::string_view line, std::string_view low) {
  const std::size_t colon = std::min(low.find(':'), low.find("  "));
  if (colon != std::string_view::npos && colon < 32) {
    const std::string_view value = trimmed(low.substr(colon + 1));
    look_at_label(low.substr(0, colon), !value.empty() && value[0] != '.');
  }
  for (std::size_t at = 0; at < low.size(); ++at) {
    if (!is_digit(low[at]) ||
        (at > 0 && (is_digit(low[at - 1]) || low[at - 1] == '-' || low[at - 1] == '.')))
      continue;
    std::size_t size = 1;
    while (at + size < low.size() && is_digit(low[at + size])) ++size;
    if (size <= 2 && tells_age(line, low, at, size)) plain_ = true;
    at += size - 1;
  }
  if (low.size() > 3 && low[2] == '.' && is_class(low, 0) && low[1] >= 'a') klass_ = true;
}

void MinorWords::look_at_words(std::string_view line, std::string_view low) {
  for (std::size_t at = 0; at < low.size(); ++at) {
    if (!is_word_byte(low[at]) || (at > 0 && (is_word_byte(low[at - 1]) || is_digit(low[at - 1]))))
      continue;
    const std::string_view word = word_at(low, at);
    const std::size_t after = at + word.size() + 1;
    if (word == "klass" || word == "kl" || word == "åk" || word == "årskurs" ||
        word == "förskoleklass")
      if (word == "förskoleklass" || is_class(low, after)) {
        klass_ = true;
        // A heading, or "går i åk 7": the class of these persons, not one spoken of.
        const Before before = word_before(line, at);
        enrolled_ =
            enrolled_ || at < 3 || low.substr(before.begin, before.end - before.begin) == "i";
      }
    if (is_one_of(kDirect, word) && after < line.size() && low[after - 1] == ' ' &&
        starts_capital(line, after))
      plain_ = true;
    child_ = child_ || is_one_of(kChildren, word);
    guardian_ = guardian_ || is_one_of(kGuardians, word);
    service_ = service_ || is_one_of(kServices, word);
    greeting_ =
        greeting_ || (word == "hej" && low.find("vårdnadshavare") != std::string_view::npos);
    grown_ = grown_ || is_one_of(kGrownSchools, word);
    at += word.size() - 1;
  }
}

bool MinorWords::told() const {
  if (grown_) return false;
  if (plain_) return true;
  if (enrolled_ && (child_ || guardian_) && !greeting_) return true;
  return klass_ + child_ + guardian_ + service_ >= 3;
}

}  // namespace gallra::detect

#include "detectors/judge/date_evidence.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

#include "detectors/judge/fold.hpp"
#include "detectors/judge/weigh.hpp"
#include "detectors/validators/parts/dates.hpp"
#include "detectors/validators/validator.hpp"

namespace gallra::detect {
namespace {

// Texts that a share may hold: older dates in them are history, not the day they were written.
constexpr int kFirstYear = 1950;
constexpr std::size_t kEntryIndent = 4;  // bytes of "- ", "* ", "[" before the date of an entry

// Does a birth word stand right before, or does the date begin a personnummer?
bool is_birth(const Window& window, std::size_t begin, std::size_t end) {
  const std::size_t from = begin > 40 ? begin - 40 : 0;
  std::string before = folded(window.text.substr(from, begin - from));
  if (const std::size_t newline = before.rfind('\n'); newline != std::string::npos)
    before.erase(0, newline + 1);
  // A birth word speaks for the date behind it, not for later ones.
  for (std::size_t i = before.size(); i-- > 0;) {
    const bool sentence = i + 1 < before.size() && before[i] == '.' && before[i + 1] == ' ' &&
                          !(i >= 1 && before[i - 1] == 'f');
    const bool date = i + 4 <= before.size() && all_digits(before, i, 4);
    if (!sentence && !date) continue;
    before.erase(0, i + 2);
    break;
  }
  for (const std::string_view word : {"född", "fodd", "födelse", "fodelse", "f. ", "f.d", "birth",
                                      "born", "personn", "pers.nr", "pnr"})
    if (before.find(word) != std::string::npos) return true;
  const std::string header = folded(window.header_at(begin));
  for (const std::string_view word :
       {"född", "fodd", "födelse", "fodelse", "birth", "dob", "personn", "pnr"})
    if (header.find(word) != std::string::npos) return true;
  // "1985-01-01-2382", "19850101 2382"
  const std::string_view text = window.text;
  std::size_t at = end;
  if (at < text.size() && (text[at] == '-' || text[at] == '+' || text[at] == ' ')) ++at;
  return all_digits(text, at, 4) && (at + 4 >= text.size() || !is_digit(text[at + 4])) &&
         (at == end || text[end] != ' ' || is_digit(text[end - 3]));
}

bool starts_line(const Window& window, std::size_t begin) {
  const Span line = window.line_at(begin);
  if (begin - line.begin > kEntryIndent + 4) return false;
  for (std::size_t i = line.begin; i < begin; ++i)
    if (is_digit(window.text[i]) ||
        (is_letter(window.text[i]) && folded(window.text.substr(line.begin, 4)) != "den "))
      return false;
  return true;
}

}  // namespace

std::vector<Pattern> DateGatherer::patterns() {
  const auto pattern = [](const char* expression, bool caseless = false) {
    return Pattern{expression, caseless, false, "date"};
  };
  return {
      pattern("(?:19|20)\\d\\d([-/.])[01]\\d[-/.][0-3]\\d"),
      pattern("^[^\\w\\n]{0,4}(?:19|20)\\d\\d[01]\\d[0-3]\\d\\b"),
      pattern("\\d[/.-][01]?\\d[ /.-](?:19|20)\\d\\d"),
      pattern(
          "\\d\\.?(?::e)? (?:jan|feb|mar|apr|ma[jy]|jun|jul|aug|sep|o[kc]t|nov|dec)[a-z]{0,7}[.,]? "
          "(?:19|20)\\d\\d",
          true),
  };
}

void DateGatherer::begin(std::int32_t today, std::string_view path) {
  today_ = today;
  last_entry_ = last_date_ = path_date_ = beside_entry_ = beside_date_ = 0;
  window_.clear();
  for (std::size_t at = 0; at + 4 <= path.size(); ++at) {
    if (!is_digit(path[at]) || (at > 0 && is_digit(path[at - 1]))) continue;
    std::size_t run = at;
    while (run < path.size() && is_digit(path[run])) ++run;
    std::int32_t day = 0;
    FoundDate found;
    if (run - at == 4 && at + 10 <= path.size() && read_iso_date(path, at + 10, found)) {
      day = found.day;
      // A personnummer in a file name is no date of the file.
      const std::size_t end = at + 10;
      if (end + 5 <= path.size() && path[end] == '-' && all_digits(path, end + 1, 4)) continue;
    } else if (run - at == 8 && read_iso_date(path, run, found)) {
      const bool number_follows = run + 5 <= path.size() &&
                                  (path[run] == '-' || path[run] == '+') &&
                                  all_digits(path, run + 1, 4);
      if (number_follows) continue;
      day = found.day;
    } else if (run - at == 4) {
      day = day_of(number(path.substr(at, 4)), 12, 31);
      // The current year's last day is still to come: then today.
      if (day > today_ && day_of(number(path.substr(at, 4)), 1, 1) <= today_) day = today_;
    }
    const std::int32_t first = day_of(1980, 1, 2);
    if (day >= first && day <= today_) path_date_ = std::max(path_date_, day);
  }
}

void DateGatherer::look(const Window& window, std::size_t end) {
  if (end < window.begin || end > window.text.size()) return;
  if (end < window.text.size() && is_digit(window.text[end])) return;
  FoundDate found;
  const std::string_view text = window.text.substr(0, end);
  if (!read_date(text, end, found)) return;
  if (found.begin > 0 && is_digit(window.text[found.begin - 1])) return;
  if (found.day > today_ || found.day < day_of(kFirstYear, 1, 1)) return;
  if (is_birth(window, found.begin, end)) return;
  const bool bare = is_digit(text[end - 3]) && all_digits(text, end - 8, 8);
  const bool entry = starts_line(window, found.begin);
  if (!entry && bare) return;  // eight digits inside a line may be anything
  window_.push_back({end, found.day, entry});
}

void DateGatherer::settle(const Rules& rules, const std::vector<Hit>& hits) {
  std::vector<const Hit*> births;
  for (const Hit& hit : hits)
    if (hit.rejected.empty() && rules.loaded.info[hit.rule].category == "birth_date")
      births.push_back(&hit);
  for (const Seen& seen : window_) {
    const auto birth = std::find_if(births.begin(), births.end(),
                                    [&](const Hit* hit) { return hit->end == seen.end; });
    const bool is_birth = birth != births.end();
    const bool beside = is_birth && is_date_beside_name(rules, (*birth)->rule, (*birth)->signals);
    if (is_birth && !beside) continue;
    std::int32_t& date = beside ? beside_date_ : last_date_;
    std::int32_t& entry = beside ? beside_entry_ : last_entry_;
    date = std::max(date, seen.day);
    if (seen.entry) entry = std::max(entry, seen.day);
  }
  window_.clear();
}

std::vector<DateEvidence> DateGatherer::take(bool births_beside_names) const {
  std::vector<DateEvidence> dates;
  const std::int32_t entry =
      births_beside_names ? last_entry_ : std::max(last_entry_, beside_entry_);
  const std::int32_t date = births_beside_names ? last_date_ : std::max(last_date_, beside_date_);
  if (entry != 0) dates.push_back({DateKind::kLastEntry, entry});
  if (date != 0) dates.push_back({DateKind::kTextDate, date});
  if (path_date_ != 0) dates.push_back({DateKind::kPathDate, path_date_});
  return dates;
}

}  // namespace gallra::detect

// Telephone number: Swedish numbers by the area-code table (national 0..., +46, 0046, with "(0)"),
// and others written with + and a country code. Canonical is E.164. Short codes, freephone,
// shared-cost and premium numbers are nobody's own: refused. Sources: PTS telefoninummerplan
// (PTSFS); ITU-T E.164 (lengths, country codes); libphonenumber's SE metadata, see
// tables/phone-area-codes.tsv.
#include <algorithm>
#include <array>
#include <string>
#include <unordered_map>
#include <vector>

#include "detectors/validators/validator.hpp"
#include "scanner/support/embedded.hpp"

namespace gallra::detect {
namespace {

constexpr std::size_t kMaxDigits = 15;  // E.164
constexpr int kMobileScore = 80;        // grouped, or with a hyphen behind the prefix
constexpr int kMobileBareScore = 60;    // ten digits in a row
constexpr int kInternationalScore = 80;
constexpr int kForeignScore = 65;
constexpr int kForeignBareScore = 50;
constexpr int kForeignBareZerosScore = 25;
constexpr int kLandlineScore = 70;  // hyphen or brackets and groups, as people write it
constexpr int kLandlineSpacedScore = 50;
constexpr int kLandlineBareScore = 25;
constexpr int kOddGroupsScore = 35;  // "0431-12 34 5"

enum class Type : std::uint8_t { kLandline, kMobile, kNobody };

struct Area {
  Type type = Type::kNobody;
  std::size_t shortest = 0, longest = 0;  // digits of the subscriber number
};

using Areas = std::unordered_map<std::string, Area>;

// Rows: code, destination code, name, type, subscriber digits from, to, ...
Areas read_areas() {
  Areas areas;
  for (std::string_view rest = embedded("detectors/tables/phone-area-codes.tsv"); !rest.empty();) {
    const std::size_t newline = rest.find('\n');
    const std::string_view line = rest.substr(0, newline);
    rest.remove_prefix(newline == std::string_view::npos ? rest.size() : newline + 1);
    if (line.empty() || line.front() != '0') continue;
    std::array<std::string_view, 6> field;
    std::string_view left = line;
    for (std::string_view& f : field) {
      const std::size_t tab = left.find('\t');
      f = left.substr(0, tab);
      left.remove_prefix(tab == std::string_view::npos ? left.size() : tab + 1);
    }
    Area area;
    if (field[3] == "geo" || field[3] == "national" || field[3] == "personal")
      area.type = Type::kLandline;
    else if (field[3] == "mobile")
      area.type = Type::kMobile;
    area.shortest = static_cast<std::size_t>(std::stoul(std::string(field[4])));
    area.longest = static_cast<std::size_t>(std::stoul(std::string(field[5])));
    areas.emplace(std::string(field[0]), area);
  }
  return areas;
}

const Areas& areas() {
  static const Areas table = read_areas();
  return table;
}

// The area whose code begins `digits` (with its 0); `code` gets the code's length.
const Area* area_of(std::string_view digits, std::size_t& code) {
  for (code = 2; code <= 4 && code <= digits.size(); ++code)
    if (const auto found = areas().find(std::string(digits.substr(0, code)));
        found != areas().end())
      return &found->second;
  return nullptr;
}

// Digits as they stand in the text, with what parts them.
struct Written {
  std::string digits;
  std::vector<std::size_t> at;      // position of each digit
  std::vector<std::size_t> breaks;  // number of digits before each gap
  std::vector<std::string> gaps;    // what stands in it
};

bool is_gap_char(char c) {
  return c == ' ' || c == '-' || c == '/' || c == '.' || c == ')' || c == '(';
}

// Reads on from the digit at `begin`.
Written read(const Scene& scene, std::size_t begin) {
  Written w;
  std::size_t at = begin;
  while (at < scene.end && w.digits.size() <= kMaxDigits) {
    if (is_digit(scene.text[at])) {
      w.digits.push_back(scene.text[at]);
      w.at.push_back(at++);
      continue;
    }
    std::size_t gap = at;
    while (gap < scene.end && is_gap_char(scene.text[gap]) && gap - at < 4) ++gap;
    if (gap == at || gap >= scene.end || !is_digit(scene.text[gap])) break;
    const std::string_view between = scene.text.substr(at, gap - at);
    // Two spaces part numbers, one joins groups.
    if (between.find("  ") != between.npos) break;
    w.breaks.push_back(w.digits.size());
    w.gaps.emplace_back(between);
    at = gap;
  }
  return w;
}

bool breaks_at(const Written& w, std::size_t digits) {
  return std::find(w.breaks.begin(), w.breaks.end(), digits) != w.breaks.end();
}

// How many of the subscriber's digits, after `code`, belong to the number: up to a gap or the end.
std::size_t take(const Written& w, std::size_t code, std::size_t shortest, std::size_t longest) {
  std::size_t best = 0;
  std::size_t group_begin = code;
  for (std::size_t n = code; n <= w.digits.size(); ++n) {
    const bool edge = n == w.digits.size() || breaks_at(w, n);
    if (!edge || n == code) continue;
    const std::size_t group = n - group_begin;
    // Groups of a subscriber number have two or three digits (or all); the last may be odd.
    const bool first = group_begin == code;
    if (!first && group > 4) break;
    if (!first && best >= shortest && w.digits[group_begin] == '0' && group >= 3) break;
    if (n - code > longest) break;
    group_begin = n;
    if (n - code >= shortest) best = n - code;
  }
  return best;
}

// Gaps inside the number must be the sort people use in telephone numbers.
struct Gaps {
  bool good = true;
  bool hyphen = false;   // or bracket, slash: right behind the area code
  bool grouped = false;  // the subscriber number is in groups
  bool odd = false;      // a group of one digit
};

Gaps look_at_gaps(const Written& w, std::size_t code, std::size_t total) {
  Gaps gaps;
  std::size_t before = 0;
  int hyphens_inside = 0;
  int dots = 0;
  for (std::size_t i = 0; i < w.breaks.size() && w.breaks[i] < total; ++i) {
    const std::string& gap = w.gaps[i];
    const bool after_code = w.breaks[i] == code;
    const bool has_sign = gap.find_first_of("-/)") != std::string::npos;
    if (w.breaks[i] < code) {
      // "0 70-174 06 05" only behind a country code; the caller has cut that off.
      gaps.good = false;
    } else if (after_code) {
      gaps.hyphen = has_sign;
    } else {
      gaps.grouped = true;
      if (gap.find_first_of("()/") != std::string::npos) gaps.good = false;
      if (gap.find('-') != std::string::npos) ++hyphens_inside;
    }
    if (gap.find('.') != std::string::npos) ++dots;
    if (w.breaks[i] - before == 1) gaps.odd = true;
    before = w.breaks[i];
  }
  if (total - before == 1) gaps.odd = true;
  // "08-123-45-67" is hyphens throughout; "070.174.06.05" dots throughout.
  std::size_t inside = 0;
  for (const std::size_t b : w.breaks) inside += b > code && b < total ? 1u : 0u;
  if (hyphens_inside > 0 && static_cast<std::size_t>(hyphens_inside) != inside) gaps.good = false;
  if (dots > 0 && static_cast<std::size_t>(dots) < inside) gaps.good = false;
  // "073694.8119" is a decimal: a dot parts the area code, too, or nothing.
  if (dots > 0 && !breaks_at(w, code)) gaps.good = false;
  return gaps;
}

// "08-03-2017", "08.03.2017": day, month, year.
bool is_date(const Written& w, std::size_t total) {
  if (w.breaks.size() < 2 || total < 6 || w.breaks[0] != 2 || w.breaks[1] != 4) return false;
  const int day = (w.digits[0] - '0') * 10 + (w.digits[1] - '0');
  const int month = (w.digits[2] - '0') * 10 + (w.digits[3] - '0');
  return w.gaps[0] == w.gaps[1] && w.gaps[0] != " " && day <= 31 && month >= 1 && month <= 12 &&
         (total == 8 || total == 6);
}

// What the number touches: other digits, ids, decimals.
bool free_before(const Scene& scene, std::size_t begin) {
  if (begin == scene.begin) return true;
  const char c = scene.text[begin - 1];
  if (is_digit(c)) return false;
  const bool digit_beyond = begin >= scene.begin + 2 && is_digit(scene.text[begin - 2]);
  if ((c == '-' || c == '.' || c == ',' || c == '/' || c == ':' || c == '+') && digit_beyond)
    return c == ',' || c == '/';
  if (c == '-' || c == '.') {
    const bool letter = begin >= scene.begin + 2 && is_hex_letter(scene.text[begin - 2]);
    return !letter;
  }
  if (c == '_' || c == '%' || c == '=' || c == '&') return c == '=';
  if (is_letter(c)) {
    // "tel070-..." is a word; "a1b070" an id.
    std::size_t at = begin;
    while (at > scene.begin && is_letter(scene.text[at - 1])) --at;
    return begin - at >= 3 && (at == scene.begin || !is_digit(scene.text[at - 1]));
  }
  return true;
}

bool free_after(const Scene& scene, std::size_t end) {
  if (end >= scene.end) return true;
  const char c = scene.text[end];
  if (is_digit(c) || c == '_') return false;
  const bool digit_beyond = end + 1 < scene.end && is_digit(scene.text[end + 1]);
  if ((c == '-' || c == '.' || c == ',' || c == ':') && digit_beyond) return c == ',';
  if (c == '%' || c == '@') return false;
  // "…-1376-4ab2-…", "…-8982-f535-…": a GUID goes on with hex letters, and a digit or hyphen behind
  // them.
  std::size_t at = c == '-' ? end + 1 : end;
  end = at;
  while (at < scene.end && is_hex_letter(scene.text[at])) ++at;
  return at == end || at >= scene.end || (!is_digit(scene.text[at]) && scene.text[at] != '-');
}

// The national number, its 0 first. `begin` is where the whole is written from.
void national(const Scene& scene, std::size_t begin, const Written& w, bool international,
              std::vector<Reading>& out) {
  std::size_t code = 0;
  const Area* area = area_of(w.digits, code);
  if (area == nullptr || area->type == Type::kNobody) return;
  const std::size_t subscriber = take(w, code, area->shortest, area->longest);
  if (subscriber == 0) return;
  const std::size_t total = code + subscriber;
  const Gaps gaps = look_at_gaps(w, code, total);
  Reading reading;
  reading.begin = begin;
  reading.end = w.at[total - 1] + 1;
  // "SEK 1 081 234 567"
  const bool amount = begin >= scene.begin + 2 && scene.text[begin - 1] == ' ' &&
                      is_digit(scene.text[begin - 2]) && !gaps.hyphen &&
                      area->type == Type::kLandline;
  if (!gaps.good || (amount && !international) || !free_after(scene, reading.end) ||
      (!international && is_date(w, total)))
    return;
  // 010 and 075 numbers begin with 1-8 behind the code.
  if ((w.digits.starts_with("010") || w.digits.starts_with("075")) &&
      (w.digits[3] == '0' || w.digits[3] == '9'))
    return;
  if (w.digits.starts_with("08") && w.digits[2] == '0') return;
  reading.value = "+46" + w.digits.substr(1, total - 1);
  reading.valid = true;
  reading.person = true;
  const bool mobile = area->type == Type::kMobile;
  reading.signals.add(mobile ? Signal::kMobile : Signal::kLandline);
  if (gaps.grouped || gaps.hyphen) reading.signals.add(Signal::kGrouped);
  if (international) {
    reading.signals.add(Signal::kInternational);
    reading.score = kInternationalScore;
  } else if (gaps.odd) {
    reading.score = kOddGroupsScore;
  } else if (mobile) {
    reading.score =
        gaps.grouped || gaps.hyphen || breaks_at(w, code) ? kMobileScore : kMobileBareScore;
  } else if (gaps.hyphen) {
    reading.score = kLandlineScore;
  } else {
    reading.score = breaks_at(w, code) && gaps.grouped ? kLandlineSpacedScore : kLandlineBareScore;
  }
  out.push_back(std::move(reading));
}

// Country codes and the digits that follow them; 46 is read above. The neighbours and the large
// ones by their own plans, the rest by E.164 and the shortest plans in use. Sources: ITU-T E.164
// list of assigned country codes, national numbering plans as libphonenumber keeps them.
struct Country {
  std::string_view code;
  std::size_t shortest, longest;
};

const Country* country_of(std::string_view digits) {
  static constexpr std::array<Country, 36> kOwn = {
      {{"45", 8, 8},   {"47", 8, 8},   {"358", 6, 11}, {"354", 7, 9},  {"298", 6, 6},
       {"1", 10, 10},  {"7", 10, 10},  {"44", 9, 10},  {"49", 7, 11},  {"31", 9, 9},
       {"32", 8, 9},   {"33", 9, 9},   {"34", 9, 9},   {"39", 8, 11},  {"30", 10, 10},
       {"41", 9, 9},   {"43", 7, 13},  {"48", 9, 9},   {"40", 9, 9},   {"36", 8, 9},
       {"90", 10, 10}, {"98", 10, 10}, {"86", 10, 11}, {"91", 10, 10}, {"66", 8, 9},
       {"63", 9, 10},  {"92", 9, 10},  {"93", 9, 9},   {"351", 9, 9},  {"353", 7, 9},
       {"370", 8, 8},  {"371", 8, 8},  {"372", 7, 8},  {"380", 9, 9},  {"963", 8, 9},
       {"964", 8, 10}}};
  for (const Country& country : kOwn)
    if (digits.starts_with(country.code)) return &country;
  static constexpr Country kTwoDigits{"..", 8, 11};
  static constexpr Country kThreeDigits{"...", 7, 10};
  static constexpr std::string_view kTwo =
      "20 27 51 52 53 54 55 56 57 58 60 61 62 64 65 81 82 84 94 95";
  // Three-digit codes: 21x-26x, 29x, 35x, 37x, 38x, 42x, 50x, 59x, 67x-69x, 85x, 88x, 96x, 97x,
  // 99x.
  static constexpr std::string_view kThree =
      "21 22 23 24 25 26 29 35 37 38 42 50 59 67 68 69 85 88 96 97 99";
  const std::string_view two = digits.substr(0, 2);
  if (two.size() < 2) return nullptr;
  if (kTwo.find(two) != std::string_view::npos) return &kTwoDigits;
  return kThree.find(two) != std::string_view::npos ? &kThreeDigits : nullptr;
}

// `plus` stands on '+', or on the first 0 of "00".
void international(const Scene& scene, std::size_t plus, std::size_t digits_at,
                   std::vector<Reading>& out) {
  if (!free_before(scene, plus)) return;
  const bool zeros = scene.text[plus] == '0';
  // Behind "00" the country code follows at once or behind a space; in a row of groups of digits
  // ("SE45 5000 0000 0583") two zeros begin nothing.
  if (zeros && plus >= scene.begin + 2 && scene.text[plus - 1] == ' ' &&
      is_digit(scene.text[plus - 2]))
    return;
  std::size_t at = digits_at;
  while (at < scene.end && (scene.text[at] == ' ' || scene.text[at] == '(')) ++at;
  if (scene.text.substr(at, 2) == "46") {
    // "+46 70", "+46(0)70", "+46 (0) 70", "+46-70", "+46)70"
    at += 2;
    std::size_t limit = at + 7;
    bool zero = false;
    while (at < scene.end && at < limit && (is_gap_char(scene.text[at]) || scene.text[at] == '0')) {
      if (scene.text[at] == '0') {
        if (zero) return;
        zero = true;
      }
      ++at;
    }
    Written w = read(scene, at);
    if (w.digits.empty() || w.digits[0] == '0') return;
    w.digits.insert(0, "0");
    w.at.insert(w.at.begin(), at);
    for (std::size_t& b : w.breaks) ++b;
    national(scene, plus, w, true, out);
    return;
  }
  const Written w = read(scene, at);
  const Country* country = country_of(w.digits);
  if (country == nullptr) return;
  const std::size_t code = country->code.size();
  if (w.digits.size() < code + country->shortest) return;
  // "+49 (0)30 123456": the 0 is dialled at home only.
  const bool trunk = w.digits[code] == '0' && breaks_at(w, code) && breaks_at(w, code + 1);
  const std::size_t from = code + (trunk ? 1 : 0);
  // Up to the last gap within the length that a number may have.
  std::size_t total = w.digits.size();
  while (total > from + country->longest) {
    std::size_t cut = 0;
    for (const std::size_t b : w.breaks)
      if (b < total) cut = std::max(cut, b);
    total = cut;
  }
  if (total < from + country->shortest) return;
  for (std::size_t i = 0; i < w.breaks.size(); ++i)
    if (w.breaks[i] < total && w.gaps[i].find('.') != std::string::npos && w.breaks.size() < 2)
      return;
  Reading reading;
  reading.begin = plus;
  reading.end = w.at[total - 1] + 1;
  if (!free_after(scene, reading.end)) return;
  reading.value = "+" + w.digits.substr(0, code) + w.digits.substr(from, total - from);
  reading.valid = true;
  reading.person = true;
  reading.signals.add(Signal::kInternational);
  // Two zeros before digits in a row begin many numbers that are none of these.
  const bool grouped =
      std::any_of(w.breaks.begin(), w.breaks.end(), [&](std::size_t b) { return b < total; });
  if (grouped) reading.signals.add(Signal::kGrouped);
  reading.score = grouped ? kForeignScore : zeros ? kForeignBareZerosScore : kForeignBareScore;
  out.push_back(std::move(reading));
}

// The patterns end a few bytes behind the first digit; see rules/common/phone.toml.
void locate(const Scene& scene, std::size_t end, std::vector<Reading>& out) {
  if (end > scene.end) return;
  const std::size_t back = std::min<std::size_t>(end - std::min(end, scene.begin), 6);
  // "+ 46", "+(46"
  for (std::size_t n = 2; n <= back; ++n)
    if (scene.text[end - n] == '+') return international(scene, end - n, end - n + 1, out);
  if (back < 4 || scene.text[end - 4] != '0') return;
  std::size_t begin = end - 4;
  if (scene.text[begin + 1] == '0') return international(scene, begin, begin + 2, out);
  if (!free_before(scene, begin)) return;
  // "(0)70-..." behind a country code belongs to that reading.
  if (begin > scene.begin && scene.text[begin - 1] == '(') {
    const std::size_t sign = scene.text.substr(0, begin).find_last_of('+');
    if (sign != std::string_view::npos && begin - sign <= 6) return;
  }
  national(scene, begin, read(scene, begin), false, out);
}

// "07••••••12": prefix and the last two.
std::string mask(std::string_view value) {
  std::string national_form(value);
  if (value.starts_with("+46")) national_form = "0" + std::string(value.substr(3));
  if (national_form.size() < 6) return "••••";
  const std::size_t head = national_form.starts_with('+') ? 3 : 2;
  std::string out = national_form.substr(0, head);
  for (std::size_t i = head; i + 2 < national_form.size(); ++i) out += "•";
  return out + national_form.substr(national_form.size() - 2);
}

}  // namespace

extern const ValidatorEntry validator_phone;
const ValidatorEntry validator_phone = {"phone", locate, mask};

}  // namespace gallra::detect

#include "detectors/judge/ledger.hpp"

#include <algorithm>

#include "detectors/wipe.hpp"
#include "scanner/model/date_evidence.hpp"

namespace gallra::detect {
namespace {

constexpr std::size_t kMaxColumns =
    20'000;  // of all tables; later ones are weighed without density

std::string entry_key(std::uint16_t rule, std::string_view value) {
  std::string key;
  key.reserve(value.size() + 2);
  key.push_back(static_cast<char>(rule & 0xFF));
  key.push_back(static_cast<char>(rule >> 8));
  key.append(value);
  return key;
}

std::uint16_t rule_of(std::string_view key) {
  return static_cast<std::uint16_t>(static_cast<unsigned char>(key[0]) |
                                    static_cast<unsigned char>(key[1]) << 8);
}

// Persons born on the 5th, 15th or 25th are kept for research in some archives.
std::uint8_t day_class(std::uint8_t day) {
  if (day == 0) return 255;
  return day == 5 || day == 15 || day == 25 ? day : std::uint8_t{0};
}

std::vector<std::string> categories_of(const Rules& rules) {
  std::vector<std::string> categories;
  for (const RuleInfo& info : rules.loaded.info)
    if (std::find(categories.begin(), categories.end(), info.category) == categories.end())
      categories.push_back(info.category);
  return categories;
}

}  // namespace

std::string mask_value(const Rules& rules, std::uint16_t rule, std::string_view value) {
  const Rule& loaded = rules.loaded.rules[rule];
  if (loaded.validator != nullptr) return loaded.validator->mask(value);
  if (loaded.lexicon && rules.lexicon != nullptr) return rules.lexicon->mask(rule, value);
  return "•••";
}

Ledger::Ledger(const Rules& rules, const Secret& secret, bool reveal)
    : rules_(rules), secret_(secret), reveal_(reveal), categories_(categories_of(rules)) {}

std::uint32_t Ledger::column_of(const std::string& sheet, std::uint32_t column,
                                std::string_view field) {
  std::pair<std::string, std::uint32_t> key(sheet, column);
  if (column == 0) key.first.assign(1, '\x1f').append(field);
  const auto found = column_numbers_.find(key);
  if (found != column_numbers_.end()) return found->second;
  if (columns_.size() >= kMaxColumns) return 0;
  const auto number = static_cast<std::uint32_t>(columns_.size());
  columns_.emplace_back();
  columns_.back().sheet = sheet;
  columns_.back().column = column;
  column_numbers_.emplace(std::move(key), number);
  return number;
}

void Ledger::count_shape(std::uint32_t column, Shape shape, bool valid) {
  Density& density = columns_[column].density[static_cast<std::size_t>(shape)];
  ++density.shaped;
  if (valid) ++density.valid;
}

Density Ledger::density(std::uint32_t column, Shape shape) const {
  return columns_[column].density[static_cast<std::size_t>(shape)];
}

std::uint64_t Ledger::category_bit(std::uint16_t rule) const {
  if (!rules_.loaded.rules[rule].report) return 0;
  const std::string& category = rules_.loaded.info[rule].category;
  const auto at = std::find(categories_.begin(), categories_.end(), category);
  const auto bit = static_cast<std::size_t>(at - categories_.begin());
  return bit < categories_.size() && bit < 64 ? 1ull << bit : 0;
}

bool Ledger::wants_snippet(const Hit& hit) const {
  const auto found = entries_.find(entry_key(hit.rule, hit.value));
  return found == entries_.end() || hit.score > found->second.score;
}

void Ledger::add_date(Column::Dates& dates, const std::string& day) {
  if (dates.count++ == 0) dates.earliest = dates.latest = day;
  if (day < dates.last) ++dates.backwards;
  if (day.ends_with("-01")) ++dates.first_of_month;
  dates.earliest = std::min(dates.earliest, day);
  dates.latest = std::max(dates.latest, day);
  dates.last = day;
}

void Ledger::add(const Hit& hit, Sighting sighting) {
  Entry& entry = entries_[entry_key(hit.rule, hit.value)];
  const bool first = entry.count++ == 0;
  if (first) {
    entry.order = order_++;
    entry.subject = hit.subject;
    entry.written = std::move(sighting.written);
  }
  if (first || hit.score > entry.score) {
    entry.score = hit.score;
    entry.signals = hit.signals;
    entry.label = hit.label;
    entry.lower_label = hit.lower_label;
    entry.column = sighting.column;
    entry.shape = static_cast<Shape>(hit.shape);
    entry.snippet = std::move(sighting.snippet);
    entry.birth_day = hit.birth_day;
    if (hit.birth_year != 0) entry.birth_year = hit.birth_year;
  }
  entry.test_number = entry.test_number || hit.test_number;
  entry.person = entry.person || hit.person;
  entry.term = hit.term;
  entry.alone = entry.alone || (!sighting.identity_near && !sighting.in_name);
  entry.in_name = entry.in_name || (!sighting.identity_near && sighting.in_name);
  // Where a number stands beside a name, what stands there is said of the number's person.
  if (!sighting.identity_near || is_identity(rules_.loaded.rules[hit.rule].subject))
    entry.categories |= sighting.categories;
  if (entry.places.size() < kMaxPlaces) entry.places.push_back(std::move(sighting.place));
  if (sighting.column != 0 && columns_[sighting.column].column != 0) {
    Column::Hits& hits = columns_[sighting.column].hits[hit.rule];
    ++hits.count;
    if (hit.signals.has(Signal::kColumnHeader)) hits.header = hit.label;
  }
  if (is_date_beside_name(rules_, hit.rule, hit.signals))
    add_date(columns_[sighting.column].dates, hit.value);
}

// Digits in a row that may be a telephone number: the rest of the column tells.
void Ledger::weigh_telephone(std::uint16_t rule, const Entry& entry, int& score,
                             Signals& signals) const {
  constexpr std::uint64_t kFew = 5;
  constexpr std::uint64_t kSome = 20;
  constexpr int kDensePoints = 25, kSparsePoints = -40;
  if (rules_.loaded.rules[rule].subject != "phone" || signals.has(Signal::kGrouped) ||
      signals.has(Signal::kColumnHeader) || signals.has(Signal::kFieldLabel))
    return;
  const Column& column = columns_[entry.column];
  const auto hits = column.hits.find(rule);
  const std::uint64_t phones = hits == column.hits.end() ? 0 : hits->second.count;
  const auto rows = rows_by_sheet_.find(column.sheet);
  if (entry.column != 0 && rows != rows_by_sheet_.end() && phones >= kFew &&
      phones * 5 >= rows->second * 4) {
    signals.add(Signal::kDenseColumn);
    score += kDensePoints;
    return;
  }
  // Among many numbers of any kind some look like a telephone's by chance.
  const Density ten = density(entry.column, Shape::kTen);
  if (ten.shaped < kSome || ten.valid * 2 >= ten.shaped) return;
  if (entry.column != 0 && ten.shaped <= phones) return;
  signals.add(Signal::kSparse);
  score += kSparsePoints;
}

// People are born in no order, on any day of a month, and years apart; what else a list dates
// (visits, decisions, employment) mostly is not so.
bool Ledger::holds_birth_dates(const Column::Dates& dates) {
  constexpr std::uint64_t kFew = 5;
  constexpr int kYearsApart = 3;
  if (dates.count < kFew || dates.backwards * 5 < dates.count ||
      dates.backwards * 5 > dates.count * 4 || dates.first_of_month * 4 > dates.count)
    return false;
  const auto year = [](const std::string& day) { return std::stoi(day.substr(0, 4)); };
  return year(dates.latest) - year(dates.earliest) >= kYearsApart;
}

void Ledger::weigh(std::uint16_t rule, const Entry& entry, int& score, Signals& signals) const {
  score = entry.score;
  signals = entry.signals;
  if (is_date_beside_name(rules_, rule, signals)) {
    if (!holds_birth_dates(columns_[entry.column].dates)) score = 0;
    return;
  }
  weigh_density(entry.shape, density(entry.column, entry.shape), score, signals);
  weigh_telephone(rule, entry, score, signals);
  if (signals.has(Signal::kMalformed)) return;
  // One time of day in ten has the check digit: somebody's name beside it says nothing of it.
  if (signals.has(Signal::kTimestamp) && !signals.has(Signal::kColumnHeader) &&
      !signals.has(Signal::kFieldLabel) && !signals.has(Signal::kContextWord) &&
      !signals.has(Signal::kDenseColumn))
    score = std::min(score, kMediumScore - 1);
  // Lowered, never dropped: the check digit stands.
  score = std::clamp(score, 1, 100);
}

bool Ledger::verdict_now(const Hit& hit, std::uint32_t column, Verdict& verdict) const {
  Entry entry;
  entry.score = hit.score;
  entry.signals = hit.signals;
  entry.shape = static_cast<Shape>(hit.shape);
  entry.column = column;
  int score = 0;
  Signals signals;
  weigh(hit.rule, entry, score, signals);
  verdict.confidence = band(score);
  verdict.signals = signal_texts(signals, hit.label, hit.lower_label);
  return hit.score > 0 || !rules_.loaded.rules[hit.rule].lexicon;
}

Finding Ledger::finding_of(std::uint16_t rule, std::string_view value, Entry& entry, int score,
                           Signals signals) const {
  const RuleInfo& info = rules_.loaded.info[rule];
  const Rule& loaded = rules_.loaded.rules[rule];
  Finding finding;
  finding.detector = info.id;
  finding.category = info.category;
  finding.gdpr = info.gdpr;
  finding.confidence = band(score);
  finding.signals = signal_texts(signals, entry.label, entry.lower_label);
  finding.masked = entry.term ? std::string(value) : mask_value(rules_, rule, value);
  if (info.gdpr != GdprClass::kProtected) finding.snippet = entry.snippet;
  const std::string_view who = entry.subject.empty() ? value : std::string_view(entry.subject);
  if (!loaded.subject.empty() && entry.person && !signals.has(Signal::kMalformed))
    finding.subject_key = secret_.mac("subject:" + loaded.subject, who);
  finding.finding_key = secret_.mac("finding:" + loaded.family, value);
  finding.test_data = entry.test_number;
  finding.count = entry.count;
  finding.places = entry.places;
  if (is_identity(loaded.subject) && !signals.has(Signal::kMalformed)) {
    finding.birth_day_class = day_class(entry.birth_day);
    finding.birth_year = entry.birth_year;
  } else if (info.category == "birth_date") {
    finding.birth_year = entry.birth_year;
  }
  if (reveal_) {
    finding.value = entry.written;
    finding.normalised = value;
  }
  return finding;
}

void Ledger::add_subject(std::uint16_t rule, const Key& key, const Entry& entry, int score,
                         std::uint64_t numbers, std::map<Key, DocumentSubject>& subjects) const {
  const Rule& loaded = rules_.loaded.rules[rule];
  if (loaded.subject.empty() || !entry.person || score < kMediumScore) return;
  const bool identity = is_identity(loaded.subject);
  // Telephones are shared and change hands: they never make a person of their own.
  // "CV Anna Ek.docx" names the one whose number stands in it.
  const bool alone = entry.alone || (entry.in_name && numbers == 0);
  if (!identity && (!alone || (loaded.subject != "email" && loaded.subject != "name"))) return;
  if (key == Key{}) return;  // mistyped: who it is cannot be said
  const bool fresh = !subjects.contains(key);
  DocumentSubject& subject = subjects[key];
  subject.subject_key = key;
  subject.type = loaded.subject;
  if (fresh) subject.count = 0;
  subject.count += entry.count;
  if (identity) {
    subject.birth_day_class = day_class(entry.birth_day);
    subject.birth_year = entry.birth_year;
    if (entry.test_number && rules_.test_data == TestData::kLabel) subject.test_data = true;
  }
  for (std::size_t i = 0; i < 64 && i < categories_.size(); ++i)
    if ((entry.categories >> i & 1) != 0) subject.categories.push_back(categories_[i]);
  std::sort(subject.categories.begin(), subject.categories.end());
  subject.categories.erase(std::unique(subject.categories.begin(), subject.categories.end()),
                           subject.categories.end());
}

void Ledger::close(DocumentFacts facts, DocumentFindings& out) {
  low_kept_.resize(rules_.loaded.rules.size(), 0);
  struct Decided {
    const std::string* key;
    Entry* entry;
    int score;
    Signals signals;
  };
  std::vector<Decided> decided;
  decided.reserve(entries_.size());
  for (auto& [key, entry] : entries_) {
    Decided d{&key, &entry, 0, {}};
    const Rule& rule = rules_.loaded.rules[rule_of(key)];
    if (rule.lexicon) {
      d.score = entry.score;
      d.signals = entry.signals;
    } else {
      weigh(rule_of(key), entry, d.score, d.signals);
    }
    if (d.score >= kMediumScore && entry.person) {
      if (is_identity(rule.subject) && !d.signals.has(Signal::kMalformed)) ++facts.numbers;
      if (rule.subject == "name") ++facts.names;
    }
    decided.push_back(d);
  }
  for (Decided& d : decided) {
    if (!rules_.loaded.rules[rule_of(*d.key)].lexicon || rules_.lexicon == nullptr) continue;
    Gathered value{rule_of(*d.key), std::string_view(*d.key).substr(2), d.score, d.signals,
                   d.entry->count};
    rules_.lexicon->close(facts, value);
    d.score = value.score;
    d.signals = value.signals;
  }
  // In the order of the text, so that the low findings kept are the first ones.
  std::sort(decided.begin(), decided.end(),
            [](const Decided& a, const Decided& b) { return a.entry->order < b.entry->order; });
  std::map<Key, DocumentSubject> subjects;
  for (Decided& d : decided) {
    const std::uint16_t rule = rule_of(*d.key);
    if (d.score < 1 || !rules_.loaded.rules[rule].report) continue;
    // Nine digits are a personnummer only where a header or the whole column says so.
    if (d.entry->shape == Shape::kNine && d.score < kMediumScore) continue;
    const std::string_view value = std::string_view(*d.key).substr(2);
    if (band(d.score) == Confidence::kLow && low_kept_[rule]++ >= kMaxLow) {
      out.rolled_up_low += d.entry->count;
      continue;
    }
    out.findings.push_back(finding_of(rule, value, *d.entry, d.score, d.signals));
    add_subject(rule, out.findings.back().subject_key, *d.entry, d.score, facts.numbers, subjects);
  }
  std::sort(out.findings.begin(), out.findings.end(), [](const Finding& a, const Finding& b) {
    return a.detector != b.detector ? a.detector < b.detector : a.finding_key < b.finding_key;
  });
  for (auto& [key, subject] : subjects) out.subjects.push_back(std::move(subject));
  for (Column& column : columns_) {
    for (const auto& [rule, hits] : column.hits)
      out.columns.push_back({column.sheet, column.column, std::string(hits.header),
                             rules_.loaded.info[rule].id, rows_by_sheet_[column.sheet],
                             hits.count});
    column.hits.clear();
  }
  rows_by_sheet_.clear();
  while (!entries_.empty()) {
    auto node = entries_.extract(entries_.begin());
    wipe(node.key());
    wipe(node.mapped().subject);
    wipe(node.mapped().written);
  }
}

void Ledger::clear() {
  while (!entries_.empty()) {
    auto node = entries_.extract(entries_.begin());
    wipe(node.key());
    wipe(node.mapped().subject);
    wipe(node.mapped().written);
  }
  columns_.assign(1, Column{});
  column_numbers_.clear();
  rows_by_sheet_.clear();
  low_kept_.clear();
  order_ = 0;
}

}  // namespace gallra::detect

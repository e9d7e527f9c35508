#include "detectors/judge/whole.hpp"

#include <algorithm>
#include <array>
#include <chrono>

#include "detectors/one_of.hpp"
#include "detectors/rule.hpp"

namespace gallra::detect {
namespace {

// Fewer rows are a note with some names in it, not a register.
constexpr std::size_t kRegisterPersons = 5;
constexpr std::size_t kSurePersons = 10;
// SoLPuL (2001:454) 7 a § speaks of compilations; one ill person in a list of many is a slip.
constexpr std::size_t kCompiledPersons = 3;
constexpr int kAdult = 18;

// Sensitive or otherwise delicate by the same paragraph. Decided measures may stand in such lists.
constexpr std::array<std::string_view, 3> kDelicate{"health", "sensitive", "criminal"};
// What leads to a person.
constexpr std::array<std::string_view, 10> kLocating{
    "name",  "personnummer", "reserve_id", "foreign_id", "address",
    "phone", "email",        "location",   "birth_date", "property"};

bool is_of_records(Format format) {
  return format == Format::kJson || format == Format::kXml || format == Format::kVcard;
}

int year_of(std::int32_t day) {
  const std::chrono::year_month_day date{std::chrono::sys_days{std::chrono::days{day}}};
  return static_cast<int>(date.year());
}

// The day of birth is not kept: who turns 18 that year is not called a minor.
bool is_minor(std::int16_t birth_year, std::int32_t day) {
  return day != 0 && birth_year != 0 && year_of(day) - birth_year < kAdult;
}

// A name too weak to be told on its own still says that words about a child are about somebody.
bool is_of_somebody(const DocumentFindings& found) {
  return std::any_of(found.findings.begin(), found.findings.end(), [](const Finding& finding) {
    return finding.category == "name" || finding.category == "personnummer" ||
           finding.category == "birth_date";
  });
}

bool counts(const Finding& finding) { return finding.confidence >= Confidence::kMedium; }

}  // namespace

tl::expected<WholeDocument, std::string> WholeDocument::create(const LoadedRules& rules) {
  WholeDocument whole;
  whole.rules_ = &rules;
  for (std::size_t i = 0; i < rules.rules.size(); ++i) {
    if (!rules.rules[i].whole) continue;
    const std::string& id = rules.info[i].id;
    RuleId* const known = id == "whole.register_like"        ? &whole.register_
                          : id == "whole.compiled_list"      ? &whole.compiled_list_
                          : id == "whole.protected_locating" ? &whole.located_
                          : id == "whole.minors"             ? &whole.minors_
                                                             : nullptr;
    if (known == nullptr) return tl::unexpected(id);
    *known = static_cast<std::uint16_t>(i);
  }
  return whole;
}

WholeDocument::Persons WholeDocument::persons_in(const DocumentFindings& found,
                                                 std::int32_t day) const {
  Persons persons;
  persons.all = found.subjects.size();
  for (const DocumentSubject& subject : found.subjects) {
    persons.only_test_data = persons.only_test_data && subject.test_data;
    if (std::any_of(subject.categories.begin(), subject.categories.end(),
                    [](const std::string& category) { return is_one_of(kDelicate, category); }))
      ++persons.sensitive;
    if (is_minor(subject.birth_year, day)) ++persons.minors;
  }
  std::size_t born = 0;  // by a birth date; the same persons may have numbers as well
  for (const Finding& finding : found.findings)
    if (finding.category == "birth_date" && counts(finding) && is_minor(finding.birth_year, day))
      ++born;
  persons.minors = std::max(persons.minors, born);
  persons.only_test_data = persons.only_test_data && persons.all > 0;
  return persons;
}

// So many persons, and a column that holds them.
bool WholeDocument::is_register(const DocumentFindings& found, Format format,
                                std::size_t persons) const {
  if (persons < kRegisterPersons) return false;
  if (is_of_records(format)) return true;
  return std::any_of(found.columns.begin(), found.columns.end(), [&](const ColumnFacts& column) {
    if (column.column == 0 || column.hits < kRegisterPersons || column.hits * 2 < column.rows)
      return false;
    const auto info = std::find_if(rules_->info.begin(), rules_->info.end(),
                                   [&](const RuleInfo& one) { return one.id == column.detector; });
    return info != rules_->info.end() && is_one_of(kLocating, info->category);
  });
}

void WholeDocument::add(const Secret& secret, RuleId rule, Confidence band, std::size_t persons,
                        bool test_data, std::vector<std::string> signals,
                        DocumentFindings& out) const {
  if (!rule) return;
  const RuleInfo& info = rules_->info[*rule];
  Finding finding;
  finding.detector = info.id;
  finding.category = info.category;
  finding.gdpr = info.gdpr;
  finding.confidence = band;
  finding.signals = std::move(signals);
  finding.masked = std::to_string(persons);  // how many it concerns is all there is to show
  finding.finding_key = secret.mac("finding:" + info.id, "");
  finding.test_data = test_data;
  out.findings.push_back(std::move(finding));
}

void WholeDocument::judge(const Secret& secret, Format format, std::int32_t day,
                          std::int32_t file_day, bool told, DocumentFindings& out) const {
  const Persons persons = persons_in(out, day);
  const bool test = persons.only_test_data;
  if (is_register(out, format, persons.all)) {
    add(secret, register_, persons.all >= kSurePersons ? Confidence::kHigh : Confidence::kMedium,
        persons.all, test, {"persons_in_columns"}, out);
    if (persons.sensitive >= kCompiledPersons)
      add(secret, compiled_list_, Confidence::kHigh, persons.sensitive, test,
          {"persons_in_columns", "sensitive_beside"}, out);
  }
  const auto any = [&](const auto& wanted) {
    return std::any_of(out.findings.begin(), out.findings.end(),
                       [&](const Finding& finding) { return counts(finding) && wanted(finding); });
  };
  if (any([](const Finding& finding) { return finding.category == "protected_identity"; }) &&
      any([](const Finding& finding) { return is_one_of(kLocating, finding.category); }))
    add(secret, located_, Confidence::kHigh, 1, false, {"protected_mark", "locating_data"}, out);
  if (persons.minors > 0)
    add(secret, minors_, Confidence::kHigh, persons.minors, test, {"under_18"}, out);
  else if (const std::size_t by_file = persons_in(out, file_day).minors; by_file > 0)
    add(secret, minors_, Confidence::kMedium, by_file, test, {"under_18_by_file"}, out);
  else if (told && is_of_somebody(out))
    add(secret, minors_, Confidence::kMedium, 1, test, {"under_18_told"}, out);
  std::sort(out.findings.begin(), out.findings.end(), [](const Finding& a, const Finding& b) {
    return a.detector != b.detector ? a.detector < b.detector : a.finding_key < b.finding_key;
  });
}

}  // namespace gallra::detect

#include "reports/export/facts.hpp"

#include "scanner/support/text.hpp"

namespace gallra::exporting {

retention::FileFacts file_facts(const store::FileSummary& summary) {
  retention::FileFacts facts;
  facts.path = printable(summary.file.file.path());
  for (const store::CategoryTally& tally : summary.categories)
    if (tally.best >= Confidence::kMedium) facts.categories.push_back(tally.category);
  facts.kinds = summary.kinds;
  facts.dates = summary.dates;
  facts.persons = summary.persons;
  facts.persons_exempt_day = summary.persons_exempt_day;
  facts.persons_unknown_day = summary.persons_unknown_day;
  return facts;
}

std::optional<retention::Judgement> judgement_of(const store::FileSummary& summary,
                                                 const retention::Policy& policy,
                                                 std::int32_t today, Lang lang) {
  const retention::FileFacts facts = file_facts(summary);
  if (facts.categories.empty()) return std::nullopt;
  return policy.judge(facts, today, lang);
}

}  // namespace gallra::exporting

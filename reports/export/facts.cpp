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

std::optional<retention::FileFacts> facts_of(store::Reader& reader, std::int64_t document_id) {
  const auto summary = reader.file(document_id);
  if (!summary) return std::nullopt;
  return file_facts(*summary);
}

}  // namespace gallra::exporting

#include "reports/html/gather.hpp"

#include <algorithm>

#include "reports/export/facts.hpp"
#include "scanner/model/provenance.hpp"

namespace gallra::html {
namespace {

// Named in the report; what is beyond is counted. A person reads dozens of names, not thousands.
constexpr std::size_t kNamedPerReason = 200;
constexpr std::size_t kDuplicateGroups = 100;

bool counts(const store::CategoryTally& tally) { return tally.values[1] + tally.values[2] > 0; }

bool is_protected(const store::FileSummary& summary) {
  return std::any_of(summary.categories.begin(), summary.categories.end(),
                     [](const store::CategoryTally& tally) {
                       return tally.category == "protected_identity" && counts(tally);
                     });
}

// The year of the best evidence: A before B before C, the latest of its kind.
int best_year(const std::vector<DateEvidence>& dates, std::int32_t today) {
  const DateEvidence* best = nullptr;
  for (const DateEvidence& date : dates) {
    if (date.day > today) continue;
    if (best == nullptr || quality_of(date.kind) < quality_of(best->kind) ||
        (quality_of(date.kind) == quality_of(best->kind) && date.day > best->day))
      best = &date;
  }
  return best == nullptr ? 0 : std::stoi(day_text(best->day).substr(0, 4));
}

std::map<std::string, std::uint64_t> copies_of(store::Reader& reader, Gathered& all) {
  std::map<std::string, std::uint64_t> copies;  // content id -> files
  reader.duplicates([&](const std::vector<store::DocumentRow>& group) {
    ++all.duplicate_groups;
    copies[hex(group.front().content_id)] = group.size();
    if (all.duplicates.size() >= kDuplicateGroups) return;
    std::vector<std::string> paths;
    for (const store::DocumentRow& row : group) paths.push_back(row.file.path());
    all.duplicates.push_back(std::move(paths));
  });
  return copies;
}

void add_file(Gathered& all, FileEntry entry) {
  for (const store::CategoryTally& tally : entry.summary.categories) {
    if (!counts(tally)) continue;
    CategoryEntry& category = all.categories[tally.category];
    ++category.files;
    category.values += tally.values[1] + tally.values[2];
    category.hits += tally.hits;
    category.gdpr = std::max(category.gdpr, tally.gdpr);
  }
  ++all.years[entry.year];
  ++all.exposure[entry.summary.file.file.exposure];
  all.folder_risk[std::to_string(entry.summary.file.source_id) + '/' +
                  entry.summary.file.file.dir] += entry.risk.total;
  all.files.push_back(std::move(entry));
}

void add_rules(Gathered& all) {
  for (std::size_t i = 0; i < all.files.size(); ++i) {
    const FileEntry& entry = all.files[i];
    RuleTally& tally = all.rules[entry.judgement.rule];
    ++tally.files[entry.judgement.verdict];
    tally.persons += entry.summary.persons;
    tally.entries.push_back(i);
    if (const auto& date = entry.judgement.evidence; date && quality_of(date->kind) != 'C')
      tally.oldest = tally.oldest == 0 ? date->day : std::min(tally.oldest, date->day);
  }
}

void gather_unread(store::Reader& reader, Gathered& all) {
  reader.documents([&](const store::DocumentRow& row) {
    if (row.read_outcome.kind == OutcomeKind::kRead && row.read_outcome.reason == Reason::kNone)
      return;
    if (row.read_outcome.reason == Reason::kHardLink) return;
    const std::string key = std::string(key_of(row.read_outcome.kind)) + ':' +
                            std::string(key_of(row.read_outcome.reason));
    auto& list = all.unread[key];
    if (list.size() < kNamedPerReason)
      list.push_back({Provenance{row.file.path(), row.inner}.str(), row.read_outcome});
  });
  reader.directories([&](std::int64_t, const std::string& dir, const Outcome& outcome) {
    all.folders_unseen.emplace_back(dir, outcome);
  });
}

}  // namespace

Gathered gather(store::Reader& reader, const retention::Policy& policy, std::int32_t today,
                Lang lang) {
  Gathered all;
  for (const store::SourceRow& source : reader.sources()) all.sources[source.id] = source;
  const auto sweeps = reader.sweeps();
  if (sweeps.empty()) return all;
  all.sweep = sweeps.back();
  all.ledger = reader.ledger(all.sweep.id).value_or(store::Ledger{});
  all.settings = reader.run_settings(all.sweep.id);
  const auto copies = copies_of(reader, all);
  reader.files([&](const store::FileSummary& summary) {
    if (std::none_of(summary.categories.begin(), summary.categories.end(), counts)) return;
    ++all.files_with_findings;
    if (is_protected(summary)) {
      ++all.protected_files;
      return;
    }
    FileEntry entry;
    entry.summary = summary;
    entry.judgement = policy.judge(exporting::file_facts(summary), today, lang);
    const auto same = copies.find(hex(summary.file.content_id));
    entry.copies = same == copies.end() ? 0 : same->second - 1;
    entry.risk = exporting::risk_of(summary, entry.judgement, entry.copies, today);
    entry.year = best_year(summary.dates, today);
    add_file(all, std::move(entry));
  });
  std::stable_sort(all.files.begin(), all.files.end(), [](const FileEntry& a, const FileEntry& b) {
    return a.risk.total != b.risk.total ? a.risk.total > b.risk.total
                                        : a.summary.persons > b.summary.persons;
  });
  add_rules(all);
  all.persons = reader.persons();
  for (auto& [category, entry] : all.categories)
    if (const auto at = all.persons.by_category.find(category); at != all.persons.by_category.end())
      entry.persons = at->second;
  reader.folders([&](const store::FolderSummary& folder) {
    if (all.folder_risk.contains(std::to_string(folder.source_id) + '/' + folder.dir))
      all.folders.push_back(folder);
  });
  std::stable_sort(all.folders.begin(), all.folders.end(), [&](const auto& a, const auto& b) {
    auto risk = [&](const auto& f) {
      return all.folder_risk.at(std::to_string(f.source_id) + '/' + f.dir);
    };
    return risk(a) != risk(b) ? risk(a) > risk(b) : a.persons > b.persons;
  });
  gather_unread(reader, all);
  return all;
}

}  // namespace gallra::html

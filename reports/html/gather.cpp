#include "reports/html/gather.hpp"

#include <algorithm>
#include <cstring>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include "reports/export/facts.hpp"
#include "scanner/model/provenance.hpp"

namespace gallra::html {
namespace {

using retention::Verdict;

// Named in the report; what is beyond is counted. A person reads dozens of names, not thousands.
constexpr std::size_t kNamedPerReason = 200;
constexpr std::size_t kDuplicateGroups = 25;
constexpr std::size_t kNamedCopies = 20;

bool counts(const store::CategoryTally& tally) { return tally.values[1] + tally.values[2] > 0; }

bool holds(const store::FileSummary& summary, GdprClass at_least) {
  return std::any_of(summary.categories.begin(), summary.categories.end(),
                     [&](const auto& tally) { return counts(tally) && tally.gdpr >= at_least; });
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

std::map<std::string, std::uint64_t> copies_of(store::Reader& reader) {
  std::map<std::string, std::uint64_t> copies;  // content id -> files
  reader.duplicates([&](const std::vector<store::DocumentRow>& group) {
    copies[hex(group.front().content_id)] = group.size();
  });
  return copies;
}

void gather_files(store::Reader& reader, const retention::Policy& policy, std::int32_t today,
                  Lang lang, Gathered& all) {
  const auto copies = copies_of(reader);
  reader.files([&](const store::FileSummary& summary) {
    auto judgement = exporting::judgement_of(summary, policy, today, lang);
    if (!judgement) return;
    FileEntry entry;
    entry.summary = summary;
    entry.sensitive = holds(summary, GdprClass::kSensitive);
    entry.hidden = holds(summary, GdprClass::kProtected);
    entry.judgement = std::move(*judgement);
    const auto same = copies.find(hex(summary.file.content_id));
    entry.copies = same == copies.end() ? 0 : same->second - 1;
    entry.risk = exporting::risk_of(summary, entry.judgement, entry.copies, today);
    entry.year = best_year(summary.dates, today);
    all.files.push_back(std::move(entry));
  });
  std::stable_sort(all.files.begin(), all.files.end(), [](const FileEntry& a, const FileEntry& b) {
    return a.risk.total != b.risk.total ? a.risk.total > b.risk.total
                                        : a.summary.persons > b.summary.persons;
  });
}

Tally& tally_of(Gathered& all, Verdict verdict) {
  const auto at = std::find_if(all.verdicts.begin(), all.verdicts.end(),
                               [&](const auto& entry) { return entry.first == verdict; });
  return at != all.verdicts.end() ? at->second : all.verdicts.emplace_back(verdict, Tally{}).second;
}

void tally_files(Gathered& all) {
  for (std::size_t i = 0; i < all.files.size(); ++i) {
    const FileEntry& entry = all.files[i];
    const Verdict verdict = entry.judgement.verdict;
    RuleTally& rule = all.rules[entry.judgement.rule];
    ++rule.files;
    ++rule.verdicts[verdict];
    if (const auto& date = entry.judgement.evidence; date && quality_of(date->kind) != 'C')
      rule.oldest = rule.oldest == 0 ? date->day : std::min(rule.oldest, date->day);
    ExposureTally& exposure = all.exposure[entry.summary.file.file.exposure];
    ++exposure.files;
    if (entry.sensitive) ++exposure.sensitive_files;
    ++tally_of(all, verdict).files;
    if (is_late(verdict)) ++all.late.files;
    ++all.years[entry.year];
    if (entry.hidden)
      ++all.hidden_files;
    else
      rule.entries.push_back(i);
  }
  std::sort(all.verdicts.begin(), all.verdicts.end(), [](const auto& a, const auto& b) {
    return std::pair(urgency(a.first), a.first) < std::pair(urgency(b.first), b.first);
  });
}

void gather_categories(Gathered& all) {
  std::map<std::string, CategoryEntry> by_id;
  for (const FileEntry& entry : all.files) {
    for (const store::CategoryTally& tally : entry.summary.categories) {
      if (!counts(tally)) continue;
      CategoryEntry& category = by_id[tally.category];
      ++category.files;
      category.values += tally.values[1] + tally.values[2];
      category.hits += tally.hits;
      category.gdpr = std::max(category.gdpr, tally.gdpr);
    }
  }
  for (auto& [id, category] : by_id) {
    category.category = id;
    const auto persons = all.persons.by_category.find(id);
    if (persons != all.persons.by_category.end()) category.persons = persons->second;
    all.categories.push_back(category);
  }
  std::stable_sort(all.categories.begin(), all.categories.end(), [](const auto& a, const auto& b) {
    return a.gdpr != b.gdpr ? a.gdpr > b.gdpr : a.persons > b.persons;
  });
}

std::string folder_key(std::int64_t source, const std::string& dir) {
  return std::to_string(source) + '/' + dir;
}

void gather_folders(store::Reader& reader, Gathered& all) {
  std::map<std::string, FolderEntry> risky;
  for (const FileEntry& entry : all.files) {
    if (entry.hidden) continue;  // a folder is not named for their sake
    const FileRef& file = entry.summary.file.file;
    FolderEntry& folder = risky[folder_key(entry.summary.file.source_id, file.dir)];
    if (entry.risk.level >= exporting::RiskLevel::kMedium) folder.risk += entry.risk.total;
    folder.worst = std::max(folder.worst, entry.risk.level);
  }
  reader.folders([&](const store::FolderSummary& summary) {
    const auto at = risky.find(folder_key(summary.source_id, summary.dir));
    if (at == risky.end()) return;
    at->second.summary = summary;
    all.folders.push_back(std::move(at->second));
  });
  std::stable_sort(all.folders.begin(), all.folders.end(), [](const auto& a, const auto& b) {
    return a.risk != b.risk ? a.risk > b.risk : a.summary.persons > b.summary.persons;
  });
}

void gather_duplicates(store::Reader& reader, Gathered& all) {
  std::map<std::string, const FileEntry*> listed;  // content id -> a file that may be named
  std::set<std::string> hidden;
  for (const FileEntry& entry : all.files) {
    const std::string content = hex(entry.summary.file.content_id);
    listed.emplace(content, &entry);
    if (entry.hidden) hidden.insert(content);
  }
  reader.duplicates([&](const std::vector<store::DocumentRow>& group) {
    const std::string content = hex(group.front().content_id);
    const auto at = listed.find(content);
    if (at == listed.end() || hidden.contains(content)) return;
    DuplicateGroup entry{{}, group.size(), at->second->summary.persons};
    for (const store::DocumentRow& row : group)
      if (entry.paths.size() < kNamedCopies) entry.paths.push_back(row.file.path());
    all.duplicates.push_back(std::move(entry));
  });
  std::stable_sort(all.duplicates.begin(), all.duplicates.end(),
                   [](const auto& a, const auto& b) { return a.persons > b.persons; });
  // Beyond these only the number is told.
  for (std::size_t i = kDuplicateGroups; i < all.duplicates.size(); ++i)
    all.duplicates[i].paths.clear();
}

using Reasons = std::map<std::pair<OutcomeKind, Reason>, UnreadReason>;

// What the ledger counts and no row tells: ordinary outcomes are packed.
void add_packed(const store::Ledger& ledger, Reasons& reasons) {
  for (const auto& [key, objects] : ledger.by_reason) {
    const std::size_t colon = key.find(':');
    const auto kind = outcome_from_key(key.substr(0, colon));
    const auto reason = reason_from_key(key.substr(colon + 1));
    if (!kind || !reason) continue;
    if (*kind == OutcomeKind::kRead || *kind == OutcomeKind::kUnchanged) continue;
    UnreadReason& entry = reasons[{*kind, *reason}];
    entry.objects = std::max(entry.objects, objects);
  }
}

// Which file of the report a document belongs to.
using EntryOf = std::unordered_map<std::int64_t, std::size_t>;

EntryOf gather_unread(store::Reader& reader, Gathered& all) {
  EntryOf entry_of;
  std::map<std::pair<std::uint64_t, std::uint64_t>, std::size_t> by_inode;
  for (std::size_t i = 0; i < all.files.size(); ++i) {
    const store::DocumentRow& row = all.files[i].summary.file;
    entry_of[row.id] = i;
    by_inode[{row.file.dev, row.file.inode}] = i;
  }
  Reasons reasons;
  reader.documents([&](const store::DocumentRow& row) {
    // A member comes after what it lies in.
    if (const auto outer = entry_of.find(row.parent_id); outer != entry_of.end())
      entry_of[row.id] = outer->second;
    const Outcome& outcome = row.read_outcome;
    if (outcome.reason == Reason::kHardLink && row.parent_id == 0)
      if (const auto same = by_inode.find({row.file.dev, row.file.inode}); same != by_inode.end())
        all.files[same->second].other_names.push_back(row.file.path());
    if (outcome.kind == OutcomeKind::kRead) return;
    UnreadReason& reason = reasons[{outcome.kind, outcome.reason}];
    ++reason.objects;
    if (reason.entries.size() >= kNamedPerReason) return;
    const auto entry = entry_of.find(row.id);
    const bool hidden = entry != entry_of.end() && all.files[entry->second].hidden;
    reason.entries.push_back({hidden ? "" : Provenance{row.file.path(), row.inner}.str(), outcome});
  });
  add_packed(all.ledger, reasons);
  for (auto& [key, reason] : reasons) {
    reason.outcome = Outcome{key.first, key.second, ""};
    all.unread.push_back(std::move(reason));
  }
  const auto rank = [](const UnreadReason& reason) {
    return reason.outcome.kind == OutcomeKind::kNotRead      ? 0
           : reason.outcome.kind == OutcomeKind::kReadInPart ? 1
                                                             : 2;
  };
  std::stable_sort(all.unread.begin(), all.unread.end(), [&](const auto& a, const auto& b) {
    return rank(a) != rank(b) ? rank(a) < rank(b) : a.objects > b.objects;
  });
  reader.directories(
      [&](const store::SourceRow& source, const std::string& dir, const Outcome& outcome) {
        all.folders_unseen.emplace_back(source.path_of(dir), outcome);
      });
  return entry_of;
}

struct KeyHash {
  std::size_t operator()(const Key& key) const {
    std::size_t hash = 0;  // a key is a MAC: any of its bytes are as good
    std::memcpy(&hash, key.data(), sizeof hash);
    return hash;
  }
};
using Persons = std::unordered_set<Key, KeyHash>;

// A person counts once in every tally, in however many files.
void count_persons(store::Reader& reader, const EntryOf& entry_of, Gathered& all) {
  std::map<Tally*, Persons> sets;
  std::map<ExposureTally*, Persons> sensitive;
  const bool count_test_data = reader.counts_test_data();
  reader.subjects([&](const store::SubjectRow& row) {
    const auto at = entry_of.find(row.document_id);
    if (at == entry_of.end() || (row.subject.test_data && !count_test_data)) return;
    const FileEntry& entry = all.files[at->second];
    const Key& person = row.subject.subject_key;
    ExposureTally& exposure = all.exposure[entry.summary.file.file.exposure];
    sets[&exposure].insert(person);
    sets[&tally_of(all, entry.judgement.verdict)].insert(person);
    sets[&all.rules[entry.judgement.rule]].insert(person);
    if (is_late(entry.judgement.verdict)) sets[&all.late].insert(person);
    if (entry.sensitive) sensitive[&exposure].insert(person);
  });
  for (const auto& [tally, persons] : sets) tally->persons = persons.size();
  for (const auto& [tally, persons] : sensitive) tally->sensitive_persons = persons.size();
}

}  // namespace

int urgency(Verdict verdict) {
  switch (verdict) {
    case Verdict::kMisplaced:
    case Verdict::kOverdue:
      return 0;
    case Verdict::kDue:
      return 1;
    case Verdict::kConflict:
      return 2;
    case Verdict::kHandOverBoard:
    case Verdict::kHandOverArchive:
      return 3;
    case Verdict::kDueSoon:
      return 4;
    case Verdict::kLookInto:
      return 5;
    case Verdict::kNoRule:
    case Verdict::kNoTime:
      return 6;
    default:
      return 7;
  }
}

bool is_late(Verdict verdict) {
  return verdict == Verdict::kOverdue || verdict == Verdict::kDue || verdict == Verdict::kMisplaced;
}

Gathered gather(store::Reader& reader, const retention::Policy& policy, std::int32_t today,
                Lang lang) {
  Gathered all;
  const auto sweeps = reader.sweeps();
  if (sweeps.empty()) return all;
  all.sweep = sweeps.back();
  for (const store::SweepRow& sweep : sweeps) all.sweeps.emplace(sweep.id, sweep);
  all.sources = reader.sources();
  all.ledger = reader.ledger_now();
  all.settings = reader.run_settings(all.sweep.id);
  all.persons = reader.persons();
  gather_files(reader, policy, today, lang, all);
  tally_files(all);
  gather_categories(all);
  gather_folders(reader, all);
  gather_duplicates(reader, all);
  count_persons(reader, gather_unread(reader, all), all);
  return all;
}

}  // namespace gallra::html

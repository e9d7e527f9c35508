// All that the report says, gathered from the store in one reading and judged once.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "reports/export/risk.hpp"
#include "reports/retention/retention.hpp"
#include "reports/store/store.hpp"

namespace gallra::html {

struct FileEntry {
  store::FileSummary summary;
  retention::Judgement judgement;
  exporting::Risk risk;
  std::uint64_t copies = 0;              // other files with the same content
  std::vector<std::string> other_names;  // hard links: deleting one name leaves the others
  int year = 0;                          // of its best date, 0 = unknown
  bool sensitive = false;                // holds special categories, offences or protected identity
  bool hidden = false;  // marked with protected identity: counted, never listed or named
};

// Files that have something in common, and the distinct persons in them.
struct Tally {
  std::uint64_t files = 0, persons = 0;
};

struct RuleTally : Tally {
  std::map<retention::Verdict, std::uint64_t> verdicts;
  std::int32_t oldest = 0;           // the oldest date that decided anything
  std::vector<std::size_t> entries;  // into Gathered::files, those that may be listed, worst first
};

struct ExposureTally : Tally {
  std::uint64_t sensitive_files = 0, sensitive_persons = 0;
};

struct UnreadEntry {
  std::string document;  // printable provenance; "" = may not be named
  Outcome outcome;
};

struct UnreadReason {
  Outcome outcome;                   // kind and reason
  std::uint64_t objects = 0;         // as the ledger counts
  std::vector<UnreadEntry> entries;  // the first ones
};

struct CategoryEntry {
  std::string category;
  std::uint64_t files = 0, values = 0, hits = 0, persons = 0;
  GdprClass gdpr = GdprClass::kOrdinary;
};

struct FolderEntry {
  store::FolderSummary summary;
  int risk = 0;  // the sum of its files' from medium
  exporting::RiskLevel worst = exporting::RiskLevel::kLow;
};

struct DuplicateGroup {
  std::vector<std::string> paths;
  std::uint64_t files = 0, persons = 0;
};

struct Gathered {
  std::vector<store::SourceRow> sources;
  store::SweepRow sweep;  // the latest
  std::map<std::int64_t, store::SweepRow> sweeps;
  store::Ledger ledger;
  std::string settings;  // JSON of the last run
  store::PersonCounts persons;
  std::vector<FileEntry> files;           // with findings that count, worst first
  std::uint64_t hidden_files = 0;         // of them
  std::vector<FolderEntry> folders;       // with files that may be listed, worst first
  std::vector<CategoryEntry> categories;  // the most sensitive first
  std::map<int, std::uint64_t> years;     // 0 = unknown
  std::map<Exposure, ExposureTally> exposure;
  std::vector<std::pair<retention::Verdict, Tally>> verdicts;  // the most urgent first
  Tally late;                                                  // overdue, due or misplaced
  std::map<std::string, RuleTally> rules;                      // "" = no rule
  std::vector<DuplicateGroup> duplicates;                      // most persons first
  std::vector<UnreadReason> unread;  // not read, read in part, left out; most first
  std::vector<std::pair<std::string, Outcome>> folders_unseen;  // whole paths
};

// What somebody must act on comes first: 0, 1, 2 ...
int urgency(retention::Verdict verdict);

// Overdue, due now or in the wrong place: somebody must remove or move it.
bool is_late(retention::Verdict verdict);

Gathered gather(store::Reader& reader, const retention::Policy& policy, std::int32_t today,
                Lang lang);

}  // namespace gallra::html

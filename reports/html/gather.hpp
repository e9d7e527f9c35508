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
  std::uint64_t copies = 0;  // other files with the same content
  int year = 0;              // of its best date, 0 = unknown
};

struct RuleTally {
  std::map<retention::Verdict, std::uint64_t> files;
  std::uint64_t persons = 0;         // summed over files: an upper bound
  std::int32_t oldest = 0;           // the oldest date that decided anything
  std::vector<std::size_t> entries;  // into Gathered::files, worst first
};

struct UnreadEntry {
  std::string document;  // printable provenance
  Outcome outcome;
};

struct CategoryEntry {
  std::uint64_t files = 0, values = 0, hits = 0, persons = 0;
  GdprClass gdpr = GdprClass::kOrdinary;
};

struct Gathered {
  std::map<std::int64_t, store::SourceRow> sources;
  store::SweepRow sweep;
  store::Ledger ledger;
  std::string settings;  // JSON of the last run
  std::uint64_t files_with_findings = 0;
  store::PersonCounts persons;
  std::vector<FileEntry> files;       // with findings that count, worst first
  std::uint64_t protected_files = 0;  // marked with protected identity: counted, never listed
  std::vector<store::FolderSummary> folders;  // with findings that count, most persons first
  std::map<std::string, int> folder_risk;     // source id + folder -> sum of its files' risk
  std::map<std::string, CategoryEntry> categories;
  std::map<int, std::uint64_t> years;  // 0 = unknown
  std::map<Exposure, std::uint64_t> exposure;
  std::map<std::string, RuleTally> rules;
  std::vector<std::vector<std::string>> duplicates;  // groups of paths
  std::uint64_t duplicate_groups = 0;
  std::map<std::string, std::vector<UnreadEntry>> unread;  // "not_read:encrypted" -> the first ones
  std::vector<std::pair<std::string, Outcome>> folders_unseen;
};

Gathered gather(store::Reader& reader, const retention::Policy& policy, std::int32_t today,
                Lang lang);

}  // namespace gallra::html

// What the tests of the store and of the exports build their scenes from: a folder of their own,
// invented files and findings, and one line for a whole run.
#pragma once

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

#include "reports/store/store.hpp"
#include "scanner/model/provenance.hpp"
#include "scanner/support/keyed_hash.hpp"

namespace gallra::testing {

class TempDir {
 public:
  TempDir() {
    std::string pattern = (std::filesystem::temp_directory_path() / "gallra-test-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~TempDir() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  std::string file(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

inline Key key(const std::string& what) { return Secret::for_tests().mac("test", what); }

inline FileRef ref(std::int64_t source, const std::string& dir, const std::string& name,
                   std::uint64_t size = 100) {
  FileRef file;
  file.source_id = source;
  file.dir = dir;
  file.name = name;
  file.dev = 7;
  file.inode = std::hash<std::string>{}(dir + '/' + name);
  file.size = size;
  file.mtime_ns = 1'500'000'000'000'000'000;
  file.ctime_ns = 1'600'000'000'000'000'000;
  file.mode = 0640;
  file.exposure = Exposure::kGroup;
  file.owner = "anna";
  file.exposure_by = "group hemtjanst: r";
  return file;
}

inline Finding finding(const std::string& who, Confidence confidence = Confidence::kHigh,
                       const std::string& detector = "se.personnummer",
                       const std::string& category = "personnummer") {
  Finding f;
  f.detector = detector;
  f.category = category;
  f.gdpr = category == "personnummer" ? GdprClass::kNationalId
           : category == "health"     ? GdprClass::kSensitive
                                      : GdprClass::kOrdinary;
  f.confidence = confidence;
  f.signals = {"date_valid", "check_digit"};
  f.masked = "••••••••-••••";
  f.snippet = "Pnr: ••••••••-••••";
  f.subject_key = key("subject " + who);
  f.finding_key = key("finding " + who);
  f.places = {Place{PlaceKind::kLine, 3, 0, ""}};
  return f;
}

inline DocumentSubject subject(const std::string& who,
                               std::vector<std::string> categories = {"personnummer"}) {
  DocumentSubject s;
  s.subject_key = key("subject " + who);
  s.type = "personnummer";
  s.categories = std::move(categories);
  return s;
}

// An object in which each of `who` is found once.
inline DocumentResult document(std::vector<std::string> inner,
                               const std::vector<std::string>& who = {},
                               Outcome outcome = Outcome::read()) {
  DocumentResult d;
  d.inner = std::move(inner);
  d.identity = {Format::kText, "text/plain", "name .txt"};
  d.outcome = std::move(outcome);
  d.size = 100;
  for (const std::string& name : who) {
    d.found.findings.push_back(finding(name));
    d.found.subjects.push_back(subject(name));
  }
  return d;
}

inline FileResult whole(FileRef file, std::vector<DocumentResult> documents) {
  FileResult r;
  r.file = std::move(file);
  r.documents = std::move(documents);
  return r;
}

inline DirectoryResult listed(std::int64_t source, const std::string& dir, std::uint64_t entries,
                              std::vector<std::string> unchanged = {}) {
  DirectoryResult d;
  d.source_id = source;
  d.dir = dir;
  d.entries = entries;
  d.unchanged = std::move(unchanged);
  return d;
}

inline std::unique_ptr<store::Writer> open_writer(const std::string& path,
                                                  const std::string& key_id = "key-1") {
  auto writer = store::Writer::open(path, key_id);
  if (!writer) FAIL(writer.error().text);
  return *std::move(writer);
}

inline std::unique_ptr<store::Reader> open_reader(const std::string& path) {
  auto reader = store::Reader::open(path);
  if (!reader) FAIL(reader.error().text);
  return *std::move(reader);
}

// A writer with a sweep and a run begun over one source.
struct Scan {
  std::unique_ptr<store::Writer> writer;
  std::int64_t source = 0;
  store::SweepRow sweep;

  static Scan start(const std::string& db, const std::string& rules = "rules-1") {
    Scan scan;
    scan.writer = open_writer(db);
    scan.source = scan.writer->source("/srv/share", false).id;
    auto open = scan.writer->open_sweep({scan.source});
    scan.sweep = open ? *open : scan.writer->begin_sweep({scan.source}, rules);
    scan.writer->begin_run(scan.sweep, R"({"test_data":"label"})");
    return scan;
  }
  store::Ledger close(std::uint64_t seen) {
    auto ledger = writer->end_run("done", true, seen);
    if (!ledger) FAIL(ledger.error().text);
    return *ledger;
  }
};

// "path!/inner outcome:reason f=findings p=persons", one line an object.
inline std::vector<std::string> documents_text(const std::string& db) {
  std::vector<std::string> lines;
  open_reader(db)->documents([&](const store::DocumentRow& row) {
    std::string line =
        Provenance{row.file.path(), row.inner}.str() + " " + std::string(key_of(row.outcome.kind));
    if (row.outcome.reason != Reason::kNone) line += ":" + std::string(key_of(row.outcome.reason));
    if (row.findings > 0) line += " f=" + std::to_string(row.findings);
    if (row.persons > 0) line += " p=" + std::to_string(row.persons);
    lines.push_back(line);
  });
  return lines;
}

}  // namespace gallra::testing

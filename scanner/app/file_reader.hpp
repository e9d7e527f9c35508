// Reads one top-level file to the bottom: identifies, extracts (plain text here, the rest in the
// jail), visits members, feeds detection, and sends the outcome of every object it met.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "detectors/detectors.hpp"
#include "scanner/extract/jail/jail.hpp"
#include "scanner/model/limits.hpp"
#include "scanner/model/result.hpp"
#include "scanner/support/keyed_hash.hpp"
#include "scanner/walk/walk.hpp"

namespace gallra::app {

// Counted by every worker, shown by the progress line, summed against the ledger.
struct Counters {
  std::atomic<std::uint64_t> files{0};    // top-level objects finished
  std::atomic<std::uint64_t> passed{0};   // top-level objects that needed no reading
  std::atomic<std::uint64_t> members{0};  // objects met inside files
  std::atomic<std::uint64_t> bytes{0};    // bytes of top-level files read
  std::atomic<std::uint64_t> findings{0};
  std::atomic<std::uint64_t> unread{0};  // not_read and read_in_part
};

struct ReaderSetup {
  std::shared_ptr<const detect::RuleSet> rules;
  const Secret* secret = nullptr;
  jail::Zygote* zygote = nullptr;  // nullptr: formats that need the jail end as jail_unavailable
  Limits limits;
  std::string state_dir;
  std::int32_t today = 0;  // days since 1970
  detect::DocumentDetector::Reveal reveal = detect::DocumentDetector::Reveal::kNo;
  const std::atomic<bool>* drop_now =
      nullptr;  // set: abandon the document in hand, do not record it
};

// True while the open file is a regular one of the size and time that the walk, or an earlier scan,
// saw.
bool is_as_seen(int fd, const FileRef& file);

// One per worker thread. Everything in it belongs to that thread.
class FileReader {
 public:
  FileReader(const ReaderSetup& setup, Counters& counters);
  ~FileReader();

  // Reads the job's file (takes its descriptor) and sends its result in one or more parts. False:
  // the scan was stopped half-way; the parts sent so far have no `last` and will be read again.
  bool read(walk::FileJob job, ResultSink& sink);

 private:
  struct Frame;
  class Visit;
  detect::DocumentDetector& detector(std::size_t depth);
  jail::Zygote::Worker& worker(std::size_t depth);
  const std::string& shown_label(const std::string& label);
  // Places are kept in clear, their labels not: those are the document's own words.
  DocumentFindings shown(DocumentFindings found);

  const ReaderSetup setup_;
  Counters& counters_;
  std::vector<std::unique_ptr<detect::DocumentDetector>> detectors_;
  std::vector<std::unique_ptr<jail::Zygote::Worker>> workers_;
  std::unordered_map<std::string, std::string> labels_;  // as written -> as shown
};

}  // namespace gallra::app

// The results store: typed reading and writing; all of SQLite is behind it. One writer, many
// readers.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "scanner/model/result.hpp"

namespace gallra::store {

enum class ProblemKind : std::uint8_t {
  kMissing,
  kNotOurs,
  kNewer,
  kLocked,
  kForeignKey,
  kDamaged,
  kDiskFull,
  kOther
};
struct Problem {
  ProblemKind kind = ProblemKind::kOther;
  std::string text;  // English, for the log; never holds document text
};
template <typename T>
using Result = tl::expected<T, Problem>;

struct SourceRow {
  std::int64_t id = 0;
  std::string path;
  std::string label;
  bool single_file = false;
};

enum class SweepState : std::uint8_t { kOpen, kDone };
struct SweepRow {
  std::int64_t id = 0;
  SweepState state = SweepState::kOpen;
  std::int64_t started = 0, ended = 0;  // unix seconds, UTC; ended 0 = open
  std::vector<std::int64_t> sources;
  std::string rules_id;  // RuleSet::id() at its start
};

// The ledger of one sweep. seen == read + read_in_part + not_read + excluded + unchanged, or the
// store refuses to close the sweep. Objects are files, members, mails and attachments; folders
// count apart.
struct Ledger {
  std::uint64_t seen = 0, read = 0, read_in_part = 0, not_read = 0, excluded = 0, unchanged = 0;
  std::map<std::string, std::uint64_t>
      by_reason;  // "not_read:encrypted" -> n, also read_in_part and excluded
  std::uint64_t directories_seen = 0, directories_listed = 0, directories_not_listed = 0,
                directories_excluded = 0;
  std::uint64_t bytes_read = 0;
  bool reconciles() const { return seen == read + read_in_part + not_read + excluded + unchanged; }
};

// Opens or creates the database, runs migrations, takes the one-writer lock. A ResultSink that
// queues to its own thread; commits in batches; a file's rows and its "done" mark are one
// transaction.
class Writer : public ResultSink {
 public:
  static Result<std::unique_ptr<Writer>> open(const std::string& path, const std::string& key_id);

  virtual SourceRow source(const std::string& path, bool single_file) = 0;  // finds or adds
  // The open sweep over exactly these sources, if one was interrupted.
  virtual std::optional<SweepRow> open_sweep(const std::vector<std::int64_t>& sources) = 0;
  virtual SweepRow begin_sweep(const std::vector<std::int64_t>& sources,
                               const std::string& rules_id) = 0;
  // A run is one process working on the sweep. `settings` is JSON of what was on (detectors, jail,
  // limits).
  virtual std::int64_t begin_run(const SweepRow& sweep, const std::string& settings) = 0;
  // What a sweep knows of a folder: the files that need not be read again (read earlier in this
  // sweep, or in an earlier one under the same rules). Thread-safe: own read connections.
  virtual std::map<std::string, std::array<std::int64_t, 4>> known(std::int64_t source_id,
                                                                   const std::string& dir) = 0;
  // Waits until all that was queued is on disk; throws nothing, a failed write is kept for
  // failed().
  virtual void flush() = 0;
  virtual std::optional<Problem> failed() const = 0;  // disk full etc.; the scan should stop
  // Ends the run ("done", "interrupted", "window", "failed"). With `complete`, closes the sweep:
  // files not met are marked gone, the ledger is computed and stored, and must reconcile with
  // `seen`.
  virtual Result<Ledger> end_run(std::string_view how, bool complete, std::uint64_t seen) = 0;
};

struct FindingRow {
  std::int64_t document_id = 0;
  Finding finding;
};

// One object as the store holds it now (present at the latest sweep).
struct DocumentRow {
  std::int64_t id = 0, parent_id = 0;  // parent 0 = a file of the share
  std::int64_t source_id = 0;
  FileRef file;  // of the top-level file
  std::vector<std::string> inner;
  std::string format, media_type, format_why;
  Outcome outcome;       // kUnchanged when it was carried over in the latest sweep
  Outcome read_outcome;  // how its last reading went
  std::uint64_t size = 0;
  std::int64_t mtime_ns = 0;
  Key content_id{};
  std::uint64_t findings = 0, persons = 0;
  std::string document_kind;
  std::int64_t first_sweep = 0, read_sweep = 0;
  std::vector<DateEvidence> dates;
  std::vector<MailboxTally> mailboxes;
};

struct SubjectRow {
  std::int64_t document_id = 0;
  DocumentSubject subject;
};

// Reads a consistent snapshot. Callbacks get rows in a fixed order: source, path, inner, ordinal.
class Reader {
 public:
  static Result<std::unique_ptr<Reader>> open(const std::string& path);
  virtual ~Reader() = default;

  virtual std::string key_id() = 0;
  virtual std::vector<SourceRow> sources() = 0;
  virtual std::vector<SweepRow> sweeps() = 0;  // oldest first
  virtual std::optional<Ledger> ledger(
      std::int64_t sweep_id) = 0;  // an open sweep: what is known so far
  virtual std::string run_settings(std::int64_t sweep_id) = 0;  // of its last run
  virtual void documents(const std::function<void(const DocumentRow&)>& each) = 0;
  virtual void findings(const std::function<void(const DocumentRow&, const Finding&)>& each) = 0;
  virtual void subjects(const std::function<void(const SubjectRow&)>& each) = 0;
  virtual void columns(
      const std::function<void(std::int64_t document_id, const ColumnFacts&)>& each) = 0;
  // Folders that were not listed or excluded, with the reason.
  virtual void directories(const std::function<void(std::int64_t source_id, const std::string& dir,
                                                    const Outcome&)>& each) = 0;
  virtual void documents_of(const std::string& absolute_path,
                            const std::function<void(const DocumentRow&)>& each) = 0;
};

}  // namespace gallra::store

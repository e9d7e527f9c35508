// The results store: typed reading and writing; all of SQLite is behind it. One writer, many
// readers. What the tables mean is told in schema.sql, what a thief could do with them in
// README.md.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "scanner/model/known_file.hpp"
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
  kNotWritable,  // the file, its folder or its disk may not be written
  kReplaced,     // the file or its lock was removed or replaced under a writer
  kOther
};
struct Problem {
  ProblemKind kind = ProblemKind::kOther;
  std::string text;  // English, for the log; never holds document text
};
template <typename T>
using Result = tl::expected<T, Problem>;

// Thrown where a call returns plain values: a disk that fails or a database that turns out damaged
// half-way. Half an answer is never given for a whole one.
struct StoreError : std::runtime_error {
  explicit StoreError(Problem p) : std::runtime_error(p.text), problem(std::move(p)) {}
  Problem problem;
};

struct SourceRow {
  std::int64_t id = 0;
  std::string path;
  std::string label;
  bool single_file = false;
  std::int64_t latest_sweep = 0;
  std::uint64_t device =
      0;  // st_dev as stands_on() was told; 0 = never. Only Writer::source tells.

  // The whole path of what lies below it; "" = itself.
  std::string path_of(const std::string& below) const {
    return below.empty() ? path : path + '/' + below;
  }
};

enum class SweepState : std::uint8_t { kOpen, kDone };
struct SweepRow {
  std::int64_t id = 0;
  SweepState state = SweepState::kOpen;
  std::int64_t started = 0, ended = 0;  // unix seconds, UTC; ended 0 = open
  std::vector<std::int64_t> sources;
  std::string rules_id;  // RuleSet::id() at its start

  bool is_open() const { return state == SweepState::kOpen; }
};

// The ledger of one sweep. seen == read + read_in_part + not_read + excluded + unchanged, or the
// store refuses to close the sweep. Objects are files, members, mails and attachments; folders
// count apart. A file that was carried over counts as unchanged when there is something to carry
// over (read, read_in_part); what was not read then is still not_read now, for the same reason, and
// a member left out then is still excluded: a second sweep must not make coverage look better.
struct Ledger {
  std::uint64_t seen = 0, read = 0, read_in_part = 0, not_read = 0, excluded = 0, unchanged = 0;
  std::map<std::string, std::uint64_t>
      by_reason;  // "not_read:encrypted" -> n, also read_in_part, excluded and unchanged (what was
                  // read in part and carried over)
  std::uint64_t directories_seen = 0, directories_listed = 0, directories_not_listed = 0,
                directories_excluded = 0;
  std::uint64_t files_hidden = 0;  // known of an earlier sweep, in folders that could not be listed
  std::uint64_t bytes_read = 0;
  bool open = false;  // a sweep it tells of is not done: there is more, nobody knows how much
  bool reconciles() const { return seen == read + read_in_part + not_read + excluded + unchanged; }
};

// Opens or creates the database, runs migrations, takes the one-writer lock. A ResultSink that
// queues to its own thread (bounded by bytes: file() waits while the disk is behind); commits in
// batches, at the latest a second after a result came in; a file's rows and its "done" mark are one
// transaction. A file read again replaces all that was known of it in the transaction of its last
// part; until then its earlier state stands. Killed at any moment, the next open() finds whole
// files only. source(), stands_on(), open_sweep(), begin_sweep(), begin_run() throw StoreError when
// the disk fails.
//
// A result is matched to its container by the steps in `inner`. Members come before their container
// closes (as extractors deliver them); a DocumentResult with `segment` belongs to the next closing
// one of the same inner and ordinal: counts add up, the first places are kept, the higher band wins
// with its signals. Every DocumentResult without `segment` is an object of its own, also when
// another one has the same name and ordinal.
class Writer : public ResultSink {
 public:
  static Result<std::unique_ptr<Writer>> open(const std::string& path, const std::string& key_id);

  virtual SourceRow source(const std::string& path, bool single_file) = 0;  // finds or adds
  // A source was seen, on this device.
  virtual void stands_on(std::int64_t source_id, std::uint64_t device) = 0;
  // The open sweep over exactly these sources, if one was interrupted.
  virtual std::optional<SweepRow> open_sweep(const std::vector<std::int64_t>& sources) = 0;
  virtual SweepRow begin_sweep(const std::vector<std::int64_t>& sources,
                               const std::string& rules_id) = 0;
  // A run is one process working on the sweep. `settings` is JSON of what was on (detectors, jail,
  // limits).
  virtual std::int64_t begin_run(const SweepRow& sweep, const std::string& settings) = 0;
  // What a sweep knows of a folder: the files that need not be read again (read earlier in this
  // sweep, or in an earlier one under the same rules).
  // Not among them: what was left out, and what could not be read for a passing reason (permission,
  // I/O error, changed while read, interrupted ...). Thread-safe: own read connections. {} after a
  // failure.
  virtual KnownFiles known(std::int64_t source_id, const std::string& dir) = 0;
  // Waits until all that was queued is on disk; throws nothing, a failed write is kept for
  // failed().
  virtual void flush() = 0;
  virtual std::optional<Problem> failed() const = 0;  // disk full etc.; the scan should stop
  // Ends the run ("done", "interrupted", "window", "failed"). With `complete`, closes the sweep:
  // files not met are marked gone, the ledger is computed and stored, and must reconcile with
  // `seen`: the objects this run met, i.e. every file-like object of every folder it listed
  // (carried-over ones too) and the members of the files it read. Members of carried-over files are
  // counted by the store and added to both sides. On a mismatch the sweep stays open.
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
  // As the ledger of the latest sweep counts it: kUnchanged (reason and detail of its last reading
  // kept) when it was read and carried over.
  Outcome outcome;
  Outcome read_outcome;  // how its last reading went
  bool carried = false;  // not read in the latest sweep
  std::uint32_t ordinal = 0;
  std::uint64_t members = 0;    // files: objects inside, at any depth
  std::uint64_t rolled_up = 0;  // low findings past the limit, counted only
  std::uint64_t size = 0;
  std::int64_t mtime_ns = 0;
  Key content_id{};
  // Distinct values, and distinct persons (test data: see Reader), in this object, members apart.
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

// What a file or folder holds of one category. Official test numbers count only when the reader was
// told so.
struct CategoryTally {
  std::string category;
  GdprClass gdpr = GdprClass::kOrdinary;  // the heaviest met
  Confidence best = Confidence::kLow;     // the highest band met
  std::array<std::uint64_t, 3> values{};  // distinct values a document, by band: low, medium, high
  std::uint64_t hits = 0;                 // how often those of medium and high stand there
  std::uint64_t persons = 0;              // distinct, with this category in the same record
};

// A file of the share with all that is in it.
struct FileSummary {
  DocumentRow file;
  std::uint64_t findings = 0;             // rows of the findings export, members' too
  std::uint64_t persons = 0;              // distinct in it and its members
  std::uint64_t persons_exempt_day = 0;   // of the identity numbers: born 5, 15, 25
  std::uint64_t persons_unknown_day = 0;  // of the identity numbers: day unknown
  std::vector<CategoryTally> categories;  // sorted by id
  std::vector<std::string> kinds;         // document kinds of it and its members, sorted
  std::vector<DateEvidence> dates;        // of it and its members: the latest of each kind
};

struct FolderSummary {
  std::int64_t source_id = 0;
  std::string dir;
  std::uint64_t files = 0, findings = 0;
  std::uint64_t files_with_findings = 0;  // at medium or above, as values_by_category
  std::uint64_t persons = 0;              // distinct in this folder's files, subfolders apart
  std::map<std::string, std::uint64_t> persons_by_category;
  std::map<std::string, std::uint64_t> values_by_category;
  Exposure exposure = Exposure::kOwner;  // the widest of its files with findings; kUnknown between
                                         // group and everyone
};

struct PersonCounts {
  std::uint64_t persons = 0;       // distinct in all sources
  std::uint64_t test_numbers = 0;  // distinct official test numbers, counted as persons or not
  std::map<std::string, std::uint64_t> by_category;
};

// Reads a consistent snapshot. Callbacks get rows in a fixed order: source path, then path as
// bytes, inner (step by step), ordinal; findings by detector and finding_key. Nothing depends on
// threads or time. One reader is for one thread; a callback must not call the same reader, except
// findings_of() and file(). Throws StoreError when the database turns out damaged.
class Reader {
 public:
  static Result<std::unique_ptr<Reader>> open(const std::string& path);
  virtual ~Reader() = default;

  virtual std::string key_id() = 0;
  virtual std::vector<SourceRow> sources() = 0;
  virtual std::vector<SweepRow> sweeps() = 0;  // oldest first
  virtual std::optional<Ledger> ledger(
      std::int64_t sweep_id) = 0;  // an open sweep: what is known so far
  // All sources together, each as its latest sweep left it: what every other function here tells
  // of.
  virtual Ledger ledger_now() = 0;
  virtual std::string run_settings(std::int64_t sweep_id) = 0;  // of its last run
  virtual void documents(const std::function<void(const DocumentRow&)>& each) = 0;
  virtual void findings(const std::function<void(const DocumentRow&, const Finding&)>& each) = 0;
  virtual void subjects(const std::function<void(const SubjectRow&)>& each) = 0;
  virtual void columns(
      const std::function<void(std::int64_t document_id, const ColumnFacts&)>& each) = 0;
  // Folders that were not listed (whole) or excluded, with the reason.
  virtual void directories(const std::function<void(const SourceRow& source, const std::string& dir,
                                                    const Outcome&)>& each) = 0;
  // A file and its members; nothing when it is not in the store now.
  virtual void documents_of(const std::string& absolute_path,
                            const std::function<void(const DocumentRow&)>& each) = 0;
  virtual void findings_of(std::int64_t document_id,
                           const std::function<void(const Finding&)>& each) = 0;

  // Whether official test numbers are persons. Default: as the last run was told (settings
  // "test_data": "count"), else they are nobody.
  virtual void count_test_data(bool count) = 0;
  virtual bool counts_test_data() const = 0;
  virtual void files(const std::function<void(const FileSummary&)>& each) = 0;
  virtual std::optional<FileSummary> file(std::int64_t document_id) = 0;
  // Folders with files in them, in order; one folder's distinct persons are in memory at a time.
  virtual void folders(const std::function<void(const FolderSummary&)>& each) = 0;
  virtual PersonCounts persons() = 0;
  // Files (not members) with the same content: two or more, hard links counted once by the walk.
  // Groups in the order of their first file.
  virtual void duplicates(const std::function<void(const std::vector<DocumentRow>&)>& each) = 0;
};

// Writes one line of the audit log: `what` ("reveal") was done by the user of this process, for
// `purpose`. nullopt = written. Waits for no writer: a running scan refuses it (kLocked).
std::optional<Problem> audit(const std::string& path, std::string_view what,
                             std::string_view purpose);

}  // namespace gallra::store

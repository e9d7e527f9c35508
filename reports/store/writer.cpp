// The one writer: results queue up, its thread records them in batches.
#include <algorithm>
#include <chrono>
#include <ctime>
#include <functional>
#include <future>
#include <mutex>
#include <thread>
#include <utility>
#include <variant>

#include "reports/store/database.hpp"
#include "reports/store/inbox.hpp"
#include "reports/store/ledger.hpp"
#include "reports/store/recorder.hpp"
#include "reports/store/store.hpp"
#include "scanner/support/embedded.hpp"
#include "scanner/support/text.hpp"

namespace gallra::store {
namespace {

// Results waiting for the disk: a second's work of many workers, a tenth of the memory budget.
constexpr std::size_t kInboxBytes = 32U << 20;
// Commits cost an append to the WAL; beyond some thousand rows a larger batch gains nothing.
constexpr std::size_t kBatchRows = 20'000;
constexpr std::chrono::seconds kBatchTime{1};

struct Quit {};
using Task = std::function<void()>;
using Item = std::variant<FileResult, DirectoryResult, Task, Quit>;

// Rough sizes in memory: they only have to keep the queue within its budget.
std::size_t weight(const FileResult& result) {
  std::size_t bytes = 512;
  for (const DocumentResult& document : result.documents) {
    bytes += 768 + document.found.subjects.size() * 256 + document.found.columns.size() * 160 +
             document.mailboxes.size() * 96;
    for (const Finding& finding : document.found.findings)
      bytes += 512 + finding.snippet.size() + finding.masked.size() +
               finding.places.size() * sizeof(Place);
  }
  return bytes;
}

std::size_t weight(const DirectoryResult& result) {
  std::size_t bytes = 256 + result.dir.size();
  for (const std::string& name : result.unchanged) bytes += sizeof(std::string) + name.size();
  return bytes;
}

// Why a file that did not change is tried again in the next sweep: the reason may have passed by
// itself, without a trace in the file's times.
bool may_pass(Reason reason) {
  switch (reason) {
    case Reason::kPermission:
    case Reason::kVanished:
    case Reason::kIoError:
    case Reason::kChangedWhileRead:
    case Reason::kOffline:
    case Reason::kMissingPart:
    case Reason::kJailUnavailable:
    case Reason::kInterrupted:
    case Reason::kDeadMount:
    case Reason::kTimeout:
    case Reason::kCrashed:  // by the document, or killed for want of memory
      return true;
    default:
      return false;
  }
}

std::int64_t now() { return static_cast<std::int64_t>(std::time(nullptr)); }

// Answers the walk's question about a folder, on a connection of its own.
class KnownFilesQuery {
 public:
  explicit KnownFilesQuery(const std::string& path)
      : db_(path, OpenAs::kReader),
        files_(db_.prepare(
            "SELECT f.name, f.inode, f.size, f.mtime_ns, f.ctime_ns, f.read_sweep, w.text, f.detail"
            " FROM directory d JOIN document f ON f.directory_id = d.id"
            " LEFT JOIN word w ON w.id = f.reason"
            " WHERE d.source_id = ?1 AND d.path = ?2 AND f.file_id IS NULL AND f.unfinished = 0"
            " AND f.outcome <> 3 AND f.rules = (SELECT id FROM word WHERE text = ?3)")) {}

  KnownFiles of(std::int64_t source, const std::string& dir, std::int64_t sweep,
                const std::string& rules) {
    std::lock_guard lock(mutex_);
    KnownFiles known;
    const std::string path = dir.empty() ? dir : dir + '/';
    files_.bind(1, source);
    files_.bind_blob(2, path);
    files_.bind(3, rules);
    while (files_.step()) {
      const Reason reason = reason_from_key(files_.bytes(6)).value_or(Reason::kNone);
      const bool this_sweep = files_.integer(5) == sweep;
      if (this_sweep ? reason == Reason::kInterrupted : may_pass(reason)) continue;
      known.emplace(
          std::string(files_.bytes(0)),
          KnownFile{files_.whole(1), files_.whole(2), files_.integer(3), files_.integer(4),
                    std::string(reason == Reason::kHardLink ? files_.bytes(7) : "")});
    }
    files_.reset();
    return known;
  }

 private:
  std::mutex mutex_;
  Database db_;      // guarded by mutex_
  Statement files_;  // guarded by mutex_
};

class SqliteWriter : public Writer {
 public:
  SqliteWriter(WriterLock lock, Database db, const std::string& path)
      : lock_(std::move(lock)),
        db_(std::move(db)),
        database_file_(path),
        recorder_(db_),
        known_(path),
        inbox_(kInboxBytes) {
    in_transaction([&] { recorder_.remove_unfinished(); });
    thread_ = std::thread([this] { work(); });
  }

  ~SqliteWriter() override {
    inbox_.push(Quit{}, 0);
    thread_.join();
  }

  void file(FileResult result) override {
    const std::size_t bytes = weight(result);
    inbox_.push(std::move(result), bytes);
  }

  void directory(DirectoryResult result) override {
    const std::size_t bytes = weight(result);
    inbox_.push(std::move(result), bytes);
  }

  SourceRow source(const std::string& path, bool single_file) override {
    return ask<SourceRow>(
        [&] { return in_transaction([&] { return find_source(path, single_file); }); });
  }

  void stands_on(std::int64_t source_id, std::uint64_t device) override {
    ask<bool>([&] {
      return in_transaction([&] {
        Statement update = db_.prepare("UPDATE source SET device = ?2 WHERE id = ?1");
        update.bind(1, source_id);
        update.bind(2, static_cast<std::int64_t>(device));
        update.run();
        return true;
      });
    });
  }

  std::optional<SweepRow> open_sweep(const std::vector<std::int64_t>& sources) override {
    return ask<std::optional<SweepRow>>([&] { return find_open_sweep(sources); });
  }

  SweepRow begin_sweep(const std::vector<std::int64_t>& sources,
                       const std::string& rules_id) override {
    return ask<SweepRow>(
        [&] { return in_transaction([&] { return add_sweep(sources, rules_id); }); });
  }

  std::int64_t begin_run(const SweepRow& sweep, const std::string& settings) override {
    return ask<std::int64_t>(
        [&] { return in_transaction([&] { return add_run(sweep, settings); }); });
  }

  KnownFiles known(std::int64_t source_id, const std::string& dir) override {
    if (failed()) return {};
    try {
      return known_.of(source_id, dir, sweep_id_, rules_id_);
    } catch (const StoreError& error) {
      fail(error.problem);
      return {};
    }
  }

  void flush() override {
    try {
      ask<bool>([&] {
        commit();
        return true;
      });
    } catch (const StoreError&) {
      // kept for failed()
    }
  }

  std::optional<Problem> failed() const override {
    std::lock_guard lock(failed_mutex_);
    return failed_;
  }

  Result<Ledger> end_run(std::string_view how, bool complete, std::uint64_t seen) override {
    try {
      return ask<Result<Ledger>>([&] { return finish(how, complete, seen); });
    } catch (const StoreError& error) {
      return tl::unexpected(error.problem);
    }
  }

 private:
  // --- the writer's thread ---

  void work() {
    for (;;) {
      std::optional<Item> item = inbox_.pop(open_ ? std::optional(commit_by_) : std::nullopt);
      if (item && std::holds_alternative<Quit>(*item)) break;
      if (item && std::holds_alternative<Task>(*item)) {
        std::get<Task> (*item)();  // catches for itself
        continue;
      }
      guarded([&] {
        if (item && !failed()) record(*item);
        if (open_ &&
            (recorder_.rows >= kBatchRows || std::chrono::steady_clock::now() >= commit_by_))
          commit();
      });
    }
    guarded([&] { commit(); });
  }

  void record(const Item& item) {
    if (!open_) {
      db_.exec("BEGIN IMMEDIATE");
      open_ = true;
      commit_by_ = std::chrono::steady_clock::now() + kBatchTime;
      recorder_.rows = 0;
    }
    if (const auto* file = std::get_if<FileResult>(&item)) recorder_.file(*file);
    if (const auto* folder = std::get_if<DirectoryResult>(&item)) recorder_.directory(*folder);
  }

  void commit() {
    if (!open_) return;
    check_files();
    db_.exec("COMMIT");
    open_ = false;
  }

  void check_files() const {
    if (!database_file_.is_still_there())
      throw StoreError({ProblemKind::kReplaced, "the database was removed or replaced"});
    if (!lock_.is_held())
      throw StoreError({ProblemKind::kReplaced, "the lock was removed or replaced"});
  }

  void fail(Problem problem) {
    std::lock_guard lock(failed_mutex_);
    if (!failed_) failed_ = std::move(problem);
  }

  void roll_back() {
    open_ = false;
    recorder_.forget();
    try {
      if (db_.in_transaction()) db_.exec("ROLLBACK");
    } catch (const StoreError&) {
      // SQLite had rolled back by itself; the first problem is the one that tells.
    }
  }

  // What was committed stays; what came after it is not recorded, and the scan is told.
  template <typename Action>
  void guarded(const Action& action) {
    try {
      action();
    } catch (const StoreError& error) {
      fail(error.problem);
      roll_back();
    } catch (const std::exception& error) {
      fail({ProblemKind::kOther, error.what()});
      roll_back();
    }
  }

  // Runs `question` on the writer's thread, after everything queued before it, and gives its answer
  // (or exception) back. A problem crosses over as a value: an exception that both threads hold
  // would be read by one while the other lets go of it.
  template <typename Answer, typename Question>
  Answer ask(const Question& question) {
    using Told = tl::expected<Answer, Problem>;
    std::promise<Told> promise;
    auto answer = promise.get_future();
    Task task = [&] {
      try {
        promise.set_value(Told(tl::in_place, question()));
      } catch (const StoreError& error) {
        fail(error.problem);
        roll_back();
        promise.set_value(tl::unexpected(error.problem));
      } catch (...) {
        roll_back();
        promise.set_exception(std::current_exception());
      }
    };
    inbox_.push(std::move(task), 0);
    Told told = answer.get();
    if (!told) throw StoreError(std::move(told.error()));
    return *std::move(told);
  }

  template <typename Action>
  std::invoke_result_t<Action> in_transaction(const Action& action) {
    commit();
    db_.exec("BEGIN IMMEDIATE");
    try {
      if constexpr (std::is_void_v<std::invoke_result_t<Action>>) {
        action();
        db_.exec("COMMIT");
      } else {
        auto result = action();
        db_.exec("COMMIT");
        return result;
      }
    } catch (...) {
      roll_back();
      throw;
    }
  }

  SourceRow find_source(const std::string& path, bool single_file) {
    Statement find =
        db_.prepare("SELECT id, label, single_file, device FROM source WHERE path = ?1");
    find.bind_blob(1, path);
    if (find.step()) {
      SourceRow row{find.integer(0), path, std::string(find.bytes(1)), single_file};
      row.device = find.whole(3);
      if ((find.integer(2) != 0) == single_file) return row;
      find.reset();  // a file where a folder was, or the other way round
      Statement update = db_.prepare("UPDATE source SET single_file = ?2 WHERE id = ?1");
      update.bind(1, row.id);
      update.bind(2, single_file ? 1 : 0);
      update.run();
      return row;
    }
    const std::string label = printable(path);
    Statement insert =
        db_.prepare("INSERT INTO source (path, label, single_file) VALUES (?1, ?2, ?3)");
    insert.bind_blob(1, path);
    insert.bind(2, label);
    insert.bind(3, single_file ? 1 : 0);
    insert.run();
    return {db_.last_id(), path, label, single_file};
  }

  // An open sweep can go on only while no later one has gone over any of its sources.
  std::optional<SweepRow> find_open_sweep(const std::vector<std::int64_t>& sources) {
    std::vector<std::int64_t> wanted = sources;
    std::sort(wanted.begin(), wanted.end());
    wanted.erase(std::unique(wanted.begin(), wanted.end()), wanted.end());
    Statement latest = db_.prepare("SELECT max(sweep_id) FROM sweep_source WHERE source_id = ?1");
    std::int64_t id = 0;
    for (const std::int64_t source : wanted) {
      latest.bind(1, source);
      const std::int64_t sweep = latest.step() ? latest.integer(0) : 0;
      latest.reset();
      if (sweep == 0 || (id != 0 && sweep != id)) return std::nullopt;
      id = sweep;
    }
    Statement find = db_.prepare(
        "SELECT started, rules, (SELECT count(*) FROM sweep_source WHERE sweep_id = ?1)"
        " FROM sweep WHERE id = ?1 AND state = 0");
    find.bind(1, id);
    if (!find.step() || find.whole(2) != wanted.size()) return std::nullopt;
    return SweepRow{id, SweepState::kOpen, find.integer(0), 0, wanted, std::string(find.bytes(1))};
  }

  SweepRow add_sweep(const std::vector<std::int64_t>& sources, const std::string& rules_id) {
    SweepRow row;
    row.started = now();
    row.sources = sources;
    std::sort(row.sources.begin(), row.sources.end());
    row.sources.erase(std::unique(row.sources.begin(), row.sources.end()), row.sources.end());
    row.rules_id = rules_id;
    Statement insert =
        db_.prepare("INSERT INTO sweep (state, started, ended, rules) VALUES (0, ?1, 0, ?2)");
    insert.bind(1, row.started);
    insert.bind(2, rules_id);
    insert.run();
    row.id = db_.last_id();
    Statement add = db_.prepare("INSERT INTO sweep_source (sweep_id, source_id) VALUES (?1, ?2)");
    for (const std::int64_t source : row.sources) {
      add.bind(1, row.id);
      add.bind(2, source);
      add.run();
    }
    return row;
  }

  std::int64_t add_run(const SweepRow& sweep, const std::string& settings) {
    Statement insert =
        db_.prepare("INSERT INTO run (sweep_id, started, settings) VALUES (?1, ?2, ?3)");
    insert.bind(1, sweep.id);
    insert.bind(2, now());
    insert.bind(3, settings);
    insert.run();
    run_id_ = db_.last_id();
    sweep_id_ = sweep.id;
    rules_id_ = sweep.rules_id;
    recorder_.begin_run(sweep.id, run_id_, sweep.rules_id);
    return run_id_;
  }

  void note_end(std::string_view how) {
    Statement update = db_.prepare("UPDATE run SET ended = ?2, how = ?3 WHERE id = ?1");
    update.bind(1, run_id_);
    update.bind(2, now());
    update.bind(3, how);
    update.run();
  }

  Result<Ledger> finish(std::string_view how, bool complete, std::uint64_t seen) {
    commit();
    check_files();
    if (const auto problem = failed()) {
      in_transaction([&] { note_end("failed"); });
      return tl::unexpected(*problem);
    }
    // What a closed sweep says must survive a power cut; the batches before it only repeat work.
    db_.exec("PRAGMA synchronous = FULL");
    Result<Ledger> result = in_transaction([&] { return close(how, complete, seen); });
    if (result && complete) db_.exec(std::string(embedded("reports/store/late_indexes.sql")));
    db_.integer(
        "PRAGMA wal_checkpoint(TRUNCATE)");  // in vain while somebody reads; that is no harm
    db_.exec("PRAGMA synchronous = NORMAL");
    return result;
  }

  Result<Ledger> close(std::string_view how, bool complete, std::uint64_t seen) {
    recorder_.remove_unfinished();
    std::uint64_t carried_members = 0;
    if (!complete) {
      note_end(how);
      Ledger ledger = count_ledger(db_, sweep_id_, run_id_);
      ledger.open = true;
      return ledger;
    }
    db_.exec("SAVEPOINT settle");
    settle(db_, sweep_id_, run_id_);
    // Closed first: while a sweep is open, what it did not reach is shown as the last one left it.
    Statement done = db_.prepare("UPDATE sweep SET state = 1, ended = ?2 WHERE id = ?1");
    done.bind(1, sweep_id_);
    done.bind(2, now());
    done.run();
    const Ledger ledger = count_ledger(db_, sweep_id_, run_id_, &carried_members);
    if (!ledger.reconciles() || ledger.seen != seen + carried_members) {
      db_.exec("ROLLBACK TO settle");
      db_.exec("RELEASE settle");
      note_end("failed");
      return tl::unexpected(Problem{
          ProblemKind::kOther,
          "the sweep does not reconcile: the run met " + std::to_string(seen) + " objects, " +
              std::to_string(carried_members) + " more stand in files it did not read, but " +
              std::to_string(ledger.seen) + " have an outcome; the sweep stays open"});
    }
    db_.exec("RELEASE settle");
    store_ledger(db_, sweep_id_, ledger);
    note_end(how);
    return ledger;
  }

  WriterLock lock_;
  Database db_;  // the writer thread's after construction
  const FileAtPath database_file_;
  Recorder recorder_;  // the writer thread's after construction
  KnownFilesQuery known_;
  Inbox<Item> inbox_;
  // Set by begin_run() before the walk's threads start, const while they run.
  std::int64_t sweep_id_ = 0;
  std::int64_t run_id_ = 0;
  std::string rules_id_;
  bool open_ = false;                                  // a batch is open; writer thread
  std::chrono::steady_clock::time_point commit_by_{};  // writer thread
  mutable std::mutex failed_mutex_;
  std::optional<Problem> failed_;  // guarded by failed_mutex_
  std::thread thread_;
};

}  // namespace

Result<std::unique_ptr<Writer>> Writer::open(const std::string& path, const std::string& key_id) {
  auto lock = WriterLock::take(path);
  if (!lock) return tl::unexpected(lock.error());
  try {
    Database db = open_for_writing(path, key_id);
    return std::make_unique<SqliteWriter>(*std::move(lock), std::move(db), path);
  } catch (const StoreError& error) {
    return tl::unexpected(error.problem);
  }
}

}  // namespace gallra::store

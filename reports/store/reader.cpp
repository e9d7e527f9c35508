// Reads one consistent snapshot. Nothing is sorted in memory: folders come in byte order from their
// index, files of each folder from theirs, and the two are merged on the way.
#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "reports/store/database.hpp"
#include "reports/store/ledger.hpp"
#include "reports/store/packing.hpp"
#include "reports/store/recorder.hpp"
#include "reports/store/store.hpp"

namespace gallra::store {
namespace {

// 1985-01-01. Earlier file times are of clocks that were never set (1970, 1980).
constexpr std::int32_t kFirstFileDay = 5479;

constexpr const char* kDocument =
    "SELECT id, parent_id, name, ordinal, outcome, reason, detail, format, media_type, format_why,"
    " document_kind, size, mtime_ns, content_id, dates, findings, persons, test_persons, "
    "rolled_up, mailboxes,"
    " members, dev, inode, ctime_ns, mode, uid, gid, nlink, exposure, owner, exposure_by, "
    "first_sweep,"
    " read_sweep, missing_sweep, gone_sweep, unfinished, directory_id, file_id FROM document ";

// Steps inside a file; beyond this the database is damaged (the scanner's own limit is far below).
constexpr std::size_t kMaxDepth = 256;

struct KeyHash {
  std::size_t operator()(const Key& key) const {  // keys are hashes already
    std::size_t value = 0;
    std::copy_n(key.begin(), sizeof value, reinterpret_cast<std::uint8_t*>(&value));
    return value;
  }
};
using KeySet = std::unordered_set<Key, KeyHash>;

template <typename E>
E checked(std::int64_t value, E last, E otherwise) {
  return value >= 0 && value <= static_cast<std::int64_t>(last) ? static_cast<E>(value) : otherwise;
}

// Prepared statements to borrow: a callback may ask the reader again while a cursor is open.
class Statements {
 public:
  explicit Statements(Database& db) : db_(db) {}

  class Lease {
   public:
    Lease(std::vector<Statement>& home, Statement statement)
        : home_(&home), statement_(std::move(statement)) {}
    Lease(Lease&&) noexcept = default;
    Lease& operator=(Lease&&) noexcept = delete;
    ~Lease() {
      if (!statement_) return;
      statement_.reset();
      home_->push_back(std::move(statement_));
    }
    Statement* operator->() { return &statement_; }
    Statement& operator*() { return statement_; }

   private:
    std::vector<Statement>* home_;
    Statement statement_;
  };

  Lease borrow(const std::string& sql) {
    std::vector<Statement>& home = idle_[sql];
    if (home.empty()) return {home, db_.prepare(sql)};
    Statement statement = std::move(home.back());
    home.pop_back();
    return {home, std::move(statement)};
  }

 private:
  Database& db_;
  std::map<std::string, std::vector<Statement>> idle_;  // a map: references to its values stay good
};

struct SourceNow {
  SourceRow row;
  std::int64_t since = 0;  // the oldest sweep whose folders still count as known
};

struct Folder {
  std::int64_t id = 0;
  std::string path;  // ending in '/', or empty
  std::int64_t met_sweep = 0;
  bool listed = false;
  bool gone = false;

  std::string dir() const { return path.empty() ? path : path.substr(0, path.size() - 1); }
};

// Adds up what a file or a folder holds of each category.
struct Tallies {
  std::map<std::string, CategoryTally> categories;
  std::map<std::string, KeySet> persons_by_category;
  std::unordered_map<std::int64_t, std::vector<KeySet*>> sets_of_list;  // into the map above
  KeySet persons;
  std::uint64_t exempt_day = 0, unknown_day = 0;
};

class SqliteReader : public Reader {
 public:
  explicit SqliteReader(const std::string& path) : db_(open_for_reading(path)), statements_(db_) {
    db_.exec("BEGIN");
    load_sources();
    count_test_data_ = last_run_counts_test_data();
  }

  std::string key_id() override {
    auto find = statements_.borrow("SELECT value FROM meta WHERE name = 'key_id'");
    return find->step() ? std::string(find->bytes(0)) : std::string();
  }

  std::vector<SourceRow> sources() override {
    std::vector<SourceRow> rows;
    for (const SourceNow& source : sources_) rows.push_back(source.row);
    return rows;
  }

  std::vector<SweepRow> sweeps() override {
    std::vector<SweepRow> rows;
    auto all = statements_.borrow("SELECT id, state, started, ended, rules FROM sweep ORDER BY id");
    while (all->step())
      rows.push_back({all->integer(0),
                      all->integer(1) == 1 ? SweepState::kDone : SweepState::kOpen,
                      all->integer(2),
                      all->integer(3),
                      {},
                      std::string(all->bytes(4))});
    auto of = statements_.borrow(
        "SELECT source_id FROM sweep_source WHERE sweep_id = ?1 ORDER BY source_id");
    for (SweepRow& row : rows) {
      of->bind(1, row.id);
      while (of->step()) row.sources.push_back(of->integer(0));
      of->reset();
    }
    return rows;
  }

  std::optional<Ledger> ledger(std::int64_t sweep_id) override {
    if (auto stored = stored_ledger(db_, sweep_id)) return stored;
    auto open = statements_.borrow(
        "SELECT (SELECT max(id) FROM run WHERE sweep_id = ?1) FROM sweep WHERE id = ?1 AND state = "
        "0");
    open->bind(1, sweep_id);
    if (!open->step()) return std::nullopt;
    Ledger ledger = count_ledger(db_, sweep_id, open->integer(0));
    ledger.open = true;
    return ledger;
  }

  // The stored one where it is the whole truth: a large database need not be counted again.
  Ledger ledger_now() override {
    std::int64_t latest = sources_.empty() ? 0 : sources_.front().row.latest_sweep;
    for (const SourceNow& source : sources_)
      if (source.row.latest_sweep != latest) latest = 0;
    const auto stored = stored_ledger(db_, latest);
    if (stored) return *stored;
    Ledger ledger = count_ledger_now(db_);
    ledger.open = db_.integer(
                      "SELECT count(*) FROM source_now n JOIN sweep s ON s.id = n.latest"
                      " WHERE s.state = 0") > 0;
    return ledger;
  }

  std::string run_settings(std::int64_t sweep_id) override {
    auto last =
        statements_.borrow("SELECT settings FROM run WHERE sweep_id = ?1 ORDER BY id DESC LIMIT 1");
    last->bind(1, sweep_id);
    return last->step() ? std::string(last->bytes(0)) : std::string();
  }

  void documents(const std::function<void(const DocumentRow&)>& each) override {
    each_file([&](const DocumentRow& file) { each_inside(file, each); });
  }

  void findings(const std::function<void(const DocumentRow&, const Finding&)>& each) override {
    documents([&](const DocumentRow& row) {
      if (row.findings > 0)
        findings_of(row.id, [&](const Finding& finding) { each(row, finding); });
    });
  }

  void subjects(const std::function<void(const SubjectRow&)>& each) override {
    documents([&](const DocumentRow& row) { subjects_of(row.id, each); });
  }

  void columns(const std::function<void(std::int64_t, const ColumnFacts&)>& each) override {
    documents([&](const DocumentRow& row) {
      auto facts = statements_.borrow(
          "SELECT c.sheet, c.position, c.header, w.text, c.rows, c.hits FROM column_facts c"
          " JOIN word w ON w.id = c.detector WHERE c.document_id = ?1 ORDER BY c.sheet, "
          "c.position, w.text");
      facts->bind(1, row.id);
      while (facts->step())
        each(row.id, {std::string(facts->bytes(0)), static_cast<std::uint32_t>(facts->integer(1)),
                      std::string(facts->bytes(2)), std::string(facts->bytes(3)), facts->whole(4),
                      facts->whole(5)});
    });
  }

  void directories(const std::function<void(const SourceRow&, const std::string&, const Outcome&)>&
                       each) override {
    for (const SourceNow& source : sources_) {
      auto folders = statements_.borrow(
          "SELECT path, outcome, reason, detail FROM directory WHERE source_id = ?1 AND met_sweep "
          ">= ?2"
          " AND outcome > 0 AND gone_sweep IS NULL ORDER BY path");
      folders->bind(1, source.row.id);
      folders->bind(2, source.since);
      while (folders->step()) {
        Folder folder;
        folder.path = folders->bytes(0);
        each(source.row, folder.dir(), outcome_at(*folders, 1));
      }
    }
  }

  void documents_of(const std::string& absolute_path,
                    const std::function<void(const DocumentRow&)>& each) override {
    for (const SourceNow& source : sources_) {
      const auto rest = below(source.row, absolute_path);
      if (!rest) continue;
      const std::size_t cut = rest->rfind('/');
      const std::string dir = cut == std::string::npos ? "" : rest->substr(0, cut + 1);
      const std::string name = cut == std::string::npos ? *rest : rest->substr(cut + 1);
      const auto folder = find_folder(source.row.id, dir);
      if (!folder) continue;
      auto files = statements_.borrow(std::string(kDocument) +
                                      "WHERE directory_id = ?1 AND name = ?2 AND file_id IS NULL");
      files->bind(1, folder->id);
      files->bind_blob(2, name);
      while (files->step())
        if (is_present(source, *folder, *files))
          each_inside(file_at(source, *folder, *files), each);
    }
  }

  // Detector by detector in the order of their ids as text; the table's own order does the rest.
  void findings_of(std::int64_t document_id,
                   const std::function<void(const Finding&)>& each) override {
    for (const auto& [detector, id] : detectors_of(document_id)) {
      auto rows = statements_.borrow(
          "SELECT finding_key, subject_key, category, gdpr, confidence, signals, masked, snippet, "
          "count, places,"
          " test_data, birth_day_class, birth_year FROM finding WHERE document_id = ?1 AND "
          "detector = ?2"
          " ORDER BY finding_key");
      rows->bind(1, document_id);
      rows->bind(2, id);
      while (rows->step()) each(finding_at(*rows, detector));
    }
  }

  void count_test_data(bool count) override { count_test_data_ = count; }
  bool counts_test_data() const override { return count_test_data_; }

  void files(const std::function<void(const FileSummary&)>& each) override {
    each_file([&](const DocumentRow& file) { each(summary_of(file)); });
  }

  std::optional<FileSummary> file(std::int64_t document_id) override {
    auto find = statements_.borrow(std::string(kDocument) + "WHERE id = ?1 AND file_id IS NULL");
    find->bind(1, document_id);
    if (!find->step()) return std::nullopt;
    auto folders = statements_.borrow(
        "SELECT id, path, met_sweep, outcome, gone_sweep, source_id FROM directory WHERE id = ?1");
    folders->bind(1, find->integer(36));
    if (!folders->step()) return std::nullopt;
    const Folder folder = folder_at(*folders);
    for (const SourceNow& source : sources_)
      if (source.row.id == folders->integer(5) && is_present(source, folder, *find))
        return summary_of(file_at(source, folder, *find));
    return std::nullopt;
  }

  void folders(const std::function<void(const FolderSummary&)>& each) override {
    for (const SourceNow& source : sources_) {
      auto folders = folders_of(source.row.id);
      while (folders->step()) {
        const Folder folder = folder_at(*folders);
        const FolderSummary summary = summary_of(source, folder);
        if (summary.files > 0) each(summary);
      }
    }
  }

  PersonCounts persons() override {
    const std::vector<bool> present = present_documents();
    auto rows = statements_.borrow(
        "SELECT subject_key, document_id, categories, test_data FROM document_subject"
        " ORDER BY subject_key, document_id");
    PersonCounts counts;
    Key current{};
    bool any = false, person = false, test = false;
    std::set<std::int64_t> lists;
    const auto close = [&] {
      if (any) add_person(counts, person, test, lists);
      lists.clear();
      any = person = test = false;
    };
    while (rows->step()) {
      const Key key = rows->key(0);
      if (key != current) close();
      current = key;
      const auto document = static_cast<std::size_t>(rows->integer(1));
      if (document >= present.size() || !present[document]) continue;
      any = true;
      const bool is_test = rows->integer(3) != 0;
      test = test || is_test;
      if (is_test && !count_test_data_) continue;
      person = true;
      lists.insert(rows->integer(2));
    }
    close();
    return counts;
  }

  void duplicates(const std::function<void(const std::vector<DocumentRow>&)>& each) override {
    std::map<Key, std::vector<DocumentRow>> groups;
    {
      const std::map<Key, std::uint64_t> several = repeated_contents();
      if (several.empty()) return;
      each_file([&](const DocumentRow& file) {
        if (several.contains(file.content_id)) groups[file.content_id].push_back(file);
      });
    }
    std::vector<std::vector<DocumentRow>> ordered;
    for (auto& [content, files] : groups)
      if (files.size() > 1) ordered.push_back(std::move(files));
    const auto rank = [&](const DocumentRow& row) {
      const auto at = std::find_if(sources_.begin(), sources_.end(),
                                   [&](const SourceNow& s) { return s.row.id == row.source_id; });
      return std::pair(at - sources_.begin(), row.file.path());
    };
    std::sort(ordered.begin(), ordered.end(),
              [&](const auto& a, const auto& b) { return rank(a.front()) < rank(b.front()); });
    for (const auto& group : ordered) each(group);
  }

 private:
  // --- sources, folders, files ---

  void load_sources() {
    Statement all = db_.prepare(
        "SELECT s.id, s.path, s.label, s.single_file, n.latest, n.since"
        " FROM source s JOIN source_now n ON n.source_id = s.id ORDER BY s.path");
    while (all.step())
      sources_.push_back({{all.integer(0), std::string(all.bytes(1)), std::string(all.bytes(2)),
                           all.integer(3) != 0, all.integer(4)},
                          all.integer(5)});
  }

  bool last_run_counts_test_data() {
    return db_.integer(
               "SELECT CASE WHEN json_valid(settings) THEN json_extract(settings, '$.test_data') = "
               "'count'"
               " ELSE 0 END FROM run ORDER BY id DESC LIMIT 1") == 1;
  }

  Statements::Lease folders_of(std::int64_t source) {
    auto folders = statements_.borrow(
        "SELECT id, path, met_sweep, outcome, gone_sweep FROM directory WHERE source_id = ?1 ORDER "
        "BY path");
    folders->bind(1, source);
    return folders;
  }

  Folder folder_at(const Statement& row) const {
    return {row.integer(0), std::string(row.bytes(1)), row.integer(2),
            !row.is_null(3) && row.integer(3) <= 1, !row.is_null(4)};
  }

  std::optional<Folder> find_folder(std::int64_t source, const std::string& path) {
    auto find = statements_.borrow(
        "SELECT id, path, met_sweep, outcome, gone_sweep FROM directory WHERE source_id = ?1 AND "
        "path = ?2");
    find->bind(1, source);
    find->bind_blob(2, path);
    return find->step() ? std::optional(folder_at(*find)) : std::nullopt;
  }

  Statements::Lease files_in(const Folder& folder) {
    auto files = statements_.borrow(
        std::string(kDocument) + "WHERE directory_id = ?1 AND file_id IS NULL ORDER BY name, id");
    files->bind(1, folder.id);
    return files;
  }

  // The same rule as the view file_now, for a row in hand.
  static bool is_present(const SourceNow& source, const Folder& folder, const Statement& row) {
    if (row.integer(35) != 0 || !row.is_null(34) || folder.gone) return false;
    const std::int64_t missing = row.integer(33);  // 0 for NULL; sweeps start at 1
    const std::int64_t latest = source.row.latest_sweep;
    if (row.integer(32) == latest && missing != latest) return true;
    return folder.met_sweep >= source.since && folder.met_sweep != 0 && folder.listed &&
           missing != folder.met_sweep;
  }

  struct OpenFolder {
    Folder folder;
    Statements::Lease files;
    bool has_row = false;
  };

  void each_file(const std::function<void(const DocumentRow&)>& each) {
    for (const SourceNow& source : sources_) each_file_of(source, each);
  }

  // Folders in byte order, each with a cursor on its files; a subfolder goes in where its path
  // stands among the names of its parent's files. Cursors are open for one chain of folders at a
  // time.
  void each_file_of(const SourceNow& source, const std::function<void(const DocumentRow&)>& each) {
    auto folders = folders_of(source.row.id);
    bool more = folders->step();
    std::vector<OpenFolder> chain;
    while (more || !chain.empty()) {
      const std::string next = more ? std::string(folders->bytes(1)) : std::string();
      const bool nested = more && (chain.empty() || next.starts_with(chain.back().folder.path));
      const bool file_first =
          !chain.empty() && chain.back().has_row &&
          (!nested || chain.back().files->bytes(2) <
                          std::string_view(next).substr(chain.back().folder.path.size()));
      if (file_first) {
        OpenFolder& top = chain.back();
        if (is_present(source, top.folder, *top.files))
          each(file_at(source, top.folder, *top.files));
        top.has_row = top.files->step();
      } else if (nested) {
        Folder folder = folder_at(*folders);
        auto files = files_in(folder);
        const bool has_row = files->step();
        chain.push_back({std::move(folder), std::move(files), has_row});
        more = folders->step();
      } else {
        chain.pop_back();
      }
    }
  }

  static std::optional<std::string> below(const SourceRow& source, const std::string& path) {
    if (source.single_file) {
      if (path != source.path) return std::nullopt;
      return path.substr(path.rfind('/') + 1);
    }
    const std::string prefix = source.path == "/" ? source.path : source.path + '/';
    if (!path.starts_with(prefix) || path.size() == prefix.size()) return std::nullopt;
    return path.substr(prefix.size());
  }

  // --- rows to values ---

  const std::string& word(std::int64_t id) {
    const auto at = words_.find(id);
    if (at != words_.end()) return at->second;
    auto find = statements_.borrow("SELECT text FROM word WHERE id = ?1");
    find->bind(1, id);
    std::string text = find->step() ? std::string(find->bytes(0)) : std::string();
    if (words_.size() > 50'000) words_.clear();
    return words_.emplace(id, std::move(text)).first->second;
  }

  // By value: the memory of words may be emptied by the next one.
  std::string word_at(const Statement& row, int column) {
    return row.is_null(column) ? std::string() : word(row.integer(column));
  }

  Outcome outcome_at(const Statement& row, int column) {
    Outcome outcome;
    outcome.kind = checked(row.integer(column), OutcomeKind::kExcluded, OutcomeKind::kNotRead);
    outcome.reason = reason_from_key(word_at(row, column + 1)).value_or(Reason::kNone);
    outcome.detail = row.bytes(column + 2);
    return outcome;
  }

  // What files and members share.
  DocumentRow document_at(const Statement& row) {
    DocumentRow document;
    document.id = row.integer(0);
    document.parent_id = row.integer(1);
    document.ordinal = static_cast<std::uint32_t>(row.integer(3));
    document.read_outcome = outcome_at(row, 4);
    document.format = word_at(row, 7);
    document.media_type = word_at(row, 8);
    document.format_why = word_at(row, 9);
    document.document_kind = word_at(row, 10);
    document.size = row.whole(11);
    document.mtime_ns = row.integer(12);
    document.content_id = row.key(13);
    document.dates = unpack_dates(row.bytes(14));
    document.findings = row.whole(15);
    document.persons = row.whole(16) + (count_test_data_ ? row.whole(17) : 0);
    document.rolled_up = row.whole(18);
    if (row.integer(19) > 0) document.mailboxes = mailboxes_of(document.id);
    return document;
  }

  void set_outcome(DocumentRow& document, bool carried) const {
    document.carried = carried;
    document.outcome = document.read_outcome;
    if (carried) document.outcome.kind = carried_kind(document.outcome.kind);
  }

  DocumentRow file_at(const SourceNow& source, const Folder& folder, const Statement& row) {
    DocumentRow document = document_at(row);
    document.source_id = source.row.id;
    FileRef& file = document.file;
    file.source_id = source.row.id;
    file.dir = folder.dir();
    file.name = row.bytes(2);
    file.size = document.size;
    file.mtime_ns = document.mtime_ns;
    document.members = row.whole(20);
    file.dev = row.whole(21);
    file.inode = row.whole(22);
    file.ctime_ns = row.integer(23);
    file.mode = static_cast<std::uint32_t>(row.integer(24));
    file.uid = static_cast<std::uint32_t>(row.integer(25));
    file.gid = static_cast<std::uint32_t>(row.integer(26));
    file.nlink = static_cast<std::uint32_t>(row.integer(27));
    file.exposure = checked(row.integer(28), Exposure::kEveryone, Exposure::kUnknown);
    file.owner = word_at(row, 29);
    file.exposure_by = word_at(row, 30);
    document.first_sweep = row.integer(31);
    document.read_sweep = row.integer(32);
    set_outcome(document, document.read_sweep != source.row.latest_sweep);
    return document;
  }

  DocumentRow member_at(const DocumentRow& file, const std::vector<std::string>& inner,
                        const Statement& row) {
    DocumentRow document = document_at(row);
    document.source_id = file.source_id;
    document.file = file.file;
    document.inner = inner;
    document.first_sweep = file.first_sweep;
    document.read_sweep = file.read_sweep;
    set_outcome(document, file.carried);
    return document;
  }

  std::vector<MailboxTally> mailboxes_of(std::int64_t document) {
    std::vector<MailboxTally> tallies;
    auto rows = statements_.borrow(
        "SELECT folder, expected, read, failed FROM mailbox WHERE document_id = ?1 ORDER BY "
        "number");
    rows->bind(1, document);
    while (rows->step())
      tallies.push_back(
          {std::string(rows->bytes(0)), rows->whole(1), rows->whole(2), rows->whole(3)});
    return tallies;
  }

  // The file, then its members depth first, by step and ordinal.
  void each_inside(const DocumentRow& file, const std::function<void(const DocumentRow&)>& each) {
    each(file);
    if (file.members == 0) return;
    std::vector<Statements::Lease> open;
    std::vector<std::string> inner;
    const auto enter = [&](std::int64_t parent) {
      open.push_back(
          statements_.borrow(std::string(kDocument) +
                             "WHERE file_id = ?1 AND parent_id = ?2 ORDER BY name, ordinal, id"));
      open.back()->bind(1, file.id);
      open.back()->bind(2, parent);
    };
    enter(file.id);
    while (!open.empty()) {
      inner.resize(open.size() - 1);
      Statement& rows = *open.back();
      if (!rows.step()) {
        open.pop_back();
        continue;
      }
      inner.emplace_back(rows.bytes(2));
      if (!rows.is_null(4)) each(member_at(file, inner, rows));
      if (open.size() >= kMaxDepth)
        throw StoreError({ProblemKind::kDamaged, "members nest without end"});
      enter(rows.integer(0));
    }
  }

  // --- findings and persons ---

  std::vector<std::pair<std::string, std::int64_t>> detectors_of(std::int64_t document) {
    std::vector<std::pair<std::string, std::int64_t>> detectors;
    auto next = statements_.borrow(
        "SELECT min(detector) FROM finding WHERE document_id = ?1 AND detector > ?2");
    std::int64_t last = 0;
    for (;;) {
      next->bind(1, document);
      next->bind(2, last);
      if (!next->step() || next->is_null(0)) break;
      last = next->integer(0);
      next->reset();
      detectors.emplace_back(word(last), last);
    }
    std::sort(detectors.begin(), detectors.end());
    return detectors;
  }

  Finding finding_at(const Statement& row, const std::string& detector) {
    Finding finding;
    finding.detector = detector;
    finding.finding_key = row.key(0);
    finding.subject_key = row.key(1);
    finding.category = word_at(row, 2);
    finding.gdpr = checked(row.integer(3), GdprClass::kProtected, GdprClass::kOrdinary);
    finding.confidence = checked(row.integer(4), Confidence::kHigh, Confidence::kLow);
    finding.signals = split(word_at(row, 5), '\n');
    finding.masked = row.bytes(6);
    finding.snippet = row.bytes(7);
    finding.count = row.whole(8);
    finding.places = unpack_places(row.bytes(9));
    finding.test_data = row.integer(10) != 0;
    finding.birth_day_class = static_cast<std::uint8_t>(row.integer(11));
    finding.birth_year = static_cast<std::int16_t>(row.integer(12));
    return finding;
  }

  void subjects_of(std::int64_t document, const std::function<void(const SubjectRow&)>& each) {
    auto rows = statements_.borrow(
        "SELECT subject_key, type, categories, count, birth_day_class, birth_year, test_data"
        " FROM document_subject WHERE document_id = ?1 ORDER BY subject_key");
    rows->bind(1, document);
    while (rows->step()) {
      SubjectRow row;
      row.document_id = document;
      row.subject.subject_key = rows->key(0);
      row.subject.type = word_at(*rows, 1);
      row.subject.categories = split(word_at(*rows, 2), ',');
      row.subject.count = rows->whole(3);
      row.subject.birth_day_class = static_cast<std::uint8_t>(rows->integer(4));
      row.subject.birth_year = static_cast<std::int16_t>(rows->integer(5));
      row.subject.test_data = rows->integer(6) != 0;
      each(row);
    }
  }

  // True when one of them is at medium or above.
  bool tally_findings(std::int64_t document, Tallies& tallies) {
    auto rows = statements_.borrow(
        "SELECT category, gdpr, confidence, count, test_data FROM finding WHERE document_id = ?1");
    rows->bind(1, document);
    std::int64_t last = -1;  // neighbours mostly share their category
    CategoryTally* tally = nullptr;
    bool counted = false;
    while (rows->step()) {
      if (rows->integer(4) != 0 && !count_test_data_) continue;
      if (rows->integer(0) != last) {
        last = rows->integer(0);
        tally = &tallies.categories[word(last)];
      }
      tally->gdpr = std::max(
          tally->gdpr, checked(rows->integer(1), GdprClass::kProtected, GdprClass::kOrdinary));
      const auto band = checked(rows->integer(2), Confidence::kHigh, Confidence::kLow);
      tally->best = std::max(tally->best, band);
      tally->values[static_cast<std::size_t>(band)] += 1;
      if (band == Confidence::kLow) continue;
      counted = true;
      tally->hits += rows->whole(3);
    }
    return counted;
  }

  void tally_subjects(std::int64_t document, Tallies& tallies) {
    auto rows = statements_.borrow(
        "SELECT subject_key, type, categories, birth_day_class, test_data FROM document_subject"
        " WHERE document_id = ?1");
    rows->bind(1, document);
    while (rows->step()) {
      if (rows->integer(4) != 0 && !count_test_data_) continue;
      const Key key = rows->key(0);
      if (tallies.persons.insert(key).second && is_identity_number(rows->integer(1))) {
        const std::int64_t day = rows->integer(3);
        if (day == 5 || day == 15 || day == 25) ++tallies.exempt_day;
        if (day == 255) ++tallies.unknown_day;
      }
      for (KeySet* persons : sets_of(tallies, rows->integer(2))) persons->insert(key);
    }
  }

  bool is_identity_number(std::int64_t type) {
    const std::string& name = word(type);
    return name != "email" && name != "name";
  }

  // The sets of persons that a list of categories means.
  const std::vector<KeySet*>& sets_of(Tallies& tallies, std::int64_t list) {
    const auto at = tallies.sets_of_list.find(list);
    if (at != tallies.sets_of_list.end()) return at->second;
    std::vector<KeySet*> sets;
    for (const std::string& category : split(word(list), ','))
      sets.push_back(&tallies.persons_by_category[category]);
    return tallies.sets_of_list.emplace(list, std::move(sets)).first->second;
  }

  FileSummary summary_of(const DocumentRow& file) {
    FileSummary summary;
    summary.file = file;
    Tallies tallies;
    std::set<std::string> kinds;
    if (const std::int32_t day = day_from_unix(file.mtime_ns / 1'000'000'000); day >= kFirstFileDay)
      summary.dates.push_back({DateKind::kFileModified, day});
    each_inside(file, [&](const DocumentRow& row) {
      summary.findings += row.findings;
      summary.dates.insert(summary.dates.end(), row.dates.begin(), row.dates.end());
      if (summary.dates.size() > 64) summary.dates = strongest_dates(std::move(summary.dates));
      if (!row.document_kind.empty()) kinds.insert(row.document_kind);
      if (row.findings > 0) tally_findings(row.id, tallies);
      if (row.persons > 0) tally_subjects(row.id, tallies);
    });
    summary.dates = strongest_dates(std::move(summary.dates));
    summary.kinds.assign(kinds.begin(), kinds.end());
    summary.persons = tallies.persons.size();
    summary.persons_exempt_day = tallies.exempt_day;
    summary.persons_unknown_day = tallies.unknown_day;
    for (const auto& [category, keys] : tallies.persons_by_category)
      if (const auto at = tallies.categories.find(category); at != tallies.categories.end())
        at->second.persons = keys.size();
    for (auto& [category, tally] : tallies.categories) {
      tally.category = category;
      summary.categories.push_back(std::move(tally));
    }
    return summary;
  }

  FolderSummary summary_of(const SourceNow& source, const Folder& folder) {
    FolderSummary summary;
    summary.source_id = source.row.id;
    summary.dir = folder.dir();
    const auto width = [](Exposure e) {  // unknown is not safe: wider than a group
      static constexpr std::array<int, 4> kWidth{2, 0, 1, 3};
      return kWidth[static_cast<std::size_t>(e)];
    };
    Tallies tallies;
    auto files = files_in(folder);
    while (files->step()) {
      if (!is_present(source, folder, *files)) continue;
      ++summary.files;
      const DocumentRow file = file_at(source, folder, *files);
      bool counted = false;
      each_inside(file, [&](const DocumentRow& row) {
        summary.findings += row.findings;
        if (row.findings > 0 && tally_findings(row.id, tallies)) counted = true;
        if (row.persons > 0) tally_subjects(row.id, tallies);
      });
      if (!counted) continue;
      ++summary.files_with_findings;
      if (width(file.file.exposure) > width(summary.exposure))
        summary.exposure = file.file.exposure;
    }
    summary.persons = tallies.persons.size();
    for (const auto& [category, keys] : tallies.persons_by_category)
      summary.persons_by_category[category] = keys.size();
    for (const auto& [category, tally] : tallies.categories)
      summary.values_by_category[category] = tally.values[1] + tally.values[2];
    return summary;
  }

  // --- across all files ---

  // One bit a document: which are there now.
  std::vector<bool> present_documents() {
    std::vector<bool> present(
        static_cast<std::size_t>(db_.integer("SELECT max(id) FROM document")) + 1);
    for (const char* sql : {"SELECT id FROM file_now",
                            "SELECT x.id FROM file_now f JOIN document x ON x.file_id = f.id"
                            " WHERE x.file_id IS NOT NULL AND x.outcome IS NOT NULL"}) {
      auto rows = statements_.borrow(sql);
      while (rows->step()) {
        const auto id = static_cast<std::size_t>(rows->integer(0));
        if (id < present.size()) present[id] = true;
      }
    }
    return present;
  }

  void add_person(PersonCounts& counts, bool person, bool test,
                  const std::set<std::int64_t>& lists) {
    if (test) ++counts.test_numbers;
    if (!person) return;
    ++counts.persons;
    std::set<std::string> categories;
    for (const std::int64_t list : lists)
      for (std::string& category : split(word(list), ',')) categories.insert(std::move(category));
    for (const std::string& category : categories) ++counts.by_category[category];
  }

  std::map<Key, std::uint64_t> repeated_contents() {
    std::map<Key, std::uint64_t> contents;
    auto rows = statements_.borrow(
        "SELECT content_id, count(*) FROM document WHERE content_id IS NOT NULL AND file_id IS NULL"
        " GROUP BY content_id HAVING count(*) > 1");
    while (rows->step()) contents.emplace(rows->key(0), rows->whole(1));
    return contents;
  }

  Database db_;
  Statements statements_;
  std::vector<SourceNow> sources_;  // by path
  std::unordered_map<std::int64_t, std::string> words_;
  bool count_test_data_ = false;
};

}  // namespace

Result<std::unique_ptr<Reader>> Reader::open(const std::string& path) {
  try {
    return std::make_unique<SqliteReader>(path);
  } catch (const StoreError& error) {
    return tl::unexpected(error.problem);
  }
}

}  // namespace gallra::store

#include "reports/store/recorder.hpp"

#include <algorithm>
#include <array>
#include <tuple>
#include <unordered_set>

#include "reports/store/packing.hpp"

namespace gallra::store {
namespace {

// These values are on disk (schema.sql says what they mean) and must not change.
static_assert(static_cast<int>(OutcomeKind::kRead) == 0 &&
              static_cast<int>(OutcomeKind::kReadInPart) == 1 &&
              static_cast<int>(OutcomeKind::kNotRead) == 2 &&
              static_cast<int>(OutcomeKind::kExcluded) == 3);
static_assert(static_cast<int>(Exposure::kUnknown) == 0 &&
              static_cast<int>(Exposure::kOwner) == 1 && static_cast<int>(Exposure::kGroup) == 2 &&
              static_cast<int>(Exposure::kEveryone) == 3);
static_assert(static_cast<int>(Confidence::kLow) == 0 &&
              static_cast<int>(Confidence::kMedium) == 1 &&
              static_cast<int>(Confidence::kHigh) == 2);
static_assert(static_cast<int>(GdprClass::kOrdinary) == 0 &&
              static_cast<int>(GdprClass::kExtra) == 1 &&
              static_cast<int>(GdprClass::kNationalId) == 2 &&
              static_cast<int>(GdprClass::kSensitive) == 3 &&
              static_cast<int>(GdprClass::kCriminal) == 4 &&
              static_cast<int>(GdprClass::kProtected) == 5);

// Words and folders remembered; beyond this everything is forgotten and asked for again.
constexpr std::size_t kMaxRemembered = 50'000;
// Texts that should be short are cut, should a hostile document make them long.
constexpr std::size_t kMaxDetailBytes = 1'024;
constexpr std::size_t kMaxSnippetBytes = 4'096;
constexpr std::size_t kMaxWordBytes = 2'048;
constexpr std::size_t kMaxNameBytes = 65'536;

// "unchanged" is never how a reading went; a result that says so anyway would be our own fault.
std::int64_t code_of(OutcomeKind kind) {
  return kind == OutcomeKind::kUnchanged ? static_cast<std::int64_t>(OutcomeKind::kRead)
                                         : static_cast<std::int64_t>(kind);
}

void join(const std::vector<std::string>& parts, char separator, std::string& out) {
  out.clear();
  for (const std::string& part : parts) {
    if (!out.empty()) out += separator;
    out += part;
  }
}

std::string joined(const std::vector<std::string>& parts, char separator) {
  std::string out;
  join(parts, separator, out);
  return out;
}

// No value twice, as a document's findings come: then they can be inserted many at a time.
bool is_strictly_sorted(const std::vector<Finding>& findings) {
  return std::adjacent_find(
             findings.begin(), findings.end(), [](const Finding& a, const Finding& b) {
               return std::tie(a.detector, a.finding_key) >= std::tie(b.detector, b.finding_key);
             }) == findings.end();
}

// A fifth less work than a row a statement (measured in instructions); more rows gain nothing.
constexpr std::size_t kBulkRows = 10;
constexpr int kFindingColumns = 15;

std::string bulk_insert() {
  const std::string row = "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
  std::string sql = "INSERT INTO finding VALUES " + row;
  for (std::size_t i = 1; i < kBulkRows; ++i) sql += ", " + row;
  return sql;
}

void append(std::vector<DateEvidence>& to, const std::vector<DateEvidence>& from) {
  to.insert(to.end(), from.begin(), from.end());
}

// The names of the folder's listing that were unchanged, for a lookup by name.
std::unordered_set<std::string_view> name_set(const std::vector<std::string>& names) {
  return {names.begin(), names.end()};
}

}  // namespace

std::vector<DateEvidence> strongest_dates(std::vector<DateEvidence> dates) {
  std::sort(dates.begin(), dates.end(), [](const DateEvidence& a, const DateEvidence& b) {
    return a.kind != b.kind ? a.kind < b.kind : a.day > b.day;
  });
  dates.erase(
      std::unique(dates.begin(), dates.end(),
                  [](const DateEvidence& a, const DateEvidence& b) { return a.kind == b.kind; }),
      dates.end());
  return dates;
}

Recorder::Recorder(Database& db)
    : db_(db),
      find_word_(db.prepare("SELECT id FROM word WHERE text = ?1")),
      add_word_(db.prepare("INSERT INTO word (text) VALUES (?1)")),
      find_directory_(db.prepare("SELECT id FROM directory WHERE source_id = ?1 AND path = ?2")),
      add_directory_(db.prepare("INSERT INTO directory (source_id, path) VALUES (?1, ?2)")),
      set_directory_(
          db.prepare("UPDATE directory SET outcome = ?2, reason = ?3, detail = ?4, entries = ?5,"
                     " met_sweep = ?6, met_run = ?7, gone_sweep = NULL WHERE id = ?1")),
      find_earlier_(db.prepare("SELECT id, first_sweep, unfinished FROM document"
                               " WHERE directory_id = ?1 AND name = ?2 AND file_id IS NULL")),
      listed_files_(db.prepare("SELECT id, name, missing_sweep, gone_sweep FROM document"
                               " WHERE directory_id = ?1 AND file_id IS NULL AND unfinished = 0"
                               " AND read_run <> ?2 ORDER BY name")),
      mark_missing_(db.prepare("UPDATE document SET missing_sweep = ?2 WHERE id = ?1")),
      clear_missing_(
          db.prepare("UPDATE document SET missing_sweep = NULL, gone_sweep = NULL WHERE id = ?1")),
      add_file_(db.prepare("INSERT INTO document (directory_id, name, ordinal, unfinished, size, "
                           "mtime_ns, findings, persons,"
                           " test_persons, rolled_up, mailboxes, members, dev, inode, ctime_ns, "
                           "mode, uid, gid, nlink, exposure,"
                           " owner, exposure_by, rules, first_sweep, read_sweep, read_run)"
                           " VALUES (?1, ?2, 0, 1, ?3, ?4, 0, 0, 0, 0, 0, 0, ?5, ?6, ?7, ?8, ?9, "
                           "?10, ?11, ?12, ?13, ?14, ?15,"
                           " ?16, ?16, ?17)")),
      add_member_(db.prepare(
          "INSERT INTO document (directory_id, file_id, parent_id, name, ordinal, unfinished,"
          " size, mtime_ns, findings, persons, test_persons, rolled_up, mailboxes)"
          " VALUES (?1, ?2, ?3, ?4, ?5, 0, 0, 0, 0, 0, 0, 0, 0)")),
      close_document_(db.prepare(
          "UPDATE document SET ordinal = ?2, outcome = ?3, reason = ?4, detail = ?5, format = ?6,"
          " media_type = ?7, format_why = ?8, document_kind = ?9, size = iif(file_id IS NULL, "
          "size, ?10), mtime_ns = iif(file_id IS NULL, mtime_ns, ?11), "
          "content_id = ?12,"
          " dates = ?13, findings = ?14, persons = ?15, test_persons = ?16, rolled_up = ?17, "
          "mailboxes = ?18"
          " WHERE id = ?1")),
      finish_file_(db.prepare(
          "UPDATE document SET unfinished = 0, members = ?2, first_sweep = ?3 WHERE id = ?1")),
      add_finding_(db.prepare(
          "INSERT INTO finding VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12,"
          " ?13, ?14, ?15) ON CONFLICT DO NOTHING")),
      add_findings_(db.prepare(bulk_insert())),
      find_finding_(db.prepare("SELECT count, places, confidence FROM finding"
                               " WHERE document_id = ?1 AND detector = ?2 AND finding_key = ?3")),
      update_finding_(db.prepare("UPDATE finding SET count = ?4, places = ?5, confidence = "
                                 "max(confidence, ?6), gdpr = max(gdpr, ?7),"
                                 " signals = CASE WHEN ?8 THEN ?9 ELSE signals END, snippet = CASE "
                                 "WHEN ?8 THEN ?10 ELSE snippet END,"
                                 " test_data = max(test_data, ?11)"
                                 " WHERE document_id = ?1 AND detector = ?2 AND finding_key = ?3")),
      add_subject_(db.prepare("INSERT INTO document_subject VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"
                              " ON CONFLICT DO NOTHING")),
      find_subject_(
          db.prepare("SELECT w.text FROM document_subject s JOIN word w ON w.id = s.categories"
                     " WHERE s.document_id = ?1 AND s.subject_key = ?2")),
      update_subject_(db.prepare(
          "UPDATE document_subject SET categories = ?3, count = count + ?4,"
          " test_data = max(test_data, ?5) WHERE document_id = ?1 AND subject_key = ?2")),
      add_column_(db.prepare(
          "INSERT INTO column_facts VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO UPDATE SET"
          " rows = rows + excluded.rows, hits = hits + excluded.hits,"
          " header = CASE WHEN header = '' THEN excluded.header ELSE header END")),
      add_mailbox_(db.prepare("INSERT INTO mailbox VALUES (?1, ?2, ?3, ?4, ?5, ?6)")),
      count_findings_(db.prepare("SELECT count(*) FROM finding WHERE document_id = ?1")),
      count_subjects_(db.prepare("SELECT coalesce(sum(1 - test_data), 0), coalesce(sum(test_data), "
                                 "0) FROM document_subject"
                                 " WHERE document_id = ?1")) {
  for (const char* table : {"finding", "document_subject", "column_facts", "mailbox"}) {
    const std::string base = "DELETE FROM " + std::string(table) + " WHERE document_id ";
    remove_own_.push_back(db.prepare(base + "= ?1"));
    remove_members_.push_back(db.prepare(base + "IN (SELECT id FROM document WHERE file_id = ?1)"));
  }
  remove_members_.push_back(db.prepare("DELETE FROM document WHERE file_id = ?1"));
  remove_own_.push_back(db.prepare("DELETE FROM document WHERE id = ?1"));
}

void Recorder::begin_run(std::int64_t sweep, std::int64_t run, const std::string& rules) {
  sweep_ = sweep;
  run_ = run;
  rules_ = word(rules);
}

void Recorder::forget() {
  words_.clear();
  directories_.clear();
  files_.clear();
}

std::int64_t Recorder::word(std::string_view text) {
  text = cut_text(text, kMaxWordBytes);
  const auto at = words_.find(text);
  if (at != words_.end()) return at->second;
  find_word_.bind(1, text);
  std::int64_t id = find_word_.step() ? find_word_.integer(0) : 0;
  find_word_.reset();
  if (id == 0) {
    add_word_.bind(1, text);
    add_word_.run();
    id = db_.last_id();
    ++rows;
  }
  if (words_.size() >= kMaxRemembered) words_.clear();
  words_.emplace(text, id);
  return id;
}

void Recorder::bind_word(Statement& statement, int at, std::string_view text) {
  if (text.empty())
    statement.bind_null(at);
  else
    statement.bind(at, word(text));
}

std::int64_t Recorder::directory_id(std::int64_t source, const std::string& dir) {
  const std::pair<std::int64_t, std::string> wanted(source, dir.empty() ? dir : dir + '/');
  const auto at = directories_.find(wanted);
  if (at != directories_.end()) return at->second;
  find_directory_.bind(1, source);
  find_directory_.bind_blob(2, wanted.second);
  std::int64_t id = find_directory_.step() ? find_directory_.integer(0) : 0;
  find_directory_.reset();
  if (id == 0) {
    add_directory_.bind(1, source);
    add_directory_.bind_blob(2, wanted.second);
    add_directory_.run();
    id = db_.last_id();
    ++rows;
  }
  if (directories_.size() >= kMaxRemembered) directories_.clear();
  directories_.emplace(wanted, id);
  return id;
}

std::vector<Recorder::Earlier> Recorder::earlier(std::int64_t directory, const std::string& name) {
  std::vector<Earlier> found;
  find_earlier_.bind(1, directory);
  find_earlier_.bind_blob(2, name);
  while (find_earlier_.step())
    found.push_back(
        {find_earlier_.integer(0), find_earlier_.integer(1), find_earlier_.integer(2) != 0});
  find_earlier_.reset();
  return found;
}

void Recorder::remove(std::int64_t file_id) {
  for (std::vector<Statement>* statements : {&remove_members_, &remove_own_}) {
    for (Statement& statement : *statements) {
      statement.bind(1, file_id);
      statement.run();
      rows += static_cast<std::size_t>(std::max(db_.changes(), 0));
    }
  }
}

void Recorder::remove_unfinished() {
  std::vector<std::int64_t> ids;
  Statement unfinished = db_.prepare("SELECT id FROM document WHERE unfinished = 1");
  while (unfinished.step()) ids.push_back(unfinished.integer(0));
  unfinished.reset();
  for (const std::int64_t id : ids) remove(id);
  files_.clear();
}

// --- files
// ------------------------------------------------------------------------------------------

void Recorder::file(const FileResult& part) {
  OpenFile& file = open_file(part);
  for (const DocumentResult& document : part.documents) record(file, document);
  if (part.last) finish_file(part, file);
}

Recorder::OpenFile& Recorder::open_file(const FileResult& part) {
  const std::int64_t directory = directory_id(part.file.source_id, part.file.dir);
  const std::pair<std::int64_t, std::string> where(directory, part.file.name);
  const auto at = files_.find(where);
  if (at != files_.end() && !part.first) return at->second;
  OpenFile file;
  // A new reading: what a dropped earlier one left goes now, what was known stays till the last
  // part.
  for (const Earlier& old : earlier(directory, part.file.name)) {
    if (old.unfinished)
      remove(old.id);
    else
      file.before.push_back(old);
  }
  file.id = insert_file(part.file, directory);
  file.directory = directory;
  file.top.id = file.id;
  file.top.ordinal = 0;
  return files_.insert_or_assign(where, std::move(file)).first->second;
}

void Recorder::finish_file(const FileResult& part, OpenFile& file) {
  if (!file.top_closed) {
    // Every object ends in an outcome: a file whose own never came is read again.
    DocumentResult lost;
    lost.size = part.file.size;
    lost.mtime_ns = part.file.mtime_ns;
    lost.outcome = Outcome::not_read(Reason::kInterrupted, "its own outcome is missing");
    record_into(file.top, lost);
  }
  std::int64_t first_sweep = sweep_;
  for (const Earlier& old : file.before) {
    first_sweep = std::min(first_sweep, old.first_sweep);
    remove(old.id);
  }
  finish_file_.bind(1, file.id);
  finish_file_.bind_unsigned(2, file.members);
  finish_file_.bind(3, first_sweep);
  finish_file_.run();
  ++rows;
  files_.erase({file.directory, part.file.name});
}

std::int64_t Recorder::insert_file(const FileRef& ref, std::int64_t directory) {
  add_file_.bind(1, directory);
  add_file_.bind_blob(2, ref.name);
  add_file_.bind_unsigned(3, ref.size);
  add_file_.bind(4, ref.mtime_ns);
  add_file_.bind_unsigned(5, ref.dev);
  add_file_.bind_unsigned(6, ref.inode);
  add_file_.bind(7, ref.ctime_ns);
  add_file_.bind_unsigned(8, ref.mode);
  add_file_.bind_unsigned(9, ref.uid);
  add_file_.bind_unsigned(10, ref.gid);
  add_file_.bind_unsigned(11, ref.nlink);
  add_file_.bind(12, static_cast<std::int64_t>(ref.exposure));
  bind_word(add_file_, 13, ref.owner);
  bind_word(add_file_, 14, ref.exposure_by);
  add_file_.bind(15, rules_);
  add_file_.bind(16, sweep_);
  add_file_.bind(17, run_);
  add_file_.run();
  ++rows;
  return db_.last_id();
}

std::int64_t Recorder::insert_member(const OpenFile& file, std::int64_t parent,
                                     std::string_view name, std::int64_t ordinal) {
  add_member_.bind(1, file.directory);
  add_member_.bind(2, file.id);
  add_member_.bind(3, parent);
  add_member_.bind_blob(4, name.substr(0, kMaxNameBytes));
  add_member_.bind(5, ordinal);
  add_member_.run();
  ++rows;
  return db_.last_id();
}

// The row a member stands under. Members come before their container closes, so the container's row
// is an open one, made here at its first member.
std::int64_t Recorder::parent_of(OpenFile& file, const DocumentResult& document) {
  std::int64_t parent = file.id;
  for (std::size_t i = 0; i + 1 < document.inner.size(); ++i) {
    const std::string& step = document.inner[i];
    std::vector<OpenRow>& rows_here = file.open[{parent, step}];
    if (rows_here.empty()) {
      OpenRow row;
      row.id = insert_member(file, parent, step, 0);
      rows_here.push_back(std::move(row));
    }
    parent = rows_here.back().id;
  }
  return parent;
}

void Recorder::record(OpenFile& file, const DocumentResult& document) {
  if (document.inner.empty()) {
    record_into(file.top, document);
    file.top_closed = file.top_closed || !document.segment;
    return;
  }
  const std::int64_t parent = parent_of(file, document);
  const std::pair<std::int64_t, std::string> where(parent, document.inner.back());
  const auto ordinal = static_cast<std::int64_t>(document.ordinal);
  std::vector<OpenRow>& rows_here = file.open[where];
  auto at = std::find_if(rows_here.begin(), rows_here.end(),
                         [&](const OpenRow& row) { return row.ordinal == ordinal; });
  if (at == rows_here.end())
    at = std::find_if(rows_here.begin(), rows_here.end(),
                      [](const OpenRow& row) { return row.ordinal < 0; });
  if (at == rows_here.end()) {
    OpenRow row;
    row.id = insert_member(file, parent, where.second, ordinal);
    at = rows_here.insert(rows_here.end(), std::move(row));
  }
  at->ordinal = ordinal;
  record_into(*at, document);
  if (document.segment) return;
  ++file.members;
  rows_here.erase(at);
  if (rows_here.empty()) file.open.erase(where);
}

void Recorder::record_into(OpenRow& row, const DocumentResult& document) {
  const bool first = !row.has_segments;
  Counted counted = store_found(row.id, document.found, first);
  append(row.dates, document.found.dates);
  row.dates = strongest_dates(std::move(row.dates));
  if (!document.found.document_kind.empty()) row.kind = document.found.document_kind;
  row.rolled_up += document.found.rolled_up_low;
  row.has_segments = true;
  if (document.segment) return;
  if (!first) counted = recount(row.id);
  close_row(row, document, counted);
  store_mailboxes(row.id, document.mailboxes);
}

void Recorder::bind_outcome(Statement& statement, int at, const Outcome& outcome) {
  statement.bind(at, code_of(outcome.kind));
  bind_word(statement, at + 1, key_of(outcome.reason));
  const std::string_view detail = cut_text(outcome.detail, kMaxDetailBytes);
  if (detail.empty())
    statement.bind_null(at + 2);
  else
    statement.bind(at + 2, detail);
}

void Recorder::close_row(OpenRow& row, const DocumentResult& document, const Counted& counted) {
  append(row.dates, document.dates);
  const std::string dates = pack_dates(strongest_dates(std::move(row.dates)));
  close_document_.bind(1, row.id);
  close_document_.bind(2, row.ordinal);
  bind_outcome(close_document_, 3, document.outcome);
  bind_word(close_document_, 6, key_of(document.identity.format));
  bind_word(close_document_, 7, document.identity.media_type);
  bind_word(close_document_, 8, document.identity.why);
  bind_word(close_document_, 9, row.kind);
  close_document_.bind_unsigned(10, document.size);
  close_document_.bind(11, document.mtime_ns);
  close_document_.bind_key(12, document.content_id);
  close_document_.bind_blob(13, dates);
  close_document_.bind_unsigned(14, counted.findings);
  close_document_.bind_unsigned(15, counted.persons);
  close_document_.bind_unsigned(16, counted.test_persons);
  close_document_.bind_unsigned(17, row.rolled_up);
  close_document_.bind_unsigned(18, document.mailboxes.size());
  close_document_.run();
  ++rows;
}

// --- findings
// ---------------------------------------------------------------------------------------

Recorder::Counted Recorder::store_found(std::int64_t document, const DocumentFindings& found,
                                        bool fresh) {
  Counted counted;
  const bool bulk = fresh && is_strictly_sorted(found.findings);
  if (bulk) counted.findings = store_bulk(document, found.findings);
  for (std::size_t i = counted.findings; i < found.findings.size(); ++i)
    counted.findings += store_finding(document, found.findings[i]) ? 1 : 0;
  for (const DocumentSubject& subject : found.subjects) {
    if (!store_subject(document, subject)) continue;
    (subject.test_data ? counted.test_persons : counted.persons) += 1;
  }
  for (const ColumnFacts& column : found.columns) store_column(document, column);
  return counted;
}

// Whole groups of rows, an INSERT a group, as long as they last; returns how many that were.
std::size_t Recorder::store_bulk(std::int64_t document, const std::vector<Finding>& findings) {
  std::size_t done = 0;
  std::array<std::string, kBulkRows> places;
  for (; done + kBulkRows <= findings.size(); done += kBulkRows) {
    for (std::size_t i = 0; i < kBulkRows; ++i) {
      places[i] = pack_places(findings[done + i].places);
      bind_finding(add_findings_, static_cast<int>(i) * kFindingColumns + 1, document,
                   findings[done + i], places[i]);
    }
    add_findings_.run();
    rows += kBulkRows;
  }
  return done;
}

void Recorder::bind_finding(Statement& statement, int first, std::int64_t document,
                            const Finding& finding, const std::string& places) {
  join(finding.signals, '\n', signals_);
  statement.bind(first, document);
  statement.bind(first + 1, word(finding.detector));
  statement.bind_exact_key(first + 2, finding.finding_key);
  statement.bind_key(first + 3, finding.subject_key);
  statement.bind(first + 4, word(finding.category));
  statement.bind(first + 5, static_cast<std::int64_t>(finding.gdpr));
  statement.bind(first + 6, static_cast<std::int64_t>(finding.confidence));
  statement.bind(first + 7, word(signals_));
  statement.bind(first + 8, cut_text(finding.masked, kMaxDetailBytes));
  statement.bind(first + 9, cut_text(finding.snippet, kMaxSnippetBytes));
  statement.bind_unsigned(first + 10, std::max<std::uint64_t>(finding.count, 1));
  statement.bind_blob(first + 11, places);
  statement.bind(first + 12, finding.test_data ? 1 : 0);
  statement.bind(first + 13, finding.birth_day_class);
  statement.bind(first + 14, finding.birth_year);
}

// False: the document already had it, and the two were merged.
bool Recorder::store_finding(std::int64_t document, const Finding& finding) {
  const std::string places = pack_places(finding.places);
  bind_finding(add_finding_, 1, document, finding, places);
  add_finding_.run();
  ++rows;
  if (db_.changes() > 0) return true;
  merge_finding(document, finding);
  return false;
}

void Recorder::merge_finding(std::int64_t document, const Finding& finding) {
  const std::int64_t detector = word(finding.detector);
  find_finding_.bind(1, document);
  find_finding_.bind(2, detector);
  find_finding_.bind_exact_key(3, finding.finding_key);
  if (!find_finding_.step()) {  // INSERT found it; only damage explains this
    find_finding_.reset();
    throw StoreError({ProblemKind::kDamaged, "a finding is in its index and not in its table"});
  }
  const std::uint64_t count = find_finding_.whole(0) + std::max<std::uint64_t>(finding.count, 1);
  std::vector<Place> places = unpack_places(find_finding_.bytes(1));
  const bool stronger = static_cast<std::int64_t>(finding.confidence) > find_finding_.integer(2);
  find_finding_.reset();
  places.insert(places.end(), finding.places.begin(), finding.places.end());
  const std::string packed = pack_places(places);
  update_finding_.bind(1, document);
  update_finding_.bind(2, detector);
  update_finding_.bind_exact_key(3, finding.finding_key);
  update_finding_.bind_unsigned(4, count);
  update_finding_.bind_blob(5, packed);
  update_finding_.bind(6, static_cast<std::int64_t>(finding.confidence));
  update_finding_.bind(7, static_cast<std::int64_t>(finding.gdpr));
  update_finding_.bind(8, stronger ? 1 : 0);
  update_finding_.bind(9, word(joined(finding.signals, '\n')));
  update_finding_.bind(10, cut_text(finding.snippet, kMaxSnippetBytes));
  update_finding_.bind(11, finding.test_data ? 1 : 0);
  update_finding_.run();
  ++rows;
}

bool Recorder::store_subject(std::int64_t document, const DocumentSubject& subject) {
  add_subject_.bind(1, document);
  add_subject_.bind_exact_key(2, subject.subject_key);
  add_subject_.bind(3, word(subject.type));
  add_subject_.bind(4, word(joined(subject.categories, ',')));
  add_subject_.bind_unsigned(5, subject.count);
  add_subject_.bind(6, subject.birth_day_class);
  add_subject_.bind(7, subject.birth_year);
  add_subject_.bind(8, subject.test_data ? 1 : 0);
  add_subject_.run();
  ++rows;
  if (db_.changes() > 0) return true;
  merge_subject(document, subject);
  return false;
}

void Recorder::merge_subject(std::int64_t document, const DocumentSubject& subject) {
  find_subject_.bind(1, document);
  find_subject_.bind_exact_key(2, subject.subject_key);
  std::vector<std::string> categories = subject.categories;
  if (find_subject_.step()) {
    for (std::string& category : split(find_subject_.bytes(0), ','))
      categories.push_back(std::move(category));
  }
  find_subject_.reset();
  std::sort(categories.begin(), categories.end());
  categories.erase(std::unique(categories.begin(), categories.end()), categories.end());
  update_subject_.bind(1, document);
  update_subject_.bind_exact_key(2, subject.subject_key);
  update_subject_.bind(3, word(joined(categories, ',')));
  update_subject_.bind_unsigned(4, subject.count);
  update_subject_.bind(5, subject.test_data ? 1 : 0);
  update_subject_.run();
  ++rows;
}

void Recorder::store_column(std::int64_t document, const ColumnFacts& column) {
  add_column_.bind(1, document);
  add_column_.bind(2, cut_text(column.sheet, kMaxLabelBytes));
  add_column_.bind_unsigned(3, column.column);
  add_column_.bind(4, word(column.detector));
  add_column_.bind(5, cut_text(column.header, kMaxLabelBytes));
  add_column_.bind_unsigned(6, column.rows);
  add_column_.bind_unsigned(7, column.hits);
  add_column_.run();
  ++rows;
}

void Recorder::store_mailboxes(std::int64_t document, const std::vector<MailboxTally>& mailboxes) {
  std::int64_t number = 0;
  for (const MailboxTally& tally : mailboxes) {
    add_mailbox_.bind(1, document);
    add_mailbox_.bind(2, ++number);
    add_mailbox_.bind(3, cut_text(tally.folder, kMaxDetailBytes));
    add_mailbox_.bind_unsigned(4, tally.expected);
    add_mailbox_.bind_unsigned(5, tally.read);
    add_mailbox_.bind_unsigned(6, tally.failed);
    add_mailbox_.run();
    ++rows;
  }
}

Recorder::Counted Recorder::recount(std::int64_t document) {
  Counted counted;
  count_findings_.bind(1, document);
  if (count_findings_.step()) counted.findings = count_findings_.whole(0);
  count_findings_.reset();
  count_subjects_.bind(1, document);
  if (count_subjects_.step()) {
    counted.persons = count_subjects_.whole(0);
    counted.test_persons = count_subjects_.whole(1);
  }
  count_subjects_.reset();
  return counted;
}

// --- folders
// ----------------------------------------------------------------------------------------

void Recorder::directory(const DirectoryResult& result) {
  const std::int64_t id = directory_id(result.source_id, result.dir);
  set_directory_.bind(1, id);
  bind_outcome(set_directory_, 2, result.outcome);
  set_directory_.bind_unsigned(5, result.entries);
  set_directory_.bind(6, sweep_);
  set_directory_.bind(7, run_);
  set_directory_.run();
  ++rows;
  if (code_of(result.outcome.kind) > 1) return;  // nothing is known of what is in it
  // Known files that were neither unchanged nor read again so far are missing. A changed one is
  // read later in this run and replaces its row; what is still missing when the sweep closes is
  // gone.
  const auto unchanged = name_set(result.unchanged);
  std::vector<std::int64_t> missing, back;
  listed_files_.bind(1, id);
  listed_files_.bind(2, run_);
  while (listed_files_.step()) {
    const bool marked = !listed_files_.is_null(2) || !listed_files_.is_null(3);
    if (unchanged.contains(listed_files_.bytes(1))) {
      if (marked) back.push_back(listed_files_.integer(0));
    } else if (listed_files_.is_null(3) && listed_files_.integer(2) != sweep_) {
      missing.push_back(listed_files_.integer(0));
    }
  }
  listed_files_.reset();
  for (const std::int64_t file : missing) {
    mark_missing_.bind(1, file);
    mark_missing_.bind(2, sweep_);
    mark_missing_.run();
  }
  for (const std::int64_t file : back) {
    clear_missing_.bind(1, file);
    clear_missing_.run();
  }
  rows += missing.size() + back.size();
}

}  // namespace gallra::store

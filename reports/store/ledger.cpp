#include "reports/store/ledger.hpp"

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace gallra::store {
namespace {

struct Row {
  OutcomeKind kind;
  std::string reason;
  std::uint64_t objects;
};

void add(Ledger& ledger, const Row& row) {
  ledger.seen += row.objects;
  switch (row.kind) {
    case OutcomeKind::kRead:
      ledger.read += row.objects;
      break;
    case OutcomeKind::kReadInPart:
      ledger.read_in_part += row.objects;
      break;
    case OutcomeKind::kNotRead:
      ledger.not_read += row.objects;
      break;
    case OutcomeKind::kExcluded:
      ledger.excluded += row.objects;
      break;
    case OutcomeKind::kUnchanged:
      ledger.unchanged += row.objects;
      break;
  }
  if (!row.reason.empty())
    ledger.by_reason[std::string(key_of(row.kind)) + ':' + row.reason] += row.objects;
}

// `folders`: rows of outcome and count.
void count_folders(Statement& folders, Ledger& ledger) {
  while (folders.step()) {
    const std::uint64_t n = folders.whole(1);
    ledger.directories_seen += n;
    switch (folders.integer(0)) {
      case 0:
      case 1:
        ledger.directories_listed += n;
        break;
      case 2:
        ledger.directories_not_listed += n;
        break;
      default:
        ledger.directories_excluded += n;
    }
  }
}

struct Folder {
  std::int64_t id = 0;
  std::string path;
  bool met = false;
  bool listed = false;
  bool gone = false;
};

}  // namespace

OutcomeKind carried_kind(OutcomeKind read) {
  return read == OutcomeKind::kRead || read == OutcomeKind::kReadInPart ? OutcomeKind::kUnchanged
                                                                        : read;
}

namespace {

// Rows of member or file, carried, read by run ?2, outcome, reason, size. `sources`: a join that
// leaves out sources, or nothing.
Statement objects_now(Database& db, const std::string& sources) {
  return db.prepare(
      "SELECT x.file_id IS NOT NULL, f.carried, f.read_run = ?2, x.outcome, coalesce(x.reason, 0), "
      "x.size"
      " FROM file_now f" +
      sources +
      " JOIN document x ON x.id = f.id OR x.file_id = f.id"
      " WHERE x.outcome IS NOT NULL");
}

// Files met in an earlier sweep, in or below a folder that the latest sweep could not list.
// `sources` as for objects_now().
Statement files_hidden(Database& db, const std::string& sources) {
  return db.prepare(
      "SELECT count(*) FROM document f JOIN directory d ON d.id = f.directory_id"
      " JOIN source_now n ON n.source_id = d.source_id" +
      sources +
      " WHERE f.file_id IS NULL AND f.unfinished = 0 AND f.gone_sweep IS NULL AND d.gone_sweep IS "
      "NULL"
      " AND EXISTS (SELECT 1 FROM directory u WHERE u.source_id = d.source_id AND u.outcome = 2"
      "  AND u.gone_sweep IS NULL AND u.met_sweep = n.latest"
      "  AND substr(d.path, 1, length(u.path)) = u.path)");
}

std::uint64_t one_number(Statement& statement) { return statement.step() ? statement.whole(0) : 0; }

// `objects`: rows of objects_now().
Ledger sum_up(Database& db, Statement& objects, std::uint64_t* members_not_of_run) {
  // Grouped here, not in SQL: SQLite would sort every object in memory first.
  struct Group {
    bool member, carried, of_run;
    std::int64_t outcome, reason;
    auto operator<=>(const Group&) const = default;
  };
  struct Sum {
    std::uint64_t objects = 0, bytes = 0;
  };
  std::map<Group, Sum> groups;
  while (objects.step()) {
    Sum& sum = groups[{objects.integer(0) != 0, objects.integer(1) != 0, objects.integer(2) != 0,
                       objects.integer(3), objects.integer(4)}];
    ++sum.objects;
    sum.bytes += objects.whole(5);
  }
  Ledger ledger;
  Statement word = db.prepare("SELECT text FROM word WHERE id = ?1");
  for (const auto& [group, sum] : groups) {
    word.bind(1, group.reason);
    const std::string reason = word.step() ? std::string(word.bytes(0)) : std::string();
    word.reset();
    const auto read = static_cast<OutcomeKind>(group.outcome);
    const Row row{group.carried ? carried_kind(read) : read, reason, sum.objects};
    add(ledger, row);
    if (!group.member && (row.kind == OutcomeKind::kRead || row.kind == OutcomeKind::kReadInPart))
      ledger.bytes_read += sum.bytes;
    if (group.member && !group.of_run && members_not_of_run != nullptr)
      *members_not_of_run += row.objects;
  }
  return ledger;
}

}  // namespace

Ledger count_ledger(Database& db, std::int64_t sweep, std::int64_t run,
                    std::uint64_t* members_not_of_run) {
  Statement objects =
      objects_now(db, " JOIN sweep_source o ON o.source_id = f.source_id AND o.sweep_id = ?1");
  objects.bind(1, sweep);
  objects.bind(2, run);
  Ledger ledger = sum_up(db, objects, members_not_of_run);
  Statement folders = db.prepare(
      "SELECT outcome, count(*) FROM directory WHERE met_sweep = ?1 AND outcome IS NOT NULL GROUP "
      "BY outcome");
  folders.bind(1, sweep);
  count_folders(folders, ledger);
  Statement hidden =
      files_hidden(db, " JOIN sweep_source o ON o.source_id = d.source_id AND o.sweep_id = ?1");
  hidden.bind(1, sweep);
  if (ledger.directories_not_listed > 0) ledger.files_hidden = one_number(hidden);
  return ledger;
}

Ledger count_ledger_now(Database& db) {
  Statement objects = objects_now(db, "");
  Ledger ledger = sum_up(db, objects, nullptr);
  Statement folders = db.prepare(
      "SELECT d.outcome, count(*) FROM directory d JOIN source_now n ON n.source_id = d.source_id"
      " WHERE d.met_sweep >= n.since AND d.gone_sweep IS NULL AND d.outcome IS NOT NULL"
      " GROUP BY d.outcome");
  count_folders(folders, ledger);
  Statement hidden = files_hidden(db, "");
  if (ledger.directories_not_listed > 0) ledger.files_hidden = one_number(hidden);
  return ledger;
}

namespace {

std::vector<std::pair<std::string, std::uint64_t*>> fields(Ledger& ledger) {
  return {{"seen", &ledger.seen},
          {"read", &ledger.read},
          {"read_in_part", &ledger.read_in_part},
          {"not_read", &ledger.not_read},
          {"excluded", &ledger.excluded},
          {"unchanged", &ledger.unchanged},
          {"directories_seen", &ledger.directories_seen},
          {"directories_listed", &ledger.directories_listed},
          {"directories_not_listed", &ledger.directories_not_listed},
          {"directories_excluded", &ledger.directories_excluded},
          {"files_hidden", &ledger.files_hidden},
          {"bytes_read", &ledger.bytes_read}};
}

}  // namespace

void store_ledger(Database& db, std::int64_t sweep, const Ledger& ledger) {
  Statement add_row = db.prepare("INSERT INTO ledger (sweep_id, name, count) VALUES (?1, ?2, ?3)");
  auto put = [&](const std::string& name, std::uint64_t count) {
    add_row.bind(1, sweep);
    add_row.bind(2, name);
    add_row.bind_unsigned(3, count);
    add_row.run();
  };
  Ledger copy = ledger;
  for (const auto& [name, value] : fields(copy)) put(name, *value);
  for (const auto& [name, value] : ledger.by_reason) put(name, value);
}

std::optional<Ledger> stored_ledger(Database& db, std::int64_t sweep) {
  Statement rows = db.prepare("SELECT name, count FROM ledger WHERE sweep_id = ?1");
  rows.bind(1, sweep);
  Ledger ledger;
  const auto known = fields(ledger);
  bool any = false;
  while (rows.step()) {
    any = true;
    const std::string name(rows.bytes(0));
    bool is_field = false;
    for (const auto& [field, value] : known) {
      if (field != name) continue;
      *value = rows.whole(1);
      is_field = true;
    }
    if (!is_field) ledger.by_reason[name] = rows.whole(1);
  }
  return any ? std::optional<Ledger>(std::move(ledger)) : std::nullopt;
}

namespace {

// Folders of the sweep's sources that this run did not meet. The nearest folder above that was met
// decides: listed without it means removed; not listed or excluded means nobody can tell.
void settle_folders(Database& db, std::int64_t sweep, std::int64_t run) {
  Statement folders = db.prepare(
      "SELECT d.id, d.path, d.met_run IS ?2, coalesce(d.outcome, 2) = 0, d.gone_sweep IS NOT NULL, "
      "d.source_id"
      " FROM directory d JOIN sweep_source o ON o.source_id = d.source_id AND o.sweep_id = ?1"
      " ORDER BY d.source_id, d.path");
  folders.bind(1, sweep);
  folders.bind(2, run);
  std::vector<std::int64_t> gone, unmet;
  std::vector<Folder> above;  // met folders on the way to the current one
  std::int64_t source = -1;
  while (folders.step()) {
    Folder folder{folders.integer(0), std::string(folders.bytes(1)), folders.integer(2) != 0,
                  folders.integer(3) != 0, folders.integer(4) != 0};
    if (folders.integer(5) != source) above.clear();
    source = folders.integer(5);
    while (!above.empty() && !folder.path.starts_with(above.back().path)) above.pop_back();
    if (folder.met) {
      above.push_back(std::move(folder));
    } else if (!folder.gone && !above.empty() && above.back().listed) {
      gone.push_back(folder.id);
    } else if (!folder.gone) {
      unmet.push_back(folder.id);
    }
  }
  Statement mark_gone =
      db.prepare("UPDATE directory SET gone_sweep = ?2, met_sweep = NULL WHERE id = ?1");
  for (const std::int64_t id : gone) {
    mark_gone.bind(1, id);
    mark_gone.bind(2, sweep);
    mark_gone.run();
  }
  Statement mark_unmet =
      db.prepare("UPDATE directory SET met_sweep = NULL WHERE id = ?1 AND met_sweep = ?2");
  for (const std::int64_t id : unmet) {
    mark_unmet.bind(1, id);
    mark_unmet.bind(2, sweep);
    mark_unmet.run();
  }
}

}  // namespace

void settle(Database& db, std::int64_t sweep, std::int64_t run) {
  settle_folders(db, sweep, run);
  const std::string of_sweep =
      " file_id IS NULL AND directory_id IN (SELECT d.id FROM directory d JOIN sweep_source o"
      " ON o.source_id = d.source_id WHERE o.sweep_id = ?1 ";
  Statement gone = db.prepare("UPDATE document SET gone_sweep = ?1 WHERE missing_sweep = ?1 AND" +
                              of_sweep + " AND d.met_run = ?2 AND d.outcome = 0)");
  gone.bind(1, sweep);
  gone.bind(2, run);
  gone.run();
  // Read by an earlier run of this sweep, in a folder this run could not list or did not find.
  Statement unmet = db.prepare(
      "UPDATE document SET missing_sweep = ?1 WHERE read_sweep = ?1 AND read_run <> ?2"
      " AND" +
      of_sweep + " AND (d.met_run IS NOT ?2 OR d.outcome > 1))");
  unmet.bind(1, sweep);
  unmet.bind(2, run);
  unmet.run();
}

}  // namespace gallra::store

// What must hold when things go wrong: kills, full disks, wrong keys, wrong files, damage.
#include <chrono>
#include <fcntl.h>
#include <fstream>
#include <random>
#include <set>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <thread>

#include "reports/store/database.hpp"
#include "tests/unit/store/scene.hpp"

using namespace gallra;
using namespace gallra::testing;
using gallra::store::ProblemKind;
using Lines = std::vector<std::string>;

namespace {

std::string file_name(unsigned i) { return "f" + std::to_string(i); }

// Writes files for ever, some of them in parts, and tells of each commit; killed from outside.
[[noreturn]] void write_until_killed(const std::string& db, int told) {
  Scan scan = Scan::start(db);
  const auto known = scan.writer->known(scan.source, "");
  for (unsigned i = 0;; i = (i + 1) % 5'000) {
    if (known.contains(file_name(i))) continue;
    FileResult part = whole(ref(scan.source, "", file_name(i)),
                            {document({"m"}, {"Anna", "Bo"}), document({"n"}, {"Cia"})});
    part.last = false;
    scan.writer->file(part);
    part.first = false;
    part.last = true;
    part.documents = {document({}, {"Dan"})};
    scan.writer->file(part);
    if (i % 97 != 0) continue;
    scan.writer->flush();
    if (::write(told, "+", 1) != 1) ::_exit(1);
  }
}

// Killed at a random moment after that many commits.
void kill_a_writer(const std::string& db, unsigned commits, unsigned microseconds) {
  int ends[2] = {-1, -1};
  REQUIRE(::pipe(ends) == 0);
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) write_until_killed(db, ends[1]);
  ::close(ends[1]);
  char told = 0;
  for (unsigned i = 0; i < commits; ++i) REQUIRE(::read(ends[0], &told, 1) == 1);
  std::this_thread::sleep_for(std::chrono::microseconds(microseconds));
  ::kill(child, SIGKILL);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFSIGNALED(status));
  ::close(ends[0]);
}

std::string integrity(const std::string& db) {
  store::Database database = store::open_for_reading(db);
  store::Statement check = database.prepare("PRAGMA integrity_check");
  return check.step() ? std::string(check.bytes(0)) : "nothing";
}

std::int64_t count(const std::string& db, const std::string& sql) {
  return store::open_for_reading(db).integer(sql);
}

ProblemKind refusal(const std::string& path, const std::string& key_id = "key-1") {
  const auto writer = store::Writer::open(path, key_id);
  REQUIRE_FALSE(writer.has_value());
  CHECK_FALSE(writer.error().text.empty());
  return writer.error().kind;
}

std::string bytes_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::string bytes(std::filesystem::file_size(path), '\0');
  in.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  return bytes;
}

void write_bytes(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

void make_small(const std::string& db) {
  Scan scan = Scan::start(db);
  for (unsigned i = 0; i < 200; ++i)
    scan.writer->file(whole(ref(scan.source, "", file_name(i)), {document({}, {file_name(i)})}));
  scan.writer->directory(listed(scan.source, "", 200));
  scan.close(200);
}

}  // namespace

TEST_CASE("a writer killed at any moment leaves whole files only, and the next goes on") {
  TempDir dir;
  const std::string db = dir.file("g.db");
  std::mt19937 random(7);
  for (int round = 0; round < 8; ++round) {
    kill_a_writer(db, static_cast<unsigned>(random() % 4),
                  static_cast<unsigned>(random() % 40'000));
    if (!std::filesystem::exists(db) || std::filesystem::file_size(db) == 0) continue;
    if (count(db, "SELECT count(*) FROM sqlite_schema WHERE name = 'finding'") == 0) continue;
    CHECK(integrity(db) == "ok");
    // Every file that counts has all its members and all their findings.
    CHECK(
        count(db,
              "SELECT count(*) FROM document f WHERE f.file_id IS NULL AND f.unfinished = 0 AND"
              " (f.outcome IS NULL OR f.members <> 2"
              "  OR (SELECT count(*) FROM document m WHERE m.file_id = f.id AND m.outcome = 0) <> 2"
              "  OR (SELECT count(*) FROM finding x WHERE x.document_id = f.id"
              "      OR x.document_id IN (SELECT id FROM document WHERE file_id = f.id)) <> 4)") ==
        0);
  }
  Scan scan = Scan::start(db);
  CHECK(scan.sweep.id == 1);
  CHECK(count(db, "SELECT count(*) FROM document WHERE unfinished = 1") == 0);
  CHECK(count(db,
              "SELECT count(*) FROM finding WHERE document_id NOT IN (SELECT id FROM document)") ==
        0);
  std::vector<std::string> unchanged;
  for (const auto& [name, row] : scan.writer->known(scan.source, "")) unchanged.push_back(name);
  CHECK_FALSE(unchanged.empty());
  scan.writer->directory(listed(scan.source, "", unchanged.size(), unchanged));
  const store::Ledger ledger = scan.close(unchanged.size());
  CHECK(ledger.seen == unchanged.size() * 3);
  CHECK(ledger.read == ledger.seen);
}

TEST_CASE("a database or lock that is removed under a writer is told, not called done") {
  const char* const removed = GENERATE("g.db", "g.db.lock");
  CAPTURE(removed);
  TempDir dir;
  Scan scan = Scan::start(dir.file("g.db"));
  scan.writer->file(whole(ref(scan.source, "", "a.txt"), {document({}, {"Anna"})}));
  scan.writer->directory(listed(scan.source, "", 1));
  REQUIRE(::unlink(dir.file(removed).c_str()) == 0);
  const auto ended = scan.writer->end_run("done", true, 1);
  REQUIRE_FALSE(ended.has_value());
  CHECK(ended.error().kind == ProblemKind::kReplaced);
}

TEST_CASE("a disk with no room for the index of a WAL can still be read") {
  TempDir dir;
  const std::string db = dir.file("g.db");
  Scan::start(db).close(0);
  {
    // A WAL that waits, as a killed writer leaves it.
    Scan scan = Scan::start(db);
    scan.writer->file(whole(ref(scan.source, "", "a.txt"), {document({}, {"Anna"})}));
    scan.writer->flush();
    std::filesystem::copy_file(db, dir.file("left.db"));
    std::filesystem::copy_file(db + "-wal", dir.file("left.db-wal"));
  }
  // No file may grow, which is what a full disk or a spent quota looks like.
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit nothing{0, 0};
    ::setrlimit(RLIMIT_FSIZE, &nothing);
    for (const char* name : {"g.db", "left.db"}) {
      auto reader = store::Reader::open(dir.file(name));
      if (!reader || (*reader)->sweeps().empty()) ::_exit(name[0]);
    }
    ::_exit(0);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
}

TEST_CASE(
    "what a dropped reading left is gone at the next start, and its file keeps what was known") {
  TempDir dir;
  const std::string db = dir.file("g.db");
  {
    Scan scan = Scan::start(db);
    scan.writer->file(whole(ref(scan.source, "", "a"), {document({}, {"Anna"})}));
    scan.writer->directory(listed(scan.source, "", 1));
    scan.close(1);
  }
  {
    Scan scan = Scan::start(db);
    FileResult part = whole(ref(scan.source, "", "a"), {document({"m"}, {"Bo"})});
    part.last = false;
    scan.writer->file(part);
    scan.writer->flush();
  }
  CHECK(count(db, "SELECT count(*) FROM document") ==
        3);  // the old file; the new one, and its member
  CHECK(documents_text(db) == Lines{"a unchanged f=1 p=1"});
  open_writer(db).reset();
  CHECK(count(db, "SELECT count(*) FROM document") == 1);
  CHECK(count(db, "SELECT count(*) FROM finding") == 1);
}

TEST_CASE("the database and all beside it are the owner's alone, whatever the umask") {
  TempDir dir;
  const std::string db = dir.file("g.db");
  const mode_t before = ::umask(0);
  {
    Scan scan = Scan::start(db);
    scan.writer->flush();
    for (const char* suffix : {"", "-wal", "-shm", ".lock"}) {
      struct stat st {};
      CAPTURE(suffix);
      REQUIRE(::stat((db + suffix).c_str(), &st) == 0);
      CHECK((st.st_mode & 0777) == 0600);
    }
  }
  ::umask(before);
}

TEST_CASE("a second writer is refused while the first one lives") {
  TempDir dir;
  const std::string db = dir.file("g.db");
  auto first = open_writer(db);
  CHECK(refusal(db) == ProblemKind::kLocked);
  CHECK(store::Reader::open(db).has_value());
  first.reset();
  CHECK(store::Writer::open(db, "key-1").has_value());
}

TEST_CASE("files that are not ours, newer, or made with another key are refused and not touched") {
  TempDir dir;
  const std::string text = dir.file("notes.txt"), other = dir.file("other.db"),
                    ours = dir.file("g.db"), none = dir.file("no.db");
  write_bytes(text, "dear diary, this is quite long enough to be read as a header");
  CHECK(refusal(text) == ProblemKind::kNotOurs);
  CHECK(store::Reader::open(text).error().kind == ProblemKind::kNotOurs);
  CHECK(bytes_of(text).starts_with("dear diary"));

  write_bytes(other, "");
  {
    store::Database stranger(other, store::OpenAs::kWriter);
    stranger.exec("CREATE TABLE recipes (name TEXT)");
  }
  const std::string before = bytes_of(other);
  CHECK(refusal(other) == ProblemKind::kNotOurs);
  CHECK(store::Reader::open(other).error().kind == ProblemKind::kNotOurs);
  CHECK(bytes_of(other) == before);

  make_small(ours);
  CHECK(refusal(ours, "key-2") == ProblemKind::kForeignKey);
  store::Database(ours, store::OpenAs::kWriter).exec("PRAGMA user_version = 999");
  CHECK(refusal(ours) == ProblemKind::kNewer);
  CHECK(store::Reader::open(ours).error().kind == ProblemKind::kNewer);

  CHECK(store::Reader::open(none).error().kind == ProblemKind::kMissing);
  CHECK_FALSE(std::filesystem::exists(none));
  CHECK(refusal(dir.file("no/such/folder/g.db")) == ProblemKind::kOther);
}

TEST_CASE("an empty file is a database to be made") {
  TempDir dir;
  const std::string db = dir.file("g.db");
  write_bytes(db, "");
  make_small(db);
  CHECK(documents_text(db).size() == 200);
}

TEST_CASE("damage is said, never a crash and never half an answer for a whole one") {
  TempDir dir;
  const std::string db = dir.file("g.db");
  make_small(db);
  const std::string good = bytes_of(db);
  REQUIRE(good.size() > 40'000);
  std::mt19937 random(3);
  unsigned refused = 0;
  for (int round = 0; round < 150; ++round) {
    std::string bad = good;
    const bool cut = round % 5 == 0;
    if (cut) {
      bad.resize(4096 + random() % (good.size() - 4096));
    } else {
      const std::size_t at = 100 + random() % (good.size() - 700);
      for (std::size_t i = 0; i < 600; ++i) bad[at + i] = static_cast<char>(random());
    }
    write_bytes(db, bad);
    for (const char* suffix : {"-wal", "-shm"}) std::filesystem::remove(db + suffix);
    auto reader = store::Reader::open(db);
    if (!reader) {
      ++refused;
      continue;
    }
    try {
      (*reader)->findings([](const store::DocumentRow&, const Finding&) {});
      (*reader)->files([](const store::FileSummary&) {});
      (*reader)->folders([](const store::FolderSummary&) {});
      (*reader)->persons();
      (*reader)->sweeps();
    } catch (const store::StoreError& error) {
      ++refused;
      CHECK(error.problem.text.find("••") == std::string::npos);
    }
  }
  CHECK(refused > 30);
}

TEST_CASE("a full disk stops the scan with a clear problem, and what was whole stays") {
  TempDir dir;
  const std::string db = dir.file("g.db");
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    ::signal(SIGXFSZ, SIG_IGN);
    Scan scan = Scan::start(db);
    const rlimit limit{2 << 20, 2 << 20};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    std::vector<std::string> who;
    for (int i = 0; i < 100; ++i) who.push_back("p" + std::to_string(i));
    for (unsigned i = 0; i < 2'000 && !scan.writer->failed(); ++i) {
      scan.writer->file(whole(ref(scan.source, "", file_name(i)), {document({}, who)}));
      if (i % 10 == 0) scan.writer->flush();
    }
    const auto failed = scan.writer->failed();
    if (!failed) ::_exit(10);
    if (failed->kind != ProblemKind::kDiskFull) ::_exit(20 + static_cast<int>(failed->kind));
    if (scan.writer->end_run("failed", false, 0).has_value()) ::_exit(11);
    scan.writer.reset();
    ::_exit(0);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
  CHECK(integrity(db) == "ok");
  CHECK(count(db,
              "SELECT count(*) FROM document WHERE findings <> (SELECT count(*) FROM finding WHERE "
              "document_id = document.id)") == 0);
  Scan scan = Scan::start(db);
  CHECK_FALSE(scan.writer->known(scan.source, "").empty());
}

TEST_CASE("an idle writer commits by itself within about a second") {
  TempDir dir;
  const std::string db = dir.file("g.db");
  Scan scan = Scan::start(db);
  scan.writer->file(whole(ref(scan.source, "", "a"), {document({}, {"Anna"})}));
  bool there = false;
  for (int i = 0; i < 100 && !there; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    there = !documents_text(db).empty();
  }
  CHECK(there);
}

TEST_CASE("a database on a medium that cannot be written is read") {
  TempDir dir;
  std::filesystem::create_directory(dir.file("ro"));
  const std::string db = dir.file("ro/g.db");
  make_small(db);
  std::filesystem::permissions(
      dir.file("ro"), std::filesystem::perms::owner_read | std::filesystem::perms::owner_exec);
  CHECK(documents_text(db).size() == 200);
  std::filesystem::permissions(dir.file("ro"), std::filesystem::perms::owner_all);
}

TEST_CASE("migrations run forward, once, all or none") {
  TempDir dir;
  const std::string path = dir.file("m.db");
  write_bytes(path, "");
  store::Database db(path, store::OpenAs::kWriter);
  db.exec("CREATE TABLE t (a INTEGER); PRAGMA user_version = 1");
  const std::array<std::string_view, 2> steps{"ALTER TABLE t ADD COLUMN b INTEGER",
                                              "ALTER TABLE t ADD COLUMN c INTEGER"};
  store::migrate(db, steps);
  CHECK(db.integer("PRAGMA user_version") == 3);
  CHECK(db.integer("SELECT count(*) FROM pragma_table_info('t')") == 3);
  store::migrate(db, steps);
  CHECK(db.integer("SELECT count(*) FROM pragma_table_info('t')") == 3);
  const std::array<std::string_view, 4> broken{steps[0], steps[1],
                                               "ALTER TABLE t ADD COLUMN d INTEGER", "NOT SQL"};
  CHECK_THROWS_AS(store::migrate(db, broken), store::StoreError);
  if (db.in_transaction()) db.exec("ROLLBACK");
  CHECK(db.integer("PRAGMA user_version") == 3);
  CHECK(db.integer("SELECT count(*) FROM pragma_table_info('t')") == 3);
}

TEST_CASE("every reference in the tables leads somewhere, and every column is explained") {
  TempDir dir;
  const std::string db = dir.file("g.db");
  make_small(db);
  CHECK(count(db, "SELECT count(*) FROM pragma_foreign_key_check") == 0);
  CHECK(count(db,
              "SELECT count(*) FROM pragma_table_list WHERE type = 'table' AND schema = 'main' AND "
              "strict = 0"
              " AND name NOT LIKE 'sqlite%'") == 0);
}

TEST_CASE("no statement of a report or of the walk scans where it should search") {
  TempDir dir;
  const std::string path = dir.file("g.db");
  make_small(path);
  store::Database db = store::open_for_reading(path);
  for (const char* sql :
       {"SELECT * FROM document WHERE directory_id = 1 AND file_id IS NULL ORDER BY name, id",
        "SELECT * FROM document WHERE file_id = 1 AND parent_id = 2 ORDER BY name, ordinal, id",
        "SELECT * FROM directory WHERE source_id = 1 ORDER BY path",
        "SELECT id FROM document WHERE unfinished = 1",
        "SELECT min(detector) FROM finding WHERE document_id = 1 AND detector > 2",
        "SELECT * FROM document_subject ORDER BY subject_key, document_id",
        "SELECT id FROM document WHERE file_id = 1"}) {
    store::Statement plan = db.prepare(std::string("EXPLAIN QUERY PLAN ") + sql);
    while (plan.step()) {
      const std::string step(plan.bytes(3));
      CAPTURE(sql, step);
      CHECK(step.find("TEMP B-TREE") == std::string::npos);
      CHECK((step.starts_with("SEARCH") || step.find("USING INDEX") != std::string::npos));
    }
  }
}

#include <thread>

#include "tests/unit/store/scene.hpp"

using namespace gallra;
using namespace gallra::testing;
using gallra::store::ProblemKind;
using Lines = std::vector<std::string>;

TEST_CASE("what was written is read back, in the byte order of whole paths") {
  TempDir dir;
  const std::string db = dir.file("g.db");
  Scan scan = Scan::start(db);
  const std::int64_t s = scan.source;
  auto& w = *scan.writer;
  w.file(whole(ref(s, "a", "z.txt"), {document({}, {"Anna"})}));
  w.file(whole(ref(s, "", "a.txt"), {document({}, {"Anna", "Bo"})}));
  w.file(whole(ref(s, "a/b", "c.txt"), {document({})}));
  w.file(whole(ref(s, "a", "b.txt"), {document({})}));
  w.file(whole(ref(s, "a!", "x.txt"), {document({})}));
  w.file(whole(ref(s, "", "zz"), {document({}, {}, Outcome::not_read(Reason::kEncrypted))}));
  for (const auto& [name, entries] :
       std::vector<std::pair<std::string, int>>{{"", 2}, {"a", 2}, {"a/b", 1}, {"a!", 1}})
    w.directory(listed(s, name, static_cast<std::uint64_t>(entries)));
  const store::Ledger ledger = scan.close(6);
  CHECK(ledger.seen == 6);
  CHECK(ledger.read == 5);
  CHECK(ledger.not_read == 1);
  CHECK(ledger.by_reason.at("not_read:encrypted") == 1);
  CHECK(ledger.directories_listed == 4);
  CHECK(ledger.reconciles());
  scan.writer.reset();

  CHECK(documents_text(db) == Lines{"a%21/x.txt read", "a.txt read f=2 p=2", "a/b.txt read",
                                    "a/b/c.txt read", "a/z.txt read f=1 p=1",
                                    "zz not_read:encrypted"});
  auto reader = open_reader(db);
  CHECK(reader->key_id() == "key-1");
  REQUIRE(reader->sweeps().size() == 1);
  CHECK(reader->sweeps()[0].state == store::SweepState::kDone);
  CHECK(reader->ledger(scan.sweep.id)->by_reason == ledger.by_reason);
  CHECK(reader->ledger(scan.sweep.id)->seen == 6);
  CHECK_FALSE(reader->ledger(99).has_value());
  std::vector<Finding> findings;
  reader->findings([&](const store::DocumentRow&, const Finding& f) { findings.push_back(f); });
  REQUIRE(findings.size() == 3);
  CHECK(findings[2].masked == "••••••••-••••");
  CHECK(findings[2].subject_key == key("subject Anna"));
  CHECK(findings[2].signals == Lines{"date_valid", "check_digit"});
  CHECK(findings[2].places == std::vector<Place>{{PlaceKind::kLine, 3, 0, ""}});
  CHECK(findings[2].gdpr == GdprClass::kNationalId);
  CHECK(reader->persons().persons == 2);
}

TEST_CASE(
    "names that are not UTF-8, or hold what SQL and separators hold, come back byte for byte") {
  TempDir dir;
  const std::string db = dir.file("g.db");
  Scan scan = Scan::start(db);
  const Lines names = {"bj\xf6rn.txt", "a\nb", "'; DROP TABLE document; --", "\xe2\x80\xae.txt",
                       std::string(255, 'x')};
  for (const std::string& name : names)
    scan.writer->file(whole(ref(scan.source, "d\xe4r", name), {document({})}));
  scan.writer->directory(listed(scan.source, "d\xe4r", names.size()));
  scan.close(names.size());
  scan.writer.reset();
  Lines back;
  open_reader(db)->documents([&](const store::DocumentRow& row) {
    CHECK(row.file.dir == "d\xe4r");
    back.push_back(row.file.name);
  });
  Lines sorted = names;
  std::sort(sorted.begin(), sorted.end());
  CHECK(back == sorted);
}

TEST_CASE("members stand under their container in the order of steps and ordinals") {
  TempDir dir;
  const std::string db = dir.file("g.db");
  Scan scan = Scan::start(db);
  // As extractors deliver: members before the container they are in. Two mails have the same name,
  // and each an attachment of the same name.
  auto at = [](Lines inner, std::uint32_t ordinal, const Lines& who = {}) {
    DocumentResult d = document(std::move(inner), who);
    d.ordinal = ordinal;
    return d;
  };
  scan.writer->file(
      whole(ref(scan.source, "", "box.mbox"),
            {at({"Hej", "bilaga.txt"}, 0, {"Anna"}), at({"Hej"}, 0),
             at({"Hej", "bilaga.txt"}, 0, {"Bo"}), at({"Hej"}, 1), at({"A"}, 2), at({}, 0)}));
  scan.writer->directory(listed(scan.source, "", 1));
  CHECK(scan.close(6).read == 6);
  scan.writer.reset();
  std::vector<std::pair<std::string, std::int64_t>> rows;
  std::map<std::int64_t, std::int64_t> parents;
  open_reader(db)->documents([&](const store::DocumentRow& row) {
    rows.emplace_back(Provenance{row.file.path(), row.inner}.str(), row.id);
    parents[row.id] = row.parent_id;
    if (row.inner.empty()) CHECK(row.members == 5);
  });
  REQUIRE(rows.size() == 6);
  CHECK(rows[1].first == "box.mbox!/A");
  CHECK(rows[3].first == "box.mbox!/Hej!/bilaga.txt");
  CHECK(rows[5].first == "box.mbox!/Hej!/bilaga.txt");
  CHECK(parents[rows[3].second] == rows[2].second);
  CHECK(parents[rows[5].second] == rows[4].second);
}

TEST_CASE(
    "segments of one object merge: counts add, first places stay, the higher band wins with its "
    "signals") {
  TempDir dir;
  const std::string db = dir.file("g.db");
  Scan scan = Scan::start(db);
  auto segment = [](Confidence confidence, std::uint32_t line) {
    DocumentResult d = document({});
    Finding f = finding("Anna", confidence);
    f.signals = {confidence == Confidence::kHigh ? "strong" : "weak"};
    f.places = {{PlaceKind::kLine, line, 0, ""},
                {PlaceKind::kLine, line + 1, 0, ""},
                {PlaceKind::kLine, line + 2, 0, ""}};
    f.count = 3;
    d.found.findings = {f};
    d.found.subjects = {subject("Anna", {line == 1 ? "health" : "email"})};
    d.found.dates = {{DateKind::kTextDate, static_cast<std::int32_t>(line)}};
    d.found.rolled_up_low = 2;
    d.segment = true;
    return d;
  };
  FileResult part = whole(ref(scan.source, "", "big.log"), {segment(Confidence::kLow, 1)});
  part.last = false;
  scan.writer->file(part);
  part.first = false;
  part.documents = {segment(Confidence::kHigh, 10)};
  scan.writer->file(part);
  part.last = true;
  part.documents = {document({}, {"Anna", "Bo"})};
  scan.writer->file(part);
  scan.writer->directory(listed(scan.source, "", 1));
  CHECK(scan.close(1).read == 1);
  scan.writer.reset();
  CHECK(documents_text(db) == Lines{"big.log read f=2 p=2"});
  auto reader = open_reader(db);
  bool met = false;
  reader->findings([&](const store::DocumentRow& row, const Finding& f) {
    CHECK(row.rolled_up == 4);
    CHECK(row.dates == std::vector<DateEvidence>{{DateKind::kTextDate, 10}});
    if (f.finding_key != key("finding Anna")) return;
    met = true;
    CHECK(f.count == 7);
    CHECK(f.confidence == Confidence::kHigh);
    CHECK(f.signals == Lines{"strong"});
    REQUIRE(f.places.size() == 5);
    CHECK(f.places[0].a == 1);
    CHECK(f.places[3].a == 10);
  });
  CHECK(met);
  reader->subjects([&](const store::SubjectRow& row) {
    if (row.subject.subject_key == key("subject Anna"))
      CHECK(row.subject.categories == Lines{"email", "health", "personnummer"});
  });
}

TEST_CASE("a second sweep carries over what did not change and says so") {
  TempDir dir;
  const std::string db = dir.file("g.db");
  {
    Scan scan = Scan::start(db);
    auto& w = *scan.writer;
    w.file(whole(ref(scan.source, "", "a.txt"), {document({}, {"Anna"})}));
    w.file(whole(ref(scan.source, "", "b.zip"), {document({"in.txt"}, {"Bo"}), document({})}));
    w.file(whole(ref(scan.source, "", "locked.pdf"),
                 {document({}, {}, Outcome::not_read(Reason::kEncrypted))}));
    w.file(whole(ref(scan.source, "", "half.mbox"),
                 {document({}, {}, Outcome::in_part(Reason::kCorrupt))}));
    w.file(whole(ref(scan.source, "", "denied"),
                 {document({}, {}, Outcome::not_read(Reason::kPermission))}));
    w.file(whole(ref(scan.source, "", "link"),
                 {document({}, {}, Outcome::excluded(Reason::kSymlink))}));
    w.file(whole(ref(scan.source, "", "same.txt"),
                 {document({}, {}, {OutcomeKind::kRead, Reason::kHardLink, "a.txt"})}));
    w.file(whole(ref(scan.source, "", "old.txt"), {document({}, {"Cia"})}));
    w.directory(listed(scan.source, "", 8));
    scan.close(9);
  }
  Scan scan = Scan::start(db);
  auto& w = *scan.writer;
  const auto known = w.known(scan.source, "");
  Lines names;
  for (const auto& [name, row] : known) names.push_back(name);
  CHECK(names == Lines{"a.txt", "b.zip", "half.mbox", "locked.pdf", "old.txt", "same.txt"});
  CHECK(known.at("same.txt").link_of == "a.txt");
  CHECK(known.at("a.txt") == KnownFile{ref(1, "", "a.txt").inode, 100, 1'500'000'000'000'000'000,
                                       1'600'000'000'000'000'000});
  w.directory(listed(scan.source, "", 7, {"a.txt", "b.zip", "half.mbox", "locked.pdf"}));
  w.file(whole(ref(scan.source, "", "denied"), {document({}, {"Dan"})}));
  w.file(
      whole(ref(scan.source, "", "link"), {document({}, {}, Outcome::excluded(Reason::kSymlink))}));
  w.file(whole(ref(scan.source, "", "new.txt"), {document({}, {"Eva"})}));
  const store::Ledger ledger = scan.close(7);
  CHECK(ledger.seen == 8);
  CHECK(ledger.unchanged == 4);
  CHECK(ledger.read == 2);
  CHECK(ledger.not_read == 1);
  CHECK(ledger.by_reason.at("unchanged:corrupt") == 1);
  CHECK(ledger.by_reason.at("not_read:encrypted") == 1);
  scan.writer.reset();
  CHECK(documents_text(db) == Lines{"a.txt unchanged f=1 p=1", "b.zip unchanged",
                                    "b.zip!/in.txt unchanged f=1 p=1", "denied read f=1 p=1",
                                    "half.mbox unchanged:corrupt", "link excluded:symlink",
                                    "locked.pdf not_read:encrypted", "new.txt read f=1 p=1"});
  CHECK(open_reader(db)->persons().persons == 4);
  CHECK(open_reader(db)->ledger(1)->seen == 9);
}

TEST_CASE("files read under other rules are not known") {
  TempDir dir;
  const std::string db = dir.file("g.db");
  {
    Scan scan = Scan::start(db, "rules-1");
    scan.writer->file(whole(ref(scan.source, "", "a.txt"), {document({})}));
    scan.writer->directory(listed(scan.source, "", 1));
    scan.close(1);
  }
  Scan scan = Scan::start(db, "rules-2");
  CHECK(scan.writer->known(scan.source, "").empty());
}

TEST_CASE("reading a file again replaces all that was known of it") {
  TempDir dir;
  const std::string db = dir.file("g.db");
  {
    Scan scan = Scan::start(db);
    scan.writer->file(whole(ref(scan.source, "", "a.zip"),
                            {document({"x"}, {"Anna"}), document({"y"}, {"Bo"}), document({})}));
    scan.writer->directory(listed(scan.source, "", 1));
    scan.close(3);
  }
  {
    Scan scan = Scan::start(db);
    scan.writer->directory(listed(scan.source, "", 1));
    FileResult part = whole(ref(scan.source, "", "a.zip"), {document({"z"}, {"Cia"})});
    part.last = false;
    scan.writer->file(part);
    scan.writer->flush();
    // Half of the new reading is on disk; the old one is not shown (its file changed), nor is the
    // half.
    CHECK(open_reader(db)->persons().persons == 0);
    part.first = false;
    part.last = true;
    part.documents = {document({})};
    scan.writer->file(part);
    scan.close(2);
  }
  CHECK(documents_text(db) == Lines{"a.zip read", "a.zip!/z read f=1 p=1"});
  open_reader(db)->documents([](const store::DocumentRow& row) {
    CHECK(row.first_sweep == 1);
    CHECK(row.read_sweep == 2);
  });
}

TEST_CASE(
    "a file that is not met in a listed folder is gone; one in a folder that was not listed is not "
    "seen") {
  TempDir dir;
  const std::string db = dir.file("g.db");
  {
    Scan scan = Scan::start(db);
    for (const char* folder : {"open", "shut", "removed"}) {
      scan.writer->file(whole(ref(scan.source, folder, "a.txt"), {document({}, {folder})}));
      scan.writer->directory(listed(scan.source, folder, 1));
    }
    scan.writer->directory(listed(scan.source, "", 0));
    scan.close(3);
  }
  {
    Scan scan = Scan::start(db);
    DirectoryResult shut = listed(scan.source, "shut", 0);
    shut.outcome = Outcome::not_read(Reason::kPermission);
    scan.writer->directory(shut);
    scan.writer->directory(listed(scan.source, "open", 0));
    scan.writer->directory(listed(scan.source, "", 0));
    const store::Ledger ledger = scan.close(0);
    CHECK(ledger.seen == 0);
    CHECK(ledger.directories_seen == 3);
    CHECK(ledger.directories_not_listed == 1);
  }
  CHECK(documents_text(db).empty());
  Lines folders;
  open_reader(db)->directories(
      [&](const store::SourceRow&, const std::string& name, const Outcome& outcome) {
        folders.push_back(name + " " + std::string(key_of(outcome.reason)));
      });
  CHECK(folders == Lines{"shut permission"});
  // The folder opens again, unchanged: its file is carried over. A removed one that is back is read
  // anew.
  Scan scan = Scan::start(db);
  CHECK(scan.writer->known(scan.source, "shut").size() == 1);
  scan.writer->directory(listed(scan.source, "shut", 1, {"a.txt"}));
  scan.writer->directory(listed(scan.source, "open", 1, {"a.txt"}));
  scan.writer->directory(listed(scan.source, "", 0));
  CHECK(scan.close(2).unchanged == 2);
  scan.writer.reset();
  CHECK(documents_text(db) ==
        Lines{"open/a.txt unchanged f=1 p=1", "shut/a.txt unchanged f=1 p=1"});
}

TEST_CASE("an interrupted sweep goes on where it was and ends with the same outcomes") {
  TempDir dir;
  const std::string db = dir.file("g.db");
  {
    Scan scan = Scan::start(db);
    scan.writer->file(whole(ref(scan.source, "a", "1"), {document({"m"}), document({}, {"Anna"})}));
    scan.writer->file(whole(ref(scan.source, "a", "2"),
                            {document({}, {}, Outcome::not_read(Reason::kInterrupted))}));
    scan.writer->file(whole(ref(scan.source, "gone", "3"), {document({}, {"Bo"})}));
    scan.writer->directory(listed(scan.source, "gone", 1));
    const auto ledger = scan.writer->end_run("interrupted", false, 17);
    REQUIRE(ledger.has_value());
    CHECK(ledger->seen == 4);
  }
  {
    auto reader = open_reader(db);
    CHECK(reader->sweeps().back().state == store::SweepState::kOpen);
    CHECK(reader->ledger(1)->seen == 4);
  }
  Scan scan = Scan::start(db);
  CHECK(scan.sweep.id == 1);
  const auto known = scan.writer->known(scan.source, "a");
  CHECK(known.size() == 1);
  CHECK(known.contains("1"));
  scan.writer->directory(listed(scan.source, "a", 2, {"1"}));
  scan.writer->file(whole(ref(scan.source, "a", "2"), {document({})}));
  scan.writer->directory(listed(scan.source, "", 0));  // folder "gone" was removed meanwhile
  const store::Ledger ledger = scan.close(2);
  CHECK(ledger.seen == 3);
  CHECK(ledger.read == 3);
  CHECK(ledger.directories_seen == 2);
  scan.writer.reset();
  CHECK(documents_text(db) == Lines{"a/1 read f=1 p=1", "a/1!/m read", "a/2 read"});
}

TEST_CASE(
    "a report on an open second sweep shows the folders not reached yet as the first one left "
    "them") {
  TempDir dir;
  const std::string db = dir.file("g.db");
  {
    Scan scan = Scan::start(db);
    for (const char* folder : {"a", "b"}) {
      scan.writer->file(whole(ref(scan.source, folder, "x"), {document({}, {folder})}));
      scan.writer->directory(listed(scan.source, folder, 1));
    }
    scan.close(2);
  }
  Scan scan = Scan::start(db);
  scan.writer->file(whole(ref(scan.source, "a", "x"), {document({}, {"a", "Anna"})}));
  scan.writer->directory(listed(scan.source, "a", 1));
  REQUIRE(scan.writer->end_run("interrupted", false, 1).has_value());
  scan.writer.reset();
  CHECK(documents_text(db) == Lines{"a/x read f=2 p=2", "b/x unchanged f=1 p=1"});
  CHECK(open_reader(db)->persons().persons == 3);
}

TEST_CASE("a sweep that does not reconcile stays open and says by how much") {
  TempDir dir;
  const std::string db = dir.file("g.db");
  Scan scan = Scan::start(db);
  scan.writer->file(whole(ref(scan.source, "", "a"), {document({})}));
  scan.writer->directory(listed(scan.source, "", 2));
  const auto ledger = scan.writer->end_run("done", true, 2);
  REQUIRE_FALSE(ledger.has_value());
  CHECK(ledger.error().text.find("met 2 objects") != std::string::npos);
  CHECK(ledger.error().text.find("1 have an outcome") != std::string::npos);
  scan.writer.reset();
  CHECK(open_reader(db)->sweeps()[0].state == store::SweepState::kOpen);
  CHECK(documents_text(db).size() == 1);
}

TEST_CASE(
    "an open sweep goes on only over exactly its sources, and not once a later one passed over "
    "them") {
  TempDir dir;
  auto writer = open_writer(dir.file("g.db"));
  const std::int64_t a = writer->source("/a", false).id;
  const std::int64_t b = writer->source("/b", false).id;
  CHECK(writer->source("/a", false).id == a);
  CHECK_FALSE(writer->open_sweep({a, b}).has_value());
  const store::SweepRow both = writer->begin_sweep({b, a}, "r");
  CHECK(writer->open_sweep({a, b})->id == both.id);
  CHECK_FALSE(writer->open_sweep({a}).has_value());
  writer->begin_sweep({a}, "r");
  CHECK_FALSE(writer->open_sweep({a, b}).has_value());
  CHECK(writer->open_sweep({a}).has_value());
}

TEST_CASE("results from many threads give the same rows as from one") {
  TempDir dir;
  std::vector<Lines> results;
  for (const unsigned threads : {1U, 8U}) {
    const std::string db = dir.file("g" + std::to_string(threads) + ".db");
    Scan scan = Scan::start(db);
    std::vector<std::thread> workers;
    for (unsigned t = 0; t < threads; ++t)
      workers.emplace_back([&, t] {
        for (unsigned i = t; i < 400; i += threads) {
          const std::string folder = "d" + std::to_string(i % 7);
          FileResult part = whole(ref(scan.source, folder, std::to_string(i)),
                                  {document({"m"}, {std::to_string(i % 50)})});
          part.last = false;
          scan.writer->file(part);
          part.first = false;
          part.last = true;
          part.documents = {document({}, {std::to_string(i % 30)})};
          scan.writer->file(part);
        }
      });
    for (std::thread& worker : workers) worker.join();
    for (int d = 0; d < 7; ++d)
      scan.writer->directory(listed(scan.source, "d" + std::to_string(d), 0));
    CHECK(scan.close(800).read == 800);
    scan.writer.reset();
    results.push_back(documents_text(db));
  }
  CHECK(results[0].size() == 800);
  CHECK(results[0] == results[1]);
}

TEST_CASE("mailboxes, columns, dates and access come back") {
  TempDir dir;
  const std::string db = dir.file("g.db");
  Scan scan = Scan::start(db);
  DocumentResult d = document({}, {"Anna"});
  d.mailboxes = {{"Inkorgen", 10, 9, 1}, {"Skickat", 5, 5, 0}};
  d.dates = {{DateKind::kMailDate, 17'000},
             {DateKind::kMailDate, 16'000},
             {DateKind::kFileModified, 18'000}};
  d.found.columns = {{"Klienter", 3, "Personnr", "se.personnummer", 214, 210}};
  d.found.document_kind = "case_file";
  d.content_id = key("bytes");
  scan.writer->file(whole(ref(scan.source, "", "a.pst"), {d}));
  scan.writer->directory(listed(scan.source, "", 1));
  scan.close(1);
  scan.writer.reset();
  auto reader = open_reader(db);
  std::int64_t id = 0;
  reader->documents_of("/srv/share/a.pst", [&](const store::DocumentRow& row) {
    id = row.id;
    REQUIRE(row.mailboxes.size() == 2);
    CHECK(row.mailboxes[0].folder == "Inkorgen");
    CHECK(row.mailboxes[0].failed == 1);
    CHECK(row.dates == std::vector<DateEvidence>{{DateKind::kMailDate, 17'000},
                                                 {DateKind::kFileModified, 18'000}});
    CHECK(row.document_kind == "case_file");
    CHECK(row.content_id == key("bytes"));
    CHECK(row.file.owner == "anna");
    CHECK(row.file.exposure == Exposure::kGroup);
    CHECK(row.format_why == "name .txt");
  });
  CHECK(id != 0);
  int columns = 0;
  reader->columns([&](std::int64_t document_id, const ColumnFacts& facts) {
    ++columns;
    CHECK(document_id == id);
    CHECK(facts.header == "Personnr");
    CHECK(facts.hits == 210);
  });
  CHECK(columns == 1);
  CHECK(reader->file(id)->persons == 1);
  CHECK_FALSE(reader->file(id + 1).has_value());
}

#include "reports/export/export.hpp"

#include <nlohmann/json.hpp>
#include <sstream>

#include "reports/export/facts.hpp"
#include "reports/export/risk.hpp"
#include "reports/export/rows.hpp"
#include "reports/export/sarif.hpp"
#include "tests/unit/store/scene.hpp"

using namespace gallra;
using namespace gallra::exporting;
using namespace gallra::testing;
using nlohmann::json;
using Lines = std::vector<std::string>;

namespace {

std::string exported(const std::string& db, What what, exporting::Format format,
                     Options options = {}, Written* written = nullptr) {
  std::ostringstream out;
  if (options.today == 0) options.today = 20'000;
  const auto result = write_export(*open_reader(db), out, what, format, options);
  REQUIRE(result.has_value());
  if (written != nullptr) *written = *result;
  return out.str();
}

Lines lines_of(const std::string& text) {
  Lines lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

Finding cell_finding(const std::string& who) {
  Finding f = finding(who);
  f.places = {{PlaceKind::kCell, 14, 3, "Klienter"}, {PlaceKind::kCell, 20, 28, "Klienter"}};
  f.count = 2;
  return f;
}

// One file that is not UTF-8, one with a mail in an archive, one that could not be read.
void make_scene(const std::string& db) {
  Scan scan = Scan::start(db);
  auto& w = *scan.writer;
  DocumentResult odd = document({});
  odd.found.findings = {cell_finding("Anna")};
  odd.found.subjects = {subject("Anna")};
  odd.content_id = key("bytes");
  w.file(whole(ref(scan.source, "d\xe4r", "=1+1;\"x\".csv"), {odd}));
  DocumentResult mail = document({"2019/mail.eml", "Hej\n<b>"}, {"Bo"});
  mail.found.findings[0].places = {{PlaceKind::kHeader, 0, 0, "Subject"}};
  mail.mtime_ns = 1'500'000'000'123'456'789;
  Finding term = finding("epilepsi", Confidence::kMedium, "health.diagnosis", "health");
  term.subject_key = Key{};
  term.masked = "epilepsi";
  mail.found.findings.insert(mail.found.findings.begin(), term);
  w.file(whole(
      ref(scan.source, "", "Listor.zip"),
      {mail, document({"2019/mail.eml"}),
       document({"2019/låst.pdf"}, {}, Outcome::not_read(Reason::kEncrypted)), document({})}));
  w.file(whole(ref(scan.source, "", "x\u202etxt.fifo"),
               {document({}, {}, Outcome::excluded(Reason::kSpecialFile, "FIFO"))}));
  w.directory(listed(scan.source, "", 2));
  w.directory(listed(scan.source, "d\xe4r", 1));
  scan.close(6);
}

}  // namespace

TEST_CASE("findings come one object a line with the keys of the contract, in their order") {
  TempDir dir;
  const std::string db = dir.file("g.db");
  make_scene(db);
  const Lines lines = lines_of(exported(db, What::kFindings, exporting::Format::kJsonl));
  REQUIRE(lines.size() == 3);
  CHECK(
      lines[0] ==
      R"({"source":"/srv/share","path":"Listor.zip","inner":["2019/mail.eml","Hej\n<b>"],)"
      R"("place":{"kind":"line","line":3},"detector":"health.diagnosis","category":"health",)"
      R"("gdpr_class":"sensitive","confidence":"medium","signals":["date_valid","check_digit"],)"
      R"("masked":"epilepsi","subject_key":null,"finding_key":")" +
          hex(key("finding epilepsi")) +
          R"(","content_id":null,"test_data":false,"count":1,"places":[{"kind":"line","line":3}]})");
  CHECK(
      lines[2] ==
      R"({"source":"/srv/share","path":"d)"
      "\xef\xbf\xbd"
      R"(r/=1+1;\"x\".csv","path_b64":"ZORyLz0xKzE7IngiLmNzdg==",)"
      R"("inner":[],"place":{"kind":"cell","sheet":"Klienter","row":14,"column":3,"cell":"C14"},)"
      R"("detector":"se.personnummer","category":"personnummer","gdpr_class":"national_id",)"
      R"("confidence":"high","signals":["date_valid","check_digit"],"masked":"••••••••-••••","subject_key":")" +
          hex(key("subject Anna")) + R"(","finding_key":")" + hex(key("finding Anna")) +
          R"(","content_id":")" + hex(key("bytes")) +
          R"(","test_data":false,"count":2,"places":[)"
          R"({"kind":"cell","sheet":"Klienter","row":14,"column":3,"cell":"C14"},)"
          R"({"kind":"cell","sheet":"Klienter","row":20,"column":28,"cell":"AB20"}]})");
  CHECK(json::parse(lines[1])["place"] == json{{"kind", "header"}, {"header", "Subject"}});
}

TEST_CASE("outcomes list every object once, and add up to the ledger") {
  TempDir dir;
  const std::string db = dir.file("g.db");
  make_scene(db);
  const Lines lines = lines_of(exported(db, What::kOutcomes, exporting::Format::kJsonl));
  CHECK(lines.size() == open_reader(db)->ledger(1)->seen);
  REQUIRE(lines.size() == 6);
  CHECK(
      lines[0] ==
      R"({"source":"/srv/share","path":"Listor.zip","inner":[],"format":"text","outcome":"read",)"
      R"("reason":null,"detail":null,"size":100,"mtime":"2017-07-14T02:40:00Z","findings":0,"persons":0})");
  CHECK(
      lines[1] ==
      R"({"source":"/srv/share","path":"Listor.zip","inner":["2019/låst.pdf"],"format":"text",)"
      R"("outcome":"not_read","reason":"encrypted","detail":null,"size":100,"mtime":null,"findings":0,"persons":0})");
  CHECK(json::parse(lines[3])["mtime"] == "2017-07-14T02:40:00.123456789Z");
  CHECK(json::parse(lines[5])["detail"] == "FIFO");
}

TEST_CASE(
    "CSV has a byte order mark, a header, quotes where needed, and nothing a spreadsheet would "
    "run") {
  TempDir dir;
  const std::string db = dir.file("g.db");
  make_scene(db);
  const std::string text = exported(db, What::kOutcomes, exporting::Format::kCsv);
  CHECK(
      text.starts_with("\xef\xbb\xbfsource;source_b64;path;path_b64;inner;format;outcome;reason;"
                       "detail;size;mtime;findings;persons\r\n"));
  CHECK(text.find("\r\n/srv/share;;Listor.zip;;\"2019/mail.eml | Hej\n<b>\";text;read;;;100;") !=
        std::string::npos);
  CHECK(text.find(";\"d\xef\xbf\xbdr/=1+1;\"\"x\"\".csv\";ZORy") != std::string::npos);
  CHECK(exported(db, What::kDecisions, exporting::Format::kCsv) ==
        "\xef\xbb\xbfsource;path;choice;reason;until;decided_by;decided_at;state\r\n");
  CHECK(exported(db, What::kDecisions, exporting::Format::kJsonl).empty());
}

TEST_CASE("a cell that begins as a formula is made text") {
  struct Cell {
    std::string value, written;
  };
  const auto cell = GENERATE(values<Cell>({{"=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"},
                                           {"+46", "'+46"},
                                           {"-1", "'-1"},
                                           {"@SUM(A1)", "'@SUM(A1)"},
                                           {"\tx", "\"'\tx\""},
                                           {"\r=1", "\"'\r=1\""},
                                           {"a=b", "a=b"},
                                           {"a;b", "\"a;b\""},
                                           {"a\"b", "\"a\"\"b\""},
                                           {"=1;2", "\"'=1;2\""},
                                           {"", ""}}));
  std::ostringstream out;
  write_csv_line(out, {text_field("a", cell.value)});
  CHECK(out.str() == cell.written + "\r\n");
}

TEST_CASE("any bytes become valid JSON and valid UTF-8, a replacement for each broken part") {
  struct Bytes {
    std::string raw, text;
  };
  const auto row =
      GENERATE(values<Bytes>({{"plain", "plain"},
                              {"\xff", "\ufffd"},
                              {"a\xc3", "a\ufffd"},
                              {"\xe2\x82z", "\ufffdz"},
                              {"\xed\xa0\x80", "\ufffd\ufffd\ufffd"},
                              {"\xf0\x9f\x98", "\ufffd"},
                              {"\xf4\x90\x80\x80", "\ufffd\ufffd\ufffd\ufffd"},
                              {"\xc0\xaf", "\ufffd\ufffd"},
                              {"\u2028\u0085\x1b[31m\x7f", "\u2028\u0085\x1b[31m\x7f"}}));
  CHECK(lossy_utf8(row.raw) == row.text);
  std::string quoted;
  append_json_string(quoted, row.raw);
  CHECK(json::parse(quoted).get<std::string>() == row.text);
  CHECK(quoted.find('\x1b') == std::string::npos);
  CHECK(is_utf8(row.raw) == (row.raw == row.text));
}

TEST_CASE("base64 is the standard's") {
  for (const auto& [raw, coded] :
       std::vector<std::pair<std::string, std::string>>{{"", ""},
                                                        {"f", "Zg=="},
                                                        {"fo", "Zm8="},
                                                        {"foo", "Zm9v"},
                                                        {"foobar", "Zm9vYmFy"},
                                                        {"\xff\xfe", "//4="}})
    CHECK(base64(raw) == coded);
}

TEST_CASE("SARIF has the shape its schema asks for") {
  TempDir dir;
  const std::string db = dir.file("g.db");
  make_scene(db);
  const json sarif = json::parse(exported(db, What::kFindings, exporting::Format::kSarif));
  CHECK(sarif["version"] == "2.1.0");
  REQUIRE(sarif["runs"].size() == 1);
  const json& run = sarif["runs"][0];
  CHECK(run["tool"]["driver"]["name"] == "Gallra");
  CHECK(run["tool"]["driver"]["rules"] ==
        json::array({{{"id", "health.diagnosis"}}, {{"id", "se.personnummer"}}}));
  CHECK(run["originalUriBaseIds"]["SOURCE1"]["uri"] == "file:///srv/share/");
  REQUIRE(run["results"].size() == 3);
  const json& odd = run["results"][2];
  CHECK(odd["ruleId"] == "se.personnummer");
  CHECK(odd["level"] == "error");
  CHECK(odd["message"]["text"] == "personnummer: ••••••••-••••");
  CHECK(odd["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] ==
        "d%E4r/%3D1%2B1%3B%22x%22.csv");
  CHECK(run["results"][0]["locations"][0]["logicalLocations"][0]["fullyQualifiedName"] ==
        "Listor.zip!/2019/mail.eml!/Hej\n<b>");
  std::ostringstream out;
  CHECK_FALSE(write_export(*open_reader(db), out, What::kOutcomes, exporting::Format::kSarif, {})
                  .has_value());
}

TEST_CASE("files carry persons, categories, risk, dates and a verdict") {
  TempDir dir;
  const std::string db = dir.file("g.db");
  make_scene(db);
  const Lines lines = lines_of(exported(db, What::kFiles, exporting::Format::kJsonl));
  REQUIRE(lines.size() == 3);
  const json zip = json::parse(lines[0]);
  CHECK(zip["path"] == "Listor.zip");
  CHECK(zip["members"] == 3);
  CHECK(zip["findings"] == 2);
  CHECK(zip["persons"] == 1);
  CHECK(zip["categories"] == json::array({"health", "personnummer"}));
  // health beside an identity number at medium: 32 x 0.7; personnummer at high: 20; so 22. One
  // person 3, group 6.
  CHECK(zip["risk"].get<int>() >= 22 + 3 + 6);
  CHECK(zip["owner"] == "anna");
  CHECK(zip["exposure"] == "group");
  for (const char* name :
       {"verdict", "rule", "due", "past_due", "sentence", "decision", "dates", "document_kinds"}) {
    CAPTURE(name);
    CHECK(zip.contains(name));
  }
  CHECK(json::parse(lines[2])["risk"] == 0);
  CHECK(lines_of(exported(db, What::kFiles, exporting::Format::kCsv)).size() == 4);
}

TEST_CASE("the same content gives the same bytes, whatever the order of arrival") {
  TempDir dir;
  Lines texts;
  for (const bool backwards : {false, true}) {
    const std::string db = dir.file(backwards ? "b.db" : "a.db");
    Scan scan = Scan::start(db);
    std::vector<FileResult> results;
    for (int i = 0; i < 50; ++i) {
      DocumentResult d = document({}, {std::to_string(i % 9)});
      Finding mail =
          finding(std::to_string(i), Confidence::kLow, i % 2 == 0 ? "email" : "a.first", "email");
      d.found.findings.push_back(mail);
      results.push_back(
          whole(ref(scan.source, "d" + std::to_string(i % 3), std::to_string(i)), {d}));
    }
    if (backwards) std::reverse(results.begin(), results.end());
    for (FileResult& result : results) scan.writer->file(std::move(result));
    for (int d = 0; d < 3; ++d)
      scan.writer->directory(listed(scan.source, "d" + std::to_string(d), 0));
    scan.close(50);
    scan.writer.reset();
    std::string all;
    for (const What what : {What::kFindings, What::kOutcomes, What::kFiles})
      for (const exporting::Format format : {exporting::Format::kJsonl, exporting::Format::kCsv})
        all += exported(db, what, format);
    texts.push_back(all);
  }
  CHECK(texts[0].size() > 10'000);
  CHECK(texts[0] == texts[1]);
}

TEST_CASE("values of a document with a mark of protected identity are withheld and counted") {
  TempDir dir;
  const std::string db = dir.file("g.db");
  {
    Scan scan = Scan::start(db);
    for (const auto& [name, band] : std::vector<std::pair<std::string, Confidence>>{
             {"marked.txt", Confidence::kMedium}, {"policy.txt", Confidence::kLow}}) {
      DocumentResult d = document({}, {"Anna"});
      Finding mark = finding("skyddad", band, "protected.mark", "protected_identity");
      mark.gdpr = GdprClass::kProtected;
      mark.subject_key = Key{};
      mark.masked = "sekretessmarkering";
      d.found.findings.push_back(mark);
      scan.writer->file(whole(ref(scan.source, "", name), {d}));
    }
    scan.writer->directory(listed(scan.source, "", 2));
    scan.close(2);
  }
  for (const exporting::Format format :
       {exporting::Format::kJsonl, exporting::Format::kCsv, exporting::Format::kSarif}) {
    Written written;
    const std::string text = exported(db, What::kFindings, format, {}, &written);
    CHECK(written.rows == 3);
    CHECK(written.withheld == 1);
    CHECK(text.find("marked.txt") != std::string::npos);
  }
  Options options;
  options.include_protected = true;
  Written written;
  exported(db, What::kFindings, exporting::Format::kJsonl, options, &written);
  CHECK(written.rows == 4);
  CHECK(written.withheld == 0);
}

TEST_CASE("test numbers are persons only when they are told to count") {
  TempDir dir;
  const std::string db = dir.file("g.db");
  {
    Scan scan = Scan::start(db);
    DocumentResult d = document({}, {"Anna", "Testperson"});
    d.found.findings[1].test_data = true;
    d.found.subjects[1].test_data = true;
    scan.writer->file(whole(ref(scan.source, "", "a"), {d}));
    scan.writer->directory(listed(scan.source, "", 1));
    scan.close(1);
  }
  auto reader = open_reader(db);
  CHECK_FALSE(reader->counts_test_data());
  CHECK(reader->persons().persons == 1);
  CHECK(reader->persons().test_numbers == 1);
  reader->count_test_data(true);
  CHECK(reader->persons().persons == 2);
  CHECK(reader->persons().by_category.at("personnummer") == 2);
  std::uint64_t persons = 0, values = 0;
  reader->files([&](const store::FileSummary& summary) {
    persons += summary.persons;
    values += summary.categories.at(0).values[2];
  });
  CHECK(persons == 2);
  CHECK(values == 2);
}

TEST_CASE("the facts of a file gather its members") {
  TempDir dir;
  const std::string db = dir.file("g.db");
  {
    Scan scan = Scan::start(db);
    auto born = [](const std::string& who, std::uint8_t day) {
      DocumentResult d = document({who}, {who});
      d.found.subjects[0].birth_day_class = day;
      d.found.document_kind = "application";
      d.dates = {{DateKind::kDocModified, 15'000 + day}};
      return d;
    };
    DocumentResult low = document({"low"});
    low.found.findings = {finding("x", Confidence::kLow, "phone", "phone")};
    DocumentResult container = born("Anna", 5);
    container.inner = {};
    scan.writer->file(whole(ref(scan.source, "HR", "cv.zip"),
                            {born("Anna", 5), born("Bo", 255), born("Cia", 0), low, container}));
    scan.writer->directory(listed(scan.source, "HR", 1));
    scan.close(5);
  }
  auto reader = open_reader(db);
  std::int64_t id = 0;
  reader->documents([&](const store::DocumentRow& row) { id = row.inner.empty() ? row.id : id; });
  const auto summary = reader->file(id);
  REQUIRE(summary.has_value());
  const auto facts = file_facts(*summary);
  CHECK(facts.path == "HR/cv.zip");
  CHECK(facts.categories == Lines{"personnummer"});
  CHECK(facts.kinds == Lines{"application"});
  CHECK(facts.persons == 3);
  CHECK(facts.persons_exempt_day == 1);
  CHECK(facts.persons_unknown_day == 1);
  const std::vector<DateEvidence> dates{
      {DateKind::kDocModified, 15'255},
      {DateKind::kFileModified, day_from_unix(summary->file.mtime_ns / 1'000'000'000)}};
  CHECK(facts.dates == dates);
}

TEST_CASE("folders and duplicates are summed for the report") {
  TempDir dir;
  const std::string db = dir.file("g.db");
  {
    Scan scan = Scan::start(db);
    auto copy = [](const std::string& who) {
      DocumentResult d = document({}, {who});
      d.content_id = key(who);
      return d;
    };
    FileRef open = ref(scan.source, "b", "copy.txt");
    open.exposure = Exposure::kEveryone;
    scan.writer->file(whole(open, {copy("Anna")}));
    scan.writer->file(whole(ref(scan.source, "a", "first.txt"), {copy("Anna")}));
    scan.writer->file(whole(ref(scan.source, "b", "other.txt"), {copy("Bo")}));
    DocumentResult unsure = document({});
    unsure.found.findings = {finding("x", Confidence::kLow, "phone", "phone")};
    scan.writer->file(whole(ref(scan.source, "b", "unsure.txt"), {unsure}));
    scan.writer->directory(listed(scan.source, "a", 1));
    scan.writer->directory(listed(scan.source, "b", 3));
    scan.close(4);
  }
  auto reader = open_reader(db);
  std::vector<store::FolderSummary> folders;
  reader->folders([&](const store::FolderSummary& folder) { folders.push_back(folder); });
  REQUIRE(folders.size() == 2);
  CHECK(folders[1].dir == "b");
  CHECK(folders[1].files == 3);
  CHECK(folders[1].files_with_findings == 2);
  CHECK(folders[1].persons == 2);
  CHECK(folders[1].persons_by_category.at("personnummer") == 2);
  CHECK(folders[1].exposure == Exposure::kEveryone);
  Lines groups;
  reader->duplicates([&](const std::vector<store::DocumentRow>& group) {
    for (const store::DocumentRow& row : group) groups.push_back(row.file.path());
  });
  CHECK(groups == Lines{"a/first.txt", "b/copy.txt"});
}

TEST_CASE("the risk is the sum its parts say, as in the three worked examples") {
  struct Example {
    std::vector<store::CategoryTally> categories;
    std::uint64_t persons;
    Exposure exposure;
    retention::Verdict verdict;
    std::int32_t overdue_days;
    std::uint64_t copies;
    int total;
  };
  auto tally = [](const std::string& category) {
    store::CategoryTally t;
    t.category = category;
    t.best = Confidence::kHigh;
    t.gdpr = category == "health" ? GdprClass::kSensitive : GdprClass::kOrdinary;
    return t;
  };
  using retention::Verdict;
  const std::vector<Example> examples{
      {{tally("health"), tally("personnummer")},
       214,
       Exposure::kEveryone,
       Verdict::kOverdue,
       1500,
       3,
       85},
      {{tally("personnummer")}, 1, Exposure::kGroup, Verdict::kOverdue, 730, 0, 41},
      {{tally("case_number")}, 40, Exposure::kGroup, Verdict::kWithin, 0, 0, 20},
      {{tally("health")},
       1,
       Exposure::kEveryone,
       Verdict::kWithin,
       0,
       0,
       50},  // 25 + 3 + 20, raised to the floor
      {{}, 0, Exposure::kEveryone, Verdict::kNoRule, 0, 9, 0},
  };
  for (const Example& example : examples) {
    store::FileSummary summary;
    summary.categories = example.categories;
    summary.persons = example.persons;
    summary.file.file.exposure = example.exposure;
    summary.file.file.name = "a.xlsx";
    retention::Judgement judgement;
    judgement.verdict = example.verdict;
    judgement.due = 20'000 - example.overdue_days;
    const Risk risk = risk_of(summary, judgement, example.copies, 20'000);
    CHECK(risk.total == example.total);
    CHECK(risk.total ==
          risk.sensitivity + risk.persons + risk.exposure + risk.time + risk.spread + risk.floor);
  }
  CHECK(is_forgotten_place("Anna/Hämtade filer/cv.pdf"));
  CHECK(is_forgotten_place("SÄKERHETSKOPIA/x"));
  CHECK(is_forgotten_place("a/lista.xlsx.bak"));
  CHECK_FALSE(is_forgotten_place("Temporärt/desktop"));
}

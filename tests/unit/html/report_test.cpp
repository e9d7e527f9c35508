// What the report says of a small share, and what it must never say.
#include <fstream>
#include <sstream>
#include <sys/stat.h>

#include "reports/html/gather.hpp"
#include "reports/html/html.hpp"
#include "tests/unit/store/scene.hpp"

using namespace gallra;
using namespace gallra::testing;

namespace {

constexpr std::int32_t kToday = 20'000;

FileRef open_file(FileRef file) {
  file.exposure = Exposure::kEveryone;
  return file;
}

DocumentResult with_health(DocumentResult document, const std::string& who) {
  Finding term = finding("epilepsi", Confidence::kHigh, "health.diagnosis", "health");
  term.subject_key = Key{};
  term.masked = "epilepsi";
  document.found.findings.push_back(term);
  document.found.subjects = {subject(who, {"health", "personnummer"})};
  return document;
}

DocumentResult with_protection(DocumentResult document) {
  Finding mark = finding("mark", Confidence::kHigh, "protected.marking", "protected_identity");
  mark.gdpr = GdprClass::kProtected;
  mark.subject_key = Key{};
  document.found.findings.push_back(mark);
  return document;
}

// Anna in two files with the same content, Bo in one, Cia behind protected identity (twice, one of
// them in a damaged archive), one file with a low finding only, one that is locked.
void make_share(const std::string& db) {
  Scan scan = Scan::start(db);
  auto& w = *scan.writer;
  DocumentResult anna = with_health(document({}, {"Anna"}), "Anna");
  anna.content_id = key("same bytes");
  w.file(whole(open_file(ref(scan.source, "Listor", "a<b>.csv")), {anna}));
  w.file(whole(ref(scan.source, "Backup", "kopia.csv"), {anna}));
  w.file(whole(ref(scan.source, "Listor", "bo.txt"), {document({}, {"Bo", "Anna"})}));
  DocumentResult cia = with_protection(document({}, {"Cia"}));
  cia.content_id = key("protected bytes");
  w.file(whole(ref(scan.source, "Dolt", "hemlig adress Cia.txt"), {cia}));
  w.file(whole(ref(scan.source, "Dolt", "kopia Cia.txt"), {cia}));
  w.file(whole(ref(scan.source, "Dolt", "arkiv Cia.zip"),
               {document({"inre Cia.pdf"}, {}, Outcome::not_read(Reason::kCorrupt)),
                with_protection(document({}, {"Cia"}))}));
  DocumentResult low = document({});
  low.found.findings = {finding("Dag", Confidence::kLow)};
  w.file(whole(ref(scan.source, "", "kanske.txt"), {low}));
  w.file(whole(ref(scan.source, "", "låst.pdf"),
               {document({}, {}, Outcome::not_read(Reason::kEncrypted))}));
  for (const char* dir : {"", "Listor", "Backup", "Dolt"})
    w.directory(listed(scan.source, dir, dir == std::string("Dolt") ? 3 : 2));
  scan.close(9);
}

std::string report(const std::string& db, html::Options options = {}) {
  TempDir dir;
  options.today = kToday;
  const auto path =
      html::write_report(*open_reader(db), *retention::Policy::built_in(), dir.file("ut"), options);
  if (!path) FAIL(path.error());
  struct stat st {};
  REQUIRE(::stat(path->c_str(), &st) == 0);
  CHECK((st.st_mode & 0777) == 0600);
  std::ifstream in(*path);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

bool has(const std::string& html, const std::string& text) {
  return html.find(text) != std::string::npos;
}

}  // namespace

TEST_CASE("persons count once in every tally, low findings and locked files in none") {
  TempDir dir;
  make_share(dir.file("g.db"));
  const auto all = html::gather(*open_reader(dir.file("g.db")), *retention::Policy::built_in(),
                                kToday, Lang::kSv);
  CHECK(all.persons.persons == 3);
  CHECK(all.files.size() == 6);
  CHECK(all.hidden_files == 3);
  CHECK(all.exposure.at(Exposure::kEveryone).files == 1);
  CHECK(all.exposure.at(Exposure::kEveryone).persons == 1);
  CHECK(all.exposure.at(Exposure::kEveryone).sensitive_files == 1);
  CHECK(all.exposure.at(Exposure::kGroup).files == 5);
  CHECK(all.exposure.at(Exposure::kGroup).persons == 3);
  CHECK(all.exposure.at(Exposure::kGroup).sensitive_persons == 2);
  std::uint64_t files = 0;
  for (const auto& [verdict, tally] : all.verdicts) files += tally.files;
  CHECK(files == all.files.size());
  CHECK(all.categories.front().category == "protected_identity");
  CHECK(all.categories.front().files == 3);
  CHECK(all.folders.size() == 2);
  REQUIRE(all.unread.size() == 2);
  CHECK(all.unread[0].objects + all.unread[1].objects == all.ledger.not_read);
}

TEST_CASE("files with protected identity are counted and never named") {
  TempDir dir;
  make_share(dir.file("g.db"));
  const std::string html = report(dir.file("g.db"));
  CHECK_FALSE(has(html, "Cia"));
  CHECK_FALSE(has(html, "Dolt"));
  CHECK(has(html, "3 filer bär märkning om skyddad identitet"));
  CHECK(has(html, "data-number=\"files_with_findings\">6<"));
}

TEST_CASE("names are shown as text, and not at all when that is asked for") {
  TempDir dir;
  make_share(dir.file("g.db"));
  const std::string shown = report(dir.file("g.db"));
  CHECK(has(shown, "a&lt;b&gt;.csv"));
  CHECK_FALSE(has(shown, "a<b>"));
  CHECK(has(shown, "kopia.csv"));
  CHECK(has(shown, "låst.pdf"));
  html::Options options;
  options.mask_filenames = true;
  const std::string hidden = report(dir.file("g.db"), options);
  for (const char* name : {"a&lt;b&gt;", "kopia.csv", "bo.txt", "låst.pdf"})
    CHECK_FALSE(has(hidden, name));
}

TEST_CASE("the report tells persons, places, verdicts and what was not seen") {
  TempDir dir;
  make_share(dir.file("g.db"));
  struct Row {
    Lang lang;
    std::vector<const char*> said;
  };
  for (const Row& row :
       {Row{Lang::kSv,
            {"<html lang=\"sv\">", "uppgifter om 3 personer i 6 filer", "Gå igenom mappen Listor",
             "Begränsa vem som kan läsa 1 fil med känsliga uppgifter", "Täckning 77,7\u202f%",
             "data-share=\"coverage\">77,7\u202f%<", "Lösenordsskyddad (1)", "Regel saknas"}},
        Row{Lang::kEn,
            {"<html lang=\"en\">", "data about 3 persons in 6 files",
             "Go through the folder Listor", "Restrict who can read 1 file with sensitive data",
             "Coverage 77.7%", "No rule"}}}) {
    html::Options options;
    options.lang = row.lang;
    const std::string html = report(dir.file("g.db"), options);
    for (const char* said : row.said) {
      CAPTURE(said);
      CHECK(has(html, said));
    }
    CHECK_FALSE(has(html, "html."));  // no text is missing in the catalogue
    CHECK_FALSE(has(html, "{0}"));
  }
}

TEST_CASE("an empty store gives a report, and a folder that others can read is refused") {
  TempDir dir;
  { Scan::start(dir.file("g.db")).close(0); }
  CHECK(has(report(dir.file("g.db")), "Inga personuppgifter hittades"));
  REQUIRE(::mkdir(dir.file("alla").c_str(), 0755) == 0);
  CHECK_FALSE(html::write_report(*open_reader(dir.file("g.db")), *retention::Policy::built_in(),
                                 dir.file("alla"), {})
                  .has_value());
}

#include <catch2/catch.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <unistd.h>

#include "reports/retention/policy.hpp"

using namespace gallra;
using namespace gallra::retention;

namespace {

std::int32_t day(std::string_view iso) {
  std::int32_t value = 0;
  REQUIRE(parse_day(iso, value));
  return value;
}

Rule akt() {
  Rule rule;
  rule.id = "AKT";
  rule.origin = Origin::kLaw;
  rule.kinds = {"case_file"};
  rule.keep_min = rule.delete_by = Period{2, 0, 0};
  rule.grace = true;
  rule.trigger = Trigger::kLastEntry;
  rule.needs_closed_case = true;
  rule.whole_file = {"**/Avslutade/**"};
  rule.research_exception = true;
  rule.confirmed = true;
  return rule;
}

Rule bookkeeping() {
  Rule rule;
  rule.id = "BOK";
  rule.origin = Origin::kLaw;
  rule.kinds = {"invoice"};
  rule.keep_min = Period{7, 0, 0};
  rule.trigger = Trigger::kFiscalYearEnd;
  rule.confirmed = true;
  return rule;
}

Rule recruitment() {
  Rule rule;
  rule.id = "REK";
  rule.origin = Origin::kLaw;
  rule.kinds = {"application"};
  rule.paths = {"**/Rekrytering/**"};
  rule.delete_by = Period{2, 0, 0};
  rule.trigger = Trigger::kLookup;
  rule.lookup = "tillsatt";
  rule.confirmed = true;
  return rule;
}

struct Row {
  const char* what;
  const char* path;
  const char* kind;
  DateKind date_kind;
  const char* date;  // "" = none
  std::uint64_t persons, exempt, unknown_day;
  const char* municipality;
  const char* today;
  Verdict verdict;
  const char* due;  // "" = none
};

}  // namespace

TEST_CASE("a file gets the verdict that its evidence bears") {
  constexpr auto A = DateKind::kLastEntry;
  constexpr auto B = DateKind::kDocModified;
  constexpr auto C = DateKind::kFileModified;
  const auto row = GENERATE(values<Row>({
      {"no rule", "x.txt", "", A, "2010-01-01", 1, 0, 0, "Malmö", "2025-06-01", Verdict::kNoRule,
       ""},
      {"a loose case note proves nothing", "a/not.docx", "case_file", A, "2015-03-04", 1, 0, 0,
       "Malmö", "2025-06-01", Verdict::kLookInto, ""},
      {"before the minimum", "a/Avslutade/x.docx", "case_file", A, "2024-03-04", 1, 0, 0, "Malmö",
       "2025-06-01", Verdict::kTooEarly, "2026-03-04"},
      {"on the last day of the minimum", "a/Avslutade/x.docx", "case_file", A, "2023-06-01", 1, 0,
       0, "Malmö", "2025-06-01", Verdict::kTooEarly, "2025-06-01"},
      {"in the grace", "a/Avslutade/x.docx", "case_file", A, "2023-03-04", 1, 0, 0, "Malmö",
       "2025-06-01", Verdict::kDue, "2026-12-31"},
      {"last day of the grace", "a/Avslutade/x.docx", "case_file", A, "2021-03-04", 1, 0, 0,
       "Malmö", "2024-12-31", Verdict::kDue, "2024-12-31"},
      {"after the grace", "a/Avslutade/x.docx", "case_file", A, "2021-03-04", 1, 0, 0, "Malmö",
       "2025-01-01", Verdict::kOverdue, "2024-12-31"},
      {"leap day", "Avslutade/x.docx", "case_file", A, "2020-02-29", 1, 0, 0, "Malmö", "2022-02-28",
       Verdict::kTooEarly, "2022-02-28"},
      {"file times prove little", "a/Avslutade/x.docx", "case_file", C, "2010-03-04", 1, 0, 0,
       "Malmö", "2025-06-01", Verdict::kLookInto, ""},
      {"no date", "a/Avslutade/x.docx", "case_file", A, "", 1, 0, 0, "Malmö", "2025-06-01",
       Verdict::kLookInto, ""},
      {"a clock artefact is no date", "a/Avslutade/x.docx", "case_file", B, "1970-01-01", 1, 0, 0,
       "Malmö", "2025-06-01", Verdict::kLookInto, ""},
      {"a date to come is no date", "a/Avslutade/x.docx", "case_file", B, "2030-01-01", 1, 0, 0,
       "Malmö", "2025-06-01", Verdict::kLookInto, ""},
      {"born on the 15th is handed over", "a/Avslutade/x.docx", "case_file", A, "2010-03-04", 1, 1,
       0, "Malmö", "2025-06-01", Verdict::kHandOverBoard, ""},
      {"an unknown day counts as exempt", "a/Avslutade/x.docx", "case_file", A, "2010-03-04", 1, 0,
       1, "Malmö", "2025-06-01", Verdict::kHandOverBoard, ""},
      {"several persons, one exempt", "a/Avslutade/x.docx", "case_file", A, "2010-03-04", 3, 1, 0,
       "Malmö", "2025-06-01", Verdict::kLookInto, ""},
      {"Göteborg keeps all", "a/Avslutade/x.docx", "case_file", A, "2010-03-04", 1, 0, 0,
       "Göteborg", "2025-06-01", Verdict::kHandOverBoard, ""},
      {"so does Linköpings kommun", "a/Avslutade/x.docx", "case_file", A, "2010-03-04", 1, 0, 0,
       "Linköpings kommun", "2025-06-01", Verdict::kHandOverBoard, ""},
      {"an unknown municipality never destroys", "a/Avslutade/x.docx", "case_file", A, "2010-03-04",
       1, 0, 0, "", "2025-06-01", Verdict::kLookInto, ""},
      {"an applicant is never overdue by a file date", "HR/Rekrytering/cv.docx", "", A,
       "2010-01-01", 1, 0, 0, "Malmö", "2025-06-01", Verdict::kLookInto, ""},
      {"an invoice is kept seven years after its year", "e/f.pdf", "invoice", A, "2018-05-02", 1, 0,
       0, "", "2025-12-31", Verdict::kTooEarly, "2025-12-31"},
      {"and then asked about", "e/f.pdf", "invoice", A, "2018-05-02", 1, 0, 0, "", "2026-01-01",
       Verdict::kLookInto, ""},
  }));
  CAPTURE(row.what);
  FileFacts facts;
  facts.path = row.path;
  if (*row.kind != '\0') facts.kinds = {row.kind};
  if (*row.date != '\0') facts.dates = {{row.date_kind, day(row.date)}};
  facts.persons = row.persons;
  facts.persons_exempt_day = row.exempt;
  facts.persons_unknown_day = row.unknown_day;
  Organisation organisation;
  organisation.deciding_municipality = row.municipality;
  const Judgement judgement = judge_by({akt(), bookkeeping(), recruitment()}, organisation, facts,
                                       day(row.today), Lang::kSv);
  CHECK(key_of(judgement.verdict) == key_of(row.verdict));
  CHECK((judgement.due ? day_text(*judgement.due) : "") == row.due);
  CHECK(!judgement.sentence.empty());
  CHECK(judgement.sentence.find("retention.") == std::string::npos);
  CHECK(judgement.sentence.find('{') == std::string::npos);
}

TEST_CASE("a split fiscal year is kept seven calendar years after it ended") {
  Organisation organisation;
  organisation.fiscal_month = 6;
  organisation.fiscal_day = 30;
  FileFacts facts;
  facts.kinds = {"invoice"};
  facts.dates = {{DateKind::kTextDate, day("2023-09-15")}};
  const Judgement judgement =
      judge_by({bookkeeping()}, organisation, facts, day("2025-06-01"), Lang::kSv);
  CHECK(judgement.verdict == Verdict::kTooEarly);
  CHECK(day_text(*judgement.due) == "2031-12-31");
}

TEST_CASE("a promise and a duty that cannot both hold are shown, and nothing is proposed") {
  Rule promise = akt();
  promise.id = "LOFTE";
  promise.origin = Origin::kPolicy;
  promise.keep_min.reset();
  promise.delete_by = Period{5, 0, 0};
  promise.grace = false;
  FileFacts facts;
  facts.path = "Avslutade/x.docx";
  facts.kinds = {"case_file"};
  facts.dates = {{DateKind::kLastEntry, day("2010-01-01")}};
  const Judgement judgement = judge_by({akt(), promise}, {}, facts, day("2025-06-01"), Lang::kSv);
  CHECK(judgement.verdict == Verdict::kConflict);
  CHECK(judgement.sentence.find("LOFTE") != std::string::npos);
}

TEST_CASE("an unconfirmed rule and a public body without support never destroy") {
  Rule rule = akt();
  FileFacts facts;
  facts.path = "Avslutade/x.docx";
  facts.kinds = {"case_file"};
  facts.dates = {{DateKind::kLastEntry, day("2010-01-01")}};
  rule.confirmed = false;
  CHECK(judge_by({rule}, {false, "Malmö", 12, 31}, facts, day("2025-06-01"), Lang::kSv).verdict ==
        Verdict::kLookInto);
  rule.confirmed = true;
  CHECK(judge_by({rule}, {true, "Malmö", 12, 31}, facts, day("2025-06-01"), Lang::kSv).verdict ==
        Verdict::kKept);
  rule.support = "Gallringsbeslut 2024/17";
  CHECK(judge_by({rule}, {true, "Malmö", 12, 31}, facts, day("2025-06-01"), Lang::kSv).verdict ==
        Verdict::kOverdue);
}

TEST_CASE("globs match places as people write them") {
  struct Glob {
    const char* glob;
    const char* path;
    bool matches;
  };
  const auto row = GENERATE(values<Glob>({
      {"**/Rekrytering/**", "Rekrytering/cv.docx", true},
      {"**/Rekrytering/**", "HR/2019/rekrytering/a/b.docx", true},
      {"**/Rekrytering/**", "HR/Rekryteringsplan.docx", false},
      {"**/Rekrytering*/**", "HR/Rekrytering 2019/b.docx", true},
      {"HR/**", "HR/x/y", true},
      {"HR/**", "X/HR/y", false},
      {"*CFR*", "CFR_v14.txt", true},
      {"*CFR*", "a/CFR_v14.txt", false},
      {"**/*CFR*", "a/b/CFR_v14.txt", true},
      {"**/ÅTGÄRD/**", "a/Åtgärd/x", true},
      {"**/a/**/b/*.txt", "a/x/y/b/c.txt", true},
      {"**/a/**/b/*.txt", "a/x/y/b/d/c.txt", false},
      {"**", "anything/at/all", true},
  }));
  CAPTURE(row.glob, row.path);
  CHECK(glob_matches(row.glob, row.path) == row.matches);
}

TEST_CASE("a policy file with mistakes is refused with every line") {
  const std::string path =
      (std::filesystem::temp_directory_path() / ("policy" + std::to_string(::getpid()))).string();
  std::ofstream(path)
      << "schema = 1\n[rule.A]\norigin = \"law\"\nkinds = [\"x\"]\ndelete_by = \"5 år\"\n"
         "[rule.B]\norigin = \"policy\"\nkinds = [\"x\"]\ngrace = \"end-of-next-year\"\ndelet_by = "
         "\"P5Y\"\n";
  const auto policy = Policy::load(path);
  std::filesystem::remove(path);
  REQUIRE(!policy);
  CHECK(policy.error().find(":5:") != std::string::npos);
  CHECK(policy.error().find(":9:") != std::string::npos);
  CHECK(policy.error().find("delet_by") != std::string::npos);
}

TEST_CASE("the built-in rules load, unconfirmed") {
  const auto policy = Policy::built_in();
  REQUIRE(policy->rules().size() >= 3);
  for (const RuleRow& rule : policy->rules()) CHECK(!rule.confirmed);
}

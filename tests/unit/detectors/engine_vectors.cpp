// Every written form of the vector table, and every published test number, at the validators and
// through the whole detection.
#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>
#include <set>
#include <sstream>

#include "detectors/validators/parts/se_identity.hpp"
#include "detectors/validators/parts/se_organisation.hpp"
#include "scanner/support/embedded.hpp"
#include "tests/unit/detectors/engine_scan.hpp"

namespace gallra::detect {
namespace {

using testing::kToday;
using testing::scan;

struct Row {
  std::string kind, input, expect, reason;
};

std::vector<Row> rows() {
  std::ifstream in(GALLRA_SOURCE_DIR "/tests/unit/detectors/engine_vectors.tsv");
  std::vector<Row> rows;
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || line[0] == '#') continue;
    std::istringstream fields(line);
    Row row;
    std::getline(fields, row.kind, '\t');
    std::getline(fields, row.input, '\t');
    std::getline(fields, row.expect, '\t');
    std::getline(fields, row.reason, '\t');
    rows.push_back(row);
  }
  return rows;
}

bool validates(const Row& row) {
  if (row.kind == "personnummer")
    return validate_written(IdentityKind::kPersonnummer, row.input, kToday, 0).has_value();
  if (row.kind == "samordningsnummer")
    return validate_written(IdentityKind::kSamordningsnummer, row.input, kToday, 0).has_value();
  if (row.kind == "orgnr") return validate_organisation(row.input).has_value();
  if (row.kind == "vat-person") return validate_vat_person(row.input, kToday).has_value();
  FAIL("no validator for " << row.kind);
  return false;
}

std::string detector_of(const std::string& kind) {
  if (kind == "personnummer") return "se.personnummer";
  if (kind == "samordningsnummer") return "se.samordningsnummer";
  if (kind == "vat-person") return "se.vat_person";
  return kind;
}

// The best band of `detector` when the input stands alone in a text; -1 = not found.
int band_in_text(const std::string& detector, const std::string& input) {
  int best = -1;
  for (const Finding& f : scan("Noterat: " + input + "\n").findings)
    if (f.detector == detector) best = std::max(best, static_cast<int>(f.confidence));
  return best;
}

TEST_CASE("the table of written forms holds at the validators") {
  const std::vector<Row> all = rows();
  REQUIRE(all.size() == 70);
  for (const Row& row : all) {
    if (row.kind == "phone" || row.kind == "email") continue;
    CAPTURE(row.kind, row.input, row.reason);
    if (row.expect == "valid" || row.expect == "valid-low") CHECK(validates(row));
    if (row.expect == "invalid") CHECK_FALSE(validates(row));
    if (row.reason.find("passes") != std::string::npos) CHECK(validates(row));
  }
}

TEST_CASE("the table of written forms holds in running text") {
  for (const Row& row : rows()) {
    if (row.kind == "orgnr") {  // nobody's: never a finding
      CAPTURE(row.input);
      CHECK(band_in_text("se.organisationsnummer", row.input) == -1);
      CHECK(band_in_text("se.personnummer", row.input) == -1);
      continue;
    }
    CAPTURE(row.kind, row.input, row.expect, row.reason);
    const int band = band_in_text(detector_of(row.kind), row.input);
    const int medium = static_cast<int>(Confidence::kMedium);
    if (row.expect == "valid") CHECK(band >= medium);
    if (row.expect == "valid-low") CHECK(band >= 0);
    if (row.expect == "invalid") CHECK(band == -1);
    if (row.expect == "negative") CHECK(band <= 0);
    // Either reading may win; what stands must not be sure of itself.
    if (row.expect == "ambiguous") CHECK(band <= medium);
  }
}

void check_test_numbers(IdentityKind kind, const char* file, const char* detector,
                        std::size_t expected) {
  std::string column = "Personnummer\n";
  std::size_t count = 0;
  std::istringstream in{std::string(embedded(file))};
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || line[0] == '#') continue;
    ++count;
    const auto identity = validate_written(kind, line, kToday, 0);
    if (!identity || identity->ten != line.substr(2)) FAIL_CHECK(line);
    if (!is_test_number(kind, line)) FAIL_CHECK("not known as a test number: " << line);
    column += line + "\n";
  }
  CHECK(count == expected);
  const DocumentFindings found = scan({testing::cells(column)});
  std::uint64_t seen = 0;
  for (const Finding& f : found.findings) {
    if (f.detector != detector) FAIL_CHECK(f.detector);
    if (!f.test_data || f.confidence != Confidence::kHigh) FAIL_CHECK(f.normalised);
    seen += f.count;
  }
  CHECK(seen == expected);
  // As a label they are findings, but nobody.
  for (const DocumentSubject& s : found.subjects)
    if (!s.test_data) FAIL_CHECK("a test number counted as a person");
  CHECK_FALSE(found.subjects.empty());
}

TEST_CASE("every published test personnummer is accepted and labelled") {
  check_test_numbers(IdentityKind::kPersonnummer, "detectors/tables/test-personnummer.txt",
                     "se.personnummer", 41127);
}

TEST_CASE("every published test samordningsnummer is accepted and labelled") {
  check_test_numbers(IdentityKind::kSamordningsnummer,
                     "detectors/tables/test-samordningsnummer.txt", "se.samordningsnummer", 2264);
}

TEST_CASE("only the exact twelve digits are a test number") {
  CHECK(is_test_number(IdentityKind::kPersonnummer, "198501012382"));
  CHECK_FALSE(is_test_number(IdentityKind::kPersonnummer, "188501012382"));
  CHECK_FALSE(is_test_number(IdentityKind::kPersonnummer, "8501012382"));
  CHECK_FALSE(is_test_number(IdentityKind::kPersonnummer, ""));
  const DocumentFindings found = scan("Anna Exempel 850101-2382");
  REQUIRE(found.findings.size() == 1);
  CHECK_FALSE(found.findings[0].test_data);
}

TEST_CASE("the century of ten digits follows the document's date") {
  struct Case {
    const char* digits;
    bool plus;
    std::int32_t written;
    int year;
  };
  std::int32_t in_1998 = 0;
  REQUIRE(parse_day("1998-06-01", in_1998));
  const auto row = GENERATE_COPY(values<Case>({
      {"8501012382", false, 0, 1985},
      {"0905271474", true, 0, 1909},
      {"0905271474", false, 0, 2009},
      {"0905271474", false, in_1998, 1909},
      {"0002292399", false, 0, 2000},
      // 1900 was no leap year: in a text of 1998 the 29th can only be one to come, or wrong.
      {"198501012382", false, in_1998, 1985},
  }));
  CAPTURE(row.digits, row.written);
  const auto identity =
      validate_identity(IdentityKind::kPersonnummer, row.digits, row.plus, kToday, row.written);
  REQUIRE(identity);
  CHECK(identity->year == row.year);
}

}  // namespace
}  // namespace gallra::detect

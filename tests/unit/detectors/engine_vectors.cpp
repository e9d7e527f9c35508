// Every written form of the vector table, and every published test number, at the validators and
// through the whole detection.
#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>
#include <set>
#include <sstream>

#include "detectors/normalise.hpp"
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

// What finds a kind of the table, and the words it cannot do without in a text.
struct Kind {
  const char* kind;
  const char* detector;
  const char* before = "Noterat: ";
};
constexpr Kind kKinds[] = {
    {"personnummer", "se.personnummer"},
    {"samordningsnummer", "se.samordningsnummer"},
    {"interim", "se.interim"},
    {"orgnr", "se.organisationsnummer"},
    {"vat-person", "se.vat_person"},
    {"reserv-SLL", "se.reserve_stockholm", "Reservnummer: "},
    {"reserv-VGR", "se.reserve_vgr", "Reservnummer: "},
    {"reserv-LiV", "se.reserve_varmland"},
    {"reserv-CLNK", "se.reserve_carelink", "Reservnummer: "},
    {"reserv-ROL", "se.reserve_orebro", "Reservnummer: "},
    {"reserv-NRID", "se.reserve_national"},
    {"dk-cpr", "dk.cpr", "CPR: "},
    {"no-fnr", "no.fodselsnummer", "Fødselsnummer: "},
    {"fi-hetu", "fi.hetu", "Finsk personbeteckning: "},
    {"is-kt", "is.kennitala", "Kennitala: "},
    {"iban", "iban"},
    {"bankaccount", "se.bank_account", "Kontonummer: "},
    {"bankgiro", "se.bankgiro", "Bankgiro: "},
    {"plusgiro", "se.plusgiro", "Plusgiro: "},
    {"ocr", "se.ocr_person", "OCR: "},
    {"card", "card", "Kortnummer: "},
    {"gtin", "card"},
    {"phone", "phone"},
    {"email", "email"},
    {"postnummer", "common.postal_address"},
    {"passport", "se.document_number", "Passnummer: "},
    {"plate", "se.plate", "Reg.nr: "},
    {"hsa-id", "se.hsa_id", "HSA-id: "},
    {"fastighet", "se.property", "Fastighet: "},
    {"dnr", "se.case_number", "Dnr "},
};

const Kind& kind_of(const std::string& name) {
  for (const Kind& kind : kKinds)
    if (name == kind.kind) return kind;
  FAIL("no detector for " << name);
  return kKinds[0];
}

// Does the validator read the input, and nothing less, as a valid value of its kind?
bool locates(const std::string& validator, const std::string& input) {
  const ValidatorEntry* entry = find_validator(validator);
  REQUIRE(entry != nullptr);
  const std::string plain = normalised(input);
  Scene scene;
  scene.text = plain;
  scene.end = plain.size();
  scene.today = kToday;
  std::vector<Reading> readings;
  for (std::size_t end = 1; end <= plain.size(); ++end) entry->locate(scene, end, readings);
  return std::any_of(readings.begin(), readings.end(), [&](const Reading& reading) {
    return reading.valid && reading.begin == 0 && reading.end == plain.size();
  });
}

bool validates(const Row& row) {
  if (row.kind == "personnummer")
    return validate_written(IdentityKind::kPersonnummer, row.input, kToday, 0).has_value();
  if (row.kind == "samordningsnummer")
    return validate_written(IdentityKind::kSamordningsnummer, row.input, kToday, 0).has_value();
  if (row.kind == "orgnr") return validate_organisation(row.input).has_value();
  if (row.kind == "vat-person") return validate_vat_person(row.input, kToday).has_value();
  return locates(kind_of(row.kind).detector, row.input);
}

// The best band of `detector` for the input in a text; -1 = not found.
int band_in_text(const std::string& detector, const std::string& before, const std::string& input) {
  int best = -1;
  for (const Finding& f : scan(before + input + "\n").findings)
    if (f.detector == detector) best = std::max(best, static_cast<int>(f.confidence));
  return best;
}

TEST_CASE("the table of written forms holds at the validators") {
  const std::vector<Row> all = rows();
  REQUIRE(all.size() == 171);
  for (const Row& row : all) {
    // Postcodes are the lexicon's; an account of the reference "123456789023" is nobody's.
    if (row.kind == "postnummer" || (row.kind == "ocr" && row.expect == "valid")) continue;
    CAPTURE(row.kind, row.input, row.reason);
    if (row.expect == "valid" || row.expect == "valid-low") CHECK(validates(row));
    if (row.expect == "invalid") CHECK_FALSE(validates(row));
    if (row.expect == "negative" && row.kind != "email") CHECK_FALSE(validates(row));
    if (row.reason.find("passes") != std::string::npos) CHECK(validates(row));
  }
}

TEST_CASE("the table of written forms holds in running text") {
  const int medium = static_cast<int>(Confidence::kMedium);
  for (const Row& row : rows()) {
    if (row.kind == "postnummer") continue;
    const Kind& kind = kind_of(row.kind);
    CAPTURE(row.kind, row.input, row.expect, row.reason);
    const int band = band_in_text(kind.detector, kind.before, row.input);
    if (row.kind == "orgnr") {  // nobody's: never a finding
      CHECK(band == -1);
      CHECK(band_in_text("se.personnummer", kind.before, row.input) == -1);
      continue;
    }
    if (row.kind == "ocr" && row.expect == "valid") {  // a reference with nobody in it
      CHECK(scan(kind.before + row.input).findings.empty());
      continue;
    }
    // A company's account number is found, but low.
    if (row.expect == "valid")
      CHECK(band >= (row.kind == "bankgiro" || row.input == "4-2" ? 0 : medium));
    if (row.expect == "valid-low") CHECK(band >= 0);
    if (row.expect == "invalid") CHECK(band == -1);
    if (row.expect == "negative") CHECK(band <= 0);
    // Either reading may win; what stands must not be sure of itself.
    if (row.expect == "ambiguous") CHECK(band <= medium);
  }
}

TEST_CASE("what only its word names is quiet without it") {
  for (const Row& row : rows()) {
    const std::string kind = row.kind;
    const bool quiet = kind == "bankaccount" || kind == "bankgiro" || kind == "plusgiro" ||
                       kind == "passport" || kind == "plate" || kind == "fastighet" ||
                       kind == "reserv-ROL";
    if (!quiet) continue;
    CAPTURE(row.kind, row.input);
    CHECK(band_in_text(kind_of(kind).detector, "Noterat: ", row.input) == -1);
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
    if (f.detector.starts_with("whole.")) continue;
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

#include <catch2/catch.hpp>

#include "tests/unit/extract/office_support.hpp"

using namespace gallra;
using namespace gallra::test;

namespace {

const std::string kRelations =
    "<Relationships><Relationship Id=\"s1\" Type=\"urn:r/worksheet\" "
    "Target=\"worksheets/sheet1.xml\"/>"
    "<Relationship Id=\"s2\" Type=\"urn:r/worksheet\" Target=\"worksheets/sheet2.xml\"/>"
    "<Relationship Id=\"x1\" Type=\"urn:r/sharedStrings\" Target=\"sharedStrings.xml\"/>"
    "<Relationship Id=\"x2\" Type=\"urn:r/styles\" Target=\"styles.xml\"/></Relationships>";

struct Book {
  std::string rows;
  std::string strings = "<sst/>";
  std::string styles = "<styleSheet/>";
  std::string workbook_extra;
  Parts more;
};

std::string make_book(const Book& book) {
  Parts parts = {
      {"xl/workbook.xml",
       "<workbook>" + book.workbook_extra +
           "<sheets><sheet name=\"Klienter\" sheetId=\"1\" r:id=\"s1\"/></sheets></workbook>"},
      {"xl/_rels/workbook.xml.rels", kRelations},
      {"xl/worksheets/sheet1.xml",
       "<worksheet><sheetData>" + book.rows + "</sheetData></worksheet>"},
      {"xl/sharedStrings.xml", book.strings},
      {"xl/styles.xml", book.styles}};
  parts.insert(parts.end(), book.more.begin(), book.more.end());
  return make_zip(parts);
}

Extracted read_book(const Book& book) { return extract_document(Format::kXlsx, make_book(book)); }

// Cell formats 0: general, 1: date, 2: date of our own, 3 and 4: zeros kept.
const std::string kStyles =
    "<styleSheet><numFmts><numFmt numFmtId=\"164\" formatCode=\"yyyy\\-mm\\-dd\"/>"
    "<numFmt numFmtId=\"165\" formatCode=\"000000\\-0000\"/><numFmt numFmtId=\"166\" "
    "formatCode=\"0000000000\"/></numFmts>"
    "<cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/><xf numFmtId=\"164\"/><xf "
    "numFmtId=\"165\"/><xf numFmtId=\"166\"/>"
    "</cellXfs></styleSheet>";

}  // namespace

TEST_CASE("a workbook by a real program gives its cells with row and column, hidden sheets too") {
  const Extracted read = extract_document(Format::kXlsx, fixture("lista.xlsx"));
  CHECK(read.words() == "read ");
  const auto [chunk, text] = read.chunk_with("Astrid Exempelsson");
  CHECK(chunk.layout == Layout::kTable);
  CHECK(chunk.place == Place{PlaceKind::kCell, 1, 1, "Brukare"});
  CHECK(
      text.starts_with("Namn\tPersonnummer\tFödd\tAktiv\tAnm\n"
                       "Astrid Exempelsson\t198105012382\t1981-05-01\tTRUE\tDiabetes\n\n\n\n"
                       "Birger Påhittad\t19440101-2382\t\t\tbirger@example.com\n"));
  CHECK(read.chunk_with("Gömd").first.place == Place{PlaceKind::kCell, 7, 1, "Dolt blad"});
  CHECK(read.chunk_with("Gömd").second == "\t\tGömd 197507109291\n");
  CHECK(read.chunk_with("Not Spinell").first.place == Place{PlaceKind::kCell, 2, 5, "Brukare"});
}

TEST_CASE("a cell prints what its type and number format say") {
  struct Row {
    const char* cell;
    const char* text;
  };
  const auto row = GENERATE(values<Row>({
      {"<c r=\"A1\"><v>198105012382</v></c>", "198105012382"},
      {"<c r=\"A1\"><v>1.98105012382E11</v></c>", "198105012382"},
      {"<c r=\"A1\"><v>198105012382.0</v></c>", "198105012382"},
      {"<c r=\"A1\"><v>1.5</v></c>", "1.5"},
      {"<c r=\"A1\"><v>-12</v></c>", "-12"},
      {"<c r=\"A1\"><v>1e400</v></c>", "1e400"},
      {"<c r=\"A1\"><v>inte ett tal</v></c>", "inte ett tal"},
      {"<c r=\"A1\" t=\"b\"><v>1</v></c>", "TRUE"},
      {"<c r=\"A1\" t=\"s\"><v>1</v></c>", "rik text"},
      {"<c r=\"A1\" t=\"inlineStr\"><is><t>in</t><r><t>line</t></r></is></c>", "inline"},
      {"<c r=\"A1\" t=\"str\"><f>A2</f><v>formelsvar</v></c>", "formelsvar"},
      {"<c r=\"A1\" t=\"d\"><v>1981-05-01T00:00:00</v></c>", "1981-05-01"},
      {"<c r=\"A1\" s=\"1\"><v>29707</v></c>", "1981-05-01"},
      {"<c r=\"A1\" s=\"2\"><v>29707.5</v></c>", "1981-05-01 12:00"},
      {"<c r=\"A1\" s=\"1\"><v>1</v></c>", "1900-01-01"},
      {"<c r=\"A1\" s=\"1\"><v>61</v></c>", "1900-03-01"},
      {"<c r=\"A1\" s=\"1\"><v>198105012382</v></c>", "198105012382"},
      {"<c r=\"A1\" s=\"3\"><v>8105012382</v></c>", "810501-2382"},
      {"<c r=\"A1\" s=\"3\"><v>101012382</v></c>", "010101-2382"},
      {"<c r=\"A1\" s=\"4\"><v>101012382</v></c>", "0101012382"},
      {"<c r=\"A1\" s=\"4\"><v>198105012382</v></c>", "198105012382"},
      {"<c r=\"A1\" s=\"99\"><v>7</v></c>", "7"},
      {"<c r=\"A1\" t=\"str\"><v>rad_x000A_byte\there</v></c>", "rad byte here"},
  }));
  CAPTURE(row.cell);
  const Extracted read =
      read_book({.rows = std::string("<row r=\"1\">") + row.cell + "</row>",
                 .strings = "<sst><si><t>noll</t></si><si><r><t>rik</t></r><r><t> text</t></r>"
                            "<rPh><t>uttal</t></rPh></si></sst>",
                 .styles = kStyles});
  CHECK(read.words() == "read ");
  CHECK(read.chunk_with(row.text).second == std::string(row.text) + '\n');
}

TEST_CASE("dates of the 1904 system are counted from 1904") {
  const Extracted read = read_book({.rows = "<row><c s=\"1\"><v>28245</v></c></row>",
                                    .styles = kStyles,
                                    .workbook_extra = "<workbookPr date1904=\"1\"/>"});
  CHECK(read.has("1981-05-01"));
}

TEST_CASE("rows and columns keep their places through gaps") {
  struct Row {
    const char* rows;
    std::uint32_t row;
    std::uint32_t column;
    const char* text;
  };
  const auto row = GENERATE(values<Row>({
      {"<row r=\"3\"><c r=\"B3\"><v>11</v></c><c r=\"D3\"><v>12</v></c></row>", 3, 1,
       "\t11\t\t12\n"},
      {"<row><c><v>11</v></c><c><v>12</v></c></row><row><c><v>13</v></c></row>", 1, 1,
       "11\t12\n13\n"},
      {"<row r=\"5\"><c r=\"ZZ5\"><v>77</v></c></row>", 5, 702, "77\n"},
      {"<row r=\"1\"><c r=\"A1\"><v>1</v></c></row><row r=\"90000\"><c "
       "r=\"A90000\"><v>77</v></c></row>",
       90000, 1, "77\n"},
      {"<row r=\"1048577\"><c r=\"XFE1\"><v>77</v></c></row>", 1, 1, "77\n"},
      {"<row r=\"2\"><c r=\"B2\"><v>77</v><row r=\"3\"></c></row></row>", 3, 1, "77\n"},
  }));
  CAPTURE(row.rows);
  const Extracted read = read_book({.rows = row.rows});
  const auto [chunk, text] = read.chunk_with(row.text);
  CHECK(chunk.place == Place{PlaceKind::kCell, row.row, row.column, "Klienter"});
  CHECK(text == row.text);
  // "Continues" would promise that it stands on the next row.
  CHECK_FALSE(chunk.continues);
}

TEST_CASE("a sheet longer than a chunk continues with its row numbers") {
  std::string rows;
  for (int i = 1; i <= 20'000; ++i) {
    const std::string number = std::to_string(i);
    rows += "<row r=\"" + number + "\"><c r=\"A" + number + "\" t=\"inlineStr\"><is><t>klient " +
            number + "</t></is></c></row>";
  }
  const Extracted read = read_book({.rows = rows});
  std::size_t chunks = 0;
  for (const auto& [chunk, text] : read.sink.chunks) {
    if (chunk.layout != Layout::kTable) continue;
    CHECK(chunk.continues == (chunks > 0));
    CHECK(text.starts_with("klient " + std::to_string(chunk.place.a) + "\n"));
    CHECK(text.ends_with("\n"));
    CHECK(text.size() < 70'000);
    ++chunks;
  }
  CHECK(chunks > 2);
  CHECK(read.has("klient 20000\n"));
}

TEST_CASE("what stands around the cells of a sheet is read too") {
  Book book{
      .rows =
          "<row r=\"1\"><c "
          "r=\"A1\"><f>HYPERLINK(\"mailto:astrid@example.org\",\"brev\")</f><v>0</v></c></row>",
      .strings = "<sst><si><t>struken sträng</t></si></sst>",
      .workbook_extra =
          "<definedNames><definedName name=\"N\">\"Ture Provberg\"</definedName></definedNames>"};
  book.more = {
      {"xl/worksheets/_rels/sheet1.xml.rels",
       "<Relationships><Relationship Id=\"a\" Type=\"urn:r/comments\" "
       "Target=\"../comments1.xml\"/><Relationship Id=\"b\" "
       "Type=\"urn:r/threadedComment\" Target=\"../threadedComments/t1.xml\"/><Relationship "
       "Id=\"c\" Type=\"urn:r/drawing\" "
       "Target=\"../drawings/drawing1.xml\"/></Relationships>"},
      {"xl/comments1.xml",
       "<comments><authors><author>Hedvig Exempelgren</author></authors><commentList><comment "
       "ref=\"C7\"><text><r><t>ring "
       "</t></r><r><t>070-1740605</t></r></text></comment></commentList></comments>"},
      {"xl/threadedComments/t1.xml",
       "<ThreadedComments><threadedComment ref=\"D8\"><text>tråd "
       "Opal</text></threadedComment></ThreadedComments>"},
      {"xl/persons/person.xml",
       "<personList><person displayName=\"Signe Fingerad\" id=\"1\"/></personList>"},
      {"xl/drawings/drawing1.xml",
       "<xdr:wsDr><xdr:sp><a:p><a:r><a:t>textruta Beryll</a:t></a:r></a:p></xdr:sp></xdr:wsDr>"},
      {"xl/pivotCache/pivotCacheRecords1.xml",
       "<pivotCacheRecords><r><s v=\"Birger Påhittad\"/><n "
       "v=\"194401012382\"/></r></pivotCacheRecords>"},
      {"xl/worksheets/sheet2.xml",
       "<worksheet><sheetData/><dataValidations><dataValidation type=\"list\" sqref=\"B2:B9\">"
       "<formula1>\"Anna Ek,Bo Al\"</formula1></dataValidation><dataValidation "
       "sqref=\"C1\"><formula1>$A$1:$A$9</formula1></dataValidation></"
       "dataValidations><headerFooter><oddHeader>&amp;L&amp;\"Arial\"&amp;12Sidhuvud "
       "&amp;P</oddHeader></headerFooter></worksheet>"}};
  const Extracted read = read_book(book);
  CHECK(read.words() == "read ");
  CHECK(read.chunk_with("ring 070-1740605").first.place ==
        Place{PlaceKind::kCell, 7, 3, "Klienter"});
  CHECK(read.chunk_with("tråd Opal").first.place == Place{PlaceKind::kCell, 8, 4, "Klienter"});
  CHECK(read.chunk_with("textruta Beryll").first.place.label == "Klienter");
  CHECK(read.chunk_with("mailto:astrid@example.org").first.place ==
        Place{PlaceKind::kCell, 1, 1, "Klienter"});
  for (const char* words : {"struken sträng", "Ture Provberg", "Hedvig Exempelgren",
                            "Signe Fingerad", "Birger Påhittad", "194401012382"}) {
    CAPTURE(words);
    CHECK(read.has(words));
  }
  CHECK(read.has("\nSidhuvud "));
  CHECK(read.has("Anna Ek\nBo Al"));
  CHECK_FALSE(read.has("$A$9"));
  CHECK_FALSE(read.has("Arial"));
}

TEST_CASE("a broken workbook says what is missing") {
  Book lost{.rows = "<row><c t=\"s\"><v>5</v></c><c><v>198105012382</v></c></row>"};
  const Extracted strings = read_book(lost);
  CHECK(strings.words() == "read_in_part corrupt");
  CHECK(strings.outcome.detail == "xl/sharedStrings.xml");
  CHECK(strings.has("\t198105012382"));

  const Extracted binary = extract_document(Format::kXlsx, make_zip({{"xl/workbook.bin", "x"}}));
  CHECK(binary.words() == "not_read unsupported");
  CHECK(binary.outcome.detail == "xlsb");

  // Without the workbook its sheets are still there.
  const Extracted headless = extract_document(
      Format::kXlsx,
      make_zip(
          {{"xl/worksheets/sheet1.xml",
            "<worksheet><row r=\"2\"><c r=\"A2\"><v>198105012382</v></c></row></worksheet>"}}));
  CHECK(headless.words() == "read_in_part corrupt");
  CHECK(headless.chunk_with("198105012382").first.place.a == 2);
}

#include <catch2/catch.hpp>

#include "tests/unit/extract/office_support.hpp"

using namespace gallra;
using namespace gallra::test;

TEST_CASE("slides come in the order of the show, with notes and tables") {
  const Extracted read = extract_document(Format::kPptx, fixture("bilder.pptx"));
  CHECK(read.words() == "read ");
  CHECK(read.chunk_with("Introduktion").first.place == Place{PlaceKind::kSlide, 1, 0, ""});
  CHECK(read.chunk_with("19810501-2382").first.place == Place{PlaceKind::kSlide, 2, 0, ""});
  CHECK(read.chunk_with("Kontakt\t070-1740608").first.layout == Layout::kTable);
  CHECK(read.chunk_with("Talarstöd Beryll").first.place == Place{PlaceKind::kSlide, 2, 0, "notes"});
  CHECK_FALSE(read.has("Click to edit"));
}

TEST_CASE("the order of slides is the presentation's, not the file names'") {
  const auto slide = [](const char* text) {
    return std::string("<p:sld><a:p><a:r><a:t>") + text +
           "</a:t></a:r></a:p><p:pic><p:cNvPr descr=\"Foto av Astrid\"/></p:pic></p:sld>";
  };
  const Extracted read = extract_document(
      Format::kPptx,
      make_zip(
          {{"ppt/presentation.xml",
            "<p:presentation><p:sldIdLst><p:sldId id=\"256\" r:id=\"b\"/><p:sldId id=\"257\" "
            "r:id=\"a\"/></p:sldIdLst></p:presentation>"},
           {"ppt/_rels/presentation.xml.rels",
            "<Relationships><Relationship Id=\"a\" Type=\"urn:r/slide\" "
            "Target=\"slides/slide1.xml\"/>"
            "<Relationship Id=\"b\" Type=\"urn:r/slide\" "
            "Target=\"slides/slide2.xml\"/></Relationships>"},
           {"ppt/slides/slide1.xml", slide("sist")},
           {"ppt/slides/slide2.xml", slide("först")},
           {"ppt/slides/slide7.xml", slide("olistad")},
           {"ppt/slides/_rels/slide2.xml.rels",
            "<Relationships><Relationship Id=\"c\" Type=\"urn:r/comments\" "
            "Target=\"../comments/c1.xml\"/>"
            "<Relationship Id=\"d\" Type=\"urn:r/diagramData\" "
            "Target=\"../diagrams/data1.xml\"/></Relationships>"},
           {"ppt/comments/c1.xml", "<p:cmLst><p:cm><p:text>fråga Opal</p:text></p:cm></p:cmLst>"},
           {"ppt/diagrams/data1.xml",
            "<dgm:dataModel><dgm:pt><dgm:t><a:p><a:r><a:t>ruta "
            "Beryll</a:t></a:r></a:p></dgm:t></dgm:pt></dgm:dataModel>"}}));
  CHECK(read.chunk_with("först").first.place.a == 1);
  CHECK(read.chunk_with("först").second == "först\n\nFoto av Astrid\n");
  CHECK(read.chunk_with("sist").first.place.a == 2);
  CHECK(read.chunk_with("olistad").first.place.a == 7);
  CHECK(read.chunk_with("fråga Opal").first.place == Place{PlaceKind::kSlide, 1, 0, "comment"});
  CHECK(read.chunk_with("ruta Beryll").first.place == Place{PlaceKind::kSlide, 1, 0, "diagram"});
}

TEST_CASE("OpenDocument text gives all its words, each in its place") {
  const Extracted read = extract_document(Format::kOdt, fixture("utredning.odt"));
  CHECK(read.words() == "read ");
  struct Row {
    const char* text;
    const char* label;
  };
  for (const Row& row : std::vector<Row>{
           {"Astrid Exempelsson, 19810501-2382, bor på Provgatan 5.\n", ""},
           {"Namn\tAstrid\nOrt   Teststad", ""},
           {"Sidhuvud Akvamarin 197507109291", "header"},
           {"Sidfot Turmalin", "footer"},
           {"Fotnot Granat 198101312398", "footnote"},
           {"Anteckning Peridot: ring 070-1740606", "comment"},
           {"Struket Karneol 196202103138", "deleted"},
           {"Textruta Opal 198103082395", ""},
           {"Birger Påhittad\t19440101-2382\tStädning och inköp\nSigne Fingerad\t\tLarm\n", ""},
           {"mailto:astrid.exempelsson@example.org", ""},
           {"Hedvig Exempelgren", "author"},
       }) {
    CAPTURE(row.text);
    CHECK(read.has(row.text));
    CHECK(read.chunk_with(row.text).first.place.label == row.label);
  }
  REQUIRE(read.sink.dates.size() == 2);
  CHECK(day_text(read.sink.dates[0].day) == "2019-03-04");
}

TEST_CASE("OpenDocument sheets and slides keep their places") {
  const Extracted sheet = extract_document(Format::kOds, fixture("lista.ods"));
  CHECK(sheet.words() == "read ");
  CHECK(sheet.chunk_with("Astrid").second ==
        "Namn\tPersonnummer\tFödd\tAktiv\tAnm\nAstrid "
        "Exempelsson\t198105012382\t1981-05-01\tTRUE\tDiabetes\n\n\n\n"
        "Birger Påhittad\t19440101-2382\t\t\tbirger@example.com\n");
  CHECK(sheet.chunk_with("Gömd").first.place == Place{PlaceKind::kCell, 7, 1, "Dolt blad"});
  CHECK(sheet.chunk_with("Not Spinell").first.place == Place{PlaceKind::kCell, 2, 5, "Brukare"});

  const Extracted slides = extract_document(Format::kOdp, fixture("bilder.odp"));
  CHECK(slides.words() == "read ");
  CHECK(slides.chunk_with("19810501-2382").first.place == Place{PlaceKind::kSlide, 2, 0, ""});
  CHECK(slides.chunk_with("Talarstöd Beryll").first.place ==
        Place{PlaceKind::kSlide, 2, 0, "notes"});
}

TEST_CASE("cells of OpenDocument print their values; repeated emptiness is bounded") {
  struct Row {
    const char* cells;
    const char* text;
  };
  const auto row = GENERATE(values<Row>({
      {"<c office:value-type=\"float\" "
       "office:value=\"1.98105012382E11\"><text:p>1,98E+11</text:p></c>",
       "198105012382\n"},
      {"<c office:value-type=\"float\" office:value=\"101012382\"><text:p>0101012382</text:p></c>",
       "0101012382\n"},
      {"<c office:value-type=\"float\" office:value=\"101012382\"><text:p>010101-2382</text:p></c>",
       "010101-2382\n"},
      {"<c office:value-type=\"date\" office:date-value=\"1981-05-01T12:30:00\"><text:p>1 "
       "maj</text:p></c>",
       "1981-05-01 12:30\n"},
      {"<c office:value-type=\"string\"><text:p>en</text:p><text:p>två</text:p></c>", "en två\n"},
      {"<c table:number-columns-repeated=\"4000000000\"/><c><text:p>slut</text:p></c>", "slut\n"},
      {"<c table:number-columns-repeated=\"3\"/><c><text:p>fyra</text:p></c>", "\t\t\tfyra\n"},
  }));
  std::string cells = row.cells;
  for (std::size_t at = 0; (at = cells.find("<c", at)) != std::string::npos; at += 2)
    cells.replace(at, 2, "<table:table-cell");
  for (std::size_t at = 0; (at = cells.find("</c>", at)) != std::string::npos;)
    cells.replace(at, 4, "</table:table-cell>");
  CAPTURE(cells);
  const Extracted read = extract_document(
      Format::kOds,
      make_zip(
          {{"content.xml", "<office:spreadsheet><table:table table:name=\"B\"><table:table-row>" +
                               cells + "</table:table-row></table:table></office:spreadsheet>"}}));
  CHECK(read.sink.all_text() == row.text);
}

TEST_CASE("a row that begins inside a cell costs no memory") {
  const Extracted read = extract_document(
      Format::kOds,
      make_zip({{"mimetype", "application/vnd.oasis.opendocument.spreadsheet"},
                {"content.xml",
                 "<office:document-content><office:body><office:spreadsheet><table:table "
                 "table:name=\"Blad\"><table:table-row><table:table-cell><text:p>Anna</text:p>"
                 "<table:table-row></table:table-cell></table:table-row></table:table>"
                 "</office:spreadsheet></office:body></office:document-content>"}}));
  CHECK(read.chunk_with("Anna").second == "Anna\n");
}

TEST_CASE("an encrypted OpenDocument file is told by its manifest") {
  const Extracted read = extract_document(
      Format::kOdt,
      make_zip({{"content.xml", "\x01\x02krypterat"},
                {"META-INF/manifest.xml",
                 "<manifest:manifest><manifest:file-entry manifest:full-path=\"content.xml\">"
                 "<manifest:encryption-data/></manifest:file-entry></manifest:manifest>"}}));
  CHECK(read.words() == "not_read encrypted");
  CHECK(read.sink.chunks.empty());
}

TEST_CASE("embedded objects of OpenDocument are read or handed on") {
  const Extracted read = extract_document(
      Format::kOdt, make_zip({{"content.xml", "<office:text><text:p>brev</text:p></office:text>"},
                              {"Object 1/content.xml",
                               "<office:chart><text:p>Birger Påhittad</text:p></office:chart>"},
                              {"Object 2", "ole"},
                              {"ObjectReplacements/Object 2", "bild"}}));
  CHECK(read.chunk_with("Birger").first.place.label == "object");
  REQUIRE(read.sink.members.size() == 1);
  CHECK(read.sink.members[0].member.name == "Object 2");
}

TEST_CASE("a book is read in its order, with properties") {
  const Extracted real = extract_document(Format::kEpub, fixture("utredning.epub"));
  CHECK(real.words() == "read ");
  for (const char* words : {"19810501-2382", "Fotnot Granat 198101312398",
                            "mailto:astrid.exempelsson@example.org", "Hedvig Exempelgren"}) {
    CAPTURE(words);
    CHECK(real.has(words));
  }
  Parts book = {
      {"META-INF/container.xml", "<container><rootfile full-path=\"OPS/bok.opf\"/></container>"},
      {"OPS/bok.opf",
       "<package><manifest><item id=\"a\" href=\"ett.xhtml\" "
       "media-type=\"application/xhtml+xml\"/><item id=\"b\" "
       "href=\"tv%C3%A5.xhtml\" media-type=\"application/xhtml+xml\"/><item id=\"c\" "
       "href=\"saknas.xhtml\" "
       "media-type=\"application/xhtml+xml\"/></manifest><spine><itemref idref=\"b\"/><itemref "
       "idref=\"a\"/></spine></package>"},
      {"OPS/ett.xhtml", "<html><body><p>sista <b>k</b>apitlet</p><script>x</script></body></html>"},
      {"OPS/två.xhtml", "<html><body><p>första</p></body></html>"}};
  const Extracted read = extract_document(Format::kEpub, make_zip(book));
  CHECK(read.words() == "read_in_part corrupt");
  CHECK(read.outcome.detail == "OPS/saknas.xhtml");
  CHECK(read.chunk_with("första").first.place.a == 1);
  CHECK(read.chunk_with("sista kapitlet").first.place.a == 2);
  book.push_back({"META-INF/encryption.xml",
                  "<encryption><EncryptedData><EncryptionMethod "
                  "Algorithm=\"urn:aes\"/></EncryptedData></encryption>"});
  CHECK(extract_document(Format::kEpub, make_zip(book)).words() == "not_read rights_managed");
}

namespace {

// A compound file with one directory sector: the root and up to three entries in it.
std::string make_ole(const std::vector<std::string>& names) {
  std::string file(512 * 3, '\0');
  const auto put = [&](std::size_t at, std::uint64_t value, int bytes) {
    for (int i = 0; i < bytes; ++i)
      file[at + static_cast<std::size_t>(i)] = static_cast<char>(value >> (8 * i) & 0xFF);
  };
  file.replace(0, 8, "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1");
  put(26, 3, 2);
  put(30, 9, 2);
  put(44, 1, 4);           // one sector of allocation table
  put(48, 1, 4);           // the directory begins in sector 1
  put(68, 0xFFFFFFFE, 4);  // no further table sectors
  put(76, 0, 4);           // the table is sector 0
  put(512, 0xFFFFFFFD, 4);
  put(516, 0xFFFFFFFE, 4);
  for (std::size_t i = 0; i <= names.size() && i < 4; ++i) {
    const std::string name = i == 0 ? "Root Entry" : names[i - 1];
    const std::size_t at = 1024 + 128 * i;
    for (std::size_t c = 0; c < name.size(); ++c)
      put(at + 2 * c, static_cast<unsigned char>(name[c]), 2);
    put(at + 64, 2 * name.size() + 2, 2);
    put(at + 66, i == 0 ? 5 : 2, 1);
    put(at + 68, 0xFFFFFFFF, 4);
    put(at + 72, i > 0 && i < names.size() ? i + 1 : 0xFFFFFFFF, 4);
    put(at + 76, i == 0 ? 1 : 0xFFFFFFFF, 4);
  }
  return file;
}

}  // namespace

TEST_CASE("compound files are told apart by their directory") {
  struct Row {
    std::vector<std::string> names;
    const char* words;
    const char* detail;
  };
  const auto row = GENERATE(values<Row>({
      {{"EncryptionInfo", "EncryptedPackage"}, "not_read encrypted", ""},
      {{"EncryptedPackage",
        "\x06"
        "DataSpaces",
        "DRMEncryptedTransform"},
       "not_read rights_managed",
       ""},
      {{"WordDocument", "1Table"}, "not_read unsupported", "doc"},
      {{"Workbook"}, "not_read unsupported", "xls"},
      {{"Book"}, "not_read unsupported", "xls"},
      {{"PowerPoint Document", "Current User"}, "not_read unsupported", "ppt"},
      {{"__properties_version1.0"}, "not_read unsupported", "msg"},
      {{"Contents"}, "not_read unsupported", "ole"},
  }));
  const std::string file = make_ole(row.names);
  CAPTURE(row.names.front());
  const Extracted read = extract_document(Format::kOle, file);
  CHECK(read.words() == row.words);
  CHECK(read.outcome.detail == row.detail);
}

TEST_CASE("broken compound files end as corrupt") {
  CHECK(extract_document(Format::kOle, fixture("kort.doc")).outcome.detail == "doc");
  CHECK(extract_document(Format::kOle, "").words() == "not_read corrupt");
  CHECK(extract_document(Format::kOle, make_ole({"X"}).substr(0, 1100)).words() ==
        "not_read corrupt");
  std::string ring = make_ole({"X"});
  ring.replace(516, 4, std::string("\1\0\0\0", 4));
  CHECK(extract_document(Format::kOle, ring).words() == "not_read corrupt");
}

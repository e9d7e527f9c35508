#include <catch2/catch.hpp>

#include "tests/unit/extract/office_support.hpp"

using namespace gallra;
using namespace gallra::test;

namespace {

constexpr const char* kRoot =
    "<?xml version=\"1.0\"?><Relationships "
    "xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">"
    "<Relationship Id=\"rId1\" "
    "Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
    "officeDocument\" Target=\"word/document.xml\"/></Relationships>";

std::string document(const std::string& body) {
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?><w:document xmlns:w=\"urn:w\"><w:body>" + body +
         "</w:body></w:document>";
}

Parts docx(const std::string& body) {
  return {{"_rels/.rels", kRoot}, {"word/document.xml", document(body)}};
}

Extracted read_body(const std::string& body) {
  return extract_document(Format::kDocx, make_zip(docx(body)));
}

}  // namespace

TEST_CASE("a Word document by a real program gives all its words, each in its place") {
  const Extracted read = extract_document(Format::kDocx, fixture("utredning.docx"));
  CHECK(read.words() == "read ");
  struct Row {
    const char* text;
    const char* label;
    Layout layout;
  };
  for (const Row& row : std::vector<Row>{
           {"Astrid Exempelsson, 19810501-2382, bor", "", Layout::kProse},
           {"Sidhuvud Akvamarin 197507109291", "header", Layout::kProse},
           {"Sidfot Turmalin", "footer", Layout::kProse},
           {"Fotnot Granat 198101312398", "footnote", Layout::kProse},
           {"Anteckning Peridot: ring 070-1740606", "comment", Layout::kProse},
           {"Struket Karneol 196202103138", "", Layout::kProse},
           {"Textruta Opal 198103082395", "", Layout::kProse},
           {"Birger Påhittad\t19440101-2382\tStädning och inköp", "", Layout::kTable},
           {"mailto:astrid.exempelsson@example.org", "link", Layout::kProse},
           {"Hedvig Exempelgren", "author", Layout::kRecord},
           {"Ture Provberg", "author", Layout::kRecord},
       }) {
    CAPTURE(row.text);
    const auto [chunk, text] = read.chunk_with(row.text);
    CHECK(text.find(row.text) != std::string::npos);
    CHECK(chunk.place.label == row.label);
    CHECK(chunk.layout == row.layout);
  }
  REQUIRE(read.sink.dates.size() == 2);
  CHECK(day_text(read.sink.dates[0].day) == "2019-03-04");
  CHECK(read.sink.dates[0].kind == DateKind::kDocCreated);
  CHECK(day_text(read.sink.dates[1].day) == "2020-11-12");
  CHECK(read.sink.dates[1].kind == DateKind::kDocModified);
}

TEST_CASE("runs join without a separator, breaks and paragraphs part") {
  struct Row {
    const char* body;
    const char* text;
  };
  const auto row = GENERATE(values<Row>({
      {"<w:p><w:r><w:t>19810501</w:t></w:r><w:r><w:t>-23</w:t></w:r><w:r><w:t>82</w:t></w:r></w:p>",
       "19810501-2382\n"},
      {"<w:p><w:r><w:t>Namn</w:t><w:tab/><w:t>Astrid</w:t><w:br/><w:t>Ort</w:t></w:r></w:p>",
       "Namn\tAstrid\nOrt\n"},
      {"<w:p><w:pPr><w:tabs><w:tab w:val=\"left\"/></w:tabs></w:pPr><w:r><w:t>A</w:t></w:r></w:p>",
       "A\n"},
      {"<w:p><w:r><w:t>810501</w:t><w:noBreakHyphen/><w:t>2382</w:t></w:r></w:p>", "810501-2382\n"},
      {"<w:p><w:r><w:t>&#229;&amp;&#xE4;</w:t></w:r></w:p>", "å&ä\n"},
      {"<w:p><w:r><w:t>kvar</w:t></w:r><w:del><w:r><w:delText>struket</w:delText></w:r></"
       "w:del><w:r><w:t> här</w:t></w:r></w:p>",
       "kvar här\nstruket\n"},
      {"<w:p><w:moveFrom><w:r><w:t>flyttat</w:t></w:r></w:moveFrom></w:p>", "\nflyttat\n"},
      {"<w:p><w:r><w:instrText> HYPERLINK \"mailto:astrid@example.org\" "
       "</w:instrText></w:r><w:r><w:t>brev</w:t></w:r></w:p>",
       "brev\n HYPERLINK \"mailto:astrid@example.org\" \n"},
      {"<w:p><w:r><w:instrText> PAGE </w:instrText></w:r><w:r><w:t>3</w:t></w:r></w:p>", "3\n"},
      {"<mc:AlternateContent><mc:Choice><w:p><w:r><w:t>en "
       "gång</w:t></w:r></w:p></mc:Choice><mc:Fallback><w:p><w:r>"
       "<w:t>en gång</w:t></w:r></w:p></mc:Fallback></mc:AlternateContent>",
       "en gång\n"},
      {"<x:p xmlns:x=\"urn:x\"><x:r><x:t>annat prefix</x:t></x:r></x:p>", "annat prefix\n"},
      {"<p xmlns=\"urn:x\"><r><t>inget prefix</t></r></p>", "inget prefix\n"},
      {"<w:p><w:r><w:drawing><wp:docPr descr=\"Foto av Astrid\"/></w:drawing></w:r></w:p>",
       "\nFoto av Astrid\n"},
      {"<w:p><w:r><w:pict><v:shape alt=\"Foto av Astrid\"><v:textpath "
       "string=\"Ordkonst\"/></v:shape></w:pict></w:r></w:p>",
       "\nFoto av Astrid\nOrdkonst\n"},
      {"<w:p><w:r><mc:AlternateContent><mc:Choice><wp:docPr descr=\"Astrid\"/></mc:Choice>"
       "<mc:Fallback><v:oval alt=\"Foto av Astrid\"/><v:shape "
       "alt=\"Astrid\"/></mc:Fallback></mc:AlternateContent></w:r></w:p>",
       "\nAstrid\nFoto av Astrid\n"},
      {"<w:sdt><w:sdtPr><w:alias w:val=\"Klient\"/><w:dropDownList><w:listItem "
       "w:displayText=\"Astrid Exempelsson\"/></w:dropDownList></w:sdtPr><w:sdtContent><w:p><w:r>"
       "<w:t>val</w:t></w:r></w:p></w:sdtContent></w:sdt>",
       "val\nKlient\nAstrid Exempelsson\n"},
      {"<w:p><w:r><w:ffData><w:checkBox><w:default w:val=\"0\"/></w:checkBox><w:textInput>"
       "<w:default w:val=\"Astrid\"/></w:textInput></w:ffData></w:r></w:p>",
       "\nAstrid\n"},
      {"<w:sdt><w:sdtContent><w:p><w:r><w:t>i fält</w:t></w:r></w:p></w:sdtContent></w:sdt>",
       "i fält\n"},
  }));
  CAPTURE(row.body);
  const Extracted read = read_body(row.body);
  CHECK(read.words() == "read ");
  CHECK(read.sink.all_text() == row.text);
}

TEST_CASE("a table keeps its columns, and tables inside it are flattened") {
  const Extracted read = read_body(
      "<w:p><w:r><w:t>Före</w:t></w:r></w:p>"
      "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>A</w:t></w:r></w:p></w:tc><w:tc><w:tcPr><w:gridSpan "
      "w:val=\"2\"/></w:tcPr>"
      "<w:p><w:r><w:t>B</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>D</w:t></w:r></w:p></w:tc></"
      "w:tr>"
      "<w:tr><w:tc><w:p/></w:tc><w:tc><w:tbl><w:tr><w:tc><w:p><w:r><w:t>x</w:t></w:r></w:p></w:tc>"
      "<w:tc><w:p><w:r><w:t>y</w:t></w:r></w:p></w:tc></w:tr></w:tbl></w:tc></w:tr></w:tbl>"
      "<w:p><w:r><w:t>Efter</w:t></w:r></w:p>");
  const auto [chunk, text] = read.chunk_with("A");
  CHECK(chunk.layout == Layout::kTable);
  CHECK(text == "A\tB\t\tD\n\tx y\n");
  CHECK(chunk.place.a == 2);
  CHECK(read.chunk_with("Efter").first.place.a > 2);
}

TEST_CASE("embedded and imported documents are members") {
  Parts parts = docx("<w:p><w:r><w:t>brev</w:t></w:r></w:p>");
  parts.push_back({"word/_rels/document.xml.rels",
                   "<Relationships><Relationship Id=\"r1\" "
                   "Type=\"http://purl.oclc.org/ooxml/officeDocument/relationships/aFChunk\" "
                   "Target=\"/word/import.htm\"/></Relationships>"});
  parts.push_back({"word/import.htm", "<p>import</p>"});
  parts.push_back({"word/embeddings/Blad1.xlsx", "PK..."});
  parts.push_back({"word/media/bild.png", "png"});
  const std::string zip = make_zip(parts);
  const Extracted read = extract_document(Format::kDocx, zip);
  REQUIRE(read.sink.members.size() == 2);
  CHECK(read.sink.members[0].member.name == "word/import.htm");
  CHECK(read.sink.members[0].bytes == "<p>import</p>");
  CHECK(read.sink.members[1].member.name == "word/embeddings/Blad1.xlsx");
  CHECK(read.sink.members[1].member.kind == extract::MemberKind::kEmbedded);

  const Extracted resumed = extract_document(Format::kDocx, zip, {}, 1);
  REQUIRE(resumed.sink.members.size() == 1);
  CHECK(resumed.sink.members[0].member.ordinal == 1);
  CHECK(resumed.sink.all_text().empty());
}

TEST_CASE("data merged into a document is read from its settings, and nothing else of them") {
  Parts parts = docx("<w:p><w:r><w:t>text</w:t></w:r></w:p>");
  parts.push_back({"word/settings.xml",
                   "<w:settings><w:zoom w:percent=\"100\"/><w:docVars><w:docVar w:name=\"namn\" "
                   "w:val=\"Astrid Exempelsson\"/></w:docVars></w:settings>"});
  const Extracted read = extract_document(Format::kDocx, make_zip(parts));
  CHECK(read.sink.all_text() == "text\n\nAstrid Exempelsson\n");
}

TEST_CASE("parts nobody relates to are read all the same") {
  Parts parts = docx("<w:p><w:r><w:t>brev</w:t></w:r></w:p>");
  parts.push_back(
      {"word/header9.xml", "<w:hdr><w:p><w:r><w:t>lösryckt huvud</w:t></w:r></w:p></w:hdr>"});
  parts.push_back({"customXml/item1.xml", "<klient><namn>Astrid Exempelsson</namn></klient>"});
  parts.push_back({"word/charts/chart1.xml", "<c:chart><c:v>Birger Påhittad</c:v></c:chart>"});
  parts.push_back({"docProps/custom.xml",
                   "<Properties><property name=\"Handläggare\"><vt:lpwstr>Ture "
                   "Provberg</vt:lpwstr></property></Properties>"});
  const Extracted read = extract_document(Format::kDocx, make_zip(parts));
  CHECK(read.chunk_with("lösryckt huvud").first.place.label == "header");
  CHECK(read.chunk_with("Astrid Exempelsson").first.place.label == "namn");
  CHECK(read.chunk_with("Birger Påhittad").first.place.label == "chart");
  CHECK(read.chunk_with("Ture Provberg").first.place.label == "handläggare");
}

TEST_CASE("a part in UTF-16 or with a document type is read, and no entity is expanded") {
  const std::string utf8 = document("<w:p><w:r><w:t>Åsa Exempelsson</w:t></w:r></w:p>");
  std::string utf16 = "\xFF\xFE";
  for (const char c : std::string("<w:document><w:p><w:t>\xC5sa</w:t></w:p></w:document>")) {
    utf16 += c;
    utf16 += '\0';
  }
  CHECK(extract_document(Format::kDocx,
                         make_zip({{"_rels/.rels", kRoot}, {"word/document.xml", utf16}}))
            .has("Åsa"));
  const std::string bomb =
      "<!DOCTYPE d [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;\"><!ENTITY x SYSTEM "
      "\"file:///etc/passwd\">]>"
      "<w:document><w:p><w:r><w:t>text &b;&x; efter</w:t></w:r></w:p></w:document>";
  const Extracted read = extract_document(
      Format::kDocx, make_zip({{"_rels/.rels", kRoot}, {"word/document.xml", bomb}}));
  CHECK(read.has("text &b;&x; efter"));
  CHECK_FALSE(read.has("root:"));
}

TEST_CASE("a broken Word document costs what is broken") {
  struct Row {
    const char* what;
    std::string bytes;
    const char* words;
    bool text;
  };
  const Parts good = docx("<w:p><w:r><w:t>Astrid Exempelsson</w:t></w:r></w:p>");
  const std::string stored = make_zip(good, {.deflate = false});
  std::string flipped = stored;
  flipped[flipped.find("Exempelsson")] = 'e';  // the checksum no longer holds
  Parts headless = good;
  headless.erase(headless.begin() + 1);
  Parts missing = good;
  missing.push_back(
      {"word/_rels/document.xml.rels",
       "<Relationships><Relationship Id=\"a\" Type=\"t/header\" Target=\"header1.xml\"/>"});
  const auto row = GENERATE_COPY(values<Row>({
      {"no directory", make_zip(good, {.directory = false}), "read_in_part corrupt", true},
      {"bytes in front", "junk" + stored, "read ", true},
      {"one byte changed", flipped, "read_in_part corrupt", true},
      {"cut in the document", stored.substr(0, stored.find("Exempelsson") + 4),
       "read_in_part corrupt", true},
      {"no document", make_zip(headless), "not_read corrupt", false},
      {"an unfinished part", make_zip(missing), "read ", true},
      {"no zip at all", "PK nothing of the kind", "not_read corrupt", false},
      {"empty", "", "not_read corrupt", false},
      {"password in the zip", make_zip(good, {.flags = 1}), "not_read encrypted", false},
  }));
  CAPTURE(row.what);
  const Extracted read = extract_document(Format::kDocx, row.bytes);
  CHECK(read.words() == row.words);
  CHECK(read.has("Astrid") == row.text);
}

TEST_CASE("the outcome names the part that was broken") {
  Parts parts = docx("<w:p><w:r><w:t>brev</w:t></w:r></w:p>");
  parts.push_back({"word/_rels/document.xml.rels",
                   "<Relationships><Relationship Id=\"a\" Type=\"t/header\" "
                   "Target=\"header1.xml\"/></Relationships>"});
  parts.push_back({"word/header1.xml", "<w:hdr><w:p><w:r><w:t>huvud</w:t></w:r></w:p></w:hdr>"});
  std::string zip = make_zip(parts, {.deflate = false});
  zip[zip.find("huvud")] = 'H';
  const Extracted read = extract_document(Format::kDocx, zip);
  CHECK(read.words() == "read_in_part corrupt");
  CHECK(read.outcome.detail == "word/header1.xml");
}

TEST_CASE("a part that expands without end is a bomb, and the text before it is kept") {
  Limits limits;
  limits.ratio_after_bytes = 100'000;
  const std::string body = "<w:p><w:r><w:t>Astrid</w:t></w:r></w:p>" + std::string(20'000'000, ' ');
  const Extracted read = extract_document(Format::kDocx, make_zip(docx(body)), limits);
  CHECK(read.words() == "read_in_part bomb");
  CHECK(read.has("Astrid"));
}

TEST_CASE("depth and width of hostile XML cost neither stack nor quadratic time") {
  const auto body = GENERATE_COPY(values<std::string>({
      [] {
        std::string s;
        for (int i = 0; i < 100'000; ++i) s += "<w:p><w:tbl><w:tr><w:tc>";
        return s;
      }(),
      [] {
        std::string s = "<w:p ";
        for (int i = 0; i < 200'000; ++i) s += "a" + std::to_string(i) + "=\"1\" ";
        return s + "><w:r><w:t>x</w:t></w:r></w:p>";
      }(),
      std::string(2'000'000, '<'),
      std::string(2'000'000, '&'),
  }));
  const Extracted read = read_body(body);
  CHECK((read.outcome.kind == OutcomeKind::kRead || read.outcome.reason == Reason::kCorrupt));
}

#include <algorithm>
#include <catch2/catch.hpp>

#include "tests/unit/extract/office_support.hpp"

using namespace gallra;
using namespace gallra::test;

namespace {

constexpr const char* kFont =
    "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>";
constexpr const char* kPicture =
    "/Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8";

std::string show(const std::string& line, int y = 700) {
  return "BT /F1 12 Tf 50 " + std::to_string(y) + " Td (" + line + ") Tj ET\n";
}

struct PdfParts {
  std::vector<std::string> contents;  // one page each
  std::string page_extra;             // into every page's dictionary
  std::string catalogue_extra;
  std::vector<std::string> more;  // objects from 100 - see `first_more`
  std::string trailer;
};

// Objects: 1 catalogue, 2 pages, 3 font, 4 picture, 5.. `more`, then page and content by turns.
std::string build(const PdfParts& parts) {
  const std::size_t first_page = 5 + parts.more.size();
  std::string kids;
  for (std::size_t i = 0; i < parts.contents.size(); ++i)
    kids += std::to_string(first_page + 2 * i) + " 0 R ";
  std::vector<std::string> objects = {
      "<< /Type /Catalog /Pages 2 0 R " + parts.catalogue_extra + " >>",
      "<< /Type /Pages /Kids [" + kids + "] /Count " + std::to_string(parts.contents.size()) +
          " >>",
      kFont, pdf_stream("\x7F", kPicture)};
  objects.insert(objects.end(), parts.more.begin(), parts.more.end());
  for (std::size_t i = 0; i < parts.contents.size(); ++i) {
    objects.push_back(
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> "
        "/XObject << /Im1 4 0 R >> >> "
        "/Contents " +
        std::to_string(first_page + 2 * i + 1) + " 0 R " + parts.page_extra + " >>");
    objects.push_back(pdf_stream(parts.contents[i]));
  }
  return make_pdf(objects, parts.trailer);
}

Extracted read_pdf(const PdfParts& parts) { return extract_document(Format::kPdf, build(parts)); }

const std::string kScan = "q 595 0 0 842 0 0 cm /Im1 Do Q\n";

}  // namespace

TEST_CASE("a PDF by a real program gives its page, links, bookmarks and properties") {
  const Extracted read = extract_document(Format::kPdf, fixture("utredning.pdf"));
  CHECK(read.words() == "read ");
  for (const char* words :
       {"Astrid Exempelsson, 19810501-2382, bor på Provgatan 5.", "Sidhuvud Akvamarin 197507109291",
        "Fotnot Granat 198101312398", "19440101-2382", "mailto:astrid.exempelsson@example.org"}) {
    CAPTURE(words);
    CHECK(read.has(words));
    CHECK(read.chunk_with(words).first.place.kind == PlaceKind::kPage);
    CHECK(read.chunk_with(words).first.place.a == 1);
  }
  CHECK(read.chunk_with("Hedvig Exempelgren").first.place ==
        Place{PlaceKind::kProperty, 0, 0, "author"});
}

TEST_CASE("passwords: one to open hides the text, an owner's does not") {
  const Extracted locked = extract_document(Format::kPdf, fixture("losenord.pdf"));
  CHECK(locked.words() == "not_read encrypted");
  CHECK(locked.sink.chunks.empty());
  const Extracted open = extract_document(Format::kPdf, fixture("agarlosen.pdf"));
  CHECK(open.words() == "read ");
  CHECK(open.has("19810501-2382"));
}

TEST_CASE("embedded files are members") {
  const Extracted read = extract_document(Format::kPdf, fixture("bilaga.pdf"));
  CHECK(read.words() == "read ");
  REQUIRE(read.sink.members.size() == 1);
  CHECK(read.sink.members[0].member.name == "bilaga.txt");
  CHECK(read.sink.members[0].member.kind == extract::MemberKind::kAttachment);
  CHECK(read.sink.members[0].bytes == "Bilaga Jaspis 198109032394\n");
  CHECK(read.sink.members[0].outcome.kind == OutcomeKind::kRead);
}

TEST_CASE("pages are numbered, and lines on them") {
  const Extracted read =
      read_pdf({.contents = {show("Sida ett"), show("Rad ett", 700) + show("Rad Opal", 600)}});
  CHECK(read.chunk_with("Sida ett").first.place == Place{PlaceKind::kPage, 1, 1, ""});
  CHECK(read.chunk_with("Rad Opal").first.place == Place{PlaceKind::kPage, 2, 1, ""});
}

TEST_CASE("digits in the boxes of a form become one number") {
  const Extracted read = read_pdf(
      {.contents = {show("Personnummer 8 1 0 5 0 1 - 2 3 8 2 ja") + show("Antal 1 2 3 4 5", 600)}});
  CHECK(read.has("810501-2382"));
  CHECK(read.has("1 2 3 4 5"));
}

TEST_CASE("scanned pages are counted") {
  struct Row {
    const char* what;
    std::vector<std::string> pages;
    const char* words;
    const char* detail;
  };
  const std::string text = show("En vanlig sida med text som kan sokas i");
  const auto row = GENERATE_COPY(values<Row>({
      {"text only", {text, text}, "read ", ""},
      {"text and a logotype", {text + kScan}, "read ", ""},
      {"all scanned", {kScan, kScan, kScan}, "not_read image_only", ""},
      {"scanned with a page number", {kScan + show("7")}, "not_read image_only", ""},
      {"a blank page", {"", text}, "read ", ""},
      {"a small picture alone", {"q 50 0 0 50 0 0 cm /Im1 Do Q\n"}, "read ", ""},
      {"some scanned", {text, kScan, kScan, text}, "read_in_part image_only", "2 of 4 pages"},
  }));
  CAPTURE(row.what);
  const Extracted read = read_pdf({.contents = row.pages});
  CHECK(read.words() == row.words);
  CHECK(read.outcome.detail == row.detail);
}

TEST_CASE("form values are read with the words a person saw") {
  const PdfParts parts{
      .contents = {show("Blankett")},
      .catalogue_extra = "/AcroForm << /Fields [5 0 R 6 0 R 8 0 R] /XFA [(datasets) 9 0 R] >>",
      .more = {"<< /FT /Tx /T (pnr) /TU (Personnummer) /V (19810501-2382) >>",
               "<< /FT /Ch /T (val) /V (2) /Opt [[(1) (Sjukhus)] [(2) (Diabetes typ 2)]] >>",
               "<< /Parent 8 0 R /T (gata) /V <FEFF00500072006F0076006700610074006100E5> >>",
               "<< /T (adress) /Kids [7 0 R] >>",
               pdf_stream("<xfa:datasets><xfa:data><f><Mobil>070-1740605</Mobil></f></xfa:data></"
                          "xfa:datasets>")}};
  const Extracted read = read_pdf(parts);
  CHECK(read.words() == "read ");
  struct Row {
    const char* label;
    const char* value;
  };
  for (const Row& row : std::vector<Row>{{"Personnummer", "19810501-2382"},
                                         {"val", "2\nDiabetes typ 2"},
                                         {"adress.gata", "Provgataå"},
                                         {"Mobil", "070-1740605"}}) {
    CAPTURE(row.label);
    const auto [chunk, text] = read.chunk_with(row.value);
    CHECK(text == row.value);
    CHECK(chunk.place == Place{PlaceKind::kField, 0, 0, row.label});
    CHECK(chunk.layout == Layout::kRecord);
  }
}

TEST_CASE("what a field offers and what a hidden layer says is read too") {
  const PdfParts parts{
      .contents = {"/OC /Dold BDC " + show("Lager Opal") + " EMC"},
      .page_extra = "/Resources << /Font << /F1 3 0 R >> /Properties << /Dold 6 0 R >> >>",
      .catalogue_extra =
          "/AcroForm << /Fields [5 0 R] >> /OCProperties << /OCGs [6 0 R] /D << /OFF "
          "[6 0 R] >> >>",
      .more = {"<< /FT /Ch /T (klient) /Opt [(Astrid) [(2) (Birger)]] >>",
               "<< /Type /OCG /Name (dold) >>"}};
  const Extracted read = read_pdf(parts);
  CHECK(read.words() == "read ");
  CHECK(read.has("Lager Opal"));
  CHECK(read.chunk_with("Astrid\nBirger\n").first.place.label == "klient");
}

TEST_CASE("notes and links on a page are read with the page's number") {
  const PdfParts parts{
      .contents = {show("Sida")},
      .page_extra = "/Annots [5 0 R 6 0 R]",
      .more = {"<< /Type /Annot /Subtype /Text /Rect [0 0 1 1] /T (Ture Provberg) /Contents (ring "
               "Astrid) /RC (<body><p>rik <b>t</b>ext</p></body>) >>",
               "<< /Type /Annot /Subtype /Link /Rect [0 0 1 1] /A << /S /URI /URI "
               "(mailto:astrid%40example.org) >> >>"}};
  const Extracted read = read_pdf(parts);
  CHECK(read.chunk_with("Ture Provberg\nring Astrid\n").first.place ==
        Place{PlaceKind::kPage, 1, 0, ""});
  CHECK(read.has("mailto:astrid@example.org"));
  CHECK(read.has("rik"));
}

TEST_CASE("dates of a PDF are evidence unless they are artefacts") {
  struct Row {
    const char* info;
    const char* day;
  };
  const auto row = GENERATE(values<Row>({
      {"/CreationDate (D:20190304101500+01'00')", "2019-03-04"},
      {"/CreationDate (20190304)", "2019-03-04"},
      {"/ModDate (D:20201112)", "2020-11-12"},
      {"/CreationDate (D:19700101000000)", ""},
      {"/CreationDate (D:20991231)", ""},
      {"/CreationDate (D:20190231)", ""},
      {"/CreationDate (nyligen)", ""},
  }));
  CAPTURE(row.info);
  const Extracted read = read_pdf({.contents = {show("Sida")},
                                   .more = {std::string("<< ") + row.info + " >>"},
                                   .trailer = "/Info 5 0 R"});
  CHECK((read.sink.dates.empty() ? "" : day_text(read.sink.dates[0].day)) == row.day);
}

TEST_CASE("rights-managed documents are not read, and their decoy text is not taken for them") {
  const PdfParts wrapper{
      .contents = {show("Den har filen kraver en annan lasare")},
      .catalogue_extra = "/AF [5 0 R]",
      .more = {"<< /Type /Filespec /F (skyddad.pdf) /AFRelationship /EncryptedPayload /EF << /F 6 "
               "0 R >> "
               "/EP << /Type /EncryptedPayload /Subtype /MicrosoftIRMServices >> >>",
               pdf_stream("hemligt")}};
  const Extracted read = read_pdf(wrapper);
  CHECK(read.words() == "not_read rights_managed");
  CHECK(read.sink.chunks.empty());

  const PdfParts handler{.contents = {show("Text")},
                         .more = {"<< /Filter /MicrosoftIRMServices /V 1 >>"},
                         .trailer = "/Encrypt 5 0 R"};
  CHECK(read_pdf(handler).words() == "not_read rights_managed");
}

TEST_CASE("a damaged PDF gives what is left of it") {
  const std::string good = build(
      {.contents = {show("Forsta sidan Opal"), show("Andra sidan Beryll"), show("Tredje sidan")}});
  struct Row {
    const char* what;
    std::string bytes;
    const char* words;
    bool first_page;
  };
  std::string wrong_table = good;
  wrong_table.replace(wrong_table.rfind("startxref\n") + 10, 3, "999");
  const auto row = GENERATE_COPY(values<Row>({
      {"cut after the pages", good.substr(0, good.find("xref\n")), "read_in_part corrupt", true},
      {"table in the wrong place", wrong_table, "read ", true},
      {"cut between the pages", good.substr(0, good.find("Andra") - 20), "read_in_part corrupt",
       true},
      {"head only", good.substr(0, 40), "not_read corrupt", false},
      {"empty", "", "not_read corrupt", false},
      {"nothing of the kind", "%PDF-1.4\nallt annat", "not_read corrupt", false},
  }));
  CAPTURE(row.what);
  const Extracted read = extract_document(Format::kPdf, row.bytes);
  CHECK(read.words() == row.words);
  CHECK(read.has("Forsta sidan Opal") == row.first_page);
}

TEST_CASE("what a real program wrote is found again after its end was cut off") {
  const std::string good = fixture("kort.pdf");
  const Extracted read = extract_document(Format::kPdf, good.substr(0, good.rfind("xref") - 20));
  CHECK(read.words() == "read_in_part corrupt");
  CHECK(read.has("19810501-2382"));
  // Its objects are compressed in a stream of their own.
  const std::string packed = fixture("utredning.pdf");
  const Extracted unpacked = extract_document(Format::kPdf, packed.substr(0, packed.size() - 600));
  CHECK(unpacked.outcome.kind == OutcomeKind::kReadInPart);
  CHECK(unpacked.has("197507109291"));
}

TEST_CASE("a page made to take for ever is stopped, and the others are read") {
  // Each form draws the next one twice: 2^40 draws.
  PdfParts parts{.contents = {show("Forsta sidan Opal"), "/Fm5 Do\n", show("Tredje sidan Beryll")}};
  for (int i = 5; i < 45; ++i) {
    const std::string next = std::to_string(i + 1);
    parts.more.push_back(
        pdf_stream(i == 44 ? "0 0 m 1 1 l S " : "/F" + next + " Do /F" + next + " Do",
                   "/Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /F" + next + " " +
                       next + " 0 R >> >>"));
  }
  std::string bytes = build(parts);
  for (std::size_t at = 0; (at = bytes.find("/Im1 4 0 R", at)) != std::string::npos; at += 10)
    bytes.replace(at, 10, "/Fm5 5 0 R");
  Limits limits;
  limits.max_cpu = std::chrono::seconds(2);
  const Extracted read = extract_document(Format::kPdf, bytes, limits);
  CHECK(read.words() == "read_in_part timeout");
  CHECK(read.has("Forsta sidan Opal"));
}

TEST_CASE("rings in the trees of a PDF end") {
  const PdfParts parts{
      .contents = {show("Sida")},
      .page_extra = "/Annots [9 0 R]",
      .catalogue_extra =
          "/AcroForm << /Fields [5 0 R] >> /Outlines 6 0 R /Names << /EmbeddedFiles 7 0 R >>",
      .more = {"<< /T (a) /V (varde) /Kids [5 0 R 5 0 R] >>",
               "<< /Title (bok) /First 6 0 R /Next 6 0 R >>", "<< /Kids [7 0 R 8 0 R] >>",
               "<< /Names [(x) 9 0 R (y) 9 0 R] >>", "<< /FS 9 0 R /EF 9 0 R >>"}};
  const Extracted read = read_pdf(parts);
  CHECK(read.has("varde"));
  CHECK(read.has("bok"));
}

TEST_CASE("a PDF above the limit of memory is named, not read") {
  extract::ExtractRequest request;
  request.format = Format::kPdf;
  request.source = {-1, 0, 300ull << 20};
  KeepingSink sink;
  CHECK(extract::extractor_for(Format::kPdf)->extract(request, sink).reason == Reason::kTooLarge);
}

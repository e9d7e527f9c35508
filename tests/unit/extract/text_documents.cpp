#include <catch2/catch.hpp>
#include <random>
#include <string>

#include "scanner/extract/charset.hpp"
#include "text_support.hpp"

namespace gallra::extract {
namespace {

using text_test::Gathered;
using text_test::Memory;
using text_test::run;

// --- XML ---

TEST_CASE("elements and attributes of XML are labelled values of one record", "[xml]") {
  const Gathered got =
      run(Format::kXml,
          "<?xml version=\"1.0\"?>\n<personer>\n"
          "  <person id=\"7\">\n    <namn>Anna Ek</namn>\n"
          "    <personnummer>810101-2386</personnummer>\n  </person>\n"
          "  <person id=\"8\"><namn>Bo</namn><field name=\"Diagnos\">astma</field></person>\n"
          "  <person><namn>Ulf</namn><p>Han <b>bor</b> här</p></person>\n</personer>\n");
  CHECK(got.outcome.kind == OutcomeKind::kRead);
  CHECK(got.line_of("id: 7") == 3);
  CHECK(got.line_of("namn: Anna Ek") == 4);
  CHECK(got.line_of("personnummer: 810101-2386") == 5);
  CHECK(got.line_of("namn: Bo") == 7);
  CHECK(got.has("Diagnos: astma"));
  CHECK(got.line_of("p: Han bor här") == 8);
  CHECK(got.piece_of("Anna") == got.piece_of("810101-2386"));
  CHECK(got.piece_of("Anna") != got.piece_of("Bo"));
  CHECK(got.piece_of("Bo") != got.piece_of("Ulf"));
}

TEST_CASE("inline elements of XML do not part a number", "[xml]") {
  CHECK(run(Format::kXml, "<a><b>nr 8101<i>01-</i>2386 x</b></a>").has("810101-2386"));
}

TEST_CASE("flat OpenDocument is read as the document it is", "[xml]") {
  const Gathered got =
      run(Format::kXml,
          "<?xml version=\"1.0\"?><office:document "
          "office:mimetype=\"application/vnd.oasis.opendocument.text\">"
          "<office:meta><meta:creation-date>2017-03-04T10:00:00</meta:creation-date>"
          "<dc:description>om Bo Al</dc:description><meta:user-defined "
          "meta:name=\"Klient\">Anna Ek</meta:user-defined></office:meta>"
          "<office:body><office:text><text:p>Nr "
          "<text:span>810101</text:span><text:span>-2386</text:span></text:p>"
          "</office:text></office:body></office:document>");
  CHECK(got.has("810101-2386"));
  CHECK(got.has("Anna Ek"));
  CHECK(got.has("om Bo Al"));
  REQUIRE(got.dates.size() == 1);
  CHECK(day_text(got.dates[0].day) == "2017-03-04");
}

TEST_CASE("damaged XML is read as far as it goes and said to be damaged", "[xml]") {
  const Gathered cut = run(Format::kXml, "<a><b>810101-2386</b><c>x");
  CHECK(cut.has("b: 810101-2386"));
  CHECK(cut.outcome.kind == OutcomeKind::kReadInPart);
  CHECK(cut.outcome.reason == Reason::kCorrupt);
  CHECK(run(Format::kXml, "\x01\x02\x03").outcome.reason == Reason::kCorrupt);
  const std::string garbage = "\x01\xfe\x9c\x03\x13\xc8\x7f\x02\x11\xaa\x05 ";
  for (const auto& [format, before, after] :
       {std::tuple(Format::kXml, "<a><b>810101-2386</b><c>x", "y</c><d>Anna Ek</d></a>"),
        std::tuple(Format::kJson, "{\"b\": \"810101-2386\", \"c\": \"x",
                   "y\", \"d\": \"Anna Ek\"}")}) {
    const Gathered got = run(format, before + garbage + after);
    CHECK(got.has("b: 810101-2386"));
    CHECK(got.has("d: Anna Ek"));
    CHECK(got.outcome.kind == OutcomeKind::kReadInPart);
    CHECK(got.outcome.reason == Reason::kCorrupt);
  }
  const Gathered middle = run(Format::kXml, "<a><b>1</b>&<<< <c d=\"x><e>810101-2386</e></a>");
  CHECK(middle.has("810101-2386"));
}

// --- HTML ---

TEST_CASE("a page is read with all that it hides", "[html]") {
  struct Row {
    const char* html;
    const char* wanted;
  };
  const auto row = GENERATE(values<Row>({
      {"<p>nr 8101<b>01-</b>2386</p>", "810101-2386"},
      {"<p>8101</p><p>2386</p>", "8101\n2386"},
      {"<p>Klient 810101-2386<sup>1</sup></p>", "810101-2386 1"},
      {"<p>810101-2386<a href='#n'><sup><b>12)</b></sup></a>, se", "810101-2386 12) , se"},
      {"<table><tr><td>Nr<td>810101-2386<sub>2</sub><tr><td>a<td>b</table>", "810101-2386 2"},
      {"<p>Bor på 3<sup>e</sup> våningen", "3e våningen"},
      {"Namn:<br>Anna", "Namn:\nAnna"},
      {"<!-- 810101-2386 -->", "810101-2386"},
      {"<img alt='Anna Ek'>", "Anna Ek"},
      {"<input type=hidden name=pnr value=810101-2386>", "pnr: 810101-2386"},
      {"<a href='mailto:anna%2Eek@example.org'>x</a>", "anna.ek@example.org"},
      {"<a href=\"tel:070-1740605\">x</a>", "070-1740605"},
      {"<a href='/visa?pnr=810101-2386'>x</a>", "810101-2386"},
      {"<iframe srcdoc='&lt;p&gt;8101&lt;b&gt;01-2386&lt;/b&gt;'></iframe>", "810101-2386"},
      {"<a href='data:text/plain;base64,ODEwMTAxLTIzODY='>x</a>", "810101-2386"},
      {"<script>var p = '810101-2386';</script>", "810101-2386"},
      {"<title>Anna &Ouml;berg</title>", "Anna Öberg"},
      {"<meta name=description content='om Anna Ek'>", "om Anna Ek"},
      {"<div style='display:none'>810101-2386</div>", "810101-2386"},
      {"skriv till <anna@example.org> i dag", "anna@example.org"},
      {"&Aring;sa &aringker &#229;k", "Åsa åker åk"},
      {"<p title=\"x>810101-2386</p><p class=\"y\">z", "810101-2386"},
      {"<textarea>810101-2386</textarea>", "810101-2386"},
      {"<a onclick=\"visa('810101-2386')\">x</a>", "810101-2386"},
      {"<template>Anna</template><noscript>Ek</noscript>", "Anna\nEk"},
  }));
  CAPTURE(row.html);
  const Gathered got = run(Format::kHtml, row.html);
  CAPTURE(got.all());
  CHECK(got.has(row.wanted));
  CHECK(got.outcome.kind == OutcomeKind::kRead);
}

TEST_CASE("styles are no text", "[html]") {
  CHECK(run(Format::kHtml, "<style>p{color:#810101}</style>x").all() == "x\n");
}

TEST_CASE("a table of a page keeps its rows and columns", "[html]") {
  const Gathered got =
      run(Format::kHtml,
          "<p>Lista</p><table><tr><th>Namn<th>Personnr<th>Ort</tr>"
          "<tr><td>Anna <b>Ek</b></td><td colspan=2>810101-2386</td></tr>"
          "<tr><td>Bo</td><td><p>x</p><p>y</p></td><td>Lund</td></tr></table>efter");
  const auto* table = got.piece_of("Personnr");
  REQUIRE(table != nullptr);
  CHECK(table->layout == Layout::kTable);
  CHECK(table->place == Place{PlaceKind::kCell, 1, 1, ""});
  CHECK(table->text == "Namn\tPersonnr\tOrt\nAnna Ek\t810101-2386\nBo\tx y\tLund\n");
  CHECK(got.piece_of("efter")->layout == Layout::kProse);
}

TEST_CASE("tables that hold a form or lay out the page become text", "[html]") {
  const Gathered form =
      run(Format::kHtml, "<table><tr><th>Namn<td>Anna Ek<tr><th>Personnr<td>810101-2386</table>");
  CHECK(form.has("Namn Anna Ek\nPersonnr 810101-2386"));
  CHECK(form.pieces[0].layout == Layout::kProse);
  const Gathered nested = run(Format::kHtml,
                              "<table><tr><td>meny</td><td><table><tr><td>a</td><td>810101-2386</"
                              "td></tr><tr><td>b</td><td>c</td></tr>"
                              "</table></td></tr></table>");
  CHECK(nested.has("meny"));
  CHECK(nested.piece_of("810101-2386")->layout == Layout::kTable);
}

TEST_CASE("lines of a page are those of its file", "[html]") {
  std::string html = "<html>\n<body>\n";
  for (int i = 3; i <= 900; ++i) html += "<p>stycke " + std::to_string(i) + ".</p>\n";
  const Gathered got = run(Format::kHtml, html + "<div>Anna Ek</div>\n");
  CHECK(got.line_of("stycke 3.") == 3);
  CHECK(got.line_of("stycke 777.") == 777);
  CHECK(got.line_of("Anna Ek") == 901);
}

TEST_CASE("a page says its charset, or is looked at", "[html]") {
  const auto row = GENERATE(values<std::string>({
      "<meta charset=iso-8859-1><p>\xC5sa \xD6"
      "berg",
      "<meta http-equiv='Content-Type' content='text/html; charset=windows-1252'><p>\xC5sa \xD6"
      "berg",
      "<p>\xC5sa \xD6"
      "berg \xE4r h\xE4r",
      "<meta charset=\"utf-8\"><p>Åsa Öberg",
      "<meta charset=utf-8><p>\xC5sa \xD6"
      "berg \xE4r h\xE4r",
      "<p>Åsa Öberg",
  }));
  CHECK(run(Format::kHtml, row).has("Åsa Öberg"));
}

// --- RTF ---

std::string rtf(const std::string& body) {
  return "{\\rtf1\\ansi\\ansicpg1252\\deff0{\\fonttbl{\\f0\\fnil\\fcharset0 Arial;}"
         "{\\f1\\fcharset204 Cyr;}{\\f2\\fcharset77 Mac;}}{\\colortbl;\\red1\\green2\\blue3;}"
         "{\\stylesheet{\\s1 rubrik mall;}}\\f0 " +
         body + "}";
}

TEST_CASE("text of RTF comes out in its characters", "[rtf]") {
  struct Row {
    const char* body;
    const char* wanted;
  };
  const auto row = GENERATE(values<Row>({
      {"8101{\\b 01-}2386\\par", "810101-2386"},
      {"\\'c5sa \\'d6berg\\par", "Åsa Öberg"},
      {"\\u197?sa \\uc0\\u214 berg\\par", "Åsa Öberg"},
      {"\\uc2\\u197 \\'41\\'41sa\\par", "Åsa"},
      {"\\u-10179?\\u-8704?\\par", "\U0001F600"},
      {"{\\f1 \\'c0\\'ed\\'ed\\'e0}\\par", "Анна"},
      {"{\\f2 \\'81sa}\\par", "Åsa"},
      {"a\\~b\\_c\\endash d\\par", "a\u00A0b-c\u2013d"},
      {"{\\field{\\*\\fldinst HYPERLINK \"mailto:anna@example.org\"}{\\fldrslt Anna}}\\par",
       "anna@example.org"},
      {"{\\v 810101-2386}\\par", "810101-2386"},
      {"x{\\*\\unknown 1}y{\\*\\bkmkstart b}z\\par", "xyz"},
      {"\\{a\\\\b\\}\\par", "{a\\b}"},
      {"a\\bin3 {}}b\\par", "ab"},
      {"{\\header Sekretess\\par}", "Sekretess"},
      {"text{\\footnote Not om Anna}\\par", "Not om Anna"},
      {"{\\*\\atnauthor Bo Ek}{\\*\\annotation{\\atnid b}Kontrollera}\\par", "Kontrollera"},
      {"{\\shp{\\*\\shpinst{\\sp{\\sn x}{\\sv y}}{\\shptxt Ruta 810101-2386\\par}}}",
       "Ruta 810101-2386"},
  }));
  CAPTURE(row.body);
  const Gathered got = run(Format::kRtf, rtf(row.body));
  CAPTURE(got.all());
  CHECK(got.has(row.wanted));
  CHECK_FALSE(got.has("mall"));
  CHECK_FALSE(got.has("Arial"));
  CHECK(got.outcome.kind == OutcomeKind::kRead);
}

TEST_CASE("RTF keeps paragraphs, tables, properties and days apart", "[rtf]") {
  const Gathered got =
      run(Format::kRtf,
          rtf("{\\info{\\title Beslut}{\\author Anna Ek}{\\creatim\\yr2016\\mo1\\dy2\\hr3}"
              "{\\revtim\\yr2017\\mo3\\dy4}}"
              "F\\'f6rsta\\par Andra\\par"
              "\\trowd\\cellx1\\cellx2\\pard\\intbl Namn\\cell Nr\\cell\\row"
              "\\trowd\\cellx1\\cellx2\\pard\\intbl Anna\\par Ek\\cell 810101-2386\\cell\\row"
              "\\pard Sist\\par"));
  CHECK(got.piece_of("Första")->place == Place{PlaceKind::kParagraph, 1, 0, ""});
  CHECK(got.piece_of("Andra")->place.a == 2);
  const auto* table = got.piece_of("810101-2386");
  REQUIRE(table != nullptr);
  CHECK(table->layout == Layout::kTable);
  CHECK(table->text == "Namn\tNr\nAnna Ek\t810101-2386\n");
  CHECK(got.piece_of("Sist")->layout == Layout::kProse);
  CHECK(got.piece_of("Beslut")->place == Place{PlaceKind::kProperty, 0, 0, "title"});
  CHECK(got.piece_of("Anna Ek")->place.label == "author");
  REQUIRE(got.dates.size() == 2);
  CHECK(got.dates[0].kind == DateKind::kDocCreated);
  CHECK(day_text(got.dates[1].day) == "2017-03-04");
}

TEST_CASE("pictures and objects of RTF are members", "[rtf]") {
  const std::string body =
      "{\\pict\\pngblip\\picw1 89504e47}{\\object\\objemb{\\*\\objclass Word}{\\*\\objdata "
      "01050000 02000000 05000000 576f726400 00000000 00000000 04000000 d0cf11e0}{\\result "
      "bild}}x\\par";
  const Gathered got = run(Format::kRtf, rtf(body));
  REQUIRE(got.members.size() == 2);
  CHECK(got.bytes[0] == "\x89PNG");
  CHECK(got.members[0].name == "picture-1.png");
  CHECK(got.bytes[1] == "\xD0\xCF\x11\xE0");
  CHECK(got.has("bild"));
  CHECK(got.open == 0);

  const Memory file(rtf(body));
  const Gathered resumed = run(Format::kRtf, file.source(), 1);
  REQUIRE(resumed.members.size() == 1);
  CHECK(resumed.members[0].ordinal == 1);
  CHECK(resumed.pieces.empty());
}

TEST_CASE("RTF that is cut off or none at all is said so", "[rtf]") {
  const Gathered cut = run(Format::kRtf, "{\\rtf1 Anna 810101-2386");
  CHECK(cut.has("810101-2386"));
  CHECK(cut.outcome.reason == Reason::kCorrupt);
  CHECK(run(Format::kRtf, "no rtf").outcome.kind == OutcomeKind::kNotRead);
  std::string deep = "{\\rtf1 ";
  for (int i = 0; i < 300'000; ++i) deep += "{\\b ";
  CHECK(run(Format::kRtf, deep + "810101-2386").has("810101-2386"));
}

// --- vCard, iCalendar ---

TEST_CASE("cards become labelled properties", "[vcard]") {
  const Gathered got =
      run(Format::kVcard,
          "BEGIN:VCARD\r\nVERSION:3.0\r\nN:Ek;Anna;Maria;;\r\nFN:Anna Ek\r\n"
          "TEL;TYPE=CELL:070-1740605\r\nitem1.TEL:070-1740606\r\n"
          "EMAIL;TYPE=INTERNET:anna@example.org\r\n"
          "ADR;TYPE=HOME:;;Storgatan 1;Lund;;222 22;Sverige\r\nBDAY:1981-01-01\r\n"
          "NOTE:ringer\\, ofta\\noch\r\n  l\xC3\xA4nge\r\nPHOTO;ENCODING=b:iVBORw==\r\n"
          "REV:20170304T101112Z\r\nEND:VCARD\r\n"
          "BEGIN:VCARD\r\nVERSION:2.1\r\n"
          "N;CHARSET=ISO-8859-1;ENCODING=QUOTED-PRINTABLE:=D6berg;=C5s=\r\na\r\nEND:VCARD\r\n");
  CHECK(got.outcome.kind == OutcomeKind::kRead);
  CHECK(got.piece_of("Anna Maria Ek")->place == Place{PlaceKind::kField, 3, 0, "N"});
  CHECK(got.piece_of("070-1740605")->text == "070-1740605\n070-1740606");
  CHECK(got.piece_of("anna@")->place.label == "EMAIL");
  CHECK(got.piece_of("Storgatan 1, 222 22 Lund, Sverige") != nullptr);
  CHECK(got.piece_of("ringer, ofta\noch länge") != nullptr);
  CHECK(got.piece_of("Åsa Öberg")->place.a == 17);
  REQUIRE(got.members.size() == 1);
  CHECK(got.bytes[0] == "\x89PNG");
  REQUIRE(got.dates.size() == 1);
  CHECK(day_text(got.dates[0].day) == "2017-03-04");
}

TEST_CASE("appointments become labelled properties", "[icalendar]") {
  const Gathered got =
      run(Format::kIcalendar,
          "BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VEVENT\nDTSTART:20170304T100000\n"
          "CREATED:20160102T000000Z\nSUMMARY:Hembes\xC3\xB6k hos Anna\n Ek\n"
          "ATTENDEE;CN=\"Bo Ek\":mailto:bo@example.org\nEND:VEVENT\nEND:VCALENDAR\n");
  CHECK(got.outcome.kind == OutcomeKind::kRead);
  CHECK(got.piece_of("Hembesök hos AnnaEk")->place == Place{PlaceKind::kField, 6, 0, "SUMMARY"});
  CHECK(got.has("Bo Ek <bo@example.org>"));
  REQUIRE(got.dates.size() == 2);
  CHECK(got.dates[1].kind == DateKind::kLastEntry);
}

// --- all of them, damaged ---

struct Specimen {
  Format format;
  std::string bytes;
};

TEST_CASE("damaged documents end in an outcome and in valid text", "[mutation]") {
  const auto specimen = GENERATE(values<Specimen>({
      {Format::kText, "Anna Ek\r\n810101-2386 \xC5sa\n"},
      {Format::kCsv, "a;b\n\"x;y\";\"1\n2\"\nz;3\n"},
      {Format::kJson, "{\"a\": [1, {\"b\": \"x\\u00e5\\n\"}], \"c\": null}"},
      {Format::kXml,
       "<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b 'c'>]><a b='c'><d>&amp;x</d><!-- y "
       "--><![CDATA[z]]></a>"},
      {Format::kHtml,
       "<table><tr><td>a</td><td><table><tr><td>x</table></table><p title='y'>&aring;<!-- c "
       "--><script>s</script><iframe srcdoc='&lt;p&gt;'>"},
      {Format::kRtf,
       rtf("{\\info{\\author A}{\\creatim\\yr2017\\mo1\\dy1}}\\u197?\\'c5{\\pict\\pngblip "
           "8950}{\\*\\objdata 0105}\\trowd a\\cell\\row\\par")},
      {Format::kVcard,
       "BEGIN:VCARD\nN;ENCODING=QUOTED-PRINTABLE:=C5=\n "
       "sa;x\nPHOTO;ENCODING=b:iVBORw==\nREV:20170304\nEND:VCARD\n"},
      {Format::kIcalendar,
       "BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY;X=\"a:b\":c\\nd\nDTSTART:20170304\nEND:VEVENT\nEND:"
       "VCALENDAR\n"},
  }));
  std::mt19937 random(11);
  std::size_t with_text = 0;
  for (int i = 0; i < 400; ++i) {
    std::string bytes = specimen.bytes;
    if (i % 3 == 0) bytes.resize(random() % bytes.size());
    for (std::size_t n = random() % 6; n > 0 && !bytes.empty(); --n)
      bytes[random() % bytes.size()] ^= static_cast<char>(1u << random() % 8);
    if (i % 7 == 0 && !bytes.empty())
      bytes.insert(random() % bytes.size(), bytes.substr(random() % bytes.size()));
    const Gathered got = run(specimen.format, bytes);
    CHECK(got.open == 0);
    const auto kind = got.outcome.kind;
    CHECK((kind == OutcomeKind::kRead || got.outcome.reason == Reason::kCorrupt));
    for (const auto& piece : got.pieces) CHECK(is_valid_utf8_slow(piece.text));
    with_text += got.pieces.empty() ? 0 : 1;
  }
  CHECK(with_text > 100);
}

TEST_CASE("binary bytes and nothing at all end in an outcome in every format", "[mutation]") {
  std::mt19937 random(5);
  std::string bytes(200'000, '\0');
  for (char& c : bytes) c = static_cast<char>(random());
  for (const Format format : {Format::kText, Format::kCsv, Format::kJson, Format::kXml,
                              Format::kHtml, Format::kRtf, Format::kVcard, Format::kIcalendar}) {
    const Gathered got = run(format, bytes);
    CHECK(got.open == 0);
    for (const auto& piece : got.pieces) CHECK(is_valid_utf8_slow(piece.text));
    CHECK(run(format, "").open == 0);
  }
}

}  // namespace
}  // namespace gallra::extract

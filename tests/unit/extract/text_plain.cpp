#include <catch2/catch.hpp>
#include <string>

#include "scanner/extract/charset.hpp"
#include "text_support.hpp"

namespace gallra::extract {
namespace {

using text_test::Gathered;
using text_test::Memory;
using text_test::run;

const std::string kValue = "Anna Ek, 810101-2386";

std::string numbered_lines(int n, std::string_view end) {
  std::string out;
  for (int i = 1; i <= n; ++i)
    out += "rad " + std::to_string(i) + " om ingenting" + std::string(end);
  return out;
}

void check_whole(const Gathered& got) {
  std::uint64_t offset = 0;
  for (const auto& piece : got.pieces) {
    CHECK(is_valid_utf8_slow(piece.text));
    CHECK(piece.offset == offset);
    offset += piece.text.size();
  }
}

TEST_CASE("text keeps its lines whatever ends them", "[text]") {
  const auto* end = GENERATE("\n", "\r\n", "\r");
  const std::string bytes = numbered_lines(30'000, end) + kValue + end + "slut";
  const Gathered got = run(Format::kText, bytes);
  CHECK(got.outcome.kind == OutcomeKind::kRead);
  CHECK(got.line_of(kValue) == 30'001);
  CHECK(got.line_of("slut") == 30'002);
  CHECK(got.pieces.size() > 1);
  CHECK_FALSE(got.pieces[0].continues);
  CHECK(got.pieces[1].continues);
  CHECK(got.pieces[0].text.ends_with('\n'));
  CHECK(got.all().find('\r') == std::string::npos);
  check_whole(got);
}

TEST_CASE("a line without end is cut between words and loses nothing", "[text]") {
  std::string bytes;
  while (bytes.size() < 1'500'000) bytes += "ett två åäö ";
  const Gathered got = run(Format::kText, bytes);
  CHECK(got.all() == bytes);
  CHECK(got.pieces.size() > 2);
  CHECK(got.pieces[0].text.ends_with(' '));
  check_whole(got);

  std::string dense;
  while (dense.size() < 1'500'001) dense += "å€";
  const Gathered whole = run(Format::kText, dense);
  CHECK(whole.all() == dense);
  check_whole(whole);
}

TEST_CASE("a value behind a hole of gigabytes is found on its line", "[text]") {
  Memory file("first\n");
  file.grow_hole(6ull << 30);
  file.append("\nsecond\n" + kValue + "\n");
  const Gathered got = run(Format::kText, file.source());
  CHECK(got.outcome.kind == OutcomeKind::kRead);
  CHECK(got.line_of(kValue) == 4);  // the hole is the second line
  CHECK(got.all().size() < 2'000'000);
}

TEST_CASE("what is encrypted in a text is left out and told", "[text]") {
  const std::string data =
      "hQEMA0Vp2m5n5XzKAQf/aW5nZW50aW5nIGF0dCBsw6RzYSBow6RyLCBiYXJhIGJ\n"
      "2mJ0eXRlcyBzb20gaW5nZW4ga2FuIGzDpHNh\n=Qx1Z\n";
  const std::string block =
      "-----BEGIN PGP MESSAGE-----\nVersion: 2\n\n" + data + "-----END PGP MESSAGE-----\n";
  const std::string age =
      "-----BEGIN AGE ENCRYPTED FILE-----\n" + data + "-----END AGE ENCRYPTED FILE-----\n";
  struct Row {
    std::string bytes;
    OutcomeKind kind;
    std::string text;
  };
  const std::vector<Row> rows = {
      {block, OutcomeKind::kNotRead, ""},
      {"\r\n" + block + block, OutcomeKind::kNotRead, "\n"},
      {age, OutcomeKind::kNotRead, ""},
      {block.substr(0, 90), OutcomeKind::kNotRead, ""},
      {"Hej\n" + block + kValue, OutcomeKind::kReadInPart, "Hej\n" + kValue},
      {block.substr(0, 110) + "\nOm " + kValue + "\n", OutcomeKind::kReadInPart,
       "Om " + kValue + "\n"},
      {"Skriv\n-----BEGIN PGP MESSAGE-----\noch sedan " + kValue, OutcomeKind::kRead,
       "Skriv\noch sedan " + kValue},
      {"se -----BEGIN PGP MESSAGE-----\nabcd\n", OutcomeKind::kRead,
       "se -----BEGIN PGP MESSAGE-----\nabcd\n"},
      {"age-encryption.org/v1\n-> X25519 abc\n", OutcomeKind::kNotRead, ""},
      {"Salted__\1\2\3\4\5\6\7\x08", OutcomeKind::kNotRead, ""},
      {"U2FsdGVkX18BAgMEBQYHCA==\n", OutcomeKind::kNotRead, ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.bytes);
    const Gathered got = run(Format::kText, row.bytes);
    CHECK(got.outcome.kind == row.kind);
    CHECK(got.all() == row.text);
    if (row.kind != OutcomeKind::kRead) CHECK(got.outcome.reason == Reason::kEncrypted);
  }
  CHECK(run(Format::kText, "Hej\n" + block + kValue).line_of(kValue) == 9);
}

TEST_CASE("an empty file is read", "[text]") {
  const Gathered got = run(Format::kText, "");
  CHECK(got.outcome.kind == OutcomeKind::kRead);
  CHECK(got.pieces.empty());
}

TEST_CASE("a window of a file is read and nothing around it", "[text]") {
  const Memory file("before|inside|after");
  Source source = file.source();
  source.offset = 7;
  source.size = 6;
  CHECK(run(Format::kText, source).all() == "inside");
}

// --- CSV ---

struct Table {
  const char* name;
  std::string bytes;
  std::string text;
};

TEST_CASE("tables in every dialect become cells", "[csv]") {
  const auto row = GENERATE(values<Table>({
      {"semicolons", "Namn;Personnr\nAnna Ek;810101-2386\n",
       "Namn\tPersonnr\nAnna Ek\t810101-2386\n"},
      {"commas", "a,b,c\n1,2,3\n4,5,6\n", "a\tb\tc\n1\t2\t3\n4\t5\t6\n"},
      {"tabs", "a\tb\n1\t2\n", "a\tb\n1\t2\n"},
      {"bars", "a|b\n1|2\n", "a\tb\n1\t2\n"},
      {"decimal commas", "namn;belopp\nx;1,50\ny;2,75\n", "namn\tbelopp\nx\t1,50\ny\t2,75\n"},
      {"declared", "sep=,\na;x,b\n1,2\n", "a;x\tb\n1\t2\n"},
      {"quotes", "a;b\n\"x;y\";\"say \"\"hi\"\"\"\n", "a\tb\nx;y\tsay \"hi\"\n"},
      {"line end in quotes", "a;b\n\"x\ny\";2\nz;3\n", "a\tb\nx y\t2\nz\t3\n"},
      {"tab in a cell", "a;b\n\"x\ty\";2\np\tq;3\n", "a\tb\nx y\t2\np q\t3\n"},
      {"ragged", "a;b;c\n1;2\n1;2;3;4\n5;6;7\n", "a\tb\tc\n1\t2\n1\t2\t3\t4\n5\t6\t7\n"},
      {"no last line end", "a;b\n1;2", "a\tb\n1\t2"},
      {"quote inside a cell", "a;b\n5\" rör;2\nx;3\n", "a\tb\n5\" rör\t2\nx\t3\n"},
      {"a lost quote", "a;b\n\"x;1\n\"y\";2\nz;3\n", "a\tb\n\"x\t1\ny\t2\nz\t3\n"},
      {"list", "personnummer\n8101012386\n8101012394\n", "personnummer\n8101012386\n8101012394\n"},
      {"empty rows", "a;b\n\n1;2\n", "a\tb\n\n1\t2\n"},
  }));
  CAPTURE(row.name);
  const Gathered got = run(Format::kCsv, row.bytes);
  CHECK(got.all() == row.text);
  REQUIRE_FALSE(got.pieces.empty());
  CHECK(got.pieces[0].layout == Layout::kTable);
  CHECK(got.pieces[0].place == Place{PlaceKind::kCell, 1, 1, ""});
}

TEST_CASE("a large table keeps its row numbers and is one table", "[csv]") {
  const bool quoted = GENERATE(false, true);
  const std::string q = quoted ? "\"" : "";
  std::string bytes = "nr;namn\r\n";
  for (int i = 2; i <= 60'000; ++i)
    bytes += std::to_string(i) + ";" + q + "namn " + std::to_string(i) + q + "\r\n";
  const Gathered got = run(Format::kCsv, bytes);
  CHECK(got.line_of("namn 59999\n") == 59'999);
  CHECK(got.pieces.size() > 2);
  CHECK_FALSE(got.pieces[0].continues);
  CHECK(got.pieces[1].continues);
  for (const auto& piece : got.pieces) CHECK(piece.text.ends_with('\n'));
  check_whole(got);
}

TEST_CASE("quotes that never close cost their own row only", "[csv]") {
  std::string bytes = "a;b\n";
  for (int i = 0; i < 50'000; ++i) bytes += "\"x y\"z;" + std::to_string(i) + "\n";
  bytes += "\"never closed;" + kValue + "\n";
  for (int i = 0; i < 1'000; ++i) bytes += "ordinary row;" + std::to_string(i) + "\n";
  const Gathered got = run(Format::kCsv, bytes);
  CHECK(got.line_of(kValue) == 50'002);
  CHECK(got.line_of("ordinary row\t999") == 51'002);
}

TEST_CASE("prose that is called csv is read as prose", "[csv]") {
  const Gathered got = run(
      Format::kCsv,
      "Det här är ett helt vanligt brev som någon har sparat under fel namn, och det är långt.\n"
      "Här kommer en rad till som inte heller har några kolumner alls men som är lång nog.\n");
  REQUIRE(got.pieces.size() == 1);
  CHECK(got.pieces[0].layout == Layout::kProse);
}

TEST_CASE("a row without end is cut and numbered on", "[csv]") {
  std::string bytes = "a;b\n1;2\n";
  for (int i = 0; i < 100'000; ++i) bytes += "cell " + std::to_string(i) + ";";
  bytes += kValue;
  const Gathered got = run(Format::kCsv, bytes);
  const auto* piece = got.piece_of(kValue);
  REQUIRE(piece != nullptr);
  CHECK(piece->place.a == 3);
  const std::string_view before = std::string_view(piece->text).substr(0, piece->text.find(kValue));
  CHECK(piece->place.b +
            static_cast<std::uint32_t>(std::count(before.begin(), before.end(), '\t')) ==
        100'001);
}

// --- JSON ---

TEST_CASE("the fields of a JSON object stay together with their labels", "[json]") {
  const Gathered got =
      run(Format::kJson,
          "{\"personer\": [{\"namn\": \"Anna Ek\", \"personnummer\": \"810101-2386\"},"
          "{\"namn\": \"Bo \\u00c5s\", \"ort\": {\"postort\": \"V\\u00e4xj\\u00f6\"}}]}");
  CHECK(got.outcome.kind == OutcomeKind::kRead);
  REQUIRE(got.pieces.size() == 2);
  CHECK(got.pieces[0].text == "namn: Anna Ek\npersonnummer: 810101-2386\n");
  CHECK(got.pieces[0].place == Place{PlaceKind::kField, 1, 0, ""});
  CHECK(got.pieces[1].text == "namn: Bo Ås\nort:\npostort: Växjö\n");
}

TEST_CASE("JSON over several lines keeps its line numbers", "[json]") {
  const std::string bytes =
      "[\n  {\n    \"namn\": \"Anna Ek\",\n    \"barn\": [\"Bo\", \"Siv\"],\n\n"
      "    \"personnummer\": 8101012386\n  },\n  {\n    \"namn\": \"Ulf\",\n    \"x\": null,\n"
      "    \"anteckning\": \"rad 1\\nrad 2\"\n  }\n]\n";
  const Gathered got = run(Format::kJson, bytes);
  CHECK(got.outcome.kind == OutcomeKind::kRead);
  CHECK(got.line_of("namn: Anna Ek") == 3);
  CHECK(got.line_of("barn: Bo, Siv") == 4);
  CHECK(got.line_of("personnummer: 8101012386") == 6);
  CHECK(got.line_of("namn: Ulf") == 9);
  CHECK(got.line_of("anteckning: rad 1 rad 2") == 11);
  CHECK(got.piece_of("Anna") != got.piece_of("Ulf"));
  CHECK(got.piece_of("Anna") == got.piece_of("8101012386"));
}

TEST_CASE("each line of JSON lines is a record", "[json]") {
  std::string bytes;
  for (int i = 1; i <= 5'000; ++i)
    bytes += "{\"id\":" + std::to_string(i) + ",\"namn\":\"Anna " + std::to_string(i) + "\"}\n";
  const Gathered got = run(Format::kJson, bytes);
  CHECK(got.pieces.size() == 5'000);
  CHECK(got.pieces[4'321].place.a == 4'322);
  CHECK(got.pieces[4'321].text == "id: 4322\nnamn: Anna 4322\n");
}

TEST_CASE("what is not quite JSON is read all the same", "[json]") {
  struct Row {
    const char* bytes;
    const char* wanted;
    OutcomeKind outcome;
  };
  const auto row = GENERATE(values<Row>({
      {"{\"a\": \"810101-2386\"", "a: 810101-2386", OutcomeKind::kReadInPart},
      {"{\"a\": \"810101-2386", "a: 810101-2386", OutcomeKind::kReadInPart},
      {"{a: '810101-2386',}", "a: '810101-2386'", OutcomeKind::kRead},
      {"// note 810101-2386\n{\"a\": 1}", "810101-2386", OutcomeKind::kRead},
      {"{\"a\": \"lost quote\n, \"b\": \"810101-2386\"}", "b: 810101-2386", OutcomeKind::kRead},
      {"{\"810101-2386\": {\"x\": 1}}", "810101-2386:", OutcomeKind::kRead},
      {"{\"a\": \"\\ud83d\\ude00 \\u00 \\q\"}", "\U0001F600", OutcomeKind::kRead},
      {"]]]}}{\"a\": \"810101-2386\"}", "a: 810101-2386", OutcomeKind::kRead},
      {"\"810101-2386\"", "810101-2386", OutcomeKind::kRead},
      {"810101-2386", "810101-2386", OutcomeKind::kRead},
      {"{\"a\": [[1, 2], [3, \"810101-2386\"]]}", "3, 810101-2386", OutcomeKind::kRead},
  }));
  CAPTURE(row.bytes);
  const Gathered got = run(Format::kJson, row.bytes);
  CAPTURE(got.all());
  CHECK(got.has(row.wanted));
  CHECK(got.outcome.kind == row.outcome);
}

TEST_CASE("deep and long JSON is read in constant memory", "[json]") {
  std::string deep;
  for (int i = 0; i < 200'000; ++i) deep += "{\"a\":[";
  CHECK(run(Format::kJson, deep + "\"" + kValue + "\"").has(kValue));

  std::string text(3'000'000, 'x');
  for (std::size_t i = 60; i < text.size(); i += 61) text[i] = ' ';
  const Gathered got = run(Format::kJson, "{\"a\":\"" + text + "\",\"b\":\"" + kValue + "\"}");
  CHECK(got.has(kValue));
  CHECK(got.all().size() > text.size());
  for (const auto& piece : got.pieces) CHECK(piece.text.size() < 300'000);
}

}  // namespace
}  // namespace gallra::extract

#include <catch2/catch.hpp>
#include <string>

#include "scanner/extract/charset.hpp"
#include "scanner/extract/markup.hpp"

namespace gallra::extract {
namespace {

// Writes events as text: <name a=1> text </name> {comment} [declaration].
class Written : public MarkupHandler {
 public:
  void open(const Tag& tag) override {
    out += "<" + std::string(tag.local());
    AttributeReader reader = tag.attributes();
    for (Attribute a; reader.next(a);) out += " " + std::string(a.local()) + "=" + a.value();
    out += ">";
  }
  void close(std::string_view name) override { out += "</" + std::string(name) + ">"; }
  void text(std::string_view piece) override { out += piece; }
  void comment(std::string_view piece) override {
    out += (in_comment ? "" : "{") + std::string(piece);
    in_comment = true;
  }
  void comment_end() override {
    out += in_comment ? "}" : "{}";
    in_comment = false;
  }
  void declaration(std::string_view content) override { out += "[" + std::string(content) + "]"; }
  std::string out;
  bool in_comment = false;
};

std::string events(std::string_view bytes, Dialect dialect, std::size_t step = 1u << 20) {
  Written written;
  Tokenizer tokenizer(written, dialect);
  for (std::size_t at = 0; at < bytes.size(); at += step)
    tokenizer.feed(bytes.substr(at, step), false);
  tokenizer.feed({}, true);
  return written.out;
}

struct Row {
  Dialect dialect;
  std::string bytes;
  std::string events;
};

TEST_CASE("markup becomes tags and text, cut anywhere", "[markup]") {
  constexpr Dialect kXml = Dialect::kXml;
  constexpr Dialect kHtml = Dialect::kHtml;
  const auto row = GENERATE(values<Row>({
      {kXml, "<a x='1' y=\"2\">t</a>", "<a x=1 y=2>t</a>"},
      {kXml, "<w:t xml:space=\"preserve\">810101-</w:t>", "<t space=preserve>810101-</t>"},
      {kXml, "<a/>b", "<a></a>b"},
      {kXml, "<a b = 'c' />", "<a b=c></a>"},
      {kXml, "&amp;&lt;&#229;&#xE5;&unknown;", "&<åå&unknown;"},
      {kXml, "<a b='&quot;&#229;'/>", "<a b=\"å></a>"},
      {kXml, "<![CDATA[<b>&amp;]]>x", "<b>&amp;x"},
      {kXml, "<?xml version='1.0'?><a></a>", "[xml version='1.0']<a></a>"},
      {kXml, "<!DOCTYPE a [<!ENTITY b \"c\">]><a></a>", "[DOCTYPE a ][ENTITY b \"c\"]<a></a>"},
      {kXml, "1 < 2", "1 < 2"},
      {kXml, "<a x='1>text</a><b y='2'/>", "<a x=1>text</a><b y=2></b>"},
      {kXml, "<a x=\"", "<a x=>"},
      {kHtml, "<P CLASS=x>A&aring;sa&AringB&nbsp;c</P>", "<p CLASS=x>AåsaÅB\u00A0c</p>"},
      {kHtml, "<a href=?a=1&copy=2>", "<a href=?a=1&copy=2>"},
      {kHtml, "<br/>x<input value=it's>", "<br>x<input value=it's>"},
      {kHtml, "<script>if (a<b) '</p>'</script>x", "<script>if (a<b) '</p>'</script>x"},
      {kHtml, "<title>A &amp; B <b></title>", "<title>A & B <b></title>"},
      {kHtml, "a &#146; b &euro", "a \u2019 b €"},
      {kHtml, "<td width=\"10>8101012386</td><td width=\"20\">x",
       "<td width=10>8101012386</td><td width=20>x"},
  }));
  CAPTURE(row.bytes);
  CHECK(events(row.bytes, row.dialect) == row.events);
  for (const std::size_t step : {1u, 2u, 5u}) {
    // Comments and text may come in other pieces; here nothing shows it.
    CHECK(events(row.bytes, row.dialect, step) == row.events);
  }
}

TEST_CASE("a comment that never ends is still handed on", "[markup]") {
  CHECK(events("<a>x<!-- 810101-2386", Dialect::kXml) == "<a>x{ 810101-2386}");
}

TEST_CASE("damage is told", "[markup]") {
  struct Case {
    std::string bytes;
    bool damaged;
  };
  const auto row = GENERATE(values<Case>({{"<a><b>x</b></a>", false},
                                          {"<a><b>x</b>", true},
                                          {"<a b='", true},
                                          {"<a>x</a", true},
                                          {"<a><![CDATA[x</a>", true}}));
  CAPTURE(row.bytes);
  Written written;
  CHECK(tokenize_xml(row.bytes, written) == !row.damaged);
}

TEST_CASE("XML says its encoding", "[markup]") {
  const auto row = GENERATE(values<std::string>({
      "<?xml version=\"1.0\" encoding=\"iso-8859-1\"?><a>\xC5sa</a>",
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?><a>Åsa</a>",
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?><a>\xC5sa \xE4r h\xE4r</a>",
      "\xEF\xBB\xBF<a>Åsa</a>",
  }));
  Written written;
  CHECK(tokenize_xml(row, written));
  CHECK(written.out.find("Åsa") != std::string::npos);

  std::string wide = "\xFF\xFE";
  for (const char c : std::string("<a>x</a>")) wide += {c, '\0'};
  Written utf16;
  CHECK(tokenize_xml(wide, utf16));
  CHECK(utf16.out.ends_with("<a>x</a>"));
}

class Counted : public MarkupHandler {
 public:
  void open(const Tag&) override { ++tags; }
  void close(std::string_view) override {}
  void text(std::string_view piece) override { bytes += piece.size(); }
  std::size_t tags = 0;
  std::size_t bytes = 0;
};

// Each of these takes minutes where work is not linear in the input.
TEST_CASE("hostile markup costs no more than its length", "[markup]") {
  const auto repeat = [](std::string_view part, std::size_t n) {
    std::string out;
    for (std::size_t i = 0; i < n; ++i) out += part;
    return out;
  };
  const std::string attributes = "<a " + repeat("b='c' ", 200'000) + "/>";
  const auto dialect = GENERATE(Dialect::kXml, Dialect::kHtml);
  for (const std::string& bytes :
       {attributes, repeat("<a>", 100'000), repeat("<a b=\"", 300'000), repeat("<a b='\"", 300'000),
        repeat("<?", 500'000), repeat("<!", 500'000), repeat("<!--", 300'000),
        repeat("&", 1'000'000), repeat("<![CDATA[", 200'000), repeat("</", 500'000),
        repeat("<script></", 200'000), repeat("<a b=' ", 200'000), repeat("<", 1'000'000),
        repeat("<!DOCTYPE a [", 100'000)}) {
    for (const std::size_t step : {bytes.size(), std::size_t{65'536}}) {
      Counted counted;
      Tokenizer tokenizer(counted, dialect);
      for (std::size_t at = 0; at < bytes.size(); at += step)
        tokenizer.feed(std::string_view(bytes).substr(at, step), false);
      tokenizer.feed({}, true);
      CHECK(counted.bytes <= bytes.size());
    }
  }
}

}  // namespace
}  // namespace gallra::extract

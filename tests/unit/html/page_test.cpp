// Whatever a name holds, it stays text.
#include "reports/html/page.hpp"

#include <catch2/catch.hpp>

using namespace gallra;
using namespace gallra::html;

namespace {

struct Row {
  const char* raw;
  const char* safe;
};

}  // namespace

TEST_CASE("untrusted text is escaped for element and attribute, and made visible") {
  const auto row = GENERATE(values<Row>({
      {"Klienter & co", "Klienter &amp; co"},
      {"<img src=x onerror=alert(1)>", "&lt;img src=x onerror=alert(1)&gt;"},
      {"\" onload='x'", "&quot; onload=&#39;x&#39;"},
      {"&lt;", "&amp;lt;"},
      {"a\u202Eb", "a\\u202Eb"},
      {"rad\nrad", "rad\\u000Arad"},
      {"\xff", "\uFFFD"},
      {"åäö", "åäö"},
  }));
  CAPTURE(row.raw);
  CHECK(escape(row.raw) == row.safe);
}

TEST_CASE("a table has a caption, column headers and escaped cells") {
  Page page(Lang::kSv);
  page.table_begin("html.access.caption", {"html.col.access", "html.col.files#"}, Width::kWide);
  page.row({"<b>", "3"});
  page.row_below("<i>mer</i>");
  page.table_end();
  const std::string out = page.take();
  CHECK(out.find("<table class=\"wide\"><caption>") != std::string::npos);
  CHECK(out.find("<th scope=\"col\" class=\"n\">Filer</th>") != std::string::npos);
  CHECK(out.find("<td>&lt;b&gt;</td><td class=\"n\">3</td>") != std::string::npos);
  CHECK(out.find("<tr class=\"below\"><td colspan=\"2\"><i>mer</i></td></tr>") !=
        std::string::npos);
}

TEST_CASE("values put into a sentence are escaped") {
  Page page(Lang::kEn);
  page.paragraph("html.first.folder.h", {"<script>"});
  CHECK(page.take() == "<p>Go through the folder &lt;script&gt;</p>\n");
}

#include "scanner/extract/drawn_tables.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

namespace gallra::extract {
namespace {

using Parts = std::vector<std::string>;

// A table's text behind '=' ('+' when it goes on), with '>' for tabs.
Parts told(DrawnTables& tables, std::string_view lines) {
  Parts out;
  std::string whole;
  for (const DrawnTables::Part& part : tables.parts(lines)) {
    whole += part.text;
    if (!part.table) {
      out.emplace_back(part.text);
      continue;
    }
    std::string rows = part.rows;
    std::replace(rows.begin(), rows.end(), '\t', '>');
    out.push_back((part.continues ? "+" : "=") + rows);
  }
  CHECK(whole == lines);
  return out;
}

TEST_CASE("tables drawn in text are told apart from prose") {
  struct Example {
    const char* what;
    const char* lines;
    Parts parts;
  };
  const Example examples[] = {
      {"prose", "Hej Anna!\n\nVi ses.\n", {"Hej Anna!\n\nVi ses.\n"}},
      {"a Markdown table between prose",
       "Lista\n| Namn | Tel | År |\n|---|---|---|\n| Ek | 1 | 2 |\nSlut\n",
       {"Lista\n", "=Namn>Tel>År\n--->--->---\nEk>1>2\n", "Slut\n"}},
      {"one bar is none", "a | b\nc | d\n", {"a | b\nc | d\n"}},
      {"columns, by letters and not by bytes",
       "Lista\n1     Åsa Ek    Lund\n22    Örjan Ö   Lund\n3     Bo        Umeå\n",
       {"Lista\n", "=1>Åsa Ek>Lund\n22>Örjan Ö>Lund\n3>Bo>Umeå\n"}},
      {"blanks that are not under each other",
       "ett   två  tre\nfyra  femsex   sju\nåttanio   tio  elva\n",
       {"ett   två  tre\nfyra  femsex   sju\nåttanio   tio  elva\n"}},
      {"two rows are chance",
       "1     Ek    Lund\n2     Ås    Lund\n",
       {"1     Ek    Lund\n2     Ås    Lund\n"}},
      {"labels and values are a form",
       "| Namn | Anna Ek |\n| Ort | Lund |\n",
       {"| Namn | Anna Ek |\n| Ort | Lund |\n"}},
      {"a last line without its end", "|a|b|c|\n|d|e|f|", {"=a>b>c\nd>e>f"}},
  };
  for (const Example& example : examples) {
    INFO(example.what);
    DrawnTables tables;
    CHECK(told(tables, example.lines) == example.parts);
  }
}

TEST_CASE("a drawn table goes on where the text was cut, and not over a gap") {
  DrawnTables tables;
  CHECK(told(tables, "|a|b|c|\n|d|e|f|\n") == Parts{"=a>b>c\nd>e>f\n"});
  CHECK(told(tables, "|g|h|i|\n") == Parts{"+g>h>i\n"});
  tables.gap();
  CHECK(told(tables, "|j|k|l|\n") == Parts{"|j|k|l|\n"});
}

}  // namespace
}  // namespace gallra::extract

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
    if (!part.is_table()) {
      out.emplace_back(part.text);
      continue;
    }
    CHECK(part.rows.size() == part.text.size());
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
       "Lista\n| Namn | Tel |\n|---|---|\n| Ek | 1 |\nSlut\n",
       {"Lista\n", "=  Namn > Tel  \n --->--- \n  Ek > 1  \n", "Slut\n"}},
      {"one bar is none", "a | b\nc | d\n", {"a | b\nc | d\n"}},
      {"columns, by letters and not by bytes",
       "Lista\n1     Åsa Ek    Lund\n22    Örjan Ö   Lund\n3     Bo        Umeå\n",
       {"Lista\n", "=1    >Åsa Ek   >Lund\n22   >Örjan Ö  >Lund\n3    >Bo       >Umeå\n"}},
      {"blanks that are not under each other",
       "ett   två  tre\nfyra  femsex   sju\nåttanio   tio  elva\n",
       {"ett   två  tre\nfyra  femsex   sju\nåttanio   tio  elva\n"}},
      {"two rows are chance",
       "1     Ek    Lund\n2     Ås    Lund\n",
       {"1     Ek    Lund\n2     Ås    Lund\n"}},
      {"a last line without its end", "| a | b |\n| c | d |", {"=  a > b  \n  c > d  "}},
  };
  for (const Example& example : examples) {
    INFO(example.what);
    DrawnTables tables;
    CHECK(told(tables, example.lines) == example.parts);
  }
}

TEST_CASE("a drawn table goes on where the text was cut, and not over a gap") {
  DrawnTables tables;
  CHECK(told(tables, "| a | b |\n| c | d |\n") == Parts{"=  a > b  \n  c > d  \n"});
  CHECK(told(tables, "| e | f |\n") == Parts{"+  e > f  \n"});
  tables.gap();
  CHECK(told(tables, "| g | h |\n") == Parts{"| g | h |\n"});
}

}  // namespace
}  // namespace gallra::extract

// Children told of in words, and what only sounds like it.
#include <catch2/catch.hpp>
#include <tuple>

#include "tests/unit/detectors/lexicon_scan.hpp"

namespace gallra::detect {
namespace {

using testing::scan_all;

TEST_CASE("a child told of in words is a minor") {
  const auto row = GENERATE(table<std::string, bool>({
      {"Samtal med Anna Svensson, 14 år, om skolfrånvaro.", true},
      {"Bo Lindqvist är 16 år och placerad på HVB.", true},
      {"Elev: Anna Svensson, klass 3A. Nötallergi.", true},
      {"Orosanmälan\nBarnets namn: Anna Svensson\nInkom från BVC.", true},
      {"Flickan Anna Svensson placerades i familjehem.", true},
      {"Min son Bo Lindqvist går i åk 7 och är sjuk i dag. /Anna Svensson", true},
      {"BVC: Anna Svensson, 18 mån. Längd 82 cm.", true},
      {"Anna Svensson, 18 år, bor ensam.", false},
      {"Anna Svensson, 47 år, har två vuxna barn.", false},
      {"Undersköterskan Anna Svensson, 14 år i yrket.", false},
      {"Barn under 18 år har rätt att komma till tals.", false},
      {"Klass 2A brandskydd. Bo Lindqvist, brandingenjör.", false},
      {"Hej vårdnadshavare i åk 2! Håll barnen hemma. /Anna Svensson, mentor", false},
      {"Elev: Anna Svensson, klass 3A, komvux.", false},
      {"BLANKETT\nBarnets namn: ........\nMålsman: ........", false},
  }));
  const DocumentFindings found = scan_all(std::get<0>(row));
  CAPTURE(std::get<0>(row));
  CHECK(std::any_of(found.findings.begin(), found.findings.end(), [](const Finding& f) {
          return f.detector == "whole.minors";
        }) == std::get<1>(row));
}

}  // namespace
}  // namespace gallra::detect

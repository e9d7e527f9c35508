// One figure of coverage, the same wherever it is told.
#include "reports/export/coverage.hpp"

#include <catch2/catch.hpp>

using namespace gallra;
using namespace gallra::exporting;

namespace {

struct Row {
  store::Ledger ledger;
  const char* coverage;  // of all that was meant to be read
  const char* readable;  // of what anybody could have read
};

store::Ledger ledger(std::uint64_t read, std::uint64_t in_part, std::uint64_t unchanged,
                     std::uint64_t excluded, std::map<std::string, std::uint64_t> not_read,
                     std::uint64_t folders_listed = 1) {
  store::Ledger out;
  out.directories_listed = folders_listed;
  out.read = read;
  out.read_in_part = in_part;
  out.unchanged = unchanged;
  out.excluded = excluded;
  for (const auto& [reason, n] : not_read) {
    out.not_read += n;
    out.by_reason["not_read:" + reason] = n;
  }
  out.seen = read + in_part + unchanged + excluded + out.not_read;
  return out;
}

}  // namespace

TEST_CASE("coverage counts all that is unread, and is never rounded up") {
  const auto row = GENERATE(values<Row>({
      {ledger(0, 0, 0, 0, {}), "100.0%", "100.0%"},
      {ledger(0, 0, 0, 0, {}, 0), "0.0%", "0.0%"},  // not even its folder could be listed
      {ledger(9, 0, 0, 0, {}), "100.0%", "100.0%"},
      {ledger(0, 0, 0, 7, {}), "100.0%", "100.0%"},
      {ledger(3, 1, 5, 100, {{"encrypted", 1}}), "90.0%", "100.0%"},
      {ledger(8, 0, 0, 0, {{"permission", 2}}), "80.0%", "80.0%"},
      {ledger(8, 0, 0, 0, {{"permission", 2}, {"corrupt", 6}}), "50.0%", "80.0%"},
      {ledger(99'999, 0, 0, 0, {{"crashed", 1}}), "99.9%", "99.9%"},
      {ledger(517, 0, 0, 0, {{"corrupt", 6}}), "98.8%", "100.0%"},
      {ledger(0, 0, 0, 0, {{"bomb", 3}}), "0.0%", "100.0%"},
      {ledger(987, 0, 0, 0, {{"timeout", 13}}), "98.7%", "98.7%"},
  }));
  CAPTURE(row.coverage, row.readable);
  CHECK(coverage_text(Lang::kEn, row.ledger, coverage_of(row.ledger)) == row.coverage);
  CHECK(coverage_text(Lang::kEn, row.ledger, readable_coverage_of(row.ledger)) == row.readable);
}

TEST_CASE("no figure claims more than is known") {
  store::Ledger all = ledger(10, 0, 0, 0, {});
  all.open = true;
  CHECK(coverage_text(Lang::kEn, all, 1.0) == "not done");
  all.open = false;
  all.directories_not_listed = 1;
  CHECK(coverage_text(Lang::kEn, all, 1.0) == "at most 99.9%");
  CHECK(coverage_text(Lang::kEn, all, 0.5) == "at most 50.0%");
}

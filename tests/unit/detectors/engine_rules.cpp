// Rules as files: what is refused, and that every built-in example holds.
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "detectors/detectors.hpp"
#include "tests/unit/detectors/engine_scan.hpp"

namespace gallra::detect {
namespace {

TEST_CASE("every example of every built-in identifier rule holds") {
  for (const std::string& failure : check(testing::identifiers())) FAIL_CHECK(failure);
}

}  // namespace
}  // namespace gallra::detect

// What personnummer and samordningsnummer share: birth date, birth number, check digit, and the
// many ways people write them. Sources: folkbokföringslagen (1991:481) 18 §; lag (2022:1697) om
// samordningsnummer 2 kap. 8 §; Skatteverket SKV 704 and SKVM 2010:3.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "detectors/validators/validator.hpp"

namespace gallra::detect {

enum class IdentityKind : std::uint8_t { kPersonnummer, kSamordningsnummer };

struct Identity {
  std::string ten;           // YYMMDDNNNC: the canonical form
  std::int16_t year = 0;     // of birth; written or inferred
  std::uint8_t month = 0;    // 0 = unknown (samordningsnummer)
  std::uint8_t day = 0;      // 60 taken off; 0 = unknown
  bool no_such_day = false;  // a day its month lacks, as samordningsnummer may have
};

// Ten or twelve digits without separators; `plus` when '+' stood before the last four: turned or
// turns 100. `written` (days, 0 = unknown: then `today`) resolves the century of ten digits.
tl::expected<Identity, Invalid> validate_identity(IdentityKind kind, std::string_view digits,
                                                  bool plus, std::int32_t today,
                                                  std::int32_t written);

// A number as it may be typed into a form: any of the written forms, nothing around it.
tl::expected<Identity, Invalid> validate_written(IdentityKind kind, std::string_view text,
                                                 std::int32_t today, std::int32_t written);

// Reads backwards from `end`, where four digits end.
void locate_identity(IdentityKind kind, const Scene& scene, std::size_t end,
                     std::vector<Reading>& out);

// True for one of the published test numbers of Skatteverket (12 digits, exactly).
bool is_test_number(IdentityKind kind, std::string_view twelve);

}  // namespace gallra::detect

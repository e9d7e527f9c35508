// Swedish coordination number: as personnummer with 60 added to the day (61-91; 60 = unknown day,
// month 00 = unknown month). Sources: lag (2022:1697) om samordningsnummer 2 kap. 8 §; Skatteverket
// SKVM 2010:3 and its published test numbers.
#include "detectors/validators/parts/se_identity.hpp"

namespace gallra::detect {

extern const ValidatorEntry validator_se_samordningsnummer;
const ValidatorEntry validator_se_samordningsnummer = {
    "se.samordningsnummer",
    [](const Scene& scene, std::size_t end, std::vector<Reading>& out) {
      locate_identity(IdentityKind::kSamordningsnummer, scene, end, out);
    },
    [](std::string_view) { return std::string("••••••••-••••"); },
};

}  // namespace gallra::detect

// Swedish personal identity number: YYMMDD, a birth number 001-999 and a Luhn check digit; '+'
// replaces
// '-' from the year the person turns 100. Sources: folkbokföringslagen (1991:481) 18 §; SKV 704.
#include "detectors/validators/parts/se_identity.hpp"

namespace gallra::detect {

extern const ValidatorEntry validator_se_personnummer;
const ValidatorEntry validator_se_personnummer = {
    "se.personnummer",
    [](const Scene& scene, std::size_t end, std::vector<Reading>& out) {
      locate_identity(IdentityKind::kPersonnummer, scene, end, out);
    },
    [](std::string_view) { return std::string("••••••••-••••"); },
};

}  // namespace gallra::detect

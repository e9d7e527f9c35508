// Prescriber code: seven digits that stand for one prescriber. Its check digit's rule is not
// published, so only behind its label. Source: E-hälsomyndigheten, "Förskrivarkod".
#include <string>

#include "detectors/validators/parts/written.hpp"

namespace gallra::detect {
namespace {

constexpr std::size_t kSize = 7;
constexpr int kScore = 20;

void locate(const Scene& scene, std::size_t end, std::vector<Reading>& out) {
  add_code(scene, end, kSize, kScore, out);
}

}  // namespace

extern const ValidatorEntry validator_se_prescriber_code;
const ValidatorEntry validator_se_prescriber_code = {
    "se.prescriber_code", locate, [](std::string_view) { return std::string("•••••••"); }};

}  // namespace gallra::detect

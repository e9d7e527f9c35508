// Workplace code: thirteen digits that stand for a place of work in care, so nobody by itself: low.
// No check digit is published, so only behind its label. Source: Region Jönköpings län,
// "Arbetsplatskod".
#include <string>

#include "detectors/validators/parts/written.hpp"

namespace gallra::detect {
namespace {

constexpr std::size_t kSize = 13;
constexpr int kScore = -8;

void locate(const Scene& scene, std::size_t end, std::vector<Reading>& out) {
  add_code(scene, end, kSize, kScore, out);
}

}  // namespace

extern const ValidatorEntry validator_se_workplace_code;
const ValidatorEntry validator_se_workplace_code = {
    "se.workplace_code", locate, [](std::string_view) { return std::string("•••••••••••••"); }};

}  // namespace gallra::detect

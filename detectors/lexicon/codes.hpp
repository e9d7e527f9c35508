// Codes of diagnoses (ICD-10-SE: F32.1, G359) and medicines (ATC: N05BA01) by their form. What they
// look like many things do, so they count only where the words around speak of them.
#pragma once

#include <string_view>
#include <vector>

#include "detectors/candidate.hpp"

namespace gallra::detect::lexicon {

enum class CodeKind : std::uint8_t {
  kDiagnosis,       // F32.1
  kDiagnosisShort,  // F32, F321, F321A: as many part numbers look
  kMedicine,        // N05BA01
};

struct Code {
  Span span;
  CodeKind kind = CodeKind::kDiagnosis;
};

// In the order of the text.
std::vector<Code> find_codes(std::string_view text);

}  // namespace gallra::detect::lexicon

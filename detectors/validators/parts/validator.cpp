#include "detectors/validators/validator.hpp"

namespace gallra::detect {

std::string_view key_of(Invalid invalid) {
  switch (invalid) {
    case Invalid::kFormat:
      return "format";
    case Invalid::kLength:
      return "length";
    case Invalid::kChecksum:
      return "checksum";
    case Invalid::kComponent:
      return "component";
  }
  return "format";
}

const ValidatorEntry* find_validator(std::string_view name) {
  for (const ValidatorEntry* entry : validators())
    if (entry->name == name) return entry;
  return nullptr;
}

}  // namespace gallra::detect

// Files built into the binary (rules, lexicons, schema, catalogues, templates): Gallra is one file.
#pragma once

#include <span>
#include <string_view>

namespace gallra {

struct EmbeddedFile {
  std::string_view
      name;  // path from the repository's root, e.g. "detectors/rules/se/personnummer.toml"
  std::string_view bytes;
};

// Sorted by name; lives as long as the program.
std::span<const EmbeddedFile> embedded_files();
// Empty bytes when there is none of that name (a programming error: tests cover every name used).
std::string_view embedded(std::string_view name);

}  // namespace gallra

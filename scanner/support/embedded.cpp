#include "scanner/support/embedded.hpp"

#include <algorithm>

namespace gallra {

std::string_view embedded(std::string_view name) {
  const auto files = embedded_files();
  const auto at =
      std::lower_bound(files.begin(), files.end(), name,
                       [](const EmbeddedFile& file, std::string_view n) { return file.name < n; });
  return at != files.end() && at->name == name ? at->bytes : std::string_view{};
}

}  // namespace gallra

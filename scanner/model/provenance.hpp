// The way to a document: a file of a source, then each step inwards through containers.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gallra {

// Prints as `Listor.zip!/2019/mail.eml!/part-2/bilaga.docx` and parses back.
// Only '!' (as "%21") and '%' (as "%25") are escaped, so ordinary paths stay readable.
struct Provenance {
  std::string path;                // relative to the source, raw bytes, '/' between folders
  std::vector<std::string> inner;  // one entry a container step; UTF-8; may hold '/'

  std::string str() const;
  static std::optional<Provenance> parse(std::string_view text);

  friend bool operator==(const Provenance&, const Provenance&) = default;
  friend auto operator<=>(const Provenance&, const Provenance&) = default;
};

}  // namespace gallra

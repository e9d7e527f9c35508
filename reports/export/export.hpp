// The exports: a stable contract, one row a line, in an order that depends on nothing but the
// content. No row ids and no times of scanning: two scans of the same files give the same bytes.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

#include "reports/retention/retention.hpp"
#include "reports/store/store.hpp"
#include "scanner/support/text.hpp"

namespace gallra::exporting {

enum class What : std::uint8_t { kFiles, kFindings, kOutcomes, kDecisions };
enum class Format : std::uint8_t { kJsonl, kCsv, kSarif };
std::optional<What> what_from_key(
    std::string_view key);  // "files", "findings", "outcomes", "decisions"
std::optional<Format> format_from_key(std::string_view key);  // "jsonl", "csv", "sarif"

struct Options {
  Lang lang = Lang::kSv;                      // of the verdict's sentence
  std::int32_t today = 0;                     // days since 1970: what verdicts are judged at
  const retention::Policy* policy = nullptr;  // files: nullptr = the built-in one
  // Values found in documents that carry a mark of protected identity are left out (and counted)
  // unless the one who asks has that duty.
  bool include_protected = false;
  // Findings: when set, rows get `value` (as written) and `normalised`; nullopt = cannot be shown.
  std::function<std::optional<std::pair<std::string, std::string>>(const store::DocumentRow&,
                                                                   const Finding&)>
      reveal;
};

struct Written {
  std::uint64_t rows = 0;
  std::uint64_t withheld = 0;  // findings of protected persons that were left out
};

// The text is in English and for the log. SARIF is for findings only. StoreError passes through.
using Result = tl::expected<Written, std::string>;
Result write_export(store::Reader& reader, std::ostream& out, What what, Format format,
                    const Options& options);

Result write_findings(store::Reader& reader, std::ostream& out, Format format,
                      const Options& options);
Result write_outcomes(store::Reader& reader, std::ostream& out, Format format,
                      const Options& options);
Result write_files(store::Reader& reader, std::ostream& out, Format format, const Options& options);
// The reviewers' decisions. None are kept yet: no rows, and CSV's header.
Result write_decisions(store::Reader& reader, std::ostream& out, Format format,
                       const Options& options);

// True when the document has a mark of protected identity at medium or above.
bool has_protected_identity(store::Reader& reader, const store::DocumentRow& row);

}  // namespace gallra::exporting

// Findings about a document as a whole, made of what was found in it: a register of persons, a
// compiled list with sensitive data, protected identity beside what leads to the person, minors.
// Rules of `engine = "whole"` name and explain them; what they ask for is here.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "scanner/model/finding.hpp"
#include "scanner/model/format.hpp"
#include "scanner/support/keyed_hash.hpp"

namespace gallra::detect {

struct LoadedRules;

class WholeDocument {
 public:
  // Fails with the id of a rule of `engine = "whole"` that nothing here judges.
  static tl::expected<WholeDocument, std::string> create(const LoadedRules& rules);

  // Adds to `out.findings` (sorted by detector on return). Days since 1970: `day`, at the latest,
  // the document was written; `file_day` is the file's own time, which proves less (0 = unknown).
  // `told`: the text speaks of a child, whatever its numbers and dates say.
  void judge(const Secret& secret, Format format, std::int32_t day, std::int32_t file_day,
             bool told, DocumentFindings& out) const;

 private:
  using RuleId = std::optional<std::uint16_t>;
  struct Persons {
    std::size_t all = 0, sensitive = 0, minors = 0;
    bool only_test_data = true;
  };
  Persons persons_in(const DocumentFindings& found, std::int32_t day) const;
  bool is_register(const DocumentFindings& found, Format format, std::size_t persons) const;
  void add(const Secret& secret, RuleId rule, Confidence band, std::size_t persons, bool test_data,
           std::vector<std::string> signals, DocumentFindings& out) const;

  const LoadedRules* rules_ = nullptr;
  RuleId register_, compiled_list_, located_, minors_;
};

}  // namespace gallra::detect

// SARIF 2.1.0 for tools that show findings beside the files.
#pragma once

#include <ostream>
#include <set>
#include <string>

#include "reports/store/store.hpp"

namespace gallra::exporting {

// Streams: open, one call a finding, close. The rules met are listed at the end, where JSON allows
// it as well.
class SarifWriter {
 public:
  SarifWriter(std::ostream& out, const std::vector<store::SourceRow>& sources);
  void add(const store::DocumentRow& row, const Finding& finding);
  void close();

 private:
  std::string base_of(std::int64_t source) const;
  std::ostream& out_;
  std::vector<store::SourceRow> sources_;
  std::set<std::string> rules_;
  bool first_ = true;
};

// A path as a URI reference: everything but unreserved characters and '/' percent-encoded.
std::string uri_path(std::string_view raw);

}  // namespace gallra::exporting

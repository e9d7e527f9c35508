// The static review report: one self-contained HTML file, readable without JavaScript.
#pragma once

#include <string>
#include <tl/expected.hpp>

#include "reports/retention/retention.hpp"
#include "reports/store/store.hpp"
#include "scanner/support/text.hpp"

namespace gallra::html {

struct Options {
  Lang lang = Lang::kSv;
  std::string organisation;
  bool mask_filenames = false;
  std::int32_t today = 0;
};

// Writes `dir`/rapport.html (0600) and returns its path. Refuses a folder that others can read.
tl::expected<std::string, std::string> write_report(store::Reader& reader,
                                                    const retention::Policy& policy,
                                                    const std::string& dir, const Options& options);

}  // namespace gallra::html

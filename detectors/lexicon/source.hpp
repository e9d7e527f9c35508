// The lexicon as a source of hits: terms, names and postal addresses.
#pragma once

#include <memory>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "detectors/candidate.hpp"

namespace gallra::detect::lexicon {

// Loads the built-in word lists and those of `options`. The error names file and line.
tl::expected<std::unique_ptr<const HitSource>, std::string> make_source(
    const Options& options, const std::vector<RuleInfo>& rules);

}  // namespace gallra::detect::lexicon

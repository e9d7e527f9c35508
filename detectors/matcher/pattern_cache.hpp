// Compiled patterns kept between runs: compiling them takes longer than all else at the start. One
// file in a folder of the user's own (0700), with a MAC under a key that lies beside it: a damaged
// file, one of another user or one copied from elsewhere is not trusted but made anew. No personal
// data are in it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gallra::detect {

class PatternCache {
 public:
  // `folder` is made, with its parent; "" = no cache. Never fails: without a folder that is
  // ours alone nothing is kept.
  explicit PatternCache(const std::string& folder);
  // What it keeps there, so that a scan of the folder leaves it alone.
  static std::vector<std::string> files_in(const std::string& folder);

  // What was kept under the same `meaning` (patterns, engine, processor), byte for byte.
  std::optional<std::vector<std::string>> read(std::string_view meaning) const;
  void write(std::string_view meaning, const std::vector<std::string>& databases) const;

 private:
  std::string folder_;  // "" = none
};

}  // namespace gallra::detect

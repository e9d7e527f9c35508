// A file that a person wrote and that is read whole: settings, a policy, a word list.
#pragma once

#include <string>
#include <tl/expected.hpp>

#include "scanner/support/text.hpp"

namespace gallra {

// More than anybody writes by hand.
constexpr std::size_t kMaxSmallFileBytes = std::size_t{1} << 20;
// A list of every name in a county would fit.
constexpr std::size_t kMaxWordListBytes = std::size_t{64} << 20;

// Why a file could not be read: an errno, or one of these.
struct FileProblem {
  enum class Kind : std::uint8_t { kSystem, kNotRegular, kTooLarge };
  Kind kind = Kind::kSystem;
  int error = 0;

  std::string text(Lang lang) const;
};

// Regular files only, so that a pipe or a device can never hold the program up.
tl::expected<std::string, FileProblem> read_small_file(const std::string& path,
                                                       std::size_t limit = kMaxSmallFileBytes);

}  // namespace gallra

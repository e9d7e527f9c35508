#include "scanner/model/outcome.hpp"

#include <array>
#include <utility>

namespace gallra {
namespace {

constexpr std::array<std::pair<OutcomeKind, std::string_view>, 5> kOutcomes{{
    {OutcomeKind::kRead, "read"},
    {OutcomeKind::kReadInPart, "read_in_part"},
    {OutcomeKind::kNotRead, "not_read"},
    {OutcomeKind::kExcluded, "excluded"},
    {OutcomeKind::kUnchanged, "unchanged"},
}};

constexpr std::array<std::pair<Reason, std::string_view>, 28> kReasons{{
    {Reason::kNone, ""},
    {Reason::kEncrypted, "encrypted"},
    {Reason::kRightsManaged, "rights_managed"},
    {Reason::kCorrupt, "corrupt"},
    {Reason::kUnsupported, "unsupported"},
    {Reason::kTooLarge, "too_large"},
    {Reason::kTooDeep, "too_deep"},
    {Reason::kTooManyMembers, "too_many_members"},
    {Reason::kBomb, "bomb"},
    {Reason::kTimeout, "timeout"},
    {Reason::kPermission, "permission"},
    {Reason::kVanished, "vanished"},
    {Reason::kIoError, "io_error"},
    {Reason::kImageOnly, "image_only"},
    {Reason::kCrashed, "crashed"},
    {Reason::kChangedWhileRead, "changed_while_read"},
    {Reason::kOffline, "offline"},
    {Reason::kMissingPart, "missing_part"},
    {Reason::kJailUnavailable, "jail_unavailable"},
    {Reason::kInterrupted, "interrupted"},
    {Reason::kMissing, "missing"},
    {Reason::kDeadMount, "dead_mount"},
    {Reason::kFilter, "filter"},
    {Reason::kSymlink, "symlink"},
    {Reason::kSpecialFile, "special_file"},
    {Reason::kOtherFileSystem, "other_file_system"},
    {Reason::kHardLink, "hard_link"},
    {Reason::kOwnFile, "own_file"},
}};

}  // namespace

std::string_view key_of(OutcomeKind kind) {
  for (const auto& [value, key] : kOutcomes)
    if (value == kind) return key;
  return "";
}

std::string_view key_of(Reason reason) {
  for (const auto& [value, key] : kReasons)
    if (value == reason) return key;
  return "";
}

std::optional<OutcomeKind> outcome_from_key(std::string_view key) {
  for (const auto& [value, known] : kOutcomes)
    if (known == key) return value;
  return std::nullopt;
}

std::optional<Reason> reason_from_key(std::string_view key) {
  for (const auto& [value, known] : kReasons)
    if (known == key) return value;
  return std::nullopt;
}

}  // namespace gallra

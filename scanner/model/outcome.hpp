// How an object of the scan ended: exactly one Outcome each, with the reason when it was not read
// whole. The sums of these outcomes are what lets a report prove what was NOT read. Values only, no
// I/O.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gallra {

enum class OutcomeKind : std::uint8_t {
  kRead,        // every byte that this format keeps text in was read
  kReadInPart,  // something was read, something was not; the reason says what
  kNotRead,     // nothing was read; the reason says why
  kExcluded,    // left out on purpose: a filter, a symlink, a device; `detail` names the rule
  kUnchanged,   // same as at the last sweep; the findings were carried over
};

// Why an object was not read whole. Stored by key (`key_of`), so the order may change, the keys may
// not. The sentence a person reads, and what to do about it, stand in the message catalogue under
// "reason.<key>" and "reason.<key>.do".
enum class Reason : std::uint8_t {
  kNone,
  kEncrypted,         // password or key needed
  kRightsManaged,     // decoy text in front of rights-managed content
  kCorrupt,           // damaged or truncated
  kUnsupported,       // no reader for this format (or this variant of it)
  kTooLarge,          // memory or output budget of one document was used up
  kTooDeep,           // container in container beyond Limits::max_depth
  kTooManyMembers,    // beyond Limits::max_members
  kBomb,              // expands beyond Limits::max_ratio
  kTimeout,           // CPU or wall budget of one document was used up
  kPermission,        // the account may not open it
  kVanished,          // was listed, was gone when opened
  kMissing,           // a tree named for scanning is not there: unplugged, unmounted, misspelt
  kIoError,           // the file system gave an error
  kImageOnly,         // pages are pictures and OCR is off
  kCrashed,           // the jailed reader died on it
  kChangedWhileRead,  // size or times moved between open and close
  kOffline,           // an archive stub (HSM); reading would recall it
  kMissingPart,       // a split archive whose other part is not here
  kJailUnavailable,   // no sandbox could be set up, and this format is never read without one
  kInterrupted,       // the scan was stopped; the next run reads it
  kDeadMount,         // the mount did not answer
  kFilter,            // excluded: a filter rule (detail = the rule)
  kSymlink,           // excluded: symbolic links are not followed
  kSpecialFile,       // excluded: FIFO, socket or device (detail says which)
  kOtherFileSystem,   // excluded: mount point of another file system
  kHardLink,          // read through another name of the same file (detail = that path)
  kOwnFile,           // excluded: Gallra's own database, key or report
};

struct Outcome {
  OutcomeKind kind = OutcomeKind::kRead;
  Reason reason = Reason::kNone;
  std::string detail;  // short, never document text: a rule, a limit, a count, "page 3"

  static Outcome read() { return {}; }
  static Outcome in_part(Reason r, std::string d = {}) {
    return {OutcomeKind::kReadInPart, r, std::move(d)};
  }
  static Outcome not_read(Reason r, std::string d = {}) {
    return {OutcomeKind::kNotRead, r, std::move(d)};
  }
  static Outcome excluded(Reason r, std::string d = {}) {
    return {OutcomeKind::kExcluded, r, std::move(d)};
  }
};

// "read", "read_in_part", "not_read", "excluded", "unchanged".
std::string_view key_of(OutcomeKind kind);
// "encrypted", "too_large", ...; "" for kNone.
std::string_view key_of(Reason reason);
std::optional<OutcomeKind> outcome_from_key(std::string_view key);
std::optional<Reason> reason_from_key(std::string_view key);

}  // namespace gallra

// A policy file and the facts of a file -> one verdict: a rule, a date, its source, and one
// sentence. A wrong "destroy" is the worst thing Gallra can say; "Utred" with the missing fact
// named is a good answer.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "scanner/model/date_evidence.hpp"
#include "scanner/support/text.hpp"

namespace gallra::retention {

enum class Verdict : std::uint8_t {
  kTooEarly,
  kDue,
  kOverdue,
  kDueSoon,
  kWithin,
  kMisplaced,
  kConflict,
  kKept,
  kHandOverBoard,
  kHandOverArchive,
  kLookInto,
  kNoRule,
  kNoTime,
};
std::string_view key_of(Verdict verdict);  // "too_early", "due", "overdue", "due_soon", "within",
                                           // "misplaced", "conflict", "kept", "hand_over_board",
                                           // "hand_over_archive", "look_into", "no_rule", "no_time"

// What is known of one top-level file (its members' facts gathered into it).
struct FileFacts {
  std::string path;                     // relative to its source, printable
  std::vector<std::string> categories;  // category ids found at medium or above, sorted
  std::vector<std::string> kinds;       // document kinds of it and its members
  std::vector<DateEvidence> dates;
  std::uint64_t persons = 0;
  // of the identity numbers in it: how many are born 5/15/25, how many have an unknown day
  std::uint64_t persons_exempt_day = 0, persons_unknown_day = 0;
};

struct Judgement {
  Verdict verdict = Verdict::kNoRule;
  std::string rule;                 // rule id, "" when none
  std::optional<std::int32_t> due;  // day it should have been destroyed by
  std::optional<DateEvidence> evidence;
  std::string sentence;  // one sentence in the asked language
};

struct RuleRow {
  std::string id, name, origin, quote, source;
  bool confirmed = false;
};

class Policy {
 public:
  static tl::expected<std::shared_ptr<const Policy>, std::string> load(
      const std::string& path,
      Lang lang = Lang::kSv);  // all problems as sentences for people, with file and line
  static std::shared_ptr<const Policy>
  built_in();  // law rules for personakt, recruitment and bookkeeping, unconfirmed
  virtual ~Policy() = default;
  virtual const std::vector<RuleRow>& rules() const = 0;
  virtual Judgement judge(const FileFacts& facts, std::int32_t today, Lang lang) const = 0;
};

}  // namespace gallra::retention

// Delivers unpacked bytes and keeps watch over how much came out of how little.
#pragma once

#include <cstdint>
#include <span>

#include "scanner/extract/extractor.hpp"

namespace gallra::extract {

// One per container.
class ExpansionWatch {
 public:
  explicit ExpansionWatch(const Limits& limits) : limits_(limits) {}
  // `packed` bytes of the container were used up to now. False: it is a bomb.
  bool add(std::uint64_t bytes, std::uint64_t packed) {
    out_ += bytes;
    return out_ <= limits_.ratio_after_bytes || out_ / limits_.max_ratio <= packed;
  }

 private:
  const Limits limits_;
  std::uint64_t out_ = 0;
};

// How a container went, told from how its members did.
class ContainerTally {
 public:
  void add(const Outcome& outcome) {
    ++members_;
    if (outcome.kind == OutcomeKind::kRead || outcome.kind == OutcomeKind::kExcluded) {
      ++good_;
      return;
    }
    if (outcome.kind == OutcomeKind::kReadInPart) ++good_;
    ++bad_;
    if (first_reason_ == Reason::kNone) first_reason_ = outcome.reason;
  }
  // The container itself is damaged, not (only) a member.
  void broken(Reason reason, std::string detail) {
    if (broken_.kind == OutcomeKind::kRead) broken_ = Outcome::in_part(reason, std::move(detail));
  }
  Outcome outcome() const {
    if (broken_.kind != OutcomeKind::kRead)
      return good_ > 0 ? broken_ : Outcome::not_read(broken_.reason, broken_.detail);
    if (bad_ == 0) return Outcome::read();
    const std::string count = std::to_string(bad_) + "/" + std::to_string(members_);
    return good_ > 0 ? Outcome::in_part(first_reason_, count)
                     : Outcome::not_read(first_reason_, count);
  }

 private:
  std::uint64_t members_ = 0;
  std::uint64_t good_ = 0;  // gave anything
  std::uint64_t bad_ = 0;   // kept something back
  Reason first_reason_ = Reason::kNone;
  Outcome broken_ = Outcome::read();
};

}  // namespace gallra::extract

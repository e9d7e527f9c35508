// The risk score of a file: a sum anyone can redo, 0 to 100. One table of weights, shown in the
// report beside every score.
#pragma once

#include <cstdint>
#include <string_view>

#include "reports/retention/retention.hpp"
#include "reports/store/store.hpp"

namespace gallra::exporting {

enum class RiskLevel : std::uint8_t { kLow, kMedium, kHigh, kCritical };
const char* key_of(RiskLevel level);  // "low", "medium", "high", "critical"

struct Risk {
  int sensitivity = 0;  // 0-35: the weightiest category times how sure it is
  int persons = 0;      // 0-20: how many
  int exposure = 0;     // 0-20: who can read it
  int time = 0;         // 0-15: kept too long, in the wrong place, or without a rule
  int spread = 0;       // 0-10: copies, and places where copies are forgotten
  int floor = 0;        // what a floor added on top of the sum
  int total = 0;
  RiskLevel level = RiskLevel::kLow;
};

// `copies`: other files with the same content. A file without findings that count has no risk.
Risk risk_of(const store::FileSummary& summary, const retention::Judgement& judgement,
             std::uint64_t copies, std::int32_t today);

// Points of a category when it is sure: alone, or beside an identity number. What nobody knows
// counts as the least.
int sensitivity_weight(std::string_view category, bool with_identity);

// True when the path lies where copies are forgotten: downloads, desktop, temp, backup, export,
// recycle bin.
bool is_forgotten_place(std::string_view path);

}  // namespace gallra::exporting

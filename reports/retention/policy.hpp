// A policy as loaded: rules with their periods, ready to judge by. Internal to the room.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "reports/retention/calendar.hpp"
#include "reports/retention/retention.hpp"

namespace gallra::retention {

enum class Origin : std::uint8_t { kLaw, kPolicy, kSuggestion };
enum class Trigger : std::uint8_t { kLastEntry, kDocumentDate, kFiscalYearEnd, kLookup };
enum class Body : std::uint8_t { kAny, kPrivate, kPublic };

struct Rule {
  std::string id, name, source, quote;
  Origin origin = Origin::kSuggestion;
  Body body = Body::kAny;
  std::vector<std::string> paths, kinds, categories;  // any of each; empty = does not match by it
  std::optional<Period> keep_min, delete_by;
  bool grace = false;      // the act of destroying may take until the end of the next calendar year
  bool misplaced = false;  // retain = "none": should not be here at all, outside `allowed`
  std::vector<std::string> allowed;
  Trigger trigger = Trigger::kDocumentDate;
  std::string lookup;  // of lookup:NAME
  bool needs_closed_case = false;
  std::vector<std::string> whole_file;
  bool research_exception = false;
  std::string support;  // public bodies: lagrum, gallringsbeslut or plan
  bool confirmed = false;
};

struct Organisation {
  bool is_public = false;
  std::string deciding_municipality;
  int fiscal_month = 12, fiscal_day = 31;
};

// "**" any depth, "*" within one step, case folded for ASCII and Swedish letters. "**/X/**" also
// matches "X/..." at the top.
bool glob_matches(std::string_view glob, std::string_view path);

// Judges by these rules. Pure.
Judgement judge_by(const std::vector<Rule>& rules, const Organisation& organisation,
                   const FileFacts& facts, std::int32_t today, Lang lang);

}  // namespace gallra::retention

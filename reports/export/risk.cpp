#include "reports/export/risk.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

namespace gallra::exporting {
namespace {

// Weight by category. Health and the like weigh more beside an identity number.
struct Weight {
  std::string_view category;
  int alone;
  int with_identity;
};
constexpr std::array<Weight, 25> kWeights{{
    {"protected_identity", 35, 35},
    {"health", 25, 32},
    {"social", 25, 32},
    {"sensitive", 25, 32},
    {"criminal", 30, 30},
    {"compiled_list", 30, 32},
    {"personnummer", 20, 20},
    {"reserve_id", 20, 20},
    {"foreign_id", 20, 20},
    {"id_document", 20, 20},
    {"bank_account", 18, 18},
    {"iban", 18, 18},
    {"card", 18, 18},
    {"register", 10, 10},
    {"minors", 10, 10},
    {"employment", 10, 10},
    {"address", 10, 10},
    {"phone", 10, 10},
    {"email", 10, 10},
    {"birth_date", 10, 10},
    {"location", 10, 10},
    {"name", 4, 4},
    {"vehicle", 4, 4},
    {"property", 4, 4},
    {"ip", 4, 4},
}};
constexpr int kOtherWeight = 4;  // case numbers and the user's own categories

constexpr std::array<double, 3> kSureness{0.4, 0.7, 1.0};  // low, medium, high

// Parts of a path, lower case, as Windows and people name them.
constexpr std::array<std::string_view, 18> kForgotten{
    "downloads",    "hämtade filer", "desktop",        "skrivbord", "temp",       "tmp",
    "backup",       "backuper",      "säkerhetskopia", "export",    "testexport", "test export",
    "$recycle.bin", "papperskorg",   ".trash",         "recycler",  "lost+found", "gammalt"};

bool is_identity(std::string_view category) {
  return category == "personnummer" || category == "reserve_id" || category == "foreign_id";
}

int sensitivity_of(const store::FileSummary& summary) {
  const bool identity =
      std::any_of(summary.categories.begin(), summary.categories.end(), [](const auto& tally) {
        return is_identity(tally.category) && tally.best >= Confidence::kMedium;
      });
  double highest = 0;
  for (const store::CategoryTally& tally : summary.categories) {
    const int weight = sensitivity_weight(tally.category, identity);
    highest = std::max(highest, weight * kSureness[static_cast<std::size_t>(tally.best)]);
  }
  return static_cast<int>(std::lround(highest));
}

int persons_points(std::uint64_t persons) {
  if (persons == 0) return 0;
  if (persons == 1) return 3;
  if (persons < 10) return 6;
  if (persons < 100) return 10;
  if (persons < 1000) return 15;
  return 20;
}

int exposure_points(Exposure exposure) {
  switch (exposure) {
    case Exposure::kEveryone:
      return 20;
    case Exposure::kUnknown:
      return 8;
    case Exposure::kGroup:
      return 6;
    case Exposure::kOwner:
      return 0;
  }
  return 8;
}

int overdue_points(std::int32_t days) {
  if (days <= 90) return 5;
  if (days <= 365) return 8;
  if (days <= 3 * 365) return 12;
  return 15;
}

int time_points(const retention::Judgement& judgement, std::int32_t today) {
  using retention::Verdict;
  switch (judgement.verdict) {
    case Verdict::kDue:
    case Verdict::kOverdue:
      return overdue_points(judgement.due ? today - *judgement.due : 0);
    case Verdict::kMisplaced:
      return 8;
    case Verdict::kLookInto:
    case Verdict::kNoRule:
    case Verdict::kNoTime:
    case Verdict::kConflict:
      return 4;
    default:
      return 0;
  }
}

int spread_points(std::uint64_t copies, std::string_view path) {
  const int copied = copies == 0 ? 0 : copies < 5 ? 3 : 6;
  return copied + (is_forgotten_place(path) ? 4 : 0);
}

int floor_of(const store::FileSummary& summary, const retention::Judgement& judgement) {
  int floor = 0;
  for (const store::CategoryTally& tally : summary.categories) {
    if (tally.best < Confidence::kMedium) continue;
    const bool protected_id = tally.gdpr == GdprClass::kProtected;
    if (protected_id && judgement.verdict == retention::Verdict::kMisplaced)
      floor = std::max(floor, 75);
    if (tally.gdpr >= GdprClass::kSensitive && summary.file.file.exposure == Exposure::kEveryone)
      floor = std::max(floor, 50);
  }
  return floor;
}

RiskLevel level_of(int total) {
  if (total >= 75) return RiskLevel::kCritical;
  if (total >= 50) return RiskLevel::kHigh;
  if (total >= 25) return RiskLevel::kMedium;
  return RiskLevel::kLow;
}

// ASCII and the Latin-1 capitals in UTF-8 (0xC3 0x80-0x9E): enough for the words compared with.
std::string lower(std::string_view text) {
  std::string out;
  bool after_c3 = false;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c >= 'A' && c <= 'Z')
      out += static_cast<char>(c - 'A' + 'a');
    else if (after_c3 && byte >= 0x80 && byte <= 0x9e)
      out += static_cast<char>(byte + 0x20);
    else
      out += c;
    after_c3 = byte == 0xc3;
  }
  return out;
}

}  // namespace

const char* key_of(RiskLevel level) {
  switch (level) {
    case RiskLevel::kLow:
      return "low";
    case RiskLevel::kMedium:
      return "medium";
    case RiskLevel::kHigh:
      return "high";
    case RiskLevel::kCritical:
      return "critical";
  }
  return "low";
}

int sensitivity_weight(std::string_view category, bool with_identity) {
  const auto* at = std::find_if(kWeights.begin(), kWeights.end(),
                                [&](const Weight& weight) { return weight.category == category; });
  if (at == kWeights.end()) return kOtherWeight;
  return with_identity ? at->with_identity : at->alone;
}

bool is_forgotten_place(std::string_view path) {
  const std::string folded = lower(path);
  const std::string_view rest = folded;
  for (std::size_t at = 0, end = 0; end != std::string_view::npos; at = end + 1) {
    end = rest.find('/', at);
    if (end == std::string_view::npos) break;  // the last part is the file itself
    if (std::find(kForgotten.begin(), kForgotten.end(), rest.substr(at, end - at)) !=
        kForgotten.end())
      return true;
  }
  return folded.ends_with(".bak") || folded.ends_with(".old") || folded.ends_with('~');
}

Risk risk_of(const store::FileSummary& summary, const retention::Judgement& judgement,
             std::uint64_t copies, std::int32_t today) {
  Risk risk;
  if (summary.categories.empty()) return risk;
  risk.sensitivity = sensitivity_of(summary);
  risk.persons = persons_points(summary.persons);
  risk.exposure = exposure_points(summary.file.file.exposure);
  risk.time = time_points(judgement, today);
  risk.spread = std::min(10, spread_points(copies, summary.file.file.path()));
  const int sum = risk.sensitivity + risk.persons + risk.exposure + risk.time + risk.spread;
  risk.floor = std::max(0, floor_of(summary, judgement) - sum);
  risk.total = std::min(100, sum + risk.floor);
  risk.level = level_of(risk.total);
  return risk;
}

}  // namespace gallra::exporting

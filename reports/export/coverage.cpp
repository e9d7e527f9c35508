#include "reports/export/coverage.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace gallra::exporting {
namespace {

constexpr std::array kNobodyCould{
    Reason::kEncrypted, Reason::kRightsManaged, Reason::kCorrupt, Reason::kUnsupported,
    Reason::kImageOnly, Reason::kMissingPart,   Reason::kBomb,    Reason::kTooDeep,
    Reason::kTooLarge,  Reason::kTooManyMembers};

double share_of_read(const store::Ledger& ledger, std::uint64_t not_read) {
  not_read += ledger.files_hidden;
  const std::uint64_t read = ledger.read + ledger.read_in_part + ledger.unchanged;
  if (read + not_read == 0) return ledger.directories_listed > 0 ? 1.0 : 0.0;
  return static_cast<double>(read) / static_cast<double>(read + not_read);
}

}  // namespace

double coverage_of(const store::Ledger& ledger) { return share_of_read(ledger, ledger.not_read); }

std::string coverage_text(Lang lang, const store::Ledger& ledger, double share) {
  if (ledger.open) return std::string(text(lang, "coverage.not_done"));
  constexpr double kNotAll = 0.999;
  const bool at_most = ledger.directories_not_listed > 0 && share > 0;
  if (at_most) share = std::min(share, kNotAll);
  // The small addition is for whole tenths that a double holds a hair too small.
  const std::string figure = percent_text(lang, std::floor(share * 1000 + 1e-9) / 1000);
  return at_most ? text(lang, "coverage.at_most", {figure}) : figure;
}

double readable_coverage_of(const store::Ledger& ledger) {
  std::uint64_t hopeless = 0;
  for (const Reason reason : kNobodyCould) {
    const auto at = ledger.by_reason.find("not_read:" + std::string(key_of(reason)));
    if (at != ledger.by_reason.end()) hopeless += at->second;
  }
  return share_of_read(ledger, ledger.not_read - std::min(hopeless, ledger.not_read));
}

}  // namespace gallra::exporting

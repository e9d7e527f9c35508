#include "scanner/app/coverage.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace gallra::app {
namespace {

constexpr std::array kNobodyCould{
    Reason::kEncrypted, Reason::kRightsManaged, Reason::kCorrupt, Reason::kUnsupported,
    Reason::kImageOnly, Reason::kMissingPart,   Reason::kBomb,    Reason::kTooDeep,
    Reason::kTooLarge,  Reason::kTooManyMembers};

}  // namespace

double coverage_of(const store::Ledger& ledger) {
  std::uint64_t hopeless = 0;
  for (const Reason reason : kNobodyCould) {
    const auto at = ledger.by_reason.find("not_read:" + std::string(key_of(reason)));
    if (at != ledger.by_reason.end()) hopeless += at->second;
  }
  const std::uint64_t read = ledger.read + ledger.read_in_part + ledger.unchanged;
  const std::uint64_t readable = read + ledger.not_read - std::min(hopeless, ledger.not_read);
  return readable == 0 ? 1.0 : static_cast<double>(read) / static_cast<double>(readable);
}

}  // namespace gallra::app

#include "detectors/validators/parts/se_account.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "detectors/judge/fold.hpp"
#include "detectors/validators/luhn.hpp"
#include "detectors/validators/parts/dates.hpp"
#include "detectors/validators/parts/written.hpp"
#include "scanner/support/embedded.hpp"

namespace gallra::detect {
namespace {

constexpr std::size_t kMostGroups = 6;
constexpr std::size_t kClearing = 4;
constexpr std::size_t kBetween = 24;     // bytes between a clearing number and its account
constexpr std::size_t kSalaryFile = 16;  // clearing and an account filled with zeros to twelve

enum class Check : std::uint8_t {
  kUnknown,
  kMod11Short,
  kMod11Long,
  kMod11Nine,
  kLuhn,
  kLuhnFilled
};

struct Range {
  int from = 0, to = 0;
  Check check = Check::kUnknown;
  std::size_t shortest = 0, longest = 0;
};

Check check_of(std::string_view key) {
  if (key == "11a") return Check::kMod11Short;
  if (key == "11b") return Check::kMod11Long;
  if (key == "11c") return Check::kMod11Nine;
  if (key == "10") return Check::kLuhn;
  return key == "10c" ? Check::kLuhnFilled : Check::kUnknown;
}

std::vector<Range> read_ranges() {
  std::vector<Range> ranges;
  for (std::string_view rest = embedded("detectors/tables/bank-clearing.tsv"); !rest.empty();) {
    const std::size_t newline = rest.find('\n');
    std::string_view line = rest.substr(0, newline);
    rest.remove_prefix(newline == std::string_view::npos ? rest.size() : newline + 1);
    if (line.empty() || line.front() == '#') continue;
    std::array<std::string_view, 6> field;
    for (std::string_view& f : field) {
      const std::size_t tab = line.find('\t');
      f = line.substr(0, tab);
      line.remove_prefix(tab == std::string_view::npos ? line.size() : tab + 1);
    }
    ranges.push_back({number(field[0]), number(field[1]), check_of(field[3]),
                      static_cast<std::size_t>(number(field[4])),
                      static_cast<std::size_t>(number(field[5]))});
  }
  return ranges;
}

const Range* range_of(std::string_view clearing) {
  static const std::vector<Range> ranges = read_ranges();
  const int n = number(clearing);
  const auto found = std::find_if(ranges.begin(), ranges.end(),
                                  [&](const Range& r) { return r.from <= n && n <= r.to; });
  return found == ranges.end() ? nullptr : &*found;
}

// From the right weights 1, 2, ... 10, and again from 1.
bool mod11_ok(std::string_view digits) {
  int sum = 0;
  int weight = 1;
  for (std::size_t i = digits.size(); i > 0; --i) {
    sum += (digits[i - 1] - '0') * weight;
    weight = weight == 10 ? 1 : weight + 1;
  }
  return sum % 11 == 0;
}

std::string filled(std::string_view digits, std::size_t size) {
  return std::string(size - std::min(size, digits.size()), '0').append(digits);
}

bool check_fits(const Range& range, const std::string& clearing, const std::string& account) {
  switch (range.check) {
    case Check::kMod11Short:
      return mod11_ok(clearing.substr(1) + account);
    case Check::kMod11Long:
      return mod11_ok(clearing + account);
    case Check::kMod11Nine:
      return mod11_ok(filled(account, 9));
    case Check::kLuhn:
    case Check::kLuhnFilled:
      return luhn_ok(filled(account, 10));
    case Check::kUnknown:
      break;
  }
  return true;
}

// `digits` without separators; `skip`: a fifth digit of the clearing number, not part of the rest.
tl::expected<void, Invalid> check(const std::string& digits, std::size_t skip, Account& account) {
  account.clearing = digits.substr(0, kClearing);
  const Range* range = range_of(account.clearing);
  if (range == nullptr) return tl::unexpected(Invalid::kComponent);
  account.number = digits.substr(kClearing + skip);
  if (!account.grouped && digits.size() == kSalaryFile && skip == 0)
    while (account.number.size() > range->longest && account.number.front() == '0')
      account.number.erase(0, 1);
  if (account.number.size() < range->shortest || account.number.size() > range->longest)
    return tl::unexpected(Invalid::kLength);
  if (account.number.find_first_not_of('0') == std::string::npos)
    return tl::unexpected(Invalid::kComponent);
  account.person_number = account.clearing == "3300" || account.clearing == "3782";
  account.may_lack_check_digit = range->check == Check::kLuhnFilled;
  if (!check_fits(*range, account.clearing, account.number))
    return tl::unexpected(Invalid::kChecksum);
  return {};
}

// "8105-9, konto 123 456 789-7", or the two in neighbouring cells: where the clearing number ends.
std::size_t clearing_before(const Scene& scene, std::size_t begin) {
  std::size_t at = begin;
  while (at > scene.begin && begin - at < kBetween && !is_digit(scene.text[at - 1]) &&
         scene.text[at - 1] != '\n')
    --at;
  const std::string between = folded(scene.text.substr(at, begin - at));
  const bool joined = between == "\t" || between.find("konto") != std::string::npos;
  return joined && at > scene.begin && is_digit(scene.text[at - 1]) ? at : 0;
}

// Adds the clearing number that stands apart before the account's groups.
void add_clearing(const Scene& scene, std::vector<Group>& groups) {
  const std::size_t at = groups.empty() ? 0 : clearing_before(scene, groups.back().begin);
  if (at == 0 || groups.size() >= kMostGroups) return;
  const std::vector<Group> clearing = groups_back(scene, at, 2, "-");
  if (clearing.empty() || clearing.back().size() < kClearing ||
      clearing.back().size() > kClearing + 1)
    return;
  groups.back().before = ' ';
  groups.insert(groups.end(), clearing.begin(), clearing.end());
}

}  // namespace

tl::expected<void, Invalid> read_account(const Scene& scene, std::size_t end, Account& account) {
  std::vector<Group> groups = groups_back(scene, end, kMostGroups, " -,.");
  add_clearing(scene, groups);
  Invalid why = Invalid::kFormat;
  Account wrong;
  for (std::size_t k = groups.size(); k > 0; --k) {
    const Group& first = groups[k - 1];
    if (!stands_alone(scene, first.begin, end)) continue;
    const std::string digits = digits_of(scene, groups, k);
    Account tried;
    tried.begin = first.begin;
    tried.grouped = k > 1;
    // "8105-9,123 456 789-7": Swedbank prints a check digit behind its clearing numbers.
    const bool own_digit = digits.size() > kClearing && digits[0] == '8' &&
                           luhn_ok(std::string_view(digits).substr(0, kClearing + 1));
    std::vector<std::size_t> skips;
    if (k == 1) {
      if (digits.size() < 11 || digits.size() > kSalaryFile) continue;
      skips = {0};
      if (own_digit) skips.push_back(1);
    } else if (first.size() == kClearing) {
      skips = {0};
      if (own_digit && groups[k - 2].size() == 1) skips = {1};
    } else if (first.size() == kClearing + 1 && own_digit) {
      skips = {1};
    }
    for (const std::size_t skip : skips) {
      const auto good = check(digits, skip, tried);
      const bool apart = skip == 1 && k > 1 && groups[k - 2].size() == 1;
      const std::size_t behind = apart ? 3 : 2;  // groups back from the first
      tried.number_begin = k >= behind ? groups[k - behind].begin : first.begin + kClearing + skip;
      if (good) {
        account = tried;
        return {};
      }
      if (why == Invalid::kChecksum) continue;
      why = good.error();
      wrong = tried;
    }
  }
  account = wrong;
  return tl::unexpected(why);
}

}  // namespace gallra::detect

#include "scanner/extract/office/sheet_rows.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fmt/core.h>

#include "scanner/extract/office/flow_text.hpp"

namespace gallra::extract {
namespace {

constexpr std::size_t kFlushBytes = 48 << 10;
// Emptiness that is cheaper written as tabs and line ends than as a new chunk.
constexpr std::uint32_t kMaxColumnGap = 64;
constexpr std::uint32_t kMaxRowGap = 8;
// Excel's and LibreOffice's largest sheet.
constexpr std::uint32_t kMaxColumns = 16'384;
constexpr std::uint32_t kMaxRows = 1'048'576;

}  // namespace

// A chunk that begins on the next row goes on with the one before; behind a gap it says itself
// where it stands.
void SheetRows::start(std::uint32_t row, std::uint32_t column) {
  flush();
  const bool far = column > kMaxColumnGap;
  continues_ = row_ > 0 && row == row_ + 1 && !far;
  place_ = {PlaceKind::kCell, row, far ? column : 1, sheet_};
  if (!far) text_.append(column - 1, '\t');
}

void SheetRows::cell(std::uint32_t row, std::uint32_t column, std::string_view text) {
  if (text.empty()) return;
  row = std::max(row, 1u);  // a row that begins inside a cell of a damaged file takes its place
  column = std::max(column, 1u);
  if (text_.empty()) {
    start(row, column);
  } else if (row == row_ && column > column_ && column - column_ <= kMaxColumnGap) {
    text_.append(column - column_, '\t');
  } else if (row > row_ && row - row_ <= kMaxRowGap && column <= kMaxColumnGap &&
             text_.size() < kFlushBytes) {
    text_.append(row - row_, '\n');
    text_.append(column - 1, '\t');
  } else {
    text_ += row == row_ ? '\t' : '\n';
    start(row, column);
  }
  append_cell(text_, text);
  row_ = row;
  column_ = column;
}

void SheetRows::flush() {
  if (text_.empty()) return;
  if (text_.back() != '\n' && text_.back() != '\t') text_ += '\n';
  out_.table(place_, text_, continues_);
  text_.clear();
}

std::string plain_number(std::string_view stored) {
  double value = 0;
  const auto [end, error] = std::from_chars(stored.data(), stored.data() + stored.size(), value);
  if (error != std::errc() || end != stored.data() + stored.size() || !std::isfinite(value))
    return std::string(stored);
  constexpr double kExact = 9007199254740992.0;  // 2^53
  if (std::floor(value) == value && std::fabs(value) < kExact) return fmt::format("{:.0f}", value);
  if (stored.find_first_of("eE") == std::string_view::npos) return std::string(stored);
  return std::fabs(value) > 1e-6 && std::fabs(value) < 1e18 ? fmt::format("{:.10g}", value)
                                                            : std::string(stored);
}

bool parse_cell_reference(std::string_view reference, std::uint32_t& row, std::uint32_t& column) {
  std::uint32_t letters = 0;
  std::uint32_t digits = 0;
  std::size_t at = 0;
  for (; at < reference.size(); ++at) {
    const char c = reference[at];
    if (c == '$') continue;
    const bool lower = c >= 'a' && c <= 'z';
    if (!lower && (c < 'A' || c > 'Z')) break;
    letters = letters * 26 + static_cast<std::uint32_t>(c - (lower ? 'a' : 'A')) + 1;
    if (letters > kMaxColumns) return false;
  }
  for (; at < reference.size(); ++at) {
    const char c = reference[at];
    if (c == '$') continue;
    if (c < '0' || c > '9') break;
    digits = digits * 10 + static_cast<std::uint32_t>(c - '0');
    if (digits > kMaxRows) return false;
  }
  if (letters == 0 || digits == 0) return false;
  row = digits;
  column = letters;
  return true;
}

}  // namespace gallra::extract

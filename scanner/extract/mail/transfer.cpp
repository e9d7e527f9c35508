#include "scanner/extract/mail/transfer.hpp"

#include <algorithm>

namespace gallra::extract::mail {
namespace {

constexpr std::uint8_t kNoDigit = 0xFF;

constexpr std::array<std::uint8_t, 256> make_digits() {
  std::array<std::uint8_t, 256> table{};
  for (auto& entry : table) entry = kNoDigit;
  constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (std::size_t i = 0; i < kAlphabet.size(); ++i)
    table[static_cast<unsigned char>(kAlphabet[i])] = static_cast<std::uint8_t>(i);
  return table;
}

constexpr auto kDigits = make_digits();

bool is_line_white(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

}  // namespace

void Base64Decoder::finish_group(std::string& into) {
  // 2 digits carry one byte, 3 carry two, 4 carry three.
  for (unsigned i = 1; i < digits_; ++i)
    into.push_back(static_cast<char>(bits_ >> (6 * digits_ - 8 * i)));
  bits_ = 0;
  digits_ = 0;
}

void Base64Decoder::add(std::string_view text, std::string& into) {
  for (const char c : text) {
    const std::uint8_t digit = kDigits[static_cast<unsigned char>(c)];
    if (digit != kNoDigit) {
      bits_ = (bits_ << 6) | digit;
      if (++digits_ == 4) finish_group(into);
    } else if (c == '=') {
      finish_group(into);
    }
  }
}

bool is_base64(std::string_view head) {
  std::size_t strange = 0;
  std::size_t digits = 0;
  for (std::size_t i = 0; i < head.size(); ++i) {
    const char c = head[i];
    if (kDigits[static_cast<unsigned char>(c)] != kNoDigit || c == '=') {
      ++digits;
    } else if (!is_line_white(c)) {
      ++strange;
    } else if (c == ' ' && i > 0 && i + 1 < head.size() && !is_line_white(head[i - 1]) &&
               !is_line_white(head[i + 1])) {
      ++strange;
    }
  }
  return strange * 10 <= digits;
}

std::optional<std::string_view> uu_begin(std::string_view line) {
  constexpr std::string_view kBegin = "begin ";
  if (!line.starts_with(kBegin)) return std::nullopt;
  line.remove_prefix(kBegin.size());
  std::size_t mode = 0;
  while (mode < line.size() && line[mode] >= '0' && line[mode] <= '7') ++mode;
  if (mode < 3 || mode > 4 || mode + 1 >= line.size() || line[mode] != ' ') return std::nullopt;
  line.remove_prefix(mode + 1);
  while (!line.empty() && is_line_white(line.back())) line.remove_suffix(1);
  if (line.empty()) return std::nullopt;
  return line;
}

std::optional<std::string> uu_line(std::string_view line) {
  if (line.empty() || line[0] < ' ' || line[0] > '`') return std::nullopt;
  const std::size_t bytes = (static_cast<std::size_t>(line[0]) - ' ') & 0x3F;
  const std::size_t digits = (bytes + 2) / 3 * 4;
  line.remove_prefix(1);
  // Mailers cut blanks (zeros) at the end of a line; some writers add a check character.
  if (line.size() > digits + 1) return std::nullopt;
  const bool fits =
      std::all_of(line.begin(), line.end(), [](char c) { return c >= ' ' && c <= '`'; });
  if (!fits || line.size() * 2 < digits) return std::nullopt;
  std::string out;
  const auto digit = [&](std::size_t i) {
    return i < line.size() ? (static_cast<std::uint32_t>(line[i]) - ' ') & 0x3F : 0u;
  };
  for (std::size_t i = 0; i < digits; i += 4) {
    const std::uint32_t bits =
        digit(i) << 18 | digit(i + 1) << 12 | digit(i + 2) << 6 | digit(i + 3);
    for (int shift = 16; shift >= 0; shift -= 8) out.push_back(static_cast<char>(bits >> shift));
  }
  out.resize(bytes);
  return out;
}

}  // namespace gallra::extract::mail

#include "scanner/support/text.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>
#include <map>
#include <numeric>
#include <utility>

#include "scanner/support/embedded.hpp"

namespace gallra {
namespace {

using Catalogue = std::map<std::string_view, std::string_view>;

Catalogue parse(std::string_view file) {
  Catalogue catalogue;
  while (!file.empty()) {
    const std::size_t end = std::min(file.find('\n'), file.size());
    const std::string_view line = file.substr(0, end);
    file.remove_prefix(std::min(end + 1, file.size()));
    const std::size_t cut = line.find(" = ");
    if (line.empty() || line.front() == '#' || cut == std::string_view::npos) continue;
    catalogue.emplace(line.substr(0, cut), line.substr(cut + 3));
  }
  return catalogue;
}

// messages/sv.txt, sv.*.txt ...: every room may have its own part, so that texts stand near their
// use.
Catalogue load(std::string_view lang) {
  Catalogue all;
  const std::string prefix = "scanner/support/messages/" + std::string(lang) + ".";
  for (const EmbeddedFile& file : embedded_files())
    if (file.name.starts_with(prefix)) all.merge(parse(file.bytes));
  return all;
}

const Catalogue& catalogue(Lang lang) {
  static const Catalogue sv_texts = load("sv");
  static const Catalogue en_texts = load("en");
  return lang == Lang::kSv ? sv_texts : en_texts;
}

std::string one_decimal(Lang lang, double value) {
  std::array<char, 64> buffer{};
  const int n = std::snprintf(buffer.data(), buffer.size(), "%.1f", value);
  std::string out(buffer.data(), static_cast<std::size_t>(n));
  if (lang == Lang::kSv) std::replace(out.begin(), out.end(), '.', ',');
  return out;
}

// How many letters must be added, dropped or changed to make one word of the other.
std::size_t edits(std::string_view from, std::string_view to) {
  std::vector<std::size_t> row(to.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < from.size(); ++i) {
    std::size_t corner = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < to.size(); ++j) {
      const std::size_t changed = corner + (from[i] == to[j] ? 0 : 1);
      corner = row[j + 1];
      row[j + 1] = std::min({changed, row[j] + 1, corner + 1});
    }
  }
  return row.back();
}

constexpr std::string_view kNarrowSpace = "\u202f";

}  // namespace

std::string_view text(Lang lang, std::string_view key) {
  const Catalogue& texts = catalogue(lang);
  const auto at = texts.find(key);
  return at == texts.end() ? key : at->second;
}

std::string text(Lang lang, std::string_view key, const std::vector<std::string>& values) {
  const std::string_view pattern = text(lang, key);
  std::string out;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == '{' && i + 2 < pattern.size() && pattern[i + 2] == '}' &&
        pattern[i + 1] >= '0' && pattern[i + 1] <= '9') {
      const auto index = static_cast<std::size_t>(pattern[i + 1] - '0');
      if (index < values.size()) out += values[index];
      i += 2;
    } else {
      out += pattern[i];
    }
  }
  return out;
}

std::string paragraph(Lang lang, std::string_view key) {
  std::string out(text(lang, key));
  for (std::size_t at = 0; (at = out.find("\\n", at)) != std::string::npos; ++at)
    out.replace(at, 2, "\n");
  return out;
}

std::vector<std::string_view> text_keys(Lang lang) {
  std::vector<std::string_view> keys;
  for (const auto& [key, value] : catalogue(lang)) keys.push_back(key);
  return keys;
}

std::string number_text(Lang lang, std::uint64_t n) {
  const std::string digits = std::to_string(n);
  std::string out;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0)
      out += lang == Lang::kSv ? kNarrowSpace : std::string_view(",");
    out += digits[i];
  }
  return out;
}

std::string percent_text(Lang lang, double fraction) {
  return one_decimal(lang, fraction * 100) + (lang == Lang::kSv ? "\u202f%" : "%");
}

std::string bytes_text(Lang lang, std::uint64_t bytes) {
  static constexpr std::array<const char*, 5> kUnits{"B", "kB", "MB", "GB", "TB"};
  auto value = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (value >= 1000 && unit + 1 < kUnits.size()) {
    value /= 1000;
    ++unit;
  }
  const std::string number = unit == 0 || value >= 100
                                 ? std::to_string(static_cast<std::uint64_t>(value))
                                 : one_decimal(lang, value);
  return number + ' ' + kUnits[unit];
}

std::string place_text(Lang lang, const Place& place) {
  // The cells of a text file stand in no sheet.
  const bool no_sheet = place.kind == PlaceKind::kCell && place.label.empty();
  return text(lang, std::string("place.") + key_of(place.kind) + (no_sheet ? ".plain" : ""),
              {std::to_string(place.a), std::to_string(place.b), printable(place.label)});
}

std::string errno_text(Lang lang, int error) {
  const char* name = ::strerrorname_np(error);
  const std::string key = std::string("errno.") + (name == nullptr ? "?" : name);
  const std::string_view known = text(lang, key);
  if (known != key) return std::string(known);
  return text(lang, "errno.other", {name == nullptr ? std::to_string(error) : name});
}

std::string nearest(std::string_view word, const std::vector<std::string>& known) {
  std::string best;
  // A letter in three may be wrong, and one in any word.
  std::size_t least = std::max<std::size_t>(word.size() / 3, 1) + 1;
  for (const std::string& one : known) {
    const bool begun = word.size() > 1 && one.starts_with(word);
    const std::size_t distance = begun ? 1 : edits(word, one);
    if (distance >= least) continue;
    best = one;
    least = distance;
  }
  return best;
}

std::string did_you_mean(Lang lang, std::string_view word, const std::vector<std::string>& known) {
  const std::string near = nearest(word, known);
  return near.empty() ? "" : " " + text(lang, "usage.nearest", {near});
}

std::string printable(std::string_view raw) {
  std::string out;
  auto escape = [&](std::uint32_t cp) {
    std::array<char, 16> buffer{};
    const int n = std::snprintf(buffer.data(), buffer.size(), "\\u%04X", cp);
    out.append(buffer.data(), static_cast<std::size_t>(n));
  };
  for (std::size_t i = 0; i < raw.size();) {
    const auto c = static_cast<unsigned char>(raw[i]);
    if (c < 0x80) {
      if (c < 0x20 || c == 0x7f)
        escape(c);
      else
        out += raw[i];
      ++i;
      continue;
    }
    const std::size_t length = c >= 0xf0 && c <= 0xf4  ? 4
                               : c >= 0xe0             ? 3
                               : c >= 0xc2 && c < 0xe0 ? 2
                                                       : 0;
    std::uint32_t cp = length == 4 ? c & 7 : length == 3 ? c & 15 : c & 31;
    bool valid = length != 0 && c <= 0xf4 && i + length <= raw.size();
    for (std::size_t k = 1; valid && k < length; ++k) {
      const auto next = static_cast<unsigned char>(raw[i + k]);
      valid = (next & 0xc0) == 0x80;
      cp = cp << 6 | (next & 0x3f);
    }
    if (valid)
      valid = !(length == 3 && (cp < 0x800 || (cp >= 0xd800 && cp <= 0xdfff))) &&
              !(length == 4 && (cp < 0x10000 || cp > 0x10ffff));
    if (!valid) {
      out += "\ufffd";
      ++i;
      continue;
    }
    const bool bidi = (cp >= 0x202a && cp <= 0x202e) || (cp >= 0x2066 && cp <= 0x2069) ||
                      cp == 0x200e || cp == 0x200f || cp == 0x061c;
    if (bidi || (cp >= 0x80 && cp < 0xa0) || cp == 0x2028 || cp == 0x2029)
      escape(cp);
    else
      out.append(raw.substr(i, length));
    i += length;
  }
  return out;
}

}  // namespace gallra

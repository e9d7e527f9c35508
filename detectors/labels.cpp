#include "detectors/labels.hpp"

#include <algorithm>
#include <unordered_set>

#include "detectors/judge/fold.hpp"
#include "scanner/support/embedded.hpp"

namespace gallra::detect {
namespace {

constexpr std::ptrdiff_t kTellingDigits = 6;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_letter(char c) {
  return is_lower(c) || (c >= 'A' && c <= 'Z') || static_cast<unsigned char>(c) >= 0x80;
}

const std::unordered_set<std::string>& words() {
  static const std::unordered_set<std::string> all = [] {
    std::unordered_set<std::string> out;
    for (std::string_view rest = embedded("detectors/tables/label-words.tsv"); !rest.empty();) {
      const std::size_t end = std::min(rest.find('\n'), rest.size());
      const std::string_view line = rest.substr(0, end);
      if (!line.empty() && line.front() != '#') out.insert(folded(line.substr(0, line.find('\t'))));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return out;
  }();
  return all;
}

// "Blad1", "Fält12": numbered by a program. Alone the words are surnames.
bool is_numbered(const std::string& folded, std::string_view behind) {
  return !behind.empty() && is_digit(behind.front()) && (folded == "blad" || folded == "fält");
}

// "id", "patientName", "created_at": what a program calls a field.
bool is_key(std::string_view label) {
  return !label.empty() && is_lower(label.front()) &&
         std::all_of(label.begin(), label.end(), [](char c) {
           return is_lower(c) || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_';
         });
}

}  // namespace

bool is_label_word(const std::string& folded) { return words().contains(folded); }

std::string shown_label(std::string_view label) {
  const bool telling = std::count_if(label.begin(), label.end(), is_digit) >= kTellingDigits;
  if (!telling && is_key(label)) return std::string(label);
  std::string out;
  for (std::size_t at = 0; at < label.size();) {
    if (!is_letter(label[at])) {
      out += telling && is_digit(label[at]) ? std::string("•") : std::string(1, label[at]);
      ++at;
      continue;
    }
    std::size_t end = at;
    while (end < label.size() && is_letter(label[end])) ++end;
    const std::string_view word = label.substr(at, end - at);
    const std::string low = folded(word);
    if (is_label_word(low) || is_numbered(low, label.substr(end))) {
      out += word;
    } else {
      std::size_t first = 1;  // byte of the next character
      while (first < word.size() && (static_cast<unsigned char>(word[first]) & 0xC0) == 0x80)
        ++first;
      out.append(word.substr(0, first)).append("•••");
    }
    at = end;
  }
  return out;
}

}  // namespace gallra::detect

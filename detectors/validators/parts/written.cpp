#include "detectors/validators/parts/written.hpp"

namespace gallra::detect {
namespace {

constexpr std::size_t kLongestGroup = 30;

bool is_word(char c) {
  return is_digit(c) || (is_letter(c) && static_cast<unsigned char>(c) < 0x80);
}

// Does the run of ASCII letters and digits from `at` on hold a digit?
bool digit_in_word(const Scene& scene, std::size_t at, bool forward) {
  for (int n = 0; n < 40; ++n) {
    if (forward ? at >= scene.end : at <= scene.begin) return false;
    const char c = forward ? scene.text[at++] : scene.text[--at];
    if (is_digit(c)) return true;
    if (!is_word(c)) return false;
  }
  return true;
}

// Letters outside ASCII are those of Latin-1 here; quotation marks and the like part words.
bool letter_before(const Scene& scene, std::size_t at) {
  return at >= scene.begin + 2 && static_cast<unsigned char>(scene.text[at - 1]) >= 0x80 &&
         static_cast<unsigned char>(scene.text[at - 2]) == 0xC3;
}

bool free_side(const Scene& scene, std::size_t at, bool forward) {
  if (forward ? at >= scene.end : at <= scene.begin) return true;
  const char c = forward ? scene.text[at] : scene.text[at - 1];
  if (is_word(c) || c == '_' || c == '@') return false;
  if (forward ? static_cast<unsigned char>(c) == 0xC3 : letter_before(scene, at)) return false;
  const std::size_t beyond = forward ? at + 1 : at - 1;
  const bool has_beyond = forward ? beyond < scene.end : beyond > scene.begin;
  if (!has_beyond) return c != '%';
  const char next = forward ? scene.text[beyond] : scene.text[beyond - 1];
  switch (c) {
    case '-':
      return !digit_in_word(scene, beyond, forward);
    case '.':
    case ',':
    case '/':
    case ':':
    case '+':
      return !is_digit(next);
    case '%':
      return !forward && !is_digit(next);
    default:
      return true;
  }
}

}  // namespace

std::vector<Group> groups_back(const Scene& scene, std::size_t end, std::size_t most,
                               std::string_view signs) {
  std::vector<Group> groups;
  std::size_t at = end;
  while (groups.size() < most) {
    std::size_t begin = at;
    while (begin > scene.begin && at - begin < kLongestGroup && is_digit(scene.text[begin - 1]))
      --begin;
    if (begin == at) break;
    groups.push_back({begin, at, 0});
    // One sign, or a space, or a sign with a space on either side.
    char sign = 0;
    std::size_t gap = begin;
    while (gap > scene.begin && begin - gap < 3) {
      const char c = scene.text[gap - 1];
      const bool other_sign = c != ' ' && signs.find(c) != std::string_view::npos;
      if (other_sign && sign != 0 && sign != ' ') break;
      if (other_sign)
        sign = c;
      else if (c == ' ' && (sign == 0 || scene.text[gap] != ' '))
        sign = sign == 0 ? ' ' : sign;
      else
        break;
      --gap;
    }
    if (gap == begin || gap <= scene.begin || !is_digit(scene.text[gap - 1])) break;
    if (signs.find(sign) == std::string_view::npos) break;
    groups.back().before = sign;
    at = gap;
  }
  return groups;
}

std::string digits_of(const Scene& scene, const std::vector<Group>& groups, std::size_t n) {
  std::string digits;
  for (std::size_t i = n; i > 0; --i)
    digits += scene.text.substr(groups[i - 1].begin, groups[i - 1].size());
  return digits;
}

void add_code(const Scene& scene, std::size_t end, std::size_t size, int score,
              std::vector<Reading>& out) {
  if (end > scene.end) return;
  const std::vector<Group> groups = groups_back(scene, end, 1, "");
  if (groups.size() != 1 || groups[0].size() != size || !stands_alone(scene, groups[0].begin, end))
    return;
  Reading reading;
  reading.begin = groups[0].begin;
  reading.end = end;
  reading.value = digits_of(scene, groups, 1);
  reading.valid = true;
  reading.score = score;
  reading.signals = {Signal::kNoCheckDigit};
  out.push_back(std::move(reading));
}

bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }

bool stands_alone(const Scene& scene, std::size_t begin, std::size_t end) {
  return free_side(scene, begin, false) && free_side(scene, end, true);
}

std::string twelve_signs(const Scene& scene, std::size_t end, std::size_t& begin) {
  std::string signs;
  std::size_t at = end;
  while (at > scene.begin && signs.size() < 12) {
    const char c = scene.text[at - 1];
    if (is_digit(c) || is_upper(c))
      signs.insert(signs.begin(), c);
    else if (c != '-' || signs.size() != 4)
      break;
    --at;
  }
  begin = at;
  return signs.size() == 12 && stands_alone(scene, begin, end) ? signs : std::string();
}

}  // namespace gallra::detect

#include "detectors/judge/snippet.hpp"

#include <algorithm>

#include "detectors/judge/fold.hpp"
#include "detectors/labels.hpp"

namespace gallra::detect {
namespace {

constexpr std::size_t kMaxCharacters = 120;
constexpr std::size_t kAround = 90;  // bytes looked at to each side
constexpr std::string_view kHidden = "▒▒▒";
constexpr int kHiddenInARow = 3;

bool is_word_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         static_cast<unsigned char>(c) >= 0x80;
}

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

// The snippet under construction: words with single spaces.
class Line {
 public:
  void word(std::string_view text) {
    space();
    text_ += text;
    hidden_ = 0;
  }
  void hidden() {
    if (++hidden_ > kHiddenInARow) return;
    space();
    text_ += kHidden;
  }
  void colon() {
    if (!text_.empty() && hidden_ == 0) text_ += ':';
  }
  std::string text_;

 private:
  void space() {
    if (!text_.empty()) text_ += ' ';
  }
  int hidden_ = 0;
};

}  // namespace

std::string make_snippet(const Window& window, const std::vector<Hit>& hits, std::size_t index,
                         std::string_view masked) {
  const Hit& hit = hits[index];
  const Span record = window.record_at(hit.begin);
  std::size_t from = std::max(record.begin, hit.begin > kAround ? hit.begin - kAround : 0);
  std::size_t to = std::min(record.end, hit.end + kAround);
  // Whole words only: half a word could pass for another.
  while (from > record.begin && from < hit.begin && is_word_byte(window.text[from - 1])) ++from;
  while (to < record.end && to > hit.end && is_word_byte(window.text[to])) --to;

  Line line;
  const Segment& segment = window.segment_at(hit.begin);
  if (segment.layout == Layout::kRecord && from == segment.begin) {
    const std::string label = folded(segment.place.label);
    if (is_label_word(label)) {
      line.word(label);
      line.colon();
    }
  }
  auto next = std::lower_bound(hits.begin(), hits.end(), from,
                               [](const Hit& h, std::size_t at) { return h.begin < at; });
  std::string before;  // what stood before the hit, should it be too long
  std::size_t at = from;
  while (at < to) {
    if (at == hit.begin) {
      before = line.text_;
      line.word(masked);
      at = std::max(hit.end, at + 1);
      continue;
    }
    while (next != hits.end() && next->begin < at) ++next;
    if (next != hits.end() && next->begin == at && next->term && next->rejected.empty() &&
        !next->silent && next->end <= (at < hit.begin ? hit.begin : to)) {
      line.word(next->value);
      at = std::max(next->end, at + 1);
      continue;
    }
    if (!is_word_byte(window.text[at])) {
      if (window.text[at] == ':') line.colon();
      ++at;
      continue;
    }
    std::size_t end = at;
    const std::size_t stop = at < hit.begin ? hit.begin : to;
    while (end < stop && is_word_byte(window.text[end])) ++end;
    const std::string word = folded(window.text.substr(at, end - at));
    if (is_label_word(word))
      line.word(word);
    else
      line.hidden();
    at = end;
  }
  // Too long: drop words from the left, then cut on the right.
  std::string& text = line.text_;
  while (characters(text) > kMaxCharacters && !before.empty()) {
    const std::size_t space = before.find(' ');
    const std::size_t cut = space == std::string::npos ? before.size() : space;
    before.erase(0, cut + (space == std::string::npos ? 0 : 1));
    text.erase(0, cut + 1);
  }
  while (characters(text) > kMaxCharacters) {
    const std::size_t space = text.rfind(' ');
    if (space == std::string::npos) break;
    text.resize(space);
  }
  return text;
}

}  // namespace gallra::detect

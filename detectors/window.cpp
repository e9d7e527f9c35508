// Where things stand in a window: lines, cells, sentences, records.
#include <algorithm>

#include "detectors/candidate.hpp"

namespace gallra::detect {
namespace {

constexpr std::size_t kReach = 1000;  // bytes looked at to each side; see text_buffer.hpp

Span clamp(const Segment& segment, std::size_t at, std::size_t reach = kReach) {
  return {at - segment.begin > reach ? at - reach : segment.begin,
          std::min(segment.end, at + reach)};
}

// The stretch around `at` inside `outer` that holds no byte of `stops`.
Span between(std::string_view text, Span outer, std::size_t at, std::string_view stops) {
  Span span{outer.begin, outer.end};
  if (at > outer.begin) {
    const std::size_t before = text.substr(outer.begin, at - outer.begin).find_last_of(stops);
    if (before != std::string_view::npos) span.begin = outer.begin + before + 1;
  }
  const std::size_t after = text.substr(0, outer.end).find_first_of(stops, at);
  if (after != std::string_view::npos) span.end = after;
  return span;
}

bool is_blank_line(std::string_view text, std::size_t from, std::size_t to) {
  for (std::size_t i = from; i < to; ++i)
    if (text[i] != ' ' && text[i] != '\t' && text[i] != '\r') return false;
  return true;
}

Span paragraph(std::string_view text, Span outer, std::size_t at) {
  Span span = outer;
  const std::string_view before = text.substr(outer.begin, at - outer.begin);
  std::size_t line_end = before.rfind('\n');
  while (line_end != std::string_view::npos && line_end > 0) {
    const std::size_t previous = before.rfind('\n', line_end - 1);
    if (previous == std::string_view::npos) break;
    if (is_blank_line(before, previous + 1, line_end)) {
      span.begin = outer.begin + line_end + 1;
      break;
    }
    line_end = previous;
  }
  std::size_t start = text.substr(0, outer.end).find('\n', at);
  while (start != std::string_view::npos) {
    const std::size_t next = text.substr(0, outer.end).find('\n', start + 1);
    if (next == std::string_view::npos) break;
    if (is_blank_line(text, start + 1, next)) {
      span.end = start;
      break;
    }
    start = next;
  }
  return span;
}

}  // namespace

const Segment& Window::segment_at(std::size_t at) const {
  const auto after = std::upper_bound(
      segments->begin(), segments->end(), at,
      [](std::size_t position, const Segment& segment) { return position < segment.begin; });
  return after == segments->begin() ? segments->front() : *std::prev(after);
}

Span Window::line_at(std::size_t at) const {
  const Segment& segment = segment_at(at);
  Span span = between(text, clamp(segment, at), at, "\n");
  if (span.end > span.begin && text[span.end - 1] == '\r') --span.end;
  return span;
}

Span Window::cell_at(std::size_t at) const {
  const Segment& segment = segment_at(at);
  if (segment.layout == Layout::kRecord) return clamp(segment, at);
  if (segment.layout == Layout::kProse) return line_at(at);
  Span span = between(text, clamp(segment, at), at, "\t\n");
  if (span.end > span.begin && text[span.end - 1] == '\r') --span.end;
  return span;
}

Span Window::sentence_at(std::size_t at) const {
  const Segment& segment = segment_at(at);
  if (segment.layout == Layout::kTable) return line_at(at);
  Span span = clamp(segment, at);
  for (std::size_t i = at; i > span.begin + 1; --i) {
    const char sign = text[i - 2];
    const bool ends = text[i - 1] == ' ' && (sign == '.' || sign == '!' || sign == '?');
    // "t.ex. ", "f. ", "kl. ", "Dr. ": a dot after one or two letters mostly shortens a word.
    const bool short_word = sign == '.' && i >= span.begin + 5 &&
                            (text[i - 4] == ' ' || text[i - 4] == '.' || text[i - 5] == ' ');
    if (text[i - 1] == '\n' || (ends && !short_word)) {
      span.begin = i;
      break;
    }
  }
  for (std::size_t i = at; i < span.end; ++i) {
    const char sign = text[i];
    const bool space_after = i + 1 >= span.end || text[i + 1] == ' ' || text[i + 1] == '\n';
    const bool short_word = sign == '.' && i >= at + 3 &&
                            (text[i - 2] == ' ' || text[i - 2] == '.' || text[i - 3] == ' ');
    if (sign == '\n' ||
        (space_after && !short_word && (sign == '.' || sign == '!' || sign == '?'))) {
      span.end = i;
      break;
    }
  }
  return span;
}

Span Window::record_at(std::size_t at, std::size_t reach) const {
  reach = std::min(reach, kReach);
  const Segment& segment = segment_at(at);
  if (segment.layout == Layout::kTable) return line_at(at);
  if (segment.layout == Layout::kProse && segment.record == 0)
    return paragraph(text, clamp(segment, at, reach), at);
  // Fields or short paragraphs that belong together.
  const auto here = segments->begin() + (&segment - segments->data());
  auto first = here;
  auto last = here;
  while (at - first->begin < reach && first != segments->begin() &&
         std::prev(first)->record == segment.record)
    --first;
  while (last->end - at < reach && std::next(last) != segments->end() &&
         std::next(last)->record == segment.record)
    ++last;
  return {at - first->begin > reach ? at - reach : first->begin, std::min(last->end, at + reach)};
}

std::uint64_t Window::record_id(std::size_t at) const {
  const Segment& segment = segment_at(at);
  if (segment.record != 0) return segment.record << 1 | 1;
  return (origin + record_at(at).begin) << 1;
}

std::uint32_t Window::column_at(std::size_t at) const {
  const Segment& segment = segment_at(at);
  if (segment.layout != Layout::kTable) return 0;
  const Span row = between(text, {segment.begin, segment.end}, at, "\n");
  const auto tabs = std::count(text.begin() + static_cast<std::ptrdiff_t>(row.begin),
                               text.begin() + static_cast<std::ptrdiff_t>(at), '\t');
  const bool counted = segment.place.kind == PlaceKind::kCell && row.begin == segment.begin;
  const std::uint32_t first = counted ? std::max(segment.place.b, 1u) : 1;
  return first + static_cast<std::uint32_t>(tabs);
}

std::string_view Window::header_at(std::size_t at) const {
  const Segment& segment = segment_at(at);
  if (segment.layout == Layout::kRecord) return segment.place.label;
  if (segment.layout != Layout::kTable || segment.headers == nullptr) return {};
  const std::uint32_t column = column_at(at);
  return column >= 1 && column <= segment.headers->size()
             ? std::string_view((*segment.headers)[column - 1])
             : std::string_view();
}

}  // namespace gallra::detect

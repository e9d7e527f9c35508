#include "scanner/extract/record_text.hpp"

#include <algorithm>

#include "scanner/extract/plain_text.hpp"
#include "scanner/extract/text_writer.hpp"

namespace gallra::extract {
namespace {

// A record larger than this is no record of one person; its pieces go on their way.
constexpr std::size_t kMostBytes = 64u << 10;
constexpr std::size_t kLabelBytes = 200;  // a name of a field; longer ones are cut
// More lines than this without a value part what belongs together.
constexpr std::uint32_t kMostEmptyLines = 20;

std::string_view cut_label(std::string_view label) {
  if (label.size() <= kLabelBytes) return label;
  return label.substr(0, cut_after_line(label.substr(0, kLabelBytes)));
}

// White space behind a value is the file's lay-out, and its line ends are counted by the next item.
std::string_view without_end(std::string_view value) {
  const std::size_t last = value.find_last_not_of(" \r\n\v");
  return value.substr(0, last == std::string_view::npos ? 0 : last + 1);
}

}  // namespace

void RecordText::field(std::string_view label, std::string_view value, std::uint32_t line) {
  if (is_blank(value) && is_blank(label)) return;
  if (text_.size() >= kMostBytes) flush();
  if (!items_.empty() && line > items_.back().line + kMostEmptyLines &&
      count_lines(text_) + kMostEmptyLines < line - items_.front().line)
    flush();
  items_.push_back({text_.size(), line, false});
  if (!label.empty()) {
    add(cut_label(label));
    text_ += value.empty() ? ":" : ": ";
  }
  add(value);
}

void RecordText::also(std::string_view value, std::uint32_t line) {
  if (items_.empty()) return field({}, value, line);
  if (is_blank(value)) return;
  if (text_.size() >= kMostBytes) flush();
  items_.push_back({text_.size(), line, !items_.empty()});
  add(value);
}

void RecordText::more(std::string_view value, std::uint32_t line) {
  if (items_.empty()) items_.push_back({0, line, false});
  add(value);
  if (text_.size() < kMostBytes) return;
  const auto next = line + static_cast<std::uint32_t>(count_lines(value));
  send(items_.size(), true);
  items_.push_back({0, next, false});
}

void RecordText::add(std::string_view value) {
  const std::size_t from = text_.size();
  text_ += value;
  // A lone carriage return, form feed or tab is no field's end.
  std::replace(text_.begin() + static_cast<std::ptrdiff_t>(from), text_.end(), '\t', ' ');
}

void RecordText::flush_to(std::uint64_t mark) {
  if (mark <= flushed_) return;
  send(static_cast<std::size_t>(std::min(mark, this->mark()) - flushed_), false);
}

void RecordText::send(std::size_t count, bool goes_on) {
  const std::size_t end = count < items_.size() ? items_[count].begin : text_.size();
  const std::string_view text = std::string_view(text_).substr(0, end);
  const std::uint32_t first = items_.front().line;
  const bool one_line =
      items_[count - 1].line == first && text.find('\n') == std::string_view::npos;
  std::string out;
  out.reserve(text.size() + count * 2);
  std::uint32_t line = first;
  for (std::size_t i = 0; i < count; ++i) {
    const Item& item = items_[i];
    const std::size_t item_end = i + 1 < count ? items_[i + 1].begin : end;
    if (i > 0 && one_line) out += item.listed ? ", " : "\n";
    if (i > 0 && !one_line) {
      if (line >= item.line) out += item.listed ? ", " : "; ";
      // A line of brackets only must not look like the end of a paragraph.
      for (bool again = false; line < item.line; ++line, again = true) out += again ? "|\n" : "\n";
    }
    const std::string_view value = text.substr(item.begin, item_end - item.begin);
    const bool whole = i + 1 < count || !goes_on;
    out += whole ? without_end(value) : value;
    line += static_cast<std::uint32_t>(count_lines(whole ? without_end(value) : value));
  }
  std::replace(out.begin(), out.end(), '\v', one_line ? '\n' : ' ');
  if (!goes_on) out.push_back('\n');
  if (!is_blank(out)) {
    const Place place{one_line ? PlaceKind::kField : PlaceKind::kLine, first, 0, {}};
    sink_.text({place, Layout::kProse, continues_, out, offset_});
    offset_ += out.size();
    continues_ = goes_on;
  }
  text_.erase(0, end);
  flushed_ += count;
  items_.erase(items_.begin(), items_.begin() + static_cast<std::ptrdiff_t>(count));
  for (Item& item : items_) item.begin -= end;
  if (!items_.empty()) items_.front().listed = false;
}

}  // namespace gallra::extract

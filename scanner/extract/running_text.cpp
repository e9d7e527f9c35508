#include "scanner/extract/running_text.hpp"

#include "scanner/extract/text_writer.hpp"

namespace gallra::extract {
namespace {

constexpr std::size_t kChunkBytes = 64u << 10;
// More lines without text than this are left out.
constexpr std::uint32_t kMostEmptyLines = 20;
// Lines that the count may run ahead before a long text is parted to set it right.
constexpr std::uint32_t kMostAhead = 3;
constexpr std::size_t kLongText = 2u << 10;

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f'; }

}  // namespace

void RunningText::text(std::string_view piece, std::uint32_t line) {
  for (std::size_t at = 0; at < piece.size();) {
    if (is_space(piece[at])) {
      if (piece[at] == '\n') ++line;
      space_ = true;
      ++at;
      continue;
    }
    std::size_t end = at;
    while (end < piece.size() && !is_space(piece[end])) ++end;
    before_word(line);
    out_ += piece.substr(at, end - at);
    at = end;
  }
}

void RunningText::before_word(std::uint32_t line) {
  const bool at_start = out_.empty() ? !continues_ : out_.back() == '\n';
  if (!at_start && !break_ && !space_) return;
  const std::uint32_t behind = line > line_ ? line - line_ : 0;
  const bool far =
      behind > kMostEmptyLines || (break_ && line_ > line + kMostAhead && out_.size() > kLongText);
  if (far) {
    send(false);
  } else if (out_.size() >= kChunkBytes) {
    send(true);
  }
  if (out_.empty() && !continues_) {
    first_ = line_ = line;
  } else if (behind > 0 && !far) {
    out_.append(behind, '\n');
    line_ = line;
  } else if (break_ && !at_start) {
    out_.push_back('\n');
    ++line_;
  } else if (!at_start && !out_.ends_with('\t')) {
    out_.push_back(' ');
  }
  space_ = break_ = false;
}

void RunningText::aside(std::string_view label, std::string_view value, std::uint32_t line) {
  if (is_blank(value)) return;
  space_ = true;
  if (!label.empty()) {
    text(label, line);
    text(": ", line);
  }
  // Line ends of the value are no line ends of the file.
  for (std::size_t at = 0; at < value.size();) {
    const std::size_t end = std::min(value.find('\n', at), value.size());
    text(value.substr(at, end - at), line);
    space_ = true;
    at = end + 1;
  }
}

void RunningText::tab() {
  if (out_.empty() || out_.back() == '\n' || break_) return;
  out_.push_back('\t');
  space_ = false;
}

void RunningText::section(std::uint32_t) {
  send(false);
  space_ = break_ = false;
}

void RunningText::send(bool goes_on) {
  if (!out_.empty()) {
    if (!goes_on) out_.push_back('\n');
    emit({PlaceKind::kLine, first_, 0, {}}, Layout::kProse, continues_, out_);
  }
  out_.clear();
  continues_ = goes_on;
  first_ = line_;
}

void RunningText::emit(const Place& place, Layout layout, bool continues, std::string_view text) {
  sink_.text({place, layout, continues, text, offset_});
  offset_ += text.size();
}

}  // namespace gallra::extract

// Plain text of any size and encoding: text files, Markdown, logs, source code.
#include "scanner/extract/extractor.hpp"
#include "scanner/extract/plain_text.hpp"

namespace gallra::extract {
namespace {

// Text that waits for its line to end is not let grow beyond this.
constexpr std::size_t kMostPending = 256u << 10;

class Lines {
 public:
  explicit Lines(ExtractSink& sink) : sink_(sink) {}

  void send(std::string_view text) {
    if (text.empty()) return;
    sink_.text({{PlaceKind::kLine, line_, 0, {}}, Layout::kProse, continues_, text, offset_});
    offset_ += text.size();
    line_ += static_cast<std::uint32_t>(count_lines(text));
    continues_ = true;
  }
  // Something was left out: a value does not reach across.
  void gap() { continues_ = false; }

 private:
  ExtractSink& sink_;
  std::uint32_t line_ = 1;
  std::uint64_t offset_ = 0;
  bool continues_ = false;
};

Outcome extract_text(const ExtractRequest& request, ExtractSink& sink) {
  PlainText input(request.source);
  Lines lines(sink);
  std::string text;
  for (std::size_t held = 0; input.next(text); held = text.size()) {
    if (input.skipped()) {
      lines.send(std::string_view(text).substr(0, held));
      lines.gap();
      text.erase(0, held);
    }
    std::size_t cut = text.rfind('\n') + 1;  // npos + 1 == 0
    if (cut == 0 && text.size() >= kMostPending) cut = cut_after_line(text);
    lines.send(std::string_view(text).substr(0, cut));
    text.erase(0, cut);
  }
  lines.send(text);
  return input.outcome();
}

}  // namespace

extern const ExtractorEntry extractor_text;
const ExtractorEntry extractor_text{
    "text",
    {Format::kText, Format::kMarkdown, Format::kLog, Format::kSource},
    false,
    extract_text,
    nullptr};

}  // namespace gallra::extract

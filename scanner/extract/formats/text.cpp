// Plain text of any size and encoding: text files, Markdown, logs, source code. Blocks of encrypted
// text in it are left out and told.
#include <array>

#include "scanner/extract/drawn_tables.hpp"
#include "scanner/extract/extractor.hpp"
#include "scanner/extract/plain_text.hpp"
#include "scanner/extract/text_writer.hpp"
#include "scanner/identify/identify.hpp"

namespace gallra::extract {
namespace {

// Text that waits for its line to end is not let grow beyond this.
constexpr std::size_t kMostPending = 256u << 10;

class Lines {
 public:
  // `drawn`: tables that are drawn in the text are told as tables.
  Lines(ExtractSink& sink, bool drawn) : sink_(sink), drawn_(drawn) {}

  void send(std::string_view text) {
    if (text.empty()) return;
    if (!drawn_) return send(text, Layout::kProse, continues_);
    for (const DrawnTables::Part& part : tables_.parts(text)) {
      if (part.table)
        send(part.rows, Layout::kTable, part.continues && continues_);
      else
        send(part.text, Layout::kProse, continues_);
    }
  }
  // Something was left out: a value does not reach across.
  void gap() {
    continues_ = false;
    tables_.gap();
  }
  void pass_over(std::string_view text) {
    line_ += static_cast<std::uint32_t>(count_lines(text));
    gap();
  }

 private:
  void send(std::string_view text, Layout layout, bool continues) {
    sink_.text({{PlaceKind::kLine, line_, 0, {}}, layout, continues, text, offset_});
    offset_ += text.size();
    line_ += static_cast<std::uint32_t>(count_lines(text));
    continues_ = true;
  }

  ExtractSink& sink_;
  const bool drawn_;
  DrawnTables tables_;
  std::uint32_t line_ = 1;
  std::uint64_t offset_ = 0;
  bool continues_ = false;
};

// Takes the armoured messages (RFC 9580, 6.2) out of a text: what stands there is base64 of
// ciphertext. A line that is no armour ends a block, whether it was closed or not.
class Armour {
 public:
  explicit Armour(Lines& lines) : lines_(lines) {}

  // Whole lines, but for the last of a text.
  void send(std::string_view text) {
    while (!text.empty()) {
      if (inside_) {
        inside(text);
        continue;
      }
      const std::size_t begin = find_begin(text);
      show(text.substr(0, begin));
      if (begin == std::string_view::npos) return;
      text.remove_prefix(begin);
      const std::string_view line = first_line(text);
      lines_.pass_over(line);
      text.remove_prefix(line.size());
      inside_ = headers_ = true;
    }
  }
  void gap() { lines_.gap(); }

  Outcome outcome(Outcome input) const {
    if (!found_ || input.kind != OutcomeKind::kRead) return input;
    return shown_ ? Outcome::in_part(Reason::kEncrypted) : Outcome::not_read(Reason::kEncrypted);
  }

 private:
  static constexpr std::array<std::string_view, 2> kBegins{"-----BEGIN PGP MESSAGE-----",
                                                           "-----BEGIN AGE ENCRYPTED FILE-----"};
  static constexpr std::size_t kLongestLine = 100;

  static std::string_view first_line(std::string_view text) {
    const std::size_t end = text.find('\n');
    return text.substr(0, end == std::string_view::npos ? end : end + 1);
  }
  static std::size_t find_begin(std::string_view text) {
    constexpr std::string_view kMark = "-----BEGIN ";
    for (std::size_t at = text.find(kMark); at != std::string_view::npos;
         at = text.find(kMark, at + kMark.size())) {
      if (at > 0 && text[at - 1] != '\n') continue;
      for (const std::string_view begin : kBegins)
        if (text.substr(at).starts_with(begin)) return at;
    }
    return std::string_view::npos;
  }
  static bool is_base64(std::string_view line) {
    constexpr std::string_view kSigns =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=";
    return line.size() <= kLongestLine && line.find_first_not_of(kSigns) == std::string_view::npos;
  }
  static bool is_header(std::string_view line) {
    for (const std::string_view name :
         {"Version: ", "Comment: ", "MessageID: ", "Hash: ", "Charset: "})
      if (line.starts_with(name)) return true;
    return false;
  }

  // The next line of a block; what ends it is left in `text`.
  void inside(std::string_view& text) {
    const std::string_view whole = first_line(text);
    const std::string_view line = whole.substr(0, whole.find_last_not_of(" \t\n") + 1);
    const bool ends = line.starts_with("-----END ");
    const bool data = !ends && is_base64(line);
    if (ends || (!data && !(headers_ && is_header(line)))) inside_ = false;
    if (!inside_ && !ends) return;
    found_ |= data && !line.empty();
    headers_ &= !data;
    lines_.pass_over(whole);
    text.remove_prefix(whole.size());
  }
  void show(std::string_view text) {
    shown_ |= !is_blank(text);
    lines_.send(text);
  }

  Lines& lines_;
  bool inside_ = false;
  bool headers_ = false;
  bool found_ = false;
  bool shown_ = false;
};

bool is_ciphertext(const Source& source) {
  std::array<char, identify::kHeadBytes> head{};
  const std::int64_t got = source.read(0, std::as_writable_bytes(std::span(head)));
  return got > 0 &&
         !identify::ciphertext_kind({head.data(), static_cast<std::size_t>(got)}).empty();
}

Outcome extract_text(const ExtractRequest& request, ExtractSink& sink) {
  if (is_ciphertext(request.source)) return Outcome::not_read(Reason::kEncrypted);
  PlainText input(request.source);
  const bool drawn = request.format == Format::kText || request.format == Format::kMarkdown;
  Lines plain(sink, drawn);
  Armour lines(plain);
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
  return lines.outcome(input.outcome());
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

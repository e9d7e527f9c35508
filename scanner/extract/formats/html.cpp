// HTML and XHTML: everything a page holds, shown or hidden. Text in running lines, tables as
// tables, and what stands in attributes, comments and scripts.
#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "scanner/extract/charset.hpp"
#include "scanner/extract/extractor.hpp"
#include "scanner/extract/markup.hpp"
#include "scanner/extract/running_text.hpp"
#include "scanner/extract/text_writer.hpp"

namespace gallra::extract {
namespace {

constexpr auto kNone = std::string_view::npos;
constexpr std::size_t kBlockBytes = 256u << 10;
// Browsers look for the charset in the first kilobyte; editors write more in front of it.
constexpr std::size_t kHeadBytes = 8u << 10;
// A page in a page (srcdoc) in a page.
constexpr int kMostPages = 3;
// Beyond this a table is sent in pieces.
constexpr std::size_t kTableBytes = 128u << 10;
// A cell with more text than this is the page's lay-out, no datum.
constexpr std::size_t kMostCell = 1000;
constexpr std::size_t kMostColumns = 1000;

bool is_one_of(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](char c) { return lower(c); });
  return out;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  c = lower(c);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

std::string percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escape = text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 &&
                        hex_digit(text[i + 2]) >= 0;
    out.push_back(escape ? static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]))
                         : text[i]);
    i += escape ? 2 : 0;
  }
  return out;
}

std::string base64_decoded(std::string_view text) {
  std::string out;
  std::uint32_t bits = 0;
  int have = 0;
  for (const char c : text) {
    constexpr std::string_view kSigns =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const std::size_t value = kSigns.find(c);
    if (value == kNone) continue;
    bits = bits << 6 | static_cast<std::uint32_t>(value);
    have += 6;
    if (have < 8) continue;
    have -= 8;
    out.push_back(static_cast<char>(bits >> have & 0xFF));
  }
  return out;
}

// "data:text/plain;base64,...": the text; "" when it is no text.
std::string data_text(std::string_view uri) {
  const std::size_t comma = uri.find(',');
  if (comma == kNone) return {};
  const std::string kind = lower(uri.substr(5, comma - 5));
  const bool text = kind.empty() || kind.starts_with(';') || kind.starts_with("text/") ||
                    kind.find("xml") != kNone || kind.find("json") != kNone;
  if (!text) return {};
  const std::string bytes = percent_decoded(uri.substr(comma + 1));
  return decode_as("", kind.ends_with(";base64") ? base64_decoded(bytes) : bytes);
}

// What an address says of people: whom to write or call, and what it asks for.
std::string address_text(std::string_view value) {
  const std::string scheme = lower(value.substr(0, 8));
  for (const std::string_view known : {"mailto:", "tel:", "sms:", "callto:", "skype:"})
    if (scheme.starts_with(known))
      return decode_as("", percent_decoded(value.substr(known.size())));
  if (scheme.starts_with("data:")) return data_text(value);
  const bool asks = value.find('?') != kNone || value.find('@') != kNone;
  return asks ? decode_as("", percent_decoded(value)) : std::string();
}

// The label after "charset" in the head of a page, "" when there is none.
std::string declared_charset(std::string_view head) {
  const std::string text = lower(head.substr(0, kHeadBytes));
  for (std::size_t at = text.find("charset"); at != kNone; at = text.find("charset", at + 7)) {
    std::size_t i = at + 7;
    while (i < text.size() &&
           (text[i] == ' ' || text[i] == '=' || text[i] == '"' || text[i] == '\''))
      ++i;
    std::size_t end = i;
    while (end < text.size() && std::string_view(" \"'>;/\r\n\t").find(text[end]) == kNone) ++end;
    if (end > i && text.find('=', at) < end) return text.substr(i, end - i);
  }
  if (!text.starts_with("<?xml")) return {};
  const std::size_t at = text.substr(0, text.find('>')).find("encoding=");
  if (at == kNone) return {};
  const std::size_t end = text.find_first_of("\"'?>", at + 10);
  return end == kNone ? std::string() : text.substr(at + 10, end - at - 10);
}

bool is_number_or_signs(std::string_view text) {
  const auto letter = [](char c) {
    return (lower(c) >= 'a' && lower(c) <= 'z') || static_cast<unsigned char>(c) >= 0x80;
  };
  return std::none_of(text.begin(), text.end(), letter);
}

bool is_block(std::string_view name) {
  return is_one_of(
      name,
      {"p",        "div",      "br",     "li",         "ul",     "ol",     "dl",      "dt",
       "dd",       "tr",       "table",  "td",         "th",     "option", "select",  "pre",
       "h4",       "h5",       "h6",     "blockquote", "form",   "label",  "section", "article",
       "header",   "footer",   "main",   "nav",        "aside",  "title",  "legend",  "textarea",
       "details",  "summary",  "figure", "figcaption", "center", "script", "address", "fieldset",
       "body",     "head",     "html",   "meta",       "button", "hr",     "caption", "optgroup",
       "template", "noscript", "iframe", "dialog"});
}

// --- tables ---

// A table until it shows whether it holds data or lays out the page.
class Table {
 public:
  void begin(std::uint32_t number, std::uint32_t line) {
    *this = Table();
    open_ = true;
    number_ = number;
    line_ = line;
  }
  bool open() const { return open_; }
  bool in_cell() const { return in_cell_; }
  // Sent rows cannot be taken back: the rest of a long table is one too.
  bool settled() const { return sent_rows_ > 0; }

  void row() {
    end_cell();
    if (columns_ > 0) rows_.push_back('\n');
    most_columns_ = std::max(most_columns_, columns_);
    row_count_ += columns_ > 0;
    columns_ = 0;
  }
  void cell(bool heading, std::size_t span) {
    end_cell();
    if (columns_ > 0) rows_.append(std::min(span_, kMostColumns), '\t');
    labels_ += columns_ == 0 && heading;
    span_ = std::max<std::size_t>(span, 1);
    ++columns_;
    in_cell_ = true;
  }
  void text(std::string_view piece) {
    for (const char c : piece) {
      if (c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == '\f') {
        space_ = true;
        continue;
      }
      if (space_ && !cell_.empty()) cell_.push_back(' ');
      space_ = false;
      cell_.push_back(c);
    }
  }
  void space() { space_ = true; }
  void end_cell() {
    if (in_cell_ && columns_ == 1) labels_ += cell_.ends_with(':');
    longest_ = std::max(longest_, cell_.size());
    rows_ += cell_;
    cell_.clear();
    in_cell_ = space_ = false;
  }

  bool is_large() const { return rows_.size() + cell_.size() > kTableBytes; }
  // Two columns of which the first holds labels are fields of a form, no table with a header.
  bool is_form() const { return most_columns_ == 2 && labels_ * 2 > row_count_; }
  bool is_data() const {
    return settled() ||
           (most_columns_ >= 2 && row_count_ >= 2 && longest_ <= kMostCell && !is_form());
  }

  // Whole rows so far, as a table.
  void send_rows(RunningText& out) {
    const std::size_t end = rows_.rfind('\n') + 1;  // npos + 1 == 0
    if (end == 0) return;
    const std::string label = number_ > 1 ? "#" + std::to_string(number_) : std::string();
    const std::string_view rows = std::string_view(rows_).substr(0, end);
    out.emit({PlaceKind::kCell, static_cast<std::uint32_t>(sent_rows_ + 1), 1, label},
             Layout::kTable, settled(), rows);
    sent_rows_ += static_cast<std::size_t>(std::count(rows.begin(), rows.end(), '\n'));
    rows_.erase(0, end);
  }
  // Or as lines of text.
  void send_lines(RunningText& out, std::uint32_t line) const {
    const std::string_view between = is_form() ? " " : "";
    for (std::size_t from = 0; from < rows_.size();) {
      const std::size_t end = std::min(rows_.find_first_of("\t\n", from), rows_.size());
      out.text(std::string_view(rows_).substr(from, end - from), line);
      if (end < rows_.size() && rows_[end] == '\n') {
        out.break_line();
      } else if (between.empty()) {
        out.tab();
      } else {
        out.text(between, line);
      }
      from = end + 1;
    }
    out.text(cell_, line);
  }
  void end(RunningText& out) {
    row();
    open_ = false;
    if (is_data()) {
      send_rows(out);
    } else {
      out.break_line();
      send_lines(out, line_);
      out.break_line();
    }
  }
  std::uint32_t line() const { return line_; }
  void close() { open_ = false; }

 private:
  bool open_ = false;
  bool in_cell_ = false;
  bool space_ = false;
  std::uint32_t number_ = 1;
  std::uint32_t line_ = 1;
  std::string rows_;
  std::string cell_;
  std::size_t columns_ = 0;
  std::size_t span_ = 1;
  std::size_t most_columns_ = 0;
  std::size_t row_count_ = 0;
  std::size_t sent_rows_ = 0;
  std::size_t labels_ = 0;
  std::size_t longest_ = 0;
};

// --- the page ---

class Page : public MarkupHandler {
 public:
  explicit Page(ExtractSink& sink) : out_(sink) {}
  void lines_of(const Tokenizer& tokenizer) { tokenizer_ = &tokenizer; }

  void open(const Tag& tag) override {
    const std::string_view name = tag.name();
    in_style_ = name == "style";
    if (is_one_of(name, {"sup", "sub"})) raised_ = true;
    if (is_block(name)) raised_ = false;             // it was never closed
    if (name.find('@') != kNone) return word(name);  // "<anna@example.org>", never escaped
    if (!take_table(tag) && is_block(name)) break_line();
    if (is_one_of(name, {"h1", "h2", "h3", "hr"}) && !table_.open()) section();
    if (name == "meta") return meta(tag);
    attributes(tag);
  }

  void close(std::string_view name) override {
    in_style_ = false;
    if (is_one_of(name, {"sup", "sub"})) raised_ = false;
    if (name == "table" && table_.open()) return table_.end(out_);
    if (name == "table" && outer_tables_ > 0) --outer_tables_;
    if (name == "tr" && table_.open()) return table_.row();
    if (is_one_of(name, {"td", "th"}) && table_.open()) return table_.end_cell();
    if (is_one_of(name, {"td", "th"})) return out_.tab();
    if (is_block(name)) break_line();
  }

  void text(std::string_view piece) override {
    if (in_style_) return;
    // The mark of a note is no digit more of the number it stands at.
    if (raised_ && is_number_or_signs(piece)) return word(piece);
    put(piece);
  }

  void comment(std::string_view piece) override {
    if (piece.starts_with("[if ") || piece.starts_with("[endif"))
      piece.remove_prefix(piece.find(']') + 1);
    if (!in_comment_ && !table_.open()) out_.break_line();
    in_comment_ = true;
    put(piece);
  }
  void comment_end() override {
    in_comment_ = false;
    if (!table_.open()) out_.break_line();
  }

  void finish() {
    if (table_.open()) table_.end(out_);
    out_.finish();
  }

 private:
  std::uint32_t line() const { return tokenizer_->line(); }

  void put(std::string_view piece) {
    if (!table_.open()) return out_.text(piece, line());
    if (!table_.in_cell() && is_blank(piece)) return;
    if (!table_.in_cell()) table_.cell(false, 1);  // text between rows and cells: browsers show it
    table_.text(piece);
    if (table_.is_large()) large_table();
  }
  void word(std::string_view text) {
    put(" ");
    put(text);
    put(" ");
  }
  void break_line() {
    if (table_.open()) return table_.space();
    out_.break_line();
  }
  void section() { out_.section(line()); }

  void large_table() {
    if (table_.is_data()) {
      table_.send_rows(out_);
      if (!table_.is_large()) return;
    }
    leave_table();
  }
  // It lays out the page: what was gathered becomes text, and its cells are parted by tabs.
  void leave_table() {
    if (table_.settled()) {
      table_.row();
      table_.send_rows(out_);
    } else {
      table_.send_lines(out_, table_.line());
    }
    table_.close();
    ++outer_tables_;
  }

  bool take_table(const Tag& tag) {
    const std::string_view name = tag.name();
    if (name == "table") {
      if (table_.open()) leave_table();
      // What stands in front of a table often names whom it is about, but is no part of it.
      out_.section(line());
      table_.begin(++tables_, line());
      return true;
    }
    if (!table_.open()) return false;
    if (name == "tr") {
      table_.row();
      return true;
    }
    if (!is_one_of(name, {"td", "th"})) return false;
    std::size_t span = 0;
    for (const char c : tag.raw("colspan")) {
      if (c < '0' || c > '9' || span > kMostColumns) break;
      span = span * 10 + static_cast<std::size_t>(c - '0');
    }
    table_.cell(name == "th", span);
    return true;
  }

  void meta(const Tag& tag) {
    const std::string content = tag.value("content");
    std::string name = tag.value("name");
    if (name.empty()) name = tag.value("property");
    if (content.empty() || name.empty() ||
        is_one_of(lower(name), {"viewport", "generator", "robots", "theme-color", "progid"}))
      return;
    if (is_one_of(lower(name), {"author", "dc.creator"}))
      return out_.emit({PlaceKind::kProperty, 0, 0, "author"}, Layout::kRecord, false,
                       valid_utf8(content));
    aside(name, content);
    break_line();
  }

  void attributes(const Tag& tag) {
    AttributeReader reader = tag.attributes();
    for (Attribute attribute; reader.next(attribute);) {
      if (attribute.raw.empty()) continue;
      const std::string name = lower(attribute.name);
      if (is_one_of(name, {"alt", "title", "value", "content", "placeholder", "summary", "label",
                           "aria-label", "cite", "datetime", "download"}) ||
          name.starts_with("data-") || name.starts_with("on")) {  // onclick="show('...')"
        aside(name == "value" ? tag.value("name") : std::string(), attribute.value(Dialect::kHtml));
      } else if (is_one_of(name, {"href", "src", "action", "data", "background", "formaction"})) {
        aside({}, address_text(attribute.value(Dialect::kHtml)));
      } else if (name == "srcdoc") {
        inner_page(attribute.value(Dialect::kHtml));
      } else if (attribute.raw.find_first_of("<>") != kNone) {
        aside({}, attribute.value(Dialect::kHtml));  // a lost quote took text in
      }
    }
  }
  void aside(std::string_view label, std::string_view value) {
    if (is_blank(value)) return;
    if (!table_.open()) return out_.aside(label, value, line());
    word(label.empty() ? std::string(value) : std::string(label) + ": " + std::string(value));
  }

  void inner_page(std::string_view html) {
    if (pages_ >= kMostPages) return aside({}, html);
    ++pages_;
    break_line();
    // Its lines are those of the attribute.
    Tokenizer inner(*this, Dialect::kHtml);
    inner.feed(html, true);
    break_line();
    --pages_;
  }

  RunningText out_;
  Table table_;
  const Tokenizer* tokenizer_ = nullptr;
  std::uint32_t tables_ = 0;
  std::size_t outer_tables_ = 0;  // open tables that turned out to lay out the page
  int pages_ = 0;
  bool in_style_ = false;
  bool in_comment_ = false;
  bool raised_ = false;  // in <sup> or <sub>
};

Outcome extract_html(const ExtractRequest& request, ExtractSink& sink) {
  Page page(sink);
  Tokenizer tokenizer(page, Dialect::kHtml);
  page.lines_of(tokenizer);
  std::optional<LabelledDecoder> decoder;
  std::vector<char> block(kBlockBytes);
  std::string text;
  for (std::uint64_t at = 0;;) {
    const auto n = request.source.read(at, std::as_writable_bytes(std::span(block)));
    const std::string_view bytes(block.data(), n > 0 ? static_cast<std::size_t>(n) : 0);
    at += bytes.size();
    const bool last = bytes.size() < block.size();
    if (!decoder) decoder.emplace(declared_charset(bytes));
    text.clear();
    decoder->decode(bytes, text, last);
    tokenizer.feed(text, last);
    if (!last) continue;
    page.finish();
    if (n >= 0) return Outcome::read();
    return at > 0 ? Outcome::in_part(Reason::kIoError) : Outcome::not_read(Reason::kIoError);
  }
}

}  // namespace

extern const ExtractorEntry extractor_html;
const ExtractorEntry extractor_html{"html", {Format::kHtml}, true, extract_html, prepare_charsets};

}  // namespace gallra::extract

// XML of any vocabulary. Data ("<person><namn>..") becomes records of labelled values; documents
// (flat OpenDocument, Word and Excel 2003, DocBook, SVG) become running text.
#include <algorithm>
#include <array>
#include <vector>

#include "scanner/extract/charset.hpp"
#include "scanner/extract/extractor.hpp"
#include "scanner/extract/markup.hpp"
#include "scanner/extract/office/odf_text.hpp"
#include "scanner/extract/plain_text.hpp"
#include "scanner/extract/record_text.hpp"
#include "scanner/extract/running_text.hpp"
#include "scanner/extract/text_writer.hpp"

namespace gallra::extract {
namespace {

constexpr std::size_t kBlockBytes = 256u << 10;
// Deeper elements are read as part of the last one that is kept.
constexpr std::size_t kMostLevels = 256;
// A document property or the text of one.
constexpr std::size_t kMostProperty = 4096;

bool is_one_of(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool is_document_root(std::string_view local) {
  return is_one_of(
      local, {"document", "wordDocument", "package", "Workbook", "html", "article", "book",
              "chapter", "TEI", "TEI.2", "dtbook", "FictionBook", "svg", "topic", "mediawiki"});
}

// An attribute that says how the element's value is called.
std::string label_of(const Tag& tag) {
  for (const std::string_view name : {"name", "key", "label", "field", "fieldname"})
    if (const std::string_view raw = tag.raw(name); !raw.empty() && raw.size() < 100)
      return tag.value(name);
  return std::string(tag.local());
}

bool is_bookkeeping(std::string_view attribute) {
  return attribute.starts_with("xmlns") || attribute.starts_with("xsi:") ||
         attribute.starts_with("xml:");
}

// --- data ---

class Records {
 public:
  explicit Records(ExtractSink& sink) : record_(sink) {}

  void open(const Tag& tag, std::uint32_t line) {
    const bool mixed = !levels_.empty() && levels_.back().has_text;
    if (!levels_.empty()) levels_.back().has_children = true;
    ++depth_;
    if (depth_ > kMostLevels) return;
    Level level;
    level.name = tag.local();
    level.label = mixed ? std::string() : label_of(tag);
    level.inside_text = mixed;
    level.mark = record_.mark();
    const std::string own_label = level.label == tag.local() ? std::string() : level.label;
    levels_.push_back(std::move(level));
    if (!mixed) attributes(tag, own_label, line);
  }

  void close(std::string_view name) {
    if (depth_ > kMostLevels) {
      --depth_;
      return;
    }
    // An end tag without its beginning closes nothing; one that jumps closes what is inside.
    std::size_t at = levels_.size();
    while (at > 0 && levels_[at - 1].name != name && levels_.size() - at < 8) --at;
    if (at == 0 || levels_[at - 1].name != name) return;
    while (levels_.size() >= at) close_last();
  }

  void text(std::string_view piece, std::uint32_t line) {
    if (levels_.empty()) return loose(piece, line);
    Level& level = levels_.back();
    const std::size_t first = piece.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos) {
      if (level.has_text || level.inside_text) record_.more(piece, line);
      return;
    }
    if (level.has_text || level.inside_text || level.has_children) {
      record_.more(piece, line);
    } else {
      line += static_cast<std::uint32_t>(
          std::count(piece.begin(), piece.begin() + static_cast<std::ptrdiff_t>(first), '\n'));
      record_.field(level.label, piece.substr(first), line);
    }
    level.has_text = true;
  }

  // Comments, declarations, text outside of every element.
  void loose(std::string_view piece, std::uint32_t line) {
    const std::size_t first = piece.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos) return;
    line += static_cast<std::uint32_t>(
        std::count(piece.begin(), piece.begin() + static_cast<std::ptrdiff_t>(first), '\n'));
    record_.field({}, piece.substr(first), line);
  }

  void more(std::string_view piece, std::uint32_t line) { record_.more(piece, line); }

  void finish() { record_.flush(); }

 private:
  struct Level {
    std::string name;
    std::string label;
    std::uint64_t mark = 0;  // its first field
    bool has_text = false;
    bool has_children = false;
    bool inside_text = false;  // a word of a sentence: <b> in a paragraph
    std::string last_child;    // the last one that had children itself, and where it began
    std::uint64_t last_mark = 0;
  };

  void attributes(const Tag& tag, const std::string& own_label, std::uint32_t line) {
    AttributeReader reader = tag.attributes();
    for (Attribute attribute; reader.next(attribute);) {
      if (is_bookkeeping(attribute.name) || attribute.raw.empty()) continue;
      const std::string value = attribute.value();
      if (!own_label.empty() && value == own_label) continue;
      const bool labelled = !own_label.empty() && attribute.local() == "value";
      record_.field(labelled ? std::string_view(own_label) : attribute.local(), value, line);
    }
  }

  // Elements of one name beside each other, with children of their own, are the records of the
  // file; of lists in lists the outermost counts.
  void close_last() {
    const Level level = std::move(levels_.back());
    levels_.pop_back();
    const std::size_t depth = depth_--;
    if (!level.has_children || level.inside_text || levels_.empty()) return;
    Level& parent = levels_.back();
    const bool repeated = parent.last_child == level.name;
    if (repeated && (record_depth_ == 0 || depth < record_depth_)) {
      record_.flush_to(parent.last_mark);
      record_depth_ = depth;
    }
    parent.last_child = level.name;
    parent.last_mark = level.mark;
    if (depth != record_depth_) return;
    record_.flush_to(level.mark);
    record_.flush();
  }

  RecordText record_;
  std::vector<Level> levels_;
  std::size_t depth_ = 0;
  std::size_t record_depth_ = 0;
};

// --- documents ---

// What a document says of itself: author and days.
class Properties {
 public:
  explicit Properties(ExtractSink& sink) : writer_(sink) {}

  void open() { text_.clear(); }
  void text(std::string_view piece) {
    if (text_.size() < kMostProperty) text_ += piece;
  }
  void close(std::string_view name) {
    if (is_one_of(name, {"creation-date", "created", "Created"}))
      writer_.date(DateKind::kDocCreated, text_);
    if (is_one_of(name, {"date", "modified", "LastSaved"}))
      writer_.date(DateKind::kDocModified, text_);
    if (is_one_of(name, {"initial-creator", "creator", "Author", "LastAuthor"}))
      writer_.record(PlaceKind::kProperty, "author", text_);
    text_.clear();
  }

 private:
  TextWriter writer_;
  std::string text_;  // since the last start tag
};

class Document {
 public:
  explicit Document(ExtractSink& sink) : text_(sink), properties_(sink) {}

  void open(const Tag& tag, std::uint32_t line) {
    const std::string_view name = tag.local();
    properties_.open();
    if (is_break(name)) text_.break_line();
    if (is_one_of(name, {"tc", "td", "th", "entry", "Cell", "tab"})) text_.tab();
    AttributeReader reader = tag.attributes();
    for (Attribute attribute; reader.next(attribute);) {
      const bool read = is_one_of(attribute.local(), {"href", "alt", "title", "author", "descr"});
      if (read && !attribute.raw.starts_with('#')) text_.aside({}, attribute.value(), line);
    }
  }
  void close(std::string_view name) {
    if (is_break(name)) text_.break_line();
    properties_.close(name);
  }
  void text(std::string_view piece, std::uint32_t line) {
    properties_.text(piece);
    text_.text(piece, line);
  }
  void finish() { text_.finish(); }

 private:
  static bool is_break(std::string_view name) {
    return is_one_of(name, {"p",       "h",        "h1",          "h2",         "h3",      "para",
                            "title",   "subtitle", "text",        "div",        "li",      "item",
                            "row",     "Row",      "tr",          "listitem",   "br",      "cr",
                            "comment", "head",     "l",           "annotation", "desc",    "Author",
                            "Created", "creator",  "LastAuthor",  "LastSaved",  "keyword", "date",
                            "subject", "tbl",      "description", "Data"});
  }

  RunningText text_;
  Properties properties_;
};

class XmlHandler : public MarkupHandler {
 public:
  explicit XmlHandler(ExtractSink& sink)
      : records_(sink), document_(sink), writer_(sink), odf_(writer_, ""), properties_(sink) {}
  void lines_of(const Tokenizer& tokenizer) { tokenizer_ = &tokenizer; }
  bool saw_anything() const { return elements_ > 0; }

  void open(const Tag& tag) override {
    if (elements_++ == 0) kind_ = kind_of(tag);
    switch (kind_) {
      case Kind::kRecords:
        return records_.open(tag, tokenizer_->line());
      case Kind::kDocument:
        return document_.open(tag, tokenizer_->line());
      case Kind::kOpenDocument:
        properties_.open();
        open_property(tag);
        return odf_.open(tag);
    }
  }
  void close(std::string_view name) override {
    switch (kind_) {
      case Kind::kRecords:
        return records_.close(name);
      case Kind::kDocument:
        return document_.close(name);
      case Kind::kOpenDocument:
        properties_.close(name);
        close_property(name);
        return odf_.close(name);
    }
  }
  void text(std::string_view piece) override {
    switch (kind_) {
      case Kind::kRecords:
        return records_.text(piece, tokenizer_->line());
      case Kind::kDocument:
        return document_.text(piece, tokenizer_->line());
      case Kind::kOpenDocument:
        properties_.text(piece);
        if (!label_.empty()) value_ += piece;
        return odf_.text(piece);
    }
  }
  void comment(std::string_view piece) override {
    if (in_comment_ && kind_ != Kind::kDocument)
      records_.more(piece, tokenizer_->line());
    else
      loose(piece);
    in_comment_ = true;
  }
  void comment_end() override { in_comment_ = false; }
  void declaration(std::string_view content) override {
    // "<?xml version=...?>" says nothing about anybody.
    if (!content.starts_with("xml ")) loose(content);
  }
  void finish() {
    records_.finish();
    document_.finish();
    odf_.finish();
  }

 private:
  enum class Kind : std::uint8_t { kRecords, kDocument, kOpenDocument };

  static Kind kind_of(const Tag& root) {
    if (root.local() == "document" && root.has("mimetype")) return Kind::kOpenDocument;
    return is_document_root(root.local()) ? Kind::kDocument : Kind::kRecords;
  }
  // People's words among the properties of flat OpenDocument; title and creator are read with the
  // text, where they may stand too.
  void open_property(const Tag& tag) {
    const std::string_view name = tag.local();
    if (name == "meta") in_meta_ = true;
    const bool words = is_one_of(name, {"description", "subject", "keyword", "user-defined",
                                        "initial-creator", "printed-by"});
    label_ = !in_meta_ || !words ? "" : tag.has("name") ? tag.value("name") : std::string(name);
    value_.clear();
  }
  void close_property(std::string_view name) {
    if (name == "meta") in_meta_ = false;
    if (!label_.empty()) writer_.record(PlaceKind::kProperty, label_, value_);
    label_.clear();
  }
  void loose(std::string_view piece) {
    if (kind_ == Kind::kDocument) return document_.text(piece, tokenizer_->line());
    records_.loose(piece, tokenizer_->line());
  }

  Records records_;
  Document document_;
  TextWriter writer_;
  OdfText odf_;  // flat OpenDocument: the same elements as in .odt and .ods
  Properties properties_;
  const Tokenizer* tokenizer_ = nullptr;
  std::uint64_t elements_ = 0;
  Kind kind_ = Kind::kRecords;
  bool in_comment_ = false;
  bool in_meta_ = false;
  std::string label_;  // of the property that is open; "" when none is
  std::string value_;
};

Outcome extract_xml(const ExtractRequest& request, ExtractSink& sink) {
  XmlHandler handler(sink);
  Tokenizer tokenizer(handler, Dialect::kXml);
  handler.lines_of(tokenizer);
  XmlFeed feed(tokenizer);
  std::vector<char> block(kBlockBytes);
  bool wide = false;  // every other byte may be zero
  bool garbage = false;
  for (std::uint64_t at = 0;;) {
    const auto n = request.source.read(at, std::as_writable_bytes(std::span(block)));
    const std::size_t got = n > 0 ? static_cast<std::size_t>(n) : 0;
    const std::string_view bytes(block.data(), got);
    if (at == 0)
      wide = bytes.substr(0, 4).find('\0') != std::string_view::npos ||
             bytes.starts_with("\xff\xfe") || bytes.starts_with("\xfe\xff");
    garbage = garbage || (!wide && holds_garbage(bytes));
    at += got;
    feed.feed({block.data(), got}, got < block.size());
    if (got == block.size()) continue;
    handler.finish();
    if (n >= 0) break;
    return at > 0 ? Outcome::in_part(Reason::kIoError) : Outcome::not_read(Reason::kIoError);
  }
  if (!handler.saw_anything() && request.source.size > 0)
    return Outcome::in_part(Reason::kCorrupt, "no element in it");
  if (garbage) return Outcome::in_part(Reason::kCorrupt, "bytes that are no text");
  if (!tokenizer.damaged()) return Outcome::read();
  return Outcome::in_part(Reason::kCorrupt, "malformed or cut off");
}

}  // namespace

extern const ExtractorEntry extractor_xml;
const ExtractorEntry extractor_xml{"xml", {Format::kXml}, true, extract_xml, prepare_charsets};

}  // namespace gallra::extract

#include "scanner/extract/office/flow_text.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace gallra::extract {
namespace {

constexpr std::size_t kFlushBytes = 32 << 10;
// Text boxes in text boxes; Word itself stops at a handful.
constexpr std::size_t kMaxOpenParagraphs = 64;
// gridSpan and gridBefore in a broken file; Word has 63 columns at most.
constexpr int kMaxSpan = 63;

// Words beside the text: alternative texts, WordArt, choices and defaults of forms, merged data.
struct Described {
  std::string_view element;
  const char* attribute;
};
constexpr std::array<Described, 14> kDescribed{{{"docPr", "descr"},
                                                {"docPr", "title"},
                                                {"cNvPr", "descr"},
                                                {"cNvPr", "title"},
                                                {"v:", "alt"},  // of any shape
                                                {"imagedata", "title"},
                                                {"textpath", "string"},
                                                {"alias", "val"},
                                                {"listItem", "displayText"},
                                                {"listEntry", "val"},
                                                {"default", "val"},
                                                {"helpText", "val"},
                                                {"statusText", "val"},
                                                {"docVar", "val"}}};

int small_number(const std::string& text, int limit) {
  int value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9' || value > limit) break;
    value = value * 10 + (c - '0');
  }
  return std::min(value, limit);
}

}  // namespace

void append_cell(std::string& row, std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.remove_suffix(1);
  for (const char c : text) row.push_back(c == '\t' || c == '\n' || c == '\r' ? ' ' : c);
}

FlowText::Paragraph& FlowText::current() {
  return paragraphs_.empty() ? loose_ : paragraphs_.back();
}

void FlowText::open(const Tag& tag) {
  const std::string_view name = tag.local();
  if (name == "Fallback") ++fallback_;
  if (fallback_ > 0) return describe(tag);  // the older drawing may be the one that is described
  if (name == "t" || name == "text" || name == "v")
    return begin_text(in_deletion_ ? Into::kDeleted : Into::kText);
  if (name == "p") {
    if (paragraphs_.size() < kMaxOpenParagraphs) paragraphs_.emplace_back();
  } else if (name == "delText") {
    begin_text(Into::kDeleted);
  } else if (name == "instrText" || name == "delInstrText") {
    begin_text(Into::kField);
  } else if (name == "tabs" || name == "tabLst") {
    ++tab_stops_;
  } else if ((name == "tab" || name == "ptab") && tab_stops_ == 0) {
    current().text += '\t';
  } else if (name == "br" || name == "cr") {
    current().text += '\n';
  } else if (name == "noBreakHyphen") {
    current().text += '-';
  } else if (name == "del" || name == "moveFrom") {
    in_deletion_ = true;
  } else if (name == "fldSimple") {
    current().field += tag.value("instr") + '\n';
  } else if (name == "sp") {
    placeholder_ = false;
  } else if (name == "ph") {
    placeholder_ = skip_placeholders_ && tag.raw("type") != "ftr";  // footers hold a name or unit
  } else {
    open_table(tag);
  }
  describe(tag);
  const bool by_someone = name == "ins" || name == "del" || name == "moveFrom" ||
                          name == "moveTo" || name == "comment" || name == "cmAuthor" ||
                          name == "author" || name == "person";
  if (by_someone)
    for (const char* key : {"author", "name", "displayName"})
      if (tag.has(key)) authors_.insert(tag.value(key));
}

void FlowText::describe(const Tag& tag) {
  std::string words;
  for (const Described& known : kDescribed)
    if ((known.element == "v:" ? tag.name().starts_with("v:") : tag.local() == known.element) &&
        tag.has(known.attribute))
      words += tag.value(known.attribute) + '\n';
  if (words.size() < 3) return;  // "0" and "1" of check boxes
  std::string& described = current().described;
  const bool said = fallback_ > 0 && ('\n' + described).find('\n' + words) != std::string::npos;
  if (!said) described += words;
}

void FlowText::close(std::string_view name) {
  if (name == "Fallback" && fallback_ > 0) {
    --fallback_;
    return;
  }
  if (fallback_ > 0) return;
  if (name == "t" || name == "text" || name == "v" || name == "delText" || name == "instrText" ||
      name == "delInstrText") {
    begin_text(Into::kNothing);
    // Outside of a paragraph each value stands for itself.
    if (paragraphs_.empty() && name != "t") end_paragraph();
  } else if (name == "p") {
    end_paragraph();
  } else if (name == "tabs" || name == "tabLst") {
    tab_stops_ = std::max(0, tab_stops_ - 1);
  } else if (name == "del" || name == "moveFrom") {
    in_deletion_ = false;
  } else {
    close_table(name);
  }
}

void FlowText::text(std::string_view piece) {
  if (into_ == Into::kNothing || fallback_ > 0) return;
  Paragraph& paragraph = current();
  (into_ == Into::kText      ? paragraph.text
   : into_ == Into::kDeleted ? paragraph.deleted
                             : paragraph.field) += piece;
}

// What was deleted, linked or described beside the words goes on lines of its own, so that it does
// not part them.
void FlowText::end_paragraph() {
  Paragraph paragraph;
  if (paragraphs_.empty()) {
    std::swap(paragraph, loose_);
  } else {
    paragraph = std::move(paragraphs_.back());
    paragraphs_.pop_back();
    paragraph.described += std::exchange(loose_.described, {});  // of a picture before it
  }
  std::string all = std::move(paragraph.text);
  const auto add_line = [&](const std::string& more) {
    if (!more.empty()) all += '\n' + more.substr(0, more.find_last_not_of('\n') + 1);
  };
  add_line(paragraph.deleted);
  if (paragraph.field.find_first_of("\"@") != std::string::npos) add_line(paragraph.field);
  add_line(paragraph.described);
  take_paragraph(all);
}

void FlowText::take_paragraph(std::string_view text) {
  if (placeholder_) return;
  const bool numbered = place_.kind == PlaceKind::kParagraph;
  if (table_depth_ > 0) {
    if (!cell_.empty() && !text.empty()) cell_ += ' ';
    cell_ += text;
    ++paragraphs_in_table_;
    return;
  }
  prose_ += text;
  prose_ += '\n';
  if (numbered || prose_.size() >= kFlushBytes) flush_prose();
  if (numbered) ++place_.a;
}

void FlowText::flush_prose() {
  out_.prose(place_, prose_);
  prose_.clear();
}

void FlowText::flush_rows() {
  if (rows_.empty()) return;
  out_.table(place_, rows_, table_sent_);
  if (place_.kind == PlaceKind::kParagraph) place_.a += paragraphs_in_table_;
  paragraphs_in_table_ = 0;
  rows_.clear();
  table_sent_ = true;
}

// Only the outermost table has rows and cells; the text of inner ones stands in its cell.
void FlowText::open_table(const Tag& tag) {
  const std::string_view name = tag.local();
  if (name == "tbl") {
    if (table_depth_++ > 0) return;
    flush_prose();
    table_sent_ = false;
    row_.clear();
    cell_.clear();
    row_has_cell_ = false;
  }
  if (table_depth_ != 1) return;
  if (name == "tc") {
    if (row_has_cell_) row_ += '\t';
    row_has_cell_ = true;
    cell_.clear();
    span_ = 1;
  } else if (name == "gridSpan") {  // Word's; DrawingML writes the covered cells out
    span_ = small_number(tag.value("val"), kMaxSpan);
  } else if (name == "gridBefore") {
    row_.append(static_cast<std::size_t>(small_number(tag.value("val"), kMaxSpan)), '\t');
  }
}

void FlowText::close_table(std::string_view name) {
  if (table_depth_ == 0) return;
  if (name == "tbl") {
    if (--table_depth_ > 0) return;
    if (!row_.empty()) rows_ += row_ + '\n';
    row_.clear();
    flush_rows();
  }
  if (table_depth_ != 1) return;
  if (name == "tc") {
    append_cell(row_, cell_);
    if (span_ > 1) row_.append(static_cast<std::size_t>(span_) - 1, '\t');
    cell_.clear();
  } else if (name == "tr") {
    rows_ += row_;
    rows_ += '\n';
    row_.clear();
    row_has_cell_ = false;
    if (rows_.size() >= kFlushBytes) flush_rows();
  }
}

void FlowText::finish() {
  while (!paragraphs_.empty()) end_paragraph();
  if (!loose_.text.empty() || !loose_.described.empty()) end_paragraph();
  if (table_depth_ > 0) {
    append_cell(row_, cell_);
    if (!row_.empty()) rows_ += row_ + '\n';
    table_depth_ = 0;
    flush_rows();
  }
  flush_prose();
}

}  // namespace gallra::extract

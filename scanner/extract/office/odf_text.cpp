#include "scanner/extract/office/odf_text.hpp"

#include <algorithm>
#include <charconv>

#include "scanner/extract/office/flow_text.hpp"

namespace gallra::extract {
namespace {

constexpr std::size_t kFlushBytes = 32 << 10;
constexpr std::size_t kMaxOpenParagraphs = 64;
constexpr std::size_t kMaxRegions = 64;
// Blanks of one text:s; more are layout.
constexpr std::uint32_t kMaxBlanks = 200;
// LibreOffice's largest sheet: a repeated empty row or column reaches no further.
constexpr std::uint32_t kMaxRows = 1'048'576;
constexpr std::uint32_t kMaxColumns = 16'384;

std::uint32_t number_of(std::string_view text, std::uint32_t missing) {
  std::uint32_t value = missing;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::string_view region_label(std::string_view name) {
  if (name == "annotation") return "comment";
  if (name == "note") return "footnote";
  if (name == "deletion") return "deleted";
  if (name == "header" || name == "header-left" || name == "header-first") return "header";
  if (name == "footer" || name == "footer-left" || name == "footer-first") return "footer";
  return {};
}

bool is_quiet(std::string_view name) {
  return name == "note-citation" || name == "date" || name == "date-string" ||
         name == "creator-initials" || name == "sender-initials";
}

bool is_collected(std::string_view name) {
  return name == "creator" || name == "title" || name == "desc";
}

// What is shown instead of the stored value when only leading zeros or signs differ: a number
// format "0000000000" brings back what a spreadsheet takes from a number.
bool is_shown_in_full(std::string_view shown, std::string_view value) {
  std::string digits;
  for (const char c : shown) {
    if (c >= '0' && c <= '9') digits += c;
    if ((c < '0' || c > '9') && c != '-' && c != '+' && c != ' ') return false;
  }
  const std::size_t significant = std::min(digits.find_first_not_of('0'), digits.size());
  return digits.size() >= value.size() && digits.substr(significant) == value;
}

}  // namespace

Place OdfText::place() const {
  const std::string label = regions_.empty() ? base_label_ : std::string(regions_.back());
  if (spreadsheet_) return {PlaceKind::kCell, row_, column_, sheet_name_};
  if (slide_ > 0) return {PlaceKind::kSlide, slide_, 0, in_notes_ ? "notes" : label};
  return {PlaceKind::kParagraph, number_, 0, label};
}

void OdfText::open(const Tag& tag) {
  const std::string_view name = tag.local();
  if (is_quiet(name)) ++quiet_;
  if (name == "p" || name == "h") {
    if (paragraphs_.size() < kMaxOpenParagraphs)
      paragraphs_.push_back({{}, {}, !paragraphs_.empty() || !regions_.empty()});
    return;
  }
  if (open_inline(tag) || open_table(tag)) return;
  if (is_collected(name)) {
    collected_.clear();
    collect_ = &collected_;
  }
  open_region(tag);
}

bool OdfText::open_inline(const Tag& tag) {
  const std::string_view name = tag.local();
  if (tag.has("href") && name == "a" && !paragraphs_.empty()) {
    paragraphs_.back().links += percent_decoded(tag.value("href")) + '\n';
    return true;
  }
  const bool stop = name == "s" || name == "tab" || name == "line-break";
  if (!stop || paragraphs_.empty()) return false;
  std::string& text = paragraphs_.back().text;
  if (name == "tab") text += '\t';
  if (name == "line-break") text += '\n';
  if (name == "s") text.append(std::min(number_of(tag.raw("c"), 1), kMaxBlanks), ' ');
  return true;
}

void OdfText::open_region(const Tag& tag) {
  const std::string_view name = tag.local();
  if (const std::string_view label = region_label(name);
      !label.empty() && regions_.size() < kMaxRegions) {
    regions_.push_back(label);
  } else if (name == "spreadsheet") {
    spreadsheet_ = true;
  } else if (name == "page") {
    flush_slide();
    ++slide_;
  } else if (name == "notes") {
    flush_slide();
    in_notes_ = true;
  } else if (name == "user-field-decl" || name == "variable-set") {
    out_.record(PlaceKind::kField, tag.value("name"), tag.value("string-value"));
  }
  // Form controls keep what was filled in as an attribute.
  for (const char* key : {"current-value", "current-state"})
    if (tag.has(key)) out_.record(PlaceKind::kField, tag.value("name"), tag.value(key));
}

void OdfText::close(std::string_view name) {
  if (is_quiet(name)) quiet_ = std::max(0, quiet_ - 1);
  if (name == "p" || name == "h") return end_paragraph();
  if (close_table(name)) return;
  if (is_collected(name) && collect_ != nullptr) {
    collect_ = nullptr;
    if (name == "creator") out_.record(PlaceKind::kProperty, "author", collected_);
    if (name != "creator") out_.prose(place(), collected_);
    collected_.clear();
  }
  close_region(name);
}

void OdfText::close_region(std::string_view name) {
  if (!region_label(name).empty() && !regions_.empty()) regions_.pop_back();
  if (name == "spreadsheet") spreadsheet_ = false;
  if (name == "page") flush_slide();
  if (name == "notes") {
    flush_slide();
    in_notes_ = false;
  }
}

void OdfText::text(std::string_view piece) {
  if (quiet_ > 0) return;
  if (collect_ != nullptr) {
    *collect_ += piece;
  } else if (!paragraphs_.empty()) {
    paragraphs_.back().text += piece;
  }
}

void OdfText::end_paragraph() {
  if (paragraphs_.empty()) return;
  const Paragraph paragraph = std::move(paragraphs_.back());
  paragraphs_.pop_back();
  std::string text = paragraph.text;
  if (!paragraph.links.empty()) text += '\n' + paragraph.links;
  if (in_cell_ && regions_.empty()) {
    if (!cell_.text.empty() && !text.empty()) cell_.text += ' ';
    cell_.text += text;
  } else if (in_cell_ && spreadsheet_) {
    notes_.emplace_back(place(), text + '\n');
  } else if (slide_ > 0) {
    slide_text_ += text + '\n';
    if (slide_text_.size() >= kFlushBytes) flush_slide();
  } else {
    text += '\n';
    out_.prose(place(), text);
  }
  ++number_;
}

void OdfText::flush_slide() {
  out_.prose(place(), slide_text_);
  slide_text_.clear();
}

bool OdfText::open_table(const Tag& tag) {
  const std::string_view name = tag.local();
  if (name == "table") {
    if (table_depth_++ > 0) return true;
    flush_slide();
    row_ = 0;
    row_text_.clear();
    row_has_cell_ = rows_sent_ = false;
    rows_place_ = place();
    if (!spreadsheet_) return true;
    sheet_name_ = tag.value("name");
    sheet_ = std::make_unique<SheetRows>(out_, sheet_name_);
    return true;
  }
  if (table_depth_ != 1) return false;
  if (name == "table-row") {
    row_ = std::min(row_ + 1, kMaxRows);
    row_repeated_ = std::min(number_of(tag.raw("number-rows-repeated"), 1), kMaxRows);
    column_ = 0;
    return true;
  }
  if (name != "table-cell" && name != "covered-table-cell") return false;
  open_cell(tag);
  return true;
}

void OdfText::open_cell(const Tag& tag) {
  in_cell_ = true;
  cell_ = {};
  cell_.type = tag.raw("value-type");
  for (const char* key : {"date-value", "time-value", "boolean-value", "string-value", "value"}) {
    if (!tag.has(key)) continue;
    cell_.value = tag.value(key);
    break;
  }
  cell_.repeated = std::clamp(number_of(tag.raw("number-columns-repeated"), 1), 1u, kMaxColumns);
  column_ = std::min(column_ + 1, kMaxColumns);
}

void OdfText::close_cell() {
  in_cell_ = false;
  std::string& text = cell_.text;
  if (cell_.type == "date" && cell_.value.size() >= 10) {
    text = cell_.value.substr(0, 10);
    if (cell_.value.size() >= 16 && cell_.value.compare(11, 5, "00:00") != 0)
      text += ' ' + cell_.value.substr(11, 5);
  } else if (cell_.type == "float" || cell_.type == "percentage" || cell_.type == "currency") {
    const std::string number = plain_number(cell_.value);
    if (!number.empty() && !is_shown_in_full(text, number)) text = number;
  } else if (text.empty()) {
    text = cell_.value;
  }
  if (spreadsheet_ && sheet_) {
    sheet_->cell(row_, column_, text);
    column_ = std::min(column_ + cell_.repeated - 1, kMaxColumns);
    return;
  }
  if (row_has_cell_) row_text_ += '\t';
  row_has_cell_ = true;
  append_cell(row_text_, text);
}

bool OdfText::close_table(std::string_view name) {
  if (table_depth_ == 0) return false;
  if (name == "table") {
    if (--table_depth_ > 0) return true;
    in_cell_ = false;
    flush_rows();
    if (sheet_) sheet_->finish();
    sheet_.reset();
    for (const auto& [where, words] : notes_) out_.prose(where, words);
    notes_.clear();
    return true;
  }
  if (table_depth_ != 1) return false;
  if (name == "table-cell" || name == "covered-table-cell") {
    if (in_cell_) close_cell();
    return true;
  }
  if (name != "table-row") return false;
  row_ = std::min(row_ + row_repeated_ - 1, kMaxRows);
  if (!row_text_.empty()) rows_ += row_text_ + '\n';
  row_text_.clear();
  row_has_cell_ = false;
  if (rows_.size() >= kFlushBytes) flush_rows();
  return true;
}

void OdfText::flush_rows() {
  if (rows_.empty()) return;
  out_.table(rows_place_, rows_, rows_sent_);
  rows_place_ = place();
  rows_sent_ = true;
  rows_.clear();
}

void OdfText::finish() {
  while (!paragraphs_.empty()) end_paragraph();
  if (in_cell_) close_cell();
  if (!row_text_.empty()) rows_ += row_text_ + '\n';
  if (table_depth_ > 0) {
    table_depth_ = 1;
    close_table("table");
  }
  flush_slide();
}

}  // namespace gallra::extract

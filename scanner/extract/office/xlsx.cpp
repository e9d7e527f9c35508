// SpreadsheetML (ECMA-376 part 1, chapter 18): every sheet in the order of the workbook, hidden
// ones too, streamed row by row; shared strings stand in memory, since they may come last in the
// zip.
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <fmt/core.h>
#include <map>
#include <vector>

#include "scanner/extract/office/flow_text.hpp"
#include "scanner/extract/office/readers.hpp"
#include "scanner/extract/office/sheet_rows.hpp"

namespace gallra::extract {
namespace {

// Two million strings of some 60 letters; cells with later ones would be without their text.
constexpr std::size_t kMaxSharedBytes = 128 << 20;
constexpr std::size_t kFlushBytes = 32 << 10;
// 9999-12-31, Excel's last day. A larger number in a column formatted as dates is no date.
constexpr double kLastSerial = 2958466;

// "_x000D_" is how control characters are written in strings (ECMA-376 part 1, 22.9.2.19).
void unescape(std::string& text) {
  for (std::size_t at = text.find("_x00"); at != std::string::npos; at = text.find("_x00", at + 1))
    if (at + 7 <= text.size() && text[at + 6] == '_' &&
        (text.compare(at + 4, 2, "0D") == 0 || text.compare(at + 4, 2, "0A") == 0 ||
         text.compare(at + 4, 2, "09") == 0 || text.compare(at + 4, 2, "0d") == 0 ||
         text.compare(at + 4, 2, "0a") == 0))
      text.replace(at, 7, " ");
}

class SharedStrings : public MarkupHandler {
 public:
  void open(const Tag& tag) override {
    const std::string_view name = tag.local();
    if (name == "si") begins_.push_back(text_.size());
    if (name == "rPh") phonetic_ = true;
    if (name == "t") in_text_ = true;
  }
  void close(std::string_view name) override {
    if (name == "rPh") phonetic_ = false;
    if (name == "t") in_text_ = false;
  }
  void text(std::string_view piece) override {
    if (!in_text_ || phonetic_ || begins_.empty()) return;
    if (text_.size() + piece.size() > kMaxSharedBytes) full_ = true;
    if (!full_) text_ += piece;
  }

  std::string get(std::size_t index) {
    if (used_.size() != begins_.size()) used_.resize(begins_.size());
    if (index >= begins_.size()) {
      missing_ = true;
      return {};
    }
    used_[index] = true;
    const std::size_t end = index + 1 < begins_.size() ? begins_[index + 1] : text_.size();
    return text_.substr(begins_[index], end - begins_[index]);
  }
  // Strings of cells that were deleted since.
  void emit_unused(TextWriter& out) {
    used_.resize(begins_.size());
    std::string lines;
    for (std::size_t i = 0; i < begins_.size(); ++i)
      if (!used_[i]) {
        lines += get(i) + '\n';
        if (lines.size() < kFlushBytes) continue;
        out.prose({PlaceKind::kCell, 0, 0, {}}, lines);
        lines.clear();
      }
    out.prose({PlaceKind::kCell, 0, 0, {}}, lines);
  }
  bool full() const { return full_; }
  bool missing() const { return missing_; }

 private:
  std::string text_;
  std::vector<std::size_t> begins_;
  std::vector<bool> used_;
  bool in_text_ = false;
  bool phonetic_ = false;
  bool full_ = false;
  bool missing_ = false;
};

// How a number format writes a number, as far as it matters to a reader of names and numbers.
struct NumberFormat {
  enum class Kind { kPlain, kDate, kPadded } kind = Kind::kPlain;
  std::string pattern;  // kPadded: '0' for a digit, anything else as it stands
};

NumberFormat classify(std::string_view code) {
  NumberFormat format;
  std::string padded;
  bool only_padding = true;
  bool date = false;
  for (std::size_t i = 0; i < code.size() && code[i] != ';'; ++i) {
    const char c = code[i];
    if (c == '"') {
      const std::size_t end = std::min(code.find('"', i + 1), code.size());
      padded += code.substr(i + 1, end - i - 1);
      i = end;
    } else if (c == '[') {  // a colour, a locale, or elapsed time
      const std::size_t end = std::min(code.find(']', i), code.size());
      i = end;
    } else if (c == '\\' || c == '_' || c == '*') {
      if (c == '\\' && i + 1 < code.size()) padded += code[i + 1];
      ++i;
    } else if (c == '0' || c == '-' || c == ' ' || c == '+') {
      padded += c;
    } else {
      only_padding = false;
      date = date || c == 'y' || c == 'Y' || c == 'd' || c == 'D' || c == 'm' || c == 'M' ||
             c == 'h' || c == 'H';
    }
  }
  const auto zeros = std::count(padded.begin(), padded.end(), '0');
  if (date && code.find("General") == std::string_view::npos)
    format.kind = NumberFormat::Kind::kDate;
  // Two zeros or more: "0" alone says nothing, and "0.00" is not only padding.
  if (only_padding && zeros >= 2) format = {NumberFormat::Kind::kPadded, padded};
  return format;
}

class Styles : public MarkupHandler {
 public:
  void open(const Tag& tag) override {
    const std::string_view name = tag.local();
    if (name == "numFmt") codes_[tag.value("numFmtId")] = classify(tag.value("formatCode"));
    if (name == "cellXfs") in_cell_formats_ = true;
    if (name == "xf" && in_cell_formats_) formats_.push_back(tag.value("numFmtId"));
  }
  void close(std::string_view name) override {
    if (name == "cellXfs") in_cell_formats_ = false;
  }
  void text(std::string_view) override {}

  // Number formats are listed before or after the cell formats, so they are joined at the end.
  void finish() {
    for (const std::string& id : formats_) {
      const auto found = codes_.find(id);
      resolved_.push_back(found != codes_.end() ? found->second : built_in(id));
    }
  }
  const NumberFormat& get(std::size_t style) const {
    return style < resolved_.size() ? resolved_[style] : plain_;
  }

 private:
  // 14 to 22 are dates and times; 27 to 36 and 50 to 58 are dates of eastern locales.
  static NumberFormat built_in(const std::string& id) {
    int number = 0;
    std::from_chars(id.data(), id.data() + id.size(), number);
    const bool date = (number >= 14 && number <= 17) || number == 22 ||
                      (number >= 27 && number <= 36) || (number >= 50 && number <= 58);
    return {date ? NumberFormat::Kind::kDate : NumberFormat::Kind::kPlain, {}};
  }

  std::map<std::string, NumberFormat> codes_;
  std::vector<std::string> formats_;
  std::vector<NumberFormat> resolved_;
  NumberFormat plain_;
  bool in_cell_formats_ = false;
};

// Serial 1 is 1900-01-01, and 60 is a day that never was (Excel keeps Lotus' error); or serial 0 is
// 1904-01-01.
std::string date_of_serial(double serial, bool since_1904) {
  const double whole = std::floor(serial);
  const std::int32_t epoch = since_1904   ? -24107
                             : whole < 60 ? -25568
                                          : -25569;  // days to 1970-01-01
  std::string text = day_text(static_cast<std::int32_t>(whole) + epoch);
  const auto minutes = static_cast<int>(std::lround((serial - whole) * 1440));
  if (minutes > 0 && minutes < 1440)
    text += fmt::format(" {:02}:{:02}", minutes / 60, minutes % 60);
  return text;
}

std::string padded(std::string_view digits, std::string_view pattern) {
  const auto places = static_cast<std::size_t>(std::count(pattern.begin(), pattern.end(), '0'));
  std::string out;
  std::size_t next = 0;
  std::string full(digits.size() < places ? places - digits.size() : 0, '0');
  full += digits;
  // More digits than places: the first place takes them all.
  const std::size_t extra = full.size() - places;
  bool first = true;
  for (const char c : pattern) {
    if (c != '0') {
      out += c;
      continue;
    }
    const std::size_t take = first ? extra + 1 : 1;
    out += full.substr(next, take);
    next += take;
    first = false;
  }
  return out;
}

std::string shown_number(std::string_view stored, const NumberFormat& format, bool since_1904) {
  std::string number = plain_number(stored);
  const bool whole = !number.empty() && number.find_first_not_of("0123456789") == std::string::npos;
  if (format.kind == NumberFormat::Kind::kPadded && whole) return padded(number, format.pattern);
  if (format.kind != NumberFormat::Kind::kDate) return number;
  double serial = 0;
  const auto [end, error] = std::from_chars(stored.data(), stored.data() + stored.size(), serial);
  if (error != std::errc() || serial < 0 || serial >= kLastSerial) return number;
  return date_of_serial(serial, since_1904);
}

struct Workbook {
  SharedStrings strings;
  Styles styles;
  bool since_1904 = false;
};

// "&L&\"Arial\"&10Namn &P" -> "Namn": the codes of headers and footers (18.3.1.46).
std::string without_codes(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '&' || i + 1 >= text.size()) {
      out += text[i];
      continue;
    }
    const char code = text[++i];
    if (code == '&') out += '&';
    if (code == 'L' || code == 'C' || code == 'R') out += '\n';
    if (code == '"') i = std::min(text.find('"', i + 1), text.size());
    if (code == 'K') i = std::min(i + 6, text.size());
    while (code >= '0' && code <= '9' && i + 1 < text.size() && text[i + 1] >= '0' &&
           text[i + 1] <= '9')
      ++i;
  }
  return out;
}

class Sheet : public MarkupHandler {
 public:
  Sheet(Workbook& book, TextWriter& out, std::string name)
      : book_(book), out_(out), name_(name), rows_(out, std::move(name)) {}

  void open(const Tag& tag) override {
    const std::string_view name = tag.local();
    if (name == "c") return open_cell(tag);
    if (name == "v" || name == "t") {
      into_ = phonetic_ ? nullptr : &value_;
    } else if (name == "row") {
      open_row(tag);
    } else if (name == "f") {
      formula_.clear();
      into_ = &formula_;
    } else if (name == "rPh") {
      phonetic_ = true;
    } else if (name.ends_with("Header") || name.ends_with("Footer")) {
      into_ = &margins_;  // oddHeader, evenFooter, firstHeader ...
    } else if (name == "hyperlink") {
      note_words(tag, {"display", "tooltip"});
    } else if (name == "dataValidation") {
      note_words(tag, {"prompt", "error", "promptTitle"});
      validated_ = tag.has("sqref") ? tag.value("sqref") : std::string();
    } else if (name == "formula1") {  // the list to choose from, often names
      formula_.clear();
      into_ = &formula_;
    }
  }

  void close(std::string_view name) override {
    if (name == "c") return close_cell();
    if (name == "rPh") phonetic_ = false;
    if (name.ends_with("Header") || name.ends_with("Footer")) margins_ += '\n';
    if (name == "f") take_formula();
    if (name == "formula1") take_choices();
    if (name == "v" || name == "t" || name == "f" || name == "formula1" ||
        name.ends_with("Header") || name.ends_with("Footer"))
      into_ = nullptr;
  }

  void text(std::string_view piece) override {
    if (into_ != nullptr) *into_ += piece;
  }

  void finish() {
    rows_.finish();
    for (const auto& [place, words] : notes_) out_.prose(place, words);
    out_.prose({PlaceKind::kCell, 0, 0, name_}, without_codes(margins_));
  }

 private:
  void open_row(const Tag& tag) {
    const std::string_view number = tag.raw("r");
    std::uint32_t row = 0;
    std::from_chars(number.data(), number.data() + number.size(), row);
    row_ = row > 0 && row <= 1'048'576 ? row : row_ + 1;
    column_ = 0;
  }

  void open_cell(const Tag& tag) {
    std::uint32_t row = 0;
    std::uint32_t column = 0;
    if (parse_cell_reference(tag.raw("r"), row, column)) {
      row_ = row;
      column_ = column;
    } else {
      ++column_;
      if (row_ == 0) row_ = 1;
    }
    type_ = tag.raw("t");
    const std::string_view style = tag.raw("s");
    style_ = 0;
    std::from_chars(style.data(), style.data() + style.size(), style_);
    value_.clear();
  }

  void close_cell() {
    into_ = nullptr;
    if (value_.empty()) return;
    if (type_ == "s") {
      std::size_t index = 0;
      std::from_chars(value_.data(), value_.data() + value_.size(), index);
      value_ = book_.strings.get(index);
      unescape(value_);
    } else if (type_ == "inlineStr" || type_ == "str") {
      unescape(value_);
    } else if (type_ == "b") {
      value_ = value_ == "1" ? "TRUE" : "FALSE";
    } else if (type_ == "d") {  // ISO 8601 in the file
      value_ = value_.substr(0, value_.find('T'));
    } else if (type_ != "e") {
      value_ = shown_number(value_, book_.styles.get(style_), book_.since_1904);
    }
    rows_.cell(row_, column_, value_);
    value_.clear();
  }

  // Texts inside a formula are nowhere else when its result is another: =IF(A1,"...","...").
  void take_formula() {
    std::string words;
    for (std::size_t at = formula_.find('"'); at != std::string::npos;
         at = formula_.find('"', at)) {
      const std::size_t end = formula_.find('"', at + 1);
      if (end == std::string::npos) break;
      const std::string_view literal = std::string_view(formula_).substr(at + 1, end - at - 1);
      const auto digits = std::count_if(literal.begin(), literal.end(),
                                        [](char c) { return c >= '0' && c <= '9'; });
      if (digits >= 6 || literal.find('@') != std::string_view::npos)
        words += std::string(literal) + '\n';
      at = end + 1;
    }
    add_note(words);
  }

  // "Anna Andersson,Bo Berg" in quotation marks; without them it is a range of cells.
  void take_choices() {
    if (!formula_.starts_with('"')) return;
    std::string words;
    for (const char c : formula_)
      if (c != '"') words += c == ',' || c == ';' ? '\n' : c;
    std::uint32_t row = 0;
    std::uint32_t column = 0;
    parse_cell_reference(validated_, row, column);
    notes_.push_back({{PlaceKind::kCell, row, column, name_}, words});
  }

  void note_words(const Tag& tag, std::initializer_list<std::string_view> attributes) {
    std::uint32_t row = 0;
    std::uint32_t column = 0;
    std::string words;
    for (const std::string_view attribute : attributes)
      if (tag.has(attribute)) words += tag.value(attribute) + '\n';
    parse_cell_reference(tag.has("ref") ? tag.raw("ref") : tag.raw("sqref"), row, column);
    if (!words.empty()) notes_.push_back({{PlaceKind::kCell, row, column, name_}, words});
  }

  void add_note(const std::string& words) {
    if (!words.empty()) notes_.push_back({{PlaceKind::kCell, row_, column_, name_}, words});
  }

  Workbook& book_;
  TextWriter& out_;
  std::string name_;
  SheetRows rows_;
  std::uint32_t row_ = 0;
  std::uint32_t column_ = 0;
  std::string type_;
  std::size_t style_ = 0;
  std::string value_;
  std::string formula_;
  std::string validated_;  // the cells of the dataValidation that is open
  std::string margins_;
  std::string* into_ = nullptr;
  bool phonetic_ = false;
  std::vector<std::pair<Place, std::string>> notes_;
};

// Comments of a sheet, old (xl/comments1.xml) and threaded.
class Comments : public MarkupHandler {
 public:
  Comments(TextWriter& out, std::string sheet) : out_(out), sheet_(std::move(sheet)) {}

  void open(const Tag& tag) override {
    const std::string_view name = tag.local();
    if (name == "comment" || name == "threadedComment") {
      row_ = column_ = 0;
      parse_cell_reference(tag.raw("ref"), row_, column_);
      text_.clear();
    }
    author_ = author_ || name == "author";
    in_text_ = in_text_ || name == "t" || name == "text" || name == "author";
  }
  void close(std::string_view name) override {
    if (name == "author") {
      out_.record(PlaceKind::kProperty, "author", text_);
      text_.clear();
    }
    if (name == "t" || name == "text" || name == "author") in_text_ = false;
    if (name != "comment" && name != "threadedComment") return;
    out_.prose({PlaceKind::kCell, row_, column_, sheet_}, text_);
    text_.clear();
  }
  void text(std::string_view piece) override {
    if (in_text_) text_ += piece;
  }

 private:
  TextWriter& out_;
  std::string sheet_;
  std::uint32_t row_ = 0;
  std::uint32_t column_ = 0;
  std::string text_;
  bool in_text_ = false;
  bool author_ = false;
};

class BookReader : public MarkupHandler {
 public:
  struct SheetRef {
    std::string name;
    std::string relation;
  };

  void open(const Tag& tag) override {
    const std::string_view name = tag.local();
    if (name == "sheet") sheets.push_back({tag.value("name"), tag.value("id")});
    if (name == "workbookPr")
      since_1904 = tag.raw("date1904") == "1" || tag.raw("date1904") == "true";
    in_name_ = name == "definedName";
  }
  void close(std::string_view name) override {
    if (name == "definedName") names += '\n';
    in_name_ = false;
  }
  void text(std::string_view piece) override {
    if (in_name_) names += piece;
  }

  std::vector<SheetRef> sheets;
  std::string names;
  bool since_1904 = false;

 private:
  bool in_name_ = false;
};

void read_sheet(Package& package, Workbook& book, const std::string& part,
                const std::string& name) {
  if (package.was_read(part)) return;
  Sheet sheet(book, package.out(), name);
  package.read(part, sheet);
  sheet.finish();
  for (const Relation& relation : package.relations(part)) {
    if (relation.external) continue;
    if (relation.type == "comments" || relation.type == "threadedComment") {
      Comments comments(package.out(), name);
      package.read(relation.target, comments);
    } else if (relation.type == "drawing") {
      read_flow(package, relation.target, {PlaceKind::kCell, 0, 0, name});
    } else if (relation.type == "table") {
      package.leave(relation.target);  // its column names stand in the cells
    }
  }
}

}  // namespace

Outcome read_xlsx(Package& package, std::string_view main) {
  if (main.ends_with(".bin")) return Outcome::not_read(Reason::kUnsupported, "xlsb");
  BookReader reader;
  package.read(main, reader);
  const std::vector<Relation> relations = package.relations(main);
  Workbook book;
  book.since_1904 = reader.since_1904;
  std::string strings_part = "xl/sharedStrings.xml";
  std::string styles_part = "xl/styles.xml";
  for (const Relation& relation : relations) {
    if (relation.type == "sharedStrings") strings_part = relation.target;
    if (relation.type == "styles") styles_part = relation.target;
  }
  package.read(strings_part, book.strings);
  package.read(styles_part, book.styles);
  book.styles.finish();

  std::map<std::string, std::string> targets;
  for (const Relation& relation : relations)
    if (!relation.external) targets[relation.id] = relation.target;
  std::string names;
  for (const BookReader::SheetRef& sheet : reader.sheets) {
    names += sheet.name + '\n';
    const auto target = targets.find(sheet.relation);
    if (target == targets.end()) continue;
    if (!package.has(target->second))
      package.note(target->second, Outcome::in_part(Reason::kCorrupt));
    read_sheet(package, book, target->second, sheet.name);
  }
  // Sheets that a damaged workbook no longer lists.
  for (const ZipPart& part : package.zip().parts())
    if (part.name.starts_with("xl/worksheets/") && part.name.ends_with(".xml"))
      read_sheet(package, book, part.name, std::string(base_name(part.name)));
  if (book.strings.full()) package.note(strings_part, Outcome::in_part(Reason::kTooLarge));
  if (book.strings.missing()) package.note(strings_part, Outcome::in_part(Reason::kCorrupt));
  book.strings.emit_unused(package.out());
  package.out().prose({PlaceKind::kField, 0, 0, "sheet"}, names);
  package.out().prose({PlaceKind::kField, 0, 0, "name"}, reader.names);
  read_shared_parts(package);
  return package.outcome(main);
}

}  // namespace gallra::extract

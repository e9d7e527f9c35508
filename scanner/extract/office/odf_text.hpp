// The content of OpenDocument files (ISO/IEC 26300): text, sheets and slides share their elements,
// so one reader serves all, content.xml and styles.xml alike. By local names.
#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "scanner/extract/markup.hpp"
#include "scanner/extract/office/sheet_rows.hpp"
#include "scanner/extract/text_writer.hpp"

namespace gallra::extract {

class OdfText : public MarkupHandler {
 public:
  // `label` names text that belongs to no paragraph list of the document (an embedded object).
  OdfText(TextWriter& out, std::string label) : out_(out), base_label_(std::move(label)) {}
  // Sends what is still held. Call once, after the last byte.
  void finish();

  void open(const Tag& tag) override;
  void close(std::string_view name) override;
  void text(std::string_view piece) override;

 private:
  struct Paragraph {
    std::string text;
    std::string links;
    bool foreign = false;  // a note or text box inside another paragraph or cell
  };
  struct Cell {
    std::string text;
    std::string value;  // as stored: office:value, date-value ...
    std::string type;
    std::uint32_t repeated = 1;
  };

  bool open_inline(const Tag& tag);
  void open_region(const Tag& tag);
  void close_region(std::string_view name);
  bool open_table(const Tag& tag);
  bool close_table(std::string_view name);
  void open_cell(const Tag& tag);
  void close_cell();
  void end_paragraph();
  void flush_slide();
  void flush_rows();
  Place place() const;

  TextWriter& out_;
  std::string base_label_;
  std::vector<Paragraph> paragraphs_;
  std::vector<std::string_view> regions_;  // labels: "comment", "footnote", "header" ...
  std::uint32_t number_ = 1;               // of the next paragraph
  std::uint32_t slide_ = 0;                // 0 outside of presentations
  std::string slide_text_;
  bool in_notes_ = false;
  int quiet_ = 0;                   // inside what is no text: note numbers, dates of changes
  std::string* collect_ = nullptr;  // text outside of paragraphs: creator, title, desc
  std::string collected_;

  // A spreadsheet's tables keep rows and columns; those of texts and slides become rows of tabs.
  bool spreadsheet_ = false;
  int table_depth_ = 0;
  std::unique_ptr<SheetRows> sheet_;
  std::string sheet_name_;
  std::uint32_t row_ = 0;
  std::uint32_t row_repeated_ = 1;
  std::uint32_t column_ = 0;
  bool in_cell_ = false;
  Cell cell_;
  std::string row_text_;
  bool row_has_cell_ = false;
  std::string rows_;
  Place rows_place_;
  bool rows_sent_ = false;
  std::vector<std::pair<Place, std::string>> notes_;  // of cells, after their sheet
};

}  // namespace gallra::extract

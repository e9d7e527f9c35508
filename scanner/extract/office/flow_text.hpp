// Running text of WordprocessingML and DrawingML (documents, slides, charts, diagrams, notes): runs
// joined into paragraphs, tables into rows and cells. By local names, so any prefix and the strict
// namespaces will do.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "scanner/extract/markup.hpp"
#include "scanner/extract/text_writer.hpp"

namespace gallra::extract {

class FlowText : public MarkupHandler {
 public:
  // `first` is where the first paragraph stands. With kParagraph each paragraph is a chunk of its
  // own and they are counted on; with other kinds (a slide) they go out together.
  FlowText(TextWriter& out, Place first) : out_(out), place_(std::move(first)) {}
  // For masters and layouts of slides: the prompts in placeholders ("Click to edit") are no text.
  void skip_placeholders() { skip_placeholders_ = true; }
  // Sends what is still held. Call once, after the last byte.
  void finish();
  // Who wrote tracked changes and comments.
  const std::set<std::string>& authors() const { return authors_; }

  void open(const Tag& tag) override;
  void close(std::string_view name) override;
  void text(std::string_view piece) override;

 private:
  // What character data belongs to just now.
  enum class Into { kNothing, kText, kDeleted, kField };
  struct Paragraph {
    std::string text;
    std::string deleted;
    std::string field;  // instructions: HYPERLINK "mailto:..."
    std::string described;
  };

  void begin_text(Into into) { into_ = into; }
  void describe(const Tag& tag);
  void end_paragraph();
  void take_paragraph(std::string_view text);
  void open_table(const Tag& tag);
  void close_table(std::string_view name);
  void flush_prose();
  void flush_rows();
  Paragraph& current();

  TextWriter& out_;
  Place place_;  // of what is in prose_ or rows_
  Into into_ = Into::kNothing;
  bool in_deletion_ = false;
  bool skip_placeholders_ = false;
  bool placeholder_ = false;
  int fallback_ = 0;                   // inside mc:Fallback, which repeats the choice before it
  int tab_stops_ = 0;                  // inside w:tabs, where tab is a setting
  std::vector<Paragraph> paragraphs_;  // open ones: a text box stands inside a paragraph
  Paragraph loose_;                    // text outside of paragraphs (chart values)
  std::string prose_;
  int table_depth_ = 0;
  std::uint32_t paragraphs_in_table_ = 0;
  bool table_sent_ = false;  // a first part of this table was sent
  std::string cell_;
  std::string row_;
  bool row_has_cell_ = false;
  int span_ = 1;  // grid columns of the open cell
  std::string rows_;
  std::set<std::string> authors_;
};

// Tabs and line ends inside a cell become blanks.
void append_cell(std::string& row, std::string_view text);

}  // namespace gallra::extract

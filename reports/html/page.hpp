// Writes HTML so that nothing from a file system or document can become markup: text goes in
// through escape(), and only this room's own literals go in raw.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "scanner/support/text.hpp"

namespace gallra::html {

// printable(), then & < > " ' as entities: safe as text and inside a quoted attribute.
std::string escape(std::string_view raw);

// A wide table scrolls in its own box instead of breaking words where the window is narrow.
enum class Width : std::uint8_t { kNarrow, kWide };

class Page {
 public:
  explicit Page(Lang lang) : lang_(lang) {}

  Lang lang() const { return lang_; }
  // A literal of ours; never data.
  Page& raw(std::string_view markup);
  Page& data(std::string_view untrusted);
  // A catalogue text; {0} ... are data and are escaped.
  Page& say(std::string_view key, const std::vector<std::string>& values = {});
  Page& number(std::uint64_t n);

  void heading(int level, std::string_view id, std::string_view key);
  void paragraph(std::string_view key, const std::vector<std::string>& values = {});
  // A table with a caption; `columns` are catalogue keys, those ending in '#' hold numbers.
  void table_begin(std::string_view caption, const std::vector<std::string>& columns,
                   Width width = Width::kNarrow);
  void row(const std::vector<std::string>& cells);      // data, escaped
  void row_raw(const std::vector<std::string>& cells);  // markup of ours, already escaped
  // Markup under the last row, across all columns.
  void row_below(const std::string& markup);
  void table_end();

  std::string take() { return std::move(out_); }

 private:
  const Lang lang_;
  std::string out_;
  std::vector<bool> numeric_;
};

}  // namespace gallra::html

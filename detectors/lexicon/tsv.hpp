// Rows of a tab-separated table in which lines that start with '#' are comments.
#pragma once

#include <string_view>
#include <vector>

namespace gallra::detect::lexicon {

// Calls row(fields, line number) for every line that is neither empty nor a comment. A missing last
// field is simply not there; CR before LF is dropped.
template <typename Row>
void each_row(std::string_view table, Row row) {
  std::vector<std::string_view> fields;
  std::size_t line = 0;
  while (!table.empty()) {
    const std::size_t end = table.find('\n');
    std::string_view text = table.substr(0, end);
    table.remove_prefix(end == std::string_view::npos ? table.size() : end + 1);
    ++line;
    if (!text.empty() && text.back() == '\r') text.remove_suffix(1);
    if (text.empty() || text.front() == '#') continue;
    fields.clear();
    for (;;) {
      const std::size_t tab = text.find('\t');
      fields.push_back(text.substr(0, tab));
      if (tab == std::string_view::npos) break;
      text.remove_prefix(tab + 1);
    }
    row(fields, line);
  }
}

}  // namespace gallra::detect::lexicon

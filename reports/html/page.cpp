#include "reports/html/page.hpp"

namespace gallra::html {

std::string escape(std::string_view raw) {
  std::string out;
  for (const char c : printable(raw)) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

Page& Page::raw(std::string_view markup) {
  out_ += markup;
  return *this;
}

Page& Page::data(std::string_view untrusted) {
  out_ += escape(untrusted);
  return *this;
}

Page& Page::say(std::string_view key, const std::vector<std::string>& values) {
  return data(text(lang_, key, values));
}

Page& Page::number(std::uint64_t n) { return data(number_text(lang_, n)); }

void Page::heading(int level, std::string_view id, std::string_view key) {
  const std::string tag = "h" + std::to_string(level);
  raw("<" + tag);
  if (!id.empty()) raw(" id=\"" + std::string(id) + "\"");
  raw(">").say(key).raw("</" + tag + ">\n");
}

void Page::paragraph(std::string_view key, const std::vector<std::string>& values) {
  raw("<p>").say(key, values).raw("</p>\n");
}

void Page::table_begin(std::string_view caption, const std::vector<std::string>& columns,
                       Width width) {
  numeric_.clear();
  raw("<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"")
      .say(caption)
      .raw(width == Width::kWide ? "\"><table class=\"wide\"><caption>" : "\"><table><caption>")
      .say(caption);
  raw("</caption><thead><tr>");
  for (std::string_view column : columns) {
    const bool number = column.ends_with('#');
    if (number) column.remove_suffix(1);
    numeric_.push_back(number);
    raw(number ? "<th scope=\"col\" class=\"n\">" : "<th scope=\"col\">").say(column).raw("</th>");
  }
  raw("</tr></thead><tbody>\n");
}

void Page::row(const std::vector<std::string>& cells) {
  std::vector<std::string> escaped;
  escaped.reserve(cells.size());
  for (const std::string& cell : cells) escaped.push_back(escape(cell));
  row_raw(escaped);
}

void Page::row_raw(const std::vector<std::string>& cells) {
  raw("<tr>");
  for (std::size_t i = 0; i < cells.size(); ++i)
    raw(i < numeric_.size() && numeric_[i] ? "<td class=\"n\">" : "<td>")
        .raw(cells[i])
        .raw("</td>");
  raw("</tr>\n");
}

void Page::row_below(const std::string& markup) {
  raw("<tr class=\"below\"><td colspan=\"" + std::to_string(numeric_.size()) + "\">")
      .raw(markup)
      .raw("</td></tr>\n");
}

void Page::table_end() { raw("</tbody></table></div>\n"); }

}  // namespace gallra::html

#include "scanner/extract/drawn_tables.hpp"

#include <algorithm>

namespace gallra::extract {
namespace {

constexpr std::size_t kFewestRows = 3;    // of columns parted by blanks; a Markdown table has two
constexpr std::size_t kSampleRows = 200;  // gutters are looked for in so many
constexpr std::size_t kWidest = 400;      // code points of a line; wider ones are text

std::string_view first_line(std::string_view text) {
  const std::size_t end = text.find('\n');
  return text.substr(0, end == std::string_view::npos ? end : end + 1);
}

std::string_view without_end(std::string_view line) {
  while (!line.empty() && (line.back() == '\n' || line.back() == '\r' || line.back() == ' '))
    line.remove_suffix(1);
  return line;
}

bool begins_letter(char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }

// Where every line has a blank, at least two wide and with text on both sides: the last blank of
// each, in code points.
std::vector<std::size_t> gutters_of(std::string_view lines) {
  std::vector<bool> used(kWidest, false);
  std::size_t rows = 0;
  while (!lines.empty() && rows++ < kSampleRows) {
    const std::string_view line = without_end(first_line(lines));
    std::size_t at = 0;
    for (const char c : line) {
      if (!begins_letter(c)) continue;
      if (at >= kWidest) return {};
      if (c != ' ') used[at] = true;
      ++at;
    }
    lines.remove_prefix(first_line(lines).size());
  }
  std::vector<std::size_t> gutters;
  std::size_t blanks = 0;
  bool seen = false;
  for (std::size_t at = 0; at < used.size(); ++at) {
    if (!used[at]) {
      ++blanks;
      continue;
    }
    if (seen && blanks >= 2) gutters.push_back(at - 1);
    seen = true;
    blanks = 0;
  }
  return gutters;
}

void draw_pipes(std::string& row) {
  std::replace(row.begin(), row.end(), '\t', ' ');
  const std::string_view line = without_end(row);
  const std::size_t first = line.find_first_not_of(' ');
  if (!line.empty() && line.back() == '|') row[line.size() - 1] = ' ';
  if (first != std::string_view::npos && row[first] == '|') row[first] = ' ';
  std::replace(row.begin(), row.end(), '|', '\t');
}

// "| Namn | Anna Ek |": labels and values, whose columns have no header.
bool is_form(std::string_view lines) {
  std::size_t most = 0;
  while (!lines.empty()) {
    std::string row(first_line(lines));
    lines.remove_prefix(row.size());
    draw_pipes(row);
    most = std::max(most, static_cast<std::size_t>(std::count(row.begin(), row.end(), '\t')));
  }
  return most < 2;
}

void draw_columns(std::string& row, const std::vector<std::size_t>& gutters) {
  std::size_t letter = 0;
  auto gutter = gutters.begin();
  for (char& c : row) {
    if (!begins_letter(c)) continue;
    while (gutter != gutters.end() && *gutter < letter) ++gutter;
    if (c == '\t') c = ' ';
    if (gutter != gutters.end() && *gutter == letter && c == ' ') c = '\t';
    ++letter;
  }
}

// The cells without the blanks that only draw the table.
void append_trimmed(std::string_view row, std::string& rows) {
  row = without_end(row);
  for (;;) {
    const std::size_t tab = row.find('\t');
    std::string_view cell = without_end(row.substr(0, tab));
    cell.remove_prefix(std::min(cell.find_first_not_of(' '), cell.size()));
    rows += cell;
    if (tab == std::string_view::npos) return;
    rows += '\t';
    row.remove_prefix(tab + 1);
  }
}

}  // namespace

DrawnTables::Kind DrawnTables::kind_of(std::string_view line) {
  line = without_end(line);
  if (std::count(line.begin(), line.end(), '|') >= 2) return Kind::kPipes;
  const std::size_t first = line.find_first_not_of(' ');
  if (first == std::string_view::npos) return Kind::kProse;
  int gaps = 0;
  for (std::size_t at = line.find("  ", first); at != std::string_view::npos;
       at = line.find("  ", at)) {
    ++gaps;
    at = std::min(line.find_first_not_of(' ', at), line.size());
  }
  return gaps >= 2 ? Kind::kColumns : Kind::kProse;
}

std::string DrawnTables::draw(std::string_view lines, Kind kind) const {
  std::string rows;
  rows.reserve(lines.size());
  while (!lines.empty()) {
    std::string row(first_line(lines));
    lines.remove_prefix(row.size());
    const bool ends = row.back() == '\n';
    if (kind == Kind::kPipes)
      draw_pipes(row);
    else
      draw_columns(row, gutters_);
    append_trimmed(row, rows);
    if (ends) rows += '\n';
  }
  return rows;
}

std::vector<DrawnTables::Part> DrawnTables::parts(std::string_view lines) {
  std::vector<Part> parts;
  const auto prose = [&](std::string_view text) {
    open_ = Kind::kProse;
    if (!parts.empty() && !parts.back().table &&
        parts.back().text.data() + parts.back().text.size() == text.data())
      parts.back().text = {parts.back().text.data(), parts.back().text.size() + text.size()};
    else
      parts.push_back({text, {}, false, false});
  };
  while (!lines.empty()) {
    const Kind kind = kind_of(first_line(lines));
    std::size_t end = 0;
    std::size_t rows = 0;
    while (end < lines.size() && kind_of(first_line(lines.substr(end))) == kind) {
      end += first_line(lines.substr(end)).size();
      ++rows;
    }
    const std::string_view run = lines.substr(0, end);
    lines.remove_prefix(end);
    if (kind == Kind::kProse) {
      prose(run);
      continue;
    }
    const bool continues = parts.empty() && open_ == kind;
    if (kind == Kind::kColumns && !continues) gutters_ = gutters_of(run);
    const bool enough = kind == Kind::kPipes ? rows >= 2 && !is_form(run)
                                             : rows >= kFewestRows && gutters_.size() >= 2;
    if (!continues && !enough) {
      prose(run);
      continue;
    }
    parts.push_back({run, draw(run, kind), true, continues});
    open_ = kind;
  }
  return parts;
}

}  // namespace gallra::extract

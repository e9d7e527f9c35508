// Tables as text: CSV in all its dialects, TSV. A broken quote costs one row, not the rest of the
// file; a file that is no table is read as text.
#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "scanner/extract/extractor.hpp"
#include "scanner/extract/plain_text.hpp"

namespace gallra::extract {

extern const ExtractorEntry extractor_text;

namespace {

constexpr auto kNone = std::string_view::npos;
constexpr std::size_t kSampleBytes = 64u << 10;
constexpr std::size_t kSampleRows = 200;
// A quoted cell with more than this in it had lost its closing quote.
constexpr std::size_t kMaxQuotedBytes = 64u << 10;
constexpr std::size_t kMaxQuotedLines = 200;
constexpr std::size_t kChunkBytes = 128u << 10;
// Rows of one cell are a list (of numbers, say) only when they are short.
constexpr std::size_t kListCell = 64;

bool is_blank(char c) { return c == ' ' || c == '\t'; }

// How many cells the rows of a sample have when parted by `delimiter`.
struct Shape {
  std::size_t columns = 0;  // of most rows
  double share = 0;         // of the rows that have so many
  bool header_agrees = false;
};

std::vector<std::size_t> row_widths(std::string_view sample, char delimiter) {
  std::vector<std::size_t> widths;
  std::size_t cells = 1;
  bool quoted = false;
  bool cell_start = true;
  bool empty = true;
  for (std::size_t i = 0; i < sample.size() && widths.size() < kSampleRows; ++i) {
    const char c = sample[i];
    if (c == '"' && (quoted || cell_start)) {
      quoted = !quoted;
      cell_start = false;
    } else if (c == '\n' && (!quoted || sample.substr(i + 1).starts_with('"'))) {
      // A row that begins with a quote inside of quotes: one was lost before.
      if (!empty) widths.push_back(cells);
      quoted = false;
      cells = 1;
      cell_start = empty = true;
      continue;
    } else if (c == delimiter && !quoted) {
      ++cells;
      cell_start = true;
    } else {
      cell_start = false;
    }
    empty = false;
  }
  return widths;
}

Shape shape_of(std::string_view sample, char delimiter) {
  const std::vector<std::size_t> widths = row_widths(sample, delimiter);
  Shape shape;
  std::size_t most = 0;
  std::vector<std::size_t> sorted = widths;
  std::sort(sorted.begin(), sorted.end());
  for (std::size_t i = 0; i < sorted.size();) {
    std::size_t end = i;
    while (end < sorted.size() && sorted[end] == sorted[i]) ++end;
    if (end - i >= most && sorted[i] >= 2) {
      most = end - i;
      shape.columns = sorted[i];
    }
    i = end;
  }
  if (widths.empty() || most == 0) return shape;
  shape.share = static_cast<double>(most) / static_cast<double>(widths.size());
  shape.header_agrees = widths.front() == shape.columns;
  return shape;
}

bool is_list(std::string_view sample) {
  std::size_t rows = 0;
  for (std::size_t from = 0; from < sample.size(); ++rows) {
    const std::size_t end = std::min(sample.find('\n', from), sample.size());
    if (end - from > kListCell) return false;
    from = end + 1;
  }
  return rows >= 2;
}

// Prose has commas too, but never as many in each line; the other signs are seldom in it.
bool is_table(const Shape& shape, char delimiter) {
  if (shape.share >= 0.6) return true;
  return shape.header_agrees && shape.share >= 0.4 && (delimiter != ',' || shape.columns >= 4);
}

// The delimiter; '\0' = rows of one cell; nullopt = no table.
std::optional<char> find_delimiter(std::string_view sample) {
  constexpr std::array<char, 4> kDelimiters = {';', '\t', '|', ','};
  char best = '\0';
  double best_score = 0;
  std::size_t best_columns = 0;
  for (const char delimiter : kDelimiters) {
    const Shape shape = shape_of(sample, delimiter);
    if (shape.columns < 2) continue;
    // A decimal comma is in every row but not in the header.
    const double score = shape.share + (shape.header_agrees ? 0.5 : 0);
    if (!is_table(shape, delimiter)) continue;
    const bool wider = shape.columns > best_columns && score > best_score - 0.1 && best == ',';
    if (score > best_score + 0.001 || wider) {
      best = delimiter;
      best_score = score;
      best_columns = shape.columns;
    }
  }
  if (best != '\0') return best;
  if (is_list(sample)) return '\0';
  return std::nullopt;
}

// "sep=;" in the first line, as Excel reads and writes it. Takes the line away.
std::optional<char> declared_delimiter(std::string& text) {
  std::string_view start(text);
  if (!start.starts_with("sep=") && !start.starts_with("\"sep=")) return std::nullopt;
  const std::size_t at = start.find('=') + 1;
  const std::size_t end = start.find('\n');
  if (end == kNone || end > at + 2 || at >= end) return std::nullopt;
  const char delimiter = start[at];
  text.erase(0, end + 1);
  return delimiter;
}

class TableReader {
 public:
  TableReader(ExtractSink& sink, char delimiter) : sink_(sink), delimiter_(delimiter) {}

  // Reads rows out of `text` and takes them away; what is left needs more bytes.
  void read(std::string& text, bool last) {
    std::size_t at = 0;
    while (at < text.size()) {
      const std::size_t used = step(std::string_view(text).substr(at), last);
      if (used == 0) break;
      at += used;
      position_ += used;
      if (out_.size() >= kChunkBytes) send(false);
    }
    text.erase(0, at);
    if (last) send(true);
  }

 private:
  std::size_t step(std::string_view rest, bool last) {
    if (row_start_)
      if (const std::size_t used = plain_rows(rest); used > 0) return used;
    if (cell_start_) {
      std::size_t quote = 0;
      while (quote < rest.size() && is_blank(rest[quote]) && rest[quote] != delimiter_) ++quote;
      if (quote < rest.size() && rest[quote] == '"' && position_ >= broken_until_) {
        const std::size_t used = quoted_cell(rest.substr(quote), last);
        if (used == kNone) return 0;
        if (used > 0) return quote + used;
      }
    }
    return open_cell(rest);
  }

  // Whole rows without any quote need no reading at all.
  std::size_t plain_rows(std::string_view rest) {
    const std::string_view some = rest.substr(0, kChunkBytes);
    const std::size_t end = some.rfind('\n', some.find('"'));
    if (end == kNone) return 0;
    const std::size_t from = out_.size();
    out_.append(rest.substr(0, end + 1));
    const auto begin = out_.begin() + static_cast<std::ptrdiff_t>(from);
    if (delimiter_ != '\t') {
      std::replace(begin, out_.end(), '\t', ' ');
      if (delimiter_ != '\0') std::replace(begin, out_.end(), delimiter_, '\t');
    }
    return end + 1;
  }

  // Up to the next delimiter or line end, or as far as there is text.
  std::size_t open_cell(std::string_view rest) {
    std::size_t end = 0;
    while (end < rest.size() && rest[end] != delimiter_ && rest[end] != '\n') ++end;
    append_cell(rest.substr(0, end));
    cell_start_ = row_start_ = false;
    if (end == rest.size()) return end;
    end_cell(rest[end]);
    return end + 1;
  }

  // `rest` begins with a quote. 0: it is a sign like any other; kNone: more bytes are needed.
  std::size_t quoted_cell(std::string_view rest, bool last) {
    const std::string_view range = rest.substr(0, kMaxQuotedBytes);
    std::size_t lines = 0;
    std::size_t from = 1;
    for (std::size_t at = range.find('"', 1); at != kNone; at = range.find('"', at + 1)) {
      lines += static_cast<std::size_t>(
          std::count(range.begin() + static_cast<std::ptrdiff_t>(from),
                     range.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
      from = at;
      if (lines > kMaxQuotedLines) break;
      std::size_t after = at + 1;
      if (after < range.size() && range[after] == '"') {
        ++at;
        continue;
      }
      while (after < range.size() && range[after] == ' ') ++after;
      if (after == range.size() && !last && range.size() == rest.size()) return kNone;
      const bool closes =
          after >= range.size() || range[after] == delimiter_ || range[after] == '\n';
      if (closes) return close_quoted(rest, at, after);
      // The opening quote of another cell: ours has no partner.
      if (range[at - 1] == '\n' || (range[at - 1] == delimiter_ && lines > 0)) return 0;
    }
    if (range.size() < kMaxQuotedBytes && lines <= kMaxQuotedLines && !last) return kNone;
    // Nobody further on needs to look as far again.
    broken_until_ = position_ + range.size();
    return 0;
  }

  std::size_t close_quoted(std::string_view rest, std::size_t close, std::size_t after) {
    std::string_view inside = rest.substr(1, close - 1);
    for (std::size_t at = inside.find("\"\""); at != kNone; at = inside.find("\"\"")) {
      append_cell(inside.substr(0, at + 1));
      inside.remove_prefix(at + 2);
    }
    append_cell(inside);
    cell_start_ = row_start_ = false;
    if (after >= rest.size()) return rest.size();
    end_cell(rest[after]);
    return after + 1;
  }

  void append_cell(std::string_view text) {
    const std::size_t from = out_.size();
    out_ += text;
    for (std::size_t i = from; i < out_.size(); ++i)
      if (out_[i] == '\t' || out_[i] == '\n') out_[i] = ' ';
  }

  void end_cell(char sign) {
    row_start_ = sign == '\n';
    cell_start_ = true;
    out_.push_back(row_start_ ? '\n' : '\t');
  }

  void send(bool last) {
    if (out_.empty()) return;
    // A row that is longer than a chunk is cut between cells, or words.
    std::size_t cut = out_.rfind('\n');
    if (cut == kNone) cut = out_.rfind('\t');
    cut = cut == kNone ? cut_after_line(out_) : cut + 1;
    if (row_start_ || last) cut = out_.size();
    const std::string_view part = std::string_view(out_).substr(0, cut);
    sink_.text({{PlaceKind::kCell, row_, column_, {}}, Layout::kTable, continues_, part, offset_});
    continues_ = true;
    offset_ += part.size();
    row_ += static_cast<std::uint32_t>(count_lines(part));
    const std::size_t row = part.rfind('\n');
    if (row != kNone) column_ = 1;
    column_ += static_cast<std::uint32_t>(std::count(
        part.begin() + static_cast<std::ptrdiff_t>(row == kNone ? 0 : row), part.end(), '\t'));
    out_.erase(0, cut);
  }

  ExtractSink& sink_;
  const char delimiter_;
  std::string out_;
  bool row_start_ = true;
  bool cell_start_ = true;
  std::uint64_t position_ = 0;      // in the decoded text
  std::uint64_t broken_until_ = 0;  // up to there no closing quote was found
  bool continues_ = false;
  std::uint32_t row_ = 1;  // of the first byte of out_
  std::uint32_t column_ = 1;
  std::uint64_t offset_ = 0;
};

Outcome extract_csv(const ExtractRequest& request, ExtractSink& sink) {
  PlainText input(request.source);
  std::string text;
  bool more = input.next(text);
  std::optional<char> delimiter = declared_delimiter(text);
  if (!delimiter) {
    // Up to the last whole line; a cut row would count as a narrow one.
    std::string_view sample = std::string_view(text).substr(0, kSampleBytes);
    if (sample.size() < text.size()) sample = sample.substr(0, sample.rfind('\n') + 1);
    delimiter = find_delimiter(sample);
  }
  if (!delimiter) return extractor_text.extract(request, sink);
  TableReader table(sink, *delimiter);
  while (more) {
    table.read(text, false);
    more = input.next(text);
  }
  table.read(text, true);
  return input.outcome();
}

}  // namespace

extern const ExtractorEntry extractor_csv;
const ExtractorEntry extractor_csv{"csv", {Format::kCsv}, false, extract_csv, nullptr};

}  // namespace gallra::extract

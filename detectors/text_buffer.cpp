#include "detectors/text_buffer.hpp"

#include <algorithm>

#include "detectors/wipe.hpp"

namespace gallra::detect {
namespace {

constexpr std::uint32_t kHeaderRows = 10;     // a header stands below a title, never far down
constexpr std::size_t kHeaderColumns = 1000;  // wider tables are matrices
constexpr std::size_t kHeaderCell = 80;       // bytes kept of a heading
constexpr std::size_t kShortParagraph = 200;  // bytes; longer ones stand for themselves
constexpr std::size_t kRecordFields = 64;     // more labels than this are no one object
constexpr std::size_t kTables = 4096;         // headers kept; a document of more tables starts over

bool has_row_places(PlaceKind kind) { return kind == PlaceKind::kCell; }

bool is_data_cell(std::string_view cell) {
  return std::count_if(cell.begin(), cell.end(), [](char c) { return c >= '0' && c <= '9'; }) >= 4;
}

// Moves a place over text, by the promise of TextChunk.
void advance(Place& place, Layout layout, std::string_view passed) {
  const auto lines = static_cast<std::uint32_t>(std::count(passed.begin(), passed.end(), '\n'));
  switch (place.kind) {
    case PlaceKind::kLine:
    case PlaceKind::kBody:
      place.a += lines;
      break;
    case PlaceKind::kPage:
      place.b += lines;
      break;
    case PlaceKind::kCell: {
      if (layout != Layout::kTable) break;
      place.a += lines;
      const std::size_t last = passed.rfind('\n');
      if (last != std::string_view::npos) {
        place.b = 1;
        passed.remove_prefix(last + 1);
      }
      place.b += static_cast<std::uint32_t>(std::count(passed.begin(), passed.end(), '\t'));
      break;
    }
    default:
      break;
  }
}

// A later piece of a text may begin with a mark that belongs to the letter before it.
bool begins_with_mark(std::string_view text) {
  return text.size() >= 2 && (static_cast<unsigned char>(text[0]) == 0xCC ||
                              (static_cast<unsigned char>(text[0]) == 0xCD &&
                               static_cast<unsigned char>(text[1]) < 0xB0));
}

}  // namespace

void TextBuffer::begin(Format format, bool keep_source) {
  wipe();
  format_ = format;
  keep_source_ = keep_source;
  segments_.clear();
  edits_.clear();
  labels_.clear();
  tables_.clear();
  decided_ = 0;
  origin_ = 0;
  records_ = 0;
  cursor_ = {};
}

void TextBuffer::wipe() {
  detect::wipe(text_);
  detect::wipe(source_);
  for (Table& table : tables_) {
    for (std::string& cell : table.headers) detect::wipe(cell);
    for (std::string& cell : table.row) detect::wipe(cell);
  }
}

void TextBuffer::open_segment(const TextChunk& chunk) {
  // Names have rules of their own: a window is names, or text.
  const bool is_name = chunk.place.kind == PlaceKind::kName;
  if (!segments_.empty() && is_name != (segments_.back().place.kind == PlaceKind::kName))
    scan(true);
  Segment segment;
  segment.layout = chunk.layout;
  segment.place = chunk.place;
  bool joined = false;
  if (!segments_.empty()) {
    const Segment& before = segments_.back();
    if (chunk.layout == Layout::kRecord && before.layout == Layout::kRecord) {
      const bool repeated =
          std::find(labels_.begin(), labels_.end(), chunk.place.label) != labels_.end();
      joined = !repeated && labels_.size() < kRecordFields && before.place.kind == chunk.place.kind;
    } else if (chunk.layout == Layout::kProse && before.layout == Layout::kProse &&
               chunk.place.kind == PlaceKind::kParagraph &&
               before.place.kind == PlaceKind::kParagraph &&
               chunk.place.label == before.place.label) {
      // Short lines typed as paragraphs of their own: "Namn: ...", "Personnummer: ...".
      joined = chunk.place.a <= before.place.a + 1 && chunk.text.size() <= kShortParagraph &&
               before.end - before.begin <= kShortParagraph;
    }
  }
  const bool grouped = chunk.layout == Layout::kRecord || chunk.place.kind == PlaceKind::kParagraph;
  if (grouped && chunk.layout != Layout::kTable) {
    if (!joined) {
      ++records_;
      labels_.clear();
    }
    segment.record = records_;
    if (chunk.layout == Layout::kRecord) labels_.push_back(chunk.place.label);
  }
  // Two line ends part what does not belong together: no value spans them.
  const std::string_view gap = segments_.empty() ? "" : joined ? "\n" : "\n\n";
  text_.append(gap);
  if (keep_source_) source_.append(gap);
  if (chunk.layout == Layout::kTable) {
    const bool rows = has_row_places(chunk.place.kind);
    if (tables_.empty() || tables_.back().sheet != chunk.place.label || chunk.place.a <= 1 ||
        !rows) {
      if (tables_.size() >= kTables) {
        for (Segment& old : segments_) old.headers = nullptr;
        tables_.clear();
      }
      tables_.emplace_back().sheet = chunk.place.label;
      tables_.back().may_be_form = !rows && chunk.place.kind != PlaceKind::kLine;
    }
    segment.headers = &tables_.back().headers;
  }
  segment.begin = segment.end = text_.size();
  segments_.push_back(std::move(segment));
}

void TextBuffer::add(const TextChunk& chunk) {
  if (chunk.text.empty()) return;
  const bool goes_on = chunk.continues && !segments_.empty() &&
                       segments_.back().layout == chunk.layout &&
                       segments_.back().place.kind == chunk.place.kind;
  if (!goes_on) open_segment(chunk);
  scan_full_windows();
  // In slices, so that a huge chunk is not held twice.
  for (std::string_view rest = chunk.text; !rest.empty();) {
    // Never beyond the window's end, so that windows do not depend on how the text was cut.
    const std::size_t room = decided_ + kWindowBytes + kContextBytes - text_.size();
    std::size_t n = std::min(rest.size(), room);
    while (n < rest.size() && (static_cast<unsigned char>(rest[n]) & 0xC0) == 0x80) ++n;
    append(rest.substr(0, n));
    rest.remove_prefix(n);
    scan_full_windows();
  }
}

void TextBuffer::scan_full_windows() {
  while (text_.size() >= decided_ + kWindowBytes + kContextBytes) scan(false);
}

void TextBuffer::append(std::string_view text) {
  const std::size_t begin = text_.size();
  std::string piece;
  if (begins_with_mark(text) && segments_.back().begin < begin) {
    // The letter goes through once more, together with its mark.
    piece = text_.back();
    piece += text;
    text_.pop_back();
    if (keep_source_) source_.pop_back();
    text = piece;
  }
  const std::size_t from = text_.size();
  normalise(text, text_, keep_source_ ? &edits_ : nullptr, source_.size());
  if (keep_source_) source_.append(text);
  segments_.back().end = text_.size();
  if (segments_.back().headers != nullptr && tables_.back().rows < kHeaderRows)
    read_headers(std::string_view(text_).substr(from));
  if (!piece.empty()) detect::wipe(piece);
}

void TextBuffer::read_headers(std::string_view rows) {
  Table& table = tables_.back();
  if (table.row.empty()) table.row.emplace_back();
  for (const char c : rows) {
    if (c == '\n') {
      close_header_row();
      if (table.rows >= kHeaderRows) return;
    } else if (c == '\t') {
      if (table.row.size() < kHeaderColumns) table.row.emplace_back();
    } else if (c != '\r' && table.row.back().size() < kHeaderCell) {
      table.row.back().push_back(c);
    }
  }
}

// The row with most labels is the header; without any, the first row of several words and no data.
void TextBuffer::close_header_row() {
  Table& table = tables_.back();
  ++table.rows;
  std::size_t labels = 0;
  std::size_t filled = 0;
  bool data = false;
  for (const std::string& cell : table.row) {
    if (cell.empty()) continue;
    ++filled;
    data = data || is_data_cell(cell);
    if (!is_data_cell(cell) && is_label_(cell)) ++labels;
  }
  // A form's rows hold labels beside values: only a row of labels is its header.
  if (table.may_be_form && (data || labels < 2 || labels * 2 <= filled || table.rows > 2)) {
    table.row.assign(1, "");
    return;
  }
  const bool first = table.headers.empty() && !data && filled >= 2;
  if (labels > table.best_labels || first) {
    table.headers = table.row;
    table.best_labels = labels;
  }
  table.row.assign(1, "");
}

void TextBuffer::finish() {
  if (segments_.empty()) return;
  // A last row without its newline may still be the header.
  if (segments_.back().headers != nullptr && tables_.back().rows < kHeaderRows &&
      !tables_.back().row.empty())
    close_header_row();
  scan(true);
}

void TextBuffer::scan(bool last) {
  Window window;
  window.begin = decided_;
  window.end = decided_ + kWindowBytes;
  window.text = text_;
  if (last) window.end = window.text.size();
  window.segments = &segments_;
  window.origin = origin_;
  window.format = format_;
  window.is_name = segments_.back().place.kind == PlaceKind::kName;
  cursor_ = {};
  cursor_.line_begin = cursor_.at = segments_.front().begin;
  scan_(window);
  decided_ = window.end;
  if (last) {
    origin_ += text_.size();
    detect::wipe(text_);
    detect::wipe(source_);
    edits_.clear();
    segments_.clear();
    decided_ = 0;
    return;
  }
  drop_before(decided_ > kContextBytes ? decided_ - kContextBytes : 0);
}

void TextBuffer::drop_before(std::size_t keep) {
  if (keep == 0) return;
  const auto first = std::find_if(segments_.begin(), segments_.end(),
                                  [keep](const Segment& s) { return s.end > keep; });
  segments_.erase(segments_.begin(), first == segments_.end() ? std::prev(segments_.end()) : first);
  Segment& cut = segments_.front();
  if (cut.begin < keep) {
    const std::size_t to = std::min(keep, cut.end);
    advance(cut.place, cut.layout, std::string_view(text_).substr(cut.begin, to - cut.begin));
    cut.begin = to;
  }
  for (Segment& s : segments_) {
    s.begin -= std::min(s.begin, keep);
    s.end -= std::min(s.end, keep);
  }
  if (keep_source_) {
    // Edits keep their order; the last one before `keep` still holds there.
    std::ptrdiff_t shift = 0;
    std::vector<Edit> kept;
    for (const Edit& e : edits_) {
      if (e.at <= keep)
        shift = e.shift;
      else
        kept.push_back(e);
    }
    const auto source_keep = static_cast<std::size_t>(static_cast<std::ptrdiff_t>(keep) + shift);
    const std::ptrdiff_t moved =
        static_cast<std::ptrdiff_t>(keep) - static_cast<std::ptrdiff_t>(source_keep);
    for (Edit& e : kept) {
      e.at -= keep;
      e.shift += moved;
    }
    edits_ = std::move(kept);
    source_.erase(0, source_keep);
  }
  text_.erase(0, keep);
  origin_ += keep;
  decided_ -= keep;
}

Place TextBuffer::place_of(std::size_t at) {
  std::size_t index = cursor_.segment;
  if (at < cursor_.at || index >= segments_.size()) index = 0;
  while (index + 1 < segments_.size() && segments_[index + 1].begin <= at) ++index;
  const Segment& segment = segments_[index];
  if (index != cursor_.segment || at < cursor_.at) {
    cursor_ = {index, segment.begin, 0, segment.begin};
  }
  const std::string_view text = text_;
  while (cursor_.at < at) {
    const std::size_t newline = text.substr(0, at).find('\n', cursor_.at);
    if (newline == std::string_view::npos) {
      cursor_.at = at;
      break;
    }
    ++cursor_.line;
    cursor_.at = cursor_.line_begin = newline + 1;
  }
  Place place = segment.place;
  if (cursor_.line == 0) {
    advance(place, segment.layout, text.substr(segment.begin, at - segment.begin));
    return place;
  }
  if (place.kind == PlaceKind::kLine || place.kind == PlaceKind::kBody) place.a += cursor_.line;
  if (place.kind == PlaceKind::kPage) place.b += cursor_.line;
  if (place.kind == PlaceKind::kCell && segment.layout == Layout::kTable) {
    place.a += cursor_.line;
    place.b = 1 + static_cast<std::uint32_t>(
                      std::count(text.begin() + static_cast<std::ptrdiff_t>(cursor_.line_begin),
                                 text.begin() + static_cast<std::ptrdiff_t>(at), '\t'));
  }
  return place;
}

std::string TextBuffer::source_of(std::size_t begin, std::size_t end) const {
  if (!keep_source_) return {};
  const auto source_at = [&](std::size_t at) {
    std::ptrdiff_t shift = 0;
    const auto after =
        std::upper_bound(edits_.begin(), edits_.end(), at,
                         [](std::size_t position, const Edit& e) { return position < e.at; });
    if (after != edits_.begin()) shift = std::prev(after)->shift;
    return static_cast<std::size_t>(
        std::max<std::ptrdiff_t>(0, static_cast<std::ptrdiff_t>(at) + shift));
  };
  const std::size_t from = std::min(source_at(begin), source_.size());
  // Up to the last byte of the span: signs dropped behind it are not part of it.
  const std::size_t to = std::min(end > begin ? source_at(end - 1) + 1 : from, source_.size());
  return source_.substr(from, to > from ? to - from : 0);
}

}  // namespace gallra::detect

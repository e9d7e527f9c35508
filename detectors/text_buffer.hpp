// Gathers a document's chunks into windows. Windows are cut by size alone, each sees what stood
// before and behind it, and a finding belongs to the window in which it begins: so it does not
// matter how the text was cut into chunks, and nothing is seen twice or lost on an edge.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "detectors/candidate.hpp"
#include "detectors/normalise.hpp"
#include "scanner/model/text_chunk.hpp"

namespace gallra::detect {

// Read together: stays in the L2 cache through several passes.
inline constexpr std::size_t kWindowBytes = 128 << 10;
// Kept before and behind what is decided: more than any look-around of detection reaches
// (kReach = 1000 bytes and the longest value).
inline constexpr std::size_t kContextBytes = 2048;

class TextBuffer {
 public:
  using Scan = std::function<void(const Window&)>;

  // `is_label` tells a cell that heads a column from a cell of data.
  TextBuffer(Scan scan, std::function<bool(std::string_view)> is_label)
      : scan_(std::move(scan)), is_label_(std::move(is_label)) {}

  // `keep_source`: the text as it was written can be asked for (reveal).
  void begin(Format format, bool keep_source);
  void add(const TextChunk& chunk);
  // Scans all that is left.
  void finish();
  // Overwrites what is held.
  void wipe();

  // During a scan: the place of a byte, and a span as it was written (keep_source only). Quick when
  // asked in rising order.
  Place place_of(std::size_t at);
  std::string source_of(std::size_t begin, std::size_t end) const;
  std::uint64_t bytes() const { return origin_ + text_.size(); }

 private:
  void open_segment(const TextChunk& chunk);
  void append(std::string_view text);
  void read_headers(std::string_view rows);
  void close_header_row();
  void scan_full_windows();
  void scan(bool last);
  void drop_before(std::size_t keep);

  Scan scan_;
  std::function<bool(std::string_view)> is_label_;
  Format format_ = Format::kUnknown;
  bool keep_source_ = false;

  std::string text_;
  std::string source_;       // as written; keep_source only
  std::vector<Edit> edits_;  // from text_ to source_
  std::vector<Segment> segments_;
  std::size_t decided_ = 0;   // findings that begin before this are done
  std::uint64_t origin_ = 0;  // document offset of text_[0]
  std::uint64_t records_ = 0;
  std::vector<std::string> labels_;  // of the open record, to see where the next begins

  // The table being read.
  struct Table {
    std::string sheet;
    std::vector<std::string> headers;
    std::vector<std::string> row;
    std::size_t best_labels = 0;
    std::uint32_t rows = 0;
    bool may_be_form = false;  // of office files: labels beside values are as usual as above them
  };
  std::deque<Table> tables_;  // stable addresses: segments point at the headers

  // Where place_of stood last.
  struct Cursor {
    std::size_t segment = 0;
    std::size_t at = 0;
    std::uint32_t line = 0;
    std::size_t line_begin = 0;
  } cursor_;
};

}  // namespace gallra::detect

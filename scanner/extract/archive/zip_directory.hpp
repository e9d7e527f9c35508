// The headers of a zip file, as PKWARE's APPNOTE.TXT 6.3.9 lays them out: local headers (4.3.7),
// central directory (4.3.12) and its end (4.3.14 to 16), 64-bit sizes (4.5.3), and the extra fields
// of Info-ZIP.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "scanner/extract/extractor.hpp"

namespace gallra::extract {

struct ZipEntry {
  std::string raw_name;      // of unknown encoding; '/' between folders
  std::uint64_t header = 0;  // where the local header stands
  std::uint64_t packed = 0;
  std::uint64_t size = 0;
  std::uint32_t crc = 0;
  std::uint32_t disk = 0;  // which part of a split archive holds it
  std::uint16_t method = 0;
  std::uint16_t flags = 0;
  std::int64_t mtime_ns = 0;
  bool folder = false;
  bool symlink = false;

  bool encrypted() const { return (flags & 1) != 0; }
  bool sizes_follow() const {
    return (flags & 8) != 0;
  }  // a data descriptor stands behind the data
};

// A local header as it stands in the file, and where its data begin.
struct ZipLocal {
  ZipEntry entry;
  std::uint64_t data = 0;
};
std::optional<ZipLocal> read_local_header(const Source& source, std::uint64_t at);
// The next local header's signature in [from, until), or nothing.
std::optional<std::uint64_t> find_local_header(const Source& source, std::uint64_t from,
                                               std::uint64_t until);

// Reads the central directory entry by entry: its size does not matter.
class ZipDirectory {
 public:
  explicit ZipDirectory(const Source& source);

  bool found() const { return found_; }
  // The end record stands in the last part of a split archive.
  bool is_split() const { return disk_ != 0; }
  std::uint32_t disk() const { return disk_; }
  std::uint64_t begin() const { return begin_; }
  std::uint64_t end() const { return end_; }  // of the end record and its comment
  // False: at the end, or at damage (then `whole()` is false).
  bool next(ZipEntry& entry);
  bool whole() const { return whole_; }
  // Of the whole archive, of unknown encoding.
  const std::string& comment() const { return comment_; }

 private:
  bool find();
  bool fill(std::size_t want);
  const Source& source_;
  bool found_ = false;
  bool whole_ = false;
  std::uint32_t disk_ = 0;
  std::uint64_t begin_ = 0;
  std::uint64_t end_ = 0;
  std::uint64_t stop_ = 0;   // where the end record begins
  std::uint64_t shift_ = 0;  // bytes in front of the zip that its offsets do not count
  std::uint64_t entries_ = 0;
  std::uint64_t seen_ = 0;
  std::uint64_t at_ = 0;
  std::string comment_;
  std::string window_;
  std::uint64_t window_at_ = 0;
};

}  // namespace gallra::extract

// The parts of an office document that is a zip (OOXML, ODF, EPUB): listed from the central
// directory, or by looking for local headers when that is lost, and read one at a time, bounded.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "scanner/extract/extractor.hpp"

namespace gallra::extract {

struct ZipPart {
  std::string name;          // '/' between folders, none in front; raw bytes
  std::uint64_t header = 0;  // where its local header stands
  std::uint64_t packed = 0;  // bytes; an upper bound when `open_ended`
  std::uint64_t size = 0;    // as claimed, 0 = unknown
  std::uint32_t crc = 0;     // 0 = unknown
  std::uint16_t method = 0;
  bool encrypted = false;
  bool open_ended = false;  // recovered without sizes: ends where its data says
};

class ZipParts {
 public:
  // Never fails: a file that is no zip has no parts. `source` must outlive the object.
  ZipParts(const Source& source, const Limits& limits);

  const std::vector<ZipPart>& parts() const { return parts_; }
  // Case does not matter, as in office programs; nullptr when there is none.
  const ZipPart* find(std::string_view name) const;
  // The central directory is damaged or gone: parts may be missing.
  bool recovered() const { return recovered_; }

  // The whole part. On damage `into` holds what came before it and the outcome is `read_in_part`
  // (or `not_read` when nothing did); the detail is left to the caller, who knows what it was for.
  Outcome read(const ZipPart& part, std::string& into, std::uint64_t limit = kMaxPartBytes) const;
  // The same by pieces, for parts of any size. `take` answers false to stop (`too_large`).
  using Take = std::function<bool(std::string_view)>;
  Outcome stream(const ZipPart& part, const Take& take) const;

  // XML of one part that must stand in memory whole. Sheets are streamed and have no such limit.
  static constexpr std::uint64_t kMaxPartBytes = 192ull << 20;

 private:
  bool read_directory();
  void scan_local_headers();
  void add(ZipPart part);
  Outcome open_data(const ZipPart& part, std::uint64_t& at, std::uint64_t& packed) const;
  Outcome inflate(const ZipPart& part, std::uint64_t at, std::uint64_t packed,
                  const Take& take) const;
  Outcome copy(const ZipPart& part, std::uint64_t at, std::uint64_t packed, const Take& take) const;
  bool read_whole(const ZipPart& part, std::uint64_t at, std::string& into) const;
  bool is_bomb(std::uint64_t out, std::uint64_t packed) const;

  const Source& source_;
  const Limits limits_;
  std::vector<ZipPart> parts_;
  std::unordered_map<std::string, std::size_t> by_name_;  // lower case
  bool recovered_ = false;
};

}  // namespace gallra::extract

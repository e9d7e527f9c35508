// What the walk saw of a file. Nobody stats again to guess; the reader re-stats only to see a
// change.
#pragma once

#include <cstdint>
#include <string>

namespace gallra {

// Who can read a file, widest first. kUnknown is never shown as safe.
enum class Exposure : std::uint8_t { kUnknown, kOwner, kGroup, kEveryone };
const char* key_of(Exposure exposure);  // "unknown", "owner", "group", "everyone"

struct FileRef {
  std::int64_t source_id = 0;  // row id of the source in the store
  std::string
      dir;  // folder relative to the source, raw bytes, no slash at either end; "" = the root
  std::string name;  // raw bytes
  std::uint64_t dev = 0;
  std::uint64_t inode = 0;
  std::uint64_t size = 0;
  std::int64_t mtime_ns = 0;
  std::int64_t ctime_ns = 0;
  std::uint32_t mode = 0;
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::uint32_t nlink = 1;
  Exposure exposure = Exposure::kUnknown;
  std::string owner;        // user name, or the number when it has none
  std::string exposure_by;  // the widest entry, e.g. "other: r", "group hemtjanst: r (ACL)"

  std::string path() const { return dir.empty() ? name : dir + '/' + name; }
};

}  // namespace gallra

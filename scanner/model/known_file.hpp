// What the store tells the walk of a folder.
#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace gallra {

// A file as an earlier reading saw it: carried over unread while inode, size and times are equal.
struct KnownFile {
  std::uint64_t inode = 0, size = 0;
  std::int64_t mtime_ns = 0, ctime_ns = 0;
  // A hard link: the name, below its source, that it was read through. It has no findings of its
  // own and is only carried over behind that name. Else empty.
  std::string link_of{};
  bool operator==(const KnownFile&) const = default;
};
using KnownFiles = std::map<std::string, KnownFile>;  // by name

}  // namespace gallra

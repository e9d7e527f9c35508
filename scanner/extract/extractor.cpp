#include "scanner/extract/extractor.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <unistd.h>

namespace gallra::extract {

std::int64_t Source::read(std::uint64_t at, std::span<std::byte> into) const {
  if (at >= size) return 0;
  const std::uint64_t want = std::min<std::uint64_t>(into.size(), size - at);
  if (memory != nullptr) {
    std::memcpy(into.data(), memory + offset + at, want);
    return static_cast<std::int64_t>(want);
  }
  std::uint64_t got = 0;
  while (got < want) {
    const ssize_t n =
        ::pread(fd, into.data() + got, want - got, static_cast<off_t>(offset + at + got));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return -1;
    if (n == 0) break;
    got += static_cast<std::uint64_t>(n);
  }
  return static_cast<std::int64_t>(got);
}

bool Source::read_all(std::string& into, std::uint64_t limit) const {
  if (size > limit) return false;
  into.resize(size);
  const std::int64_t n = read(0, std::as_writable_bytes(std::span(into.data(), into.size())));
  if (n < 0) return false;
  into.resize(static_cast<std::size_t>(n));
  return true;
}

const ExtractorEntry* extractor_for(Format format) {
  for (const ExtractorEntry* entry : extractors())
    if (std::find(entry->formats.begin(), entry->formats.end(), format) != entry->formats.end())
      return entry;
  return nullptr;
}

}  // namespace gallra::extract

// Runs an extractor of mail on bytes in memory and keeps what it said.
#pragma once

#include <algorithm>
#include <catch2/catch.hpp>
#include <fcntl.h>
#include <string>
#include <string_view>
#include <sys/mman.h>
#include <unistd.h>

#include "jail_sink.hpp"
#include "scanner/extract/extractor.hpp"

namespace gallra::test {

class MemoryFile {
 public:
  explicit MemoryFile(std::string_view bytes)
      : fd_(::memfd_create("mail", 0)), size_(bytes.size()) {
    REQUIRE(::pwrite(fd_, bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(bytes.size()));
  }
  ~MemoryFile() { ::close(fd_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  extract::Source source() const { return {fd_, 0, size_}; }

 private:
  int fd_;
  std::size_t size_;
};

struct MailRun {
  Outcome outcome;
  KeepingSink sink;

  // The text said at a header of that name, one line each.
  std::string header(std::string_view label) const {
    std::string all;
    for (const auto& [chunk, text] : sink.chunks)
      if (chunk.place.kind == PlaceKind::kHeader && chunk.place.label == label) all += text + '\n';
    return all;
  }
  std::string body(std::string_view label = "text/plain") const {
    std::string all;
    for (const auto& [chunk, text] : sink.chunks)
      if (chunk.place.kind == PlaceKind::kBody && chunk.place.label == label) all += text;
    return all;
  }
  // The line of the body on which `what` stands, 0 = nowhere.
  std::uint32_t line_of(std::string_view what) const {
    for (const auto& [chunk, text] : sink.chunks) {
      const std::size_t at = text.find(what);
      if (chunk.place.kind != PlaceKind::kBody || at == std::string::npos) continue;
      return chunk.place.a +
             static_cast<std::uint32_t>(
                 std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
    }
    return 0;
  }
};

inline MailRun run(Format format, std::string_view bytes, extract::ExtractRequest request = {}) {
  const MemoryFile file(bytes);
  request.format = format;
  request.source = file.source();
  MailRun run;
  run.outcome = extract::extractor_for(format)->extract(request, run.sink);
  return run;
}

inline std::string mail_fixture(const std::string& name) {
  const int fd = ::open((GALLRA_SOURCE_DIR "/fixtures/mail/" + name).c_str(), O_RDONLY);
  REQUIRE(fd >= 0);
  const auto size = static_cast<std::uint64_t>(::lseek(fd, 0, SEEK_END));
  std::string bytes;
  REQUIRE(extract::Source{fd, 0, size}.read_all(bytes, size));
  ::close(fd);
  return bytes;
}

}  // namespace gallra::test

#include "scanner/support/small_file.hpp"

#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace gallra {
namespace {

using Kind = FileProblem::Kind;

tl::expected<std::string, FileProblem> read_open(int fd) {
  struct stat st {};
  if (::fstat(fd, &st) != 0) return tl::unexpected(FileProblem{Kind::kSystem, errno});
  if (S_ISDIR(st.st_mode)) return tl::unexpected(FileProblem{Kind::kSystem, EISDIR});
  if (!S_ISREG(st.st_mode)) return tl::unexpected(FileProblem{Kind::kNotRegular, 0});
  std::string content(kMaxSmallFileBytes + 1, '\0');
  std::size_t size = 0;
  while (size < content.size()) {
    const ssize_t n = ::read(fd, content.data() + size, content.size() - size);
    if (n < 0) return tl::unexpected(FileProblem{Kind::kSystem, errno});
    if (n == 0) break;
    size += static_cast<std::size_t>(n);
  }
  if (size > kMaxSmallFileBytes) return tl::unexpected(FileProblem{Kind::kTooLarge, 0});
  content.resize(size);
  return content;
}

}  // namespace

std::string FileProblem::text(Lang lang) const {
  if (kind == Kind::kSystem) return errno_text(lang, error);
  return std::string(
      gallra::text(lang, kind == Kind::kTooLarge ? "file.too_large" : "file.not_regular"));
}

tl::expected<std::string, FileProblem> read_small_file(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return tl::unexpected(FileProblem{Kind::kSystem, errno});
  auto content = read_open(fd);
  ::close(fd);
  return content;
}

}  // namespace gallra

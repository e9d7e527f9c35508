#include "scanner/support/small_file.hpp"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace gallra {
namespace {

using Kind = FileProblem::Kind;

tl::expected<std::string, FileProblem> read_open(int fd, std::size_t limit) {
  struct stat st {};
  if (::fstat(fd, &st) != 0) return tl::unexpected(FileProblem{Kind::kSystem, errno});
  if (S_ISDIR(st.st_mode)) return tl::unexpected(FileProblem{Kind::kSystem, EISDIR});
  if (!S_ISREG(st.st_mode)) return tl::unexpected(FileProblem{Kind::kNotRegular, 0});
  std::string content;
  std::array<char, 65536> buffer{};
  ssize_t n = 0;
  while ((n = ::read(fd, buffer.data(), buffer.size())) > 0) {
    content.append(buffer.data(), static_cast<std::size_t>(n));
    if (content.size() > limit) return tl::unexpected(FileProblem{Kind::kTooLarge, 0});
  }
  if (n < 0) return tl::unexpected(FileProblem{Kind::kSystem, errno});
  return content;
}

}  // namespace

std::string FileProblem::text(Lang lang) const {
  if (kind == Kind::kSystem) return errno_text(lang, error);
  return std::string(
      gallra::text(lang, kind == Kind::kTooLarge ? "file.too_large" : "file.not_regular"));
}

tl::expected<std::string, FileProblem> read_small_file(const std::string& path, std::size_t limit) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return tl::unexpected(FileProblem{Kind::kSystem, errno});
  auto content = read_open(fd, limit);
  ::close(fd);
  return content;
}

}  // namespace gallra

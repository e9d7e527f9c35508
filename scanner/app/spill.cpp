#include "scanner/app/spill.hpp"

#include <cerrno>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <unistd.h>

namespace gallra::app {

Spill::Spill(std::string state_dir, std::uint64_t max_in_memory)
    : state_dir_(std::move(state_dir)), max_in_memory_(max_in_memory) {}

Spill::~Spill() {
  if (fd_ >= 0) ::close(fd_);
}

bool Spill::add(std::span<const std::byte> bytes) {
  if (fd_ < 0) fd_ = ::memfd_create("gallra", MFD_CLOEXEC);
  if (fd_ < 0) return false;
  if (!on_disk_ && size_ + bytes.size() > max_in_memory_ && !move_to_disk()) return false;
  return write_all(bytes);
}

bool Spill::write_all(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::pwrite(fd_, bytes.data(), bytes.size(), static_cast<off_t>(size_));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    size_ += static_cast<std::uint64_t>(n);
    bytes = bytes.subspan(static_cast<std::size_t>(n));
  }
  return true;
}

bool Spill::move_to_disk() {
  const int disk = ::open(state_dir_.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC | O_EXCL, 0600);
  if (disk < 0) return false;
  off_t at = 0;
  while (static_cast<std::uint64_t>(at) < size_) {
    const ssize_t n = ::sendfile(disk, fd_, &at, size_ - static_cast<std::uint64_t>(at));
    if (n <= 0) {
      ::close(disk);
      return false;
    }
  }
  ::close(fd_);
  fd_ = disk;
  on_disk_ = true;
  return true;
}

}  // namespace gallra::app

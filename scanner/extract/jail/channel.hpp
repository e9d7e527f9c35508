// Sockets between engine, zygote and workers: whole messages, descriptors, nothing else.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

namespace gallra::jail {

// A descriptor that closes itself.
class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(other.release()) {}
  Fd& operator=(Fd&& other) noexcept;
  ~Fd() { reset(); }
  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }
  int release();
  void reset(int fd = -1);

 private:
  int fd_ = -1;
};

inline constexpr std::size_t kMaxPassedFds = 16;

// Sends all bytes, the descriptors with the first of them. Never raises SIGPIPE. False: the other
// end is gone.
bool send_all(int socket, std::string_view bytes, std::span<const int> fds = {});
// Both pieces as one stream of bytes, with one system call when the socket takes them.
bool send_all(int socket, std::string_view first, std::string_view second);
// One recvmsg; > 0 bytes, 0 = end, -1 = error (errno). Descriptors that came are added to `fds`
// (close-on-exec).
long receive(int socket, std::span<char> into, std::vector<Fd>& fds);

}  // namespace gallra::jail

#include "scanner/extract/jail/listener.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

namespace gallra::jail {

namespace {

using std::chrono::milliseconds;

// Sanitizers map terabytes, so there it is the resident pages that are watched.
#ifdef GALLRA_SANITIZED
std::uint64_t resident_bytes(pid_t process) {
  const std::string path = "/proc/" + std::to_string(process) + "/statm";
  const std::unique_ptr<FILE, int (*)(FILE*)> file(std::fopen(path.c_str(), "re"), std::fclose);
  unsigned long long all = 0;
  unsigned long long resident = 0;
  if (file == nullptr || std::fscanf(file.get(), "%llu %llu", &all, &resident) != 2) return 0;
  return resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}
constexpr milliseconds kLongestSlice{50};
#else
constexpr milliseconds kLongestSlice{1000};
#endif

}  // namespace

void Listener::attach(int socket, pid_t worker) {
  socket_ = socket;
  worker_ = worker;
  start_ = end_ = 0;
  slice_ = milliseconds(0);
  if (::clock_getcpuclockid(worker, &cpu_clock_) != 0) cpu_clock_ = -1;
#ifdef GALLRA_SANITIZED
  resident_at_attach_ = resident_bytes(worker);
#endif
}

std::chrono::nanoseconds Listener::cpu_used() const {
  timespec used{};
  if (cpu_clock_ == -1 || ::clock_gettime(cpu_clock_, &used) != 0) return {};
  return std::chrono::seconds(used.tv_sec) + std::chrono::nanoseconds(used.tv_nsec);
}

void Listener::set_slice(milliseconds slice) {
  if (slice == slice_) return;
  slice_ = slice;
  const timeval time{slice.count() / 1000, (slice.count() % 1000) * 1000};
  ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time);
}

void Listener::begin(const Limits& limits) {
  limits_ = limits;
  deadline_ = Clock::time_point::max();
  cpu_at_begin_ = cpu_used();
  checked_ = Clock::now();
  const milliseconds shortest = std::min<milliseconds>(limits.max_cpu, limits.max_silence);
  set_slice(std::clamp(shortest / 8, milliseconds(20), kLongestSlice));
}

void Listener::last_words(milliseconds grace) {
  deadline_ = Clock::now() + grace;
  set_slice(grace / 4);
}

bool Listener::take_frame(wire::FrameHead& head, std::string_view& body) {
  if (end_ - start_ < sizeof head) return false;
  std::memcpy(&head, buffer_.data() + start_, sizeof head);
  if (head.size > wire::kMaxFrame || end_ - start_ - sizeof head < head.size) return false;
  body = {buffer_.data() + start_ + sizeof head, head.size};
  start_ += sizeof head + head.size;
  return true;
}

Listener::Heard Listener::check_budgets() {
  const Clock::time_point now = Clock::now();
  // Only time we were awake counts: a paused or suspended machine is not the worker's silence.
  silent_ += std::min<std::chrono::nanoseconds>(now - woken_, 2 * slice_);
  woken_ = now;
  if (deadline_ != Clock::time_point::max())
    return now < deadline_ ? Heard::kFrame : Heard::kSilence;
  if (silent_ >= limits_.max_silence) return Heard::kSilence;
  if (now - checked_ < slice_) return Heard::kFrame;
  checked_ = now;
  if (cpu_used() - cpu_at_begin_ >= limits_.max_cpu) return Heard::kCpu;
#ifdef GALLRA_SANITIZED
  if (resident_bytes(worker_) > resident_at_attach_ + limits_.max_memory_bytes)
    return Heard::kMemory;
#endif
  return Heard::kFrame;
}

Listener::Heard Listener::next(wire::FrameHead& head, std::string_view& body) {
  if (take_frame(head, body)) return Heard::kFrame;
  silent_ = {};
  woken_ = Clock::now();
  for (;;) {
    if (end_ - start_ >= sizeof head && head.size > wire::kMaxFrame) return Heard::kBreach;
    if (start_ > 0) {
      std::memmove(buffer_.data(), buffer_.data() + start_, end_ - start_);
      end_ -= start_;
      start_ = 0;
    }
    // Descriptors that a worker may have attached are dropped by the kernel: no room is offered.
    const ssize_t got = ::recv(socket_, buffer_.data() + end_, buffer_.size() - end_, 0);
    const int error = errno;
    if (got == 0 || (got < 0 && error != EAGAIN && error != EINTR)) return Heard::kGone;
    if (got > 0) {
      end_ += static_cast<std::size_t>(got);
      silent_ = {};
      woken_ = Clock::now();
    }
    // A steady trickle is no excuse for using up the CPU.
    const Heard budget = check_budgets();
    if (budget != Heard::kFrame) return budget;
    if (take_frame(head, body)) return Heard::kFrame;
  }
}

}  // namespace gallra::jail

// Waits for a worker's frames and watches its budgets of CPU, silence and memory meanwhile.
#pragma once

#include <chrono>
#include <cstddef>
#include <ctime>
#include <string_view>
#include <sys/types.h>
#include <vector>

#include "scanner/extract/jail/wire.hpp"
#include "scanner/model/limits.hpp"

namespace gallra::jail {

class Listener {
 public:
  enum class Heard { kFrame, kGone, kBreach, kCpu, kSilence, kMemory };

  Listener() : buffer_(wire::kMaxFrame + sizeof(wire::FrameHead)) {}

  // A new worker.
  void attach(int socket, pid_t worker);
  // A new document: its budgets begin now.
  void begin(const Limits& limits);
  // The next frame; `body` lives until the next call. Time spent outside this call is no silence.
  Heard next(wire::FrameHead& head, std::string_view& body);
  // The budgets are used up and the worker was told to stop: what follows within `grace` is still
  // heard.
  void last_words(std::chrono::milliseconds grace);
  // No bytes are left over behind the last frame.
  bool drained() const { return start_ == end_; }

 private:
  using Clock = std::chrono::steady_clock;
  bool take_frame(wire::FrameHead& head, std::string_view& body);
  Heard check_budgets();
  void set_slice(std::chrono::milliseconds slice);
  std::chrono::nanoseconds cpu_used() const;

  std::vector<char> buffer_;
  std::size_t start_ = 0;
  std::size_t end_ = 0;
  int socket_ = -1;
  pid_t worker_ = -1;
  clockid_t cpu_clock_ = -1;
  Limits limits_;
  std::chrono::nanoseconds cpu_at_begin_{0};
  std::chrono::milliseconds slice_{0};
  std::uint64_t resident_at_attach_ = 0;  // sanitizer builds
  std::chrono::nanoseconds silent_{0};
  Clock::time_point woken_;
  Clock::time_point checked_;
  Clock::time_point deadline_ = Clock::time_point::max();
};

}  // namespace gallra::jail

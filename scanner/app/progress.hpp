// Tells a person how the scan goes: two live lines on a terminal, plain lines elsewhere, never on
// stdout.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "scanner/app/file_reader.hpp"
#include "scanner/support/text.hpp"

namespace gallra::app {

class Progress {
 public:
  // `mode`: auto | tty | plain | none (then only SIGUSR1 is answered). `label`: what is scanned.
  // `count` gives how many objects the walk will meet, for the time left; it runs in a thread of
  // its own, and ends early once its argument is set.
  Progress(const std::string& mode, Lang lang, std::string label,
           std::function<std::uint64_t(const std::atomic<bool>&)> count, const Counters& counters,
           const std::atomic<bool>& stopping);
  ~Progress();  // removes the live lines

 private:
  void run();
  void count_ahead(const std::function<std::uint64_t(const std::atomic<bool>&)>& count);
  void draw_live();
  void say_plain();
  std::string rates() const;
  std::string time_left() const;

  const Lang lang_;
  const std::string label_;
  std::atomic<std::uint64_t> expected_{0};  // 0 = not counted yet
  const Counters& counters_;
  const std::atomic<bool>& stopping_;
  const std::chrono::steady_clock::time_point started_;
  bool live_ = false, silent_ = false;
  bool drawn_ = false;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool done_ = false;  // guarded by mutex_
  std::atomic<bool> stop_counting_{false};
  std::thread thread_, counting_;
};

}  // namespace gallra::app

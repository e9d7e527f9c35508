// Tells a person how the scan goes: two live lines on a terminal, plain lines elsewhere, never on
// stdout.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

#include "scanner/app/file_reader.hpp"
#include "scanner/support/text.hpp"

namespace gallra::app {

class Progress {
 public:
  // `mode`: auto | tty | plain | none. `label`: what is scanned. `expected`: files of the last
  // sweep over the same sources, for the time left; 0 = unknown.
  Progress(const std::string& mode, Lang lang, std::string label, std::uint64_t expected,
           const Counters& counters, const std::atomic<bool>& stopping);
  ~Progress();  // removes the live lines

 private:
  void run();
  void draw_live();
  void say_plain();
  std::string rates() const;
  std::string time_left() const;

  const Lang lang_;
  const std::string label_;
  const std::uint64_t expected_;
  const Counters& counters_;
  const std::atomic<bool>& stopping_;
  const std::chrono::steady_clock::time_point started_;
  bool live_ = false;
  bool drawn_ = false;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool done_ = false;  // guarded by mutex_
  std::thread thread_;
};

}  // namespace gallra::app

// The fork server: a small process that prepared every reader once and forks confined workers on
// request. The keeper forks it.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <sys/types.h>
#include <tl/expected.hpp>

#include "scanner/extract/jail/channel.hpp"
#include "scanner/extract/jail/jail.hpp"

namespace gallra::jail {

// The engine's end. Threads: any; one request at a time.
class ZygoteLink {
 public:
  // Waits until the zygote at the other end of `control` is ready.
  static tl::expected<std::shared_ptr<ZygoteLink>, std::string> meet(Fd control);
  ~ZygoteLink() = default;  // it hears that, ends its workers and itself
  ZygoteLink(const ZygoteLink&) = delete;
  ZygoteLink& operator=(const ZygoteLink&) = delete;

  struct Child {
    pid_t pid = -1;
    Fd socket;
  };
  // pid -1: the zygote is gone, or no process could be made.
  Child fork_worker();
  // Asks the worker to send what it has and to leave.
  void soft_stop(pid_t worker);
  // Ends the worker and tells how it had ended (a wait status; -1 = not known). `wait`: for a
  // status.
  int end(pid_t worker, bool wait);
  // It did not answer; its workers are gone too.
  bool is_gone() const { return gone_; }

  const Strength& strength() const { return strength_; }

 private:
  ZygoteLink() = default;
  struct Answer;
  Answer ask(int what, pid_t worker);
  bool exchange(int what, pid_t worker, Answer& answer);

  std::mutex mutex_;
  Fd control_;  // guarded by mutex_
  std::atomic<bool> gone_{false};
  Strength strength_;
};

// The life of the zygote, in the process that was forked for it.
[[noreturn]] void zygote_main(std::span<const extract::ExtractorEntry* const> extractors,
                              const Limits& limits, int control);

}  // namespace gallra::jail

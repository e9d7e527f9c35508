// The fork server: a small process that prepared every reader once and forks confined workers on
// request.
#pragma once

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
  static tl::expected<std::shared_ptr<ZygoteLink>, std::string> start(
      std::span<const extract::ExtractorEntry* const> extractors, const Limits& limits);
  ~ZygoteLink();
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

  const Strength& strength() const { return strength_; }

 private:
  ZygoteLink() = default;
  struct Answer;
  Answer ask(int what, pid_t worker);

  std::mutex mutex_;
  Fd control_;  // guarded by mutex_
  pid_t zygote_ = -1;
  Strength strength_;
};

}  // namespace gallra::jail

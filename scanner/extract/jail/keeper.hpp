// The keeper: a process that does nothing but fork zygotes. The engine has threads and data by the
// time a zygote may have to be replaced, and cannot fork one itself.
#pragma once

#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <sys/types.h>
#include <tl/expected.hpp>

#include "scanner/extract/jail/channel.hpp"
#include "scanner/extract/jail/jail.hpp"
#include "scanner/extract/jail/zygote.hpp"

namespace gallra::jail {

// The engine's end. Threads: any.
class Keeper {
 public:
  // Forks: call it while there is one thread.
  static tl::expected<std::shared_ptr<Keeper>, std::string> start(
      std::span<const extract::ExtractorEntry* const> extractors, const Limits& limits);
  ~Keeper();  // ends the zygote
  Keeper(const Keeper&) = delete;
  Keeper& operator=(const Keeper&) = delete;

  // The zygote that serves now: a new one when the last has died. nullptr: none can be had, and
  // none will be.
  std::shared_ptr<ZygoteLink> zygote();
  // Why there is no zygote any more; "" = there is one.
  std::string lost() const;
  const Strength& strength() const { return strength_; }

 private:
  Keeper() = default;
  tl::expected<std::shared_ptr<ZygoteLink>, std::string> new_zygote();

  pid_t process_ = -1;
  Strength strength_;
  mutable std::mutex mutex_;
  Fd control_;  // guarded by mutex_, as all below
  std::shared_ptr<ZygoteLink> zygote_;
  std::string lost_;
};

}  // namespace gallra::jail

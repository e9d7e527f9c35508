#include "scanner/extract/jail/keeper.hpp"

#include <cerrno>
#include <csignal>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <system_error>
#include <thread>
#include <unistd.h>
#include <vector>

#include "scanner/extract/jail/process.hpp"

namespace gallra::jail {

namespace {

using namespace std::chrono_literals;

// What was short (processes, memory) may come back, and to wait for it costs less than the
// documents that would go unread meanwhile.
constexpr std::chrono::seconds kRests[] = {0s, 1s, 2s, 4s};

void wait_for(pid_t child) {
  while (::waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
  }
}

class KeeperProcess {
 public:
  KeeperProcess(std::span<const extract::ExtractorEntry* const> extractors, const Limits& limits)
      : extractors_(extractors), limits_(limits) {}

  // Every byte on the socket asks for a new zygote; the answer is errno, with it the socket of the
  // zygote.
  [[noreturn]] void run(pid_t engine, int control) {
    die_with(engine);
    ::prctl(PR_SET_NAME, "gallra-keeper", 0, 0, 0);
    keep_only(control, kControl);
    leave_terminal();
    char question = 0;
    std::vector<Fd> none;
    while (receive(kControl, {&question, 1}, none) == 1) {
      end_zygote();
      Fd socket;
      const int error = fork_zygote(socket);
      const int fd = socket.get();
      if (!send_all(kControl, {reinterpret_cast<const char*>(&error), sizeof error},
                    {&fd, error == 0 ? 1u : 0u}))
        break;
    }
    end_zygote();
    ::_exit(0);
  }

 private:
  static constexpr int kControl = 3;

  int fork_zygote(Fd& socket) {
    Fd theirs;
    if (!make_pair(SOCK_SEQPACKET, socket, theirs)) return errno;
    zygote_ = ::fork();
    if (zygote_ == 0) zygote_main(extractors_, limits_, theirs.get());
    return zygote_ < 0 ? errno : 0;
  }

  // Its workers die with it.
  void end_zygote() {
    if (zygote_ <= 0) return;
    ::kill(zygote_, SIGKILL);
    wait_for(zygote_);
    zygote_ = -1;
  }

  std::span<const extract::ExtractorEntry* const> extractors_;
  const Limits limits_;
  pid_t zygote_ = -1;
};

bool as_strong(const Strength& now, const Strength& then) {
  return now.seccomp == then.seccomp && now.landlock == then.landlock &&
         now.network_cut == then.network_cut;
}

}  // namespace

tl::expected<std::shared_ptr<Keeper>, std::string> Keeper::start(
    std::span<const extract::ExtractorEntry* const> extractors, const Limits& limits) {
  Fd ours;
  Fd theirs;
  if (!make_pair(SOCK_SEQPACKET, ours, theirs))
    return tl::unexpected("socketpair: " + std::generic_category().message(errno));
  const pid_t engine = ::getpid();
  const pid_t process = ::fork();
  if (process < 0) return tl::unexpected("fork: " + std::generic_category().message(errno));
  if (process == 0) KeeperProcess(extractors, limits).run(engine, theirs.get());
  theirs.reset();
  std::shared_ptr<Keeper> keeper(new Keeper());
  keeper->process_ = process;
  keeper->control_ = std::move(ours);
  auto zygote = keeper->new_zygote();
  if (!zygote) zygote = keeper->new_zygote();  // it may have been killed while it prepared
  if (!zygote) return tl::unexpected(zygote.error());
  keeper->strength_ = (*zygote)->strength();
  keeper->zygote_ = std::move(*zygote);
  return keeper;
}

Keeper::~Keeper() {
  zygote_.reset();
  control_.reset();
  wait_for(process_);
}

tl::expected<std::shared_ptr<ZygoteLink>, std::string> Keeper::new_zygote() {
  int error = 0;
  std::vector<Fd> fds;
  if (!send_all(control_.get(), "?") ||
      receive(control_.get(), {reinterpret_cast<char*>(&error), sizeof error}, fds) !=
          sizeof error) {
    control_.reset();
    return tl::unexpected(std::string("the process that keeps the sandbox is gone"));
  }
  if (error != 0) return tl::unexpected("fork: " + std::generic_category().message(error));
  if (fds.size() != 1) return tl::unexpected(std::string("no descriptor is free"));
  return ZygoteLink::meet(std::move(fds.front()));
}

std::shared_ptr<ZygoteLink> Keeper::zygote() {
  const std::lock_guard lock(mutex_);
  if (zygote_ != nullptr && !zygote_->is_gone()) return zygote_;
  if (!lost_.empty()) return nullptr;
  zygote_.reset();
  std::string problem;
  for (const std::chrono::seconds rest : kRests) {
    std::this_thread::sleep_for(rest);
    auto zygote = new_zygote();
    // The run has told how strong its jail is.
    if (zygote && !as_strong((*zygote)->strength(), strength_))
      zygote = tl::unexpected(std::string("the new sandbox is not as strong as the first"));
    if (zygote) return zygote_ = std::move(*zygote);
    problem = zygote.error();
    if (!control_) break;
  }
  lost_ = problem;
  return nullptr;
}

std::string Keeper::lost() const {
  const std::lock_guard lock(mutex_);
  return lost_;
}

}  // namespace gallra::jail

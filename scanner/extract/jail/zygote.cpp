#include "scanner/extract/jail/zygote.hpp"

#include <algorithm>
#include <cerrno>
#include <clocale>
#include <csignal>
#include <cstdlib>
#include <ctime>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

#include "scanner/extract/jail/confine.hpp"
#include "scanner/extract/jail/media_type.hpp"
#include "scanner/extract/jail/process.hpp"
#include "scanner/extract/jail/worker_main.hpp"

namespace gallra::jail {

namespace {

enum What : int { kFork, kSoftStop, kEnd, kEndAndWait };

struct Question {
  int what = kFork;
  pid_t worker = -1;
};
struct Reply {
  pid_t worker = -1;
  int status = -1;
};
struct Ready {
  std::uint8_t seccomp = 0;
  std::uint8_t landlock = 0;
  std::uint8_t network_cut = 0;
  std::uint8_t usable = 0;
  int landlock_abi = 0;
  char problem[512] = {};
};

class ZygoteProcess {
 public:
  ZygoteProcess(std::span<const extract::ExtractorEntry* const> extractors, const Limits& limits)
      : extractors_(extractors), limits_(limits) {}

  [[noreturn]] void run(int control) {
    ::prctl(PR_SET_NAME, "gallra-zygote", 0, 0, 0);
    keep_only(control, kControl);
    sigset_t chosen;
    sigemptyset(&chosen);
    sigaddset(&chosen, SIGCHLD);                   // taken by sigtimedwait
    ::sigprocmask(SIG_SETMASK, &chosen, nullptr);  // NOLINT(concurrency-mt-unsafe)
    prepare();
    const Ready ready = confine();
    if (!send_all(kControl, {reinterpret_cast<const char*>(&ready), sizeof ready})) ::_exit(0);
    if (ready.usable != 0) serve();
    ::_exit(0);
  }

 private:
  static constexpr int kControl = 3;

  void prepare() const {
    // libarchive gives no name at all for non-ASCII ones in the C locale.
    std::setlocale(LC_CTYPE, "C.UTF-8");  // NOLINT(concurrency-mt-unsafe)
    // With TZ set, glibc reads the zone once and does not look for its file at every call.
    ::setenv("TZ", ":/etc/localtime", 0);  // NOLINT(concurrency-mt-unsafe)
    ::tzset();
    load_media_types();
    for (const extract::ExtractorEntry* entry : extractors_)
      if (entry->prepare != nullptr) entry->prepare();
  }

  Ready confine() {
    const std::uint64_t mapped = mapped_now();
#ifdef GALLRA_SANITIZED
    address_space_ = 0;
#else
    address_space_ = mapped == 0 ? 0 : mapped + limits_.max_memory_bytes;
#endif
    Strength strength;
    if (mapped == 0) strength.problem = "memory limit: /proc is not there";
    // Compiled before writing is taken away; Landlock's answer decides which of the two is used.
    const auto with_files = build_syscall_filter(true);
    const auto without_files = build_syscall_filter(false);
    give_up_shared_rights(strength);
    std::string refused;
    if (with_files && without_files) {
      filter_ = strength.landlock ? *with_files : *without_files;
      refused = try_to_break_out(filter_);
    } else {
      refused = with_files ? without_files.error() : with_files.error();
    }
    strength.seccomp = refused.empty();
    if (!refused.empty()) {
      filter_.clear();
      strength.problem += (strength.problem.empty() ? "seccomp: " : "; seccomp: ") + refused;
    }
    return ready(strength);
  }

  static Ready ready(const Strength& strength) {
    Ready ready;
    ready.seccomp = strength.seccomp ? 1 : 0;
    ready.landlock = strength.landlock ? 1 : 0;
    ready.network_cut = strength.network_cut ? 1 : 0;
    ready.landlock_abi = strength.landlock_abi;
    // With neither, a worker could read every file of the account: then there is no jail.
    ready.usable = strength.seccomp || strength.landlock ? 1 : 0;
    strength.problem.copy(ready.problem, sizeof ready.problem - 1);
    return ready;
  }

  [[noreturn]] void serve() {
    for (;;) {
      Question question;
      const ssize_t got = ::recv(kControl, &question, sizeof question, 0);
      if (got < 0 && errno == EINTR) continue;
      if (got != sizeof question) break;
      reap();
      Fd socket;
      const Reply reply = answer(question, socket);
      const int fd = socket.get();
      if (!send_all(kControl, {reinterpret_cast<const char*>(&reply), sizeof reply},
                    {&fd, fd >= 0 ? 1u : 0u}))
        break;
    }
    for (const pid_t worker : workers_) ::kill(worker, SIGKILL);
    ::_exit(0);
  }

  Reply answer(const Question& question, Fd& socket) {
    switch (question.what) {
      case kFork:
        return {fork_worker(socket), -1};
      case kSoftStop:
        if (is_ours(question.worker)) ::kill(question.worker, soft_stop_signal());
        return {question.worker, -1};
      case kEnd:
      case kEndAndWait:
        return {question.worker, end(question.worker, question.what == kEndAndWait)};
      default:
        return {};
    }
  }

  // A worker stays in the table, and so keeps its pid, until the engine has asked for its end.
  bool is_ours(pid_t worker) const {
    return std::find(workers_.begin(), workers_.end(), worker) != workers_.end();
  }

  pid_t fork_worker(Fd& socket) {
    Fd theirs;
    if (!make_pair(SOCK_STREAM, socket, theirs)) return -1;
    const pid_t zygote = ::getpid();
    const pid_t worker = ::fork();
    if (worker == 0) become_worker(zygote, theirs.get());
    if (worker < 0)
      socket.reset();
    else
      workers_.push_back(worker);
    return worker;
  }

  [[noreturn]] void become_worker(pid_t zygote, int socket) const {
    die_with(zygote);
    ::signal(SIGUSR1, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);  // NOLINT(concurrency-mt-unsafe)
    keep_only(socket, kWorkerSocket);
    worker_main({extractors_, &filter_, address_space_, limits_.max_memory_bytes});
  }

  int end(pid_t worker, bool wait) {
    if (!is_ours(worker)) return -1;
    std::erase(workers_, worker);
    int status = -1;
    // Dead already: the status tells of what.
    if (::waitpid(worker, &status, WNOHANG) == worker) return status;
    ::kill(worker, SIGKILL);
    ending_.push_back(worker);
    // A second at most: a process in a dead mount's hands cannot be waited for.
    const timespec nap{0, 10'000'000};
    sigset_t child;
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    for (int i = 0; wait && i < 100; ++i) {
      if (::waitpid(worker, &status, WNOHANG) == worker) {
        std::erase(ending_, worker);
        return status;
      }
      ::sigtimedwait(&child, nullptr, &nap);
    }
    return -1;
  }

  void reap() {
    std::erase_if(ending_, [](pid_t worker) { return ::waitpid(worker, nullptr, WNOHANG) != 0; });
  }

  std::span<const extract::ExtractorEntry* const> extractors_;
  const Limits limits_;
  SyscallFilter filter_;
  std::uint64_t address_space_ = 0;
  std::vector<pid_t> workers_;
  std::vector<pid_t> ending_;
};

}  // namespace

struct ZygoteLink::Answer : Reply {
  Fd socket;
};

void zygote_main(std::span<const extract::ExtractorEntry* const> extractors, const Limits& limits,
                 int control) {
  ZygoteProcess(extractors, limits).run(control);
}

tl::expected<std::shared_ptr<ZygoteLink>, std::string> ZygoteLink::meet(Fd control) {
  Ready ready;
  ssize_t got = -1;
  do got = ::recv(control.get(), &ready, sizeof ready, 0);
  while (got < 0 && errno == EINTR);
  if (got != sizeof ready) return tl::unexpected(std::string("the sandbox process died at start"));
  ready.problem[sizeof ready.problem - 1] = '\0';
  if (ready.usable == 0) return tl::unexpected(std::string(ready.problem));
  std::shared_ptr<ZygoteLink> link(new ZygoteLink());
  link->control_ = std::move(control);
  link->strength_ = {ready.seccomp != 0, ready.landlock != 0, ready.landlock_abi,
                     ready.network_cut != 0, ready.problem};
  return link;
}

ZygoteLink::Answer ZygoteLink::ask(int what, pid_t worker) {
  const std::lock_guard lock(mutex_);
  Answer answer;
  if (!gone_ && !exchange(what, worker, answer)) gone_ = true;
  return answer;
}

bool ZygoteLink::exchange(int what, pid_t worker, Answer& answer) {
  const Question question{what, worker};
  if (!send_all(control_.get(), {reinterpret_cast<const char*>(&question), sizeof question}))
    return false;
  Reply reply;
  std::vector<Fd> fds;
  const long got = receive(control_.get(), {reinterpret_cast<char*>(&reply), sizeof reply}, fds);
  if (got != sizeof reply) return false;
  static_cast<Reply&>(answer) = reply;
  if (!fds.empty()) answer.socket = std::move(fds.front());
  return true;
}

ZygoteLink::Child ZygoteLink::fork_worker() {
  Answer answer = ask(kFork, -1);
  if (answer.worker < 0) return {};
  if (!answer.socket) {  // the engine has no descriptor free for it
    end(answer.worker, false);
    return {};
  }
  return {answer.worker, std::move(answer.socket)};
}

void ZygoteLink::soft_stop(pid_t worker) { ask(kSoftStop, worker); }

int ZygoteLink::end(pid_t worker, bool wait) {
  return ask(wait ? kEndAndWait : kEnd, worker).status;
}

}  // namespace gallra::jail

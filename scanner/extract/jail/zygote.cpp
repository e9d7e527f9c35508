#include "scanner/extract/jail/zygote.hpp"

#include <algorithm>
#include <cerrno>
#include <clocale>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

#include "scanner/extract/jail/confine.hpp"
#include "scanner/extract/jail/media_type.hpp"
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

bool make_pair(int type, Fd& one, Fd& other) {
  int ends[2] = {-1, -1};
  if (::socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, ends) != 0) return false;
  one.reset(ends[0]);
  other.reset(ends[1]);
  return true;
}

// A child that outlives its parent would be a stray with a document in its hands.
void die_with(pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  if (::getppid() != parent) ::_exit(0);
}

void close_from(int first) { ::syscall(SYS_close_range, first, ~0u, 0); }

class ZygoteProcess {
 public:
  ZygoteProcess(std::span<const extract::ExtractorEntry* const> extractors, const Limits& limits)
      : extractors_(extractors), limits_(limits) {}

  [[noreturn]] void run(pid_t engine, int control) {
    leave_engine(engine, control);
    prepare();
    const Ready ready = confine(engine);
    if (!send_all(kControl, {reinterpret_cast<const char*>(&ready), sizeof ready})) ::_exit(0);
    if (ready.usable != 0) serve();
    ::_exit(0);
  }

 private:
  static constexpr int kControl = 3;

  // Nothing of the engine's stays open; the terminal's signals are not ours.
  static void leave_engine(pid_t engine, int control) {
    die_with(engine);
    ::prctl(PR_SET_NAME, "gallra-zygote", 0, 0, 0);
    ::setsid();
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE, SIGUSR1, SIGUSR2})
      ::signal(signal, SIG_IGN);
    ::signal(SIGCHLD, SIG_DFL);
    sigset_t chosen;
    sigemptyset(&chosen);
    sigaddset(&chosen, SIGCHLD);  // taken by sigtimedwait
    ::sigprocmask(SIG_SETMASK, &chosen, nullptr);
    if (control != kControl) ::dup3(control, kControl, O_CLOEXEC);
    close_from(kControl + 1);
    const Fd null(::open("/dev/null", O_RDWR | O_CLOEXEC));
    ::dup2(null.get(), 0);
    ::dup2(null.get(), 1);
#ifndef GALLRA_SANITIZED
    ::dup2(null.get(), 2);  // libraries print pieces of documents there
#endif
  }

  void prepare() const {
    // libarchive gives no name at all for non-ASCII ones in the C locale.
    std::setlocale(LC_CTYPE, "C.UTF-8");
    // With TZ set, glibc reads the zone once and does not look for its file at every call.
    ::setenv("TZ", ":/etc/localtime", 0);
    ::tzset();
    load_media_types();
    for (const extract::ExtractorEntry* entry : extractors_)
      if (entry->prepare != nullptr) entry->prepare();
  }

  Ready confine(pid_t engine) {
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
    die_with(engine);  // the kernel forgets it when credentials change
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
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    if (socket != kWorkerSocket) ::dup3(socket, kWorkerSocket, O_CLOEXEC);
    close_from(kWorkerSocket + 1);
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

tl::expected<std::shared_ptr<ZygoteLink>, std::string> ZygoteLink::start(
    std::span<const extract::ExtractorEntry* const> extractors, const Limits& limits) {
  Fd ours;
  Fd theirs;
  if (!make_pair(SOCK_SEQPACKET, ours, theirs))
    return tl::unexpected(std::string("socketpair: ") + std::strerror(errno));
  const pid_t engine = ::getpid();
  const pid_t zygote = ::fork();
  if (zygote < 0) return tl::unexpected(std::string("fork: ") + std::strerror(errno));
  if (zygote == 0) ZygoteProcess(extractors, limits).run(engine, theirs.get());
  theirs.reset();

  std::shared_ptr<ZygoteLink> link(new ZygoteLink());
  link->zygote_ = zygote;
  link->control_ = std::move(ours);
  Ready ready;
  ssize_t got = -1;
  do got = ::recv(link->control_.get(), &ready, sizeof ready, 0);
  while (got < 0 && errno == EINTR);
  if (got != sizeof ready) return tl::unexpected(std::string("the sandbox process died at start"));
  ready.problem[sizeof ready.problem - 1] = '\0';
  if (ready.usable == 0) return tl::unexpected(std::string(ready.problem));
  link->strength_ = {ready.seccomp != 0, ready.landlock != 0, ready.landlock_abi,
                     ready.network_cut != 0, ready.problem};
  return link;
}

ZygoteLink::~ZygoteLink() {
  control_.reset();  // the zygote ends its workers and itself
  while (::waitpid(zygote_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

ZygoteLink::Answer ZygoteLink::ask(int what, pid_t worker) {
  const std::lock_guard lock(mutex_);
  const Question question{what, worker};
  Answer answer;
  if (!send_all(control_.get(), {reinterpret_cast<const char*>(&question), sizeof question}))
    return answer;
  Reply reply;
  std::vector<Fd> fds;
  const long got = receive(control_.get(), {reinterpret_cast<char*>(&reply), sizeof reply}, fds);
  if (got != sizeof reply) return answer;
  static_cast<Reply&>(answer) = reply;
  if (!fds.empty()) answer.socket = std::move(fds.front());
  return answer;
}

ZygoteLink::Child ZygoteLink::fork_worker() {
  Answer answer = ask(kFork, -1);
  if (answer.worker < 0 || !answer.socket) return {};
  return {answer.worker, std::move(answer.socket)};
}

void ZygoteLink::soft_stop(pid_t worker) { ask(kSoftStop, worker); }

int ZygoteLink::end(pid_t worker, bool wait) {
  return ask(wait ? kEndAndWait : kEnd, worker).status;
}

}  // namespace gallra::jail

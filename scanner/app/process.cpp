#include "scanner/app/process.hpp"

#include <atomic>
#include <cerrno>
#include <clocale>
#include <csignal>
#include <cstdio>
#include <fcntl.h>
#include <poll.h>
#include <string>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

namespace gallra::app {
namespace {

std::atomic<Stop*> the_stop{nullptr};
std::atomic<int> the_signal{0};
std::atomic<bool> the_question{false};
static_assert(std::atomic<Stop*>::is_always_lock_free && std::atomic<bool>::is_always_lock_free);

void on_signal(int signal) {
  Stop* stop = the_stop.load();
  // A closing terminal may say so twice without anybody being in a hurry.
  const int before = the_signal.exchange(signal == SIGHUP ? SIGTERM : signal);
  if (before != 0 && signal != SIGHUP && stop != nullptr) stop->now = true;
  if (stop != nullptr) stop->gently = true;
}

// The kernel says so of a pipe or socket whose other end is closed.
bool reader_has_left() {
  pollfd out{STDOUT_FILENO, POLLOUT, 0};
  return ::poll(&out, 1, 0) == 1 && (out.revents & POLLERR) != 0;
}

}  // namespace

void fill_standard_streams() {
  // Opened the wrong way round, so that reading or writing them fails as it would have done.
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    if (::fcntl(fd, F_GETFD) == -1 && errno == EBADF)
      (void)::open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

void tell(std::string_view line) {
  std::string whole(line);
  whole += '\n';
  (void)std::fwrite(whole.data(), 1, whole.size(), stderr);
}

bool finish_output() {
  const bool written = std::fflush(stdout) == 0 && std::ferror(stdout) == 0;
  return written || reader_has_left();
}

void harden_process() {
  ::prctl(PR_SET_DUMPABLE, 0);
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
  std::setlocale(LC_CTYPE, "C.UTF-8");  // NOLINT(concurrency-mt-unsafe): before any thread
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGUSR1, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);  // a limit on file sizes is then a failed write, and told
}

void stop_on_signals(Stop& stop) {
  the_stop = &stop;
  struct sigaction action {};
  action.sa_handler = on_signal;
  ::sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESTART;
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
  struct sigaction inherited {};
  ::sigaction(SIGHUP, nullptr, &inherited);
  if (inherited.sa_handler != SIG_IGN) ::sigaction(SIGHUP, &action, nullptr);  // else: nohup
}

int last_signal() { return the_signal; }

void listen_for_questions() {
  struct sigaction action {};
  action.sa_handler = [](int) { the_question = true; };
  ::sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESTART;
  ::sigaction(SIGUSR1, &action, nullptr);
}

bool was_asked() { return the_question.exchange(false); }

}  // namespace gallra::app

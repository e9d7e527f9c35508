#include "scanner/app/process.hpp"

#include <atomic>
#include <clocale>
#include <csignal>
#include <sys/prctl.h>
#include <sys/resource.h>

namespace gallra::app {
namespace {

std::atomic<Stop*> the_stop{nullptr};
std::atomic<int> the_signal{0};
static_assert(std::atomic<Stop*>::is_always_lock_free && std::atomic<bool>::is_always_lock_free);

void on_signal(int signal) {
  Stop* stop = the_stop.load();
  if (the_signal.exchange(signal) != 0 && stop != nullptr) stop->now = true;
  if (stop != nullptr) stop->gently = true;
}

}  // namespace

void harden_process() {
  ::prctl(PR_SET_DUMPABLE, 0);
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
  std::setlocale(LC_CTYPE, "C.UTF-8");  // NOLINT(concurrency-mt-unsafe): before any thread
  std::signal(SIGPIPE, SIG_IGN);
}

void stop_on_signals(Stop& stop) {
  the_stop = &stop;
  struct sigaction action {};
  action.sa_handler = on_signal;
  ::sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESTART;
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
}

int last_signal() { return the_signal; }

}  // namespace gallra::app

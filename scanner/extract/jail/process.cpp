#include "scanner/extract/jail/process.hpp"

#include <csignal>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace gallra::jail {

namespace {

constexpr int kFirstFree = 3;  // behind the standard streams

bool lift(Fd& fd) {
  if (fd.get() < kFirstFree) fd.reset(::fcntl(fd.get(), F_DUPFD_CLOEXEC, kFirstFree));
  return static_cast<bool>(fd);
}

}  // namespace

bool make_pair(int type, Fd& one, Fd& other) {
  int ends[2] = {-1, -1};
  if (::socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, ends) != 0) return false;
  one.reset(ends[0]);
  other.reset(ends[1]);
  return lift(one) && lift(other);
}

void die_with(pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  if (::getppid() != parent) ::_exit(0);
}

void keep_only(int fd, int number) {
  if (fd != number) ::dup3(fd, number, O_CLOEXEC);
  ::syscall(SYS_close_range, number + 1, ~0u, 0);
}

void leave_terminal() {
  ::setsid();
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE, SIGUSR1, SIGUSR2})
    ::signal(signal, SIG_IGN);
  ::signal(SIGCHLD, SIG_DFL);
  const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  for (int stream = 0; stream < kFirstFree; ++stream) {
#ifdef GALLRA_SANITIZED
    if (stream == 2 && ::fcntl(2, F_GETFD) >= 0) continue;  // sanitizers report there
#endif
    // To libraries, 2 is a place for pieces of documents. dup2 also takes close-on-exec away.
    if (stream != null) ::dup2(null, stream);
  }
  if (null >= kFirstFree) ::close(null);
}

}  // namespace gallra::jail

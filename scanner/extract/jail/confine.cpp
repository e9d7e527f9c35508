#include "scanner/extract/jail/confine.hpp"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/seccomp.h>
#include <memory>
#include <sched.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "scanner/extract/jail/channel.hpp"

namespace gallra::jail {

namespace {

// The only files a worker may read: poppler's character tables, for PDFs whose fonts bring none.
constexpr const char* kReadable = "/usr/share/poppler";

void add_problem(Strength& strength, const std::string& what) {
  if (!strength.problem.empty()) strength.problem += "; ";
  strength.problem += what;
}

// In a process of one thread.
std::string error_text() { return std::strerror(errno); }  // NOLINT(concurrency-mt-unsafe)

// --- Landlock: its header may be older than the kernel, so the ABI's words are spelled out ---

struct RulesetAttributes {
  std::uint64_t files = 0;
  std::uint64_t network = 0;  // since ABI 4
  std::uint64_t scoped = 0;   // since ABI 6
};
struct __attribute__((packed)) PathAttributes {
  std::uint64_t allowed = 0;
  std::int32_t fd = -1;
};
constexpr std::uint64_t kReadFile = 1u << 2;
constexpr std::uint64_t kReadDir = 1u << 3;
constexpr unsigned kAskVersion = 1;
constexpr int kRulePathBeneath = 1;

RulesetAttributes everything_known_to(int abi) {
  RulesetAttributes all;
  int rights = 13;            // ABI 1: execute, write, read, make, remove
  if (abi >= 2) rights = 14;  // refer
  if (abi >= 3) rights = 15;  // truncate
  if (abi >= 5) rights = 16;  // ioctl on devices
  all.files = (1ull << rights) - 1;
  if (abi >= 4) all.network = 3;  // bind and connect TCP
  if (abi >= 6) all.scoped = 3;   // abstract sockets and signals to outside
  return all;
}

bool allow_reading(int ruleset, const char* path) {
  const Fd folder(::open(path, O_PATH | O_CLOEXEC));
  if (!folder) return true;  // not installed: nothing to allow
  const PathAttributes rule{kReadFile | kReadDir, folder.get()};
  return ::syscall(SYS_landlock_add_rule, ruleset, kRulePathBeneath, &rule, 0) == 0;
}

void close_file_system(Strength& strength) {
  const long abi = ::syscall(SYS_landlock_create_ruleset, nullptr, 0, kAskVersion);
  if (abi < 1) return add_problem(strength, "Landlock: " + error_text());
  const RulesetAttributes attributes = everything_known_to(static_cast<int>(abi));
  const std::size_t size = abi >= 6 ? 24 : abi >= 4 ? 16 : 8;
  const Fd ruleset(static_cast<int>(::syscall(SYS_landlock_create_ruleset, &attributes, size, 0)));
  if (!ruleset || !allow_reading(ruleset.get(), kReadable) ||
      ::syscall(SYS_landlock_restrict_self, ruleset.get(), 0) != 0)
    return add_problem(strength, "Landlock: " + error_text());
  strength.landlock = true;
  strength.landlock_abi = static_cast<int>(abi);
}

// --- network, capabilities, limits ---

void cut_network(Strength& strength) {
  // An ordinary user may do it only inside a user namespace of his own, where that is permitted.
  strength.network_cut =
      ::unshare(CLONE_NEWNET) == 0 || ::unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0;
  if (!strength.network_cut) add_problem(strength, "network namespace: " + error_text());
}

void drop_capabilities() {
  for (unsigned long capability = 0; capability <= 63; ++capability)
    if (::prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0) break;
  ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  __user_cap_header_struct head{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, 2> none{};
  ::syscall(SYS_capset, &head, none.data());
}

bool limit(__rlimit_resource what, rlim_t value) {
  const rlimit both{value, value};
  return ::setrlimit(what, &both) == 0;
}

// --- the allow-list ---

// Memory, time, own signals, reading what is already open.
constexpr int kAllowed[] = {
    SCMP_SYS(read),
    SCMP_SYS(pread64),
    SCMP_SYS(readv),
    SCMP_SYS(preadv),
    SCMP_SYS(lseek),
    SCMP_SYS(fstat),
    SCMP_SYS(close),
    SCMP_SYS(dup),
    SCMP_SYS(recvmsg),
    SCMP_SYS(recvfrom),
    SCMP_SYS(poll),
    SCMP_SYS(ppoll),
    SCMP_SYS(select),
    SCMP_SYS(pselect6),
    SCMP_SYS(brk),
    SCMP_SYS(munmap),
    SCMP_SYS(mremap),
    SCMP_SYS(madvise),
    SCMP_SYS(futex),
    SCMP_SYS(set_robust_list),
    SCMP_SYS(rseq),
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(sigaltstack),
    SCMP_SYS(restart_syscall),
    SCMP_SYS(sched_yield),
    SCMP_SYS(nanosleep),
    SCMP_SYS(clock_nanosleep),
    SCMP_SYS(clock_gettime),
    SCMP_SYS(clock_getres),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(time),
    SCMP_SYS(times),
    SCMP_SYS(getrusage),
    SCMP_SYS(getrandom),
    SCMP_SYS(getpid),
    SCMP_SYS(gettid),
    SCMP_SYS(getuid),
    SCMP_SYS(geteuid),
    SCMP_SYS(getgid),
    SCMP_SYS(getegid),
    SCMP_SYS(fadvise64),
    SCMP_SYS(sched_getaffinity),
    SCMP_SYS(sysinfo),
    SCMP_SYS(uname),
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
#ifdef GALLRA_SANITIZED
    // The sanitizers' own upkeep.
    SCMP_SYS(pipe),
    SCMP_SYS(pipe2),
    SCMP_SYS(mincore),
    SCMP_SYS(readlink),
    SCMP_SYS(prctl),
    SCMP_SYS(getppid),
    SCMP_SYS(tgkill),
    SCMP_SYS(msync),
#endif
};

// Writing goes to the socket and to /dev/null only.
constexpr int kWriting[] = {SCMP_SYS(write), SCMP_SYS(writev), SCMP_SYS(sendmsg), SCMP_SYS(sendto)};
constexpr int kFcntl[] = {F_GETFD, F_SETFD, F_GETFL, F_DUPFD, F_DUPFD_CLOEXEC};

bool add_rules(scmp_filter_ctx context, bool may_open_for_reading) {
  int failed = 0;
  for (const int call : kAllowed) failed |= seccomp_rule_add(context, SCMP_ACT_ALLOW, call, 0);
#ifdef GALLRA_SANITIZED
  for (const int call : kWriting) failed |= seccomp_rule_add(context, SCMP_ACT_ALLOW, call, 0);
#else
  for (const int call : kWriting)
    failed |= seccomp_rule_add(context, SCMP_ACT_ALLOW, call, 1,
                               SCMP_A0(SCMP_CMP_LE, static_cast<scmp_datum_t>(kWorkerSocket)));
#endif
  for (const int command : kFcntl)
    failed |= seccomp_rule_add(context, SCMP_ACT_ALLOW, SCMP_SYS(fcntl), 1,
                               SCMP_A1(SCMP_CMP_EQ, static_cast<scmp_datum_t>(command)));
  // No new code: memory is never executable.
  for (const int call : {SCMP_SYS(mmap), SCMP_SYS(mprotect)})
    failed |= seccomp_rule_add(context, SCMP_ACT_ALLOW, call, 1,
                               SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
  // glibc's fstat(); its own limits, read only.
  failed |= seccomp_rule_add(context, SCMP_ACT_ALLOW, SCMP_SYS(newfstatat), 1,
                             SCMP_A3(SCMP_CMP_EQ, AT_EMPTY_PATH));
  failed |= seccomp_rule_add(context, SCMP_ACT_ALLOW, SCMP_SYS(prlimit64), 2,
                             SCMP_A0(SCMP_CMP_EQ, 0), SCMP_A2(SCMP_CMP_EQ, 0));
  if (may_open_for_reading)
    failed |=
        seccomp_rule_add(context, SCMP_ACT_ALLOW, SCMP_SYS(openat), 1,
                         SCMP_A2(SCMP_CMP_MASKED_EQ,
                                 O_ACCMODE | O_CREAT | O_TRUNC | O_APPEND | __O_TMPFILE, O_RDONLY));
  // glibc falls back to clone, which is refused.
  failed |= seccomp_rule_add(context, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
  return failed == 0;
}

bool load(const SyscallFilter& filter) {
  const sock_fprog program{static_cast<unsigned short>(filter.size()),
                           const_cast<sock_filter*>(filter.data())};  // the kernel only reads it
  return ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == 0;
}

}  // namespace

tl::expected<SyscallFilter, std::string> build_syscall_filter(bool may_open_for_reading) {
  const std::unique_ptr<void, void (*)(scmp_filter_ctx)> context(
      seccomp_init(SCMP_ACT_ERRNO(EPERM)), seccomp_release);
  if (context == nullptr) return tl::unexpected(std::string("libseccomp gave no filter"));
  seccomp_attr_set(context.get(), SCMP_FLTATR_CTL_OPTIMIZE, 2);  // binary tree
  if (!add_rules(context.get(), may_open_for_reading))
    return tl::unexpected(std::string("libseccomp refused a rule"));
  const Fd memory(::memfd_create("filter", MFD_CLOEXEC));
  if (!memory || seccomp_export_bpf(context.get(), memory.get()) != 0)
    return tl::unexpected(std::string("libseccomp could not export the filter"));
  const off_t size = ::lseek(memory.get(), 0, SEEK_END);
  if (size <= 0 || size % static_cast<off_t>(sizeof(sock_filter)) != 0)
    return tl::unexpected(std::string("the filter has an odd size"));
  SyscallFilter filter(static_cast<std::size_t>(size) / sizeof(sock_filter));
  if (::pread(memory.get(), filter.data(), static_cast<std::size_t>(size), 0) != size)
    return tl::unexpected(std::string("the filter could not be read back"));
  return filter;
}

void give_up_shared_rights(Strength& strength) {
  ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  cut_network(strength);
  close_file_system(strength);
  drop_capabilities();
  limit(RLIMIT_CORE, 0);
#ifndef GALLRA_SANITIZED  // its report may go to a file
  limit(RLIMIT_FSIZE, 0);
#endif
  limit(RLIMIT_NOFILE, 64);  // one socket, at most 16 descriptors of a document, poppler's tables
  ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

std::uint64_t mapped_now() {
  const std::unique_ptr<FILE, int (*)(FILE*)> file(std::fopen("/proc/self/statm", "re"),
                                                   std::fclose);
  unsigned long long pages = 0;
  if (file == nullptr || std::fscanf(file.get(), "%llu", &pages) != 1) return 0;
  return pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

bool close_jail(const SyscallFilter& filter, std::uint64_t address_space) {
  if (address_space != 0 && !limit(RLIMIT_AS, address_space)) return false;
  return filter.empty() || load(filter);
}

std::string try_to_break_out(const SyscallFilter& filter) {
  const pid_t child = ::fork();
  if (child < 0) return "fork: " + error_text();
  if (child == 0) {
    if (!load(filter)) ::_exit(1);
    if (::open("/etc/passwd", O_RDONLY | O_CLOEXEC) >= 0) ::_exit(2);
    if (::open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600) >= 0) ::_exit(3);
    if (::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0) >= 0) ::_exit(4);
    if (::kill(::getpid(), 0) == 0) ::_exit(5);
    if (::fork() >= 0) ::_exit(6);
    ::_exit(0);
  }
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFSIGNALED(status)) return "the filter kills ordinary calls";
  constexpr const char* kWhat[] = {
      "",         "the filter was refused", "opening a file", "writing", "a socket",
      "a signal", "a new process"};
  const auto what = static_cast<std::size_t>(WEXITSTATUS(status));
  return what < std::size(kWhat) ? kWhat[what] : "the probe failed";
}

}  // namespace gallra::jail

// The jail, tried with readers that do what a hijacked or broken one would do.
#include "scanner/extract/jail/jail.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <catch2/catch.hpp>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <functional>
#include <new>
#include <sched.h>
#include <sstream>
#include <stdexcept>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include "jail_sink.hpp"
#include "scanner/extract/jail/wire.hpp"

namespace gallra::test {
namespace {

using extract::ExtractorEntry;
using extract::ExtractRequest;
using extract::ExtractSink;
using extract::Member;

constexpr int kWorkerSocket = 3;

void say(ExtractSink& sink, std::string_view text) {
  TextChunk chunk;
  chunk.text = text;
  sink.text(chunk);
}

std::string whole(const ExtractRequest& request) {
  std::string bytes;
  request.source.read_all(bytes, 64 << 20);
  return bytes;
}

void raw_frame(std::uint32_t kind, std::string_view body, std::uint32_t size = UINT32_MAX) {
  const jail::wire::FrameHead head{
      size == UINT32_MAX ? static_cast<std::uint32_t>(body.size()) : size, kind};
  std::string bytes(reinterpret_cast<const char*>(&head), sizeof head);
  bytes += body;
  [[maybe_unused]] const ssize_t n =
      ::send(kWorkerSocket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
}

// The document's first word says what the reader does.
std::string command_of(const ExtractRequest& request) { return whole(request); }

volatile int sink_hole = 0;

std::string refusal(long result) {
  return result < 0 ? std::string(std::strerror(errno)) : std::string("ALLOWED");
}

std::string break_out(const std::string& how, const ExtractRequest& request) {
  char* const no_arguments[] = {nullptr};
  if (how == "open") return refusal(::open("/etc/passwd", O_RDONLY));
  if (how == "open-dir") return refusal(::open("/", O_RDONLY | O_DIRECTORY));
  if (how == "open-proc") return refusal(::open("/proc/self/maps", O_RDONLY));
  if (how == "create") return refusal(::open("/tmp/gallra-jail-test", O_WRONLY | O_CREAT, 0600));
  if (how == "open-old") return refusal(::syscall(SYS_open, "/etc/passwd", O_RDONLY));
  if (how == "openat2") return refusal(::syscall(SYS_openat2, AT_FDCWD, "/etc/passwd", nullptr, 0));
  if (how == "stat") {
    struct stat info {};
    return refusal(::stat("/etc/passwd", &info));
  }
  if (how == "unlink") return refusal(::unlink("/tmp/gallra-jail-test"));
  if (how == "chmod") return refusal(::fchmod(request.source.fd, 0777));
  if (how == "truncate") return refusal(::ftruncate(request.source.fd, 0));
  if (how == "write-document") return refusal(::write(request.source.fd, "x", 1));
  if (how == "pwrite-document") return refusal(::pwrite(request.source.fd, "x", 1, 0));
  if (how == "dup-over") return refusal(::dup2(request.source.fd, 1));
  if (how == "map-writable")
    return refusal(reinterpret_cast<long>(
        ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, request.source.fd, 0)));
  if (how == "map-code")
    return refusal(reinterpret_cast<long>(
        ::mmap(nullptr, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)));
  if (how == "socket") return refusal(::socket(AF_INET, SOCK_STREAM, 0));
  if (how == "unix-socket") return refusal(::socket(AF_UNIX, SOCK_STREAM, 0));
  if (how == "exec") return refusal(::execve("/bin/true", no_arguments, no_arguments));
  if (how == "fork") return refusal(::fork());
  if (how == "vfork") return refusal(::syscall(SYS_vfork));
  if (how == "clone3") return refusal(::syscall(SYS_clone3, nullptr, 0));
  if (how == "kill-parent") return refusal(::kill(::getppid(), SIGKILL));
  if (how == "kill-all") return refusal(::kill(-1, SIGTERM));
  if (how == "ptrace") return refusal(::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr));
  if (how == "peek") return refusal(::syscall(SYS_process_vm_readv, 1, nullptr, 0, nullptr, 0, 0));
  if (how == "pidfd") return refusal(::syscall(SYS_pidfd_open, 1, 0));
  if (how == "io_uring") return refusal(::syscall(SYS_io_uring_setup, 1, nullptr));
  if (how == "bpf") return refusal(::syscall(SYS_bpf, 0, nullptr, 0));
  if (how == "unshare") return refusal(::unshare(CLONE_NEWUSER));
  if (how == "mount") return refusal(::syscall(SYS_mount, "a", "/", "tmpfs", 0, nullptr));
  if (how == "keyctl") return refusal(::syscall(SYS_keyctl, 0, 0));
  if (how == "thread") {
    try {
      std::thread([] {}).join();
    } catch (const std::system_error&) {
      return "refused";
    }
    return "ALLOWED";
  }
  return "?";
}

Outcome do_hostile(const ExtractRequest& request, ExtractSink& sink) {
  const std::string what = command_of(request);
  if (what.starts_with("try ")) {
    say(sink, break_out(what.substr(4), request));
    return Outcome::read();
  }
  if (what == "echo-twice") {
    say(sink, what);
    say(sink, what);
    return Outcome::read();
  }
  if (what == "abort") std::abort();
  if (what == "segv") *reinterpret_cast<volatile int*>(sink_hole) = 1;
  if (what == "text-then-segv") {
    say(sink, "before the fault");
    *reinterpret_cast<volatile int*>(sink_hole) = 1;
  }
  if (what == "exit") ::_exit(0);
  if (what == "spin-silently")
    for (;;) sink_hole = sink_hole ^ 1;
  if (what == "streams") {  // "" = all three are /dev/null or a sanitizer's
    for (int stream = 0; stream < 3; ++stream) {
      struct stat info {};
      if (::fstat(stream, &info) != 0) say(sink, "closed");
      if (S_ISSOCK(info.st_mode)) say(sink, "socket");
    }
    return Outcome::read();
  }
  if (what == "spin") {
    say(sink, "before the loop");
    for (;;) sink_hole = sink_hole ^ 1;
  }
  if (what == "spin-talking") {
    for (;;) say(sink, "still here\n");
  }
  if (what == "sleep") {
    say(sink, "before the sleep");
    for (;;) ::sleep(1000);
  }
  if (what == "eat") {
    std::vector<std::string> food;
    for (;;) food.emplace_back(8 << 20, 'x');
  }
  if (what == "eat-and-abort") {
    for (;;) {
      void* more =
          ::mmap(nullptr, 8 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
      if (more == MAP_FAILED) std::abort();
      std::memset(more, 1, 8 << 20);
    }
  }
  if (what == "overflow-stack") {
    struct Deep {
      static int down(int n) {
        volatile char frame[4096];
        frame[0] = static_cast<char>(n);
        return n < 0 ? 0 : down(n + 1) + frame[0];
      }
    };
    sink_hole = Deep::down(1);
  }
  if (what == "throw") throw std::runtime_error("Anna Testsson 19121212-1212");
  if (what == "throw-int") throw 7;
  if (what == "text-then-throw") {
    say(sink, "first");
    throw std::logic_error("secret");
  }
  if (what == "flood-text") {
    const std::string block(100'000, 'a');
    for (;;) say(sink, block);
  }
  if (what == "flood-bytes") {
    const std::string block(100'000, 'a');
    sink.member({});
    for (;;) sink.member_bytes(std::as_bytes(std::span(block)));
  }
  if (what == "flood-members") {
    for (std::uint32_t i = 0;; ++i) {
      Member member;
      member.ordinal = i;
      sink.member(member);
      sink.member_end(Outcome::read());
    }
  }
  if (what == "members-then-spin" || what == "members-then-segv") {
    for (std::uint32_t i = 0; i < 10; ++i) {
      if (i < request.first_member) continue;
      Member member;
      member.name = "m" + std::to_string(i);
      member.ordinal = i;
      sink.member(member);
      const std::string bytes = "bytes of " + member.name;
      sink.member_bytes(std::as_bytes(std::span(bytes)));
      if (i == 4 && what == "members-then-spin")
        for (;;) sink_hole = sink_hole ^ 1;
      if (i == 4) *reinterpret_cast<volatile int*>(sink_hole) = 1;
      sink.member_end(Outcome::read());
    }
    return Outcome::read();
  }
  if (what == "repeat-members") {  // a reader that cannot resume
    for (std::uint32_t i = 0; i < 4; ++i) {
      Member member;
      member.name = "r" + std::to_string(i);
      member.ordinal = i;
      member.content = Member::Content::kInline;
      sink.member(member);
      say(sink, member.name);
      sink.member_end(Outcome::read());
    }
    return Outcome::read();
  }
  // Lies.
  if (what == "lie-kind") raw_frame(9999, "x");
  if (what == "lie-size") raw_frame(16, "abc", 0x7fffffff);
  if (what == "lie-short") raw_frame(16, "abc");
  if (what == "lie-garbage") {
    const std::string garbage(5000, '\xff');
    [[maybe_unused]] const ssize_t n = ::send(kWorkerSocket, garbage.data(), garbage.size(), 0);
  }
  if (what == "lie-outcome") raw_frame(22, std::string("\xff\xff\0\0\0\0\0", 7));
  if (what == "lie-unchanged") raw_frame(22, std::string("\4\1\0\0\0\0\0", 7));
  if (what == "lie-silent-failure") return {OutcomeKind::kNotRead, Reason::kNone, ""};
  if (what == "lie-bytes-without-member") {
    const std::string bytes = "x";
    sink.member_bytes(std::as_bytes(std::span(bytes)));
  }
  if (what == "lie-end-without-member") sink.member_end(Outcome::read());
  if (what == "lie-range") {
    Member member;
    member.content = Member::Content::kRange;
    member.offset = 5;
    member.size = UINT64_MAX - 2;
    sink.member(member);
    sink.member_end(Outcome::read());
  }
  if (what == "lie-member-in-bytes") {
    sink.member({});
    sink.member({});
  }
  if (what == "lie-text-in-bytes") {
    sink.member({});
    say(sink, "x");
  }
  if (what == "lie-ordinals") {
    for (int i = 0; i < 2; ++i) {
      Member member;
      member.ordinal = 3;
      sink.member(member);
      sink.member_end(Outcome::read());
    }
  }
  if (what == "lie-open-end") {
    sink.member({});
    return Outcome::read();
  }
  if (what == "lie-deep") {
    Member member;
    member.content = Member::Content::kInline;
    for (int i = 0; i < 1000; ++i) sink.member(member);
  }
  if (what == "lie-after-end") {
    // An end, and then a second voice for the next document.
    std::string body;
    jail::wire::pack_outcome(body, Outcome::read());
    jail::wire::Packer(body).put(false);
    raw_frame(22, body);
    raw_frame(16, "nonsense");
  }
  if (what.starts_with("lie-")) return Outcome::read();
  // Odd but honest.
  if (what == "bad-utf8") {
    say(sink, "r\xe4ksm\xc3\xb6rg\xc3\xa5s \xed\xa0\x80 \xc3");
    Member member;
    member.name = std::string("a\xffz\0b", 5);
    sink.member(member);
    sink.member_end(Outcome::excluded(Reason::kSymlink, "pekar\nut"));
    return Outcome::read();
  }
  if (what == "long-name") {
    Member member;
    for (int i = 0; i < 5000; ++i) member.name += "å";
    sink.member(member);
    sink.member_end(Outcome::read());
    return Outcome::read();
  }
  if (what == "long-text") {
    std::string text;
    for (int i = 1; text.size() < 3'000'000; ++i) text += "rad å " + std::to_string(i) + "\n";
    TextChunk chunk;
    chunk.text = text;
    chunk.place = {PlaceKind::kLine, 1, 0, ""};
    sink.text(chunk);
    return Outcome::read();
  }
  if (what == "nested") {
    Member outer;
    outer.kind = extract::MemberKind::kMail;
    outer.content = Member::Content::kInline;
    outer.name = "brev";
    sink.member(outer);
    say(sink, "text i brevet");
    sink.date({DateKind::kMailDate, 17000});
    Member inner;
    inner.kind = extract::MemberKind::kAttachment;
    inner.name = "bilaga.bin";
    sink.member(inner);
    const std::string bytes(700'000, 'b');
    sink.member_bytes(std::as_bytes(std::span(bytes)));
    sink.member_end(Outcome::read());
    Member range;
    range.content = Member::Content::kRange;
    range.ordinal = 1;
    range.offset = 2;
    range.size = 4;
    range.format_hint = Format::kEml;
    sink.member(range);
    sink.member_end(Outcome::not_read(Reason::kEncrypted));
    sink.member_end(Outcome::read());
    sink.mailbox({"Inkorg/Ärenden", 3, 2, 1});
    return Outcome::in_part(Reason::kCorrupt, "one lost");
  }
  if (what == "companions") {
    std::string all;
    for (const extract::Source& source : request.companions) {
      std::string part;
      source.read_all(part, 1000);
      all += part;
    }
    say(sink, request.name + ":" + all);
    return Outcome::read();
  }
  say(sink, what);
  return Outcome::read();
}

bool was_prepared = false;
Outcome tell_prepared(const ExtractRequest&, ExtractSink& sink) {
  say(sink, was_prepared ? "prepared" : "not prepared");
  return Outcome::read();
}

const ExtractorEntry kHostile{"hostile", {Format::kPdf}, true, do_hostile, nullptr};
const ExtractorEntry kPrepared{
    "prepared", {Format::kRtf}, true, tell_prepared, [] { was_prepared = true; }};
const ExtractorEntry* const kTable[] = {&kHostile, &kPrepared};

// Roomy in time: what is slow by a sanitizer or a busy machine is no fault.
Limits small_limits() {
  Limits limits;
  limits.max_text_bytes = 8 << 20;
  limits.max_expanded_bytes = 4 << 20;
  limits.max_members = 100;
  limits.max_memory_bytes = 64 << 20;
  return limits;
}

// Those that are to run out of time do so soon.
Limits limits_of(std::string_view what) {
  Limits limits = small_limits();
  if (what == "spin" || what == "members-then-spin") limits.max_cpu = std::chrono::seconds(1);
  if (what == "sleep" || what == "nested") limits.max_silence = std::chrono::seconds(2);
  return limits;
}

// A document whose bytes are `text`, as a memfd opened for writing (as the pipeline's spill gives
// it).
struct Document {
  explicit Document(std::string_view text) {
    fd = ::memfd_create("document", MFD_CLOEXEC);
    REQUIRE(::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()));
    request.format = Format::kPdf;
    request.source = {fd, 0, text.size()};
    request.limits = limits_of(text);
  }
  ~Document() { ::close(fd); }
  Document(const Document&) = delete;
  Document& operator=(const Document&) = delete;
  int fd = -1;
  ExtractRequest request;
};

jail::Zygote started() {
  auto zygote = jail::Zygote::start(kTable, small_limits());
  INFO((zygote ? std::string() : zygote.error()));
  REQUIRE(zygote.has_value());
  return std::move(*zygote);
}

struct Run {
  KeepingSink sink;
  Outcome outcome;
  std::uint32_t next = 0;
};

Run run(jail::Zygote::Worker& worker, std::string_view what) {
  const Document document(what);
  Run done;
  done.outcome = worker.extract(document.request, done.sink, &done.next);
  return done;
}

std::string stat_of(pid_t process) {
  std::ifstream file("/proc/" + std::to_string(process) + "/stat");
  std::string line;
  std::getline(file, line);
  const std::size_t after = line.rfind(')');  // the name may hold anything
  return after == std::string::npos ? std::string() : line.substr(after + 2);
}

bool is_gone(pid_t process) {
  const std::string stat = stat_of(process);
  return stat.empty() || stat[0] == 'Z' || stat[0] == 'X';
}

bool becomes_true(const std::function<bool()>& condition) {
  for (int i = 0; i < 3000 && !condition(); ++i) ::usleep(10'000);
  return condition();
}

// Living ones, and those that nobody has waited for.
std::vector<pid_t> children_of(pid_t parent) {
  std::vector<pid_t> found;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const std::string name = entry.path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    const std::string stat = stat_of(std::stoi(name));
    if (!stat.empty() && std::atoi(stat.c_str() + 2) == parent) found.push_back(std::stoi(name));
  }
  return found;
}

pid_t only_child_of(pid_t parent) {
  const std::vector<pid_t> children = children_of(parent);
  REQUIRE(children.size() == 1);
  return children[0];
}

void kill_and_wait(pid_t process) {
  REQUIRE(::kill(process, SIGKILL) == 0);
  REQUIRE(becomes_true([&] { return is_gone(process); }));
}

void reads_well(jail::Zygote::Worker& worker) {
  const Run next = run(worker, "an ordinary document");
  CHECK(next.sink.all_text() == "an ordinary document");
  CHECK(next.outcome.kind == OutcomeKind::kRead);
}

}  // namespace

TEST_CASE("what an extractor finds reaches the sink as it was said", "[jail]") {
  jail::Zygote zygote = started();
  jail::Zygote::Worker worker = zygote.worker();
  const Run nested = run(worker, "nested");
  CHECK(nested.outcome.kind == OutcomeKind::kReadInPart);
  CHECK(nested.outcome.detail == "one lost");
  REQUIRE(nested.sink.members.size() == 3);
  CHECK(nested.sink.members[0].member.name == "brev");
  CHECK(nested.sink.members[0].member.kind == extract::MemberKind::kMail);
  CHECK(nested.sink.members[1].bytes == std::string(700'000, 'b'));
  CHECK(nested.sink.members[1].depth == 2);
  CHECK(nested.sink.members[2].member.offset == 2);
  CHECK(nested.sink.members[2].member.format_hint == Format::kEml);
  CHECK(nested.sink.members[2].outcome.reason == Reason::kEncrypted);
  REQUIRE(nested.sink.dates.size() == 1);
  CHECK(nested.sink.dates[0].day == 17000);
  REQUIRE(nested.sink.mailboxes.size() == 1);
  CHECK(nested.sink.mailboxes[0].folder == "Inkorg/Ärenden");
  CHECK(nested.sink.all_text() == "text i brevet");
}

TEST_CASE("a worker serves many documents, and readers were prepared before it was forked",
          "[jail]") {
  jail::Zygote zygote = started();
  jail::Zygote::Worker worker = zygote.worker();
  for (int i = 0; i < 1200; ++i) {
    const Run one = run(worker, "document " + std::to_string(i));
    REQUIRE(one.sink.all_text() == "document " + std::to_string(i));
  }
  Document document("x");
  document.request.format = Format::kRtf;
  KeepingSink sink;
  CHECK(worker.extract(document.request, sink).kind == OutcomeKind::kRead);
  CHECK(sink.all_text() == "prepared");
}

TEST_CASE("a format without a reader is not read", "[jail]") {
  jail::Zygote zygote = started();
  jail::Zygote::Worker worker = zygote.worker();
  Document document("x");
  document.request.format = Format::kCab;
  KeepingSink sink;
  const Outcome outcome = worker.extract(document.request, sink);
  CHECK(outcome.kind == OutcomeKind::kNotRead);
  CHECK(outcome.reason == Reason::kUnsupported);
}

TEST_CASE("a reader that dies, hangs or eats costs its own document only", "[jail]") {
  struct Row {
    const char* what;
    OutcomeKind kind;
    Reason reason;
    const char* text;  // what still came
  };
  const std::vector<Row> rows = {
      {"abort", OutcomeKind::kNotRead, Reason::kCrashed, ""},
      {"segv", OutcomeKind::kNotRead, Reason::kCrashed, ""},
      {"exit", OutcomeKind::kNotRead, Reason::kCrashed, ""},
#ifdef __SANITIZE_THREAD__  // it holds signals back until the next call
      {"spin", OutcomeKind::kNotRead, Reason::kTimeout, ""},
#else
      {"spin", OutcomeKind::kReadInPart, Reason::kTimeout, "before the loop"},
#endif
      {"sleep", OutcomeKind::kReadInPart, Reason::kTimeout, "before the sleep"},
      {"eat", OutcomeKind::kNotRead, Reason::kTooLarge, ""},
      {"throw", OutcomeKind::kNotRead, Reason::kCorrupt, ""},
      {"throw-int", OutcomeKind::kNotRead, Reason::kCorrupt, ""},
      {"text-then-throw", OutcomeKind::kReadInPart, Reason::kCorrupt, "first"},
#ifdef GALLRA_SANITIZED  // its own handler of faults takes the place of ours
      {"text-then-segv", OutcomeKind::kNotRead, Reason::kCrashed, ""},
#else
      {"text-then-segv", OutcomeKind::kReadInPart, Reason::kCrashed, "before the fault"},
#endif
      {"overflow-stack", OutcomeKind::kNotRead, Reason::kCrashed, ""},
      {"eat-and-abort", OutcomeKind::kNotRead, Reason::kTooLarge, ""},
  };
  jail::Zygote zygote = started();
  jail::Zygote::Worker worker = zygote.worker();
  for (const Row& row : rows) {
    INFO(row.what);
    const Run bad = run(worker, row.what);
    INFO(bad.outcome.detail);
    CHECK(key_of(bad.outcome.kind) == key_of(row.kind));
    CHECK(key_of(bad.outcome.reason) == key_of(row.reason));
    CHECK(bad.sink.all_text() == row.text);
    CHECK(bad.outcome.detail.find("Testsson") == std::string::npos);
    reads_well(worker);
  }
}

TEST_CASE("a flood ends at the budget", "[jail]") {
  struct Row {
    const char* what;
    Reason reason;
  };
  const std::vector<Row> rows = {{"flood-text", Reason::kTooLarge},
                                 {"spin-talking", Reason::kTooLarge},
                                 {"flood-bytes", Reason::kBomb},
                                 {"flood-members", Reason::kTooManyMembers}};
  jail::Zygote zygote = started();
  jail::Zygote::Worker worker = zygote.worker();
  for (const Row& row : rows) {
    INFO(row.what);
    const Run bad = run(worker, row.what);
    CHECK(bad.outcome.kind == OutcomeKind::kReadInPart);
    CHECK(key_of(bad.outcome.reason) == key_of(row.reason));
    CHECK(bad.sink.all_text().size() <= small_limits().max_text_bytes);
    CHECK(bad.sink.members.size() <= small_limits().max_members);
    for (const SeenMember& member : bad.sink.members) CHECK(member.ended);
    reads_well(worker);
  }
}

TEST_CASE("a worker that lies is not believed, and is replaced", "[jail]") {
  jail::Zygote zygote = started();
  jail::Zygote::Worker worker = zygote.worker();
  for (const char* what :
       {"lie-kind", "lie-size", "lie-short", "lie-garbage", "lie-outcome", "lie-unchanged",
        "lie-silent-failure", "lie-bytes-without-member", "lie-end-without-member", "lie-range",
        "lie-member-in-bytes", "lie-text-in-bytes", "lie-ordinals", "lie-open-end", "lie-deep"}) {
    INFO(what);
    const Run bad = run(worker, what);
    CHECK(bad.outcome.kind != OutcomeKind::kRead);
    CHECK(key_of(bad.outcome.reason) == key_of(Reason::kCorrupt));
    for (const SeenMember& member : bad.sink.members) CHECK(member.ended);
    CHECK(bad.sink.all_text().empty());
    reads_well(worker);
  }
  // What it says ahead of time is taken for the next document's, costs it, and then the worker
  // goes.
  run(worker, "lie-after-end");
  run(worker, "the next");
  reads_well(worker);
}

TEST_CASE("what is forbidden is refused inside the jail", "[jail]") {
  const std::string victim = std::filesystem::temp_directory_path() / "gallra-jail-test-XXXXXX";
  std::string path = victim;
  const int writable = ::mkstemp(path.data());
  REQUIRE(writable >= 0);
  jail::Zygote zygote = started();
  REQUIRE(zygote.strength().seccomp);
  jail::Zygote::Worker worker = zygote.worker();
  for (const char* how :
       {"open",     "open-dir",     "open-proc", "create",      "open-old",       "openat2",
        "stat",     "unlink",       "chmod",     "truncate",    "write-document", "pwrite-document",
        "dup-over", "map-writable", "map-code",  "socket",      "unix-socket",    "exec",
        "fork",     "vfork",        "clone3",    "kill-parent", "kill-all",       "ptrace",
        "peek",     "pidfd",        "io_uring",  "bpf",         "unshare",        "mount",
        "keyctl",   "thread"}) {
    INFO(how);
    // The document is handed in with a descriptor that could write.
    const std::string text = std::string("try ") + how;
    REQUIRE(::ftruncate(writable, 0) == 0);
    REQUIRE(::pwrite(writable, text.data(), text.size(), 0) == static_cast<ssize_t>(text.size()));
    Document document("");
    document.request.source = {writable, 0, text.size()};
    KeepingSink sink;
    const Outcome outcome = worker.extract(document.request, sink);
    CHECK(outcome.kind == OutcomeKind::kRead);
    CHECK(sink.all_text() != "ALLOWED");
    CHECK(sink.all_text() != "?");
    CHECK_FALSE(sink.all_text().empty());
    std::string after(text.size() + 10, '\0');
    after.resize(static_cast<std::size_t>(::pread(writable, after.data(), after.size(), 0)));
    CHECK(after == text);
  }
  ::close(writable);
  std::filesystem::remove(path);
}

TEST_CASE("text and names from a worker are valid UTF-8 and of bounded length", "[jail]") {
  jail::Zygote zygote = started();
  jail::Zygote::Worker worker = zygote.worker();
  const Run bad = run(worker, "bad-utf8");
  CHECK(bad.sink.all_text() == "r\uFFFDksmörgås \uFFFD\uFFFD\uFFFD \uFFFD");
  REQUIRE(bad.sink.members.size() == 1);
  CHECK(bad.sink.members[0].member.name == "a\uFFFDz\uFFFDb");
  CHECK(bad.sink.members[0].outcome.kind == OutcomeKind::kExcluded);
  CHECK(bad.sink.members[0].outcome.detail == "pekar ut");
  const Run named = run(worker, "long-name");
  REQUIRE(named.sink.members.size() == 1);
  CHECK(named.sink.members[0].member.name.size() == 4096);
  CHECK(jail::wire::valid_utf8(named.sink.members[0].member.name));
}

TEST_CASE("long text arrives whole, in pieces that know their line", "[jail]") {
  jail::Zygote zygote = started();
  jail::Zygote::Worker worker = zygote.worker();
  const Run done = run(worker, "long-text");
  CHECK(done.outcome.kind == OutcomeKind::kRead);
  REQUIRE(done.sink.chunks.size() > 10);
  std::string text;
  for (const auto& [chunk, piece] : done.sink.chunks) {
    CHECK(chunk.offset == text.size());
    CHECK(chunk.continues == !text.empty());
    CHECK(chunk.place.a == 1 + std::count(text.begin(), text.end(), '\n'));
    CHECK(jail::wire::valid_utf8(piece));
    text += piece;
  }
  CHECK(text.size() >= 3'000'000);
}

TEST_CASE("after a crash the reader goes on behind the member that killed it", "[jail]") {
  jail::Zygote zygote = started();
  jail::Zygote::Worker worker = zygote.worker();
  for (const char* what : {"members-then-spin", "members-then-segv"}) {
    INFO(what);
    const Run first = run(worker, what);
    CHECK(first.outcome.kind == OutcomeKind::kReadInPart);
    REQUIRE(first.sink.members.size() == 5);
    CHECK(first.sink.members[3].bytes == "bytes of m3");
    CHECK(first.sink.members[4].ended);
    CHECK(first.sink.members[4].outcome.kind != OutcomeKind::kRead);
    CHECK(first.next == 5);
    Document rest(what);
    rest.request.first_member = first.next;
    KeepingSink sink;
    std::uint32_t next = 0;
    CHECK(worker.extract(rest.request, sink, &next).kind == OutcomeKind::kRead);
    REQUIRE(sink.members.size() == 5);
    CHECK(sink.members[0].member.name == "m5");
    CHECK(next == 10);
  }
}

TEST_CASE("members delivered before are not heard twice", "[jail]") {
  jail::Zygote zygote = started();
  jail::Zygote::Worker worker = zygote.worker();
  Document rest("repeat-members");
  rest.request.first_member = 2;
  KeepingSink sink;
  CHECK(worker.extract(rest.request, sink).kind == OutcomeKind::kRead);
  REQUIRE(sink.members.size() == 2);
  CHECK(sink.all_text() == "r2r3");
}

TEST_CASE("a sink that stops ends the worker and gets its exception back", "[jail]") {
  struct Stopping : KeepingSink {
    void text(const TextChunk&) override {
      throw extract::StopExtract(Outcome::in_part(Reason::kInterrupted));
    }
  };
  jail::Zygote zygote = started();
  jail::Zygote::Worker worker = zygote.worker();
  const Document document("flood-text");
  Stopping sink;
  CHECK_THROWS_AS(worker.extract(document.request, sink), extract::StopExtract);
  reads_well(worker);
}

TEST_CASE("time the engine spends with a member is not the worker's silence", "[jail]") {
  struct Slow : KeepingSink {
    void member_end(Outcome outcome) override {
      KeepingSink::member_end(std::move(outcome));
      if (members.size() == 2) ::usleep(2'300'000);  // longer than max_silence
    }
  };
  jail::Zygote zygote = started();
  jail::Zygote::Worker worker = zygote.worker();
  const Document document("nested");
  Slow sink;
  CHECK(worker.extract(document.request, sink).detail == "one lost");
  CHECK(sink.members.size() == 3);
}

TEST_CASE("further descriptors come with the document", "[jail]") {
  jail::Zygote zygote = started();
  jail::Zygote::Worker worker = zygote.worker();
  Document document("companions");
  const Document one("ett");
  const Document two("[två]");
  document.request.name = "del.z01";
  document.request.companions = {one.request.source, {two.fd, 1, 4}};
  KeepingSink sink;
  worker.extract(document.request, sink);
  CHECK(sink.all_text() == "del.z01:etttvå");
}

TEST_CASE("two threads with a worker each do not disturb one another", "[jail]") {
  jail::Zygote zygote = started();
  std::vector<std::string> wrong(4);
  {
    std::vector<std::jthread> threads;
    for (std::size_t t = 0; t < wrong.size(); ++t)
      threads.emplace_back([&zygote, &wrong, t] {
        jail::Zygote::Worker worker = zygote.worker();
        for (int i = 0; i < 40; ++i) {
          const std::string text = std::to_string(t) + " " + std::to_string(i);
          const int fd = ::memfd_create("document", MFD_CLOEXEC);
          if (::write(fd, text.data(), text.size()) < 0) wrong[t] = "write";
          ExtractRequest request;
          request.format = Format::kPdf;
          request.source = {fd, 0, text.size()};
          KeepingSink sink;
          worker.extract(request, sink);
          if (sink.all_text() != text) wrong[t] = text;
          if (i % 4 == 0) worker.recycle();
          ::close(fd);
        }
      });
  }
  for (const std::string& text : wrong) CHECK(text.empty());
}

TEST_CASE("libmagic answers from inside the jail", "[jail]") {
  jail::Zygote zygote = started();
  jail::Zygote::Worker worker = zygote.worker();
  const Document png(std::string("\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x8\2\0\0\0", 29));
  CHECK(worker.media_type(png.request.source) == "image/png");
  reads_well(worker);
}

TEST_CASE("the strength of the jail is what the kernel gave", "[jail]") {
  jail::Zygote zygote = started();
  const jail::Strength& strength = zygote.strength();
  CHECK(strength.seccomp);
  const long abi = ::syscall(SYS_landlock_create_ruleset, nullptr, 0, 1);
  CHECK(strength.landlock == (abi > 0));
  CHECK(strength.landlock_abi == std::max(0L, abi));
  CHECK(strength.problem.empty() == (strength.landlock && strength.network_cut));
}

TEST_CASE("no process is left when the engine is killed", "[jail]") {
  int ends[2];
  REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
  const pid_t engine = ::fork();
  REQUIRE(engine >= 0);
  if (engine == 0) {
    auto zygote = jail::Zygote::start(kTable, small_limits());
    if (!zygote) ::_exit(1);
    jail::Zygote::Worker worker = zygote->worker();
    const int fd = ::memfd_create("document", MFD_CLOEXEC);
    if (::write(fd, "sleep", 5) != 5) ::_exit(1);
    ExtractRequest request;
    request.format = Format::kPdf;
    request.source = {fd, 0, 5};
    struct Telling : KeepingSink {
      int out = -1;
      void text(const TextChunk&) override {
        if (::write(out, "!", 1) != 1) ::_exit(1);
        for (;;) ::pause();  // until it is killed, in the middle of a document
      }
    } sink;
    sink.out = ends[1];
    request.limits.max_silence = std::chrono::seconds(2);
    worker.extract(request, sink);
    ::_exit(0);
  }
  // Children of the zygote keep no copy of the pipe: they close everything. So its end tells only
  // that the engine is gone; the processes are looked for by their names and parents.
  ::close(ends[1]);
  char one = 0;
  CHECK(::read(ends[0], &one, 1) ==
        1);  // the soft stop brought the text: the worker lives in a sleep, the engine in its sink
  const pid_t keeper = only_child_of(engine);
  const pid_t zygote = only_child_of(keeper);
  const pid_t worker = only_child_of(zygote);
  ::kill(engine, SIGKILL);
  ::waitpid(engine, nullptr, 0);
  ::close(ends[0]);
  for (const pid_t process : {keeper, zygote, worker})
    CHECK(becomes_true([&] { return is_gone(process); }));
}

TEST_CASE("a killed zygote is replaced, also beside a killed keeper", "[jail]") {
  jail::Zygote zygote = started();
  jail::Zygote::Worker first = zygote.worker();
  jail::Zygote::Worker second = zygote.worker();
  const pid_t keeper = only_child_of(::getpid());
  for (int i = 0; i < 3; ++i) {
    INFO(i);
    reads_well(first);
    reads_well(second);
    const pid_t killed = only_child_of(keeper);
    const std::vector<pid_t> workers = children_of(killed);
    CHECK(workers.size() == 2);
    kill_and_wait(killed);
    for (const pid_t worker : workers) CHECK(becomes_true([&] { return is_gone(worker); }));
  }
  const Document png(std::string("\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x8\2\0\0\0", 29));
  CHECK(first.media_type(png.request.source) == "image/png");
  reads_well(second);
  // What serves goes on without the keeper; only what dies now is lost.
  const pid_t last = only_child_of(keeper);
  kill_and_wait(keeper);
  first.recycle();
  reads_well(first);
  CHECK(zygote.lost().empty());
  kill_and_wait(last);
  for (int i = 0; i < 3; ++i) {
    const Run none = run(first, "an ordinary document");
    CHECK(none.outcome.kind == OutcomeKind::kNotRead);
    CHECK(key_of(none.outcome.reason) == key_of(Reason::kJailUnavailable));
  }
  CHECK_FALSE(zygote.lost().empty());
}

TEST_CASE("a zygote that is killed while it prepares is replaced, not for ever", "[jail]") {
  static volatile int* deaths = nullptr;  // how many are still to die; shared with them
  void* const shared =
      ::mmap(nullptr, sizeof(int), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  REQUIRE(shared != MAP_FAILED);
  deaths = static_cast<volatile int*>(shared);
  const ExtractorEntry mortal{"mortal", {Format::kPdf}, true, do_hostile, [] {
                                if (*deaths > 0) {
                                  *deaths = *deaths - 1;
                                  ::kill(::getpid(), SIGKILL);
                                }
                              }};
  const ExtractorEntry* const table[] = {&mortal};
  *deaths = 1;
  auto zygote = jail::Zygote::start(table, small_limits());
  REQUIRE(zygote);
  jail::Zygote::Worker worker = zygote->worker();
  reads_well(worker);
  *deaths = 1000;
  CHECK_FALSE(jail::Zygote::start(table, small_limits()));
  ::munmap(shared, sizeof(int));
}

TEST_CASE("a document of which something was heard ends as crashed with its zygote", "[jail]") {
  struct Killing : KeepingSink {
    pid_t zygote = -1;
    pid_t worker = -1;
    void member(const Member& member) override {
      KeepingSink::member(member);
      if (!is_gone(zygote)) kill_and_wait(zygote);
      REQUIRE(becomes_true([&] { return is_gone(worker); }));
    }
  };
  jail::Zygote zygote = started();
  jail::Zygote::Worker worker = zygote.worker();
  reads_well(worker);
  Killing sink;
  sink.zygote = only_child_of(only_child_of(::getpid()));
  sink.worker = only_child_of(sink.zygote);
  const Document document("members-then-spin");
  std::uint32_t next = 0;
  const Outcome outcome = worker.extract(document.request, sink, &next);
  CHECK(key_of(outcome.reason) == key_of(Reason::kCrashed));
  REQUIRE_FALSE(sink.members.empty());  // more than one may have been under way
  CHECK(next == sink.members.size());
  for (const SeenMember& member : sink.members) CHECK(member.ended);
  CHECK(sink.members.back().outcome.kind != OutcomeKind::kRead);
  reads_well(worker);
  CHECK(zygote.lost().empty());
}

TEST_CASE("a document of which nothing was heard is tried again when its zygote was killed",
          "[jail]") {
  jail::Zygote zygote = started();
  jail::Zygote::Worker worker = zygote.worker();
  reads_well(worker);
  const pid_t first = only_child_of(only_child_of(::getpid()));
  const pid_t reader = only_child_of(first);
  Document document("spin-silently");
  const auto ticks = [&] {  // user time, the fourteenth field of stat; ours begins with the third
    std::istringstream fields(stat_of(reader));
    std::string skipped;
    for (int i = 3; i < 14; ++i) fields >> skipped;
    long used = 0;
    fields >> used;
    return used;
  };
  const long before = ticks();
  std::jthread killer([&] {
    // It spins, so it has read what it was given: the second try reads something else.
    while (ticks() < before + 10 && !is_gone(reader)) ::usleep(1000);
    const std::string_view other = "spoken afresh";
    if (::pwrite(document.fd, other.data(), other.size(), 0) < 0) return;
    ::kill(first, SIGKILL);
  });
  KeepingSink sink;
  CHECK(worker.extract(document.request, sink).kind == OutcomeKind::kRead);
  CHECK(sink.all_text() == "spoken afresh");
}

TEST_CASE("closed standard streams cost nothing", "[jail]") {
  for (unsigned closed = 0; closed < 8; ++closed) {
    INFO(closed);
    const pid_t engine = ::fork();
    REQUIRE(engine >= 0);
    if (engine == 0) {
      for (int stream = 0; stream < 3; ++stream)
        if ((closed >> stream & 1) != 0) ::close(stream);
      auto zygote = jail::Zygote::start(kTable, small_limits());
      if (!zygote) ::_exit(1);
      jail::Zygote::Worker worker = zygote->worker();
      for (int i = 0; i < 3; ++i) {
        const int fd = ::memfd_create("document", MFD_CLOEXEC);
        if (::write(fd, "streams", 7) != 7) ::_exit(2);
        ExtractRequest request;
        request.format = Format::kPdf;
        request.source = {fd, 0, 7};
        KeepingSink sink;
        if (worker.extract(request, sink).kind != OutcomeKind::kRead) ::_exit(3);
        if (!sink.all_text().empty()) ::_exit(4);
        worker.recycle();
        ::close(fd);
      }
      ::_exit(0);
    }
    int status = -1;
    ::waitpid(engine, &status, 0);
    CHECK(status == 0);
  }
}

}  // namespace gallra::test

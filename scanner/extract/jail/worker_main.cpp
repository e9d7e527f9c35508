#include "scanner/extract/jail/worker_main.hpp"

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <cxxabi.h>
#include <new>
#include <string>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <typeinfo>
#include <unistd.h>
#include <vector>

#include "scanner/extract/jail/channel.hpp"
#include "scanner/extract/jail/media_type.hpp"
#include "scanner/extract/jail/wire.hpp"

namespace gallra::jail {

namespace {

// Frames on their way out. Plain memory and counters, because a signal handler sends what is
// finished.
struct Outbox {
  static constexpr std::size_t kSize = 64 << 10;
  char bytes[kSize];
  volatile std::size_t finished = 0;  // whole frames end here
  volatile bool sending = false;      // a partly sent buffer must not be sent again
};
Outbox outbox;
std::uint64_t document_memory = 0;  // for the handler

[[noreturn]] void gone() { ::_exit(0); }  // the engine closed its end

void flush(std::string_view payload = {}) {
  if (outbox.finished == 0 && payload.empty()) return;
  outbox.sending = true;
  if (!send_all(kWorkerSocket, std::string_view(outbox.bytes, outbox.finished), payload)) gone();
  outbox.finished = 0;
  outbox.sending = false;
}

// One frame: its small fields, then a payload that is copied when small and sent from where it lies
// when not.
void post(wire::Kind kind, std::string_view fields, std::string_view payload = {}) {
  constexpr std::size_t kCopied = 16 << 10;
  const wire::FrameHead head{static_cast<std::uint32_t>(fields.size() + payload.size()),
                             static_cast<std::uint32_t>(kind)};
  const bool copied = payload.size() <= kCopied;
  const std::size_t need = sizeof head + fields.size() + (copied ? payload.size() : 0);
  if (outbox.finished + need > Outbox::kSize) flush();
  char* at = outbox.bytes + outbox.finished;
  std::memcpy(at, &head, sizeof head);
  if (!fields.empty()) std::memcpy(at + sizeof head, fields.data(), fields.size());
  if (copied && !payload.empty())
    std::memcpy(at + sizeof head + fields.size(), payload.data(), payload.size());
  if (!copied) outbox.sending = true;  // the head alone is no whole frame
  outbox.finished = outbox.finished + need;
  if (!copied) flush(payload);
}

// --- last words ---

// A library that aborts when memory gives out (GLib) dies like one that crashes; what is left of
// the address space tells them apart.
bool memory_was_short() {
  if (document_memory == 0) return false;
  void* probe = ::mmap(nullptr, document_memory / 4, PROT_NONE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return probe == MAP_FAILED;
}

void send_rest(bool short_of_memory) {
  char words[sizeof(wire::FrameHead) + 1];
  const wire::FrameHead head{1, static_cast<std::uint32_t>(wire::Kind::kDying)};
  std::memcpy(words, &head, sizeof head);
  words[sizeof head] = short_of_memory ? 1 : 0;
  if (outbox.sending) return;
  std::size_t sent = 0;
  while (sent < outbox.finished) {
    const ssize_t n =
        ::send(kWorkerSocket, outbox.bytes + sent, outbox.finished - sent, MSG_NOSIGNAL);
    if (n <= 0) return;
    sent += static_cast<std::size_t>(n);
  }
  [[maybe_unused]] const ssize_t n =
      ::send(kWorkerSocket, words, sizeof words, MSG_NOSIGNAL | MSG_DONTWAIT);
}

[[maybe_unused]] void on_fatal_signal(int) {  // a sanitizer has its own
  send_rest(memory_was_short());
}  // returns into the fault, which then kills

#ifdef GALLRA_SANITIZED
[[gnu::no_sanitize_address]]  // on the other stack it cannot tell where it stands
#endif
void on_soft_stop(int) {
  send_rest(false);
  ::_exit(0);
}

void install_handlers() {
  static char stack[32 << 10];
  stack_t other{};
  other.ss_sp = stack;
  other.ss_size = sizeof stack;
  ::sigaltstack(&other, nullptr);
  struct sigaction stop {};
  stop.sa_handler = on_soft_stop;
  stop.sa_flags = SA_ONSTACK;
  ::sigaction(soft_stop_signal(), &stop, nullptr);
#ifndef GALLRA_SANITIZED
  struct sigaction fatal {};
  fatal.sa_handler = on_fatal_signal;
  fatal.sa_flags = static_cast<int>(SA_ONSTACK | SA_RESETHAND);
  for (const int signal : {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP, SIGSYS})
    ::sigaction(signal, &fatal, nullptr);
#endif
}

// --- what an extractor finds ---

// Where the text behind `before` stands, by the promise of TextChunk.
void advance(Place& place, std::string_view before) {
  const auto lines = static_cast<std::uint32_t>(std::count(before.begin(), before.end(), '\n'));
  switch (place.kind) {
    case PlaceKind::kLine:
    case PlaceKind::kBody:
      place.a += lines;
      return;
    case PlaceKind::kPage:
      place.b += lines;
      return;
    case PlaceKind::kCell: {
      const std::size_t row = before.rfind('\n');
      const std::string_view last = row == std::string_view::npos ? before : before.substr(row + 1);
      if (lines > 0) place.b = 1;
      place.a += lines;
      place.b += static_cast<std::uint32_t>(std::count(last.begin(), last.end(), '\t'));
      return;
    }
    default:
      return;
  }
}

class WorkerSink final : public extract::ExtractSink {
 public:
  void text(const TextChunk& chunk) override {
    TextChunk piece = chunk;
    std::string_view rest = chunk.text;
    do {
      piece.text = rest.substr(0, piece_size(rest));
      fields_.clear();
      wire::pack_text_head(fields_, piece);
      post(wire::Kind::kText, fields_, piece.text);
      rest.remove_prefix(piece.text.size());
      if (rest.empty()) return;
      advance(piece.place, piece.text);
      piece.offset += piece.text.size();
      piece.continues = true;
    } while (true);
  }
  void member(const extract::Member& member) override {
    fields_.clear();
    wire::pack_member(fields_, member);
    post(wire::Kind::kMember, fields_);
    // The engine must know which member killed the worker, so that it can go on behind it.
    if (depth_++ == 0) flush();
  }
  void member_bytes(std::span<const std::byte> bytes) override {
    std::string_view rest(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    while (!rest.empty()) {
      const std::string_view piece = rest.substr(0, wire::kMaxPayload);
      post(wire::Kind::kMemberBytes, {}, piece);
      rest.remove_prefix(piece.size());
    }
  }
  void member_end(Outcome outcome) override {
    if (depth_ > 0) --depth_;
    fields_.clear();
    wire::pack_outcome(fields_, outcome);
    post(wire::Kind::kMemberEnd, fields_);
  }
  void date(DateEvidence evidence) override {
    fields_.clear();
    wire::pack_date(fields_, evidence);
    post(wire::Kind::kDate, fields_);
  }
  void mailbox(const MailboxTally& tally) override {
    fields_.clear();
    wire::pack_mailbox(fields_, tally);
    post(wire::Kind::kMailbox, fields_);
  }
  void end(const Outcome& outcome, bool retire) {
    fields_.clear();
    wire::pack_outcome(fields_, outcome);
    wire::Packer(fields_).put(retire);
    post(wire::Kind::kEnd, fields_);
    flush();
  }

 private:
  // Long text is cut at a line's end where there is one near, else between characters.
  static std::size_t piece_size(std::string_view text) {
    if (text.size() <= wire::kMaxPayload) return text.size();
    const std::size_t line = text.rfind('\n', wire::kMaxPayload - 1);
    if (line != std::string_view::npos && line > wire::kMaxPayload / 2) return line + 1;
    return wire::cut_between_characters(text, wire::kMaxPayload);
  }
  std::string fields_;
  std::size_t depth_ = 0;
};

// --- the loop ---

// The exception's type alone: its message may quote the document.
std::string type_text(const std::exception& error) {
  int status = -1;
  char* name = abi::__cxa_demangle(typeid(error).name(), nullptr, nullptr, &status);
  std::string text = status == 0 && name != nullptr ? name : "exception";
  std::free(name);
  return text.substr(0, 80);
}

Outcome run(const WorkerSetup& setup, const extract::ExtractRequest& request, WorkerSink& sink,
            bool& retire) {
  try {
    for (const extract::ExtractorEntry* entry : setup.extractors)
      if (std::find(entry->formats.begin(), entry->formats.end(), request.format) !=
          entry->formats.end())
        return entry->extract(request, sink);
    return Outcome::not_read(Reason::kUnsupported, std::string(key_of(request.format)));
  } catch (const extract::StopExtract& stop) {
    return stop.outcome;
  } catch (const std::bad_alloc&) {
    retire = true;
    return Outcome::not_read(Reason::kTooLarge, "memory");
  } catch (const std::exception& error) {
    return Outcome::not_read(Reason::kCorrupt, type_text(error));
  } catch (...) {
    return Outcome::not_read(Reason::kCorrupt, "exception");
  }
}

// High-water mark of resident memory, in KiB.
long peak_memory() {
  rusage usage{};
  return ::getrusage(RUSAGE_SELF, &usage) == 0 ? usage.ru_maxrss : 0;
}

// A worker that has grown this much is let go: the next is small again.
constexpr long kGrownKib = 192 << 10;

struct Request {
  wire::FrameHead head;
  std::string body;
  std::vector<Fd> fds;
};

// False: the engine is gone or speaks nonsense.
bool next_request(Request& request) {
  request.fds.clear();
  std::string bytes(8 << 10, '\0');
  std::size_t have = 0;
  for (;;) {
    if (have >= sizeof request.head) {
      std::memcpy(&request.head, bytes.data(), sizeof request.head);
      if (request.head.size > bytes.size() - sizeof request.head) return false;
      if (have == sizeof request.head + request.head.size) break;
    }
    const long got =
        receive(kWorkerSocket, std::span(bytes.data() + have, bytes.size() - have), request.fds);
    if (got <= 0) return false;
    have += static_cast<std::size_t>(got);
  }
  request.body = bytes.substr(sizeof request.head, request.head.size);
  return true;
}

bool take_fds(Request& request, extract::ExtractRequest& document) {
  if (request.fds.size() != 1 + document.companions.size()) return false;
  document.source.fd = request.fds[0].get();
  for (std::size_t i = 0; i < document.companions.size(); ++i)
    document.companions[i].fd = request.fds[i + 1].get();
  return true;
}

}  // namespace

int soft_stop_signal() { return SIGUSR1; }

void worker_main(const WorkerSetup& setup) {
  ::prctl(PR_SET_NAME, "gallra-worker", 0, 0, 0);
  document_memory = setup.address_space == 0 ? 0 : setup.memory;
  install_handlers();
  if (!close_jail(*setup.filter, setup.address_space)) {
    post(wire::Kind::kRefused, {});
    flush();
    ::_exit(1);
  }
  const long peak_at_start = peak_memory();
  WorkerSink sink;
  Request request;
  while (next_request(request)) {
    extract::ExtractRequest document;
    if (!wire::unpack_request(request.body, document) || !take_fds(request, document)) break;
    if (request.head.kind == static_cast<std::uint32_t>(wire::Kind::kAskMediaType)) {
      const std::string type = media_type_of(document.source);
      post(wire::Kind::kMediaType, type);
      flush();
      continue;
    }
    bool retire = false;
    sink = WorkerSink();
    const Outcome outcome = run(setup, document, sink, retire);
    sink.end(outcome, retire || peak_memory() > peak_at_start + kGrownKib);
  }
  ::_exit(0);
}

}  // namespace gallra::jail

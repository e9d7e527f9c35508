// The engine's end: hands a document to a worker and passes on what it says, as far as it can be
// believed.
#include "scanner/extract/jail/jail.hpp"

#include <algorithm>
#include <csignal>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include "scanner/extract/jail/channel.hpp"
#include "scanner/extract/jail/keeper.hpp"
#include "scanner/extract/jail/listener.hpp"
#include "scanner/extract/jail/wire.hpp"
#include "scanner/extract/jail/zygote.hpp"

namespace gallra::jail {

namespace {

using extract::Member;
using Heard = Listener::Heard;

// Memory of a long-lived process frays; a new one costs half a millisecond.
constexpr unsigned kDocumentsPerWorker = 1000;

// The document's descriptors, all of them read-only: what was opened for writing is opened anew.
class PassedFds {
 public:
  bool add(int fd) {
    const int flags = ::fcntl(fd, F_GETFL);
    if (flags < 0) return false;
    if ((flags & O_ACCMODE) != O_RDONLY) {
      Fd copy(::open(("/proc/self/fd/" + std::to_string(fd)).c_str(), O_RDONLY | O_CLOEXEC));
      if (!copy) return false;
      fd = copy.get();
      opened_.push_back(std::move(copy));
    }
    fds_.push_back(fd);
    return true;
  }
  bool add_all(const extract::ExtractRequest& request) {
    if (!add(request.source.fd)) return false;
    const std::size_t count = std::min(request.companions.size(), wire::kMaxCompanions);
    return std::all_of(request.companions.begin(),
                       request.companions.begin() + static_cast<std::ptrdiff_t>(count),
                       [&](const extract::Source& companion) { return add(companion.fd); });
  }
  std::span<const int> fds() const { return fds_; }

 private:
  std::vector<int> fds_;
  std::vector<Fd> opened_;
};

// What a worker says about one document, checked and passed on.
class Hearing {
 public:
  Hearing(const extract::ExtractRequest& request, extract::ExtractSink& sink)
      : request_(request), sink_(sink), next_member_(request.first_member) {}

  // False: the document is over, `outcome()` says how.
  bool frame(wire::FrameHead head, std::string_view body) {
    if (static_cast<wire::Kind>(head.kind) != wire::Kind::kMemberBytes &&
        !spend(sizeof head + head.size))
      return false;
    if (skipped_depth_ > 0 && skip(static_cast<wire::Kind>(head.kind))) return true;
    switch (static_cast<wire::Kind>(head.kind)) {
      case wire::Kind::kText:
        return text(body);
      case wire::Kind::kMember:
        return member(body);
      case wire::Kind::kMemberBytes:
        return member_bytes(body);
      case wire::Kind::kMemberEnd:
        return member_end(body);
      case wire::Kind::kDate:
        return date(body);
      case wire::Kind::kMailbox:
        return mailbox(body);
      case wire::Kind::kDying:
        short_of_memory_ = body == std::string_view("\1", 1);
        return true;
      case wire::Kind::kEnd:
        return end(body);
      case wire::Kind::kRefused:
        outcome_ = Outcome::not_read(Reason::kJailUnavailable, "confinement failed");
        return false;
      default:
        return breach("unknown frame");
    }
  }

  // Over, for a reason that the worker did not give itself.
  bool stop(Reason reason, std::string detail) {
    outcome_ = delivered_ ? Outcome::in_part(reason, std::move(detail))
                          : Outcome::not_read(reason, std::move(detail));
    return false;
  }
  bool breach(const std::string& detail) { return stop(Reason::kCorrupt, "reader: " + detail); }

  // Members that were announced and never ended get their outcome from that of the document.
  void close_open_members() {
    while (!open_.empty()) {
      const Open last = open_.back();
      open_.pop_back();
      const Reason reason = outcome_.reason == Reason::kNone ? Reason::kCorrupt : outcome_.reason;
      sink_.member_end(last.delivered ? Outcome::in_part(reason, outcome_.detail)
                                      : Outcome::not_read(reason, outcome_.detail));
    }
  }

  const Outcome& outcome() const { return outcome_; }
  bool heard_nothing() const { return said_bytes_ == 0 && member_bytes_ == 0; }
  bool ended_well() const { return ended_well_; }
  bool retire() const { return retire_; }
  bool short_of_memory() const { return short_of_memory_; }
  std::uint32_t next_member() const { return next_member_; }

 private:
  struct Open {
    Member::Content content = Member::Content::kBytes;
    bool delivered = false;
  };

  bool may_describe() const {
    return open_.empty() || open_.back().content == Member::Content::kInline;
  }
  void delivered() {
    delivered_ = true;
    for (Open& open : open_) open.delivered = true;
  }

  bool spend(std::size_t bytes) {
    said_bytes_ += bytes;
    if (said_bytes_ <= request_.limits.max_text_bytes) return true;
    return stop(Reason::kTooLarge, "max_text_bytes");
  }

  bool skip_until_end() {
    skipped_depth_ = 1;
    return true;
  }
  // True: the frame belongs to a member that was delivered before.
  bool skip(wire::Kind kind) {
    if (kind == wire::Kind::kMember) ++skipped_depth_;
    if (kind == wire::Kind::kMemberEnd) --skipped_depth_;
    return kind <= wire::Kind::kMailbox;
  }

  bool text(std::string_view body) {
    std::optional<TextChunk> chunk = wire::unpack_text(body);
    if (!chunk || !may_describe()) return breach("text");
    if (chunk->text.empty()) return true;
    std::string cleaned;
    if (!wire::valid_utf8(chunk->text)) {
      cleaned = wire::clean_utf8(chunk->text);
      chunk->text = cleaned;
    }
    delivered();
    sink_.text(*chunk);
    return true;
  }

  bool member(std::string_view body) {
    std::optional<Member> member = wire::unpack_member(body);
    if (!member || !may_describe() || open_.size() >= wire::kMaxInlineDepth)
      return breach("member");
    if (member->content == Member::Content::kRange &&
        (member->offset > request_.source.size ||
         member->size > request_.source.size - member->offset))
      return breach("range");
    if (open_.empty()) {
      // A reader that cannot start in the middle repeats what was delivered before.
      if (member->ordinal < request_.first_member) return skip_until_end();
      if (member->ordinal < next_member_ || member->ordinal == UINT32_MAX) return breach("ordinal");
      next_member_ = member->ordinal + 1;
    }
    if (++members_ > request_.limits.max_members)
      return stop(Reason::kTooManyMembers, std::to_string(request_.limits.max_members));
    open_.push_back({member->content, false});
    if (member->content != Member::Content::kBytes) delivered();
    sink_.member(*member);
    return true;
  }

  bool member_bytes(std::string_view body) {
    if (open_.empty() || open_.back().content != Member::Content::kBytes)
      return breach("member bytes");
    if (body.size() > wire::kMaxPayload) return breach("member bytes");
    member_bytes_ += body.size();
    if (member_bytes_ > request_.limits.max_expanded_bytes)
      return stop(Reason::kBomb, "max_expanded_bytes");
    delivered();
    sink_.member_bytes(std::as_bytes(std::span(body.data(), body.size())));
    return true;
  }

  bool member_end(std::string_view body) {
    wire::Unpacker in(body);
    std::optional<Outcome> outcome = wire::unpack_outcome(in, true);
    if (!outcome || !in.done() || open_.empty()) return breach("member end");
    if (outcome->kind == OutcomeKind::kRead) delivered();
    if (outcome->kind == OutcomeKind::kNotRead && open_.back().delivered)
      outcome->kind = OutcomeKind::kReadInPart;
    open_.pop_back();
    sink_.member_end(std::move(*outcome));
    return true;
  }

  bool date(std::string_view body) {
    const std::optional<DateEvidence> date = wire::unpack_date(body);
    if (!date || !may_describe()) return breach("date");
    sink_.date(*date);
    return true;
  }

  bool mailbox(std::string_view body) {
    const std::optional<MailboxTally> tally = wire::unpack_mailbox(body);
    if (!tally || !may_describe()) return breach("mailbox");
    sink_.mailbox(*tally);
    return true;
  }

  bool end(std::string_view body) {
    wire::Unpacker in(body);
    std::optional<Outcome> outcome = wire::unpack_outcome(in, false);
    retire_ = in.get_bool();
    if (!outcome || !in.done()) return breach("end");
    outcome_ = std::move(*outcome);
    if (outcome_.kind == OutcomeKind::kNotRead && delivered_)
      outcome_.kind = OutcomeKind::kReadInPart;
    // An exception may have left members open; a reader that was content may not.
    if (outcome_.kind == OutcomeKind::kRead && !open_.empty()) return breach("member not ended");
    ended_well_ = true;
    return false;
  }

  const extract::ExtractRequest& request_;
  extract::ExtractSink& sink_;
  std::vector<Open> open_;
  Outcome outcome_;
  std::uint64_t said_bytes_ = 0;
  std::uint64_t member_bytes_ = 0;
  std::uint32_t members_ = 0;
  std::uint32_t skipped_depth_ = 0;
  std::uint32_t next_member_;
  bool delivered_ = false;
  bool ended_well_ = false;
  bool retire_ = false;
  bool short_of_memory_ = false;
};

bool sensible_media_type(std::string_view type) {
  return type.size() < 128 && std::all_of(type.begin(), type.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  std::string_view("/.+-_").find(c) != std::string_view::npos;
         });
}

}  // namespace

struct Zygote::State {
  std::shared_ptr<Keeper> keeper;
};

struct Zygote::Worker::State {
  explicit State(std::shared_ptr<Keeper> of) : keeper(std::move(of)) {}
  ~State() { end(); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  std::shared_ptr<Keeper> keeper;
  std::shared_ptr<ZygoteLink> zygote;  // whose the worker is, or was
  Listener listener;
  Fd socket;
  pid_t pid = -1;
  unsigned documents = 0;

  bool start() {
    if (pid >= 0) return true;
    ZygoteLink::Child child = fork();
    if (child.pid < 0) return false;
    pid = child.pid;
    socket = std::move(child.socket);
    documents = 0;
    listener.attach(socket.get(), pid);
    return true;
  }
  // A zygote that is found dead is replaced once.
  ZygoteLink::Child fork() {
    for (int attempt = 0; attempt < 2; ++attempt) {
      zygote = keeper->zygote();
      if (zygote == nullptr) return {};
      ZygoteLink::Child child = zygote->fork_worker();
      if (child.pid >= 0 || !zygote->is_gone()) return child;
    }
    return {};
  }
  bool died_with_zygote() const { return pid < 0 && zygote != nullptr && zygote->is_gone(); }
  void end() {
    if (pid >= 0) zygote->end(std::exchange(pid, -1), false);
    socket.reset();
  }
  // A wait status; -1 = not known.
  int end_and_wait() {
    const int status = pid >= 0 ? zygote->end(std::exchange(pid, -1), true) : -1;
    socket.reset();
    return status;
  }
  // The worker may have died while idle (the kernel ran out of memory): then a new one is asked.
  bool ask(wire::Kind kind, const extract::ExtractRequest& request, std::span<const int> fds) {
    std::string bytes;
    wire::pack_request(bytes, kind, request);
    for (int attempt = 0; attempt < 2; ++attempt) {
      if (!start()) return false;
      listener.begin(request.limits);
      if (send_all(socket.get(), bytes, fds)) return true;
      end();
    }
    return false;
  }
  void hear_last_words(Hearing& hearing);
  void died(Hearing& hearing);
  void listen(Hearing& hearing);
};

namespace {

// Ends the worker when the sink throws: the rest of the document stays unheard.
class EndUnlessDone {
 public:
  explicit EndUnlessDone(Zygote::Worker& worker) : worker_(worker) {}
  ~EndUnlessDone() {
    if (!done) worker_.recycle();
  }
  EndUnlessDone(const EndUnlessDone&) = delete;
  EndUnlessDone& operator=(const EndUnlessDone&) = delete;
  bool done = false;

 private:
  Zygote::Worker& worker_;
};

}  // namespace

// A budget is used up: what the worker had found and not yet sent is worth a moment.
void Zygote::Worker::State::hear_last_words(Hearing& hearing) {
  zygote->soft_stop(pid);
  listener.last_words(std::chrono::milliseconds(1000));
  wire::FrameHead head;
  std::string_view body;
  while (listener.next(head, body) == Heard::kFrame)
    if (!hearing.frame(head, body)) break;
}

void Zygote::Worker::State::died(Hearing& hearing) {
  const int status = end_and_wait();
  const bool signalled = status != -1 && WIFSIGNALED(status);
  if (hearing.short_of_memory())
    hearing.stop(Reason::kTooLarge, "memory");
  else if (signalled &&
           WTERMSIG(status) == SIGKILL)  // not ours: the system's want of memory, or a hand
    hearing.stop(Reason::kCrashed, "killed from outside");
  else if (signalled)
    hearing.stop(Reason::kCrashed, "signal " + std::to_string(WTERMSIG(status)));
  else if (died_with_zygote())
    hearing.stop(Reason::kCrashed, "sandbox killed");
  else
    hearing.stop(Reason::kCrashed, "reader left");
}

void Zygote::Worker::State::listen(Hearing& hearing) {
  wire::FrameHead head;
  std::string_view body;
  for (;;) {
    switch (listener.next(head, body)) {
      case Heard::kFrame:
        if (hearing.frame(head, body)) continue;
        return;
      case Heard::kGone:
        return died(hearing);
      case Heard::kBreach:
        hearing.breach("frame size");
        return;
      case Heard::kCpu:
        hear_last_words(hearing);
        hearing.stop(Reason::kTimeout, "max_cpu");
        return end();
      case Heard::kSilence:
        hear_last_words(hearing);
        hearing.stop(Reason::kTimeout, "max_silence");
        return end();
      case Heard::kMemory:
        hear_last_words(hearing);
        hearing.stop(Reason::kTooLarge, "memory");
        return end();
    }
  }
}

Zygote::Worker::Worker() = default;
Zygote::Worker::Worker(Worker&&) noexcept = default;
Zygote::Worker& Zygote::Worker::operator=(Worker&&) noexcept = default;
Zygote::Worker::~Worker() = default;

Outcome Zygote::Worker::extract(const extract::ExtractRequest& request, extract::ExtractSink& sink,
                                std::uint32_t* next_member) {
  if (next_member != nullptr) *next_member = request.first_member;
  PassedFds passed;
  if (!passed.add_all(request)) return Outcome::not_read(Reason::kIoError, "descriptor");
  for (bool again = false;; again = true) {
    if (!state_->ask(wire::Kind::kExtract, request, passed.fds()))
      return Outcome::not_read(Reason::kJailUnavailable, "no worker");
    Hearing hearing(request, sink);
    EndUnlessDone guard(*this);
    state_->listen(hearing);
    // Whatever killed the zygote may have had nothing to do with this document.
    if (!again && hearing.heard_nothing() && state_->died_with_zygote()) continue;
    if (next_member != nullptr) *next_member = hearing.next_member();
    hearing.close_open_members();
    guard.done = true;
    const bool trusted = hearing.ended_well() && state_->listener.drained();
    if (!trusted || hearing.retire() || ++state_->documents >= kDocumentsPerWorker) recycle();
    return hearing.outcome();
  }
}

std::string Zygote::Worker::media_type(const extract::Source& source) {
  extract::ExtractRequest request;
  request.source = source;
  request.limits.max_cpu = std::chrono::seconds(10);
  PassedFds passed;
  if (!passed.add(source.fd)) return {};
  for (int attempt = 0; attempt < 2; ++attempt) {
    if (!state_->ask(wire::Kind::kAskMediaType, request, passed.fds())) return {};
    wire::FrameHead head;
    std::string_view body;
    if (state_->listener.next(head, body) == Heard::kFrame &&
        head.kind == static_cast<std::uint32_t>(wire::Kind::kMediaType) &&
        state_->listener.drained() && sensible_media_type(body))
      return std::string(body);
    recycle();
    if (!state_->died_with_zygote()) break;
  }
  return {};
}

void Zygote::Worker::recycle() { state_->end(); }

Zygote::Zygote() = default;
Zygote::Zygote(Zygote&&) noexcept = default;
Zygote& Zygote::operator=(Zygote&&) noexcept = default;
Zygote::~Zygote() = default;

tl::expected<Zygote, std::string> Zygote::start(
    std::span<const extract::ExtractorEntry* const> extractors, const Limits& limits) {
  auto keeper = Keeper::start(extractors, limits);
  if (!keeper) return tl::unexpected(keeper.error());
  Zygote zygote;
  zygote.state_ = std::make_unique<State>(State{std::move(*keeper)});
  return zygote;
}

const Strength& Zygote::strength() const { return state_->keeper->strength(); }

std::string Zygote::lost() const { return state_->keeper->lost(); }

Zygote::Worker Zygote::worker() {
  Worker worker;
  worker.state_ = std::make_unique<Worker::State>(state_->keeper);
  return worker;
}

}  // namespace gallra::jail

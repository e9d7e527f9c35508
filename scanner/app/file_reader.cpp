#include "scanner/app/file_reader.hpp"

#include <algorithm>
#include <array>
#include <exception>
#include <sys/stat.h>
#include <unistd.h>

#include "detectors/labels.hpp"
#include "scanner/app/spill.hpp"
#include "scanner/extract/text_writer.hpp"
#include "scanner/identify/identify.hpp"
#include "scanner/model/provenance.hpp"

namespace gallra::app {
namespace {

// Documents sent to the writer in one part: enough to batch, few enough that a mailbox of a million
// messages never stands in memory.
constexpr std::size_t kDocumentsPerPart = 256;
constexpr std::size_t kFindingsPerPart = 20'000;

// Formats whose parser deserves a fresh process for every top-level file: one person's text must
// never be in memory with a stranger's parser bug.
bool is_risky(Format format) { return format == Format::kPst || format == Format::kPdf; }

// The worse of two outcomes of the same object (how its container could deliver it, how it read).
Outcome worse(const Outcome& a, const Outcome& b) {
  auto rank = [](const Outcome& o) {
    switch (o.kind) {
      case OutcomeKind::kNotRead:
        return 3;
      case OutcomeKind::kReadInPart:
        return 2;
      case OutcomeKind::kExcluded:
        return 1;
      default:
        return 0;
    }
  };
  return rank(b) > rank(a) ? b : a;
}

// A name as text: words are parted by what people use for blanks in names.
std::string name_as_text(std::string_view raw) {
  std::string text;
  for (const char c : raw) text += c == '_' || c == '\n' || c == '\r' || c == '\t' ? ' ' : c;
  return extract::valid_utf8(text);
}

constexpr std::size_t kMaxLabels = 4096;  // remembered a thread

}  // namespace

// One document that is open now; members make further frames above it.
struct FileReader::Frame {
  DocumentResult result;
  std::size_t depth = 0;
  std::string name;
  bool has_segments = false;    // findings were already sent in parts
  bool holds_too_deep = false;  // a member was too deep to be read
};

// The walk through one top-level file. Also the sink of every extractor running in it: calls always
// mean the innermost open frame.
class FileReader::Visit : public extract::ExtractSink {
 public:
  Visit(FileReader& reader, const FileRef& file, ResultSink& sink)
      : reader_(reader), file_(file), sink_(sink) {}

  void top(int fd) {
    Frame frame;
    frame.name = file_.name;
    frame.result.size = file_.size;
    frame.result.mtime_ns = file_.mtime_ns;
    visit(std::move(frame), extract::Source{fd, 0, file_.size}, Format::kUnknown, false);
  }

  // Records an object that is not read: a file that could not be opened, a member that could not be
  // delivered.
  void unread(Frame frame, Outcome outcome) {
    frame.result.outcome = std::move(outcome);
    begin(frame);  // its name is read all the same
    frame.result.found = reader_.shown(reader_.detector(frame.depth).finish());
    push(std::move(frame.result));
  }

  void last_part() { send(true); }

  // Tells whether the file changed under our hands; asked once, when its top document closes.
  std::function<bool()> changed_check;

  // The calls of an extractor.
  void text(const TextChunk& chunk) override {
    check_stop();
    Frame& frame = *frames_.back();
    detect::DocumentDetector& detector = reader_.detector(frame.depth);
    detector.text(chunk);
    if (detector.wants_flush()) send_segment(frame, reader_.shown(detector.flush()));
  }

  void member(const extract::Member& member) override {
    check_stop();
    reader_.counters_.members.fetch_add(1, std::memory_order_relaxed);
    Frame& parent = *frames_.back();
    auto open = std::make_unique<OpenMember>();
    open->member = member;
    open->frame.name = member.name;
    open->frame.depth = parent.depth + 1;
    open->frame.result.inner = parent.result.inner;
    open->frame.result.inner.push_back(member.name);
    open->frame.result.ordinal = member.ordinal;
    open->frame.result.size = member.size;
    open->frame.result.mtime_ns = member.mtime_ns;
    if (member.content == extract::Member::Content::kInline) {
      open->frame.result.identity = {
          member.format_hint == Format::kUnknown ? Format::kEml : member.format_hint, "",
          "message of a mailbox"};
      begin(open->frame);
      frames_.push_back(&open->frame);
    }
    open_.push_back(std::move(open));
  }

  void member_bytes(std::span<const std::byte> bytes) override {
    check_stop();
    OpenMember& open = *open_.back();
    if (open.spill == nullptr)
      open.spill = std::make_unique<Spill>(reader_.setup_.state_dir,
                                           reader_.setup_.limits.max_member_in_memory);
    expanded_ += bytes.size();
    if (expanded_ > reader_.setup_.limits.max_expanded_bytes)
      throw extract::StopExtract(Outcome::in_part(Reason::kBomb, "expands beyond the limit"));
    if (!open.spill_failed && !open.spill->add(bytes)) open.spill_failed = true;
  }

  void member_end(Outcome delivered) override {
    std::unique_ptr<OpenMember> open = std::move(open_.back());
    open_.pop_back();
    using Content = extract::Member::Content;
    if (open->member.content == Content::kInline) {
      frames_.pop_back();
      close(open->frame, std::move(delivered));
      return;
    }
    if (open->spill_failed)
      delivered = worse(delivered, Outcome::not_read(Reason::kTooLarge, "no room to unpack it"));
    if (delivered.kind == OutcomeKind::kNotRead || delivered.kind == OutcomeKind::kExcluded) {
      unread(std::move(open->frame), std::move(delivered));
      return;
    }
    extract::Source source;
    if (open->member.content == Content::kRange) {
      const extract::Source& outer = sources_.back();
      source = {outer.fd, outer.offset + open->member.offset, open->member.size};
    } else if (open->spill != nullptr) {
      source = open->spill->source();
      open->frame.result.size = source.size;
    }
    delivered_ = std::move(delivered);
    visit(std::move(open->frame), source, open->member.format_hint, open->member.mbox_quoted);
  }

  void date(DateEvidence evidence) override { frames_.back()->result.dates.push_back(evidence); }

  void mailbox(const MailboxTally& tally) override {
    frames_.back()->result.mailboxes.push_back(tally);
  }

 private:
  struct OpenMember {
    extract::Member member;
    Frame frame;
    std::unique_ptr<Spill> spill;
    bool spill_failed = false;
  };

  void check_stop() const {
    const std::atomic<bool>* drop = reader_.setup_.drop_now;
    if (drop != nullptr && drop->load(std::memory_order_relaxed))
      throw extract::StopExtract(Outcome::not_read(Reason::kInterrupted));
  }

  detect::DocumentContext context_of(const Frame& frame) const {
    detect::DocumentContext context;
    Provenance provenance{file_.path(), frame.result.inner};
    context.path = name_as_text(provenance.str());
    context.name = name_as_text(frame.name);
    context.format = frame.result.identity.format;
    context.today = reader_.setup_.today;
    const std::int64_t written =
        frame.result.mtime_ns != 0 ? frame.result.mtime_ns : file_.mtime_ns;
    context.written = day_from_unix(written / 1'000'000'000);
    return context;
  }

  void begin(const Frame& frame) {
    detect::DocumentDetector& detector = reader_.detector(frame.depth);
    detector.begin(context_of(frame));
    // Names are text too: a file's whole path below its source, a member's own step.
    const std::string name = name_as_text(frame.result.inner.empty() ? file_.path() : frame.name);
    TextChunk chunk;
    chunk.place.kind = PlaceKind::kName;
    chunk.layout = Layout::kProse;
    chunk.text = name;
    detector.text(chunk);
  }

  // Identifies and reads one document; its result is pushed before this returns.
  void visit(Frame frame, extract::Source source, Format hint, bool mbox_quoted) {
    const Outcome delivered = std::exchange(delivered_, Outcome::read());
    bool readable = true;
    frame.result.identity = identify(frame, source, hint, readable);
    begin(frame);
    frames_.push_back(&frame);
    sources_.push_back(source);
    Outcome outcome;
    try {
      outcome =
          readable ? extract(frame, source, mbox_quoted) : Outcome::not_read(Reason::kIoError);
    } catch (...) {
      unwind_to(frames_.size() - 1);
      sources_.pop_back();
      throw;
    }
    frames_.pop_back();
    sources_.pop_back();
    outcome = worse(outcome, delivered);
    if (outcome.kind == OutcomeKind::kNotRead && outcome.reason == Reason::kTooDeep &&
        !frames_.empty())
      frames_.back()->holds_too_deep = true;
    if (frame.holds_too_deep) outcome = worse(outcome, Outcome::in_part(Reason::kTooDeep));
    if (frame.result.inner.empty() && changed_check && changed_check())
      outcome = worse(outcome, Outcome::in_part(Reason::kChangedWhileRead));
    close(frame, std::move(outcome), &source);
  }

  static Identity identify(const Frame& frame, const extract::Source& source, Format hint,
                           bool& readable) {
    if (source.size == 0) return {Format::kEmpty, "inode/x-empty", "zero bytes"};
    if (hint != Format::kUnknown) return {hint, "", "told by its container"};
    std::array<std::byte, identify::kHeadBytes> head{};
    const std::int64_t n = source.read(0, head);
    readable = n > 0;
    if (!readable) return {Format::kUnknown, "", "could not be read"};
    const auto bytes = std::span(head).first(static_cast<std::size_t>(n));
    const bool zip = n > 1 && head[0] == std::byte{'P'} && head[1] == std::byte{'K'};
    const std::string names =
        zip ? identify::zip_member_names(source.fd, source.offset, source.size) : "";
    Identity identity = identify::identify(bytes, source.size, frame.name, names);
    if (extract::extractor_for(identity.format) == nullptr)
      if (auto behind =
              identify::archive_behind(source.fd, source.offset, source.size, identity, frame.name))
        return *std::move(behind);
    return identity;
  }

  Outcome extract(Frame& frame, const extract::Source& source, bool mbox_quoted) {
    const Format format = frame.result.identity.format;
    if (format == Format::kEmpty) return Outcome::read();
    if (frame.depth > reader_.setup_.limits.max_depth)
      return Outcome::not_read(Reason::kTooDeep,
                               std::to_string(reader_.setup_.limits.max_depth) + " levels");
    const extract::ExtractorEntry* entry = extract::extractor_for(format);
    const bool jailed = entry == nullptr || entry->jailed;
    if (jailed && reader_.setup_.zygote == nullptr)
      return Outcome::not_read(Reason::kJailUnavailable);
    if (entry == nullptr) {
      if (frame.result.identity.media_type.empty())
        frame.result.identity.media_type = reader_.worker(frame.depth).media_type(source);
      const std::string& media = frame.result.identity.media_type;
      return Outcome::not_read(Reason::kUnsupported, format == Format::kUnknown && !media.empty()
                                                         ? media
                                                         : std::string(key_of(format)));
    }
    extract::ExtractRequest request;
    request.format = format;
    request.name = frame.name;
    request.source = source;
    request.mbox_quoted = mbox_quoted;
    request.limits = reader_.setup_.limits;
    if (!entry->jailed) return extract_here(*entry, request);
    Outcome outcome = extract_jailed(frame, request);
    if (is_risky(format)) reader_.worker(frame.depth).recycle();
    return outcome;
  }

  Outcome extract_here(const extract::ExtractorEntry& entry,
                       const extract::ExtractRequest& request) {
    try {
      return entry.extract(request, *this);
    } catch (const extract::StopExtract& stop) {
      if (stop.outcome.reason == Reason::kInterrupted) throw;
      return stop.outcome;
    } catch (const std::bad_alloc&) {
      return Outcome::in_part(Reason::kTooLarge, "memory");
    }
  }

  // A reader that dies on one member is resumed behind it: a crash costs that member only.
  Outcome extract_jailed(Frame& frame, extract::ExtractRequest& request) {
    Outcome total = Outcome::read();
    const std::size_t frames = frames_.size();
    const std::size_t opens = open_.size();
    for (;;) {
      std::uint32_t next = request.first_member;
      Outcome outcome;
      try {
        outcome = reader_.worker(frame.depth).extract(request, *this, &next);
      } catch (const extract::StopExtract& stop) {
        if (stop.outcome.reason == Reason::kInterrupted) throw;
        outcome = stop.outcome;
        next = request.first_member;
      }
      end_open_members(frames, opens, outcome);
      total = worse(total, outcome);
      const bool died = outcome.reason == Reason::kCrashed || outcome.reason == Reason::kTimeout;
      if (!died || !is_container(request.format) || next <= request.first_member) return total;
      total = Outcome::in_part(total.reason, "at member " + std::to_string(next));
      request.first_member = next;
      check_stop();
    }
  }

  // Members the worker had announced but not ended when it stopped: each still gets its one
  // outcome.
  void end_open_members(std::size_t frames, std::size_t opens, const Outcome& why) {
    while (open_.size() > opens) {
      std::unique_ptr<OpenMember> open = std::move(open_.back());
      open_.pop_back();
      const Reason reason = why.reason == Reason::kNone ? Reason::kCorrupt : why.reason;
      if (open->member.content == extract::Member::Content::kInline) {
        if (frames_.size() > frames) frames_.pop_back();
        close(open->frame, Outcome::in_part(reason));
      } else {
        unread(std::move(open->frame), Outcome::not_read(reason));
      }
    }
  }

  void unwind_to(std::size_t frames) {
    frames_.resize(frames);
    open_.clear();
  }

  Key content_id(const extract::Source& source) const {
    Secret::Stream stream(*reader_.setup_.secret, "content");
    std::vector<std::byte> buffer(256 << 10);
    for (std::uint64_t at = 0; at < source.size;) {
      const std::int64_t n = source.read(at, buffer);
      if (n <= 0) return Key{};
      stream.add(std::span(buffer).first(static_cast<std::size_t>(n)));
      at += static_cast<std::uint64_t>(n);
    }
    return stream.finish();
  }

  // Content ids tell duplicates and follow moved files; only documents with findings and containers
  // need one. `source` is null when the object has no bytes of its own.
  void close(Frame& frame, Outcome outcome, const extract::Source* source = nullptr) {
    frame.result.outcome = std::move(outcome);
    frame.result.found = reader_.shown(reader_.detector(frame.depth).finish());
    const bool wanted = !frame.result.found.findings.empty() || frame.has_segments ||
                        is_container(frame.result.identity.format);
    if (source != nullptr && source->size > 0 && wanted)
      frame.result.content_id = content_id(*source);
    push(std::move(frame.result));
  }

  void count(const DocumentResult& result) {
    reader_.counters_.findings.fetch_add(result.found.findings.size(), std::memory_order_relaxed);
    if (result.outcome.kind == OutcomeKind::kNotRead ||
        result.outcome.kind == OutcomeKind::kReadInPart)
      reader_.counters_.unread.fetch_add(1, std::memory_order_relaxed);
  }

  void push(DocumentResult result) {
    count(result);
    findings_held_ += result.found.findings.size();
    documents_.push_back(std::move(result));
    if (documents_.size() >= kDocumentsPerPart || findings_held_ >= kFindingsPerPart) send(false);
  }

  void send_segment(Frame& frame, DocumentFindings found) {
    frame.has_segments = true;
    DocumentResult part;
    part.inner = frame.result.inner;
    part.ordinal = frame.result.ordinal;
    part.identity = frame.result.identity;
    part.size = frame.result.size;
    part.mtime_ns = frame.result.mtime_ns;
    part.segment = true;
    part.found = std::move(found);
    push(std::move(part));
  }

  void send(bool last) {
    if (documents_.empty() && !last) return;
    FileResult result;
    result.file = file_;
    result.first = first_;
    result.last = last;
    result.documents = std::move(documents_);
    documents_.clear();
    findings_held_ = 0;
    first_ = false;
    sink_.file(std::move(result));
  }

  FileReader& reader_;
  const FileRef& file_;
  ResultSink& sink_;
  std::vector<Frame*> frames_;            // open documents, innermost last
  std::vector<extract::Source> sources_;  // of the open documents that have bytes of their own
  std::vector<std::unique_ptr<OpenMember>> open_;  // announced members not ended yet
  Outcome delivered_ = Outcome::read();  // how the container delivered the member visited next
  std::vector<DocumentResult> documents_;
  std::size_t findings_held_ = 0;
  std::uint64_t expanded_ = 0;
  bool first_ = true;
};

FileReader::FileReader(const ReaderSetup& setup, Counters& counters)
    : setup_(setup), counters_(counters) {}
FileReader::~FileReader() = default;

const std::string& FileReader::shown_label(const std::string& label) {
  const auto known = labels_.find(label);
  if (known != labels_.end()) return known->second;
  if (labels_.size() >= kMaxLabels) labels_.clear();
  return labels_.emplace(label, detect::shown_label(label)).first->second;
}

DocumentFindings FileReader::shown(DocumentFindings found) {
  for (Finding& finding : found.findings)
    for (Place& place : finding.places) place.label = shown_label(place.label);
  for (ColumnFacts& column : found.columns) column.sheet = shown_label(column.sheet);
  return found;
}

detect::DocumentDetector& FileReader::detector(std::size_t depth) {
  while (detectors_.size() <= depth)
    detectors_.push_back(
        detect::DocumentDetector::create(setup_.rules, *setup_.secret, setup_.reveal));
  return *detectors_[depth];
}

jail::Zygote::Worker& FileReader::worker(std::size_t depth) {
  while (workers_.size() <= depth)
    workers_.push_back(std::make_unique<jail::Zygote::Worker>(setup_.zygote->worker()));
  return *workers_[depth];
}

bool is_as_seen(int fd, const FileRef& file) {
  struct stat now {};
  return ::fstat(fd, &now) == 0 && S_ISREG(now.st_mode) &&
         static_cast<std::uint64_t>(now.st_size) == file.size &&
         now.st_mtim.tv_sec * 1'000'000'000 + now.st_mtim.tv_nsec == file.mtime_ns;
}

bool FileReader::read(walk::FileJob job, ResultSink& sink) {
  Visit visit(*this, job.file, sink);
  bool whole = true;
  const std::uint64_t size = job.fd < 0 ? 0 : job.file.size;
  if (job.fd < 0) {
    Frame frame;
    frame.name = job.file.name;
    frame.result.size = job.file.size;
    frame.result.mtime_ns = job.file.mtime_ns;
    visit.unread(std::move(frame), job.outcome);
  } else {
    visit.changed_check = [&job] { return !is_as_seen(job.fd, job.file); };
    try {
      visit.top(job.fd);
    } catch (const extract::StopExtract&) {
      whole = false;
    }
    ::close(job.fd);
  }
  if (!whole) return false;
  visit.last_part();
  counters_.files.fetch_add(1, std::memory_order_relaxed);
  counters_.bytes.fetch_add(size, std::memory_order_relaxed);
  return true;
}

}  // namespace gallra::app

// How a format is read: one file a format under formats/, each defining one `extern const
// ExtractorEntry`. The same interface serves in the worker thread (plain text) and inside the jail
// (everything else).
#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "scanner/model/date_evidence.hpp"
#include "scanner/model/format.hpp"
#include "scanner/model/limits.hpp"
#include "scanner/model/outcome.hpp"
#include "scanner/model/result.hpp"
#include "scanner/model/text_chunk.hpp"

namespace gallra::extract {

// The document's bytes: a window of an open file. Read with pread only (the offset is shared with
// nobody, but a worker may be restarted on it). The fd belongs to the caller.
struct Source {
  int fd = -1;
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
  // Bytes in memory instead of a file: how one reader hands a part of its document to another
  // (the HTML of a mail). Never crosses a process.
  const char* memory = nullptr;

  static Source of(std::string_view bytes) { return {-1, 0, bytes.size(), bytes.data()}; }

  // Up to `into.size()` bytes at `at` (relative to the window); fewer at its end; -1 = I/O error.
  std::int64_t read(std::uint64_t at, std::span<std::byte> into) const;
  // The whole window, at most `limit` bytes; false = I/O error or larger than the limit.
  bool read_all(std::string& into, std::uint64_t limit) const;
};

enum class MemberKind : std::uint8_t { kFile, kMail, kAttachment, kEmbedded };

// Announces something inside the document. Its bytes, its range, or its inline text follow.
struct Member {
  enum class Content : std::uint8_t {
    kBytes,   // member_bytes() calls follow; the parent identifies the format from them
    kRange,   // stands verbatim in the document at [offset, offset + size): nothing is copied
    kInline,  // text(), date() and further members follow as from a document of its own (a PST
              // message)
  };
  MemberKind kind = MemberKind::kFile;
  Content content = Content::kBytes;
  std::string name;           // UTF-8, for display only, may hold '/', "..", anything
  std::uint32_t ordinal = 0;  // 0-based position in the container: resuming counts in these
  std::uint64_t offset = 0;   // kRange
  std::uint64_t size = 0;     // kRange: exact; else as the container claims, 0 = unknown
  std::int64_t mtime_ns = 0;  // 0 = unknown
  Format format_hint =
      Format::kUnknown;      // set when the container knows (a message of an mbox is kEml)
  bool mbox_quoted = false;  // kRange of an mbox: ">From " lines are to be unquoted
};

// Thrown by a sink when a budget is used up or the scan stops; extractors let it pass.
struct StopExtract : std::exception {
  Outcome outcome;
  explicit StopExtract(Outcome o) : outcome(std::move(o)) {}
  const char* what() const noexcept override { return "stop extracting"; }
};

// Receives what an extractor finds, in document order.
class ExtractSink {
 public:
  virtual ~ExtractSink() = default;
  virtual void text(const TextChunk& chunk) = 0;
  // member() ... member_end() enclose one member; kInline members nest.
  virtual void member(const Member& member) = 0;
  virtual void member_bytes(std::span<const std::byte> bytes) = 0;
  // How the container could deliver it: read, or not_read: encrypted, corrupt ...
  virtual void member_end(Outcome outcome) = 0;
  virtual void date(DateEvidence evidence) = 0;
  virtual void mailbox(const MailboxTally& tally) = 0;
};

struct ExtractRequest {
  Format format = Format::kUnknown;
  std::string name;  // file or member name, a hint only
  Source source;
  std::vector<Source> companions;  // the next zip part, a -wal ...: as the format asks
  std::uint32_t first_member = 0;  // resume: members below this ordinal were already delivered
  bool mbox_quoted = false;
  Limits limits;
};

// Reads one document. Returns how it went as a whole (kRead, kReadInPart, kNotRead). Library
// exceptions may escape: the one caller (jail worker loop, pipeline) turns them into `corrupt`.
using ExtractFn = Outcome (*)(const ExtractRequest&, ExtractSink&);

struct ExtractorEntry {
  std::string_view name;        // "pdf"
  std::vector<Format> formats;  // which it reads
  bool jailed = true;
  ExtractFn extract = nullptr;
  void (*prepare)() =
      nullptr;  // in the zygote, before the jail closes: open iconv, GlobalParams ...
};

// The table CMake writes from formats/*.cpp: every `extern const ExtractorEntry extractor_<file
// name>`.
std::span<const ExtractorEntry* const> extractors();
// nullptr when no extractor reads it.
const ExtractorEntry* extractor_for(Format format);

}  // namespace gallra::extract

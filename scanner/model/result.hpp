// What travels from the workers to the one writer.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "scanner/model/date_evidence.hpp"
#include "scanner/model/file_ref.hpp"
#include "scanner/model/finding.hpp"
#include "scanner/model/format.hpp"
#include "scanner/model/outcome.hpp"

namespace gallra {

// One folder of a mailbox: what the index promised, what was read, what failed.
struct MailboxTally {
  std::string folder;
  std::uint64_t expected = 0;
  std::uint64_t read = 0;
  std::uint64_t failed = 0;
};

// One object: the file itself (inner empty) or something inside it.
struct DocumentResult {
  std::vector<std::string> inner;  // steps inwards; see Provenance
  std::uint32_t ordinal = 0;       // position in its container, tells equal names apart
  Identity identity;
  Outcome outcome;
  std::uint64_t size = 0;
  std::int64_t mtime_ns = 0;  // the member's own, 0 = unknown
  Key content_id{};           // HMAC(key, bytes); zero when not computed
  std::vector<DateEvidence> dates;
  std::vector<MailboxTally> mailboxes;
  DocumentFindings found;
  // More of the same object (same inner and ordinal) follows; only `found` counts here. The object
  // is complete, and counted, with the one result of it that is not a segment.
  bool segment = false;
};

// A part of a top-level file's result. Big containers come in several parts; the file counts as
// done only when the part with `last` is stored, in the same transaction as its rows.
struct FileResult {
  FileRef file;
  bool first = true;
  bool last = true;
  std::vector<DocumentResult> documents;
};

// A folder as the walk listed it (or could not).
struct DirectoryResult {
  std::int64_t source_id = 0;
  std::string dir;
  Outcome outcome;                     // read = listed
  std::vector<std::string> unchanged;  // names carried over, not read again
  std::uint64_t entries = 0;           // objects seen in it, folders left out
};

// Threads: one sink may be called from every worker; implementations queue.
class ResultSink {
 public:
  virtual ~ResultSink() = default;
  virtual void file(FileResult result) = 0;
  virtual void directory(DirectoryResult result) = 0;
};

}  // namespace gallra

// Members of an archive, one after the other. All of libarchive is behind this.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "scanner/extract/extractor.hpp"

namespace gallra::extract {

// What stopped libarchive, in our words.
struct ArchiveTrouble {
  Reason reason = Reason::kNone;
  std::string detail;
};

class ArchiveStream {
 public:
  enum class Type : std::uint8_t { kFile, kFolder, kSymlink, kHardLink, kSpecial };
  struct Entry {
    std::string raw_name;  // of unknown encoding, or UTF-8; may be empty
    std::string link;      // target of a link
    Type type = Type::kFile;
    std::string special;  // "fifo", "device", "socket"
    std::uint64_t size = 0;
    std::int64_t mtime_ns = 0;
    bool encrypted = false;
  };
  enum class Next : std::uint8_t {
    kEntry,
    kBroken,  // this entry is damaged (`trouble`), there may be more
    kEnd,
    kFailed,  // nothing more can be had (`trouble`)
  };

  enum class Inside : std::uint8_t { kFile, kTar };  // of a compressed file (gzip ...)
  // Only the reader of `format` is asked: with all of them on, libarchive finds archives in
  // anything.
  // `front`: bytes that stand before those of the source (streamed formats only).
  ArchiveStream(const Source& source, Format format, Inside inside = Inside::kFile,
                std::string front = {});
  ~ArchiveStream();
  ArchiveStream(const ArchiveStream&) = delete;
  ArchiveStream& operator=(const ArchiveStream&) = delete;

  Next next(Entry& entry);
  // The next piece of the entry's bytes, at its place `offset` (holes are skipped). Empty: its end,
  // or `trouble` is set.
  std::span<const std::byte> data(std::uint64_t& offset);
  const ArchiveTrouble& trouble() const { return trouble_; }
  // The stream cannot go on behind the trouble.
  bool broken_off() const { return broken_off_; }

  // After the first next(): some filter did unpack something.
  bool was_compressed() const;
  // Names and all are encrypted.
  bool has_encrypted_names() const;
  // Bytes of the source used so far.
  std::uint64_t consumed() const;

 private:
  struct State;
  void note_trouble(int result);
  bool input_damaged();
  bool cut_between_entries() const;
  std::unique_ptr<State> state_;
  ArchiveTrouble trouble_;
  bool broken_off_ = false;
};

}  // namespace gallra::extract

// Deflate (zlib) and Deflate64 (our own: no library of Debian has it, and Windows writes it for
// files above 2 GB), streaming from a range of a source.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "scanner/extract/extractor.hpp"

namespace gallra::extract {

enum class Unpacked : std::uint8_t {
  kWhole,
  kDamaged,  // what was given before is right as far as can be told
  kStopped,  // `take` said so
  kIoError,
};

// `take` gets the bytes in order and answers false to stop. `used`: packed bytes of the range read
// so far, while running; at the end of a whole stream exactly its length.
using TakeBytes = std::function<bool(std::span<const std::byte>)>;
Unpacked inflate(const Source& source, std::uint64_t at, std::uint64_t size, std::uint64_t& used,
                 const TakeBytes& take);
Unpacked inflate64(const Source& source, std::uint64_t at, std::uint64_t size, std::uint64_t& used,
                   const TakeBytes& take);

// A gzip file (RFC 1952) as one stream: members behind one another are joined, garbage behind the
// last is passed over as gzip does, and what a damaged one gives before the damage is given.
class GzipStream {
 public:
  explicit GzipStream(const Source& source);
  ~GzipStream();
  GzipStream(const GzipStream&) = delete;
  GzipStream& operator=(const GzipStream&) = delete;

  // The next piece; empty at the end or at damage. Lives until the next call.
  std::span<const std::byte> next();
  bool is_gzip() const;  // after the first next()
  bool damaged() const;
  bool io_error() const;
  std::uint64_t used() const;
  // As the header says: of unknown encoding, or "" and 0.
  std::string raw_name() const;
  std::int64_t mtime_ns() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace gallra::extract

// Deflate (zlib) and Deflate64 (our own: no library of Debian has it, and Windows writes it for
// files above 2 GB), streaming from a range of a source.
#pragma once

#include <cstdint>
#include <functional>
#include <span>

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

}  // namespace gallra::extract

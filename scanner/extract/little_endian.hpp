// Little-endian numbers in the headers of file formats. The caller has checked that they are there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace gallra::extract {

inline std::uint64_t little(std::string_view bytes, std::size_t at, std::size_t width) {
  std::uint64_t value = 0;
  for (std::size_t i = width; i-- > 0;)
    value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
  return value;
}
inline std::uint16_t u16(std::string_view bytes, std::size_t at) {
  return static_cast<std::uint16_t>(little(bytes, at, 2));
}
inline std::uint32_t u32(std::string_view bytes, std::size_t at) {
  return static_cast<std::uint32_t>(little(bytes, at, 4));
}
inline std::uint64_t u64(std::string_view bytes, std::size_t at) { return little(bytes, at, 8); }

}  // namespace gallra::extract

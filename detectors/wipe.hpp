// Overwrites what was held in clear before it is let go.
#pragma once

#include <cstring>
#include <string>

namespace gallra::detect {

// Also what earlier, longer contents left behind.
inline void wipe(std::string& text) {
  text.resize(text.capacity());
  std::memset(text.data(), 0, text.size());
  asm volatile("" : : "r"(text.data()) : "memory");  // the writes must happen
  text.clear();
}

}  // namespace gallra::detect

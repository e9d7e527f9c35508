// Bytes of a container member on their way to the next reader: in memory while small, above that in
// an unnamed file of the state folder. Nothing with a name is ever written, so nothing is left
// after a crash.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "scanner/extract/extractor.hpp"

namespace gallra::app {

class Spill {
 public:
  // `state_dir` must be a folder of ours (0700); used only above `max_in_memory` bytes.
  Spill(std::string state_dir, std::uint64_t max_in_memory);
  ~Spill();
  Spill(const Spill&) = delete;
  Spill& operator=(const Spill&) = delete;

  // False: the disk or memory gave out; what came before is still there.
  bool add(std::span<const std::byte> bytes);
  std::uint64_t size() const { return size_; }
  extract::Source source() const { return {fd_, 0, size_}; }

 private:
  bool write_all(std::span<const std::byte> bytes);
  bool move_to_disk();

  std::string state_dir_;
  std::uint64_t max_in_memory_;
  std::uint64_t size_ = 0;
  int fd_ = -1;
  bool on_disk_ = false;
};

}  // namespace gallra::app

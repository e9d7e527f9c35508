// Every limit of the scan in one place: unit, default, reason. Reaching one is an outcome, never
// silence.
#pragma once

#include <chrono>
#include <cstdint>

namespace gallra {

struct Limits {
  // Containers in containers. 8 is deeper than any mail thread we have met; bombs go to hundreds.
  std::uint32_t max_depth = 8;
  // Members of one container.
  std::uint32_t max_members = 1'000'000;
  // Expanded : packed bytes, judged once `ratio_after_bytes` have come out (small text packs well).
  std::uint32_t max_ratio = 200;
  std::uint64_t ratio_after_bytes = 10ull << 20;
  // Bytes one top-level file may expand to, all members together.
  std::uint64_t max_expanded_bytes = 64ull << 30;
  // Text that one jailed document may answer with (plain text files are streamed and have no
  // limit).
  std::uint64_t max_text_bytes = 512ull << 20;
  // CPU of the jailed worker for one document; a PDF page costs about 1 ms, a 9 MB xlsx 0.7 s.
  std::chrono::seconds max_cpu{60};
  // Wall clock the worker may keep us waiting without sending anything.
  std::chrono::seconds max_silence{120};
  // Address space of one jailed worker (RLIMIT_AS); sanitizer builds watch RSS instead.
  std::uint64_t max_memory_bytes = 1ull << 30;
  // Member bytes kept in a memfd; above it an unnamed O_TMPFILE in the state folder.
  std::uint64_t max_member_in_memory = 16ull << 20;
};

}  // namespace gallra

// The life of a jailed worker: takes documents from its socket, runs their extractor, tells what it
// finds.
#pragma once

#include <cstdint>
#include <span>

#include "scanner/extract/extractor.hpp"
#include "scanner/extract/jail/confine.hpp"

namespace gallra::jail {

struct WorkerSetup {
  std::span<const extract::ExtractorEntry* const> extractors;
  const SyscallFilter* filter = nullptr;
  std::uint64_t address_space = 0;  // RLIMIT_AS; 0 = none (sanitizer builds)
  std::uint64_t memory = 0;         // what of it a document may use
};

// The signal by which the engine asks for what was found so far when a budget is used up.
int soft_stop_signal();

// Never returns. The socket is kWorkerSocket; no other descriptor above 2 is open.
[[noreturn]] void worker_main(const WorkerSetup& setup);

}  // namespace gallra::jail

// Threads and queues, nothing else: walker -> bounded queue of opened files -> workers -> the
// store's writer.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "reports/store/store.hpp"
#include "scanner/app/file_reader.hpp"
#include "scanner/walk/walk.hpp"

namespace gallra::app {

struct PipelineSetup {
  std::vector<walk::Root> roots;
  walk::Options walk;
  ReaderSetup reader;
  unsigned threads = 2;
};

// How a stop was asked for. Set from signal handlers.
struct Stop {
  std::atomic<bool> gently{false};  // finish the documents in hand, start none
  std::atomic<bool> now{false};     // drop the documents in hand; they are read again next time
};

// What the run met; compared with the ledger.
struct PipelineResult {
  std::uint64_t seen = 0;  // files of the walk and members of the files read, carried-over files'
                           // members not counted
  bool complete = false;   // the walk ended and no file was dropped
  std::map<std::int64_t, Outcome> roots_unlisted;  // sources whose own folder was not listed, why
};

// Runs to the end or to a stop. `writer` gets every result; its failure (disk full) stops the run
// gently.
PipelineResult run_pipeline(const PipelineSetup& setup, store::Writer& writer, Stop& stop,
                            Counters& counters);

}  // namespace gallra::app

// Sandboxed readers. A small keeper is forked before the engine allocates anything; it forks a
// zygote, and a new one should that die; the zygote forks workers that have no network, no file
// system, no exec, and budgets of memory, CPU and silence. A document goes in as an open
// descriptor; text and member bytes come out. Everything a worker says is treated as hostile.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <tl/expected.hpp>

#include "scanner/extract/extractor.hpp"

namespace gallra::jail {

// What the kernel gave us; shown by `doctor` and in the report.
struct Strength {
  bool seccomp = false;
  bool landlock = false;
  int landlock_abi = 0;
  bool network_cut = false;
  std::string problem;  // why a part is missing, "" when all is there
};

class Zygote {
 public:
  // Call once, early in main: single-threaded, before large allocations. `extractors` is the table
  // the workers serve (tests add hostile ones). Formats are matched in the order of the table.
  static tl::expected<Zygote, std::string> start(
      std::span<const extract::ExtractorEntry* const> extractors, const Limits& limits);
  Zygote(Zygote&&) noexcept;
  Zygote& operator=(Zygote&&) noexcept;
  ~Zygote();  // ends all workers

  const Strength& strength() const;
  // Why there are no workers any more, when the zygote died and none could be had in its place; ""
  // = there are. Threads: may be called from any thread.
  std::string lost() const;

  // One worker process; used by one thread at a time. Keep one per thread and nesting depth.
  class Worker {
   public:
    Worker(Worker&&) noexcept;
    Worker& operator=(Worker&&) noexcept;
    ~Worker();
    // Runs one document. Calls `sink` from this thread. Worker death, silence, budgets and protocol
    // breaches become an Outcome (crashed, timeout, too_large, corrupt); the process is then
    // replaced at the next call. A document of which nothing was heard when the zygote was killed
    // is tried once more. StopExtract thrown by the sink passes through after the worker was
    // stopped. `next_member` tells from which ordinal to resume after a crash (delivered members +
    // 1).
    Outcome extract(const extract::ExtractRequest& request, extract::ExtractSink& sink,
                    std::uint32_t* next_member = nullptr);
    // The media type by libmagic, asked in the jail; "" when it does not know.
    std::string media_type(const extract::Source& source);
    // End the process now, so that the next document meets a fresh one (risky formats).
    void recycle();

   private:
    friend class Zygote;
    struct State;
    Worker();
    std::unique_ptr<State> state_;
  };
  // Threads: may be called from any thread.
  Worker worker();

 private:
  struct State;
  std::unique_ptr<State> state_;
  Zygote();
};

}  // namespace gallra::jail

#include "scanner/app/pipeline.hpp"

#include <mutex>
#include <thread>
#include <unistd.h>

#include "scanner/support/bounded_queue.hpp"

namespace gallra::app {
namespace {

// Opened files waiting for a worker: enough to keep workers busy through a slow folder, far below
// any limit of open descriptors.
constexpr std::size_t kQueuedFiles = 128;

// Hands what the walk meets to the queue and the writer.
class Feeder : public walk::Visitor {
 public:
  Feeder(store::Writer& writer, BoundedQueue<walk::FileJob>& queue, Stop& stop, Counters& counters)
      : writer_(writer), queue_(queue), stop_(stop), counters_(counters) {}

  KnownFiles known(std::int64_t source_id, const std::string& dir) override {
    return writer_.known(source_id, dir);
  }

  void file(walk::FileJob job) override {
    const int fd = job.fd;
    if (stop_.gently.load(std::memory_order_relaxed) || !queue_.push(std::move(job))) {
      if (fd >= 0) ::close(fd);
      dropped = true;
    }
  }

  void left(FileRef file, Outcome outcome) override {
    counters_.passed.fetch_add(1, std::memory_order_relaxed);
    FileResult result;
    DocumentResult document;
    document.size = file.size;
    document.mtime_ns = file.mtime_ns;
    document.outcome = std::move(outcome);
    result.file = std::move(file);
    result.documents.push_back(std::move(document));
    writer_.file(std::move(result));
  }

  void directory(DirectoryResult result) override {
    seen.fetch_add(result.entries, std::memory_order_relaxed);
    counters_.passed.fetch_add(result.unchanged.size(), std::memory_order_relaxed);
    if (result.dir.empty() && result.outcome.kind == OutcomeKind::kNotRead) {
      const std::lock_guard lock(mutex_);
      roots_unlisted.emplace(result.source_id, result.outcome);
    }
    writer_.directory(std::move(result));
  }

  std::atomic<std::uint64_t> seen{0};
  std::atomic<bool> dropped{false};
  std::map<std::int64_t, Outcome> roots_unlisted;  // guarded by mutex_ while the walk runs

 private:
  store::Writer& writer_;
  BoundedQueue<walk::FileJob>& queue_;
  Stop& stop_;
  Counters& counters_;
  std::mutex mutex_;
};

}  // namespace

PipelineResult run_pipeline(const PipelineSetup& setup, store::Writer& writer, Stop& stop,
                            Counters& counters) {
  BoundedQueue<walk::FileJob> queue(kQueuedFiles);
  Feeder feeder(writer, queue, stop, counters);
  std::atomic<bool> unfinished{false};

  std::vector<std::jthread> workers;
  for (unsigned i = 0; i < setup.threads; ++i) {
    workers.emplace_back([&] {
      FileReader reader(setup.reader, counters);
      while (auto job = queue.pop()) {
        if (stop.gently.load(std::memory_order_relaxed)) {
          if (job->fd >= 0) ::close(job->fd);
          unfinished = true;
          continue;
        }
        if (!reader.read(std::move(*job), writer)) unfinished = true;
        if (writer.failed()) stop.gently = true;
      }
    });
  }
  walk::walk(setup.roots, setup.walk, feeder, stop.gently);
  queue.close();
  workers.clear();  // joins
  writer.flush();

  PipelineResult result;
  result.roots_unlisted = std::move(feeder.roots_unlisted);
  result.seen = feeder.seen + counters.members;
  result.complete = !stop.gently && !stop.now && !unfinished && !feeder.dropped && !writer.failed();
  return result;
}

}  // namespace gallra::app

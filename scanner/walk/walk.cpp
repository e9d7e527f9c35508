// The walkers: threads that take folders from one queue, list them, and put the folders they find
// back on it.
#include "scanner/walk/walk.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <dirent.h>
#include <exception>
#include <fcntl.h>
#include <mutex>
#include <optional>
#include <set>
#include <sys/stat.h>
#include <system_error>
#include <thread>
#include <tuple>

#include "scanner/walk/open.hpp"
#include "scanner/walk/roots.hpp"

namespace gallra::walk {
namespace {

using namespace std::chrono_literals;

// Folders held open for their waiting children. Beyond it a child is opened again from the root,
// step by step, so that a queue of any length costs no more descriptors.
constexpr int kMaxFoldersHeld = 128;
constexpr std::size_t kListBytes = 64 * 1024;  // one getdents64: about 1,500 names
constexpr std::size_t kMaxBatch = 16;          // folders taken under one lock
constexpr auto kStopPoll = 50ms;               // `stop` is an atomic that wakes nobody

// An open folder, shared by the children on the queue.
struct Folder {
  Fd fd;
  std::atomic<int>* held = nullptr;
  ~Folder() {
    if (held != nullptr) held->fetch_sub(1);
  }
};

struct Task {
  std::size_t root = 0;
  std::string dir;                       // below the root; "" = the root itself
  std::shared_ptr<const Folder> parent;  // may be empty
  // Brent's loop check: one ancestor is remembered, renewed at every level that is a power of two.
  // Finds a folder that holds itself (a broken or hostile file system) without keeping them all.
  std::uint32_t level = 0;
  std::uint64_t mark_dev = 0;
  std::uint64_t mark_inode = 0;
};

// A folder that has files with several links in it.
struct HeldFolder {
  std::size_t root = 0;
  std::string dir;
  bool deferred = false;  // `result` is reported when it is known which names are unchanged
  DirectoryResult result;
};

struct Held {
  std::shared_ptr<HeldFolder> folder;
  std::string name;
  struct stat st {};
  std::optional<std::string> known;  // see known_as()

  auto order() const { return std::tie(folder->root, folder->dir, name); }
};

std::string joined(const std::string& dir, std::string_view name) {
  std::string path;
  path.reserve(dir.size() + 1 + name.size());
  if (!dir.empty()) path.append(dir).push_back('/');
  path.append(name);
  return path;
}

struct stat as_stat(const struct statx& sx) {
  struct stat st {};
  st.st_dev = device_of(sx);
  st.st_ino = sx.stx_ino;
  st.st_mode = sx.stx_mode;
  st.st_nlink = sx.stx_nlink;
  st.st_uid = sx.stx_uid;
  st.st_gid = sx.stx_gid;
  st.st_size = static_cast<off_t>(sx.stx_size);
  st.st_blocks = static_cast<blkcnt_t>(sx.stx_blocks);
  st.st_mtim = {static_cast<time_t>(sx.stx_mtime.tv_sec), static_cast<long>(sx.stx_mtime.tv_nsec)};
  st.st_ctim = {static_cast<time_t>(sx.stx_ctime.tv_sec), static_cast<long>(sx.stx_ctime.tv_nsec)};
  return st;
}

// The name an unchanged file was read through: "" = its own. nullopt: it is new or changed.
std::optional<std::string> known_as(const KnownFiles& known, const FileRef& file) {
  const auto at = known.find(file.name);
  if (at == known.end()) return std::nullopt;
  const KnownFile& then = at->second;
  const bool same = then.inode == file.inode && then.size == file.size &&
                    then.mtime_ns == file.mtime_ns && then.ctime_ns == file.ctime_ns;
  return same ? std::optional(then.link_of) : std::nullopt;
}

class Walker {
 public:
  Walker(std::vector<RootPlace> roots, const Options& options, Visitor& visitor,
         const std::atomic<bool>& stop)
      : roots_(std::move(roots)),
        options_(options),
        visitor_(visitor),
        stop_(stop),
        own_(options.own_files.begin(), options.own_files.end()) {}

  void run() {
    for (std::size_t i = 0; i < roots_.size(); ++i) start(i);
    std::vector<std::thread> threads;
    try {
      for (unsigned i = 1; i < options_.threads; ++i) threads.emplace_back([this] { work(); });
    } catch (const std::system_error&) {  // no more threads to be had: go on with these
    }
    work();
    for (std::thread& thread : threads) thread.join();
    if (!stopping()) guarded([this] { read_held(); });
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  // All that listing one folder needs.
  struct Listing {
    const RootPlace& root;
    Task task;
    std::shared_ptr<Folder> folder;
    KnownFiles known;
    DirectoryResult result;
    std::vector<Task> children;
    std::vector<Held> held;
    std::shared_ptr<HeldFolder> held_folder;
    std::string path;  // of the object in hand; one buffer for all of them
    bool is_empty = true;

    int fd() const { return folder->fd.get(); }
  };

  bool stopping() const {
    return stop_.load(std::memory_order_relaxed) || failed_.load(std::memory_order_relaxed);
  }

  template <typename Job>
  void guarded(Job job) {
    try {
      job();
    } catch (...) {
      std::lock_guard lock(mutex_);
      if (!failure_) failure_ = std::current_exception();
      failed_ = true;
    }
  }

  // --- the queue ---

  void push(std::vector<Task> tasks) {
    if (tasks.empty()) return;
    std::lock_guard lock(mutex_);
    std::move(tasks.begin(), tasks.end(), std::back_inserter(queue_));
    wake_.notify_all();
  }

  // Takes from the end: deep before wide keeps the queue short and parents' descriptors few.
  std::vector<Task> take() {
    std::unique_lock lock(mutex_);
    while (queue_.empty() && busy_ > 0 && !stopping()) wake_.wait_for(lock, kStopPoll);
    std::vector<Task> batch;
    if (stopping()) return batch;
    const std::size_t share = queue_.size() / (2 * std::max(1u, options_.threads));
    const std::size_t n = std::min(queue_.size(), std::clamp<std::size_t>(share, 1, kMaxBatch));
    for (std::size_t i = 0; i < n; ++i) {
      batch.push_back(std::move(queue_.back()));
      queue_.pop_back();
    }
    if (n > 0) ++busy_;
    return batch;
  }

  void work() {
    std::vector<char> buffer;
    guarded([&] { buffer.resize(kListBytes); });
    for (;;) {
      std::vector<Task> batch = take();
      if (batch.empty()) return;
      guarded([&] {
        for (Task& task : batch) {
          if (stopping()) return;
          list(std::move(task), buffer);
        }
      });
      batch.clear();
      std::lock_guard lock(mutex_);
      if (--busy_ == 0 && queue_.empty()) wake_.notify_all();
    }
  }

  // --- folders ---

  void start(std::size_t index) {
    const RootPlace& root = roots_[index];
    const auto is_file = [&] { return root.error == 0 ? !root.is_folder : !root.root.rel.empty(); };
    if (is_file()) {
      guarded([&] { single_file(index); });
    } else if (root.error != 0) {
      const bool missing = root.error == ENOENT || root.error == ENOTDIR;
      guarded([&] {
        report(root, "",
               missing ? Outcome::not_read(Reason::kMissing) : outcome_of_errno(root.error));
      });
    } else {
      Task task;
      task.root = index;
      push({std::move(task)});
    }
  }

  void report(const RootPlace& root, const std::string& dir, Outcome outcome) {
    DirectoryResult result;
    result.source_id = root.root.source_id;
    result.dir = dir;
    result.outcome = std::move(outcome);
    visitor_.directory(std::move(result));
  }

  // The folder a name is opened in: `dir` below the root, or the folder of a root that is a file.
  Fd open_place(const RootPlace& root, const std::string& dir) const {
    if (!root.is_folder)
      return Fd(::open(root.folder.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    Fd top = open_folder_at(AT_FDCWD, root.real.c_str());
    struct stat st {};
    if (!top.open()) return top;
    if (::fstat(top.get(), &st) != 0 || st.st_dev != root.dev || st.st_ino != root.inode) {
      errno = ESTALE;  // another folder has taken its place since the start
      return Fd();
    }
    return dir.empty() ? std::move(top) : open_folder_below(top.get(), dir);
  }

  Fd open_task(const Task& task) const {
    if (!task.parent) return open_place(roots_[task.root], task.dir);
    const std::size_t slash = task.dir.rfind('/');
    const char* name = task.dir.c_str() + (slash == std::string::npos ? 0 : slash + 1);
    return open_folder_at(task.parent->fd.get(), name);
  }

  void list(Task task, std::vector<char>& buffer) {
    const RootPlace& root = roots_[task.root];
    Fd fd = open_task(task);
    struct stat st {};
    if (!fd.open() || ::fstat(fd.get(), &st) != 0)
      return report(root, task.dir, outcome_of_errno(errno));
    task.parent.reset();
    if (!options_.cross_file_systems && st.st_dev != root.dev)
      return report(root, task.dir, Outcome::excluded(Reason::kOtherFileSystem));
    if (task.level > 0 && st.st_dev == task.mark_dev && st.st_ino == task.mark_inode)
      return report(root, task.dir, Outcome::not_read(Reason::kIoError, "folder holds itself"));
    if ((task.level & (task.level - 1)) == 0) {
      task.mark_dev = st.st_dev;
      task.mark_inode = st.st_ino;
    }
    auto folder = std::make_shared<Folder>();
    folder->fd = std::move(fd);
    Listing listing{root, std::move(task), std::move(folder), {}, {}, {}, {}, {}, {}};
    listing.known = visitor_.known(root.root.source_id, listing.task.dir);
    listing.result.source_id = root.root.source_id;
    listing.result.dir = listing.task.dir;
    if (!read_names(listing, buffer)) return;
    const std::uint64_t stood_on = root.root.stood_on;
    if (listing.is_empty && listing.task.level == 0 && stood_on != 0 && stood_on != root.dev)
      return report(root, "", Outcome::not_read(Reason::kMissing));
    finish(std::move(listing));
  }

  // False when `stop` cut it short.
  bool read_names(Listing& listing, std::vector<char>& buffer) {
    for (bool any = false;; any = true) {
      const ssize_t n = ::getdents64(listing.fd(), buffer.data(), buffer.size());
      if (n == 0) return true;
      if (n < 0) {
        listing.result.outcome = outcome_of_errno(errno);
        if (any) listing.result.outcome.kind = OutcomeKind::kReadInPart;
        return true;
      }
      for (ssize_t at = 0; at < n;) {
        if (stopping()) return false;
        const auto* entry = reinterpret_cast<const dirent64*>(buffer.data() + at);
        at += entry->d_reclen;
        const std::string_view name(entry->d_name);
        if (name == "." || name == "..") continue;
        listing.is_empty = false;
        meet(listing, entry->d_name, entry->d_type == DT_DIR);
      }
    }
  }

  void finish(Listing listing) {
    share(listing);
    push(std::move(listing.children));
    std::sort(listing.result.unchanged.begin(), listing.result.unchanged.end());
    const bool defer = listing.held_folder && listing.held_folder->deferred;
    if (listing.held_folder) {
      if (defer) listing.held_folder->result = std::move(listing.result);
      std::lock_guard lock(held_mutex_);
      std::move(listing.held.begin(), listing.held.end(), std::back_inserter(held_));
    }
    if (!defer) visitor_.directory(std::move(listing.result));
  }

  // Lets the children open themselves from here, while there is room for one more open folder.
  void share(Listing& listing) {
    if (listing.children.empty()) return;
    if (folders_held_.fetch_add(1) >= kMaxFoldersHeld) {
      folders_held_.fetch_sub(1);
      return;
    }
    listing.folder->held = &folders_held_;
    for (Task& child : listing.children) child.parent = listing.folder;
  }

  // --- objects ---

  void meet(Listing& listing, const char* name, bool listed_as_folder) {
    struct statx sx {};
    const bool ok = ::statx(listing.fd(), name, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT,
                            STATX_BASIC_STATS, &sx) == 0;
    const int error = errno;
    if (ok ? S_ISDIR(sx.stx_mode) : listed_as_folder) {
      const std::string path = joined(listing.task.dir, name);
      if (!ok) return report(listing.root, path, outcome_of_errno(error));
      return meet_folder(listing, path, sx);
    }
    ++listing.result.entries;
    FileRef file;
    file.source_id = listing.root.root.source_id;
    file.dir = listing.task.dir;
    file.name = name;
    if (!ok) return visitor_.file({std::move(file), -1, outcome_of_errno(error)});
    const struct stat st = as_stat(sx);
    fill_from_stat(st, file);
    if (auto outcome = leave_alone(listing, file, sx)) {
      fill_access(-1, file);
      return visitor_.left(std::move(file), *std::move(outcome));
    }
    auto known = known_as(listing.known, file);
    if (file.nlink > 1) return hold(listing, std::move(file.name), st, std::move(known));
    if (known == "") return listing.result.unchanged.push_back(std::move(file.name));
    visitor_.file(open_job(listing.fd(), name, std::move(file), st));
  }

  void meet_folder(Listing& listing, const std::string& path, const struct statx& sx) {
    if (is_own(device_of(sx), sx.stx_ino))
      return report(listing.root, path, Outcome::excluded(Reason::kOwnFile));
    if (const std::string* rule = options_.filter.excludes(path, true))
      return report(listing.root, path, Outcome::excluded(Reason::kFilter, *rule));
    if (!options_.cross_file_systems && is_mount(sx, listing.root.dev))
      return report(listing.root, path, Outcome::excluded(Reason::kOtherFileSystem));
    Task child;
    child.root = listing.task.root;
    child.dir = path;
    child.level = listing.task.level + 1;
    child.mark_dev = listing.task.mark_dev;
    child.mark_inode = listing.task.mark_inode;
    listing.children.push_back(std::move(child));
  }

  std::optional<Outcome> leave_alone(Listing& listing, const FileRef& file,
                                     const struct statx& sx) const {
    // Before anything opens it: closing any descriptor of a SQLite file drops the locks of the
    // whole process on it.
    if (is_own(file.dev, file.inode)) return Outcome::excluded(Reason::kOwnFile);
    listing.path = listing.task.dir;
    if (!listing.path.empty()) listing.path += '/';
    listing.path += file.name;
    if (const std::string* rule = options_.filter.excludes(listing.path, false))
      return Outcome::excluded(Reason::kFilter, *rule);
    if (S_ISLNK(file.mode)) return Outcome::excluded(Reason::kSymlink);
    if (const char* kind = special_kind(file.mode))
      return Outcome::excluded(Reason::kSpecialFile, kind);
    if (!options_.cross_file_systems && (sx.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0)
      return Outcome::excluded(Reason::kOtherFileSystem);
    return std::nullopt;
  }

  bool is_own(std::uint64_t dev, std::uint64_t inode) const { return own_.contains({dev, inode}); }

  FileJob open_job(int folder, const char* name, FileRef file, const struct stat& seen) const {
    FileJob job;
    job.file = std::move(file);
    // Only what holds fewer blocks than bytes can be a stub. Sparse and packed files do too, so the
    // archive system's own word is asked for, and without one the file is read.
    const bool thin = seen.st_size > 0 && seen.st_blocks < (seen.st_size + 511) / 512;
    if (thin && !options_.recall_offline && is_offline_stub(folder, name)) {
      job.outcome = Outcome::not_read(Reason::kOffline);
      fill_access(-1, job.file);
      return job;
    }
    Fd fd = open_file_at(folder, name);
    struct stat st {};
    if (!fd.open() || ::fstat(fd.get(), &st) != 0) {
      job.outcome = outcome_of_errno(errno);
      fill_access(-1, job.file);
      return job;
    }
    if (!S_ISREG(st.st_mode) || is_own(st.st_dev, st.st_ino)) {
      job.outcome = Outcome::not_read(Reason::kVanished, "something else took its place");
      fill_access(-1, job.file);
      return job;
    }
    fill_from_stat(st, job.file);
    fill_access(fd.get(), job.file);
    job.fd = fd.release();
    return job;
  }

  // A root that is one file: filters do not apply to what was named.
  void single_file(std::size_t index) {
    const RootPlace& root = roots_[index];
    FileRef file;
    file.source_id = root.root.source_id;
    file.name = root.root.rel;
    DirectoryResult result;
    result.source_id = root.root.source_id;
    result.entries = 1;
    const Fd place = root.error == 0 ? open_place(root, "") : Fd();
    struct stat st {};
    if (root.error != 0 || !place.open() ||
        ::fstatat(place.get(), root.base.c_str(), &st, AT_SYMLINK_NOFOLLOW) != 0) {
      visitor_.file({std::move(file), -1, outcome_of_errno(root.error != 0 ? root.error : errno)});
      return visitor_.directory(std::move(result));
    }
    fill_from_stat(st, file);
    auto known = known_as(visitor_.known(root.root.source_id, ""), file);
    const char* special = special_kind(file.mode);
    if (is_own(file.dev, file.inode) || special != nullptr) {
      fill_access(-1, file);
      visitor_.left(std::move(file), special != nullptr
                                         ? Outcome::excluded(Reason::kSpecialFile, special)
                                         : Outcome::excluded(Reason::kOwnFile));
    } else if (file.nlink > 1) {
      auto folder = std::make_shared<HeldFolder>();
      folder->root = index;
      folder->deferred = true;
      folder->result = std::move(result);
      std::lock_guard lock(held_mutex_);
      held_.push_back({std::move(folder), std::move(file.name), st, std::move(known)});
      return;
    } else if (known == "") {
      result.unchanged.push_back(std::move(file.name));
    } else {
      visitor_.file(open_job(place.get(), root.base.c_str(), std::move(file), st));
    }
    visitor_.directory(std::move(result));
  }

  // --- files with several links ---

  void hold(Listing& listing, std::string name, const struct stat& st,
            std::optional<std::string> known) {
    if (!listing.held_folder) {
      listing.held_folder = std::make_shared<HeldFolder>();
      listing.held_folder->root = listing.task.root;
      listing.held_folder->dir = listing.task.dir;
    }
    listing.held_folder->deferred |= known.has_value();
    listing.held.push_back({listing.held_folder, std::move(name), st, std::move(known)});
  }

  FileRef ref_of(const Held& held) const {
    FileRef file;
    file.source_id = roots_[held.folder->root].root.source_id;
    file.dir = held.folder->dir;
    file.name = held.name;
    fill_from_stat(held.st, file);
    return file;
  }

  void read_held() {
    std::sort(held_.begin(), held_.end(), [](const Held& a, const Held& b) {
      return std::tie(a.st.st_dev, a.st.st_ino) != std::tie(b.st.st_dev, b.st.st_ino)
                 ? std::tie(a.st.st_dev, a.st.st_ino) < std::tie(b.st.st_dev, b.st.st_ino)
                 : a.order() < b.order();
    });
    std::vector<std::pair<std::size_t, std::size_t>> groups;  // [first, end)
    for (std::size_t at = 0; at < held_.size();) {
      std::size_t end = at + 1;
      // A source answers for itself: another one may be swept without it, or be gone.
      while (end < held_.size() && held_[end].st.st_ino == held_[at].st.st_ino &&
             held_[end].st.st_dev == held_[at].st.st_dev &&
             held_[end].folder->root == held_[at].folder->root)
        ++end;
      groups.emplace_back(at, end);
      at = end;
    }
    std::sort(groups.begin(), groups.end(), [this](const auto& a, const auto& b) {
      return held_[a.first].order() < held_[b.first].order();
    });
    for (const auto& [first, end] : groups) {
      if (stopping()) return;
      read_group(first, end);
    }
    for (const Held& held : held_) {
      if (!held.folder->deferred) continue;
      held.folder->deferred = false;
      std::sort(held.folder->result.unchanged.begin(), held.folder->result.unchanged.end());
      visitor_.directory(std::move(held.folder->result));
    }
  }

  // The first name stands for the file. Only when it cannot be opened is the next one tried.
  void read_group(std::size_t first, std::size_t end) {
    std::size_t chosen = first;
    FileRef as_read;  // access is the inode's: the same under every name
    const bool carried = held_[first].known == "";
    if (carried) {
      held_[first].folder->result.unchanged.push_back(held_[first].name);
    } else {
      std::vector<FileJob> failed;
      for (chosen = first; chosen < end; ++chosen) {
        FileJob job = open_held(held_[chosen]);
        if (job.fd >= 0) {
          as_read = job.file;
          visitor_.file(std::move(job));
          break;
        }
        failed.push_back(std::move(job));
      }
      if (chosen == end) {
        for (FileJob& job : failed) visitor_.file(std::move(job));
        return;
      }
    }
    for (std::size_t i = first; i < end; ++i) {
      if (i == chosen) continue;
      std::string through = joined(held_[chosen].folder->dir, held_[chosen].name);
      if (carried && held_[i].known == through) {
        held_[i].folder->result.unchanged.push_back(held_[i].name);
        continue;
      }
      FileRef file = ref_of(held_[i]);
      if (as_read.name.empty()) {  // carried over, so it was not opened yet
        const FileJob job = open_held(held_[chosen]);
        as_read = job.file;
        if (job.fd >= 0) ::close(job.fd);
      }
      file.owner = as_read.owner;
      file.exposure = as_read.exposure;
      file.exposure_by = as_read.exposure_by;
      visitor_.left(std::move(file), {OutcomeKind::kRead, Reason::kHardLink, std::move(through)});
    }
  }

  FileJob open_held(const Held& held) {
    const RootPlace& root = roots_[held.folder->root];
    if (last_folder_ != held.folder.get()) {
      last_fd_ = open_place(root, held.folder->dir);
      last_folder_ = held.folder.get();
      last_error_ = errno;
    }
    if (!last_fd_.open()) return {ref_of(held), -1, outcome_of_errno(last_error_)};
    const char* name = root.is_folder ? held.name.c_str() : root.base.c_str();
    return open_job(last_fd_.get(), name, ref_of(held), held.st);
  }

  const std::vector<RootPlace> roots_;
  const Options& options_;
  Visitor& visitor_;
  const std::atomic<bool>& stop_;
  const std::set<std::pair<std::uint64_t, std::uint64_t>> own_;

  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<Task> queue_;     // guarded by mutex_
  unsigned busy_ = 0;           // guarded by mutex_: threads with a batch in hand
  std::exception_ptr failure_;  // guarded by mutex_ while threads run
  std::atomic<bool> failed_{false};
  std::atomic<int> folders_held_{0};

  std::mutex held_mutex_;
  std::vector<Held> held_;  // guarded by held_mutex_ while threads run
  // The folder opened last for a held file; only used after the threads.
  const HeldFolder* last_folder_ = nullptr;
  Fd last_fd_;
  int last_error_ = 0;
};

}  // namespace

void walk(const std::vector<Root>& roots, const Options& options, Visitor& visitor,
          const std::atomic<bool>& stop) {
  std::vector<Root> kept = roots;
  for (const DroppedRoot& dropped : normalise_roots(kept, options)) {
    if (dropped.root.source_id == dropped.inside.source_id) continue;
    DirectoryResult result;
    result.source_id = dropped.root.source_id;
    result.outcome = Outcome::excluded(Reason::kFilter, "read as part of " + dropped.inside.path);
    visitor.directory(std::move(result));
  }
  std::vector<RootPlace> places;
  places.reserve(kept.size());
  for (const Root& root : kept) places.push_back(resolve(root));
  Walker(std::move(places), options, visitor, stop).run();
}

}  // namespace gallra::walk

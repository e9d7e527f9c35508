// How many objects a walk will meet, for the time left: folders are listed, nothing is opened.
#include <dirent.h>
#include <fcntl.h>
#include <memory>

#include "scanner/walk/open.hpp"
#include "scanner/walk/roots.hpp"

namespace gallra::walk {
namespace {

struct Close {
  void operator()(DIR* folder) const { ::closedir(folder); }
};
using Dir = std::unique_ptr<DIR, Close>;

class Counter {
 public:
  Counter(const RootPlace& root, const Options& options)
      : root_(root), options_(options), top_(open_folder_at(AT_FDCWD, root.real.c_str())) {}

  std::uint64_t count(const std::atomic<bool>& stop) {
    for (folders_.emplace_back(); !folders_.empty() && !stop;) {
      const std::string below = std::move(folders_.back());
      folders_.pop_back();
      list(below, stop);
    }
    return objects_;
  }

 private:
  void list(const std::string& below, const std::atomic<bool>& stop) {
    Fd fd = below.empty() ? open_folder_at(top_.get(), ".") : open_folder_below(top_.get(), below);
    struct stat st {};
    if (!fd.open() || ::fstat(fd.get(), &st) != 0) return;
    if (!options_.cross_file_systems && st.st_dev != root_.dev) return;
    const Dir folder(::fdopendir(fd.get()));
    if (!folder) return;
    (void)fd.release();  // the folder's now
    // NOLINTNEXTLINE(concurrency-mt-unsafe): safe, each thread reads a folder of its own
    while (const dirent* entry = stop ? nullptr : ::readdir(folder.get())) {
      const std::string_view name(entry->d_name);
      if (name == "." || name == "..") continue;
      if (entry->d_type != DT_DIR) {
        ++objects_;
        continue;
      }
      std::string path = below.empty() ? std::string(name) : below + '/' + std::string(name);
      if (options_.filter.excludes(path, true) == nullptr) folders_.push_back(std::move(path));
    }
  }

  const RootPlace& root_;
  const Options& options_;
  const Fd top_;
  std::vector<std::string> folders_;
  std::uint64_t objects_ = 0;
};

}  // namespace

std::uint64_t count_objects(const std::vector<Root>& roots, const Options& options,
                            const std::atomic<bool>& stop) {
  std::uint64_t objects = 0;
  for (const Root& root : roots) {
    const RootPlace place = resolve(root);
    if (place.error == 0) objects += place.is_folder ? Counter(place, options).count(stop) : 1;
  }
  return objects;
}

}  // namespace gallra::walk

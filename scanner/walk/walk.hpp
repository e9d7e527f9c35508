// Walks trees in parallel without following links, leaving file systems, or changing anything;
// tells of every object it met, also of those it leaves alone.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <unordered_map>
#include <vector>

#include "scanner/model/file_ref.hpp"
#include "scanner/model/outcome.hpp"
#include "scanner/model/result.hpp"

namespace gallra::walk {

// A gitignore-like list: last match wins, '!' re-includes, trailing '/' = folders only, leading '/'
// = anchored at the source root, '**' any depth; a file under an excluded folder stays excluded.
class Filter {
 public:
  enum class Case : std::uint8_t { kSensitive, kFold };
  static tl::expected<Filter, std::string> compile(const std::vector<std::string>& patterns,
                                                   Case fold = Case::kSensitive);
  // nullptr = included; else the pattern that excludes it.
  const std::string* excluded_by(std::string_view path, bool is_dir) const;

 private:
  struct Rule;
  std::vector<std::shared_ptr<const Rule>> rules_;
};

struct Root {
  std::int64_t source_id = 0;
  std::string path;  // as opened; a folder or a single file
  std::string rel;   // "" ; for a single file: its name
};

// What the last sweep knew of a file: carried over when all four are equal.
struct Known {
  std::uint64_t inode = 0, size = 0;
  std::int64_t mtime_ns = 0, ctime_ns = 0;
};
using KnownFiles = std::unordered_map<std::string, Known>;

struct Options {
  unsigned threads = 2;
  Filter filter;
  bool cross_file_systems = false;
  bool recall_offline = false;
  std::vector<std::pair<std::uint64_t, std::uint64_t>>
      own_files;  // (dev, inode) of database, WAL, key, report
};

// A file to read: a descriptor opened read-only, O_NOFOLLOW|O_NOATIME where allowed, relative to
// the folder's descriptor. Owned by whoever takes the job. fd < 0: could not be opened, `outcome`
// says why.
struct FileJob {
  FileRef file;
  int fd = -1;
  Outcome outcome;
};

class Visitor {
 public:
  virtual ~Visitor() = default;
  // What the store knows of this folder (empty map = nothing known). Called once a folder.
  virtual KnownFiles known(std::int64_t source_id, const std::string& dir) = 0;
  // A file to read, or one that could not be opened (fd < 0). Takes ownership of the fd. May block.
  virtual void file(FileJob job) = 0;
  // An object left alone: excluded (filter, symlink, special, own file, other file system) or a
  // hard link's other name.
  virtual void left(FileRef file, Outcome outcome) = 0;
  // A folder is done: listed (with what was unchanged in it), not listed, or excluded.
  virtual void directory(DirectoryResult result) = 0;
};

// Walks all roots; returns when done or when `stop` was set. Calls the visitor from several
// threads. Files with more than one link are held back to the end and read once, under their first
// name in path order, so that the result does not depend on the number of threads.
void walk(const std::vector<Root>& roots, const Options& options, Visitor& visitor,
          const std::atomic<bool>& stop);

// Opens a file again later (reveal, resume): same flags and checks as the walk. fd < 0 = errno in
// *error.
int open_read_only(const std::string& path, int* error = nullptr);

// Owner name and exposure from mode, POSIX ACL and, where the mount shows it, the Windows ACL.
void fill_access(int fd, FileRef& file);

}  // namespace gallra::walk

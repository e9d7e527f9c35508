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
#include <vector>

#include "scanner/model/file_ref.hpp"
#include "scanner/model/known_file.hpp"
#include "scanner/model/outcome.hpp"
#include "scanner/model/result.hpp"

namespace gallra::walk {

// A gitignore-like list: last match wins, '!' re-includes, trailing '/' = folders only, leading '/'
// = anchored at the source root, '**' any depth; a file under an excluded folder stays excluded.
// Blank patterns and those that start with '#' are skipped. Matches bytes as git does, so '?' is
// one byte. kFold ignores the case of ASCII and of the Latin-1 letters of UTF-8 (å ä ö é ...).
// A pattern that could never match ('[' without ']', a backslash at the end) is an error.
class Filter {
 public:
  enum class Case : std::uint8_t { kSensitive, kFold };
  static tl::expected<Filter, std::string> compile(const std::vector<std::string>& patterns,
                                                   Case fold = Case::kSensitive);
  // nullptr = included; else the pattern that excludes it, or a folder above it.
  const std::string* excluded_by(std::string_view path, bool is_dir) const;
  // The same for an object whose folders are known to be included: what the walk asks, since it
  // never enters an excluded folder.
  const std::string* excludes(std::string_view path, bool is_dir) const;

 private:
  struct Rule;
  std::vector<std::shared_ptr<const Rule>> rules_;
  Case fold_ = Case::kSensitive;
};

// Named by the user, so a symlink here is followed, once; filters do not apply to the root itself.
struct Root {
  std::int64_t source_id = 0;
  std::string path;  // as opened; a folder or a single file
  std::string rel;   // "" ; for a single file: its name
  // The device the tree stood on when it was last seen; 0 = not known. An empty folder on another
  // one is a mount point without its mount, and is told as missing instead of as emptied.
  std::uint64_t stood_on = 0;
};

// A root that another root reaches already.
struct DroppedRoot {
  Root root;
  Root inside;
};

struct Options {
  unsigned threads = 2;
  Filter filter;
  bool cross_file_systems = false;
  bool recall_offline = false;
  std::vector<std::pair<std::uint64_t, std::uint64_t>>
      own_files;  // (dev, inode) of database, WAL, key, report
};

// Takes out the roots that another root reads anyway (the same place twice, a folder or file inside
// another root), so that nothing is read twice, and tells which. A nested root stays when the outer
// one does not reach it: behind a filter, or on another file system. walk() does this too, and
// reports a dropped root as an excluded folder of its source; call it first to tell the user.
std::vector<DroppedRoot> normalise_roots(std::vector<Root>& roots, const Options& options);

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
// threads; what a visitor throws stops the walk and is thrown again here, in the caller's thread.
// Files with more than one link are held back to the end and read once, under their first name (by
// root, then path), so that the result does not depend on the number of threads; their other names
// are left as {kRead, kHardLink, path of the first}. A folder whose listing was cut short by `stop`
// is not reported: the next run lists it again.
// A root that is a file is reported as folder "" with one entry.
void walk(const std::vector<Root>& roots, const Options& options, Visitor& visitor,
          const std::atomic<bool>& stop);

// About how many objects (files, links, specials) walk() will meet, from listing folders alone; an
// estimate for the time left. Returns early, with what it has, when `stop` was set.
std::uint64_t count_objects(const std::vector<Root>& roots, const Options& options,
                            const std::atomic<bool>& stop);

// Opens a file again later (reveal, resume): same flags and checks as the walk. fd < 0 = errno in
// *error.
int open_read_only(const std::string& path, int* error = nullptr);

// Owner name and exposure from mode, POSIX ACL and, where the mount shows it, the Windows ACL.
// Speaks of the file alone: a folder above may hide it, and a share has rights of its own, so the
// true circle can be smaller, never wider. fd < 0 gives the owner only.
void fill_access(int fd, FileRef& file);

}  // namespace gallra::walk

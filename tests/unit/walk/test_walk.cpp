#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <functional>
#include <grp.h>
#include <map>
#include <mutex>
#include <sched.h>
#include <set>
#include <sstream>
#include <sys/acl.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>

#include "scanner/walk/walk.hpp"
#include "tests/unit/walk/temp_tree.hpp"

using namespace gallra;
using namespace gallra::walk;
using gallra::test::TempTree;

namespace {

// Writes down everything, reads every file, and knows what it is told to know.
class Notes : public Visitor {
 public:
  KnownFiles known(std::int64_t source_id, const std::string& dir) override {
    std::lock_guard lock(mutex);
    ++asked[{source_id, dir}];
    const auto at = remembered.find(dir);
    return at == remembered.end() ? KnownFiles() : at->second;
  }
  void file(FileJob job) override {
    std::string text = job.fd < 0 ? described(job.outcome) : contents(job.fd);
    if (job.fd >= 0) ::close(job.fd);
    add(job.file, text);
  }
  void left(FileRef file, Outcome outcome) override { add(file, described(outcome)); }
  void directory(DirectoryResult result) override {
    std::lock_guard lock(mutex);
    for (const std::string& name : result.unchanged)
      add_line(result.source_id, result.dir.empty() ? name : result.dir + '/' + name, "unchanged");
    entries += result.entries;
    folders[{result.source_id, result.dir}].push_back(described(result.outcome));
  }

  std::string of(const std::string& path, std::int64_t source = 1) const {
    const auto at = objects.find({source, path});
    if (at == objects.end()) return "(not seen)";
    return at->second.size() == 1 ? at->second[0] : "(seen more than once)";
  }
  std::string folder(const std::string& dir, std::int64_t source = 1) const {
    const auto at = folders.find({source, dir});
    if (at == folders.end()) return "(not seen)";
    return at->second.size() == 1 ? at->second[0] : "(seen more than once)";
  }
  std::uint64_t seen() const {
    std::uint64_t n = 0;
    for (const auto& [path, lines] : objects) n += lines.size();
    return n;
  }

  std::mutex mutex;
  std::map<std::pair<std::int64_t, std::string>, std::vector<std::string>> objects;
  std::map<std::pair<std::int64_t, std::string>, std::vector<std::string>> folders;
  std::map<std::pair<std::int64_t, std::string>, int> asked;
  std::map<std::pair<std::int64_t, std::string>, FileRef> refs;
  std::map<std::string, KnownFiles> remembered;
  std::uint64_t entries = 0;

 private:
  static std::string described(const Outcome& outcome) {
    std::string out(key_of(outcome.kind));
    if (outcome.reason != Reason::kNone) out += ' ' + std::string(key_of(outcome.reason));
    if (!outcome.detail.empty()) out += ": " + outcome.detail;
    return out;
  }
  static std::string contents(int fd) {
    std::string text(64, '\0');
    const ssize_t n = ::pread(fd, text.data(), text.size(), 0);
    text.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
    return "bytes: " + text;
  }
  void add(const FileRef& file, const std::string& text) {
    std::lock_guard lock(mutex);
    add_line(file.source_id, file.path(), text);
    refs[{file.source_id, file.path()}] = file;
  }
  void add_line(std::int64_t source, const std::string& path, const std::string& text) {
    objects[{source, path}].push_back(text);
  }
};

Filter filter_of(const std::vector<std::string>& patterns) {
  auto filter = Filter::compile(patterns);
  REQUIRE(filter.has_value());
  return *std::move(filter);
}

void walk_all(Notes& notes, const std::vector<Root>& roots, const Options& options = {}) {
  const std::atomic<bool> stop{false};
  walk::walk(roots, options, notes, stop);
  CHECK(notes.entries == notes.seen());
  for (const auto& [dir, outcomes] : notes.folders) CHECK(outcomes.size() == 1);
}

std::size_t open_descriptors() {
  return static_cast<std::size_t>(
      std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {}));
}

// Runs as somebody whom permissions bind; root passes through all of them.
int as_ordinary_user(const std::function<bool()>& job) {
  const pid_t child = ::fork();
  if (child == 0) {
    if (::getuid() == 0 &&
        (::setgroups(0, nullptr) != 0 || ::setgid(65534) != 0 || ::setuid(65534) != 0))
      ::_exit(3);
    bool ok = false;
    try {
      ok = job();
    } catch (...) {
    }
    ::_exit(ok ? 0 : 1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

}  // namespace

TEST_CASE("Every object of a tree with odd things in it is accounted for once") {
  const TempTree tree;
  const std::string long_name(255, 'x');
  tree.file("plain.txt", "hello");
  tree.file("caf\xe9\xff.txt", "latin");
  tree.file("two\nlines.txt", "newline");
  tree.file("<img src=x onerror=alert(1)>.txt", "html");
  tree.file(
      "\xe2\x80\xae"
      "cod.exe",
      "rtl");
  tree.file(long_name, "long");
  tree.file("a/b/c/deep.txt", "deep");
  tree.file("empty", "");
  REQUIRE(::symlink("plain.txt", (tree / "link").c_str()) == 0);
  REQUIRE(::symlink("..", (tree / "a/loop").c_str()) == 0);
  REQUIRE(::symlink("nowhere", (tree / "dangling").c_str()) == 0);
  REQUIRE(::symlink(tree.path().c_str(), (tree / "a/b/again").c_str()) == 0);
  REQUIRE(::mkfifo((tree / "pipe").c_str(), 0644) == 0);
  const int s = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string socket_path = tree / "socket";
  std::copy(socket_path.begin(), socket_path.end(), address.sun_path);
  REQUIRE(::bind(s, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  ::close(s);
  const bool device =
      ::mknod((tree / "device").c_str(), S_IFCHR | 0644, makedev(1, 3)) == 0;  // root only
  const bool block = ::mknod((tree / "block").c_str(), S_IFBLK | 0644, makedev(7, 99)) == 0;
  REQUIRE((device || ::getuid() != 0));

  const std::size_t before = open_descriptors();
  std::map<std::pair<std::int64_t, std::string>, std::vector<std::string>> first;
  for (const unsigned threads : {1u, 2u, 8u}) {
    Notes notes;
    Options options;
    options.threads = threads;
    walk_all(notes, {{1, tree.path(), ""}}, options);
    CHECK(notes.of("plain.txt") == "bytes: hello");
    CHECK(notes.of("caf\xe9\xff.txt") == "bytes: latin");
    CHECK(notes.of("two\nlines.txt") == "bytes: newline");
    CHECK(notes.of("<img src=x onerror=alert(1)>.txt") == "bytes: html");
    CHECK(notes.of("\xe2\x80\xae"
                   "cod.exe") == "bytes: rtl");
    CHECK(notes.of(long_name) == "bytes: long");
    CHECK(notes.of("a/b/c/deep.txt") == "bytes: deep");
    CHECK(notes.of("empty") == "bytes: ");
    CHECK(notes.of("link") == "excluded symlink");
    CHECK(notes.of("dangling") == "excluded symlink");
    CHECK(notes.of("a/loop") == "excluded symlink");
    CHECK(notes.of("a/b/again") == "excluded symlink");
    CHECK(notes.of("pipe") == "excluded special_file: fifo");
    CHECK(notes.of("socket") == "excluded special_file: socket");
    if (device) CHECK(notes.of("device") == "excluded special_file: character device");
    if (block) CHECK(notes.of("block") == "excluded special_file: block device");
    CHECK(notes.folder("") == "read");
    CHECK(notes.folder("a/b/c") == "read");
    CHECK(notes.folders.size() == 4);
    for (const auto& [dir, times] : notes.asked) CHECK(times == 1);
    if (threads == 1) first = notes.objects;
    CHECK(notes.objects == first);
  }
  CHECK(open_descriptors() == before);
}

TEST_CASE("Symlinks, rights and times of what is walked stay as they were") {
  const TempTree tree;
  const std::string path = tree.file("old.txt", "x");
  const timespec long_ago[2] = {{1000000000, 0}, {1000000000, 0}};
  REQUIRE(::utimensat(AT_FDCWD, path.c_str(), long_ago, 0) == 0);
  Notes notes;
  walk_all(notes, {{1, tree.path(), ""}});
  struct stat st {};
  REQUIRE(::stat(path.c_str(), &st) == 0);
  CHECK(st.st_atim.tv_sec == 1000000000);
  CHECK(notes.refs.at({1, "old.txt"}).mtime_ns == 1000000000ll * 1000000000);
}

TEST_CASE("A tree far deeper than any path is walked to its end") {
  const TempTree tree;
  constexpr int kLevels = 4000;
  const std::string step(20, 'd');
  int here = ::open(tree.path().c_str(), O_RDONLY | O_DIRECTORY);
  for (int i = 0; i < kLevels; ++i) {
    REQUIRE(::mkdirat(here, step.c_str(), 0755) == 0);
    const int next = ::openat(here, step.c_str(), O_RDONLY | O_DIRECTORY);
    REQUIRE(next >= 0);
    ::close(here);
    here = next;
  }
  const int out = ::openat(here, "bottom.txt", O_CREAT | O_WRONLY, 0644);
  REQUIRE(::write(out, "found", 5) == 5);
  ::close(out);
  REQUIRE(::linkat(here, "bottom.txt", here, "twin.txt", 0) == 0);  // read at the end, by its path
  ::close(here);

  Notes notes;
  walk_all(notes, {{1, tree.path(), ""}});
  std::string dir;
  for (int i = 0; i < kLevels; ++i) dir += (i == 0 ? "" : "/") + step;
  CHECK(notes.of(dir + "/bottom.txt") == "bytes: found");
  CHECK(notes.of(dir + "/twin.txt") == "read hard_link: " + dir + "/bottom.txt");
  CHECK(notes.folders.size() == kLevels + 1);
  int error = -1;
  const int again = open_read_only(tree / (dir + "/bottom.txt"), &error);
  CHECK(again >= 0);
  CHECK(error == 0);
  ::close(again);
}

TEST_CASE("Many folders on the queue do not hold many descriptors") {
  const TempTree tree;
  // 300 parents with 20 folders each: more parents than may be held open at once.
  for (int i = 0; i < 300; ++i)
    for (int k = 0; k < 20; ++k) tree.folder("p" + std::to_string(i) + "/q" + std::to_string(k));
  tree.file("p299/q19/last.txt", "last");
  rlimit old{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &old) == 0);
  rlimit tight = old;
  tight.rlim_cur = 200;
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &tight) == 0);
  Notes notes;
  Options options;
  options.threads = 8;
  walk_all(notes, {{1, tree.path(), ""}}, options);
  ::setrlimit(RLIMIT_NOFILE, &old);
  CHECK(notes.folders.size() == 1 + 300 + 6000);
  for (const auto& [dir, outcomes] : notes.folders) REQUIRE(outcomes[0] == "read");
  CHECK(notes.of("p299/q19/last.txt") == "bytes: last");
}

TEST_CASE("A file with several names is read once, under the first of them") {
  const TempTree tree;
  tree.file("m/original.txt", "shared");
  tree.folder("a");
  tree.folder("z");
  REQUIRE(::link((tree / "m/original.txt").c_str(), (tree / "z/late.txt").c_str()) == 0);
  REQUIRE(::link((tree / "m/original.txt").c_str(), (tree / "a/early.txt").c_str()) == 0);
  const TempTree other;
  REQUIRE(::link((tree / "m/original.txt").c_str(), (other / "0.txt").c_str()) == 0);
  tree.file("lone.txt", "lone");
  const TempTree outside;  // the other name is not in what is walked
  REQUIRE(::link((tree / "lone.txt").c_str(), (outside / "x").c_str()) == 0);

  for (const unsigned threads : {1u, 8u}) {
    Notes notes;
    Options options;
    options.threads = threads;
    walk_all(notes, {{1, tree.path(), ""}, {2, other.path(), ""}}, options);
    CHECK(notes.of("a/early.txt") == "bytes: shared");
    CHECK(notes.of("m/original.txt") == "read hard_link: a/early.txt");
    CHECK(notes.of("z/late.txt") == "read hard_link: a/early.txt");
    CHECK(notes.of("0.txt", 2) == "bytes: shared");  // a source answers for itself
    CHECK(notes.of("lone.txt") == "bytes: lone");

    // Every name has the access of the one file they are.
    CHECK(notes.refs.at({1, "m/original.txt"}).exposure ==
          notes.refs.at({1, "a/early.txt"}).exposure);
    CHECK(notes.refs.at({1, "m/original.txt"}).owner == notes.refs.at({1, "a/early.txt"}).owner);

    // Next time the name that was read is carried over, and behind it those that are known to have
    // been read through it.
    const FileRef& ref = notes.refs.at({1, "a/early.txt"});
    const auto known_as = [&](const char* link_of) {
      return KnownFile{ref.inode, ref.size, ref.mtime_ns, ref.ctime_ns, link_of};
    };
    Notes again;
    again.remembered["a"]["early.txt"] = known_as("");
    again.remembered["z"]["late.txt"] = known_as("a/early.txt");
    walk_all(again, {{1, tree.path(), ""}, {2, other.path(), ""}}, options);
    CHECK(again.of("a/early.txt") == "unchanged");
    CHECK(again.of("m/original.txt") == "read hard_link: a/early.txt");
    CHECK(again.of("z/late.txt") == "unchanged");
    CHECK(again.folder("a") == "read");
    CHECK(again.refs.at({1, "m/original.txt"}).exposure == ref.exposure);

    // A link whose first name is not carried over, or is another one now, is not carried over.
    Notes alone;
    alone.remembered["z"]["late.txt"] = known_as("a/early.txt");
    alone.remembered["m"]["original.txt"] = known_as("a/gone.txt");
    walk_all(alone, {{1, tree.path(), ""}, {2, other.path(), ""}}, options);
    CHECK(alone.of("a/early.txt") == "bytes: shared");
    CHECK(alone.of("m/original.txt") == "read hard_link: a/early.txt");
    CHECK(alone.of("z/late.txt") == "read hard_link: a/early.txt");
  }
}

TEST_CASE("Unchanged files are named and not opened; any change opens them") {
  const TempTree tree;
  tree.file("d/same.txt", "same");
  tree.file("d/touched.txt", "touched");
  tree.file("new.txt", "new");
  Notes first;
  walk_all(first, {{1, tree.path(), ""}});
  Notes second;
  for (const char* name : {"same.txt", "touched.txt"}) {
    const FileRef& ref = first.refs.at({1, std::string("d/") + name});
    second.remembered["d"][name] = {ref.inode, ref.size, ref.mtime_ns, ref.ctime_ns};
  }
  REQUIRE(::chmod((tree / "d/touched.txt").c_str(), 0600) == 0);  // ctime moves, nothing else
  second.remembered["d"]["touched.txt"].ctime_ns -= 1;            // coarse clocks
  walk_all(second, {{1, tree.path(), ""}});
  CHECK(second.of("d/same.txt") == "unchanged");
  CHECK(second.of("d/touched.txt") == "bytes: touched");
  CHECK(second.of("new.txt") == "bytes: new");
}

TEST_CASE("Filters leave out files and folders and say by which rule") {
  const TempTree tree;
  tree.file("keep/a.txt", "a");
  tree.file("keep/b.tmp", "b");
  tree.file("cache/deep/c.txt", "c");
  tree.file("own.db", "db");
  struct stat st {};
  REQUIRE(::stat((tree / "own.db").c_str(), &st) == 0);
  Options options;
  options.filter = filter_of({"*.tmp", "cache/"});
  options.own_files = {{st.st_dev, st.st_ino}};
  REQUIRE(::link((tree / "own.db").c_str(), (tree / "keep/db-by-another-name").c_str()) == 0);
  Notes notes;
  walk_all(notes, {{1, tree.path(), ""}}, options);
  CHECK(notes.of("keep/a.txt") == "bytes: a");
  CHECK(notes.of("keep/b.tmp") == "excluded filter: *.tmp");
  CHECK(notes.folder("cache") == "excluded filter: cache/");
  CHECK(notes.folder("cache/deep") == "(not seen)");
  CHECK(notes.of("own.db") == "excluded own_file");
  CHECK(notes.of("keep/db-by-another-name") == "excluded own_file");
}

TEST_CASE("Roots may be files, links, missing, doubled and nested; nothing is read twice") {
  const TempTree tree;
  tree.file("share/a.txt", "a");
  tree.file("share/inner/b.txt", "b");
  tree.file("share/skip/c.txt", "c");
  tree.file("single.txt", "single");
  REQUIRE(::symlink("share", (tree / "door").c_str()) == 0);
  REQUIRE(::symlink("single.txt", (tree / "alias.txt").c_str()) == 0);
  REQUIRE(::mkfifo((tree / "pipe").c_str(), 0644) == 0);
  Options options;
  options.filter = filter_of({"skip/", "single.txt", "alias.txt"});

  SECTION("a file, also behind a link, keeps the name it was given") {
    Notes notes;
    walk_all(notes, {{1, tree / "single.txt", "single.txt"}}, options);
    CHECK(notes.of("single.txt") == "bytes: single");
    CHECK(notes.folder("") == "read");
    Notes linked;
    walk_all(linked, {{1, tree / "alias.txt", ""}}, options);
    CHECK(linked.of("alias.txt") == "bytes: single");
  }
  SECTION("a link to a folder is followed when it is the root") {
    Notes notes;
    walk_all(notes, {{1, tree / "door", ""}}, options);
    CHECK(notes.of("inner/b.txt") == "bytes: b");
  }
  SECTION("a missing root and a special one are told") {
    Notes notes;
    walk_all(notes,
             {{1, tree / "nowhere", ""}, {2, tree / "pipe", ""}, {3, tree / "no.txt", "no.txt"}},
             options);
    CHECK(notes.folder("") == "not_read missing");
    CHECK(notes.of("pipe", 2) == "excluded special_file: fifo");
    CHECK(notes.of("no.txt", 3) == "not_read vanished");
  }
  SECTION("nested and doubled roots belong to the outer one") {
    std::vector<Root> roots = {
        {1, tree / "share/inner", ""}, {2, tree / "share", ""},
        {3, tree / "door", ""},        {4, tree / "share/a.txt", "a.txt"},
        {5, tree / "share/skip", ""},  {6, tree / "share/skip/c.txt", "c.txt"}};
    Notes notes;
    walk_all(notes, roots, options);
    CHECK(notes.of("inner/b.txt", 2) == "bytes: b");
    CHECK(notes.of("a.txt", 2) == "bytes: a");
    CHECK(notes.folder("", 1) == "excluded filter: read as part of " + (tree / "share"));
    CHECK(notes.folder("", 3) == "excluded filter: read as part of " + (tree / "share"));
    CHECK(notes.folder("skip", 2) == "excluded filter: skip/");
    CHECK(notes.of("c.txt", 5) == "bytes: c");  // named by hand, so its filter does not count
    CHECK(notes.objects.size() == 3);
    const auto dropped = normalise_roots(roots, options);
    CHECK(dropped.size() == 4);
    REQUIRE(roots.size() == 2);
    CHECK(roots[0].source_id == 2);
    CHECK(roots[1].source_id == 5);
  }
  SECTION("a file among the roots shares its inode with a name in another") {
    REQUIRE(::link((tree / "single.txt").c_str(), (tree / "share/copy.txt").c_str()) == 0);
    Notes notes;
    walk_all(notes, {{1, tree / "single.txt", "single.txt"}, {2, tree / "share", ""}});
    CHECK(notes.of("single.txt") == "bytes: single");
    CHECK(notes.of("copy.txt", 2) == "bytes: single");  // another source
  }
}

TEST_CASE("What the account may not open is told as such") {
  TempTree tree;
  ::chmod(tree.path().c_str(), 0755);
  tree.file("open.txt", "open");
  tree.file("locked.txt", "locked", 0000);
  tree.file("room/inside.txt", "inside");
  tree.file("list-only/x.txt", "x");
  tree.file("pass-only/y.txt", "y");
  ::chmod((tree / "room").c_str(), 0000);
  ::chmod((tree / "list-only").c_str(), 0444);
  ::chmod((tree / "pass-only").c_str(), 0111);
  const int result = as_ordinary_user([&] {
    Notes notes;
    const std::atomic<bool> stop{false};
    walk::walk({{1, tree.path(), ""},
                {2, tree / "room/inside.txt", "inside.txt"},
                {3, tree / "pass-only/y.txt", "y.txt"}},
               {}, notes, stop);
    return notes.of("open.txt") == "bytes: open" &&
           notes.of("locked.txt") == "not_read permission" &&
           notes.folder("room") == "not_read permission" && notes.folder("list-only") == "read" &&
           notes.of("list-only/x.txt") == "not_read permission" &&
           notes.folder("pass-only") == "not_read permission" &&
           notes.of("inside.txt", 2) == "not_read permission" && notes.entries == notes.seen();
  });
  CHECK(result == 0);
}

TEST_CASE("Files of other people are read although their access times cannot be spared") {
  TempTree tree;
  ::chmod(tree.path().c_str(), 0755);
  tree.file("theirs.txt", "theirs", 0644);
  if (::getuid() == 0) REQUIRE(::chown((tree / "theirs.txt").c_str(), 1, 1) == 0);
  CHECK(as_ordinary_user([&] {
          Notes notes;
          const std::atomic<bool> stop{false};
          walk::walk({{1, tree.path(), ""}}, {}, notes, stop);
          return notes.of("theirs.txt") == "bytes: theirs";
        }) == 0);
}

TEST_CASE("A hard link that cannot be opened gives way to the next name") {
  TempTree tree;
  ::chmod(tree.path().c_str(), 0755);
  tree.file("a/one.txt", "both");
  tree.folder("b");
  REQUIRE(::link((tree / "a/one.txt").c_str(), (tree / "b/two.txt").c_str()) == 0);
  class Remover : public Notes {
   public:
    explicit Remover(std::string path) : path_(std::move(path)) {}
    void directory(DirectoryResult result) override {
      // Both folders are listed when the third one of the tree is told.
      if (++told_ == 3) ::unlink(path_.c_str());
      Notes::directory(std::move(result));
    }

   private:
    std::string path_;
    std::atomic<int> told_{0};
  };
  Remover notes(tree / "a/one.txt");
  walk_all(notes, {{1, tree.path(), ""}});
  CHECK(notes.of("b/two.txt") == "bytes: both");
  CHECK(notes.of("a/one.txt") == "read hard_link: b/two.txt");
}

TEST_CASE("What disappears between being listed and being opened is told") {
  const TempTree tree;
  for (int i = 0; i < 200; ++i) tree.file("f" + std::to_string(i), "x");
  tree.folder("gone");
  // Removes everything when the first file comes; the rest of the listing is then stale.
  class Remover : public Notes {
   public:
    explicit Remover(const TempTree& t) : tree_(t) {}
    void file(FileJob job) override {
      if (!done_) {
        done_ = true;
        for (int i = 0; i < 200; ++i)
          if ("f" + std::to_string(i) != job.file.name)
            ::unlink((tree_ / ("f" + std::to_string(i))).c_str());
        ::rmdir((tree_ / "gone").c_str());
      }
      Notes::file(std::move(job));
    }

   private:
    const TempTree& tree_;
    bool done_ = false;
  };
  Remover notes(tree);
  Options options;
  options.threads = 1;
  walk_all(notes, {{1, tree.path(), ""}}, options);
  CHECK(notes.seen() == 200);
  std::map<std::string, int> counts;
  for (const auto& [path, lines] : notes.objects) ++counts[lines[0]];
  CHECK(counts["bytes: x"] == 1);
  CHECK(counts["not_read vanished"] == 199);
  CHECK(notes.folder("gone") == "not_read vanished");
}

TEST_CASE("A sparse file is read, a stub of an archive system is not, unless recall is asked for") {
  const TempTree tree;
  tree.file("hole.bin", "");
  tree.file("stub.docx", "");
  REQUIRE(::truncate((tree / "hole.bin").c_str(), 1 << 20) == 0);
  REQUIRE(::truncate((tree / "stub.docx").c_str(), 1 << 20) == 0);
  REQUIRE(::setxattr((tree / "stub.docx").c_str(), "user.DOSATTRIB", "0x1020", 7, 0) == 0);
  tree.file("solid.docx", "all here");  // the mark alone is not believed: its bytes are here
  REQUIRE(::setxattr((tree / "solid.docx").c_str(), "user.DOSATTRIB", "0x1020", 7, 0) == 0);
  Notes notes;
  walk_all(notes, {{1, tree.path(), ""}});
  CHECK(notes.of("hole.bin") == "bytes: " + std::string(64, '\0'));
  CHECK(notes.of("stub.docx") == "not_read offline");
  CHECK(notes.of("solid.docx") == "bytes: all here");
  Options options;
  options.recall_offline = true;
  Notes recalled;
  walk_all(recalled, {{1, tree.path(), ""}}, options);
  CHECK(recalled.of("stub.docx") == "bytes: " + std::string(64, '\0'));
}

TEST_CASE("Another file system below the root is left alone") {
  Notes notes;
  Options options;
  options.filter = filter_of({"/*", "!/proc"});
  walk_all(notes, {{1, "/", ""}}, options);
  CHECK(notes.folder("proc") == "excluded other_file_system");
  CHECK(notes.folder("") == "read");
}

TEST_CASE("Mounts inside the tree, bind mounts too, are entered only when told") {
  const TempTree tree;
  tree.file("a/x.txt", "x");
  tree.folder("other");
  tree.folder("bound");
  tree.file("file.txt", "under the mount");
  constexpr int kNoNamespace = 77;
  const pid_t child = ::fork();
  if (child == 0) {  // mounts in a namespace of its own, gone with it
    const uid_t user = ::getuid();
    const gid_t group = ::getgid();
    if (::unshare(CLONE_NEWNS) != 0) {
      if (::unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) ::_exit(kNoNamespace);
      std::ofstream("/proc/self/uid_map") << "0 " << user << " 1";
      std::ofstream("/proc/self/setgroups") << "deny";
      std::ofstream("/proc/self/gid_map") << "0 " << group << " 1";
    }
    if (::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        ::mount("none", (tree / "other").c_str(), "tmpfs", 0, nullptr) != 0 ||
        ::mount((tree / "a").c_str(), (tree / "bound").c_str(), nullptr, MS_BIND, nullptr) != 0 ||
        ::mount((tree / "a/x.txt").c_str(), (tree / "file.txt").c_str(), nullptr, MS_BIND,
                nullptr) != 0)
      ::_exit(kNoNamespace);
    tree.file("other/y.txt", "y");
    const std::atomic<bool> stop{false};
    Notes stays;
    walk::walk({{1, tree.path(), ""}}, {}, stays, stop);
    Notes goes;
    Options options;
    options.cross_file_systems = true;
    walk::walk({{1, tree.path(), ""}}, options, goes, stop);
    Notes nested;  // a root behind a mount is not dropped in favour of the outer one
    walk::walk({{1, tree.path(), ""}, {2, tree / "other", ""}}, {}, nested, stop);
    const bool ok = stays.folder("other") == "excluded other_file_system" &&
                    stays.folder("bound") == "excluded other_file_system" &&
                    stays.of("file.txt") == "excluded other_file_system" &&
                    stays.of("a/x.txt") == "bytes: x" && goes.of("other/y.txt") == "bytes: y" &&
                    goes.of("bound/x.txt") == "bytes: x" && nested.of("y.txt", 2) == "bytes: y" &&
                    nested.folder("other") == "excluded other_file_system";
    ::_exit(ok ? 0 : 1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  REQUIRE(WIFEXITED(status));
  if (WEXITSTATUS(status) == kNoNamespace)
    WARN("no mounts are allowed here; the mount of /proc above is all that was tried");
  else
    CHECK(WEXITSTATUS(status) == 0);
}

TEST_CASE("The stop flag ends the walk, and a folder cut short is not reported") {
  const TempTree tree;
  for (int i = 0; i < 50; ++i)
    for (int k = 0; k < 50; ++k) tree.file("d" + std::to_string(i) + "/f" + std::to_string(k));
  class Stopper : public Notes {
   public:
    std::atomic<bool> stop{false};
    void file(FileJob job) override {
      if (++count_ >= 60) stop = true;
      Notes::file(std::move(job));
    }

   private:
    std::atomic<int> count_{0};
  };
  for (const unsigned threads : {1u, 8u}) {
    Stopper notes;
    Options options;
    options.threads = threads;
    const std::size_t before = open_descriptors();
    walk::walk({{1, tree.path(), ""}}, options, notes, notes.stop);
    CHECK(notes.seen() >= 60);
    CHECK(notes.seen() < 60 + 2 * threads);
    for (const auto& [dir, outcomes] : notes.folders) {
      if (dir.second.empty()) continue;
      for (int k = 0; k < 50; ++k)
        CHECK(notes.of(dir.second + "/f" + std::to_string(k)) == "bytes: text\n");
    }
    CHECK(open_descriptors() == before);
  }
  Stopper never;
  never.stop = true;
  walk::walk({{1, tree.path(), ""}}, {}, never, never.stop);
  CHECK(never.seen() == 0);
}

TEST_CASE("What a visitor throws comes out of walk, in the caller's thread") {
  const TempTree tree;
  for (int i = 0; i < 20; ++i) tree.file("d" + std::to_string(i) + "/f");
  class Thrower : public Notes {
   public:
    void file(FileJob job) override {
      ::close(job.fd);
      throw std::runtime_error("disk full");
    }
  } thrower;
  Options options;
  options.threads = 4;
  const std::atomic<bool> stop{false};
  CHECK_THROWS_WITH(walk::walk({{1, tree.path(), ""}}, options, thrower, stop), "disk full");
}

TEST_CASE("Owner and exposure follow mode and POSIX ACL") {
  const TempTree tree;
  struct Case {
    mode_t mode;
    const char* acl;  // "" = none
    Exposure exposure;
    const char* by;
  };
  const std::string user = std::to_string(3000001), group = std::to_string(3000002);
  const std::string group_by = "group " + group + ": r (ACL)";
  const std::string user_by = "user " + user + ": r (ACL)";
  const std::string with_group = "u::rw-,g::---,g:" + group + ":r--,m::r--,o::---";
  const std::string with_user = "u::rw-,g::---,u:" + user + ":r--,m::r--,o::---";
  const std::string masked = "u::rw-,g::---,g:" + group + ":r--,m::---,o::---";
  const std::string other = "u::rw-,g::---,g:" + group + ":r--,m::r--,o::r--";
  const std::string writes = "u::rw-,g::---,g:" + group + ":-w-,m::rw-,o::---";
  const std::vector<Case> cases = {
      {0644, "", Exposure::kEveryone, "other: r"},
      {0640, "", Exposure::kGroup, ""},
      {0600, "", Exposure::kOwner, ""},
      {0604, "", Exposure::kEveryone, "other: r"},
      {0611, "", Exposure::kOwner, ""},
      {0600, with_group.c_str(), Exposure::kGroup, group_by.c_str()},
      {0600, with_user.c_str(), Exposure::kGroup, user_by.c_str()},
      {0600, masked.c_str(), Exposure::kOwner, ""},
      {0600, other.c_str(), Exposure::kEveryone, "other: r"},
      {0600, writes.c_str(), Exposure::kOwner, ""},
  };
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const Case& c = cases[i];
    const std::string path = tree.file("f" + std::to_string(i), "x", c.mode);
    if (*c.acl != 0) {
      acl_t acl = ::acl_from_text(c.acl);
      REQUIRE(acl != nullptr);
      REQUIRE(::acl_set_file(path.c_str(), ACL_TYPE_ACCESS, acl) == 0);
      ::acl_free(acl);
    }
    FileRef file;
    struct stat st {};
    REQUIRE(::stat(path.c_str(), &st) == 0);
    file.mode = st.st_mode;
    file.uid = st.st_uid;
    file.gid = st.st_gid;
    const int fd = open_read_only(path);
    fill_access(fd, file);
    ::close(fd);
    CAPTURE(i, c.mode, c.acl, file.exposure_by);
    CHECK(file.exposure == c.exposure);
    if (*c.by != 0) CHECK(file.exposure_by == c.by);
    CHECK(!file.exposure_by.empty());
  }
  FileRef nobody;
  nobody.uid = 3000009;
  fill_access(-1, nobody);
  CHECK(nobody.owner == "3000009");
  CHECK(nobody.exposure == Exposure::kUnknown);
  if (::getuid() == 0) {
    const std::string path = tree.file("nt", "x", 0600);
    REQUIRE(::setxattr(path.c_str(), "security.NTACL", "\x09\x00\x09\x00junk-junk", 13, 0) == 0);
    FileRef file;
    file.mode = S_IFREG | 0600;
    const int fd = open_read_only(path);
    fill_access(fd, file);
    ::close(fd);
    CHECK(file.exposure == Exposure::kUnknown);
    CHECK(file.owner == "root");
  }
}

TEST_CASE("Opening again refuses links, folders and pipes and names the error") {
  const TempTree tree;
  tree.file("f.txt");
  REQUIRE(::symlink("f.txt", (tree / "link").c_str()) == 0);
  REQUIRE(::mkfifo((tree / "pipe").c_str(), 0644) == 0);
  int error = 0;
  CHECK(open_read_only(tree / "link", &error) < 0);
  CHECK(error == ELOOP);
  CHECK(open_read_only(tree.path(), &error) < 0);
  CHECK(error == EINVAL);
  CHECK(open_read_only(tree / "pipe", &error) < 0);
  CHECK(open_read_only(tree / "none", &error) < 0);
  CHECK(error == ENOENT);
}

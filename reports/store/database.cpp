#include "reports/store/database.hpp"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>
#include <vector>

#include "scanner/support/embedded.hpp"

namespace gallra::store {
namespace {

// Steps to versions 2, 3 ... when there are any: embedded("reports/store/to_2.sql") and so on.
std::vector<std::string_view> migrations() {
  std::vector<std::string_view> steps;
  for (std::int64_t version = 2; version <= kSchemaVersion; ++version)
    steps.push_back(embedded("reports/store/to_" + std::to_string(version) + ".sql"));
  return steps;
}

[[noreturn]] void refuse(ProblemKind kind, std::string text) {
  throw StoreError({kind, std::move(text)});
}

ProblemKind kind_of_errno() {
  switch (errno) {
    case ENOSPC:
    case EDQUOT:
      return ProblemKind::kDiskFull;
    case EACCES:
    case EPERM:
    case EROFS:
      return ProblemKind::kNotWritable;
    default:
      return ProblemKind::kOther;
  }
}

std::string errno_text() { return std::generic_category().message(errno); }

// Makes the file with nobody else's rights; SQLite gives -wal and -shm the same.
void make_if_missing(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd >= 0) {
    ::close(fd);
  } else if (errno != EEXIST) {
    refuse(kind_of_errno(), "cannot create " + path + ": " + errno_text());
  }
}

// A file that does not begin as SQLite's do is not ours; one that does and then makes no sense is
// damaged.
void check_magic(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0)
    refuse(errno == ENOENT ? ProblemKind::kMissing : ProblemKind::kOther,
           "cannot open " + path + ": " + errno_text());
  struct stat st {};
  std::array<char, 16> head{};
  const bool regular = ::fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
  const ssize_t n = regular ? ::pread(fd, head.data(), head.size(), 0) : -1;
  ::close(fd);
  static constexpr std::string_view kMagic{"SQLite format 3\0", 16};
  const bool empty = regular && st.st_size == 0;
  if (!empty && (n != 16 || std::string_view(head.data(), head.size()) != kMagic))
    refuse(ProblemKind::kNotOurs, path + " is not a Gallra database");
}

void create(Database& db, const std::string& key_id) {
  db.exec("BEGIN IMMEDIATE");
  db.exec("PRAGMA application_id = " + std::to_string(kApplicationId));
  db.exec("PRAGMA user_version = " + std::to_string(kSchemaVersion));
  db.exec(std::string(embedded("reports/store/schema.sql")));
  Statement meta = db.prepare("INSERT INTO meta (name, value) VALUES (?1, ?2)");
  meta.bind(1, "key_id");
  meta.bind(2, key_id);
  meta.run();
  meta.bind(1, "created_by");
  meta.bind(2, "gallra " GALLRA_VERSION);
  meta.run();
  db.exec("COMMIT");
}

void check_ours(Database& db, const std::string& path) {
  if (db.integer("PRAGMA application_id") != kApplicationId)
    refuse(ProblemKind::kNotOurs, path + " is not a Gallra database");
  if (db.integer("PRAGMA user_version") > kSchemaVersion)
    refuse(ProblemKind::kNewer, path + " was written by a newer Gallra");
}

// True also for a file whose creation was cut off: nothing of anybody's is in it.
bool is_blank(Database& db) {
  return db.integer("PRAGMA application_id") == 0 && db.integer("PRAGMA user_version") == 0 &&
         db.integer("SELECT count(*) FROM sqlite_schema") == 0;
}

std::string meta_value(Database& db, std::string_view name) {
  Statement statement = db.prepare("SELECT value FROM meta WHERE name = ?1");
  statement.bind(1, name);
  return statement.step() ? std::string(statement.bytes(0)) : std::string();
}

}  // namespace

Result<WriterLock> WriterLock::take(const std::string& database_path) {
  const std::string path = database_path + ".lock";
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0)
    return tl::unexpected(Problem{kind_of_errno(), "cannot open " + path + ": " + errno_text()});
  WriterLock lock(fd, path);
  if (::flock(fd, LOCK_EX | LOCK_NB) == 0) return lock;
  if (errno == EWOULDBLOCK)
    return tl::unexpected(
        Problem{ProblemKind::kLocked, database_path + " is being written by another process"});
  return tl::unexpected(Problem{ProblemKind::kOther, "cannot lock " + path + ": " + errno_text()});
}

WriterLock::WriterLock(WriterLock&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), file_(std::move(other.file_)) {}

WriterLock& WriterLock::operator=(WriterLock&& other) noexcept {
  std::swap(fd_, other.fd_);
  std::swap(file_, other.file_);
  return *this;
}

WriterLock::~WriterLock() {
  if (fd_ >= 0) ::close(fd_);
}

FileAtPath::FileAtPath(std::string path) : path_(std::move(path)) {
  struct stat st {};
  if (::stat(path_.c_str(), &st) != 0) return;
  dev_ = st.st_dev;
  inode_ = st.st_ino;
}

bool FileAtPath::is_still_there() const {
  struct stat st {};
  return ::stat(path_.c_str(), &st) == 0 && st.st_dev == dev_ && st.st_ino == inode_;
}

void migrate(Database& db, std::span<const std::string_view> steps) {
  const std::int64_t from = db.integer("PRAGMA user_version");
  const auto to = static_cast<std::int64_t>(steps.size()) + 1;
  if (from >= to) return;
  db.exec("BEGIN IMMEDIATE");
  for (std::int64_t version = from + 1; version <= to; ++version)
    db.exec(std::string(steps[static_cast<std::size_t>(version - 2)]));
  db.exec("PRAGMA user_version = " + std::to_string(to));
  db.exec("COMMIT");
}

Database open_for_writing(const std::string& path, const std::string& key_id) {
  make_if_missing(path);
  check_magic(path);
  Database db(path, OpenAs::kWriter);
  if (is_blank(db)) create(db, key_id);
  check_ours(db, path);
  migrate(db, migrations());
  if (meta_value(db, "key_id") != key_id)
    refuse(ProblemKind::kForeignKey, path + " was made with another key");
  db.exec("PRAGMA journal_mode = WAL");
  db.exec("PRAGMA synchronous = NORMAL");
  db.exec("PRAGMA cache_size = -32768");        // KiB
  db.exec("PRAGMA wal_autocheckpoint = 4000");  // pages of 4 KiB
  db.exec("PRAGMA journal_size_limit = 67108864");
  return db;
}

Database open_for_reading(const std::string& path) {
  check_magic(path);
  auto open = [&](OpenAs as) {
    Database db(path, as);
    check_ours(db, path);
    db.exec("PRAGMA cache_size = -32768");
    return db;
  };
  try {
    return open(OpenAs::kReader);
  } catch (const StoreError& error) {
    // A reader of a WAL makes an index beside the database. Where that is forbidden or there is no
    // room, a file without a waiting WAL is whole, and one with it can be read alone.
    const ProblemKind kind = error.problem.kind;
    if (kind != ProblemKind::kOther && kind != ProblemKind::kDiskFull) throw;
    struct stat wal {};
    const bool waits = ::stat((path + "-wal").c_str(), &wal) == 0 && wal.st_size > 0;
    return open(waits ? OpenAs::kAlone : OpenAs::kImmutable);
  }
}

}  // namespace gallra::store

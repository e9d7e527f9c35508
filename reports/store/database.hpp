// Making, checking and migrating the database file; the one-writer lock.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "reports/store/sqlite.hpp"
#include "reports/store/store.hpp"

namespace gallra::store {

inline constexpr std::int64_t kApplicationId = 0x47414c4c;  // "GALL" in the file's header
inline constexpr std::int64_t kSchemaVersion = 2;

// The file a path led to. A writer asks before each commit whether it still does: SQLite would go
// on writing into a file that nobody can open any more.
class FileAtPath {
 public:
  explicit FileAtPath(std::string path);
  bool is_still_there() const;

 private:
  std::string path_;
  std::uint64_t dev_ = 0, inode_ = 0;
};

// Held by one writer at a time, on its own file beside the database (`F.lock`, 0600, never removed:
// removing it would race). The kernel drops it when the process dies.
class WriterLock {
 public:
  static Result<WriterLock> take(const std::string& database_path);
  WriterLock(WriterLock&& other) noexcept;
  WriterLock& operator=(WriterLock&& other) noexcept;
  ~WriterLock();
  // False: its file was removed or replaced, and somebody else may hold a new one.
  bool is_held() const { return file_.is_still_there(); }

 private:
  WriterLock(int fd, const std::string& path) : fd_(fd), file_(path) {}
  int fd_ = -1;
  FileAtPath file_;
};

// Opens or creates (0600), migrates, refuses foreign keys and foreign files. Throws StoreError.
Database open_for_writing(const std::string& path, const std::string& key_id);
// Opens what is there, also on a read-only medium. Throws StoreError.
Database open_for_reading(const std::string& path);

// Brings the database from its version to that of the last step: steps[i] leads to version i + 2.
// All steps in one transaction.
void migrate(Database& db, std::span<const std::string_view> steps);

}  // namespace gallra::store

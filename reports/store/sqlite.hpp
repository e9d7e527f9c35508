// A thin, throwing wrapper of SQLite's C API. Nobody outside this room sees it; its exceptions end
// at the room's interface.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

#include "reports/store/store.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace gallra::store {

// kImmutable: nobody writes, nothing is made beside the file. kAlone: a reader that keeps the index
// of the WAL in memory, for a disk with no room for it; refused while somebody else has the file
// open.
enum class OpenAs : std::uint8_t { kWriter, kReader, kImmutable, kAlone };

class Statement {
 public:
  Statement() = default;
  Statement(sqlite3* db, std::string_view sql);
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&& other) noexcept;
  ~Statement();

  // Parameters are numbered from 1. Texts and blobs must live until the statement was run or reset.
  void bind(int at, std::int64_t value);
  void bind(int at, std::string_view text);
  void bind_blob(int at, std::string_view bytes);
  void bind_null(int at);
  void bind_key(int at, const Key& key);            // NULL when all zero
  void bind_exact_key(int at, const Key& key);      // also when all zero
  void bind_unsigned(int at, std::uint64_t value);  // same 64 bits

  bool step();  // true: a row is there
  void run();   // steps to the end and resets
  void reset();

  // Columns are numbered from 0; views live until the next step.
  std::int64_t integer(int at) const;
  std::uint64_t whole(int at) const { return static_cast<std::uint64_t>(integer(at)); }
  std::string_view bytes(int at) const;  // text or blob, "" for NULL
  bool is_null(int at) const;
  Key key(int at) const;  // zero for NULL or another length
  explicit operator bool() const { return stmt_ != nullptr; }

 private:
  [[noreturn]] void fail(int code) const;
  void check(int code) const;
  sqlite3_stmt* stmt_ = nullptr;
};

class Database {
 public:
  // Opens an existing file; the caller made it. Sets what every connection of ours wants.
  Database(const std::string& path, OpenAs as);
  Database(Database&&) noexcept = default;
  Database& operator=(Database&&) noexcept = default;

  void exec(const std::string& sql);
  Statement prepare(std::string_view sql) { return {db_.get(), sql}; }
  std::int64_t integer(std::string_view sql);  // first column of the first row; 0 without one
  std::int64_t last_id() const;
  int changes() const;
  bool in_transaction() const;

 private:
  struct Close {
    void operator()(sqlite3* db) const;
  };
  std::unique_ptr<sqlite3, Close> db_;
};

}  // namespace gallra::store

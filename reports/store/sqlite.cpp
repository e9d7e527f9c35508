#include "reports/store/sqlite.hpp"

#include <algorithm>
#include <cstring>
#include <sqlite3.h>
#include <utility>

namespace gallra::store {
namespace {

// Long enough for a checkpoint of another connection, short enough to be noticed.
constexpr int kBusyMilliseconds = 10'000;

ProblemKind kind_of(int code) {
  switch (code & 0xff) {
    case SQLITE_NOTADB:
      return ProblemKind::kNotOurs;
    case SQLITE_CORRUPT:
      return ProblemKind::kDamaged;
    case SQLITE_FULL:
      return ProblemKind::kDiskFull;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return ProblemKind::kLocked;
    default:
      // A short write is how a file system at its limit (quota, RLIMIT_FSIZE) shows itself.
      return code == SQLITE_IOERR_WRITE || code == SQLITE_IOERR_SHMSIZE ? ProblemKind::kDiskFull
                                                                        : ProblemKind::kOther;
  }
}

// Only SQLite's own words: its messages can quote SQL, never bound values.
[[noreturn]] void raise(sqlite3* db, int code) {
  std::string text = sqlite3_errstr(code);
  if (db != nullptr) {
    text += ": ";
    text += sqlite3_errmsg(db);
  }
  text += " (code " + std::to_string(code) + ")";
  throw StoreError({kind_of(code), std::move(text)});
}

}  // namespace

Statement::Statement(sqlite3* db, std::string_view sql) {
  const int code = sqlite3_prepare_v3(db, sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &stmt_, nullptr);
  if (code != SQLITE_OK) raise(db, code);
}

Statement::Statement(Statement&& other) noexcept : stmt_(std::exchange(other.stmt_, nullptr)) {}

Statement& Statement::operator=(Statement&& other) noexcept {
  std::swap(stmt_, other.stmt_);
  return *this;
}

Statement::~Statement() { sqlite3_finalize(stmt_); }

void Statement::fail(int code) const {
  sqlite3* db = sqlite3_db_handle(stmt_);
  const int extended = sqlite3_extended_errcode(db);
  // The statement is reset at once, so that a failed one never holds a lock.
  std::string text = std::string(sqlite3_errstr(code)) + ": " + sqlite3_errmsg(db) + " (code " +
                     std::to_string(extended) + ")";
  sqlite3_reset(stmt_);
  throw StoreError({kind_of(extended), std::move(text)});
}

void Statement::check(int code) const {
  if (code != SQLITE_OK) fail(code);
}

void Statement::bind(int at, std::int64_t value) { check(sqlite3_bind_int64(stmt_, at, value)); }

void Statement::bind_unsigned(int at, std::uint64_t value) {
  bind(at, static_cast<std::int64_t>(value));
}

void Statement::bind(int at, std::string_view text) {
  check(sqlite3_bind_text64(stmt_, at, text.data() == nullptr ? "" : text.data(), text.size(),
                            SQLITE_STATIC, SQLITE_UTF8));
}

void Statement::bind_blob(int at, std::string_view bytes) {
  check(sqlite3_bind_blob64(stmt_, at, bytes.data() == nullptr ? "" : bytes.data(), bytes.size(),
                            SQLITE_STATIC));
}

void Statement::bind_null(int at) { check(sqlite3_bind_null(stmt_, at)); }

void Statement::bind_exact_key(int at, const Key& key) {
  check(sqlite3_bind_blob64(stmt_, at, key.data(), key.size(), SQLITE_STATIC));
}

void Statement::bind_key(int at, const Key& key) {
  if (key == Key{})
    bind_null(at);
  else
    bind_exact_key(at, key);
}

bool Statement::step() {
  const int code = sqlite3_step(stmt_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  fail(code);
}

void Statement::run() {
  while (step()) {
  }
  reset();
}

void Statement::reset() { sqlite3_reset(stmt_); }

std::int64_t Statement::integer(int at) const { return sqlite3_column_int64(stmt_, at); }

std::string_view Statement::bytes(int at) const {
  const void* data = sqlite3_column_blob(stmt_, at);
  const int size = sqlite3_column_bytes(stmt_, at);
  if (data == nullptr) return {};
  return {static_cast<const char*>(data), static_cast<std::size_t>(size)};
}

bool Statement::is_null(int at) const { return sqlite3_column_type(stmt_, at) == SQLITE_NULL; }

Key Statement::key(int at) const {
  Key key{};
  const std::string_view raw = bytes(at);
  if (raw.size() == key.size()) std::memcpy(key.data(), raw.data(), key.size());
  return key;
}

void Database::Close::operator()(sqlite3* db) const { sqlite3_close_v2(db); }

namespace {

// SQLite reads "file:" names as URIs only when told so; everything that is not safe in one is
// escaped.
std::string uri_of(const std::string& path) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string uri = "file:";
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '/' || c == '.' || c == '-' || c == '_';
    if (plain) {
      uri += c;
    } else {
      uri += '%';
      uri += kHex[byte >> 4];
      uri += kHex[byte & 15];
    }
  }
  return uri + "?immutable=1";
}

}  // namespace

Database::Database(const std::string& path, OpenAs as) {
  // Nobody asks SQLite how much memory it holds, and counting it costs a mutex an allocation.
  [[maybe_unused]] static const int configured = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  // A name such as ":memory:" is a file like any other.
  std::string name = path.starts_with('/') ? path : "./" + path;
  int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
              (as == OpenAs::kWriter || as == OpenAs::kAlone ? SQLITE_OPEN_READWRITE
                                                             : SQLITE_OPEN_READONLY);
  if (as == OpenAs::kImmutable) {
    name = uri_of(name);
    flags |= SQLITE_OPEN_URI;
  }
  sqlite3* raw = nullptr;
  const int code = sqlite3_open_v2(name.c_str(), &raw, flags, nullptr);
  db_.reset(raw);
  if (code != SQLITE_OK) raise(raw, code);
  sqlite3_busy_timeout(raw, kBusyMilliseconds);
  sqlite3_db_config(raw, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(raw, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  // Nothing is ever spilt to a file of SQLite's own; deleted rows are overwritten.
  exec("PRAGMA temp_store = MEMORY");
  exec("PRAGMA cell_size_check = ON");
  if (as == OpenAs::kAlone) {
    exec("PRAGMA locking_mode = EXCLUSIVE");
    sqlite3_db_config(raw, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  }
  if (as == OpenAs::kWriter) exec("PRAGMA secure_delete = ON");
}

void Database::exec(const std::string& sql) {
  const int code = sqlite3_exec(db_.get(), sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) raise(db_.get(), sqlite3_extended_errcode(db_.get()));
}

std::int64_t Database::integer(std::string_view sql) {
  Statement statement = prepare(sql);
  return statement.step() ? statement.integer(0) : 0;
}

std::int64_t Database::last_id() const { return sqlite3_last_insert_rowid(db_.get()); }

int Database::changes() const { return sqlite3_changes(db_.get()); }

bool Database::in_transaction() const { return sqlite3_get_autocommit(db_.get()) == 0; }

}  // namespace gallra::store

// The audit log: who saw values in clear, when and why.
#include <array>
#include <ctime>
#include <pwd.h>
#include <unistd.h>

#include "reports/store/database.hpp"
#include "reports/store/store.hpp"

namespace gallra::store {
namespace {

std::string user_name() {
  passwd entry{};
  passwd* found = nullptr;
  std::array<char, 4096> buffer{};
  if (::getpwuid_r(::getuid(), &entry, buffer.data(), buffer.size(), &found) == 0 &&
      found != nullptr)
    return entry.pw_name;
  return std::to_string(::getuid());
}

}  // namespace

std::optional<Problem> audit(const std::string& path, std::string_view what,
                             std::string_view purpose) {
  auto lock = WriterLock::take(path);
  if (!lock) return lock.error();
  try {
    Database db(path, OpenAs::kWriter);
    Statement insert =
        db.prepare("INSERT INTO audit (at, user, what, purpose) VALUES (?1, ?2, ?3, ?4)");
    const std::string user = user_name();
    insert.bind(1, static_cast<std::int64_t>(std::time(nullptr)));
    insert.bind(2, std::string_view(user));
    insert.bind(3, what);
    insert.bind(4, purpose);
    insert.run();
    return std::nullopt;
  } catch (const StoreError& error) {
    return error.problem;
  }
}

}  // namespace gallra::store

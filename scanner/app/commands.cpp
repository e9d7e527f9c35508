#include "scanner/app/commands.hpp"

#include <ctime>
#include <filesystem>

#include "scanner/app/process.hpp"

namespace gallra::app {

int complain(Lang lang, std::string_view key, const std::vector<std::string>& values,
             int exit_code) {
  tell("gallra: " + text(lang, key, values));
  return exit_code;
}

std::string unlisted_text(Lang lang, const std::string& folder, const Outcome& outcome) {
  const std::string key = "reason." + std::string(key_of(outcome.reason));
  return text(lang, "app.status.folder", {printable(folder), std::string(text(lang, key))});
}

tl::expected<Settings, int> settings_of(const Invocation& invocation) {
  auto settings = resolve_settings(invocation.global);
  if (!settings) {
    tell("gallra: " + settings.error());
    return tl::unexpected(static_cast<int>(kUsage));
  }
  return *settings;
}

tl::expected<Settings, int> settings_with_db(const Invocation& invocation) {
  auto settings = settings_of(invocation);
  if (settings && settings->db.empty())
    return tl::unexpected(complain(settings->lang, "app.error.no_db", {}, kUsage));
  return settings;
}

std::string store_sentence(Lang lang, const std::string& db, const store::Problem& problem) {
  using store::ProblemKind;
  const auto told = [&](std::string_view key) { return text(lang, key, {printable(db)}); };
  switch (problem.kind) {
    case ProblemKind::kMissing:
      return told("app.error.db_missing");
    case ProblemKind::kLocked:
      return told("app.error.db_locked");
    case ProblemKind::kForeignKey:
      return told("app.error.foreign_key_db");
    case ProblemKind::kNotOurs:
      return told("app.error.db_not_ours");
    case ProblemKind::kNewer:
      return told("app.error.db_newer");
    case ProblemKind::kDamaged:
      return told("app.error.db_damaged");
    case ProblemKind::kDiskFull:
      return told("app.error.disk_full");
    case ProblemKind::kNotWritable:
      return told("app.error.db_not_writable");
    case ProblemKind::kReplaced:
      return told("app.error.db_replaced");
    default:
      return text(lang, "app.error.db_other", {printable(db), printable(problem.text)});
  }
}

int store_problem(Lang lang, const std::string& db, const store::Problem& problem) {
  tell("gallra: " + store_sentence(lang, db, problem));
  return problem.kind == store::ProblemKind::kMissing ? kUsage : kFatal;
}

tl::expected<std::unique_ptr<store::Reader>, int> open_reader(const Settings& settings) {
  auto reader = store::Reader::open(settings.db);
  if (reader) return std::move(*reader);
  return tl::unexpected(store_problem(settings.lang, settings.db, reader.error()));
}

tl::expected<std::shared_ptr<const retention::Policy>, int> open_policy(const Settings& settings) {
  if (settings.policy_file.empty()) return retention::Policy::built_in();
  auto policy = retention::Policy::load(settings.policy_file, settings.lang);
  if (policy) return *policy;
  return tl::unexpected(complain(settings.lang, "app.error.policy", {policy.error()}, kUsage));
}

tl::expected<Secret, int> open_key(const Settings& settings, store::Reader& reader) {
  auto secret = Secret::load(settings.key_path(), settings.lang);
  if (!secret)
    return tl::unexpected(
        complain(settings.lang, "app.error.key", {printable(secret.error())}, kFatal));
  if (secret->id() != reader.key_id())
    return tl::unexpected(
        complain(settings.lang, "app.error.foreign_key", {secret->id(), reader.key_id()}, kFatal));
  return *secret;
}

std::int32_t today() { return day_from_unix(static_cast<std::int64_t>(std::time(nullptr))); }

std::string state_dir(const Settings& settings) {
  return std::filesystem::absolute(settings.db).parent_path().string();
}

}  // namespace gallra::app

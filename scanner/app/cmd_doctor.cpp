// doctor: one line a thing that could go wrong, with what to do about it.
#include <cerrno>
#include <filesystem>
#include <fmt/core.h>
#include <sys/prctl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "scanner/app/commands.hpp"
#include "scanner/extract/jail/jail.hpp"

namespace gallra::app {
namespace {

namespace fs = std::filesystem;

// Below this the database may not find room for a night's findings.
constexpr std::uint64_t kLowDiskBytes = 1ULL << 30;

class Sheet {
 public:
  explicit Sheet(Lang lang) : lang_(lang) {}
  void ok(std::string_view key, const std::vector<std::string>& values) {
    line("app.doctor.ok", key, values);
  }
  void warn(std::string_view key, const std::vector<std::string>& values) {
    line("app.doctor.warn", key, values);
  }
  void fail(std::string_view key, const std::vector<std::string>& values) {
    line("app.doctor.fail", key, values);
    failed_ = true;
  }
  bool failed() const { return failed_; }

 private:
  void line(std::string_view grade, std::string_view key, const std::vector<std::string>& values) {
    fmt::print("{:<8} {}\n", text(lang_, grade), text(lang_, key, values));
  }
  Lang lang_;
  bool failed_ = false;
};

void check_jail(Sheet& sheet, const Settings& settings) {
  auto zygote = jail::Zygote::start(extract::extractors(), settings.limits);
  if (!zygote) {
    sheet.fail("app.doctor.jail_missing", {printable(zygote.error())});
    return;
  }
  const jail::Strength& strength = zygote->strength();
  auto yes = [&](bool b) { return std::string(text(settings.lang, b ? "app.yes" : "app.no")); };
  const std::vector<std::string> values{yes(strength.seccomp), yes(strength.landlock),
                                        yes(strength.network_cut)};
  if (strength.seccomp && strength.landlock)
    sheet.ok("app.doctor.jail", values);
  else
    sheet.warn("app.doctor.jail", values);
  if (!strength.problem.empty())
    sheet.warn("app.doctor.jail_problem", {printable(strength.problem)});
}

void check_database(Sheet& sheet, const Settings& settings) {
  std::error_code error;
  std::string db_key;
  if (settings.db.empty() || !fs::exists(settings.db, error)) {
    sheet.ok("app.doctor.db_none", {});
  } else {
    auto reader = store::Reader::open(settings.db);
    if (reader) {
      db_key = (*reader)->key_id();
      if (::access(settings.db.c_str(), W_OK) == 0)
        sheet.ok("app.doctor.db_ok", {printable(settings.db)});
      else
        sheet.fail("app.doctor.db_read_only", {printable(settings.db)});
    } else {
      sheet.fail("app.doctor.db_bad", {store_sentence(settings.lang, settings.db, reader.error())});
    }
  }
  if (settings.db.empty()) return;
  if (!fs::exists(settings.key_path(), error)) {
    if (db_key.empty())
      sheet.ok("app.doctor.key_none", {});
    else
      sheet.fail("app.error.key_missing", {printable(settings.key_path())});
  } else {
    auto secret = Secret::load(settings.key_path(), settings.lang);
    if (!secret)
      sheet.fail("app.doctor.key_bad", {printable(secret.error())});
    else if (!db_key.empty() && db_key != secret->id())
      sheet.fail("app.error.foreign_key", {secret->id(), db_key});
    else
      sheet.ok("app.doctor.key_ok", {printable(settings.key_path())});
  }
  struct statvfs space {};
  const std::string folder = fs::absolute(settings.db).parent_path().string();
  if (::statvfs(folder.c_str(), &space) != 0) {
    sheet.fail("app.doctor.folder_bad", {printable(folder), errno_text(settings.lang, errno)});
  } else {
    const std::uint64_t free = static_cast<std::uint64_t>(space.f_bavail) * space.f_frsize;
    if (free < kLowDiskBytes)
      sheet.warn("app.doctor.disk", {bytes_text(settings.lang, free)});
    else
      sheet.ok("app.doctor.disk", {bytes_text(settings.lang, free)});
  }
}

int doctor(const Settings& settings, const std::vector<std::string>& paths) {
  Sheet sheet(settings.lang);
  check_jail(sheet, settings);
  if (auto rules = detect::RuleSet::load(settings.detect); rules)
    sheet.ok("app.doctor.engine", {number_text(settings.lang, (*rules)->rules().size())});
  else
    sheet.fail("app.doctor.rules_bad", {printable(rules.error())});
  if (::prctl(PR_GET_DUMPABLE) == 0) sheet.ok("app.doctor.cores", {});
  check_database(sheet, settings);
  if (settings.policy_file.empty()) {
    sheet.ok("app.doctor.policy_none", {});
  } else if (auto policy = retention::Policy::load(settings.policy_file, settings.lang); policy) {
    sheet.ok("app.doctor.policy_ok",
             {printable(settings.policy_file), std::to_string((*policy)->rules().size())});
  } else {
    sheet.fail("app.doctor.policy_bad", {policy.error()});
  }
  if (paths.empty() && settings.sources.empty()) sheet.warn("app.doctor.source_none", {});
  for (const std::string& path : paths.empty() ? settings.sources : paths) {
    if (::access(path.c_str(), R_OK) != 0) {
      sheet.fail("app.doctor.source_bad", {printable(path), errno_text(settings.lang, errno)});
      continue;
    }
    const bool writable = ::access(path.c_str(), W_OK) == 0;
    const std::string note =
        writable ? std::string(text(settings.lang, "app.doctor.source_rw")) : "";
    if (writable)
      sheet.warn("app.doctor.source_ok", {printable(path), note});
    else
      sheet.ok("app.doctor.source_ok", {printable(path), note});
  }
  return sheet.failed() ? kCheckFailed : kDone;
}

}  // namespace

void add_doctor(CLI::App& cli, Invocation& invocation) {
  auto paths = std::make_shared<std::vector<std::string>>();
  CLI::App* command = cli.add_subcommand("doctor");
  command->add_option("paths", *paths);
  command->footer(
      "  gallra doctor\n"
      "  gallra doctor /mnt/g --db g.db\n"
      "  gallra -c gallra.toml doctor");
  command->callback([paths, &invocation] {
    auto settings = settings_of(invocation);
    invocation.exit_code = settings ? doctor(*settings, *paths) : settings.error();
  });
}

}  // namespace gallra::app

// init: a configuration, a key and a policy to start from.
#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <fmt/core.h>
#include <iostream>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

#include "scanner/app/commands.hpp"
#include "scanner/support/embedded.hpp"

namespace gallra::app {
namespace {

namespace fs = std::filesystem;

struct Options {
  std::string dir = ".", organisation, source;
  bool is_public = false, yes = false;
};

std::string toml_string(const std::string& value) {
  std::string out = "\"";
  for (const char c : value) {
    if (c == '"' || c == '\\') out += '\\';
    if (static_cast<unsigned char>(c) < 0x20)
      out += fmt::format("\\u{:04X}", static_cast<unsigned>(c));
    else
      out += c;
  }
  return out + '"';
}

std::string config_text(const Options& options) {
  return fmt::format(
      "# Gallra's settings. Paths are relative to this file. Every key has a default but "
      "scan.sources.\n"
      "schema = 1\n\n[org]\nname = {}\ntype = \"{}\"          # \"public\" turns on support for "
      "destruction (gallringsbeslut)\n\n"
      "[storage]\ndb = \"gallra.db\"\nkey_file = \"gallra.key\"   # 0600; back it up apart from "
      "the database\n\n"
      "[policy]\nfile = \"policy.toml\"\n\n"
      "[scan]\nsources = [{}]\nexclude = []             # as in .gitignore, e.g. \"/IT/Images/\"; "
      "listed in the report\n\n"
      "[sweep]\nmin_coverage = 99.0      # percent read of what could be read; below it `scan` "
      "ends with 3\n\n"
      "[report]\nlang = \"sv\"\n",
      toml_string(options.organisation), options.is_public ? "public" : "private",
      options.source.empty() ? "" : toml_string(fs::absolute(options.source).string()));
}

// Never over an existing file.
int write_new(Lang lang, const std::string& path, std::string_view content) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0 && errno == EEXIST)
    return complain(lang, "app.error.file_exists", {printable(path)}, kUsage);
  if (fd < 0)
    return complain(lang, "app.error.write",
                    {printable(path), std::generic_category().message(errno)}, kFatal);
  const ssize_t n = ::write(fd, content.data(), content.size());
  ::close(fd);
  return n == static_cast<ssize_t>(content.size())
             ? kDone
             : complain(lang, "app.error.write", {printable(path), ""}, kFatal);
}

std::string ask(Lang lang, std::string_view key) {
  fmt::print(stderr, "{} ", text(lang, key));
  std::string answer;
  std::getline(std::cin, answer);
  return answer;
}

int init(const Settings& settings, Options options) {
  if (!options.yes && ::isatty(STDIN_FILENO) == 1) {
    if (options.organisation.empty()) options.organisation = ask(settings.lang, "app.init.ask_org");
    if (options.source.empty()) options.source = ask(settings.lang, "app.init.ask_source");
    const std::string answer = ask(settings.lang, "app.init.ask_public");
    options.is_public = options.is_public || answer.starts_with('j') || answer.starts_with('J') ||
                        answer.starts_with('y');
  }
  std::error_code error;
  fs::create_directories(options.dir, error);
  const fs::path dir(options.dir);
  const std::string config = (dir / "gallra.toml").string();
  const std::string key = (dir / "gallra.key").string();
  for (const std::string& path : {config, key, (dir / "policy.toml").string()})
    if (fs::exists(path, error))
      return complain(settings.lang, "app.error.file_exists", {printable(path)}, kUsage);
  if (const int code = write_new(settings.lang, config, config_text(options)); code != kDone)
    return code;
  if (const int code = write_new(settings.lang, (dir / "policy.toml").string(),
                                 embedded("reports/retention/policy.toml"));
      code != kDone)
    return code;
  if (auto secret = Secret::create(key); !secret)
    return complain(settings.lang, "app.error.key", {printable(secret.error())}, kFatal);
  fmt::print("{}\n", text(settings.lang, "app.init.done", {printable(config), printable(key)}));
  return kDone;
}

}  // namespace

void add_init(CLI::App& cli, Invocation& invocation) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      cli.add_subcommand("init", "Write a configuration, a key and a policy to start from");
  command->add_option("--dir", options->dir, "Folder to write into");
  command->add_option("--org", options->organisation, "Name of the organisation");
  command->add_option("--source", options->source, "Tree to scan");
  command->add_flag("--public", options->is_public, "A public authority or body");
  command->add_flag("--yes", options->yes, "Ask nothing");
  command->footer(
      "Examples:\n  gallra init\n  gallra init --dir /etc/gallra --org 'Exempel Omsorg AB' "
      "--source /mnt/g --yes\n"
      "  gallra init --public --dir ny\nExit: 0 done, 1 fatal, 2 files exist already");
  command->callback([options, &invocation] {
    auto settings = settings_of(invocation);
    invocation.exit_code = settings ? init(*settings, *options) : settings.error();
  });
}

}  // namespace gallra::app

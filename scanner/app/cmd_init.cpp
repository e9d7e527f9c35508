// init: a configuration, a key and a policy to start from.
#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <fmt/core.h>
#include <iostream>
#include <sstream>
#include <sys/stat.h>
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
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
      out += fmt::format("\\u{:04X}", static_cast<unsigned>(c));
    else
      out += c;
  }
  return out + '"';
}

// TOML can say nothing else.
bool is_utf8(const std::string& value) {
  static constexpr std::string_view kReplacement = "\ufffd";
  return value.find(kReplacement) != std::string::npos ||
         printable(value).find(kReplacement) == std::string::npos;
}

std::string comment(Lang lang, std::string_view key) {
  std::istringstream lines(paragraph(lang, key));
  std::string out;
  for (std::string line; std::getline(lines, line);)
    out += line.empty() ? "#\n" : "# " + line + '\n';
  return out;
}

std::string config_text(Lang lang, const Options& options) {
  const std::string source =
      options.source.empty() ? "" : toml_string(fs::absolute(options.source).string());
  return comment(lang, "init.config.head") + "schema = 1\n\n" + comment(lang, "init.config.org") +
         fmt::format("[org]\nname = {}\n\n", toml_string(options.organisation)) +
         comment(lang, "init.config.storage") +
         "[storage]\ndb = \"gallra.db\"\nkey_file = \"gallra.key\"\n\n" +
         comment(lang, "init.config.policy") + "[policy]\nfile = \"policy.toml\"\n\n" +
         comment(lang, "init.config.scan") +
         fmt::format("[scan]\nsources = [{}]\nexclude = []\n\n", source) +
         comment(lang, "init.config.sweep") + "[sweep]\nmin_coverage = 99.0\n\n" +
         comment(lang, "init.config.report") +
         fmt::format("[report]\nlang = \"{}\"\n", lang == Lang::kSv ? "sv" : "en");
}

// The built-in rules, with an introduction in the reader's language instead of the house's own.
std::string policy_text(Lang lang, bool is_public) {
  static constexpr std::string_view kPrivate = "type = \"private\"";
  std::string out(embedded("reports/retention/policy.toml"));
  out.replace(0, out.find("schema ="), comment(lang, "init.policy.head"));
  if (is_public) out.replace(out.find(kPrivate), kPrivate.size(), "type = \"public\"");
  return out;
}

// Never over an existing file.
int write_new(Lang lang, const std::string& path, std::string_view content) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0 && errno == EEXIST)
    return complain(lang, "app.error.file_exists", {printable(path)}, kUsage);
  if (fd < 0)
    return complain(lang, "app.error.write", {printable(path), errno_text(lang, errno)}, kFatal);
  const ssize_t n = ::write(fd, content.data(), content.size());
  const int error = n < 0 ? errno : ENOSPC;
  ::close(fd);
  if (n == static_cast<ssize_t>(content.size())) return kDone;
  ::unlink(path.c_str());  // half a file would be taken for a whole one
  return complain(lang, "app.error.write", {printable(path), errno_text(lang, error)}, kFatal);
}

std::string ask(Lang lang, std::string_view key) {
  std::fputs((std::string(text(lang, key)) + " ").c_str(), stderr);
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
  for (const std::string& value : {options.organisation, options.source})
    if (!is_utf8(value))
      return complain(settings.lang, "app.error.not_utf8", {printable(value)}, kUsage);
  std::error_code error;
  fs::create_directories(options.dir, error);
  if (error)
    return complain(settings.lang, "app.error.write",
                    {printable(options.dir), errno_text(settings.lang, error.value())}, kFatal);
  const fs::path dir(options.dir);
  const std::string config = (dir / "gallra.toml").string();
  const std::string key = (dir / "gallra.key").string();
  for (const std::string& path : {config, key, (dir / "policy.toml").string()})
    if (fs::exists(path, error))
      return complain(settings.lang, "app.error.file_exists", {printable(path)}, kUsage);
  if (const int code = write_new(settings.lang, config, config_text(settings.lang, options));
      code != kDone)
    return code;
  if (const int code = write_new(settings.lang, (dir / "policy.toml").string(),
                                 policy_text(settings.lang, options.is_public));
      code != kDone)
    return code;
  if (auto secret = Secret::create(key, settings.lang); !secret)
    return complain(settings.lang, "app.error.key", {printable(secret.error())}, kFatal);
  fmt::print("{}\n", text(settings.lang, "app.init.done", {printable(config), printable(key)}));
  return kDone;
}

}  // namespace

void add_init(CLI::App& cli, Invocation& invocation) {
  auto options = std::make_shared<Options>();
  CLI::App* command = cli.add_subcommand("init");
  command->add_option("--dir", options->dir);
  command->add_option("--org", options->organisation);
  command->add_option("--source", options->source);
  command->add_flag("--public", options->is_public);
  command->add_flag("--yes", options->yes);
  command->footer(
      "  gallra init\n"
      "  gallra init --dir /etc/gallra --org 'Exempel Omsorg AB' --source /mnt/g --yes\n"
      "  gallra init --public --dir ny");
  command->callback([options, &invocation] {
    auto settings = settings_of(invocation);
    invocation.exit_code = settings ? init(*settings, *options) : settings.error();
  });
}

}  // namespace gallra::app

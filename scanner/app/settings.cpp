#include "scanner/app/settings.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <thread>
#include <toml++/toml.h>
#include <unistd.h>

#include "scanner/support/small_file.hpp"
#include "scanner/walk/walk.hpp"

namespace gallra::app {
namespace {

std::string env(const char* name) {
  const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): before any thread
  return value == nullptr ? "" : value;
}

std::string first_of(std::initializer_list<std::string> values) {
  for (const std::string& value : values)
    if (!value.empty()) return value;
  return "";
}

// A path in the configuration is relative to the configuration's own folder.
std::string beside(const std::string& config, const std::string& path) {
  if (path.empty() || path.front() == '/') return path;
  return (std::filesystem::path(config).parent_path() / path).string();
}

constexpr std::int64_t kSchema = 1;
constexpr unsigned kMaxDepth = 64;  // far deeper than anything a person packs

const std::vector<std::string> kLanguages{"sv", "en"};

// Keys a person may write; anything else is a typing error that must not pass in silence.
const std::vector<std::string> kKnownKeys{"schema",
                                          "org.name",
                                          "storage.db",
                                          "storage.key_file",
                                          "policy.file",
                                          "scan.sources",
                                          "scan.exclude",
                                          "scan.threads",
                                          "scan.cross_file_systems",
                                          "scan.recall_offline",
                                          "scan.max_depth",
                                          "sweep.min_coverage",
                                          "detect.rules",
                                          "detect.word_lists",
                                          "detect.test_data",
                                          "report.lang",
                                          "report.mask_filenames"};

bool is_section(const std::string& name) {
  return std::any_of(kKnownKeys.begin(), kKnownKeys.end(),
                     [&](const std::string& key) { return key.starts_with(name + "."); });
}

bool is_key(const std::string& name) {
  return std::find(kKnownKeys.begin(), kKnownKeys.end(), name) != kKnownKeys.end();
}

// gallra.toml, value by value. What is wrong is collected, so that one run shows it all.
class ConfigFile {
 public:
  ConfigFile(std::string path, Lang lang) : path_(std::move(path)), lang_(lang) {}

  void read(Settings& settings, std::string& lang);
  const std::string& problems() const { return problems_; }

 private:
  void check_keys(const toml::table& table, const std::string& prefix);
  void unknown(const toml::node& node, const std::string& name);
  void problem(const toml::node& node, const std::string& name, const std::string& what);
  void add(std::uint32_t line, const std::string& what);
  const toml::node* at(std::string_view name) const { return root_.at_path(name).node(); }

  std::string string(const char* name);
  std::string path(const char* name);
  std::string word(const char* name, const std::vector<std::string>& allowed);
  std::vector<std::string> strings(const char* name);
  std::vector<std::string> paths(const char* name);
  bool flag(const char* name);
  void whole(const char* name, unsigned most, unsigned& value);
  void percent(const char* name, double& fraction);
  void check_schema();
  void check_patterns(const std::vector<std::string>& patterns);

  std::string path_;
  Lang lang_;
  toml::table root_;
  std::string problems_;
};

void ConfigFile::add(std::uint32_t line, const std::string& what) {
  problems_ += (problems_.empty() ? "" : "\n") + printable(path_);
  if (line > 0) problems_ += ":" + std::to_string(line);
  problems_ += ": " + what;
}

void ConfigFile::problem(const toml::node& node, const std::string& name, const std::string& what) {
  add(node.source().begin.line, name + ": " + what);
}

void ConfigFile::unknown(const toml::node& node, const std::string& name) {
  std::vector<std::string> known = kKnownKeys;
  for (const std::string& key : kKnownKeys)
    if (const auto dot = key.find('.'); dot != std::string::npos)
      known.push_back(key.substr(0, dot));
  problem(node, printable(name),
          std::string(text(lang_, "settings.unknown")) + did_you_mean(lang_, name, known));
}

void ConfigFile::check_keys(const toml::table& table, const std::string& prefix) {
  for (const auto& [key, node] : table) {
    std::string name = prefix;
    name += key.str();
    const bool quoted = key.str().find('.') != std::string_view::npos;  // ["scan.threads"]
    if (is_key(name) && !quoted) continue;
    if (!is_section(name) || quoted)
      unknown(node, name);
    else if (const auto* inner = node.as_table())
      check_keys(*inner, name + ".");
    else
      problem(node, name, text(lang_, "settings.section", {name}));
  }
}

std::string ConfigFile::string(const char* name) {
  const toml::node* node = at(name);
  if (node == nullptr) return "";
  const auto value = node->value_exact<std::string>();
  if (!value) problem(*node, name, std::string(text(lang_, "settings.string")));
  return value.value_or("");
}

std::string ConfigFile::path(const char* name) { return beside(path_, string(name)); }

std::string ConfigFile::word(const char* name, const std::vector<std::string>& allowed) {
  const toml::node* node = at(name);
  std::string value = string(name);
  if (node == nullptr || !node->is_string() ||
      std::find(allowed.begin(), allowed.end(), value) != allowed.end())
    return value;
  std::string list;
  for (const std::string& one : allowed) list += (list.empty() ? "\"" : ", \"") + one + "\"";
  problem(*node, name, text(lang_, "usage.one_of", {"\"" + printable(value) + "\"", list}));
  return "";
}

std::vector<std::string> ConfigFile::strings(const char* name) {
  std::vector<std::string> out;
  const toml::node* node = at(name);
  if (node == nullptr) return out;
  const auto* list = node->as_array();
  bool good = list != nullptr;
  if (list != nullptr) {
    for (const auto& item : *list) {
      out.push_back(item.value_exact<std::string>().value_or(""));
      good = good && !out.back().empty();
    }
  }
  if (!good) problem(*node, name, std::string(text(lang_, "settings.strings")));
  return out;
}

std::vector<std::string> ConfigFile::paths(const char* name) {
  std::vector<std::string> out = strings(name);
  for (std::string& one : out) one = beside(path_, one);
  return out;
}

bool ConfigFile::flag(const char* name) {
  const toml::node* node = at(name);
  if (node == nullptr) return false;
  if (!node->is_boolean()) problem(*node, name, std::string(text(lang_, "settings.flag")));
  return node->value_exact<bool>().value_or(false);
}

void ConfigFile::whole(const char* name, unsigned most, unsigned& value) {
  const toml::node* node = at(name);
  if (node == nullptr) return;
  const auto given = node->value_exact<std::int64_t>();
  if (given && *given >= 1 && *given <= most)
    value = static_cast<unsigned>(*given);
  else
    problem(*node, name, text(lang_, "settings.whole", {"1", std::to_string(most)}));
}

void ConfigFile::percent(const char* name, double& fraction) {
  const toml::node* node = at(name);
  if (node == nullptr) return;
  const auto given = node->is_number() ? node->value<double>() : std::nullopt;
  if (given && *given >= 0 && *given <= 100)
    fraction = *given / 100;
  else
    problem(*node, name, std::string(text(lang_, "settings.percent")));
}

void ConfigFile::check_schema() {
  const toml::node* node = at("schema");
  if (node != nullptr && node->value_exact<std::int64_t>() != kSchema)
    problem(*node, "schema", text(lang_, "settings.schema", {std::to_string(kSchema)}));
}

void ConfigFile::check_patterns(const std::vector<std::string>& patterns) {
  for (const std::string& pattern : patterns)
    if (!pattern.empty() && !walk::Filter::compile({pattern}))
      problem(*at("scan.exclude"), "scan.exclude",
              text(lang_, "settings.pattern", {printable(pattern)}));
}

void ConfigFile::read(Settings& settings, std::string& lang) {
  const auto content = read_small_file(path_);
  if (!content) return add(0, content.error().text(lang_));
  try {
    root_ = toml::parse(*content);
  } catch (const toml::parse_error& error) {
    const std::string why = printable(error.description());
    return add(error.source().begin.line, text(lang_, "settings.not_toml", {why}));
  }
  check_schema();
  check_keys(root_, "");
  settings.organisation = string("org.name");
  settings.db = path("storage.db");
  settings.key_file = path("storage.key_file");
  settings.policy_file = path("policy.file");
  settings.sources = paths("scan.sources");
  settings.exclude = strings("scan.exclude");
  check_patterns(settings.exclude);
  whole("scan.threads", kMaxThreads, settings.threads);
  settings.cross_file_systems = flag("scan.cross_file_systems");
  settings.recall_offline = flag("scan.recall_offline");
  whole("scan.max_depth", kMaxDepth, settings.limits.max_depth);
  percent("sweep.min_coverage", settings.min_coverage);
  settings.detect.rule_dirs = paths("detect.rules");
  settings.detect.word_lists = paths("detect.word_lists");
  if (word("detect.test_data", {"label", "count"}) == "count")
    settings.detect.test_data = detect::TestData::kCount;
  lang = word("report.lang", kLanguages);
  settings.mask_filenames = flag("report.mask_filenames");
}

// The command line checked its own.
void check_language_of_environment(Lang lang, std::string& problems) {
  const std::string value = env("GALLRA_LANG");
  if (value.empty() || std::find(kLanguages.begin(), kLanguages.end(), value) != kLanguages.end())
    return;
  problems += (problems.empty() ? "" : "\n") + std::string("GALLRA_LANG: ") +
              text(lang, "usage.one_of", {printable(value), "sv, en"});
}

Lang lang_of(const std::string& name) { return name == "en" ? Lang::kEn : Lang::kSv; }

}  // namespace

unsigned Settings::thread_count() const {
  if (threads > 0) return threads;
  return std::clamp(std::thread::hardware_concurrency(), 1U, 8U);
}

Lang language_of(const GlobalOptions& options) {
  const std::string asked = first_of({options.lang, env("GALLRA_LANG")});
  const std::string config = first_of({options.config, env("GALLRA_CONFIG")});
  if (!asked.empty() || config.empty()) return lang_of(asked);
  Settings settings;
  std::string lang;
  ConfigFile(config, Lang::kSv).read(settings, lang);
  return lang_of(lang);
}

// What can be made anew, where the system keeps such: "" = nowhere.
std::string cache_folder() {
  if (const std::string given = env("CACHE_DIRECTORY"); !given.empty())  // systemd's
    return given.substr(0, given.find(':'));
  if (const std::string base = env("XDG_CACHE_HOME"); !base.empty()) return base + "/gallra";
  if (const std::string home = env("HOME"); !home.empty()) return home + "/.cache/gallra";
  return {};
}

tl::expected<Settings, std::string> resolve_settings(const GlobalOptions& options) {
  Settings settings;
  settings.lang = language_of(options);
  settings.config = first_of({options.config, env("GALLRA_CONFIG")});
  std::string problems;
  if (!settings.config.empty()) {
    std::string lang;
    ConfigFile file(settings.config, settings.lang);
    file.read(settings, lang);
    problems = file.problems();
  }
  settings.db = first_of({options.db, env("GALLRA_DB"), settings.db});
  settings.key_file = first_of({options.key_file, env("GALLRA_KEY_FILE"), settings.key_file});
  if (options.lang.empty()) check_language_of_environment(settings.lang, problems);
  settings.progress = first_of({options.progress, "auto"});
  settings.quiet = options.quiet;
  settings.detect.cache_folder = cache_folder();
  if (!problems.empty()) return tl::unexpected(problems);
  return settings;
}

}  // namespace gallra::app

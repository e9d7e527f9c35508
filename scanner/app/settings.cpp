#include "scanner/app/settings.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <thread>
#include <toml++/toml.h>
#include <unistd.h>

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

std::vector<std::string> strings(const toml::node_view<const toml::node>& node) {
  std::vector<std::string> out;
  if (const auto* list = node.as_array())
    for (const auto& item : *list)
      if (const auto text = item.value<std::string>()) out.push_back(*text);
  return out;
}

// Keys a person may write; anything else is a typing error that must not pass in silence.
const std::vector<std::string_view> kKnownKeys{"schema",
                                               "org.name",
                                               "org.type",
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

tl::expected<void, std::string> check_keys(const toml::table& table, const std::string& prefix,
                                           const std::string& file) {
  for (const auto& [key, node] : table) {
    const std::string name =
        prefix.empty() ? std::string(key.str()) : prefix + "." + std::string(key.str());
    if (const auto* inner = node.as_table()) {
      if (auto ok = check_keys(*inner, name, file); !ok) return ok;
    } else if (std::find(kKnownKeys.begin(), kKnownKeys.end(), name) == kKnownKeys.end()) {
      return tl::unexpected(file + ":" + std::to_string(node.source().begin.line) +
                            ": unknown key " + name);
    }
  }
  return {};
}

tl::expected<void, std::string> read_config(const std::string& file, Settings& settings,
                                            std::string& lang) {
  const toml::table parsed = toml::parse_file(file);
  if (auto ok = check_keys(parsed, "", file); !ok) return ok;
  const toml::node_view<const toml::node> view{static_cast<const toml::node&>(parsed)};
  settings.organisation = view["org"]["name"].value_or(std::string());
  settings.db = beside(file, view["storage"]["db"].value_or(std::string()));
  settings.key_file = beside(file, view["storage"]["key_file"].value_or(std::string()));
  settings.policy_file = beside(file, view["policy"]["file"].value_or(std::string()));
  for (const std::string& path : strings(view["scan"]["sources"]))
    settings.sources.push_back(beside(file, path));
  settings.exclude = strings(view["scan"]["exclude"]);
  settings.threads = static_cast<unsigned>(
      std::clamp<std::int64_t>(view["scan"]["threads"].value_or<std::int64_t>(0), 0, 256));
  settings.cross_file_systems = view["scan"]["cross_file_systems"].value_or(false);
  settings.recall_offline = view["scan"]["recall_offline"].value_or(false);
  settings.limits.max_depth = static_cast<std::uint32_t>(std::clamp<std::int64_t>(
      view["scan"]["max_depth"].value_or<std::int64_t>(settings.limits.max_depth), 1, 64));
  settings.min_coverage = view["sweep"]["min_coverage"].value_or(99.0) / 100;
  for (const std::string& path : strings(view["detect"]["rules"]))
    settings.detect.rule_dirs.push_back(beside(file, path));
  for (const std::string& path : strings(view["detect"]["word_lists"]))
    settings.detect.word_lists.push_back(beside(file, path));
  const std::string test_data = view["detect"]["test_data"].value_or(std::string("label"));
  if (test_data != "label" && test_data != "count")
    return tl::unexpected(file + ": detect.test_data must be \"label\" or \"count\"");
  settings.detect.test_data =
      test_data == "count" ? detect::TestData::kCount : detect::TestData::kLabel;
  lang = view["report"]["lang"].value_or(std::string());
  settings.mask_filenames = view["report"]["mask_filenames"].value_or(false);
  return {};
}

}  // namespace

unsigned Settings::thread_count() const {
  if (threads > 0) return threads;
  return std::clamp(std::thread::hardware_concurrency(), 1U, 8U);
}

tl::expected<Settings, std::string> resolve_settings(const GlobalOptions& options) {
  Settings settings;
  std::string lang;
  settings.config = first_of({options.config, env("GALLRA_CONFIG")});
  if (!settings.config.empty()) {
    try {
      if (auto ok = read_config(settings.config, settings, lang); !ok)
        return tl::unexpected(ok.error());
    } catch (const toml::parse_error& error) {
      return tl::unexpected(settings.config + ":" + std::to_string(error.source().begin.line) +
                            ": " + std::string(error.description()));
    }
  }
  settings.db = first_of({options.db, env("GALLRA_DB"), settings.db});
  settings.key_file = first_of({options.key_file, env("GALLRA_KEY_FILE"), settings.key_file});
  lang = first_of({options.lang, env("GALLRA_LANG"), lang, "sv"});
  if (lang != "sv" && lang != "en") return tl::unexpected(std::string("--lang must be sv or en"));
  settings.lang = lang == "en" ? Lang::kEn : Lang::kSv;
  settings.progress = first_of({options.progress, "auto"});
  settings.quiet = options.quiet;
  return settings;
}

}  // namespace gallra::app

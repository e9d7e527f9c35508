// Rule files into rules: all of toml++ in this room (with document_kind.cpp).
#include "detectors/rule.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <toml++/toml.h>

#include "scanner/support/embedded.hpp"

namespace gallra::detect {
namespace {

constexpr std::size_t kMaxRules = 0xFFF0;
constexpr std::uintmax_t kMaxRuleBytes = 1 << 20;  // a rule a person can read is far smaller

const std::set<std::string_view> kKeys = {"id",      "name",    "about",    "category",  "gdpr",
                                          "sources", "pattern", "patterns", "validator", "engine",
                                          "group",   "family",  "subject",  "context",   "finds",
                                          "low",     "ignores", "score",    "caseless",  "report"};

// One rule file on its way in; gathers what is wrong with it.
class Reader {
 public:
  Reader(const toml::table& table, std::string file, std::vector<std::string>& problems)
      : table_(table), file_(std::move(file)), problems_(problems) {}

  void complain(const std::string& what) {
    problems_.push_back(file_ + ": " + what);
    bad_ = true;
  }

  std::string text(std::string_view key, bool wanted) {
    const auto node = table_[key];
    if (const auto value = node.value<std::string>(); value && !value->empty()) return *value;
    if (node && !node.is_string()) {
      complain("`" + std::string(key) + "` must be text");
    } else if (wanted) {
      complain("`" + std::string(key) + "` is missing");
    }
    return {};
  }

  // `name = "..."` or `name = {sv = "...", en = "..."}`.
  void two_languages(std::string_view key, std::string& sv, std::string& en) {
    if (const toml::table* both = table_[key].as_table()) {
      sv = (*both)["sv"].value_or(std::string());
      en = (*both)["en"].value_or(sv);
      if (sv.empty()) sv = en;
    } else {
      sv = en = table_[key].value_or(std::string());
    }
    if (sv.empty()) complain("`" + std::string(key) + "` is missing");
  }

  static std::vector<std::string> list_in(const toml::table& table, std::string_view key,
                                          bool& good) {
    std::vector<std::string> out;
    const auto node = table[key];
    if (!node) return out;
    if (const auto one = node.value<std::string>()) return {*one};
    const toml::array* array = node.as_array();
    if (array == nullptr) {
      good = false;
      return out;
    }
    for (const toml::node& item : *array) {
      if (const auto value = item.value<std::string>())
        out.push_back(*value);
      else
        good = false;
    }
    return out;
  }

  std::vector<std::string> list(std::string_view key) {
    bool good = true;
    std::vector<std::string> out = list_in(table_, key, good);
    if (!good) complain("`" + std::string(key) + "` must be a list of texts");
    return out;
  }

  ContextRule context() {
    ContextRule rule;
    const auto node = table_["context"];
    if (!node) return rule;
    const toml::table* table = node.as_table();
    bool good = table != nullptr;
    if (good) {
      rule.labels = list_in(*table, "labels", good);
      rule.raise = list_in(*table, "raise", good);
      rule.lower = list_in(*table, "lower", good);
      for (const auto& [key, value] : *table)
        if (key != "labels" && key != "raise" && key != "lower" && key != "required" &&
            key != "beside")
          good = false;
      rule.beside = static_cast<int>((*table)["beside"].value_or(std::int64_t{0}));
      const std::string required = (*table)["required"].value_or(std::string());
      if (required == "near") rule.required = ContextRule::Required::kNear;
      if (required == "label") rule.required = ContextRule::Required::kLabel;
      if ((*table)["required"] && rule.required == ContextRule::Required::kNothing)
        complain("`context.required` is \"near\" or \"label\"");
      if (rule.required != ContextRule::Required::kNothing && rule.labels.empty())
        complain("`context.required` needs `labels`");
    }
    if (!good)
      complain("`context` must be a table of `labels`, `raise`, `lower`, `required` and `beside`");
    return rule;
  }

  void unknown_keys() {
    for (const auto& [key, value] : table_)
      if (!kKeys.contains(key.str())) complain("unknown key `" + std::string(key.str()) + "`");
  }

  bool bad() const { return bad_; }
  const toml::table& table() const { return table_; }

 private:
  const toml::table& table_;
  std::string file_;
  std::vector<std::string>& problems_;
  bool bad_ = false;
};

bool is_id(std::string_view id) {
  return !id.empty() && std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
  });
}

void read_rule(Reader& in, const std::string& file, LoadedRules& out) {
  RuleInfo info;
  Rule rule;
  info.file = file;
  info.id = in.text("id", true);
  if (!info.id.empty() && !is_id(info.id)) in.complain("`id` may hold a-z, 0-9, '.', '_' and '-'");
  in.two_languages("name", info.name_sv, info.name_en);
  in.two_languages("about", info.about_sv, info.about_en);
  info.category = in.text("category", true);
  const std::string gdpr = in.text("gdpr", true);
  if (const auto known = gdpr_class_from_key(gdpr)) {
    info.gdpr = *known;
  } else if (!gdpr.empty()) {
    in.complain(
        "`gdpr` is not one of ordinary, extra, national_id, sensitive, criminal, protected");
  }
  info.sources = in.list("sources");
  if (info.sources.empty()) in.complain("`sources` is missing: say where the rule comes from");
  info.finds = in.list("finds");
  info.ignores = in.list("ignores");
  rule.low = in.list("low");
  if (info.finds.empty() && rule.low.empty())
    in.complain("`finds` is missing: a rule needs examples of what it finds");
  if (info.ignores.empty())
    in.complain("`ignores` is missing: a rule needs examples of what it leaves alone");

  rule.patterns = in.list("patterns");
  for (std::string& pattern : in.list("pattern")) rule.patterns.push_back(std::move(pattern));
  const std::string engine = in.text("engine", false);
  rule.lexicon = engine == "lexicon";
  rule.whole = engine == "whole";
  if (!engine.empty() && !rule.lexicon && !rule.whole)
    in.complain("`engine` can only be \"lexicon\" or \"whole\"");
  if (rule.patterns.empty() && engine.empty()) in.complain("`pattern` is missing");
  if (!rule.patterns.empty() && !engine.empty())
    in.complain("a rule with an `engine` has no `pattern` of its own");
  if (const std::string name = in.text("validator", false); !name.empty()) {
    rule.validator = find_validator(name);
    if (rule.validator == nullptr) in.complain("unknown validator \"" + name + "\"");
  }
  const std::string group = in.text("group", false);
  rule.group = group.empty() ? "own" : group;
  const std::string family = in.text("family", false);
  rule.family = family.empty() ? info.category : family;
  rule.subject = in.text("subject", false);
  rule.context = in.context();
  rule.caseless = in.table()["caseless"].value_or(false);
  rule.report = in.table()["report"].value_or(true);
  rule.score = static_cast<int>(in.table()["score"].value_or<std::int64_t>(60));
  if (rule.score < 1 || rule.score > 100) in.complain("`score` must be 1 to 100");
  in.unknown_keys();
  if (in.bad()) return;
  out.info.push_back(std::move(info));
  out.rules.push_back(std::move(rule));
}

void read_file(std::string_view bytes, const std::string& file, LoadedRules& out,
               std::vector<std::string>& problems) {
  try {
    const toml::table table = toml::parse(bytes, file);
    Reader reader(table, file, problems);
    read_rule(reader, file, out);
  } catch (const toml::parse_error& error) {
    std::ostringstream where;
    where << file << ":" << error.source().begin.line << ": " << error.description();
    problems.push_back(where.str());
  }
}

void read_folder(const std::string& folder, LoadedRules& out, std::vector<std::string>& problems) {
  namespace fs = std::filesystem;
  std::error_code error;
  std::vector<fs::path> files;
  for (fs::recursive_directory_iterator it(folder, error), end; !error && it != end;
       it.increment(error))
    if (it->path().extension() == ".toml") files.push_back(it->path());
  if (error) {
    problems.push_back(folder + ": " + error.message());
    return;
  }
  if (files.empty()) problems.push_back(folder + ": no rule file (*.toml) in this folder");
  std::sort(files.begin(), files.end());
  for (const fs::path& file : files) {
    const std::uintmax_t size = fs::file_size(file, error);
    if (error || size > kMaxRuleBytes) {
      problems.push_back(file.string() + ": " + (error ? error.message() : "larger than 1 MiB"));
      continue;
    }
    std::ifstream in(file, std::ios::binary);
    std::ostringstream bytes;
    bytes << in.rdbuf();
    if (!in) {
      problems.push_back(file.string() + ": cannot be read");
      continue;
    }
    read_file(bytes.str(), file.string(), out, problems);
  }
}

}  // namespace

tl::expected<LoadedRules, std::string> load_rules(const std::vector<std::string>& folders) {
  LoadedRules loaded;
  std::vector<std::string> problems;
  for (const EmbeddedFile& file : embedded_files())
    if (file.name.starts_with("detectors/rules/") && file.name.ends_with(".toml"))
      read_file(file.bytes, std::string(file.name), loaded, problems);
  for (const std::string& folder : folders) read_folder(folder, loaded, problems);

  std::set<std::string> ids;
  for (const RuleInfo& info : loaded.info)
    if (!ids.insert(info.id).second)
      problems.push_back(info.file + ": the id \"" + info.id + "\" is already taken");
  if (loaded.rules.empty() && problems.empty()) problems.emplace_back("no rules at all");
  if (loaded.rules.size() > kMaxRules) problems.emplace_back("too many rules");
  if (problems.empty()) return loaded;
  std::string text;
  for (const std::string& problem : problems) text += (text.empty() ? "" : "\n") + problem;
  return tl::unexpected(text);
}

}  // namespace gallra::detect

// Reads a policy file. Every key is known or refused: a misspelt period must never pass as "no
// period".
#include "reports/retention/policy.hpp"

#include <algorithm>
#include <array>
#include <ctime>
#include <fmt/core.h>
#include <toml++/toml.h>

#include "scanner/support/embedded.hpp"
#include "scanner/support/small_file.hpp"

namespace gallra::retention {
namespace {

constexpr std::array<std::string_view, 13> kVerdictKeys{
    "too_early", "due",      "overdue", "due_soon",        "within",
    "misplaced", "conflict", "kept",    "hand_over_board", "hand_over_archive",
    "look_into", "no_rule",  "no_time"};

constexpr std::array<std::string_view, 21> kRuleKeys{"name",
                                                     "for",
                                                     "origin",
                                                     "source",
                                                     "quote",
                                                     "kinds",
                                                     "paths",
                                                     "categories",
                                                     "keep_min",
                                                     "delete_by",
                                                     "grace",
                                                     "retain",
                                                     "allowed",
                                                     "trigger",
                                                     "needs_closed_case",
                                                     "whole_file",
                                                     "research_exception",
                                                     "support",
                                                     "confirmed_by",
                                                     "confirmed_on",
                                                     "read_on"};

// Collects every problem, so that one run of a check shows them all.
class Problems {
 public:
  Problems(std::string file, Lang lang) : file_(std::move(file)), lang_(lang) {}
  // `key`: policy.problem.KEY of the catalogue.
  void add(const toml::node& node, const char* key, const std::vector<std::string>& values = {}) {
    add(node.source().begin.line, key, values);
  }
  void add(std::uint32_t line, const char* key, const std::vector<std::string>& values) {
    std::vector<std::string> shown;
    shown.reserve(values.size());
    for (const std::string& value : values) shown.push_back(printable(value));
    text_ += (text_.empty() ? "" : "\n") + printable(file_) + ":" + std::to_string(line) + ": " +
             gallra::text(lang_, std::string("policy.problem.") + key, shown);
  }
  const std::string& text() const { return text_; }

 private:
  std::string file_, text_;
  Lang lang_;
};

std::vector<std::string> strings(const toml::table& table, std::string_view key,
                                 Problems& problems) {
  std::vector<std::string> out;
  const toml::node* node = table.get(key);
  if (node == nullptr) return out;
  const auto* list = node->as_array();
  if (list == nullptr) {
    problems.add(*node, "strings", {std::string(key)});
    return out;
  }
  for (const auto& item : *list) {
    if (const auto value = item.value<std::string>())
      out.push_back(*value);
    else
      problems.add(item, "strings", {std::string(key)});
  }
  return out;
}

std::string string_of(const toml::table& table, std::string_view key, Problems& problems) {
  const toml::node* node = table.get(key);
  if (node == nullptr) return "";
  if (const auto value = node->value<std::string>()) return *value;
  problems.add(*node, "string", {std::string(key)});
  return "";
}

bool bool_of(const toml::table& table, std::string_view key, Problems& problems) {
  const toml::node* node = table.get(key);
  if (node == nullptr) return false;
  if (node->is_boolean()) return node->value_or(false);
  problems.add(*node, "flag", {std::string(key)});
  return false;
}

std::optional<Period> period_of(const toml::table& table, std::string_view key,
                                Problems& problems) {
  const std::string iso = string_of(table, key, problems);
  if (iso.empty()) return std::nullopt;
  auto period = Period::parse(iso);
  if (!period) problems.add(*table.get(key), "period", {std::string(key), iso});
  return period;
}

void read_trigger(const toml::table& table, Rule& rule, Problems& problems) {
  const std::string trigger = string_of(table, "trigger", problems);
  if (trigger == "last_entry")
    rule.trigger = Trigger::kLastEntry;
  else if (trigger == "fiscal_year_end")
    rule.trigger = Trigger::kFiscalYearEnd;
  else if (trigger.starts_with("lookup:") && trigger.size() > 7) {
    rule.trigger = Trigger::kLookup;
    rule.lookup = trigger.substr(7);
  } else if (!trigger.empty() && trigger != "document_date") {
    problems.add(*table.get("trigger"), "trigger", {trigger});
  }
}

// Whoever confirms a rule signs with a name and a day, and not in advance.
bool is_confirmed(const toml::table& table, const std::string& id, Problems& problems) {
  const bool by = !string_of(table, "confirmed_by", problems).empty();
  std::string on;
  if (const auto date = table["confirmed_on"].value<toml::date>())
    on = fmt::format("{:04}-{:02}-{:02}", date->year, date->month, date->day);
  else
    on = string_of(table, "confirmed_on", problems);
  std::int32_t day = 0;
  const bool good = parse_day(on, day) && day <= day_from_unix(std::time(nullptr));
  if (by != !on.empty() || (by && !good)) problems.add(table, "confirmed", {id});
  return by && good;
}

Rule read_rule(const std::string& id, const toml::table& table, Problems& problems) {
  for (const auto& [key, node] : table)
    if (std::find(kRuleKeys.begin(), kRuleKeys.end(), key.str()) == kRuleKeys.end())
      problems.add(node, "unknown", {"rule." + id + "." + std::string(key.str())});
  Rule rule;
  rule.id = id;
  rule.name = string_of(table, "name", problems);
  rule.source = string_of(table, "source", problems);
  rule.quote = string_of(table, "quote", problems);
  rule.paths = strings(table, "paths", problems);
  rule.kinds = strings(table, "kinds", problems);
  rule.categories = strings(table, "categories", problems);
  rule.keep_min = period_of(table, "keep_min", problems);
  rule.delete_by = period_of(table, "delete_by", problems);
  rule.allowed = strings(table, "allowed", problems);
  rule.whole_file = strings(table, "whole_file", problems);
  rule.needs_closed_case = bool_of(table, "needs_closed_case", problems);
  rule.research_exception = bool_of(table, "research_exception", problems);
  rule.support = string_of(table, "support", problems);
  rule.confirmed = is_confirmed(table, id, problems);
  read_trigger(table, rule, problems);

  const std::string body = string_of(table, "for", problems);
  if (body == "private")
    rule.body = Body::kPrivate;
  else if (body == "public")
    rule.body = Body::kPublic;
  else if (!body.empty())
    problems.add(*table.get("for"), "body", {"for"});

  const std::string origin = string_of(table, "origin", problems);
  if (origin == "law")
    rule.origin = Origin::kLaw;
  else if (origin == "policy")
    rule.origin = Origin::kPolicy;
  else if (origin != "suggestion")
    problems.add(table, "origin", {id});

  const std::string grace = string_of(table, "grace", problems);
  rule.grace = grace == "end-of-next-year";
  if (!grace.empty() && !rule.grace) problems.add(*table.get("grace"), "grace");
  if (rule.grace && rule.origin != Origin::kLaw)
    problems.add(*table.get("grace"), "grace_of_promise", {id});

  const std::string retain = string_of(table, "retain", problems);
  rule.misplaced = retain == "none";
  if (!retain.empty() && !rule.misplaced) problems.add(*table.get("retain"), "retain");
  if (rule.paths.empty() && rule.kinds.empty() && rule.categories.empty())
    problems.add(table, "nothing", {id});
  if (rule.keep_min && rule.delete_by && add(0, *rule.delete_by) < add(0, *rule.keep_min))
    problems.add(table, "order", {id});
  return rule;
}

Organisation read_organisation(const toml::table& file, Problems& problems) {
  Organisation organisation;
  const toml::node* node = file.get("organisation");
  if (node == nullptr) return organisation;
  const auto* table = node->as_table();
  if (table == nullptr) {
    problems.add(*node, "table", {"organisation"});
    return organisation;
  }
  const std::string type = string_of(*table, "type", problems);
  if (!type.empty() && type != "private" && type != "public")
    problems.add(*table->get("type"), "body", {"type"});
  organisation.is_public = type == "public";
  organisation.deciding_municipality = string_of(*table, "deciding_municipality", problems);
  const std::string end = string_of(*table, "fiscal_year_end", problems);
  std::int32_t day = 0;
  if (!end.empty()) {
    if (parse_day("2023-" + end, day)) {
      organisation.fiscal_month = std::stoi(end.substr(0, 2));
      organisation.fiscal_day = std::stoi(end.substr(3, 2));
    } else {
      problems.add(*table->get("fiscal_year_end"), "fiscal_year_end");
    }
  }
  for (const auto& [key, value] : *table)
    if (key.str() != "type" && key.str() != "deciding_municipality" &&
        key.str() != "fiscal_year_end")
      problems.add(value, "unknown", {"organisation." + std::string(key.str())});
  return organisation;
}

class LoadedPolicy : public Policy {
 public:
  LoadedPolicy(std::vector<Rule> rules, Organisation organisation)
      : rules_(std::move(rules)), organisation_(std::move(organisation)) {
    static constexpr std::array<const char*, 3> kOrigins{"law", "policy", "suggestion"};
    for (const Rule& rule : rules_)
      rows_.push_back({rule.id, rule.name, kOrigins[static_cast<std::size_t>(rule.origin)],
                       rule.quote, rule.source, rule.confirmed});
  }
  const std::vector<RuleRow>& rules() const override { return rows_; }
  Judgement judge(const FileFacts& facts, std::int32_t today, Lang lang) const override {
    return judge_by(rules_, organisation_, facts, today, lang);
  }

 private:
  std::vector<Rule> rules_;
  Organisation organisation_;
  std::vector<RuleRow> rows_;
};

tl::expected<std::shared_ptr<const Policy>, std::string> parse(std::string_view content,
                                                               const std::string& name, Lang lang) {
  Problems problems(name, lang);
  std::vector<Rule> rules;
  try {
    const toml::table file = toml::parse(content, std::string_view(name));
    if (const toml::node* schema = file.get("schema"); schema == nullptr)
      problems.add(1, "schema", {});
    else if (schema->value_exact<std::int64_t>() != 1)
      problems.add(*schema, "schema");
    for (const auto& [key, node] : file)
      if (key.str() != "schema" && key.str() != "organisation" && key.str() != "rule")
        problems.add(node, "unknown", {std::string(key.str())});
    const Organisation organisation = read_organisation(file, problems);
    if (const auto* table = file["rule"].as_table()) {
      for (const auto& [id, node] : *table) {
        if (const auto* rule = node.as_table())
          rules.push_back(read_rule(std::string(id.str()), *rule, problems));
        else
          problems.add(node, "table", {"rule." + std::string(id.str())});
      }
    }
    if (!problems.text().empty()) return tl::unexpected(problems.text());
    return std::make_shared<LoadedPolicy>(std::move(rules), organisation);
  } catch (const toml::parse_error& error) {
    problems.add(error.source().begin.line, "not_toml", {std::string(error.description())});
    return tl::unexpected(problems.text());
  }
}

}  // namespace

std::string_view key_of(Verdict verdict) { return kVerdictKeys[static_cast<std::size_t>(verdict)]; }

tl::expected<std::shared_ptr<const Policy>, std::string> Policy::load(const std::string& path,
                                                                      Lang lang) {
  const auto content = read_small_file(path);
  if (!content) return tl::unexpected(printable(path) + ": " + content.error().text(lang));
  return parse(*content, path, lang);
}

std::shared_ptr<const Policy> Policy::built_in() {
  return parse(embedded("reports/retention/policy.toml"), "policy.toml", Lang::kSv).value();
}

}  // namespace gallra::retention

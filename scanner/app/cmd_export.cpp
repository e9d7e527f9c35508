// export: findings, outcomes, files or decisions for other programs; --reveal shows values by
// reading again.
#include <fmt/core.h>
#include <iostream>

#include "reports/export/export.hpp"
#include "scanner/app/commands.hpp"
#include "scanner/app/help.hpp"
#include "scanner/app/process.hpp"
#include "scanner/app/reveal.hpp"

namespace gallra::app {
namespace {

struct Options {
  std::string what = "findings", format = "jsonl", purpose, policy, rules;
  bool reveal = false, include_protected = false;
};

int write(const Settings& settings, store::Reader& reader, const Options& options,
          exporting::Options& wanted) {
  const auto written =
      exporting::write_export(reader, std::cout, *exporting::what_from_key(options.what),
                              *exporting::format_from_key(options.format), wanted);
  if (!std::cout.flush()) return kDone;  // main tells of output that could not be written
  if (!written)
    return complain(settings.lang, "app.error.export", {printable(written.error())}, kFatal);
  if (written->withheld > 0 && !settings.quiet)
    tell(text(settings.lang, "app.export.withheld",
              {number_text(settings.lang, written->withheld)}));
  return kDone;
}

int reveal(Settings& settings, store::Reader& reader, const Options& options,
           exporting::Options& wanted) {
  if (options.purpose.find_first_not_of(" \t\n") == std::string::npos)
    return complain(settings.lang, "app.error.purpose", {}, kUsage);
  auto secret = open_key(settings, reader);
  if (!secret) return secret.error();
  auto zygote = jail::Zygote::start(extract::extractors(), settings.limits);
  auto rules = detect::RuleSet::load(settings.detect);
  if (!rules) return complain(settings.lang, "app.error.rules", {printable(rules.error())}, kUsage);
  if (const auto failed = store::audit(settings.db, "reveal", options.purpose))
    return store_problem(settings.lang, settings.db, *failed);
  ReaderSetup setup;
  setup.rules = *rules;
  setup.secret = &*secret;
  setup.zygote = zygote ? &*zygote : nullptr;
  setup.limits = settings.limits;
  setup.state_dir = state_dir(settings);
  const auto sweeps = reader.sweeps();
  setup.today = sweeps.empty() ? today() : day_from_unix(sweeps.back().started);
  setup.reveal = detect::DocumentDetector::Reveal::kYes;
  std::map<std::int64_t, store::SourceRow> sources;
  for (const store::SourceRow& source : reader.sources()) sources[source.id] = source;
  Revealer revealer(setup, std::move(sources));
  wanted.reveal = [&](const store::DocumentRow& row, const Finding& finding) {
    return revealer.reveal(row, finding);
  };
  const int code = write(settings, reader, options, wanted);
  for (const std::string& path : revealer.changed())
    tell(text(settings.lang, "app.export.changed", {printable(path)}));
  return code;
}

int export_rows(Settings& settings, const Options& options) {
  if (options.format == "sarif" && options.what != "findings")
    return complain(settings.lang, "app.error.sarif", {}, kUsage);
  auto reader = open_reader(settings);
  if (!reader) return reader.error();
  auto policy = open_policy(settings);
  if (!policy) return policy.error();
  exporting::Options wanted;
  wanted.lang = settings.lang;
  wanted.today = today();
  wanted.policy = policy->get();
  wanted.include_protected = options.include_protected;
  return options.reveal ? reveal(settings, **reader, options, wanted)
                        : write(settings, **reader, options, wanted);
}

}  // namespace

void add_export(CLI::App& cli, Invocation& invocation) {
  auto options = std::make_shared<Options>();
  CLI::App* command = cli.add_subcommand("export");
  command->add_option("--what", options->what)
      ->check(one_of(invocation.lang, {"findings", "outcomes", "files", "decisions"}));
  command->add_option("--format", options->format)
      ->check(one_of(invocation.lang, {"jsonl", "csv", "sarif"}));
  command->add_option("--policy", options->policy);
  command->add_option("--rules", options->rules);
  command->add_flag("--reveal", options->reveal);
  command->add_option("--purpose", options->purpose);
  command->add_flag("--include-protected", options->include_protected);
  command->footer(
      "  gallra export --db g.db --what findings --format csv >findings.csv\n"
      "  gallra export --db g.db --what outcomes\n"
      "  gallra export --db g.db --reveal --purpose 'registerutdrag 2025/17'");
  command->callback([options, &invocation] {
    auto settings = settings_with_db(invocation);
    if (!settings) {
      invocation.exit_code = settings.error();
      return;
    }
    if (!options->policy.empty()) settings->policy_file = options->policy;
    if (!options->rules.empty()) settings->detect.rule_dirs.push_back(options->rules);
    invocation.exit_code = export_rows(*settings, *options);
  });
}

}  // namespace gallra::app

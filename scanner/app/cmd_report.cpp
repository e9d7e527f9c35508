// report: the static review report from the database.
#include <fmt/core.h>

#include "reports/html/html.hpp"
#include "scanner/app/commands.hpp"

namespace gallra::app {

int report(const Settings& settings, const std::string& out_dir) {
  auto reader = open_reader(settings);
  if (!reader) return reader.error();
  auto policy = open_policy(settings);
  if (!policy) return policy.error();
  html::Options options;
  options.lang = settings.lang;
  options.organisation = settings.organisation;
  options.mask_filenames = settings.mask_filenames;
  options.today = today();
  const auto written = html::write_report(**reader, **policy, out_dir, options);
  if (!written)
    return complain(settings.lang, "app.error.report", {printable(written.error())}, kFatal);
  fmt::print("{}\n", printable(*written));
  return kDone;
}

void add_report(CLI::App& cli, Invocation& invocation) {
  struct Options {
    std::string out, policy;
    bool mask = false;
  };
  auto options = std::make_shared<Options>();
  CLI::App* command = cli.add_subcommand("report");
  command->add_option("--out", options->out)->required();
  command->add_option("--policy", options->policy);
  command->add_flag("--mask-filenames", options->mask);
  command->footer(
      "  gallra report --db g.db --out rapport\n"
      "  gallra --lang en report --db g.db --out report\n"
      "  gallra report --db g.db --out rapport --policy policy.toml");
  command->callback([options, &invocation] {
    auto settings = settings_with_db(invocation);
    if (!settings) {
      invocation.exit_code = settings.error();
      return;
    }
    if (!options->policy.empty()) settings->policy_file = options->policy;
    if (options->mask) settings->mask_filenames = true;
    invocation.exit_code = report(*settings, options->out);
  });
}

}  // namespace gallra::app

// gallra: finds personal data in file shares, mailboxes and archives, and tests what it finds
// against the organisation's own retention promises. This file is the table of contents.
#include <CLI/CLI.hpp>
#include <cstdio>

#include "scanner/app/commands.hpp"
#include "scanner/app/help.hpp"
#include "scanner/app/process.hpp"

namespace gallra::app {
namespace {

void add_global_options(CLI::App& cli, Invocation& invocation) {
  GlobalOptions& global = invocation.global;
  cli.require_subcommand(1);
  cli.set_version_flag("--version", "gallra " GALLRA_VERSION);
  cli.add_option("-c,--config", global.config);
  cli.add_option("--db", global.db);
  cli.add_option("--key", global.key_file);
  cli.add_option("--lang", global.lang)->check(one_of(invocation.lang, {"sv", "en"}));
  cli.add_option("--progress", global.progress)
      ->check(one_of(invocation.lang, {"auto", "tty", "plain", "none"}));
  cli.add_flag("-q,--quiet", global.quiet);
  cli.fallthrough();
}

void add_commands(CLI::App& cli, Invocation& invocation) {
  add_init(cli, invocation);
  add_scan(cli, invocation);
  add_report(cli, invocation);
  add_export(cli, invocation);
  add_status(cli, invocation);
  add_why(cli, invocation);
  add_detectors(cli, invocation);
  add_doctor(cli, invocation);
  add_demo(cli, invocation);
}

// Runs the command that was named; what no room caught ends here.
int run(CLI::App& cli, int argc, char** argv, Invocation& invocation) {
  try {
    cli.parse(argc, argv);
    return invocation.exit_code;
  } catch (const CLI::CallForHelp&) {
    std::fputs(cli.help().c_str(), stdout);
    return kDone;
  } catch (const CLI::CallForVersion& version) {
    std::puts(version.what());
    return kDone;
  } catch (const CLI::ParseError& error) {
    tell("gallra: " + usage_problem(cli, error, invocation.lang));
    return kUsage;
  } catch (const store::StoreError& error) {
    return store_problem(invocation.lang, invocation.global.db, error.problem);
  } catch (const std::exception& error) {
    if (std::ferror(stdout) != 0) return invocation.exit_code;  // told by whoever ends the program
    // Library messages may quote what they read; only the kind of trouble is told.
    return complain(invocation.lang, "app.error.unexpected", {typeid(error).name()}, kFatal);
  }
}

}  // namespace
}  // namespace gallra::app

int main(int argc, char** argv) {
  using namespace gallra::app;
  fill_standard_streams();
  harden_process();  // before anything can be found, let alone dumped

  Invocation invocation;
  invocation.lang = language_of(peek(argc, argv));
  CLI::App cli("", "gallra");
  add_global_options(cli, invocation);
  add_commands(cli, invocation);
  describe(cli, invocation.lang);

  const int code = run(cli, argc, argv, invocation);
  if (finish_output()) return code;
  return complain(invocation.lang, "app.error.output", {}, kFatal);
}

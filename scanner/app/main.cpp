// gallra: finds personal data in file shares, mailboxes and archives, and tests what it finds
// against the organisation's own retention promises. This file is the table of contents.
#include <CLI/CLI.hpp>

#include "scanner/app/commands.hpp"
#include "scanner/app/process.hpp"

int main(int argc, char** argv) {
  using namespace gallra::app;
  harden_process();  // before anything can be found, let alone dumped

  Invocation invocation;
  CLI::App cli(
      "Gallra finds personal data on file shares, in mailboxes and archives, and reviews it.\n"
      "It only reads, keeps no value in clear, and sends nothing anywhere.",
      "gallra");
  cli.require_subcommand(1);
  cli.set_version_flag("--version", "gallra " GALLRA_VERSION);
  cli.add_option("-c,--config", invocation.global.config, "Configuration file (gallra.toml)");
  cli.add_option("--db", invocation.global.db, "Results database");
  cli.add_option("--key", invocation.global.key_file, "Key file; default: beside the database");
  cli.add_option("--lang", invocation.global.lang, "sv (default) or en");
  cli.add_option("--progress", invocation.global.progress, "auto, tty, plain or none");
  cli.add_flag("-q,--quiet", invocation.global.quiet, "Say only what needs a person");
  cli.fallthrough();

  add_init(cli, invocation);
  add_scan(cli, invocation);
  add_report(cli, invocation);
  add_export(cli, invocation);
  add_status(cli, invocation);
  add_why(cli, invocation);
  add_detectors(cli, invocation);
  add_doctor(cli, invocation);
  add_demo(cli, invocation);

  cli.footer(
      "Exit codes: 0 done, 1 fatal, 2 usage or configuration, 3 done but coverage too low or a "
      "tree unreadable,\n"
      "4 stopped by a limit, 10 a check failed, 130/143 interrupted with a checkpoint saved.");
  try {
    cli.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int code = cli.exit(error);
    return code == 0 ? kDone : kUsage;
  } catch (const gallra::store::StoreError& error) {
    return store_problem(gallra::Lang::kSv, invocation.global.db, error.problem);
  } catch (const std::exception& error) {
    // Library messages may quote what they read; only the kind of trouble is told.
    return complain(gallra::Lang::kSv, "app.error.unexpected", {typeid(error).name()}, kFatal);
  }
  return invocation.exit_code;
}

// The commands, one .cpp each. Every add_* puts its subcommand, options and examples (its footer)
// into the parser, help.hpp adds the texts; the callback leaves the exit code in `exit_code`.
// Results go to stdout, everything else to stderr.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <tl/expected.hpp>

#include "reports/retention/retention.hpp"
#include "reports/store/store.hpp"
#include "scanner/app/settings.hpp"
#include "scanner/support/keyed_hash.hpp"

namespace gallra::app {

struct Invocation {
  Lang lang = Lang::kSv;  // known before the rest is parsed
  GlobalOptions global;
  int exit_code = kDone;
};

void add_scan(CLI::App& cli, Invocation& invocation);
void add_report(CLI::App& cli, Invocation& invocation);
void add_export(CLI::App& cli, Invocation& invocation);
void add_status(CLI::App& cli, Invocation& invocation);
void add_why(CLI::App& cli, Invocation& invocation);
void add_detectors(CLI::App& cli, Invocation& invocation);
void add_doctor(CLI::App& cli, Invocation& invocation);
void add_init(CLI::App& cli, Invocation& invocation);
void add_demo(CLI::App& cli, Invocation& invocation);

// --- shared by the commands
// ---------------------------------------------------------------------------

// "gallra: G301 ..." on stderr; `key` is a catalogue key that starts with the code.
int complain(Lang lang, std::string_view key, const std::vector<std::string>& values,
             int exit_code);

// What is wrong with the database, for people; and told on stderr, returning the exit code.
std::string store_sentence(Lang lang, const std::string& db, const store::Problem& problem);
int store_problem(Lang lang, const std::string& db, const store::Problem& problem);

// "Could not be opened: /srv/share/hr (Access denied)".
std::string unlisted_text(Lang lang, const std::string& folder, const Outcome& outcome);

// Settings, or the complaint already made and the exit code to leave with.
tl::expected<Settings, int> settings_of(const Invocation& invocation);
// As settings_of, but a database must have been named.
tl::expected<Settings, int> settings_with_db(const Invocation& invocation);

tl::expected<std::unique_ptr<store::Reader>, int> open_reader(const Settings& settings);
tl::expected<std::shared_ptr<const retention::Policy>, int> open_policy(const Settings& settings);
// The key that belongs to an existing database; refuses a missing or foreign one.
tl::expected<Secret, int> open_key(const Settings& settings, store::Reader& reader);

std::int32_t today();
// The folder for what may spill to disk: the database's own.
std::string state_dir(const Settings& settings);

// What `scan` does, for `demo` too.
struct ScanRequest {
  std::vector<std::string> paths;
  bool new_sweep = false;
  bool reread = false;
};
int scan(const Settings& settings, const ScanRequest& request);
// What `report` does; prints the path of what it wrote.
int report(const Settings& settings, const std::string& out_dir);

}  // namespace gallra::app

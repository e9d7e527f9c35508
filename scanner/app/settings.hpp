// What the command line, the environment and gallra.toml say, in one place. Precedence: option,
// then environment (GALLRA_CONFIG, GALLRA_DB, GALLRA_KEY_FILE, GALLRA_LANG), then configuration,
// then default.
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "detectors/detectors.hpp"
#include "scanner/model/limits.hpp"
#include "scanner/support/text.hpp"

namespace gallra::app {

// The exit codes of every command; scripts rely on them.
enum Exit : int {
  kDone = 0,
  kFatal = 1,
  kUsage = 2,          // usage, configuration, rules or policy invalid
  kLowCoverage = 3,    // done, but coverage below the minimum, or a whole tree unreadable
  kStopped = 4,        // stopped by window or limit, checkpoint saved
  kCheckFailed = 10,   // a check that was asked for failed
  kInterrupted = 130,  // SIGINT, checkpoint saved
  kTerminated = 143,   // SIGTERM, checkpoint saved
};

struct Settings {
  std::string config;  // file it was read from, "" = none
  std::string db;
  std::string key_file;  // "" = beside the database: DB.key
  Lang lang = Lang::kSv;
  std::string organisation;
  std::string policy_file;
  std::vector<std::string> sources;
  std::vector<std::string> exclude;
  unsigned threads = 0;  // 0 = one a core, at most 8
  double min_coverage = 0.99;
  detect::Options detect;
  Limits limits;
  bool cross_file_systems = false;
  bool recall_offline = false;
  bool mask_filenames = false;
  bool quiet = false;
  std::string progress = "auto";  // auto | tty | plain | none

  std::string key_path() const { return key_file.empty() ? db + ".key" : key_file; }
  unsigned thread_count() const;
};

constexpr unsigned kMaxThreads = 256;

// Values given as options; empty = not given.
struct GlobalOptions {
  std::string config, db, lang, key_file, progress;
  bool quiet = false;
};

// Reads configuration and environment below the options. The error is for people, one line a
// problem, each with file, line and key.
tl::expected<Settings, std::string> resolve_settings(const GlobalOptions& options);

// The language of these options, as far as they can be understood; for what is said before or
// instead of everything else.
Lang language_of(const GlobalOptions& options);

}  // namespace gallra::app

// scan: continues the open sweep over the named trees or starts a new one.
#include <chrono>
#include <csignal>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>
#include <sys/stat.h>
#include <unistd.h>

#include "detectors/matcher/pattern_cache.hpp"
#include "reports/export/coverage.hpp"
#include "scanner/app/commands.hpp"
#include "scanner/app/help.hpp"
#include "scanner/app/pipeline.hpp"
#include "scanner/app/process.hpp"
#include "scanner/app/progress.hpp"

namespace gallra::app {
namespace {

namespace fs = std::filesystem;

// SIGTERM: how long the documents in hand may take before they are dropped (systemd waits 90 s).
constexpr std::chrono::seconds kGraceAfterTerm{20};
constexpr std::chrono::seconds kGraceAfterInt{60};

std::string without_slash(std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return path;
}

bool is_there(const walk::Root& root) {
  struct stat st {};
  return ::lstat(root.path.c_str(), &st) == 0;
}

// Named paths, resolved; one that is not there keeps its name, and ends as a folder that could not
// be listed. What another of them reads anyway is dropped and told.
std::vector<walk::Root> find_roots(const std::vector<std::string>& paths,
                                   const walk::Options& options, const Settings& settings) {
  std::vector<walk::Root> roots;
  for (const std::string& path : paths) {
    std::error_code error;
    const fs::path real = fs::canonical(path, error);
    if (error) {
      complain(settings.lang,
               error == std::errc::permission_denied ? "app.error.root_denied"
                                                     : "app.error.root_missing",
               {printable(path)}, kUsage);
      roots.push_back({0, without_slash(fs::absolute(path).lexically_normal().string()), ""});
      continue;
    }
    const bool folder = fs::is_directory(real, error);
    roots.push_back({0, real.string(), folder ? "" : real.filename().string()});
  }
  std::sort(roots.begin(), roots.end(),
            [](const walk::Root& a, const walk::Root& b) { return a.path < b.path; });
  for (const walk::DroppedRoot& dropped : walk::normalise_roots(roots, options)) {
    if (settings.quiet || dropped.root.path == dropped.inside.path) continue;
    tell(text(settings.lang, "app.scan.root_inside",
              {printable(dropped.root.path), printable(dropped.inside.path)}));
  }
  return roots;
}

// A new source that another of the database reads anyway, or that reads it, would have its files
// counted twice, and a file told as its own copy.
int refuse_overlap(const Settings& settings, const std::vector<walk::Root>& roots,
                   const walk::Options& options) {
  std::error_code error;
  if (!fs::exists(settings.db, error) || fs::is_empty(settings.db, error)) return kDone;
  auto reader = store::Reader::open(settings.db);
  if (!reader) return kDone;  // told when it is opened for writing
  std::set<std::string> known;
  std::vector<walk::Root> all;
  for (const store::SourceRow& source : (*reader)->sources()) {
    known.insert(source.path);
    const bool file = source.single_file;
    all.push_back({0, source.path, file ? fs::path(source.path).filename().string() : ""});
  }
  for (const walk::Root& root : roots)
    if (!known.contains(root.path)) all.push_back(root);
  for (const walk::DroppedRoot& dropped : walk::normalise_roots(all, options)) {
    const std::string& inner = dropped.root.path;
    const std::string& outer = dropped.inside.path;
    if (known.contains(inner) && known.contains(outer)) continue;
    return complain(settings.lang, "app.error.source_overlaps",
                    known.contains(outer) ? std::vector{printable(inner), printable(outer)}
                                          : std::vector{printable(outer), printable(inner)},
                    kUsage);
  }
  return kDone;
}

std::vector<std::pair<std::uint64_t, std::uint64_t>> own_files(const Settings& settings) {
  std::vector<std::pair<std::uint64_t, std::uint64_t>> own;
  std::vector<std::string> paths{settings.db,           settings.db + "-wal", settings.db + "-shm",
                                 settings.db + ".lock", settings.key_path(),  settings.config};
  for (std::string& path : detect::PatternCache::files_in(settings.detect.cache_folder))
    paths.push_back(std::move(path));
  for (const std::string& path : paths) {
    struct stat st {};
    if (!path.empty() && ::stat(path.c_str(), &st) == 0) own.emplace_back(st.st_dev, st.st_ino);
  }
  return own;
}

// The key: the one beside an existing database, or a new one for a new database.
tl::expected<Secret, int> key_for(const Settings& settings) {
  const std::string path = settings.key_path();
  std::error_code error;
  if (fs::exists(path, error)) {
    auto secret = Secret::load(path, settings.lang);
    if (!secret)
      return tl::unexpected(
          complain(settings.lang, "app.error.key", {printable(secret.error())}, kFatal));
    return *secret;
  }
  // An empty file is a database to be (mktemp makes such).
  const bool is_new = !fs::exists(settings.db, error) ||
                      (fs::is_regular_file(settings.db, error) && fs::is_empty(settings.db, error));
  if (!is_new) {
    if (auto reader = open_reader(settings); !reader) return tl::unexpected(reader.error());
    return tl::unexpected(
        complain(settings.lang, "app.error.key_missing", {printable(path)}, kFatal));
  }
  auto secret = Secret::create(path, settings.lang);
  if (!secret)
    return tl::unexpected(
        complain(settings.lang, "app.error.key", {printable(secret.error())}, kFatal));
  if (!settings.quiet) tell(text(settings.lang, "app.scan.key_made", {printable(path)}));
  return *secret;
}

std::string settings_json(const Settings& settings, const jail::Strength* strength,
                          const detect::RuleSet& rules) {
  nlohmann::ordered_json json;
  json["version"] = GALLRA_VERSION;
  json["rules"] = rules.id();
  json["threads"] = settings.thread_count();
  json["exclude"] = settings.exclude;
  json["test_data"] = settings.detect.test_data == detect::TestData::kCount ? "count" : "label";
  json["max_depth"] = settings.limits.max_depth;
  json["ocr"] = false;
  json["cross_file_systems"] = settings.cross_file_systems;
  json["min_coverage"] = settings.min_coverage;
  json["jail"]["running"] = strength != nullptr;
  if (strength != nullptr) {
    json["jail"]["seccomp"] = strength->seccomp;
    json["jail"]["landlock"] = strength->landlock;
    json["jail"]["network_cut"] = strength->network_cut;
    json["jail"]["problem"] = strength->problem;
  }
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

void print_summary(const Settings& settings, const store::Ledger& ledger, bool complete) {
  const Lang lang = settings.lang;
  auto number = [&](std::uint64_t n) { return number_text(lang, n); };
  tell(text(lang, complete ? "app.scan.done" : "app.scan.stopped",
            {number(ledger.seen), number(ledger.read), number(ledger.read_in_part),
             number(ledger.not_read), number(ledger.excluded), number(ledger.unchanged),
             exporting::coverage_text(lang, ledger, exporting::coverage_of(ledger))}));
  if (complete && ledger.directories_not_listed > 0)
    tell(text(lang, "app.scan.folders_unseen", {number(ledger.directories_not_listed)}));
  if (complete && ledger.files_hidden > 0)
    tell(text(lang, "app.scan.files_hidden", {number(ledger.files_hidden)}));
}

std::string label_of(Lang lang, const std::vector<walk::Root>& roots) {
  return roots.size() == 1 ? roots[0].path
                           : text(lang, "app.progress.sources", {number_text(lang, roots.size())});
}

void note_devices(const std::vector<walk::Root>& roots, const PipelineResult& run,
                  store::Writer& writer) {
  for (const walk::Root& root : roots) {
    struct stat st {};
    if (!run.roots_unlisted.contains(root.source_id) && ::stat(root.path.c_str(), &st) == 0)
      writer.stands_on(root.source_id, st.st_dev);
  }
}

void tell_unlisted(const Settings& settings, const std::vector<walk::Root>& roots,
                   const PipelineResult& run) {
  for (const walk::Root& root : roots) {
    const auto unlisted = run.roots_unlisted.find(root.source_id);
    if (unlisted == run.roots_unlisted.end()) continue;
    if (unlisted->second.reason != Reason::kMissing)
      tell(unlisted_text(settings.lang, root.path, unlisted->second));
    else if (is_there(root))  // else told at the start
      complain(settings.lang, "app.error.root_unmounted", {printable(root.path)}, kLowCoverage);
  }
}

// Drops the documents in hand when a signal's grace has run out.
class GraceTimer {
 public:
  explicit GraceTimer(Stop& stop)
      : thread_([&stop](const std::stop_token& token) {
          std::chrono::steady_clock::time_point since{};
          while (!token.stop_requested()) {
            std::this_thread::sleep_for(std::chrono::milliseconds(100));
            if (!stop.gently) continue;
            const auto now = std::chrono::steady_clock::now();
            if (since == std::chrono::steady_clock::time_point{}) since = now;
            if (now - since > (last_signal() == SIGTERM ? kGraceAfterTerm : kGraceAfterInt))
              stop.now = true;
          }
        }) {}

 private:
  std::jthread thread_;
};

}  // namespace

int scan(const Settings& settings, const ScanRequest& request) {
  const std::vector<std::string>& paths = request.paths.empty() ? settings.sources : request.paths;
  if (paths.empty()) return complain(settings.lang, "app.error.nothing_to_scan", {}, kUsage);
  auto filter = walk::Filter::compile(settings.exclude);
  if (!filter)
    return complain(settings.lang, "app.error.filter", {printable(filter.error())}, kUsage);
  PipelineSetup setup;
  setup.threads = settings.thread_count();
  setup.walk.threads = setup.threads;
  setup.walk.filter = *filter;
  setup.walk.cross_file_systems = settings.cross_file_systems;
  setup.walk.recall_offline = settings.recall_offline;
  setup.roots = find_roots(paths, setup.walk, settings);
  if (std::none_of(setup.roots.begin(), setup.roots.end(), is_there)) return kUsage;

  if (const int code = refuse_overlap(settings, setup.roots, setup.walk); code != kDone)
    return code;

  // The zygote first: it must not carry rules, lexicons or a single byte of anyone's data.
  auto zygote = jail::Zygote::start(extract::extractors(), settings.limits);
  if (!zygote) complain(settings.lang, "app.error.jail", {printable(zygote.error())}, kDone);

  Stop stop;
  stop_on_signals(stop);
  auto rules = detect::RuleSet::load(settings.detect);
  if (!rules) return complain(settings.lang, "app.error.rules", {printable(rules.error())}, kUsage);
  auto secret = key_for(settings);
  if (!secret) return secret.error();
  auto opened = store::Writer::open(settings.db, secret->id());
  if (!opened) return store_problem(settings.lang, settings.db, opened.error());
  store::Writer& writer = **opened;

  std::vector<std::int64_t> sources;
  for (walk::Root& root : setup.roots) {
    const store::SourceRow source = writer.source(root.path, !root.rel.empty());
    root.source_id = source.id;
    root.stood_on = source.device;
    sources.push_back(root.source_id);
  }
  std::optional<store::SweepRow> sweep =
      request.new_sweep ? std::nullopt : writer.open_sweep(sources);
  if (sweep && sweep->rules_id != (*rules)->id()) sweep.reset();
  const bool resumed = sweep.has_value();
  if (!sweep) sweep = writer.begin_sweep(sources, (*rules)->id());
  writer.begin_run(*sweep,
                   settings_json(settings, zygote ? &zygote->strength() : nullptr, **rules));
  if (resumed && !settings.quiet) tell(text(settings.lang, "app.scan.resumed"));

  setup.walk.own_files = own_files(settings);
  setup.reader.rules = *rules;
  setup.reader.secret = &*secret;
  setup.reader.zygote = zygote ? &*zygote : nullptr;
  setup.reader.limits = settings.limits;
  setup.reader.state_dir = state_dir(settings);
  setup.reader.today = day_from_unix(sweep->started);
  setup.reader.drop_now = &stop.now;

  Counters counters;
  PipelineResult run;
  {
    Progress progress(
        settings.quiet ? "none" : settings.progress, settings.lang,
        label_of(settings.lang, setup.roots),
        [&](const std::atomic<bool>& enough) {
          return walk::count_objects(setup.roots, setup.walk, enough);
        },
        counters, stop.gently);
    GraceTimer grace(stop);
    run = run_pipeline(setup, writer, stop, counters);
  }
  if (zygote && !zygote->lost().empty())
    complain(settings.lang, "app.error.jail", {printable(zygote->lost())}, kDone);

  if (const auto problem = writer.failed()) {
    (void)writer.end_run("failed", false, run.seen);
    return store_problem(settings.lang, settings.db, *problem);
  }
  if (run.complete) note_devices(setup.roots, run, writer);
  const int signal = last_signal();
  auto ledger = writer.end_run(run.complete  ? "done"
                               : signal != 0 ? "interrupted"
                                             : "failed",
                               run.complete, run.seen);
  if (!ledger) return store_problem(settings.lang, settings.db, ledger.error());
  tell_unlisted(settings, setup.roots, run);
  if (!settings.quiet || !run.complete) print_summary(settings, *ledger, run.complete);
  if (run.complete && ledger->seen == 0) tell(text(settings.lang, "app.scan.nothing_seen"));
  // Without it nothing found later can be tied to what was found now.
  std::error_code error;
  if (!fs::exists(settings.key_path(), error))
    return complain(settings.lang, "app.error.key_gone", {printable(settings.key_path())}, kFatal);
  if (!run.complete) return signal == SIGTERM ? kTerminated : kInterrupted;
  if (!run.roots_unlisted.empty() ||
      exporting::readable_coverage_of(*ledger) < settings.min_coverage)
    return kLowCoverage;
  return kDone;
}

void add_scan(CLI::App& cli, Invocation& invocation) {
  struct Options {
    std::vector<std::string> paths, exclude;
    unsigned threads = 0;
    bool new_sweep = false, cross = false;
    std::string test_data, rules;
  };
  auto options = std::make_shared<Options>();
  CLI::App* command = cli.add_subcommand("scan");
  command->add_option("paths", options->paths);
  command->add_option("--exclude", options->exclude)->check(pattern(invocation.lang));
  command->add_option("--threads", options->threads)
      ->check(whole_number(invocation.lang, 1, kMaxThreads));
  command->add_option("--rules", options->rules);
  command->add_option("--test-data", options->test_data)
      ->check(one_of(invocation.lang, {"label", "count"}));
  command->add_flag("--new-sweep", options->new_sweep);
  command->add_flag("--cross-file-systems", options->cross);
  command->footer(
      "  gallra scan /srv/share --db /var/lib/gallra/gallra.db\n"
      "  gallra scan /mnt/g /mnt/h --exclude '/IT/Images/' --db g.db\n"
      "  gallra -c gallra.toml scan");
  command->callback([options, &invocation] {
    auto settings = settings_with_db(invocation);
    if (!settings) {
      invocation.exit_code = settings.error();
      return;
    }
    settings->exclude.insert(settings->exclude.end(), options->exclude.begin(),
                             options->exclude.end());
    if (options->threads > 0) settings->threads = options->threads;
    if (options->cross) settings->cross_file_systems = true;
    if (!options->rules.empty()) settings->detect.rule_dirs.push_back(options->rules);
    if (!options->test_data.empty())
      settings->detect.test_data =
          options->test_data == "count" ? detect::TestData::kCount : detect::TestData::kLabel;
    invocation.exit_code = scan(*settings, {options->paths, options->new_sweep, false});
  });
}

}  // namespace gallra::app

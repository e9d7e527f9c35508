// status: one screen on the last sweep. why PATH: everything known of one file, as sentences.
#include <algorithm>
#include <ctime>
#include <filesystem>
#include <fmt/chrono.h>
#include <fmt/core.h>
#include <map>
#include <nlohmann/json.hpp>

#include "detectors/detectors.hpp"
#include "reports/export/coverage.hpp"
#include "reports/export/facts.hpp"
#include "scanner/app/commands.hpp"
#include "scanner/model/provenance.hpp"

namespace gallra::app {
namespace {

std::string local_time(std::int64_t unix_seconds) {
  const std::time_t t = unix_seconds;
  std::tm parts{};
  ::localtime_r(&t, &parts);
  return fmt::format("{:%Y-%m-%d %H:%M}", parts);
}

// "not_read:encrypted" -> the sentence of its reason.
std::string reason_sentence(Lang lang, const std::string& by_reason) {
  const std::string key = by_reason.substr(by_reason.find(':') + 1);
  return std::string(text(lang, "reason." + key));
}

// The folders nobody could list, by name: what they hold is in no figure.
void print_unlisted(Lang lang, store::Reader& reader) {
  constexpr std::size_t kNamed = 20;
  std::size_t met = 0;
  reader.directories(
      [&](const store::SourceRow& source, const std::string& dir, const Outcome& outcome) {
        if (outcome.kind == OutcomeKind::kExcluded || ++met > kNamed) return;
        fmt::print("{}\n", unlisted_text(lang, source.path_of(dir), outcome));
      });
  if (met > kNamed)
    fmt::print("{}\n", text(lang, "app.status.folders_more", {number_text(lang, met - kNamed)}));
}

void print_unread(Lang lang, const store::Ledger& ledger) {
  // What was read in part and carried over is as unread as it was.
  constexpr std::string_view kCarried = "unchanged:";
  std::map<std::string, std::uint64_t> unread;
  for (const auto& [key, n] : ledger.by_reason) {
    if (key.starts_with("not_read:") || key.starts_with("read_in_part:")) unread[key] += n;
    if (key.starts_with(kCarried) && !key.ends_with(key_of(Reason::kHardLink)))
      unread["read_in_part:" + key.substr(kCarried.size())] += n;
  }
  std::vector<std::pair<std::uint64_t, std::string>> rows;
  rows.reserve(unread.size());
  for (const auto& [key, n] : unread) rows.emplace_back(n, key);
  if (rows.empty()) {
    if (ledger.seen > 0 && ledger.directories_not_listed == 0 && !ledger.open)
      fmt::print("{}\n", text(lang, "app.status.all_read"));
    return;
  }
  std::sort(rows.rbegin(), rows.rend());
  fmt::print("{}\n", text(lang, "app.status.unread"));
  for (const auto& [n, key] : rows)
    fmt::print(
        "  {}\n",
        text(lang, "app.status.reason",
             {number_text(lang, n),
              reason_sentence(lang, key) + " (" +
                  std::string(text(lang, "outcome." + key.substr(0, key.find(':')))) + ")"}));
}

std::string state_text(Lang lang, const store::SweepRow& sweep) {
  return std::string(text(lang, sweep.is_open() ? "app.status.open" : "app.status.closed"));
}

std::string time_of(const store::SweepRow& sweep) {
  return local_time(sweep.is_open() ? sweep.started : sweep.ended);
}

// Sources of the latest sweep on one line; those swept at another time with that sweep.
void print_sources(Lang lang, store::Reader& reader, const std::vector<store::SweepRow>& sweeps) {
  std::string names;
  std::vector<store::SourceRow> others;
  for (store::SourceRow& source : reader.sources()) {
    if (source.latest_sweep == sweeps.back().id)
      names += (names.empty() ? "" : ", ") + printable(source.path);
    else
      others.push_back(std::move(source));
  }
  fmt::print("{}\n", text(lang, "app.status.sources", {names}));
  for (const store::SourceRow& source : others)
    for (const store::SweepRow& sweep : sweeps)
      if (sweep.id == source.latest_sweep)
        fmt::print("{}\n", text(lang, "app.status.source",
                                {printable(source.path), std::to_string(sweep.id),
                                 state_text(lang, sweep), time_of(sweep)}));
}

void print_status(Lang lang, store::Reader& reader, const std::vector<store::SweepRow>& sweeps,
                  const store::Ledger& ledger) {
  const store::SweepRow& sweep = sweeps.back();
  auto number = [&](std::uint64_t n) { return number_text(lang, n); };
  fmt::print("{}\n", text(lang, "app.status.sweep",
                          {std::to_string(sweep.id), state_text(lang, sweep), time_of(sweep)}));
  print_sources(lang, reader, sweeps);
  fmt::print("{}\n",
             text(lang, "app.status.ledger",
                  {number(ledger.seen), number(ledger.read), number(ledger.read_in_part),
                   number(ledger.not_read), number(ledger.excluded), number(ledger.unchanged)}));
  fmt::print("{}\n", text(lang, "app.status.folders",
                          {number(ledger.directories_listed), number(ledger.directories_not_listed),
                           number(ledger.directories_excluded)}));
  fmt::print(
      "{}\n",
      text(lang, "app.status.coverage",
           {exporting::coverage_text(lang, ledger, exporting::coverage_of(ledger)),
            exporting::coverage_text(lang, ledger, exporting::readable_coverage_of(ledger))}));
  if (ledger.files_hidden > 0)
    fmt::print("{}\n", text(lang, "app.scan.files_hidden", {number(ledger.files_hidden)}));
  print_unread(lang, ledger);
  print_unlisted(lang, reader);
}

void print_status_json(store::Reader& reader, const store::SweepRow& sweep,
                       const store::Ledger& ledger) {
  nlohmann::ordered_json json;
  json["sweep"] = sweep.id;
  json["state"] = sweep.is_open() ? "open" : "done";
  json["started"] = sweep.started;
  json["ended"] = sweep.ended;
  json["all_sweeps_done"] = !ledger.open;
  json["sources"] = nlohmann::ordered_json::array();
  for (const store::SourceRow& source : reader.sources())
    json["sources"].push_back({{"path", printable(source.path)}, {"sweep", source.latest_sweep}});
  json["seen"] = ledger.seen;
  json["read"] = ledger.read;
  json["read_in_part"] = ledger.read_in_part;
  json["not_read"] = ledger.not_read;
  json["excluded"] = ledger.excluded;
  json["unchanged"] = ledger.unchanged;
  json["reconciles"] = ledger.reconciles();
  json["by_reason"] = ledger.by_reason;
  json["directories"] = {{"seen", ledger.directories_seen},
                         {"listed", ledger.directories_listed},
                         {"not_listed", ledger.directories_not_listed},
                         {"excluded", ledger.directories_excluded}};
  json["files_hidden"] = ledger.files_hidden;
  json["coverage"] = exporting::coverage_of(ledger);
  json["coverage_readable"] = exporting::readable_coverage_of(ledger);
  fmt::print("{}\n", json.dump());
}

int status(const Settings& settings, bool as_json) {
  auto reader = open_reader(settings);
  if (!reader) return reader.error();
  const auto sweeps = (*reader)->sweeps();
  if (sweeps.empty()) {
    fmt::print("{}\n", text(settings.lang, "app.status.none"));
    return kDone;
  }
  const store::Ledger ledger = (*reader)->ledger_now();
  if (as_json)
    print_status_json(**reader, sweeps.back(), ledger);
  else
    print_status(settings.lang, **reader, sweeps, ledger);
  return kDone;
}

// "group hemtjanst: r (ACL)", as it is stored, in words.
std::string access_text(Lang lang, const std::string& entry) {
  std::string out = printable(entry);
  const std::size_t end = std::min(out.find_first_of(": "), out.size());
  const std::string key = "access." + out.substr(0, end);
  if (const std::string_view who = text(lang, key); who != key) out.replace(0, end, who);
  if (const std::size_t at = out.find(": r"); at != std::string::npos)
    out.replace(at, 3, text(lang, "access.reads"));
  return out;
}

void print_document(Lang lang, const store::DocumentRow& row) {
  fmt::print("\n{}\n", printable(Provenance{row.file.path(), row.inner}.str()));
  const Outcome& outcome = row.read_outcome;
  fmt::print("  {}\n",
             text(lang, "app.why.outcome",
                  {std::string(text(lang, "outcome." + std::string(key_of(outcome.kind))))}));
  if (outcome.reason != Reason::kNone) {
    const std::string key = "reason." + std::string(key_of(outcome.reason));
    fmt::print("  {}\n", text(lang, "app.why.reason", {std::string(text(lang, key))}));
    fmt::print("  {}\n", text(lang, "app.why.advice", {std::string(text(lang, key + ".do"))}));
  }
  if (!outcome.detail.empty())
    fmt::print("  {}\n", text(lang, "app.why.detail", {printable(outcome.detail)}));
  if (!row.format.empty() && row.format != "unknown")
    fmt::print("  {}\n", text(lang, "app.why.format", {row.format, printable(row.format_why)}));
  if (row.inner.empty() && !row.file.owner.empty())
    fmt::print(
        "  {}\n",
        text(lang, row.file.exposure_by.empty() ? "app.why.access_unknown" : "app.why.access",
             {printable(row.file.owner),
              std::string(text(lang, std::string("exposure.") + key_of(row.file.exposure))),
              access_text(lang, row.file.exposure_by)}));
}

void print_finding(Lang lang, const Finding& finding) {
  fmt::print(
      "  {}\n",
      text(lang, "app.why.finding",
           {std::string(text(lang, std::string("confidence.") + key_of(finding.confidence))),
            std::string(text(lang, "category." + finding.category)), printable(finding.masked),
            finding.count == 1 ? std::string(text(lang, "app.why.once"))
                               : text(lang, "app.why.times", {number_text(lang, finding.count)}),
            finding.places.empty() ? "" : place_text(lang, finding.places.front())}));
  fmt::print("    {}\n", detect::sentence(lang, finding));
}

bool is_link(const store::DocumentRow& row) { return row.read_outcome.reason == Reason::kHardLink; }

// Another name of a file that was read: what was found stands under the name it was read by. Tells
// which row is the file.
std::size_t follow_hard_link(store::Reader& reader, const std::string& asked,
                             std::vector<store::DocumentRow>& rows) {
  if (rows.size() != 1 || !is_link(rows.front())) return 0;
  // The name it was read by is told below the source, as the row's own path is.
  const std::string below = rows.front().file.path();
  const std::string path = asked.substr(0, asked.size() - std::min(asked.size(), below.size())) +
                           rows.front().read_outcome.detail;
  reader.documents_of(path, [&](const store::DocumentRow& row) { rows.push_back(row); });
  return rows.size() > 1 ? 1 : 0;
}

// The name itself is not resolved: a symbolic link is an object of its own.
std::string absolute_name(const std::string& path) {
  std::error_code error;
  const auto given = std::filesystem::absolute(path, error).lexically_normal();
  return (std::filesystem::weakly_canonical(given.parent_path(), error) / given.filename())
      .string();
}

// A file with all that is in it, or the one member that "file.zip!/member" names.
std::vector<store::DocumentRow> rows_of(store::Reader& reader, const std::string& path) {
  std::vector<store::DocumentRow> rows;
  reader.documents_of(path, [&](const store::DocumentRow& row) { rows.push_back(row); });
  for (std::size_t at = path.find("!/"); rows.empty() && at != std::string::npos;
       at = path.find("!/", at + 1)) {
    const std::string file = path.substr(0, at);
    reader.documents_of(file, [&](const store::DocumentRow& row) {
      std::string name = file;
      for (const std::string& step : row.inner) name += "!/" + step;
      if (name == path || Provenance{file, row.inner}.str() == path) rows.push_back(row);
    });
  }
  return rows;
}

// A folder that was not listed or was left out, or what lies in one. False: there is none.
bool tell_folder(Lang lang, store::Reader& reader, const std::string& path) {
  bool told = false;
  reader.directories(
      [&](const store::SourceRow& source, const std::string& dir, const Outcome& outcome) {
        const std::string folder = source.path_of(dir);
        if (told || (path != folder && !path.starts_with(folder + '/'))) return;
        const std::string key = "reason." + std::string(key_of(outcome.reason));
        fmt::print("{}\n", text(lang, "app.why.folder",
                                {printable(folder), std::string(text(lang, key)),
                                 std::string(text(lang, key + ".do"))}));
        told = true;
      });
  return told;
}

std::string_view nothing_found(OutcomeKind how) {
  switch (how) {
    case OutcomeKind::kNotRead:
      return "app.why.no_findings_unread";
    case OutcomeKind::kReadInPart:
      return "app.why.no_findings_part";
    case OutcomeKind::kExcluded:
      return "app.why.no_findings_excluded";
    default:
      return "app.why.no_findings";
  }
}

int why(const Settings& settings, const std::string& path) {
  auto reader = open_reader(settings);
  if (!reader) return reader.error();
  auto policy = open_policy(settings);
  if (!policy) return policy.error();
  std::error_code error;
  std::string absolute = absolute_name(path);
  std::vector<store::DocumentRow> rows = rows_of(**reader, absolute);
  // As report and export print it: from the source's folder on.
  for (const store::SourceRow& source : (*reader)->sources()) {
    if (!rows.empty()) break;
    rows = rows_of(**reader, source.path_of(path));
    if (!rows.empty()) absolute = source.path_of(path);
  }
  if (rows.empty() && tell_folder(settings.lang, **reader, absolute)) return kDone;
  if (rows.empty() && std::filesystem::is_directory(absolute, error))
    return complain(settings.lang, "app.error.why_folder", {printable(path)}, kUsage);
  if (rows.empty())
    return complain(settings.lang, "app.error.not_in_db", {printable(path)}, kUsage);
  const std::size_t file = follow_hard_link(**reader, absolute, rows);
  for (const store::DocumentRow& row : rows) {
    print_document(settings.lang, row);
    std::vector<Finding> findings;
    (*reader)->findings_of(row.id, [&](const Finding& found) { findings.push_back(found); });
    // The most sensitive first, then the surest.
    std::stable_sort(findings.begin(), findings.end(), [](const Finding& a, const Finding& b) {
      return a.gdpr != b.gdpr ? a.gdpr > b.gdpr : a.confidence > b.confidence;
    });
    for (const Finding& finding : findings) print_finding(settings.lang, finding);
    if (findings.empty() && !is_link(row))
      fmt::print("  {}\n", text(settings.lang, nothing_found(row.read_outcome.kind)));
  }
  if (const auto summary = (*reader)->file(rows[file].id)) {
    const auto judged = exporting::judgement_of(*summary, **policy, today(), settings.lang);
    if (judged)
      fmt::print("\n{}\n", text(settings.lang, "app.why.verdict", {judged->sentence}));
    else if (summary->findings > 0)
      fmt::print("\n{}\n", text(settings.lang, "app.why.not_judged"));
  }
  return kDone;
}

}  // namespace

void add_status(CLI::App& cli, Invocation& invocation) {
  auto as_json = std::make_shared<bool>(false);
  CLI::App* command = cli.add_subcommand("status");
  command->add_flag("--json", *as_json);
  command->footer(
      "  gallra status --db g.db\n"
      "  gallra status --db g.db --json\n"
      "  gallra -c gallra.toml status");
  command->callback([as_json, &invocation] {
    auto settings = settings_with_db(invocation);
    invocation.exit_code = settings ? status(*settings, *as_json) : settings.error();
  });
}

void add_why(CLI::App& cli, Invocation& invocation) {
  auto path = std::make_shared<std::string>();
  CLI::App* command = cli.add_subcommand("why");
  command->add_option("path", *path)->required();
  command->footer(
      "  gallra why '/srv/share/HR/cv.docx' --db g.db\n"
      "  gallra why list.xlsx --db g.db --lang en\n"
      "  gallra -c gallra.toml why /mnt/g/avtal.pdf");
  command->callback([path, &invocation] {
    auto settings = settings_with_db(invocation);
    invocation.exit_code = settings ? why(*settings, *path) : settings.error();
  });
}

}  // namespace gallra::app

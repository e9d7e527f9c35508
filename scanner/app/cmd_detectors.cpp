// detectors list | check | explain ID | test FILE|-: what is searched, how sure, and a text tried
// on it.
#include <algorithm>
#include <array>
#include <cerrno>
#include <fcntl.h>
#include <fmt/core.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "scanner/app/commands.hpp"
#include "scanner/app/file_reader.hpp"

namespace gallra::app {
namespace {

// A text given by hand is small; anything bigger is a scan.
constexpr std::size_t kMaxTestBytes = 64U << 20;

struct Options {
  std::string rules, id, file;
  std::vector<std::string> word_lists;
};

tl::expected<std::shared_ptr<const detect::RuleSet>, int> load(Settings& settings,
                                                               const Options& options) {
  if (!options.rules.empty()) settings.detect.rule_dirs.push_back(options.rules);
  for (const std::string& list : options.word_lists) settings.detect.word_lists.push_back(list);
  auto rules = detect::RuleSet::load(settings.detect);
  if (!rules)
    return tl::unexpected(
        complain(settings.lang, "app.error.rules", {printable(rules.error())}, kUsage));
  return *rules;
}

int list(Settings& settings, const Options& options) {
  auto rules = load(settings, options);
  if (!rules) return rules.error();
  for (const detect::RuleInfo& rule : (*rules)->rules())
    fmt::print("{}\n", text(settings.lang, "app.detectors.line",
                            {rule.id, rule.category,
                             settings.lang == Lang::kSv ? rule.name_sv : rule.name_en}));
  return kDone;
}

int check(Settings& settings, const Options& options) {
  auto rules = load(settings, options);
  if (!rules) return rules.error();
  const std::vector<std::string> failures = detect::check(*rules);
  for (const std::string& failure : failures) fmt::print("{}\n", printable(failure));
  if (!failures.empty())
    return complain(settings.lang, "app.detectors.failed",
                    {number_text(settings.lang, failures.size())}, kCheckFailed);
  std::size_t examples = 0;
  for (const detect::RuleInfo& rule : (*rules)->rules())
    examples += rule.finds.size() + rule.ignores.size();
  fmt::print("{}\n", text(settings.lang, "app.detectors.ok",
                          {number_text(settings.lang, (*rules)->rules().size()),
                           number_text(settings.lang, examples)}));
  return kDone;
}

// An example's tabs and line breaks as signs, since they are what it is about.
std::string on_one_line(const std::string& example) {
  std::string out;
  for (const char c : example)
    if (c == '\t')
      out += " ⇥ ";
    else if (c == '\n')
      out += " ⏎ ";
    else
      out += c;
  return printable(out);
}

int explain(Settings& settings, const Options& options) {
  auto rules = load(settings, options);
  if (!rules) return rules.error();
  const auto& all = (*rules)->rules();
  const auto rule =
      std::find_if(all.begin(), all.end(), [&](const auto& r) { return r.id == options.id; });
  if (rule == all.end())
    return complain(settings.lang, "app.error.rule_unknown", {printable(options.id)}, kUsage);
  const bool sv = settings.lang == Lang::kSv;
  fmt::print("{}\n{}\n{}\n", rule->id, sv ? rule->name_sv : rule->name_en,
             sv ? rule->about_sv : rule->about_en);
  for (const std::string& source : rule->sources) fmt::print("  § {}\n", printable(source));
  for (const std::string& example : rule->finds) fmt::print("  + {}\n", on_one_line(example));
  for (const std::string& example : rule->ignores) fmt::print("  - {}\n", on_one_line(example));
  return kDone;
}

// All of a file, a pipe or standard input ("-"); 0 or the errno.
int read_text(const std::string& file, std::string& input) {
  // Opened without waiting, so that a pipe nobody writes to is empty and does not hold us up.
  const int fd =
      file == "-" ? ::dup(STDIN_FILENO) : ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return errno;
  if (file != "-") ::fcntl(fd, F_SETFL, 0);
  std::array<char, 65536> buffer{};
  ssize_t n = 0;
  while (input.size() <= kMaxTestBytes && (n = ::read(fd, buffer.data(), buffer.size())) > 0)
    input.append(buffer.data(), static_cast<std::size_t>(n));
  const int error = n < 0 ? errno : input.size() > kMaxTestBytes ? EFBIG : 0;
  ::close(fd);
  return error;
}

// The text is the user's own and stays on her screen; values are masked all the same.
// Why a candidate is no finding: what its validator said, or the reading that won over it.
std::string reason_of(Lang lang, const std::string& rejected) {
  const std::string key = "rejected." + rejected;
  const std::string_view known = text(lang, key);
  return known != key ? std::string(known) : text(lang, "rejected.reading", {rejected});
}

int test(Settings& settings, const Options& options) {
  auto rules = load(settings, options);
  if (!rules) return rules.error();
  std::string input;
  if (const int error = read_text(options.file, input); error != 0)
    return complain(settings.lang, "app.error.read",
                    {printable(options.file), errno_text(settings.lang, error)}, kUsage);
  const Secret secret = Secret::for_tests();  // nothing is stored, so any key will do
  auto detector = detect::DocumentDetector::create(*rules, secret);
  detector->keep_candidates(true);
  detect::DocumentContext context;
  context.path = context.name = options.file == "-" ? "" : printable(options.file);
  context.format = Format::kText;
  context.today = today();
  detector->begin(context);
  TextChunk chunk;
  chunk.place = {PlaceKind::kLine, 1, 0, ""};
  chunk.text = input;
  detector->text(chunk);
  const DocumentFindings found = detector->finish();
  for (const Finding& finding : found.findings) {
    const std::string where =
        finding.places.empty() ? "" : place_text(settings.lang, finding.places.front());
    fmt::print("{}\n",
               text(settings.lang, "app.detectors.found",
                    {std::string(text(settings.lang,
                                      std::string("confidence.") + key_of(finding.confidence))),
                     finding.detector, finding.masked + (where.empty() ? "" : " · " + where),
                     detect::sentence(settings.lang, finding)}));
  }
  for (const detect::Candidate& candidate : detector->candidates())
    if (!candidate.accepted)
      fmt::print("{}\n", text(settings.lang, "app.detectors.rejected",
                              {candidate.detector, candidate.shown,
                               place_text(settings.lang, candidate.place),
                               reason_of(settings.lang, candidate.rejected_because)}));
  if (found.findings.empty()) fmt::print("{}\n", text(settings.lang, "app.detectors.nothing"));
  return kDone;
}

}  // namespace

void add_detectors(CLI::App& cli, Invocation& invocation) {
  auto options = std::make_shared<Options>();
  CLI::App* command = cli.add_subcommand("detectors");
  command->require_subcommand(1);
  command->add_option("--rules", options->rules);
  command->add_option("--word-list", options->word_lists);
  auto run = [options, &invocation](int (*action)(Settings&, const Options&)) {
    return [options, &invocation, action] {
      auto settings = settings_of(invocation);
      invocation.exit_code = settings ? action(*settings, *options) : settings.error();
    };
  };
  command->add_subcommand("list")->callback(run(list));
  command->add_subcommand("check")->callback(run(check));
  CLI::App* explained = command->add_subcommand("explain");
  explained->add_option("id", options->id)->required();
  explained->callback(run(explain));
  CLI::App* tested = command->add_subcommand("test");
  tested->add_option("file", options->file)->required();
  tested->callback(run(test));
  command->footer(
      "  gallra detectors list --lang en\n"
      "  gallra detectors check --rules my-rules\n"
      "  echo 'Anna, 20000229-2399' | gallra detectors test -");
}

}  // namespace gallra::app

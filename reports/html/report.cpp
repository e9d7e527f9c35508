// The review report: summary, worst places, retention review, categories, age, access, duplicates,
// what was not seen, method. Plain HTML without a line of script; nothing external.
#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <nlohmann/json.hpp>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

#include "detectors/detectors.hpp"
#include "reports/html/gather.hpp"
#include "reports/html/html.hpp"
#include "reports/html/page.hpp"
#include "scanner/support/embedded.hpp"
#include "scanner/support/keyed_hash.hpp"

namespace gallra::html {
namespace {

using retention::Verdict;

// What one person can take in; beyond it the report counts, and says so.
constexpr std::size_t kTopFolders = 25;
constexpr std::size_t kTopFiles = 200;
constexpr std::size_t kFilesPerRule = 20;
constexpr std::size_t kExplainedFiles = 40;
constexpr std::size_t kFindingsPerFile = 8;

class Report {
 public:
  Report(store::Reader& reader, const retention::Policy& policy, const Options& options)
      : reader_(reader),
        policy_(policy),
        options_(options),
        all_(gather(reader, policy, options.today, options.lang)),
        page_(options.lang) {}

  std::string write() {
    head();
    summary();
    folders();
    files();
    review();
    categories();
    age();
    access();
    duplicates();
    coverage();
    method();
    page_.raw("</main></div></body></html>\n");
    return page_.take();
  }

 private:
  Lang lang() const { return options_.lang; }
  std::string say(std::string_view key, const std::vector<std::string>& values = {}) const {
    return text(lang(), key, values);
  }
  std::string number(std::uint64_t n) const { return number_text(lang(), n); }

  std::string shown_path(const FileRef& file) const {
    if (!options_.mask_filenames) return file.path();
    return say("html.masked_name", {std::to_string(file.inode)});
  }

  double coverage_share() const {
    const std::uint64_t read = all_.ledger.read + all_.ledger.read_in_part + all_.ledger.unchanged;
    const std::uint64_t meant = read + all_.ledger.not_read;
    return meant == 0 ? 1.0 : static_cast<double>(read) / static_cast<double>(meant);
  }

  void head() {
    const std::string_view css = embedded("reports/html/templates/report.css");
    const std::string title =
        say("html.title") + (options_.organisation.empty() ? "" : " – " + options_.organisation);
    page_.raw(lang() == Lang::kSv
                  ? "<!DOCTYPE html>\n<html lang=\"sv\"><head><meta charset=\"utf-8\">"
                  : "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">");
    page_.raw(
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
        "'sha256-" +
        sha256_base64(css) + "'; img-src data:; base-uri 'none'; form-action 'none'\">");
    page_
        .raw(
            "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><meta "
            "name=\"referrer\" content=\"no-referrer\">"
            "<meta name=\"robots\" content=\"noindex\"><title>")
        .data(title)
        .raw("</title><style>")
        .raw(css)
        .raw("</style></head>\n<body><a class=\"skip\" href=\"#summary\">");
    page_.say("html.skip").raw("</a>\n<header><h1>").data(title).raw("</h1><p>");
    page_.say(
        all_.sweep.state == store::SweepState::kOpen ? "html.sweep_open" : "html.sweep",
        {std::to_string(all_.sweep.id),
         day_text(day_from_unix(all_.sweep.ended != 0 ? all_.sweep.ended : all_.sweep.started))});
    for (const auto& [id, source] : all_.sources)
      page_.raw(" · <span class=\"path\">").data(source.path).raw("</span>");
    page_.raw("</p><p class=\"warn\">")
        .say("html.banner")
        .raw("</p></header>\n<div class=\"frame\"><nav aria-label=\"")
        .say("html.contents")
        .raw("\"><ol>");
    for (const char* id : {"summary", "folders", "files", "review", "categories", "age", "access",
                           "duplicates", "coverage", "method"})
      page_.raw(std::string("<li><a href=\"#") + id + "\">")
          .say(std::string("html.") + id)
          .raw("</a></li>");
    page_.raw("</ol></nav><main>\n");
  }

  void section(const char* id) {
    page_.raw(std::string("<section aria-labelledby=\"") + id + "\">");
    page_.heading(2, id, std::string("html.") + id);
  }
  void end_section() { page_.raw("</section>\n"); }

  void card(const char* kind, std::string_view name, std::uint64_t n, std::string_view key,
            const char* target) {
    page_.raw(std::string("<div class=\"card ") + kind + "\"><b><a href=\"#" + target +
              "\"><span data-number=\"" + std::string(name) + "\">");
    page_.number(n).raw("</span></a></b>").say(key).raw("</div>\n");
  }

  std::uint64_t with_verdict(std::initializer_list<Verdict> verdicts) const {
    std::uint64_t n = 0;
    for (const auto& [rule, tally] : all_.rules)
      for (Verdict verdict : verdicts)
        if (const auto at = tally.files.find(verdict); at != tally.files.end()) n += at->second;
    return n;
  }

  void summary() {
    section("summary");
    if (all_.files_with_findings == 0)
      page_.paragraph("html.summary.nothing", {number(all_.ledger.read + all_.ledger.unchanged)});
    else
      page_.raw("<p class=\"sum\">")
          .say("html.summary.lead", {number(all_.persons.persons), number(all_.files_with_findings),
                                     percent_text(lang(), coverage_share())})
          .raw("</p>\n");
    first_things();
    page_.raw("<div class=\"cards\">\n");
    card("bad", "persons", all_.persons.persons, "html.card.persons", "categories");
    card("bad", "files_with_findings", all_.files_with_findings, "html.card.files", "files");
    card("bad", "overdue", with_verdict({Verdict::kOverdue, Verdict::kDue, Verdict::kMisplaced}),
         "html.card.overdue", "review");
    card("", "look_into",
         with_verdict({Verdict::kLookInto, Verdict::kNoRule, Verdict::kNoTime, Verdict::kConflict}),
         "html.card.look_into", "review");
    const auto open = all_.exposure.find(Exposure::kEveryone);
    card("bad", "open_to_all", open == all_.exposure.end() ? 0 : open->second, "html.card.open",
         "access");
    page_.raw("<div class=\"card cover\"><b><a href=\"#coverage\">")
        .data(percent_text(lang(), coverage_share()))
        .raw("</a></b>");
    page_
        .say("html.card.coverage", {number(all_.ledger.not_read), number(all_.ledger.read_in_part)})
        .raw("</div>\n</div>\n");
    if (all_.protected_files > 0)
      page_.paragraph("html.summary.protected", {number(all_.protected_files)});
    if (all_.persons.test_numbers > 0)
      page_.paragraph(
          reader_.counts_test_data() ? "html.summary.test_counted" : "html.summary.test_apart",
          {number(all_.persons.test_numbers)});
    end_section();
  }

  // Three things, at most: open to all, kept too long, the worst folder. Each from the facts, none
  // invented.
  void first_things() {
    std::vector<std::string> things;
    std::uint64_t open = 0, open_persons = 0;
    for (const FileEntry& file : all_.files) {
      if (file.summary.file.file.exposure != Exposure::kEveryone) continue;
      ++open;
      open_persons = std::max(open_persons, file.summary.persons);
    }
    if (open > 0)
      things.push_back("<a href=\"#access\">" +
                       escape(say("html.first.open", {number(open), number(open_persons)})) +
                       "</a>");
    if (const std::uint64_t late =
            with_verdict({Verdict::kOverdue, Verdict::kDue, Verdict::kMisplaced});
        late > 0)
      things.push_back("<a href=\"#review\">" + escape(say("html.first.late", {number(late)})) +
                       "</a>");
    if (!all_.folders.empty()) {
      const auto& worst = all_.folders.front();
      things.push_back(
          "<a href=\"#folders\">" +
          escape(say("html.first.folder", {folder_name(worst.dir), number(worst.persons)})) +
          "</a>");
    }
    if (const std::uint64_t unread = all_.ledger.not_read; unread > 0 && things.size() < 3)
      things.push_back("<a href=\"#coverage\">" +
                       escape(say("html.first.unread", {number(unread)})) + "</a>");
    if (things.empty()) return;
    page_.heading(3, "", "html.first");
    page_.raw("<ol class=\"first\">");
    for (const std::string& thing : things) page_.raw("<li>" + thing + "</li>");
    page_.raw("</ol>\n");
  }

  std::string folder_name(const std::string& dir) const {
    return dir.empty() ? say("html.root_folder") : dir;
  }
  std::string path_cell(const std::string& path) const {
    return "<span class=\"path\">" + escape(path) + "</span>";
  }

  std::string category_list(const std::vector<store::CategoryTally>& categories) const {
    std::string out;
    for (const store::CategoryTally& tally : categories)
      if (tally.values[1] + tally.values[2] > 0)
        out += (out.empty() ? "" : ", ") + say("category." + tally.category);
    return out;
  }

  void folders() {
    section("folders");
    page_.paragraph("html.folders.lead");
    page_.table_begin("html.folders.caption",
                      {"html.col.folder", "html.col.persons#", "html.col.files#", "html.col.kinds",
                       "html.col.access", "html.col.risk#"});
    for (std::size_t i = 0; i < std::min(all_.folders.size(), kTopFolders); ++i) {
      const store::FolderSummary& folder = all_.folders[i];
      std::string kinds;
      for (const auto& [category, n] : folder.persons_by_category)
        if (n > 0)
          kinds += (kinds.empty() ? "" : ", ") + say("category." + category) + " " + number(n);
      page_.row_raw({path_cell(folder_name(folder.dir)), escape(number(folder.persons)),
                     escape(number(folder.files_with_findings)), escape(kinds),
                     escape(say(std::string("exposure.") + key_of(folder.exposure))),
                     escape(number(static_cast<std::uint64_t>(all_.folder_risk.at(
                         std::to_string(folder.source_id) + '/' + folder.dir))))});
    }
    page_.table_end();
    rest(all_.folders.size(), kTopFolders, "html.folders.rest");
    end_section();
  }

  void rest(std::size_t all, std::size_t shown, std::string_view key) {
    if (all > shown) page_.paragraph(key, {number(all - shown)});
  }

  std::string risk_cell(const exporting::Risk& risk) const {
    static constexpr const char* kSigns[] = {"○", "●", "◆", "▲"};
    const std::string level = exporting::key_of(risk.level);
    return "<span class=\"tag " + level + "\">" + kSigns[static_cast<std::size_t>(risk.level)] +
           " " + std::to_string(risk.total) + " " + escape(say("html.risk." + level)) + "</span>";
  }

  std::string verdict_cell(Verdict verdict) const {
    const std::string key(retention::key_of(verdict));
    return "<span class=\"tag v-" + key + "\">" + escape(say("verdict." + key)) + "</span>";
  }

  void files() {
    section("files");
    page_.paragraph("html.files.lead");
    page_.table_begin("html.files.caption",
                      {"html.col.file", "html.col.risk", "html.col.persons#", "html.col.kinds",
                       "html.col.access", "html.col.verdict"});
    const std::size_t shown = std::min(all_.files.size(), kTopFiles);
    for (std::size_t i = 0; i < shown; ++i) {
      const FileEntry& file = all_.files[i];
      std::string name = path_cell(shown_path(file.summary.file.file));
      if (i < kExplainedFiles) name += explanation(file);
      page_.row_raw(
          {name, risk_cell(file.risk), escape(number(file.summary.persons)),
           escape(category_list(file.summary.categories)),
           escape(say(std::string("exposure.") + key_of(file.summary.file.file.exposure))),
           verdict_cell(file.judgement.verdict)});
    }
    page_.table_end();
    rest(all_.files.size(), kTopFiles, "html.files.rest");
    end_section();
  }

  // Risk as a sum, the verdict's sentence, and the first findings with their reasons.
  std::string explanation(const FileEntry& file) const {
    const exporting::Risk& risk = file.risk;
    std::string out =
        "<details><summary>" + escape(say("html.why")) + "</summary><p>" +
        escape(say("html.risk.sum", {std::to_string(risk.total), std::to_string(risk.sensitivity),
                                     std::to_string(risk.persons), std::to_string(risk.exposure),
                                     std::to_string(risk.time), std::to_string(risk.spread)})) +
        (risk.floor > 0 ? " " + escape(say("html.risk.floor", {std::to_string(risk.floor)})) : "") +
        "</p><p>" + escape(file.judgement.sentence) + "</p>";
    if (file.copies > 0) out += "<p>" + escape(say("html.copies", {number(file.copies)})) + "</p>";
    std::size_t listed = 0;
    reader_.findings_of(file.summary.file.id, [&](const Finding& finding) {
      if (finding.confidence == Confidence::kLow || listed >= kFindingsPerFile) return;
      if (listed++ == 0) out += "<ul>";
      out += "<li>" + escape(say("category." + finding.category)) + " " + escape(finding.masked) +
             " · " + escape(place(finding)) + ". " + escape(detect::sentence(lang(), finding)) +
             "</li>";
    });
    return out + (listed > 0 ? "</ul></details>" : "</details>");
  }

  std::string place(const Finding& finding) const {
    if (finding.places.empty()) return say("place.none");
    return place_text(lang(), finding.places.front());
  }

  void review() {
    section("review");
    page_.paragraph("html.review.lead");
    std::vector<std::string> order;
    for (const retention::RuleRow& row : policy_.rules()) order.push_back(row.id);
    order.emplace_back();
    for (const std::string& id : order) rule(id);
    end_section();
  }

  void rule(const std::string& id) {
    const auto at = all_.rules.find(id);
    const auto& rows = policy_.rules();
    const auto row =
        std::find_if(rows.begin(), rows.end(), [&](const auto& r) { return r.id == id; });
    page_.raw("<h3>");
    if (id.empty())
      page_.say("verdict.no_rule");
    else
      page_.data(id).raw(" · ").data(row->name);
    page_.raw("</h3>");
    if (row != rows.end()) {
      page_.raw("<p class=\"muted\">")
          .say("html.origin." + row->origin)
          .raw(" · ")
          .data(row->source)
          .raw(" · ");
      page_.say(row->confirmed ? "html.confirmed" : "html.unconfirmed").raw("</p>");
      if (!row->quote.empty()) page_.raw("<blockquote>").data(row->quote).raw("</blockquote>");
    }
    if (at == all_.rules.end()) {
      page_.paragraph("html.review.none");
      return;
    }
    const RuleTally& tally = at->second;
    page_.raw("<p>");
    for (const auto& [verdict, n] : tally.files)
      page_.raw(verdict_cell(verdict)).raw(" ").number(n).raw(" ");
    if (tally.oldest != 0) page_.raw("· ").say("html.review.oldest", {day_text(tally.oldest)});
    page_.raw("</p>");
    page_.table_begin("html.review.caption", {"html.col.file", "html.col.persons#",
                                              "html.col.verdict", "html.col.reason"});
    std::vector<std::size_t> entries = tally.entries;  // what is proposed first, then as ranked
    std::stable_sort(entries.begin(), entries.end(), [&](std::size_t a, std::size_t b) {
      return urgency(all_.files[a]) < urgency(all_.files[b]);
    });
    for (std::size_t i = 0; i < std::min(entries.size(), kFilesPerRule); ++i) {
      const FileEntry& file = all_.files[entries[i]];
      page_.row_raw({path_cell(shown_path(file.summary.file.file)),
                     escape(number(file.summary.persons)), verdict_cell(file.judgement.verdict),
                     escape(file.judgement.sentence)});
    }
    page_.table_end();
    rest(entries.size(), kFilesPerRule, "html.review.rest");
  }

  static int urgency(const FileEntry& file) {
    switch (file.judgement.verdict) {
      case Verdict::kMisplaced:
      case Verdict::kOverdue:
        return 0;
      case Verdict::kDue:
        return 1;
      case Verdict::kConflict:
        return 2;
      case Verdict::kHandOverBoard:
      case Verdict::kHandOverArchive:
        return 3;
      case Verdict::kDueSoon:
        return 4;
      case Verdict::kLookInto:
        return 5;
      default:
        return 6;
    }
  }

  void categories() {
    section("categories");
    page_.table_begin("html.categories.caption",
                      {"html.col.category", "html.col.class", "html.col.persons#",
                       "html.col.files#", "html.col.hits#"});
    for (const auto& [category, entry] : all_.categories)
      page_.row({say("category." + category), say(std::string("html.class.") + key_of(entry.gdpr)),
                 number(entry.persons), number(entry.files), number(entry.hits)});
    page_.table_end();
    end_section();
  }

  void age() {
    section("age");
    page_.paragraph("html.age.lead");
    std::uint64_t most = 1;
    for (const auto& [year, n] : all_.years) most = std::max(most, n);
    const std::size_t height = all_.years.size() * 26 + 10;
    page_
        .raw("<svg role=\"img\" viewBox=\"0 0 640 " + std::to_string(height) +
             "\" width=\"640\" height=\"" + std::to_string(height) +
             "\" class=\"chart\" aria-label=\"")
        .say("html.age.caption")
        .raw("\">");
    std::size_t y = 5;
    for (const auto& [year, n] : all_.years) {
      const std::uint64_t width = std::max<std::uint64_t>(2, n * 440 / most);
      page_.raw("<text x=\"0\" y=\"" + std::to_string(y + 16) + "\">")
          .data(year == 0 ? say("html.age.unknown") : std::to_string(year))
          .raw("</text>");
      page_.raw("<rect x=\"110\" y=\"" + std::to_string(y + 2) + "\" width=\"" +
                std::to_string(width) + "\" height=\"18\" fill=\"" +
                (year == 0 ? "#6B7280" : "#2171B5") + "\" stroke=\"#1A1F26\"/>");
      page_
          .raw("<text x=\"" + std::to_string(120 + width) + "\" y=\"" + std::to_string(y + 16) +
               "\">")
          .number(n)
          .raw("</text>");
      y += 26;
    }
    page_.raw("</svg>\n<details><summary>").say("html.as_table").raw("</summary>");
    page_.table_begin("html.age.caption", {"html.col.year", "html.col.files#"});
    for (const auto& [year, n] : all_.years)
      page_.row({year == 0 ? say("html.age.unknown") : std::to_string(year), number(n)});
    page_.table_end();
    page_.raw("</details>");
    end_section();
  }

  void access() {
    section("access");
    page_.paragraph("html.access.lead");
    page_.table_begin("html.access.caption", {"html.col.access", "html.col.files#"});
    for (Exposure exposure :
         {Exposure::kEveryone, Exposure::kUnknown, Exposure::kGroup, Exposure::kOwner}) {
      const auto at = all_.exposure.find(exposure);
      page_.row({say(std::string("exposure.") + key_of(exposure)),
                 number(at == all_.exposure.end() ? 0 : at->second)});
    }
    page_.table_end();
    end_section();
  }

  void duplicates() {
    section("duplicates");
    page_.paragraph(all_.duplicate_groups == 0 ? "html.duplicates.none" : "html.duplicates.lead",
                    {number(all_.duplicate_groups)});
    for (const auto& group : all_.duplicates) {
      page_.raw("<ul>");
      for (const std::string& path : group)
        page_.raw("<li>" + path_cell(options_.mask_filenames ? say("html.masked") : path) +
                  "</li>");
      page_.raw("</ul>\n");
    }
    if (all_.duplicate_groups > all_.duplicates.size())
      page_.paragraph("html.duplicates.rest",
                      {number(all_.duplicate_groups - all_.duplicates.size())});
    end_section();
  }

  void coverage() {
    section("coverage");
    const store::Ledger& ledger = all_.ledger;
    page_.paragraph("html.coverage.lead");
    page_.table_begin("html.coverage.caption", {"html.col.outcome", "html.col.objects#"});
    auto line = [&](std::string_view key, std::string_view name, std::uint64_t n) {
      page_.row_raw({escape(say(key)), "<span data-number=\"" + std::string(name) + "\">" +
                                           escape(number(n)) + "</span>"});
    };
    line("html.coverage.seen", "objects_seen", ledger.seen);
    line("outcome.read", "objects_read", ledger.read);
    line("outcome.read_in_part", "objects_read_in_part", ledger.read_in_part);
    line("outcome.not_read", "objects_not_read", ledger.not_read);
    line("outcome.excluded", "objects_excluded", ledger.excluded);
    line("outcome.unchanged", "objects_unchanged", ledger.unchanged);
    page_.table_end();
    page_.paragraph(ledger.reconciles() ? "html.coverage.sum" : "html.coverage.no_sum");
    page_.heading(3, "", "html.coverage.unseen");
    if (all_.unread.empty() && all_.folders_unseen.empty()) page_.paragraph("html.coverage.all");
    for (const auto& [key, list] : all_.unread) unread(key, list);
    if (!all_.folders_unseen.empty()) {
      page_.table_begin("html.coverage.folders",
                        {"html.col.folder", "html.col.outcome", "html.col.reason"});
      for (const auto& [dir, outcome] : all_.folders_unseen)
        page_.row_raw({path_cell(folder_name(dir)),
                       escape(say("outcome." + std::string(key_of(outcome.kind)))),
                       escape(say("reason." + std::string(key_of(outcome.reason))) +
                              (outcome.detail.empty() ? "" : ": " + outcome.detail))});
      page_.table_end();
    }
    end_section();
  }

  void unread(const std::string& key, const std::vector<UnreadEntry>& list) {
    const std::size_t colon = key.find(':');
    const std::string reason = "reason." + key.substr(colon + 1);
    const auto at = all_.ledger.by_reason.find(key);
    const std::uint64_t total =
        std::max<std::uint64_t>(at == all_.ledger.by_reason.end() ? 0 : at->second, list.size());
    page_.raw("<details><summary><b>")
        .number(total)
        .raw("</b> · ")
        .say(reason)
        .raw(" (")
        .say("outcome." + key.substr(0, colon))
        .raw(")</summary><p>")
        .say(reason + ".do")
        .raw("</p><ul>");
    for (const UnreadEntry& entry : list) {
      page_.raw("<li>" + path_cell(options_.mask_filenames ? say("html.masked") : entry.document));
      if (!entry.outcome.detail.empty())
        page_.raw(" <span class=\"muted\">").data(entry.outcome.detail).raw("</span>");
      page_.raw("</li>");
    }
    page_.raw("</ul>");
    if (total > list.size()) page_.paragraph("html.coverage.more", {number(total - list.size())});
    page_.raw("</details>\n");
  }

  void method() {
    section("method");
    for (const char* part : {"what", "sure", "risk", "dates", "persons", "clear", "limits"}) {
      page_.heading(3, "", std::string("html.method.") + part + ".h");
      page_.paragraph(std::string("html.method.") + part);
    }
    const auto settings = nlohmann::json::parse(all_.settings, nullptr, false);
    page_.heading(3, "", "html.method.run.h");
    page_.raw("<ul><li>")
        .say("html.method.version", {GALLRA_VERSION, all_.sweep.rules_id.substr(0, 16)})
        .raw("</li>");
    if (settings.is_object()) {
      const auto jail = settings.value("jail", nlohmann::json::object());
      const bool whole = jail.value("running", false) && jail.value("seccomp", false) &&
                         jail.value("landlock", false);
      page_.raw("<li>")
          .say(whole                          ? "html.method.jail_whole"
               : jail.value("running", false) ? "html.method.jail_weak"
                                              : "html.method.jail_none")
          .raw("</li>");
      page_.raw("<li>").say("html.method.ocr_off").raw("</li>");
      for (const auto& pattern : settings.value("exclude", nlohmann::json::array()))
        if (pattern.is_string())
          page_.raw("<li>").say("html.method.excluded", {pattern.get<std::string>()}).raw("</li>");
    }
    page_.raw("</ul>\n");
    end_section();
  }

  store::Reader& reader_;
  const retention::Policy& policy_;
  const Options& options_;
  const Gathered all_;
  Page page_;
};

tl::expected<void, std::string> prepare_folder(const std::string& dir) {
  if (::mkdir(dir.c_str(), 0700) != 0 && errno != EEXIST)
    return tl::unexpected("cannot make " + dir + ": " + std::generic_category().message(errno));
  struct stat st {};
  if (::stat(dir.c_str(), &st) != 0 || !S_ISDIR(st.st_mode))
    return tl::unexpected(dir + " is not a folder");
  if ((st.st_mode & 007) != 0)
    return tl::unexpected("others can read " + dir + "; run: chmod o-rwx " + dir);
  return {};
}

}  // namespace

tl::expected<std::string, std::string> write_report(store::Reader& reader,
                                                    const retention::Policy& policy,
                                                    const std::string& dir,
                                                    const Options& options) {
  if (auto ok = prepare_folder(dir); !ok) return tl::unexpected(ok.error());
  const std::string html = Report(reader, policy, options).write();
  const std::string path = dir + "/rapport.html";
  const std::string unfinished = path + ".new";
  const int fd =
      ::open(unfinished.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0)
    return tl::unexpected("cannot write " + unfinished + ": " +
                          std::generic_category().message(errno));
  std::string_view left = html;
  while (!left.empty()) {
    const ssize_t n = ::write(fd, left.data(), left.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    left.remove_prefix(static_cast<std::size_t>(n));
  }
  ::close(fd);
  if (!left.empty() || ::rename(unfinished.c_str(), path.c_str()) != 0) {
    ::unlink(unfinished.c_str());
    return tl::unexpected("cannot write " + path);
  }
  return path;
}

}  // namespace gallra::html

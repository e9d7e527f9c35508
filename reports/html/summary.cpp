// The first screen: what was found, what was not seen, and what to do first.
#include "reports/export/coverage.hpp"
#include "reports/html/view.hpp"

namespace gallra::html {
namespace {

using retention::Verdict;

constexpr std::size_t kFirstThings = 5;
constexpr std::size_t kNamedKinds = 4;

std::string coverage(const View& v) {
  return exporting::coverage_text(v.lang(), v.all.ledger, exporting::coverage_of(v.all.ledger));
}

// "Lösenordsskyddad (3), Skadad eller avhuggen (2)"
std::string unread_reasons(const View& v) {
  std::string out;
  for (const UnreadReason& reason : v.all.unread) {
    if (reason.outcome.kind != OutcomeKind::kNotRead) continue;
    out += (out.empty() ? "" : ", ") +
           v.say("reason." + std::string(key_of(reason.outcome.reason))) + " (" +
           v.number(reason.objects) + ")";
  }
  return out;
}

// The most sensitive kinds a folder holds, as words.
std::string kinds_in(const View& v, const store::FolderSummary& folder) {
  // Where nobody can be told apart there are values all the same.
  const auto& kinds = folder.persons > 0 ? folder.persons_by_category : folder.values_by_category;
  std::string out;
  std::size_t named = 0;
  for (const CategoryEntry& entry : v.all.categories) {
    const auto at = kinds.find(entry.category);
    if (at == kinds.end() || at->second == 0 || named++ >= kNamedKinds) continue;
    out += (out.empty() ? "" : ", ") + v.category(entry.category);
  }
  return out;
}

class FirstThings {
 public:
  explicit FirstThings(View& view) : v_(view) {}

  void write() {
    hidden();
    folder();
    open_to_all();
    late();
    unconfirmed();
    unread();
    no_rule();
    if (written_ > 0) v_.page.raw("</ol>\n");
  }

 private:
  // `key`.h is the deed, `key` why.
  void add(const char* target, const std::string& key, const std::vector<std::string>& deed,
           const std::vector<std::string>& why) {
    add_text(target, v_.say(key + ".h", deed), v_.say(key, why));
  }

  void add_text(const char* target, const std::string& deed, const std::string& why) {
    if (written_ >= kFirstThings) return;
    if (written_++ == 0) {
      v_.page.heading(3, "", "html.first");
      v_.page.raw("<ol class=\"first\">\n");
    }
    v_.page.raw("<li><a href=\"#").raw(target).raw("\">").data(deed).raw("</a><br>");
    v_.page.data(why).raw("</li>\n");
  }

  void hidden() {
    if (v_.all.hidden_files > 0)
      add("protected", "html.first.protected", {v_.files(v_.all.hidden_files)}, {});
  }

  void folder() {
    if (v_.all.folders.empty()) return;
    const store::FolderSummary& worst = v_.all.folders.front().summary;
    add_text(
        "folders",
        worst.dir.empty() ? v_.say("html.first.root.h")
                          : v_.say("html.first.folder.h", {v_.folder_name(worst.dir, 1)}),
        v_.say("html.first.folder", {v_.persons(worst.persons), v_.files(worst.files_with_findings),
                                     kinds_in(v_, worst), v_.exposure(worst.exposure)}));
  }

  void open_to_all() {
    const auto open = v_.all.exposure.find(Exposure::kEveryone);
    if (open == v_.all.exposure.end() || open->second.files == 0) return;
    const ExposureTally& tally = open->second;
    if (tally.sensitive_files > 0)
      add("access", "html.first.open_sensitive", {v_.files(tally.sensitive_files)},
          {v_.persons(tally.sensitive_persons)});
    else
      add("access", "html.first.open", {v_.files(tally.files)}, {v_.persons(tally.persons)});
  }

  void late() {
    if (v_.all.late.files > 0)
      add("review", "html.first.late", {v_.files(v_.all.late.files)},
          {v_.persons(v_.all.late.persons)});
  }

  void unconfirmed() {
    std::uint64_t files = 0, rules = 0;
    std::string ids;
    for (const retention::RuleRow& rule : v_.policy.rules()) {
      const auto at = v_.all.rules.find(rule.id);
      if (rule.confirmed || at == v_.all.rules.end()) continue;
      files += at->second.files;
      ++rules;
      ids += (ids.empty() ? "" : ", ") + rule.id;
    }
    if (rules > 0)
      add("review", "html.first.confirm", {v_.counted("html.n.rules", rules)},
          {v_.files(files), ids});
  }

  void unread() {
    if (v_.all.ledger.not_read > 0)
      add("coverage", "html.first.unread", {v_.counted("html.n.objects", v_.all.ledger.not_read)},
          {});
  }

  void no_rule() {
    const auto at = v_.all.rules.find("");
    if (at != v_.all.rules.end())
      add("review", "html.first.no_rule", {v_.files(at->second.files)},
          {v_.persons(at->second.persons)});
  }

  View& v_;
  std::size_t written_ = 0;
};

// One card: a number that leads to the rows behind it.
struct Card {
  const char* name;
  const char* target;
  std::uint64_t n;
  bool bad;  // a number one wants to be 0
};

void cards(View& v) {
  std::uint64_t undecided = 0;
  for (const auto& [verdict, tally] : v.all.verdicts)
    if (verdict == Verdict::kLookInto || verdict == Verdict::kNoRule ||
        verdict == Verdict::kNoTime || verdict == Verdict::kConflict)
      undecided += tally.files;
  const auto open = v.all.exposure.find(Exposure::kEveryone);
  v.page.raw("<div class=\"cards\">\n");
  for (const Card& card : {
           Card{"persons", "categories", v.all.persons.persons, false},
           Card{"files_with_findings", "files", v.all.files.size(), false},
           Card{"open_to_all", "access", open == v.all.exposure.end() ? 0 : open->second.files,
                true},
           Card{"overdue", "review", v.all.late.files, true},
           Card{"look_into", "review", undecided, false},
       }) {
    v.page.raw(card.bad && card.n > 0 ? "<div class=\"card bad\"><b><a href=\"#"
                                      : "<div class=\"card\"><b><a href=\"#");
    v.page.raw(card.target).raw("\"><span data-number=\"").raw(card.name).raw("\">");
    v.page.number(card.n).raw("</span></a></b>");
    v.page.say(std::string("html.card.") + card.name + (card.n == 1 ? ".one" : ".many"))
        .raw("</div>\n");
  }
  v.page.raw("<div class=\"card cover\"><b><a href=\"#coverage\"><span data-share=\"coverage\">");
  v.page.data(coverage(v)).raw("</span></a></b>");
  v.page.say("html.card.coverage").raw("</div>\n</div>\n");
}

void verdicts(View& v) {
  if (v.all.verdicts.empty()) return;
  v.page.heading(3, "", "html.summary.verdicts");
  v.page.raw("<ul class=\"tags\">");
  for (const auto& [verdict, tally] : v.all.verdicts)
    v.page.raw("<li>" + v.verdict_cell(verdict) + " ").data(v.files(tally.files)).raw("</li>");
  v.page.raw("</ul>\n");
}

// What was seen and not: beside every headline.
void seen(View& v) {
  const store::Ledger& ledger = v.all.ledger;
  v.page.heading(3, "", "html.summary.seen");
  if (v.all.ledger.open) v.page.paragraph("html.coverage.open");
  v.page.paragraph("html.summary.ledger",
                   {v.number(ledger.seen), v.number(ledger.read), v.number(ledger.read_in_part),
                    v.number(ledger.not_read), v.number(ledger.excluded),
                    v.number(ledger.unchanged), coverage(v)});
  if (ledger.not_read > 0) v.page.paragraph("html.summary.unread", {unread_reasons(v)});
  if (ledger.directories_not_listed > 0)
    v.page.paragraph("html.summary.folders_unseen",
                     {v.counted("html.n.folders", ledger.directories_not_listed)});
}

}  // namespace

void write_summary(View& v) {
  v.section("summary");
  if (v.all.files.empty()) {
    const store::Ledger& ledger = v.all.ledger;
    const std::uint64_t read = ledger.read + ledger.read_in_part + ledger.unchanged;
    const bool all_unread = read == 0 && ledger.not_read + ledger.directories_not_listed > 0;
    v.page.paragraph(all_unread ? "html.summary.nothing_read" : "html.summary.nothing",
                     {v.counted("html.n.objects", read)});
  } else {
    std::uint64_t sensitive = 0;
    for (const FileEntry& file : v.all.files) sensitive += file.sensitive ? 1 : 0;
    v.page.raw("<p class=\"sum\">")
        .say("html.summary.lead", {v.persons(v.all.persons.persons), v.files(v.all.files.size())});
    if (sensitive > 0) v.page.raw(" ").say("html.summary.sensitive", {v.files(sensitive)});
    v.page.raw("</p>\n");
  }
  cards(v);
  FirstThings(v).write();
  verdicts(v);
  seen(v);
  if (v.all.hidden_files > 0)
    v.page.raw("<p id=\"protected\">")
        .say("html.summary.protected", {v.files(v.all.hidden_files)})
        .raw("</p>\n");
  if (v.all.persons.test_numbers > 0)
    v.page.paragraph(
        v.reader.counts_test_data() ? "html.summary.test_counted" : "html.summary.test_apart",
        {v.number(v.all.persons.test_numbers)});
  v.end_section();
}

}  // namespace gallra::html

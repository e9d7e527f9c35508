// Täckning: what became of every object, and what Gallra has not seen.
#include "reports/export/coverage.hpp"

#include "reports/html/view.hpp"

namespace gallra::html {
namespace {

void outcome_table(View& v) {
  const store::Ledger& ledger = v.all.ledger;
  struct Line {
    const char* name;
    std::uint64_t n;
  };
  v.page.table_begin("html.coverage.caption", {"html.col.outcome", "html.col.objects#"});
  for (const Line& line :
       {Line{"seen", ledger.seen}, Line{"read", ledger.read},
        Line{"read_in_part", ledger.read_in_part}, Line{"not_read", ledger.not_read},
        Line{"excluded", ledger.excluded}, Line{"unchanged", ledger.unchanged}})
    v.page.row_raw({escape(v.say(std::string("html.coverage.") + line.name)),
                    std::string("<span data-number=\"objects_") + line.name + "\">" +
                        escape(v.number(line.n)) + "</span>"});
  v.page.table_end();
  v.page.paragraph(ledger.reconciles() ? "html.coverage.sum" : "html.coverage.no_sum");
  if (ledger.files_hidden > 0)
    v.page.paragraph("app.scan.files_hidden", {v.number(ledger.files_hidden)});
  v.page.paragraph(
      "html.coverage.share",
      {exporting::coverage_text(v.lang(), ledger, exporting::coverage_of(ledger)),
       exporting::coverage_text(v.lang(), ledger, exporting::readable_coverage_of(ledger))});
}

// The names of what shares a reason, folded away when they are many.
std::string named(const View& v, const UnreadReason& reason) {
  if (reason.entries.empty()) return {};
  constexpr std::size_t kUnfolded = 5;
  std::string out =
      reason.entries.size() > kUnfolded ? "<details><summary>" : "<details open><summary>";
  out += escape(v.say("html.coverage.which")) + "</summary><ul>";
  for (const UnreadEntry& entry : reason.entries) {
    const bool shown = !entry.document.empty() && !v.options.mask_filenames;
    out += "<li>" + v.path_cell(shown ? entry.document : v.say("html.masked"));
    // Other details are for the one who runs Gallra, and in English: gallra why tells them.
    if (entry.outcome.kind == OutcomeKind::kExcluded && !entry.outcome.detail.empty())
      out += " <span class=\"muted\">(" + escape(entry.outcome.detail) + ")</span>";
    out += "</li>";
  }
  out += "</ul>";
  if (reason.objects > reason.entries.size())
    out += "<p>" + escape(v.say("html.more", {v.number(reason.objects - reason.entries.size())})) +
           "</p>";
  return out + "</details>";
}

void unread_table(View& v) {
  v.page.table_begin("html.coverage.unread",
                     {"html.col.objects#", "html.col.reason", "html.col.do"}, Width::kWide);
  for (const UnreadReason& reason : v.all.unread) {
    const std::string key = "reason." + std::string(key_of(reason.outcome.reason));
    v.page.row_raw({"<b>" + escape(v.number(reason.objects)) + "</b>",
                    "<b>" + escape(v.say(key)) + "</b> (" +
                        escape(v.say("outcome." + std::string(key_of(reason.outcome.kind)))) + ")" +
                        named(v, reason),
                    escape(v.say(key + ".do"))});
  }
  v.page.table_end();
}

void folder_table(View& v) {
  v.page.table_begin("html.coverage.folders", {"html.col.folder", "html.col.reason", "html.col.do"},
                     Width::kWide);
  for (const auto& [dir, outcome] : v.all.folders_unseen) {
    const std::string key = "reason." + std::string(key_of(outcome.reason));
    v.page.row_raw(
        {v.path_cell(dir),
         escape(v.say(key) + (outcome.kind != OutcomeKind::kExcluded || outcome.detail.empty()
                                  ? ""
                                  : ": " + outcome.detail)),
         escape(v.say(key + ".do"))});
  }
  v.page.table_end();
}

}  // namespace

void write_coverage(View& v) {
  v.section("coverage");
  v.page.paragraph("html.coverage.lead");
  if (v.all.ledger.open) v.page.paragraph("html.coverage.open");
  outcome_table(v);
  v.page.heading(3, "", "html.coverage.unseen");
  if (v.all.ledger.seen > 0 && v.all.unread.empty() && v.all.folders_unseen.empty())
    v.page.paragraph("html.coverage.all");
  if (!v.all.unread.empty()) unread_table(v);
  if (!v.all.folders_unseen.empty()) folder_table(v);
  v.end_section();
}

}  // namespace gallra::html

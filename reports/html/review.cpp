// Gallringsgranskning: every file against the rule that says how long its data may or must stay.
#include <algorithm>
#include <limits>

#include "reports/html/view.hpp"

namespace gallra::html {
namespace {

using retention::Verdict;

constexpr std::size_t kFilesPerRule = 10;

void verdict_table(View& v) {
  if (v.all.verdicts.empty()) return;
  v.page.table_begin("html.review.verdicts", {"html.col.verdict", "html.col.persons#",
                                              "html.col.files#", "html.col.meaning"});
  for (const auto& [verdict, tally] : v.all.verdicts) {
    v.page.row_raw({v.verdict_cell(verdict), escape(v.number(tally.persons)),
                    escape(v.number(tally.files)),
                    escape(v.say("html.meaning." + std::string(retention::key_of(verdict))))});
  }
  v.page.table_end();
}

void rule_table(View& v) {
  if (std::all_of(v.all.rules.begin(), v.all.rules.end(),
                  [](const auto& rule) { return rule.first.empty(); }))
    return;
  v.page.table_begin("html.review.rules",
                     {"html.col.rule", "html.col.persons#", "html.col.files#", "html.col.late#",
                      "verdict.look_into#", "html.col.oldest"},
                     Width::kWide);
  for (const retention::RuleRow& rule : v.policy.rules()) {
    const auto at = v.all.rules.find(rule.id);
    if (at == v.all.rules.end()) continue;
    const RuleTally& tally = at->second;
    std::uint64_t late = 0, look_into = 0;
    for (const auto& [verdict, files] : tally.verdicts) {
      if (is_late(verdict)) late += files;
      if (verdict == Verdict::kLookInto) look_into += files;
    }
    v.page.row({rule.id + " · " + rule.name, v.number(tally.persons), v.number(tally.files),
                v.number(late), v.number(look_into),
                tally.oldest == 0 ? "–" : day_text(tally.oldest)});
  }
  v.page.table_end();
}

void files_of(View& v, const RuleTally& tally) {
  // What is most urgent, and of that what is longest overdue; else the riskiest.
  std::vector<std::size_t> entries = tally.entries;
  const auto rank = [&](std::size_t entry) {
    const retention::Judgement& judgement = v.all.files[entry].judgement;
    return std::pair(urgency(judgement.verdict),
                     judgement.due.value_or(std::numeric_limits<std::int32_t>::max()));
  };
  std::stable_sort(entries.begin(), entries.end(),
                   [&](std::size_t a, std::size_t b) { return rank(a) < rank(b); });
  const std::size_t shown = std::min(entries.size(), kFilesPerRule);
  if (shown == 0) return;
  v.page.table_begin("html.review.caption",
                     {"html.col.file", "html.col.persons#", "html.col.verdict", "html.col.reason"},
                     Width::kWide);
  for (std::size_t i = 0; i < shown; ++i) {
    const FileEntry& file = v.all.files[entries[i]];
    v.page.row_raw({v.file_cell(file.summary.file.file), escape(v.number(file.summary.persons)),
                    v.verdict_cell(file.judgement.verdict), View::sentence(file.judgement)});
  }
  v.page.table_end();
  v.rest(entries.size(), shown, "html.review.rest");
}

void rule(View& v, const retention::RuleRow& row) {
  const auto at = v.all.rules.find(row.id);
  if (at == v.all.rules.end()) return;
  v.page.raw("<h3>").data(row.id + " · " + row.name).raw("</h3>\n<p>");
  v.page.say("html.origin." + row.origin).raw(": ").data(row.source).raw("</p>\n");
  if (!row.quote.empty()) v.page.raw("<blockquote>").data(row.quote).raw("</blockquote>\n");
  if (!row.confirmed) v.page.paragraph("html.review.unconfirmed");
  files_of(v, at->second);
}

void untouched_rules(View& v) {
  std::string names;
  for (const retention::RuleRow& row : v.policy.rules())
    if (!v.all.rules.contains(row.id)) names += (names.empty() ? "" : ", ") + row.id;
  if (!names.empty()) v.page.paragraph("html.review.none", {names});
}

}  // namespace

void write_review(View& v) {
  v.section("review");
  v.page.paragraph("html.review.lead");
  verdict_table(v);
  rule_table(v);
  for (const retention::RuleRow& row : v.policy.rules()) rule(v, row);
  if (const auto none = v.all.rules.find(""); none != v.all.rules.end()) {
    v.page.heading(3, "", "verdict.no_rule");
    v.page.paragraph("html.meaning.no_rule");
    files_of(v, none->second);
  }
  untouched_rules(v);
  v.end_section();
}

}  // namespace gallra::html

// The small tables: kinds of data, who can read, age, duplicates.
#include <algorithm>

#include "reports/html/view.hpp"

namespace gallra::html {
namespace {

// A span of years longer than this has its empty years left out.
constexpr int kShownYears = 40;

// A bar as wide as its share; its number stands beside it.
std::string bar(std::uint64_t n, std::uint64_t most, bool unknown) {
  return "<svg class=\"bar\" width=\"100%\" height=\"16\" aria-hidden=\"true\"><rect width=\"" +
         std::to_string(n * 100 / std::max<std::uint64_t>(most, 1)) + "%\" height=\"16\" class=\"" +
         (unknown ? "unknown" : "known") + "\"/></svg>";
}

void fill_gaps(std::map<int, std::uint64_t>& years) {
  const auto first = years.upper_bound(0);
  if (first == years.end()) return;
  const int from = first->first, to = years.rbegin()->first;
  if (to - from > kShownYears) return;
  for (int year = from; year <= to; ++year) years.try_emplace(year, 0);
}

}  // namespace

void write_categories(View& v) {
  v.section("categories");
  v.page.paragraph("html.categories.lead");
  v.page.table_begin("html.categories.caption",
                     {"html.col.category", "html.col.class", "html.col.persons#", "html.col.files#",
                      "html.col.hits#"});
  for (const CategoryEntry& entry : v.all.categories)
    v.page.row_raw({escape(v.category(entry.category)),
                    escape(v.say(std::string("html.class.") + key_of(entry.gdpr))),
                    // Nobody in particular: a telephone without a name, a list as such.
                    entry.persons == 0 ? "–" : "<b>" + escape(v.number(entry.persons)) + "</b>",
                    escape(v.number(entry.files)), escape(v.number(entry.hits))});
  v.page.table_end();
  v.end_section();
}

void write_access(View& v) {
  v.section("access");
  v.page.paragraph("html.access.lead");
  v.page.table_begin("html.access.caption", {"html.col.access", "html.col.persons#",
                                             "html.col.files#", "html.col.sensitive_files#"});
  for (const Exposure exposure :
       {Exposure::kEveryone, Exposure::kUnknown, Exposure::kGroup, Exposure::kOwner}) {
    const auto at = v.all.exposure.find(exposure);
    const ExposureTally tally = at == v.all.exposure.end() ? ExposureTally{} : at->second;
    v.page.row({v.exposure(exposure), v.number(tally.persons), v.number(tally.files),
                v.number(tally.sensitive_files)});
  }
  v.page.table_end();
  v.end_section();
}

void write_age(View& v) {
  v.section("age");
  v.page.paragraph("html.age.lead");
  std::map<int, std::uint64_t> years = v.all.years;
  fill_gaps(years);
  std::uint64_t most = 0;
  for (const auto& [year, n] : years) most = std::max(most, n);
  v.page.table_begin("html.age.caption", {"html.col.year", "html.col.files#", "html.col.share"});
  for (const auto& [year, n] : years)
    v.page.row_raw({escape(year == 0 ? v.say("html.age.unknown") : std::to_string(year)),
                    escape(v.number(n)), bar(n, most, year == 0)});
  v.page.table_end();
  v.end_section();
}

void write_duplicates(View& v) {
  v.section("duplicates");
  if (v.all.duplicates.empty()) {
    v.page.paragraph("html.duplicates.none");
    v.end_section();
    return;
  }
  v.page.paragraph("html.duplicates.lead", {v.counted("html.n.groups", v.all.duplicates.size())});
  v.page.table_begin("html.duplicates.caption",
                     {"html.col.persons#", "html.col.files#", "html.col.same"});
  std::size_t shown = 0;
  for (const DuplicateGroup& group : v.all.duplicates) {
    if (group.paths.empty()) break;
    ++shown;
    std::string list = "<ul>";
    for (const std::string& path : group.paths)
      list +=
          "<li>" + v.path_cell(v.options.mask_filenames ? v.say("html.masked") : path) + "</li>";
    list += "</ul>";
    if (group.files > group.paths.size())
      list += escape(v.say("html.more", {v.number(group.files - group.paths.size())}));
    v.page.row_raw({escape(v.number(group.persons)), escape(v.number(group.files)), list});
  }
  v.page.table_end();
  v.rest(v.all.duplicates.size(), shown, "html.duplicates.rest");
  v.end_section();
}

}  // namespace gallra::html

// Where the data are: folders as a heat map, then files with the reasons for each.
#include <algorithm>
#include <set>

#include "detectors/detectors.hpp"
#include "reports/html/view.hpp"
#include "scanner/model/provenance.hpp"

namespace gallra::html {
namespace {

// What one person can take in; beyond it the report counts, and says so.
constexpr std::size_t kTopFolders = 25;
constexpr std::size_t kKindColumns = 8;
constexpr std::size_t kTopFiles = 100;
constexpr std::size_t kExplainedFiles = 25;
constexpr std::size_t kExamples = 4;

// Fixed steps, so that two reports can be compared.
std::string heat(const View& v, std::uint64_t persons) {
  if (persons == 0) return "<span class=\"heat\">–</span>";
  const int step = persons < 10 ? 1 : persons < 100 ? 2 : persons < 1000 ? 3 : 4;
  return "<span class=\"heat h" + std::to_string(step) + "\">" + escape(v.number(persons)) +
         "</span>";
}

std::uint64_t persons_with(const store::FolderSummary& folder, const std::string& category) {
  const auto at = folder.persons_by_category.find(category);
  return at == folder.persons_by_category.end() ? 0 : at->second;
}

// The kinds of data the folders shown hold, the most sensitive first.
std::vector<std::string> kinds_of(const View& v, std::size_t folders) {
  std::vector<std::string> kinds;
  for (const CategoryEntry& entry : v.all.categories)
    if (std::any_of(v.all.folders.begin(),
                    v.all.folders.begin() + static_cast<std::ptrdiff_t>(folders),
                    [&](const FolderEntry& folder) {
                      return persons_with(folder.summary, entry.category) > 0;
                    }))
      kinds.push_back(entry.category);
  return kinds;
}

// What was found of one category in a file and its members.
struct Found {
  std::uint64_t values = 0;
  std::vector<std::string> examples;  // masked, distinct
  Finding best;
  std::vector<std::string> inner;  // where `best` stands
};

void add(Found& found, const Finding& finding, const std::vector<std::string>& inner) {
  if (found.values++ == 0 || finding.confidence > found.best.confidence) {
    found.best = finding;
    found.inner = inner;
  }
  if (found.examples.size() < kExamples && std::find(found.examples.begin(), found.examples.end(),
                                                     finding.masked) == found.examples.end())
    found.examples.push_back(finding.masked);
}

std::map<std::string, Found> found_in(View& v, const FileEntry& file) {
  const store::DocumentRow& row = file.summary.file;
  std::string path;
  for (const store::SourceRow& source : v.all.sources)
    if (source.id == row.source_id)
      path = source.single_file   ? source.path
             : source.path == "/" ? "/" + row.file.path()
                                  : source.path + '/' + row.file.path();
  std::map<std::string, Found> by_category;
  const bool count_test_data = v.reader.counts_test_data();
  v.reader.documents_of(path, [&](const store::DocumentRow& document) {
    v.reader.findings_of(document.id, [&](const Finding& finding) {
      if (finding.confidence == Confidence::kLow || (finding.test_data && !count_test_data)) return;
      add(by_category[finding.category], finding, document.inner);
    });
  });
  return by_category;
}

std::string found_line(const View& v, const std::string& category, const Found& found) {
  std::string examples;
  for (const std::string& example : found.examples)
    examples += (examples.empty() ? "" : ", ") + example;
  std::string place = found.best.places.empty() ? v.say("place.none")
                                                : place_text(v.lang(), found.best.places.front());
  if (!found.inner.empty() && !v.options.mask_filenames)
    place = Provenance{"", found.inner}.str().substr(2) + ", " + place;
  std::string out =
      "<li><b>" + escape(v.category(category)) + "</b> " +
      escape(v.say("html.found", {v.counted("html.n.values", found.values), examples, place})) +
      " " + escape(detect::sentence(v.lang(), found.best));
  if (!found.best.snippet.empty())
    out += "<br><span class=\"snippet\">" + escape(found.best.snippet) + "</span>";
  return out + "</li>";
}

// Risk as a sum, the verdict's sentence, and what was found with its reasons.
std::string explanation(View& v, const FileEntry& file) {
  const exporting::Risk& risk = file.risk;
  std::string out =
      "<details><summary>" + escape(v.say("html.why")) + "</summary><p>" +
      escape(v.say("html.risk.sum", {std::to_string(risk.total), std::to_string(risk.sensitivity),
                                     std::to_string(risk.persons), std::to_string(risk.exposure),
                                     std::to_string(risk.time), std::to_string(risk.spread)})) +
      (risk.floor > 0 ? " " + escape(v.say("html.risk.floor", {std::to_string(risk.floor)})) : "") +
      "</p><p>" + View::sentence(file.judgement) + "</p>";
  if (file.copies > 0) out += "<p>" + escape(v.counted("html.copies", file.copies)) + "</p>";
  if (!file.other_names.empty() && !v.options.mask_filenames) {
    out += "<p>" + escape(v.say("html.other_names"));
    for (const std::string& name : file.other_names) out += " " + v.path_cell(name);
    out += "</p>";
  }
  const auto found = found_in(v, file);
  out += "<ul>";
  for (const CategoryEntry& entry : v.all.categories)
    if (const auto at = found.find(entry.category); at != found.end())
      out += found_line(v, entry.category, at->second);
  return out + "</ul></details>";
}

std::string category_list(const View& v, const FileEntry& file) {
  std::set<std::string> held;
  for (const store::CategoryTally& tally : file.summary.categories)
    if (tally.values[1] + tally.values[2] > 0) held.insert(tally.category);
  std::string out;
  for (const CategoryEntry& entry : v.all.categories)
    if (held.contains(entry.category))
      out += (out.empty() ? "" : ", ") + v.category(entry.category);
  return out;
}

}  // namespace

void write_folders(View& v) {
  v.section("folders");
  v.page.paragraph("html.folders.lead");
  const std::size_t shown = std::min(v.all.folders.size(), kTopFolders);
  const std::vector<std::string> kinds = kinds_of(v, shown);
  std::vector<std::string> columns{"html.col.folder", "html.col.risk", "html.col.access",
                                   "html.col.persons#", "html.col.files#"};
  const std::size_t own_column = std::min(kinds.size(), kKindColumns);
  for (std::size_t i = 0; i < own_column; ++i) columns.push_back("category." + kinds[i] + '#');
  if (kinds.size() > own_column) columns.emplace_back("html.col.other");
  v.page.table_begin("html.folders.caption", columns, Width::kWide);
  for (std::size_t i = 0; i < shown; ++i) {
    const FolderEntry& folder = v.all.folders[i];
    std::vector<std::string> cells{v.path_cell(v.folder_name(folder.summary.dir, i + 1)),
                                   v.risk_cell(folder.worst, folder.risk),
                                   escape(v.exposure(folder.summary.exposure)),
                                   "<b>" + escape(v.number(folder.summary.persons)) + "</b>",
                                   escape(v.number(folder.summary.files_with_findings))};
    std::string other;
    for (std::size_t k = 0; k < kinds.size(); ++k) {
      const std::uint64_t persons = persons_with(folder.summary, kinds[k]);
      if (k < own_column)
        cells.push_back(heat(v, persons));
      else if (persons > 0)
        other += (other.empty() ? "" : ", ") + v.category(kinds[k]) + " " + v.number(persons);
    }
    if (kinds.size() > own_column) cells.push_back(escape(other));
    v.page.row_raw(cells);
  }
  v.page.table_end();
  v.rest(v.all.folders.size(), shown, "html.folders.rest");
  v.end_section();
}

void write_files(View& v) {
  v.section("files");
  v.page.paragraph("html.files.lead");
  v.page.table_begin("html.files.caption",
                     {"html.col.file", "html.col.risk", "html.col.access", "html.col.persons#",
                      "html.col.kinds", "html.col.verdict"},
                     Width::kWide);
  std::size_t shown = 0;
  for (const FileEntry& file : v.all.files) {
    if (file.hidden) continue;
    if (shown == kTopFiles) break;
    v.page.row_raw({v.file_cell(file.summary.file.file),
                    v.risk_cell(file.risk.level, file.risk.total),
                    escape(v.exposure(file.summary.file.file.exposure)),
                    "<b>" + escape(v.number(file.summary.persons)) + "</b>",
                    escape(category_list(v, file)), v.verdict_cell(file.judgement.verdict)});
    if (shown++ < kExplainedFiles) v.page.row_below(explanation(v, file));
  }
  v.page.table_end();
  v.rest(v.all.files.size() - v.all.hidden_files, shown, "html.files.rest");
  v.end_section();
}

}  // namespace gallra::html

// What the sections of the report share: the facts, the page, and how one fact is shown everywhere.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "reports/html/gather.hpp"
#include "reports/html/html.hpp"
#include "reports/html/page.hpp"

namespace gallra::html {

class View {
 public:
  View(store::Reader& reader, const retention::Policy& policy, const Options& options);

  store::Reader& reader;
  const retention::Policy& policy;
  const Options& options;
  const Gathered all;
  Page page;

  Lang lang() const { return options.lang; }
  std::string say(std::string_view key, const std::vector<std::string>& values = {}) const;
  std::string number(std::uint64_t n) const { return number_text(lang(), n); }
  std::string day(std::int64_t unix_seconds) const;

  // A number with its noun, the key ending in .one or .many: "1 fil", "12 filer".
  std::string files(std::uint64_t n) const { return counted("html.n.files", n); }
  std::string persons(std::uint64_t n) const {
    return n == 0 ? say("html.n.persons.none") : counted("html.n.persons", n);
  }
  std::string counted(const std::string& key, std::uint64_t n) const;

  // Plain text; escape it.
  std::string path_of(const FileRef& file) const;  // or its stand-in when names are not shown
  // `number`: what stands for it when names are not shown.
  std::string folder_name(const std::string& dir, std::size_t number) const;
  std::string category(const std::string& id) const { return say("category." + id); }
  std::string exposure(Exposure exposure) const;

  // Markup, escaped.
  std::string path_cell(std::string_view path) const;  // may break after each slash
  std::string file_cell(const FileRef& file) const;    // the name, its folder below
  std::string risk_cell(exporting::RiskLevel level, int points) const;
  std::string verdict_cell(retention::Verdict verdict) const;
  static std::string sentence(const retention::Judgement& judgement);  // its dates unbroken

  void section(std::string_view id);
  void end_section() { page.raw("</section>\n"); }
  // "12 more ... are not shown", when there are.
  void rest(std::size_t all_of_them, std::size_t shown, std::string_view key);
};

// The sections, in the order of the report.
void write_summary(View& view);
void write_categories(View& view);
void write_folders(View& view);
void write_files(View& view);
void write_review(View& view);
void write_access(View& view);
void write_age(View& view);
void write_duplicates(View& view);
void write_coverage(View& view);
void write_method(View& view);

}  // namespace gallra::html

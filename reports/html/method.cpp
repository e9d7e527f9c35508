// Så har vi gjort: what the words and figures mean, and what was on in this sweep.
#include <nlohmann/json.hpp>

#include "reports/html/view.hpp"

namespace gallra::html {
namespace {

// The parts of the risk score, so that anyone can redo the sum.
void risk(View& v) {
  v.page.heading(3, "", "html.method.risk.h");
  v.page.paragraph("html.method.risk");
  v.page.raw("<ul>");
  for (const char* part : {"sensitivity", "persons", "exposure", "time", "spread", "floor"})
    v.page.raw("<li>").say(std::string("html.method.risk.") + part).raw("</li>\n");
  v.page.raw("</ul>\n");
  if (v.all.categories.empty()) return;
  v.page.table_begin("html.method.risk.weights",
                     {"html.col.category", "html.col.alone#", "html.col.with_identity#"});
  for (const CategoryEntry& entry : v.all.categories) {
    auto points = [&](bool with_identity) {
      return std::to_string(exporting::sensitivity_weight(entry.category, with_identity));
    };
    v.page.row({v.category(entry.category), points(false), points(true)});
  }
  v.page.table_end();
}

void commands(View& v) {
  v.page.heading(3, "", "html.method.all.h");
  v.page.paragraph("html.method.all");
  v.page.raw(
      "<ul><li><code>gallra export --what files --format csv --db ...</code></li>\n"
      "<li><code>gallra export --what outcomes --format csv --db ...</code></li>\n"
      "<li><code>gallra why ... --db ...</code></li></ul>\n");
}

void settings(View& v) {
  const auto settings = nlohmann::json::parse(v.all.settings, nullptr, false);
  v.page.heading(3, "", "html.method.run.h");
  v.page.raw("<ul><li>")
      .say("html.method.version", {GALLRA_VERSION, v.all.sweep.rules_id.substr(0, 16)})
      .raw("</li>\n");
  if (settings.is_object()) {
    const auto jail = settings.value("jail", nlohmann::json::object());
    const bool running = jail.value("running", false);
    const bool whole = running && jail.value("seccomp", false) && jail.value("landlock", false);
    v.page.raw("<li>")
        .say(whole     ? "html.method.jail_whole"
             : running ? "html.method.jail_weak"
                       : "html.method.jail_none")
        .raw("</li>\n<li>");
    v.page.say("html.method.ocr_off").raw("</li>\n");
    for (const auto& pattern : settings.value("exclude", nlohmann::json::array()))
      if (pattern.is_string())
        v.page.raw("<li>").say("html.method.excluded", {pattern.get<std::string>()}).raw("</li>\n");
  }
  v.page.raw("</ul>\n");
}

}  // namespace

void write_method(View& v) {
  v.section("method");
  const auto tell = [&](const std::string& part) {
    v.page.heading(3, "", "html.method." + part + ".h");
    v.page.paragraph("html.method." + part);
  };
  for (const char* part : {"what", "sure", "persons", "dates"}) tell(part);
  risk(v);
  for (const char* part : {"clear", "limits"}) tell(part);
  commands(v);
  settings(v);
  v.end_section();
}

}  // namespace gallra::html

// Så har vi gjort: what the words and figures mean, and what was on in this sweep.
#include <nlohmann/json.hpp>

#include "reports/html/view.hpp"

namespace gallra::html {
namespace {

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
  for (const char* part : {"what", "sure", "risk", "dates", "persons", "clear", "limits", "all"}) {
    v.page.heading(3, "", std::string("html.method.") + part + ".h");
    v.page.paragraph(std::string("html.method.") + part);
  }
  settings(v);
  v.end_section();
}

}  // namespace gallra::html

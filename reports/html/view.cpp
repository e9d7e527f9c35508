#include "reports/html/view.hpp"

#include <array>
#include <regex>

namespace gallra::html {
namespace {

// Breaks a long path where a reader would.
std::string breakable(std::string_view path) {
  std::string out;
  for (std::size_t at = 0; at < path.size();) {
    std::size_t end = path.find('/', at);
    end = end == std::string_view::npos ? path.size() : end + 1;
    out += escape(path.substr(at, end - at));
    if (end < path.size()) out += "<wbr>";
    at = end;
  }
  return out;
}

}  // namespace

View::View(store::Reader& r, const retention::Policy& p, const Options& o)
    : reader(r), policy(p), options(o), all(gather(r, p, o.today, o.lang)), page(o.lang) {}

std::string View::say(std::string_view key, const std::vector<std::string>& values) const {
  return text(lang(), key, values);
}

std::string View::day(std::int64_t unix_seconds) const {
  return day_text(day_from_unix(unix_seconds));
}

std::string View::counted(const std::string& key, std::uint64_t n) const {
  return say(key + (n == 1 ? ".one" : ".many"), {number(n)});
}

std::string View::path_of(const FileRef& file) const {
  if (!options.mask_filenames) return file.path();
  return say("html.masked_name", {std::to_string(file.inode)});
}

std::string View::folder_name(const std::string& dir, std::size_t number) const {
  if (dir.empty()) return say("html.root_folder");
  return options.mask_filenames ? say("html.masked_folder", {std::to_string(number)}) : dir;
}

std::string View::exposure(Exposure exposure) const {
  return say(std::string("exposure.") + key_of(exposure));
}

std::string View::path_cell(std::string_view path) const {
  return "<span class=\"path\">" + breakable(path) + "</span>";
}

std::string View::file_cell(const FileRef& file) const {
  if (options.mask_filenames) return path_cell(path_of(file));
  std::string out = "<span class=\"path\"><b>" + escape(file.name) + "</b>";
  if (!file.dir.empty()) out += "<br>" + breakable(file.dir + '/');
  return out + "</span>";
}

std::string View::risk_cell(exporting::RiskLevel level, int points) const {
  static constexpr std::array kSigns{"○", "●", "◆", "▲"};
  const std::string key = exporting::key_of(level);
  return "<span class=\"tag " + key + "\">" + kSigns[static_cast<std::size_t>(level)] + " " +
         escape(number(static_cast<std::uint64_t>(points)) + " " + say("html.risk." + key)) +
         "</span>";
}

std::string View::verdict_cell(retention::Verdict verdict) const {
  const std::string key(retention::key_of(verdict));
  return "<span class=\"tag v-" + key + "\">" + escape(say("verdict." + key)) + "</span>";
}

std::string View::sentence(const retention::Judgement& judgement) {
  static const std::regex date("[0-9]{4}-[0-9]{2}-[0-9]{2}");
  return std::regex_replace(escape(judgement.sentence), date, "<span class=\"date\">$&</span>");
}

void View::section(std::string_view id) {
  page.raw("<section aria-labelledby=\"").raw(id).raw("\">");
  page.heading(2, id, "html." + std::string(id));
}

void View::rest(std::size_t all_of_them, std::size_t shown, std::string_view key) {
  if (all_of_them > shown) page.paragraph(key, {number(all_of_them - shown)});
}

}  // namespace gallra::html

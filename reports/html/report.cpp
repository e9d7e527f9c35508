// The review report: the page around its sections, and the file it is written to. Plain HTML
// without a line of script; nothing external.
#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "reports/html/view.hpp"
#include "scanner/support/embedded.hpp"
#include "scanner/support/keyed_hash.hpp"

namespace gallra::html {
namespace {

struct Section {
  const char* id;
  void (*write)(View&);
};
constexpr Section kSections[] = {
    {"summary", write_summary}, {"categories", write_categories}, {"folders", write_folders},
    {"files", write_files},     {"review", write_review},         {"access", write_access},
    {"age", write_age},         {"duplicates", write_duplicates}, {"coverage", write_coverage},
    {"method", write_method},
};

void write_head(Page& page, const std::string& title) {
  const std::string_view css = embedded("reports/html/templates/report.css");
  page.raw(page.lang() == Lang::kSv
               ? "<!DOCTYPE html>\n<html lang=\"sv\"><head><meta charset=\"utf-8\">"
               : "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">");
  page.raw(
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
      "'sha256-" +
      sha256_base64(css) + "'; base-uri 'none'; form-action 'none'\">\n");
  page.raw(
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><meta "
      "name=\"referrer\" content=\"no-referrer\"><meta name=\"robots\" content=\"noindex\">\n"
      "<title>");
  page.data(title).raw("</title><style>").raw(css).raw("</style></head>\n<body>");
}

std::string sweep_text(const View& v, const store::SweepRow& sweep) {
  return v.say(sweep.is_open() ? "html.sweep_open" : "html.sweep",
               {std::to_string(sweep.id), v.day(sweep.ended != 0 ? sweep.ended : sweep.started)});
}

void write_banner(View& v, const std::string& title) {
  const store::SweepRow& sweep = v.all.sweep;
  v.page.raw("<a class=\"skip\" href=\"#summary\">").say("html.skip").raw("</a>\n<header><h1>");
  v.page.data(title).raw("</h1><p>");
  v.page.data(sweep_text(v, sweep));
  for (const store::SourceRow& source : v.all.sources) {
    v.page.raw(" · " + v.path_cell(source.path));
    if (source.latest_sweep == sweep.id) continue;  // swept at another time
    const store::SweepRow& own = v.all.sweeps.at(source.latest_sweep);
    v.page.raw(" (").data(sweep_text(v, own)).raw(")");
  }
  v.page.raw("</p><p class=\"warn\">").say("html.banner").raw("</p></header>\n");
}

void write_menu(View& v) {
  v.page.raw("<div class=\"frame\"><nav aria-label=\"").say("html.contents").raw("\"><ol>");
  for (const Section& section : kSections)
    v.page.raw(std::string("<li><a href=\"#") + section.id + "\">")
        .say(std::string("html.") + section.id)
        .raw("</a></li>");
  v.page.raw("</ol></nav><main>\n");
}

std::string page_of(View v) {
  const std::string title =
      v.say("html.title") + (v.options.organisation.empty() ? "" : " – " + v.options.organisation);
  write_head(v.page, title);
  write_banner(v, title);
  write_menu(v);
  for (const Section& section : kSections) section.write(v);
  v.page.raw("</main></div></body></html>\n");
  return v.page.take();
}

tl::expected<void, std::string> prepare_folder(const std::string& dir, Lang lang) {
  if (::mkdir(dir.c_str(), 0700) != 0 && errno != EEXIST)
    return tl::unexpected(dir + ": " + errno_text(lang, errno));
  struct stat st {};
  if (::stat(dir.c_str(), &st) != 0 || !S_ISDIR(st.st_mode))
    return tl::unexpected(dir + ": " + errno_text(lang, ENOTDIR));
  if ((st.st_mode & 007) != 0) return tl::unexpected(text(lang, "app.error.open_folder", {dir}));
  return {};
}

}  // namespace

tl::expected<std::string, std::string> write_report(store::Reader& reader,
                                                    const retention::Policy& policy,
                                                    const std::string& dir,
                                                    const Options& options) {
  if (auto ok = prepare_folder(dir, options.lang); !ok) return tl::unexpected(ok.error());
  const std::string html = page_of(View(reader, policy, options));
  const std::string path = dir + "/rapport.html";
  const std::string unfinished = path + ".new";
  const int fd = ::open(unfinished.c_str(),
                        O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
  if (fd < 0) return tl::unexpected(unfinished + ": " + errno_text(options.lang, errno));
  std::string_view left = html;
  while (!left.empty()) {
    const ssize_t n = ::write(fd, left.data(), left.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    left.remove_prefix(static_cast<std::size_t>(n));
  }
  int error = left.empty() ? 0 : errno;
  ::close(fd);
  if (!left.empty() || ::rename(unfinished.c_str(), path.c_str()) != 0) {
    if (error == 0) error = errno;
    ::unlink(unfinished.c_str());
    return tl::unexpected(path + ": " + errno_text(options.lang, error));
  }
  return path;
}

}  // namespace gallra::html

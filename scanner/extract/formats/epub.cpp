// EPUB (ISO/IEC 23736): META-INF/container.xml names the package file, which names the chapters and
// their order. Chapters are XHTML.
#include <algorithm>
#include <array>
#include <map>
#include <vector>

#include "scanner/extract/extractor.hpp"
#include "scanner/extract/markup.hpp"
#include "scanner/extract/office/package.hpp"
#include "scanner/extract/xml_text.hpp"

namespace gallra::extract {
namespace {

constexpr std::size_t kMaxChapters = 100'000;

class Container : public MarkupHandler {
 public:
  void open(const Tag& tag) override {
    if (tag.local() == "rootfile" && path.empty()) path = tag.value("full-path");
  }
  void close(std::string_view) override {}
  void text(std::string_view) override {}
  std::string path;
};

// The chapters in reading order, then documents that the reading order leaves out.
class Contents : public MarkupHandler {
 public:
  void open(const Tag& tag) override {
    const std::string_view name = tag.local();
    if (name == "item" && items_.size() < kMaxChapters) {
      const std::string type = tag.value("media-type");
      if (type.find("html") != std::string::npos || type.find("dtbncx") != std::string::npos)
        items_[tag.value("id")] = tag.value("href");
    }
    if (name == "itemref" && order_.size() < kMaxChapters) order_.push_back(tag.value("idref"));
  }
  void close(std::string_view) override {}
  void text(std::string_view) override {}

  std::vector<std::string> chapters() const {
    std::vector<std::string> found;
    for (const std::string& id : order_)
      if (const auto item = items_.find(id); item != items_.end()) found.push_back(item->second);
    for (const auto& [id, href] : items_) found.push_back(href);  // again: a part is read once
    return found;
  }

 private:
  std::map<std::string, std::string> items_;
  std::vector<std::string> order_;
};

// Words of a chapter: inline elements join, all others part lines.
class Chapter : public MarkupHandler {
 public:
  explicit Chapter(std::string& into) : into_(into) {}

  void open(const Tag& tag) override {
    const std::string_view name = tag.local();
    if (name == "script" || name == "style") ++quiet_;
    if (name == "tr" || name == "table") in_cell_ = false;
    if (!is_inline(name)) end_line();
    if (name == "td" || name == "th") {
      if (!into_.empty() && into_.back() != '\n') into_ += '\t';
      in_cell_ = true;
    }
    for (const char* key : {"alt", "title"})
      if (tag.has(key)) into_ += tag.value(key) + '\n';
    if (name == "a" && tag.raw("href").starts_with("mailto:"))
      links_ += percent_decoded(tag.value("href")) + '\n';
  }
  void close(std::string_view name) override {
    if ((name == "script" || name == "style") && quiet_ > 0) --quiet_;
    if (name == "tr" || name == "table") in_cell_ = false;
    if (!is_inline(name)) end_line();
  }
  void text(std::string_view piece) override {
    if (quiet_ > 0) return;
    // Line ends in XHTML are blanks.
    for (const char c : piece) {
      const bool blank = c == ' ' || c == '\n' || c == '\r' || c == '\t';
      if (!blank) into_ += c;
      if (blank && !into_.empty() && into_.back() != ' ' && into_.back() != '\n') into_ += ' ';
    }
  }
  const std::string& links() const { return links_; }

 private:
  static bool is_inline(std::string_view name) {
    static constexpr std::array<std::string_view, 21> kInline = {
        "a", "abbr", "b",     "bdi",  "bdo",    "big", "cite", "code", "em", "font", "i",
        "q", "s",    "small", "span", "strong", "sub", "th",   "sup",  "u",  "td"};
    return std::find(kInline.begin(), kInline.end(), name) != kInline.end();
  }
  // Blocks inside a cell part words, not rows.
  void end_line() {
    const char last = into_.empty() ? '\n' : into_.back();
    if (in_cell_ && last != '\n' && last != '\t' && last != ' ') into_ += ' ';
    if (in_cell_) return;
    if (!into_.empty() && into_.back() != '\n') into_ += '\n';
  }

  std::string& into_;
  std::string links_;
  int quiet_ = 0;
  bool in_cell_ = false;
};

// Fonts are often obfuscated by two methods of their own; anything else is protection of the text.
bool is_protected(Package& package) {
  std::string xml = package.bytes("META-INF/encryption.xml");
  std::size_t methods = 0;
  std::size_t fonts = 0;
  for (std::size_t at = xml.find("EncryptionMethod"); at != std::string::npos;
       at = xml.find("EncryptionMethod", at + 1)) {
    const std::string_view tag = std::string_view(xml).substr(at, 200);
    if (tag.find("Algorithm") == std::string_view::npos || tag.find("Algorithm") > tag.find('>'))
      continue;
    ++methods;
    const std::string_view address = tag.substr(0, tag.find('>'));
    if (address.find("idpf.org/2008/embedding") != std::string_view::npos ||
        address.find("ns.adobe.com/pdf/enc#RC") != std::string_view::npos)
      ++fonts;
  }
  return methods > fonts;
}

Outcome extract_epub(const ExtractRequest& request, ExtractSink& sink) {
  Package package(request, sink);
  if (is_protected(package)) return Outcome::not_read(Reason::kRightsManaged);
  Container container;
  package.read("META-INF/container.xml", container);
  std::string opf = container.path;
  for (const ZipPart& part : package.zip().parts())
    if (opf.empty() && part.name.ends_with(".opf")) opf = part.name;
  const std::string opf_xml = package.bytes(opf);
  Contents contents;
  tokenize_xml(opf_xml, contents);
  std::vector<std::string> chapters;
  for (const std::string& href : contents.chapters())
    chapters.push_back(resolve_part(opf, percent_decoded(href.substr(0, href.find('#')))));
  // Without a usable package file: every chapter that is there.
  for (const ZipPart& part : package.zip().parts())
    if (part.name.ends_with(".xhtml") || part.name.ends_with(".html") ||
        part.name.ends_with(".htm"))
      chapters.push_back(part.name);
  std::uint32_t number = 0;
  for (const std::string& chapter : chapters) {
    if (package.was_read(chapter)) continue;
    if (!package.has(chapter)) {
      package.note(chapter, Outcome::in_part(Reason::kCorrupt));
      package.leave(chapter);
      continue;
    }
    std::string text;
    Chapter reader(text);
    package.read(chapter, reader);
    package.out().prose({PlaceKind::kParagraph, ++number, 0, "chapter"},
                        text + '\n' + reader.links());
  }
  emit_properties(opf_xml, package.out());
  return package.outcome(opf);
}

}  // namespace

extern const ExtractorEntry extractor_epub;
const ExtractorEntry extractor_epub{
    .name = "epub", .formats = {Format::kEpub}, .jailed = true, .extract = extract_epub};

}  // namespace gallra::extract

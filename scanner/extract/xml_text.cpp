#include "scanner/extract/xml_text.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "scanner/extract/markup.hpp"

namespace gallra::extract {
namespace {

// Names of open elements that are remembered; deeper ones share the last.
constexpr std::size_t kMaxDepth = 200;

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

template <std::size_t N>
bool is_one_of(std::string_view name, const std::array<std::string_view, N>& names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

class Lines : public MarkupHandler {
 public:
  explicit Lines(std::string& into) : into_(into) {}
  void open(const Tag&) override { end_line(); }
  void close(std::string_view name) override {
    if (name != "span") end_line();
  }
  void text(std::string_view utf8) override { into_ += utf8; }

 private:
  void end_line() {
    if (!into_.empty() && into_.back() != '\n') into_ += '\n';
  }
  std::string& into_;
};

constexpr std::array<std::string_view, 10> kWordAttributes = {
    "v",           "name",  "displayName", "connection", "command",
    "description", "title", "userName",    "author",     "alias"};

class Leaves : public MarkupHandler {
 public:
  Leaves(PlaceKind kind, TextWriter& out, LeafAttributes attributes)
      : kind_(kind), out_(out), attributes_(attributes) {}

  void open(const Tag& tag) override {
    value_.clear();
    leaf_ = true;
    if (attributes_ == LeafAttributes::kNo) return;
    Attribute attribute;
    for (AttributeReader attributes = tag.attributes(); attributes.next(attribute);)
      if (is_one_of(attribute.local(), kWordAttributes))
        out_.record(kind_, tag.local(), attribute.value());
  }
  void close(std::string_view name) override {
    if (leaf_) out_.record(kind_, name, value_);
    leaf_ = false;
    value_.clear();
  }
  void text(std::string_view utf8) override {
    if (leaf_) value_ += utf8;
  }

 private:
  PlaceKind kind_;
  TextWriter& out_;
  LeafAttributes attributes_;
  std::string value_;
  bool leaf_ = false;
};

// What programs write about themselves and the document's size: no words of a person.
constexpr std::array<std::string_view, 30> kMachineProperties = {"application",
                                                                 "appversion",
                                                                 "template",
                                                                 "totaltime",
                                                                 "pages",
                                                                 "words",
                                                                 "characters",
                                                                 "lines",
                                                                 "paragraphs",
                                                                 "characterswithspaces",
                                                                 "slides",
                                                                 "notes",
                                                                 "hiddenslides",
                                                                 "mmclips",
                                                                 "scalecrop",
                                                                 "linksuptodate",
                                                                 "sharedoc",
                                                                 "hyperlinkschanged",
                                                                 "docsecurity",
                                                                 "presentationformat",
                                                                 "generator",
                                                                 "language",
                                                                 "identifier",
                                                                 "editing-cycles",
                                                                 "editing-duration",
                                                                 "revision",
                                                                 "i4",
                                                                 "documentid",
                                                                 "instanceid",
                                                                 "format"};
// Containers inside one XMP value; the element around them names the property.
constexpr std::array<std::string_view, 8> kWrappers = {"Seq",    "Alt",   "Bag",         "li",
                                                       "lpwstr", "lpstr", "Description", "bstr"};
constexpr std::array<std::string_view, 4> kCreated = {"created", "creation-date", "createdate",
                                                      "creationdate"};
constexpr std::array<std::string_view, 3> kModified = {"modified", "modifydate", "moddate"};
// Dates that say nothing about the document's content.
constexpr std::array<std::string_view, 4> kOtherDates = {"metadatadate", "print-date",
                                                         "lastprinted", "when"};

class Properties : public MarkupHandler {
 public:
  explicit Properties(TextWriter& out) : out_(out) {}

  void open(const Tag& tag) override {
    value_.clear();
    const std::string_view name = tag.local();
    std::string label(name);
    if (name == "property" || name == "user-defined" || name == "meta") {
      // EPUB's <meta property="dcterms:modified">, HTML-like <meta name= content=>, custom
      // properties.
      const std::string given = tag.value(tag.has("property") ? "property" : "name");
      if (!given.empty()) label = given.substr(given.rfind(':') + 1);
      if (tag.has("content")) take(label, tag.value("content"));
    }
    if (path_.size() < kMaxDepth) path_.push_back(label);
    ++depth_;
    if (name != "Description") return;
    // XMP may write its values as attributes.
    Attribute attribute;
    for (AttributeReader attributes = tag.attributes(); attributes.next(attribute);) {
      const bool own = attribute.name.find(':') != std::string_view::npos &&
                       !attribute.name.starts_with("xmlns") &&
                       !attribute.name.starts_with("rdf:") && !attribute.name.starts_with("xml:");
      if (own) take(attribute.local(), attribute.value());
    }
  }
  void close(std::string_view) override {
    if (!is_blank(value_)) take(label(), value_);
    value_.clear();
    if (depth_ > 0) --depth_;
    if (path_.size() > depth_) path_.pop_back();
  }
  void text(std::string_view utf8) override { value_ += utf8; }

 private:
  // The nearest name that is not wrapping.
  std::string label() const {
    for (std::size_t i = path_.size(); i-- > 0;)
      if (!is_one_of(path_[i], kWrappers)) return path_[i];
    return "property";
  }

  void take(std::string_view name, std::string_view value) {
    const std::string key = lower(name);
    // Dublin Core's bare date is the last change in ODF; a property of that name elsewhere is text.
    if (is_one_of(key, kCreated)) return out_.date(DateKind::kDocCreated, value);
    if (is_one_of(key, kModified) || key == "date") return out_.date(DateKind::kDocModified, value);
    if (is_one_of(key, kMachineProperties) || is_one_of(key, kOtherDates)) return;
    out_.record(PlaceKind::kProperty, key, value);
  }

  TextWriter& out_;
  std::vector<std::string> path_;
  std::size_t depth_ = 0;
  std::string value_;
};

}  // namespace

std::string xml_text(std::string_view xml) {
  std::string text;
  Lines lines(text);
  tokenize_xml(xml, lines);
  return text;
}

void emit_xml_leaves(std::string_view xml, PlaceKind kind, TextWriter& out,
                     LeafAttributes attributes) {
  Leaves leaves(kind, out, attributes);
  tokenize_xml(xml, leaves);
}

void emit_properties(std::string_view xml, TextWriter& out) {
  Properties properties(out);
  tokenize_xml(xml, properties);
}

}  // namespace gallra::extract

#include <algorithm>
#include <array>

#include "scanner/extract/office/flow_text.hpp"
#include "scanner/extract/office/readers.hpp"
#include "scanner/extract/xml_text.hpp"

namespace gallra::extract {
namespace {

// Parts that hold settings, styles, or a second copy of what another part says.
constexpr std::array<std::string_view, 22> kWordless = {"styles",
                                                        "settings",
                                                        "fonttable",
                                                        "websettings",
                                                        "numbering",
                                                        "theme",
                                                        "stylewith",
                                                        "tablestyle",
                                                        "viewprops",
                                                        "presprops",
                                                        "itemprops",
                                                        "printersettings",
                                                        "calcchain",
                                                        "layout",
                                                        "quickstyle",
                                                        "colors",
                                                        "commentsextensible",
                                                        "commentsids",
                                                        "volatiledependencies",
                                                        "metadata",
                                                        "font",
                                                        "drawing_layout"};

bool is_wordless(std::string_view part) {
  const std::string name = lower_case(base_name(part));
  return std::any_of(kWordless.begin(), kWordless.end(),
                     [&](std::string_view start) { return name.starts_with(start); });
}

bool in_folder(std::string_view part, std::string_view folder) {
  return lower_case(part).find(folder) != std::string::npos;
}

bool is_xml(std::string_view part) {
  const std::string name = lower_case(part);
  return name.ends_with(".xml") || name.ends_with(".vml");
}

void read_properties(Package& package) {
  for (const Relation& relation : package.relations(""))
    if (relation.type.ends_with("properties"))
      emit_properties(package.bytes(relation.target), package.out());
  for (const char* part : {"docProps/core.xml", "docProps/app.xml", "docProps/custom.xml"})
    emit_properties(package.bytes(part), package.out());
}

// Targets outside of the package: web and mail addresses behind links, paths of linked files.
void read_links(Package& package) {
  std::string links;
  for (const ZipPart& part : package.zip().parts()) {
    const std::string name = lower_case(part.name);
    if (!name.ends_with(".rels")) continue;
    const std::string folder(folder_of(folder_of(part.name).substr(
        0, folder_of(part.name).size() - (folder_of(part.name).empty() ? 0 : 1))));
    const std::string_view base = base_name(part.name);
    for (const Relation& relation :
         package.relations(folder + std::string(base.substr(0, base.size() - 5))))
      if (relation.external) links += percent_decoded(relation.target) + '\n';
  }
  package.out().prose({PlaceKind::kField, 0, 0, "link"}, links);
}

}  // namespace

bool read_flow(Package& package, std::string_view part, Place place, Placeholders placeholders) {
  FlowText flow(package.out(), std::move(place));
  if (placeholders == Placeholders::kSkip) flow.skip_placeholders();
  const bool any = package.read(part, flow);
  flow.finish();
  for (const std::string& author : flow.authors())
    package.out().record(PlaceKind::kProperty, "author", author);
  return any;
}

void read_shared_parts(Package& package) {
  read_properties(package);
  read_links(package);
  for (const ZipPart& part : package.zip().parts()) {
    if (package.was_read(part.name) || !is_xml(part.name) || is_wordless(part.name) ||
        part.name == "[Content_Types].xml" || in_folder(part.name, "/theme/"))
      continue;
    const bool flowing = in_folder(part.name, "/charts/") || in_folder(part.name, "/diagrams/") ||
                         in_folder(part.name, "/drawings/") || in_folder(part.name, "/slide") ||
                         in_folder(part.name, "/notes") || in_folder(part.name, "/handout") ||
                         in_folder(part.name, "word/");
    if (flowing) {
      const std::string_view label = in_folder(part.name, "/charts/")     ? "chart"
                                     : in_folder(part.name, "/diagrams/") ? "diagram"
                                                                          : "";
      read_flow(package, part.name, {PlaceKind::kParagraph, 1, 0, std::string(label)});
    } else {
      emit_xml_leaves(package.bytes(part.name), PlaceKind::kField, package.out(),
                      LeafAttributes::kYes);
    }
  }
  package.members_in("embeddings/");
}

}  // namespace gallra::extract

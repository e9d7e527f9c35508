// WordprocessingML (ECMA-376 part 1, chapter 17): the document, then the parts it relates to, each
// with its own label, since a reader looks for a header or a comment elsewhere than in the text.
#include <array>

#include "scanner/extract/office/readers.hpp"

namespace gallra::extract {
namespace {

struct Labelled {
  std::string_view relation;
  const char* label;
};
constexpr std::array<Labelled, 8> kParts = {{{"header", "header"},
                                             {"footer", "footer"},
                                             {"footnotes", "footnote"},
                                             {"endnotes", "footnote"},
                                             {"comments", "comment"},
                                             {"glossaryDocument", "glossary"},
                                             {"people", "people"},
                                             {"settings", "settings"}}};  // merged data (docVars)

}  // namespace

Outcome read_docx(Package& package, std::string_view main) {
  read_flow(package, main, {PlaceKind::kParagraph, 1, 0, {}});
  for (const Relation& relation : package.relations(main)) {
    if (relation.external) continue;
    for (const Labelled& part : kParts)
      if (relation.type == part.relation)
        read_flow(package, relation.target, {PlaceKind::kParagraph, 1, 0, part.label});
    // Foreign documents (HTML, RTF, mail) that Word shows as a part of the text.
    const ZipPart* chunk =
        relation.type == "aFChunk" ? package.zip().find(relation.target) : nullptr;
    if (chunk != nullptr) package.member(*chunk);
  }
  // Without relations (a damaged package) the parts are known by their usual names.
  for (const ZipPart& part : package.zip().parts())
    for (const Labelled& usual : kParts)
      if (part.name.starts_with("word/") && base_name(part.name).starts_with(usual.relation) &&
          part.name.ends_with(".xml"))
        read_flow(package, part.name, {PlaceKind::kParagraph, 1, 0, usual.label});
  read_shared_parts(package);
  return package.outcome(main);
}

}  // namespace gallra::extract

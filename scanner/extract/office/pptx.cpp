// PresentationML (ECMA-376 part 1, chapter 19): slides in the order of the presentation, hidden
// ones too, each with its notes, comments, diagrams and charts.
#include <map>
#include <vector>

#include "scanner/extract/office/readers.hpp"

namespace gallra::extract {
namespace {

class SlideOrder : public MarkupHandler {
 public:
  void open(const Tag& tag) override {
    if (tag.local() == "sldId") relation_ids.push_back(relation_id(tag));
  }
  void close(std::string_view) override {}
  void text(std::string_view) override {}

  std::vector<std::string> relation_ids;

 private:
  // <p:sldId id="256" r:id="rId2"/>: the one with a prefix.
  static std::string relation_id(const Tag& tag) {
    Attribute attribute;
    for (AttributeReader attributes = tag.attributes(); attributes.next(attribute);)
      if (attribute.local() == "id" && attribute.name != "id") return attribute.value();
    return {};
  }
};

void read_slide(Package& package, const std::string& part, std::uint32_t number) {
  if (package.was_read(part)) return;
  read_flow(package, part, {PlaceKind::kSlide, number, 0, {}});
  for (const Relation& relation : package.relations(part)) {
    if (relation.external) continue;
    const char* label = relation.type == "notesSlide"    ? "notes"
                        : relation.type == "comments"    ? "comment"
                        : relation.type == "diagramData" ? "diagram"
                        : relation.type == "chart"       ? "chart"
                        : relation.type == "chartEx"     ? "chart"
                                                         : nullptr;
    if (label != nullptr)
      read_flow(package, relation.target, {PlaceKind::kSlide, number, 0, label});
  }
}

// "ppt/slides/slide12.xml" -> 12
std::uint32_t number_in(std::string_view part) {
  std::uint32_t number = 0;
  for (const char c : base_name(part))
    if (c >= '0' && c <= '9' && number < 100'000)
      number = number * 10 + static_cast<std::uint32_t>(c - '0');
  return number;
}

}  // namespace

Outcome read_pptx(Package& package, std::string_view main) {
  SlideOrder order;
  package.read(main, order);
  std::map<std::string, std::string> targets;
  const std::vector<Relation> relations = package.relations(main);
  for (const Relation& relation : relations)
    if (!relation.external) targets[relation.id] = relation.target;
  std::uint32_t number = 0;
  for (const std::string& id : order.relation_ids) {
    ++number;
    const auto target = targets.find(id);
    if (target == targets.end()) continue;
    if (!package.has(target->second))
      package.note(target->second, Outcome::in_part(Reason::kCorrupt));
    read_slide(package, target->second, number);
  }
  // Slides that a damaged presentation no longer lists.
  for (const ZipPart& part : package.zip().parts())
    if (part.name.starts_with("ppt/slides/slide") && part.name.ends_with(".xml"))
      read_slide(package, part.name, number_in(part.name));
  for (const ZipPart& part : package.zip().parts()) {
    const bool master = part.name.starts_with("ppt/slideMasters/slideMaster") ||
                        part.name.starts_with("ppt/slideLayouts/slideLayout") ||
                        part.name.starts_with("ppt/notesMasters/notesMaster") ||
                        part.name.starts_with("ppt/handoutMasters/handoutMaster");
    if (master)
      read_flow(package, part.name, {PlaceKind::kSlide, 0, 0, "master"}, Placeholders::kSkip);
  }
  for (const Relation& relation : relations)
    if (relation.type == "commentAuthors" || relation.type == "authors")
      read_flow(package, relation.target, {PlaceKind::kSlide, 0, 0, "comment"});
  read_shared_parts(package);
  return package.outcome(main);
}

}  // namespace gallra::extract

// The readers of the office formats, one function each; formats/ooxml.cpp and formats/odf.cpp list
// them.
#pragma once

#include "scanner/extract/office/package.hpp"

namespace gallra::extract {

Outcome read_docx(Package& package, std::string_view main);
Outcome read_xlsx(Package& package, std::string_view main);
Outcome read_pptx(Package& package, std::string_view main);

// What every OOXML package may hold beside its own text: properties, charts, diagrams, links,
// embedded documents, and any other XML that nobody has asked for by name.
void read_shared_parts(Package& package);
// Text of one part in paragraphs; false when there is none. Authors go to the properties.
enum class Placeholders { kRead, kSkip };
bool read_flow(Package& package, std::string_view part, Place place,
               Placeholders placeholders = Placeholders::kRead);

}  // namespace gallra::extract

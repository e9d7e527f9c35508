// Plain uses of XML inside other formats: document properties, XFA form data, rich text of notes.
#pragma once

#include <string>
#include <string_view>

#include "scanner/extract/text_writer.hpp"

namespace gallra::extract {

// All character data; elements part lines.
std::string xml_text(std::string_view xml);

// Each element that holds text and no other element, as a record labelled with its name. Attributes
// that office formats keep people's words in (v, name, displayName, ...) likewise when
// `attributes`.
enum class LeafAttributes { kNo, kYes };
void emit_xml_leaves(std::string_view xml, PlaceKind kind, TextWriter& out,
                     LeafAttributes attributes = LeafAttributes::kNo);

// Document properties of OOXML (core, app, custom), ODF (meta), EPUB (OPF) and XMP: values as
// kProperty records, created and modified days as date evidence.
void emit_properties(std::string_view xml, TextWriter& out);

}  // namespace gallra::extract

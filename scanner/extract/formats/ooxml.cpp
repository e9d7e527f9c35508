// OOXML: .docx .xlsx .pptx and their kin with macros or as templates (ECMA-376; ISO/IEC 29500
// strict and transitional). The readers stand under office/.
#include "scanner/extract/extractor.hpp"
#include "scanner/extract/office/package.hpp"
#include "scanner/extract/office/readers.hpp"

namespace gallra::extract {
namespace {

// The part that the package says is the document; its usual name when that is damaged.
std::string main_part(Package& package, const char* usual) {
  for (const Relation& relation : package.relations(""))
    if (relation.type == "officeDocument" && package.has(relation.target)) return relation.target;
  return usual;
}

bool all_encrypted(const ZipParts& zip) {
  for (const ZipPart& part : zip.parts())
    if (!part.encrypted) return false;
  return !zip.parts().empty();
}

Outcome extract_ooxml(const ExtractRequest& request, ExtractSink& sink) {
  Package package(request, sink);
  if (all_encrypted(package.zip())) return Outcome::not_read(Reason::kEncrypted);
  switch (request.format) {
    case Format::kXlsx:
      return read_xlsx(package,
                       main_part(package, package.has("xl/workbook.bin") ? "xl/workbook.bin"
                                                                         : "xl/workbook.xml"));
    case Format::kPptx:
      return read_pptx(package, main_part(package, "ppt/presentation.xml"));
    default:
      return read_docx(package, main_part(package, "word/document.xml"));
  }
}

}  // namespace

extern const ExtractorEntry extractor_ooxml;
const ExtractorEntry extractor_ooxml{.name = "ooxml",
                                     .formats = {Format::kDocx, Format::kXlsx, Format::kPptx},
                                     .jailed = true,
                                     .extract = extract_ooxml};

}  // namespace gallra::extract

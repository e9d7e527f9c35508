// OpenDocument: .odt .ods .odp and their templates (ISO/IEC 26300). Text stands in content.xml,
// headers and footers in styles.xml, properties in meta.xml, embedded objects in folders of their
// own.
#include "scanner/extract/extractor.hpp"
#include "scanner/extract/office/odf_text.hpp"
#include "scanner/extract/office/package.hpp"
#include "scanner/extract/xml_text.hpp"

namespace gallra::extract {
namespace {

void read_content(Package& package, std::string_view part, const char* label) {
  OdfText text(package.out(), label);
  package.read(part, text);
  text.finish();
}

// An object without a folder is a foreign file (OLE); with one it is a document of this kind.
void read_objects(Package& package) {
  for (const ZipPart& part : package.zip().parts()) {
    const bool object = part.name.starts_with("Object ") || part.name.starts_with("Obj");
    if (!object || part.name.starts_with("ObjectReplacements/")) continue;
    if (part.name.ends_with("/content.xml")) read_content(package, part.name, "object");
    if (part.name.find('/') == std::string::npos) package.member(part);
  }
}

// The manifest lists how each part is encrypted, if it is.
bool is_encrypted(Package& package) {
  const std::string manifest = package.bytes("META-INF/manifest.xml");
  return manifest.find("encryption-data") != std::string::npos;
}

Outcome extract_odf(const ExtractRequest& request, ExtractSink& sink) {
  Package package(request, sink);
  if (is_encrypted(package)) return Outcome::not_read(Reason::kEncrypted);
  read_content(package, "content.xml", "");
  read_content(package, "styles.xml", "");
  emit_properties(package.bytes("meta.xml"), package.out());
  read_objects(package);
  return package.outcome("content.xml");
}

}  // namespace

extern const ExtractorEntry extractor_odf;
const ExtractorEntry extractor_odf{.name = "odf",
                                   .formats = {Format::kOdt, Format::kOds, Format::kOdp},
                                   .jailed = true,
                                   .extract = extract_odf};

}  // namespace gallra::extract

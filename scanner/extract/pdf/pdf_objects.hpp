// What a PDF holds beside the text of its pages: form values, annotations, links, bookmarks,
// properties, embedded files. All of qpdf is behind this.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "scanner/extract/extractor.hpp"
#include "scanner/extract/text_writer.hpp"

namespace gallra::extract {

class PdfObjects {
 public:
  // `bytes` must outlive the object. Damage is repaired as far as it goes and never throws.
  explicit PdfObjects(std::string_view bytes);
  ~PdfObjects();

  bool opened() const;
  bool encrypted() const;  // a password is needed, or a method qpdf does not know
  // The pages are a decoy that asks for another reader; the document is an encrypted attachment.
  bool rights_managed();

  struct Found {
    bool content = false;  // form values, annotations or members; properties do not count
    bool damaged = false;  // a part could not be read
  };
  Found emit_text(TextWriter& out);
  Found emit_members(const ExtractRequest& request, ExtractSink& sink);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace gallra::extract

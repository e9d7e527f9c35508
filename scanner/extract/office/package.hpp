// An office document as a package of parts: relations between them, and a tally of what could not
// be read, so that a broken part costs that part only.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "scanner/extract/extractor.hpp"
#include "scanner/extract/markup.hpp"
#include "scanner/extract/text_writer.hpp"
#include "scanner/extract/zip_parts.hpp"

namespace gallra::extract {

struct Relation {
  std::string id;
  std::string type;    // last step of the type's address: "header", "slide" (strict or not)
  std::string target;  // a part's name; an address when `external`
  bool external = false;
};

class Package {
 public:
  Package(const ExtractRequest& request, ExtractSink& sink);

  const ExtractRequest& request() const { return request_; }
  TextWriter& out() { return out_; }
  const ZipParts& zip() const { return zip_; }

  bool has(std::string_view name) const { return zip_.find(name) != nullptr; }
  // Reads a part into `handler`; damage is noted under the part's name. False when nothing came.
  // A part is read once: later passes that take what is left skip it.
  bool read(std::string_view name, MarkupHandler& handler);
  // The bytes of a part that is needed whole; "" when it cannot be had.
  std::string bytes(std::string_view name);
  bool was_read(std::string_view name) const;
  // A part that holds no words, or whose words were taken from elsewhere.
  void leave(std::string_view name);

  // Relations of a part ("" = of the package); targets are resolved against the part's folder.
  std::vector<Relation> relations(std::string_view part);
  // Hands a part on as a document of its own.
  void member(const ZipPart& part);
  void members_in(std::string_view folder);

  void note(std::string_view part, const Outcome& outcome);
  // The document's outcome; `main` is the part without which there is no document.
  Outcome outcome(std::string_view main) const;

 private:
  const ExtractRequest& request_;
  TextWriter out_;
  ZipParts zip_;
  std::set<std::string> read_;  // lower case
  std::uint32_t next_member_ = 0;
  struct Problem {
    std::string part;
    Outcome outcome;
  };
  std::vector<Problem> problems_;
  std::size_t problem_count_ = 0;
};

// "../media/x.xml" seen from "word/document.xml" -> "media/x.xml".
std::string resolve_part(std::string_view from, std::string_view target);
// "word/document.xml" -> "document.xml", and "word/".
std::string_view base_name(std::string_view part);
std::string_view folder_of(std::string_view part);
std::string lower_case(std::string_view text);

}  // namespace gallra::extract

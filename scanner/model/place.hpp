// Where in a document something stands, in the words a reader of that document would use.
#pragma once

#include <cstdint>
#include <string>

namespace gallra {

enum class PlaceKind : std::uint8_t {
  kNone,
  kLine,       // a = line (1-based)
  kPage,       // a = page (1-based), b = line on the page
  kCell,       // label = sheet, a = row (1-based), b = column (1-based)
  kSlide,      // a = slide (1-based), label = "notes" for speaker notes
  kParagraph,  // a = paragraph (1-based), label = "header", "footer", "comment", "footnote" or ""
  kHeader,     // label = mail header name ("Subject")
  kBody,       // mail body; label = "text/plain", "text/html"; a = line
  kField,      // label = form field or vCard/iCalendar/JSON/XML property name; a = line when known
  kProperty,   // label = document property ("author", "title")
  kName,       // the name of the file, folder or member itself
};

struct Place {
  PlaceKind kind = PlaceKind::kNone;
  std::uint32_t a = 0;
  std::uint32_t b = 0;
  std::string label;

  friend bool operator==(const Place&, const Place&) = default;
};

// "line", "page", "cell" ... as used in the export's `place.kind`.
const char* key_of(PlaceKind kind);

}  // namespace gallra

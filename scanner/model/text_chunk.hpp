// A piece of a document's text on its way to detection.
#pragma once

#include <cstdint>
#include <string_view>

#include "scanner/model/place.hpp"

namespace gallra {

enum class Layout : std::uint8_t {
  kProse,   // running text; lines end in '\n'
  kTable,   // rows end in '\n', cells are parted by '\t'; a tab or newline inside a cell was made a
            // space
  kRecord,  // one labelled value ("Namn: ..."): place.label is the label, the text is the value
};

// Promise: valid UTF-8 (workers' text is checked by the parent). `place` is where the FIRST byte
// stands; for kLine/kPage(b)/kBody the line grows with each '\n'; for kCell row and column grow
// with '\n' and '\t' (column restarts at 1). `continues`: this text follows the previous chunk of
// the same document without a gap (a long file cut in pieces), so a value may begin in one chunk
// and end in the next.
struct TextChunk {
  Place place;
  Layout layout = Layout::kProse;
  bool continues = false;
  std::string_view text;     // owned by the sender, valid during the call only
  std::uint64_t offset = 0;  // of the first byte, in the decoded text of this document
};

}  // namespace gallra

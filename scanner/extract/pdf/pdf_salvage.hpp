// A PDF keeps its table of objects at its end, so a file that was cut off opens in no library.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace gallra::extract {

// `bytes`, completed by what is needed to open it: objects out of compressed streams written
// plainly, a page tree of the pages that are there, and a trailer. Everything is as it was in the
// file; only the frame is made up. At most `limit` bytes.
std::string salvage_pdf(std::string_view bytes, std::uint64_t limit);

}  // namespace gallra::extract

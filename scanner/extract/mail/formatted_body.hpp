// A mail's body in HTML or RTF, read by the reader of that format.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "scanner/extract/extractor.hpp"

namespace gallra::extract::mail {

// How far a mail has been told: the readers of its parts go on from there.
struct Told {
  std::uint64_t offset = 0;       // of the next byte of text
  std::uint32_t next_member = 0;  // ordinal
};

// Hands on what the reader of `format` makes of `bytes`, its lines placed in the mail's body.
Outcome read_formatted(Format format, std::string_view bytes, const Limits& limits,
                       ExtractSink& sink, Told& told);
// HTML whose mail says which charset it is in: what the page itself declares no longer counts.
std::string html_in(std::string_view charset, std::string_view bytes);

}  // namespace gallra::extract::mail

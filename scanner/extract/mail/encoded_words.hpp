// Header text: encoded words (RFC 2047), also badly cut ones, and 8-bit bytes that nobody encoded.
#pragma once

#include <string>
#include <string_view>

namespace gallra::extract::mail {

// The text of a header as a reader sees it: unfolded, decoded, UTF-8. Words of one charset are
// decoded together, since mailers cut in the middle of characters.
std::string header_text(std::string_view raw);
// A parameter of a header when it holds encoded words (against RFC 2231, as most mailers do), else
// "": `name="=?utf-8?B?...?="`.
std::string encoded_parameter(std::string_view raw, std::string_view name);

}  // namespace gallra::extract::mail

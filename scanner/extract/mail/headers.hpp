// Which mail headers say something about people, and under which name they are shown.
#pragma once

#include <string>
#include <string_view>

namespace gallra::extract::mail {

// ASCII only: header names, media types, parameter values.
std::string lower(std::string_view text);
// Headers that machines write for machines: nothing in them is about a person that the others do
// not say better, and much of it looks like numbers and addresses. "Received" is one of them.
bool is_noise_header(std::string_view name);
// "x-mailer" -> "X-Mailer": one label for one header, however it was written.
std::string header_label(std::string_view name);
// Where the colon of a header stands; 0 when the line begins no header.
std::size_t header_name_length(std::string_view line);
// Whom the mail was for, by a Received header; "" when it does not say.
std::string receiver_of(std::string_view received);

}  // namespace gallra::extract::mail

// Transfer encodings of mail that must not stop at the first flaw: base64 that goes on after its
// padding, uuencode in the middle of a letter.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gallra::extract::mail {

class Base64Decoder {
 public:
  // Appends what `text` decodes to. Anything that is no base64 digit is passed over.
  void add(std::string_view text, std::string& into);
  // What the last group holds when its padding is missing.
  void finish(std::string& into) { finish_group(into); }
  // The last group lacked digits that its padding did not announce.
  bool ends_early() const { return digits_ == 1; }

 private:
  void finish_group(std::string& into);

  std::uint32_t bits_ = 0;
  unsigned digits_ = 0;  // of the group of four being read
};

// Text that calls itself base64 and is not: blanks inside lines, signs outside the alphabet.
bool is_base64(std::string_view head);

// "begin 644 namn.doc" -> "namn.doc".
std::optional<std::string_view> uu_begin(std::string_view line);
// One line of uuencode, without its line end; nullopt when it cannot be one. "" = the last one.
std::optional<std::string> uu_line(std::string_view line);

}  // namespace gallra::extract::mail

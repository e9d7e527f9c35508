// The steps of identify(), each a pure function on the head of a document.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "scanner/model/format.hpp"

namespace gallra::identify {

struct Head {
  std::string_view bytes;  // the document's start
  std::uint64_t size = 0;  // of the whole document
  std::string_view name;
  std::string ext;                 // lower case, without the dot; of "a.csv.bak" it is "csv"
  std::optional<Format> promised;  // by the extension

  bool whole() const { return bytes.size() >= size; }
};

// Text as far as its form matters: ASCII as it is, everything else as '\x80' or its own byte.
struct Text {
  std::string narrow;    // byte order mark taken off; one byte a UTF-16 unit
  std::string encoding;  // "ASCII", "valid UTF-8", "UTF-16 by its byte order mark" ...
};

std::string extension_of(std::string_view name);
// What the extension promises; nullopt when it promises nothing we know.
std::optional<Format> format_of_extension(std::string_view ext);

// Encrypted as a whole; the reader of text says so.
std::optional<Identity> by_ciphertext(const Head& head);
// Magic bytes and the headers behind them.
std::optional<Identity> by_signature(const Head& head);
// "PK" at the start: what the member names (or the head's own) make of it.
std::optional<Identity> by_zip(const Head& head, std::string_view zip_names);

// nullopt: not text.
std::optional<Text> as_text(const Head& head);
// The same, around one stretch that is not.
std::optional<Text> as_damaged_text(const Head& head);
// Mail headers, mailbox separators. On raw bytes: a mail may hold anything below its headers.
std::optional<Identity> by_mail(const Head& head);
// Markup and other formats that are text with a fixed beginning.
std::optional<Identity> by_markup(const Head& head, const Text& text);
// Plain text of some kind; always answers.
Identity by_text(const Head& head, const Text& text);

}  // namespace gallra::identify

// The message catalogue: every text a person sees, Swedish and English, from messages/{sv,en}.txt
// ("key = text", one a line; both files hold the same keys; a test compares them).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "scanner/model/place.hpp"

namespace gallra {

enum class Lang : std::uint8_t { kSv, kEn };

// The text of `key`; the key itself when it is unknown (a test forbids that).
std::string_view text(Lang lang, std::string_view key);
// With {0}, {1} ... replaced in order; values are inserted as they are (escape them for their
// target first).
std::string text(Lang lang, std::string_view key, const std::vector<std::string>& values);
// As text(), with line breaks where the catalogue says \n.
std::string paragraph(Lang lang, std::string_view key);
// All keys, sorted.
std::vector<std::string_view> text_keys(Lang lang);

// "1 204" (sv, narrow no-break space) / "1,204" (en).
std::string number_text(Lang lang, std::uint64_t n);
// "98,7 %" / "98.7 %"
std::string percent_text(Lang lang, double fraction);
// "12 kB", "3,4 GB" (decimal units)
std::string bytes_text(Lang lang, std::uint64_t bytes);

// "rad 3", "blad Klienter, rad 4, kolumn 2" ...; the label made printable.
std::string place_text(Lang lang, const Place& place);

// What the system calls this errno, in words of ours; English falls back on the system's own.
std::string errno_text(Lang lang, int error);

// The known word that somebody may have meant; "" when none is near.
std::string nearest(std::string_view word, const std::vector<std::string>& known);
// " Did you mean ...?", to stand behind a sentence; "" when none is near.
std::string did_you_mean(Lang lang, std::string_view word, const std::vector<std::string>& known);

// Control characters, bidi marks and invalid UTF-8 made visible ("\u202E", U+FFFD), for terminals
// and logs.
std::string printable(std::string_view raw);

}  // namespace gallra

#include "scanner/extract/mail/encoded_words.hpp"

#include <algorithm>
#include <optional>

#include "scanner/extract/charset.hpp"
#include "scanner/extract/mail/headers.hpp"
#include "scanner/extract/mail/transfer.hpp"

namespace gallra::extract::mail {
namespace {

constexpr auto kNone = std::string_view::npos;
constexpr std::size_t kMaxCharset = 60;
// The standard allows 75 characters; some mailers put a whole subject into one word.
constexpr std::size_t kMaxWord = 4096;

// Line ends and the blanks after them become one blank.
std::string unfolded(std::string_view raw) {
  std::string out;
  bool fold = false;
  for (const char c : raw) {
    if (c == '\r' || c == '\n') {
      fold = true;
      continue;
    }
    if (fold && (c == ' ' || c == '\t')) continue;
    if (fold && !out.empty()) out.push_back(' ');
    fold = false;
    out.push_back(c);
  }
  const std::size_t begin = out.find_first_not_of(" \t");
  const std::size_t end = out.find_last_not_of(" \t");
  return begin == kNone ? std::string() : out.substr(begin, end - begin + 1);
}

struct Word {
  std::string charset;
  std::string bytes;
  std::size_t length = 0;  // as written
};

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

std::string decode_q(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escape = text[i] == '=' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 &&
                        hex_digit(text[i + 2]) >= 0;
    if (escape)
      out.push_back(static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2])));
    if (!escape) out.push_back(text[i] == '_' ? ' ' : text[i]);
    i += escape ? 2 : 0;
  }
  return out;
}

// The encoded word that `text` begins with: "=?charset*language?B?text?=".
std::optional<Word> take_word(std::string_view text) {
  if (!text.starts_with("=?")) return std::nullopt;
  text = text.substr(0, kMaxWord);
  const std::size_t first = text.find('?', 2);
  if (first == kNone || first == 2 || first > kMaxCharset || first + 2 >= text.size() ||
      text[first + 2] != '?')
    return std::nullopt;
  const std::size_t end = text.find("?=", first + 3);
  if (end == kNone) return std::nullopt;
  const char encoding = static_cast<char>(text[first + 1] | 0x20);
  // The standard has no '?' in a word; some mailers leave them in Q.
  if (encoding == 'b' && text.find('?', first + 3) != end) return std::nullopt;
  const std::string_view coded = text.substr(first + 3, end - first - 3);
  Word word;
  word.length = end + 2;
  word.charset = lower(text.substr(2, std::min(first, text.find('*', 2)) - 2));
  if (encoding == 'q') {
    word.bytes = decode_q(coded);
  } else if (encoding == 'b') {
    Base64Decoder decoder;
    decoder.add(coded, word.bytes);
    decoder.finish(word.bytes);
  } else {
    return std::nullopt;
  }
  return word;
}

}  // namespace

std::string header_text(std::string_view raw) {
  const std::string all = unfolded(raw);
  std::string out;
  std::string charset;  // of the words gathered
  std::string bytes;
  const auto flush = [&] {
    if (!bytes.empty()) out += decode_as(charset, bytes);
    bytes.clear();
  };
  std::string_view rest = all;
  bool after_word = false;
  while (!rest.empty()) {
    // Blanks between two encoded words are no text.
    const std::size_t word_at = rest.find_first_not_of(' ');
    const auto word = take_word(rest.substr(after_word && word_at != kNone ? word_at : 0));
    if (word) {
      if (after_word) rest.remove_prefix(word_at);
      if (word->charset != charset) flush();
      charset = word->charset;
      bytes += word->bytes;
      rest.remove_prefix(word->length);
      after_word = true;
      continue;
    }
    flush();
    after_word = false;
    const std::size_t next = std::min(rest.find("=?", 1), rest.size());
    out += decode_as("windows-1252", rest.substr(0, next));
    rest.remove_prefix(next);
  }
  flush();
  return out;
}

std::string encoded_parameter(std::string_view raw, std::string_view name) {
  const std::string all = unfolded(raw);
  const std::string key = lower(all);
  const std::string wanted = std::string(name) + '=';
  for (std::size_t at = key.find(wanted); at != kNone; at = key.find(wanted, at + 1)) {
    if (at == 0 || std::string_view("; \t").find(key[at - 1]) == kNone) continue;
    const std::size_t begin = at + wanted.size();
    const bool quoted = begin < all.size() && all[begin] == '"';
    const std::size_t end = quoted ? all.find('"', begin + 1) : all.find(';', begin);
    const std::size_t from = begin + (quoted ? 1 : 0);
    const std::string_view value =
        std::string_view(all).substr(from, end == kNone ? kNone : end - from);
    return value.find("=?") == kNone ? std::string() : header_text(value);
  }
  return {};
}

}  // namespace gallra::extract::mail

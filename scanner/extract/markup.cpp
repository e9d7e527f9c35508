#include "scanner/extract/markup.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <optional>

#include "scanner/extract/charset.hpp"
#include "scanner/extract/html_entities.hpp"
#include "scanner/extract/text_writer.hpp"

namespace gallra::extract {
namespace {

constexpr auto kNone = std::string_view::npos;
// A tag longer than this never closed its quote. Pictures as data: URIs reach some MiB.
constexpr std::size_t kMaxTagBytes = 32u << 20;
// "&#x10FFFF;" and every name fit; a '&' farther from the end is no cut entity.
constexpr std::size_t kLongestReference = 12;
// The declaration's encoding stands in the first line.
constexpr std::size_t kXmlHead = 256;

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f'; }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }
bool is_letter(char c) { return lower(c) >= 'a' && lower(c) <= 'z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool same(std::string_view a, std::string_view b, Dialect dialect) {
  if (dialect == Dialect::kXml) return a == b;
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view without_prefix(std::string_view name) {
  const std::size_t colon = name.rfind(':');
  return colon == kNone ? name : name.substr(colon + 1);
}

// A tag name begins so; everything else after '<' is text.
bool starts_name(char c, Dialect dialect) {
  if (is_letter(c)) return true;
  return dialect == Dialect::kXml &&
         (c == '_' || c == ':' || static_cast<unsigned char>(c) >= 0x80);
}

// Browsers read &#128; to &#159; as Windows-1252, whatever the standard of the day said.
std::uint32_t numeric_code(std::uint32_t code) {
  if (code < 0x80 || code > 0x9F) return code;
  std::string text;
  Decoder(Encoding::kCp1252).decode(std::string(1, static_cast<char>(code)), text, true);
  const auto byte = [&](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u;
  };
  return text.size() == 2 ? (byte(0) & 0x1F) << 6 | (byte(1) & 0x3F)
                          : (byte(0) & 0x0F) << 12 | (byte(1) & 0x3F) << 6 | (byte(2) & 0x3F);
}

// "&#229;" at the start of `raw`: appends the character, returns the length of the reference.
std::size_t numeric_reference(std::string& into, std::string_view raw) {
  const bool hex = raw.size() > 2 && lower(raw[2]) == 'x';
  const char* first = raw.data() + (hex ? 3 : 2);
  const char* end = raw.data() + raw.size();
  std::uint32_t code = 0;
  const auto [stop, error] = std::from_chars(first, end, code, hex ? 16 : 10);
  if (stop == first) return 0;
  if (error != std::errc()) code = 0;
  append_utf8(into, numeric_code(code));
  const auto length = static_cast<std::size_t>(stop - raw.data());
  return length + (stop != end && *stop == ';' ? 1 : 0);
}

std::size_t named_reference(std::string& into, std::string_view raw, Dialect dialect) {
  std::size_t length = 1;
  while (length < raw.size() && length <= kLongestEntity + 1 &&
         (is_letter(raw[length]) || is_digit(raw[length])))
    ++length;
  const bool ended = length < raw.size() && raw[length] == ';';
  const std::uint32_t whole = html_entity(raw.substr(1, length - 1));
  if (whole != 0 && (ended || dialect == Dialect::kHtml)) {
    append_utf8(into, whole);
    return length + (ended ? 1 : 0);
  }
  if (dialect == Dialect::kXml || ended) return 0;
  // "&aringsa": the characters of Latin-1 are known without their ';' by their beginning too.
  for (std::size_t n = length - 1; n > 2; --n) {
    const std::uint32_t code = html_entity(raw.substr(1, n - 1));
    if (code == 0 || code > 0xFF) continue;
    append_utf8(into, code);
    return n;
  }
  return 0;
}

// In an attribute "?a=1&copy=2" is a query, no sign.
bool is_query(std::string_view raw) {
  std::size_t end = 1;
  while (end < raw.size() && (is_letter(raw[end]) || is_digit(raw[end]))) ++end;
  return end < raw.size() && raw[end] == '=';
}

void append_references(std::string& into, std::string_view raw, Dialect dialect, bool attribute) {
  while (!raw.empty()) {
    const std::size_t at = raw.find('&');
    into.append(raw.substr(0, at));
    if (at == kNone) return;
    raw.remove_prefix(at);
    std::size_t used = 0;
    if (raw.size() > 2 && raw[1] == '#') {
      used = numeric_reference(into, raw);
    } else if (!attribute || !is_query(raw)) {
      used = named_reference(into, raw, dialect);
    }
    if (used == 0) into.push_back('&');
    raw.remove_prefix(std::max<std::size_t>(used, 1));
  }
}

}  // namespace

void append_decoded(std::string& into, std::string_view raw, Dialect dialect) {
  append_references(into, raw, dialect, false);
}

std::string_view Attribute::local() const { return without_prefix(name); }

std::string Attribute::value(Dialect dialect) const {
  std::string out;
  append_references(out, raw, dialect, true);
  return out;
}

bool AttributeReader::next(Attribute& into) {
  const auto ends_name = [](char c) { return is_space(c) || c == '=' || c == '/'; };
  const char* at = rest_.data();
  const char* const end = at + rest_.size();
  while (at != end && ends_name(*at)) ++at;
  const char* const name = at;
  while (at != end && !ends_name(*at)) ++at;
  into.name = std::string_view(name, static_cast<std::size_t>(at - name));
  into.raw = {};
  const char* value = at;
  while (value != end && is_space(*value)) ++value;
  if (value != end && *value == '=') {
    ++value;
    while (value != end && is_space(*value)) ++value;
    at = value;
    if (value != end && (*value == '"' || *value == '\'')) {
      ++value;
      at = static_cast<const char*>(
          std::memchr(value, value[-1], static_cast<std::size_t>(end - value)));
      if (at == nullptr) at = end;
      into.raw = std::string_view(value, static_cast<std::size_t>(at - value));
      if (at != end) ++at;
    } else {
      while (at != end && !is_space(*at)) ++at;
      into.raw = std::string_view(value, static_cast<std::size_t>(at - value));
    }
  }
  rest_ = std::string_view(at, static_cast<std::size_t>(end - at));
  return !into.name.empty();
}

Tag::Tag(std::string_view name, std::string_view attributes, Dialect dialect)
    : name_(name),
      local_(dialect == Dialect::kXml ? without_prefix(name) : name),
      attributes_(attributes),
      dialect_(dialect) {}

bool Tag::find(std::string_view local, Attribute& into) const {
  for (AttributeReader reader(attributes_); reader.next(into);)
    if (same(dialect_ == Dialect::kXml ? into.local() : into.name, local, dialect_)) return true;
  return false;
}

bool Tag::has(std::string_view local) const {
  Attribute attribute;
  return find(local, attribute);
}

std::string_view Tag::raw(std::string_view local) const {
  Attribute attribute;
  return find(local, attribute) ? attribute.raw : std::string_view{};
}

std::string Tag::value(std::string_view local) const {
  Attribute attribute;
  return find(local, attribute) ? attribute.value(dialect_) : std::string{};
}

// --- the tokenizer
// ---------------------------------------------------------------------------------

struct Tokenizer::State {
  enum class Mode : std::uint8_t { kText, kRawText, kComment, kCdata };
  // What a step made of the bytes in front of it.
  static constexpr std::size_t kNeedsMore = kNone;

  State(MarkupHandler& h, Dialect d) : handler(h), dialect(d) {}

  struct Quoted {
    std::size_t end = kNone;  // the closing quote, or where the tag ends
    bool tag_ends = false;
  };

  std::size_t run(std::string_view bytes, bool last);
  std::size_t step(std::string_view rest, bool last);
  std::size_t text(std::string_view rest, bool last);
  std::size_t raw_text(std::string_view rest, bool last);
  std::size_t until(std::string_view rest, std::string_view terminator, bool last);
  std::size_t markup(std::string_view rest, bool last);
  std::size_t declaration(std::string_view rest, bool last);
  std::size_t end_tag(std::string_view rest, bool last);
  std::size_t start_tag(std::string_view rest, bool last);
  std::size_t tag_end(std::string_view rest, bool last);
  Quoted quoted(std::string_view rest, std::size_t open, bool last);
  void deliver_tag(std::string_view inside);
  void deliver_text(std::string_view raw, bool decode);
  std::string_view fold(std::string_view name);
  std::uint32_t line_of(const char* position);

  MarkupHandler& handler;
  const Dialect dialect;
  Mode mode = Mode::kText;
  bool in_subset = false;  // between the brackets of a DOCTYPE
  bool damaged = false;
  std::int64_t depth = 0;  // XML elements open
  std::string raw_name;    // HTML: the element whose text holds no tags
  std::string name;        // the folded name being delivered
  std::string scratch;
  std::string carry;           // a token that is not complete yet
  std::size_t scan = 0;        // how far into it was looked already
  std::size_t quote_scan = 0;  // and how far for a closing quote
  // Lines are counted when somebody asks: `line` is that of `counted`.
  std::uint32_t line = 1;
  const char* counted = nullptr;
  const char* token = nullptr;
};

std::uint32_t Tokenizer::State::line_of(const char* position) {
  if (position > counted) {
    line += static_cast<std::uint32_t>(std::count(counted, position, '\n'));
    counted = position;
  }
  return line;
}

std::string_view Tokenizer::State::fold(std::string_view written) {
  if (dialect == Dialect::kXml) return written;
  name.resize(written.size());
  std::transform(written.begin(), written.end(), name.begin(), lower);
  return name;
}

void Tokenizer::State::deliver_text(std::string_view raw, bool decode) {
  if (raw.empty()) return;
  if (!decode || raw.find('&') == kNone) return handler.text(raw);
  scratch.clear();
  append_references(scratch, raw, dialect, false);
  handler.text(scratch);
}

namespace {

// Length of what may be delivered of a text that goes on: no half character, no half reference.
std::size_t whole_part(std::string_view text) {
  std::size_t end = text.size();
  const std::size_t near = end > kLongestReference ? end - kLongestReference : 0;
  const std::size_t amp = text.rfind('&');
  if (amp != kNone && amp >= near && text.find(';', amp) == kNone) return amp;
  std::size_t tail = 0;
  while (tail < 3 && tail < end &&
         (static_cast<unsigned char>(text[end - 1 - tail]) & 0xC0) == 0x80)
    ++tail;
  if (tail == end) return end;
  const auto lead = static_cast<unsigned char>(text[end - 1 - tail]);
  const std::size_t wants = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : lead >= 0xC0 ? 1 : 0;
  return wants > tail ? end - 1 - tail : end;
}

}  // namespace

std::size_t Tokenizer::State::text(std::string_view rest, bool last) {
  if (in_subset) {
    // Between an internal subset's declarations: white space, comments, "%name;".
    const std::size_t stop = std::min(rest.find_first_of("<]"), rest.size());
    if (stop > 0) handler.declaration(rest.substr(0, stop));
    if (stop > 0) return stop;
    if (rest[stop] == '<') return markup(rest, last);
    const std::size_t close = rest.find('>', stop);
    if (close == kNone && !last && rest.size() < kMaxTagBytes) return kNeedsMore;
    in_subset = false;
    return close == kNone ? stop + 1 : close + 1;
  }
  std::size_t stop = rest.find('<');
  if (stop == 0) return markup(rest, last);
  if (stop == kNone) {
    stop = last ? rest.size() : whole_part(rest);
    if (stop == 0) return kNeedsMore;
  }
  deliver_text(rest.substr(0, stop), true);
  return stop;
}

std::size_t Tokenizer::State::raw_text(std::string_view rest, bool last) {
  std::size_t stop = 0;
  while ((stop = rest.find("</", stop)) != kNone) {
    const std::size_t after = stop + 2 + raw_name.size();
    if (after >= rest.size()) break;
    if (same(rest.substr(stop + 2, raw_name.size()), raw_name, dialect) &&
        (is_space(rest[after]) || rest[after] == '>' || rest[after] == '/'))
      break;
    stop += 2;
  }
  const bool decode = raw_name == "title" || raw_name == "textarea";
  const bool found = stop != kNone && stop + 2 + raw_name.size() < rest.size();
  if (found) {
    deliver_text(rest.substr(0, stop), decode);
    mode = Mode::kText;
    return stop > 0 ? stop : end_tag(rest, last);
  }
  if (last) {
    deliver_text(rest, decode);
    return rest.size();
  }
  if (stop == kNone) stop = rest.ends_with('<') ? rest.size() - 1 : rest.size();
  stop = std::min(stop, whole_part(rest.substr(0, stop)));
  if (stop == 0) return kNeedsMore;
  deliver_text(rest.substr(0, stop), decode);
  return stop;
}

// Comments and CDATA are handed on as they come.
std::size_t Tokenizer::State::until(std::string_view rest, std::string_view terminator, bool last) {
  const std::size_t found = rest.find(terminator);
  std::size_t stop = found;
  if (found == kNone) {
    const std::size_t keep = last ? 0 : terminator.size() - 1;
    stop = rest.size() > keep ? rest.size() - keep : 0;
    if (!last) stop = whole_part(rest.substr(0, stop));
    damaged |= last;
    if (stop == 0 && !last) return kNeedsMore;
  }
  const std::string_view piece = rest.substr(0, stop);
  if (!piece.empty() && mode == Mode::kComment) handler.comment(piece);
  if (!piece.empty() && mode == Mode::kCdata) handler.text(piece);
  if (mode == Mode::kComment && (found != kNone || last)) handler.comment_end();
  if (found == kNone) return stop;
  mode = Mode::kText;
  return found + terminator.size();
}

std::size_t Tokenizer::State::markup(std::string_view rest, bool last) {
  constexpr std::string_view kCdataStart = "<![CDATA[";
  const auto may_become = [&](std::string_view whole) {
    return !last && rest.size() < whole.size() && whole.starts_with(rest);
  };
  if (may_become("<x") || may_become("<!--") || may_become(kCdataStart)) return kNeedsMore;
  if (rest.starts_with("<!--")) {
    mode = Mode::kComment;
    return 4;
  }
  if (rest.starts_with(kCdataStart)) {
    mode = Mode::kCdata;
    return kCdataStart.size();
  }
  const char next = rest.size() > 1 ? rest[1] : ' ';
  if (next == '!' || next == '?') return declaration(rest, last);
  if (next == '/') return end_tag(rest, last);
  if (starts_name(next, dialect)) return start_tag(rest, last);
  damaged |= dialect == Dialect::kXml;
  if (!in_subset) handler.text("<");
  return 1;
}

// "<?xml ...?>", "<!DOCTYPE ...>" and, inside the brackets, "<!ENTITY ...>". All end at the first
// '>': looking for more would cost a search to the end each, and what follows is handed on anyway.
std::size_t Tokenizer::State::declaration(std::string_view rest, bool last) {
  std::size_t stop = rest.find_first_of(in_subset ? ">" : ">[", std::max<std::size_t>(scan, 2));
  if (stop == kNone) {
    if (!last && rest.size() < kMaxTagBytes) {
      scan = rest.size();
      return kNeedsMore;
    }
    damaged = true;
    stop = rest.size();
  }
  std::string_view content = rest.substr(2, stop - 2);
  if (content.ends_with('?')) content.remove_suffix(1);
  if (!content.empty()) handler.declaration(content);
  if (stop < rest.size() && rest[stop] == '[') in_subset = true;
  return std::min(rest.size(), stop + 1);
}

std::size_t Tokenizer::State::end_tag(std::string_view rest, bool last) {
  std::size_t stop = rest.find_first_of("<>", std::max<std::size_t>(scan, 1));
  if (stop == kNone) {
    if (!last && rest.size() < kMaxTagBytes) {
      scan = rest.size();
      return kNeedsMore;
    }
    stop = rest.size();
  }
  const bool whole = stop < rest.size() && rest[stop] == '>';
  damaged |= !whole;
  std::string_view inside = rest.substr(2, stop - 2);
  while (!inside.empty() && is_space(inside.back())) inside.remove_suffix(1);
  if (dialect == Dialect::kHtml) inside = inside.substr(0, inside.find_first_of(" \t\r\n\f/"));
  if (!inside.empty()) {
    --depth;
    handler.close(dialect == Dialect::kXml ? without_prefix(inside) : fold(inside));
  }
  return whole ? stop + 1 : stop;
}

std::size_t Tokenizer::State::start_tag(std::string_view rest, bool last) {
  std::size_t stop = tag_end(rest, last || rest.size() >= kMaxTagBytes);
  if (stop == kNone) return kNeedsMore;
  const bool whole = stop < rest.size() && rest[stop] == '>';
  damaged |= !whole;
  deliver_tag(rest.substr(1, stop - 1));
  return whole ? stop + 1 : stop;
}

// Where the tag at the start of `rest` ends: at its '>', at a '<' that cannot be in it, or at the
// end. kNone: more bytes are needed; `scan` remembers how far it came.
std::size_t Tokenizer::State::tag_end(std::string_view rest, bool last) {
  for (std::size_t at = std::max<std::size_t>(scan, 1); at < rest.size(); ++at) {
    const char c = rest[at];
    if (c == '>' || c == '<') return at;
    if (c != '"' && c != '\'') continue;
    std::size_t before = at - 1;
    while (before > 0 && is_space(rest[before])) --before;
    if (rest[before] != '=') continue;  // an apostrophe in a value without quotes
    const Quoted value = quoted(rest, at, last);
    if (value.tag_ends) return value.end;
    scan = at;
    if (value.end == kNone) return kNone;
    at = value.end;
  }
  scan = rest.size();
  quote_scan = 0;
  return last ? rest.size() : kNone;
}

// From an opening quote to its closing one. A quote that lost its partner pairs with the first one
// of a later attribute; that is seen by what follows, and the tag then ends at its first '>'.
Tokenizer::State::Quoted Tokenizer::State::quoted(std::string_view rest, std::size_t open,
                                                  bool last) {
  const std::size_t close = rest.find(rest[open], std::max(open + 1, quote_scan));
  if (!last && (close == kNone || close + 1 == rest.size())) {
    quote_scan = close == kNone ? rest.size() : close;
    return {kNone, false};
  }
  quote_scan = 0;
  const bool lonely = close == kNone ||
                      (close + 1 < rest.size() && !is_space(rest[close + 1]) &&
                       rest[close + 1] != '/' && rest[close + 1] != '>' && rest[close + 1] != '?');
  if (!lonely) return {close, false};
  const std::string_view value = rest.substr(open, close == kNone ? kNone : close - open);
  const std::size_t stop = value.find('>');
  if (stop != kNone) return {open + stop, true};
  if (close == kNone) return {rest.size(), true};
  return {close, false};
}

void Tokenizer::State::deliver_tag(std::string_view inside) {
  const bool empty = dialect == Dialect::kXml && inside.ends_with('/');
  if (empty) inside.remove_suffix(1);
  const std::size_t end = std::min(inside.find_first_of(" \t\r\n\f/"), inside.size());
  const Tag tag(fold(inside.substr(0, end)), inside.substr(end), dialect);
  ++depth;
  if (dialect == Dialect::kHtml) {
    constexpr std::array<std::string_view, 5> kRaw = {"script", "style", "title", "textarea",
                                                      "xmp"};
    if (std::find(kRaw.begin(), kRaw.end(), tag.name()) != kRaw.end()) {
      raw_name = tag.name();
      mode = Mode::kRawText;
    }
  }
  handler.open(tag);
  if (!empty) return;
  --depth;
  handler.close(tag.local());
}

std::size_t Tokenizer::State::step(std::string_view rest, bool last) {
  switch (mode) {
    case Mode::kText:
      return text(rest, last);
    case Mode::kRawText:
      return raw_text(rest, last);
    case Mode::kComment:
      return until(rest, "-->", last);
    case Mode::kCdata:
      return until(rest, "]]>", last);
  }
  return kNeedsMore;
}

// Returns how many bytes were used up.
std::size_t Tokenizer::State::run(std::string_view bytes, bool last) {
  counted = bytes.data();
  std::size_t at = 0;
  while (at < bytes.size()) {
    token = bytes.data() + at;
    const std::size_t used = step(bytes.substr(at), last);
    if (used == kNeedsMore) break;
    at += used;
    scan = quote_scan = 0;
  }
  token = bytes.data() + at;
  line_of(token);
  return at;
}

Tokenizer::Tokenizer(MarkupHandler& handler, Dialect dialect)
    : state_(std::make_unique<State>(handler, dialect)) {}
Tokenizer::~Tokenizer() = default;

void Tokenizer::feed(std::string_view utf8, bool last) {
  State& s = *state_;
  if (s.carry.empty()) {
    s.carry = utf8.substr(s.run(utf8, last));
  } else {
    s.carry += utf8;
    s.carry.erase(0, s.run(s.carry, last));
  }
  s.counted = s.token = nullptr;
  if (last && s.dialect == Dialect::kXml && s.depth != 0) s.damaged = true;
}

std::uint32_t Tokenizer::line() const { return state_->line_of(state_->token); }
bool Tokenizer::damaged() const { return state_->damaged; }

// --- XML in any encoding
// ---------------------------------------------------------------------------

namespace {

// What <?xml ... encoding="..."?> says, "" when it says nothing.
std::string_view declared_encoding(std::string_view head) {
  if (!head.starts_with("<?xml")) return {};
  head = head.substr(0, head.find('>'));
  AttributeReader reader(head.substr(5));
  for (Attribute attribute; reader.next(attribute);)
    if (attribute.name == "encoding") return attribute.raw;
  return {};
}

}  // namespace

struct XmlFeed::State {
  explicit State(Tokenizer& t) : tokenizer(t) {}

  void decode(std::string_view bytes, bool last) {
    text.clear();
    decoder->decode(bytes, text, last);
    tokenizer.feed(text, last);
  }

  Tokenizer& tokenizer;
  std::string head;
  std::string text;
  std::optional<LabelledDecoder> decoder;
};

XmlFeed::XmlFeed(Tokenizer& tokenizer) : state_(std::make_unique<State>(tokenizer)) {}
XmlFeed::~XmlFeed() = default;

void XmlFeed::feed(std::string_view bytes, bool last) {
  State& s = *state_;
  if (s.decoder) return s.decode(bytes, last);
  s.head += bytes;
  if (s.head.size() < kXmlHead && !last) return;
  s.decoder.emplace(declared_encoding(s.head));
  s.decode(s.head, last);
  s.head = std::string();
}

bool tokenize_xml(std::string_view bytes, MarkupHandler& handler) {
  Tokenizer tokenizer(handler, Dialect::kXml);
  const bool plain = bytes.starts_with('<') && is_valid_utf8_fast(bytes) &&
                     bytes.substr(0, kXmlHead).find('\0') == kNone;
  if (plain) {
    tokenizer.feed(bytes, true);
  } else {
    XmlFeed(tokenizer).feed(bytes, true);
  }
  return !tokenizer.damaged();
}

}  // namespace gallra::extract

#include "scanner/extract/xml_reader.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include "scanner/extract/text_writer.hpp"

namespace gallra::extract {
namespace {

// A tag longer than this is damage, not markup (base64 pictures stand in text, not in attributes).
constexpr std::size_t kMaxTagBytes = 4 << 20;
// "&#x10FFFF;" and a little more.
constexpr std::size_t kMaxEntityBytes = 12;
constexpr std::size_t kSniffBytes = 128;

// windows-1252 0x80..0x9F; the rest of it is ISO-8859-1.
constexpr std::array<std::uint16_t, 32> kWindows1252 = {
    0x20AC, 0xFFFD, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0xFFFD, 0x017D, 0xFFFD, 0xFFFD, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0xFFFD, 0x017E, 0x0178};

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

std::string_view local_name(std::string_view name) {
  const std::size_t colon = name.rfind(':');
  return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

// Appends what `entity` (between & and ;) stands for; false when it is none of XML's own.
bool append_entity(std::string& into, std::string_view entity) {
  struct Named {
    std::string_view name;
    char value;
  };
  static constexpr Named kNamed[] = {
      {"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}};
  for (const Named& named : kNamed) {
    if (entity != named.name) continue;
    into.push_back(named.value);
    return true;
  }
  if (entity.size() < 2 || entity[0] != '#') return false;
  const bool hex = entity[1] == 'x' || entity[1] == 'X';
  std::uint32_t code = 0;
  for (const char c : entity.substr(hex ? 2 : 1)) {
    const int digit = c >= '0' && c <= '9'          ? c - '0'
                      : hex && c >= 'a' && c <= 'f' ? c - 'a' + 10
                      : hex && c >= 'A' && c <= 'F' ? c - 'A' + 10
                                                    : -1;
    if (digit < 0 || code > 0x10FFFF) return false;
    code = code * (hex ? 16 : 10) + static_cast<std::uint32_t>(digit);
  }
  append_utf8(into, code);
  return true;
}

void append_resolved(std::string& into, std::string_view raw) {
  while (!raw.empty()) {
    const std::size_t amp = raw.find('&');
    into += raw.substr(0, amp);
    if (amp == std::string_view::npos) return;
    raw.remove_prefix(amp);
    const std::size_t end = raw.substr(0, kMaxEntityBytes).find(';');
    if (end != std::string_view::npos && append_entity(into, raw.substr(1, end - 1))) {
      raw.remove_prefix(end + 1);
    } else {
      into.push_back('&');
      raw.remove_prefix(1);
    }
  }
}

}  // namespace

bool XmlAttributes::raw_next(std::size_t& next, std::string_view& name,
                             std::string_view& value) const {
  while (next < raw_.size() && (is_space(raw_[next]) || raw_[next] == '/')) ++next;
  if (next >= raw_.size()) return false;
  const std::size_t start = next;
  while (next < raw_.size() && raw_[next] != '=' && !is_space(raw_[next])) ++next;
  name = raw_.substr(start, next - start);
  while (next < raw_.size() && is_space(raw_[next])) ++next;
  value = {};
  if (next >= raw_.size() || raw_[next] != '=') return true;
  ++next;
  while (next < raw_.size() && is_space(raw_[next])) ++next;
  if (next >= raw_.size()) return true;
  const char quote = raw_[next];
  if (quote != '"' && quote != '\'') return true;
  const std::size_t end = std::min(raw_.find(quote, next + 1), raw_.size());
  value = raw_.substr(next + 1, end - next - 1);
  next = std::min(end + 1, raw_.size());
  return true;
}

bool XmlAttributes::each(std::size_t& next, std::string_view& name, std::string& value) const {
  std::string_view raw;
  if (!raw_next(next, name, raw)) return false;
  value.clear();
  append_resolved(value, raw);
  return true;
}

std::string XmlAttributes::get(std::string_view local) const {
  std::size_t next = 0;
  std::string_view name;
  std::string_view raw;
  std::string value;
  while (raw_next(next, name, raw)) {
    if (local_name(name) != local || name.starts_with("xmlns")) continue;
    append_resolved(value, raw);
    break;
  }
  return value;
}

bool XmlAttributes::has(std::string_view local) const {
  std::size_t next = 0;
  std::string_view name;
  std::string_view raw;
  while (raw_next(next, name, raw))
    if (local_name(name) == local && !name.starts_with("xmlns")) return true;
  return false;
}

void XmlReader::decide_encoding() {
  const auto starts = [&](std::string_view mark) { return pending_.starts_with(mark); };
  using namespace std::string_view_literals;
  if (starts("\xFF\xFE"sv) || starts("<\0"sv)) {
    encoding_ = Encoding::kUtf16Le;
  } else if (starts("\xFE\xFF"sv) || starts("\0<"sv)) {
    encoding_ = Encoding::kUtf16Be;
  } else {
    std::string declaration = pending_.substr(0, std::min(pending_.find('>'), kSniffBytes));
    for (char& c : declaration)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    const bool eight_bit = declaration.find("iso-8859-1") != std::string::npos ||
                           declaration.find("windows-1252") != std::string::npos;
    encoding_ = starts("<?xml") && eight_bit ? Encoding::kLatin1 : Encoding::kUtf8;
  }
}

void XmlReader::convert(std::string_view bytes, std::string& into) {
  if (encoding_ == Encoding::kLatin1) {
    for (const char c : bytes) {
      const auto byte = static_cast<unsigned char>(c);
      append_utf8(into, byte >= 0x80 && byte < 0xA0 ? kWindows1252[byte - 0x80u] : byte);
    }
    return;
  }
  // UTF-16; what is left of a pair waits in pending_.
  pending_ += bytes;
  const bool big = encoding_ == Encoding::kUtf16Be;
  const auto unit = [&](std::size_t at) {
    const auto first = static_cast<unsigned char>(pending_[at]);
    const auto second = static_cast<unsigned char>(pending_[at + 1]);
    return static_cast<std::uint32_t>(big ? first << 8 | second : second << 8 | first);
  };
  std::size_t at = 0;
  for (; at + 1 < pending_.size(); at += 2) {
    std::uint32_t code = unit(at);
    if (code >= 0xD800 && code < 0xDC00) {
      if (at + 3 >= pending_.size()) break;
      const std::uint32_t low = unit(at + 2);
      if (low >= 0xDC00 && low < 0xE000) {
        code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
        at += 2;
      }
    }
    if (code != 0xFEFF) append_utf8(into, code);
  }
  pending_.erase(0, at);
}

void XmlReader::feed(std::string_view bytes) {
  std::string first;
  if (encoding_ == Encoding::kUnknown) {
    pending_ += bytes;
    if (pending_.size() < kSniffBytes) return;  // finish() takes shorter documents
    decide_encoding();
    first.swap(pending_);
    bytes = first;
  }
  if (encoding_ == Encoding::kUtf8 && buffer_.empty()) {
    buffer_ = bytes.substr(parse(bytes, false));
    return;
  }
  if (encoding_ == Encoding::kUtf8) buffer_ += bytes;
  if (encoding_ != Encoding::kUtf8) convert(bytes, buffer_);
  buffer_.erase(0, parse(buffer_, false));
}

bool XmlReader::finish() {
  if (encoding_ == Encoding::kUnknown && !pending_.empty()) {
    decide_encoding();
    std::string all;
    all.swap(pending_);
    if (encoding_ == Encoding::kUtf8) buffer_ = all;
    if (encoding_ != Encoding::kUtf8) convert(all, buffer_);
  }
  parse(buffer_, true);
  buffer_.clear();
  return any_ && depth_ <= 0 && state_ == State::kText;
}

std::size_t XmlReader::parse(std::string_view bytes, bool last) {
  std::size_t at = 0;
  while (at < bytes.size()) {
    const std::string_view rest = bytes.substr(at);
    std::size_t used = 0;
    if (state_ == State::kCdata) {
      used = parse_until(rest, "]]>", last);
    } else if (state_ == State::kComment) {
      used = parse_until(rest, "-->", last);
    } else if (rest[0] == '<') {
      used = parse_markup(rest, last);
    } else {
      used = parse_text(rest, last);
    }
    if (used == 0) break;
    at += used;
  }
  return at;
}

std::size_t XmlReader::parse_text(std::string_view rest, bool last) {
  std::size_t end = rest.find('<');
  if (end == std::string_view::npos) {
    end = rest.size();
    // An entity may be cut at the end of this piece.
    const std::size_t amp = rest.rfind('&');
    const bool open =
        amp != std::string_view::npos && rest.find(';', amp) == std::string_view::npos;
    if (!last && open && rest.size() - amp < kMaxEntityBytes) end = amp;
  }
  if (end > 0) emit(rest.substr(0, end));
  return end;
}

void XmlReader::emit(std::string_view raw) {
  if (raw.find('&') == std::string_view::npos) return events_.text(raw);
  scratch_.clear();
  append_resolved(scratch_, raw);
  events_.text(scratch_);
}

// Inside CDATA or a comment, up to `end`; both may be longer than any buffer.
std::size_t XmlReader::parse_until(std::string_view rest, std::string_view end, bool last) {
  const std::size_t found = rest.find(end);
  std::size_t content = found;
  if (found == std::string_view::npos)
    content = last ? rest.size() : rest.size() - std::min(rest.size(), end.size() - 1);
  if (state_ == State::kCdata && content > 0) events_.text(rest.substr(0, content));
  if (found == std::string_view::npos) return content;
  state_ = State::kText;
  return found + end.size();
}

// At '<'. 0 = not all of it is here yet.
std::size_t XmlReader::parse_markup(std::string_view rest, bool last) {
  constexpr std::string_view kCdata = "<![CDATA[";
  constexpr std::string_view kComment = "<!--";
  const auto begins = [&](std::string_view mark) { return rest.starts_with(mark); };
  const auto may_begin = [&](std::string_view mark) {
    return !last && rest.size() < mark.size() && mark.starts_with(rest);
  };
  if (may_begin(kCdata) || may_begin(kComment)) return 0;
  if (begins(kCdata)) {
    state_ = State::kCdata;
    return kCdata.size();
  }
  if (begins(kComment)) {
    state_ = State::kComment;
    return kComment.size();
  }
  // A document type may hold declarations in brackets; none of them is wanted.
  const bool doctype = begins("<!");
  int brackets = 0;
  char quote = 0;
  const std::size_t limit = std::min(rest.size(), kMaxTagBytes);
  for (std::size_t i = 1; i < limit; ++i) {
    const char c = rest[i];
    if (quote != 0) {
      if (c == quote) quote = 0;
      if (c != '<' || doctype) continue;
    }
    if (c == '<' && !doctype) return i;  // never legal inside a tag: the tag before is damaged
    if (c == '"' || c == '\'') quote = c;
    if (c == '[') ++brackets;
    if (c == ']') --brackets;
    if (c != '>' || (doctype && brackets > 0)) continue;
    if (!doctype && rest[1] != '?') tag(rest.substr(1, i - 1));
    return i + 1;
  }
  return last || rest.size() >= kMaxTagBytes ? 1 : 0;
}

void XmlReader::tag(std::string_view inside) {
  const bool closing = inside.starts_with('/');
  const bool empty = !closing && inside.ends_with('/');
  if (closing) inside.remove_prefix(1);
  if (empty) inside.remove_suffix(1);
  std::size_t end = 0;
  while (end < inside.size() && !is_space(inside[end])) ++end;
  const std::string_view name = local_name(inside.substr(0, end));
  if (name.empty()) return;
  any_ = true;
  if (!closing) {
    ++depth_;
    events_.open(name, XmlAttributes(inside.substr(end)));
  }
  if (closing || empty) {
    --depth_;
    events_.close(name);
  }
}

bool read_xml(std::string_view bytes, XmlEvents& events) {
  XmlReader reader(events);
  reader.feed(bytes);
  return reader.finish();
}

}  // namespace gallra::extract

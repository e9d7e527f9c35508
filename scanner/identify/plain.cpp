// Kinds of text: markup, JSON, tables, logs, source; by content where content tells, else by name.
#include <algorithm>
#include <array>
#include <cctype>
#include <vector>

#include "scanner/identify/parts.hpp"

namespace gallra::identify {
namespace {

using namespace std::string_view_literals;

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

bool starts_with_folded(std::string_view text, std::string_view lower) {
  if (text.size() < lower.size()) return false;
  for (std::size_t i = 0; i < lower.size(); ++i) {
    const char c = text[i] >= 'A' && text[i] <= 'Z' ? static_cast<char>(text[i] + 32) : text[i];
    if (c != lower[i]) return false;
  }
  return true;
}

std::string_view skip_space(std::string_view text) {
  const auto at = std::find_if_not(text.begin(), text.end(), is_space);
  text.remove_prefix(static_cast<std::size_t>(at - text.begin()));
  return text;
}

// --- markup ---

std::string tag_name(std::string_view text) {  // after the '<'
  std::string name;
  for (const char c : text.substr(0, 128)) {
    const auto u = static_cast<unsigned char>(c);
    if (std::isalnum(u) == 0 && c != ':' && c != '-' && c != '_' && c != '.' && u < 0x80) break;
    name += static_cast<char>(std::tolower(u));
  }
  return !name.empty() && (std::isdigit(static_cast<unsigned char>(name[0])) != 0 ||
                           name[0] == '-' || name[0] == '.')
             ? std::string()
             : name;
}

bool is_html_root(std::string_view tag) {
  static constexpr std::array<std::string_view, 9> kTags{
      "html", "head", "body", "meta", "title", "style", "script", "table", "frameset"};
  return std::find(kTags.begin(), kTags.end(), tag) != kTags.end();
}

bool is_html_tag(std::string_view tag) {
  static constexpr std::array<std::string_view, 26> kTags{
      "div",  "p",    "span", "font",   "center", "a",   "b",    "i",      "u",
      "br",   "hr",   "h1",   "h2",     "h3",     "h4",  "ul",   "ol",     "li",
      "form", "link", "base", "strong", "img",    "nav", "main", "section"};
  return is_html_root(tag) || std::find(kTags.begin(), kTags.end(), tag) != kTags.end();
}

struct Prolog {
  bool declared = false;  // <?xml
  bool html = false;      // <!DOCTYPE html
  bool doctype = false;
  std::string root;
  std::string_view rest;  // from the root's '<'
};

Prolog read_prolog(std::string_view text) {
  Prolog prolog;
  const auto skip_past = [&](std::string_view end) {
    const std::size_t at = text.find(end);
    text.remove_prefix(at == std::string_view::npos ? text.size() : at + end.size());
  };
  for (;;) {
    text = skip_space(text);
    if (text.starts_with("<?xml")) {
      prolog.declared |= text.size() > 5 && is_space(text[5]);
      skip_past("?>");
    } else if (text.starts_with("<?") && prolog.declared) {
      skip_past("?>");
    } else if (text.starts_with("<!--")) {
      skip_past("-->");
    } else if (starts_with_folded(text, "<!doctype")) {
      prolog.doctype = true;
      const std::string_view name = skip_space(text.substr(9));
      prolog.html = starts_with_folded(name, "html");
      skip_past(">");
    } else {
      break;
    }
  }
  prolog.rest = text;
  if (text.starts_with('<')) prolog.root = tag_name(text.substr(1));
  return prolog;
}

std::optional<Identity> markup(const Head& head, std::string_view narrow) {
  if (!narrow.starts_with('<')) return std::nullopt;
  const Prolog prolog = read_prolog(narrow);
  const auto html = [](std::string why) {
    return Identity{Format::kHtml, "text/html", std::move(why)};
  };
  const auto xml = [](std::string why) {
    return Identity{Format::kXml, "application/xml", std::move(why)};
  };
  if (prolog.html) return html("<!DOCTYPE html");
  if (prolog.root == "html") return html("root element <html>");
  if (prolog.declared) return xml("<?xml declaration");
  if (is_html_root(prolog.root)) return html("first element <" + prolog.root + ">");
  const auto promised = head.promised;
  if (promised == Format::kHtml && (is_html_tag(prolog.root) || prolog.root.empty()))
    return html("starts with '<'; name ." + head.ext);
  if (prolog.root.empty()) return std::nullopt;
  const bool closes = prolog.rest.find("</") != std::string_view::npos ||
                      prolog.rest.find("/>") != std::string_view::npos;
  if (is_html_tag(prolog.root)) {
    if (closes || prolog.rest.find("<br>") != std::string_view::npos)
      return html("first element <" + prolog.root + ">");
    return std::nullopt;
  }
  if (prolog.doctype || promised == Format::kXml || closes ||
      prolog.rest.find("xmlns") != std::string_view::npos)
    return xml("root element <" + prolog.root + ">");
  return std::nullopt;
}

// --- JSON ---

// Checks the grammar over the bytes at hand, without recursion. Values at the top must be objects
// or arrays; several of them make JSON lines.
class Json {
 public:
  explicit Json(std::string_view text) : text_(text) {}

  bool fits(bool whole) {
    text_ = skip_space(text_);
    if (text_.empty() || (text_[0] != '{' && text_[0] != '[')) return false;
    while (skip_blanks()) {
      if (open_.empty() && want_ == kValue && text_[at_] != '{' && text_[at_] != '[') return false;
      if (!step()) return false;
      if (cut_) return !whole;
      if (open_.size() > kMaxDepth) return true;
    }
    return open_.empty() ? want_ == kValue || want_ == kAfter : !whole;
  }

 private:
  enum Want { kValue, kValueOrEnd, kKey, kKeyOrEnd, kColon, kAfter };
  static constexpr std::size_t kMaxDepth = 1000;

  bool skip_blanks() {
    while (at_ < text_.size() && is_space(text_[at_])) ++at_;
    return at_ < text_.size();
  }

  bool step() {
    const char c = text_[at_];
    switch (want_) {
      case kColon:
        want_ = kValue;
        ++at_;
        return c == ':';
      case kKeyOrEnd:
        if (c == '}') return close(c);
        [[fallthrough]];
      case kKey:
        want_ = kColon;
        return c == '"' && string();
      case kAfter:
        return after(c);
      case kValueOrEnd:
        if (c == ']') return close(c);
        [[fallthrough]];
      case kValue:
        return value(c);
    }
    return false;
  }

  bool after(char c) {
    if (open_.empty()) {  // JSON lines
      want_ = kValue;
      return c == '{' || c == '[';
    }
    if (c != ',') return close(c);
    ++at_;
    want_ = open_.back() == '{' ? kKey : kValue;
    return true;
  }

  bool close(char c) {
    if (open_.empty() || c != (open_.back() == '{' ? '}' : ']')) return false;
    open_.pop_back();
    ++at_;
    want_ = kAfter;
    return true;
  }

  bool value(char c) {
    if (c == '{' || c == '[') {
      open_ += c;
      ++at_;
      want_ = c == '{' ? kKeyOrEnd : kValueOrEnd;
      return true;
    }
    want_ = kAfter;
    if (c == '"') return string();
    const std::size_t end = std::min(text_.find_first_of(",]}: \t\r\n", at_), text_.size());
    const std::string_view word = text_.substr(at_, end - at_);
    at_ = end;
    if (end == text_.size()) cut_ = true;
    if (c == '-' || (c >= '0' && c <= '9'))
      return word.find_first_not_of("0123456789+-.eE") == std::string_view::npos;
    for (const std::string_view literal : {"true"sv, "false"sv, "null"sv})
      if (word == literal || (cut_ && literal.starts_with(word))) return true;
    return false;
  }

  bool string() {
    for (++at_; at_ < text_.size(); ++at_) {
      if (text_[at_] == '\\') {
        ++at_;
      } else if (text_[at_] == '"') {
        ++at_;
        return true;
      } else if (text_[at_] == '\n') {
        return false;
      }
    }
    cut_ = true;
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::string open_;  // a '{' or '[' for each level
  Want want_ = kValue;
  bool cut_ = false;  // the bytes ended within a token
};

// --- tables ---

struct Shape {
  std::size_t records = 0;
  std::size_t per_record = 0;  // delimiters, the same in every record
  bool only_at_end = true;     // each record ends in its only delimiter, as code does with ';'
  bool always_at_start = true;
};

// Counts a delimiter in each record, outside quotes. nullopt when the records differ.
std::optional<Shape> table_shape(std::string_view text, char delimiter, bool whole) {
  static constexpr std::size_t kMaxRecords = 50;
  Shape shape;
  std::size_t count = 0;
  std::size_t begin = 0;
  bool quoted = false;
  for (std::size_t i = 0; i <= text.size() && shape.records < kMaxRecords; ++i) {
    const bool end = i == text.size();
    if (end && (!whole || begin == i)) break;  // the last record is cut off, or empty
    const char c = end ? '\n' : text[i];
    if (c == '"') quoted = !quoted;
    if (quoted && !end) continue;
    if (c == delimiter) ++count;
    if (c != '\n') continue;
    if (end && quoted) return std::nullopt;
    std::string_view record = text.substr(begin, i - begin);
    begin = i + 1;
    if (!record.empty() && record.back() == '\r') record.remove_suffix(1);
    if (record.empty()) continue;
    if (count == 0 || (shape.records > 0 && count != shape.per_record)) return std::nullopt;
    shape.per_record = count;
    shape.only_at_end &= count == 1 && record.back() == delimiter;
    shape.always_at_start &= record.front() == delimiter;
    ++shape.records;
    count = 0;
  }
  return shape.records > 0 ? std::optional(shape) : std::nullopt;
}

std::optional<std::string> table(std::string_view text, bool whole) {
  for (const char delimiter : {'\t', ';', '|', ','}) {
    const auto shape = table_shape(text, delimiter, whole);
    if (!shape || shape->records < 3 || shape->only_at_end || shape->always_at_start) continue;
    // Commas stand in sentences and in timestamps too.
    if (delimiter == ',' &&
        (shape->per_record < 2 || (shape->per_record == 2 && shape->records < 5)))
      continue;
    const std::string name = delimiter == '\t' ? "tab" : std::string("'") + delimiter + "'";
    return std::to_string(shape->records) + " lines with " + std::to_string(shape->per_record) +
           " x " + name + " each";
  }
  return std::nullopt;
}

// --- logs ---

bool is_log_line(std::string_view line) {
  static constexpr std::array<std::string_view, 14> kLevels{
      "INFO",   "WARN",    "ERROR",  "DEBUG",    "TRACE",   "FATAL",  "NOTICE",
      "[info]", "[error]", "[warn]", "[notice]", "HTTP/1.", "HTTP/2", "]: "};
  const std::string_view start = line.substr(0, 200);
  const std::size_t digits = static_cast<std::size_t>(std::count_if(
      start.begin(),
      start.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(start.size(), 30)),
      [](char c) { return c >= '0' && c <= '9'; }));
  return digits >= 6 && std::any_of(kLevels.begin(), kLevels.end(), [&](std::string_view level) {
           return start.find(level) != std::string_view::npos;
         });
}

bool is_log(std::string_view text) {
  std::size_t lines = 0;
  std::size_t hits = 0;
  while (!text.empty() && lines < 40) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (end > 0) {
      ++lines;
      hits += is_log_line(text.substr(0, end)) ? 1 : 0;
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines >= 3 && hits * 4 >= lines * 3;
}

std::string_view media_of(Format format) {
  switch (format) {
    case Format::kCsv:
      return "text/csv";
    case Format::kJson:
      return "application/json";
    case Format::kMarkdown:
      return "text/markdown";
    default:
      return "text/plain";
  }
}

}  // namespace

std::optional<Identity> by_markup(const Head& head, const Text& text) {
  const std::string_view narrow = skip_space(text.narrow);
  if (narrow.starts_with("{\\rtf"))
    return Identity{Format::kRtf, "text/rtf", "{\\rtf behind white space"};
  if (starts_with_folded(narrow, "begin:vcard"))
    return Identity{Format::kVcard, "text/vcard", "BEGIN:VCARD"};
  if (starts_with_folded(narrow, "begin:vcalendar"))
    return Identity{Format::kIcalendar, "text/calendar", "BEGIN:VCALENDAR"};
  auto identity = markup(head, narrow);
  if (identity && text.encoding.starts_with("UTF-")) identity->why += "; " + text.encoding;
  return identity;
}

Identity by_text(const Head& head, const Text& text) {
  const auto answer = [&](Format format, const std::string& because) {
    return Identity{format, std::string(media_of(format)),
                    "text: " + text.encoding + (because.empty() ? "" : "; " + because)};
  };
  const auto promised = head.promised;
  const std::string by_name = "name ." + head.ext;
  const std::string_view narrow = text.narrow;
  if (narrow.starts_with("#!")) return answer(Format::kSource, "starts with #!");
  if (narrow.starts_with("<?php")) return answer(Format::kSource, "starts with <?php");
  if (promised == Format::kSource) return answer(Format::kSource, by_name);
  if (Json(narrow).fits(head.whole())) return answer(Format::kJson, "reads as JSON");
  if (promised == Format::kJson) {
    const std::string_view start = skip_space(narrow);  // with comments or commas too many
    if (start.starts_with('{') || start.starts_with('[') || start.starts_with("//") ||
        start.starts_with("/*"))
      return answer(Format::kJson, by_name);
  } else if (promised && is_plain(*promised) && *promised != Format::kText) {
    return answer(*promised, by_name);
  }
  if (promised != Format::kText && is_log(narrow))
    return answer(Format::kLog, "lines with times and levels");
  if (const auto shape = table(narrow, head.whole())) return answer(Format::kCsv, *shape);
  return answer(Format::kText, promised == Format::kText ? by_name : "");
}

}  // namespace gallra::identify

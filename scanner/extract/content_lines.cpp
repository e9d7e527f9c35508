#include "scanner/extract/content_lines.hpp"

#include <algorithm>
#include <fmt/core.h>

#include "scanner/extract/charset.hpp"
#include "scanner/extract/plain_text.hpp"
#include "scanner/extract/text_writer.hpp"

namespace gallra::extract {
namespace {

// A picture in a card reaches some MiB; a longer line is handed on in part.
constexpr std::size_t kMostLine = 32u << 20;
constexpr std::size_t kMostName = 100;
constexpr std::size_t kMostParameters = 100;
constexpr std::size_t kMostProperties = 60;  // of one record; then it goes on its way
constexpr std::size_t kMostRecord = 64u << 10;

char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; }

std::string upper(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](char c) { return upper(c); });
  return out;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  c = upper(c);
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

std::string quoted_printable(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escape = text[i] == '=' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 &&
                        hex_digit(text[i + 2]) >= 0;
    out.push_back(escape ? static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]))
                         : text[i]);
    i += escape ? 2 : 0;
  }
  return out;
}

std::string base64(std::string_view text) {
  std::string out;
  std::uint32_t bits = 0;
  int have = 0;
  for (const char c : text) {
    constexpr std::string_view kSigns =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const std::size_t value = kSigns.find(c);
    if (value == std::string_view::npos) continue;
    bits = bits << 6 | static_cast<std::uint32_t>(value);
    have += 6;
    if (have < 8) continue;
    have -= 8;
    out.push_back(static_cast<char>(bits >> have & 0xFF));
  }
  return out;
}

// The colon that ends name and parameters: not one inside quotes.
std::size_t value_colon(std::string_view line) {
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '"') quoted = !quoted;
    if (line[i] == ':' && !quoted) return i;
  }
  return line.find(':');
}

void read_parameters(std::string_view text, ContentLine& into) {
  while (!text.empty() && into.parameters.size() < kMostParameters) {
    std::size_t end = 0;
    for (bool quoted = false; end < text.size() && (quoted || text[end] != ';'); ++end)
      if (text[end] == '"') quoted = !quoted;
    const std::string_view one = text.substr(0, end);
    const std::size_t equals = one.find('=');
    std::string value(equals == std::string_view::npos ? one : one.substr(equals + 1));
    value.erase(std::remove(value.begin(), value.end(), '"'), value.end());
    into.parameters.emplace_back(
        equals == std::string_view::npos ? std::string() : upper(one.substr(0, equals)),
        std::move(value));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

bool parse(std::string_view line, ContentLine& into) {
  const std::size_t colon = value_colon(line);
  if (colon == std::string_view::npos) return false;
  std::string_view head = line.substr(0, colon);
  const std::size_t semicolon = std::min(head.find(';'), head.size());
  std::string_view name = head.substr(0, semicolon);
  name.remove_prefix(name.rfind('.') + 1);  // npos + 1 == 0
  if (name.empty() || name.size() > kMostName) return false;
  into.name = upper(name);
  into.parameters.clear();
  if (semicolon < head.size()) read_parameters(head.substr(semicolon + 1), into);
  const std::string_view value = line.substr(colon + 1);
  std::string encoding = upper(into.parameter("ENCODING"));
  for (const auto& [key, word] : into.parameters)
    if (key.empty() && (upper(word) == "QUOTED-PRINTABLE" || upper(word) == "BASE64"))
      encoding = upper(word);
  into.binary = encoding == "B" || encoding == "BASE64";
  if (into.binary) {
    into.value = base64(value);
  } else if (encoding == "QUOTED-PRINTABLE") {
    into.value = valid_utf8(decode_as(into.parameter("CHARSET"), quoted_printable(value)));
  } else {
    into.value = value;
  }
  return true;
}

bool is_quoted_printable(std::string_view line) {
  line = line.substr(0, 1024);  // name and parameters
  const std::string head = upper(line.substr(0, std::min(line.find(':'), line.size())));
  return head.find("QUOTED-PRINTABLE") != std::string::npos;
}

// Gathers folded lines.
class Unfolder {
 public:
  explicit Unfolder(const std::function<void(const ContentLine&)>& use) : use_(use) {}

  void line(std::string_view text) {
    ++line_;
    const bool folded = !text.empty() && (text[0] == ' ' || text[0] == '\t');
    const bool soft = held_.ends_with('=') && is_quoted_printable(held_);
    if ((folded || soft) && !held_.empty() && held_.size() < kMostLine) {
      if (soft) held_.pop_back();
      held_ += folded && !soft ? text.substr(1) : text;
      return;
    }
    finish();
    held_ = text;
    held_line_ = line_;
  }
  void finish() {
    ContentLine parsed;
    parsed.line = held_line_;
    if (parse(held_, parsed)) {
      use_(parsed);
    } else if (!is_blank(held_)) {
      // No property, yet somebody's text.
      parsed.name.clear();
      parsed.value = held_;
      use_(parsed);
    }
    held_.clear();
  }

 private:
  const std::function<void(const ContentLine&)>& use_;
  std::string held_;
  std::uint32_t line_ = 0;
  std::uint32_t held_line_ = 1;
};

}  // namespace

std::string_view ContentLine::parameter(std::string_view wanted) const {
  for (const auto& [key, parameter_value] : parameters)
    if (key == wanted) return parameter_value;
  return {};
}

Outcome read_content_lines(const Source& source,
                           const std::function<void(const ContentLine&)>& use) {
  PlainText input(source);
  Unfolder unfolder(use);
  std::string text;
  const auto take = [&](bool last) {
    std::size_t from = 0;
    for (std::size_t end; (end = text.find('\n', from)) != std::string::npos; from = end + 1)
      unfolder.line(std::string_view(text).substr(from, end - from));
    // A line without end is cut, so that it is not looked through again with each piece.
    if ((last && from < text.size()) || text.size() - from > kMostLine) {
      unfolder.line(std::string_view(text).substr(from));
      from = text.size();
    }
    text.erase(0, from);
  };
  while (input.next(text)) take(false);
  take(true);
  unfolder.finish();
  return input.outcome();
}

std::string unescaped(std::string_view value) {
  std::string out;
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (value[i] != '\\' || i + 1 == value.size()) {
      out.push_back(value[i]);
      continue;
    }
    ++i;
    out.push_back(value[i] == 'n' || value[i] == 'N' ? '\n' : value[i]);
  }
  return out;
}

std::vector<std::string> components(std::string_view value) {
  std::vector<std::string> out;
  std::size_t from = 0;
  for (std::size_t i = 0; i <= value.size() && out.size() < kMostParameters; ++i) {
    if (i < value.size() && value[i] == '\\') {
      ++i;
      continue;
    }
    if (i < value.size() && value[i] != ';') continue;
    out.push_back(unescaped(value.substr(from, i - from)));
    from = i + 1;
  }
  return out;
}

std::string iso_day(std::string_view value) {
  std::string digits;
  for (const char c : value) {
    if (c >= '0' && c <= '9') digits.push_back(c);
    if (digits.size() == 8 || (c != '-' && (c < '0' || c > '9'))) break;
  }
  if (digits.size() != 8) return {};
  return fmt::format("{}-{}-{}", digits.substr(0, 4), digits.substr(4, 2), digits.substr(6, 2));
}

void PropertyRecord::add(std::string_view label, std::string_view text, std::uint32_t line) {
  if (is_blank(text)) return;
  if (bytes_ + text.size() > kMostRecord) flush();
  bytes_ += text.size();
  for (Property& property : properties_)
    if (property.label == label) {
      property.text += '\n';
      property.text += text;
      return;
    }
  if (properties_.size() >= kMostProperties) flush();
  properties_.push_back({std::string(label), std::string(text), line});
}

void PropertyRecord::flush() {
  for (const Property& property : properties_) {
    const std::string text = valid_utf8(property.text);
    sink_.text({{PlaceKind::kField, property.line, 0, valid_utf8(property.label)},
                Layout::kRecord,
                false,
                text,
                offset_});
    offset_ += text.size();
  }
  properties_.clear();
  bytes_ = 0;
}

void send_attachment(ExtractSink& sink, const ContentLine& line, std::uint32_t ordinal) {
  Member member;
  member.kind = MemberKind::kAttachment;
  member.ordinal = ordinal;
  member.size = line.value.size();
  for (const std::string_view parameter : {"FILENAME", "X-FILENAME", "X-APPLE-FILENAME"})
    if (member.name.empty()) member.name = line.parameter(parameter);
  if (member.name.empty())
    member.name =
        fmt::format("{}-{}", line.name == "ATTACH" ? "attachment" : "picture", ordinal + 1);
  sink.member(member);
  sink.member_bytes(std::as_bytes(std::span(line.value)));
  sink.member_end(Outcome::read());
}

}  // namespace gallra::extract

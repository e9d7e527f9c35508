// Mail told by its headers, mailboxes by their "From " lines.
#include <algorithm>
#include <array>
#include <set>

#include "scanner/identify/parts.hpp"

namespace gallra::identify {
namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return out;
}

template <std::size_t N>
bool among(const std::array<std::string_view, N>& list, std::string_view name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

// Names that a person may write above a memo too ...
constexpr std::array<std::string_view, 12> kMailNames{
    "from",     "to",     "cc",         "bcc",          "subject",      "date",
    "reply-to", "sender", "importance", "thread-topic", "content-type", "content-disposition"};
// ... and names that only programs write.
constexpr std::array<std::string_view, 16> kProgramNames{
    "received",         "return-path",
    "message-id",       "mime-version",
    "delivered-to",     "x-mailer",
    "user-agent",       "dkim-signature",
    "references",       "in-reply-to",
    "thread-index",     "content-transfer-encoding",
    "x-originating-ip", "authentication-results",
    "x-received",       "arc-seal"};

struct Headers {
  std::set<std::string> names;  // of mail, lower case
  std::size_t by_programs = 0;
  bool date_with_time = false;
  bool clean = true;  // every line is a header, up to the blank line or the end of the head

  bool has(const char* name) const { return names.contains(name); }
};

std::string_view take_line(std::string_view& rest) {
  const std::size_t end = std::min(rest.find_first_of("\r\n"), rest.size());
  const std::string_view line = rest.substr(0, end);
  std::size_t next = end;
  if (rest.substr(end).starts_with("\r\n"))
    next += 2;
  else if (end < rest.size())
    next += 1;
  rest.remove_prefix(next);
  return line;
}

Headers read_headers(std::string_view rest, bool whole) {
  Headers headers;
  for (bool first = true; !rest.empty(); first = false) {
    const std::string_view line = take_line(rest);
    if (line.empty()) break;
    if ((line.front() == ' ' || line.front() == '\t') && !first) continue;
    const std::size_t colon = line.find(':');
    const bool is_header =
        colon != std::string_view::npos && colon > 0 && colon < 78 &&
        std::all_of(line.begin(), line.begin() + static_cast<std::ptrdiff_t>(colon),
                    [](char c) { return c > ' ' && c < 0x7f; });
    if (!is_header) {
      if (first && (line.starts_with("From ") || line.starts_with(">From "))) continue;
      headers.clean = rest.empty() && !whole;  // the head may end within a line
      break;
    }
    const std::string name = lower(line.substr(0, colon));
    const bool by_program = among(kProgramNames, name);
    if (!by_program && !among(kMailNames, name)) continue;
    if (headers.names.insert(name).second && by_program) ++headers.by_programs;
    const std::string_view value = line.substr(colon + 1);
    if (name == "date")
      headers.date_with_time = value.find(':') != std::string_view::npos &&
                               value.find_first_of("0123456789") != std::string_view::npos;
  }
  return headers;
}

bool is_mail(const Headers& headers, std::string_view ext) {
  const std::size_t n = headers.names.size();
  if (!headers.clean) return headers.by_programs >= 1 && n >= 3;
  if (headers.by_programs >= 1 && n >= 2) return true;
  if (headers.has("from") && headers.date_with_time &&
      (headers.has("to") || headers.has("subject")))
    return true;
  static constexpr std::array<std::string_view, 5> kMailExtensions{"eml", "emlx", "mht", "mhtml",
                                                                   "nws"};
  return among(kMailExtensions, ext) && n >= 1;
}

}  // namespace

std::optional<Identity> by_mail(const Head& head) {
  std::string_view b = head.bytes;
  if (b.starts_with("\xef\xbb\xbf")) b.remove_prefix(3);
  while (!b.empty() && (b.front() == '\n' || b.front() == '\r')) b.remove_prefix(1);
  if (head.ext == "emlx") {  // Apple Mail writes the length of the mail on a line of its own
    std::string_view rest = b;
    const std::string_view line = take_line(rest);
    if (!line.empty() && line.find_first_not_of("0123456789 ") == std::string_view::npos) b = rest;
  }
  if (b.starts_with("From ")) {
    std::string_view rest = b;
    const std::string_view line = take_line(rest);
    const Headers headers = read_headers(rest, head.whole());
    const bool dated = line.find(':') != std::string_view::npos &&
                       line.find_first_of("0123456789") != std::string_view::npos;
    const std::size_t n = headers.names.size();
    if (headers.by_programs >= 1 || (dated && n >= 1) || n >= 2 || (head.ext == "mbox" && n >= 1))
      return Identity{Format::kMbox, "application/mbox",
                      "\"From \" line with mail headers behind it"};
    return std::nullopt;
  }
  const Headers headers = read_headers(b, head.whole());
  if (!is_mail(headers, head.ext)) return std::nullopt;
  std::string why = "mail headers:";
  for (const std::string& name : headers.names) why += ' ' + name;
  return Identity{Format::kEml, "message/rfc822", why};
}

}  // namespace gallra::identify

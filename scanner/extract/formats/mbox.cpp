// mbox and MMDF mailboxes: finds where each message begins and ends and hands the messages on as
// ranges of the file. Nothing is copied and memory stays the same whatever the size.
//
// A message begins at a "From " line that looks like a postmark (RFC 4155): after an empty line,
// with a date. Writers that forget to quote put "From " lines into bodies, writers that die leave
// no empty line, and some leave out the date; then the headers of the next line decide.
// Content-Length (mboxcl) is never trusted: after one edit it is wrong.
#include <algorithm>
#include <array>
#include <cstring>
#include <fmt/core.h>
#include <string>
#include <string_view>
#include <vector>

#include "scanner/extract/extractor.hpp"

namespace gallra::extract {
namespace {

constexpr std::size_t kBufferBytes = 1u << 20;  // large enough that system calls cost nothing
constexpr std::size_t kLineStart = 64;          // bytes of a line that decide what it may be
constexpr std::size_t kPostmarkBytes = 1024;    // a postmark and the start of the next line
constexpr std::string_view kFrom = "From ";
constexpr std::string_view kMmdf = "\x01\x01\x01\x01";

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_alpha(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
bool all_of(std::string_view s, bool (*test)(char)) {
  return std::all_of(s.begin(), s.end(), test);
}

// "9:05", "10:00:00"
bool is_time(std::string_view word) {
  const std::size_t colon = word.find(':');
  return (colon == 1 || colon == 2) && all_of(word.substr(0, colon), is_digit) &&
         word.size() >= colon + 3 && is_digit(word[colon + 1]) && is_digit(word[colon + 2]);
}

bool is_year(std::string_view word) {
  return word.size() == 4 && all_of(word, is_digit) &&
         (word.starts_with("19") || word.starts_with("20"));
}

bool is_day_number(std::string_view word) {
  return !word.empty() && word.size() <= 2 && all_of(word, is_digit);
}

// "2015-01-31", "2015/01/31T10:00"
bool is_iso_day(std::string_view word) {
  return word.size() >= 10 && is_year(word.substr(0, 4)) && (word[4] == '-' || word[4] == '/') &&
         word[7] == word[4] && is_digit(word[5]) && is_digit(word[8]);
}

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  std::size_t at = 0;
  while (at < line.size()) {
    while (at < line.size() && is_space(line[at])) ++at;
    const std::size_t begin = at;
    while (at < line.size() && !is_space(line[at])) ++at;
    std::string_view word = line.substr(begin, at - begin);
    if (word.ends_with(',')) word.remove_suffix(1);
    if (!word.empty()) words.push_back(word);
  }
  return words;
}

// A date with a time of day: "Thu Jan  1 10:00:00 2015", "tor jan 1 10:00 CET 2015",
// "Thu, 1 Jan 2015 10:00:00 +0100", "2015-01-01 10:00". Names of days are in any language.
bool has_date(std::string_view line) {
  const auto words = words_of(line);
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (is_iso_day(words[i])) return true;
    if (!is_time(words[i])) continue;
    const std::size_t first = i < 4 ? 0 : i - 4;
    const std::size_t last = std::min(words.size(), i + 4);
    bool month = false;
    bool day = false;
    bool year = false;
    for (std::size_t k = first; k < last; ++k) {
      month = month || (k < i && words[k].size() == 3 && all_of(words[k], is_alpha));
      day = day || (k < i && is_day_number(words[k]));
      year = year || is_year(words[k]);
    }
    if (month && day && year) return true;
  }
  return false;
}

// Headers that machines write first in a message and people never in a letter.
bool begins_with_transport_header(std::string_view line) {
  static constexpr std::array<std::string_view, 9> kNames = {
      "return-path:",  "received:", "delivered-to:", "message-id:",    "mime-version:",
      "content-type:", "x-",        "status:",       "dkim-signature:"};
  const auto same = [&](std::string_view name) {
    return line.size() >= name.size() &&
           std::equal(name.begin(), name.end(), line.begin(), [](char a, char b) {
             return a == (b >= 'A' && b <= 'Z' ? static_cast<char>(b + 32) : b);
           });
  };
  return std::any_of(kNames.begin(), kNames.end(), same);
}

class Mailbox {
 public:
  Mailbox(const ExtractRequest& request, ExtractSink& sink) : request_(request), sink_(sink) {}

  Outcome read();

 private:
  void detect_style();
  Outcome scan();
  // The line beginning at `at`, whose first bytes are `start`.
  void line(std::uint64_t at, std::string_view start);
  std::string_view bytes_from(std::uint64_t from, std::span<char> spare) const;
  bool begins_message(std::uint64_t at);
  void close_message(std::uint64_t end);
  bool is_blank(std::uint64_t begin, std::uint64_t end) const;

  const ExtractRequest& request_;
  ExtractSink& sink_;
  bool mmdf_ = false;
  char line_end_ = '\n';
  std::uint64_t begin_ = 0;  // of the message being looked through
  bool quoted_ = false;      // a ">From " line was seen in it
  std::uint64_t count_ = 0;
  std::string_view window_;  // what of the mailbox is in memory
  std::uint64_t window_at_ = 0;
};

void Mailbox::detect_style() {
  std::string head(std::size_t{64} << 10, '\0');
  const auto n = request_.source.read(0, std::as_writable_bytes(std::span(head)));
  head.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
  mmdf_ = head.starts_with(kMmdf);
  // Mailboxes of the old Mac end their lines with CR alone.
  const bool has_lf = head.find('\n') != std::string::npos;
  line_end_ = !has_lf && head.find('\r') != std::string::npos ? '\r' : '\n';
}

bool Mailbox::is_blank(std::uint64_t begin, std::uint64_t end) const {
  std::array<char, kLineStart> bytes{};
  if (end - begin > bytes.size()) return false;  // nobody's mailbox begins with so many line ends
  const auto n = request_.source.read(
      begin,
      std::as_writable_bytes(std::span(bytes.data(), static_cast<std::size_t>(end - begin))));
  return n <= 0 || all_of({bytes.data(), static_cast<std::size_t>(n)}, is_space);
}

void Mailbox::close_message(std::uint64_t end) {
  if (end <= begin_ || is_blank(begin_, end)) return;
  const std::uint64_t ordinal = count_++;
  if (ordinal >= request_.limits.max_members || ordinal < request_.first_member) return;
  Member member;
  member.kind = MemberKind::kMail;
  member.content = Member::Content::kRange;
  member.name = fmt::format("message-{}", ordinal + 1);
  member.ordinal = static_cast<std::uint32_t>(ordinal);
  member.offset = begin_;
  member.size = end - begin_;
  member.format_hint = Format::kEml;
  member.mbox_quoted = quoted_;
  sink_.member(member);
  sink_.member_end(Outcome::read());
}

// The bytes from `from` on, as many as a decision needs; out of the buffer where they stand there.
std::string_view Mailbox::bytes_from(std::uint64_t from, std::span<char> spare) const {
  if (from >= window_at_ && from + spare.size() <= window_at_ + window_.size())
    return window_.substr(static_cast<std::size_t>(from - window_at_), spare.size());
  const auto n = request_.source.read(from, std::as_writable_bytes(spare));
  return {spare.data(), n > 0 ? static_cast<std::size_t>(n) : 0};
}

bool Mailbox::begins_message(std::uint64_t at) {
  const std::uint64_t from = at < 3 ? 0 : at - 3;
  std::array<char, kPostmarkBytes> spare{};
  const std::string_view all = bytes_from(from, spare);
  const std::size_t skip = static_cast<std::size_t>(at - from);
  if (all.size() <= skip) return false;
  const std::string_view before = all.substr(0, skip);
  const std::size_t stop = all.find(line_end_, skip);
  if (stop == std::string_view::npos && from + all.size() < request_.source.size) return false;
  const std::string_view postmark =
      all.substr(skip, stop == std::string_view::npos ? stop : stop - skip);
  const std::string_view next =
      stop == std::string_view::npos ? std::string_view() : all.substr(stop + 1);
  const bool after_empty_line = before.ends_with("\n\n") || before.ends_with("\n\r\n") ||
                                before.ends_with("\r\r") || is_blank(begin_, at);
  const int evidence = static_cast<int>(after_empty_line) + static_cast<int>(has_date(postmark)) +
                       static_cast<int>(begins_with_transport_header(next));
  return evidence >= 2;
}

void Mailbox::line(std::uint64_t at, std::string_view start) {
  if (start.front() == '>') {
    const std::size_t unquoted = start.find_first_not_of('>');
    quoted_ = quoted_ ||
              (unquoted != std::string_view::npos && start.substr(unquoted).starts_with(kFrom));
  } else if (mmdf_ && start.starts_with(kMmdf)) {
    close_message(at);
    std::size_t length = kMmdf.size();
    while (length < start.size() && (start[length] == '\r' || start[length] == '\n')) ++length;
    begin_ = at + length;
    quoted_ = false;
  } else if (!mmdf_ && start.starts_with(kFrom) && begins_message(at)) {
    close_message(at);
    begin_ = at;
    quoted_ = false;
  }
}

// The whole mailbox once, line starts only.
Outcome Mailbox::scan() {
  std::string buffer(kBufferBytes, '\0');
  std::uint64_t base = 0;  // where the buffer stands in the mailbox
  std::size_t held = 0;    // bytes in it
  bool line_start = true;  // the next byte begins a line
  while (true) {
    const auto n =
        request_.source.read(base + held, std::as_writable_bytes(std::span(buffer).subspan(held)));
    if (n < 0) return Outcome::in_part(Reason::kIoError);
    held += static_cast<std::size_t>(n);
    window_ = std::string_view(buffer.data(), held);
    window_at_ = base;
    std::size_t at = 0;
    while (at < held) {
      if (line_start) {
        if (held - at < kLineStart && n != 0) break;  // see more of it first
        line(base + at, window_.substr(at, kLineStart));
      }
      const void* end = std::memchr(buffer.data() + at, line_end_, held - at);
      line_start = end != nullptr;
      at = line_start ? static_cast<std::size_t>(static_cast<const char*>(end) - buffer.data()) + 1
                      : held;
    }
    std::memmove(buffer.data(), buffer.data() + at, held - at);
    base += at;
    held -= at;
    if (n == 0) break;
  }
  close_message(base);
  return base < request_.source.size ? Outcome::in_part(Reason::kChangedWhileRead)
                                     : Outcome::read();
}

Outcome Mailbox::read() {
  detect_style();
  Outcome outcome = scan();
  // Those below first_member were delivered by the run that this one resumes.
  const std::uint64_t within = std::min<std::uint64_t>(count_, request_.limits.max_members);
  sink_.mailbox(
      {.folder = request_.name, .expected = count_, .read = within, .failed = count_ - within});
  if (count_ > request_.limits.max_members)
    return Outcome::in_part(Reason::kTooManyMembers,
                            fmt::format("{} of {} messages", request_.limits.max_members, count_));
  if (outcome.kind == OutcomeKind::kReadInPart && count_ == 0) outcome.kind = OutcomeKind::kNotRead;
  return outcome;
}

Outcome extract_mbox(const ExtractRequest& request, ExtractSink& sink) {
  return Mailbox(request, sink).read();
}

}  // namespace

extern const ExtractorEntry extractor_mbox;
const ExtractorEntry extractor_mbox = {
    .name = "mbox", .formats = {Format::kMbox}, .jailed = true, .extract = extract_mbox};

}  // namespace gallra::extract

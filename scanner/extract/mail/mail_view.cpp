#include "scanner/extract/mail/mail_view.hpp"

#include <algorithm>
#include <cstring>
#include <string_view>

namespace gallra::extract::mail {
namespace {

constexpr std::size_t kHeadBytes = 64u << 10;
// 16 bytes of memory each. Beyond it (a mail of nothing but such lines) the quotes stay in the
// text.
constexpr std::size_t kMaxCuts = 1u << 20;
// Mailing lists and spam filters reach 50 KiB. A parser spends 40 bytes of memory on each byte.
constexpr std::uint64_t kMaxHeaderBytes = 1u << 20;
constexpr std::string_view kFrom = "From ";

bool is_blank_line(std::string_view line) {
  return line.find_first_not_of(" \t\r") == std::string_view::npos;
}

// The first line of Apple Mail's .emlx: how many bytes the mail has.
bool is_byte_count(std::string_view line) {
  return line.size() < 24 && line.find_first_not_of("0123456789 \r") == std::string_view::npos;
}

}  // namespace

MailView::MailView(const Source& source, bool mbox_quoted) : source_(source) {
  skip_what_stands_before();
  quotes_from_ = begin_;
  cut_headers();
  if (mbox_quoted) find_quotes();
  size_ = source_.size - begin_ - (cuts_.empty() ? 0 : cuts_.back().skipped);
}

void MailView::skip_what_stands_before() {
  std::string head(std::min<std::uint64_t>(kHeadBytes, source_.size), '\0');
  const auto n = source_.read(0, std::as_writable_bytes(std::span(head)));
  head.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
  cr_line_ends_ = head.find('\n') == std::string::npos && head.find('\r') != std::string::npos;
  if (cr_line_ends_) std::replace(head.begin(), head.end(), '\r', '\n');
  std::string_view rest = head;
  if (rest.starts_with("\xEF\xBB\xBF")) rest.remove_prefix(3);
  while (!rest.empty()) {
    const std::size_t end = rest.find('\n');
    if (end == std::string_view::npos) break;
    std::string_view line = rest.substr(0, end);
    const bool quoted = line.starts_with(">From ");
    if (quoted) line.remove_prefix(1);
    if (line.starts_with(kFrom)) {
      if (line.ends_with('\r')) line.remove_suffix(1);
      postmark_ = line;
    } else if (!is_blank_line(line) && !is_byte_count(line)) {
      break;
    }
    rest.remove_prefix(end + 1);
  }
  begin_ = static_cast<std::uint64_t>(rest.data() - head.data());
}

void MailView::leave_out(std::uint64_t position, std::uint64_t length) {
  const std::uint64_t before = cuts_.empty() ? 0 : cuts_.back().skipped;
  cuts_.push_back({position - begin_ - before, before + length});
}

// Headers end at the first empty line. Past the limit they are left out up to it.
void MailView::cut_headers() {
  if (source_.size - begin_ <= kMaxHeaderBytes) return;
  const std::uint64_t limit = begin_ + kMaxHeaderBytes;
  const char line_end = cr_line_ends_ ? '\r' : '\n';
  std::string buffer(kHeadBytes, '\0');
  std::uint64_t base = begin_;
  std::uint64_t line = begin_;   // where the current line starts
  std::uint64_t whole = begin_;  // end of the last line within the limit
  bool empty = true;             // the current line, so far
  for (;;) {
    const auto n = source_.read(base, std::as_writable_bytes(std::span(buffer)));
    if (n <= 0) break;
    for (std::size_t i = 0; i < static_cast<std::size_t>(n); ++i) {
      if (buffer[i] != line_end) {
        empty = empty && buffer[i] == '\r';
        continue;
      }
      if (empty && line <= limit) return;
      if (empty) return cut_headers_at(whole, line);
      line = base + i + 1;
      empty = true;
      if (line <= limit) whole = line;
    }
    base += static_cast<std::uint64_t>(n);
  }
  cut_headers_at(whole, source_.size);
}

void MailView::cut_headers_at(std::uint64_t from, std::uint64_t to) {
  headers_cut_ = true;
  // A first line longer than the limit keeps its beginning and its line end.
  if (from == begin_) {
    from = begin_ + kMaxHeaderBytes;
    --to;
  }
  leave_out(from, to - from);
  quotes_from_ = to;
}

// Quoted are lines of one or more '>' and "From "; one '>' goes (mboxrd; mboxo never has more).
void MailView::find_quotes() {
  const char line_end = cr_line_ends_ ? '\r' : '\n';
  std::string buffer(kHeadBytes, '\0');
  std::uint64_t base = quotes_from_;
  std::uint64_t line = base;  // where the current line starts
  enum class At { kStart, kQuotes, kFrom, kRest } state = At::kStart;
  std::size_t matched = 0;
  while (cuts_.size() < kMaxCuts) {
    const auto n = source_.read(base, std::as_writable_bytes(std::span(buffer)));
    if (n <= 0) return;
    const auto got = static_cast<std::size_t>(n);
    for (std::size_t i = 0; i < got; ++i) {
      const char c = buffer[i];
      if (c == line_end) {
        state = At::kStart;
        line = base + i + 1;
      } else if (state == At::kStart || state == At::kQuotes) {
        matched = 1;
        state = c == '>'                                     ? At::kQuotes
                : state == At::kQuotes && c == kFrom.front() ? At::kFrom
                                                             : At::kRest;
      } else if (state == At::kFrom) {
        if (c != kFrom[matched++]) state = At::kRest;
        if (state == At::kFrom && matched == kFrom.size()) {
          leave_out(line, 1);
          state = At::kRest;
        }
      } else {
        const void* end = std::memchr(buffer.data() + i, line_end, got - i);
        if (end == nullptr) break;
        i = static_cast<std::size_t>(static_cast<const char*>(end) - buffer.data()) - 1;
      }
    }
    base += got;
  }
}

std::int64_t MailView::read(std::uint64_t at, std::span<char> into) const {
  if (at >= size_) return 0;
  const auto next =
      std::upper_bound(cuts_.begin(), cuts_.end(), at,
                       [](std::uint64_t pos, const Cut& cut) { return pos < cut.at; });
  const std::uint64_t from = begin_ + at + (next == cuts_.begin() ? 0 : std::prev(next)->skipped);
  std::uint64_t want = std::min<std::uint64_t>(into.size(), size_ - at);
  if (next != cuts_.end()) want = std::min(want, next->at - at);
  const auto n =
      source_.read(from, std::as_writable_bytes(into.first(static_cast<std::size_t>(want))));
  if (n > 0 && cr_line_ends_)
    std::replace(into.begin(), into.begin() + static_cast<std::ptrdiff_t>(n), '\r', '\n');
  return n;
}

}  // namespace gallra::extract::mail

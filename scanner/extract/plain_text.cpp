#include "scanner/extract/plain_text.hpp"

#include <algorithm>
#include <cstring>
#include <fmt/core.h>
#include <unistd.h>

namespace gallra::extract {
namespace {

// Large enough to be cheap, small enough to stay in the cache until it is matched.
constexpr std::size_t kBlockBytes = 256u << 10;
// Read ahead when the first words beyond ASCII say too little about the encoding.
constexpr std::size_t kAheadBytes = 64u << 10;
// A word of ordinary text ends within this; a line without blanks is cut anywhere.
constexpr std::size_t kWordReach = 4096;

bool all_zero(std::string_view bytes) {
  return bytes[0] == '\0' && std::memcmp(bytes.data(), bytes.data() + 1, bytes.size() - 1) == 0;
}

}  // namespace

PlainText::PlainText(const Source& source, Encoding declared)
    : source_(source), block_(kBlockBytes), decoder_(declared) {
  decoder_.on_doubt([this] {
    std::string ahead(kAheadBytes, '\0');
    const auto n = source_.read(at_, std::as_writable_bytes(std::span(ahead)));
    ahead.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
    return ahead;
  });
}

bool PlainText::next(std::string& out) {
  skipped_ = false;
  while (!ended_) {
    const auto n = source_.read(at_, std::as_writable_bytes(std::span(block_)));
    failed_ = n < 0;
    const std::string_view bytes(block_.data(), n > 0 ? static_cast<std::size_t>(n) : 0);
    if (bytes.size() == kBlockBytes && all_zero(bytes)) {
      at_ += bytes.size();
      skipped_ = true;
      skip_zeros();
      continue;
    }
    at_ += bytes.size();
    ended_ = bytes.size() < kBlockBytes;
    const std::size_t from = out.size();
    decoder_.decode(bytes, out, ended_);
    normalise_line_ends(out, from);
    return !ended_ || out.size() > from;
  }
  return false;
}

// A hole of a sparse file costs one system call instead of its length.
bool PlainText::skip_zeros() {
  const off_t here = static_cast<off_t>(source_.offset + at_);
  const off_t data = ::lseek(source_.fd, here, SEEK_DATA);
  if (data <= here) return false;
  const std::uint64_t to = static_cast<std::uint64_t>(data) - source_.offset;
  at_ = std::min(to & ~std::uint64_t{3}, source_.size);  // keeps the beat of UTF-16 and UTF-32
  return true;
}

void PlainText::normalise_line_ends(std::string& out, std::size_t from) {
  if (out.size() == from) return;
  if (after_return_ && out[from] == '\n') out.erase(from, 1);
  after_return_ = !out.empty() && out.size() > from && out.back() == '\r';
  std::size_t read = out.find('\r', from);
  if (read == std::string::npos) return;
  char* const data = out.data();
  const std::size_t size = out.size();
  std::size_t write = read;
  while (read < size) {
    data[write++] = '\n';
    ++read;
    if (read < size && data[read] == '\n') ++read;
    const auto* next = static_cast<const char*>(std::memchr(data + read, '\r', size - read));
    const std::size_t end = next == nullptr ? size : static_cast<std::size_t>(next - data);
    std::memmove(data + write, data + read, end - read);
    write += end - read;
    read = end;
  }
  out.resize(write);
}

Outcome PlainText::outcome() const {
  if (!failed_) return Outcome::read();
  if (at_ == 0) return Outcome::not_read(Reason::kIoError);
  return Outcome::in_part(Reason::kIoError, fmt::format("byte {}", at_));
}

bool holds_garbage(std::string_view text) {
  constexpr std::size_t kNear = 64;
  // White space, backspace, DOS end of file, escape and the record separator of JSON sequences.
  constexpr std::uint32_t kUsual = 1u << '\b' | 1u << '\t' | 1u << '\n' | 1u << '\v' | 1u << '\f' |
                                   1u << '\r' | 1u << 0x1a | 1u << 0x1b | 1u << 0x1e;
  std::size_t last = 0;
  std::size_t run = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto byte = static_cast<unsigned char>(text[at]);
    if (byte >= 0x20 || (kUsual >> byte & 1) != 0) continue;
    run = run > 0 && at - last < kNear / 2 ? run + 1 : 1;
    last = at;
    if (run >= 3) return true;
  }
  return false;
}

std::uint64_t count_lines(std::string_view text) {
  // Bytes side by side; 255 rounds fit into one byte each.
  using Bytes = std::uint8_t __attribute__((vector_size(16)));
  std::uint64_t lines = 0;
  std::size_t at = 0;
  while (at + 16 <= text.size()) {
    Bytes sum{};
    const std::size_t end = std::min(text.size() - 15, at + 16 * 255);
    for (; at < end; at += 16) {
      Bytes block;
      std::memcpy(&block, text.data() + at, sizeof block);
      sum -= reinterpret_cast<Bytes>(block == '\n');
    }
    for (std::size_t i = 0; i < 16; ++i) lines += sum[i];
  }
  return lines + static_cast<std::uint64_t>(
                     std::count(text.begin() + static_cast<std::ptrdiff_t>(at), text.end(), '\n'));
}

std::size_t cut_after_line(std::string_view text) {
  const std::size_t line = text.rfind('\n');
  if (line != std::string_view::npos) return line + 1;
  const std::size_t near = text.size() > kWordReach ? text.size() - kWordReach : 0;
  const std::size_t blank = text.find_last_of(" \t,;");
  if (blank != std::string_view::npos && blank >= near) return blank + 1;
  std::size_t end = text.size();
  while (end > 1 && end + 3 > text.size() &&
         (static_cast<unsigned char>(text[end - 1]) & 0xC0) == 0x80)
    --end;
  // `end` is now behind a lead byte or an ASCII byte; keep a whole last character.
  if (end > 1 && static_cast<unsigned char>(text[end - 1]) >= 0xC0 &&
      utf8_length(text, end - 1) != text.size() - (end - 1))
    return end - 1;
  return text.size();
}

}  // namespace gallra::extract

#include "scanner/extract/mail/body_text.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "scanner/extract/mail/transfer.hpp"

namespace gallra::extract::mail {
namespace {

constexpr std::size_t kFlushBytes = 256u << 10;   // enough to tell a charset by
constexpr std::size_t kMaxLineBytes = 64u << 10;  // longer ones are passed on in pieces
constexpr std::size_t kMaxCharacterBytes = 16;    // a few characters of any charset
constexpr std::string_view kPgpBegin = "-----BEGIN PGP MESSAGE-----";
constexpr std::string_view kPgpEnd = "-----END PGP MESSAGE-----";

}  // namespace

void BodyText::add(std::string_view bytes) {
  while (!bytes.empty()) {
    const std::size_t end = bytes.find('\n');
    if (end == std::string_view::npos) {
      partial_ += bytes;
      if (partial_.size() >= kMaxLineBytes) {
        line(partial_, false);
        line_was_cut_ = true;
        partial_.clear();
      }
      return;
    }
    partial_ += bytes.substr(0, end);
    if (partial_.ends_with('\r')) partial_.pop_back();
    line(partial_, true);
    line_was_cut_ = false;
    partial_.clear();
    ++line_;
    bytes.remove_prefix(end + 1);
  }
}

void BodyText::finish() {
  if (!partial_.empty()) line(partial_, true);
  partial_.clear();
  if (!uu_begin_.empty()) give_back_begin_line();
  if (inside_ == Inside::kUuencode)
    receiver_.attachment_end(Outcome::in_part(Reason::kCorrupt, "ends before its last line"));
  if (inside_ == Inside::kPgp) receiver_.attachment_end(Outcome::not_read(Reason::kEncrypted));
  inside_ = Inside::kText;
  flush();
}

void BodyText::line(std::string_view line, bool whole) {
  if (!line_was_cut_ && takes_attachment_line(line)) return;
  text_line(line, whole);
}

// True when the line belongs to an attachment.
bool BodyText::takes_attachment_line(std::string_view line) {
  if (inside_ == Inside::kPgp) {
    if (!line.starts_with(kPgpEnd)) return true;
    receiver_.attachment_end(Outcome::not_read(Reason::kEncrypted));
    inside_ = Inside::kText;
    return true;
  }
  if (!uu_begin_.empty()) {
    if (const auto first = uu_line(line); first && !first->empty()) {
      begin_attachment(*uu_begin(uu_begin_), Inside::kUuencode);
      uu_begin_.clear();
    } else {
      give_back_begin_line();
    }
  }
  if (inside_ == Inside::kUuencode) return takes_uu_line(line);
  if (uu_begin(line)) {
    uu_begin_ = line;
    return true;
  }
  if (!line.starts_with(kPgpBegin)) return false;
  begin_attachment("message.pgp", Inside::kPgp);
  return true;
}

bool BodyText::takes_uu_line(std::string_view line) {
  const bool last = line == "end";
  const std::optional<std::string> bytes = uu_line(line);
  if (bytes && !last) {
    receiver_.attachment_bytes(*bytes);
    return true;
  }
  inside_ = Inside::kText;
  receiver_.attachment_end(last ? Outcome::read()
                                : Outcome::in_part(Reason::kCorrupt, "damaged line"));
  return last;
}

void BodyText::begin_attachment(std::string_view name, Inside inside) {
  flush();
  continues_ = false;
  open_paragraph_ = false;
  receiver_.attachment_begin(name);
  inside_ = inside;
}

// It was a line of text after all, and the reader is one line past it.
void BodyText::give_back_begin_line() {
  --line_;
  text_line(std::exchange(uu_begin_, {}), true);
  ++line_;
}

void BodyText::text_line(std::string_view line, bool whole) {
  if (flow_.flowed && whole && !line_was_cut_) {
    flowed_line(line);
    return;
  }
  append(line);
  if (whole) append("\n");
}

void BodyText::flowed_line(std::string_view line) {
  const std::size_t depth = std::min(line.find_first_not_of('>'), line.size());
  std::string_view content = line.substr(depth);
  if (content.starts_with(' ')) content.remove_prefix(1);  // space-stuffed
  if (open_paragraph_ && open_depth_ != depth) append("\n");
  if (depth > 0 && (!open_paragraph_ || open_depth_ != depth))
    append(std::string(line.substr(0, depth)) + ' ');
  const bool soft = content.ends_with(' ') && content != "-- ";
  if (soft && flow_.delete_space) content.remove_suffix(1);
  append(content);
  if (!soft) append("\n");
  open_paragraph_ = soft;
  open_depth_ = depth;
}

void BodyText::append(std::string_view text) {
  // Joined and left-out lines shift the count: a new chunk says where it stands.
  const bool line_start = buffer_.empty() || buffer_.back() == '\n';
  if (line_start && !open_paragraph_ && next_line_ != line_) flush();
  if (buffer_.size() + text.size() > kFlushBytes) flush_whole_characters();
  if (buffer_.empty()) first_line_ = next_line_ = line_;
  buffer_ += text;
  next_line_ += static_cast<std::uint32_t>(std::count(text.begin(), text.end(), '\n'));
}

// In the middle of a long line the cut must not go through a character.
void BodyText::flush_whole_characters() {
  std::size_t keep = 0;
  while (keep < kMaxCharacterBytes && keep < buffer_.size() &&
         static_cast<unsigned char>(buffer_[buffer_.size() - 1 - keep]) >= 0x80)
    ++keep;
  if (keep == kMaxCharacterBytes) keep = 0;  // a charset without ASCII between
  const std::string tail = buffer_.substr(buffer_.size() - keep);
  buffer_.resize(buffer_.size() - keep);
  flush();
  if (keep == 0) return;
  first_line_ = next_line_ = line_;
  buffer_ = tail;
}

void BodyText::flush() {
  if (buffer_.empty()) return;
  receiver_.lines(buffer_, first_line_, continues_);
  continues_ = true;
  buffer_.clear();
}

}  // namespace gallra::extract::mail

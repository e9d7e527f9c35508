#include "scanner/extract/jail/wire.hpp"

#include <algorithm>

namespace gallra::jail::wire {

namespace {

// Length of the well-formed UTF-8 character at `at` (Unicode table 3-7); 0 = malformed.
std::size_t character(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u;
  };
  const auto follows = [&](std::size_t i, unsigned low = 0x80, unsigned high = 0xBF) {
    return byte(i) >= low && byte(i) <= high;
  };
  const unsigned lead = byte(at);
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return follows(at + 1) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF) {
    const unsigned low = lead == 0xE0 ? 0xA0 : 0x80;
    const unsigned high = lead == 0xED ? 0x9F : 0xBF;
    return follows(at + 1, low, high) && follows(at + 2) ? 3 : 0;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    const unsigned low = lead == 0xF0 ? 0x90 : 0x80;
    const unsigned high = lead == 0xF4 ? 0x8F : 0xBF;
    return follows(at + 1, low, high) && follows(at + 2) && follows(at + 3) ? 4 : 0;
  }
  return 0;
}

// The first byte from `at` on that is not ASCII.
std::size_t skip_ascii(std::string_view text, std::size_t at) {
  constexpr std::uint64_t kHighBits = 0x8080808080808080ull;
  while (at + 32 <= text.size()) {
    std::uint64_t words[4];
    std::memcpy(words, text.data() + at, sizeof words);
    if (((words[0] | words[1] | words[2] | words[3]) & kHighBits) != 0) break;
    at += 32;
  }
  while (at < text.size() && static_cast<unsigned char>(text[at]) < 0x80) ++at;
  return at;
}

// Days of the years 1600 and 9999: what lies outside is no date a document means.
constexpr std::int32_t kFirstDay = -135140;
constexpr std::int32_t kLastDay = 2932896;

}  // namespace

bool valid_utf8(std::string_view text) {
  for (std::size_t at = skip_ascii(text, 0); at < text.size(); at = skip_ascii(text, at)) {
    const std::size_t length = character(text, at);
    if (length == 0) return false;
    at += length;
  }
  return true;
}

std::string clean_utf8(std::string_view text) {
  std::string clean;
  clean.reserve(text.size() + 16);
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t plain = skip_ascii(text, at);
    clean.append(text, at, plain - at);
    at = plain;
    if (at >= text.size()) break;
    const std::size_t length = character(text, at);
    if (length == 0)
      clean += "\uFFFD";
    else
      clean.append(text, at, length);
    at += std::max<std::size_t>(length, 1);
  }
  return clean;
}

std::size_t cut_between_characters(std::string_view text, std::size_t limit) {
  if (text.size() <= limit) return text.size();
  std::size_t cut = limit;
  while (cut > 0 && limit - cut < 3 && (static_cast<unsigned char>(text[cut]) & 0xC0) == 0x80)
    --cut;
  // Not a character at all: cut where it was asked for.
  return cut == 0 || (static_cast<unsigned char>(text[cut]) & 0xC0) == 0x80 ? limit : cut;
}

std::string clean_name(std::string_view text, std::size_t limit) {
  std::string clean = clean_utf8(text.substr(0, limit * 2));
  for (std::size_t at = clean.find('\0'); at != std::string::npos; at = clean.find('\0', at))
    clean.replace(at, 1, "\uFFFD");
  clean.resize(cut_between_characters(clean, limit));
  return clean;
}

Packer& Packer::put_text(std::string_view text, std::size_t limit) {
  text = text.substr(0, cut_between_characters(text, limit));
  put(static_cast<std::uint32_t>(text.size()));
  out_.append(text);
  return *this;
}

std::string_view Unpacker::get_text(std::size_t limit) {
  const auto size = get<std::uint32_t>();
  if (size > limit || size > rest_.size()) {
    ok_ = false;
    rest_ = {};
    return {};
  }
  const std::string_view text = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return text;
}

void pack_request(std::string& out, Kind kind, const extract::ExtractRequest& request) {
  const std::size_t head = out.size();
  Packer pack(out);
  pack.put(FrameHead{0, static_cast<std::uint32_t>(kind)});
  pack.put(request.format).put(request.mbox_quoted).put(request.first_member).put(request.limits);
  pack.put(request.source.offset).put(request.source.size);
  const std::size_t companions = std::min(request.companions.size(), kMaxCompanions);
  pack.put(static_cast<std::uint32_t>(companions));
  for (std::size_t i = 0; i < companions; ++i)
    pack.put(request.companions[i].offset).put(request.companions[i].size);
  pack.put_text(request.name, kMaxName);
  const auto size = static_cast<std::uint32_t>(out.size() - head - sizeof(FrameHead));
  std::memcpy(out.data() + head, &size, sizeof size);
}

bool unpack_request(std::string_view body, extract::ExtractRequest& request) {
  Unpacker in(body);
  request.format = in.get_enum<Format>(static_cast<std::size_t>(Format::kCount));
  request.mbox_quoted = in.get_bool();
  request.first_member = in.get<std::uint32_t>();
  request.limits = in.get<Limits>();
  request.source.offset = in.get<std::uint64_t>();
  request.source.size = in.get<std::uint64_t>();
  const auto companions = in.get<std::uint32_t>();
  if (companions > kMaxCompanions) return false;
  request.companions.resize(companions);
  for (extract::Source& source : request.companions) {
    source.offset = in.get<std::uint64_t>();
    source.size = in.get<std::uint64_t>();
  }
  request.name = in.get_text(kMaxName);
  return in.done();
}

void pack_member(std::string& out, const extract::Member& member) {
  Packer pack(out);
  pack.put(member.kind).put(member.content).put(member.ordinal).put(member.offset);
  pack.put(member.size).put(member.mtime_ns).put(member.format_hint).put(member.mbox_quoted);
  pack.put_text(member.name, kMaxName);
}

std::optional<extract::Member> unpack_member(std::string_view body) {
  Unpacker in(body);
  extract::Member member;
  member.kind = in.get_enum<extract::MemberKind>(4);
  member.content = in.get_enum<extract::Member::Content>(3);
  member.ordinal = in.get<std::uint32_t>();
  member.offset = in.get<std::uint64_t>();
  member.size = in.get<std::uint64_t>();
  member.mtime_ns = in.get<std::int64_t>();
  member.format_hint = in.get_enum<Format>(static_cast<std::size_t>(Format::kCount));
  member.mbox_quoted = in.get_bool();
  member.name = clean_name(in.get_text(kMaxName), kMaxName);
  if (!in.done()) return std::nullopt;
  return member;
}

void pack_outcome(std::string& out, const Outcome& outcome) {
  Packer(out).put(outcome.kind).put(outcome.reason).put_text(outcome.detail, kMaxDetail);
}

std::optional<Outcome> unpack_outcome(Unpacker& in, bool of_member) {
  Outcome outcome;
  outcome.kind = in.get_enum<OutcomeKind>(static_cast<std::size_t>(OutcomeKind::kExcluded) +
                                          (of_member ? 1 : 0));
  outcome.reason = in.get_enum<Reason>(static_cast<std::size_t>(Reason::kOwnFile) + 1);
  outcome.detail = clean_name(in.get_text(kMaxDetail), kMaxDetail);
  for (char& c : outcome.detail)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
  if (!in.ok()) return std::nullopt;
  // A bad outcome without a reason would be a silence.
  if (outcome.kind != OutcomeKind::kRead && outcome.reason == Reason::kNone) return std::nullopt;
  return outcome;
}

void pack_text_head(std::string& out, const TextChunk& chunk) {
  Packer pack(out);
  pack.put(static_cast<std::uint8_t>(chunk.place.kind)).put(chunk.layout).put(chunk.continues);
  pack.put(chunk.place.a).put(chunk.place.b).put(chunk.offset);
  pack.put_text(chunk.place.label, kMaxLabel);
}

std::optional<TextChunk> unpack_text(std::string_view body) {
  Unpacker in(body);
  TextChunk chunk;
  chunk.place.kind = in.get_enum<PlaceKind>(static_cast<std::size_t>(PlaceKind::kName) + 1);
  chunk.layout = in.get_enum<Layout>(3);
  chunk.continues = in.get_bool();
  chunk.place.a = in.get<std::uint32_t>();
  chunk.place.b = in.get<std::uint32_t>();
  chunk.offset = in.get<std::uint64_t>();
  const std::string_view label = in.get_text(kMaxLabel);
  if (!label.empty()) chunk.place.label = clean_name(label, kMaxLabel);
  chunk.text = in.rest();
  if (!in.ok() || chunk.text.size() > kMaxPayload) return std::nullopt;
  return chunk;
}

void pack_date(std::string& out, const DateEvidence& date) {
  Packer(out).put(date.kind).put(date.day);
}

std::optional<DateEvidence> unpack_date(std::string_view body) {
  Unpacker in(body);
  DateEvidence date;
  date.kind = in.get_enum<DateKind>(static_cast<std::size_t>(DateKind::kFileModified) + 1);
  date.day = std::clamp(in.get<std::int32_t>(), kFirstDay, kLastDay);
  if (!in.done()) return std::nullopt;
  return date;
}

void pack_mailbox(std::string& out, const MailboxTally& tally) {
  Packer pack(out);
  pack.put(tally.expected).put(tally.read).put(tally.failed).put_text(tally.folder, kMaxName);
}

std::optional<MailboxTally> unpack_mailbox(std::string_view body) {
  Unpacker in(body);
  MailboxTally tally;
  tally.expected = in.get<std::uint64_t>();
  tally.read = in.get<std::uint64_t>();
  tally.failed = in.get<std::uint64_t>();
  tally.folder = clean_name(in.get_text(kMaxName), kMaxName);
  if (!in.done()) return std::nullopt;
  return tally;
}

}  // namespace gallra::jail::wire

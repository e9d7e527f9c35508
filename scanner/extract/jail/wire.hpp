// The bytes between the engine and a jailed worker: frames of a fixed head and a body. Both ends
// are the same binary on the same machine, so numbers travel as they are in memory; still the
// engine reads every frame as if an attacker had written it.
#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include "scanner/extract/extractor.hpp"

namespace gallra::jail::wire {

enum class Kind : std::uint32_t {
  kExtract = 1,  // engine -> worker
  kAskMediaType,
  kText = 16,  // worker -> engine
  kMember,
  kMemberBytes,
  kMemberEnd,
  kDate,
  kMailbox,
  kEnd,
  kMediaType,
  kDying,    // last words from a signal handler
  kRefused,  // the worker could not be confined and will not read
};

struct FrameHead {
  std::uint32_t size = 0;  // of the body
  std::uint32_t kind = 0;
};

// Text and member bytes are cut to this much a frame; a frame is at most this plus its small
// fields.
inline constexpr std::size_t kMaxPayload = 256 << 10;
inline constexpr std::size_t kMaxFrame = kMaxPayload + (16 << 10);
inline constexpr std::size_t kMaxName = 4 << 10;    // names and folders
inline constexpr std::size_t kMaxLabel = 1 << 10;   // place labels
inline constexpr std::size_t kMaxDetail = 200;      // outcome details
inline constexpr std::size_t kMaxCompanions = 15;   // further parts of one document
inline constexpr std::size_t kMaxInlineDepth = 32;  // kInline members in kInline members

// Appends to a caller's buffer.
class Packer {
 public:
  explicit Packer(std::string& out) : out_(out) {}
  template <typename T>
  requires std::is_trivially_copyable_v<T> Packer& put(const T& value) {
    char raw[sizeof(T)];
    std::memcpy(raw, &value, sizeof(T));
    out_.append(raw, sizeof(T));
    return *this;
  }
  Packer& put_text(std::string_view text, std::size_t limit);

 private:
  std::string& out_;
};

// Reads a body; `ok()` turns false for good at the first field that is not there.
class Unpacker {
 public:
  explicit Unpacker(std::string_view body) : rest_(body) {}
  template <typename T>
  requires std::is_trivially_copyable_v<T> T get() {
    T value{};
    if (rest_.size() < sizeof(T)) {
      ok_ = false;
      rest_ = {};
      return value;
    }
    std::memcpy(&value, rest_.data(), sizeof(T));
    rest_.remove_prefix(sizeof(T));
    return value;
  }
  // A number that must lie below `count`, as an enum.
  template <typename E>
  E get_enum(std::size_t count) {
    const auto raw = get<std::uint8_t>();
    if (raw >= count) ok_ = false;
    return ok_ ? static_cast<E>(raw) : E{};
  }
  bool get_bool() { return get_enum<std::uint8_t>(2) == 1; }
  std::string_view get_text(std::size_t limit);
  std::string_view rest() const { return rest_; }
  bool ok() const { return ok_; }
  // All fields were there and nothing is left over.
  bool done() const { return ok_ && rest_.empty(); }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

bool valid_utf8(std::string_view text);
// `text` with every malformed byte made U+FFFD.
std::string clean_utf8(std::string_view text);
// For names: clean, without NUL, at most `limit` bytes (cut between characters).
std::string clean_name(std::string_view text, std::size_t limit);
// The longest prefix of at most `limit` bytes that does not cut a character.
std::size_t cut_between_characters(std::string_view text, std::size_t limit);

void pack_request(std::string& out, Kind kind, const extract::ExtractRequest& request);
// The descriptors are not set; `companions` has as many entries as were announced.
bool unpack_request(std::string_view body, extract::ExtractRequest& request);

void pack_member(std::string& out, const extract::Member& member);
std::optional<extract::Member> unpack_member(std::string_view body);

void pack_outcome(std::string& out, const Outcome& outcome);
// Only what a worker may say: `excluded` and `unchanged` are no words of a whole document.
std::optional<Outcome> unpack_outcome(Unpacker& in, bool of_member);

void pack_text_head(std::string& out, const TextChunk& chunk);
// `chunk.text` and the label point into / are copied from the body; the text is not yet checked.
std::optional<TextChunk> unpack_text(std::string_view body);

void pack_date(std::string& out, const DateEvidence& date);
std::optional<DateEvidence> unpack_date(std::string_view body);

void pack_mailbox(std::string& out, const MailboxTally& tally);
std::optional<MailboxTally> unpack_mailbox(std::string_view body);

}  // namespace gallra::jail::wire

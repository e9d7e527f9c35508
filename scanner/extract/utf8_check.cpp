// Validation of UTF-8, 16 bytes a step: the method of Keiser and Lemire, "Validating UTF-8 in less
// than one instruction per byte" (2020). Three looks into 16-entry tables tell every kind of error
// of a pair of bytes; a pair is wrong when all three agree.
#include <array>
#include <bit>
#include <cstring>

#include "scanner/extract/charset.hpp"

namespace gallra::extract {
namespace {

#if defined(__x86_64__) || defined(__aarch64__)
#define GALLRA_VECTOR_UTF8 1
#endif

#ifdef GALLRA_VECTOR_UTF8

using Bytes = std::uint8_t __attribute__((vector_size(16)));
using Words = std::uint64_t __attribute__((vector_size(16)));

constexpr std::uint8_t kTooShort = 1 << 0;   // lead followed by lead or ASCII
constexpr std::uint8_t kTooLong = 1 << 1;    // ASCII followed by continuation
constexpr std::uint8_t kOverlong3 = 1 << 2;  // E0 80..9F
constexpr std::uint8_t kTooLarge = 1 << 3;   // F4 90.., F5..
constexpr std::uint8_t kSurrogate = 1 << 4;  // ED A0..BF
constexpr std::uint8_t kOverlong2 = 1 << 5;  // C0, C1
constexpr std::uint8_t kTooLarge1000 = 1 << 6;
constexpr std::uint8_t kOverlong4 = 1 << 6;  // F0 80..8F
constexpr std::uint8_t kTwoConts = 1 << 7;   // continuation after continuation: right or wrong
constexpr std::uint8_t kCarry = kTooShort | kTooLong | kTwoConts;

constexpr Bytes kFirstHigh = {
    kTooLong,
    kTooLong,
    kTooLong,
    kTooLong,
    kTooLong,
    kTooLong,
    kTooLong,
    kTooLong,
    kTwoConts,
    kTwoConts,
    kTwoConts,
    kTwoConts,
    kTooShort | kOverlong2,  // 0xC_
    kTooShort,               // 0xD_
    kTooShort | kOverlong3 | kSurrogate,
    kTooShort | kTooLarge | kTooLarge1000 | kOverlong4,
};
constexpr std::uint8_t kBig = kCarry | kTooLarge | kTooLarge1000;
constexpr Bytes kFirstLow = {
    kCarry | kOverlong3 | kOverlong2 | kOverlong4,
    kCarry | kOverlong2,
    kCarry,
    kCarry,
    kCarry | kTooLarge,
    kBig,
    kBig,
    kBig,
    kBig,
    kBig,
    kBig,
    kBig,
    kBig,
    kBig | kSurrogate,
    kBig,
    kBig,
};
constexpr std::uint8_t kCont = kTooLong | kOverlong2 | kTwoConts;
constexpr Bytes kSecondHigh = {
    kTooShort,
    kTooShort,
    kTooShort,
    kTooShort,
    kTooShort,
    kTooShort,
    kTooShort,
    kTooShort,
    kCont | kOverlong3 | kTooLarge1000 | kOverlong4,
    kCont | kOverlong3 | kTooLarge,
    kCont | kSurrogate | kTooLarge,
    kCont | kSurrogate | kTooLarge,
    kTooShort,
    kTooShort,
    kTooShort,
    kTooShort,
};
// The last three bytes of a block that may not begin a character longer than what is left.
constexpr Bytes kEndMost = {255, 255, 255, 255, 255, 255,  255,  255,
                            255, 255, 255, 255, 255, 0xEF, 0xDF, 0xBF};

#define GALLRA_INLINE inline __attribute__((always_inline))

GALLRA_INLINE Bytes load(const char* from) {
  Bytes block;
  std::memcpy(&block, from, sizeof block);
  return block;
}
GALLRA_INLINE bool any(Bytes block) {
  const auto words = std::bit_cast<Words>(block);
  return (words[0] | words[1]) != 0;
}
GALLRA_INLINE bool has_high(Bytes block) {
  const auto words = std::bit_cast<Words>(block);
  return ((words[0] | words[1]) & 0x8080808080808080u) != 0;
}

GALLRA_INLINE Bytes errors(Bytes before, Bytes block) {
  // Two vectors' shuffle: index 16 is the first byte of `block`.
  const Bytes back1 = __builtin_shuffle(
      before, block, Bytes{15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30});
  const Bytes back2 = __builtin_shuffle(
      before, block, Bytes{14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29});
  const Bytes back3 = __builtin_shuffle(
      before, block, Bytes{13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28});
  const Bytes pair = __builtin_shuffle(kFirstHigh, back1 >> 4) &
                     __builtin_shuffle(kFirstLow, back1 & 15) &
                     __builtin_shuffle(kSecondHigh, block >> 4);
  // Third and fourth bytes must be the second continuation in a row; others must not.
  const Bytes must = std::bit_cast<Bytes>((back2 >= 0xE0) | (back3 >= 0xF0)) & 0x80;
  return pair ^ must;
}

GALLRA_INLINE bool check(const char* text, std::size_t size) {
  Bytes error{};
  Bytes before{};
  std::size_t at = 0;
  for (; at + 64 <= size; at += 64) {
    const Bytes a = load(text + at);
    const Bytes b = load(text + at + 16);
    const Bytes c = load(text + at + 32);
    const Bytes d = load(text + at + 48);
    if (!has_high(a | b | c | d)) {
      error |= std::bit_cast<Bytes>(before > kEndMost);
    } else {
      error |= errors(before, a) | errors(a, b) | errors(b, c) | errors(c, d);
      if (any(error)) return false;
    }
    before = d;
  }
  // The rest, followed by spaces: a character cut at the end shows as too short.
  std::array<char, 80> tail;
  tail.fill(' ');
  if (at < size) std::memcpy(tail.data(), text + at, size - at);
  for (std::size_t i = 0; i <= size - at; i += 16) {
    const Bytes block = load(tail.data() + i);
    error |= errors(before, block);
    before = block;
  }
  return !any(error);
}

#ifdef __x86_64__
__attribute__((target("avx2"))) bool check_avx2(const char* text, std::size_t size) {
  return check(text, size);
}
#else
bool check_neon(const char* text, std::size_t size) { return check(text, size); }
#endif

#endif  // GALLRA_VECTOR_UTF8

}  // namespace

std::size_t utf8_length(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned lead = byte(at);
  if (lead < 0x80) return 1;
  const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || at + length > text.size()) return 0;
  const unsigned low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  const unsigned high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  if (byte(at + 1) < low || byte(at + 1) > high) return 0;
  for (std::size_t i = 2; i < length; ++i)
    if ((byte(at + i) & 0xC0) != 0x80) return 0;
  return length;
}

bool is_valid_utf8_slow(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = utf8_length(text, at);
    if (length == 0) return false;
    at += length;
  }
  return true;
}

bool is_valid_utf8_fast(std::string_view text) {
#if defined(__x86_64__)
  static const bool has_avx2 = __builtin_cpu_supports("avx2") != 0;
  if (has_avx2) return check_avx2(text.data(), text.size());
#elif defined(__aarch64__)
  return check_neon(text.data(), text.size());
#endif
  return is_valid_utf8_slow(text);
}

}  // namespace gallra::extract

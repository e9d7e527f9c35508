#include "detectors/lexicon/words.hpp"

#include <bit>
#include <cstring>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "detectors/lexicon/words.cpp"  // this file is compiled once a target
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace gallra::detect::lexicon::HWY_NAMESPACE {  // NOLINT(readability-identifier-naming):
                                                    // Highway's
namespace hn = hwy::HWY_NAMESPACE;

// Bit i of each mask speaks of byte i.
struct Masks {
  std::uint64_t letters = 0;  // ASCII letters and all bytes >= 0x80
  std::uint64_t rare = 0;     // leads of what may be no letter
  std::uint64_t two = 0;      // lead of a two-byte sign (0xC2)
  std::uint64_t three = 0;    // lead of a three-byte sign (0xE2, 0xEF)
  std::uint64_t four = 0;     // lead of a four-byte character (0xF0-0xF4)
};

HWY_INLINE Masks classify(const std::uint8_t* bytes) {
  const hn::CappedTag<std::uint8_t, 64> d;
  const std::size_t lanes = hn::Lanes(d);
  Masks m;
  for (std::size_t i = 0; i < 64; i += lanes) {
    const auto v = hn::LoadU(d, bytes + i);
    const auto small = hn::Or(v, hn::Set(d, 0x20));
    const auto from_a = hn::Sub(small, hn::Set(d, 'a'));
    const auto at_least = [&](auto x, std::uint8_t limit) {
      return hn::Eq(hn::Max(x, hn::Set(d, limit)), x);
    };
    const auto ascii = hn::Eq(hn::Min(from_a, hn::Set(d, 25)), from_a);
    const auto high = at_least(v, 0x80);
    std::uint64_t bits[5] = {};
    const auto store = [&](auto mask, std::uint64_t& out) {
      std::uint8_t packed[8] = {};
      hn::StoreMaskBits(d, mask, packed);
      std::memcpy(&out, packed, sizeof packed);
    };
    store(hn::Or(ascii, high), bits[0]);
    // 0xC3-0xDF begin letters; what else is rare in Swedish text is looked at only where it is.
    store(hn::Or(hn::Eq(v, hn::Set(d, 0xC2)), at_least(v, 0xE0)), bits[1]);
    if (bits[1] != 0) {
      store(hn::Eq(v, hn::Set(d, 0xC2)), bits[2]);
      store(hn::Or(hn::Eq(v, hn::Set(d, 0xE2)), hn::Eq(v, hn::Set(d, 0xEF))), bits[3]);
      store(at_least(v, 0xF0), bits[4]);
    }
    m.letters |= bits[0] << i;
    m.rare |= bits[1] << i;
    m.two |= bits[2] << i;
    m.three |= bits[3] << i;
    m.four |= bits[4] << i;
  }
  return m;
}

std::size_t edges(const std::uint8_t* bytes, std::size_t size, std::uint32_t base, WordCarry& carry,
                  std::uint32_t* out) {
  std::uint32_t* const first = out;
  std::uint8_t padded[64];
  for (std::size_t at = 0; at < size; at += 64) {
    const std::uint8_t* block = bytes + at;
    const std::size_t left = size - at;
    if (left < 64) {
      std::memset(padded, 0, sizeof padded);
      std::memcpy(padded, block, left);
      block = padded;
    }
    const Masks m = classify(block);
    std::uint64_t letters = m.letters;
    std::uint64_t signs = carry.signs;
    carry.signs = 0;
    if (m.rare != 0) {
      signs |= m.two | m.two << 1;
      signs |= m.three | m.three << 1 | m.three << 2;
      signs |= m.four | m.four << 1 | m.four << 2 | m.four << 3;
      carry.signs =
          m.two >> 63 | m.three >> 63 | m.three >> 62 | m.four >> 63 | m.four >> 62 | m.four >> 61;
    }
    letters &= ~signs;
    std::uint64_t change = letters ^ (letters << 1 | carry.inside);
    carry.inside = letters >> 63;
    if (left < 64) carry.inside = 0;
    while (change != 0) {
      *out++ = base + static_cast<std::uint32_t>(at) +
               static_cast<std::uint32_t>(std::countr_zero(change));
      change &= change - 1;
    }
  }
  return static_cast<std::size_t>(out - first);
}

const char* target() { return hwy::TargetName(HWY_TARGET); }

}  // namespace gallra::detect::lexicon::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace gallra::detect::lexicon {

HWY_EXPORT(edges);
HWY_EXPORT(target);

std::size_t word_edges(std::string_view piece, std::uint32_t base, WordCarry& carry,
                       std::uint32_t* out) {
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(piece.data());
  return HWY_DYNAMIC_DISPATCH(edges)(bytes, piece.size(), base, carry, out);
}

const char* word_edges_target() { return HWY_DYNAMIC_DISPATCH(target)(); }

std::size_t word_edges_scalar(std::string_view piece, std::uint32_t base, WordCarry& carry,
                              std::uint32_t* out) {
  std::uint32_t* const first = out;
  for (std::size_t i = 0; i < piece.size(); ++i) {
    const auto c = static_cast<unsigned char>(piece[i]);
    std::uint64_t sign = carry.signs & 1;
    carry.signs >>= 1;
    if (c == 0xC2) sign = 1, carry.signs |= 1;
    if (c == 0xE2 || c == 0xEF) sign = 1, carry.signs |= 3;
    if (c >= 0xF0) sign = 1, carry.signs |= 7;
    const bool ascii = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    const std::uint64_t letter = (ascii || c >= 0x80) && sign == 0 ? 1 : 0;
    if (letter != carry.inside) *out++ = base + static_cast<std::uint32_t>(i);
    carry.inside = letter;
  }
  if (piece.size() % 64 != 0 && carry.inside != 0) {
    *out++ = base + static_cast<std::uint32_t>(piece.size());
    carry.inside = 0;
  }
  return static_cast<std::size_t>(out - first);
}

}  // namespace gallra::detect::lexicon
#endif

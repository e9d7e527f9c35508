// Where words begin and end: runs of letters, found 64 bytes at a time. Letters are A-Z, a-z and
// every non-ASCII character but those of the blocks that hold signs: U+0080-00BF, U+2000-2FFF,
// U+F000-FFFF and everything beyond the basic plane. A hyphen, a digit and '_' end a word.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace gallra::detect::lexicon {

// What one 64-byte step hands to the next.
struct WordCarry {
  std::uint64_t inside = 0;  // 1: the byte before was a letter
  std::uint64_t signs = 0;   // low bits: bytes that still belong to a sign begun before
};

// Longest piece of text for one call; `edges` must have room for kWordBlock + 64 values.
inline constexpr std::size_t kWordBlock = 4096;

// Writes the offsets (counted from `base`) where the letter mask changes: begin, end, begin, end
// ... over the pieces of one text, handed in order. Pieces are kWordBlock long, but the last.
// Returns how many were written.
std::size_t word_edges(std::string_view piece, std::uint32_t base, WordCarry& carry,
                       std::uint32_t* edges);

// The same, byte by byte: what the fast one is tested against.
std::size_t word_edges_scalar(std::string_view piece, std::uint32_t base, WordCarry& carry,
                              std::uint32_t* edges);

// The name of the instruction set in use ("AVX3", "SSE4" ...), for `doctor`.
const char* word_edges_target();

}  // namespace gallra::detect::lexicon

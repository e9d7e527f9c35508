// Bytes and name -> Format, with the reason. Content first, name second.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "scanner/model/format.hpp"

namespace gallra::identify {

inline constexpr std::size_t kHeadBytes =
    4096;  // what identify() wants to see of a document's start

// `head` is the first kHeadBytes (or all) of the document, `size` its whole length. Pure function.
// ZIP-based office formats need more than the head: `zip_names` is answered by the caller when it
// can (names of the first members, '\n'-separated), else "".
Identity identify(std::span<const std::byte> head, std::uint64_t size, std::string_view name,
                  std::string_view zip_names = {});

// The member names of a zip, read from its central directory (bounded, tolerant; "" when it has
// none). `read` is pread on the document.
std::string zip_member_names(int fd, std::uint64_t offset, std::uint64_t size);

// "OpenPGP message", "age file" ...: what the document that begins so is encrypted as; "" = it is
// not.
std::string_view ciphertext_kind(std::string_view head);

// The zip or 7z behind a program, a picture or junk, for documents that nothing else reads: a
// self-extracting archive. nullopt: there is none.
std::optional<Identity> archive_behind(int fd, std::uint64_t offset, std::uint64_t size,
                                       const Identity& front, std::string_view name);
// Where the 7z begins that stands behind a program; 0 when there is none.
std::uint64_t seven_zip_start(int fd, std::uint64_t offset, std::uint64_t size);

}  // namespace gallra::identify

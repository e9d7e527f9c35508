#include "scanner/walk/windows_acl.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

namespace gallra::walk {
namespace {

std::uint16_t le16(Blob b, std::size_t at) {
  return static_cast<std::uint16_t>(b[at] | b[at + 1] << 8);
}
std::uint32_t le32(Blob b, std::size_t at) {
  return static_cast<std::uint32_t>(le16(b, at)) | static_cast<std::uint32_t>(le16(b, at + 2))
                                                       << 16;
}
std::uint32_t be32(Blob b, std::size_t at) {
  return static_cast<std::uint32_t>(b[at]) << 24 | static_cast<std::uint32_t>(b[at + 1]) << 16 |
         static_cast<std::uint32_t>(b[at + 2]) << 8 | b[at + 3];
}
bool holds(Blob b, std::size_t at, std::size_t n) { return at <= b.size() && n <= b.size() - at; }

// "S-1-5-21-..."; nullopt when it does not fit or is no SID. [MS-DTYP] 2.4.2
std::optional<std::string> sid_text(Blob b, std::size_t at) {
  if (!holds(b, at, 8) || b[at] != 1 || b[at + 1] > 15) return std::nullopt;
  const std::size_t parts = b[at + 1];
  if (!holds(b, at, 8 + 4 * parts)) return std::nullopt;
  std::uint64_t authority = 0;
  for (std::size_t i = 2; i < 8; ++i) authority = authority << 8 | b[at + i];
  std::string out = "S-1-" + std::to_string(authority);
  for (std::size_t i = 0; i < parts; ++i) out += '-' + std::to_string(le32(b, at + 8 + 4 * i));
  return out;
}

struct WellKnown {
  std::string_view sid;
  std::string_view name;
};
// [MS-DTYP] 2.4.2.4. Groups that hold everybody who works here, or more.
constexpr std::array<WellKnown, 5> kEverybody{{{"S-1-1-0", "Everyone"},
                                               {"S-1-5-7", "Anonymous"},
                                               {"S-1-5-11", "Authenticated Users"},
                                               {"S-1-5-32-545", "BUILTIN\\Users"},
                                               {"S-1-5-2", "Network"}}};
// The system, its administrators and the owner: no wider circle than the owner's.
constexpr std::array<std::string_view, 4> kNoCircle{
    {"S-1-5-18", "S-1-5-32-544", "S-1-3-0", "S-1-3-4"}};

std::string_view everybody_name(std::string_view sid) {
  for (const WellKnown& known : kEverybody)
    if (sid == known.sid) return known.name;
  // -513 Domain Users, -514 Domain Guests, -515 is computers and no people
  if (sid.starts_with("S-1-5-21-") && sid.ends_with("-513")) return "Domain Users";
  if (sid.starts_with("S-1-5-21-") && sid.ends_with("-514")) return "Domain Guests";
  return {};
}

// FILE_READ_DATA, GENERIC_ALL, GENERIC_READ
constexpr std::uint32_t kReadMask = 0x1u | 0x10000000u | 0x80000000u;

struct Entry {
  bool allow = true;
  std::string sid;
};

// Entries that say something of reading, in order. nullopt = cannot be decoded.
std::optional<std::vector<Entry>> read_dacl(Blob sd, std::size_t at) {
  if (!holds(sd, at, 8) || sd[at] < 2 || sd[at] > 4) return std::nullopt;
  const std::size_t size = le16(sd, at + 2);
  const std::size_t count = le16(sd, at + 4);
  if (size < 8 || !holds(sd, at, size)) return std::nullopt;
  const Blob acl = sd.subspan(at, size);
  std::vector<Entry> entries;
  std::size_t here = 8;
  for (std::size_t i = 0; i < count; ++i) {
    if (!holds(acl, here, 8)) return std::nullopt;
    const unsigned type = acl[here];
    const unsigned flags = acl[here + 1];
    const std::size_t length = le16(acl, here + 2);
    if (length < 8 || !holds(acl, here, length)) return std::nullopt;
    const Blob ace = acl.subspan(here, length);
    here += length;
    const bool allow = type == 0 || type == 5 || type == 9 || type == 11;
    const bool deny = type == 1 || type == 6 || type == 10 || type == 12;
    static constexpr unsigned kInheritOnly = 0x08;  // speaks of files to come, not of this one
    if ((!allow && !deny) || (flags & kInheritOnly) != 0 || (le32(ace, 4) & kReadMask) == 0)
      continue;
    std::size_t sid_at = 8;
    if (type == 5 || type == 6 || type == 11 || type == 12) {  // object: flags, then 0-2 GUIDs
      if (!holds(ace, 8, 4)) return std::nullopt;
      const std::uint32_t guids = le32(ace, 8);
      sid_at = 12 + ((guids & 1) != 0 ? 16 : 0) + ((guids & 2) != 0 ? 16 : 0);
    }
    auto sid = sid_text(ace, sid_at);
    if (!sid) return std::nullopt;
    entries.push_back({allow, *std::move(sid)});
  }
  return entries;
}

// Entries count in order: an allow stands unless its own SID, or Everyone, was denied before it.
// Denying some other group does not shut everybody out, so it does not narrow what is said.
void judge(const std::vector<Entry>& entries, Readers& readers) {
  std::vector<std::string_view> denied;
  const auto has = [](const auto& list, std::string_view sid) {
    return std::find(list.begin(), list.end(), sid) != list.end();
  };
  readers.exposure = Exposure::kOwner;
  readers.by = "owner (Windows ACL)";
  for (const Entry& entry : entries) {
    if (!entry.allow) {
      denied.emplace_back(entry.sid);
      continue;
    }
    if (has(denied, entry.sid) || has(denied, "S-1-1-0")) continue;
    const std::string_view everybody = everybody_name(entry.sid);
    if (!everybody.empty()) {
      readers.exposure = Exposure::kEveryone;
      readers.by = std::string(everybody) + ": r (Windows ACL)";
      return;
    }
    if (readers.exposure == Exposure::kOwner && entry.sid != readers.owner &&
        !has(kNoCircle, entry.sid)) {
      readers.exposure = Exposure::kGroup;
      readers.by = entry.sid + ": r (Windows ACL)";
    }
  }
}

std::size_t aligned(std::size_t at, std::size_t to) { return (at + to - 1) / to * to; }

}  // namespace

std::optional<Readers> read_security_descriptor(Blob blob) {
  static constexpr std::uint16_t kDaclPresent = 0x0004;
  static constexpr std::uint16_t kSelfRelative = 0x8000;
  if (!holds(blob, 0, 20) || blob[0] != 1) return std::nullopt;
  const std::uint16_t control = le16(blob, 2);
  if ((control & kSelfRelative) == 0) return std::nullopt;
  Readers readers;
  if (const std::uint32_t owner = le32(blob, 4); owner != 0) {
    auto sid = sid_text(blob, owner);
    if (!sid) return std::nullopt;
    readers.owner = *std::move(sid);
  }
  const std::uint32_t dacl = le32(blob, 16);
  if ((control & kDaclPresent) == 0 || dacl == 0) {  // no list at all: all may do all
    readers.exposure = Exposure::kEveryone;
    readers.by = "no list: everyone (Windows ACL)";
    return readers;
  }
  const auto entries = read_dacl(blob, dacl);
  if (!entries) return std::nullopt;
  judge(*entries, readers);
  return readers;
}

std::optional<Readers> read_samba_ntacl(Blob blob) {
  if (!holds(blob, 0, 12)) return std::nullopt;
  const std::uint16_t version = le16(blob, 0);
  if (le16(blob, 2) != version || le32(blob, 4) == 0) return std::nullopt;
  // version, union switch, pointer: 8 bytes. v2 and up: pointer to the descriptor, then a hash.
  if (version == 1) return read_security_descriptor(blob.subspan(8));
  if (le32(blob, 8) == 0) return std::nullopt;
  std::size_t at = 12;
  if (version == 2) {
    at += 16;
  } else if (version == 3 || version == 4) {
    at += 2 + 64;  // hash type, hash
  } else {
    return std::nullopt;
  }
  if (version == 4) {  // description (NUL-ended), NTTIME, hash of the system ACL
    while (at < blob.size() && blob[at] != 0) ++at;
    ++at;
    // NDR aligns an NTTIME to 4; take 8 as well, by what then reads as a descriptor.
    const std::size_t eight = aligned(aligned(at, 8) + 8 + 64, 4);
    at = aligned(aligned(at, 4) + 8 + 64, 4);
    if (at < blob.size())
      if (auto readers = read_security_descriptor(blob.subspan(at))) return readers;
    at = eight;
  }
  at = aligned(at, 4);
  if (at >= blob.size()) return std::nullopt;
  return read_security_descriptor(blob.subspan(at));
}

std::optional<Readers> read_nfs4_acl(Blob blob) {
  static constexpr std::uint32_t kReadData = 0x1;
  static constexpr std::uint32_t kInheritOnly = 0x8;
  static constexpr std::uint32_t kIsGroup = 0x40;
  if (!holds(blob, 0, 4)) return std::nullopt;
  const std::uint32_t count = be32(blob, 0);
  std::size_t at = 4;
  std::vector<std::string> denied;
  Readers readers;
  readers.exposure = Exposure::kOwner;
  readers.by = "owner (NFSv4 ACL)";
  for (std::uint32_t i = 0; i < count; ++i) {  // ends at the blob's end, whatever count says
    if (!holds(blob, at, 16)) return std::nullopt;
    const std::uint32_t type = be32(blob, at);
    const std::uint32_t flags = be32(blob, at + 4);
    const std::uint32_t mask = be32(blob, at + 8);
    const std::size_t length = be32(blob, at + 12);
    at += 16;
    if (!holds(blob, at, length)) return std::nullopt;
    const std::string who(reinterpret_cast<const char*>(blob.data()) + at, length);
    at += aligned(length, 4);
    if ((flags & kInheritOnly) != 0 || (mask & kReadData) == 0 || type > 1) continue;
    if (type == 1) {
      denied.push_back(who);
      continue;
    }
    const auto is_denied = [&](std::string_view name) {
      return std::find(denied.begin(), denied.end(), name) != denied.end();
    };
    if (is_denied(who) || is_denied("EVERYONE@")) continue;
    if (who == "EVERYONE@" || who == "AUTHENTICATED@" || who == "NETWORK@" || who == "ANONYMOUS@") {
      readers.exposure = Exposure::kEveryone;
      readers.by = who + ": r (NFSv4 ACL)";
    } else if (readers.exposure == Exposure::kOwner && who != "OWNER@") {
      readers.exposure = Exposure::kGroup;
      readers.by = ((flags & kIsGroup) != 0 || who == "GROUP@" ? "group " : "user ") + who +
                   ": r (NFSv4 ACL)";
    }
  }
  return readers;
}

}  // namespace gallra::walk

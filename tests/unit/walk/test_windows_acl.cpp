#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "scanner/walk/open.hpp"
#include "scanner/walk/windows_acl.hpp"

using namespace gallra;
using namespace gallra::walk;

namespace {

using Bytes = std::vector<unsigned char>;

void put(Bytes& out, std::uint64_t value, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) out.push_back(static_cast<unsigned char>(value >> (8 * i)));
}
void put_be(Bytes& out, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8)
    out.push_back(static_cast<unsigned char>(value >> shift));
}
void append(Bytes& out, const Bytes& more) { out.insert(out.end(), more.begin(), more.end()); }

Bytes sid(std::uint64_t authority, const std::vector<std::uint32_t>& parts) {
  Bytes out{1, static_cast<unsigned char>(parts.size()), 0, 0, 0, 0,
            0, static_cast<unsigned char>(authority)};
  for (const std::uint32_t part : parts) put(out, part, 4);
  return out;
}

const Bytes kEveryone = sid(1, {0});
const Bytes kAuthenticated = sid(5, {11});
const Bytes kUsers = sid(5, {32, 545});
const Bytes kAdministrators = sid(5, {32, 544});
const Bytes kSystem = sid(5, {18});
const Bytes kCreatorOwner = sid(3, {0});
const Bytes kDomainUsers = sid(5, {21, 1111, 2222, 3333, 513});
const Bytes kDepartment = sid(5, {21, 1111, 2222, 3333, 1104});
const Bytes kPerson = sid(5, {21, 1111, 2222, 3333, 1201});

constexpr unsigned kAllow = 0, kDeny = 1, kAllowObject = 5;
constexpr std::uint32_t kRead = 0x1, kFull = 0x001f01ff, kGenericAll = 0x10000000, kWrite = 0x2;

Bytes ace(unsigned type, std::uint32_t mask, const Bytes& who, unsigned flags = 0) {
  Bytes out{static_cast<unsigned char>(type), static_cast<unsigned char>(flags)};
  put(out, 8 + who.size() + (type == kAllowObject ? 20 : 0), 2);
  put(out, mask, 4);
  if (type == kAllowObject) {
    put(out, 1, 4);  // one GUID follows
    out.resize(out.size() + 16, 0xab);
  }
  append(out, who);
  return out;
}

// owner at 20, DACL behind it; control: self-relative, DACL present
Bytes descriptor(const std::vector<Bytes>& aces, bool with_dacl = true) {
  Bytes list;
  for (const Bytes& one : aces) append(list, one);
  Bytes out{1, 0};
  put(out, with_dacl ? 0x8004 : 0x8000, 2);
  put(out, 20, 4);
  put(out, 0, 4);
  put(out, 0, 4);
  put(out, with_dacl ? 20 + kPerson.size() : 0, 4);
  append(out, kPerson);
  if (!with_dacl) return out;
  put(out, 2, 2);
  put(out, 8 + list.size(), 2);
  put(out, aces.size(), 2);
  put(out, 0, 2);
  append(out, list);
  return out;
}

struct Case {
  const char* what;
  std::vector<Bytes> aces;
  Exposure exposure;
  const char* by;
};

}  // namespace

TEST_CASE("A Windows list tells the widest circle that may read") {
  const std::vector<Case> cases = {
      {"everyone",
       {ace(kAllow, kRead, kEveryone)},
       Exposure::kEveryone,
       "Everyone: r (Windows ACL)"},
      {"authenticated",
       {ace(kAllow, kFull, kAuthenticated)},
       Exposure::kEveryone,
       "Authenticated Users: r (Windows ACL)"},
      {"users by a generic right",
       {ace(kAllow, kGenericAll, kUsers)},
       Exposure::kEveryone,
       "BUILTIN\\Users: r (Windows ACL)"},
      {"domain users",
       {ace(kAllow, kRead, kDepartment), ace(kAllow, kRead, kDomainUsers)},
       Exposure::kEveryone,
       "Domain Users: r (Windows ACL)"},
      {"a department",
       {ace(kAllow, kFull, kSystem), ace(kAllow, kFull, kAdministrators),
        ace(kAllow, kRead, kDepartment)},
       Exposure::kGroup,
       "S-1-5-21-1111-2222-3333-1104: r (Windows ACL)"},
      {"owner, system, administrators",
       {ace(kAllow, kFull, kPerson), ace(kAllow, kFull, kSystem),
        ace(kAllow, kFull, kAdministrators), ace(kAllow, kFull, kCreatorOwner)},
       Exposure::kOwner,
       "owner (Windows ACL)"},
      {"write without read is no reading",
       {ace(kAllow, kWrite, kEveryone)},
       Exposure::kOwner,
       "owner (Windows ACL)"},
      {"for files to come only",
       {ace(kAllow, kRead, kEveryone, 0x0b)},
       Exposure::kOwner,
       "owner (Windows ACL)"},
      {"denied before",
       {ace(kDeny, kRead, kEveryone), ace(kAllow, kRead, kEveryone)},
       Exposure::kOwner,
       "owner (Windows ACL)"},
      {"another group denied",
       {ace(kDeny, kRead, kDepartment), ace(kAllow, kRead, kEveryone)},
       Exposure::kEveryone,
       "Everyone: r (Windows ACL)"},
      {"denied after",
       {ace(kAllow, kRead, kEveryone), ace(kDeny, kRead, kEveryone)},
       Exposure::kEveryone,
       "Everyone: r (Windows ACL)"},
      {"object entry",
       {ace(kAllowObject, kRead, kEveryone)},
       Exposure::kEveryone,
       "Everyone: r (Windows ACL)"},
      {"empty list", {}, Exposure::kOwner, "owner (Windows ACL)"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.what);
    const auto readers = read_security_descriptor(descriptor(c.aces));
    REQUIRE(readers.has_value());
    CHECK(readers->exposure == c.exposure);
    CHECK(readers->by == c.by);
    CHECK(readers->owner == "S-1-5-21-1111-2222-3333-1201");
  }
}

TEST_CASE("No list at all means that everyone may") {
  const auto readers = read_security_descriptor(descriptor({}, false));
  REQUIRE(readers.has_value());
  CHECK(readers->exposure == Exposure::kEveryone);
}

TEST_CASE("Samba's wrapping is opened in all its versions") {
  const Bytes inner = descriptor({ace(kAllow, kRead, kDepartment)});
  for (const unsigned version : {1u, 2u, 3u, 4u}) {
    for (const std::string description : {"", "posix_acl", "x"}) {
      Bytes blob;
      put(blob, version, 2);
      put(blob, version, 2);
      put(blob, 0x00020000, 4);
      if (version > 1) put(blob, 0x00020004, 4);
      if (version == 2) blob.resize(blob.size() + 16, 7);
      if (version >= 3) {
        put(blob, 1, 2);
        blob.resize(blob.size() + 64, 7);
      }
      if (version == 4) {
        append(blob, Bytes(description.begin(), description.end()));
        blob.push_back(0);
        while (blob.size() % 4 != 0) blob.push_back(0);
        put(blob, 132000000000000000ull, 8);
        blob.resize(blob.size() + 64, 9);
        if (description == "posix_acl") CHECK(blob.size() == 0xa0);  // as the kernel's ksmbd has it
      }
      while (blob.size() % 4 != 0) blob.push_back(0);
      append(blob, inner);
      CAPTURE(version, description);
      const auto readers = read_samba_ntacl(blob);
      REQUIRE(readers.has_value());
      CHECK(readers->exposure == Exposure::kGroup);
      CHECK(readers->by == "S-1-5-21-1111-2222-3333-1104: r (Windows ACL)");
    }
  }
  CHECK_FALSE(read_samba_ntacl(Bytes{5, 0, 5, 0, 0, 0, 2, 0, 0, 0, 0, 0}).has_value());
}

TEST_CASE("An NFSv4 list tells the widest circle that may read") {
  struct Nfs {
    std::uint32_t type, flags, mask;
    const char* who;
  };
  struct NfsCase {
    std::vector<Nfs> entries;
    Exposure exposure;
    const char* by;
  };
  const std::vector<NfsCase> cases = {
      {{{0, 0, 0x1601ff, "OWNER@"}, {0, 0x40, 0x1200a9, "GROUP@"}, {0, 0, 0x1200a9, "EVERYONE@"}},
       Exposure::kEveryone,
       "EVERYONE@: r (NFSv4 ACL)"},
      {{{0, 0, 0x1601ff, "OWNER@"}, {0, 0x40, 0x1, "GROUP@"}, {0, 0, 0x120080, "EVERYONE@"}},
       Exposure::kGroup,
       "group GROUP@: r (NFSv4 ACL)"},
      {{{0, 0, 1, "OWNER@"}, {0, 0, 1, "anna@example.org"}},
       Exposure::kGroup,
       "user anna@example.org: r (NFSv4 ACL)"},
      {{{0, 0, 1, "OWNER@"}, {0, 8, 1, "EVERYONE@"}}, Exposure::kOwner, "owner (NFSv4 ACL)"},
      {{{1, 0, 1, "EVERYONE@"}, {0, 0, 1, "EVERYONE@"}}, Exposure::kOwner, "owner (NFSv4 ACL)"},
  };
  for (const NfsCase& c : cases) {
    Bytes blob;
    put_be(blob, static_cast<std::uint32_t>(c.entries.size()));
    for (const Nfs& entry : c.entries) {
      const std::string who = entry.who;
      for (const std::uint32_t word :
           {entry.type, entry.flags, entry.mask, static_cast<std::uint32_t>(who.size())})
        put_be(blob, word);
      append(blob, Bytes(who.begin(), who.end()));
      while (blob.size() % 4 != 0) blob.push_back(0);
    }
    CAPTURE(c.by);
    const auto readers = read_nfs4_acl(blob);
    REQUIRE(readers.has_value());
    CHECK(readers->exposure == c.exposure);
    CHECK(readers->by == c.by);
    for (std::size_t n = 0; n < blob.size() - 4; ++n)
      CHECK_FALSE(read_nfs4_acl(Blob(blob).first(n)).has_value());
  }
  CHECK_FALSE(read_nfs4_acl(Bytes{0xff, 0xff, 0xff, 0xff}).has_value());
}

TEST_CASE("A damaged list is unknown, and never reads past its end") {
  const Bytes whole = descriptor({ace(kAllow, kRead, kDepartment), ace(kAllow, kRead, kEveryone)});
  for (std::size_t n = 0; n < whole.size(); ++n) {
    const Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(n));
    CHECK_FALSE(read_security_descriptor(cut).has_value());
  }
  for (std::size_t i = 0; i < whole.size(); ++i)
    for (const int value : {0x00, 0x01, 0x7f, 0xff}) {
      Bytes bad = whole;
      bad[i] = static_cast<unsigned char>(value);
      read_security_descriptor(bad);
      Bytes wrapped{1, 0, 1, 0, 0, 0, 2, 0};
      append(wrapped, bad);
      read_samba_ntacl(wrapped);
    }
}

TEST_CASE("Samba's DOS attributes are read in both of their forms") {
  using namespace std::string_literals;
  CHECK(samba_dos_attributes("0x1020\0"s) == 0x1020);
  CHECK(samba_dos_attributes("0x20"s) == 0x20);
  CHECK(samba_dos_attributes("\0\0\x04\0\x04\0\0\0\x51\0\0\0\x20\x10\0\0"s) == 0x1020);
  CHECK(samba_dos_attributes("\0\0\x03\0\x03\0\0\0\x11\0\0\0\x20\0\0\0"s) == 0x20);
  CHECK(samba_dos_attributes("\0\0\x03\0\x03\0\0\0\x10\0\0\0\x20\x10\0\0"s) == 0);  // not valid
  CHECK(samba_dos_attributes("\0\0\x09\0"s) == 0);
  CHECK(samba_dos_attributes(""s) == 0);
}

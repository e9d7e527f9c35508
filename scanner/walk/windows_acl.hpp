// Reads who may read a file from the ACLs that Windows and NFSv4 mounts show as extended
// attributes. Pure functions on untrusted bytes.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>

#include "scanner/model/file_ref.hpp"

namespace gallra::walk {

struct Readers {
  Exposure exposure = Exposure::kUnknown;
  std::string by;     // the widest entry: "Everyone: r (Windows ACL)"
  std::string owner;  // SID of the owner, "" when not told
};

using Blob = std::span<const unsigned char>;

// A self-relative security descriptor ([MS-DTYP] 2.4.6): system.cifs_acl, system.ntfs_acl.
std::optional<Readers> read_security_descriptor(Blob blob);
// Samba's security.NTACL: versions 1-4 of xattr_NTACL (NDR) around a security descriptor.
std::optional<Readers> read_samba_ntacl(Blob blob);
// system.nfs4_acl: XDR list of NFSv4 entries (RFC 7530, 6.2.1).
std::optional<Readers> read_nfs4_acl(Blob blob);

}  // namespace gallra::walk

// Owner and exposure of an open file. All of libacl is here.
#include <acl/libacl.h>
#include <array>
#include <cerrno>
#include <grp.h>
#include <memory>
#include <pwd.h>
#include <string_view>
#include <sys/acl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/xattr.h>
#include <unordered_map>
#include <vector>

#include "scanner/walk/open.hpp"
#include "scanner/walk/walk.hpp"
#include "scanner/walk/windows_acl.hpp"

namespace gallra::walk {
namespace {

// Asks the user database; the number when it has no name. Cached a thread, so that no lock is
// taken for each file and a slow directory service is asked once.
template <typename Entry, typename Lookup>
std::string look_up(unsigned id, Lookup lookup, char* Entry::*field) {
  std::vector<char> buffer(1024);
  Entry entry{};
  Entry* found = nullptr;
  while (lookup(id, &entry, buffer.data(), buffer.size(), &found) == ERANGE &&
         buffer.size() < (1u << 20))
    buffer.resize(buffer.size() * 2);
  return found != nullptr && found->*field != nullptr ? std::string(found->*field)
                                                      : std::to_string(id);
}

const std::string& user_name(uid_t uid) {
  thread_local std::unordered_map<uid_t, std::string> names;
  auto at = names.find(uid);
  if (at == names.end())
    at = names.emplace(uid, look_up(uid, ::getpwuid_r, &passwd::pw_name)).first;
  return at->second;
}

const std::string& group_name(gid_t gid) {
  thread_local std::unordered_map<gid_t, std::string> names;
  auto at = names.find(gid);
  if (at == names.end()) at = names.emplace(gid, look_up(gid, ::getgrgid_r, &group::gr_name)).first;
  return at->second;
}

void set_exposure(FileRef& file, Exposure exposure, std::string by) {
  file.exposure = exposure;
  file.exposure_by = std::move(by);
}

void from_mode(FileRef& file) {
  if ((file.mode & S_IROTH) != 0)
    set_exposure(file, Exposure::kEveryone, "other: r");
  else if ((file.mode & S_IRGRP) != 0)
    set_exposure(file, Exposure::kGroup, "group " + group_name(file.gid) + ": r");
  else
    set_exposure(file, Exposure::kOwner, "owner " + file.owner);
}

// With an ACL the group bits of the mode are its mask; the group's own right stands in the list.
void from_posix_acl(int fd, FileRef& file) {
  const std::unique_ptr<void, int (*)(void*)> owned(::acl_get_fd(fd), ::acl_free);
  const auto acl = static_cast<acl_t>(owned.get());
  if (acl == nullptr) return set_exposure(file, Exposure::kUnknown, "");
  bool mask_reads = true;
  std::string circle;
  bool other = false;
  acl_entry_t entry = nullptr;
  for (int next = ACL_FIRST_ENTRY; ::acl_get_entry(acl, next, &entry) == 1; next = ACL_NEXT_ENTRY) {
    acl_tag_t tag = ACL_UNDEFINED_TAG;
    acl_permset_t rights = nullptr;
    if (::acl_get_tag_type(entry, &tag) != 0 || ::acl_get_permset(entry, &rights) != 0) continue;
    const bool reads = ::acl_get_perm(rights, ACL_READ) == 1;
    if (tag == ACL_MASK) mask_reads = reads;
    if (tag == ACL_OTHER) other = reads;
    if (!reads || !circle.empty()) continue;
    if (tag == ACL_GROUP_OBJ) circle = "group " + group_name(file.gid) + ": r (ACL)";
    if (tag != ACL_USER && tag != ACL_GROUP) continue;
    const std::unique_ptr<void, int (*)(void*)> id(::acl_get_qualifier(entry), ::acl_free);
    if (!id) continue;
    if (tag == ACL_GROUP)
      circle = "group " + group_name(*static_cast<const gid_t*>(id.get())) + ": r (ACL)";
    else if (*static_cast<const uid_t*>(id.get()) != file.uid)
      circle = "user " + user_name(*static_cast<const uid_t*>(id.get())) + ": r (ACL)";
  }
  if (other)
    set_exposure(file, Exposure::kEveryone, "other: r");
  else if (mask_reads && !circle.empty())
    set_exposure(file, Exposure::kGroup, std::move(circle));
  else
    set_exposure(file, Exposure::kOwner, "owner " + file.owner);
}

// Where the kernel's mode bits are made up by the mount and the real rights are a Windows list.
bool mode_is_made_up(int fd, std::uint64_t dev) {
  thread_local std::unordered_map<std::uint64_t, bool> by_device;
  const auto known = by_device.find(dev);
  if (known != by_device.end()) return known->second;
  struct statfs fs {};
  const bool made_up =
      ::fstatfs(fd, &fs) == 0 && (static_cast<std::uint32_t>(fs.f_type) == 0xFF534D42u ||  // cifs
                                  static_cast<std::uint32_t>(fs.f_type) == 0xFE534D42u ||  // smb2
                                  static_cast<std::uint32_t>(fs.f_type) == 0x0000517Bu ||  // smbfs
                                  static_cast<std::uint32_t>(fs.f_type) == 0x7366746Eu);   // ntfs3
  by_device.emplace(dev, made_up);
  return made_up;
}

using Reader = std::optional<Readers> (*)(Blob);

enum class Found { kNo, kYes, kUndecodable };

Found from_attribute(int fd, const char* name, Reader reader, Readers& readers) {
  std::vector<unsigned char> blob(4096);
  ssize_t n = ::fgetxattr(fd, name, blob.data(), blob.size());
  if (n < 0 && errno == ERANGE) {
    blob.resize(65536);  // the kernel's own ceiling for an attribute
    n = ::fgetxattr(fd, name, blob.data(), blob.size());
  }
  if (n < 0) return errno == ENODATA || errno == EOPNOTSUPP ? Found::kNo : Found::kUndecodable;
  auto read = reader(Blob(blob.data(), static_cast<std::size_t>(n)));
  if (!read) return Found::kUndecodable;
  readers = *std::move(read);
  return Found::kYes;
}

// The names in listxattr's answer; a list too long for the buffer counts as having every name.
class AttributeNames {
 public:
  explicit AttributeNames(int fd) : n_(::flistxattr(fd, list_.data(), list_.size())) {
    all_ = n_ < 0 && errno == ERANGE;
  }
  bool has(std::string_view name) const {
    if (all_) return true;
    if (n_ <= 0) return false;
    std::string_view rest(list_.data(), static_cast<std::size_t>(n_));
    while (!rest.empty()) {
      const std::string_view one = rest.substr(0, rest.find('\0'));
      if (one == name) return true;
      rest.remove_prefix(std::min(one.size() + 1, rest.size()));
    }
    return false;
  }

 private:
  std::array<char, 2048> list_;  // NOLINT: filled by the kernel
  ssize_t n_;
  bool all_ = false;
};

// The list that alone decides on such a mount. False when there is none.
bool from_foreign_acl(int fd, FileRef& file, const AttributeNames& names) {
  Readers readers;
  Found found = Found::kNo;
  if (mode_is_made_up(fd, file.dev)) {
    for (const char* name : {"system.cifs_acl", "system.ntfs_security", "system.ntfs_acl"})
      if (found == Found::kNo) found = from_attribute(fd, name, read_security_descriptor, readers);
    if (found == Found::kNo) found = Found::kUndecodable;  // then nothing is known
  } else if (names.has("system.nfs4_acl")) {
    found = from_attribute(fd, "system.nfs4_acl", read_nfs4_acl, readers);
  } else if (names.has("system.ntfs_acl")) {  // ntfs-3g through FUSE
    found = from_attribute(fd, "system.ntfs_acl", read_security_descriptor, readers);
  }
  if (found == Found::kNo) return false;
  if (!readers.owner.empty()) file.owner = readers.owner;
  set_exposure(file, readers.exposure, std::move(readers.by));
  return true;
}

}  // namespace

void fill_access(int fd, FileRef& file) {
  file.owner = user_name(file.uid);
  set_exposure(file, Exposure::kUnknown, "");
  if (fd < 0) return;
  const AttributeNames names(fd);
  if (from_foreign_acl(fd, file, names)) return;
  if (names.has("system.posix_acl_access"))
    from_posix_acl(fd, file);
  else
    from_mode(file);
  if (!names.has("security.NTACL")) return;
  // Samba's server beside local users: both lists let people in, so the wider one is told.
  Readers readers;
  const Found found = from_attribute(fd, "security.NTACL", read_samba_ntacl, readers);
  if (found == Found::kYes && readers.exposure > file.exposure)
    set_exposure(file, readers.exposure, std::move(readers.by));
  else if (found == Found::kUndecodable && file.exposure != Exposure::kEveryone)
    set_exposure(file, Exposure::kUnknown, "");
}

}  // namespace gallra::walk

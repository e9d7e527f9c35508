#include "scanner/walk/open.hpp"

#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstring>
#include <fcntl.h>
#include <sys/xattr.h>
#include <thread>
#include <unistd.h>

#include "scanner/walk/walk.hpp"

namespace gallra::walk {
namespace {

using namespace std::chrono_literals;

// O_NONBLOCK: a FIFO that took the file's place must not hold us; regular files do not care.
constexpr int kFileFlags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
constexpr int kFolderFlags = O_RDONLY | O_NOFOLLOW | O_DIRECTORY | O_NONBLOCK | O_CLOEXEC;

// Two errors pass: no free descriptor (readers hold them; they come back), and a lease that another
// program (Samba) is asked by the kernel to give up. Waits at most 5 s for either.
int open_patiently(int parent, const char* name, int flags) {
  for (int tries = 0;; ++tries) {
    int fd = ::openat(parent, name, flags | O_NOATIME);
    if (fd < 0 && errno == EPERM) fd = ::openat(parent, name, flags);  // not our file
    if (fd >= 0) return fd;
    if (errno == EINTR) continue;
    const bool passes = errno == EMFILE || errno == ENFILE || errno == EWOULDBLOCK;
    if (!passes || tries >= 250) return -1;
    std::this_thread::sleep_for(20ms);
  }
}

std::uint32_t le32(std::string_view v, std::size_t at) {
  std::uint32_t out = 0;
  for (std::size_t i = 4; i-- > 0;) out = out << 8 | static_cast<unsigned char>(v[at + i]);
  return out;
}

std::string_view attribute(const std::string& path, const char* name,
                           std::array<char, 512>& buffer) {
  const ssize_t n = ::lgetxattr(path.c_str(), name, buffer.data(), buffer.size());
  return n > 0 ? std::string_view(buffer.data(), static_cast<std::size_t>(n)) : std::string_view();
}

}  // namespace

Fd::~Fd() {
  if (fd_ >= 0) ::close(fd_);
}

Fd open_folder_at(int parent, const char* name) {
  return Fd(open_patiently(parent, name, kFolderFlags));
}

Fd open_file_at(int folder, const char* name) {
  return Fd(open_patiently(folder, name, kFileFlags));
}

Fd open_folder_below(int folder, std::string_view rel) {
  Fd here(open_patiently(folder, ".", kFolderFlags));
  while (here.open() && !rel.empty()) {
    const std::size_t end = std::min(rel.find('/'), rel.size());
    here = open_folder_at(here.get(), std::string(rel.substr(0, end)).c_str());
    rel.remove_prefix(std::min(end + 1, rel.size()));
  }
  return here;
}

void fill_from_stat(const struct stat& st, FileRef& file) {
  const auto ns = [](const timespec& t) {
    return static_cast<std::int64_t>(t.tv_sec) * 1'000'000'000 + t.tv_nsec;
  };
  file.dev = st.st_dev;
  file.inode = st.st_ino;
  file.size = static_cast<std::uint64_t>(st.st_size);
  file.mtime_ns = ns(st.st_mtim);
  file.ctime_ns = ns(st.st_ctim);
  file.mode = st.st_mode;
  file.uid = st.st_uid;
  file.gid = st.st_gid;
  file.nlink = static_cast<std::uint32_t>(st.st_nlink);
}

Outcome outcome_of_errno(int error) {
  switch (error) {
    case EACCES:
    case EPERM:
      return Outcome::not_read(Reason::kPermission);
    case ENOENT:
    case ENOTDIR:
    case ELOOP:  // a link stands where the file stood
    case ENXIO:  // a socket or FIFO does
    case ESTALE:
      return Outcome::not_read(Reason::kVanished);
    case EHOSTDOWN:
    case EHOSTUNREACH:
    case ENOTCONN:
    case ETIMEDOUT:
      return Outcome::not_read(Reason::kDeadMount);
    case EWOULDBLOCK:
      return Outcome::not_read(Reason::kIoError, "held by another program");
    default: {
      const char* name = ::strerrorname_np(error);
      return Outcome::not_read(Reason::kIoError, name != nullptr ? name : std::to_string(error));
    }
  }
}

const char* special_kind(std::uint32_t mode) {
  if (S_ISFIFO(mode)) return "fifo";
  if (S_ISSOCK(mode)) return "socket";
  if (S_ISCHR(mode)) return "character device";
  if (S_ISBLK(mode)) return "block device";
  return S_ISREG(mode) || S_ISDIR(mode) || S_ISLNK(mode) ? nullptr : "unknown kind";
}

std::uint32_t samba_dos_attributes(std::string_view value) {
  if (value.starts_with("0x")) {  // before Samba 3.x: the number as text
    value.remove_prefix(2);
    value = value.substr(0, value.find('\0'));
    std::uint32_t out = 0;
    std::from_chars(value.data(), value.data() + value.size(), out, 16);
    return out;
  }
  // Empty text, pad, version, the union's switch, pad, valid flags, attributes.
  if (value.size() < 16 || value[0] != 0) return 0;
  const auto version = static_cast<unsigned char>(value[2]);
  if (version < 3 || version > 5 || value[3] != 0 || (le32(value, 8) & 1) == 0) return 0;
  return le32(value, 12);
}

bool is_offline_stub(int parent, const std::string& name) {
  // FILE_ATTRIBUTE_OFFLINE, _RECALL_ON_OPEN, _RECALL_ON_DATA_ACCESS ([MS-FSCC] 2.6)
  static constexpr std::uint32_t kElsewhere = 0x1000u | 0x40000u | 0x400000u;
  // lgetxattr wants a path; this one opens nothing and follows nothing.
  const std::string path = "/proc/self/fd/" + std::to_string(parent) + '/' + name;
  std::array<char, 512> buffer{};
  if (const auto v = attribute(path, "user.cifs.dosattrib", buffer); v.size() >= 4)
    return (le32(v, 0) & kElsewhere) != 0;
  if (const auto v = attribute(path, "system.ntfs_attrib", buffer); v.size() >= 4)
    return (le32(v, 0) & kElsewhere) != 0;
  if (const auto v = attribute(path, "user.DOSATTRIB", buffer); !v.empty())
    return (samba_dos_attributes(v) & kElsewhere) != 0;
  // Lustre: struct hsm_attrs { u32 compat, flags; ... }, HS_RELEASED = 4. Gluster: cloud archive.
  if (const auto v = attribute(path, "trusted.hsm", buffer); v.size() >= 8)
    return (le32(v, 4) & 4u) != 0;
  return !attribute(path, "trusted.glusterfs.cs.remote", buffer).empty();
}

int open_read_only(const std::string& path, int* error) {
  // The kernel takes 4095 bytes a call; a longer path goes in pieces, links refused between them.
  static constexpr std::size_t kPiece = 4000;
  std::string_view rest(path);
  Fd folder;
  while (rest.size() > kPiece) {
    const std::size_t cut = rest.rfind('/', kPiece);
    if (cut == std::string_view::npos || cut == 0) break;
    folder = open_folder_at(folder.open() ? folder.get() : AT_FDCWD,
                            std::string(rest.substr(0, cut)).c_str());
    if (!folder.open()) break;
    rest.remove_prefix(cut + 1);
  }
  Fd fd;
  if (folder.open() || rest.size() == path.size())
    fd = open_file_at(folder.open() ? folder.get() : AT_FDCWD, std::string(rest).c_str());
  struct stat st {};
  int failed = 0;
  if (!fd.open() || ::fstat(fd.get(), &st) != 0)
    failed = errno;
  else if (!S_ISREG(st.st_mode))
    failed = EINVAL;
  if (error != nullptr) *error = failed;
  return failed == 0 ? fd.release() : -1;
}

}  // namespace gallra::walk

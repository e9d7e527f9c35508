// Opening what is scanned, without following, waiting or leaving a trace.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <sys/stat.h>
#include <utility>

#include "scanner/model/file_ref.hpp"
#include "scanner/model/outcome.hpp"

namespace gallra::walk {

class Fd {
 public:
  explicit Fd(int fd = -1) : fd_(fd) {}
  ~Fd();
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;
  int get() const { return fd_; }
  bool open() const { return fd_ >= 0; }
  int release() { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

// Both give -1 and errno. Access times stay where the account is allowed to spare them.
Fd open_folder_at(int parent, const char* name);
Fd open_file_at(int folder, const char* name);
// `rel` (no slash at either end, any length) below `folder`, one step at a time: no step may be a
// link, and no path is too long.
Fd open_folder_below(int folder, std::string_view rel);

void fill_from_stat(const struct stat& st, FileRef& file);

// Why a call on an object of the tree failed.
Outcome outcome_of_errno(int error);
// "fifo", "socket", ...; nullptr for files, folders and links.
const char* special_kind(std::uint32_t mode);

// True when an archive system says that reading the file would fetch it from elsewhere. `parent`
// and `name` as for openat; the file is not opened.
bool is_offline_stub(int parent, const std::string& name);
// DOS attributes as Samba keeps them in user.DOSATTRIB (text or NDR, all versions); 0 = none.
std::uint32_t samba_dos_attributes(std::string_view value);

}  // namespace gallra::walk

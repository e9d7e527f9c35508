// The places a walk starts from, resolved.
#pragma once

#include <cstdint>
#include <string>
#include <sys/stat.h>

#include "scanner/walk/walk.hpp"

namespace gallra::walk {

struct RootPlace {
  Root root;
  int error = 0;       // errno when it could not be resolved; then the rest is empty
  std::string real;    // realpath: links in a root's own name are followed, it was named by hand
  std::string folder;  // of a single file: the folder it stands in, and its name there
  std::string base;
  bool is_folder = false;
  std::uint64_t dev = 0;
  std::uint64_t inode = 0;
};

RootPlace resolve(const Root& root);
std::uint64_t device_of(const struct statx& sx);
// A mount of any kind inside a tree on device `dev`: another device, a bind mount, an automount.
bool is_mount(const struct statx& sx, std::uint64_t dev);

}  // namespace gallra::walk

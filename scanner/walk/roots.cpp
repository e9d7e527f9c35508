#include "scanner/walk/roots.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <map>
#include <memory>
#include <numeric>
#include <sys/sysmacros.h>

namespace gallra::walk {
namespace {

// True when a walk of `outer` comes to `inner`, which lies below it.
bool reaches(const RootPlace& outer, const RootPlace& inner, const Options& options) {
  const std::size_t base = outer.real == "/" ? 1 : outer.real.size() + 1;
  for (std::size_t slash = inner.real.find('/', base);; slash = inner.real.find('/', slash + 1)) {
    const bool last = slash == std::string::npos;
    const std::string path = inner.real.substr(0, slash);
    const bool is_folder = !last || inner.is_folder;
    if (options.filter.excludes(std::string_view(path).substr(base), is_folder) != nullptr)
      return false;
    struct statx sx {};
    if (::statx(AT_FDCWD, path.c_str(), AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, STATX_BASIC_STATS,
                &sx) != 0)
      return false;
    if (!options.cross_file_systems && is_folder && is_mount(sx, outer.dev)) return false;
    if (last) return true;
  }
}

}  // namespace

std::uint64_t device_of(const struct statx& sx) {
  return makedev(sx.stx_dev_major, sx.stx_dev_minor);
}

bool is_mount(const struct statx& sx, std::uint64_t dev) {
  return device_of(sx) != dev ||
         (sx.stx_attributes & (STATX_ATTR_MOUNT_ROOT | STATX_ATTR_AUTOMOUNT)) != 0;
}

RootPlace resolve(const Root& root) {
  RootPlace place;
  place.root = root;
  const std::unique_ptr<char, void (*)(void*)> real(::realpath(root.path.c_str(), nullptr),
                                                    std::free);
  struct stat st {};
  if (!real || ::lstat(real.get(), &st) != 0) {
    place.error = errno;
    return place;
  }
  place.real = real.get();
  place.is_folder = S_ISDIR(st.st_mode);
  place.dev = st.st_dev;
  place.inode = st.st_ino;
  if (!place.is_folder) {
    const std::size_t slash = place.real.rfind('/');
    place.folder = slash == 0 ? "/" : place.real.substr(0, slash);
    place.base = place.real.substr(slash + 1);
    if (place.root.rel.empty()) {  // its own name, also when that is a link's
      const std::size_t cut = root.path.rfind('/');
      place.root.rel = cut == std::string::npos ? root.path : root.path.substr(cut + 1);
    }
  }
  return place;
}

std::vector<DroppedRoot> normalise_roots(std::vector<Root>& roots, const Options& options) {
  std::vector<RootPlace> places;
  places.reserve(roots.size());
  for (const Root& root : roots) places.push_back(resolve(root));
  // Outer before inner, else in the order given: the first of equals stays.
  std::vector<std::size_t> order(roots.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return places[a].real.size() < places[b].real.size();
  });
  std::map<std::string_view, std::size_t> kept;
  std::vector<char> dropped(roots.size(), 0);
  std::vector<DroppedRoot> report;
  for (const std::size_t i : order) {
    const RootPlace& place = places[i];
    if (place.error != 0) continue;
    const auto drop_if_inside = [&](std::string_view folder, bool same) {
      const auto at = kept.find(folder);
      if (at == kept.end() || (!same && !reaches(places[at->second], place, options))) return false;
      dropped[i] = 1;
      report.push_back({roots[i], roots[at->second]});
      return true;
    };
    bool inside = drop_if_inside(place.real, true);
    for (std::size_t slash = place.real.rfind('/'); !inside && slash != std::string::npos;
         slash = slash == 0 ? std::string::npos : place.real.rfind('/', slash - 1))
      inside = place.real != "/" &&
               drop_if_inside(
                   std::string_view(place.real).substr(0, std::max<std::size_t>(slash, 1)), false);
    if (!inside) kept.emplace(place.real, i);
  }
  std::vector<Root> left;
  for (std::size_t i = 0; i < roots.size(); ++i)
    if (dropped[i] == 0) left.push_back(std::move(roots[i]));
  roots = std::move(left);
  return report;
}

}  // namespace gallra::walk

// A folder of the test's own, gone with it, and small helpers to fill it.
#pragma once

#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <ftw.h>
#include <stdexcept>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

namespace gallra::test {

class TempTree {
 public:
  TempTree() {
    std::string name = "/tmp/gallra-walk-XXXXXX";
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp");
    path_ = name;
  }
  // rm -rf: the trees of these tests are deeper than PATH_MAX, which nftw does not take.
  ~TempTree() {
    const std::string command =
        "chmod -R u+rwx '" + path_ + "' 2>/dev/null; rm -rf '" + path_ + "'";
    if (std::system(command.c_str()) != 0) std::perror("rm");  // NOLINT(concurrency-mt-unsafe)
  }
  TempTree(const TempTree&) = delete;
  TempTree& operator=(const TempTree&) = delete;

  const std::string& path() const { return path_; }
  std::string operator/(const std::string& rel) const { return path_ + '/' + rel; }

  // Makes the folders above as well.
  std::string folder(const std::string& rel) const {
    for (std::size_t slash = rel.find('/'); slash != std::string::npos;
         slash = rel.find('/', slash + 1))
      ::mkdir((*this / rel.substr(0, slash)).c_str(), 0755);
    ::mkdir((*this / rel).c_str(), 0755);
    return *this / rel;
  }
  std::string file(const std::string& rel, const std::string& bytes = "text\n",
                   mode_t mode = 0644) const {
    if (const std::size_t slash = rel.rfind('/'); slash != std::string::npos)
      folder(rel.substr(0, slash));
    std::string full = *this / rel;
    std::ofstream(full, std::ios::binary) << bytes;
    ::chmod(full.c_str(), mode);
    return full;
  }

 private:
  std::string path_;
};

}  // namespace gallra::test

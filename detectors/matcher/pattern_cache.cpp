#include "detectors/matcher/pattern_cache.hpp"

#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>
#include <unistd.h>

#include "scanner/support/keyed_hash.hpp"

namespace gallra::detect {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kMagic = "gallra patterns 1\n";
constexpr std::string_view kDomain = "pattern-cache";
constexpr std::uintmax_t kMaxBytes = 256 << 20;
constexpr ::mode_t kOthers = 077;

bool is_ours_alone(const struct stat& st) {
  return st.st_uid == ::geteuid() && (st.st_mode & kOthers) == 0;
}

std::string key_file(const std::string& folder) { return folder + "/patterns.key"; }
std::string cache_file(const std::string& folder) { return folder + "/patterns.hs"; }

// The whole of a regular file that is ours alone; "" when it is not, or is not there.
std::string read_own(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (fd < 0) return {};
  std::string bytes;
  struct stat st {};
  if (::fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && is_ours_alone(st) &&
      static_cast<std::uintmax_t>(st.st_size) <= kMaxBytes) {
    bytes.resize(static_cast<std::size_t>(st.st_size));
    std::size_t got = 0;
    while (got < bytes.size()) {
      const ssize_t n = ::read(fd, bytes.data() + got, bytes.size() - got);
      if (n <= 0) break;
      got += static_cast<std::size_t>(n);
    }
    bytes.resize(got);
  }
  ::close(fd);
  return bytes;
}

// Whole or not at all: written beside, then renamed.
void write_own(const std::string& path, std::string_view bytes) {
  const std::string beside = path + "." + std::to_string(::getpid());
  const int fd = ::open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return;
  std::size_t put = 0;
  while (put < bytes.size()) {
    const ssize_t n = ::write(fd, bytes.data() + put, bytes.size() - put);
    if (n <= 0) break;
    put += static_cast<std::size_t>(n);
  }
  const bool whole = ::close(fd) == 0 && put == bytes.size();
  if (!whole || ::rename(beside.c_str(), path.c_str()) != 0) ::unlink(beside.c_str());
}

void add_number(std::string& out, std::uint64_t number) {
  for (int shift = 0; shift < 64; shift += 8) out.push_back(static_cast<char>(number >> shift));
}

std::optional<std::uint64_t> take_number(std::string_view& in) {
  if (in.size() < 8) return std::nullopt;
  std::uint64_t number = 0;
  for (std::size_t i = 8; i-- > 0;) number = number << 8 | static_cast<unsigned char>(in[i]);
  in.remove_prefix(8);
  return number;
}

std::optional<std::string> take_block(std::string_view& in) {
  const auto size = take_number(in);
  if (!size || *size > in.size()) return std::nullopt;
  std::string block(in.substr(0, static_cast<std::size_t>(*size)));
  in.remove_prefix(block.size());
  return block;
}

void add_block(std::string& out, std::string_view block) {
  add_number(out, block.size());
  out += block;
}

}  // namespace

PatternCache::PatternCache(const std::string& folder) {
  if (folder.empty()) return;
  struct stat st {};
  (void)::mkdir(fs::path(folder).parent_path().c_str(), 0700);
  (void)::mkdir(folder.c_str(), 0700);
  if (::lstat(folder.c_str(), &st) == 0 && S_ISDIR(st.st_mode) && is_ours_alone(st))
    folder_ = folder;
}

std::vector<std::string> PatternCache::files_in(const std::string& folder) {
  if (folder.empty()) return {};
  return {key_file(folder), cache_file(folder)};
}

std::optional<std::vector<std::string>> PatternCache::read(std::string_view meaning) const {
  if (folder_.empty()) return std::nullopt;
  const std::string bytes = read_own(cache_file(folder_));
  std::string_view rest = bytes;
  if (!rest.starts_with(kMagic) || rest.size() < kMagic.size() + sizeof(Key)) return std::nullopt;
  const auto key = Secret::load(key_file(folder_));
  if (!key) return std::nullopt;
  const Key mac = key->mac(kDomain, rest.substr(0, rest.size() - sizeof(Key)));
  if (std::memcmp(rest.data() + rest.size() - mac.size(), mac.data(), mac.size()) != 0)
    return std::nullopt;
  rest.remove_suffix(mac.size());
  rest.remove_prefix(kMagic.size());
  const auto kept_meaning = take_block(rest);
  if (!kept_meaning || *kept_meaning != meaning) return std::nullopt;
  std::vector<std::string> databases;
  while (!rest.empty()) {
    auto block = take_block(rest);
    if (!block) return std::nullopt;
    databases.push_back(std::move(*block));
  }
  return databases;
}

void PatternCache::write(std::string_view meaning,
                         const std::vector<std::string>& databases) const {
  if (folder_.empty()) return;
  auto key = Secret::load(key_file(folder_));
  if (!key) {
    ::unlink(key_file(folder_).c_str());
    key = Secret::create(key_file(folder_));
  }
  if (!key) return;
  std::string bytes(kMagic);
  add_block(bytes, meaning);
  for (const std::string& database : databases) add_block(bytes, database);
  const Key mac = key->mac(kDomain, bytes);
  bytes.append(reinterpret_cast<const char*>(mac.data()), mac.size());
  write_own(cache_file(folder_), bytes);
}

}  // namespace gallra::detect

#include "scanner/support/keyed_hash.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <sys/stat.h>
#include <unistd.h>

namespace gallra {
namespace {

constexpr char kSeparator =
    0x1f;  // never part of a domain, so that domain and value cannot be confused

Key cut(const unsigned char* digest) {
  Key key{};
  std::memcpy(key.data(), digest, key.size());
  return key;
}

}  // namespace

tl::expected<Secret, std::string> Secret::load(const std::string& path, Lang lang) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (fd < 0 && errno == ELOOP) return tl::unexpected(text(lang, "key.link", {printable(path)}));
  if (fd < 0)
    return tl::unexpected(text(lang, "key.open", {printable(path), errno_text(lang, errno)}));
  struct stat st {};
  Secret secret;
  const bool stat_ok = ::fstat(fd, &st) == 0;
  const ssize_t n = ::read(fd, secret.bytes_.data(), secret.bytes_.size());
  ::close(fd);
  if (!stat_ok || !S_ISREG(st.st_mode) || st.st_size != 32 || n != 32)
    return tl::unexpected(text(lang, "key.not_ours", {printable(path)}));
  if ((st.st_mode & 077) != 0)
    return tl::unexpected(text(lang, "key.open_to_others", {printable(path)}));
  return secret;
}

tl::expected<Secret, std::string> Secret::create(const std::string& path, Lang lang) {
  Secret secret;
  if (RAND_bytes(secret.bytes_.data(), static_cast<int>(secret.bytes_.size())) != 1)
    return tl::unexpected(std::string(text(lang, "key.no_random")));
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0)
    return tl::unexpected(text(lang, "key.create", {printable(path), errno_text(lang, errno)}));
  const bool ok = ::write(fd, secret.bytes_.data(), secret.bytes_.size()) == 32 && ::fsync(fd) == 0;
  const int error = errno;
  ::close(fd);
  if (!ok) {
    ::unlink(path.c_str());
    return tl::unexpected(text(lang, "key.create", {printable(path), errno_text(lang, error)}));
  }
  return secret;
}

Secret Secret::for_tests() {
  Secret secret;
  for (std::size_t i = 0; i < secret.bytes_.size(); ++i)
    secret.bytes_[i] = static_cast<unsigned char>(i * 7 + 1);
  return secret;
}

Secret::~Secret() { OPENSSL_cleanse(bytes_.data(), bytes_.size()); }

Key Secret::mac(std::string_view domain, std::string_view value) const {
  std::string message;
  message.reserve(domain.size() + 1 + value.size());
  message.append(domain).push_back(kSeparator);
  message.append(value);
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int n = 0;
  HMAC(EVP_sha256(), bytes_.data(), static_cast<int>(bytes_.size()),
       reinterpret_cast<const unsigned char*>(message.data()), message.size(), digest, &n);
  OPENSSL_cleanse(message.data(), message.size());
  return cut(digest);
}

std::string Secret::id() const { return hex(mac("key-id", "")).substr(0, 16); }

// OpenSSL 3 marks HMAC_CTX as deprecated in favour of EVP_MAC; EVP_DigestSign does the same job.
Secret::Stream::Stream(const Secret& secret, std::string_view domain) : ctx_(EVP_MD_CTX_new()) {
  auto* ctx = static_cast<EVP_MD_CTX*>(ctx_);
  EVP_PKEY* key = EVP_PKEY_new_raw_private_key(EVP_PKEY_HMAC, nullptr, secret.bytes_.data(),
                                               secret.bytes_.size());
  EVP_DigestSignInit(ctx, nullptr, EVP_sha256(), nullptr, key);
  EVP_PKEY_free(key);
  EVP_DigestSignUpdate(ctx, domain.data(), domain.size());
  EVP_DigestSignUpdate(ctx, &kSeparator, 1);
}

Secret::Stream::~Stream() { EVP_MD_CTX_free(static_cast<EVP_MD_CTX*>(ctx_)); }

void Secret::Stream::add(std::span<const std::byte> bytes) {
  EVP_DigestSignUpdate(static_cast<EVP_MD_CTX*>(ctx_), bytes.data(), bytes.size());
}

Key Secret::Stream::finish() {
  unsigned char digest[EVP_MAX_MD_SIZE];
  std::size_t n = sizeof digest;
  EVP_DigestSignFinal(static_cast<EVP_MD_CTX*>(ctx_), digest, &n);
  return cut(digest);
}

std::string sha256_base64(std::string_view bytes) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int n = 0;
  EVP_Digest(bytes.data(), bytes.size(), digest, &n, EVP_sha256(), nullptr);
  std::string out(4 * ((n + 2) / 3) + 1, '\0');
  const int length =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()), digest, static_cast<int>(n));
  out.resize(static_cast<std::size_t>(length));
  return out;
}

}  // namespace gallra

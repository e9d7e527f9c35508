// HMAC-SHA-256 under the organisation's key, and the key's file. All of OpenSSL's HMAC is here.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "scanner/model/finding.hpp"
#include "scanner/support/text.hpp"

namespace gallra {

// 256 random bits, 0600, never inside the database. Copies of a Secret are wiped when they die.
class Secret {
 public:
  // Refuses a file that others can read. Errors are sentences for people.
  static tl::expected<Secret, std::string> load(const std::string& path, Lang lang = Lang::kSv);
  // A new file, 0600; never over an old one.
  static tl::expected<Secret, std::string> create(const std::string& path, Lang lang = Lang::kSv);
  static Secret for_tests();  // fixed bytes
  ~Secret();
  Secret(const Secret&) = default;
  Secret& operator=(const Secret&) = default;

  // HMAC(key, domain ‖ 0x1f ‖ value), cut to 128 bits. Domains: "subject:personnummer",
  // "finding:email", "content" ...
  Key mac(std::string_view domain, std::string_view value) const;
  // Names the key without telling it: stored in the database to refuse a foreign key.
  std::string id() const;

  // Streaming form for content ids. One per thread.
  class Stream {
   public:
    Stream(const Secret& secret, std::string_view domain);
    ~Stream();
    void add(std::span<const std::byte> bytes);
    Key finish();

   private:
    void* ctx_;
  };

 private:
  Secret() = default;
  std::array<unsigned char, 32> bytes_{};
};

// SHA-256 in base64, for a page's Content-Security-Policy. Never for found values: see Secret.
std::string sha256_base64(std::string_view bytes);

}  // namespace gallra

#include "scanner/extract/jail/media_type.hpp"

#include <array>
#include <cstddef>
#include <magic.h>

namespace gallra::jail {

namespace {

magic_t cookie = nullptr;  // written once in the zygote, before any worker is forked

}  // namespace

void load_media_types() {
  cookie = ::magic_open(MAGIC_MIME_TYPE | MAGIC_NO_CHECK_COMPRESS | MAGIC_NO_CHECK_TEXT |
                        MAGIC_NO_CHECK_ENCODING | MAGIC_NO_CHECK_TOKENS);
  if (cookie == nullptr || ::magic_load(cookie, nullptr) == 0) return;
  ::magic_close(cookie);
  cookie = nullptr;
}

std::string media_type_of(const extract::Source& source) {
  if (cookie == nullptr) return {};
  std::array<std::byte, 4096> head{};
  const std::int64_t got = source.read(0, head);
  if (got <= 0) return {};
  const char* type = ::magic_buffer(cookie, head.data(), static_cast<std::size_t>(got));
  return type == nullptr ? std::string() : std::string(type);
}

}  // namespace gallra::jail

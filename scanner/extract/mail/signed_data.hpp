// S/MIME messages wrapped in PKCS #7 (CMS, RFC 5652), read only as far as to tell signed from
// encrypted and to take the signed content out. No signature is checked: what was written is read
// whoever signed it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gallra::extract::mail {

enum class CmsKind : std::uint8_t { kNone, kSigned, kEncrypted, kOther };

// Of a whole message or of its first 64 bytes.
CmsKind cms_kind(std::string_view der);
// The MIME entity inside a signed message; nullopt when it is not there (a detached signature) or
// damaged.
std::optional<std::string> signed_content(std::string_view der);

}  // namespace gallra::extract::mail

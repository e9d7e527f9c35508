#include "scanner/extract/mail/signed_data.hpp"

#include <algorithm>

namespace gallra::extract::mail {
namespace {

constexpr unsigned kSequence = 0x30;
constexpr unsigned kOid = 0x06;
constexpr unsigned kOctets = 0x04;
constexpr unsigned kOctetsInParts = 0x24;
constexpr unsigned kExplicit0 = 0xA0;
constexpr std::string_view kPkcs7 = "\x2A\x86\x48\x86\xF7\x0D\x01\x07";  // 1.2.840.113549.1.7
// 1.2.840.113549.1.9.16.1: .9 compressed, .23 authenticated-enveloped data
constexpr std::string_view kSmimeTypes = "\x2A\x86\x48\x86\xF7\x0D\x01\x09\x10\x01";
constexpr int kMaxParts = 8;  // octets in parts in parts ...

// One BER element: `body` is its content, or all that follows when its length is indefinite.
struct Element {
  unsigned tag = 0;
  bool indefinite = false;
  std::string_view body;
};

// Takes the element's head (and, when its length is known, its body) off `rest`.
std::optional<Element> take(std::string_view& rest) {
  if (rest.size() < 2) return std::nullopt;
  Element element;
  element.tag = static_cast<unsigned char>(rest[0]);
  const unsigned first = static_cast<unsigned char>(rest[1]);
  rest.remove_prefix(2);
  std::uint64_t length = first;
  if (first == 0x80) {
    element.indefinite = true;
    element.body = rest;
    return element;
  }
  if (first > 0x80) {
    const unsigned bytes = first & 0x7F;
    if (bytes > 8 || bytes > rest.size()) return std::nullopt;
    length = 0;
    for (unsigned i = 0; i < bytes; ++i) length = length << 8 | static_cast<unsigned char>(rest[i]);
    rest.remove_prefix(bytes);
  }
  // A truncated message gives what there is.
  element.body = rest.substr(0, length);
  rest.remove_prefix(element.body.size());
  return element;
}

// Appends octets, also those written in parts; leaves `rest` behind them.
bool take_octets(std::string_view& rest, std::string& into, int depth) {
  auto element = take(rest);
  if (!element) return false;
  if (element->tag == kOctets && !element->indefinite) {
    into += element->body;
    return true;
  }
  if (element->tag != kOctetsInParts || depth >= kMaxParts) return false;
  std::string_view inside = element->body;
  while (!inside.empty() && !inside.starts_with(std::string_view("\0\0", 2)))
    if (!take_octets(inside, into, depth + 1)) return !into.empty();
  if (element->indefinite) rest = inside.substr(std::min<std::size_t>(2, inside.size()));
  return true;
}

// Enters an element of the given tag: what follows is read from its body.
bool enter(std::string_view& rest, unsigned tag) {
  const auto element = take(rest);
  if (!element || element->tag != tag) return false;
  rest = element->body;
  return true;
}

bool skip(std::string_view& rest) {
  const auto element = take(rest);
  return element && !element->indefinite;
}

}  // namespace

CmsKind cms_kind(std::string_view der) {
  if (!enter(der, kSequence)) return CmsKind::kNone;
  const auto oid = take(der);
  if (!oid || oid->tag != kOid || oid->body.empty()) return CmsKind::kNone;
  const std::string_view arc = oid->body.substr(0, oid->body.size() - 1);
  const unsigned last = static_cast<unsigned char>(oid->body.back());
  if (arc == kPkcs7 && last == 2) return CmsKind::kSigned;
  if (arc == kPkcs7 && (last == 3 || last == 4 || last == 6)) return CmsKind::kEncrypted;
  if (arc == kSmimeTypes && last == 23) return CmsKind::kEncrypted;
  return arc == kPkcs7 || arc == kSmimeTypes ? CmsKind::kOther : CmsKind::kNone;
}

std::optional<std::string> signed_content(std::string_view der) {
  if (cms_kind(der) != CmsKind::kSigned) return std::nullopt;
  // ContentInfo { oid, [0] SignedData { version, digest algorithms, { oid, [0] octets } ... } }
  std::string content;
  if (!enter(der, kSequence) || !skip(der) || !enter(der, kExplicit0) || !enter(der, kSequence) ||
      !skip(der) || !skip(der) || !enter(der, kSequence) || !skip(der) || !enter(der, kExplicit0) ||
      !take_octets(der, content, 0) || content.empty())
    return std::nullopt;
  return content;
}

}  // namespace gallra::extract::mail

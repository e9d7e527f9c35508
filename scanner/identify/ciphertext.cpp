// Files that are encrypted as a whole: OpenPGP (RFC 9580), age, openssl enc.
#include <algorithm>
#include <array>

#include "scanner/identify/identify.hpp"
#include "scanner/identify/parts.hpp"

namespace gallra::identify {
namespace {

using namespace std::string_view_literals;

unsigned at(std::string_view b, std::size_t i) {
  return i < b.size() ? static_cast<unsigned char>(b[i]) : 0u;
}

struct Packet {
  unsigned tag = 0;
  std::size_t body = 0;  // where it begins
  std::size_t end = 0;
};

// The header of an OpenPGP packet (RFC 9580, 4.2). Keys and messages of unknown length are not
// those that begin an encrypted message.
std::optional<Packet> packet_at(std::string_view b, std::size_t i) {
  const unsigned first = at(b, i);
  const unsigned size = at(b, i + 1);
  if ((first & 0x80) == 0) return std::nullopt;
  Packet packet;
  std::size_t length = size;
  packet.body = i + 2;
  if ((first & 0x40) != 0) {
    packet.tag = first & 0x3F;
    if (size >= 224) return packet;  // in pieces, or four bytes of length
    if (size >= 192) {
      length = ((size - 192) << 8) + at(b, i + 2) + 192;
      packet.body = i + 3;
    }
  } else {
    packet.tag = (first >> 2) & 0x0F;
    if ((first & 3) >= 2) return packet;
    if ((first & 3) == 1) {
      length = (size << 8) + at(b, i + 2);
      packet.body = i + 3;
    }
  }
  packet.end = packet.body + length;
  return packet;
}

// A session key, encrypted to a public key (tag 1) or to a password (3), and then another or the
// encrypted data (9, 18, 20).
bool is_openpgp(std::string_view b) {
  constexpr std::array<unsigned, 3> kData{9, 18, 20};
  const auto key = packet_at(b, 0);
  if (!key || (key->tag != 1 && key->tag != 3) || key->end < key->body + 4) return false;
  const unsigned version = at(b, key->body);
  const unsigned cipher = at(b, key->body + 1);
  if (key->tag == 1 && version != 3 && version != 6) return false;
  if (key->tag == 3 && (version < 4 || version > 6 || (version == 4 && cipher > 13))) return false;
  if (key->end + 2 > b.size()) return false;
  const auto next = packet_at(b, key->end);
  return next && (next->tag == 1 || next->tag == 3 ||
                  std::find(kData.begin(), kData.end(), next->tag) != kData.end());
}

// "openssl enc -a": the base64 of "Salted__".
bool is_openssl_base64(std::string_view b) {
  constexpr auto kSigns = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=\r\n"sv;
  return b.starts_with("U2FsdGVkX1") && b.find_first_not_of(kSigns) == std::string_view::npos;
}

}  // namespace

std::string_view ciphertext_kind(std::string_view head) {
  if (is_openpgp(head)) return "OpenPGP message";
  if (head.starts_with("age-encryption.org/v1\n")) return "age file";
  if (head.starts_with("Salted__") || is_openssl_base64(head)) return "file of openssl enc";
  return {};
}

std::optional<Identity> by_ciphertext(const Head& head) {
  if (head.bytes.starts_with("-----BEGIN PGP MESSAGE-----") ||
      head.bytes.starts_with("-----BEGIN AGE ENCRYPTED FILE-----"))
    return Identity{Format::kText, "text/plain", "armour of an encrypted message"};
  const std::string_view kind = ciphertext_kind(head.bytes);
  if (kind.empty()) return std::nullopt;
  const bool openpgp = kind.starts_with("OpenPGP");
  return Identity{Format::kText, openpgp ? "application/pgp-encrypted" : "application/octet-stream",
                  "encrypted: " + std::string(kind)};
}

}  // namespace gallra::identify

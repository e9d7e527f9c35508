#include "scanner/identify/identify.hpp"

#include "scanner/identify/parts.hpp"

namespace gallra::identify {
namespace {

// The signature of an ISO image stands at byte 32,769, past the head: the name must do, with a size
// of whole 2,048-byte sectors that reaches past it.
bool may_be_iso(const Head& head) {
  return (head.ext == "iso" || head.ext == "udf") && head.size >= 36864 && head.size % 2048 == 0;
}

Identity by_content(const Head& head, std::string_view zip_names) {
  if (auto identity = by_ciphertext(head)) return *std::move(identity);
  if (auto identity = by_signature(head)) {
    if (identity->format == Format::kZip) {
      if (auto inner = by_zip(head, zip_names)) return *std::move(inner);
    }
    return *std::move(identity);
  }
  if (auto identity = by_mail(head)) return *std::move(identity);
  const auto text = as_text(head);
  if (text) {
    if (auto identity = by_markup(head, *text)) return *std::move(identity);
    return by_text(head, *text);
  }
  if (may_be_iso(head))
    return {Format::kIso, "application/x-iso9660-image", "name .iso and whole sectors"};
  if (const auto damaged = as_damaged_text(head)) {
    if (auto identity = by_markup(head, *damaged)) return *std::move(identity);
    return by_text(head, *damaged);
  }
  return {Format::kUnknown, "application/octet-stream", "binary: no signature we know, not text"};
}

}  // namespace

Identity identify(std::span<const std::byte> head, std::uint64_t size, std::string_view name,
                  std::string_view zip_names) {
  if (size == 0) return {Format::kEmpty, "inode/x-empty", "no bytes"};
  if (head.empty()) return {Format::kUnknown, "", "its start could not be read"};
  Head input{
      {reinterpret_cast<const char*>(head.data()), head.size()}, size, name, extension_of(name)};
  input.promised = format_of_extension(input.ext);
  Identity identity = by_content(input, zip_names);
  const auto& promised = input.promised;
  if (promised && *promised != identity.format &&
      !(is_plain(*promised) && is_plain(identity.format)))
    identity.why += "; the name says ." + input.ext;
  return identity;
}

}  // namespace gallra::identify

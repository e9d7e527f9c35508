// Layout of zip files: PKWARE APPNOTE.TXT 6.3.9, sections 4.3.7 (local header), 4.3.12 (central
// directory), 4.3.14-16 (its end, also in 64 bits), 4.5.3 (64-bit extra field).
#include "scanner/extract/zip_parts.hpp"

#include <algorithm>
#include <cstring>
#include <libdeflate.h>
#include <memory>
#include <optional>

#include "scanner/extract/inflate.hpp"
#include "scanner/extract/little_endian.hpp"
namespace gallra::extract {
namespace {

constexpr std::uint32_t kLocalHeader = 0x04034b50;
constexpr std::uint32_t kCentralHeader = 0x02014b50;
constexpr std::uint32_t kEnd = 0x06054b50;
constexpr std::uint32_t kEnd64 = 0x06064b50;
constexpr std::uint32_t kEnd64Locator = 0x07064b50;
constexpr std::size_t kLocalSize = 30;
constexpr std::size_t kCentralSize = 46;
constexpr std::size_t kEndSize = 22;
constexpr std::size_t kDescriptorSize = 12;  // crc and two sizes after open-ended data

// Office documents have tens of parts; workbooks of thousands of sheets exist.
constexpr std::size_t kMaxParts = 100'000;
// Central directory of so many parts.
constexpr std::uint64_t kMaxDirectoryBytes = 32ull << 20;
// Deflate cannot expand further than this, so a larger claim is false.
constexpr std::uint64_t kDeflateMaxRatio = 1032;
constexpr std::size_t kBlock = 64 << 10;
// Checking each local header is one read; above so many parts it is left to the reading.
constexpr std::size_t kVerifiedParts = 2000;

std::string read_at(const Source& source, std::uint64_t at, std::uint64_t size) {
  std::string bytes(static_cast<std::size_t>(size), '\0');
  const std::int64_t got =
      source.read(at, std::as_writable_bytes(std::span(bytes.data(), bytes.size())));
  bytes.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
  return bytes;
}

std::string clean_name(std::string_view raw) {
  std::string name(raw);
  std::replace(name.begin(), name.end(), '\\', '/');
  name.erase(0, name.find_first_not_of('/'));
  return name;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

// Sizes and offset of an entry that did not fit in 32 bits.
void take_64bit_extra(std::string_view extra, ZipPart& part) {
  while (extra.size() >= 4) {
    const std::size_t length = u16(extra, 2);
    if (extra.size() < 4 + length) return;
    std::string_view field = extra.substr(4, length);
    if (u16(extra, 0) == 1) {
      for (std::uint64_t* value : {&part.size, &part.packed, &part.header}) {
        if (*value != 0xFFFFFFFF || field.size() < 8) continue;
        *value = u64(field, 0);
        field.remove_prefix(8);
      }
    }
    extra.remove_prefix(4 + length);
  }
}

struct Directory {
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
  std::uint64_t shift = 0;  // bytes in front of the zip that its offsets do not count
};

std::optional<Directory> find_directory(const Source& source) {
  const std::uint64_t tail_size = std::min<std::uint64_t>(source.size, 0xFFFF + kEndSize);
  const std::uint64_t tail_at = source.size - tail_size;
  const std::string tail = read_at(source, tail_at, tail_size);
  for (std::size_t at = tail.size() < kEndSize ? 0 : tail.size() - kEndSize + 1; at-- > 0;) {
    if (u32(tail, at) != kEnd) continue;
    Directory found{u32(tail, at + 16), u32(tail, at + 12), 0};
    std::uint64_t end = tail_at + at;
    if (at >= 20 && u32(tail, at - 20) == kEnd64Locator) {
      const std::uint64_t end64 = u64(tail, at - 12);
      const std::string record = read_at(source, end64, 56);
      if (record.size() == 56 && u32(record, 0) == kEnd64) {
        found = {u64(record, 48), u64(record, 40), 0};
        end = end64;
      }
    }
    if (found.size > end || found.offset > end - found.size) return std::nullopt;
    found.shift = end - found.size - found.offset;
    return found;
  }
  return std::nullopt;
}

}  // namespace

ZipParts::ZipParts(const Source& source, const Limits& limits) : source_(source), limits_(limits) {
  recovered_ = !read_directory();
  if (recovered_) scan_local_headers();
}

void ZipParts::add(ZipPart part) {
  if (part.name.empty() || part.name.ends_with('/') || parts_.size() >= kMaxParts) return;
  by_name_.try_emplace(lower(part.name), parts_.size());
  parts_.push_back(std::move(part));
}

const ZipPart* ZipParts::find(std::string_view name) const {
  const auto found = by_name_.find(lower(name));
  return found == by_name_.end() ? nullptr : &parts_[found->second];
}

// False when the directory is gone or does not lead to the parts.
bool ZipParts::read_directory() {
  const std::optional<Directory> where = find_directory(source_);
  if (!where || where->size > kMaxDirectoryBytes) return false;
  const std::string bytes = read_at(source_, where->offset + where->shift, where->size);
  std::size_t at = 0;
  while (at + kCentralSize <= bytes.size() && u32(bytes, at) == kCentralHeader) {
    const std::size_t name = u16(bytes, at + 28);
    const std::size_t extra = u16(bytes, at + 30);
    const std::size_t comment = u16(bytes, at + 32);
    if (at + kCentralSize + name + extra > bytes.size()) break;
    ZipPart part;
    part.name = clean_name(std::string_view(bytes).substr(at + kCentralSize, name));
    part.encrypted = (u16(bytes, at + 8) & 1) != 0;
    part.method = u16(bytes, at + 10);
    part.crc = u32(bytes, at + 16);
    part.packed = u32(bytes, at + 20);
    part.size = u32(bytes, at + 24);
    part.header = u32(bytes, at + 42);
    take_64bit_extra(std::string_view(bytes).substr(at + kCentralSize + name, extra), part);
    part.header += where->shift;
    add(std::move(part));
    at += kCentralSize + name + extra + comment;
  }
  if (at != bytes.size() || bytes.size() != where->size || parts_.empty()) return false;
  if (parts_.size() > kVerifiedParts) return true;
  return std::all_of(parts_.begin(), parts_.end(), [&](const ZipPart& part) {
    const std::string mark = read_at(source_, part.header, 4);
    return mark.size() == 4 && u32(mark, 0) == kLocalHeader;
  });
}

// Looks for local headers through the whole file. What the directory gave is kept only for parts
// that are not found so.
void ZipParts::scan_local_headers() {
  const std::vector<ZipPart> listed = std::move(parts_);
  parts_.clear();
  by_name_.clear();
  constexpr std::string_view kMark("PK\3\4", 4);
  constexpr std::string_view kDirectoryMark("PK\1\2", 4);
  std::uint64_t base = 0;
  std::uint64_t directory = source_.size;
  std::vector<ZipPart> found;
  std::string window;
  while (base < source_.size && found.size() < kMaxParts) {
    window = read_at(source_, base, std::min<std::uint64_t>(source_.size - base, 1 << 20));
    if (window.size() < 4) break;
    for (std::size_t at = window.find("PK"); at != std::string::npos;
         at = window.find("PK", at + 2)) {
      const std::string_view mark = std::string_view(window).substr(at, 4);
      if (mark == kDirectoryMark) directory = std::min(directory, base + at);
      if (mark != kMark) continue;
      const std::string head = read_at(source_, base + at, kLocalSize + 512);
      if (head.size() < kLocalSize) continue;
      const std::size_t name = u16(head, 26);
      const std::uint16_t method = u16(head, 8);
      if (name == 0 || name > 512 || kLocalSize + name > head.size() || method > 99) continue;
      ZipPart part;
      part.name = clean_name(std::string_view(head).substr(kLocalSize, name));
      part.header = base + at;
      const std::uint16_t flags = u16(head, 6);
      part.encrypted = (flags & 1) != 0;
      part.method = method;
      part.crc = u32(head, 14);
      part.packed = u32(head, 18);
      part.size = u32(head, 22);
      part.open_ended = (flags & 8) != 0 || part.packed == 0xFFFFFFFF;
      found.push_back(std::move(part));
    }
    base += window.size() <= 3 ? window.size() : window.size() - 3;
    if (window.size() < (1 << 20)) break;
  }
  for (std::size_t i = 0; i < found.size(); ++i) {
    ZipPart& part = found[i];
    if (!part.open_ended) continue;
    const std::uint64_t end =
        i + 1 < found.size() ? found[i + 1].header : std::max(directory, part.header);
    part.packed = end - part.header;
    part.crc = 0;
    part.size = 0;
  }
  for (ZipPart& part : found) add(std::move(part));
  for (const ZipPart& part : listed)
    if (find(part.name) == nullptr) add(part);
}

// Where the data stand and how many of them there are, or why they cannot be had.
Outcome ZipParts::open_data(const ZipPart& part, std::uint64_t& at, std::uint64_t& packed) const {
  const std::string head = read_at(source_, part.header, kLocalSize);
  if (head.size() < kLocalSize || u32(head, 0) != kLocalHeader)
    return Outcome::not_read(Reason::kCorrupt);
  if (part.encrypted || (u16(head, 6) & 1) != 0) return Outcome::not_read(Reason::kEncrypted);
  if (part.method != 0 && part.method != 8)
    return Outcome::not_read(Reason::kUnsupported, "compression method");
  at = part.header + kLocalSize + u16(head, 26) + u16(head, 28);
  if (at > source_.size) return Outcome::not_read(Reason::kCorrupt);
  packed = std::min(part.packed, source_.size - at);
  return Outcome::read();
}

bool ZipParts::is_bomb(std::uint64_t out, std::uint64_t packed) const {
  return out > limits_.ratio_after_bytes && out / limits_.max_ratio > packed;
}

namespace {

Outcome damaged(std::uint64_t bytes_before) {
  return bytes_before > 0 ? Outcome::in_part(Reason::kCorrupt)
                          : Outcome::not_read(Reason::kCorrupt);
}

}  // namespace

Outcome ZipParts::copy(const ZipPart& part, std::uint64_t at, std::uint64_t packed,
                       const Take& take) const {
  const std::uint64_t want =
      part.open_ended && packed > kDescriptorSize ? packed - kDescriptorSize : packed;
  std::uint32_t crc = 0;
  std::uint64_t done = 0;
  while (done < want) {
    const std::string block =
        read_at(source_, at + done, std::min<std::uint64_t>(want - done, kBlock));
    if (block.empty()) return Outcome::in_part(Reason::kIoError);
    crc = libdeflate_crc32(crc, block.data(), block.size());
    done += block.size();
    if (!take(block)) return Outcome::in_part(Reason::kTooLarge);
  }
  if (packed < part.packed || (part.crc != 0 && crc != part.crc)) return damaged(done);
  return Outcome::read();
}

Outcome ZipParts::inflate(const ZipPart& part, std::uint64_t at, std::uint64_t packed,
                          const Take& take) const {
  Inflater inflater(Inflater::Wrapping::kNone);
  std::string block;
  std::string_view left;
  std::uint32_t crc = 0;
  std::uint64_t taken = 0;
  std::uint64_t given = 0;
  for (Inflater::Step step = Inflater::Step::kMore; step != Inflater::Step::kEnd;) {
    if (left.empty()) {
      block = read_at(source_, at + taken, std::min<std::uint64_t>(packed - taken, kBlock));
      left = block;
      taken += block.size();
    }
    std::string_view piece;
    step = inflater.run(left, piece);
    given += piece.size();
    if (is_bomb(given, taken)) return Outcome::in_part(Reason::kBomb, "ratio");
    crc = libdeflate_crc32(crc, piece.data(), piece.size());
    if (!piece.empty() && !take(piece)) return Outcome::in_part(Reason::kTooLarge);
    const bool starved = step == Inflater::Step::kMore && piece.empty() && block.empty();
    if (step == Inflater::Step::kBroken || starved) return damaged(given);
  }
  if (part.crc != 0 && crc != part.crc) return damaged(given);
  return Outcome::read();
}

Outcome ZipParts::stream(const ZipPart& part, const Take& take) const {
  std::uint64_t at = 0;
  std::uint64_t packed = 0;
  Outcome opened = open_data(part, at, packed);
  if (opened.kind != OutcomeKind::kRead) return opened;
  return part.method == 0 ? copy(part, at, packed, take) : inflate(part, at, packed, take);
}

// The usual case at libdeflate's speed (about twice zlib's): sizes known, nothing damaged.
bool ZipParts::read_whole(const ZipPart& part, std::uint64_t at, std::string& into) const {
  const std::string packed = read_at(source_, at, part.packed);
  if (packed.size() != part.packed) return false;
  const std::unique_ptr<libdeflate_decompressor, void (*)(libdeflate_decompressor*)> inflater(
      libdeflate_alloc_decompressor(), libdeflate_free_decompressor);
  into.resize(static_cast<std::size_t>(part.size));
  const libdeflate_result result = libdeflate_deflate_decompress(
      inflater.get(), packed.data(), packed.size(), into.data(), into.size(), nullptr);
  const bool good =
      result == LIBDEFLATE_SUCCESS && libdeflate_crc32(0, into.data(), into.size()) == part.crc;
  if (!good) into.clear();
  return good;
}

Outcome ZipParts::read(const ZipPart& part, std::string& into, std::uint64_t limit) const {
  into.clear();
  std::uint64_t at = 0;
  std::uint64_t packed = 0;
  Outcome opened = open_data(part, at, packed);
  if (opened.kind != OutcomeKind::kRead) return opened;
  if (part.size > limit || (part.method == 0 && packed > limit))
    return Outcome::not_read(Reason::kTooLarge);
  if (part.method == 8 && is_bomb(part.size, std::max<std::uint64_t>(part.packed, 1)))
    return Outcome::not_read(Reason::kBomb, "ratio");
  const bool sizes_known = part.method == 8 && !part.open_ended && part.size > 0 &&
                           packed == part.packed && part.size / kDeflateMaxRatio <= packed;
  if (sizes_known && read_whole(part, at, into)) return Outcome::read();
  return stream(part, [&](std::string_view piece) {
    if (into.size() + piece.size() > limit) return false;
    into += piece;
    return true;
  });
}

}  // namespace gallra::extract

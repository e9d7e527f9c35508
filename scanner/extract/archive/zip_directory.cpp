#include "scanner/extract/archive/zip_directory.hpp"

#include <algorithm>
#include <array>
#include <ctime>
#include <libdeflate.h>

#include "scanner/extract/little_endian.hpp"

namespace gallra::extract {

namespace {

constexpr std::uint32_t kLocalMark = 0x04034b50;
constexpr std::uint32_t kCentralMark = 0x02014b50;
constexpr std::uint32_t kEndMark = 0x06054b50;
constexpr std::uint32_t kEnd64Mark = 0x06064b50;
constexpr std::uint32_t kLocator64Mark = 0x07064b50;
constexpr std::size_t kLocalSize = 30;
constexpr std::size_t kCentralSize = 46;
constexpr std::size_t kEndSize = 22;
constexpr std::size_t kLocator64Size = 20;
constexpr std::size_t kEnd64Size = 56;
constexpr std::size_t kBlock = 1 << 20;
constexpr std::uint16_t kHostUnix = 3;

std::string read_at(const Source& source, std::uint64_t at, std::uint64_t size) {
  if (at >= source.size) return {};
  std::string bytes(static_cast<std::size_t>(std::min(size, source.size - at)), '\0');
  const std::int64_t got =
      source.read(at, std::as_writable_bytes(std::span(bytes.data(), bytes.size())));
  bytes.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
  return bytes;
}

// DOS date and time are in the zone of whoever packed it; ours is the best guess.
std::int64_t dos_time_ns(std::uint16_t time, std::uint16_t date) {
  if (date == 0) return 0;
  std::tm parts{};
  parts.tm_year = (date >> 9) + 80;
  parts.tm_mon = ((date >> 5) & 15) - 1;
  parts.tm_mday = date & 31;
  parts.tm_hour = time >> 11;
  parts.tm_min = (time >> 5) & 63;
  parts.tm_sec = (time & 31) * 2;
  parts.tm_isdst = -1;
  if (parts.tm_mon < 0 || parts.tm_mon > 11 || parts.tm_mday < 1) return 0;
  const std::time_t seconds = std::mktime(&parts);
  return seconds == -1 ? 0 : static_cast<std::int64_t>(seconds) * 1'000'000'000;
}

// Windows' 100 ns since 1601 -> ns since 1970.
std::int64_t file_time_ns(std::uint64_t ticks) {
  constexpr std::uint64_t kUnixEpoch = 116'444'736'000'000'000;
  if (ticks < kUnixEpoch || ticks - kUnixEpoch > INT64_MAX / 100) return 0;
  return static_cast<std::int64_t>((ticks - kUnixEpoch) * 100);
}

// One extra field: 64-bit sizes, times, the name in UTF-8.
void take_field(std::uint16_t id, std::string_view field, bool central, ZipEntry& entry) {
  switch (id) {
    case 0x0001:
      for (std::uint64_t* value : {&entry.size, &entry.packed, &entry.header}) {
        if (!central && value == &entry.header) break;
        if (*value != 0xFFFFFFFF || field.size() < 8) continue;
        *value = u64(field, 0);
        field.remove_prefix(8);
      }
      if (central && entry.disk == 0xFFFF && field.size() >= 4) entry.disk = u32(field, 0);
      return;
    case 0x5455:  // Info-ZIP: flags, then seconds since 1970
      if (field.size() >= 5 && (field[0] & 1) != 0)
        entry.mtime_ns = static_cast<std::int32_t>(u32(field, 1)) * std::int64_t{1'000'000'000};
      return;
    case 0x000A:  // NTFS: reserved, then tag 1 of 24 bytes: three times, the first of change
      if (field.size() >= 16 && u16(field, 4) == 1) {
        const std::int64_t time = file_time_ns(u64(field, 8));
        if (time != 0) entry.mtime_ns = time;
      }
      return;
    case 0x7075:  // Info-ZIP: the name in UTF-8, with the CRC of the other one it belongs to
      if (field.size() > 5 &&
          u32(field, 1) == libdeflate_crc32(0, entry.raw_name.data(), entry.raw_name.size()))
        entry.raw_name = field.substr(5);
      return;
    default:
      return;
  }
}

void take_extra(std::string_view extra, bool central, ZipEntry& entry) {
  while (extra.size() >= 4) {
    const std::size_t length = u16(extra, 2);
    if (extra.size() < 4 + length) return;
    take_field(u16(extra, 0), extra.substr(4, length), central, entry);
    extra.remove_prefix(4 + length);
  }
}

// Old Windows programs part folders by '\'.
void tidy_name(ZipEntry& entry) {
  if (entry.raw_name.find('/') == std::string::npos)
    std::replace(entry.raw_name.begin(), entry.raw_name.end(), '\\', '/');
  entry.folder = entry.raw_name.ends_with('/');
}

ZipEntry central_entry(std::string_view bytes, std::size_t name, std::size_t extra) {
  ZipEntry entry;
  entry.flags = u16(bytes, 8);
  entry.method = u16(bytes, 10);
  entry.mtime_ns = dos_time_ns(u16(bytes, 12), u16(bytes, 14));
  entry.crc = u32(bytes, 16);
  entry.packed = u32(bytes, 20);
  entry.size = u32(bytes, 24);
  entry.disk = u16(bytes, 34);
  entry.header = u32(bytes, 42);
  const std::uint32_t mode = u32(bytes, 38) >> 16;
  entry.symlink = u16(bytes, 4) >> 8 == kHostUnix && (mode & 0170000) == 0120000;
  entry.raw_name = bytes.substr(kCentralSize, name);
  take_extra(bytes.substr(kCentralSize + name, extra), true, entry);
  tidy_name(entry);
  return entry;
}

}  // namespace

std::optional<ZipLocal> read_local_header(const Source& source, std::uint64_t at) {
  std::string head = read_at(source, at, kLocalSize + 512);
  if (head.size() < kLocalSize || u32(head, 0) != kLocalMark) return std::nullopt;
  const std::size_t name = u16(head, 26);
  const std::size_t extra = u16(head, 28);
  const std::size_t whole = kLocalSize + name + extra;
  if (head.size() < whole) head = read_at(source, at, whole);
  if (head.size() < whole) return std::nullopt;
  ZipLocal local;
  local.data = at + whole;
  ZipEntry& entry = local.entry;
  entry.header = at;
  entry.flags = u16(head, 6);
  entry.method = u16(head, 8);
  entry.mtime_ns = dos_time_ns(u16(head, 10), u16(head, 12));
  entry.crc = u32(head, 14);
  entry.packed = u32(head, 18);
  entry.size = u32(head, 22);
  entry.raw_name = head.substr(kLocalSize, name);
  take_extra(std::string_view(head).substr(kLocalSize + name, extra), false, entry);
  tidy_name(entry);
  return local;
}

std::optional<std::uint64_t> find_local_header(const Source& source, std::uint64_t from,
                                               std::uint64_t until) {
  constexpr std::string_view kMark("PK\3\4", 4);
  for (std::uint64_t at = from; at + kMark.size() <= until;) {
    const std::string block = read_at(source, at, std::min<std::uint64_t>(until - at, kBlock));
    if (block.size() < kMark.size()) return std::nullopt;
    const std::size_t hit = block.find(kMark);
    if (hit != std::string::npos) return at + hit;
    at += block.size() - (kMark.size() - 1);
  }
  return std::nullopt;
}

ZipDirectory::ZipDirectory(const Source& source) : source_(source) {
  found_ = find();
  at_ = begin_;
}

// The end record is looked for from the back; a comment of up to 64 KiB may stand behind it.
bool ZipDirectory::find() {
  const std::uint64_t tail_size =
      std::min<std::uint64_t>(source_.size, 0xFFFF + kEndSize + kLocator64Size + kEnd64Size);
  const std::uint64_t tail_at = source_.size - tail_size;
  const std::string tail = read_at(source_, tail_at, tail_size);
  for (std::size_t at = tail.size() < kEndSize ? 0 : tail.size() - kEndSize + 1; at-- > 0;) {
    if (u32(tail, at) != kEndMark) continue;
    stop_ = tail_at + at;
    disk_ = u16(tail, at + 4);
    entries_ = u16(tail, at + 10);
    std::uint64_t size = u32(tail, at + 12);
    std::uint64_t offset = u32(tail, at + 16);
    if (at >= kLocator64Size && u32(tail, at - kLocator64Size) == kLocator64Mark) {
      // Where the locator says, or right in front of it when bytes stand before the zip.
      const std::uint64_t told = u64(tail, at - kLocator64Size + 8);
      for (const std::uint64_t place : {told, stop_ - kLocator64Size - kEnd64Size}) {
        const std::string record = read_at(source_, place, kEnd64Size);
        if (record.size() != kEnd64Size || u32(record, 0) != kEnd64Mark) continue;
        disk_ = u32(record, 16);
        entries_ = u64(record, 32);
        size = u64(record, 40);
        offset = u64(record, 48);
        stop_ = place;
        break;
      }
    }
    if (disk_ == 0xFFFF) disk_ = 0;
    if (size > stop_) continue;
    begin_ = stop_ - size;
    const auto directory_at = [&](std::uint64_t place) {
      const std::string mark = read_at(source_, place, 4);
      return size == 0 || (mark.size() == 4 && u32(mark, 0) == kCentralMark);
    };
    if (!directory_at(begin_) && offset < stop_ && directory_at(offset)) begin_ = offset;
    if (!directory_at(begin_)) continue;
    shift_ = begin_ >= offset && disk_ == 0 ? begin_ - offset : 0;
    comment_ = tail.substr(at + kEndSize, u16(tail, at + 20));
    end_ = tail_at + at + kEndSize + comment_.size();
    // The directory of a member that is a zip, in a zip whose own directory was cut off.
    const std::string mark = read_at(source_, 0, 4);
    if (shift_ > 0 && end_ < source_.size && mark.size() == 4 && u32(mark, 0) == kLocalMark)
      return false;
    return true;
  }
  return false;
}

bool ZipDirectory::fill(std::size_t want) {
  if (at_ >= window_at_ && at_ - window_at_ + want <= window_.size()) return true;
  window_at_ = at_;
  window_ = read_at(source_, at_, std::min<std::uint64_t>(stop_ - at_, std::max(want, kBlock)));
  return window_.size() >= want;
}

bool ZipDirectory::next(ZipEntry& entry) {
  if (!found_ || at_ >= stop_) {
    // Counts of more than 65,535 were written modulo that by some programs.
    whole_ = found_ && (seen_ & 0xFFFF) == (entries_ & 0xFFFF);
    return false;
  }
  if (stop_ - at_ < kCentralSize || !fill(kCentralSize)) return false;
  std::string_view bytes =
      std::string_view(window_).substr(static_cast<std::size_t>(at_ - window_at_));
  if (u32(bytes, 0) != kCentralMark) {
    // A digital signature may close the directory (4.3.13).
    whole_ = u32(bytes, 0) == 0x05054b50 && (seen_ & 0xFFFF) == (entries_ & 0xFFFF);
    return false;
  }
  const std::size_t name = u16(bytes, 28);
  const std::size_t extra = u16(bytes, 30);
  const std::size_t all = kCentralSize + name + extra + u16(bytes, 32);
  if (stop_ - at_ < all || !fill(all)) return false;
  bytes = std::string_view(window_).substr(static_cast<std::size_t>(at_ - window_at_));
  entry = central_entry(bytes, name, extra);
  if (entry.header <= source_.size) entry.header += shift_;
  at_ += all;
  ++seen_;
  return true;
}

}  // namespace gallra::extract

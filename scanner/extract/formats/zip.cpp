// Zip: members as the central directory lists them, and those it does not know, found between the
// others or in a file that has lost its directory.
#include <algorithm>
#include <libdeflate.h>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "scanner/extract/archive/archive_stream.hpp"
#include "scanner/extract/archive/empty_folders.hpp"
#include "scanner/extract/archive/inflate.hpp"
#include "scanner/extract/archive/member_bytes.hpp"
#include "scanner/extract/archive/zip_directory.hpp"
#include "scanner/extract/charset.hpp"
#include "scanner/extract/extractor.hpp"
#include "scanner/extract/text_writer.hpp"

namespace gallra::extract {
extern const ExtractorEntry extractor_zip;

namespace {

constexpr std::uint16_t kStored = 0;
constexpr std::uint16_t kDeflate = 8;
constexpr std::uint16_t kDeflate64 = 9;
constexpr std::size_t kBlock = 256 << 10;
// Unpacked in one go by libdeflate, twice as fast as zlib; above it zlib's stream needs no memory.
constexpr std::uint64_t kMaxWhole = 8 << 20;
// Deflate cannot expand further than this, so a larger claim is false.
constexpr std::uint64_t kDeflateMaxRatio = 1032;
// A member that is a bomb is cut and the next one read; so many of them make the archive one.
constexpr unsigned kMaxBombs = 16;
// The smallest thing between listed members that could be one more.
constexpr std::uint64_t kMinGap = 31;

// Each rescan may go through the rest of the file; so many of them are not quadratic.
constexpr unsigned kMaxRescans = 64;

struct Extent {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

bool is_libarchives(std::uint16_t method) {
  // bzip2, LZMA, Zstandard, xz, PPMd
  return method == 12 || method == 14 || method == 93 || method == 95 || method == 98;
}

std::string method_text(std::uint16_t method) { return "method " + std::to_string(method); }

class ZipReader {
 public:
  ZipReader(const ExtractRequest& request, ExtractSink& sink)
      : request_(request),
        source_(request.source),
        sink_(sink),
        watch_(request.limits),
        inflater_(libdeflate_alloc_decompressor(), libdeflate_free_decompressor) {}

  Outcome read() {
    ZipDirectory directory(source_);
    if (directory.found()) {
      split_ = directory.is_split();
      read_listed(directory);
      extents_.push_back({directory.begin(), directory.end()});
    }
    if (!over_) read_between();
    if (!over_) judge(directory);
    folders_.emit(sink_);
    if (request_.first_member == 0)
      TextWriter(sink_).prose({PlaceKind::kField, 0, 0, "comment"},
                              decode_name(directory.comment()));
    return tally_.outcome();
  }

 private:
  void read_listed(ZipDirectory& directory) {
    ZipEntry entry;
    while (!over_ && directory.next(entry)) {
      const std::uint32_t ordinal = ordinal_++;
      if (split_ && entry.disk != directory.disk()) {
        deliver(entry, ordinal, true, [] { return Outcome::not_read(Reason::kMissingPart); });
        continue;
      }
      const std::optional<ZipLocal> local = read_local_header(source_, entry.header);
      if (!local) {
        deliver(entry, ordinal, true,
                [] { return Outcome::not_read(Reason::kCorrupt, "no local header"); });
        continue;
      }
      const std::uint64_t room = source_.size - local->data;
      extents_.push_back({entry.header, local->data + std::min(entry.packed, room)});
      if ((local->entry.flags & 1) != 0) entry.flags |= 1;
      deliver(entry, ordinal, true, [&] { return unpack(entry, local->data, room); });
    }
  }

  // What no listed member covers may hold members all the same: the directory is lost, or an editor
  // left an older version behind.
  void read_between() {
    std::sort(extents_.begin(), extents_.end(),
              [](const Extent& a, const Extent& b) { return a.begin < b.begin; });
    std::vector<Extent> gaps;
    std::uint64_t at = 0;
    for (const Extent& extent : extents_) {
      if (extent.begin > at && extent.begin - at >= kMinGap) gaps.push_back({at, extent.begin});
      at = std::max(at, extent.end);
    }
    if (source_.size > at && source_.size - at >= kMinGap) gaps.push_back({at, source_.size});
    for (const Extent& gap : gaps) read_unlisted(gap);
  }

  void read_unlisted(const Extent& gap) {
    std::uint64_t at = gap.begin;
    while (!over_) {
      const std::optional<std::uint64_t> header = find_local_header(source_, at, gap.end);
      if (!header) return;
      at = *header + 4;
      std::optional<ZipLocal> local = read_local_header(source_, *header);
      if (!local || local->data > gap.end || local->entry.raw_name.empty() ||
          local->entry.method > 99)
        continue;
      at = read_unlisted_member(*local, gap.end);
    }
  }

  // Returns where to look on.
  std::uint64_t read_unlisted_member(ZipLocal& local, std::uint64_t end) {
    ZipEntry& entry = local.entry;
    if (entry.folder && entry.packed == 0) return local.data;
    const std::uint32_t ordinal = ordinal_++;
    const std::uint64_t room = end - local.data;
    const bool open_ended = entry.sizes_follow() && entry.packed == 0;
    if (open_ended &&
        (entry.method == kStored || is_libarchives(entry.method) || entry.encrypted())) {
      // Nothing in the data tells their end: they reach to the next header.
      const auto next = find_local_header(source_, local.data, end);
      entry.packed = std::min(next.value_or(end) - local.data, room);
      entry.size = entry.crc = 0;
    }
    std::uint64_t after = local.data + std::min(entry.packed, room);
    const bool told_by_data = open_ended && entry.packed == 0;
    if (told_by_data) entry.packed = room;
    deliver(entry, ordinal, false, [&] {
      Outcome outcome = unpack(entry, local.data, room);
      if (told_by_data) after = local.data + std::min(used_, room);
      // Its size may be what is damaged: others may stand where it seems to be.
      if (outcome.reason == Reason::kCorrupt && ++rescans_ <= kMaxRescans) after = local.data;
      return outcome;
    });
    return std::max(after, local.data);
  }

  template <typename Unpack>
  void deliver(const ZipEntry& entry, std::uint32_t ordinal, bool listed, Unpack unpack_it) {
    if (ordinal >= request_.limits.max_members)
      return stop(Reason::kTooManyMembers, std::to_string(request_.limits.max_members));
    if (entry.folder && entry.size == 0) return folders_.folder(entry.raw_name);
    folders_.member(entry.raw_name);
    if (ordinal < request_.first_member) {
      // Delivered before. Of a member no directory lists, the end must be found again.
      silent_ = true;
      if (!listed) unpack_it();
      silent_ = false;
      return;
    }
    Member member;
    member.name = decode_name(entry.raw_name);
    member.ordinal = ordinal;
    member.size = entry.size;
    member.mtime_ns = entry.mtime_ns;
    Outcome outcome;
    if (entry.symlink && !entry.encrypted()) {
      sink_.member(member);
      outcome = Outcome::excluded(Reason::kSymlink);
    } else {
      pending_ = std::move(member);
      outcome = unpack_it();
      announce();
    }
    tally_.add(outcome);
    sink_.member_end(std::move(outcome));
  }

  // A member is announced when it is known how its bytes come.
  void announce() {
    if (!silent_ && pending_) sink_.member(*std::exchange(pending_, std::nullopt));
  }

  bool give(std::span<const std::byte> bytes) {
    announce();
    if (!silent_) sink_.member_bytes(bytes);
    return true;
  }

  Outcome unpack(const ZipEntry& entry, std::uint64_t data, std::uint64_t room) {
    used_ = 0;
    if (entry.encrypted()) return Outcome::not_read(Reason::kEncrypted);
    const std::uint64_t packed = std::min(entry.packed, room);
    if (entry.size == 0 && entry.crc == 0 && (packed == 0 || !entry.sizes_follow())) {
      announce();  // nothing, however packed
      return Outcome::read();
    }
    switch (entry.method) {
      case kStored:
        return stored(entry, data, packed);
      case kDeflate:
        announce();
        if (packed == entry.packed && whole(entry, data)) return Outcome::read();
        return inflated(entry, data, packed, inflate);
      case kDeflate64:
        announce();
        return inflated(entry, data, packed, inflate64);
      default:
        announce();
        return is_libarchives(entry.method)
                   ? through_libarchive(entry, data, packed)
                   : Outcome::not_read(Reason::kUnsupported, method_text(entry.method));
    }
  }

  // Stands in the document as it is: only its place is told, after the checksum was looked at.
  Outcome stored(const ZipEntry& entry, std::uint64_t data, std::uint64_t packed) {
    if (pending_) {
      pending_->content = Member::Content::kRange;
      pending_->offset = data;
      pending_->size = packed;
    }
    announce();
    std::vector<std::byte> block(kBlock);
    std::uint32_t crc = 0;
    for (std::uint64_t at = 0; at < packed;) {
      const std::int64_t got = source_.read(
          data + at, std::span(block).first(
                         static_cast<std::size_t>(std::min<std::uint64_t>(kBlock, packed - at))));
      if (got <= 0) return Outcome::in_part(Reason::kIoError);
      crc = libdeflate_crc32(crc, block.data(), static_cast<std::size_t>(got));
      at += static_cast<std::uint64_t>(got);
    }
    packed_used_ += packed;
    if (!watch_.add(packed, std::min(packed_used_, source_.size))) stop(Reason::kBomb, "ratio");
    const bool good = packed == entry.packed && (entry.crc == 0 || crc == entry.crc);
    if (good) return Outcome::read();
    return packed > 0 ? Outcome::in_part(Reason::kCorrupt) : Outcome::not_read(Reason::kCorrupt);
  }

  // The usual small member. False: not for this way, or not as it should be; nothing was delivered.
  bool whole(const ZipEntry& entry, std::uint64_t data) {
    if (entry.packed > kMaxWhole || entry.size > kMaxWhole || entry.size == 0 || !inflater_ ||
        entry.size / kDeflateMaxRatio > entry.packed)
      return false;
    packed_.resize(static_cast<std::size_t>(entry.packed));
    unpacked_.resize(static_cast<std::size_t>(entry.size));
    if (source_.read(data, packed_) != static_cast<std::int64_t>(packed_.size())) return false;
    if (libdeflate_deflate_decompress(inflater_.get(), packed_.data(), packed_.size(),
                                      unpacked_.data(), unpacked_.size(),
                                      nullptr) != LIBDEFLATE_SUCCESS ||
        libdeflate_crc32(0, unpacked_.data(), unpacked_.size()) != entry.crc)
      return false;
    packed_used_ += entry.packed;
    if (!watch_.add(entry.size, std::min(packed_used_, source_.size))) stop(Reason::kBomb, "ratio");
    used_ = entry.packed;
    return give(unpacked_);
  }

  using Inflate = decltype(inflate);
  Outcome inflated(const ZipEntry& entry, std::uint64_t data, std::uint64_t packed, Inflate how) {
    std::uint32_t crc = 0;
    std::uint64_t given = 0;
    bool bomb = false;
    used_ = 0;
    const Unpacked end = how(source_, data, packed, used_, [&](std::span<const std::byte> bytes) {
      if (!may_give(given + bytes.size(), used_)) {
        bomb = true;
        return false;
      }
      crc = libdeflate_crc32(crc, bytes.data(), bytes.size());
      given += bytes.size();
      return give(bytes);
    });
    packed_used_ += used_;
    if (bomb) return a_bomb(given);
    if (!watch_.add(given, std::min(packed_used_, source_.size))) stop(Reason::kBomb, "ratio");
    if (end == Unpacked::kIoError) return partly(given, Reason::kIoError);
    const bool known = entry.crc != 0 && !(entry.sizes_follow() && entry.size == 0);
    if (end == Unpacked::kWhole && (!known || crc == entry.crc)) return Outcome::read();
    return partly(given, Reason::kCorrupt);
  }

  static Outcome partly(std::uint64_t given, Reason reason, std::string detail = {}) {
    return given > 0 ? Outcome::in_part(reason, std::move(detail))
                     : Outcome::not_read(reason, std::move(detail));
  }

  bool may_give(std::uint64_t bytes, std::uint64_t packed) const {
    return bytes <= request_.limits.ratio_after_bytes ||
           bytes / request_.limits.max_ratio <= packed;
  }

  Outcome a_bomb(std::uint64_t given) {
    if (++bombs_ >= kMaxBombs) stop(Reason::kBomb, "ratio");
    return partly(given, Reason::kBomb, "ratio");
  }

  // The rarer methods: libarchive is given the member as a zip of its own, with a local header that
  // tells the sizes, so that neither directory nor data descriptor is asked for.
  Outcome through_libarchive(const ZipEntry& entry, std::uint64_t data, std::uint64_t packed);

  void stop(Reason reason, std::string detail) {
    over_ = true;
    tally_.broken(reason, std::move(detail));
  }

  void judge(const ZipDirectory& directory) {
    if (split_) return tally_.broken(Reason::kMissingPart, "");
    const bool first_of_split = request_.name.ends_with(".001") || request_.name.ends_with(".z01");
    if (!directory.found() && first_of_split) return tally_.broken(Reason::kMissingPart, "");
    if (!directory.found()) return tally_.broken(Reason::kCorrupt, "directory lost");
    if (!directory.whole()) return tally_.broken(Reason::kCorrupt, "directory damaged");
  }

  const ExtractRequest& request_;
  const Source& source_;
  ExtractSink& sink_;
  ExpansionWatch watch_;
  ContainerTally tally_;
  EmptyFolders folders_;
  std::unique_ptr<libdeflate_decompressor, void (*)(libdeflate_decompressor*)> inflater_;
  std::vector<std::byte> packed_;
  std::vector<std::byte> unpacked_;
  std::vector<Extent> extents_;
  std::optional<Member> pending_;
  std::uint64_t packed_used_ = 0;  // by all members
  std::uint64_t used_ = 0;         // by the last one
  std::uint32_t ordinal_ = 0;
  unsigned bombs_ = 0;
  unsigned rescans_ = 0;
  bool split_ = false;
  bool silent_ = false;  // nothing is delivered
  bool over_ = false;
};

// A local header of our own making (APPNOTE 4.3.7), sizes always in the 64-bit field.
std::string local_header(const ZipEntry& entry, std::uint64_t packed) {
  std::string out;
  const auto put = [&](std::uint64_t value, int width) {
    for (int i = 0; i < width; ++i) out += static_cast<char>(value >> (8 * i) & 0xFF);
  };
  put(0x04034b50, 4);
  put(63, 2);                // version that knows all methods
  put(entry.flags & 6u, 2);  // options of the method
  put(entry.method, 2);
  put(0, 4);
  put(entry.crc, 4);
  put(0xFFFFFFFF, 4);
  put(0xFFFFFFFF, 4);
  put(1, 2);   // length of the name
  put(20, 2);  // length of the extra field
  put('m', 1);
  put(1, 2);
  put(16, 2);
  put(entry.size, 8);
  put(packed, 8);
  return out;
}

Outcome ZipReader::through_libarchive(const ZipEntry& entry, std::uint64_t data,
                                      std::uint64_t packed) {
  Source window = source_;
  window.offset += data;
  window.size = packed;
  ArchiveStream stream(window, Format::kZip, ArchiveStream::Inside::kFile,
                       local_header(entry, packed));
  ArchiveStream::Entry ignored;
  std::uint64_t given = 0;
  std::uint32_t crc = 0;
  if (stream.next(ignored) != ArchiveStream::Next::kEntry)
    return Outcome::not_read(Reason::kCorrupt, method_text(entry.method));
  for (;;) {
    std::uint64_t offset = 0;
    const std::span<const std::byte> piece = stream.data(offset);
    if (piece.empty()) break;
    if (!may_give(given + piece.size(), stream.consumed())) return a_bomb(given);
    crc = libdeflate_crc32(crc, piece.data(), piece.size());
    give(piece);
    given += piece.size();
  }
  packed_used_ += packed;
  if (!watch_.add(given, std::min(packed_used_, source_.size))) stop(Reason::kBomb, "ratio");
  const ArchiveTrouble& trouble = stream.trouble();
  const bool known = entry.crc != 0 || entry.size != 0;
  const bool as_listed = packed == entry.packed && given == entry.size && crc == entry.crc;
  if (trouble.reason == Reason::kNone)
    return !known || as_listed ? Outcome::read() : partly(given, Reason::kCorrupt);
  return partly(
      given, trouble.reason,
      trouble.reason == Reason::kUnsupported ? method_text(entry.method) : trouble.detail);
}

Outcome extract_zip(const ExtractRequest& request, ExtractSink& sink) {
  if (request.source.size == 0) return Outcome::read();
  return ZipReader(request, sink).read();
}

}  // namespace

const ExtractorEntry extractor_zip{"zip", {Format::kZip}, true, extract_zip, nullptr};

}  // namespace gallra::extract

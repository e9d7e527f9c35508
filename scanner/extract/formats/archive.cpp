// Archives and compressed files other than zip, through libarchive.
#include <algorithm>
#include <array>
#include <clocale>
#include <string>
#include <string_view>
#include <vector>

#include "scanner/extract/archive/archive_stream.hpp"
#include "scanner/extract/archive/empty_folders.hpp"
#include "scanner/extract/archive/member_bytes.hpp"
#include "scanner/extract/charset.hpp"
#include "scanner/extract/extractor.hpp"
#include "scanner/identify/identify.hpp"

namespace gallra::extract {
extern const ExtractorEntry extractor_archive;

namespace {

// Zeros that stand for the holes of one sparse member; above this the member is cut.
constexpr std::uint64_t kMaxHoleBytes = 256ull << 20;

bool is_packed_file(Format format) {
  return format == Format::kGzip || format == Format::kBzip2 || format == Format::kXz ||
         format == Format::kZstd || format == Format::kLz4 || format == Format::kCompress;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

// "brev.txt.gz" -> "brev.txt", "a.tgz" -> "a.tar".
std::string unpacked_name(std::string_view name) {
  const std::string_view last = name.substr(name.rfind('/') + 1);
  const std::size_t dot = last.rfind('.');
  if (dot == std::string_view::npos || dot == 0) return std::string(last);
  const std::string suffix = lower(last.substr(dot));
  std::string stem(last.substr(0, dot));
  for (const std::string_view packed : {".tgz", ".tbz", ".tbz2", ".txz", ".tzst", ".tlz", ".taz"})
    if (suffix == packed) return stem + ".tar";
  for (const std::string_view packed :
       {".gz", ".bz2", ".xz", ".lzma", ".lz", ".zst", ".lz4", ".z", ".bz", ".gzip", ".zstd"})
    if (suffix == packed) return stem;
  return std::string(last);
}

// A part of a set of volumes: what is missing stands in the others.
bool is_volume(const ExtractRequest& request) {
  std::array<std::byte, 64> head{};
  const std::int64_t got = request.source.read(0, head);
  const auto byte = [&](std::size_t i) {
    return i < static_cast<std::size_t>(std::max<std::int64_t>(got, 0))
               ? std::to_integer<unsigned>(head[i])
               : 0u;
  };
  const std::string name = lower(request.name);
  if (request.format == Format::kSevenZip) return name.ends_with(".001");
  if (request.format == Format::kCab) {
    // CFHEADER.flags: bit 0 = there is a cabinet before, bit 1 = one after (MS-CAB 2.1).
    return (byte(30) & 3) != 0;
  }
  if (request.format != Format::kRar) return false;
  // RAR 4: the main header (type 0x73) follows the 7-byte mark; flag 1 = volume.
  if (byte(6) == 0) return byte(9) == 0x73 && (byte(10) & 1) != 0;
  // RAR 5: mark of 8 bytes, CRC of 4, then variable-length size, type (1 = main), flags, perhaps
  // the size of an extra area, archive flags (bit 0 = volume).
  std::size_t at = 12;
  const auto number = [&] {
    unsigned value = 0;
    for (unsigned shift = 0; shift < 28 && at < head.size(); shift += 7) {
      const unsigned next = byte(at++);
      value |= (next & 0x7F) << shift;
      if ((next & 0x80) == 0) break;
    }
    return value;
  };
  number();
  if (number() != 1) return false;
  if ((number() & 1) != 0) number();
  return (number() & 1) != 0;
}

// The beginning of what a compressed file holds.
std::vector<std::byte> unpacked_head(const ExtractRequest& request, std::size_t want) {
  ArchiveStream stream(request.source, request.format);
  ArchiveStream::Entry entry;
  std::vector<std::byte> head;
  if (stream.next(entry) != ArchiveStream::Next::kEntry) return head;
  std::uint64_t offset = 0;
  while (head.size() < want) {
    const std::span<const std::byte> piece = stream.data(offset);
    if (piece.empty()) break;
    head.insert(
        head.end(), piece.begin(),
        piece.begin() + static_cast<std::ptrdiff_t>(std::min(piece.size(), want - head.size())));
  }
  return head;
}

// A tar's first block carries its own checksum, at 148 as six octal digits, itself counted as
// blanks (POSIX ustar). Zeros alone are an empty tar only if they are called one.
bool is_tar(std::span<const std::byte> head, std::string_view name) {
  constexpr std::size_t kBlock = 512;
  if (head.size() < kBlock) return false;
  std::uint64_t told = 0;
  std::uint64_t sum = 0;
  std::int64_t signed_sum = 0;  // as some old tars counted
  for (std::size_t i = 0; i < kBlock; ++i) {
    const bool checksum = i >= 148 && i < 156;
    const unsigned char byte = checksum ? ' ' : std::to_integer<unsigned char>(head[i]);
    sum += byte;
    signed_sum += static_cast<signed char>(byte);
    const auto digit = std::to_integer<unsigned>(head[i]);
    if (checksum && digit >= '0' && digit <= '7') told = told * 8 + (digit - '0');
  }
  if (sum == std::uint64_t{8} * ' ') return lower(unpacked_name(name)).ends_with(".tar");
  return told == sum || (signed_sum > 0 && told == static_cast<std::uint64_t>(signed_sum));
}

// A tar in a compressed file is opened in the same go: "a.tar.gz!/x", not "a.tar.gz!/a.tar!/x".
ArchiveStream::Inside what_is_inside(const ExtractRequest& request) {
  if (!is_packed_file(request.format)) return ArchiveStream::Inside::kFile;
  return is_tar(unpacked_head(request, 512), request.name) ? ArchiveStream::Inside::kTar
                                                           : ArchiveStream::Inside::kFile;
}

// Without the program in front of a self-extracting 7z.
Source archive_source(const ExtractRequest& request) {
  Source source = request.source;
  std::array<std::byte, 2> mark{};
  if (request.format != Format::kSevenZip || source.read(0, mark) != 2 ||
      (mark[0] == std::byte{'7'} && mark[1] == std::byte{'z'}))
    return source;
  const std::uint64_t start = identify::seven_zip_start(source.fd, source.offset, source.size);
  source.offset += start;
  source.size -= start;
  return source;
}

class ArchiveReader {
 public:
  ArchiveReader(const ExtractRequest& request, ExtractSink& sink)
      : request_(request),
        sink_(sink),
        inside_(what_is_inside(request)),
        stream_(archive_source(request), request.format, inside_),
        watch_(request.limits) {}

  Outcome read() {
    for (std::uint32_t ordinal = 0;; ++ordinal) {
      ArchiveStream::Entry entry;
      const ArchiveStream::Next next = stream_.next(entry);
      if (next == ArchiveStream::Next::kEnd) return at_end(ordinal);
      if (next == ArchiveStream::Next::kFailed) return broken_off();
      if (ordinal == 0 && is_packed_file(request_.format)) {
        if (!stream_.was_compressed()) return Outcome::not_read(Reason::kCorrupt);
        if (is_single_file()) name_single_file(entry);
      }
      if (ordinal >= request_.limits.max_members) {
        tally_.broken(Reason::kTooManyMembers, std::to_string(request_.limits.max_members));
        return tally_.outcome();
      }
      if (entry.type == ArchiveStream::Type::kFolder)
        folders_.folder(entry.raw_name);
      else
        folders_.member(entry.raw_name);
      if (entry.type == ArchiveStream::Type::kFolder || ordinal < request_.first_member) continue;
      deliver(entry, ordinal, next == ArchiveStream::Next::kBroken);
      if (bomb_) tally_.broken(Reason::kBomb, "ratio");
      if (bomb_) return tally_.outcome();
      if (stream_.broken_off()) return broken_off();
    }
  }

 private:
  bool is_single_file() const {
    return is_packed_file(request_.format) && inside_ == ArchiveStream::Inside::kFile;
  }

  // Compressed nothing is a file of no bytes.
  Outcome at_end(std::uint32_t entries) {
    folders_.emit(sink_);
    if (entries == 0 && is_single_file()) {
      if (!stream_.was_compressed()) return Outcome::not_read(Reason::kCorrupt);
      Member member;
      member.name = decode_name(unpacked_name(request_.name));
      sink_.member(member);
      end_member(Outcome::read());
    }
    return tally_.outcome();
  }

  Outcome broken_off() {
    ArchiveTrouble trouble = stream_.trouble();
    if (trouble.reason == Reason::kNone) trouble.reason = Reason::kCorrupt;
    if (stream_.has_encrypted_names()) trouble = {Reason::kEncrypted, ""};
    if (trouble.reason == Reason::kCorrupt && is_volume(request_))
      trouble = {Reason::kMissingPart, ""};
    tally_.broken(trouble.reason, trouble.detail);
    return tally_.outcome();
  }

  void name_single_file(ArchiveStream::Entry& entry) const {
    // "data" is libarchive's word for: the compressed file does not tell.
    if (entry.raw_name.empty() || entry.raw_name == "data")
      entry.raw_name = unpacked_name(request_.name);
  }

  void deliver(const ArchiveStream::Entry& entry, std::uint32_t ordinal, bool damaged) {
    Member member;
    member.name = decode_name(entry.raw_name);
    member.ordinal = ordinal;
    member.size = entry.size;
    member.mtime_ns = entry.mtime_ns;
    sink_.member(member);
    using Type = ArchiveStream::Type;
    if (entry.type == Type::kSymlink)
      end_member(Outcome::excluded(Reason::kSymlink));
    else if (entry.type == Type::kHardLink)
      end_member(Outcome::excluded(Reason::kHardLink, decode_name(entry.link)));
    else if (entry.type == Type::kSpecial)
      end_member(Outcome::excluded(Reason::kSpecialFile, entry.special));
    else if (entry.encrypted)
      end_member(Outcome::not_read(Reason::kEncrypted));
    else if (damaged)
      end_member(Outcome::not_read(stream_.trouble().reason, stream_.trouble().detail));
    else
      end_member(copy());
  }

  void end_member(Outcome outcome) {
    tally_.add(outcome);
    sink_.member_end(std::move(outcome));
  }

  Outcome copy() {
    std::uint64_t at = 0;
    std::uint64_t holes = 0;
    for (;;) {
      std::uint64_t offset = at;
      const std::span<const std::byte> piece = stream_.data(offset);
      if (piece.empty()) break;
      if (offset > at) {
        holes += offset - at;
        if (holes > kMaxHoleBytes) return Outcome::in_part(Reason::kTooLarge, "sparse");
        zeros(offset - at);
        at = offset;
      }
      sink_.member_bytes(piece);
      at += piece.size();
      if (!watch_.add(piece.size(), stream_.consumed())) {
        bomb_ = true;
        return Outcome::in_part(Reason::kBomb, "ratio");
      }
    }
    ArchiveTrouble trouble = stream_.trouble();
    if (trouble.reason == Reason::kNone) return Outcome::read();
    if (trouble.reason == Reason::kCorrupt && is_volume(request_))
      trouble = {Reason::kMissingPart, ""};
    return at > 0 ? Outcome::in_part(trouble.reason, trouble.detail)
                  : Outcome::not_read(trouble.reason, trouble.detail);
  }

  void zeros(std::uint64_t count) {
    static const std::array<std::byte, 64 << 10> kZeros{};
    for (; count > 0; count -= std::min<std::uint64_t>(count, kZeros.size()))
      sink_.member_bytes(std::span(kZeros).first(
          static_cast<std::size_t>(std::min<std::uint64_t>(count, kZeros.size()))));
  }

  const ExtractRequest& request_;
  ExtractSink& sink_;
  const ArchiveStream::Inside inside_;
  ArchiveStream stream_;
  ExpansionWatch watch_;
  ContainerTally tally_;
  EmptyFolders folders_;
  bool bomb_ = false;
};

Outcome extract_archive(const ExtractRequest& request, ExtractSink& sink) {
  if (request.source.size == 0) return Outcome::read();
  return ArchiveReader(request, sink).read();
}

// libarchive gives no name at all for a non-ASCII one of 7z in the C locale.
// The process has one thread when this is called.
void prepare_archive() { std::setlocale(LC_CTYPE, "C.UTF-8"); }  // NOLINT(concurrency-mt-unsafe)

}  // namespace

const ExtractorEntry extractor_archive{
    "archive",
    {Format::kTar, Format::kGzip, Format::kBzip2, Format::kXz, Format::kZstd, Format::kLz4,
     Format::kCompress, Format::kSevenZip, Format::kRar, Format::kCab, Format::kIso, Format::kCpio,
     Format::kAr, Format::kLha, Format::kXar},
    true,
    extract_archive,
    prepare_archive};

}  // namespace gallra::extract

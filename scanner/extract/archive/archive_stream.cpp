#include "scanner/extract/archive/archive_stream.hpp"

#include <algorithm>
#include <archive.h>
#include <archive_entry.h>
#include <cerrno>
#include <new>
#include <string_view>
#include <utility>
#include <vector>

#include "scanner/extract/archive/inflate.hpp"

namespace gallra::extract {

namespace {

constexpr std::size_t kBlock = 256 << 10;

bool contains(std::string_view text, std::string_view word) {
  return text.find(word) != std::string_view::npos;
}

}  // namespace

struct ArchiveStream::State {
  const Source source;
  // libarchive drops the last block of a gzip file that is cut, which of a small one is all.
  std::unique_ptr<GzipStream> gzip;
  std::string front;
  bool front_given = false;
  std::vector<std::byte> block = std::vector<std::byte>(kBlock);
  std::uint64_t at = 0;
  std::uint64_t taken = 0;
  bool io_error = false;
  bool may_need_memory = true;  // for dictionaries; elsewhere a claim of gigabytes is damage
  archive* handle = nullptr;
  archive_entry* entry = nullptr;
  bool opened = false;
  const Format format;
  const Inside inside;
  bool checksum_failed = false;    // of the entry being read
  std::uint64_t least_size = 0;    // so many bytes it has at least
  std::uint64_t delivered_to = 0;  // and so far they came

  State(const Source& bytes, Format of, Inside holds)
      : source(bytes),
        handle(archive_read_new()),
        entry(archive_entry_new()),
        format(of),
        inside(holds) {
    if (handle == nullptr || entry == nullptr) throw std::bad_alloc();
  }
  ~State() {
    archive_entry_free(entry);
    archive_read_free(handle);
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  static la_ssize_t read(archive* handle, void* self, const void** bytes) {
    State& state = *static_cast<State*>(self);
    if (!state.front_given && !state.front.empty()) {
      state.front_given = true;
      *bytes = state.front.data();
      return static_cast<la_ssize_t>(state.front.size());
    }
    if (state.gzip != nullptr) {
      const std::span<const std::byte> piece = state.gzip->next();
      state.io_error = state.gzip->io_error();
      *bytes = piece.data();
      return static_cast<la_ssize_t>(piece.size());
    }
    const std::int64_t got = state.source.read(state.at, state.block);
    if (got < 0) {
      state.io_error = true;
      archive_set_error(handle, EIO, "read error");
      return ARCHIVE_FATAL;
    }
    *bytes = state.block.data();
    state.at += static_cast<std::uint64_t>(got);
    state.taken += static_cast<std::uint64_t>(got);
    return got;
  }
  static la_int64_t skip(archive*, void* self, la_int64_t want) {
    State& state = *static_cast<State*>(self);
    if (want <= 0 || state.at >= state.source.size) return 0;
    const auto step = std::min(static_cast<std::uint64_t>(want), state.source.size - state.at);
    state.at += step;
    state.taken += step;
    return static_cast<la_int64_t>(step);
  }
  static la_int64_t seek(archive*, void* self, la_int64_t offset, int whence) {
    State& state = *static_cast<State*>(self);
    la_int64_t base = 0;
    if (whence == SEEK_CUR) base = static_cast<la_int64_t>(state.at);
    if (whence == SEEK_END) base = static_cast<la_int64_t>(state.source.size);
    la_int64_t target = 0;
    if (__builtin_add_overflow(base, offset, &target) || target < 0 ||
        static_cast<std::uint64_t>(target) > state.source.size)
      return ARCHIVE_FATAL;
    state.at = static_cast<std::uint64_t>(target);
    return target;
  }

  void support() {
    switch (format) {
      case Format::kTar:
        return support_tar();
      case Format::kGzip:
        gzip = std::make_unique<GzipStream>(source);
        return support_packed_file();
      case Format::kBzip2:
        archive_read_support_filter_bzip2(handle);
        return support_packed_file();
      case Format::kXz:
        archive_read_support_filter_xz(handle);
        archive_read_support_filter_lzma(handle);
        archive_read_support_filter_lzip(handle);
        return support_packed_file();
      case Format::kZstd:
        archive_read_support_filter_zstd(handle);
        return support_packed_file();
      case Format::kLz4:
        archive_read_support_filter_lz4(handle);
        return support_packed_file();
      case Format::kCompress:
        archive_read_support_filter_compress(handle);
        return support_packed_file();
      case Format::kSevenZip:
        archive_read_support_format_7zip(handle);
        return;
      case Format::kRar:
        archive_read_support_format_rar(handle);
        archive_read_support_format_rar5(handle);
        return;
      case Format::kCab:
        archive_read_support_format_cab(handle);
        return;
      case Format::kIso:
        archive_read_support_format_iso9660(handle);
        return;
      case Format::kCpio:
        archive_read_support_format_cpio(handle);
        return;
      case Format::kAr:
        archive_read_support_format_ar(handle);
        return;
      case Format::kLha:
        archive_read_support_format_lha(handle);
        return;
      case Format::kXar:
        archive_read_support_format_xar(handle);
        return;
      case Format::kZip:
        archive_read_support_format_zip_streamable(handle);
        return;
      default:
        return;
    }
  }
  void support_packed_file() const {
    if (inside == Inside::kTar) return support_tar();
    archive_read_support_format_raw(handle);
    archive_read_support_format_empty(handle);
  }
  // Zero blocks end a tar, but tars are also written one behind another.
  void support_tar() const {
    archive_read_support_format_tar(handle);
    archive_read_set_format_option(handle, "tar", "read_concatenated_archives", "1");
  }
};

ArchiveStream::ArchiveStream(const Source& source, Format format, Inside inside, std::string front)
    : state_(std::make_unique<State>(source, format, inside)) {
  archive* handle = state_->handle;
  state_->front = std::move(front);
  state_->may_need_memory = format != Format::kCpio && format != Format::kTar &&
                            format != Format::kAr && format != Format::kIso;

  state_->support();
  const bool seekable = state_->front.empty() && state_->gzip == nullptr;
  archive_read_set_callback_data(handle, state_.get());
  archive_read_set_read_callback(handle, State::read);
  if (seekable) archive_read_set_skip_callback(handle, State::skip);
  if (seekable) archive_read_set_seek_callback(handle, State::seek);
  const int result = archive_read_open1(handle);
  state_->opened = result == ARCHIVE_OK || result == ARCHIVE_WARN;
  if (!state_->opened) note_trouble(result);
}

ArchiveStream::~ArchiveStream() = default;

// libarchive tells most of it in words only.
void ArchiveStream::note_trouble(int result) {
  if (result == ARCHIVE_FATAL || result == ARCHIVE_EOF) broken_off_ = true;
  const char* said = archive_error_string(state_->handle);
  const std::string_view text = said == nullptr ? std::string_view() : said;
  const int error = archive_errno(state_->handle);
  if (state_->io_error)
    trouble_ = {Reason::kIoError, ""};
  else if (error == ENOMEM && state_->may_need_memory)
    trouble_ = {Reason::kTooLarge, "memory"};
  else if (contains(text, "ncrypt") || contains(text, "assphrase"))
    trouble_ = {Reason::kEncrypted, ""};
  else if (contains(text, "nsupported") || contains(text, "not supported"))
    trouble_ = {Reason::kUnsupported, "compression method"};
  else
    trouble_ = {Reason::kCorrupt, ""};
}

// What was unpacked ended, but not well.
bool ArchiveStream::input_damaged() {
  const bool unpacked_badly = state_->gzip != nullptr && state_->gzip->damaged();
  if (!unpacked_badly && !state_->io_error) return false;
  broken_off_ = true;
  trouble_ = {state_->io_error ? Reason::kIoError : Reason::kCorrupt, ""};
  return true;
}

// libarchive takes the end of the file for the end of the archive, cut or not. An ar has members to
// its last byte (but for a line feed that pads it), and a tar ends in zeros.
bool ArchiveStream::cut_between_entries() const {
  constexpr std::uint64_t kArMark = 8;
  const auto last_header = static_cast<std::uint64_t>(
      std::max<la_int64_t>(archive_read_header_position(state_->handle), 0));
  if (state_->format == Format::kAr)
    return state_->source.size > std::max(last_header, kArMark) + 1;
  if (state_->format != Format::kTar && state_->inside != Inside::kTar) return false;
  return archive_filter_bytes(state_->handle, 0) == static_cast<la_int64_t>(last_header);
}

namespace {

std::string name_of(archive_entry* entry) {
  if (const char* name = archive_entry_pathname(entry); name != nullptr) return name;
  if (const char* name = archive_entry_pathname_utf8(entry); name != nullptr) return name;
  return {};
}

std::string link_of(archive_entry* entry) {
  for (const char* target : {archive_entry_hardlink(entry), archive_entry_symlink(entry)})
    if (target != nullptr) return target;
  return {};
}

std::int64_t mtime_of(archive_entry* entry) {
  constexpr std::int64_t kLatest = INT64_MAX / 1'000'000'000 - 1;
  if (archive_entry_mtime_is_set(entry) == 0) return 0;
  const std::int64_t seconds = archive_entry_mtime(entry);
  if (seconds > kLatest || seconds < -kLatest) return 0;
  return seconds * 1'000'000'000 + archive_entry_mtime_nsec(entry);
}

void set_type(archive_entry* entry, ArchiveStream::Entry& out) {
  using Type = ArchiveStream::Type;
  switch (archive_entry_filetype(entry)) {
    case AE_IFDIR:
      out.type = Type::kFolder;
      return;
    case AE_IFLNK:
      out.type = Type::kSymlink;
      return;
    case AE_IFIFO:
      out.type = Type::kSpecial;
      out.special = "fifo";
      return;
    case AE_IFSOCK:
      out.type = Type::kSpecial;
      out.special = "socket";
      return;
    case AE_IFCHR:
    case AE_IFBLK:
      out.type = Type::kSpecial;
      out.special = "device";
      return;
    default:
      // A hard link of newer tars may bring its data again.
      out.type =
          archive_entry_hardlink(entry) != nullptr && out.size == 0 ? Type::kHardLink : Type::kFile;
  }
}

}  // namespace

ArchiveStream::Next ArchiveStream::next(Entry& entry) {
  entry = {};
  if (!state_->opened || broken_off_) return Next::kFailed;
  trouble_ = {};
  int result = ARCHIVE_RETRY;
  for (int tries = 0; result == ARCHIVE_RETRY && tries < 10; ++tries)
    result = archive_read_next_header2(state_->handle, state_->entry);
  if (result == ARCHIVE_EOF && input_damaged()) return Next::kFailed;
  if (result == ARCHIVE_EOF && cut_between_entries()) {
    broken_off_ = true;
    trouble_ = {Reason::kCorrupt, "cut"};
    return Next::kFailed;
  }
  if (result == ARCHIVE_EOF) return Next::kEnd;
  if (result == ARCHIVE_FATAL || result == ARCHIVE_RETRY) {
    note_trouble(ARCHIVE_FATAL);
    return Next::kFailed;
  }
  archive_entry* found = state_->entry;
  entry.raw_name = name_of(found);
  entry.link = link_of(found);
  entry.size = archive_entry_size_is_set(found) != 0
                   ? static_cast<std::uint64_t>(std::max<la_int64_t>(archive_entry_size(found), 0))
                   : 0;
  entry.mtime_ns = mtime_of(found);
  if (state_->gzip != nullptr && entry.mtime_ns == 0) entry.mtime_ns = state_->gzip->mtime_ns();
  if (state_->gzip != nullptr && entry.raw_name == "data")
    if (const std::string name = state_->gzip->raw_name(); !name.empty()) entry.raw_name = name;
  entry.encrypted = archive_entry_is_encrypted(found) != 0;
  set_type(found, entry);
  // Holes at the end of a sparse file do not come, nor do the bytes of a link twice.
  const bool all_come = archive_entry_sparse_count(found) == 0 && entry.link.empty();
  state_->least_size = all_come ? entry.size : 0;
  state_->delivered_to = 0;
  state_->checksum_failed = false;
  if (result != ARCHIVE_FAILED) return Next::kEntry;
  note_trouble(result);
  return Next::kBroken;
}

std::span<const std::byte> ArchiveStream::data(std::uint64_t& offset) {
  trouble_ = {};
  const void* bytes = nullptr;
  std::size_t size = 0;
  la_int64_t at = 0;
  for (int empty = 0; empty < 1000; ++empty) {
    const int result = archive_read_data_block(state_->handle, &bytes, &size, &at);
    if (result == ARCHIVE_EOF) {
      const bool too_few = state_->delivered_to < state_->least_size;
      if (!input_damaged() && (state_->checksum_failed || too_few))
        trouble_ = {Reason::kCorrupt, ""};
      return {};
    }
    // Each of its warnings here says that bytes are not what they were.
    state_->checksum_failed |= result == ARCHIVE_WARN;
    if (result != ARCHIVE_OK && result != ARCHIVE_WARN && result != ARCHIVE_RETRY) {
      note_trouble(result);
      return {};
    }
    if (size == 0 || bytes == nullptr) continue;
    offset = static_cast<std::uint64_t>(std::max<la_int64_t>(at, 0));
    state_->delivered_to = std::max(state_->delivered_to, offset + size);
    return {static_cast<const std::byte*>(bytes), size};
  }
  note_trouble(ARCHIVE_FAILED);
  return {};
}

bool ArchiveStream::was_compressed() const {
  if (state_->gzip != nullptr) return state_->gzip->is_gzip();
  // The last filter is the plain file.
  return archive_filter_count(state_->handle) > 1;
}

bool ArchiveStream::has_encrypted_names() const {
  // Where no format was found libarchive looks at one that is not there.
  return state_->opened && archive_read_has_encrypted_entries(state_->handle) == 1;
}

std::uint64_t ArchiveStream::consumed() const {
  if (state_->gzip != nullptr) return state_->gzip->used();
  return std::min(state_->taken, state_->source.size);
}

}  // namespace gallra::extract

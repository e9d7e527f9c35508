// Names of a zip's members, and what they say the zip is.
#include <algorithm>
#include <array>
#include <unistd.h>
#include <vector>

#include "scanner/identify/identify.hpp"
#include "scanner/identify/parts.hpp"

namespace gallra::identify {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t kMaxNames = 64;           // enough for every format we tell apart
constexpr std::size_t kMaxDirectory = 1 << 20;  // bytes of central directory looked at
constexpr std::size_t kEndSearch = 65557;       // end record and the longest comment
constexpr std::size_t kEndRecord = 22;
constexpr std::size_t kMaxStub = 1 << 20;  // the longest program looked at for a 7z behind it

std::uint64_t number(std::string_view b, std::size_t at, std::size_t n) {
  std::uint64_t value = 0;
  for (std::size_t i = n; i-- > 0;) value = value << 8 | static_cast<std::uint8_t>(b[at + i]);
  return value;
}

// A name that decides a format: kept also when it stands behind the first kMaxNames.
bool decides(std::string_view name) {
  static constexpr std::array<std::string_view, 8> kNames{
      "[Content_Types].xml", "mimetype",    "word/document.xml",    "xl/workbook.xml",
      "xl/workbook.bin",     "content.xml", "ppt/presentation.xml", "META-INF/container.xml"};
  return std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

class Names {
 public:
  void add(std::string_view raw) {
    std::string name(raw);
    for (char& c : name) {
      if (c == '\\') c = '/';  // some Windows writers
      if (c == '\n' || c == '\0') c = '?';
    }
    if (count_ >= kMaxNames && !decides(name)) return;
    ++count_;
    if (count_ > 2 * kMaxNames) return;  // a thousand members of one deciding name
    text_ += (text_.empty() ? "" : "\n") + name;
  }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
  std::size_t count_ = 0;
};

std::string read_at(int fd, std::uint64_t at, std::uint64_t n) {
  std::string bytes(static_cast<std::size_t>(n), '\0');
  std::size_t got = 0;
  while (got < bytes.size()) {
    const ssize_t r =
        ::pread(fd, bytes.data() + got, bytes.size() - got, static_cast<off_t>(at + got));
    if (r <= 0) break;
    got += static_cast<std::size_t>(r);
  }
  bytes.resize(got);
  return bytes;
}

void from_central_directory(std::string_view directory, Names& names) {
  static constexpr std::size_t kFixed = 46;
  while (directory.size() >= kFixed && directory.starts_with("PK\x01\x02")) {
    const std::size_t name = number(directory, 28, 2);
    const std::size_t rest = number(directory, 30, 2) + number(directory, 32, 2);
    if (directory.size() - kFixed < name) return;
    names.add(directory.substr(kFixed, name));
    directory.remove_prefix(std::min(directory.size(), kFixed + name + rest));
  }
}

// Goes from local header to local header; past a member of unknown length it looks for the next.
// What lies in a member is not looked at: a document stored in an archive has headers of its own.
// Linear.
void from_local_headers(std::string_view bytes, Names& names) {
  static constexpr std::size_t kFixed = 30;
  static constexpr auto kMagic = "PK\x03\x04"sv;
  for (std::size_t at = bytes.find(kMagic); at != std::string_view::npos;
       at = bytes.find(kMagic, at)) {
    if (bytes.size() - at < kFixed) return;
    const std::size_t name = number(bytes, at + 26, 2);
    if (name == 0 || bytes.size() - at - kFixed < name || number(bytes, at + 4, 2) > 100) {
      at += kMagic.size();
      continue;
    }
    names.add(bytes.substr(at + kFixed, name));
    const bool length_known = (number(bytes, at + 6, 2) & 8) == 0;
    const std::uint64_t content = length_known ? number(bytes, at + 18, 4) : 0;
    at += kFixed + name + number(bytes, at + 28, 2);
    if (content > bytes.size() || at + content > bytes.size()) return;
    at += content;
  }
}

// Where the central directory lies, by the end record (and its zip64 twin) in `tail`, which begins
// at `tail_at` of the zip. {0, 0} = not found.
struct Range {
  std::uint64_t at = 0;
  std::uint64_t size = 0;
};

Range central_directory(int fd, std::uint64_t offset, std::uint64_t size, std::string_view tail,
                        std::uint64_t tail_at) {
  std::size_t end =
      tail.size() < 22 ? std::string_view::npos : tail.rfind("PK\x05\x06", tail.size() - 22);
  for (; end != std::string_view::npos;
       end = end == 0 ? std::string_view::npos : tail.rfind("PK\x05\x06", end - 1)) {
    Range range{number(tail, end + 16, 4), number(tail, end + 12, 4)};
    std::uint64_t ends_at = tail_at + end;
    const bool big = range.at == 0xffffffff || range.size == 0xffffffff;
    if (big && end >= 20 && tail.substr(end - 20, 4) == "PK\x06\x07") {
      const std::uint64_t record = number(tail, end - 12, 8);
      if (record < size && size - record >= 56) {
        const std::string zip64 = read_at(fd, offset + record, 56);
        if (zip64.size() == 56 && zip64.starts_with("PK\x06\x06")) {
          range = {number(zip64, 48, 8), number(zip64, 40, 8)};
          ends_at = record;
        }
      }
    }
    if (range.size > ends_at) continue;
    // A program in front of the zip shifts all; the directory ends where the end record begins.
    range.at = ends_at - range.size;
    return range;
  }
  return {};
}

struct Mime {
  std::string_view prefix;
  Format format;
};
// Templates and older names end in more letters; prefixes take them along. Drawings are read as
// presentations: both keep their text in draw:page.
constexpr std::array<Mime, 9> kMimes{{
    {"application/vnd.oasis.opendocument.text", Format::kOdt},
    {"application/vnd.oasis.opendocument.spreadsheet", Format::kOds},
    {"application/vnd.oasis.opendocument.presentation", Format::kOdp},
    {"application/vnd.oasis.opendocument.graphics", Format::kOdp},
    {"application/vnd.sun.xml.writer", Format::kOdt},
    {"application/vnd.sun.xml.calc", Format::kOds},
    {"application/vnd.sun.xml.impress", Format::kOdp},
    {"application/vnd.sun.xml.draw", Format::kOdp},
    {"application/epub+zip", Format::kEpub},
}};

// The text of a stored first member `mimetype` (ODF 1.2 part 3, 3.3; EPUB OCF).
std::string_view stored_mimetype(std::string_view head) {
  if (head.size() < 38 || number(head, 8, 2) != 0 || number(head, 26, 2) != 8 ||
      head.substr(30, 8) != "mimetype")
    return {};
  const std::size_t at = 38 + static_cast<std::size_t>(number(head, 28, 2));
  if (at >= head.size()) return {};
  std::size_t length = static_cast<std::size_t>(number(head, 18, 4));
  if (length == 0) length = head.find("PK", at) - at;  // its length stands behind it
  std::string_view mime = head.substr(at, std::min<std::size_t>(length, 128));
  while (!mime.empty() && static_cast<unsigned char>(mime.back()) <= ' ') mime.remove_suffix(1);
  return mime;
}

class NameSet {
 public:
  explicit NameSet(std::string_view lines) {
    while (!lines.empty()) {
      const std::size_t end = std::min(lines.find('\n'), lines.size());
      names_.push_back(lines.substr(0, end));
      lines.remove_prefix(std::min(end + 1, lines.size()));
    }
  }
  bool has(std::string_view name) const {
    return std::find(names_.begin(), names_.end(), name) != names_.end();
  }
  bool has_below(std::string_view folder) const {
    return std::any_of(names_.begin(), names_.end(),
                       [&](std::string_view n) { return n.starts_with(folder); });
  }

 private:
  std::vector<std::string_view> names_;
};

std::optional<Identity> office(const NameSet& names) {
  struct Part {
    std::string_view main, folder;
    Format format;
    std::string_view media;
  };
  static constexpr std::array<Part, 3> kParts{{
      {"word/document.xml", "word/", Format::kDocx,
       "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
      {"xl/workbook.xml", "xl/", Format::kXlsx,
       "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
      {"ppt/presentation.xml", "ppt/", Format::kPptx,
       "application/vnd.openxmlformats-officedocument.presentationml.presentation"},
  }};
  const bool types = names.has("[Content_Types].xml");
  if (names.has("xl/workbook.bin"))
    return Identity{Format::kUnknown, "application/vnd.ms-excel.sheet.binary.macroEnabled.12",
                    "zip with xl/workbook.bin (binary workbook, no reader)"};
  for (const Part& part : kParts)
    if (names.has(part.main))
      return Identity{part.format, std::string(part.media), "zip with " + std::string(part.main)};
  for (const Part& part : kParts)
    if (types && names.has_below(part.folder))
      return Identity{part.format, std::string(part.media),
                      "zip with [Content_Types].xml and " + std::string(part.folder)};
  return std::nullopt;
}

}  // namespace

namespace {

// The names in the directory, whose end record is looked for in the last `tail_size` bytes.
std::string directory_names(int fd, std::uint64_t offset, std::uint64_t size,
                            std::uint64_t tail_size) {
  Names names;
  const std::uint64_t tail_at = size - tail_size;
  const std::string tail = read_at(fd, offset + tail_at, tail_size);
  const Range range = central_directory(fd, offset, size, tail, tail_at);
  if (range.size > 0) {
    const std::uint64_t n = std::min<std::uint64_t>(range.size, kMaxDirectory);
    const bool in_tail = range.at >= tail_at && range.at - tail_at + n <= tail.size();
    const std::string other = in_tail ? std::string() : read_at(fd, offset + range.at, n);
    from_central_directory(in_tail ? std::string_view(tail).substr(range.at - tail_at, n) : other,
                           names);
  }
  return names.take();
}

// "7z", version 0, and a checksum over the 20 bytes that tell where the directory stands.
bool is_seven_zip_start(std::string_view b) {
  static constexpr std::size_t kStart = 32;
  if (b.size() < kStart || number(b, 6, 1) != 0 || number(b, 7, 1) > 9) return false;
  std::uint32_t crc = 0xffffffff;
  for (const char c : b.substr(12, 20)) {
    crc ^= static_cast<std::uint8_t>(c);
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ ((crc & 1) != 0 ? 0xedb88320u : 0u);
  }
  return ~crc == number(b, 8, 4);
}

}  // namespace

std::string zip_member_names(int fd, std::uint64_t offset, std::uint64_t size) {
  std::string found = directory_names(fd, offset, size, std::min<std::uint64_t>(size, kEndSearch));
  if (!found.empty()) return found;
  Names local;
  from_local_headers(read_at(fd, offset, std::min<std::uint64_t>(size, kMaxDirectory)), local);
  return local.take();
}

std::uint64_t seven_zip_start(int fd, std::uint64_t offset, std::uint64_t size) {
  static constexpr auto kMagic = "7z\xbc\xaf\x27\x1c"sv;
  const std::string bytes = read_at(fd, offset, std::min<std::uint64_t>(size, kMaxStub));
  const std::string_view view = bytes;
  for (std::size_t at = view.find(kMagic, 1); at != std::string_view::npos;
       at = view.find(kMagic, at + 1))
    if (is_seven_zip_start(view.substr(at))) return at;
  return 0;
}

std::optional<Identity> archive_behind(int fd, std::uint64_t offset, std::uint64_t size,
                                       const Identity& front, std::string_view name) {
  Head head{{}, size, name, extension_of(name)};
  head.promised = format_of_extension(head.ext);
  const bool program = front.format == Format::kExecutable;
  const bool promised =
      head.promised && (is_container(*head.promised) || *head.promised == Format::kDocx ||
                        *head.promised == Format::kXlsx || *head.promised == Format::kPptx);
  // Programs are signed behind the zip, and zips have comments; a picture ends in the bare record.
  const std::uint64_t tail =
      std::min<std::uint64_t>(size, program || promised ? kEndSearch : kEndRecord);
  const std::string names = directory_names(fd, offset, size, tail);
  if (!names.empty()) {
    if (auto inner = by_zip(head, names)) return inner;
    return Identity{Format::kZip, "application/zip", front.why + "; a zip stands behind it"};
  }
  if (program && seven_zip_start(fd, offset, size) > 0)
    return Identity{Format::kSevenZip, "application/x-7z-compressed",
                    front.why + "; a 7z stands behind it"};
  return std::nullopt;
}

std::optional<Identity> by_zip(const Head& head, std::string_view zip_names) {
  const std::string_view mime = stored_mimetype(head.bytes);
  for (const Mime& known : kMimes)
    if (mime.starts_with(known.prefix))
      return Identity{known.format, std::string(mime), "zip with mimetype " + std::string(mime)};
  std::string own_names;
  if (zip_names.empty()) {
    Names names;
    from_local_headers(head.bytes, names);
    own_names = names.take();
    zip_names = own_names;
  }
  const NameSet names(zip_names);
  if (auto identity = office(names)) return identity;
  const auto promised = head.promised;
  if (names.has("content.xml") && (names.has("META-INF/manifest.xml") || names.has("mimetype")) &&
      (promised == Format::kOdt || promised == Format::kOds || promised == Format::kOdp))
    return Identity{*promised, "", "zip with content.xml; name ." + head.ext};
  if (names.has("META-INF/container.xml") && (promised == Format::kEpub || names.has("mimetype")))
    return Identity{Format::kEpub, "application/epub+zip", "zip with META-INF/container.xml"};
  return std::nullopt;
}

}  // namespace gallra::identify

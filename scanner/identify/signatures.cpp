// The table of magic bytes. One row a signature; `check` looks at what follows where the magic
// alone could be chance, and `weak` rows (two or three bytes) never win over a document that is
// plain text.
#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

#include "scanner/identify/parts.hpp"

namespace gallra::identify {
namespace {

using namespace std::string_view_literals;

std::uint8_t at(std::string_view b, std::size_t i) {
  return i < b.size() ? static_cast<std::uint8_t>(b[i]) : std::uint8_t{0};
}
// Like substr, but never past the end: heads may be a few bytes long.
std::string_view part(std::string_view b, std::size_t i, std::size_t n) {
  return i < b.size() ? b.substr(i, n) : std::string_view();
}
unsigned le16(std::string_view b, std::size_t i) { return at(b, i) + 256u * at(b, i + 1); }
unsigned be16(std::string_view b, std::size_t i) { return 256u * at(b, i) + at(b, i + 1); }
std::uint32_t le32(std::string_view b, std::size_t i) {
  return le16(b, i) | static_cast<std::uint32_t>(le16(b, i + 2)) << 16;
}

bool is_bmp(std::string_view b) {
  static constexpr std::array<std::uint32_t, 8> kHeaders{12, 16, 40, 52, 56, 64, 108, 124};
  return b.size() >= 18 && le32(b, 6) == 0 &&
         std::find(kHeaders.begin(), kHeaders.end(), le32(b, 14)) != kHeaders.end();
}
bool is_icon(std::string_view b) {
  return b.size() >= 22 && le16(b, 4) > 0 && le16(b, 4) < 256 && at(b, 9) == 0;
}
bool is_gzip(std::string_view b) { return at(b, 2) == 8 && (at(b, 3) & 0xe0) == 0; }
bool is_bzip2(std::string_view b) {
  return at(b, 3) >= '1' && at(b, 3) <= '9' &&
         (part(b, 4, 6) == "1AY&SY" || part(b, 4, 6) == "\x17\x72\x45\x38\x50\x90"sv);
}
// The old .lzma: a byte of properties, a dictionary size of one or two bits, a size or -1.
bool is_lzma(std::string_view b) {
  const std::uint32_t dictionary = le32(b, 1);
  const std::uint32_t rest = dictionary & (dictionary - 1);
  const bool known = part(b, 5, 8) != "\xff\xff\xff\xff\xff\xff\xff\xff"sv;
  return b.size() > 18 && dictionary >= 4096 && (rest == 0 || rest * 3 == dictionary * 1ull) &&
         at(b, 13) == 0 && (!known || (at(b, 11) == 0 && at(b, 12) == 0));
}
bool is_compress(std::string_view b) {
  const unsigned bits = at(b, 2) & 0x1fu;
  return (at(b, 2) & 0x60) == 0 && bits >= 9 && bits <= 16;
}
bool is_lha(std::string_view b) {
  return b.size() > 21 && at(b, 0) != 0 && (b[3] == 'l' || b[3] == 'p') && b[6] == '-' &&
         at(b, 20) <= 3;
}
bool is_xar(std::string_view b) { return be16(b, 4) >= 28 && be16(b, 6) == 1; }
bool is_true_type(std::string_view b) {
  return b.size() > 16 && at(b, 4) == 0 && at(b, 5) > 0 && at(b, 5) <= 64 && at(b, 12) >= ' ' &&
         at(b, 12) < 0x7f;
}
bool is_octal(std::string_view digits) {
  return !digits.empty() &&
         std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '7'; });
}
// "070701" alone may be a date, or a personnummer's beginning; so the whole header must be digits.
bool is_cpio_new(std::string_view b) {
  return b.size() >= 110 && std::all_of(b.begin(), b.begin() + 110,
                                        [](unsigned char c) { return std::isxdigit(c) != 0; });
}
bool is_cpio_old(std::string_view b) { return b.size() >= 76 && is_octal(part(b, 0, 76)); }
bool is_cpio_binary(std::string_view b) {
  const unsigned name = at(b, 0) == 0xc7 ? le16(b, 20) : be16(b, 20);
  return b.size() > 26 && name > 1 && name < 4096;
}
bool is_transport_stream(std::string_view b) { return at(b, 188) == 0x47 && at(b, 376) == 0x47; }
bool is_emf(std::string_view b) { return part(b, 40, 4) == " EMF"; }
bool is_dicom(std::string_view b) { return part(b, 128, 4) == "DICM"; }
bool is_netpbm(std::string_view b) {
  return at(b, 1) >= '1' && at(b, 1) <= '7' && (at(b, 2) == '\n' || at(b, 2) == ' ');
}
bool is_webp(std::string_view b) { return part(b, 8, 4) == "WEBP"; }
bool is_riff_av(std::string_view b) {
  return part(b, 8, 4) == "WAVE" || part(b, 8, 4) == "AVI " || part(b, 8, 4) == "RMID" ||
         part(b, 8, 4) == "ACON" || part(b, 8, 4) == "AMV ";
}
bool is_aiff(std::string_view b) { return part(b, 8, 4) == "AIFF" || part(b, 8, 4) == "AIFC"; }
// Brands of ISO base media files that are pictures.
bool is_heif(std::string_view b) {
  static constexpr std::array<std::string_view, 10> kBrands{"heic", "heix", "hevc", "heim", "heis",
                                                            "mif1", "msf1", "avif", "avis", "crx "};
  return std::find(kBrands.begin(), kBrands.end(), part(b, 8, 4)) != kBrands.end();
}
bool is_split_zip(std::string_view b) { return part(b, 4, 2) == "PK"; }

struct Row {
  std::size_t offset;
  std::string_view magic;
  Format format;
  std::string_view media;
  std::string_view label;  // for people: "PNG", "signature %PDF-"
  bool (*check)(std::string_view) = nullptr;
  bool weak = false;
};

constexpr Format kNone = Format::kUnknown;  // known, and known to have no reader

constexpr Row kRows[] = {
    // containers
    {0, "PK\x03\x04"sv, Format::kZip, "application/zip", "zip"},
    {0, "PK\x05\x06"sv, Format::kZip, "application/zip", "empty zip"},
    {0, "PK\x07\x08"sv, Format::kZip, "application/zip", "zip in parts", is_split_zip},
    {0, "PK00PK\x03\x04"sv, Format::kZip, "application/zip", "zip in parts"},
    {0, "\x1f\x8b"sv, Format::kGzip, "application/gzip", "gzip", is_gzip},
    {0, "BZh"sv, Format::kBzip2, "application/x-bzip2", "bzip2", is_bzip2},
    {0,
     "\xfd"
     "7zXZ\0"sv,
     Format::kXz, "application/x-xz", "xz"},
    {0, "\x5d\0"sv, Format::kXz, "application/x-lzma", "lzma", is_lzma},
    {0, "\x28\xb5\x2f\xfd"sv, Format::kZstd, "application/zstd", "zstd"},
    {0, "\x04\x22\x4d\x18"sv, Format::kLz4, "application/x-lz4", "lz4"},
    {0, "\x02\x21\x4c\x18"sv, Format::kLz4, "application/x-lz4", "lz4, old form"},
    {0, "\x1f\x9d"sv, Format::kCompress, "application/x-compress", "compress (.Z)", is_compress},
    {0, "7z\xbc\xaf\x27\x1c"sv, Format::kSevenZip, "application/x-7z-compressed", "7z"},
    {0, "Rar!\x1a\x07\x00"sv, Format::kRar, "application/vnd.rar", "rar 4"},
    {0, "Rar!\x1a\x07\x01\x00"sv, Format::kRar, "application/vnd.rar", "rar 5"},
    {0, "MSCF\0\0\0\0"sv, Format::kCab, "application/vnd.ms-cab-compressed", "cab"},
    {0, "!<arch>\n"sv, Format::kAr, "application/x-archive", "ar"},
    {0, "xar!"sv, Format::kXar, "application/x-xar", "xar", is_xar},
    {0, "070701"sv, Format::kCpio, "application/x-cpio", "cpio (newc)", is_cpio_new},
    {0, "070702"sv, Format::kCpio, "application/x-cpio", "cpio (crc)", is_cpio_new},
    {0, "070707"sv, Format::kCpio, "application/x-cpio", "cpio (odc)", is_cpio_old},
    {0, "\xc7\x71"sv, Format::kCpio, "application/x-cpio", "cpio (binary)", is_cpio_binary, true},
    {0, "\x71\xc7"sv, Format::kCpio, "application/x-cpio", "cpio (binary)", is_cpio_binary, true},
    {2, "-"sv, Format::kLha, "application/x-lha", "lha", is_lha, true},
    {0x8001, "CD001"sv, Format::kIso, "application/x-iso9660-image", "ISO 9660"},
    {0, "!BDN"sv, Format::kPst, "application/vnd.ms-outlook", "Outlook mailbox"},
    {0, "LZIP"sv, kNone, "application/x-lzip", "lzip", nullptr, true},
    {0, "\x60\xea"sv, kNone, "application/x-arj", "arj", nullptr, true},
    {7, "**ACE**"sv, kNone, "application/x-ace-compressed", "ace", nullptr, true},
    {0, "ISc("sv, kNone, "application/x-installshield", "InstallShield cabinet", nullptr, true},
    {0, "MSWIM\0\0\0"sv, kNone, "application/x-ms-wim", "Windows image (WIM)"},
    {0, "StuffIt"sv, kNone, "application/x-stuffit", "StuffIt", nullptr, true},
    // documents
    {0, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"sv, Format::kOle, "application/x-ole-storage",
     "OLE2 compound file"},
    {0, "SQLite format 3\0"sv, Format::kSqlite, "application/vnd.sqlite3", "SQLite 3"},
    {4, "Standard Jet DB"sv, kNone, "application/x-msaccess", "Access database"},
    {4, "Standard ACE DB"sv, kNone, "application/x-msaccess", "Access database"},
    {0, "\x78\x9f\x3e\x22"sv, kNone, "application/vnd.ms-tnef", "TNEF (winmail.dat)"},
    {0, "\xe4\x52\x5c\x7b\x8c\xd8\xa7\x4d"sv, kNone, "application/onenote", "OneNote"},
    {0, "AT&TFORM"sv, kNone, "image/vnd.djvu", "DjVu"},
    {0, "\xcf\xad\x12\xfe"sv, kNone, "application/x-outlook-express", "Outlook Express mailbox"},
    {0, "\x03\xd9\xa2\x9a"sv, kNone, "application/x-keepass", "KeePass database"},
    {0, "\xffWPC"sv, kNone, "application/vnd.wordperfect", "WordPerfect"},
    {0, "\xdb\xa5-\0"sv, kNone, "application/msword", "Word 2"},
    {0, "PAR1"sv, kNone, "application/vnd.apache.parquet", "Parquet", nullptr, true},
    {0, "\x89HDF\r\n\x1a\n"sv, kNone, "application/x-hdf5", "HDF5"},
    {0, "LUKS\xba\xbe"sv, kNone, "application/x-luks", "LUKS volume"},
    {0, "KDMV"sv, kNone, "application/x-vmdk", "VMDK disk", nullptr, true},
    {0, "vhdxfile"sv, kNone, "application/x-vhdx", "VHDX disk"},
    {0, "conectix"sv, kNone, "application/x-vhd", "VHD disk"},
    {0, "QFI\xfb"sv, kNone, "application/x-qemu-disk", "qcow disk"},
    {0, "regf"sv, kNone, "application/x-ms-registry", "Windows registry", nullptr, true},
    {0, "ElfFile\0"sv, kNone, "application/x-ms-evtx", "Windows event log"},
    {0, "L\0\0\0\x01\x14\x02\0"sv, kNone, "application/x-ms-shortcut", "Windows shortcut"},
    {0, "SCCA"sv, kNone, "application/x-ms-prefetch", "Windows prefetch", nullptr, true},
    // images
    {0, "\x89PNG\r\n\x1a\n"sv, Format::kImage, "image/png", "PNG"},
    {0, "\xff\xd8\xff"sv, Format::kImage, "image/jpeg", "JPEG"},
    {0, "GIF87a"sv, Format::kImage, "image/gif", "GIF"},
    {0, "GIF89a"sv, Format::kImage, "image/gif", "GIF"},
    {0, "II*\0"sv, Format::kImage, "image/tiff", "TIFF"},
    {0, "MM\0*"sv, Format::kImage, "image/tiff", "TIFF"},
    {0, "II+\0"sv, Format::kImage, "image/tiff", "BigTIFF"},
    {0, "MM\0+"sv, Format::kImage, "image/tiff", "BigTIFF"},
    {0, "RIFF"sv, Format::kImage, "image/webp", "WebP", is_webp},
    {0, "BM"sv, Format::kImage, "image/bmp", "BMP", is_bmp},
    {0, "\0\0\x01\0"sv, Format::kImage, "image/vnd.microsoft.icon", "icon", is_icon},
    {0, "\0\0\x02\0"sv, Format::kImage, "image/vnd.microsoft.icon", "cursor", is_icon},
    {0, "8BPS"sv, Format::kImage, "image/vnd.adobe.photoshop", "Photoshop", nullptr, true},
    {4, "ftyp"sv, Format::kImage, "image/heif", "HEIF or AVIF", is_heif, true},
    {0, "\0\0\0\x0cjP  \r\n"sv, Format::kImage, "image/jp2", "JPEG 2000"},
    {0, "\xff\x4f\xff\x51"sv, Format::kImage, "image/jp2", "JPEG 2000 stream"},
    {0, "\xff\x0a"sv, Format::kImage, "image/jxl", "JPEG XL", nullptr, true},
    {0, "\0\0\0\x0cJXL "sv, Format::kImage, "image/jxl", "JPEG XL"},
    {0, "\x01\0\0\0"sv, Format::kImage, "image/emf", "EMF", is_emf},
    {0, "\xd7\xcd\xc6\x9a"sv, Format::kImage, "image/wmf", "WMF"},
    {0, "gimp xcf"sv, Format::kImage, "image/x-xcf", "GIMP"},
    {0, ""sv, Format::kImage, "application/dicom", "DICOM", is_dicom},
    {0, "P"sv, Format::kImage, "image/x-portable-anymap", "netpbm", is_netpbm, true},
    {0, "AC10"sv, kNone, "image/vnd.dwg", "AutoCAD drawing", nullptr, true},
    // sound and film
    {0, "RIFF"sv, Format::kAudioVideo, "video/x-msvideo", "RIFF sound or film", is_riff_av},
    {0, "ID3"sv, Format::kAudioVideo, "audio/mpeg", "MP3 with ID3", nullptr, true},
    {0, "fLaC"sv, Format::kAudioVideo, "audio/flac", "FLAC", nullptr, true},
    {0, "OggS\0"sv, Format::kAudioVideo, "application/ogg", "Ogg"},
    {0, "\x1a\x45\xdf\xa3"sv, Format::kAudioVideo, "video/x-matroska", "Matroska or WebM"},
    {4, "ftyp"sv, Format::kAudioVideo, "video/mp4", "MP4 or QuickTime", nullptr, true},
    {4, "moov"sv, Format::kAudioVideo, "video/quicktime", "QuickTime", nullptr, true},
    {4, "mdat"sv, Format::kAudioVideo, "video/quicktime", "QuickTime", nullptr, true},
    {4, "wide"sv, Format::kAudioVideo, "video/quicktime", "QuickTime", nullptr, true},
    {0, "\0\0\x01\xba"sv, Format::kAudioVideo, "video/mpeg", "MPEG"},
    {0, "\0\0\x01\xb3"sv, Format::kAudioVideo, "video/mpeg", "MPEG"},
    {0, "G"sv, Format::kAudioVideo, "video/mp2t", "MPEG transport stream", is_transport_stream,
     true},
    {0, "FLV\x01"sv, Format::kAudioVideo, "video/x-flv", "FLV"},
    {0, "\x30\x26\xb2\x75\x8e\x66\xcf\x11"sv, Format::kAudioVideo, "video/x-ms-asf",
     "ASF (WMA, WMV)"},
    {0, "#!AMR"sv, Format::kAudioVideo, "audio/amr", "AMR"},
    {0, "FORM"sv, Format::kAudioVideo, "audio/aiff", "AIFF", is_aiff},
    {0, ".snd\0"sv, Format::kAudioVideo, "audio/basic", "AU"},
    {0, "MThd\0"sv, Format::kAudioVideo, "audio/midi", "MIDI"},
    {0, "caff\0"sv, Format::kAudioVideo, "audio/x-caf", "CAF"},
    {0, "wvpk"sv, Format::kAudioVideo, "audio/x-wavpack", "WavPack", nullptr, true},
    {0, ".RMF\0"sv, Format::kAudioVideo, "application/vnd.rn-realmedia", "RealMedia"},
    // programs
    {0,
     "\x7f"
     "ELF"sv,
     Format::kExecutable, "application/x-executable", "ELF"},
    {0, "MZ"sv, Format::kExecutable, "application/vnd.microsoft.portable-executable",
     "DOS or Windows program", nullptr, true},
    {0, "\xfe\xed\xfa\xce"sv, Format::kExecutable, "application/x-mach-binary", "Mach-O"},
    {0, "\xfe\xed\xfa\xcf"sv, Format::kExecutable, "application/x-mach-binary", "Mach-O"},
    {0, "\xce\xfa\xed\xfe"sv, Format::kExecutable, "application/x-mach-binary", "Mach-O"},
    {0, "\xcf\xfa\xed\xfe"sv, Format::kExecutable, "application/x-mach-binary", "Mach-O"},
    {0, "\xca\xfe\xba\xbe"sv, Format::kExecutable, "application/java-vm", "Java class or Mach-O"},
    {0, "dex\n03"sv, Format::kExecutable, "application/vnd.android.dex", "Android program", nullptr,
     true},
    {0, "\0asm"sv, Format::kExecutable, "application/wasm", "WebAssembly"},
    // fonts
    {0, "OTTO"sv, Format::kFont, "font/otf", "OpenType font", nullptr, true},
    {0, "\0\x01\0\0"sv, Format::kFont, "font/ttf", "TrueType font", is_true_type},
    {0, "true\0"sv, Format::kFont, "font/ttf", "TrueType font"},
    {0, "ttcf\0"sv, Format::kFont, "font/collection", "font collection"},
    {0, "wOFF"sv, Format::kFont, "font/woff", "WOFF font", nullptr, true},
    {0, "wOF2"sv, Format::kFont, "font/woff2", "WOFF2 font", nullptr, true},
    {0, "\x80\x01"sv, Format::kFont, "application/x-font-type1", "Type 1 font", nullptr, true},
};

Identity found(Format format, std::string_view media, std::string_view label) {
  return {format, std::string(media), "signature: " + std::string(label)};
}

// The checksum of a tar header, with its own eight bytes as blanks; old writers summed signed
// chars.
bool tar_checksum_fits(std::string_view b) {
  if (b.size() < 512 || b[0] == 0) return false;
  std::string_view field = part(b, 148, 8);
  while (!field.empty() && (field.front() == ' ' || field.front() == '\0')) field.remove_prefix(1);
  long written = 0;
  const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), written, 8);
  if (error != std::errc() || end == field.data()) return false;
  long plain = 0;
  long with_sign = 0;
  for (std::size_t i = 0; i < 512; ++i) {
    const auto c = i >= 148 && i < 156 ? std::uint8_t{' '} : at(b, i);
    plain += c;
    with_sign += static_cast<std::int8_t>(c);
  }
  return written == plain || written == with_sign;
}

// The header may stand within the first 1024 bytes; behind other bytes only if what follows looks
// like a PDF's body, so that a text about PDF stays a text.
bool is_pdf(const Head& head) {
  const std::size_t found_at = head.bytes.substr(0, 1024).find("%PDF-");
  if (found_at == std::string_view::npos) return false;
  const std::string_view before = head.bytes.substr(0, found_at);
  const bool nothing_before = std::all_of(before.begin(), before.end(), [](unsigned char c) {
    return c <= ' ' || c == 0xef || c == 0xbb || c == 0xbf;
  });
  if (nothing_before) return true;
  return at(head.bytes, found_at + 5) >= '1' && at(head.bytes, found_at + 5) <= '2' &&
         at(head.bytes, found_at + 6) == '.' &&
         (!as_text(head) || head.bytes.find(" obj", found_at) != std::string_view::npos);
}

// A valid MPEG audio frame header is eleven ones and little else, so the name must agree.
bool is_bare_mpeg_audio(const Head& head) {
  if (head.ext != "mp3" && head.ext != "mp2" && head.ext != "mpga" && head.ext != "aac")
    return false;
  const unsigned second = at(head.bytes, 1);
  const unsigned third = at(head.bytes, 2);
  return at(head.bytes, 0) == 0xff && (second & 0xe0) == 0xe0 && (second & 0x18) != 0x08 &&
         (third & 0xf0) != 0xf0;
}

}  // namespace

std::optional<Identity> by_signature(const Head& head) {
  std::optional<bool> text;  // asked at most once
  const auto is_text = [&] {
    if (!text) text = head.bytes.find('\0') == std::string_view::npos && as_text(head).has_value();
    return *text;
  };
  for (const Row& row : kRows) {
    // One byte first: it settles nearly all rows.
    if (!row.magic.empty() &&
        (row.offset >= head.bytes.size() || head.bytes[row.offset] != row.magic[0]))
      continue;
    if (head.bytes.size() < row.offset + row.magic.size() ||
        head.bytes.compare(row.offset, row.magic.size(), row.magic) != 0)
      continue;
    if (row.check != nullptr && !row.check(head.bytes)) continue;
    if (row.weak && is_text()) continue;
    return found(row.format, row.media, row.label);
  }
  if (is_pdf(head)) return found(Format::kPdf, "application/pdf", "%PDF-");
  if (head.bytes.substr(0, 3) == "\xef\xbb\xbf" ? head.bytes.substr(3).starts_with("{\\rtf")
                                                : head.bytes.starts_with("{\\rtf"))
    return found(Format::kRtf, "text/rtf", "{\\rtf");
  const bool ustar = head.bytes.size() >= 263 && head.bytes.substr(257, 5) == "ustar";
  if (tar_checksum_fits(head.bytes) || (ustar && !is_text()))
    return found(Format::kTar, "application/x-tar", ustar ? "tar (ustar)" : "tar by its checksum");
  if (is_bare_mpeg_audio(head) && !is_text())
    return found(Format::kAudioVideo, "audio/mpeg", "MPEG audio frame, and the name agrees");
  return std::nullopt;
}

}  // namespace gallra::identify

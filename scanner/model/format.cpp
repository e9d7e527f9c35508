#include "scanner/model/format.hpp"

#include <array>

namespace gallra {
namespace {

struct Row {
  Format format;
  std::string_view key;
  bool container;
};

constexpr std::array<Row, static_cast<std::size_t>(Format::kCount)> kFormats{{
    {Format::kUnknown, "unknown", false},
    {Format::kEmpty, "empty", false},
    {Format::kText, "text", false},
    {Format::kCsv, "csv", false},
    {Format::kJson, "json", false},
    {Format::kMarkdown, "markdown", false},
    {Format::kLog, "log", false},
    {Format::kSource, "source", false},
    {Format::kXml, "xml", false},
    {Format::kHtml, "html", false},
    {Format::kRtf, "rtf", false},
    {Format::kVcard, "vcard", false},
    {Format::kIcalendar, "icalendar", false},
    {Format::kZip, "zip", true},
    {Format::kTar, "tar", true},
    {Format::kGzip, "gzip", true},
    {Format::kBzip2, "bzip2", true},
    {Format::kXz, "xz", true},
    {Format::kZstd, "zstd", true},
    {Format::kLz4, "lz4", true},
    {Format::kCompress, "compress", true},
    {Format::kSevenZip, "7z", true},
    {Format::kRar, "rar", true},
    {Format::kCab, "cab", true},
    {Format::kIso, "iso", true},
    {Format::kCpio, "cpio", true},
    {Format::kAr, "ar", true},
    {Format::kLha, "lha", true},
    {Format::kXar, "xar", true},
    {Format::kEml, "eml", true},
    {Format::kMbox, "mbox", true},
    {Format::kPst, "pst", true},
    {Format::kDocx, "docx", false},
    {Format::kXlsx, "xlsx", false},
    {Format::kPptx, "pptx", false},
    {Format::kOdt, "odt", false},
    {Format::kOds, "ods", false},
    {Format::kOdp, "odp", false},
    {Format::kEpub, "epub", false},
    {Format::kPdf, "pdf", false},
    {Format::kOle, "ole", false},
    {Format::kImage, "image", false},
    {Format::kAudioVideo, "audio_video", false},
    {Format::kExecutable, "executable", false},
    {Format::kSqlite, "sqlite", false},
    {Format::kFont, "font", false},
}};

}  // namespace

std::string_view key_of(Format format) {
  for (const Row& row : kFormats)
    if (row.format == format) return row.key;
  return "unknown";
}

std::optional<Format> format_from_key(std::string_view key) {
  for (const Row& row : kFormats)
    if (row.key == key) return row.format;
  return std::nullopt;
}

bool is_container(Format format) {
  for (const Row& row : kFormats)
    if (row.format == format) return row.container;
  return false;
}

bool is_plain(Format format) { return format >= Format::kText && format <= Format::kSource; }

}  // namespace gallra

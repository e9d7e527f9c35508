// The formats Gallra tells apart. A format says which extractor reads the document.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gallra {

enum class Format : std::uint8_t {
  kUnknown,  // no reader; `not_read: unsupported`
  kEmpty,    // zero bytes: `read`, nothing to find
  // decoded and matched in the worker thread
  kText,
  kCsv,
  kJson,
  kMarkdown,
  kLog,
  kSource,
  // parsed in the jail
  kXml,
  kHtml,
  kRtf,
  kVcard,
  kIcalendar,
  kZip,
  kTar,
  kGzip,
  kBzip2,
  kXz,
  kZstd,
  kLz4,
  kCompress,
  kSevenZip,
  kRar,
  kCab,
  kIso,
  kCpio,
  kAr,
  kLha,
  kXar,
  kEml,
  kMbox,
  kPst,  // kPst also for ost
  kDocx,
  kXlsx,
  kPptx,
  kOdt,
  kOds,
  kOdp,
  kEpub,
  kPdf,
  kOle,  // .doc .xls .ppt .msg: told apart inside; no reader yet
  kImage,
  kAudioVideo,
  kExecutable,
  kSqlite,
  kFont,
  kCount,
};

struct Identity {
  Format format = Format::kUnknown;
  std::string media_type;  // as libmagic or our own table names it; "" when not known
  std::string why;  // "signature %PDF-", "name .csv", "text: no NUL, valid UTF-8" (for `why PATH`)
};

// "text", "csv", "zip", "7z", "pdf" ...: stored and exported, never changed.
std::string_view key_of(Format format);
std::optional<Format> format_from_key(std::string_view key);
// True for formats whose members are documents of their own (zip, mbox, pst, eml ...).
bool is_container(Format format);
// True when the format is decoded in the worker thread, without the jail.
bool is_plain(Format format);

}  // namespace gallra

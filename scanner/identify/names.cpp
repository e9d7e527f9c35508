// What a file's extension promises. Only asked after the content, and to tell when they differ.
#include <algorithm>
#include <array>
#include <unordered_map>

#include "scanner/identify/parts.hpp"

namespace gallra::identify {
namespace {

struct Promise {
  Format format;
  std::string_view extensions;  // each between blanks
};

constexpr std::array<Promise, 39> kPromises{{
    {Format::kText,
     " txt text asc nfo readme me 1st ini conf cfg toml yaml yml properties env lst dat "
     "diff patch srt vtt tex bib rst po strings reg inf "},
    {Format::kCsv, " csv tsv tab psv "},
    {Format::kJson, " json jsonl ndjson geojson webmanifest ipynb har topojson "},
    {Format::kMarkdown, " md markdown mkd mdown mdx "},
    {Format::kLog, " log "},
    {Format::kSource,
     " c h cc cpp cxx hh hpp hxx m mm java kt kts scala groovy gradle cs vb fs go rs py "
     "pyw rb php pl pm lua r jl js mjs cjs ts jsx tsx vue css scss less sass sh bash zsh "
     "fish ps1 psm1 psd1 bat cmd vbs vba bas cls frm sql cmake mk swift dart pas asm s "
     "f90 erl ex exs hs clj lisp el vim awk sed "},
    {Format::kXml,
     " xml xsd xsl xslt svg fodt fods fodp rss atom kml gpx plist rdf wsdl xaml resx opml "
     "xlf xliff config csproj vcxproj "},
    {Format::kHtml, " html htm xhtml xht shtml hta "},
    {Format::kRtf, " rtf "},
    {Format::kVcard, " vcf vcard "},
    {Format::kIcalendar, " ics ical ifb "},
    {Format::kZip, " zip jar war ear apk xpi vsdx xps odb "},
    {Format::kTar, " tar "},
    {Format::kGzip, " gz tgz "},
    {Format::kBzip2, " bz2 tbz tbz2 "},
    {Format::kXz, " xz txz "},
    {Format::kZstd, " zst tzst "},
    {Format::kLz4, " lz4 "},
    {Format::kSevenZip, " 7z "},
    {Format::kRar, " rar "},
    {Format::kCab, " cab "},
    {Format::kIso, " iso "},
    {Format::kCpio, " cpio "},
    {Format::kLha, " lha lzh "},
    {Format::kEml, " eml emlx mht mhtml nws "},
    {Format::kMbox, " mbox mbx "},
    {Format::kPst, " pst ost "},
    {Format::kDocx, " docx docm dotx dotm "},
    {Format::kXlsx, " xlsx xlsm xltx xltm "},
    {Format::kPptx, " pptx pptm potx potm ppsx ppsm "},
    {Format::kOdt, " odt ott odm sxw "},
    {Format::kOds, " ods ots sxc "},
    {Format::kOdp, " odp otp odg sxi "},
    {Format::kEpub, " epub "},
    {Format::kPdf, " pdf "},
    {Format::kOle, " doc dot xls xlt ppt pps msg pub vsd mpp "},
    {Format::kImage,
     " png jpg jpeg jpe gif tif tiff bmp webp heic heif avif psd ico emf wmf dcm jp2 "},
    {Format::kAudioVideo,
     " mp3 mp4 m4a m4v mov avi mkv webm wav flac ogg wma wmv mpg mpeg aac amr 3gp "},
    {Format::kSqlite, " sqlite sqlite3 "},
}};

bool is_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

}  // namespace

std::string extension_of(std::string_view name) {
  name = name.substr(name.rfind('/') + 1);  // npos + 1 = 0
  if (name.ends_with('~')) name.remove_suffix(1);
  // Backups and rotated logs keep the extension of what they are copies of.
  for (int peeled = 0; peeled < 3; ++peeled) {
    const std::size_t dot = name.rfind('.');
    if (dot == std::string_view::npos || dot == 0) return "";
    std::string ext(name.substr(dot + 1));
    for (char& c : ext)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    const bool copy =
        ext == "bak" || ext == "old" || ext == "orig" || ext == "tmp" || is_number(ext);
    if (!copy || name.find('.') == dot) return ext;
    name = name.substr(0, dot);
  }
  return "";
}

std::optional<Format> format_of_extension(std::string_view ext) {
  static const std::unordered_map<std::string_view, Format> kByExtension = [] {
    std::unordered_map<std::string_view, Format> map;
    for (const Promise& promise : kPromises) {
      std::string_view rest = promise.extensions;
      while (!rest.empty()) {
        const std::size_t end = std::min(rest.find(' '), rest.size());
        if (end > 0) map.emplace(rest.substr(0, end), promise.format);
        rest.remove_prefix(std::min(end + 1, rest.size()));
      }
    }
    return map;
  }();
  const auto at = kByExtension.find(ext);
  return at == kByExtension.end() ? std::nullopt : std::optional(at->second);
}

}  // namespace gallra::identify

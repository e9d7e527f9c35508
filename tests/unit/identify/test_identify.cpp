#include <catch2/catch.hpp>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>
#include <sys/mman.h>
#include <unistd.h>

#include "scanner/identify/identify.hpp"

using namespace gallra;
using namespace gallra::identify;
using namespace std::string_literals;

namespace {

// As a scan does it: the head, the size, and for what looks like a zip the member names.
Identity identify_bytes(const std::string& bytes, const std::string& name,
                        const std::string& zip_names = {}) {
  const auto* data = reinterpret_cast<const std::byte*>(bytes.data());
  return identify::identify({data, std::min(bytes.size(), kHeadBytes)}, bytes.size(), name,
                            zip_names);
}

std::string utf16(const std::string& text, bool little, bool mark) {
  std::string out = mark ? (little ? "\xff\xfe" : "\xfe\xff") : "";
  for (const char c : text) {
    if (little) out += c;
    out += '\0';
    if (!little) out += c;
  }
  return out;
}

std::string le(std::uint64_t value, int n) {
  std::string out;
  for (int i = 0; i < n; ++i) out += static_cast<char>(value >> (8 * i));
  return out;
}

std::string padded(std::string text, std::size_t size) {
  text.resize(size, '\0');
  return text;
}

// One tar header; `magic` stands at 257.
std::string tar_header(const std::string& name, const std::string& magic) {
  std::string header = padded(name, 512);
  header.replace(100, 8, "0000644\0"s);
  header.replace(124, 12, "00000000005\0"s);
  header.replace(148, 8, "        ");
  header.replace(257, magic.size(), magic);
  unsigned sum = 0;
  for (const char c : header) sum += static_cast<unsigned char>(c);
  char field[8];
  std::snprintf(field, sizeof field, "%06o", sum);
  header.replace(148, 7, std::string(field, 7));
  return header;
}

const std::string kSwedish1252 =
    "F\xf6rs\xe4kringskassan har \xe5terkommit i \xe4rendet.\r\nH\xe4lsningar\r\n";
const std::string kSwedish850 = "F\x94rs\x84kringskassan har \x86terkommit i \x84rendet.\r\n";
const std::string kSwedishMac = "F\x9frs\x8akringskassan har \x8cterkommit i \x8arendet.\r";
const std::string kSwedishUtf8 = "Försäkringskassan har återkommit i ärendet.\n";

const std::string kMail =
    "Received: from mx.example.org by example.com; Mon, 4 Mar 2019 10:00:00 +0100\r\n"
    "\tfor <anna@example.org>\r\nFrom: Anna <anna@example.org>\r\nTo: bo@example.com\r\n"
    "Subject: =?utf-8?q?M=C3=B6te?=\r\nDate: Mon, 4 Mar 2019 10:00:00 +0100\r\n"
    "Message-ID: <1@example.org>\r\nMIME-Version: 1.0\r\n\r\nHej!\r\n";

struct Case {
  const char* what;
  std::string bytes;
  std::string name;
  Format format;
};

void check(const std::vector<Case>& cases) {
  for (const Case& c : cases) {
    const Identity identity = identify_bytes(c.bytes, c.name);
    CAPTURE(c.what, c.name, identity.why);
    CHECK(key_of(identity.format) == key_of(c.format));
    CHECK(!identity.why.empty());
  }
}

}  // namespace

TEST_CASE("Magic bytes tell the format, whatever the name") {
  check({
      {"empty", "", "a.docx", Format::kEmpty},
      {"pdf", "%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n", "a.txt", Format::kPdf},
      {"pdf behind junk", "\x00\x01\x02junk\n"s + "%PDF-1.4\n1 0 obj <<>> endobj", "a",
       Format::kPdf},
      {"pdf behind text lines", "HTTP header left over\r\n\r\n%PDF-1.4\n1 0 obj <<>> endobj", "a",
       Format::kPdf},
      {"pdf behind a byte order mark", "\xef\xbb\xbf%PDF-1.4\n", "a", Format::kPdf},
      {"rtf", "{\\rtf1\\ansi\\ansicpg1252 Hej}", "brev.doc", Format::kRtf},
      {"rtf behind blank lines", "\r\n {\\rtf1\\ansi Hej}", "x", Format::kRtf},
      {"gzip", "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03"s, "x.txt", Format::kGzip},
      {"bzip2", "BZh91AY&SY\x12\x34\x56\x78", "x", Format::kBzip2},
      {"empty bzip2", "BZh9\x17\x72\x45\x38\x50\x90\x00\x00\x00\x00"s, "x", Format::kBzip2},
      {"xz",
       "\xfd"
       "7zXZ\0\0\x04"s,
       "x", Format::kXz},
      {"zstd", "\x28\xb5\x2f\xfd\x04\x00"s, "x", Format::kZstd},
      {"lz4", "\x04\x22\x4d\x18\x64\x40"s, "x", Format::kLz4},
      {"compress", "\x1f\x9d\x90\x41\x84\x0c\x0e", "x", Format::kCompress},
      {"7z", "7z\xbc\xaf\x27\x1c\x00\x04"s, "x.zip", Format::kSevenZip},
      {"rar 4", "Rar!\x1a\x07\x00\xcf\x90\x73"s, "x", Format::kRar},
      {"rar 5", "Rar!\x1a\x07\x01\x00\x33"s, "x", Format::kRar},
      {"cab", "MSCF\0\0\0\0\x50\x01\0\0"s, "x", Format::kCab},
      {"ar", "!<arch>\ndebian-binary   ", "x.deb", Format::kAr},
      {"xar", "xar!\x00\x1c\x00\x01"s + std::string(20, '\0'), "x.pkg", Format::kXar},
      {"cpio newc", "070701" + std::string(104, '0') + "name\0"s, "x", Format::kCpio},
      {"cpio odc", "070707" + std::string(70, '0') + "name\0"s, "x", Format::kCpio},
      {"cpio binary", "\xc7\x71"s + padded("", 18) + le(5, 2) + padded("", 10), "x", Format::kCpio},
      {"lha",
       "\x22\x5b-lh5-"s + padded("\x10\x00\x00\x00\x20\x00\x00\x00"s, 13) + "\x01\x05"s + "hello",
       "x", Format::kLha},
      {"ustar", tar_header("a.txt", "ustar\00000"s) + padded("hello", 512), "x", Format::kTar},
      {"gnu tar", tar_header("a.txt", "ustar  \0"s) + padded("hello", 512), "x", Format::kTar},
      {"old tar", tar_header("a.txt", "") + padded("hello", 512), "x.tar", Format::kTar},
      {"iso by name and size", padded("", 4096), "disk.iso", Format::kUnknown},
      {"pst", "!BDN\x12\x34\x56\x78SM\x17\x00\x13\x00"s, "x.txt", Format::kPst},
      {"ole", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + padded("", 504), "brev.doc", Format::kOle},
      {"sqlite", "SQLite format 3\0\x10\0"s, "x", Format::kSqlite},
      {"png", "\x89PNG\r\n\x1a\n\0\0\0\rIHDR"s, "x", Format::kImage},
      {"jpeg", "\xff\xd8\xff\xe0\0\x10JFIF"s, "x.txt", Format::kImage},
      {"gif", "GIF89a\x01\0\x01\0"s, "x", Format::kImage},
      {"tiff", "II*\0\x08\0\0\0"s, "x", Format::kImage},
      {"bmp", "BM"s + le(1000, 4) + le(0, 4) + le(54, 4) + le(40, 4) + padded("", 36), "x",
       Format::kImage},
      {"webp", "RIFF\x24\0\0\0WEBPVP8 "s, "x", Format::kImage},
      {"heic",
       "\0\0\0\x18"
       "ftypheic"s,
       "x", Format::kImage},
      {"dicom", padded("", 128) + "DICM", "x", Format::kImage},
      {"wav", "RIFF\x24\0\0\0WAVEfmt "s, "x", Format::kAudioVideo},
      {"mp4",
       "\0\0\0\x18"
       "ftypmp42"s,
       "x", Format::kAudioVideo},
      {"mkv", "\x1a\x45\xdf\xa3\x01"s, "x", Format::kAudioVideo},
      {"ogg", "OggS\0\x02"s, "x", Format::kAudioVideo},
      {"mp3 with tags", "ID3\x04\0\0\0\0\x0f\x76"s, "x", Format::kAudioVideo},
      {"mp3 without", "\xff\xfb\x90\x64\0\0\0\0\0"s, "x.mp3", Format::kAudioVideo},
      {"elf",
       "\x7f"
       "ELF\x02\x01\x01\0"s,
       "x", Format::kExecutable},
      {"exe", "MZ\x90\0\x03\0\0\0\x04\0"s, "x", Format::kExecutable},
      {"java class", "\xca\xfe\xba\xbe\0\0\0\x34"s, "X.class", Format::kExecutable},
      {"ttf", "\0\x01\0\0\0\x10\0\x80\0\0\0\0cmap\0"s, "x", Format::kFont},
      {"woff2", "wOF2\0\x01\0\0"s, "x", Format::kFont},
      {"access", "\0\x01\0\0Standard ACE DB\0"s, "x.accdb", Format::kUnknown},
      {"winmail", "\x78\x9f\x3e\x22\x01\x02"s, "winmail.dat", Format::kUnknown},
      {"random bytes", "\x9c\x01\xfe\x12\x8a\x03\x1d\x99\x11\x05\xc8\x02\x7f\x19\xaa", "x.txt",
       Format::kUnknown},
      {"zeros", std::string(5000, '\0'), "x", Format::kUnknown},
  });
  const Identity access = identify_bytes("\0\x01\0\0Standard Jet DB\0"s, "x.mdb");
  CHECK(access.media_type == "application/x-msaccess");
}

TEST_CASE(
    "An ISO image is known by its descriptor, or by name and sectors when that is out of sight") {
  std::string image = padded("", 40960);
  image.replace(0x8001, 5, "CD001");
  CHECK(identify_bytes(image, "disk.iso").format == Format::kIso);
  CHECK(identify_bytes(image, "disk.bin").format == Format::kUnknown);
  const auto* data = reinterpret_cast<const std::byte*>(image.data());
  CHECK(identify::identify({data, image.size()}, image.size(), "disk.bin").format == Format::kIso);
  CHECK(identify_bytes(image + "x", "disk.iso").format == Format::kUnknown);
  CHECK(identify_bytes(kSwedishUtf8, "disk.iso").format == Format::kText);
}

TEST_CASE("What is encrypted as a whole goes to the reader that says so") {
  const auto media = [](const std::string& bytes) { return identify_bytes(bytes, "x").media_type; };
  const std::string data = "\xd2\x40\x01" + std::string(63, 'z');
  for (const std::string& key :
       {"\x84\x8c\x03" + padded("", 139), "\x85\x01\x0c\x03" + padded("", 267),
        "\xc1\xc0\x4c\x03" + padded("", 267), "\x8c\x0d\x04\x09\x03\x08" + padded("", 9),
        "\xc3\x0d\x04\x09\x03\x08" + padded("", 9)}) {
    CHECK(media(key + data) == "application/pgp-encrypted");
    CHECK(media(key + "ingen") != "application/pgp-encrypted");
  }
  check({
      {"pgp armour", "-----BEGIN PGP MESSAGE-----\n\nhQEMA0Vp2m5n5XzK\n", "x.csv", Format::kText},
      {"age", "age-encryption.org/v1\n-> X25519 abc\n\xff\xfe\x01\0"s, "x", Format::kText},
      {"openssl", "Salted__\x01\x02\xff\0\0\x9c"s, "x.bin", Format::kText},
      {"old lzma", "\x5d\0\0\x80\0\xff\xff\xff\xff\xff\xff\xff\xff\0\x24\x19\x49\x98"s + "abc",
       "x.lzma", Format::kXz},
      {"no lzma", "]\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"s, "x", Format::kUnknown},
  });
}

TEST_CASE("Garbage in the middle of a text leaves it what it is") {
  const std::string garbage = "\x9c\x01\xfe\x12\x8a\x03\x1d\x99\x11\x05\xc8\x02\x7f\0\x19\xaa"s;
  const std::string line = "Ett vanligt besked om en vanlig dag i april.";
  check({
      {"json", "{\"a\": \"" + line + garbage + line + "\"}", "x.json", Format::kJson},
      {"xml", "<?xml version=\"1.0\"?><a>" + line + garbage + line + line + "</a>", "x.xml",
       Format::kXml},
      {"text", line + garbage + garbage + line + line, "x.txt", Format::kText},
      {"too much", line + garbage + garbage + garbage + garbage + line, "x.txt", Format::kUnknown},
      {"at the end", line + line + line + garbage, "x", Format::kUnknown},
  });
}

TEST_CASE("Text that happens to begin like a binary format stays text") {
  check({
      {"BM", "BMI 23,4 och stabil vikt sedan hösten.\n", "x", Format::kText},
      {"MZ", "MZ-skolan har ringt om fr\xc3\xa5nvaro.\n", "x.txt", Format::kText},
      {"ID3", "ID3 är en tagg i ljudfiler.\n", "x.txt", Format::kText},
      {"P5", "P5 till höger\n", "x.txt", Format::kText},
      {"a date like cpio", "070701-1234 Anna\n070702-1234 Bo\n", "x.txt", Format::kText},
      {"BZh", "BZh är inget ord\n", "x.txt", Format::kText},
      {"%PDF in prose", "En fil som börjar med\n%PDF-1.4 är en PDF.\n", "x.txt", Format::kText},
      {"OTTO", "OTTO Exempelsson\n", "x", Format::kText},
      {"true", "true story\n", "x", Format::kText},
      {"RIFF", "RIFF och melodi\n", "x", Format::kText},
      {"G every 188", std::string(188, 'G') + std::string(300, 'G'), "x", Format::kText},
      {"ftyp at 4", "abc ftypheic och mer\n", "x.txt", Format::kText},
  });
}

TEST_CASE("Every encoding in Swedish use is text") {
  check({
      {"utf-8", kSwedishUtf8, "x", Format::kText},
      {"utf-8 with mark", "\xef\xbb\xbf" + kSwedishUtf8, "x", Format::kText},
      {"cp1252", kSwedish1252, "x", Format::kText},
      {"cp850", kSwedish850, "x", Format::kText},
      {"mac roman", kSwedishMac, "x", Format::kText},
      {"utf-16 le, mark", utf16("Anna ringde.\r\n", true, true), "x", Format::kText},
      {"utf-16 be, mark", utf16("Anna ringde.\r\n", false, true), "x", Format::kText},
      {"utf-16 le, no mark", utf16("Anna ringde.\r\n", true, false), "x", Format::kText},
      {"utf-16 be, no mark", utf16("Anna ringde.\r\n", false, false), "x", Format::kText},
      {"utf-16 csv", utf16("namn;nr\r\nAnna;1\r\nBo;2\r\n", true, true), "lista.csv", Format::kCsv},
      {"utf-32", "\xff\xfe\0\0A\0\0\0\n\0\0\0"s, "x", Format::kText},
      {"cyrillic cp1251", "\xcf\xf0\xe8\xe2\xe5\xf2 \xec\xe8\xf0 \xe8 \xe2\xf1\xe5\xec\n", "x",
       Format::kText},
      {"one byte", "5", "x", Format::kText},
      {"only blanks", "  \n", "x", Format::kText},
      {"escapes of a printer", "\x1b(0N\x1b&l0OPatientlista\x0c", "x", Format::kText},
      {"dos end of file", "rad\r\n\x1a", "x", Format::kText},
      {"a log with a hole",
       std::string(2000, '\0') + "2024-01-01 12:00:00 INFO start\n2024-01-01 rad\n", "app.log",
       Format::kLog},
      {"a stray NUL in a .txt", "Anna Exempelsson" + "\0"s + std::string(200, 'x') + "\n", "x.txt",
       Format::kText},
      {"the same without a name", "Anna Exempelsson" + "\0"s + std::string(200, 'x') + "\n", "x",
       Format::kText},
      {"several NULs in a short one", "rad 1\n\0\0\0\nrad 2\n"s, "x", Format::kText},
      {"names parted by NUL", "Anna Exempelsson\0Bo Exempelsson\0Cia Exempelsson\0"s, "x.dat",
       Format::kText},
      {"fields parted by unit separators",
       "Anna Exempelsson\x1f"
       "Provgatan 12\x1e"
       "Bo Exempelsson\x1f"
       "Provgatan 34\x1e",
       "x", Format::kText},
      {"short words between NULs", "ab\0cd\0ef\0gh\0ij\0kl\0"s, "x", Format::kUnknown},
      {"utf-32 le, no mark", "A\0\0\0n\0\0\0n\0\0\0a\0\0\0"s, "x", Format::kText},
      {"utf-32 be, no mark", "\0\0\0A\0\0\0n\0\0\0n\0\0\0a"s, "x", Format::kText},
      {"small numbers as 16 bits", le(0x0001000200030004, 8) + le(0x0005000600070008, 8), "x",
       Format::kUnknown},
  });
  CHECK(identify_bytes(kSwedishUtf8, "x").why == "text: valid UTF-8");
  CHECK(identify_bytes(kSwedish1252, "x").why == "text: 8-bit characters");
  // A head that ends within a letter is still valid UTF-8.
  std::string cut(kHeadBytes - 1, 'a');
  cut += "\xc3\xa5 och mer";
  CHECK(identify_bytes(cut, "x").why == "text: valid UTF-8");
}

TEST_CASE("Kinds of text by content first, then by name") {
  const std::string table = "namn;personnr;ort\nAnna;1;Umeå\nBo;2;Luleå\n\"Li; Ek\";3;Kalix\n";
  check({
      {"csv by name", "a\n", "x.csv", Format::kCsv},
      {"csv by content", table, "x", Format::kCsv},
      {"csv in a .txt", table, "x.txt", Format::kCsv},
      {"tabs", "a\tb\nc\td\ne\tf\n", "export.dat", Format::kCsv},
      {"commas", "a,b,c,d\n1,2,3,4\n5,6,7,8\n", "x", Format::kCsv},
      {"quoted line break", "a;b\n\"x\ny\";2\nc;d\ne;f\n", "x", Format::kCsv},
      {"prose with commas", "Hej, Anna.\nJag kommer, tror jag.\nVi ses, Bo.\n", "x", Format::kText},
      {"code is no table", "int a;\nint b;\nint c;\n", "x", Format::kText},
      {"indented prose", "\trad ett\n\trad två\n\trad tre\n", "x", Format::kText},
      {"json", "{\"namn\": \"Anna\", \"nr\": [1, 2.5e3, true, null]}", "x", Format::kJson},
      {"json in a .txt", " [ {\"a\": 1}, {} ]\n", "x.txt", Format::kJson},
      {"json lines", "{\"a\": 1}\n{\"a\": 2}\n", "x.log", Format::kJson},
      {"json cut by the head", "[\"" + std::string(6000, 'x') + "\"]", "x", Format::kJson},
      {"broken json with its name", "{\"a\": 1, // note\n}", "x.json", Format::kJson},
      {"a .json that is none", "Hej hopp\n", "x.json", Format::kText},
      {"brackets are no json", "[2024-01-01] Anna ringde\n[2024-01-02] Bo ringde\n", "x",
       Format::kText},
      {"braces are no json", "{namn} bor i {ort}\n", "x", Format::kText},
      {"deep json", std::string(3000, '['), "x", Format::kJson},
      {"markdown", "# Rubrik\n\ntext\n", "x.md", Format::kMarkdown},
      {"log by name", "rad\n", "server.log", Format::kLog},
      {"rotated log", "rad\n", "server.log.12", Format::kLog},
      {"backup of a table", "a\n", "x.csv.bak", Format::kCsv},
      {"log by content",
       "2024-01-01 12:00:00 INFO a\n2024-01-01 12:00:01 WARN b\n2024-01-01 12:00:02 ERROR c\n",
       "messages", Format::kLog},
      {"a diary is no log",
       "2024-01-01 10:00 Hembesök hos Anna\n2024-01-02 10:00 Samtal\n2024-01-03 10:00 Möte\n",
       "dagbok", Format::kText},
      {"source by name", "int main() { return 0; }\n", "main.c", Format::kSource},
      {"source by its first line", "#!/bin/sh\necho hej\n", "kör", Format::kSource},
      {"a .pdf that is text", "Hej\n", "x.pdf", Format::kText},
      {"a .docx that is html", "<html><body>Hej</body></html>", "x.docx", Format::kHtml},
  });
  CHECK(identify_bytes("Hej\n", "x.pdf").why == "text: ASCII; the name says .pdf");
  CHECK(identify_bytes(table, "x.txt").why == "text: valid UTF-8; 4 lines with 2 x ';' each");
}

TEST_CASE("Markup, cards and calendars are told by how they begin") {
  check({
      {"xml", "<?xml version=\"1.0\"?>\n<a/>", "x", Format::kXml},
      {"xml utf-16", utf16("<?xml version=\"1.0\" encoding=\"UTF-16\"?><a>b</a>", true, true), "x",
       Format::kXml},
      {"xml utf-16 be, no mark", utf16("<?xml version=\"1.0\"?><a>b</a>", false, false), "x",
       Format::kXml},
      {"xml behind a comment", "<!-- x --><!DOCTYPE lista><lista></lista>", "x", Format::kXml},
      {"svg", "<svg xmlns=\"http://www.w3.org/2000/svg\"/>", "x", Format::kXml},
      {"flat odt", "<?xml version=\"1.0\"?><office:document xmlns:office=\"x\">", "x.fodt",
       Format::kXml},
      {"xml without declaration", "<personer><person>Anna</person></personer>", "x", Format::kXml},
      {"html", "<!DOCTYPE html>\n<html><p>Hej", "x", Format::kHtml},
      {"html, capitals and a mark", "\xef\xbb\xbf\r\n<HTML><BODY>Hej</BODY></HTML>", "x.txt",
       Format::kHtml},
      {"xhtml", "<?xml version=\"1.0\"?><!DOCTYPE html PUBLIC \"x\"><html>", "x", Format::kHtml},
      {"xhtml without doctype", "<?xml version=\"1.0\"?>\n<html xmlns=\"x\">", "x", Format::kHtml},
      {"html behind a comment", "<!-- saved from url -->\n<html>", "x", Format::kHtml},
      {"html fragment", "<p>Hej <b>Anna</b></p>", "x", Format::kHtml},
      {"html fragment by name", "<br>Hej", "x.htm", Format::kHtml},
      {"an address is no markup", "<anna@example.org> skrev:\n> hej\n", "x", Format::kText},
      {"a placeholder is no markup", "<namn> bor i <ort>\n", "x", Format::kText},
      {"vcard", "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Anna\r\nEND:VCARD\r\n", "x.txt", Format::kVcard},
      {"vcard in capitals or not, with a mark", "\xef\xbb\xbf\nbegin:vcard\nend:vcard\n", "x",
       Format::kVcard},
      {"vcard in utf-16", utf16("BEGIN:VCARD\r\n", true, true), "x", Format::kVcard},
      {"calendar", "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n", "x", Format::kIcalendar},
  });
}

TEST_CASE("Mail and mailboxes are told by their headers") {
  check({
      {"mail", kMail, "x", Format::kEml},
      {"mail behind blank lines", "\r\n\n" + kMail, "x.txt", Format::kEml},
      {"mail behind a mark", "\xef\xbb\xbf" + kMail, "x", Format::kEml},
      {"maildir name", kMail, "1551690000.M1P2.host:2,S", Format::kEml},
      {"only from, to and date",
       "From: a@example.org\nTo: b@example.org\nDate: Mon, 4 Mar 2019 10:00\n\nHej\n", "x",
       Format::kEml},
      {"a little mail with its name", "Subject: Hej\n\ntext\n", "x.eml", Format::kEml},
      {"the same without", "Subject: Hej\n\ntext\n", "x", Format::kText},
      {"bare CR", "From: a@example.org\rMessage-ID: <1@x>\rSubject: x\r\rHej\r", "x", Format::kEml},
      {"mht", "From: <Saved by Windows>\r\nSubject: x\r\nMIME-Version: 1.0\r\n\r\n", "x.mht",
       Format::kEml},
      {"mail with 8-bit body and NUL", kMail + "\0\xe5\xe4\xf6"s, "x", Format::kEml},
      {"long headers past the head",
       "Received: x\nFrom: a@x\n" + std::string("X-Long: ") + std::string(6000, 'a'), "x",
       Format::kEml},
      {"a memo", "Till: Anna\nFrån: Bo\nÄmne: Möte\n\nHej\n", "x", Format::kText},
      {"a printed mail", "From: Anna\nSent: den 4 mars\nTo: Bo\nSubject: x\n\nHej\n", "x.txt",
       Format::kText},
      {"yaml", "from: a\nname: b\nlist:\n  - c\n", "x.yml", Format::kText},
      {"emlx", "1234   \n" + kMail, "77.emlx", Format::kEml},
      {"mbox", "From anna@example.org Mon Mar  4 10:00:00 2019\n" + kMail, "Inbox", Format::kMbox},
      {"mozilla mbox",
       "From - Mon Mar  4 10:00:00 2019\nX-Mozilla-Status: 0001\nFrom: a@x\n\nHej\n", "Sent",
       Format::kMbox},
      {"mbox behind a blank line", "\nFrom a@x Mon Mar  4 10:00:00 2019\nSubject: x\n\n", "x.txt",
       Format::kMbox},
      {"mbox without dates", "From nobody\nSubject: x\nTo: b@x\n\n", "x", Format::kMbox},
      {"prose", "From here on it is prose: 12 lines.\nAnd more.\n", "x", Format::kText},
  });
}

TEST_CASE("Real files made by Python are what they are, also under a wrong name") {
  char folder[] = "/tmp/gallra-identify-XXXXXX";
  REQUIRE(::mkdtemp(folder) != nullptr);
  const std::string dir = folder;
  {
    std::ofstream script(dir + "/make.py");
    script << R"py(
import bz2, gzip, io, lzma, os, sqlite3, struct, sys, tarfile, wave, zipfile
os.chdir(sys.argv[1])
def zipped(path, names, mimetype=None, method=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(path, 'w', method) as z:
        if mimetype: z.writestr('mimetype', mimetype, zipfile.ZIP_STORED)
        for n in names: z.writestr(n, '<x>' + n * 20 + '</x>')
types = '[Content_Types].xml'
zipped('docx', [types, '_rels/.rels', 'word/document.xml'])
zipped('docm', [types, 'word/vbaProject.bin', 'word/document.xml'])
zipped('docx-late', [types] + ['customXml/item%d.xml' % i for i in range(300)] + ['word/document.xml'])
zipped('docx-odd', [types, 'word/document2.xml'])
zipped('docx-backslash', ['[Content_Types].xml', 'word\\document.xml'])
zipped('xlsx', [types, 'xl/worksheets/sheet1.xml', 'xl/workbook.xml'])
zipped('xlsb', [types, 'xl/workbook.bin'])
zipped('pptx', ['ppt/presentation.xml', types])
odf = 'application/vnd.oasis.opendocument.'
zipped('odt', ['content.xml', 'META-INF/manifest.xml'], odf + 'text')
zipped('ott', ['content.xml'], odf + 'text-template')
zipped('ods', ['content.xml'], odf + 'spreadsheet')
zipped('odp', ['content.xml'], odf + 'presentation')
zipped('epub', ['META-INF/container.xml'], 'application/epub+zip')
zipped('odt-late.odt', ['content.xml', 'META-INF/manifest.xml', 'mimetype'])
zipped('zip', ['a.txt', 'b/c.txt'])
zipped('zip-empty', [])
zipped('jar', ['META-INF/MANIFEST.MF', 'A.class'])
with open('docx', 'rb') as f: docx = f.read()
with open('docx-cut', 'wb') as f: f.write(docx[:-30])
with open('docx-no-directory', 'wb') as f: f.write(docx[:docx.index(b'PK\x01\x02')])
with open('docx-lying', 'wb') as f:
    end = docx.rindex(b'PK\x05\x06')
    f.write(docx[:end + 16] + struct.pack('<I', 0x7fffffff) + docx[end + 20:])
with zipfile.ZipFile('zip-comment', 'w') as z:
    z.writestr('a.txt', 'a'); z.comment = b'PK\x05\x06' * 1000
class Unseekable(io.RawIOBase):
    def __init__(self, f): self.f = f
    def writable(self): return True
    def write(self, b): return self.f.write(b)
with open('docx-streamed', 'wb') as f, zipfile.ZipFile(Unseekable(f), 'w', zipfile.ZIP_DEFLATED) as z:
    for n in [types, 'word/document.xml']: z.writestr(n, 'x' * 500)
with zipfile.ZipFile('zip64', 'w') as z:
    for n in ['word/document.xml', types]:
        with z.open(n, 'w', force_zip64=True) as m: m.write(b'x')
with tarfile.open('tar', 'w') as t: t.add('zip')
with tarfile.open('tar-ustar', 'w', format=tarfile.USTAR_FORMAT) as t: t.add('zip')
with tarfile.open('tar-pax', 'w', format=tarfile.PAX_FORMAT) as t: t.add('zip', 'å' * 120)
gzip.open('gzip', 'wb').write(b'hej'); bz2.open('bzip2', 'wb').write(b'hej'); lzma.open('xz', 'wb').write(b'hej')
with tarfile.open('gzip-tar', 'w:gz') as t: t.add('zip')
db = sqlite3.connect('sqlite'); db.execute('create table t(a)'); db.commit(); db.close()
w = wave.open('wav', 'wb'); w.setnchannels(1); w.setsampwidth(2); w.setframerate(8000); w.writeframes(bytes(100)); w.close()
)py";
  }
  // NOLINTNEXTLINE(concurrency-mt-unsafe)
  REQUIRE(std::system(("python3 -B " + dir + "/make.py " + dir).c_str()) == 0);
  struct Made {
    const char* file;
    Format format;
  };
  const std::vector<Made> made = {
      {"docx", Format::kDocx},
      {"docm", Format::kDocx},
      {"docx-late", Format::kDocx},
      {"docx-odd", Format::kDocx},
      {"docx-backslash", Format::kDocx},
      {"docx-cut", Format::kDocx},
      {"docx-no-directory", Format::kDocx},
      {"docx-lying", Format::kDocx},
      {"docx-streamed", Format::kDocx},
      {"zip64", Format::kDocx},
      {"xlsx", Format::kXlsx},
      {"xlsb", Format::kUnknown},
      {"pptx", Format::kPptx},
      {"odt", Format::kOdt},
      {"ott", Format::kOdt},
      {"ods", Format::kOds},
      {"odp", Format::kOdp},
      {"epub", Format::kEpub},
      {"odt-late.odt", Format::kOdt},
      {"zip", Format::kZip},
      {"zip-empty", Format::kZip},
      {"jar", Format::kZip},
      {"zip-comment", Format::kZip},
      {"tar", Format::kTar},
      {"tar-ustar", Format::kTar},
      {"tar-pax", Format::kTar},
      {"gzip", Format::kGzip},
      {"gzip-tar", Format::kGzip},
      {"bzip2", Format::kBzip2},
      {"xz", Format::kXz},
      {"sqlite", Format::kSqlite},
      {"wav", Format::kAudioVideo},
  };
  for (const Made& m : made) {
    std::ifstream in(dir + '/' + m.file, std::ios::binary);
    std::stringstream all;
    all << in.rdbuf();
    const std::string bytes = all.str();
    REQUIRE(!bytes.empty());
    // Once as a file of its own, once in the middle of another.
    for (const std::uint64_t offset : {0u, 777u}) {
      const std::string placed = dir + "/placed";
      std::ofstream(placed, std::ios::binary) << std::string(offset, 'x') << bytes << "tail";
      const int fd = ::open(placed.c_str(), O_RDONLY);
      const bool zip = bytes.starts_with("PK");
      const std::string names = zip ? zip_member_names(fd, offset, bytes.size()) : "";
      ::close(fd);
      const bool own = std::string(m.file).find('.') != std::string::npos;
      for (const std::string name : {own ? m.file : "x", own ? m.file : "wrong.txt"}) {
        const Identity identity = identify_bytes(bytes, name, names);
        CAPTURE(m.file, name, names, identity.why);
        CHECK(key_of(identity.format) == key_of(m.format));
      }
    }
  }
  std::filesystem::remove_all(dir);
}

TEST_CASE("An archive behind other bytes is found where nothing else reads the document") {
  const auto behind = [](const std::string& bytes, const std::string& name) {
    const int fd = ::memfd_create("document", MFD_CLOEXEC);
    REQUIRE(::write(fd, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
    const auto found = archive_behind(fd, 0, bytes.size(), identify_bytes(bytes, name), name);
    ::close(fd);
    return found ? found->format : Format::kUnknown;
  };
  const auto zip = [](const std::string& member) {
    const std::string fixed(24, '\0');
    const std::string local =
        "PK\x03\x04" + fixed.substr(0, 22) + le(member.size(), 2) + le(0, 2) + member;
    const std::string entry =
        "PK\x01\x02" + fixed + le(member.size(), 2) + std::string(16, '\0') + member;
    return local + entry + "PK\x05\x06" + le(0, 4) + le(1, 2) + le(1, 2) + le(entry.size(), 4) +
           le(local.size(), 4) + le(0, 2);
  };
  const std::string program = "MZ\x90\0\x03\0\0\0\x04\0"s + std::string(9000, '\x8f');
  const std::string seven =
      "7z\xbc\xaf\x27\x1c\0\x04"s + le(0xfd59b8d, 4) + le(0, 8) + le(0, 8) + le(0, 4);
  CHECK(behind(program + zip("a.txt"), "x.exe") == Format::kZip);
  CHECK(behind(program + zip("a.txt") + std::string(5000, 's'), "x.exe") == Format::kZip);
  CHECK(behind(program + zip("word/document.xml"), "x.exe") == Format::kDocx);
  CHECK(behind("\xff\xd8\xff\xe0" + program + zip("a.txt"), "x.jpg") == Format::kZip);
  CHECK(behind("\x80junk\0"s + zip("a.txt") + "tail", "x.zip") == Format::kZip);
  CHECK(behind("\x80junk\0"s + zip("a.txt") + "tail", "x.jpg") == Format::kUnknown);
  CHECK(behind(program, "x.exe") == Format::kUnknown);
  CHECK(behind(program + "PK\x03\x04 a program that writes zips", "x.exe") == Format::kUnknown);
  CHECK(behind(program + "7z\xbc\xaf\x27\x1c and one that reads 7z" + seven, "x.exe") ==
        Format::kSevenZip);
  CHECK(behind(program + "7z\xbc\xaf\x27\x1c\0\x04 without a checksum .........", "x.exe") ==
        Format::kUnknown);
}

TEST_CASE("Damaged beginnings give an answer, quickly and without harm") {
  const std::vector<std::string> seeds = {kMail,
                                          "PK\x03\x04"s + padded("", 26) + "mimetype",
                                          tar_header("a", "ustar\00000"s),
                                          "<?xml version=\"1.0\"?><!-- <!DOCTYPE <a b='c'",
                                          "[{\"a\": [1, \"b\\",
                                          "a;b\n\"c;d\n",
                                          utf16("namn;nr", true, true),
                                          "\xff\xfe\xff\xfb",
                                          "{\\rtf",
                                          "From x\n",
                                          "BM",
                                          "%PDF-"};
  std::mt19937 random(7);
  for (const std::string& seed : seeds)
    for (int round = 0; round < 300; ++round) {
      std::string bytes = seed;
      bytes.resize(random() % (bytes.size() + 8));
      for (int i = 0; i < 3 && !bytes.empty(); ++i)
        bytes[random() % bytes.size()] = static_cast<char>(random());
      const Identity identity = identify_bytes(bytes, round % 2 != 0 ? "x.txt" : "");
      CHECK(!identity.why.empty());
    }
  // What is slow when done carelessly: many openings, quotes, separators.
  const std::string dense = std::string(kHeadBytes / 2, '<') + std::string(kHeadBytes / 2, '"');
  CHECK(identify_bytes(dense, "x").format == Format::kText);
  int fds[2];
  REQUIRE(::pipe(fds) == 0);
  CHECK(zip_member_names(fds[0], 0, 1000).empty());  // a descriptor that cannot be read at all
  ::close(fds[0]);
  ::close(fds[1]);
}

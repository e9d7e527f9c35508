// Archives made by the programs people use, whole, cut, encrypted and ill-meant.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <sys/stat.h>
#include <unistd.h>

#include "jail_sink.hpp"
#include "scanner/extract/jail/jail.hpp"

namespace gallra::extract {
extern const ExtractorEntry extractor_archive;
extern const ExtractorEntry extractor_zip;
}  // namespace gallra::extract

namespace gallra::test {
namespace {

namespace fs = std::filesystem;
using extract::ExtractorEntry;
using extract::ExtractRequest;
using extract::Member;

// A folder of its own, gone afterwards.
class Scratch {
 public:
  Scratch() {
    std::string path = fs::temp_directory_path() / "gallra-archive-XXXXXX";
    REQUIRE(::mkdtemp(path.data()) != nullptr);
    path_ = path;
    // libarchive names need it; the zygote does the same.
    if (extract::extractor_archive.prepare != nullptr) extract::extractor_archive.prepare();
  }
  ~Scratch() { fs::remove_all(path_); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  void sh(const std::string& command) const {
    INFO(command);
    const std::string line = "cd '" + path_.string() + "' && { " + command + " ; } >/dev/null 2>&1";
    REQUIRE(std::system(line.c_str()) == 0);
  }
  void python(const std::string& code) const {
    write("make.py", code);
    sh("python3 make.py");
  }
  void write(const std::string& name, std::string_view bytes) const {
    fs::create_directories((path_ / name).parent_path());
    std::ofstream(path_ / name, std::ios::binary)
        .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  }
  std::string bytes(const std::string& name) const {
    std::ifstream file(path_ / name, std::ios::binary);
    std::ostringstream all;
    all << file.rdbuf();
    return all.str();
  }
  fs::path operator/(const std::string& name) const { return path_ / name; }

 private:
  fs::path path_;
};

struct Opened {
  Outcome outcome;
  KeepingSink sink;
  const SeenMember& at(const std::string& name) const {
    const SeenMember* found = sink.find(name);
    INFO("member " << name);
    REQUIRE(found != nullptr);
    return *found;
  }
  std::vector<std::string> names() const {
    std::vector<std::string> all;
    for (const SeenMember& seen : sink.members) all.push_back(seen.member.name);
    std::sort(all.begin(), all.end());
    return all;
  }
};

const ExtractorEntry& entry_for(Format format) {
  return format == Format::kZip ? extract::extractor_zip : extract::extractor_archive;
}

// Ranges are read here as the pipeline would.
void fill_ranges(const ExtractRequest& request, KeepingSink& sink) {
  for (SeenMember& seen : sink.members) {
    if (seen.member.content != Member::Content::kRange) continue;
    REQUIRE(seen.member.offset + seen.member.size <= request.source.size);
    const extract::Source part{request.source.fd, request.source.offset + seen.member.offset,
                               seen.member.size};
    REQUIRE(part.read_all(seen.bytes, 64 << 20));
  }
}

Opened open_archive(const fs::path& path, Format format, Limits limits = {},
                    std::uint32_t first = 0) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  REQUIRE(fd >= 0);
  struct stat info {};
  REQUIRE(::fstat(fd, &info) == 0);
  ExtractRequest request;
  request.format = format;
  request.name = path.filename();
  request.source = {fd, 0, static_cast<std::uint64_t>(info.st_size)};
  request.limits = limits;
  request.first_member = first;
  Opened opened;
  opened.outcome = entry_for(format).extract(request, opened.sink);
  fill_ranges(request, opened.sink);
  ::close(fd);
  for (const SeenMember& seen : opened.sink.members) CHECK(seen.ended);
  return opened;
}

std::string long_text(int lines) {
  std::ostringstream out;
  for (int i = 0; i < lines; ++i)
    out << "rad " << i << " om ett ärende " << (i * 7919 % 10007) << "\n";
  return out.str();
}

// Three files, one in a folder, one of no bytes, one larger than a block.
void make_tree(const Scratch& scratch) {
  scratch.write("in/brev.txt", "Hej Åsa\n");
  scratch.write("in/mapp/lång.txt", long_text(12'000));
  scratch.write("in/tom.txt", "");
}

void check_tree(const Opened& opened) {
  INFO(opened.outcome.detail);
  CHECK(key_of(opened.outcome.kind) == "read");
  CHECK(opened.names() ==
        std::vector<std::string>{"in/brev.txt", "in/mapp/lång.txt", "in/tom.txt"});
  CHECK(opened.at("in/brev.txt").bytes == "Hej Åsa\n");
  CHECK(opened.at("in/mapp/lång.txt").bytes == long_text(12'000));
  CHECK(opened.at("in/tom.txt").bytes.empty());
  for (const SeenMember& seen : opened.sink.members) {
    CHECK(key_of(seen.outcome.kind) == "read");
    CHECK(seen.member.mtime_ns > 1'600'000'000'000'000'000);
  }
  CHECK(opened.at("in/brev.txt").member.size == 9);
}

}  // namespace

TEST_CASE("members of every kind of archive come with name, time and bytes", "[archive]") {
  struct Row {
    Format format;
    const char* file;
    const char* command;
  };
  const std::vector<Row> rows = {
      {Format::kTar, "a.tar", "tar cf a.tar in"},
      {Format::kTar, "v7.tar", "tar --format=v7 -cf v7.tar in"},
      {Format::kTar, "pax.tar", "tar --format=pax -cf pax.tar in"},
      {Format::kGzip, "a.tar.gz", "tar czf a.tar.gz in"},
      {Format::kBzip2, "a.tar.bz2", "tar cjf a.tar.bz2 in"},
      {Format::kXz, "a.tar.xz", "tar cJf a.tar.xz in"},
      {Format::kZstd, "a.tar.zst", "tar --zstd -cf a.tar.zst in"},
      {Format::kLz4, "a.tar.lz4", "tar cf - in | lz4 -q - a.tar.lz4"},
      {Format::kSevenZip, "a.7z", "7z a a.7z in"},
      {Format::kSevenZip, "bz.7z", "7z a -m0=BZip2 bz.7z in"},
      {Format::kSevenZip, "ppmd.7z", "7z a -m0=PPMd bz.7z in && mv bz.7z ppmd.7z"},
      {Format::kZip, "a.zip", "zip -r a.zip in"},
      {Format::kZip, "stored.zip", "zip -0 -r stored.zip in"},
      {Format::kZip, "stream.zip", "zip -r - in | cat > stream.zip"},
      {Format::kZip, "seven.zip", "7z a -tzip seven.zip in"},
      {Format::kZip, "deflate64.zip", "7z a -tzip -mm=Deflate64 deflate64.zip in"},
      {Format::kZip, "bzip2.zip", "7z a -tzip -mm=BZip2 bzip2.zip in"},
      {Format::kZip, "lzma.zip", "7z a -tzip -mm=LZMA lzma.zip in"},
      {Format::kZip, "ppmd.zip", "7z a -tzip -mm=PPMd ppmd.zip in"},
      {Format::kZip, "in-front.zip",
       "zip -r x.zip in && head -c 5000 /dev/urandom > in-front.zip && cat x.zip >> in-front.zip"},
      {Format::kZip, "comment.zip",
       "zip -r comment.zip in && printf 'En kommentar PK' | zip -z comment.zip"},
  };
  const Scratch scratch;
  make_tree(scratch);
  for (const Row& row : rows) {
    INFO(row.command);
    scratch.sh(row.command);
    check_tree(open_archive(scratch / row.file, row.format));
  }
}

TEST_CASE("the formats Python can write are read", "[archive]") {
  const Scratch scratch;
  make_tree(scratch);
  scratch.python(R"(
import zipfile, os
def walk(z):
    for n in ('in/brev.txt', 'in/mapp/lång.txt', 'in/tom.txt'): z.write(n)
for name, method in (('py-deflate.zip', zipfile.ZIP_DEFLATED), ('py-bzip2.zip', zipfile.ZIP_BZIP2),
                     ('py-lzma.zip', zipfile.ZIP_LZMA), ('py-stored.zip', zipfile.ZIP_STORED)):
    with zipfile.ZipFile(name, 'w', method) as z: walk(z)
with zipfile.ZipFile('py-64.zip', 'w', zipfile.ZIP_DEFLATED) as z:
    for n in ('in/brev.txt', 'in/mapp/lång.txt', 'in/tom.txt'):
        i = zipfile.ZipInfo.from_file(n); i.compress_type = zipfile.ZIP_DEFLATED
        with z.open(i, 'w', force_zip64=True) as f: f.write(open(n, 'rb').read())
class Pipe:
    def __init__(self, f): self.f = f
    def write(self, b): return self.f.write(b)
    def flush(self): self.f.flush()
with open('py-stream.zip', 'wb') as f:
    with zipfile.ZipFile(Pipe(f), 'w', zipfile.ZIP_DEFLATED) as z: walk(z)
with open('py-stream-stored.zip', 'wb') as f:
    with zipfile.ZipFile(Pipe(f), 'w', zipfile.ZIP_STORED) as z: walk(z)
)");
  for (const char* name : {"py-deflate.zip", "py-bzip2.zip", "py-lzma.zip", "py-stored.zip",
                           "py-64.zip", "py-stream.zip", "py-stream-stored.zip"}) {
    INFO(name);
    check_tree(open_archive(scratch / name, Format::kZip));
  }
}

// No program here writes these, so they are put together by the book.
TEST_CASE("the rarer formats are read", "[archive]") {
  const Scratch scratch;
  scratch.python(R"(
import struct, zlib, hashlib
name, data = b'brev.txt', 'Hej Åsa, detta är ett brev.\n'.encode()
# cpio, new ASCII
def cpio(n, d, mode=0o100644):
    n += b'\0'
    f = (1, mode, 0, 0, 1, 1700000000, len(d), 0, 0, 0, 0, len(n), 0)
    h = b'070701' + b''.join(b'%08X' % x for x in f) + n
    return h + b'\0' * (-len(h) % 4) + d + b'\0' * (-len(d) % 4)
open('a.cpio', 'wb').write(cpio(name, data) + cpio(b'TRAILER!!!', b'', 0))
# cabinet, one folder, stored
block = struct.pack('<IHH', 0, len(data), len(data)) + data
entry = struct.pack('<IIHHHH', len(data), 0, 0, (2023 - 1980) << 9 | 5 << 5 | 7, 10 << 11, 0x20) + name + b'\0'
files = 36 + 8
total = files + len(entry) + len(block)
head = b'MSCF' + struct.pack('<IIIIIBBHHHHH', 0, total, 0, files, 0, 3, 1, 1, 1, 0, 0, 0)
open('a.cab', 'wb').write(head + struct.pack('<IHH', files + len(entry), 1, 0) + entry + block)
# lha, level 0, stored
def crc16(b):
    c = 0
    for x in b:
        c ^= x
        for _ in range(8): c = c >> 1 ^ (0xA001 if c & 1 else 0)
    return c
body = b'-lh0-' + struct.pack('<IIIBB', len(data), len(data), (43 << 9 | 5 << 5 | 7) << 16, 0x20, 0)
body += bytes([len(name)]) + name + struct.pack('<H', crc16(data))
open('a.lzh', 'wb').write(bytes([len(body), sum(body) & 255]) + body + data + b'\0')
# xar, table packed, data not
def toc(offset): return ('<?xml version="1.0"?><xar><toc><checksum style="sha1"><offset>0</offset>'
    '<size>20</size></checksum><file id="1"><data><archived-checksum style="sha1">%s</archived-checksum>'
    '<extracted-checksum style="sha1">%s</extracted-checksum><encoding style="application/octet-stream"/>'
    '<size>%d</size><offset>20</offset><length>%d</length></data><mtime>2023-05-07T10:00:00Z</mtime>'
    '<type>file</type><name>brev.txt</name></file></toc></xar>' % (hashlib.sha1(data).hexdigest(),
    hashlib.sha1(data).hexdigest(), len(data), len(data))).encode()
t = toc(20); z = zlib.compress(t)
open('a.xar', 'wb').write(b'xar!' + struct.pack('>HHQQI', 28, 1, len(z), len(t), 1) + z + hashlib.sha1(z).digest() + data)
# RAR 4, stored
def rar_block(kind, flags, rest, extra=b''):
    h = struct.pack('<BHH', kind, flags, 7 + len(rest)) + rest
    return struct.pack('<H', zlib.crc32(h) & 0xFFFF) + h + extra
time = (43 << 9 | 5 << 5 | 7) << 16 | 10 << 11
rest = struct.pack('<IIBIIBBHI', len(data), len(data), 3, zlib.crc32(data), time, 20, 0x30, len(name), 0o100644) + name
def rar(archive_flags): return (b'Rar!\x1a\x07\x00' + rar_block(0x73, archive_flags, b'\0' * 6) +
    rar_block(0x74, 0x8000, rest, data) + rar_block(0x7B, 0x4000, b''))
open('a.rar', 'wb').write(rar(0))
open('volume.rar', 'wb').write(rar(1)[:-20])
# compress: literals of nine bits
codes = 0; bits = 0; out = b'\x1f\x9d\x90'
for i, b in enumerate(data): codes |= b << bits; bits += 9
open('brev.txt.Z', 'wb').write(out + codes.to_bytes((bits + 7) // 8, 'little'))
)");
  scratch.write("brev.txt", "Hej Åsa, detta är ett brev.\n");
  scratch.sh("ar rc a.ar brev.txt && bsdtar -c -f a.iso --format iso9660 brev.txt");
  const std::map<std::string, Format> files = {
      {"a.cpio", Format::kCpio}, {"a.cab", Format::kCab}, {"a.lzh", Format::kLha},
      {"a.xar", Format::kXar},   {"a.rar", Format::kRar}, {"brev.txt.Z", Format::kCompress},
      {"a.iso", Format::kIso},   {"a.ar", Format::kAr}};
  for (const auto& [file, format] : files) {
    INFO(file);
    const Opened opened = open_archive(scratch / file, format);
    INFO(opened.outcome.detail);
    CHECK(key_of(opened.outcome.kind) == "read");
    REQUIRE(opened.sink.members.size() == 1);
    std::string name = opened.sink.members[0].member.name;
    std::transform(name.begin(), name.end(), name.begin(),
                   [](char c) { return static_cast<char>(std::tolower(c)); });
    CHECK(name == "brev.txt");
    CHECK(opened.sink.members[0].bytes == "Hej Åsa, detta är ett brev.\n");
    // Cut in the middle, each is said to be damaged.
    const std::string bytes = scratch.bytes(file);
    // An image ends in padding; what is left of it here are its descriptors.
    const std::size_t lost = file == "a.iso" ? bytes.size() - 40'000 : 10;
    scratch.write("cut", std::string_view(bytes).substr(0, bytes.size() - lost));
    const Opened cut = open_archive(scratch / "cut", format);
    if (file != "a.rar" && file != "brev.txt.Z") CHECK(key_of(cut.outcome.kind) != "read");
  }
  CHECK(key_of(open_archive(scratch / "volume.rar", Format::kRar).outcome.reason) ==
        "missing_part");
}

TEST_CASE("a stored member of a zip is told by its place", "[archive]") {
  const Scratch scratch;
  make_tree(scratch);
  scratch.sh("zip -0 -r stored.zip in");
  const Opened opened = open_archive(scratch / "stored.zip", Format::kZip);
  CHECK(opened.at("in/brev.txt").member.content == Member::Content::kRange);
}

TEST_CASE("a compressed file is a container of one, named after it or by its header", "[archive]") {
  struct Row {
    Format format;
    const char* file;
    const char* command;
    const char* member;
  };
  const std::vector<Row> rows = {
      {Format::kGzip, "brev.txt.gz", "gzip -k brev.txt", "brev.txt"},
      {Format::kGzip, "annat.gz", "gzip -c brev.txt > annat.gz", "brev.txt"},
      {Format::kGzip, "utan.txt.gz", "gzip -nc brev.txt > utan.txt.gz", "utan.txt"},
      {Format::kGzip, "Två.TXT.GZ", "gzip -nc < brev.txt > Två.TXT.GZ", "Två.TXT"},
      {Format::kGzip, "flera.gz",
       "head -c 1000 brev.txt | gzip -n > flera.gz; tail -c +1001 brev.txt | gzip -n >> flera.gz",
       "flera"},
      {Format::kBzip2, "brev.txt.bz2", "bzip2 -k brev.txt", "brev.txt"},
      {Format::kXz, "brev.txt.xz", "xz -k brev.txt", "brev.txt"},
      {Format::kXz, "brev.txt.lzma", "xz --format=lzma -k brev.txt", "brev.txt"},
      {Format::kZstd, "brev.txt.zst", "zstd -q brev.txt", "brev.txt"},
      {Format::kLz4, "brev.txt.lz4", "lz4 -q brev.txt brev.txt.lz4", "brev.txt"},
  };
  const Scratch scratch;
  scratch.write("brev.txt", long_text(20'000));
  for (const Row& row : rows) {
    INFO(row.command);
    scratch.sh(row.command);
    const Opened opened = open_archive(scratch / row.file, row.format);
    CHECK(key_of(opened.outcome.kind) == "read");
    REQUIRE(opened.sink.members.size() == 1);
    CHECK(opened.sink.members[0].member.name == row.member);
    CHECK(opened.sink.members[0].bytes == long_text(20'000));
  }
  scratch.write("tom.txt", "");
  scratch.sh("gzip -n tom.txt");
  const Opened empty = open_archive(scratch / "tom.txt.gz", Format::kGzip);
  CHECK(key_of(empty.outcome.kind) == "read");
  REQUIRE(empty.sink.members.size() == 1);
  CHECK(empty.sink.members[0].member.name == "tom.txt");
  CHECK(empty.sink.members[0].bytes.empty());
}

TEST_CASE("a compressed file that begins with zeros is no empty tar", "[archive]") {
  const Scratch scratch;
  const std::string bytes = std::string(5000, '\0') + "text efter nollor";
  scratch.write("bild.bin", bytes);
  scratch.sh("gzip -k bild.bin; xz -k bild.bin");
  for (const auto& [file, format] : std::map<std::string, Format>{{"bild.bin.gz", Format::kGzip},
                                                                  {"bild.bin.xz", Format::kXz}}) {
    const Opened opened = open_archive(scratch / file, format);
    CHECK(opened.at("bild.bin").bytes == bytes);
  }
}

TEST_CASE("tars one behind another are all read", "[archive]") {
  const Scratch scratch;
  make_tree(scratch);
  scratch.sh(
      "tar cf a.tar in/brev.txt; tar cf b.tar in/mapp; cat a.tar b.tar > both.tar; gzip both.tar");
  const Opened opened = open_archive(scratch / "both.tar.gz", Format::kGzip);
  CHECK(key_of(opened.outcome.kind) == "read");
  CHECK(opened.sink.members.size() == 2);
}

TEST_CASE("garbage behind a gzip file is passed over", "[archive]") {
  const Scratch scratch;
  scratch.write("a.txt", long_text(10));
  for (const std::string& tail :
       {std::string(700, '\0'), std::string("\x1f garbage"), std::string("x")}) {
    scratch.sh("gzip -c a.txt > a.gz");
    scratch.write("a.gz", scratch.bytes("a.gz") + tail);
    const Opened opened = open_archive(scratch / "a.gz", Format::kGzip);
    CHECK(key_of(opened.outcome.kind) == "read");
    CHECK(opened.at("a.txt").bytes == long_text(10));
  }
}

TEST_CASE("what only looks compressed is not read", "[archive]") {
  const Scratch scratch;
  scratch.write("x.gz", "this is no gzip at all");
  scratch.write("x.7z", "7z\xbc\xaf\x27\x1c garbage garbage garbage garbage garbage");
  scratch.write("x.zip", "PK\3\4 garbage");
  scratch.write("x.tar", std::string(2000, 'q'));
  for (const auto& [file, format] : std::map<std::string, Format>{{"x.gz", Format::kGzip},
                                                                  {"x.7z", Format::kSevenZip},
                                                                  {"x.zip", Format::kZip},
                                                                  {"x.tar", Format::kTar}}) {
    INFO(file);
    const Opened opened = open_archive(scratch / file, format);
    CHECK(key_of(opened.outcome.kind) == "not_read");
    CHECK(key_of(opened.outcome.reason) == "corrupt");
    CHECK(opened.sink.members.empty());
  }
}

TEST_CASE("an archive of nothing is read", "[archive]") {
  const Scratch scratch;
  scratch.write("none.zip", "");
  scratch.write("empty.zip", std::string("PK\5\6", 4) + std::string(18, '\0'));
  scratch.sh(
      "tar cf empty.tar -T /dev/null; mkdir d; 7z a empty.7z d; tar czf empty.tar.gz -T /dev/null");
  for (const auto& [file, format] :
       std::map<std::string, Format>{{"none.zip", Format::kZip},
                                     {"empty.zip", Format::kZip},
                                     {"empty.tar", Format::kTar},
                                     {"empty.7z", Format::kSevenZip},
                                     {"empty.tar.gz", Format::kGzip}}) {
    INFO(file);
    const Opened opened = open_archive(scratch / file, format);
    CHECK(key_of(opened.outcome.kind) == "read");
    CHECK(opened.sink.members.empty());
  }
}

TEST_CASE("encrypted members are named, and the others are read", "[archive]") {
  const Scratch scratch;
  make_tree(scratch);
  scratch.write("öppet.txt", "öppet");
  scratch.sh("zip -P hemligt -r old.zip in/brev.txt && zip old.zip öppet.txt");
  scratch.sh("7z a -tzip -mem=AES256 -phemligt aes.zip in/brev.txt && zip aes.zip öppet.txt");
  for (const char* file : {"old.zip", "aes.zip"}) {
    INFO(file);
    const Opened opened = open_archive(scratch / file, Format::kZip);
    CHECK(key_of(opened.outcome.kind) == "read_in_part");
    CHECK(key_of(opened.outcome.reason) == "encrypted");
    CHECK(opened.at("öppet.txt").bytes == "öppet");
    CHECK(key_of(opened.at("in/brev.txt").outcome.reason) == "encrypted");
    CHECK(key_of(opened.at("in/brev.txt").outcome.kind) == "not_read");
  }
  scratch.sh("7z a -phemligt names.7z in/brev.txt && 7z a -phemligt -mhe=on all.7z in");
  const Opened names = open_archive(scratch / "names.7z", Format::kSevenZip);
  CHECK(key_of(names.outcome.kind) == "not_read");
  CHECK(key_of(names.outcome.reason) == "encrypted");
  CHECK(key_of(names.at("in/brev.txt").outcome.reason) == "encrypted");
  const Opened all = open_archive(scratch / "all.7z", Format::kSevenZip);
  CHECK(key_of(all.outcome.kind) == "not_read");
  CHECK(key_of(all.outcome.reason) == "encrypted");
  CHECK(all.sink.members.empty());
}

TEST_CASE("a cut archive gives what stands before the cut", "[archive]") {
  const Scratch scratch;
  scratch.write("in/a.txt", long_text(2000));
  scratch.write("in/b.txt", long_text(30'000));
  scratch.write("in/c.txt", long_text(3000));
  scratch.sh(
      "tar cf a.tar in/a.txt in/b.txt in/c.txt && gzip -k a.tar && zip a.zip in/a.txt in/b.txt "
      "in/c.txt");
  scratch.sh(
      "cat in/a.txt in/b.txt in/c.txt | zip -q - - > /dev/null; zip -r - in/a.txt in/b.txt "
      "in/c.txt | cat > stream.zip");
  scratch.sh(
      "for f in a.tar a.zip stream.zip; do n=$(stat -c %s $f); head -c $((n / 2)) $f > cut-$f; "
      "done");
  for (const auto& [file, format] :
       std::map<std::string, Format>{{"cut-a.tar", Format::kTar},
                                     {"cut-a.zip", Format::kZip},
                                     {"cut-stream.zip", Format::kZip}}) {
    INFO(file);
    const Opened opened = open_archive(scratch / file, format);
    CHECK(key_of(opened.outcome.kind) == "read_in_part");
    CHECK(key_of(opened.outcome.reason) == "corrupt");
    CHECK(opened.at("in/a.txt").bytes == long_text(2000));
    CHECK(key_of(opened.at("in/a.txt").outcome.kind) == "read");
    const SeenMember& cut = opened.at("in/b.txt");
    CHECK(key_of(cut.outcome.kind) == "read_in_part");
    CHECK(key_of(cut.outcome.reason) == "corrupt");
    CHECK(cut.bytes.size() > 10'000);
    CHECK(long_text(30'000).starts_with(cut.bytes));
  }
}

TEST_CASE("a cut compressed file gives what stands before the cut", "[archive]") {
  const Scratch scratch;
  scratch.write("a.txt", long_text(60'000));
  scratch.sh("gzip -k a.txt; bzip2 -k a.txt; xz -k a.txt; zstd -q a.txt");
  scratch.sh(
      "for f in a.txt.gz a.txt.bz2 a.txt.xz a.txt.zst; do n=$(stat -c %s $f); head -c $((n * 2 / "
      "3)) $f > cut-$f; done");
  for (const auto& [file, format] :
       std::map<std::string, Format>{{"cut-a.txt.gz", Format::kGzip},
                                     {"cut-a.txt.bz2", Format::kBzip2},
                                     {"cut-a.txt.xz", Format::kXz},
                                     {"cut-a.txt.zst", Format::kZstd}}) {
    INFO(file);
    const Opened opened = open_archive(scratch / file, format);
    CHECK(key_of(opened.outcome.kind) == "read_in_part");
    CHECK(key_of(opened.outcome.reason) == "corrupt");
    REQUIRE(opened.sink.members.size() == 1);
    CHECK(key_of(opened.sink.members[0].outcome.kind) == "read_in_part");
    CHECK(opened.sink.members[0].bytes.size() > 100'000);
    CHECK(long_text(60'000).starts_with(opened.sink.members[0].bytes));
  }
}

TEST_CASE("a small cut gzip file still gives its beginning", "[archive]") {
  const Scratch scratch;
  scratch.write("a.txt", long_text(200));
  scratch.sh(
      "gzip -k a.txt && n=$(stat -c %s a.txt.gz) && head -c $((n * 2 / 3)) a.txt.gz > b.txt.gz");
  const Opened opened = open_archive(scratch / "b.txt.gz", Format::kGzip);
  CHECK(key_of(opened.outcome.kind) == "read_in_part");
  REQUIRE(opened.sink.members.size() == 1);
  CHECK(opened.sink.members[0].bytes.size() > 1000);
}

TEST_CASE("a damaged member costs itself only", "[archive]") {
  const Scratch scratch;
  make_tree(scratch);
  scratch.write("in/z.txt", long_text(50));
  scratch.sh("zip a.zip in/mapp/lång.txt in/z.txt in/brev.txt");
  std::string bytes = scratch.bytes("a.zip");
  for (std::size_t i = 20'000; i < 20'200; ++i) bytes[i] = '\x55';
  scratch.write("damaged.zip", bytes);
  const Opened opened = open_archive(scratch / "damaged.zip", Format::kZip);
  CHECK(key_of(opened.outcome.kind) == "read_in_part");
  CHECK(key_of(opened.at("in/mapp/lång.txt").outcome.reason) == "corrupt");
  CHECK(opened.at("in/z.txt").bytes == long_text(50));
  CHECK(key_of(opened.at("in/z.txt").outcome.kind) == "read");
  // A flipped bit in stored data shows in the checksum only.
  scratch.sh("zip -0 s.zip in/z.txt");
  bytes = scratch.bytes("s.zip");
  bytes[bytes.find("rad 7") + 4] = '8';
  scratch.write("flipped.zip", bytes);
  const Opened flipped = open_archive(scratch / "flipped.zip", Format::kZip);
  CHECK(key_of(flipped.at("in/z.txt").outcome.kind) == "read_in_part");
  CHECK(flipped.at("in/z.txt").bytes.size() == long_text(50).size());
}

TEST_CASE("damage shows whatever a member is packed with", "[archive]") {
  struct Row {
    Format format;
    const char* command;
  };
  const std::vector<Row> rows = {
      {Format::kZip, "7z a -tzip -mm=LZMA a in/x.txt"},
      {Format::kZip, "7z a -tzip -mm=PPMd a in/x.txt"},
      {Format::kZip, "7z a -tzip -mm=BZip2 a in/x.txt"},
      {Format::kZip, "7z a -tzip -mm=Deflate64 a in/x.txt"},
      {Format::kSevenZip, "7z a -m0=Copy a in/x.txt"},
      {Format::kSevenZip, "7z a -m0=Deflate a in/x.txt"},
      {Format::kSevenZip, "7z a -m0=LZMA2 a in/x.txt"},
      {Format::kSevenZip, "7z a -m0=PPMd a in/x.txt"},
      {Format::kSevenZip, "7z a -m0=BZip2 a in/x.txt"},
  };
  const Scratch scratch;
  scratch.write("in/x.txt", long_text(300));
  for (const Row& row : rows) {
    scratch.sh("rm -f a a.7z a.zip; " + std::string(row.command) + "; mv a.* a || true");
    const std::string good = scratch.bytes("a");
    for (const std::size_t flipped : {1, 40}) {
      INFO(row.command << " " << flipped);
      std::string bad = good;
      for (std::size_t i = 0; i < flipped; ++i) bad[good.size() / 2 + i] ^= 0x24;
      scratch.write("bad", bad);
      const Opened opened = open_archive(scratch / "bad", row.format);
      CHECK(key_of(opened.outcome.kind) != "read");
      CHECK(key_of(opened.outcome.reason) == "corrupt");
      REQUIRE(opened.sink.members.size() == 1);
      CHECK(key_of(opened.sink.members[0].outcome.kind) != "read");
      CHECK(key_of(opened.sink.members[0].outcome.reason) == "corrupt");
    }
    INFO(row.command << " cut");
    scratch.write("cut", std::string_view(good).substr(0, good.size() * 6 / 10));
    const Opened cut = open_archive(scratch / "cut", row.format);
    CHECK(key_of(cut.outcome.reason) == "corrupt");
    for (const SeenMember& seen : cut.sink.members) CHECK(key_of(seen.outcome.reason) == "corrupt");
  }
}

TEST_CASE("an archive cut anywhere is said to be cut", "[archive]") {
  const Scratch scratch;
  for (const char* name : {"a.txt", "b.txt", "c.txt"}) scratch.write(name, long_text(30));
  scratch.sh("ar rc a.ar a.txt b.txt c.txt; tar -b1 -cf a.tar a.txt b.txt c.txt");
  scratch.sh("ls ?.txt | bsdcpio -o -H newc > a.cpio; bsdtar -cf a.xar --format xar ?.txt");
  for (const auto& [file, format] : std::map<std::string, Format>{{"a.ar", Format::kAr},
                                                                  {"a.tar", Format::kTar},
                                                                  {"a.cpio", Format::kCpio},
                                                                  {"a.xar", Format::kXar}}) {
    const std::string good = scratch.bytes(file);
    CHECK(key_of(open_archive(scratch / file, format).outcome.kind) == "read");
    // The end of a tar are two blocks of zeros: one of them is enough.
    const std::size_t end = file == "a.tar" ? good.size() - 1024 : good.size() - 2;
    for (std::size_t size = 40; size <= end; size += size < 100 ? 20 : 256 - size % 256) {
      INFO(file << " " << size);
      scratch.write("cut", std::string_view(good).substr(0, size));
      const Opened cut = open_archive(scratch / "cut", format);
      CHECK(key_of(cut.outcome.kind) != "read");
      CHECK(key_of(cut.outcome.reason) == "corrupt");
    }
  }
}

TEST_CASE("a zip whose directory is lost, lies or leaves members out gives them all", "[archive]") {
  const Scratch scratch;
  make_tree(scratch);
  scratch.sh("zip -r a.zip in && zip -r - in | cat > stream.zip");
  for (const char* file : {"a.zip", "stream.zip"}) {
    INFO(file);
    const std::string bytes = scratch.bytes(file);
    const std::size_t directory = bytes.find("PK\1\2");
    REQUIRE(directory != std::string::npos);
    scratch.write("lost.zip", bytes.substr(0, directory));
    const Opened lost = open_archive(scratch / "lost.zip", Format::kZip);
    CHECK(key_of(lost.outcome.kind) == "read_in_part");
    CHECK(key_of(lost.outcome.reason) == "corrupt");
    CHECK(lost.names() ==
          std::vector<std::string>{"in/brev.txt", "in/mapp/lång.txt", "in/tom.txt"});
    CHECK(lost.at("in/mapp/lång.txt").bytes == long_text(12'000));
    CHECK(key_of(lost.at("in/mapp/lång.txt").outcome.kind) == "read");
  }
  // Listed, but not where the directory says.
  std::string bytes = scratch.bytes("a.zip");
  const std::size_t at = bytes.rfind("in/brev.txt") - 4;
  bytes[at] = '\x7f';
  scratch.write("lies.zip", bytes);
  const Opened lies = open_archive(scratch / "lies.zip", Format::kZip);
  CHECK(key_of(lies.outcome.kind) == "read_in_part");
  CHECK(lies.sink.members.size() == 4);  // once as listed and not there, once as found
  CHECK(
      std::count_if(lies.sink.members.begin(), lies.sink.members.end(), [](const SeenMember& seen) {
        return seen.member.name == "in/brev.txt" && seen.bytes == "Hej Åsa\n";
      }) == 1);
  // Not listed, but there.
  scratch.python(R"(
import zipfile
with zipfile.ZipFile('hidden.zip', 'w', zipfile.ZIP_DEFLATED) as z:
    z.writestr('synlig.txt', 'synlig')
    z.writestr('gömd.txt', 'gömd')
    z.writestr('sist.txt', 'sist')
    z.filelist = [i for i in z.filelist if i.filename != 'gömd.txt']
)");
  const Opened hidden = open_archive(scratch / "hidden.zip", Format::kZip);
  CHECK(key_of(hidden.outcome.kind) == "read");
  CHECK(hidden.at("gömd.txt").bytes == "gömd");
  CHECK(hidden.sink.members.size() == 3);
}

TEST_CASE("a bomb is cut, and what stands beside it is read", "[archive]") {
  Limits limits;
  limits.ratio_after_bytes = 1 << 20;
  const Scratch scratch;
  scratch.write("efter.txt", "efter bomben");
  scratch.sh(
      "head -c 100000000 /dev/zero | gzip -1 > b.gz && truncate -s 100M noll.bin && zip -1 b.zip "
      "noll.bin");
  scratch.sh("zip b.zip efter.txt");
  const Opened zip = open_archive(scratch / "b.zip", Format::kZip, limits);
  CHECK(key_of(zip.outcome.kind) == "read_in_part");
  CHECK(key_of(zip.outcome.reason) == "bomb");
  CHECK(zip.at("efter.txt").bytes == "efter bomben");
  const SeenMember& bomb = zip.at("noll.bin");
  CHECK(key_of(bomb.outcome.reason) == "bomb");
  CHECK(bomb.bytes.size() < (4 << 20));
  const Opened gzip = open_archive(scratch / "b.gz", Format::kGzip, limits);
  CHECK(key_of(gzip.outcome.reason) == "bomb");
  REQUIRE(gzip.sink.members.size() == 1);
  CHECK(gzip.sink.members[0].bytes.size() < (64 << 20));
}

TEST_CASE("members that overlap cannot make much of little", "[archive]") {
  Limits limits;
  limits.ratio_after_bytes = 1 << 20;
  const Scratch scratch;
  // A thousand listings of the same stored and the same packed bytes.
  scratch.python(R"(
import zipfile, copy
for name, method in (('s.zip', zipfile.ZIP_STORED), ('d.zip', zipfile.ZIP_DEFLATED)):
    with zipfile.ZipFile(name, 'w', method) as z:
        z.writestr('a', b'\0' * 300000)
        for i in range(1000):
            j = copy.copy(z.filelist[0]); j.filename = j.orig_filename = 'a%d' % i
            z.filelist.append(j)
)");
  for (const char* file : {"s.zip", "d.zip"}) {
    INFO(file);
    const Opened opened = open_archive(scratch / file, Format::kZip, limits);
    CHECK(key_of(opened.outcome.reason) == "bomb");
    CHECK(opened.sink.members.size() < 1000);
  }
}

TEST_CASE("limits and resuming count in members", "[archive]") {
  const Scratch scratch;
  for (int i = 0; i < 8; ++i)
    scratch.write("in/" + std::to_string(i), std::string(1, static_cast<char>('a' + i)));
  scratch.sh(
      "zip a.zip in/? && tar cf a.tar in/? && 7z a a.7z ./in/? && zip - in/? | cat > b.zip && head "
      "-c 400 b.zip > cut.zip");
  Limits limits;
  limits.max_members = 5;
  for (const auto& [file, format] : std::map<std::string, Format>{
           {"a.zip", Format::kZip}, {"a.tar", Format::kTar}, {"a.7z", Format::kSevenZip}}) {
    INFO(file);
    const Opened few = open_archive(scratch / file, format, limits);
    CHECK(key_of(few.outcome.kind) == "read_in_part");
    CHECK(key_of(few.outcome.reason) == "too_many_members");
    CHECK(few.sink.members.size() == 5);
    const Opened all = open_archive(scratch / file, format);
    const Opened rest =
        open_archive(scratch / file, format, {}, all.sink.members[5].member.ordinal);
    REQUIRE(rest.sink.members.size() == 3);
    CHECK(rest.sink.members[0].member.name == all.sink.members[5].member.name);
    CHECK(rest.sink.members[0].bytes == all.sink.members[5].bytes);
  }
  const Opened all = open_archive(scratch / "cut.zip", Format::kZip);
  REQUIRE(all.sink.members.size() >= 3);
  const Opened rest = open_archive(scratch / "cut.zip", Format::kZip, {}, 2);
  CHECK(rest.sink.members.size() == all.sink.members.size() - 2);
  CHECK(rest.sink.members[0].member.name == all.sink.members[2].member.name);
}

TEST_CASE("names are read in the encoding they were written in", "[archive]") {
  const Scratch scratch;
  scratch.python(R"(
import zipfile, tarfile, io
def zipped(name, raw, flags=0):
    with zipfile.ZipFile(name, 'w') as z:
        i = zipfile.ZipInfo('x' * len(raw)); z.writestr(i, 'text')
    b = open(name, 'rb').read().replace(b'x' * len(raw), raw)
    open(name, 'wb').write(b)
zipped('850.zip', 'Åtgärdsplan för Örebro.txt'.encode('cp850'))
zipped('1252.zip', 'Åtgärdsplan för Örebro.txt'.encode('cp1252'))
zipped('utf8.zip', 'Åtgärdsplan för Örebro.txt'.encode('utf-8'))
zipped('bad.zip', b'a\xff\xfe\x00b.txt')
with tarfile.open('latin.tar', 'w', format=tarfile.GNU_FORMAT, encoding='latin-1') as t:
    i = tarfile.TarInfo('Åtgärdsplan för Örebro.txt'); i.size = 4
    t.addfile(i, io.BytesIO(b'text'))
)");
  for (const auto& [file, format] : std::map<std::string, Format>{{"850.zip", Format::kZip},
                                                                  {"1252.zip", Format::kZip},
                                                                  {"utf8.zip", Format::kZip},
                                                                  {"latin.tar", Format::kTar}}) {
    INFO(file);
    const Opened opened = open_archive(scratch / file, format);
    CHECK(opened.names() == std::vector<std::string>{"Åtgärdsplan för Örebro.txt"});
  }
  CHECK(open_archive(scratch / "bad.zip", Format::kZip).sink.members.size() == 1);
}

TEST_CASE("names are kept as they are: equal, deep, and leading elsewhere", "[archive]") {
  const Scratch scratch;
  scratch.python(R"(
import zipfile, tarfile, io
with zipfile.ZipFile('odd.zip', 'w') as z:
    z.writestr('lika.txt', 'ett'); z.writestr('lika.txt', 'två')
    z.writestr('../../etc/passwd', 'ut'); z.writestr('/rot.txt', 'rot')
    z.writestr('d/' * 1000 + 'djup.txt', 'djup')
with tarfile.open('odd.tar', 'w') as t:
    def add(name, data=b'x', **kw):
        i = tarfile.TarInfo(name); i.size = len(data)
        for k, v in kw.items(): setattr(i, k, v)
        t.addfile(i, io.BytesIO(data))
    add('lika.txt', b'ett'); add('lika.txt', 'två'.encode())
    add('d/' * 1000 + 'djup.txt', b'djup')
    add('pekare', b'', type=tarfile.SYMTYPE, linkname='/etc/passwd')
    add('samma', b'', type=tarfile.LNKTYPE, linkname='lika.txt')
    add('ror', b'', type=tarfile.FIFOTYPE)
    add('skiva', b'', type=tarfile.BLKTYPE)
)");
  const Opened zip = open_archive(scratch / "odd.zip", Format::kZip);
  CHECK(key_of(zip.outcome.kind) == "read");
  REQUIRE(zip.sink.members.size() == 5);
  CHECK(zip.sink.members[0].bytes == "ett");
  CHECK(zip.sink.members[1].bytes == "två");
  CHECK(zip.sink.members[1].member.ordinal == 1);
  CHECK(zip.at("../../etc/passwd").bytes == "ut");
  CHECK(zip.at("/rot.txt").bytes == "rot");
  CHECK(zip.sink.members[4].bytes == "djup");
  const Opened tar = open_archive(scratch / "odd.tar", Format::kTar);
  CHECK(key_of(tar.outcome.kind) == "read");
  REQUIRE(tar.sink.members.size() == 7);
  CHECK(tar.sink.members[2].bytes == "djup");
  CHECK(key_of(tar.at("pekare").outcome.kind) == "excluded");
  CHECK(key_of(tar.at("pekare").outcome.reason) == "symlink");
  CHECK(key_of(tar.at("samma").outcome.reason) == "hard_link");
  CHECK(tar.at("samma").outcome.detail == "lika.txt");
  CHECK(key_of(tar.at("ror").outcome.reason) == "special_file");
  CHECK(key_of(tar.at("skiva").outcome.reason) == "special_file");
}

TEST_CASE("empty folders and the comment of an archive are its own text", "[archive]") {
  const Scratch scratch;
  scratch.sh("mkdir -p 'Klienter/Anna Ek' 'Klienter/Bo Al' && echo x > 'Klienter/Bo Al/a.txt'");
  scratch.sh("7z a a.zip Klienter && 7z a a.7z Klienter && tar cf a.tar Klienter");
  scratch.sh("echo 'Arkiv om Cia Exempelsson' | zip -z a.zip");
  for (const auto& [file, format] : std::map<std::string, Format>{
           {"a.zip", Format::kZip}, {"a.7z", Format::kSevenZip}, {"a.tar", Format::kTar}}) {
    INFO(file);
    const Opened opened = open_archive(scratch / file, format);
    REQUIRE(opened.sink.chunks.size() == (format == Format::kZip ? 2 : 1));
    CHECK(opened.sink.chunks[0].first.place.kind == PlaceKind::kName);
    CHECK(opened.sink.chunks[0].second == "Klienter/Anna Ek\n");
    if (format == Format::kZip) CHECK(opened.sink.chunks[1].second == "Arkiv om Cia Exempelsson");
  }
}

TEST_CASE("a part of a split archive says what is missing", "[archive]") {
  const Scratch scratch;
  scratch.write("a.txt", long_text(3000));
  scratch.sh("head -c 300000 /dev/urandom > stor.bin && zip -s 100k split.zip a.txt stor.bin");
  const Opened last = open_archive(scratch / "split.zip", Format::kZip);
  CHECK(key_of(last.outcome.reason) == "missing_part");
  CHECK(key_of(last.at("a.txt").outcome.reason) == "missing_part");
  scratch.sh("7z a -v100k v.7z a.txt stor.bin && 7z a -tzip -v100k v.zip a.txt stor.bin");
  CHECK(key_of(open_archive(scratch / "v.7z.001", Format::kSevenZip).outcome.reason) ==
        "missing_part");
  const Opened first = open_archive(scratch / "v.zip.001", Format::kZip);
  CHECK(key_of(first.outcome.reason) == "missing_part");
  CHECK(first.at("a.txt").bytes == long_text(3000));
}

TEST_CASE("a method nobody reads is named for the member", "[archive]") {
  const Scratch scratch;
  make_tree(scratch);
  scratch.sh("zip a.zip in/mapp/lång.txt in/brev.txt");
  std::string bytes = scratch.bytes("a.zip");
  for (const char* mark : {"PK\3\4", "PK\1\2"})
    bytes[bytes.find(mark) + (mark[2] == 3 ? 8 : 10)] = 6;
  scratch.write("imploded.zip", bytes);
  const Opened opened = open_archive(scratch / "imploded.zip", Format::kZip);
  CHECK(key_of(opened.outcome.kind) == "read_in_part");
  CHECK(key_of(opened.at("in/mapp/lång.txt").outcome.reason) == "unsupported");
  CHECK(opened.at("in/mapp/lång.txt").outcome.detail == "method 6");
  CHECK(opened.at("in/brev.txt").bytes == "Hej Åsa\n");
}

TEST_CASE("cut and flipped archives end without harm", "[archive]") {
  const Scratch scratch;
  make_tree(scratch);
  scratch.write("in/mapp/lång.txt", long_text(300));
  scratch.sh(
      "zip -r a.zip in; zip -r - in | cat > s.zip; 7z a a.7z in; tar czf a.tgz in; tar cf a.tar "
      "in; "
      "7z a -tzip -mm=Deflate64 d.zip in; 7z a -tzip -mm=LZMA l.zip in; xz -k a.tar");
  const std::map<std::string, Format> files = {
      {"a.zip", Format::kZip}, {"s.zip", Format::kZip},     {"d.zip", Format::kZip},
      {"l.zip", Format::kZip}, {"a.7z", Format::kSevenZip}, {"a.tgz", Format::kGzip},
      {"a.tar", Format::kTar}, {"a.tar.xz", Format::kXz}};
  unsigned state = 1;
  const auto random = [&state](std::size_t below) {
    state = state * 1103515245u + 12345u;
    return static_cast<std::size_t>(state >> 8) % below;
  };
  Limits limits;
  limits.max_members = 1000;
  for (const auto& [file, format] : files) {
    const std::string good = scratch.bytes(file);
    for (int round = 0; round < 60; ++round) {
      std::string bad = good;
      if (round % 3 == 0) bad.resize(random(bad.size()));
      for (int i = 0; i < round % 7 && !bad.empty(); ++i)
        bad[random(bad.size())] = static_cast<char>(random(256));
      scratch.write("bad", bad);
      INFO(file << " " << round);
      const Opened opened = open_archive(scratch / "bad", format, limits);
      if (opened.outcome.kind != OutcomeKind::kRead) CHECK(opened.outcome.reason != Reason::kNone);
    }
  }
}

TEST_CASE("archives are read inside the jail as outside", "[archive][jail]") {
  const Scratch scratch;
  make_tree(scratch);
  scratch.sh(
      "zip -r a.zip in; 7z a a.7z in; tar czf a.tgz in; tar cjf a.tbz in; tar cJf a.txz in; "
      "tar --zstd -cf a.tzst in; 7z a -tzip -mm=PPMd p.zip in; zip -0 -r s.zip in; tar cf a.tar "
      "in");
  const ExtractorEntry* const table[] = {&extract::extractor_zip, &extract::extractor_archive};
  auto zygote = jail::Zygote::start(table, {});
  REQUIRE(zygote.has_value());
  jail::Zygote::Worker worker = zygote->worker();
  for (const auto& [file, format] : std::map<std::string, Format>{{"a.zip", Format::kZip},
                                                                  {"p.zip", Format::kZip},
                                                                  {"s.zip", Format::kZip},
                                                                  {"a.7z", Format::kSevenZip},
                                                                  {"a.tgz", Format::kGzip},
                                                                  {"a.tbz", Format::kBzip2},
                                                                  {"a.txz", Format::kXz},
                                                                  {"a.tzst", Format::kZstd},
                                                                  {"a.tar", Format::kTar}}) {
    INFO(file);
    const int fd = ::open((scratch / file).c_str(), O_RDONLY | O_CLOEXEC);
    REQUIRE(fd >= 0);
    ExtractRequest request;
    request.format = format;
    request.name = file;
    request.source = {fd, 0, fs::file_size(scratch / file)};
    Opened opened;
    opened.outcome = worker.extract(request, opened.sink);
    fill_ranges(request, opened.sink);
    ::close(fd);
    check_tree(opened);
  }
}

}  // namespace gallra::test

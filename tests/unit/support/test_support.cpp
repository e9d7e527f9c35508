#include <algorithm>
#include <catch2/catch.hpp>
#include <cerrno>
#include <fstream>
#include <numeric>
#include <set>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

#include "scanner/support/bounded_queue.hpp"
#include "scanner/support/embedded.hpp"
#include "scanner/support/keyed_hash.hpp"
#include "scanner/support/small_file.hpp"
#include "scanner/support/text.hpp"

using namespace gallra;

namespace {

struct TempFolder {
  std::string path = "/tmp/gallra-support-XXXXXX";
  TempFolder() { REQUIRE(::mkdtemp(path.data()) != nullptr); }
  ~TempFolder() {
    for (const char* name : {"key", "other", "link", "file", "pipe"})
      ::unlink((path + '/' + name).c_str());
    ::rmdir(path.c_str());
  }
};

std::span<const std::byte> bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}

}  // namespace

TEST_CASE("The queue hands on all it took, in order, and waits where it is full or empty") {
  BoundedQueue<int> queue(3);
  std::vector<int> got;
  std::thread reader([&] {
    while (auto value = queue.pop()) got.push_back(*value);
  });
  for (int i = 0; i < 1000; ++i) REQUIRE(queue.push(i));
  queue.close();
  reader.join();
  std::vector<int> expected(1000);
  std::iota(expected.begin(), expected.end(), 0);
  CHECK(got == expected);
}

TEST_CASE("A closed queue takes nothing more, gives what it holds, and wakes who waits") {
  BoundedQueue<int> queue(1);
  REQUIRE(queue.push(1));
  std::thread writer([&] { CHECK_FALSE(queue.push(2)); });  // full: waits until closed
  std::this_thread::sleep_for(std::chrono::milliseconds(5));
  queue.close();
  writer.join();
  CHECK_FALSE(queue.push(3));
  CHECK(queue.pop() == 1);
  CHECK(queue.pop() == std::nullopt);
}

TEST_CASE("Several writers and readers lose nothing and double nothing") {
  BoundedQueue<int> queue(7);
  std::vector<std::vector<int>> got(4);
  std::vector<std::thread> readers;
  std::vector<std::thread> writers;
  readers.reserve(4);
  writers.reserve(4);
  for (auto& mine : got)
    readers.emplace_back([&queue, &mine] {
      while (auto value = queue.pop()) mine.push_back(*value);
    });
  for (int w = 0; w < 4; ++w)
    writers.emplace_back([&queue, w] {
      for (int i = 0; i < 500; ++i) queue.push(w * 500 + i);
    });
  for (auto& thread : writers) thread.join();
  queue.close();
  for (auto& thread : readers) thread.join();
  std::multiset<int> all;
  for (const auto& mine : got) all.insert(mine.begin(), mine.end());
  CHECK(all.size() == 2000);
  CHECK(std::set<int>(all.begin(), all.end()).size() == 2000);
}

TEST_CASE("A key is made once, private, and comes back the same") {
  const TempFolder folder;
  const std::string path = folder.path + "/key";
  const auto made = Secret::create(path);
  REQUIRE(made.has_value());
  struct stat st {};
  REQUIRE(::stat(path.c_str(), &st) == 0);
  CHECK((st.st_mode & 0777) == 0600);
  CHECK(st.st_size == 32);
  const auto loaded = Secret::load(path);
  REQUIRE(loaded.has_value());
  CHECK(loaded->id() == made->id());
  CHECK(loaded->mac("subject:personnummer", "x") == made->mac("subject:personnummer", "x"));
  CHECK_FALSE(Secret::create(path).has_value());  // never over an old one
  const auto other = Secret::create(folder.path + "/other");
  REQUIRE(other.has_value());
  CHECK(other->id() != made->id());
  CHECK(other->mac("a", "x") != made->mac("a", "x"));
}

TEST_CASE("A key that others can read, that is a link, or of another size is refused") {
  const TempFolder folder;
  const std::string path = folder.path + "/key";
  REQUIRE(Secret::create(path).has_value());
  for (const mode_t mode : {0640u, 0604u, 0660u, 0620u}) {
    REQUIRE(::chmod(path.c_str(), mode) == 0);
    CHECK_FALSE(Secret::load(path).has_value());
  }
  REQUIRE(::chmod(path.c_str(), 0600) == 0);
  REQUIRE(::symlink(path.c_str(), (folder.path + "/link").c_str()) == 0);
  CHECK_FALSE(Secret::load(folder.path + "/link").has_value());
  CHECK_FALSE(Secret::load(folder.path + "/none").has_value());
  CHECK_FALSE(Secret::load(folder.path).has_value());
  std::ofstream(path, std::ios::app) << "x";
  CHECK_FALSE(Secret::load(path).has_value());
}

TEST_CASE("Hashes depend on key, domain and value, and domain and value do not run together") {
  const Secret secret = Secret::for_tests();
  CHECK(secret.mac("a", "b") == secret.mac("a", "b"));
  CHECK(secret.mac("a", "b") != secret.mac("b", "b"));
  CHECK(secret.mac("a", "b") != secret.mac("a", "c"));
  CHECK(secret.mac("ab", "c") != secret.mac("a", "bc"));
  CHECK(secret.mac("", "") != Key{});
  // RFC 2104 by another hand: HMAC-SHA-256(7i+1, "a" 1f "b"), cut to 128 bits
  CHECK(hex(secret.mac("a", "b")) == "81295f78a511ad8abcbaa36191448128");
}

TEST_CASE("A hash in pieces is the hash of the whole") {
  const Secret secret = Secret::for_tests();
  const std::string text(100000, 'x');
  Secret::Stream stream(secret, "content");
  for (std::size_t at = 0; at < text.size(); at += 777)
    stream.add(bytes_of(std::string_view(text).substr(at, 777)));
  CHECK(stream.finish() == secret.mac("content", text));
  Secret::Stream empty(secret, "content");
  CHECK(empty.finish() == secret.mac("content", ""));
}

TEST_CASE("Embedded files are sorted, and asking for one that is not there gives nothing") {
  const auto files = embedded_files();
  CHECK(std::is_sorted(files.begin(), files.end(),
                       [](const auto& a, const auto& b) { return a.name < b.name; }));
  for (const EmbeddedFile& file : files) CHECK(embedded(file.name).data() == file.bytes.data());
  CHECK(embedded("no/such/file").empty());
  CHECK(embedded("").empty());
}

TEST_CASE("Swedish and English have the same keys, and no text is empty") {
  const auto sv = text_keys(Lang::kSv);
  const auto en = text_keys(Lang::kEn);
  CHECK(sv == en);
  const auto placeholders = [](std::string_view text) {
    std::set<char> out;
    for (std::size_t i = 0; i + 2 < text.size(); ++i)
      if (text[i] == '{' && text[i + 2] == '}') out.insert(text[i + 1]);
    return out;
  };
  for (const std::string_view key : sv) {
    CAPTURE(std::string(key));
    CHECK(!text(Lang::kSv, key).empty());
    CHECK(!text(Lang::kEn, key).empty());
    CHECK(placeholders(text(Lang::kSv, key)) == placeholders(text(Lang::kEn, key)));
  }
  CHECK(text(Lang::kSv, "no.such.key") == "no.such.key");
  CHECK(text(Lang::kSv, "a {0} b {1}{0} {9} {x} {", {"1", "{1}"}) == "a 1 b {1}1  {x} {");
}

TEST_CASE("Numbers, shares and sizes are written as the language does") {
  struct Case {
    std::uint64_t n;
    const char *sv, *en;
  };
  for (const Case& c :
       {Case{0, "0", "0"}, Case{999, "999", "999"}, Case{1000, "1\u202f000", "1,000"},
        Case{1234567, "1\u202f234\u202f567", "1,234,567"}}) {
    CHECK(number_text(Lang::kSv, c.n) == c.sv);
    CHECK(number_text(Lang::kEn, c.n) == c.en);
  }
  CHECK(percent_text(Lang::kSv, 0.987) == "98,7\u202f%");
  CHECK(percent_text(Lang::kEn, 1) == "100.0%");
  for (const Case& c :
       {Case{0, "0 B", "0 B"}, Case{999, "999 B", "999 B"}, Case{1000, "1,0 kB", "1.0 kB"},
        Case{3400000000, "3,4 GB", "3.4 GB"}, Case{123456, "123 kB", "123 kB"}}) {
    CHECK(bytes_text(Lang::kSv, c.n) == c.sv);
    CHECK(bytes_text(Lang::kEn, c.n) == c.en);
  }
}

TEST_CASE("What could steer a terminal or hide a name is made visible") {
  struct Case {
    const char *raw, *shown;
  };
  for (const Case& c :
       {Case{"Årsmöte 2019.docx", "Årsmöte 2019.docx"},
        Case{"a\nb\x1b[31m", "a\\u000Ab\\u001B[31m"}, Case{"\u202egpj.exe", "\\u202Egpj.exe"},
        Case{"x\xff\xfey", "x\ufffd\ufffdy"}, Case{"\xc3", "\ufffd"},
        Case{"\xed\xa0\x80", "\ufffd\ufffd\ufffd"}, Case{"\xc0\xaf", "\ufffd\ufffd"},
        Case{"\u0085\u2028", "\\u0085\\u2028"}, Case{"\U0001F600", "\U0001F600"},
        Case{"\xf4\x90\x80\x80", "\ufffd\ufffd\ufffd\ufffd"}, Case{"\x7f", "\\u007F"},
        Case{"", ""}})
    CHECK(printable(c.raw) == c.shown);
}

TEST_CASE("The nearest known word is found, and none when nothing is near") {
  struct Row {
    const char* word;
    const char* nearest;
  };
  const std::vector<std::string> known{"scan", "status", "scan.threads", "scan.sources", "why"};
  const auto row = GENERATE(values<Row>({{"scann", "scan"},
                                         {"stat", "status"},
                                         {"statsu", "status"},
                                         {"scan.thread", "scan.threads"},
                                         {"scan.surces", "scan.sources"},
                                         {"wy", "why"},
                                         {"", ""},
                                         {"x", ""},
                                         {"help", ""},
                                         {"org.type", ""}}));
  CAPTURE(row.word);
  CHECK(nearest(row.word, known) == row.nearest);
}

TEST_CASE("What the system refuses is told in the reader's language") {
  for (const int error : {EPERM, EACCES, ENOENT, EEXIST, ENOTDIR, EISDIR, ENOSPC, EDQUOT, EROFS,
                          EIO, ENAMETOOLONG, ELOOP, EMFILE, EBADF}) {
    CAPTURE(error);
    CHECK(errno_text(Lang::kSv, error) != errno_text(Lang::kEn, error));
    CHECK(errno_text(Lang::kSv, error).find("systemfel") == std::string::npos);
  }
  CHECK(errno_text(Lang::kSv, EXDEV) == "systemfel EXDEV");
  CHECK(errno_text(Lang::kEn, 9999) == "system error 9999");
}

TEST_CASE("Only a regular file of a bounded size is read whole") {
  const TempFolder folder;
  const std::string path = folder.path + "/file";
  std::ofstream(path) << std::string(1000, 'x');
  CHECK(read_small_file(path).value() == std::string(1000, 'x'));
  CHECK(read_small_file(path, 1000).has_value());
  CHECK(read_small_file(path, 999).error().kind == FileProblem::Kind::kTooLarge);
  CHECK(read_small_file(folder.path).error().error == EISDIR);
  CHECK(read_small_file(folder.path + "/none").error().error == ENOENT);
  CHECK(read_small_file("/dev/zero").error().kind == FileProblem::Kind::kNotRegular);
  REQUIRE(::mkfifo((folder.path + "/pipe").c_str(), 0600) == 0);
  CHECK(read_small_file(folder.path + "/pipe").error().kind == FileProblem::Kind::kNotRegular);
}

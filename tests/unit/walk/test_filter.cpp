#include <array>
#include <catch2/catch.hpp>
#include <cstdio>

#include "scanner/walk/walk.hpp"
#include "tests/unit/walk/temp_tree.hpp"

using gallra::test::TempTree;
using gallra::walk::Filter;

namespace {

// The tree every pattern list is tried on; a '/' at the end makes a folder.
const std::vector<std::string> kTree = {
    "a.txt",
    "b.txt",
    "A.TXT",
    "foo",
    "bar/",
    "bar/foo",
    "bar/a.txt",
    "bar/baz/",
    "bar/baz/foo",
    "bar/baz/deep/",
    "bar/baz/deep/a.txt",
    "src/",
    "src/main.c",
    "src/main.h",
    "src/lib/",
    "src/lib/main.c",
    "doc/",
    "doc/frotz/",
    "doc/frotz/x.md",
    "a/",
    "a/doc/",
    "a/doc/frotz/",
    "a/doc/frotz/y.md",
    "a/b/",
    "a/b/c/",
    "a/b/c/d",
    "a/x/",
    "a/x/b",
    "abc",
    "abd",
    "a-c",
    "a]c",
    "a[c",
    "a*c",
    "a\\c",
    "#hash",
    "!bang",
    "trail ",
    "x1",
    "x2",
    "x10",
    "X1",
    "xa",
    "x-",
    "x_",
    "temp/",
    "temp/keep.txt",
    "temp/drop.txt",
    "logs/",
    "logs/debug.log",
    "logs/monday/",
    "logs/monday/foo.bar",
    "foobar/",
    "foobar/foo",
    "dir.d/",
    "dir.d/dir.d",
    ".snapshot/",
    ".snapshot/hourly/",
    ".snapshot/hourly/f",
    "Thumbs.db",
    "~$brev.docx",
    "sn\xc3\xb6/",
    "sn\xc3\xb6/\xc3\x85.txt",
    "with space/",
    "with space/f",
    "--",
    "[ab]",
    "q?",
    "node/",
    "node/one/",
    "node/one/two/",
    "node/one/two/three",
    "é.txt",
    "caf\xe9",
};

const std::vector<std::vector<std::string>> kLists = {
    {"*.txt"},
    {"/a.txt"},
    {"foo"},
    {"foo/"},
    {"bar/"},
    {"bar"},
    {"/bar/"},
    {"bar/*"},
    {"bar/**"},
    {"**/foo"},
    {"**/bar"},
    {"a/**/b"},
    {"a/**/d"},
    {"/**/foo"},
    {"**"},
    {"*"},
    {"/*"},
    {"doc/frotz"},
    {"/doc/frotz"},
    {"frotz/"},
    {"doc/frotz/"},
    {"*.txt", "!a.txt"},
    {"*.txt", "!a.txt", "a.txt"},
    {"temp/", "!temp/keep.txt"},
    {"temp/*", "!temp/keep.txt"},
    {"/*", "!/bar", "/bar/*", "!/bar/foo"},
    {"a?c"},
    {"a[b]c"},
    {"a[!b]c"},
    {"a[^b]c"},
    {"ab[c-d]"},
    {"ab[d-c]"},
    {"x[0-9]"},
    {"x[[:digit:]]"},
    {"x[[:alpha:]]"},
    {"x[![:alnum:]]"},
    {"x[[:digit:][:alpha:]]"},
    {"x[a-]"},
    {"x[-a]"},
    {"x[]_-]"},
    {"a[]]c"},
    {"a[[]c"},
    {"a\\*c"},
    {"a\\\\c"},
    {"a[\\]]c"},
    {"a[*]c"},
    {"\\#hash"},
    {"#hash"},
    {"\\!bang"},
    {"!bang"},
    {"trail "},
    {"trail\\ "},
    {"trail\\  "},
    {""},
    {"   "},
    {"[ab]"},
    {"\\[ab]"},
    {"q\\?"},
    {"q[?]"},
    {"logs/**/debug.log"},
    {"logs/**/foo.bar"},
    {"**/logs"},
    {"*foo*"},
    {"f*o"},
    {"foo*bar"},
    {"f**r"},
    {"bar**"},
    {"**bar"},
    {"*/foo"},
    {"*/*/foo"},
    {"**/*/foo"},
    {"*/"},
    {"**/"},
    {"a/**/"},
    {"src/*.c"},
    {"src/**/*.c"},
    {"src/**/main.?"},
    {"/src/lib/"},
    {"dir.d"},
    {"dir.d/"},
    {"dir.d/dir.d"},
    {".snapshot"},
    {".snapshot/"},
    {".*"},
    {"Thumbs.db"},
    {"thumbs.db"},
    {"A.TXT"},
    {"~$*"},
    {"sn\xc3\xb6"},
    {"sn\xc3\xb6/*.txt"},
    {"\xc3\x85.txt"},
    {"?.txt"},
    {"caf?"},
    {"caf[\xe0-\xef]"},
    {"with space"},
    {"with\\ space/"},
    {"--"},
    {"node/*/two"},
    {"node/*"},
    {"node/**", "!node/one/"},
    {"node/**", "!node/**/"},
    {"!foo"},
    {"foo", "!foo"},
    {"*", "!*/", "!*.txt"},
    {"foo//"},
    {"/foo"},
    {"bar/baz"},
    {"baz/foo"},
    {"**/baz/foo"},
    {"bar/**/foo"},
    {"bar/**/**/foo"},
    {"***"},
    {"a/***"},
    {"x[[:upper:]]"},
    {"[[:lower:]]1"},
    {"[W-Z]1"},
    {"*.TXT"},
    {"BAR/"},
};

std::string run(const std::string& command) {
  std::string out;
  FILE* pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) return out;
  std::array<char, 4096> buffer{};
  for (std::size_t n; (n = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0;)
    out.append(buffer.data(), n);
  ::pclose(pipe);
  return out;
}

// git's answer for each path of kTree: the pattern that excludes it, or "".
std::vector<std::string> ask_git(const TempTree& tree, const std::vector<std::string>& list,
                                 bool fold) {
  {
    std::ofstream ignore(tree / ".git/info/exclude", std::ios::binary);
    for (const std::string& pattern : list) ignore << pattern << '\n';
    std::ofstream ask(tree / ".git/ask", std::ios::binary);
    for (std::string path : kTree) {
      if (path.back() == '/') path.pop_back();
      ask << path << '\0';
    }
  }
  const std::string answer =
      run("cd " + tree.path() + " && git -c core.ignorecase=" + (fold ? "true" : "false") +
          " -c core.excludesFile= check-ignore --no-index -v -n -z --stdin < .git/ask");
  std::vector<std::string> fields;
  for (std::size_t at = 0; at < answer.size();) {
    const std::size_t end = answer.find('\0', at);
    fields.push_back(answer.substr(at, end - at));
    at = end + 1;
  }
  std::vector<std::string> verdicts;  // source, line, pattern, path
  for (std::size_t i = 0; i + 3 < fields.size(); i += 4) {
    const std::string& pattern = fields[i + 2];
    verdicts.push_back(pattern.starts_with('!') ? "" : pattern);
  }
  return verdicts;
}

}  // namespace

TEST_CASE("The filter decides as git check-ignore does, and names the same pattern") {
  const TempTree tree;
  for (const std::string& path : kTree) {
    if (path.back() == '/')
      tree.folder(path.substr(0, path.size() - 1));
    else
      tree.file(path);
  }
  REQUIRE(run("cd " + tree.path() + " && git init -q . && echo ok") == "ok\n");
  REQUIRE(kLists.size() >= 60);
  const bool fold = GENERATE(false, true);
  for (const auto& list : kLists) {
    const auto expected = ask_git(tree, list, fold);
    REQUIRE(expected.size() == kTree.size());
    const auto filter =
        Filter::compile(list, fold ? Filter::Case::kFold : Filter::Case::kSensitive);
    CAPTURE(fold, list);
    REQUIRE(filter.has_value());
    for (std::size_t i = 0; i < kTree.size(); ++i) {
      std::string path = kTree[i];
      const bool is_dir = path.back() == '/';
      if (is_dir) path.pop_back();
      const std::string* by = filter->excluded_by(path, is_dir);
      CAPTURE(path);
      CHECK((by != nullptr ? *by : "") == expected[i]);
    }
  }
}

TEST_CASE("A pattern that could never match is refused") {
  for (const char* pattern : {"[abc", "a[[:nosuch:]]", "x\\", "/", "!", "!/", "a[]", "a[!]"}) {
    CAPTURE(pattern);
    CHECK_FALSE(Filter::compile({pattern}).has_value());
  }
  CHECK_FALSE(Filter::compile({std::string(5000, 'a')}).has_value());
}

TEST_CASE("Where git departs from its own manual, the manual wins") {
  // git cuts the literal start off pattern and path first, so its "b**/foo" finds bar/baz/foo,
  // although two asterisks inside a word are to be as one.
  const auto stars = Filter::compile({"b**/foo"});
  REQUIRE(stars.has_value());
  CHECK(stars->excluded_by("bar/foo", false) != nullptr);
  CHECK(stars->excluded_by("bar/baz/foo", false) == nullptr);
  // git folds the name but not a capital that stands alone in brackets: it finds neither.
  const auto folded = Filter::compile({"[X]1"}, Filter::Case::kFold);
  REQUIRE(folded.has_value());
  CHECK(folded->excluded_by("x1", false) != nullptr);
  CHECK(folded->excluded_by("X1", false) != nullptr);
}

TEST_CASE("Folding knows the Swedish letters") {
  const auto filter = Filter::compile({"\xc3\x85RSM\xc3\x96TE*"}, Filter::Case::kFold);
  REQUIRE(filter.has_value());
  CHECK(filter->excluded_by("x/\xc3\xa5rsm\xc3\xb6te 2019.docx", false) != nullptr);
  CHECK(filter->excluded_by("x/arsmote 2019.docx", false) == nullptr);
}

TEST_CASE("Patterns made to explode do not") {
  std::string stars;
  for (int i = 0; i < 300; ++i) stars += "*a";
  const auto filter = Filter::compile({stars + "b", "**/" + stars + "/**/c"});
  REQUIRE(filter.has_value());
  const std::string name(255, 'a');
  CHECK(filter->excluded_by(name + '/' + name + '/' + name, false) == nullptr);
}

TEST_CASE("An empty filter excludes nothing") {
  const auto filter = Filter::compile({});
  REQUIRE(filter.has_value());
  CHECK(filter->excluded_by("a/b", false) == nullptr);
  CHECK(Filter().excluded_by("", true) == nullptr);
}

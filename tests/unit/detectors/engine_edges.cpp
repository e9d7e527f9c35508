// How the text is cut into chunks and windows must not matter.
#include <catch2/catch.hpp>
#include <random>

#include "detectors/normalise.hpp"
#include "detectors/text_buffer.hpp"
#include "tests/unit/detectors/engine_scan.hpp"

namespace gallra::detect {
namespace {

using testing::lines;
using testing::prose;
using testing::scan;

DocumentFindings scan_cut(std::string_view text, const std::vector<std::size_t>& cuts) {
  std::vector<TextChunk> chunks;
  std::size_t from = 0;
  Place place{PlaceKind::kLine, 1, 0, ""};
  for (std::size_t i = 0; i <= cuts.size(); ++i) {
    const std::size_t to = i < cuts.size() ? cuts[i] : text.size();
    TextChunk chunk = prose(text.substr(from, to - from));
    chunk.place = place;
    chunk.continues = i > 0;
    place.a += static_cast<std::uint32_t>(std::count(chunk.text.begin(), chunk.text.end(), '\n'));
    if (!chunk.text.empty()) chunks.push_back(chunk);
    from = to;
  }
  return scan(chunks);
}

const char* const kValues[] = {"19850101-2382",           "850101 - 2382",
                               "1985 01 01-2382",         "850101-\n2382",
                               "070-174 06 05",           "+46 (0)70-174 06 05",
                               "anna.exempel@exempel.se", "anna (at) exempel (punkt) se",
                               "850101\u20132382"};

TEST_CASE("a value cut anywhere between two chunks is found exactly once") {
  for (const char* value : kValues) {
    const std::string text = "rad ett\nHej " + std::string(value) + " och mer text.\n";
    const std::vector<std::string> whole = lines(scan(text));
    CAPTURE(value);
    REQUIRE(whole.size() == 1);
    for (std::size_t cut = 1; cut < text.size(); ++cut) {
      if ((static_cast<unsigned char>(text[cut]) & 0xC0) == 0x80) continue;
      const DocumentFindings found = scan_cut(text, {cut});
      if (lines(found) != whole || found.findings[0].count != 1 ||
          found.findings[0].places != std::vector<Place>{{PlaceKind::kLine, 2, 0, ""}})
        FAIL_CHECK("cut at " << cut);
    }
  }
}

TEST_CASE("a value at any offset around a window's edge is found exactly once, at its line") {
  const std::string value = "19850101-2382";
  for (std::size_t edge : {kWindowBytes, kWindowBytes + kContextBytes}) {
    for (std::size_t begin = edge - 20; begin <= edge + 20; ++begin) {
      std::string text(begin - 1, 'x');
      text[100] = '\n';
      text += " " + value + " slut\n" + std::string(3000, 'y');
      const DocumentFindings found = scan(text);
      CAPTURE(begin);
      REQUIRE(found.findings.size() == 1);
      CHECK(found.findings[0].count == 1);
      CHECK(found.findings[0].value == value);
      CHECK(found.findings[0].places[0].a == 2);
    }
  }
}

TEST_CASE("random cuts of a long text change nothing") {
  std::mt19937 random(7);
  std::string text;
  for (int i = 0; i < 6000; ++i) {
    text += "Rad " + std::to_string(i) + " om åtgärder och möten, ring 08-123 45 6" +
            std::to_string(i % 10) + ".\n";
    if (i % 50 == 0)
      text += "Personnummer: 19850101-2382, tel 070-174 06 0" + std::to_string(5 + i % 5) + "\n\n";
  }
  REQUIRE(text.size() > 2 * kWindowBytes);
  const DocumentFindings whole = scan(text);
  for (int round = 0; round < 5; ++round) {
    std::vector<std::size_t> cuts;
    for (std::size_t at = 0;;) {
      at += 1 + random() % 40000;
      if (at >= text.size()) break;
      while ((static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) ++at;
      cuts.push_back(at);
    }
    const DocumentFindings cut = scan_cut(text, cuts);
    REQUIRE(lines(cut) == lines(whole));
    for (std::size_t i = 0; i < cut.findings.size(); ++i) {
      CHECK(cut.findings[i].count == whole.findings[i].count);
      CHECK(cut.findings[i].places == whole.findings[i].places);
      CHECK(cut.findings[i].snippet == whole.findings[i].snippet);
    }
  }
}

TEST_CASE("two chunks that do not continue each other share no value") {
  const DocumentFindings found = scan({prose("Nummer 850101-"), prose("2382 kronor")});
  CHECK(found.findings.empty());
}

TEST_CASE("text is normalised before it is matched") {
  const auto row = GENERATE(table<std::string, std::string>({
      {"plain \u00e5\u00e4\u00f6 text", "plain \u00e5\u00e4\u00f6 text"},
      {"a\u030asa", "\u00e5sa"},
      {"O\u0308berg", "\u00d6berg"},
      {"850101\u20132382", "850101-2382"},
      {"850101\u00a02382", "850101 2382"},
      {"8501\u00ad01\u200b-2382", "850101-2382"},
      {"\uff18\uff15\uff10\uff11\uff10\uff11", "850101"},
      {"\u201ccitat\u201d \u2026", "\u201ccitat\u201d \u2026"},
      {"x\u030a", "x\u030a"},
      {"\U0001F600", "\U0001F600"},
  }));
  CHECK(normalised(std::get<0>(row)) == std::get<1>(row));
}

TEST_CASE("a letter and its mark in two chunks become one letter") {
  const std::string text = "Skriv till a\u030asa.exempel@exempel.se.";
  const DocumentFindings whole = scan(text);
  REQUIRE(whole.findings.size() == 1);
  CHECK(whole.findings[0].normalised == "\u00e5sa.exempel@exempel.se");
  CHECK(lines(scan_cut(text, {text.find('\xcc')})) == lines(whole));
}

TEST_CASE("reveal shows a value as it was written") {
  const DocumentFindings found = scan("\u201cHej\u201d a\u0308r 8501\u00ad01\u20132382\u00a0.");
  REQUIRE(found.findings.size() == 1);
  CHECK(found.findings[0].value == "8501\u00ad01\u20132382");
  CHECK(found.findings[0].normalised == "8501012382");
}

}  // namespace
}  // namespace gallra::detect

#include <catch2/catch.hpp>
#include <random>

#include "scanner/extract/text_writer.hpp"
#include "tests/unit/extract/office_support.hpp"

using namespace gallra;
using namespace gallra::test;

namespace {

// Damage of the kinds that disks, transfers and editors do; the same for the same seed.
std::string damaged(std::string bytes, std::mt19937& random) {
  const auto below = [&](std::size_t n) {
    return static_cast<std::size_t>(random()) % std::max<std::size_t>(n, 1);
  };
  const std::size_t at = below(bytes.size());
  const std::size_t length = std::min(below(200) + 1, bytes.size() - at);
  switch (below(5)) {
    case 0:
      return bytes.substr(0, at);
    case 1:
      for (int i = 0; i < 8; ++i) bytes[below(bytes.size())] ^= static_cast<char>(1 << below(8));
      return bytes;
    case 2:
      return bytes.replace(at, length, std::string(length, '\0'));
    case 3:
      return bytes.erase(at, length);
    default:
      return bytes.replace(at, std::min<std::size_t>(4, length), "\xFF\xFF\xFF\xFF");
  }
}

}  // namespace

TEST_CASE("damaged documents end in an outcome, with valid text and closed members") {
  struct Row {
    Format format;
    const char* name;
    int runs;
  };
  const auto row = GENERATE(values<Row>({
      {Format::kDocx, "utredning.docx", 60},
      {Format::kXlsx, "lista.xlsx", 60},
      {Format::kPptx, "bilder.pptx", 40},
      {Format::kOdt, "utredning.odt", 40},
      {Format::kOds, "lista.ods", 60},
      {Format::kOdp, "bilder.odp", 30},
      {Format::kEpub, "utredning.epub", 60},
      {Format::kOle, "kort.doc", 60},
      {Format::kPdf, "kort.pdf", 60},
      {Format::kPdf, "utredning.pdf", 30},
  }));
  CAPTURE(row.name);
  const std::string good = fixture(row.name);
  REQUIRE(good.size() > 1000);
  std::mt19937 random(20260101);
  Limits limits;
  limits.max_cpu = std::chrono::seconds(2);
  int with_text = 0;
  for (int run = 0; run < row.runs; ++run) {
    CAPTURE(run);
    const std::string bytes = damaged(good, random);
    const Extracted read = extract_document(row.format, bytes, limits);
    if (!read.sink.chunks.empty()) ++with_text;
    REQUIRE(read.outcome.detail.size() < 200);
    REQUIRE((read.outcome.kind == OutcomeKind::kRead) == (read.outcome.reason == Reason::kNone));
    for (const auto& [chunk, text] : read.sink.chunks) REQUIRE(extract::is_valid_utf8(text));
    for (const SeenMember& member : read.sink.members) REQUIRE(member.ended);
  }
  // Most damage costs a part, not the document.
  if (row.format != Format::kOle) CHECK(with_text > row.runs / 2);
}

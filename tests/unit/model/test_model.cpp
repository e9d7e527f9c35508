#include <catch2/catch.hpp>
#include <limits>
#include <set>

#include "scanner/model/date_evidence.hpp"
#include "scanner/model/file_ref.hpp"
#include "scanner/model/finding.hpp"
#include "scanner/model/format.hpp"
#include "scanner/model/outcome.hpp"
#include "scanner/model/place.hpp"
#include "scanner/model/provenance.hpp"

using namespace gallra;

TEST_CASE("Every format has its own key, and the key leads back") {
  std::set<std::string_view> keys;
  for (int i = 0; i < static_cast<int>(Format::kCount); ++i) {
    const auto format = static_cast<Format>(i);
    CAPTURE(i);
    CHECK(format_from_key(key_of(format)) == format);
    CHECK(keys.insert(key_of(format)).second);
  }
  CHECK(format_from_key("nosuch") == std::nullopt);
  CHECK(format_from_key("") == std::nullopt);
}

TEST_CASE("Plain formats are read in the worker, containers have members, none is both") {
  for (int i = 0; i < static_cast<int>(Format::kCount); ++i) {
    const auto format = static_cast<Format>(i);
    CHECK_FALSE((is_plain(format) && is_container(format)));
  }
  for (const Format format : {Format::kText, Format::kCsv, Format::kJson, Format::kMarkdown,
                              Format::kLog, Format::kSource})
    CHECK(is_plain(format));
  for (const Format format :
       {Format::kUnknown, Format::kEmpty, Format::kXml, Format::kPdf, Format::kZip})
    CHECK_FALSE(is_plain(format));
  for (const Format format :
       {Format::kZip, Format::kGzip, Format::kEml, Format::kMbox, Format::kPst})
    CHECK(is_container(format));
  for (const Format format : {Format::kDocx, Format::kEpub, Format::kPdf, Format::kOle})
    CHECK_FALSE(is_container(format));
}

TEST_CASE("Every outcome and reason has its own key, and the key leads back") {
  std::set<std::string_view> keys;
  for (int i = 0; i <= static_cast<int>(OutcomeKind::kUnchanged); ++i) {
    const auto kind = static_cast<OutcomeKind>(i);
    CHECK(outcome_from_key(key_of(kind)) == kind);
    CHECK(keys.insert(key_of(kind)).second);
  }
  keys.clear();
  for (int i = 0; i <= static_cast<int>(Reason::kOwnFile); ++i) {
    const auto reason = static_cast<Reason>(i);
    CAPTURE(i);
    CHECK(reason_from_key(key_of(reason)) == reason);
    CHECK(keys.insert(key_of(reason)).second);
    CHECK(key_of(reason).empty() == (reason == Reason::kNone));
  }
  CHECK(outcome_from_key("lost") == std::nullopt);
  CHECK(reason_from_key("because") == std::nullopt);
}

TEST_CASE("A provenance prints as people read it, and parses back") {
  CHECK(Provenance{"Listor.zip", {"2019/mail.eml", "part-2/bilaga.docx"}}.str() ==
        "Listor.zip!/2019/mail.eml!/part-2/bilaga.docx");
  const std::vector<Provenance> cases = {
      {"", {}},
      {"a/b.txt", {}},
      {"Viktigt!.zip", {"50% klart!/x", "!", "%21"}},
      {"a!/b", {"!/!/"}},
      {"brev\n\xff.eml", {"", "x"}},
      {"%", {"%25"}},
  };
  for (const Provenance& provenance : cases) {
    const std::string text = provenance.str();
    CAPTURE(text);
    const auto back = Provenance::parse(text);
    REQUIRE(back.has_value());
    CHECK(*back == provenance);
  }
  for (const char* text : {"a!b", "a%2", "a%20b", "%", "a!/b!", "!"}) {
    CAPTURE(text);
    CHECK_FALSE(Provenance::parse(text).has_value());
  }
}

TEST_CASE("A file's path is its folder and name") {
  FileRef file;
  file.name = "a.txt";
  CHECK(file.path() == "a.txt");
  file.dir = "x/y";
  CHECK(file.path() == "x/y/a.txt");
}

TEST_CASE("Days are the calendar's, both ways") {
  struct Case {
    const char* text;
    std::int32_t day;
  };
  for (const Case& c : {Case{"1970-01-01", 0}, Case{"1969-12-31", -1}, Case{"2000-02-29", 11016},
                        Case{"2000-03-01", 11017}, Case{"1900-03-01", -25508},
                        Case{"2024-12-31", 20088}, Case{"1890-01-01", -29219}}) {
    std::int32_t day = 12345;
    CAPTURE(c.text);
    CHECK(parse_day(c.text, day));
    CHECK(day == c.day);
    CHECK(day_text(c.day) == c.text);
  }
  for (std::int32_t day = -40000; day < 40000; ++day) {
    std::int32_t back = 0;
    if (!parse_day(day_text(day), back) || back != day) FAIL(day);
  }
}

TEST_CASE("A date that does not exist is refused, with day 0") {
  for (const char* text : {"2023-02-29", "1900-02-29", "2024-02-30", "2024-13-01", "2024-00-10",
                           "2024-04-31", "2024-01-00", "2024-1-01", "20240101", "2024-01-01 ",
                           "2024/01/01", "", "abcd-ef-gh", "-024-01-01"}) {
    std::int32_t day = 7;
    CAPTURE(text);
    CHECK_FALSE(parse_day(text, day));
    CHECK(day == 0);
  }
}

TEST_CASE("Unix seconds fall on the day they belong to, before 1970 too") {
  CHECK(day_from_unix(0) == 0);
  CHECK(day_from_unix(86399) == 0);
  CHECK(day_from_unix(86400) == 1);
  CHECK(day_from_unix(-1) == -1);
  CHECK(day_from_unix(-86400) == -1);
  CHECK(day_from_unix(-86401) == -2);
}

TEST_CASE("Evidence in the text is A, metadata B, file times and paths C") {
  CHECK(quality_of(DateKind::kLastEntry) == 'A');
  CHECK(quality_of(DateKind::kTextDate) == 'A');
  CHECK(quality_of(DateKind::kMailDate) == 'B');
  CHECK(quality_of(DateKind::kDocCreated) == 'B');
  CHECK(quality_of(DateKind::kDocModified) == 'B');
  CHECK(quality_of(DateKind::kPathDate) == 'C');
  CHECK(quality_of(DateKind::kFileModified) == 'C');
}

TEST_CASE("The keys that exports are made of are the agreed ones") {
  CHECK(key_of(Confidence::kHigh) == std::string("high"));
  CHECK(key_of(Confidence::kMedium) == std::string("medium"));
  CHECK(key_of(Confidence::kLow) == std::string("low"));
  for (const char* key :
       {"ordinary", "extra", "national_id", "sensitive", "criminal", "protected"}) {
    const auto gdpr = gdpr_class_from_key(key);
    REQUIRE(gdpr.has_value());
    CHECK(key_of(*gdpr) == std::string(key));
  }
  CHECK_FALSE(gdpr_class_from_key("secret").has_value());
  for (const char* key : {"unknown", "owner", "group", "everyone"}) {
    bool known = false;
    for (int i = 0; i < 4; ++i) known |= key == std::string(key_of(static_cast<Exposure>(i)));
    CHECK(known);
  }
  CHECK(key_of(PlaceKind::kCell) == std::string("cell"));
  CHECK(hex(Key{0x00, 0x01, 0xab, 0xff}) == "0001abff000000000000000000000000");
}

#include <catch2/catch.hpp>
#include <iconv.h>
#include <random>
#include <string>

#include "scanner/extract/charset.hpp"

namespace gallra::extract {
namespace {

using namespace std::string_literals;

std::string encoded(const char* charset, std::string text) {
  const iconv_t converter = iconv_open(charset, "UTF-8");
  REQUIRE(converter != reinterpret_cast<iconv_t>(-1));
  std::string out(text.size() * 4 + 16, '\0');
  char* in = text.data();
  char* to = out.data();
  std::size_t left = text.size();
  std::size_t room = out.size();
  REQUIRE(iconv(converter, &in, &left, &to, &room) != static_cast<std::size_t>(-1));
  iconv_close(converter);
  out.resize(out.size() - room);
  return out;
}

std::string decoded(std::string_view bytes, std::size_t step) {
  TextDecoder decoder;
  std::string out;
  for (std::size_t at = 0; at < bytes.size(); at += step)
    decoder.decode(bytes.substr(at, step), out, false);
  decoder.decode({}, out, true);
  return out;
}

const std::string kProse =
    "Åsa Öberg flyttade till Växjö i går. Hon är född på Gotland och har två syskon.\n"
    "Beslut: hemtjänst måndag, onsdag och lördag. Läkarintyg saknas ännu.\n"
    "ÄRENDE 12/2019: ANSÖKAN OM FÄRDTJÄNST. Mötet är flyttat till André och Zoë.\n"
    "Höger höft värker, går långsamt; önskar rullstol. Får hjälp av sin make Börje.\n";

TEST_CASE("text of every encoding in Swedish use comes out the same", "[charset]") {
  const auto* charset =
      GENERATE("UTF-8", "UTF-16LE", "UTF-16BE", "UTF-32LE", "CP1252", "CP850", "MACINTOSH");
  const auto step = GENERATE(std::size_t{1}, std::size_t{7}, std::size_t{100'000});
  CAPTURE(charset, step);
  const std::string text = kProse.substr(0, kProse.find("ÄRENDE")) + kProse;
  CHECK(decoded(encoded(charset, text), step) == text);
}

TEST_CASE("CP437 gives the letters of Swedish", "[charset]") {
  CHECK(decoded(encoded("CP437", "Räksmörgås på Öland, ÄNGSGATAN 3"), 1000) ==
        "Räksmörgås på Öland, ÄNGSGATAN 3");
}

TEST_CASE("a few words are enough to tell the encoding", "[charset]") {
  const auto* charset = GENERATE("UTF-8", "UTF-16LE", "UTF-16BE", "CP1252", "CP850", "MACINTOSH");
  const auto* text = GENERATE("Åsa Lindström", "på väg hem", "Hälsa & sjukvård", "Ö. Långgatan 4",
                              "ANSÖKAN BIFÖLLS", "läkare", "sjö", "två barn", "Märta åt gröt",
                              "Frånvaro: Örjan", "båt", "Växjö", "blå;grön;röd", "Ängsgatan");
  CAPTURE(charset, text);
  CHECK(decode_name(encoded(charset, text)) == text);
}

TEST_CASE("encodings are told apart from windows of any length of ordinary text", "[charset]") {
  const std::string words[] = {"och",    "är",      "på",     "för",    "från",   "också",
                               "någon",  "brukare", "ålder",  "Åke",    "Östen",  "Ängby",
                               "läkare", "möte",    "insats", "beslut", "ÅTGÄRD", "vård",
                               "hjälp",  "stöd",    "barn",   "2019",   "kl.",    "önskar"};
  std::mt19937 random(7);
  int wrong = 0;
  int tried = 0;
  for (const char* charset : {"CP1252", "CP850", "MACINTOSH", "UTF-8", "UTF-16LE"}) {
    for (const std::size_t length : {3u, 6u, 20u, 200u}) {
      for (int i = 0; i < 40; ++i) {
        std::string text;
        for (std::size_t n = 0; n < length; ++n)
          text += words[random() % std::size(words)] + (random() % 9 == 0 ? "\n" : " ");
        ++tried;
        wrong += decoded(encoded(charset, text), 1 << 20) != text;
      }
    }
  }
  CAPTURE(tried);
  CHECK(wrong == 0);
}

TEST_CASE("a file that was ASCII for long is decided where its first letters stand", "[charset]") {
  const auto* charset = GENERATE("UTF-8", "CP1252", "CP850", "MACINTOSH");
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += "2019-03-04 INFO request handled in 12 ms\n";
  text += kProse;
  CAPTURE(charset);
  CHECK(decoded(encoded(charset, text), 256 << 10) == text);
}

TEST_CASE("a log with lines of several encodings is read line by line", "[charset]") {
  const std::string bytes = kProse + encoded("CP1252", kProse) + kProse + encoded("CP850", kProse);
  CHECK(decoded(bytes, 1 << 20) == kProse + kProse + kProse + kProse);
}

TEST_CASE("UTF-16 that was appended to a text file is text again", "[charset]") {
  const std::string bytes = "first line\n" + encoded("UTF-16LE", "personnummer 810101-2386 Åsa\n");
  CHECK(decoded(bytes, 1 << 20).find("personnummer 810101-2386 Åsa") != std::string::npos);
}

TEST_CASE("a damaged character in UTF-8 costs itself only", "[charset]") {
  CHECK(decoded("Räksmörg\xC3s på ön\n", 1000) == "Räksmörg\uFFFDs på ön\n");
}

TEST_CASE("byte order marks are believed and dropped", "[charset]") {
  struct Row {
    std::string bytes;
    Encoding encoding;
  };
  const auto row = GENERATE(values<Row>({
      {"\xEF\xBB\xBFÅsa", Encoding::kUtf8},
      {"\xFF\xFE\xC5\0s\0a\0"s, Encoding::kUtf16Le},
      {"\xFE\xFF\0\xC5\0s\0a"s, Encoding::kUtf16Be},
      {"\xFF\xFE\0\0\xC5\0\0\0s\0\0\0a\0\0\0"s, Encoding::kUtf32Le},
      {"\0\0\xFE\xFF\0\0\0\xC5\0\0\0s\0\0\0a"s, Encoding::kUtf32Be},
  }));
  CHECK(detect_encoding(row.bytes) == row.encoding);
  std::string out = decode_name(row.bytes);
  if (out.starts_with("\uFEFF")) out.erase(0, 3);
  CHECK(out == "Åsa");
}

TEST_CASE("zero bytes in text become spaces", "[charset]") {
  CHECK(decoded("ANNA\0\0\0\0SVENSSON\0\0"s, 1000) == "ANNA    SVENSSON  ");
}

TEST_CASE("a declared character set is believed unless the bytes say otherwise", "[charset]") {
  struct Row {
    const char* label;
    const char* charset;  // what the bytes really are in
    const char* text;
  };
  const auto row = GENERATE(values<Row>({
      {"iso-8859-1", "CP1252", "Frånvaro – “Åsa”"},
      {"ISO_8859-15", "ISO-8859-15", "hyra 500 € för Åsa"},
      {"windows-1252", "UTF-8", "Åsa Öberg"},
      {"utf-8", "CP1252", "Åsa Öberg är här"},
      {"us-ascii", "CP850", "Åsa Öberg är här"},
      {"", "MACINTOSH", "Åsa Öberg är här"},
      {"x-nobody-knows", "CP1252", "Åsa Öberg är här"},
      {"koi8-r", "KOI8-R", "Анна Свенссон"},
      {"\"windows-1251\"", "CP1251", "Анна Свенссон"},
      {"iso-8859-2", "ISO-8859-2", "Łukasz Żak"},
      {"gb2312", "GB18030", "安娜"},
      {"shift_jis", "SHIFT_JIS", "アンナ"},
      {"iso-2022-jp", "ISO-2022-JP", "アンナ"},
      {"utf-7", "UTF-7", "Åsa Öberg"},
      {"utf-16", "UTF-16LE", "Åsa Öberg"},
      {"macintosh", "MACINTOSH", "Åsa Öberg"},
      {"cp850", "CP850", "Åsa Öberg"},
  }));
  CAPTURE(row.label, row.charset);
  CHECK(decode_as(row.label, encoded(row.charset, row.text)) == row.text);
}

TEST_CASE("the quick check of UTF-8 agrees with the slow one at every alignment", "[charset]") {
  const std::string parts[] = {"a",
                               "å",
                               "€",
                               "\U0001F600",
                               "\xC0\xAF",
                               "\xE0\x80\x80",
                               "\xED\xA0\x80",
                               "\xF4\x90\x80\x80",
                               "\x80",
                               "\xC3",
                               "\xE2\x82",
                               "\xF0\x9F\x98",
                               "\xFF",
                               "\xF0\x80\x80\x80"};
  std::mt19937 random(1);
  std::size_t valid = 0;
  for (int i = 0; i < 60'000; ++i) {
    std::string text(random() % 70, 'x');
    const std::size_t n = random() % 3;
    for (std::size_t k = 0; k < n; ++k) text += parts[random() % std::size(parts)];
    text.append(random() % 70, 'y');
    const bool slow = is_valid_utf8_slow(text);
    valid += slow;
    if (is_valid_utf8_fast(text) != slow) {
      CAPTURE(text.size());
      FAIL("they differ");
    }
  }
  CHECK(valid > 1000);
  CHECK(valid < 60'000);
}

TEST_CASE("whatever the bytes, the decoded text is valid UTF-8 and does not depend on the cuts",
          "[charset]") {
  std::mt19937 random(3);
  for (int i = 0; i < 400; ++i) {
    std::string bytes(random() % 300, '\0');
    for (char& c : bytes) c = static_cast<char>(random());
    const std::string whole = decoded(bytes, 1000);
    CHECK(is_valid_utf8_slow(whole));
    CHECK(is_valid_utf8_slow(decode_as("gb18030", bytes)));
    CHECK(is_valid_utf8_slow(decode_as("utf-16", bytes)));
    for (const auto encoding : {Encoding::kUtf8, Encoding::kUtf16Le, Encoding::kUtf32Be}) {
      std::string at_once;
      Decoder(encoding).decode(bytes, at_once, true);
      std::string in_pieces;
      Decoder decoder(encoding);
      for (const char c : bytes) decoder.decode({&c, 1}, in_pieces, false);
      decoder.decode({}, in_pieces, true);
      CHECK(is_valid_utf8_slow(at_once));
      CHECK(at_once == in_pieces);
    }
  }
}

}  // namespace
}  // namespace gallra::extract

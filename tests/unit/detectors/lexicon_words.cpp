// Word edges: the fast finder against the plain one, at every place in a block.
#include <catch2/catch.hpp>
#include <random>
#include <string>
#include <vector>

#include "detectors/lexicon/dictionary.hpp"
#include "detectors/lexicon/fold.hpp"
#include "detectors/lexicon/words.hpp"

namespace gallra::detect::lexicon {
namespace {

using Edges = std::size_t (*)(std::string_view, std::uint32_t, WordCarry&, std::uint32_t*);

std::vector<std::uint32_t> all_edges(Edges edges, std::string_view text) {
  std::vector<std::uint32_t> out;
  std::vector<std::uint32_t> buffer(kWordBlock + 64);
  WordCarry carry;
  for (std::size_t at = 0; at < text.size(); at += kWordBlock) {
    const std::string_view piece = text.substr(at, kWordBlock);
    const std::size_t n = edges(piece, static_cast<std::uint32_t>(at), carry, buffer.data());
    out.insert(out.end(), buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(n));
  }
  return out;
}

TEST_CASE("the fast word finder equals the plain one at every alignment") {
  const std::string sample =
      "Åsa-Lena \xE2\x80\x9D"
      "citerar\xE2\x80\x9D § 3; naïve café\xC2\xA0x 12a \xF0\x9F\x98\x80ö_b éé";
  for (std::size_t shift = 0; shift < 130; ++shift) {
    std::string text(shift, shift % 2 == 0 ? ' ' : 'x');
    text += sample;
    text += std::string((shift * 7) % 67, 'y');
    CAPTURE(shift);
    REQUIRE(all_edges(word_edges, text) == all_edges(word_edges_scalar, text));
  }
}

TEST_CASE("the fast word finder equals the plain one on random text") {
  std::mt19937 random(7);
  const std::vector<std::string> pieces = {"a",
                                           "Z",
                                           " ",
                                           "-",
                                           "9",
                                           "_",
                                           "å",
                                           "Ö",
                                           "\xC2\xA7",
                                           "\xE2\x82\xAC",
                                           "\xEF\xBF\xBD",
                                           "\xF0\x9F\x98\x80",
                                           "ord",
                                           "\n",
                                           "\xE4\xB8\xAD",
                                           "mellanrum"};
  for (int round = 0; round < 60; ++round) {
    std::string text;
    const std::size_t size = random() % 9000;
    while (text.size() < size) text += pieces[random() % pieces.size()];
    REQUIRE(all_edges(word_edges, text) == all_edges(word_edges_scalar, text));
  }
}

TEST_CASE("a word is found wherever it lies in the text") {
  Dictionary dictionary;
  dictionary.add_word("astma", {EntryKind::kWord, 7});
  dictionary.finish();
  for (const std::size_t before : {0, 1, 57, 59, 60, 63, 64, 4091, 4093, 4095, 4096, 8190}) {
    for (const std::size_t after : {0, 1, 7, 200}) {
      CAPTURE(before, after);
      std::string text(before, ' ');
      text += "Astma";
      text += std::string(after, ' ');
      Dictionary::Memo memo;
      std::vector<WordHit> hits;
      dictionary.scan(text, memo, hits);
      REQUIRE(hits.size() == 1);
      CHECK(hits[0].begin == before);
      CHECK(hits[0].end == before + 5);
    }
  }
}

TEST_CASE("folding keeps every byte's place") {
  CHECK(fold("ÅÄÖÉ Xyz×÷ß") == "åäöé xyz×÷ß");
  CHECK(is_all_upper("ÅSA"));
  CHECK_FALSE(is_all_upper("ÅSa"));
  CHECK(is_upper_at("Ödla", 0));
  CHECK_FALSE(is_upper_at("ödla", 0));
}

}  // namespace
}  // namespace gallra::detect::lexicon

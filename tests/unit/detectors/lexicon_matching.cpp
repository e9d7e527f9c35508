// The matching rules of detectors/lexicons/README.md, and the words that only look like terms.
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <unistd.h>

#include "tests/unit/detectors/lexicon_scan.hpp"

namespace gallra::detect::lexicon {
namespace {

// Lemmas found in `text`, joined by '|'.
std::string lemmas(std::string_view text) {
  std::vector<Segment> segments(1);
  segments[0].end = text.size();
  Window window;
  window.text = text;
  window.end = text.size();
  window.segments = &segments;
  Dictionary::Memo memo;
  std::string out;
  for (const TermHit& hit : read(testing::lexicon(), window, memo).terms) {
    if (!out.empty()) out += '|';
    out += testing::lexicon().term(hit.term).lemma;
  }
  return out;
}

struct Row {
  const char* text;
  const char* lemma;  // "" = no term
};

TEST_CASE("a term is found in its inflected forms and compounds, and nowhere else") {
  const auto row = GENERATE(values<Row>({
      // step 1: inflection, whole words
      {"epilepsi", "epilepsi"},
      {"Epilepsin", "epilepsi"},
      {"EPILEPSI", "epilepsi"},
      {"cancern", "cancer"},
      {"tumören", "tumör"},
      {"febern", "feber"},
      {"allergier", "allergi"},
      {"allergiernas", "allergi"},
      {"depressionerna", "depression"},
      {"sår", "sår"},
      {"ögonen", "öga"},
      // step 2: denied starts
      {"psykosocial", "psykosocial"},
      {"psykosocialt", "psykosocial"},
      {"resfeber", ""},
      {"guldfeber", ""},
      {"rampfeber", ""},
      {"kolhydrater", ""},
      {"koldioxid", ""},
      {"lantbrukare", ""},
      {"jordbrukare", ""},
      {"protestera", ""},
      {"strumpor", ""},
      {"kontrastmedel", ""},
      {"dementera", ""},
      {"ödemark", ""},
      {"litiumbatteri", ""},
      // step 3: a compound to the right
      {"cancerbehandlingen", "cancerbehandling"},
      {"astmamedicinerna", "astmamedicin"},
      {"demenssjukdomen", "demenssjukdom"},
      {"epilepsihjälm", "epilepsi"},
      {"smärtlindring", "smärtlindring"},
      {"hivvirus", "hiv"},
      {"hivtestad", "hivtest"},
      {"hivernation", ""},
      // step 4: an open left side
      {"graviditetsdiabetes", "graviditetsdiabetes"},
      {"tandköttsinflammation", "inflammation"},
      {"tumlarcancer", "cancer"},
      {"bröstcancerpatienten", "bröstcancer"},
      {"höftledsinflammationen", "inflammation"},
      // a hyphen ends a word
      {"KOL-rehab", "kol|rehab"},
      {"MS-sjuk", "ms|sjuk"},
      {"hiv-positiva", "hiv-positiv"},
      // exact: capitals
      {"KOL", "kol"},
      {"kol", ""},
      {"Kol", ""},
      {"MS", "ms"},
      {"ms", ""},
      {"ALS", "als"},
      {"als", ""},
      {"ADD", "add"},
      {"add", ""},
      {"SoL", "sol"},
      {"sol", ""},
      {"SOL", ""},
      {"LSS:s", "lss"},
      // phrases
      {"bipolär sjukdom", "bipolär sjukdom"},
      {"bipolära sjukdomen", "bipolär sjukdom"},
      {"Bipolär-sjukdom", "bipolär sjukdom"},
      {"nedsatt\nsyn", "nedsatt syn"},
      {"psykisk ohälsa", "psykisk ohälsa"},
      {"hör inga röster", ""},
      {"hör röster", "hör röster"},
      {"ont i magen", "ont i magen"},
      {"ont i bilen", ""},
      {"covid-19", "covid-19"},
      {"COVID-19", "covid-19"},
      {"d-vitaminbrist", "d-vitaminbrist"},
      // denied phrases
      {"behandling av personuppgifter", ""},
      {"MS Office", ""},
      {"ekonomisk depression", ""},
      // digits are no part of a word, but glued ones deny it
      {"kol2", ""},
      {"B12KOL", ""},
      {"Alvedon500", "alvedon"},
      // ordinary words
      {"omvårdnad av trädgården", "omvårdnad"},
      {"avräkning", ""},
      {"folkräkning", ""},
      {"utrymning", ""},
      {"hårddisk", ""},
      {"stentor", ""},
      {"förbrukare", ""},
      {"navigera", ""},
      {"protest", ""},
      {"konjunkturdepression", ""},
      {"stentäkt", ""},
      {"moderator", ""},
      {"marknadsmissbruk", ""},
      // tails that no Swedish word has behind the lemma
      {"candidate", ""},
      {"candidates", ""},
      {"candidainfektion", "candidainfektion"},
      {"after", ""},
      {"afterna", "afte"},
      {"stating", ""},
      {"statinbehandling", "statin"},
      {"slide", ""},
      {"slidan", "slida"},
      {"eksempel", ""},
      {"eksempler", ""},
      {"oppsettseksempel", ""},
      {"handeksem", "handeksem"},
      {"eksemfri", "eksem"},
      // no vowel before it: a program
      {"cdparanoia", ""},
      // what programmers call things
      {"AbortRetryIgnore", ""},
      {"Writing Aids", ""},
      {"Lithium-Ion", ""},
  }));
  CAPTURE(row.text);
  CHECK(lemmas(row.text) == row.lemma);
}

TEST_CASE("every lemma of the lists is found as it is written") {
  const Lexicon& lexicon = testing::lexicon();
  std::size_t lost = 0;
  for (std::uint32_t id = 0; id < lexicon.terms(); ++id) {
    const Term& term = lexicon.term(id);
    const std::string& word = term.match == MatchMode::kExact ? lexicon.spelling(id) : term.lemma;
    if (word == "T4" || word == "1177" || !term.forms.empty())
      continue;  // one letter or none is no word; listed forms
    if (lemmas(word).empty()) {
      ++lost;
      UNSCOPED_INFO(word);
    }
  }
  CHECK(lost == 0);
}

TEST_CASE("own word lists are read, and a faulty one is refused by file and line") {
  char pattern[] = "/tmp/gallra-lists-XXXXXX";
  const std::filesystem::path dir = mkdtemp(pattern);
  const std::string good = dir / "good.tsv";
  const std::string bad = dir / "bad.tsv";
  const std::string lost = dir / "lost.tsv";
  std::ofstream(good) << "# term\tlang\tclass\tweight\tnote\tmatch\tparadigm\n"
                         "gnubbelsjuka\tsv\tdiagnosis\t3\t\tboth\tA\n";
  std::ofstream(bad) << "gnubbel\tsv\tdiagnosis\t7\t\tboth\tA\n";
  std::ofstream(lost) << "gnubbel\tsv\tno-such-class\t3\t\tword\tK\n";
  Options options;
  options.word_lists = {good};
  const auto loaded = Lexicon::load(options, testing::all_rules()->rules());
  REQUIRE(loaded);
  CHECK((*loaded)->words().find("gnubbelsjukan").size() == 1);
  // Listed forms have no paradigm, also inside another word.
  const std::string listed = dir / "listed.tsv";
  std::ofstream(listed) << "grubbelsot\tsv\tdiagnosis\t3\t\tboth\tF:grubbelsot,grubbelsoten\n";
  options.word_lists = {listed};
  const auto forms = Lexicon::load(options, testing::all_rules()->rules());
  REQUIRE(forms);
  std::vector<WordHit> hits;
  Dictionary::Memo memo;
  (*forms)->words().scan("grubbelsoten vintergrubbelsoten vintergrubbelson", memo, hits);
  CHECK(hits.size() == 2);
  options.word_lists = {bad};
  const auto refused = Lexicon::load(options, testing::all_rules()->rules());
  REQUIRE_FALSE(refused);
  CHECK(refused.error().find("bad.tsv:1: weight") != std::string::npos);
  options.word_lists = {lost};
  CHECK_FALSE(Lexicon::load(options, testing::all_rules()->rules()));
  options.word_lists = {std::string(dir / "none.tsv")};
  CHECK_FALSE(Lexicon::load(options, testing::all_rules()->rules()));
  std::filesystem::remove_all(dir);
}

TEST_CASE("every example of every rule of the lexicon holds") {
  for (const std::string& failure : check(testing::all_rules())) {
    if (failure.find("health.") == 0 || failure.find("social.") == 0 ||
        failure.find("common.") == 0 || failure.find("sensitive.") == 0 ||
        failure.find("criminal.") == 0 || failure.find("protected.") == 0 ||
        failure.find("employment.") == 0) {
      FAIL_CHECK(failure);
    }
  }
}

}  // namespace
}  // namespace gallra::detect::lexicon

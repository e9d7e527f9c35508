// Names of people, and words that only look like names.
#include <catch2/catch.hpp>

#include "detectors/lexicon/names.hpp"
#include "tests/unit/detectors/lexicon_scan.hpp"

namespace gallra::detect {
namespace {

// Names found, as "canonical band", the best of each, joined by '|'.
std::string names_in(std::string_view text) {
  std::vector<std::string> names;
  for (const Finding& finding : testing::scan_all(text).findings) {
    if (finding.category != "name") continue;
    names.push_back(finding.normalised + " " + key_of(finding.confidence));
  }
  std::sort(names.begin(), names.end());
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : "|") + name;
  return out;
}

struct Row {
  const char* text;
  const char* name;
};

TEST_CASE("a name of the lists is found with the band its ambiguity allows") {
  const auto row = GENERATE(values<Row>({
      {"Anna Svensson ringde i går.", "anna svensson high"},
      {"Mötet leddes av Lars-Erik Holmgren.", "holmgren lars-erik high"},
      {"Ring Karin Berg.", "berg karin medium"},
      {"Anna Svenssons dotter kom.", "anna svensson high"},
      {"Anna Maria Svensson kom.", "anna maria svensson high"},
      {"Maria Karlsson-Öberg kom.", "karlsson-öberg maria high"},
      {"Carl von Linné kom.", "carl linné von high"},
      {"Johan af Klercker kom.", "af johan klercker medium"},
      {"ANNA SVENSSON ringde", "anna svensson medium"},
      {"SVENSSON, ERIK", "erik svensson medium"},
      {"Svensson, Erik\nBerglund, Eva", "berglund eva medium|erik svensson medium"},
      {"Namn: Berg, Anna", "anna berg medium"},
      {"A. Svensson undertecknade.", "a svensson medium"},
      {"K G Andersson var med.", "andersson g k medium"},
      {"Anna B. Svensson kom.", "anna b svensson high"},
      {"Doktor Svensson tog emot.", "svensson medium"},
      {"Fru Lindqvist ringde.", "lindqvist medium"},
      {"Handläggare: Karin Lindqvist", "karin lindqvist high"},
      {"Med vänlig hälsning\nSofia Lindqvist", "lindqvist sofia high"},
      {"Mvh\nSofia Berg", "berg sofia high"},
      {"Patient Gunilla Åkesson inkom.", "gunilla åkesson high"},
      {"Abdirahman Warsame kom.", "abdirahman warsame high"},
      {"Fatima Al-Hassan kom hit.", "al-hassan fatima medium"},
      {"Anna Zlatkova kom.", "anna zlatkova medium"},
      {"Eva Zakrisdotterberg kom.", "eva zakrisdotterberg medium"},
      {"Per Olsson var där.", "olsson per medium"},
      {"Bo Lind var där.", "bo lind medium"},
      {"Björn Borg spelar.", "björn borg medium"},
      {"Namn: Anna", "anna medium"},
      {"Karin Lindqvist och Erik Holmgren kom.", "erik holmgren high|karin lindqvist high"},
      {"Namn\tTelefon\nAbdirahman Warsame\t070-1740605", "abdirahman warsame high"},
      {"Namn\tTelefon\nXin Qing Zhao\t1", "qing xin zhao medium"},
      {"Förnamn\tEfternamn\nSven\tBergström", "bergström sven high"},
      {"Förnamn\tEfternamn\nXhemal\tKrasniqi", "krasniqi xhemal high"},
      {"Efternamn, Förnamn\tTelefon\nKrasniqi, Xhemal\t1", "krasniqi xhemal medium"},
      // surname first, without a comma, in lists
      {"Lindqvist Anna\nHolmgren Erik", "anna lindqvist medium|erik holmgren medium"},
      {"Lindqvist Berglund Anna  Trastvägen 8  08-465 004 12", "anna berglund lindqvist medium"},
      {"Holmgren Anna  Norra Vallgatan 8  08-465 004 12", "anna holmgren medium"},
      {"Lindqvist Anna Holmgren kom.", "anna holmgren high"},
      // signed behind a slash
      {"Sov gott hela natten.\n/Karin Lindqvist, ssk", "karin lindqvist high"},
      {"arkiv/Karin Lindqvist", ""},
      // a given name of no list, where a label or a number says what it is
      {"Klient: Xhemal Sköld", "sköld xhemal medium"},
      {"Patient: Svensson, Xhemal", "svensson xhemal medium"},
      {"18920924-9813;Xhemal Svensson;x", "svensson xhemal medium"},
      {"Med: Karin Lindqvist, Xhemal Sköld (ordf)", "karin lindqvist high|sköld xhemal medium"},
      {"Enligt Svensson kom ingen.", ""},
      // names of no list, by where they stand
      {"Klient: Xhemal Krasniqi", "krasniqi xhemal medium"},
      {"Klient: Krasniqi, Xhemal", "krasniqi xhemal medium"},
      {"KLIENT: XHEMAL KRASNIQI", "krasniqi xhemal medium"},
      {"Namn: anna krasniqi", "anna krasniqi medium"},
      {"Närvarande: Xhemal Krasniqi, Arta Hoxhaj och Łucja Świątek (ordf)",
       "arta hoxhaj medium|krasniqi xhemal medium|Łucja Świątek medium"},
      {"Den unge              Xhemal Krasniqi", "krasniqi xhemal medium"},
      {"Xhemal Krasniqi, 18920924-9813", "krasniqi xhemal medium"},
      {"18920924-9813 Krasniqi, Xhemal", "krasniqi xhemal medium"},
      {"Krasniqi Xhemal     18920924-9813     Umeå", "krasniqi xhemal medium"},
      {"Med vänlig hälsning\nXhemal Krasniqi", "krasniqi xhemal medium"},
      {"Xhemal Krasniqi, familjehemskonsulent", "krasniqi xhemal medium"},
      {"Krasniqi, Anna\nHoxhaj, Maria", "anna krasniqi medium|hoxhaj maria medium"},
      {"Vi har fått en anmälan. Modern Xhemal Krasniqi har hörts.", "krasniqi xhemal medium"},
      {"en ny vikarie heter anna krasniqi", "anna krasniqi medium"},
      {"From: \"Krasniqi, Xhemal\" <xhemal.krasniqi@example.com>", "krasniqi xhemal medium"},
      {"Brukare\tTid\nKrasniqi, Xhemal\t1", "krasniqi xhemal medium"},
      {"x\ty\nXhemal Krasniqi\t1\nAnna Hoxhaj\t2\nArta Berg\t3\nSara Gashi\t4",
       "anna hoxhaj medium|arta berg medium|gashi sara high|krasniqi xhemal medium"},
      {"| Namn | Tel |\n| --- | --- |\n| anna krasniqi | 1 |\n| Xhemal Hoxhaj | 2 |",
       "anna krasniqi medium|hoxhaj xhemal medium"},
      {"anna svensson ringde", "anna svensson medium"},
      {"ring anna karin svensson på kvällen", "anna karin svensson medium"},
      {"maria klintbergson kom", "klintbergson maria medium"},
      {"Björn Krasniqi kom till mötet.", "björn krasniqi medium"},
      // places where a name could stand, but none does
      {"Klient: Se Bilaga", ""},
      {"Handläggare: Socialförvaltningen Norr", ""},
      {"Från: Ekonomiavdelningen Sundsvall", ""},
      {"Remittent: VC Norr", ""},
      {"Till: Alla Medarbetare", ""},
      {"Kontakt: Nya Lokaler", ""},
      {"assistenten sitter fast", ""},
      {"Ring Enligt Beslut 18920924-9813", ""},
      {"Kurs\tTid\nNya Lokaler\t1\nBlå Salen\t2\nStora Huset\t3\nRöda Rummet\t4", ""},
      // no names
      {"Anna ringde.", ""},
      {"Ring Karin på kvällen.", ""},
      {"Svensson var där.", ""},
      {"Anders Bygg AB lämnade offert.", ""},
      {"Svensson & Co levererar.", ""},
      {"Lars Svensson AB bygger.", ""},
      {"Karin Boyes gata ligger på Södermalm.", ""},
      {"Astrid Lindgrens Barnsjukhus tog emot.", ""},
      {"Norbergs kommun och Lunds universitet.", ""},
      {"Lex Maria ska tillämpas.", ""},
      {"S:t Eriks sjukhus byggs om.", ""},
      {"Sankt Görans sjukhus.", ""},
      {"Per dag kostar det 200 kr.", ""},
      {"Hans bil gick sönder.", ""},
      {"From måndag gäller nya tider.", ""},
      {"Berg och dal.", ""},
      {"Nya Karolinska Sjukhuset öppnar.", ""},
      {"Region Skåne och Malmö Stad samarbetar.", ""},
      {"Liv och Lust i vår.", ""},
      {"Parkinsons sjukdom och Downs syndrom.", ""},
      {"Skog och Mark AB växer.", ""},
      {"kurs för anna och personal", ""},
      {"mappen maria-svensson är tom", ""},
      {"anna.svensson@exempel.se", ""},
      {"Stark vind i Lund. Lång väg kvar.", ""},
      {"Alla barn. Dag och natt. Maj och juni.", ""},
  }));
  CAPTURE(row.text);
  CHECK(names_in(row.text) == row.name);
}

TEST_CASE("a name is one person however it is written") {
  CHECK(lexicon::canonical_name("Berg, Anna") == "anna berg");
  CHECK(lexicon::canonical_name("ANNA  BERG") == "anna berg");
  CHECK(lexicon::canonical_name("Anna-Karin Berg") == "anna-karin berg");
  CHECK(lexicon::canonical_name("Åsa Öberg") == "åsa öberg");
}

TEST_CASE("a name is shown by its initials, and its length is not told") {
  const auto row = GENERATE(values<Row>({
      {"anna berg", "A••• B•••"},
      {"lars-erik von öberg", "L••• V••• Ö•••"},
      {"a svensson", "A••• S•••"},
      {"åsa", "Å•••"},
      {"'t hooft", "T••• H•••"},
      {"- ", "•••"},
      {"", "•••"},
  }));
  CAPTURE(row.text);
  CHECK(lexicon::mask_name(row.text) == row.name);
}

TEST_CASE("a found name is masked by its initials") {
  const auto found = testing::scan_all("Handläggare: Karin Lindqvist");
  REQUIRE(found.findings.size() == 1);
  CHECK(found.findings.front().masked == "K••• L•••");
  CHECK(found.findings.front().snippet.find("K••• L•••") != std::string::npos);
}

}  // namespace
}  // namespace gallra::detect

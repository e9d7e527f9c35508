// Health terms count about somebody, and only then.
#include <catch2/catch.hpp>

#include "tests/unit/detectors/lexicon_scan.hpp"

namespace gallra::detect {
namespace {

using testing::band_of;
using testing::scan_all;

struct Row {
  const char* text;
  const char* band;  // the best health finding
};

TEST_CASE("a health term counts when somebody stands near") {
  const auto row = GENERATE(values<Row>({
      // names and numbers in the sentence
      {"Anna Svensson har diabetes och behöver mellanmål.", "high"},
      {"Anna H, astma, nötallergi", "high"},
      {"Erik har svår nötallergi, epipen finns i skåpet.", "high"},
      {"Hyresgästen Bo Lindgren har demens och vandrar på nätterna.", "high"},
      {"Pga. artros i höften beviljas Gun Persson hemtjänst.", "high"},
      {"Undertecknad intygar att Eva Nilsson lider av schizofreni.", "high"},
      {"Deltagare: Sara Holm (vegetarian), Mona Ali (gravid)", "high"},
      {"18920924-9813 är inlagd för hjärtinfarkt.", "high"},
      {"Karins MS har blivit sämre.", "medium"},
      {"Ang. Johan Ek: han är inlagd på psyket efter ett självmordsförsök.", "high"},
      {"Björn fick Alvedon mot feber vid lunch.", "medium"},
      {"Hej Lena, Gustav är sjukskriven för utmattningssyndrom till maj.", "high"},
      {"Kalle Holmgren vårdades enligt LPT i februari.", "high"},
      {"Ring anhörig om Stina ramlar, hon har osteoporos.", "high"},
      {"Jag är allergisk mot penicillin, skriver Sofia Lundqvist.", "high"},
      // denied, but "no longer" says that it was
      {"Barnet har ingen epilepsi.", "low"},
      {"Anna Svensson förnekar bröstsmärtor.", "low"},
      {"Anna Svensson har aldrig haft epilepsi.", "low"},
      {"Anna Svensson har inga tecken på depression.", "low"},
      {"Anna Svensson har inte fibromyalgi, utan reumatism.", "high"},
      {"Anna Svensson kan inte gå på grund av artros.", "high"},
      {"Anna Svensson tog inte sin Waran.", "high"},
      // denied in one breath, behind, or not answered
      {"Anna Svensson har ingen astma eller diabetes.", "low"},
      {"Anna Svensson förnekar smärta, yrsel och feber.", "low"},
      {"Anna Svensson har ingen feber, hosta eller halsont.", "low"},
      {"Anna Svensson har ingen feber men diabetes.", "high"},
      {"Anna Svensson: suicidtankar förnekas.", "low"},
      {"Namn: Anna Svensson\nEpilepsi: nej", "low"},
      {"Namn: Anna Svensson\nStroke: 2019", "medium"},
      {"Namn: Anna Svensson\nHar du diabetes? ja / nej", "low"},
      {"Anna Svensson har inga andra sjukdomar.", "low"},
      // codes and readings
      {"Anna Svensson 18920924-9813, diagnos F32.1", "high"},
      {"18920924-9813 H81.1 Godartad lägesyrsel", "high"},
      {"Anna Svensson behandlas med atorvastatin (C10AA05).", "high"},
      {"Namn\tPersonnummer\tICD\nAnna Svensson\t18920924-9813\tF321", "high"},
      {"Anna Svensson, BT 165/90", "medium"},
      {"Anna Svensson bor i rum F32.1 tills vidare.", "none"},
      {"Artikel C10AA05 skickas till Anna Svensson.", "none"},
      {"BT granskar avtalet åt Anna Svensson.", "none"},
      // a letter to somebody, and a record by its number
      {"Anna Svensson\nStorgatan 1\n111 20 Stockholm\n\nDu har diabetes och behöver fotvård.",
       "medium"},
      {"Pat 18920924-9813\n\nRollator utprovad, griptång hemma.\n\nKaries på två tänder.",
       "medium"},
      // texts about nobody, though people are named
      {"KURSKATALOG 2024\n\nDemens och autism. 3 tim. Anna Svensson", "low"},
      {"Nyhetsbrev nr 3\n\nFöreläsning av Anna Svensson: leva med reumatism", "low"},
      {"Statistik första halvåret\n\nSuicid 3. Sammanställt av Anna Svensson", "low"},
      // a subject, a trade, people in general
      {"Anna Svensson föreläser om demens den 12 maj.", "low"},
      {"Kurser: HLR, demens steg 1. Anna Svensson", "low"},
      {"Anna Svensson, diabetessköterska", "low"},
      {"Anna Svensson arbetar med personer med epilepsi.", "low"},
      {"Anna Svensson träffade diabetessköterskan i går.", "high"},
      {"För brukare med hemiplegi eller reumatism. Säljare Anna Svensson", "low"},
      {"En ny studie av professor Anna Svensson visar att stroke minskar.", "low"},
      {"Vid misstanke om stroke ska ambulans tillkallas.\nAnsvarig: Anna Svensson", "none"},
      {"Läkemedel som Waran kräver särskild kontroll.\nFrågor: Anna Svensson", "low"},
      {"Anna Svensson gick en kurs, hon har diabetes.", "high"},
      // a word of another language
      {"The patch by Anna Svensson is fine, and it prematur aborts the run of the loop.", "low"},
      {"Anna Svensson was diagnosed with dementia and she is in the care of the team.", "high"},
      {"Anna Svensson was right: the flag is disabled in the code of the test.", "low"},
      {"Fixed by Anna Svensson: the flag is disabled, and the test of the loop.", "low"},
      {"Anna Svensson har inte längre cancer.", "high"},
      // pronouns and definite roles
      {"Brukaren hade ett epileptiskt anfall kl 14", "medium"},
      {"Brukaren kan gå med rullator men har parkinson.", "medium"},
      {"Klienten uppger att hon återfallit i amfetaminmissbruk.", "medium"},
      {"Mamman berättar att hon har bipolär sjukdom och äter litium.", "medium"},
      {"Vårdtagaren är multisjuk med KOL, hjärtsvikt och njursvikt.", "medium"},
      {"Han har hiv och går på hivmottagningen.", "medium"},
      {"Dottern, 14 år, har anorexi och går på BUP.", "medium"},
      {"Assistansanvändaren har en CP-skada och sondmatas.", "medium"},
      {"Min son har fått diagnosen autism och behöver stöd.", "medium"},
      {"Jag har haft migrän i två dagar och kommer inte på fredag.", "medium"},
      {"Patienten inkom med ambulans efter stroke.", "medium"},
      {"Arbetstagaren har varit sjukskriven för ryggskott sedan 3 mars.", "medium"},
      {"Eleven har dyslexi och adhd.", "medium"},
      {"Den enskilde har en utvecklingsstörning och bor hemma.", "medium"},
      // notes
      {"Pat. söker för yrsel, insatt på Metformin", "medium"},
      {"Fick insulin 6 E kl 08:00. /Maria ssk", "medium"},
      {"Tidigare sjukdomar: hypertoni, diabetes.", "medium"},
      {"Diagnos: bröstcancer", "medium"},
      {"Namn: Lars Berg\nDiagnos: bröstcancer\nMedicin: Tamoxifen", "high"},
      {"Namn: Anna Svensson\nPersonnummer: 18920924-9813\n\nHälsa\n\nEpilepsi sedan barndomen.",
       "medium"},
      {"GENOMFÖRANDEPLAN\nBrukare: Erik Lundgren\n\nMål: Erik ska sköta sin insulinbehandling.",
       "high"},
      {"Journalanteckning\n\n2023-04-12 Hon kräktes två gånger. Hade feber.", "medium"},
      // tables: the row is the record
      {"Namn\tPersonnummer\tDiagnos\nAnna Svensson\t18920924-9813\tdiabetes typ 2", "high"},
      {"Namn\tAllergier\nOlle Nyström\tlaktosintolerans", "high"},
      {"Elev\tKlass\tSpecialkost\nMoa Lindberg\t4B\tceliaki", "high"},
      {"Kund\tInsats\tHälsa\nStina Borg\tstäd\thjärtsvikt", "high"},
      {"Datum\tNotering\n2023-04-12\tBrukaren hade feber i natt", "medium"},
      // the header row alone tells of nobody
      {"Namn\tDiagnos\tMedicin\n\t\t", "none"},
      {"Diagnos:\nNamn:\nMedicin:", "none"},
      // nobody
      {"Depression är en vanlig sjukdom som drabbar var femte person.", "none"},
      {"Diabetes typ 2 behandlas med Metformin.", "none"},
      {"Utbildningsdag om demens för all personal.", "none"},
      {"Cancerfonden samlar in pengar till forskningen.", "none"},
      {"Om du har feber eller hosta ska du stanna hemma.", "none"},
      {"stroke-width: 2px; color: red; /* pen stroke */", "none"},
      {"Protesten mot nedläggningen av förlossningen samlade tusen.", "none"},
      {"Resfeber inför sommaren? Psykosocial arbetsmiljö på mötet.", "none"},
      {"Brukare med epilepsi ska ha en handlingsplan.", "none"},
      {"Patienter med diabetes har rätt till fotvård.", "none"},
      {"Kol, stål och olja steg på börsen.", "none"},
      // rules about anybody
      {"Patienten kan få yrsel och feber efter operationen.", "none"},
      {"Den enskilde har rätt till stöd om han eller hon har autism.", "low"},
      {"Barnet ska få vård om det lider av psykisk sjukdom.", "low"},
      {"Om patienten får ett epileptiskt anfall ska personalen ringa 112.", "low"},
      {"När brukaren är dement bör anhöriga informeras.", "low"},
      // privacy texts
      {"Vi behandlar uppgifter om hälsa, till exempel allergi, med stöd av samtycke.", "none"},
      {"Dataskyddsombudet Anna Svensson svarar på frågor om personuppgifter såsom diabetes.",
       "low"},
      {"Personuppgifter om hälsa, såsom cancer, gallras efter två år.", "none"},
      // nobody is named again where the text goes on about somebody
      {"Anna Svensson ramlade i natt. Fick ont i ryggen.", "medium"},
      {"Rum 4 Anna Svensson\nOrolig i natt, yrsel.", "medium"},
      {"I.K. har blodpropp och ringer själv.", "high"},
      {"Fadern uppger att han lider av epilepsi.", "medium"},
      {"84-årig man med hjärtsvikt. Känd astma, går med rollator. Sat 84, Furix 40 mg insatt.",
       "medium"},
      {"Checklista inskrivning\nNamn: Anna Svensson\nSmitta: MRSA", "high"},
      {"Namn: Anna Svensson\nAktuella diagnoser (ICD-10): E11.9, I10", "high"},
      // directories, employers, trades, titles
      {"Dialysmottagningen, ssk Anna Svensson", "low"},
      {"Anna Svensson, fem år på beroendemottagningen", "low"},
      {"Synskadades Riksförbund tackar Anna Svensson.", "low"},
      {"Professor Anna Svensson talade om ALS-forskning.", "low"},
      {"Sköterska Anna Svensson ansvarar för insulingivningen.", "low"},
      {"Kurs;Datum;Kursledare\nDemens;2024-03-01;Anna Svensson", "low"},
      // what is counted or comes up as a subject
      {"Ansvarig: Anna Svensson. Månaden: 14 fall, 3 trycksår.", "low"},
      {"Hej Anna Svensson! Här är materialet om autism.", "low"},
      {"Diabetes typ 2 - information till dig\nRing Anna Svensson.\nDiabetes är vanligt.", "low"},
      {"Exempelvis om någon fått hiv. Fråga Anna Svensson.", "low"},
      {"Anna Svensson, HR. Svar: 14 % stress, 3 % depression.", "low"},
      {"Anna Svensson bor på demensboendet Eken.", "high"},
      {"Folk behövs på demensboendet Eken. Ring Anna Svensson.", "low"},
  }));
  CAPTURE(row.text);
  CHECK(band_of(scan_all(row.text), "health") == row.band);
}

TEST_CASE("a part of a name is no term") {
  CHECK(band_of(scan_all("Gun-Britt Sandell kom till mötet."), "sensitive") == "none");
}

TEST_CASE("words of other kinds count about somebody") {
  struct OtherRow {
    const char* text;
    const char* category;
    const char* band;
  };
  const auto row = GENERATE(values<OtherRow>({
      // union and party
      {"Namn\tPnr\tFörbund\nAnna Svensson\t18920924-9813\tVision", "sensitive", "high"},
      {"Namn: Anna Svensson\nFacklig tillhörighet: Kommunal", "sensitive", "high"},
      {"Anna Svensson är medlem i Kommunal.", "sensitive", "high"},
      {"Anna Svensson, medlem i S sedan 2022", "sensitive", "high"},
      {"Anna Svensson har en vision för enheten.", "sensitive", "none"},
      {"Anna Svensson (Vision) tar ordet.", "sensitive", "medium"},
      {"Namn\tPnr\tFörbund\tAvg\nAnna Svensson\t18920924-9813\tSSR\t401", "sensitive", "high"},
      {"Anna Svensson varslas enl. LAS om uppsägning.", "employment", "medium"},
      {"Namn: Anna Svensson\n3/9 7-15\n4/9 sjuk\n5/9 7-15", "health", "medium"},
      {"Anna Svensson berättar att pappa slår.", "social", "medium"},
      {"Kommunal verksamhet leds av Anna Svensson.", "sensitive", "none"},
      // a name is no people
      {"Britt Svensson ringde.", "sensitive", "none"},
      {"maj-britt ringde 18920924-9813", "sensitive", "none"},
      // protected identity: anybody named in the document
      {"Anna Svensson\n\nSkyddade personuppgifter", "protected_identity", "high"},
      {"3. Anna Svensson - uppgifterna skyddade", "protected_identity", "high"},
      {"Anna Svensson har skyddad folkbokföring.", "protected_identity", "high"},
      {"Anna Svensson har beviljats fingerade personuppgifter.", "protected_identity", "high"},
      {"Anna Svensson: adressen får inte lämnas ut", "protected_identity", "high"},
      {"Kurs: skyddad identitet\n\nFöreläsare: Anna Svensson, jurist", "protected_identity", "low"},
      {"Personer med sekretessmarkering ska ringas upp.", "protected_identity", "none"},
      // offences and work
      {"Anna Svensson har dömts för stöld.", "criminal", "high"},
      {"Anna Svensson fick en skriftlig varning.", "employment", "medium"},
      {"Anna Svensson är avstängd från arbetet.", "employment", "medium"},
      {"Namn: Anna Svensson\nFrånvaroorsak: VAB", "employment", "high"},
      {"Lönesamtal\nAnna Svensson får 2 %.\nMuntlig varning given i juni.", "employment", "medium"},
      {"Närvarande: Anna Svensson\n\nUppsägning av hyresavtal", "employment", "none"},
      {"Anna Svensson har misstänkt pneumoni.", "criminal", "low"},
      // a workplace is no measure
      {"Anna Svensson arbetar på Hemtjänst Söder.", "social", "low"},
      {"Anna Svensson har hemtjänst.", "social", "medium"},
      {"Anna Svensson har personlig assistent.", "social", "medium"},
      {"Anna Svensson söker arbete som personlig assistent.", "social", "low"},
      {"Inga skulder hos Kronofogden för Anna Svensson.", "social", "low"},
  }));
  CAPTURE(row.text);
  CHECK(band_of(scan_all(row.text), row.category) == row.band);
}

TEST_CASE("an applicant tells of those she worked for") {
  const DocumentFindings found = scan_all(
      "Namn: Anna Svensson\n\nARBETSLIVSERFARENHET\n\n"
      "2015-2019 Ledsagare åt en ung man med autism\n");
  CHECK(band_of(found, "health") != "high");
}

TEST_CASE("a policy full of sensitive words tells of nobody") {
  const char* policy =
      "Integritetspolicy för Exempelkommuns omsorg\n\n"
      "Vi behandlar personuppgifter om dig som brukare, patient eller anhörig. "
      "Personuppgiftsansvarig\n"
      "är socialnämnden. Uppgifter om hälsa är känsliga personuppgifter: diagnoser såsom "
      "epilepsi,\n"
      "diabetes, demens och psykisk ohälsa, läkemedel som insulin och Waran, allergier och\n"
      "funktionsnedsättning. Den registrerade har rätt att få information.\n\n"
      "När brukaren har en diagnos, till exempel autism, kan vi behöva dela uppgiften med vården.\n"
      "Patienten kan alltid återkalla sitt samtycke. Barnet omfattas av samma regler även om det\n"
      "är placerat i familjehem enligt LVU. Hon eller han kan kontakta dataskyddsombudet.\n\n"
      "Kontakt: Dataskyddsombud Karin Lindqvist, tfn 070-1740605.\n"
      "Frågor om sjukfrånvaro, rehabilitering och missbruk besvaras av personalavdelningen.\n"
      "Rättslig grund är artikel 9.2 h dataskyddsförordningen och 25 kap. 1 § OSL.\n";
  const DocumentFindings found = scan_all(policy);
  for (const char* category : {"health", "social", "sensitive", "criminal", "employment"}) {
    CAPTURE(category);
    const std::string band = band_of(found, category);
    CHECK((band == "none" || band == "low"));
  }
  CHECK(band_of(found, "name") != "none");
}

// A spelling list with names among its words; `marks` stand behind each as hunspell writes them.
std::string spelling_list(std::string_view marks) {
  std::string out;
  for (char a = 'a'; a <= 'z'; ++a) {
    for (const char* tail : {"bba", "nna", "svensson"}) {
      out += a;
      out += tail;
      out += marks;
      out += '\n';
    }
    if (a == 'd') out += "diabetes" + std::string(marks) + "\nepilepsi" + std::string(marks) + "\n";
    if (a == 'k') out += "Karin\nKarin Berg\n";
  }
  return out;
}

TEST_CASE("a word list and a program's messages are about nobody") {
  for (const char* marks : {"", "/ADY", "|2589"}) {
    const std::string band = band_of(scan_all(spelling_list(marks)), "health");
    CHECK((band == "none" || band == "low"));
  }
  const std::string band = band_of(
      scan_all("# Anna Svensson <anna@example.org>, 2023.\n\nmsgid \"aborted by the user\"\n"
               "msgstr \"avbruten av Anna Svensson\"\n\nmsgid \"premature end of file\"\n"
               "msgstr \"Anna Svensson har diabetes\"\n\nmsgid \"blind\"\nmsgstr \"blind\"\n"),
      "health");
  CHECK((band == "none" || band == "low"));
}

TEST_CASE("people in alphabetical order are no word list") {
  const auto mark = GENERATE(values<const char*>({"|diabetes", "/epilepsi", ";astma"}));
  std::string people;
  for (const char* name : {"Anna Berg", "Bo Ek", "Eva Lind", "Karin Holm", "Åsa Öberg"})
    for (int i = 0; i < 10; ++i) people += std::string(name) + mark + "\n";
  CHECK(band_of(scan_all(people), "health") == "high");
}

TEST_CASE("machines and other languages use the words, too") {
  const auto text = GENERATE(values<const char*>({
      "status: candidate",
      "status: disabled",
      "Nye muligheter for Anna Svensson: til og med er det ikke hvor han er mens du er der.",
      "Anna Svensson zegt dat het niet de manier is van een programma, het wordt ook voor mensen.",
      "Medarbeiter: Johnny Lam",
      "Ett mediakort (SD, MMC, MS) från Anna Svensson sitter i ett USB-uttag på en hårddisk.",
  }));
  CAPTURE(text);
  const std::string band = band_of(scan_all(text), "health");
  CHECK((band == "none" || band == "low"));
}

TEST_CASE("fields that machines share still ask for care") {
  const auto text = GENERATE(values<const char*>({
      "Namn: Anna Svensson\nStatus: förlamad i höger arm",
      "Anna Svensson\nPsykiskt status: deprimerad",
      "Name: Anna Svensson\nCondition: asthma",
  }));
  CAPTURE(text);
  const std::string band = band_of(scan_all(text), "health");
  CHECK((band == "medium" || band == "high"));
}

TEST_CASE("a statute tells of nobody") {
  const char* statute =
      "1 § Denna lag innehåller bestämmelser om insatser för särskilt stöd åt personer\n"
      "1. med utvecklingsstörning, autism eller autismliknande tillstånd,\n"
      "2. med betydande begåvningsmässigt funktionshinder efter hjärnskada i vuxen ålder.\n\n"
      "2 § Vård ska beredas den unge om han eller hon utsätter sin hälsa för skada genom missbruk "
      "av\n"
      "beroendeframkallande medel. Lag (2012:776).\n\n"
      "3 § Patienten får ges tvångsvård endast om patienten lider av en allvarlig psykisk "
      "störning.\n"
      "Barnet har rätt till personlig assistans enligt 4 kap. 2 §. Föreskrifter meddelas av\n"
      "regeringen. Den enskilde kan överklaga beslutet.\n";
  const DocumentFindings found = scan_all(statute);
  for (const char* category : {"health", "social", "sensitive", "criminal"}) {
    CAPTURE(category);
    const std::string band = band_of(found, category);
    CHECK((band == "none" || band == "low"));
  }
}

TEST_CASE("a decision that cites paragraphs tells of the person it names") {
  const DocumentFindings found = scan_all(
      "BESLUT\nSökande: Anna Svensson, 18920924-9813\n\n"
      "Anna Svensson beviljas personlig assistans enligt 9 § 2 LSS. Anna Svensson har multipel\n"
      "skleros och använder elrullstol. Beslutet kan överklagas enligt 27 § LSS.\n");
  CHECK(band_of(found, "health") == "high");
  CHECK(band_of(found, "social") == "high");
}

TEST_CASE("source code needs somebody on the line") {
  CHECK(band_of(scan_all("// he said: epilepsi, diabetes\nint stroke = 2;", Format::kSource),
                "health") != "high");
  CHECK(band_of(scan_all("const patienten = { diagnos: 'epilepsi' };", Format::kSource),
                "health") != "medium");
}

TEST_CASE("a term is shown as the dictionary writes it, with its reasons") {
  const DocumentFindings found = scan_all("Anna Svensson har epilepsin under kontroll.");
  bool seen = false;
  for (const Finding& finding : found.findings) {
    if (finding.category != "health") continue;
    seen = true;
    CHECK(finding.detector == "health.diagnosis");
    CHECK(finding.masked == "epilepsi");
    CHECK(std::count(finding.signals.begin(), finding.signals.end(), "strong_term") == 1);
    CHECK(std::count(finding.signals.begin(), finding.signals.end(), "same_person") == 1);
  }
  CHECK(seen);
}

}  // namespace
}  // namespace gallra::detect

// How sure a finding is, and why.
#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <random>

#include "detectors/rule.hpp"
#include "detectors/validators/luhn.hpp"
#include "tests/unit/detectors/engine_scan.hpp"

namespace gallra::detect {
namespace {

using testing::cells;
using testing::context;
using testing::kToday;
using testing::prose;
using testing::scan;

const Finding* find(const DocumentFindings& found, std::string_view detector,
                    std::string_view value = "") {
  for (const Finding& f : found.findings)
    if (f.detector == detector && (value.empty() || f.normalised == value)) return &f;
  return nullptr;
}

bool has(const Finding& f, std::string_view signal) {
  return std::any_of(f.signals.begin(), f.signals.end(),
                     [&](const std::string& s) { return s.substr(0, s.find('=')) == signal; });
}

std::string with_check_digit(const std::string& nine) {
  for (char c = '0'; c <= '9'; ++c)
    if (luhn_ok(nine + c)) return nine + c;
  return nine + '0';
}

TEST_CASE("bands are what a reader of the text would say") {
  const auto row = GENERATE(table<std::string, Confidence>({
      {"Hon, 19850101-2382, bor kvar.", Confidence::kHigh},
      {"Hon, 198501012382, bor kvar.", Confidence::kHigh},
      {"Hon, 850101-2382, bor kvar.", Confidence::kHigh},
      {"Hon, 090527+1474, bor kvar.", Confidence::kHigh},
      {"Hon, 850101 2382, bor kvar.", Confidence::kMedium},
      {"Hon, 8501012382, bor kvar.", Confidence::kLow},
      {"personnummer 8501012382", Confidence::kHigh},
      {"Personnummer (10 siffror): 8501012382", Confidence::kHigh},
      {"Personnummer:\n8501012382", Confidence::kHigh},
      {"patienten, 8501012382, kom", Confidence::kMedium},
      {"anna.exempel@exempel.se 8501012382", Confidence::kMedium},
      {"Fakturanummer: 8501012382", Confidence::kLow},
      {"Ordernr 198501012382", Confidence::kLow},
      {"OCR 850101-2382", Confidence::kLow},
      {"Faktura till Anna Exempel, 850101-2382", Confidence::kHigh},
      {"Order 17, personnummer 850101-2382", Confidence::kHigh},
      {"Tel: 070-174 06 05, 850101-2382", Confidence::kHigh},
      {"personnummer: 850101-2383", Confidence::kMedium},
      {"Ring, men 202304100809 passar inte", Confidence::kLow},
      {"Klientens personnummer 202304100809 passar", Confidence::kHigh},
      {"Ring, men 198501012382 passar inte", Confidence::kHigh},
      {"2023-04-10 08:09:00 INFO jobb 202304100809", Confidence::kLow},
      {"Blankett 850101-2390", Confidence::kLow},
  }));
  CAPTURE(std::get<0>(row));
  const Finding* f = find(scan(std::get<0>(row)), "se.personnummer");
  const DocumentFindings found = scan(std::get<0>(row));
  f = find(found, "se.personnummer");
  REQUIRE(f != nullptr);
  CAPTURE(f->signals);
  CHECK(std::string(key_of(f->confidence)) == key_of(std::get<1>(row)));
}

// The bands of every telephone finding, counted.
std::array<std::size_t, 3> phone_bands(const DocumentFindings& found) {
  std::array<std::size_t, 3> bands{};
  for (const Finding& f : found.findings)
    if (f.detector == "phone") ++bands[static_cast<std::size_t>(f.confidence)];
  return bands;
}

TEST_CASE("a column of telephone numbers needs no header") {
  std::string column;
  for (int i = 10; i < 40; ++i) column += "040628" + std::to_string(400 + i) + "\tx\n";
  const auto bands = phone_bands(scan({cells(column)}));
  CHECK(bands[static_cast<std::size_t>(Confidence::kMedium)] == 30);
}

TEST_CASE("a telephone among random numbers is chance") {
  std::string column;
  std::mt19937 random(7);
  for (int i = 0; i < 20'000; ++i) {
    std::string ten;
    for (int d = 0; d < 10; ++d) ten += static_cast<char>('0' + random() % 10);
    column += ten + "\n";
  }
  const auto bands = phone_bands(scan({cells(column)}));
  CHECK(bands[static_cast<std::size_t>(Confidence::kMedium)] == 0);
  CHECK(bands[static_cast<std::size_t>(Confidence::kHigh)] == 0);
}

TEST_CASE("ten digits in a log are no telephone without a word that says so") {
  const auto low = phone_bands(scan("2024-01-10 08:09:00 app uid=0701740605 ok"));
  CHECK(low[static_cast<std::size_t>(Confidence::kLow)] == 1);
  const auto sure = phone_bands(scan("2024-01-10 08:09:00 sms till tel 0701740605 ok"));
  CHECK(sure[static_cast<std::size_t>(Confidence::kLow)] == 0);
}

TEST_CASE("a lone f is a raising word only right before the number") {
  const auto band_of = [](std::string_view text) {
    const DocumentFindings found = scan(text);
    const Finding* f = find(found, "se.personnummer");
    REQUIRE(f != nullptr);
    return f->confidence;
  };
  CHECK(band_of("hon f. 8501012382") == Confidence::kMedium);
  CHECK(band_of("f = 3, t = 8501012382") == Confidence::kLow);
}

TEST_CASE("what is no personnummer is left alone") {
  const auto row = GENERATE(values<std::string>({
      "550e8400-e29b-41d4-a716-198501012382",
      "a1b2c3d4-1985-4a01-8238-198501012382",
      "20230415123000",
      "3.198501012382",
      "v1.850101.2382",
      "SHA 8501012382ab34cd",
      "192.168.850101-2382.1",
      "tel 0850101-23",
      "1850101-2382",
      "850101-23823",
      "850101-2383",
      "850101--2382",
      "85-01-012382",
      "IBAN SE45 5000 0000 0583 9825 7466",
      "9780471117094",
      "4111 1111 1111 1111",
      "mellan 850101 och 2382",
  }));
  CAPTURE(row);
  const DocumentFindings found = scan("x " + row + " y");
  CHECK(find(found, "se.personnummer") == nullptr);
  CHECK(find(found, "se.samordningsnummer") == nullptr);
}

TEST_CASE("no word around it makes a valid number disappear") {
  const auto& rules = static_cast<const Rules&>(*testing::identifiers());
  for (std::size_t i = 0; i < rules.loaded.rules.size(); ++i) {
    const std::string& id = rules.loaded.info[i].id;
    if (id != "se.personnummer" && id != "se.samordningsnummer") continue;
    for (std::string word : rules.loaded.rules[i].context.lower) {
      word.erase(std::remove(word.begin(), word.end(), '*'), word.end());
      for (const char* number : {"19850101-2382", "850101-2382", "8501012382", "850101 2382",
                                 "19810270-2399", "8102702399"}) {
        for (const std::string& text : {word + " " + number, word + ": " + number,
                                        word + "\n" + number + " " + word, number + (" " + word)}) {
          const DocumentFindings found = scan(text);
          if (find(found, "se.personnummer") == nullptr &&
              find(found, "se.samordningsnummer") == nullptr)
            FAIL_CHECK(text);
        }
      }
    }
  }
}

TEST_CASE("a header raises its column, another header lowers it") {
  const std::string numbers = "8501012382\n8501022381\n8501032389\n";
  const auto band = [&](const std::string& header) {
    const DocumentFindings found = scan({cells(header + "\n8501012382\n")});
    const Finding* f = find(found, "se.personnummer", "8501012382");
    return f == nullptr ? -1 : static_cast<int>(f->confidence);
  };
  CHECK(band("Personnr") == 2);
  CHECK(band("Barnets personnummer") == 2);
  CHECK(band("Ordernummer") == 0);
  CHECK(band("Belopp") == 0);
  const DocumentFindings found = scan({cells("Namn\tPnr\nAnna Exempel\t8501012382\n")});
  REQUIRE(found.columns.size() == 1);
  CHECK(found.columns[0].column == 2);
  CHECK(found.columns[0].header == "pnr");
  CHECK(found.columns[0].rows == 2);
  CHECK(found.columns[0].hits == 1);
  CHECK(find(found, "se.personnummer")->places[0] == Place{PlaceKind::kCell, 2, 2, "Blad1"});
}

TEST_CASE("a header below a title is seen, and a lost zero with it") {
  const DocumentFindings found =
      scan({cells("Deltagare 2024\n\nNamn\tPersonnummer\nAnna Exempel\t102031234\n")});
  const Finding* f = find(found, "se.personnummer");
  REQUIRE(f != nullptr);
  CHECK(f->normalised == "0102031234");
  CHECK(has(*f, "lost_zero"));
  CHECK(f->confidence == Confidence::kMedium);
  const DocumentFindings amounts = scan({cells("Namn\tBelopp\nAnna Exempel\t102031234\n")});
  CHECK(find(amounts, "se.personnummer") == nullptr);
}

std::string register_of(std::size_t rows, bool hyphen, bool century, unsigned seed) {
  std::mt19937 random(seed);
  std::string out;
  for (std::size_t i = 0; i < rows; ++i) {
    char date[16];
    std::snprintf(date, sizeof date, "%04u%02u%02u", static_cast<unsigned>(1930 + random() % 90),
                  static_cast<unsigned>(1 + random() % 12),
                  static_cast<unsigned>(1 + random() % 28));
    char birth[8];
    std::snprintf(birth, sizeof birth, "%03u", 1 + static_cast<unsigned>(random() % 999));
    const std::string ten = with_check_digit(std::string(date + 2) + birth);
    out += (century ? std::string(date, 2) : "") + ten.substr(0, 6) + (hyphen ? "-" : "") +
           ten.substr(6) + "\n";
  }
  return out;
}

std::array<std::size_t, 3> bands(const DocumentFindings& found, std::string_view category) {
  std::array<std::size_t, 3> n{};
  for (const Finding& f : found.findings)
    if (f.category == category) ++n[static_cast<std::size_t>(f.confidence)];
  n[0] += found.rolled_up_low;
  return n;
}

TEST_CASE("a register without a header is high, whichever form its numbers have") {
  for (const bool hyphen : {false, true})
    for (const bool century : {false, true}) {
      const DocumentFindings found = scan({cells(register_of(3000, hyphen, century, 3))});
      const auto n = bands(found, "personnummer");
      CAPTURE(hyphen, century, n[0], n[1], n[2]);
      CHECK(n[2] >= 2995 - 10);  // a few numbers repeat by chance
      CHECK(n[0] + n[1] <= 3);
    }
}

TEST_CASE("random numbers, order numbers and clock times do not pass for people") {
  std::mt19937_64 random(11);
  std::string numbers, orders = "Ordernummer\n", plain_orders, clock, phones = "Telefon\n";
  for (int i = 0; i < 60'000; ++i) {
    numbers += std::to_string(1'000'000'000 + random() % 9'000'000'000) + "\n";
    char text[40];
    std::snprintf(text, sizeof text, "%02u%02u%02u%04u\n", unsigned(10 + random() % 15),
                  unsigned(1 + random() % 12), unsigned(1 + random() % 28),
                  unsigned(random() % 10000));
    orders += text;
    plain_orders += text;
    std::snprintf(text, sizeof text, "20%02u%02u%02u%02u%02u klar\n", unsigned(10 + random() % 15),
                  unsigned(1 + random() % 12), unsigned(1 + random() % 28), unsigned(random() % 24),
                  unsigned(random() % 60));
    clock += text;
    phones += "07" + std::string(1, "0236"[random() % 4]) +
              std::to_string(1'000'000 + random() % 9'000'000) + "\n";
  }
  const auto n = bands(scan({cells(numbers)}), "personnummer");
  CHECK(n[2] <= 6);
  CHECK(n[1] <= 60);
  for (const std::string* column : {&orders, &plain_orders, &phones}) {
    const auto m = bands(scan({cells(*column)}), "personnummer");
    CAPTURE(column->substr(0, 30));
    CHECK(m[1] == 0);
    CHECK(m[2] == 0);
  }
  DocumentContext log = context(Format::kLog);
  const auto m = bands(scan({prose(clock)}, log), "personnummer");
  CHECK(m[0] > 0);
  CHECK(m[1] + m[2] == 0);
}

TEST_CASE("one finding names the reading that lost") {
  DocumentFindings found = scan("Mobil 0701740607");
  REQUIRE(found.findings.size() == 1);
  CHECK(found.findings[0].detector == "phone");
  CHECK(has(found.findings[0], "competing_personnummer"));
  found = scan("Personnummer 0102031234");
  REQUIRE(found.findings.size() == 1);
  CHECK(found.findings[0].detector == "se.personnummer");
  CHECK(found.findings[0].confidence == Confidence::kHigh);
}

TEST_CASE("telephones in every written form have one canonical value") {
  for (const char* form : {"070-174 06 05",
                           "070-1740605",
                           "0701740605",
                           "070 174 06 05",
                           "070-174 0605",
                           "070/174 06 05",
                           "070.174.06.05",
                           "070 - 174 06 05",
                           "(070) 174 06 05",
                           "070-17 40 605",
                           "+46 70 174 06 05",
                           "+46701740605",
                           "+46 (0)70-174 06 05",
                           "+46(0)701740605",
                           "0046 70 174 06 05",
                           "0046701740605",
                           "tel:+46-70-174-06-05",
                           "070-174-06-05",
                           "+46\u00a070\u00a0174\u00a006\u00a005",
                           "070\u2011174 06 05"}) {
    const DocumentFindings found = scan("Kontakt: " + std::string(form) + ", hej");
    CAPTURE(form);
    REQUIRE(found.findings.size() == 1);
    CHECK(found.findings[0].normalised == "+46701740605");
    CHECK(found.findings[0].confidence >= Confidence::kMedium);
    CHECK(found.findings[0].masked == "07••••••05");
  }
}

TEST_CASE("what is no telephone number is left alone") {
  for (const char* form :
       {"2017-08-12 08:45", "08.03.2017", "0.08123456", "kl. 08:00-16:30", "020-12 34 56",
        "0771-234 567", "114 14", "0900-123 45", "08-12", "1-08-1234567-2", "ISBN 91-08-12345-6",
        "v0.1234567", "550e8400-e29b-41d4-a716-0812345678ab",
        "dbff0096-0972-0482-ca88-f367e35dbfa4", "07036352-63ef-4a1b-9c2d-0123456789ab",
        "SEK 1 081 234 567"}) {
    CAPTURE(form);
    CHECK(find(scan("x " + std::string(form) + " y"), "phone") == nullptr);
  }
}

TEST_CASE("e-mail addresses are trimmed to themselves") {
  const auto row = GENERATE(table<std::string, std::string>({
      {"<anna.exempel@exempel.se>", "anna.exempel@exempel.se"},
      {"(anna.exempel@exempel.se).", "anna.exempel@exempel.se"},
      {"Anna.Exempel@Exempel.SE", "anna.exempel@exempel.se"},
      {"anna.exempel@exempel.se.Nästa mening", "anna.exempel@exempel.se"},
      {"mailto:anna@mail.exempel.se?subject=x", "anna@mail.exempel.se"},
      {"\"anna\" anna+lista@example.org,", "anna+lista@example.org"},
      {"anna_85@example.org;bo@example.org", "anna_85@example.org"},
      {"åsa.öberg@exempel.se", "åsa.öberg@exempel.se"},
      {"anna.exempel[at]exempel.se", "anna.exempel@exempel.se"},
      {"anna.exempel snabel-a exempel.se", "anna.exempel@exempel.se"},
      {"anna.exempel (at) exempel (dot) se", "anna.exempel@exempel.se"},
      {"'anna@exempel.se'", "anna@exempel.se"},
  }));
  CAPTURE(std::get<0>(row));
  const DocumentFindings found = scan("Skriv " + std::get<0>(row));
  const Finding* f = find(found, "email", std::get<1>(row));
  REQUIRE(f != nullptr);
  CHECK(f->confidence >= Confidence::kMedium);
}

TEST_CASE("what is no address of a person is low or left alone") {
  for (const char* text :
       {"image001.png@01D8A1B2.C3D4E5F0", "git@example.org:a/b.git", "ikon@2x.png",
        "https://user:hemligt@example.org/", "Message-ID: <a1b2c3.12345@example.org>",
        "<20230401123456.1234567890ABCDEF@exempel.se>", "a@b", "@Override", "paket@1.2.3",
        "getty@tty1.service", "anna@exempel"})
    CHECK(find(scan(text), "email") == nullptr);
  for (const char* text : {"info@exempel.se", "registrator@exempel.se", "hr.norr@exempel.se",
                           "exempel@exempel.se", "no-reply@example.org"}) {
    CAPTURE(text);
    const DocumentFindings found = scan(text);
    REQUIRE(found.findings.size() == 1);
    CHECK(found.findings[0].confidence == Confidence::kLow);
    CHECK(found.subjects.empty());
  }
}

TEST_CASE("nothing is shown in clear") {
  const DocumentFindings found = scan(
      "Namn: Anna Exempel, Personnummer: 850101-2382, diagnos okänd, mejl anna.exempel@exempel.se, "
      "tel 070-174 06 05, bor på Hemliga gatan 5.");
  REQUIRE(found.findings.size() == 3);
  for (const Finding& f : found.findings) {
    CAPTURE(f.snippet, f.masked);
    CHECK(f.snippet.find("▒") != std::string::npos);
    for (const char* secret : {"Anna", "anna.", "Exempel,", "2382", "850101", "1740", "174 06",
                               "Hemliga", "gatan", "hemliga"}) {
      CHECK(f.snippet.find(secret) == std::string::npos);
      CHECK(f.masked.find(secret) == std::string::npos);
      for (const std::string& s : f.signals) CHECK(s.find(secret) == std::string::npos);
    }
  }
  const Finding* f = find(found, "se.personnummer");
  CHECK(f->masked == "••••••••-••••");
  CHECK(f->snippet.find("personnummer: ••••••••-••••") != std::string::npos);
  CHECK(find(found, "email")->masked == "a•••@exempel.se");
}

TEST_CASE("one person is one key, however the number is written") {
  const DocumentFindings found =
      scan("19850101-2382, 8501012382 och 850101-2382.\n\nSamma: SE640823323401, 640823-3234.");
  REQUIRE(found.subjects.size() == 2);
  const Finding* f = find(found, "se.personnummer", "8501012382");
  REQUIRE(f != nullptr);
  CHECK(f->count == 3);
  CHECK(f->subject_key == Secret::for_tests().mac("subject:personnummer", "8501012382"));
  CHECK(f->finding_key == Secret::for_tests().mac("finding:personnummer", "8501012382"));
  CHECK(f->birth_year == 1985);
  CHECK(find(found, "se.vat_person")->subject_key ==
        find(found, "se.personnummer", "6408233234")->subject_key);
}

TEST_CASE("an e-mail address is a person only where no number stands with it") {
  const DocumentFindings found =
      scan("Anna Exempel 19850101-2382 anna.exempel@exempel.se\n\nBo: bo.exempel@exempel.se\n");
  REQUIRE(found.subjects.size() == 2);
  std::vector<std::string> types{found.subjects[0].type, found.subjects[1].type};
  std::sort(types.begin(), types.end());
  CHECK(types == std::vector<std::string>{"email", "personnummer"});
  for (const DocumentSubject& s : found.subjects)
    if (s.type == "personnummer")
      CHECK(s.categories == std::vector<std::string>{"email", "personnummer"});
}

TEST_CASE("born on the 5th, 15th or 25th is told, also with 60 added") {
  const auto row = GENERATE(table<std::string, int>({{"198001052383", 5},
                                                     {"202001152392", 15},
                                                     {"202001252390", 25},
                                                     {"198111852383", 25},
                                                     {"198501012382", 0},
                                                     {"198108602395", 255}}));
  const DocumentFindings found = scan("pnr " + std::get<0>(row));
  REQUIRE_FALSE(found.findings.empty());
  REQUIRE(found.findings[0].category == "personnummer");
  CHECK(int{found.findings[0].birth_day_class} == std::get<1>(row));
}

TEST_CASE("counting test data makes persons of it, labels stay") {
  Options options;
  options.lexicons = false;
  options.test_data = TestData::kCount;
  const auto rules = RuleSet::load(options);
  REQUIRE(rules);
  auto detector = DocumentDetector::create(*rules, Secret::for_tests());
  detector->begin(context());
  detector->text(prose("19850101-2382"));
  const DocumentFindings found = detector->finish();
  REQUIRE(found.subjects.size() == 1);
  CHECK_FALSE(found.subjects[0].test_data);
  CHECK(found.findings[0].test_data);
  CHECK(found.findings[0].value.empty());  // nobody asked to reveal
  CHECK((*rules)->id() != testing::identifiers()->id());
}

TEST_CASE("low findings past the limit are counted, not kept") {
  std::string text;
  std::mt19937 random(5);
  for (int i = 0; i < 30'000; ++i) {
    char line[40];
    std::snprintf(line, sizeof line, "ordernr %02u%02u%02u%04u\n", unsigned(10 + random() % 15),
                  unsigned(1 + random() % 12), unsigned(1 + random() % 28),
                  unsigned(random() % 10000));
    text += line;
  }
  const DocumentFindings found = scan(text);
  CHECK(found.findings.size() == 1000);
  CHECK(found.rolled_up_low > 500);
}

TEST_CASE("a huge document can be taken in segments") {
  auto detector = DocumentDetector::create(testing::identifiers(), Secret::for_tests());
  detector->begin(context(Format::kCsv));
  const std::string rows = register_of(120'000, true, true, 9);
  bool wanted = false;
  std::size_t total = 0;
  for (std::size_t at = 0; at < rows.size(); at += 1 << 16) {
    TextChunk chunk = cells(std::string_view(rows).substr(at, 1 << 16));
    chunk.continues = at > 0;
    detector->text(chunk);
    if (!detector->wants_flush()) continue;
    wanted = true;
    total += detector->flush().findings.size();
  }
  CHECK(wanted);
  total += detector->finish().findings.size();
  CHECK(total > 119'000);
  CHECK(total <= 120'000);
}

TEST_CASE("dates of the text are told from birth dates and dates to come") {
  const auto row = GENERATE(table<std::string, DateKind, std::string>({
      {"2017-03-04 Hembesök.\n2018-01-02 Avslut.\n", DateKind::kLastEntry, "2018-01-02"},
      {"den 4 mars 2017 träffades vi", DateKind::kTextDate, "2017-03-04"},
      {"Mötet 4/3 2017 blev av", DateKind::kTextDate, "2017-03-04"},
      {"Född 1985-01-01. Skrivet 2019-05-06.", DateKind::kTextDate, "2019-05-06"},
      {"Brev 2016-02-29, giltigt till 2031-01-01", DateKind::kTextDate, "2016-02-29"},
      {"20170304 Samtal med modern", DateKind::kLastEntry, "2017-03-04"},
      {"12 December 2015", DateKind::kLastEntry, "2015-12-12"},
  }));
  const DocumentFindings found = scan(std::get<0>(row));
  std::string day;
  for (const DateEvidence& d : found.dates)
    if (d.kind == std::get<1>(row)) day = day_text(d.day);
  CAPTURE(std::get<0>(row));
  CHECK(day == std::get<2>(row));
}

TEST_CASE("a birth date alone dates no document") {
  for (const char* text : {"Anna, född 1985-01-01, söker jobb", "1985-01-01-2382",
                           "Födelsedatum: 1985-01-01", "19850101-2382"}) {
    CAPTURE(text);
    CHECK(scan(text).dates.empty());
  }
}

TEST_CASE("a year in the path is its last day") {
  DocumentContext c = context();
  c.path = "HVB/2019/akt.txt";
  const DocumentFindings found = scan({prose("text")}, c);
  REQUIRE(found.dates.size() == 1);
  CHECK(found.dates[0].kind == DateKind::kPathDate);
  CHECK(day_text(found.dates[0].day) == "2019-12-31");
}

TEST_CASE("the kind of a document is told by its name and first words") {
  const auto row = GENERATE(table<std::string, std::string, std::string>({
      {"Faktura 2019.txt", "Fakturanummer 17, förfallodatum 2019-02-01. Att betala 500 kr.",
       "invoice"},
      {"anteckning.txt", "Journalanteckning\n2017-03-04 Hembesök hos klienten.", "journal_note"},
      {"CV Anna.txt", "Arbetslivserfarenhet\nUtbildning\nReferenser lämnas på begäran",
       "application"},
      {"lista.txt", "Deltagarlista sommarläger", "participant_list"},
      {"x.txt", "Det regnar i dag.", ""},
      // Notes that do not call themselves anything.
      {"x.txt",
       "2024-03-11 kl 07.40 Sov oroligt, uppe vid tre. Åt halv portion gröt. /EL\n"
       "2024-03-12 kl 08 Rodnad på sacrum kvarstår, avlastad. /EL\n"
       "2024-03-13 Dottern ringt, informerad om fallet. /BW",
       "journal_note"},
      {"x.txt",
       "S: Ringer om Anna Svensson, feber sedan i morse.\nB: KOL, hjärtsvikt.\n"
       "A: AF 26, sat 88 %, puls 104.\nR: Läkare kommer ut och bedömer.",
       "journal_note"},
      {"x.txt",
       "2024-03-11 Pumpen i tvättstugan startad om. /KL\n"
       "2024-03-12 Bytt filter på aggregat 2. /KL\n2024-03-13 Hissbesiktning. /MP",
       ""},
      // What speaks of a document is not that document.
      {"x.txt",
       "Inför anställning ska du visa upp ett utdrag ur belastningsregistret. Du beställer "
       "det hos polisen.",
       ""},
      {"x.txt", "Vi söker undersköterskor. Skicka ditt CV och personligt brev senast 30 april.",
       ""},
      {"x.txt",
       "Rutin för avvikelser\nAlla ska rapportera enligt lex Sarah. Rapporten ska lämnas "
       "till chefen, som ansvarar för att den utreds.",
       "policy_text"},
      {"x.txt",
       "Protokoll APT 2024-03-12\nNärvarande: Anna Svensson, Bo Lindqvist\n1. Avvikelser\n"
       "2. Beslut om semester\n3. Utredning av bemanningen",
       ""},
  }));
  DocumentContext c = context();
  c.name = c.path = std::get<0>(row);
  CHECK(scan({prose(std::get<1>(row))}, c).document_kind == std::get<2>(row));
}

}  // namespace
}  // namespace gallra::detect

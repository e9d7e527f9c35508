// Postal addresses, whole and in part.
#include <catch2/catch.hpp>

#include "tests/unit/detectors/lexicon_scan.hpp"

namespace gallra::detect {
namespace {

std::string addresses_in(std::string_view text) {
  std::vector<std::string> found;
  for (const Finding& finding : testing::scan_all(text).findings) {
    if (finding.category != "address") continue;
    found.push_back(finding.normalised + " " + key_of(finding.confidence));
  }
  std::sort(found.begin(), found.end());
  std::string out;
  for (const std::string& address : found) out += (out.empty() ? "" : " + ") + address;
  return out;
}

struct Row {
  const char* text;
  const char* address;
};

TEST_CASE("an address is as sure as its parts") {
  const auto row = GENERATE(values<Row>({
      // street, postcode and a town that has it
      {"Storgatan 12, 111 20 Stockholm", "storgatan 12|11120|stockholm high"},
      {"Storgatan 12 B, lgh 1101, 111 20 Stockholm", "storgatan 12 b|11120|stockholm high"},
      {"Storgatan 12b\n11120 STOCKHOLM", "storgatan 12b|11120|stockholm high"},
      {"Karl Johans gata 3\n414 59 Göteborg", "karl johans gata 3|41459|göteborg high"},
      {"Norra Vallgatan 7, SE-211 25 MALMÖ", "norra vallgatan 7|21125|malmö high"},
      {"Norra Vallgatan 7, S-211 25 Malmö", "norra vallgatan 7|21125|malmö high"},
      {"S:t Eriksgatan 14, 3 tr, 112 39 Stockholm", "s:t eriksgatan 14|11239|stockholm high"},
      {"Ö. Storgatan 5, 553 21 Jönköping", "ö. storgatan 5|55321|jönköping high"},
      {"Drottninggatan 10-12, 111 51 Stockholm", "drottninggatan 10-12|11151|stockholm high"},
      {"Drottninggatan 10\n\n111 51  Stockholm", "drottninggatan 10|11151|stockholm high"},
      {"Stora Nygatan 4 111 27 Stockholm", "stora nygatan 4|11127|stockholm high"},
      {"Solbacken 3, 903 30 Umeå", "solbacken 3|90330|umeå high"},
      {"Upplandsgatan 5, 194 34 Upplands Väsby", "upplandsgatan 5|19434|upplands väsby high"},
      {"Lilla Torg 4, 211 34 Malmö", "lilla torg 4|21134|malmö high"},
      {"Södra Förstadsgatan 40 A, 214 28 Malmö (hem)", "södra förstadsgatan 40 a|21428|malmö high"},
      {"c/o Andersson, Kyrkogatan 3 A, 222 22 Lund", "kyrkogatan 3 a|22222|lund high"},
      {"Anna Berg, Ringvägen 5 nb, 118 60 Stockholm", "ringvägen 5|11860|stockholm high"},
      {"Ringvägen 5, uppg C, 118 60 Stockholm", "ringvägen 5|11860|stockholm high"},
      {"Hultet 4, 340 10 Lidhult", "hultet 4|34010|lidhult high"},
      {"Adress\tPostnr\tOrt\nStorgatan 1\t11120\tStockholm", "storgatan 1|11120|stockholm high"},
      {"Namn\tGatuadress\tPostadress\nEva Berg\tByvägen 22\t340 10 Lidhult",
       "byvägen 22|34010|lidhult high"},
      {"Storgatan 1, 111 20 Stockholm och Ringvägen 5, 118 60 Stockholm",
       "ringvägen 5|11860|stockholm high + storgatan 1|11120|stockholm high"},
      // a town that has other postcodes, or is not known
      {"Storgatan 1, 111 20 Malmö", "storgatan 1|11120|malmö medium"},
      {"Storgatan 1, 111 20 Nyköpstad", "storgatan 1|11120|nyköpstad medium"},
      {"Box 123, 221 00 Lund", "box 123|22100|lund medium"},
      // labels
      {"Bostadsadress: Ringvägen 5", "ringvägen 5 medium"},
      {"Adress: Hultet 4", "hultet 4 medium"},
      {"Namn\tAdress\nEva Nilsson\tHultet 4", "hultet 4 medium"},
      {"Namn\tHemadress\nEva Nilsson\tStorgatan 5 B", "storgatan 5 b medium"},
      // parts
      {"Vi ses på Storgatan 12.", "storgatan 12 low"},
      {"Skickas till 111 20 Stockholm.", "11120|stockholm low"},
      // a street alone is somebody's where they live, are fetched or are named
      {"Hon bor på Lindvägen 8 sedan i våras.", "lindvägen 8 medium"},
      {"Jag bor i egen lägenhet på Lindvägen 8.", "lindvägen 8 medium"},
      {"Barnet hämtas på Storgatan 12 klockan tre.", "storgatan 12 medium"},
      {"Anna Svensson, Lindvägen 8, tel 070-1740605", "lindvägen 8 medium"},
      {"Namn: Anna Svensson\nLindvägen 8", "lindvägen 8 medium"},
      {"Affären på Lindvägen 8 har stängt.", "lindvägen 8 low"},
      // joined to the town by other signs, or without a postcode
      {"Storgatan 12 - 111 20 Stockholm", "storgatan 12|11120|stockholm high"},
      {"Storgatan 12 / 111 20 Stockholm", "storgatan 12|11120|stockholm high"},
      {"Storgatan 12; 111 20 Stockholm", "storgatan 12|11120|stockholm high"},
      {"Hultet 4 - SE-340 10 Lidhult", "hultet 4|34010|lidhult high"},
      {"Storgatan 12, Stockholm", "storgatan 12||stockholm medium"},
      {"Storgatan 12 - Borås", "storgatan 12||borås medium"},
      // organisations
      {"Besöksadress: Rådhusgatan 1, 852 31 Sundsvall", "rådhusgatan 1|85231|sundsvall low"},
      {"Exempel AB, org.nr 556036-0793, Storgatan 1, 111 20 Stockholm",
       "storgatan 1|11120|stockholm low"},
      {"Exempelkommun\nSocialförvaltningen\nStorgatan 1\n111 20 Stockholm",
       "storgatan 1|11120|stockholm low"},
      {"Björkskolan, Storgatan 1, 111 20 Stockholm", "storgatan 1|11120|stockholm low"},
      {"Exempel AB\nStorgatan 1\n111 20 Stockholm", "storgatan 1|11120|stockholm low"},
      {"Arbetsgivare: Exempel AB, org.nr 556036-0793\nArbetstagare: Anna Svensson\n"
       "Adress: Storgatan 1, 111 20 Stockholm",
       "storgatan 1|11120|stockholm high"},
      // an employer's letter to somebody, and where somebody lives
      {"Familjen bor på Storgatan 1, 111 20 Stockholm. Växel 08-123 45 67",
       "storgatan 1|11120|stockholm high"},
      {"Exempel AB  Orgnr 556036-0793\nAnna Svensson\nStorgatan 1\n111 20 STOCKHOLM",
       "storgatan 1|11120|stockholm high"},
      {"Anna Svensson AB  Orgnr 556036-0793\nStorgatan 1\n111 20 STOCKHOLM",
       "storgatan 1|11120|stockholm low"},
      // no addresses
      {"Mötet är i rum 12 på plan 3.", ""},
      {"Ring 070-1740605 före klockan 12.", ""},
      {"Väg 40 är avstängd.", ""},
      {"Plan 3 gäller.", ""},
      {"Storgatan byggs om.", ""},
      {"Tel 08-123 45 67 Stockholm", ""},
      {"Kostnaden blev 111 20 kronor.", ""},
      {"99999 Stockholm", ""},
      {"254 64 Helsingborg", "25464|helsingborg low"},
      {"012 34 Helsingborg", ""},
      {"322 10 Helsingborg", ""},
      {"storgatan 12 med liten bokstav", ""},
      {"Höjdgatan 12,5 meter bred", ""},
  }));
  CAPTURE(row.text);
  CHECK(addresses_in(row.text) == row.address);
}

TEST_CASE("no part of an address stands in clear in a finding") {
  auto detector = DocumentDetector::create(testing::all_rules(), Secret::for_tests());
  detector->begin(testing::context());
  detector->text(testing::prose("Storgatan 12, 111 20 Stockholm"));
  for (const Finding& finding : detector->finish().findings) {
    CHECK(finding.masked.find("Storgatan") == std::string::npos);
    CHECK(finding.masked.find("111") == std::string::npos);
    CHECK(finding.value.empty());
  }
}

}  // namespace
}  // namespace gallra::detect

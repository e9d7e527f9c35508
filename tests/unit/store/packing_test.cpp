#include "reports/store/packing.hpp"

#include <catch2/catch.hpp>
#include <random>

using namespace gallra;
using namespace gallra::store;

TEST_CASE("places come back as they were packed") {
  const std::vector<Place> places = GENERATE(values<std::vector<Place>>({
      {},
      {{PlaceKind::kLine, 1, 0, ""}},
      {{PlaceKind::kCell, 4'294'967'295U, 127, "Klienter"},
       {PlaceKind::kCell, 128, 129, "Klienter"}},
      {{PlaceKind::kHeader, 0, 0, "Subject"},
       {PlaceKind::kBody, 12, 0, "text/plain"},
       {PlaceKind::kName, 0, 0, ""},
       {PlaceKind::kSlide, 3, 0, "notes"},
       {PlaceKind::kField, 9, 0, "Fält ☃"}},
  }));
  CHECK(unpack_places(pack_places(places)) == places);
}

TEST_CASE("only the first places are kept, and a long label is cut at a character") {
  std::vector<Place> places(9, Place{PlaceKind::kLine, 2, 0, ""});
  CHECK(unpack_places(pack_places(places)).size() == kMaxPlaces);
  std::string label(1, 'x');
  for (int i = 0; i < 200; ++i) label += "å";
  const auto back = unpack_places(pack_places({{PlaceKind::kField, 0, 0, label}}));
  REQUIRE(back.size() == 1);
  CHECK(back[0].label.size() == 255);
  CHECK(label.starts_with(back[0].label));
}

TEST_CASE("dates come back as they were packed, also before 1970") {
  const std::vector<DateEvidence> dates{{DateKind::kLastEntry, 17'000},
                                        {DateKind::kMailDate, -1},
                                        {DateKind::kFileModified, -2'147'483'647 - 1},
                                        {DateKind::kDocCreated, 2'147'483'647}};
  CHECK(unpack_dates(pack_dates(dates)) == dates);
}

TEST_CASE("damaged bytes give what can be read and nothing else") {
  const std::string good =
      pack_places({{PlaceKind::kCell, 7, 2, "Blad"}, {PlaceKind::kLine, 9, 0, "x"}});
  for (std::size_t cut = 0; cut <= good.size(); ++cut)
    CHECK(unpack_places(std::string_view(good).substr(0, cut)).size() <= 2);
  std::mt19937 random(1);
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes(random() % 40, '\0');
    for (char& c : bytes) c = static_cast<char>(random());
    for (const Place& place : unpack_places(bytes)) CHECK(place.label.size() <= 40);
    CHECK(unpack_dates(bytes).size() <= 20);
  }
}

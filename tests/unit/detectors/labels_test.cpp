// What of a document's own labels, and of the words around a finding, may stand in clear.
#include "detectors/labels.hpp"

#include <catch2/catch.hpp>
#include <string>
#include <string_view>

#include "detectors/judge/fold.hpp"
#include "scanner/support/embedded.hpp"

namespace gallra::detect {
namespace {

TEST_CASE("no name of our lists is a word that stands in clear") {
  std::string met;
  for (const char* list : {"given-names", "surnames"}) {
    std::string_view rest = embedded("detectors/lexicons/" + std::string(list) + ".tsv");
    REQUIRE(!rest.empty());
    while (!rest.empty()) {
      const std::size_t end = std::min(rest.find('\n'), rest.size());
      const std::string name = folded(rest.substr(0, std::min(rest.find('\t'), end)));
      if (!name.empty() && name.front() != '#' && is_label_word(name)) met += name + ' ';
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }
  // Two small words that are far oftener words than names.
  CHECK(met == "man from ");
}

TEST_CASE("labels show the words of our list and no others") {
  struct Row {
    const char* label;
    const char* shown;
  };
  for (const Row& row :
       {Row{"Blad1", "Blad1"}, Row{"Sheet1", "Sheet1"}, Row{"Fält12", "Fält12"},
        Row{"Testberg, Anna", "T•••, A•••"}, Row{"Anna Blad", "A••• B•••"},
        Row{"Jan Ek", "J••• E•••"}, Row{"Öhrn", "Ö•••"}, Row{"X-Qvirre-Zlatkosson", "X-Q•••-Z•••"},
        Row{"Subject", "Subject"}, Row{"patientName", "patientName"},
        Row{"created_at", "created_at"}, Row{"Personnummer", "Personnummer"},
        Row{"850101-2382", "••••••-••••"}, Row{"id 19850101", "id ••••••••"}, Row{"", ""}}) {
    CAPTURE(row.label);
    CHECK(shown_label(row.label) == row.shown);
  }
}

}  // namespace
}  // namespace gallra::detect

// A point in Sweden's plane grids: SWEREF 99 TM (north seven digits, east six) or RT 90 (both
// seven). Only near a word that says so. Source: Lantmäteriet, SWEREF 99 TM and RT 90.
#include <string>

#include "detectors/validators/parts/dates.hpp"
#include "detectors/validators/parts/written.hpp"

namespace gallra::detect {
namespace {

constexpr int kScore = 25;
constexpr int kNorthFrom = 6'100'000, kNorthTo = 7'700'000;
constexpr int kEastFrom = 250'000, kEastTo = 925'000;            // SWEREF 99 TM
constexpr int kOldEastFrom = 1'200'000, kOldEastTo = 1'900'000;  // RT 90

bool within(int value, int from, int to) { return from <= value && value <= to; }

// The digits that end at `end`, which may have three decimals.
bool read_back(const Scene& scene, std::size_t end, std::size_t& begin, int& value) {
  std::size_t at = end;
  while (at > scene.begin && end - at < 8 && is_digit(scene.text[at - 1])) --at;
  if (at > scene.begin && (scene.text[at - 1] == '.' || scene.text[at - 1] == ',') &&
      end - at <= 3) {
    end = --at;
    while (at > scene.begin && end - at < 8 && is_digit(scene.text[at - 1])) --at;
  }
  begin = at;
  if (end - at < 6 || end - at > 7) return false;
  value = number(scene.text.substr(at, end - at));
  return true;
}

void locate(const Scene& scene, std::size_t end, std::vector<Reading>& out) {
  if (end > scene.end || (end < scene.end && is_digit(scene.text[end]))) return;
  std::size_t second_begin = 0;
  std::size_t first_begin = 0;
  int second = 0;
  int first = 0;
  if (!read_back(scene, end, second_begin, second)) return;
  // "N 6580822, E 674032", a cell's edge, or a letter between.
  std::size_t gap = second_begin;
  while (gap > scene.begin && second_begin - gap < 12 && !is_digit(scene.text[gap - 1]) &&
         scene.text[gap - 1] != '\n')
    --gap;
  if (gap == second_begin || !read_back(scene, gap, first_begin, first)) return;
  const auto is_point = [](int north, int east) {
    return within(north, kNorthFrom, kNorthTo) &&
           (within(east, kEastFrom, kEastTo) || within(east, kOldEastFrom, kOldEastTo));
  };
  if (!is_point(first, second) && !is_point(second, first)) return;
  if (!stands_alone(scene, first_begin, end)) return;
  Reading reading;
  reading.begin = first_begin;
  reading.end = end;
  reading.value = std::to_string(first) + "," + std::to_string(second);
  reading.valid = true;
  reading.score = kScore;
  reading.signals = {Signal::kKnownSeries};
  out.push_back(std::move(reading));
}

}  // namespace

extern const ValidatorEntry validator_location_grid;
const ValidatorEntry validator_location_grid = {
    "location_grid", locate, [](std::string_view) { return std::string("••••••• ••••••"); }};

}  // namespace gallra::detect

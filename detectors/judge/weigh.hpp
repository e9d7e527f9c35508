// What stands around a number: words, labels, headers, neighbours, rivals.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "detectors/candidate.hpp"
#include "detectors/rule.hpp"
#include "detectors/validators/validator.hpp"

namespace gallra::detect {

// Numbers of one shape in one column (or document): how many there are and how many are valid.
struct Density {
  std::uint64_t shaped = 0;
  std::uint64_t valid = 0;
};

// Does a rule's subject stand for one person, and stay with them?
bool is_identity(std::string_view subject);

// A date that only the name beside it calls a birth date: the rest of its column decides.
bool is_date_beside_name(const Rules& rules, std::uint16_t rule, Signals signals);

// Adds what the words and the form around `hit` say. Never takes a valid value away: it lowers.
void weigh_context(const Rules& rules, const Window& window, Hit& hit);
// The rows that hold somebody, and what stands right behind a name: where rules that want a word
// may do without it. `hits` sorted by begin.
std::vector<Span> beside_somebody(const Rules& rules, const Window& window,
                                  const std::vector<Hit>& hits);
// Accepts there what was rejected for want of a word. `hits` sorted by begin.
void weigh_beside(const Rules& rules, const Window& window, std::vector<Hit>& hits);
// Adds what its neighbours in the same record say. `hits` sorted by begin.
void weigh_neighbours(const Rules& rules, const Window& window, std::vector<Hit>& hits);
// Column or document density, when it says something.
void weigh_density(Shape shape, const Density& density, int& score, Signals& signals);
// Of overlapping readings one wins and names the loser. `hits` sorted by begin.
void arbitrate(const Rules& rules, std::vector<Hit>& hits);

Confidence band(int score);
// Signal keys in the order of the enumeration, labels behind '='.
std::vector<std::string> signal_texts(Signals signals, std::string_view label,
                                      std::string_view lower_label);

}  // namespace gallra::detect

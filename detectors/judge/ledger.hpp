// What a document's windows have yielded so far: one entry for each distinct value of each rule,
// columns and persons; decided when the document (or a segment of it) closes. Holds values in clear
// until then, and overwrites them.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "detectors/candidate.hpp"
#include "detectors/judge/weigh.hpp"
#include "detectors/rule.hpp"

namespace gallra::detect {

// Distinct values held before a segment should be taken: some 30 MB.
inline constexpr std::size_t kFlushValues = 50'000;
// Low findings of one detector in one document; past it they are counted only (logs, number
// columns).
inline constexpr std::size_t kMaxLow = 1000;
inline constexpr std::size_t kMaxPlaces = 5;

// A value of a rule as it may stand in database, log and report.
std::string mask_value(const Rules& rules, std::uint16_t rule, std::string_view value);

class Ledger {
 public:
  Ledger(const Rules& rules, const Secret& secret, bool reveal);
  ~Ledger() { clear(); }
  Ledger(const Ledger&) = delete;
  Ledger& operator=(const Ledger&) = delete;

  struct Sighting {
    Place place;
    std::uint32_t column = 0;      // from column_of(); 0 = none
    std::string snippet;           // "" = as before
    std::string written;           // as written, reveal only
    std::uint64_t categories = 0;  // bits of category_bit(), met in the same record
    bool identity_near = false;    // somebody surer stands in the same record
    bool in_name = false;          // stands in the document's own name
  };

  // The number of a column (or labelled field): density is counted in it.
  std::uint32_t column_of(const std::string& sheet, std::uint32_t column, std::string_view field);
  // Every equally shaped number, valid or not.
  void count_shape(std::uint32_t column, Shape shape, bool valid);
  Density density(std::uint32_t column, Shape shape) const;
  void count_rows(const std::string& sheet, std::uint64_t rows) { rows_by_sheet_[sheet] += rows; }

  // True when this is the best sighting of its value so far: its snippet is wanted.
  bool wants_snippet(const Hit& hit) const;
  void add(const Hit& hit, Sighting sighting);
  std::uint64_t category_bit(std::uint16_t rule) const;
  std::size_t size() const { return entries_.size(); }

  // Decides all that was added and empties the ledger; column counts stay (the document goes on)
  // until clear().
  void close(DocumentFacts facts, DocumentFindings& out);
  void clear();

  // The band of a value at the last close(); for candidates. False when it was not kept.
  struct Verdict {
    Confidence confidence;
    std::vector<std::string> signals;
  };
  bool verdict_now(const Hit& hit, std::uint32_t column, Verdict& verdict) const;

 private:
  struct Entry {
    std::uint64_t order = 0;  // first met
    std::uint64_t count = 0;
    int score = 0;
    Signals signals;
    std::string_view label, lower_label;
    std::string snippet;
    std::string written;
    std::string subject;
    std::vector<Place> places;
    std::uint32_t column = 0;
    Shape shape = Shape::kNone;
    std::uint8_t birth_day = 0;
    std::int16_t birth_year = 0;
    bool test_number = false;
    bool person = false;
    bool term = false;
    bool alone = false;    // seen in a record with nobody surer in it
    bool in_name = false;  // so seen in the document's own name
    std::uint64_t categories = 0;
  };
  struct Column {
    std::string sheet;
    std::uint32_t column = 0;
    std::array<Density, static_cast<std::size_t>(Shape::kCount)> density{};
    struct Hits {
      std::uint64_t count = 0;
      std::string_view header;
    };
    // Dates beside names that no word calls birth dates.
    struct Dates {
      std::uint64_t count = 0, backwards = 0, first_of_month = 0;
      std::string last, earliest, latest;  // "1985-03-04"
    };
    Dates dates;
    std::map<std::uint16_t, Hits> hits;  // by rule, since the last close
  };
  using Entries = std::unordered_map<std::string, Entry>;

  void weigh(std::uint16_t rule, const Entry& entry, int& score, Signals& signals) const;
  static void add_date(Column::Dates& dates, const std::string& day);
  static bool holds_birth_dates(const Column::Dates& dates);
  void weigh_telephone(std::uint16_t rule, const Entry& entry, int& score, Signals& signals) const;
  Finding finding_of(std::uint16_t rule, std::string_view value, Entry& entry, int score,
                     Signals signals) const;
  // `numbers`: identity numbers in the document.
  void add_subject(std::uint16_t rule, const Key& key, const Entry& entry, int score,
                   std::uint64_t numbers, std::map<Key, DocumentSubject>& subjects) const;

  const Rules& rules_;
  const Secret& secret_;
  const bool reveal_;
  const std::vector<std::string> categories_;  // of all rules; bits of category_bit() in this order
  Entries entries_;
  std::vector<Column> columns_{1};  // [0]: the document outside tables
  std::map<std::pair<std::string, std::uint32_t>, std::uint32_t, std::less<>> column_numbers_;
  std::map<std::string, std::uint64_t> rows_by_sheet_;
  std::vector<std::uint64_t> low_kept_;  // by rule, over the whole document
  std::uint64_t order_ = 0;
};

}  // namespace gallra::detect

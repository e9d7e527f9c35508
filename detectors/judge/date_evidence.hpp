// When a document was written, by its own text: the last dated entry, the last date at all, and a
// date or year in its path. Birth dates and dates to come prove nothing and are left out.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "detectors/candidate.hpp"
#include "detectors/matcher/matcher.hpp"
#include "detectors/rule.hpp"
#include "scanner/model/date_evidence.hpp"

namespace gallra::detect {

class DateGatherer {
 public:
  // Coarse shapes of dates for the matcher; a match ends where the date may end.
  static std::vector<Pattern> patterns();

  void begin(std::int32_t today, std::string_view path);
  // A date shape ended at `end`.
  void look(const Window& window, std::size_t end);
  // The window's hits are known. A birth date is no date of the document; one that only stands
  // beside a name is so when the column turns out to hold births.
  void settle(const Rules& rules, const std::vector<Hit>& hits);
  std::vector<DateEvidence> take(bool births_beside_names) const;

 private:
  struct Seen {
    std::size_t end;
    std::int32_t day;
    bool entry;
  };
  std::vector<Seen> window_;
  std::int32_t beside_entry_ = 0;  // beside a name
  std::int32_t beside_date_ = 0;
  std::int32_t today_ = 0;
  std::int32_t last_entry_ = 0;
  std::int32_t last_date_ = 0;
  std::int32_t path_date_ = 0;
};

}  // namespace gallra::detect

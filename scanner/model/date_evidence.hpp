// What a document or its surroundings say about when it was written, and how much that is worth.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace gallra {

// Quality as facts of retention law need it: A = a dated entry in the text itself or a lookup,
// B = metadata, mail date; C = file times and years in a path (they prove little).
enum class DateKind : std::uint8_t {
  kLastEntry,   // A: latest date at the start of a dated entry or line ("2017-03-04 Hembesök ...")
  kTextDate,    // A: latest date anywhere in the text
  kMailDate,    // B: Date header
  kDocCreated,  // B: document properties
  kDocModified,   // B
  kPathDate,      // C: a date or year in the path; a year resolves to its last day
  kFileModified,  // C: mtime
};

struct DateEvidence {
  DateKind kind = DateKind::kFileModified;
  std::int32_t day = 0;  // days since 1970-01-01, proleptic Gregorian; never a guess from an
                         // artefact (1970, 1980, future)

  friend bool operator==(const DateEvidence&, const DateEvidence&) = default;
};

std::string_view key_of(DateKind kind);  // "last_entry", "text_date", "mail_date", ...
char quality_of(DateKind kind);          // 'A', 'B' or 'C'
// "2017-03-04" <-> days; parse gives 0 days and false on a date that does not exist.
std::string day_text(std::int32_t day);
bool parse_day(std::string_view iso, std::int32_t& day);
std::int32_t day_from_unix(std::int64_t seconds);

}  // namespace gallra

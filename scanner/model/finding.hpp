// A finding: one distinct value (or term) of one detector in one document, with its count and first
// places. Never holds the value in clear, except in reveal mode (`value`, `normalised`), which
// nothing stores.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "scanner/model/date_evidence.hpp"
#include "scanner/model/place.hpp"

namespace gallra {

using Key = std::array<std::uint8_t, 16>;  // HMAC-SHA-256 cut to 128 bits
std::string hex(const Key& key);

enum class Confidence : std::uint8_t { kLow, kMedium, kHigh };
const char* key_of(Confidence confidence);  // "low", "medium", "high"

enum class GdprClass : std::uint8_t {
  kOrdinary,
  kExtra,
  kNationalId,
  kSensitive,
  kCriminal,
  kProtected
};
const char* key_of(
    GdprClass gdpr);  // "ordinary", "extra", "national_id", "sensitive", "criminal", "protected"
std::optional<GdprClass> gdpr_class_from_key(std::string_view key);

struct Finding {
  std::string detector;  // "se.personnummer", "health.diagnosis" ...
  std::string
      category;  // category ids of the export contract: "personnummer", "email", "health" ...
  GdprClass gdpr = GdprClass::kOrdinary;
  Confidence confidence = Confidence::kLow;
  // Signal keys in the order they weighed ("date_valid", "check_digit", "column_header=Personnr",
  // "competing=phone"); the sentence for people is made from the catalogue's "signal.<key>".
  // A value after '=' is label or lexicon words only, never document text.
  std::vector<std::string> signals;
  std::string
      masked;  // "••••••••-••••"; a lexicon term stands in clear (it is the dictionary's word)
  std::string snippet;     // allow-listed context, everything else "▒"; may be empty
  Key subject_key{};       // who: HMAC(key, type ‖ canonical value); all zero for terms
  Key finding_key{};       // what: HMAC(key, detector family ‖ canonical value)
  bool test_data = false;  // an official test number
  std::uint64_t count = 1;
  std::vector<Place> places;  // the first ones, at most 5, in document order
  // identity numbers only
  std::uint8_t birth_day_class =
      0;  // 5, 15, 25 (samordningsnummer: day - 60), else 0; 255 = unknown day
  std::int16_t birth_year = 0;  // 0 = unknown
  // reveal mode only, else empty
  std::string value;
  std::string normalised;
};

// A person met in a document, by keyed hash, with the categories that stand in the same record.
struct DocumentSubject {
  Key subject_key{};
  std::string type;                     // "personnummer", "email", "name"
  std::vector<std::string> categories;  // met in the same record (row, paragraph), sorted
  std::uint64_t count = 1;
  std::uint8_t birth_day_class = 0;
  std::int16_t birth_year = 0;
  bool test_data = false;
};

// A table column with hits: what its header said and how dense it was.
struct ColumnFacts {
  std::string sheet;
  std::uint32_t column = 0;
  std::string header;  // only if it is one of our label words, else ""
  std::string detector;
  std::uint64_t rows = 0;
  std::uint64_t hits = 0;
};

// All that detection has to say of one document, or of one segment of a huge one.
struct DocumentFindings {
  std::vector<Finding> findings;  // sorted by detector, then finding_key
  std::vector<DocumentSubject> subjects;
  std::vector<ColumnFacts> columns;
  std::vector<DateEvidence> dates;  // from the text
  std::string document_kind;        // "case_file", "application", "invoice", ... or ""
  std::uint64_t rolled_up_low = 0;  // low findings past the limit, counted only
};

}  // namespace gallra

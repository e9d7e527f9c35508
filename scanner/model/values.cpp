// Keys and small conversions of the model's values.
#include <array>
#include <cstdio>

#include "scanner/model/date_evidence.hpp"
#include "scanner/model/file_ref.hpp"
#include "scanner/model/finding.hpp"
#include "scanner/model/place.hpp"

namespace gallra {

const char* key_of(PlaceKind kind) {
  switch (kind) {
    case PlaceKind::kNone:
      return "none";
    case PlaceKind::kLine:
      return "line";
    case PlaceKind::kPage:
      return "page";
    case PlaceKind::kCell:
      return "cell";
    case PlaceKind::kSlide:
      return "slide";
    case PlaceKind::kParagraph:
      return "paragraph";
    case PlaceKind::kHeader:
      return "header";
    case PlaceKind::kBody:
      return "body";
    case PlaceKind::kField:
      return "field";
    case PlaceKind::kProperty:
      return "property";
    case PlaceKind::kName:
      return "name";
  }
  return "none";
}

const char* key_of(Exposure exposure) {
  switch (exposure) {
    case Exposure::kUnknown:
      return "unknown";
    case Exposure::kOwner:
      return "owner";
    case Exposure::kGroup:
      return "group";
    case Exposure::kEveryone:
      return "everyone";
  }
  return "unknown";
}

const char* key_of(Confidence confidence) {
  switch (confidence) {
    case Confidence::kLow:
      return "low";
    case Confidence::kMedium:
      return "medium";
    case Confidence::kHigh:
      return "high";
  }
  return "low";
}

const char* key_of(GdprClass gdpr) {
  switch (gdpr) {
    case GdprClass::kOrdinary:
      return "ordinary";
    case GdprClass::kExtra:
      return "extra";
    case GdprClass::kNationalId:
      return "national_id";
    case GdprClass::kSensitive:
      return "sensitive";
    case GdprClass::kCriminal:
      return "criminal";
    case GdprClass::kProtected:
      return "protected";
  }
  return "ordinary";
}

std::optional<GdprClass> gdpr_class_from_key(std::string_view key) {
  for (auto gdpr : {GdprClass::kOrdinary, GdprClass::kExtra, GdprClass::kNationalId,
                    GdprClass::kSensitive, GdprClass::kCriminal, GdprClass::kProtected})
    if (key == key_of(gdpr)) return gdpr;
  return std::nullopt;
}

std::string hex(const Key& key) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  out.reserve(key.size() * 2);
  for (std::uint8_t byte : key) {
    out.push_back(kDigits[byte >> 4]);
    out.push_back(kDigits[byte & 15]);
  }
  return out;
}

std::string_view key_of(DateKind kind) {
  switch (kind) {
    case DateKind::kLastEntry:
      return "last_entry";
    case DateKind::kTextDate:
      return "text_date";
    case DateKind::kMailDate:
      return "mail_date";
    case DateKind::kDocCreated:
      return "doc_created";
    case DateKind::kDocModified:
      return "doc_modified";
    case DateKind::kPathDate:
      return "path_date";
    case DateKind::kFileModified:
      return "file_modified";
  }
  return "file_modified";
}

char quality_of(DateKind kind) {
  switch (kind) {
    case DateKind::kLastEntry:
    case DateKind::kTextDate:
      return 'A';
    case DateKind::kMailDate:
    case DateKind::kDocCreated:
    case DateKind::kDocModified:
      return 'B';
    case DateKind::kPathDate:
    case DateKind::kFileModified:
      return 'C';
  }
  return 'C';
}

// Civil calendar arithmetic: days from 1970-01-01, after Hinnant's public-domain algorithms.
namespace {

std::int32_t days_from_civil(int y, unsigned m, unsigned d) {
  y -= m <= 2;
  const int era = (y >= 0 ? y : y - 399) / 400;
  const auto yoe = static_cast<unsigned>(y - era * 400);
  const unsigned doy = (153 * (m > 2 ? m - 3 : m + 9) + 2) / 5 + d - 1;
  const unsigned doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
  return era * 146097 + static_cast<int>(doe) - 719468;
}

struct Civil {
  int y;
  unsigned m, d;
};

Civil civil_from_days(std::int32_t z) {
  z += 719468;
  const int era = (z >= 0 ? z : z - 146096) / 146097;
  const auto doe = static_cast<unsigned>(z - era * 146097);
  const unsigned yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
  const unsigned doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
  const unsigned mp = (5 * doy + 2) / 153;
  const unsigned d = doy - (153 * mp + 2) / 5 + 1;
  const unsigned m = mp < 10 ? mp + 3 : mp - 9;
  return {static_cast<int>(yoe) + era * 400 + (m <= 2), m, d};
}

}  // namespace

std::string day_text(std::int32_t day) {
  const Civil c = civil_from_days(day);
  std::array<char, 16> buffer{};
  const int n =
      std::snprintf(buffer.data(), buffer.size(), "%04d-%02u-%02u", c.y % 10000, c.m, c.d);
  return {buffer.data(), static_cast<std::size_t>(n)};
}

bool parse_day(std::string_view iso, std::int32_t& day) {
  day = 0;
  if (iso.size() != 10 || iso[4] != '-' || iso[7] != '-') return false;
  auto number = [&](std::size_t at, std::size_t n, int& into) {
    into = 0;
    for (std::size_t i = at; i < at + n; ++i) {
      if (iso[i] < '0' || iso[i] > '9') return false;
      into = into * 10 + (iso[i] - '0');
    }
    return true;
  };
  int y = 0, m = 0, d = 0;
  if (!number(0, 4, y) || !number(5, 2, m) || !number(8, 2, d) || m < 1 || m > 12 || d < 1)
    return false;
  const std::int32_t value = days_from_civil(y, static_cast<unsigned>(m), static_cast<unsigned>(d));
  const Civil back = civil_from_days(value);
  if (back.y != y || back.m != static_cast<unsigned>(m) || back.d != static_cast<unsigned>(d))
    return false;
  day = value;
  return true;
}

std::int32_t day_from_unix(std::int64_t seconds) {
  const std::int64_t day = seconds >= 0 ? seconds / 86400 : (seconds - 86399) / 86400;
  return static_cast<std::int32_t>(day);
}

}  // namespace gallra

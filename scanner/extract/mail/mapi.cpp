#include "scanner/extract/mail/mapi.hpp"

#include <fmt/core.h>
#include <map>
#include <set>

#include "scanner/extract/mail/headers.hpp"
#include "scanner/model/date_evidence.hpp"

namespace gallra::extract::mapi {

bool is_noise(std::uint32_t property) {
  static const std::set<std::uint32_t> kIds = {
      0x001A, 0x003D, 0x0064, 0x0E05, 0x4022, 0x4024, 0x7203,           0x0070,
      0x0075, 0x0077, 0x0C1E, 0x0E1D, 0x1035, 0x1039, 0x1042,           0x10F3,
      0x10F4, 0x3002, 0x3613, kBody,  kRtf,   kHtml,  kTransportHeaders};
  return kIds.contains(property);
}

bool is_noise(std::string_view name) {
  return name.starts_with("EntityExtraction") || name.starts_with("EntityDocument") ||
         name.starts_with("TeeVersion") || name.starts_with("MessageCardExtraction") ||
         name.starts_with("ConversationIndexTracking") ||
         name.starts_with("InferenceClassification") || mail::is_noise_header(name);
}

const Label* label_of(std::uint32_t property) {
  using enum PlaceKind;
  static const std::map<std::uint32_t, Label> kLabels = {
      {kSubject, {kHeader, "Subject"}},
      {0x0042, {kHeader, "From"}},
      {0x0065, {kHeader, "From"}},
      {0x0C1A, {kHeader, "Sender"}},
      {0x0C1F, {kHeader, "Sender"}},
      {0x5D01, {kHeader, "Sender"}},
      {0x5D02, {kHeader, "From"}},
      {0x0E04, {kHeader, "To"}},
      {0x0E03, {kHeader, "Cc"}},
      {0x0E02, {kHeader, "Bcc"}},
      {0x0050, {kHeader, "Reply-To"}},
      {0x0040, {kHeader, "Delivered-To"}},
      {0x0076, {kHeader, "Delivered-To"}},
      {0x0044, {kHeader, "Delivered-To"}},
      {0x0078, {kHeader, "Delivered-To"}},
      {kDisplayName, {kField, "display name"}},
      {kEmailAddress, {kField, "email"}},
      {kSmtpAddress, {kField, "email"}},
      {0x3A02, {kField, "callback phone"}},
      {0x3A06, {kField, "given name"}},
      {0x3A08, {kField, "business phone"}},
      {0x3A09, {kField, "home phone"}},
      {0x3A0A, {kField, "initials"}},
      {0x3A11, {kField, "surname"}},
      {0x3A15, {kField, "postal address"}},
      {0x3A16, {kField, "company"}},
      {0x3A17, {kField, "title"}},
      {0x3A18, {kField, "department"}},
      {0x3A19, {kField, "office"}},
      {0x3A1A, {kField, "phone"}},
      {0x3A1B, {kField, "business phone"}},
      {0x3A1C, {kField, "mobile phone"}},
      {0x3A1F, {kField, "other phone"}},
      {0x3A24, {kField, "business fax"}},
      {0x3A25, {kField, "home fax"}},
      {0x3A26, {kField, "country"}},
      {0x3A27, {kField, "city"}},
      {0x3A28, {kField, "state"}},
      {0x3A29, {kField, "street"}},
      {0x3A2A, {kField, "postal code"}},
      {0x3A2F, {kField, "home phone"}},
      {0x3A44, {kField, "middle name"}},
      {0x3A48, {kField, "spouse"}},
      {0x3A4E, {kField, "manager"}},
      {0x3A4F, {kField, "nickname"}},
      {0x3A51, {kField, "home page"}},
      {0x3A58, {kField, "children"}},
      {0x3A59, {kField, "home city"}},
      {0x3A5A, {kField, "home country"}},
      {0x3A5B, {kField, "home postal code"}},
      {0x3A5D, {kField, "home street"}},
      {0x3A5F, {kField, "other city"}},
      {0x3A61, {kField, "other postal code"}},
      {0x3A63, {kField, "other street"}},
      // Named properties, by their numbers in PSETID_Address and PSETID_Appointment.
      {0x8005, {kField, "file as"}},
      {0x801A, {kField, "home address"}},
      {0x801B, {kField, "work address"}},
      {0x801C, {kField, "other address"}},
      {0x8045, {kField, "work street"}},
      {0x8046, {kField, "work city"}},
      {0x8048, {kField, "work postal code"}},
      {0x8062, {kField, "instant messaging"}},
      {0x8080, {kField, "email name"}},
      {0x8083, {kField, "email"}},
      {0x8084, {kField, "email"}},
      {0x8093, {kField, "email"}},
      {0x8094, {kField, "email"}},
      {0x80A3, {kField, "email"}},
      {0x80A4, {kField, "email"}},
      {0x8208, {kField, "location"}},
      {0x8238, {kHeader, "Attendees"}},
      {0x823B, {kHeader, "To"}},
      {0x823C, {kHeader, "Cc"}},
  };
  const auto found = kLabels.find(property);
  return found == kLabels.end() ? nullptr : &found->second;
}

std::string code_page_name(std::uint64_t page) {
  static const std::map<std::uint64_t, std::string> kNames = {
      {1200, "utf-16le"}, {10000, "macintosh"},   {20127, "us-ascii"},    {20866, "koi8-r"},
      {21866, "koi8-u"},  {50220, "iso-2022-jp"}, {50221, "iso-2022-jp"}, {50222, "iso-2022-jp"},
      {51932, "euc-jp"},  {51949, "euc-kr"},      {54936, "gb18030"},     {65000, "utf-7"},
      {65001, "utf-8"}};
  const auto known = kNames.find(page);
  if (known != kNames.end()) return known->second;
  if (page >= 28591 && page <= 28606) return fmt::format("iso-8859-{}", page - 28590);
  return page == 0 || page > 65535 ? "" : fmt::format("cp{}", page);
}

std::string iso_day(std::uint64_t filetime) {
  constexpr std::uint64_t kTicksPerSecond = 10'000'000;
  constexpr std::int64_t kSecondsTo1970 = 11'644'473'600;
  const auto seconds = static_cast<std::int64_t>(filetime / kTicksPerSecond) - kSecondsTo1970;
  return filetime == 0 ? "" : day_text(day_from_unix(seconds));
}

}  // namespace gallra::extract::mapi

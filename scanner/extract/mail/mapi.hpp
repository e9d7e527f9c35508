// Outlook's properties (MS-OXPROPS): those that are read by number, and what a reader of the mail
// would call the others.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "scanner/model/place.hpp"

namespace gallra::extract::mapi {

enum Property : std::uint32_t {
  kSubject = 0x0037,
  kSubmitTime = 0x0039,
  kTransportHeaders = 0x007D,
  kRecipientType = 0x0C15,
  kDeliveryTime = 0x0E06,
  kMessageFlags = 0x0E07,
  kBody = 0x1000,
  kRtf = 0x1009,
  kHtml = 0x1013,
  kDisplayName = 0x3001,
  kEmailAddress = 0x3003,
  kModifiedTime = 0x3008,
  kContentCount = 0x3602,
  kAttachShortName = 0x3704,
  kAttachLongName = 0x3707,
  kSmtpAddress = 0x39FE,
  kBirthday = 0x3A42,
  kInternetCodePage = 0x3FDE,
  kCodePage = 0x3FFD,
};

enum Type : std::uint32_t {
  kAscii = 0x001E,
  kUnicode = 0x001F,
  kManyAscii = 0x101E,
  kManyUnicode = 0x101F,
};

// Strings that are names of kinds, doubles of others, or ids of machines.
bool is_noise(std::uint32_t property);
// Named properties in which mail servers keep what they guessed from the text, and their tracks.
bool is_noise(std::string_view name);

struct Label {
  PlaceKind kind;
  std::string_view text;
};
// nullptr when the property has no name that people know.
const Label* label_of(std::uint32_t property);

// Windows' number of a character set as iconv names it; "" when it is none.
std::string code_page_name(std::uint64_t page);
// The day of a FILETIME (100 ns since 1601) as "2017-03-04", by UTC: a mailbox does not say where
// it was; "" for 0.
std::string iso_day(std::uint64_t filetime);

}  // namespace gallra::extract::mapi

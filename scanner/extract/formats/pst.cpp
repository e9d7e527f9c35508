// Outlook mailboxes (PST, OST, PAB) through libpff: every item of every folder, its properties,
// bodies, recipients and attachments, and per folder what its index promised against what was read.
// All of libpff and libbfio is in this file.
//
// libpff is given a handle of our own that reads the open descriptor: it never sees a path, and
// needs none in the jail. Strings are taken as bytes and decoded by our own rule, since libpff
// gives up on the first bad character.
//
// The password of a PST only keeps Outlook from opening it; nothing is encrypted with it, and so it
// is not asked for.
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fmt/core.h>
#include <libbfio.h>
#include <libpff.h>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "scanner/extract/charset.hpp"
#include "scanner/extract/extractor.hpp"
#include "scanner/extract/mail/headers.hpp"
#include "scanner/extract/mail/signed_data.hpp"
#include "scanner/extract/text_writer.hpp"

namespace gallra::extract {
namespace {

constexpr int kMaxFolderDepth = 100;            // Outlook itself stops at 300 characters of path
constexpr std::size_t kMaxValue = 64u << 20;    // one property; a letter of 1 MiB is a large one
constexpr std::size_t kPieceBytes = 64u << 10;  // of an attachment

// --- libpff's objects
// -----------------------------------------------------------------------------

// Errors carry no more than "failed" for us; they must be freed each time.
class Error {
 public:
  ~Error() { libpff_error_free(&error_); }
  Error() = default;
  Error(const Error&) = delete;
  Error& operator=(const Error&) = delete;
  libpff_error_t** operator()() {
    libpff_error_free(&error_);
    return &error_;
  }

 private:
  libpff_error_t* error_ = nullptr;
};

template <typename T, int (*kFree)(T**, libpff_error_t**)>
class Owned {
 public:
  Owned() = default;
  ~Owned() {
    Error error;
    if (object_ != nullptr) kFree(&object_, error());
  }
  Owned(Owned&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
  Owned& operator=(Owned&& other) noexcept {
    std::swap(object_, other.object_);
    return *this;
  }
  T** out() { return &object_; }
  T* get() const { return object_; }
  explicit operator bool() const { return object_ != nullptr; }

 private:
  T* object_ = nullptr;
};

using File = Owned<libpff_file_t, libpff_file_free>;
using Item = Owned<libpff_item_t, libpff_item_free>;
using RecordSet = Owned<libpff_record_set_t, libpff_record_set_free>;
using Entry = Owned<libpff_record_entry_t, libpff_record_entry_free>;
using MultiValue = Owned<libpff_multi_value_t, libpff_multi_value_free>;

// --- The descriptor as libbfio sees it
// ------------------------------------------------------------

struct Window {
  Source source;
  std::uint64_t at = 0;
};

Window* as_window(intptr_t* handle) { return reinterpret_cast<Window*>(handle); }

int window_free(intptr_t** handle, libbfio_error_t**) {
  if (handle != nullptr) delete as_window(std::exchange(*handle, nullptr));
  return 1;
}

int window_clone(intptr_t** to, intptr_t* from, libbfio_error_t**) {
  *to = reinterpret_cast<intptr_t*>(new Window(*as_window(from)));
  return 1;
}

int window_open(intptr_t* handle, int, libbfio_error_t**) {
  as_window(handle)->at = 0;
  return 1;
}

int window_close(intptr_t*, libbfio_error_t**) { return 0; }

ssize_t window_read(intptr_t* handle, std::uint8_t* buffer, std::size_t size, libbfio_error_t**) {
  Window* window = as_window(handle);
  const auto n = window->source.read(window->at, std::as_writable_bytes(std::span(buffer, size)));
  if (n > 0) window->at += static_cast<std::uint64_t>(n);
  return static_cast<ssize_t>(n);
}

ssize_t window_write(intptr_t*, const std::uint8_t*, std::size_t, libbfio_error_t**) { return -1; }

off64_t window_seek(intptr_t* handle, off64_t offset, int whence, libbfio_error_t**) {
  Window* window = as_window(handle);
  const auto size = static_cast<off64_t>(window->source.size);
  const off64_t base = whence == SEEK_SET   ? 0
                       : whence == SEEK_CUR ? static_cast<off64_t>(window->at)
                                            : size;
  off64_t to = 0;
  if (__builtin_add_overflow(base, offset, &to) || to < 0) return -1;
  window->at = static_cast<std::uint64_t>(to);
  return to;
}

int window_exists(intptr_t*, libbfio_error_t**) { return 1; }
int window_is_open(intptr_t*, libbfio_error_t**) { return 1; }

int window_size(intptr_t* handle, size64_t* size, libbfio_error_t**) {
  *size = as_window(handle)->source.size;
  return 1;
}

struct FreeHandle {
  void operator()(libbfio_handle_t* handle) const { libbfio_handle_free(&handle, nullptr); }
};
using Handle = std::unique_ptr<libbfio_handle_t, FreeHandle>;

Handle open_window(const Source& source) {
  auto window = std::make_unique<Window>(Window{source});
  libbfio_handle_t* handle = nullptr;
  if (libbfio_handle_initialize(&handle, reinterpret_cast<intptr_t*>(window.get()), window_free,
                                window_clone, window_open, window_close, window_read, window_write,
                                window_seek, window_exists, window_is_open, window_size,
                                LIBBFIO_FLAG_IO_HANDLE_MANAGED, nullptr) != 1)
    return nullptr;
  static_cast<void>(window.release());  // freed through window_free
  return Handle(handle);
}

// --- Properties (MS-OXPROPS)
// ----------------------------------------------------------------------

enum Property : std::uint32_t {
  kMessageClass = 0x001A,
  kSubject = 0x0037,
  kSubmitTime = 0x0039,
  kTransportHeaders = 0x007D,
  kRecipientType = 0x0C15,
  kDeliveryTime = 0x0E06,
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
  kBinary = 0x0102,
  kManyAscii = 0x101E,
  kManyUnicode = 0x101F,
};

// Strings that are names of kinds, doubles of others, or ids of machines.
bool is_noise_property(std::uint32_t id) {
  static const std::set<std::uint32_t> kIds = {
      0x001A, 0x003D, 0x0064, 0x0E05, 0x4022, 0x4024, 0x7203,           0x0070,
      0x0075, 0x0077, 0x0C1E, 0x0E1D, 0x1035, 0x1039, 0x1042,           0x10F3,
      0x10F4, 0x3002, 0x3613, kBody,  kRtf,   kHtml,  kTransportHeaders};
  return kIds.contains(id);
}

// Named properties in which mail servers keep what they guessed from the text, and their tracks.
bool is_noise_name(std::string_view name) {
  return name.starts_with("EntityExtraction") || name.starts_with("EntityDocument") ||
         name.starts_with("TeeVersion") || name.starts_with("MessageCardExtraction") ||
         name.starts_with("ConversationIndexTracking") ||
         name.starts_with("InferenceClassification") || mail::is_noise_header(name);
}

// What a reader of the mail would call it; mail headers first.
struct Label {
  PlaceKind kind;
  std::string_view text;
};

const Label* label_of(std::uint32_t id) {
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
  const auto found = kLabels.find(id);
  return found == kLabels.end() ? nullptr : &found->second;
}

// One property of one record set.
class Value {
 public:
  explicit Value(Entry entry) : entry_(std::move(entry)) {
    Error error;
    libpff_record_entry_get_entry_type(entry_.get(), &id_, error());
    libpff_record_entry_get_value_type(entry_.get(), &type_, error());
  }

  std::uint32_t id() const { return id_; }
  std::uint32_t type() const { return type_; }

  // The stored bytes; "" when there are none, or they cannot be read.
  std::string bytes() const {
    Error error;
    std::size_t size = 0;
    if (libpff_record_entry_get_data_size(entry_.get(), &size, error()) != 1 || size == 0 ||
        size > kMaxValue)
      return {};
    std::string data(size, '\0');
    if (libpff_record_entry_get_data(entry_.get(), reinterpret_cast<std::uint8_t*>(data.data()),
                                     size, error()) != 1)
      return {};
    return data;
  }

  std::uint64_t number() const {
    const std::string data = bytes();
    std::uint64_t number = 0;
    std::memcpy(&number, data.data(), std::min(data.size(), sizeof number));
    return number;
  }

  std::vector<std::string> many() const {
    std::vector<std::string> values;
    Error error;
    MultiValue multi;
    int count = 0;
    if (libpff_record_entry_get_multi_value(entry_.get(), multi.out(), error()) != 1 ||
        libpff_multi_value_get_number_of_values(multi.get(), &count, error()) != 1)
      return values;
    for (int i = 0; i < count; ++i) {
      std::uint32_t type = 0;
      std::uint8_t* data = nullptr;  // owned by `multi`
      std::size_t size = 0;
      if (libpff_multi_value_get_value(multi.get(), i, &type, &data, &size, error()) == 1 &&
          data != nullptr && size <= kMaxValue)
        values.emplace_back(reinterpret_cast<const char*>(data), size);
    }
    return values;
  }

  // The name of a property that its program invented.
  std::string own_name() const {
    Error error;
    libpff_name_to_id_map_entry_t* map = nullptr;  // owned by the file
    std::uint8_t kind = 0;
    std::size_t size = 0;
    if (libpff_record_entry_get_name_to_id_map_entry(entry_.get(), &map, error()) != 1 ||
        libpff_name_to_id_map_entry_get_type(map, &kind, error()) != 1 ||
        kind != LIBPFF_NAME_TO_ID_MAP_ENTRY_TYPE_STRING ||
        libpff_name_to_id_map_entry_get_utf8_string_size(map, &size, error()) != 1 || size < 2 ||
        size > 1024)
      return {};
    std::string name(size, '\0');
    if (libpff_name_to_id_map_entry_get_utf8_string(
            map, reinterpret_cast<std::uint8_t*>(name.data()), size, error()) != 1)
      return {};
    return name.substr(0, name.find('\0'));
  }

 private:
  Entry entry_;
  std::uint32_t id_ = 0;
  std::uint32_t type_ = 0;
};

// All that can be read of one record set; `complete` says whether that is all of it.
struct Values {
  std::vector<Value> all;
  bool complete = false;

  const Value* find(std::uint32_t id) const {
    const auto found =
        std::find_if(all.begin(), all.end(), [&](const Value& v) { return v.id() == id; });
    return found == all.end() ? nullptr : &*found;
  }
  std::uint64_t number(std::uint32_t id) const {
    const Value* value = find(id);
    return value == nullptr ? 0 : value->number();
  }
};

Values values_of(libpff_item_t* item, int set) {
  Values values;
  Error error;
  RecordSet records;
  int count = 0;
  if (libpff_item_get_record_set_by_index(item, set, records.out(), error()) != 1 ||
      libpff_record_set_get_number_of_entries(records.get(), &count, error()) != 1)
    return values;
  values.complete = true;
  for (int i = 0; i < count; ++i) {
    Entry entry;
    if (libpff_record_set_get_entry_by_index(records.get(), i, entry.out(), error()) == 1) {
      values.all.emplace_back(std::move(entry));
    } else {
      values.complete = false;
    }
  }
  return values;
}

int record_sets_of(libpff_item_t* item) {
  Error error;
  int count = 0;
  return libpff_item_get_number_of_record_sets(item, &count, error()) == 1 ? count : 0;
}

// --- One mailbox
// ----------------------------------------------------------------------------------

// Days since 1970 of a FILETIME (100 ns since 1601), as UTC: the mailbox does not say where it was.
std::string iso_day(std::uint64_t filetime) {
  constexpr std::uint64_t kTicksPerSecond = 10'000'000;
  constexpr std::int64_t kSecondsTo1970 = 11'644'473'600;
  const auto seconds = static_cast<std::int64_t>(filetime / kTicksPerSecond) - kSecondsTo1970;
  return filetime == 0 ? "" : day_text(day_from_unix(seconds));
}

// Outlook puts a two-character note on the subject's prefix in front: U+0001 and a length.
std::string_view without_prefix_note(std::string_view subject) {
  return subject.size() > 1 && subject[0] == '\x01' ? subject.substr(2) : subject;
}

// Windows' number of a character set as iconv names it.
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

class MailboxReader {
 public:
  MailboxReader(const ExtractRequest& request, ExtractSink& sink)
      : request_(request), sink_(sink) {}

  Outcome read();

 private:
  struct Tally {
    std::uint64_t expected = 0;
    std::uint64_t read = 0;
    std::uint64_t failed = 0;
  };

  void folder(libpff_item_t* item, const std::string& path, int depth);
  void messages(libpff_item_t* item, const std::string& path);
  void hidden_items(libpff_item_t* item, const std::string& path);
  void orphans(libpff_file_t* file);
  // False when it could not be read at all.
  bool top_item(libpff_item_t* item, const std::string& name);
  Outcome item(libpff_item_t* item, std::uint32_t depth);
  void property(TextWriter& writer, const Value& value);
  std::string text_of(std::uint32_t type, const std::string& bytes) const;
  void transport_headers(TextWriter& writer, const std::string& block);
  void recipients(TextWriter& writer, libpff_item_t* message);
  void bodies(TextWriter& writer, libpff_item_t* message, const Values& values);
  void dates(TextWriter& writer, const Values& values);
  Outcome attachments(libpff_item_t* message, std::uint32_t depth);
  void attachment(libpff_item_t* attachment, Member member, std::uint32_t depth);
  Outcome attached_bytes(libpff_item_t* attachment);
  std::string attachment_name(libpff_item_t* attachment, int number);
  void tally(const std::string& folder, const Tally& tally);

  const ExtractRequest& request_;
  ExtractSink& sink_;
  std::uint32_t next_member_ = 0;
  std::uint64_t over_limit_ = 0;  // items past Limits::max_members
  std::uint64_t failed_ = 0;      // items and folders that could not be read
  std::set<std::uint32_t> seen_;  // folders: a damaged index may run in circles
  std::string code_page_;         // of the item being read, for its 8-bit strings
};

std::string MailboxReader::text_of(std::uint32_t type, const std::string& bytes) const {
  const bool wide = type == kUnicode || type == kManyUnicode;
  // Strings end in a zero or do not.
  const std::size_t unit = wide ? 2 : 1;
  std::string_view text = std::string_view(bytes).substr(0, bytes.size() / unit * unit);
  while (text.ends_with(std::string_view("\0\0", unit))) text.remove_suffix(unit);
  return decode_as(wide ? "utf-16le" : code_page_, text);
}

void MailboxReader::property(TextWriter& writer, const Value& value) {
  const bool text = value.type() == kAscii || value.type() == kUnicode;
  const bool texts = value.type() == kManyAscii || value.type() == kManyUnicode;
  if (is_noise_property(value.id())) return;
  const Label* known = label_of(value.id());
  const std::string own = known == nullptr && (text || texts) ? value.own_name() : "";
  if (is_noise_name(own)) return;
  const PlaceKind kind = known == nullptr ? PlaceKind::kField : known->kind;
  const std::string label = known != nullptr ? std::string(known->text)
                            : own.empty()    ? fmt::format("property 0x{:04x}", value.id())
                                             : own;
  if (value.id() == kBirthday)
    writer.record(PlaceKind::kField, "birthday", iso_day(value.number()));
  if (text) {
    const std::string all = text_of(value.type(), value.bytes());
    writer.record(kind, label, value.id() == kSubject ? without_prefix_note(all) : all);
  }
  if (texts)
    for (const std::string& one : value.many())
      writer.record(kind, label, text_of(value.type(), one));
}

// The Internet headers as they came; what Outlook made properties of is not repeated.
void MailboxReader::transport_headers(TextWriter& writer, const std::string& block) {
  std::string name;
  std::string value;
  std::string origin;
  const auto finish = [&] {
    const std::string key = mail::lower(name);
    if (key == "received") {
      const std::string receiver = mail::receiver_of(value);
      if (!receiver.empty()) writer.record(PlaceKind::kHeader, "Received", "for " + receiver);
      origin = value;
    } else if (!mail::is_noise_header(key) && key != "subject" && key != "date") {
      writer.record(PlaceKind::kHeader, mail::header_label(name), value);
    }
    name.clear();
    value.clear();
  };
  std::string_view rest = block;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    const std::size_t colon = mail::header_name_length(line);
    if (colon > 0) {
      finish();
      name = line.substr(0, colon);
      line.remove_prefix(colon + 1);
    }
    const std::size_t text = line.find_first_not_of(" \t");
    if (text == std::string_view::npos || name.empty()) continue;
    if (!value.empty()) value += ' ';
    value += line.substr(text);
  }
  finish();
  writer.record(PlaceKind::kHeader, "Received", origin);
}

void MailboxReader::recipients(TextWriter& writer, libpff_item_t* message) {
  Error error;
  Item table;
  if (libpff_message_get_recipients(message, table.out(), error()) != 1) return;
  const int count = record_sets_of(table.get());
  for (int i = 0; i < count; ++i) {
    const Values values = values_of(table.get(), i);
    std::set<std::string> parts;  // name and addresses are often the same
    std::string line;
    for (const std::uint32_t id : {kDisplayName, kEmailAddress, kSmtpAddress}) {
      const Value* value = values.find(id);
      const std::string part = value == nullptr ? "" : text_of(value->type(), value->bytes());
      if (part.empty() || !parts.insert(part).second) continue;
      line += line.empty() ? part : " <" + part + ">";
    }
    const std::uint64_t type = values.number(kRecipientType) & 0xF;
    writer.record(PlaceKind::kHeader, type == 2 ? "Cc" : type == 3 ? "Bcc" : "To", line);
  }
}

void MailboxReader::bodies(TextWriter& writer, libpff_item_t* message, const Values& values) {
  if (const Value* plain = values.find(kBody))
    writer.prose({PlaceKind::kBody, 1, 0, "text/plain"}, text_of(plain->type(), plain->bytes()));
  if (const Value* html = values.find(kHtml)) {
    const std::string page =
        html->type() == kUnicode ? "utf-16le" : code_page_name(values.number(kInternetCodePage));
    writer.prose({PlaceKind::kBody, 1, 0, "text/html"}, decode_as(page, html->bytes()));
  }
  Error error;
  std::size_t size = 0;
  if (values.find(kRtf) == nullptr ||
      libpff_message_get_rtf_body_size(message, &size, error()) != 1 || size == 0 ||
      size > kMaxValue)
    return;
  std::string rtf(size, '\0');
  if (libpff_message_get_rtf_body(message, reinterpret_cast<std::uint8_t*>(rtf.data()), size,
                                  error()) == 1)
    writer.prose({PlaceKind::kBody, 1, 0, "text/rtf"}, rtf);
}

void MailboxReader::dates(TextWriter& writer, const Values& values) {
  std::uint64_t sent = values.number(kSubmitTime);
  if (sent == 0) sent = values.number(kDeliveryTime);
  if (sent != 0) {
    writer.date(DateKind::kMailDate, iso_day(sent));
  } else {
    writer.date(DateKind::kDocModified, iso_day(values.number(kModifiedTime)));
  }
}

std::string MailboxReader::attachment_name(libpff_item_t* attachment, int number) {
  const Values values = values_of(attachment, 0);
  for (const std::uint32_t id : {kAttachLongName, kAttachShortName, kDisplayName}) {
    const Value* value = values.find(id);
    const std::string name =
        value == nullptr ? "" : valid_utf8(text_of(value->type(), value->bytes()));
    if (!is_blank(name)) return fmt::format("attachment-{}/{}", number, name);
  }
  return fmt::format("attachment-{}", number);
}

Outcome MailboxReader::attached_bytes(libpff_item_t* attachment) {
  Error error;
  size64_t size = 0;
  if (libpff_attachment_get_data_size(attachment, &size, error()) != 1)
    return Outcome::not_read(Reason::kCorrupt, "no data");
  std::vector<std::uint8_t> buffer(kPieceBytes);
  libpff_attachment_data_seek_offset(attachment, 0, SEEK_SET, error());
  std::uint64_t got = 0;
  while (got < size) {
    const ssize_t n =
        libpff_attachment_data_read_buffer(attachment, buffer.data(), buffer.size(), error());
    if (n <= 0) break;
    got += static_cast<std::uint64_t>(n);
    sink_.member_bytes(std::as_bytes(std::span(buffer).first(static_cast<std::size_t>(n))));
  }
  if (got == size) return Outcome::read();
  return got == 0 ? Outcome::not_read(Reason::kCorrupt) : Outcome::in_part(Reason::kCorrupt);
}

void MailboxReader::attachment(libpff_item_t* attachment, Member member, std::uint32_t depth) {
  Error error;
  int type = LIBPFF_ATTACHMENT_TYPE_UNDEFINED;
  libpff_attachment_get_type(attachment, &type, error());
  Item inner;
  if (type == LIBPFF_ATTACHMENT_TYPE_ITEM &&
      libpff_attachment_get_item(attachment, inner.out(), error()) == 1) {
    member.kind = MemberKind::kMail;
    member.content = Member::Content::kInline;
    sink_.member(member);
    sink_.member_end(depth >= request_.limits.max_depth
                         ? Outcome::not_read(Reason::kTooDeep, fmt::format("{} levels", depth))
                         : item(inner.get(), depth + 1));
    return;
  }
  sink_.member(member);
  sink_.member_end(type == LIBPFF_ATTACHMENT_TYPE_REFERENCE
                       ? Outcome::not_read(Reason::kMissingPart, "a link to a file elsewhere")
                       : attached_bytes(attachment));
}

Outcome MailboxReader::attachments(libpff_item_t* message, std::uint32_t depth) {
  Error error;
  int count = 0;
  if (libpff_message_get_number_of_attachments(message, &count, error()) != 1)
    return Outcome::read();
  const std::string outer_page = code_page_;
  for (int i = 0; i < count; ++i) {
    Item part;
    Member member;
    member.kind = MemberKind::kAttachment;
    member.ordinal = static_cast<std::uint32_t>(i);
    if (libpff_message_get_attachment(message, i, part.out(), error()) == 1) {
      member.name = attachment_name(part.get(), i + 1);
      attachment(part.get(), member, depth);
    } else {
      member.name = fmt::format("attachment-{}", i + 1);
      sink_.member(member);
      sink_.member_end(Outcome::not_read(Reason::kCorrupt));
    }
    code_page_ = outer_page;
  }
  return Outcome::read();
}

Outcome MailboxReader::item(libpff_item_t* message, std::uint32_t depth) {
  TextWriter writer(sink_);
  const Values values = values_of(message, 0);
  if (values.all.empty()) return Outcome::not_read(Reason::kCorrupt, "no properties");
  code_page_ = code_page_name(values.number(kCodePage));
  for (const Value& value : values.all) property(writer, value);
  if (const Value* headers = values.find(kTransportHeaders))
    transport_headers(writer, text_of(headers->type(), headers->bytes()));
  recipients(writer, message);
  dates(writer, values);
  bodies(writer, message, values);
  Outcome outcome = attachments(message, depth);
  if (!values.complete) outcome = Outcome::in_part(Reason::kCorrupt, "some properties");
  return outcome;
}

bool MailboxReader::top_item(libpff_item_t* top, const std::string& name) {
  if (next_member_ >= request_.limits.max_members) {
    ++over_limit_;
    return false;
  }
  Member member;
  member.kind = MemberKind::kMail;
  member.content = Member::Content::kInline;
  member.name = name;
  member.ordinal = next_member_++;
  if (member.ordinal < request_.first_member) return true;  // delivered by an earlier run
  sink_.member(member);
  const Outcome outcome =
      top == nullptr ? Outcome::not_read(Reason::kCorrupt, "not found in the mailbox's index")
                     : item(top, 0);
  sink_.member_end(outcome);
  if (outcome.kind == OutcomeKind::kNotRead) ++failed_;
  return outcome.kind != OutcomeKind::kNotRead;
}

void MailboxReader::tally(const std::string& folder, const Tally& tally) {
  if (tally.expected > 0) sink_.mailbox({folder, tally.expected, tally.read, tally.failed});
}

void MailboxReader::messages(libpff_item_t* folder, const std::string& path) {
  Error error;
  int count = 0;
  const bool listed = libpff_folder_get_number_of_sub_messages(folder, &count, error()) == 1;
  const std::uint64_t promised = values_of(folder, 0).number(kContentCount);
  Tally tally;
  for (int i = 0; i < count; ++i) {
    Item message;
    libpff_folder_get_sub_message(folder, i, message.out(), error());
    const bool read = top_item(message.get(), fmt::format("{}message-{}", path, i + 1));
    ++(read ? tally.read : tally.failed);
  }
  if (!listed) ++failed_;
  // Messages that the folder promises and its index does not list are lost.
  tally.expected = std::max(promised, tally.read + tally.failed);
  tally.failed = tally.expected - tally.read;
  if (promised > static_cast<std::uint64_t>(count))
    failed_ += promised - static_cast<std::uint64_t>(count);
  this->tally(path.empty() ? request_.name : path.substr(0, path.size() - 1), tally);
}

// Rules, views and forms: Outlook does not show them, people's names stand in them.
void MailboxReader::hidden_items(libpff_item_t* folder, const std::string& path) {
  Error error;
  int count = 0;
  if (libpff_folder_get_number_of_sub_associated_contents(folder, &count, error()) != 1) return;
  for (int i = 0; i < count; ++i) {
    Item hidden;
    libpff_folder_get_sub_associated_content(folder, i, hidden.out(), error());
    top_item(hidden.get(), fmt::format("{}hidden-{}", path, i + 1));
  }
}

std::string folder_name(libpff_item_t* folder) {
  Error error;
  std::size_t size = 0;
  if (libpff_folder_get_utf8_name_size(folder, &size, error()) != 1 || size < 2 || size > 4096)
    return {};
  std::string name(size, '\0');
  if (libpff_folder_get_utf8_name(folder, reinterpret_cast<std::uint8_t*>(name.data()), size,
                                  error()) != 1)
    return {};
  return valid_utf8(name.substr(0, name.find('\0')));
}

void MailboxReader::folder(libpff_item_t* folder, const std::string& path, int depth) {
  Error error;
  std::uint32_t id = 0;
  libpff_item_get_identifier(folder, &id, error());
  if (depth > kMaxFolderDepth || !seen_.insert(id).second) {
    ++failed_;
    return;
  }
  // A search folder only points at what other folders hold (MS-PST 2.2.2.1, NID_TYPE).
  constexpr std::uint32_t kNodeType = 0x1F;
  constexpr std::uint32_t kSearchFolder = 0x03;
  if ((id & kNodeType) != kSearchFolder) {
    messages(folder, path);
    hidden_items(folder, path);
  }
  int count = 0;
  if (libpff_folder_get_number_of_sub_folders(folder, &count, error()) != 1) ++failed_;
  for (int i = 0; i < count; ++i) {
    Item sub;
    if (libpff_folder_get_sub_folder(folder, i, sub.out(), error()) != 1) {
      ++failed_;
      continue;
    }
    const std::string name = folder_name(sub.get());
    this->folder(sub.get(), path + (name.empty() ? fmt::format("folder-{}", i + 1) : name) + '/',
                 depth + 1);
  }
}

// Items that no folder lists; a mailbox that was repaired has them.
void MailboxReader::orphans(libpff_file_t* file) {
  Error error;
  int count = 0;
  if (libpff_file_get_number_of_orphan_items(file, &count, error()) != 1) return;
  Tally tally;
  for (int i = 0; i < count; ++i) {
    Item orphan;
    libpff_file_get_orphan_item_by_index(file, i, orphan.out(), error());
    const bool read = top_item(orphan.get(), fmt::format("orphans/item-{}", i + 1));
    ++(read ? tally.read : tally.failed);
    ++tally.expected;
  }
  this->tally("orphans", tally);
}

Outcome MailboxReader::read() {
  const Handle handle = open_window(request_.source);
  Error error;
  File file;
  if (handle == nullptr || libpff_file_initialize(file.out(), error()) != 1)
    return Outcome::not_read(Reason::kTooLarge, "memory");
  if (libpff_file_open_file_io_handle(file.get(), handle.get(), LIBPFF_OPEN_READ, error()) != 1)
    return Outcome::not_read(Reason::kCorrupt, "the mailbox's index cannot be read");
  const bool damaged = libpff_file_is_corrupted(file.get(), error()) == 1;
  Item root;
  if (libpff_file_get_root_folder(file.get(), root.out(), error()) == 1) {
    folder(root.get(), "", 0);
  } else {
    ++failed_;
  }
  orphans(file.get());
  root = Item();
  libpff_file_close(file.get(), error());
  if (over_limit_ > 0)
    return Outcome::in_part(Reason::kTooManyMembers, fmt::format("{} items not read", over_limit_));
  if (failed_ == 0 && !damaged) return Outcome::read();
  if (next_member_ == 0) return Outcome::not_read(Reason::kCorrupt, "no item can be read");
  return Outcome::in_part(Reason::kCorrupt, fmt::format("{} items or folders not read", failed_));
}

Outcome extract_pst(const ExtractRequest& request, ExtractSink& sink) {
  return MailboxReader(request, sink).read();
}

}  // namespace

extern const ExtractorEntry extractor_pst;
const ExtractorEntry extractor_pst = {
    .name = "pst", .formats = {Format::kPst}, .jailed = true, .extract = extract_pst};

}  // namespace gallra::extract

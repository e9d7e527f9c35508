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
#include <array>
#include <cerrno>
#include <cstring>
#include <fmt/core.h>
#include <libbfio.h>
#include <libpff.h>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "scanner/extract/charset.hpp"
#include "scanner/extract/extractor.hpp"
#include "scanner/extract/mail/formatted_body.hpp"
#include "scanner/extract/mail/headers.hpp"
#include "scanner/extract/mail/mapi.hpp"
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

// --- Properties ----------------------------------------------------------------------------------

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

  // The stored bytes; "" when there are none, or they cannot be read (then failed() is true).
  std::string bytes() const {
    Error error;
    std::size_t size = 0;
    if (libpff_record_entry_get_data_size(entry_.get(), &size, error()) != 1 || size == 0)
      return {};
    std::string data(std::min(size, kMaxValue), '\0');
    failed_ = size > kMaxValue ||
              libpff_record_entry_get_data(
                  entry_.get(), reinterpret_cast<std::uint8_t*>(data.data()), size, error()) != 1;
    return failed_ ? std::string() : data;
  }
  bool failed() const { return failed_; }

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
  mutable bool failed_ = false;
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
  bool all_read() const {
    return complete &&
           std::none_of(all.begin(), all.end(), [](const Value& v) { return v.failed(); });
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

// Outlook puts a two-character note on the subject's prefix in front: U+0001 and a length.
std::string_view without_prefix_note(std::string_view subject) {
  return subject.size() > 1 && subject[0] == '\x01' ? subject.substr(2) : subject;
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
  // False when they are there and cannot be read.
  bool recipients(TextWriter& writer, libpff_item_t* message);
  bool bodies(TextWriter& writer, libpff_item_t* message, const Values& values, mail::Told& told);
  bool formatted(Format format, const std::string& bytes, mail::Told& told);
  void dates(TextWriter& writer, const Values& values);
  bool attachments(libpff_item_t* message, bool promised, std::uint32_t next_member,
                   std::uint32_t depth);
  void attachment(libpff_item_t* attachment, Member member, std::uint32_t depth);
  bool smime(libpff_item_t* attachment, Member& member);
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
  const bool wide = type == mapi::kUnicode || type == mapi::kManyUnicode;
  // Strings end in a zero or do not.
  const std::size_t unit = wide ? 2 : 1;
  std::string_view text = std::string_view(bytes).substr(0, bytes.size() / unit * unit);
  while (text.ends_with(std::string_view("\0\0", unit))) text.remove_suffix(unit);
  return decode_as(wide ? "utf-16le" : code_page_, text);
}

void MailboxReader::property(TextWriter& writer, const Value& value) {
  const bool text = value.type() == mapi::kAscii || value.type() == mapi::kUnicode;
  const bool texts = value.type() == mapi::kManyAscii || value.type() == mapi::kManyUnicode;
  if (mapi::is_noise(value.id())) return;
  const mapi::Label* known = mapi::label_of(value.id());
  const std::string own = known == nullptr && (text || texts) ? value.own_name() : "";
  if (mapi::is_noise(own)) return;
  const PlaceKind kind = known == nullptr ? PlaceKind::kField : known->kind;
  const std::string label = known != nullptr ? std::string(known->text)
                            : own.empty()    ? fmt::format("property 0x{:04x}", value.id())
                                             : own;
  if (value.id() == mapi::kBirthday)
    writer.record(PlaceKind::kField, "birthday", mapi::iso_day(value.number()));
  if (text) {
    const std::string all = text_of(value.type(), value.bytes());
    writer.record(kind, label, value.id() == mapi::kSubject ? without_prefix_note(all) : all);
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

bool MailboxReader::recipients(TextWriter& writer, libpff_item_t* message) {
  Error error;
  Item table;
  const int found = libpff_message_get_recipients(message, table.out(), error());
  if (found != 1) return found == 0;
  bool all_read = true;
  const int count = record_sets_of(table.get());
  for (int i = 0; i < count; ++i) {
    const Values values = values_of(table.get(), i);
    std::set<std::string> parts;  // name and addresses are often the same
    std::string line;
    for (const std::uint32_t id : {mapi::kDisplayName, mapi::kEmailAddress, mapi::kSmtpAddress}) {
      const Value* value = values.find(id);
      const std::string part = value == nullptr ? "" : text_of(value->type(), value->bytes());
      if (part.empty() || !parts.insert(part).second) continue;
      line += line.empty() ? part : " <" + part + ">";
    }
    const std::uint64_t type = values.number(mapi::kRecipientType) & 0xF;
    writer.record(PlaceKind::kHeader, type == 2 ? "Cc" : type == 3 ? "Bcc" : "To", line);
    all_read = all_read && values.all_read();
  }
  return all_read;
}

bool MailboxReader::bodies(TextWriter& writer, libpff_item_t* message, const Values& values,
                           mail::Told& told) {
  bool all_read = true;
  if (const Value* plain = values.find(mapi::kBody))
    writer.prose({PlaceKind::kBody, 1, 0, "text/plain"}, text_of(plain->type(), plain->bytes()));
  told.offset = writer.bytes();
  if (const Value* html = values.find(mapi::kHtml)) {
    const std::string page = html->type() == mapi::kUnicode
                                 ? "utf-16le"
                                 : mapi::code_page_name(values.number(mapi::kInternetCodePage));
    all_read = formatted(Format::kHtml, mail::html_in(page, html->bytes()), told);
  }
  if (values.find(mapi::kRtf) == nullptr) return all_read;
  Error error;
  std::size_t size = 0;
  if (libpff_message_get_rtf_body_size(message, &size, error()) != 1 || size > kMaxValue)
    return false;
  std::string rtf(size, '\0');
  if (size > 0 && libpff_message_get_rtf_body(message, reinterpret_cast<std::uint8_t*>(rtf.data()),
                                              size, error()) != 1)
    return false;
  return formatted(Format::kRtf, rtf, told) && all_read;
}

bool MailboxReader::formatted(Format format, const std::string& bytes, mail::Told& told) {
  return mail::read_formatted(format, bytes, request_.limits, sink_, told).kind ==
         OutcomeKind::kRead;
}

void MailboxReader::dates(TextWriter& writer, const Values& values) {
  std::uint64_t sent = values.number(mapi::kSubmitTime);
  if (sent == 0) sent = values.number(mapi::kDeliveryTime);
  if (sent != 0) {
    writer.date(DateKind::kMailDate, mapi::iso_day(sent));
  } else {
    writer.date(DateKind::kDocModified, mapi::iso_day(values.number(mapi::kModifiedTime)));
  }
}

std::string MailboxReader::attachment_name(libpff_item_t* attachment, int number) {
  const Values values = values_of(attachment, 0);
  for (const std::uint32_t id :
       {mapi::kAttachLongName, mapi::kAttachShortName, mapi::kDisplayName}) {
    const Value* value = values.find(id);
    const std::string name =
        value == nullptr ? "" : valid_utf8(text_of(value->type(), value->bytes()));
    if (!is_blank(name)) return fmt::format("attachment-{}/{}", number, name);
  }
  return fmt::format("attachment-{}", number);
}

// Hands on an attachment's data until `take` says stop. False when not all of it could be read.
template <typename Take>
bool each_piece(libpff_item_t* attachment, Take take) {
  Error error;
  size64_t size = 0;
  if (libpff_attachment_get_data_size(attachment, &size, error()) != 1) return false;
  libpff_attachment_data_seek_offset(attachment, 0, SEEK_SET, error());
  std::string buffer(kPieceBytes, '\0');
  std::uint64_t got = 0;
  while (got < size) {
    const ssize_t n = libpff_attachment_data_read_buffer(
        attachment, reinterpret_cast<std::uint8_t*>(buffer.data()), buffer.size(), error());
    if (n <= 0) return false;
    got += static_cast<std::uint64_t>(n);
    if (!take(std::string_view(buffer).substr(0, static_cast<std::size_t>(n)))) return true;
  }
  return true;
}

Outcome MailboxReader::attached_bytes(libpff_item_t* attachment) {
  bool any = false;
  const bool all = each_piece(attachment, [&](std::string_view piece) {
    any = true;
    sink_.member_bytes(std::as_bytes(std::span(piece)));
    return true;
  });
  if (all) return Outcome::read();
  return any ? Outcome::in_part(Reason::kCorrupt) : Outcome::not_read(Reason::kCorrupt, "no data");
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
  if (mail::lower(member.name).ends_with(".p7m") && smime(attachment, member)) return;
  sink_.member(member);
  sink_.member_end(type == LIBPFF_ATTACHMENT_TYPE_REFERENCE
                       ? Outcome::not_read(Reason::kMissingPart, "a link to a file elsewhere")
                       : attached_bytes(attachment));
}

// S/MIME, which Outlook stores as one attachment. False when it is neither signed nor encrypted.
bool MailboxReader::smime(libpff_item_t* attachment, Member& member) {
  std::string bytes;
  each_piece(attachment, [&](std::string_view piece) {
    bytes += piece;
    return bytes.size() <= kMaxValue;
  });
  const mail::CmsKind kind = mail::cms_kind(bytes);
  if (kind == mail::CmsKind::kEncrypted) {
    sink_.member(member);
    sink_.member_end(Outcome::not_read(Reason::kEncrypted));
    return true;
  }
  // Clear-signed mail stands there as it came, headers and all.
  if (mail::lower(bytes.substr(0, 13)) == "content-type:") {
    member.kind = MemberKind::kMail;
    member.format_hint = Format::kEml;
  }
  const auto content = mail::signed_content(bytes);
  if (!content) return false;
  member.kind = MemberKind::kMail;
  member.format_hint = Format::kEml;
  sink_.member(member);
  sink_.member_bytes(std::as_bytes(std::span(*content)));
  sink_.member_end(Outcome::read());
  return true;
}

bool MailboxReader::attachments(libpff_item_t* message, bool promised, std::uint32_t next_member,
                                std::uint32_t depth) {
  Error error;
  int count = 0;
  if (libpff_message_get_number_of_attachments(message, &count, error()) != 1 || count <= 0)
    return !promised;
  const std::string outer_page = code_page_;
  for (int i = 0; i < count; ++i) {
    Item part;
    Member member;
    member.kind = MemberKind::kAttachment;
    member.ordinal = next_member++;
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
  return true;
}

Outcome MailboxReader::item(libpff_item_t* message, std::uint32_t depth) {
  TextWriter writer(sink_);
  const Values values = values_of(message, 0);
  if (values.all.empty()) return Outcome::not_read(Reason::kCorrupt, "no properties");
  code_page_ = mapi::code_page_name(values.number(mapi::kCodePage));
  for (const Value& value : values.all) property(writer, value);
  if (const Value* headers = values.find(mapi::kTransportHeaders))
    transport_headers(writer, text_of(headers->type(), headers->bytes()));
  const bool recipients_read = recipients(writer, message);
  dates(writer, values);
  mail::Told told;
  const bool bodies_read = bodies(writer, message, values, told);
  const bool promised =
      (values.number(mapi::kMessageFlags) & LIBPFF_MESSAGE_FLAG_HAS_ATTACHMENTS) != 0;
  const bool attachments_read = attachments(message, promised, told.next_member, depth);
  if (!values.all_read() || !bodies_read) return Outcome::in_part(Reason::kCorrupt, "some texts");
  if (!recipients_read) return Outcome::in_part(Reason::kCorrupt, "recipients");
  if (!attachments_read) return Outcome::in_part(Reason::kCorrupt, "attachments");
  return Outcome::read();
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
  const std::uint64_t promised = values_of(folder, 0).number(mapi::kContentCount);
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

// Its head says how long the mailbox is (MS-PST 2.2.2.6, ROOT.ibFileEof; little-endian).
bool is_cut(const Source& source) {
  constexpr std::size_t kVersion = 10;
  constexpr std::uint8_t kFirst64Bit = 20;  // 14 and 15 are ANSI; 23 and 36 (4k pages) Unicode
  std::array<std::uint8_t, 0xC0> head{};
  if (source.read(0, std::as_writable_bytes(std::span(head))) <
      static_cast<std::int64_t>(head.size()))
    return true;
  const bool wide = head[kVersion] >= kFirst64Bit;
  std::uint64_t length = 0;
  std::memcpy(&length, head.data() + (wide ? 0xB8 : 0xA8), wide ? 8 : 4);
  return source.size < length;
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
  const bool cut = is_cut(request_.source);
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
  if (next_member_ == 0 && (failed_ > 0 || cut))
    return Outcome::not_read(Reason::kCorrupt, "no item can be read");
  if (failed_ == 0 && cut) return Outcome::in_part(Reason::kCorrupt, "shorter than its head says");
  if (failed_ == 0 && !damaged) return Outcome::read();
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

// Mail (RFC 5322, MIME): headers, every text body, and the parts as members. GMime finds the
// structure; the bytes of a part are decoded here in pieces straight from the file, so that an
// attachment of any size costs a buffer. All of GMime is in this file.
#include <algorithm>
#include <array>
#include <cerrno>
#include <fmt/core.h>
#include <gmime/gmime.h>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "scanner/extract/charset.hpp"
#include "scanner/extract/extractor.hpp"
#include "scanner/extract/mail/body_text.hpp"
#include "scanner/extract/mail/encoded_words.hpp"
#include "scanner/extract/mail/formatted_body.hpp"
#include "scanner/extract/mail/headers.hpp"
#include "scanner/extract/mail/mail_view.hpp"
#include "scanner/extract/mail/signed_data.hpp"
#include "scanner/extract/mail/transfer.hpp"
#include "scanner/extract/text_writer.hpp"

namespace gallra::extract {
namespace {

using mail::lower;

constexpr int kMaxLevels = 100;              // parts in parts; nobody's mailer goes past ten
constexpr std::uint32_t kMaxParts = 10'000;  // of one file; people attach tens
// Of one mail; mailing lists reach 50 KiB. The view of the file cuts at the same size.
constexpr std::size_t kMaxHeaderBytes = 1u << 20;
constexpr std::size_t kHeaderCost = 64;  // a header's own, so that a million of nothing has a limit
// HTML and UTF-16 bodies are decoded whole; written by hand they are below 1 MiB.
constexpr std::size_t kMaxWholeBody = 64u << 20;
constexpr std::size_t kPieceBytes = 64u << 10;
constexpr std::size_t kMaxReceivers = 100;  // told by Received headers

// --- The file as GMime reads it
// -------------------------------------------------------------------

struct ViewStream {
  GMimeStream parent;
  const mail::MailView* view;  // outlives every stream on it
};

struct ViewStreamClass {
  GMimeStreamClass parent;
};

GType view_stream_type();

ViewStream* as_view(GMimeStream* stream) { return reinterpret_cast<ViewStream*>(stream); }

gint64 bound_of(const GMimeStream* stream) {
  const auto size = static_cast<gint64>(reinterpret_cast<const ViewStream*>(stream)->view->size());
  return stream->bound_end < 0 ? size : std::min(stream->bound_end, size);
}

ssize_t view_read(GMimeStream* stream, char* buffer, size_t length) {
  const gint64 end = bound_of(stream);
  if (stream->position >= end) return 0;
  const auto want =
      std::min<std::uint64_t>(length, static_cast<std::uint64_t>(end - stream->position));
  const auto n = as_view(stream)->view->read(static_cast<std::uint64_t>(stream->position),
                                             std::span(buffer, static_cast<std::size_t>(want)));
  if (n > 0) stream->position += n;
  return static_cast<ssize_t>(n);
}

ssize_t view_write(GMimeStream*, const char*, size_t) {
  errno = EBADF;
  return -1;
}

int view_nothing(GMimeStream*) { return 0; }

gboolean view_eos(GMimeStream* stream) {
  return stream->position >= bound_of(stream) ? TRUE : FALSE;
}

int view_reset(GMimeStream* stream) {
  stream->position = stream->bound_start;
  return 0;
}

gint64 view_seek(GMimeStream* stream, gint64 offset, GMimeSeekWhence whence) {
  gint64 to = offset;
  if (whence == GMIME_STREAM_SEEK_CUR) to = stream->position + offset;
  if (whence == GMIME_STREAM_SEEK_END) to = bound_of(stream) + offset;
  if (to < stream->bound_start || to > bound_of(stream)) {
    errno = EINVAL;
    return -1;
  }
  stream->position = to;
  return to;
}

gint64 view_tell(GMimeStream* stream) { return stream->position; }
gint64 view_length(GMimeStream* stream) { return bound_of(stream) - stream->bound_start; }

GMimeStream* new_view_stream(const mail::MailView* view, gint64 start, gint64 end) {
  auto* stream = static_cast<GMimeStream*>(g_object_new(view_stream_type(), nullptr));
  g_mime_stream_construct(stream, start, end);
  as_view(stream)->view = view;
  return stream;
}

GMimeStream* view_substream(GMimeStream* stream, gint64 start, gint64 end) {
  return new_view_stream(as_view(stream)->view, start, end);
}

void view_class_init(gpointer type_class, gpointer) {
  auto* stream = static_cast<GMimeStreamClass*>(type_class);
  stream->read = view_read;
  stream->write = view_write;
  stream->flush = view_nothing;
  stream->close = view_nothing;
  stream->eos = view_eos;
  stream->reset = view_reset;
  stream->seek = view_seek;
  stream->tell = view_tell;
  stream->length = view_length;
  stream->substream = view_substream;
}

GType view_stream_type() {
  static const GType type =
      g_type_register_static_simple(GMIME_TYPE_STREAM, "GallraViewStream", sizeof(ViewStreamClass),
                                    view_class_init, sizeof(ViewStream), nullptr, G_TYPE_FLAG_NONE);
  return type;
}

template <typename T>
struct Unref {
  void operator()(T* object) const { g_object_unref(object); }
};
template <typename T>
using Ref = std::unique_ptr<T, Unref<T>>;

struct FreeOptions {
  void operator()(GMimeParserOptions* options) const { g_mime_parser_options_free(options); }
};
using Options = std::unique_ptr<GMimeParserOptions, FreeOptions>;

std::string_view view_of(const char* text) { return text == nullptr ? "" : std::string_view(text); }

// --- The bytes of a part
// --------------------------------------------------------------------------

// Decodes a part's transfer encoding piece by piece.
class PartBytes {
 public:
  explicit PartBytes(GMimePart* part);

  // The next decoded bytes, valid until the next call; empty at the end.
  std::string_view next();
  bool failed() const { return failed_; }
  bool ends_early() const { return ends_early_; }
  bool is_uuencoded() const { return encoding_ == GMIME_CONTENT_ENCODING_UUENCODE; }

 private:
  std::string_view decode(std::string_view raw);
  std::string_view last();

  GMimeStream* stream_ = nullptr;  // owned by the part
  GMimeContentEncoding encoding_ = GMIME_CONTENT_ENCODING_DEFAULT;
  GMimeEncoding quoted_{};
  mail::Base64Decoder base64_;
  std::string raw_ = std::string(kPieceBytes, '\0');
  std::string decoded_;
  bool first_ = true;
  bool failed_ = false;
  bool ends_early_ = false;
};

PartBytes::PartBytes(GMimePart* part) {
  GMimeDataWrapper* content = g_mime_part_get_content(part);
  if (content == nullptr) return;
  stream_ = g_mime_data_wrapper_get_stream(content);
  encoding_ = g_mime_data_wrapper_get_encoding(content);
  if (stream_ != nullptr) g_mime_stream_reset(stream_);
  g_mime_encoding_init_decode(&quoted_, GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE);
}

std::string_view PartBytes::decode(std::string_view raw) {
  if (first_ && encoding_ == GMIME_CONTENT_ENCODING_BASE64 && !mail::is_base64(raw))
    encoding_ = GMIME_CONTENT_ENCODING_BINARY;  // mislabelled: the text stands in clear
  first_ = false;
  if (encoding_ == GMIME_CONTENT_ENCODING_BASE64) {
    decoded_.clear();
    base64_.add(raw, decoded_);
    return decoded_;
  }
  if (encoding_ == GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE) {
    decoded_.resize(g_mime_encoding_outlen(&quoted_, raw.size()));
    decoded_.resize(g_mime_encoding_step(&quoted_, raw.data(), raw.size(), decoded_.data()));
    return decoded_;
  }
  return raw;
}

// What base64 without its padding still holds.
std::string_view PartBytes::last() {
  decoded_.clear();
  if (encoding_ == GMIME_CONTENT_ENCODING_BASE64) {
    ends_early_ = ends_early_ || base64_.ends_early();
    base64_.finish(decoded_);
  }
  return decoded_;
}

std::string_view PartBytes::next() {
  while (stream_ != nullptr) {
    const ssize_t n = g_mime_stream_read(stream_, raw_.data(), raw_.size());
    failed_ = failed_ || n < 0;
    if (n <= 0) return last();
    const std::string_view bytes = decode({raw_.data(), static_cast<std::size_t>(n)});
    if (!bytes.empty()) return bytes;
  }
  return {};
}

// --- One file
// -------------------------------------------------------------------------------------

// What one mail (the file, or one enclosed in it) has met so far.
struct Letter {
  mail::Told told;
  std::size_t header_bytes = 0;
  Outcome outcome;
};

class MailReader {
 public:
  MailReader(const ExtractRequest& request, ExtractSink& sink)
      : request_(request), sink_(sink), view_(request.source, request.mbox_quoted) {}

  Outcome read();

 private:
  class Body;
  friend class Body;

  void message(GMimeMessage* message, int level);
  // The values of the Received headers, which are told apart from the rest.
  std::vector<std::string> headers(GMimeObject* object);
  void header(std::string_view name, std::string_view value);
  void received(const std::vector<std::string>& values);
  void date(GMimeMessage* message, const std::vector<std::string>& received);
  Outcome read_as_text();

  void part(GMimeObject* object, const std::string& path, int level);
  void multipart(GMimeMultipart* multipart, const std::string& path, int level);
  void enclosed(GMimeMessagePart* part, const std::string& path, int level);
  void leaf(GMimePart* part, const std::string& path);
  void encrypted(GMimeObject* part, const std::string& path);
  void attachment(GMimePart* part, const std::string& path);
  bool smime(GMimePart* part, const std::string& path);
  void plain_body(GMimePart* part, const std::string& path);
  void html_body(GMimePart* part);
  void loose_text(const char* text, const std::string& path);

  // False when the member was delivered by the run that this one resumes, or is one too many.
  bool member_begin(Member member);
  void member_bytes(std::string_view bytes);
  std::string whole(PartBytes& bytes, std::string_view first);
  void send(const Place& place, Layout layout, bool continues, std::string_view text);
  bool silent() const {
    return enclosed_depth_ == 0 && letter_->told.next_member < request_.first_member;
  }
  void note(Outcome outcome);

  const ExtractRequest& request_;
  ExtractSink& sink_;
  const mail::MailView view_;
  Letter* letter_ = nullptr;  // the innermost one
  std::uint32_t enclosed_depth_ = 0;
  std::uint32_t parts_ = 0;
};

std::string_view raw_header(GMimeObject* object, const char* name) {
  GMimeHeaderList* list = g_mime_object_get_header_list(object);
  GMimeHeader* header = list == nullptr ? nullptr : g_mime_header_list_get_header(list, name);
  return header == nullptr ? "" : view_of(g_mime_header_get_raw_value(header));
}

std::string media_type_of(GMimeObject* object) {
  GMimeContentType* type = g_mime_object_get_content_type(object);
  if (type == nullptr) return "text/plain";
  // "Content-Type: text" is no type; GMime takes it for a file, its writer meant a letter.
  const std::string written = lower(mail::header_text(raw_header(object, "Content-Type")));
  if (written.starts_with("text") && written.find('/') == std::string::npos) return "text/plain";
  return lower(view_of(g_mime_content_type_get_media_type(type))) + '/' +
         lower(view_of(g_mime_content_type_get_media_subtype(type)));
}

std::string parameter_of(GMimeObject* object, const char* name) {
  return std::string(view_of(g_mime_object_get_content_type_parameter(object, name)));
}

std::string file_name_of(GMimeObject* object) {
  // GMime decodes encoded words one padding short; RFC 2231 it does well.
  std::string encoded =
      mail::encoded_parameter(raw_header(object, "Content-Disposition"), "filename");
  if (encoded.empty())
    encoded = mail::encoded_parameter(raw_header(object, "Content-Type"), "name");
  if (!encoded.empty()) return encoded;
  std::string_view name =
      view_of(g_mime_object_get_content_disposition_parameter(object, "filename"));
  if (name.empty()) name = view_of(g_mime_object_get_content_type_parameter(object, "name"));
  return valid_utf8(name);
}

// "part-2/bilaga.docx", "part-2.1"
std::string member_name(const std::string& path, std::string_view file) {
  std::string name = "part-" + (path.empty() ? "1" : path);
  return file.empty() ? name : name + '/' + std::string(file);
}

std::string child_path(const std::string& path, int index) {
  return path.empty() ? std::to_string(index) : path + '.' + std::to_string(index);
}

// Text that is part of the letter and not a file of its own.
bool is_body_type(std::string_view media) {
  static const std::set<std::string, std::less<>> kTypes = {"text/plain",
                                                            "text/html",
                                                            "text/enriched",
                                                            "text/richtext",
                                                            "text/rfc822-headers",
                                                            "message/delivery-status",
                                                            "message/feedback-report",
                                                            "message/disposition-notification"};
  return kTypes.contains(media);
}

bool is_html_type(std::string_view media) {
  return media == "text/html" || media == "text/enriched" || media == "text/richtext";
}

// Control characters that text does not have, one in twenty or more.
bool is_binary(std::string_view head) {
  const auto strange = std::count_if(head.begin(), head.end(), [](char c) {
    return static_cast<unsigned char>(c) < ' ' && c != '\t' && c != '\r' && c != '\n' &&
           c != '\f' && c != '\x1b';
  });
  return static_cast<std::size_t>(strange) * 20 > head.size();
}

// UTF-16 and UTF-32 cannot be cut into lines before they are decoded.
bool is_wide(const std::string& charset, std::string_view head) {
  const std::string label = lower(charset);
  if (label.starts_with("utf-16") || label.starts_with("utf-32") || label.starts_with("ucs-") ||
      label.starts_with("iso-10646"))
    return true;
  const auto zeros = std::count(head.begin(), head.end(), '\0');
  return head.starts_with("\xFF\xFE") || head.starts_with("\xFE\xFF") ||
         static_cast<std::size_t>(zeros) * 5 > head.size();
}

// --- Bodies
// ---------------------------------------------------------------------------------------

class MailReader::Body : public mail::BodyReceiver {
 public:
  Body(MailReader& reader, std::string charset, std::string path)
      : reader_(reader), charset_(std::move(charset)), path_(std::move(path)) {}

  void lines(std::string_view bytes, std::uint32_t line, bool continues) override {
    reader_.send({PlaceKind::kBody, line, 0, "text/plain"}, Layout::kProse, continues,
                 decode_as(charset_, bytes));
  }
  void attachment_begin(std::string_view name) override {
    Member member;
    member.kind = MemberKind::kAttachment;
    member.name = member_name(path_, valid_utf8(name));
    delivering_ = reader_.member_begin(member);
  }
  void attachment_bytes(std::string_view bytes) override {
    if (delivering_) reader_.member_bytes(bytes);
  }
  void attachment_end(Outcome outcome) override {
    if (delivering_) reader_.sink_.member_end(std::move(outcome));
  }

 private:
  MailReader& reader_;
  std::string charset_;
  std::string path_;
  bool delivering_ = false;
};

void MailReader::send(const Place& place, Layout layout, bool continues, std::string_view text) {
  Place at = place;
  while (!text.empty()) {
    std::string_view piece = text.substr(0, kPieceBytes);
    if (piece.size() < text.size()) {
      const std::size_t line_end = piece.rfind('\n');
      if (line_end != std::string_view::npos) piece = piece.substr(0, line_end + 1);
      // A line longer than a piece is cut between characters.
      std::size_t cut = piece.size();
      while (line_end == std::string_view::npos && cut > 1 &&
             (static_cast<unsigned char>(text[cut]) & 0xC0) == 0x80)
        --cut;
      piece = piece.substr(0, cut);
    }
    if (!silent()) sink_.text({at, layout, continues, piece, letter_->told.offset});
    letter_->told.offset += piece.size();
    if (at.kind == PlaceKind::kBody)
      at.a += static_cast<std::uint32_t>(std::count(piece.begin(), piece.end(), '\n'));
    continues = true;
    text.remove_prefix(piece.size());
  }
}

// All of a body, up to the limit; `first` was read already.
std::string MailReader::whole(PartBytes& bytes, std::string_view first) {
  std::string all(first);
  for (std::string_view more = bytes.next(); !more.empty(); more = bytes.next()) {
    if (all.size() + more.size() > kMaxWholeBody) {
      note(Outcome::in_part(Reason::kTooLarge, "text body of more than 64 MiB"));
      break;
    }
    all += more;
  }
  return all;
}

void MailReader::plain_body(GMimePart* part, const std::string& path) {
  GMimeObject* object = GMIME_OBJECT(part);
  const mail::Flow flow{lower(parameter_of(object, "format")) == "flowed",
                        lower(parameter_of(object, "delsp")) == "yes"};
  const std::string charset = parameter_of(object, "charset");
  PartBytes bytes(part);
  std::string_view piece = bytes.next();
  const bool wide = is_wide(charset, piece);
  Body body(*this, wide ? "utf-8" : charset, path);
  mail::BodyText text(body, flow);
  if (wide) {
    text.add(decode_as(charset, whole(bytes, piece)));
  } else {
    for (; !piece.empty(); piece = bytes.next()) text.add(piece);
  }
  text.finish();
  if (bytes.failed()) note(Outcome::in_part(Reason::kIoError));
}

void MailReader::html_body(GMimePart* part) {
  if (silent()) return;
  PartBytes bytes(part);
  const std::string page =
      mail::html_in(parameter_of(GMIME_OBJECT(part), "charset"), whole(bytes, {}));
  note(mail::read_formatted(Format::kHtml, page, request_.limits, sink_, letter_->told));
  if (bytes.failed()) note(Outcome::in_part(Reason::kIoError));
}

// Text outside all parts: "This is a multi-part message ...", and all of a mail whose boundary is
// lost.
void MailReader::loose_text(const char* text, const std::string& path) {
  if (is_blank(view_of(text))) return;
  Body body(*this, "", path);
  mail::BodyText lines(body, {});
  lines.add(view_of(text));
  lines.finish();
}

// --- Parts
// ----------------------------------------------------------------------------------------

bool MailReader::member_begin(Member member) {
  member.ordinal = letter_->told.next_member++;
  if (enclosed_depth_ == 0 && member.ordinal < request_.first_member) return false;
  sink_.member(member);
  return true;
}

void MailReader::member_bytes(std::string_view bytes) {
  sink_.member_bytes(std::as_bytes(std::span(bytes)));
}

// Of the letter's flaws the first is told. What was not read is a part of it only.
void MailReader::note(Outcome outcome) {
  if (letter_->outcome.kind != OutcomeKind::kRead || outcome.kind == OutcomeKind::kRead) return;
  letter_->outcome = Outcome::in_part(outcome.reason, std::move(outcome.detail));
}

void MailReader::part(GMimeObject* object, const std::string& path, int level) {
  if (level > kMaxLevels) {
    note(Outcome::in_part(Reason::kTooDeep, fmt::format("{} levels of parts", kMaxLevels)));
  } else if (++parts_ > kMaxParts) {
    note(Outcome::in_part(Reason::kTooManyMembers, fmt::format("{} parts", kMaxParts)));
  } else if (GMIME_IS_MULTIPART(object)) {
    multipart(GMIME_MULTIPART(object), path, level);
  } else if (GMIME_IS_MESSAGE_PART(object)) {
    enclosed(GMIME_MESSAGE_PART(object), path, level);
  } else if (GMIME_IS_PART(object)) {
    leaf(GMIME_PART(object), path);
  }
}

void MailReader::multipart(GMimeMultipart* multipart, const std::string& path, int level) {
  const bool is_encrypted = media_type_of(GMIME_OBJECT(multipart)) == "multipart/encrypted";
  loose_text(g_mime_multipart_get_prologue(multipart), path);
  const int count = g_mime_multipart_get_count(multipart);
  for (int i = 0; i < count && parts_ <= kMaxParts; ++i) {
    GMimeObject* child = g_mime_multipart_get_part(multipart, i);
    // The first part of an encrypted mail only says how the second was encrypted (RFC 1847).
    if (is_encrypted && i > 0) {
      encrypted(child, child_path(path, i + 1));
    } else {
      part(child, child_path(path, i + 1), level + 1);
    }
  }
  loose_text(g_mime_multipart_get_epilogue(multipart), path);
  if (!multipart->write_end_boundary)
    note(Outcome::in_part(Reason::kCorrupt, "ends before its last boundary"));
}

void MailReader::enclosed(GMimeMessagePart* part, const std::string& path, int level) {
  Member member;
  member.kind = MemberKind::kMail;
  member.content = Member::Content::kInline;
  member.name = member_name(path, file_name_of(GMIME_OBJECT(part)));
  member.format_hint = Format::kEml;
  if (!member_begin(member)) return;
  GMimeMessage* inner = g_mime_message_part_get_message(part);
  Letter letter;
  if (inner == nullptr) {
    letter.outcome = Outcome::not_read(Reason::kCorrupt);
  } else if (enclosed_depth_ >= request_.limits.max_depth) {
    letter.outcome = Outcome::not_read(Reason::kTooDeep, fmt::format("{} levels", enclosed_depth_));
  } else {
    Letter* outer = std::exchange(letter_, &letter);
    ++enclosed_depth_;
    message(inner, level + 1);
    --enclosed_depth_;
    letter_ = outer;
  }
  sink_.member_end(letter.outcome);
}

void MailReader::leaf(GMimePart* part, const std::string& path) {
  GMimeObject* object = GMIME_OBJECT(part);
  const std::string media = media_type_of(object);
  const std::string disposition = lower(view_of(g_mime_object_get_disposition(object)));
  header("Content-Description", mail::header_text(raw_header(object, "Content-Description")));
  if (smime(part, path)) return;
  const bool is_body =
      is_body_type(media) && disposition != "attachment" && file_name_of(object).empty();
  const bool uuencoded = PartBytes(part).is_uuencoded();
  if (is_body && is_html_type(media) && !uuencoded) {
    html_body(part);
  } else if (is_body || uuencoded) {
    plain_body(part, path);
  } else {
    attachment(part, path);
  }
}

void MailReader::encrypted(GMimeObject* part, const std::string& path) {
  Member member;
  member.kind = MemberKind::kAttachment;
  member.name = member_name(path, file_name_of(part));
  if (member_begin(member)) sink_.member_end(Outcome::not_read(Reason::kEncrypted));
}

void MailReader::attachment(GMimePart* part, const std::string& path) {
  const std::string media = media_type_of(GMIME_OBJECT(part));
  // A mail that was encoded for the way, against the standard.
  const bool is_mail = media == "message/rfc822" || media == "message/global";
  Member member;
  member.kind = is_mail ? MemberKind::kMail : MemberKind::kAttachment;
  member.format_hint = is_mail ? Format::kEml : Format::kUnknown;
  member.name = member_name(path, file_name_of(GMIME_OBJECT(part)));
  if (!member_begin(member)) return;
  PartBytes bytes(part);
  for (std::string_view piece = bytes.next(); !piece.empty(); piece = bytes.next())
    member_bytes(piece);
  Outcome outcome;
  if (bytes.ends_early()) outcome = Outcome::in_part(Reason::kCorrupt, "base64 ends early");
  if (bytes.failed()) outcome = Outcome::in_part(Reason::kIoError);
  sink_.member_end(outcome);
}

// S/MIME: encrypted is told apart from signed, whose content is a mail of its own.
bool MailReader::smime(GMimePart* part, const std::string& path) {
  const std::string media = media_type_of(GMIME_OBJECT(part));
  const std::string file = file_name_of(GMIME_OBJECT(part));
  if (media != "application/pkcs7-mime" && media != "application/x-pkcs7-mime" &&
      !lower(file).ends_with(".p7m"))
    return false;
  PartBytes bytes(part);
  const std::string_view head = bytes.next();
  const std::string declared = lower(parameter_of(GMIME_OBJECT(part), "smime-type"));
  const mail::CmsKind kind = mail::cms_kind(head);
  if (kind == mail::CmsKind::kEncrypted ||
      (kind == mail::CmsKind::kNone && declared.find("enveloped") != std::string::npos)) {
    encrypted(GMIME_OBJECT(part), path);
    return true;
  }
  if (kind != mail::CmsKind::kSigned) return false;
  const auto content = mail::signed_content(whole(bytes, head));
  if (!content) return false;
  Member member;
  member.kind = MemberKind::kMail;
  member.name = member_name(path, file);
  member.format_hint = Format::kEml;
  if (!member_begin(member)) return true;
  member_bytes(*content);
  sink_.member_end(Outcome::read());
  return true;
}

// --- A whole mail
// ---------------------------------------------------------------------------------

void MailReader::header(std::string_view name, std::string_view value) {
  if (is_blank(value)) return;
  letter_->header_bytes += name.size() + value.size() + kHeaderCost;
  if (letter_->header_bytes > kMaxHeaderBytes) {
    note(Outcome::in_part(Reason::kTooLarge, "headers of more than 1 MiB"));
    return;
  }
  send({PlaceKind::kHeader, 0, 0, mail::header_label(name)}, Layout::kRecord, false,
       valid_utf8(value));
}

std::vector<std::string> MailReader::headers(GMimeObject* object) {
  std::vector<std::string> received;
  GMimeHeaderList* list = g_mime_object_get_header_list(object);
  const int count = list == nullptr ? 0 : g_mime_header_list_get_count(list);
  for (int i = 0; i < count && letter_->header_bytes <= kMaxHeaderBytes; ++i) {
    GMimeHeader* at = g_mime_header_list_get_header_at(list, i);
    const std::string_view name = view_of(g_mime_header_get_name(at));
    const std::string value = mail::header_text(view_of(g_mime_header_get_raw_value(at)));
    if (lower(name) == "received") received.push_back(value);
    if (!mail::is_noise_header(name)) header(name, value);
  }
  return received;
}

void MailReader::received(const std::vector<std::string>& values) {
  std::set<std::string> receivers;
  for (const std::string& value : values) {
    const std::string receiver = mail::receiver_of(value);
    if (receivers.size() < kMaxReceivers && !receiver.empty() && receivers.insert(receiver).second)
      header("Received", "for " + receiver);
  }
  if (!values.empty()) header("Received", values.back());
}

void MailReader::date(GMimeMessage* message, const std::vector<std::string>& received) {
  struct FreeDate {
    void operator()(GDateTime* date) const { g_date_time_unref(date); }
  };
  std::unique_ptr<GDateTime, FreeDate> parsed;
  GDateTime* date = g_mime_message_get_date(message);  // owned by the message
  // Without a Date header the last hop says when it came.
  if (date == nullptr && !received.empty()) {
    const std::size_t at = received.front().rfind(';');
    if (at != std::string::npos)
      parsed.reset(g_mime_utils_header_decode_date(received.front().c_str() + at + 1));
    date = parsed.get();
  }
  if (date == nullptr || silent()) return;
  int year = 0;
  int month = 0;
  int day = 0;
  g_date_time_get_ymd(date, &year, &month, &day);  // as the sender's calendar said
  TextWriter(sink_).date(DateKind::kMailDate, fmt::format("{:04}-{:02}-{:02}", year, month, day));
}

void MailReader::message(GMimeMessage* message, int level) {
  const std::vector<std::string> hops = headers(GMIME_OBJECT(message));
  received(hops);
  date(message, hops);
  GMimeObject* body = g_mime_message_get_mime_part(message);
  if (body != nullptr) part(body, "", level);
}

Outcome MailReader::read_as_text() {
  std::string buffer(kPieceBytes, '\0');
  Body body(*this, "", "");
  mail::BodyText text(body, {});
  for (std::uint64_t at = 0; at < view_.size();) {
    const auto n = view_.read(at, buffer);
    if (n < 0) note(Outcome::in_part(Reason::kIoError));
    if (n <= 0) break;
    const std::string_view piece(buffer.data(), static_cast<std::size_t>(n));
    if (at == 0 && is_binary(piece)) return Outcome::not_read(Reason::kCorrupt, "no mail");
    text.add(piece);
    at += static_cast<std::uint64_t>(n);
  }
  text.finish();
  note(Outcome::in_part(Reason::kCorrupt, "no mail headers"));
  return letter_->outcome;
}

Options make_options() {
  Options options(g_mime_parser_options_new());
  g_mime_parser_options_set_rfc2047_compliance_mode(options.get(), GMIME_RFC_COMPLIANCE_LOOSE);
  g_mime_parser_options_set_parameter_compliance_mode(options.get(), GMIME_RFC_COMPLIANCE_LOOSE);
  g_mime_parser_options_set_address_compliance_mode(options.get(), GMIME_RFC_COMPLIANCE_LOOSE);
  std::array<const char*, 3> fallback = {"utf-8", "windows-1252", nullptr};
  g_mime_parser_options_set_fallback_charsets(options.get(), fallback.data());
  return options;
}

Outcome MailReader::read() {
  Letter letter;
  letter_ = &letter;
  const Options options = make_options();
  const Ref<GMimeStream> stream(new_view_stream(&view_, 0, static_cast<gint64>(view_.size())));
  const Ref<GMimeParser> parser(g_mime_parser_new_with_stream(stream.get()));
  const Ref<GMimeMessage> mail(g_mime_parser_construct_message(parser.get(), options.get()));
  if (mail == nullptr) return read_as_text();
  const std::string& postmark = view_.postmark();
  if (!postmark.empty()) header("Envelope-From", std::string_view(postmark).substr(5));
  if (view_.headers_cut()) note(Outcome::in_part(Reason::kTooLarge, "headers of more than 1 MiB"));
  message(mail.get(), 1);
  return letter.outcome;
}

// GMime decodes headers through iconv, whose converters cannot be loaded in the jail.
void prepare_eml() {
  prepare_charsets();
  g_mime_init();
  view_stream_type();
}

Outcome extract_eml(const ExtractRequest& request, ExtractSink& sink) {
  static const bool ready = (prepare_eml(), true);  // outside the jail nobody prepared
  static_cast<void>(ready);
  return MailReader(request, sink).read();
}

}  // namespace

extern const ExtractorEntry extractor_eml;
const ExtractorEntry extractor_eml = {.name = "eml",
                                      .formats = {Format::kEml},
                                      .jailed = true,
                                      .extract = extract_eml,
                                      .prepare = prepare_eml};

}  // namespace gallra::extract

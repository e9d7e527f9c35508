// Rich Text Format (Microsoft's specification 1.9.1), as a stream. Text by the character set of its
// font, tables as rows, notes and headers with their label, properties and days; pictures and
// embedded objects are members of their own.
#include <algorithm>
#include <array>
#include <fmt/core.h>
#include <map>
#include <utility>
#include <vector>

#include "scanner/extract/charset.hpp"
#include "scanner/extract/extractor.hpp"
#include "scanner/extract/text_writer.hpp"

namespace gallra::extract {
namespace {

constexpr std::size_t kBlockBytes = 256u << 10;
// Deeper groups share the state of the last one that is kept.
constexpr std::size_t kMostGroups = 1000;
constexpr std::size_t kMostParagraph = 64u << 10;
constexpr std::size_t kMostRows = 64u << 10;
constexpr std::size_t kMostProperty = 4096;
constexpr std::size_t kMostWord = 40;  // letters of a control word; the specification says 32
constexpr int kMostFallback = 64;      // characters that may stand in for one \u
constexpr std::size_t kMostFonts = 10'000;

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

int hex_digit(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

// \fcharsetN of a font, as Windows numbers its character sets.
int code_page_of(int charset, int otherwise) {
  switch (charset) {
    case 0:
      return 1252;
    case 77:
      return 10000;
    case 128:
      return 932;
    case 129:
      return 949;
    case 134:
      return 936;
    case 136:
      return 950;
    case 161:
      return 1253;
    case 162:
      return 1254;
    case 163:
      return 1258;
    case 177:
      return 1255;
    case 178:
      return 1256;
    case 186:
      return 1257;
    case 204:
      return 1251;
    case 222:
      return 874;
    case 238:
      return 1250;
    case 254:
      return 437;
    case 255:
      return 850;
    default:
      return otherwise;
  }
}

std::string label_of_page(int page) {
  if (page == 10000) return "macintosh";
  if (page == 65001) return "utf-8";
  if (page == 1361) return "euc-kr";
  return page >= 1250 && page <= 1258 ? fmt::format("windows-{}", page) : fmt::format("cp{}", page);
}

// Where text goes.
enum class Target : std::uint8_t {
  kBody,
  kSkip,
  kFonts,
  kProperty,
  kDay,      // creatim, revtim
  kPicture,  // hexadecimal bytes
  kObject,
  kMarkup,  // HTML that Outlook wrapped
};

struct Group {
  Target target = Target::kBody;
  std::string_view label;  // paragraphs: "header" ...; properties: their name
  int fallback = 1;        // \ucN
  int font = -1;
  int page = 0;  // code page; 0 = that of the document
};

// Skipped together with every destination inside.
constexpr std::string_view kAll = "all";

struct Destination {
  std::string_view word;
  Target target;
  std::string_view label;
};

// What is not listed here and begins with \* is skipped; other unknown words are formatting.
constexpr Destination kDestinations[] = {
    {"fonttbl", Target::kFonts, ""},
    {"colortbl", Target::kSkip, kAll},
    {"stylesheet", Target::kSkip, kAll},
    {"listtable", Target::kSkip, kAll},
    {"listoverridetable", Target::kSkip, kAll},
    {"rsidtbl", Target::kSkip, kAll},
    {"filetbl", Target::kSkip, kAll},
    {"themedata", Target::kSkip, kAll},
    {"colorschememapping", Target::kSkip, kAll},
    {"datastore", Target::kSkip, kAll},
    {"latentstyles", Target::kSkip, kAll},
    {"nonshppict", Target::kSkip, kAll},
    {"header", Target::kBody, "header"},
    {"headerl", Target::kBody, "header"},
    {"headerr", Target::kBody, "header"},
    {"headerf", Target::kBody, "header"},
    {"footer", Target::kBody, "footer"},
    {"footerl", Target::kBody, "footer"},
    {"footerr", Target::kBody, "footer"},
    {"footerf", Target::kBody, "footer"},
    {"footnote", Target::kBody, "footnote"},
    {"annotation", Target::kBody, "comment"},
    {"atnauthor", Target::kBody, "comment"},
    {"atnid", Target::kBody, "comment"},
    {"fldinst", Target::kBody, ""},
    {"fldrslt", Target::kBody, ""},
    {"shptxt", Target::kBody, ""},
    {"shppict", Target::kBody, ""},
    {"shpinst", Target::kBody, ""},
    {"sp", Target::kSkip, ""},
    {"bkmkstart", Target::kSkip, kAll},
    {"bkmkend", Target::kSkip, kAll},
    {"formfield", Target::kBody, ""},
    {"ffdeftext", Target::kBody, ""},
    {"ffl", Target::kBody, ""},
    {"ffname", Target::kSkip, kAll},
    {"ffformat", Target::kSkip, kAll},
    {"revtbl", Target::kProperty, "reviser"},
    {"info", Target::kSkip, ""},
    {"title", Target::kProperty, "title"},
    {"subject", Target::kProperty, "subject"},
    {"author", Target::kProperty, "author"},
    {"operator", Target::kProperty, "operator"},
    {"manager", Target::kProperty, "manager"},
    {"company", Target::kProperty, "company"},
    {"category", Target::kProperty, "category"},
    {"keywords", Target::kProperty, "keywords"},
    {"comment", Target::kProperty, "comment"},
    {"doccomm", Target::kProperty, "comment"},
    {"hlinkbase", Target::kProperty, "link base"},
    {"propname", Target::kProperty, "property"},
    {"staticval", Target::kProperty, "property"},
    {"docvar", Target::kProperty, "variable"},
    {"userprops", Target::kSkip, ""},
    {"creatim", Target::kDay, "created"},
    {"revtim", Target::kDay, "modified"},
    {"printim", Target::kSkip, kAll},
    {"buptim", Target::kSkip, kAll},
    {"pict", Target::kPicture, ""},
    {"objdata", Target::kObject, ""},
    {"result", Target::kBody, ""},
    {"htmltag", Target::kMarkup, ""},
    {"mhtmltag", Target::kSkip, kAll},
    {"pntext", Target::kBody, ""},
};

struct Symbol {
  std::string_view word;
  std::string_view text;
};
constexpr Symbol kSymbols[] = {
    {"emdash", "\u2014"}, {"endash", "\u2013"},    {"bullet", "\u2022"},    {"lquote", "\u2018"},
    {"rquote", "\u2019"}, {"ldblquote", "\u201C"}, {"rdblquote", "\u201D"}, {"emspace", " "},
    {"enspace", " "},     {"qmspace", " "},        {"line", "\n"},          {"softline", "\n"},
    {"lbr", "\n"},        {"tab", "\t"},
};

// Hexadecimal or binary bytes of a picture or object, on their way out as a member.
class Embedded {
 public:
  Embedded(ExtractSink& sink, std::uint32_t first) : sink_(sink), first_(first) {}

  void begin(Target target) {
    end();
    bytes_.clear();
    object_ = target == Target::kObject;
    name_ = object_ ? "object" : "picture";
    extension_.clear();
    half_ = -1;
    begun_ = announced_ = false;
    open_ = true;
  }
  bool open() const { return open_; }
  void kind(std::string_view extension) { extension_ = extension; }
  void hex(char c) {
    const int digit = hex_digit(c);
    if (digit < 0) return;
    if (half_ < 0) {
      half_ = digit;
      return;
    }
    add(static_cast<char>(half_ * 16 + digit));
    half_ = -1;
  }
  void add(char byte) {
    bytes_.push_back(byte);
    if (bytes_.size() >= kBlockBytes) send();
  }
  void end() {
    if (!open_) return;
    send();
    open_ = false;
    if (announced_) sink_.member_end(Outcome::read());
    announced_ = false;
  }
  // A member that is open when the document stops is damaged.
  void break_off() {
    if (!open_) return;
    send();
    if (announced_) sink_.member_end(Outcome::in_part(Reason::kCorrupt, "cut off"));
    open_ = announced_ = false;
  }

 private:
  void send() {
    if (bytes_.empty()) return;
    if (!begun_) {
      if (object_) without_wrapper();
      Member member;
      member.kind = MemberKind::kEmbedded;
      member.ordinal = ordinal_++;
      member.name = fmt::format("{}-{}{}", name_, ordinal_, extension_);
      announced_ = member.ordinal >= first_;
      begun_ = true;
      if (announced_) sink_.member(member);
    }
    if (announced_) sink_.member_bytes(std::as_bytes(std::span(bytes_)));
    bytes_.clear();
  }

  // MS-OLEDS 2.2.5: version, kind, three counted names, size; then the object itself.
  void without_wrapper() {
    std::size_t at = 0;
    const auto number = [&]() -> std::size_t {
      std::uint32_t value = 0;
      for (std::size_t i = 0; i < 4 && at + i < bytes_.size(); ++i)
        value |= static_cast<std::uint32_t>(static_cast<unsigned char>(bytes_[at + i])) << (8 * i);
      at += 4;
      return value;
    };
    number();
    if (const std::size_t kind = number(); kind != 1 && kind != 2) return;
    for (int i = 0; i < 3; ++i) {
      const std::size_t length = number();
      if (length > 4096 || at + length > bytes_.size()) return;
      if (i == 0 && length > 1) name_ = valid_utf8(std::string_view(bytes_).substr(at, length - 1));
      at += length;
    }
    number();
    if (at < bytes_.size()) bytes_.erase(0, at);
  }

  ExtractSink& sink_;
  std::string bytes_;
  std::string name_;
  std::string extension_;
  const std::uint32_t first_;
  std::uint32_t ordinal_ = 0;
  int half_ = -1;
  bool begun_ = false;
  bool object_ = false;
  bool open_ = false;
  bool announced_ = false;
};

class RtfReader {
 public:
  // Members below `first` and the text were delivered before.
  RtfReader(ExtractSink& sink, std::uint32_t first)
      : out_(sink, first > 0), embedded_(sink, first) {
    groups_.emplace_back();
  }

  void read(std::string_view bytes) {
    for (const char c : bytes) take(c);
  }
  void finish();
  bool complete() const { return depth_ == 0 && closed_; }
  bool is_rtf() const { return is_rtf_; }

 private:
  enum class State : std::uint8_t { kText, kBackslash, kWord, kNumber, kHex, kBinary };

  void take(char c);
  void plain(char c);
  void control_symbol(char c);
  void control_word();
  void destination(const Destination& entry);
  bool formatting();
  bool day_part();
  void font_word();
  void paragraph_word();
  void open_group();
  void close_group();

  void byte(char c);
  void unit(std::uint32_t code);
  void text(std::string_view utf8);
  void flush_bytes();
  bool skips_fallback();
  int page() const;
  std::string& target_text();
  void end_paragraph();
  void end_cell();
  void end_row();
  void flush_rows();
  void property(std::string_view label);
  void day(std::string_view label);

  Group& group() { return groups_.back(); }
  int number(int otherwise) const { return has_number_ ? number_ : otherwise; }

  TextWriter out_;
  Embedded embedded_;
  std::vector<Group> groups_;
  std::size_t depth_ = 0;
  bool closed_ = false;
  bool is_rtf_ = false;
  State state_ = State::kText;

  std::string word_;
  int number_ = 0;
  bool has_number_ = false;
  bool negative_ = false;
  bool starred_ = false;  // \* was read: the next word is a destination
  int hex_ = -1;
  std::uint64_t binary_ = 0;  // bytes of \bin still to come

  int document_page_ = 1252;
  int default_font_ = -1;
  std::map<int, int> fonts_;  // number -> code page
  std::string bytes_;         // of one code page, decoded together
  int fallback_left_ = 0;     // characters that stand in for the \u before
  std::uint32_t high_surrogate_ = 0;

  std::string paragraph_;
  std::map<std::string_view, std::string> notes_;  // open paragraphs of headers, notes
  std::uint32_t number_of_paragraph_ = 1;
  bool in_table_ = false;
  std::string row_;
  std::string rows_;
  std::uint32_t rows_begin_ = 1;
  std::string property_;
  std::string markup_;
  std::array<int, 3> day_{};
};

void RtfReader::take(char c) {
  switch (state_) {
    case State::kBinary:
      if (embedded_.open()) embedded_.add(c);
      if (--binary_ == 0) state_ = State::kText;
      return;
    case State::kHex: {
      const int digit = hex_digit(c);
      if (digit < 0) {
        state_ = State::kText;
        return plain(c);
      }
      if (hex_ < 0) {
        hex_ = digit;
        return;
      }
      state_ = State::kText;
      if (!skips_fallback()) byte(static_cast<char>(hex_ * 16 + digit));
      return;
    }
    case State::kBackslash:
      if (is_letter(c)) {
        word_.assign(1, c);
        number_ = 0;
        has_number_ = negative_ = false;
        state_ = State::kWord;
        return;
      }
      state_ = State::kText;
      return control_symbol(c);
    case State::kWord:
      if (is_letter(c) && word_.size() < kMostWord) {
        word_.push_back(c);
        return;
      }
      if (c == '-' && !negative_) {
        negative_ = true;
        state_ = State::kNumber;
        return;
      }
      [[fallthrough]];
    case State::kNumber:
      if (is_digit(c)) {
        state_ = State::kNumber;
        has_number_ = true;
        if (number_ < 100'000'000) number_ = number_ * 10 + (c - '0');
        return;
      }
      state_ = State::kText;
      if (negative_) number_ = -number_;
      control_word();
      if (c != ' ' || state_ == State::kBinary) {
        if (state_ == State::kBinary && c == ' ') return;
        take(c);
      }
      return;
    case State::kText:
      return plain(c);
  }
}

void RtfReader::plain(char c) {
  switch (c) {
    case '\\':
      state_ = State::kBackslash;
      return;
    case '{':
      return open_group();
    case '}':
      return close_group();
    case '\r':
    case '\n':
      return;
    default:
      break;
  }
  const Target target = group().target;
  if (target == Target::kPicture || target == Target::kObject) return embedded_.hex(c);
  if (skips_fallback()) return;
  byte(c == '\0' ? ' ' : c);
}

bool RtfReader::skips_fallback() {
  if (fallback_left_ <= 0) return false;
  --fallback_left_;
  return true;
}

void RtfReader::control_symbol(char c) {
  if (c == '\'') {
    hex_ = -1;
    state_ = State::kHex;
    return;
  }
  if (c == '*') {
    starred_ = true;
    return;
  }
  if (c == '\r' || c == '\n') return end_paragraph();
  if (skips_fallback()) return;
  if (c == '~') return text("\u00A0");
  if (c == '_') return text("-");
  if (c == '{' || c == '}' || c == '\\') byte(c);
}

void RtfReader::control_word() {
  const bool starred = std::exchange(starred_, false);
  if (word_ == "u") return unit(static_cast<std::uint32_t>(number_ & 0xFFFF));
  if (word_ == "bin") {
    binary_ = number_ > 0 ? static_cast<std::uint64_t>(number_) : 0;
    if (binary_ > 0) state_ = State::kBinary;
    return;
  }
  flush_bytes();
  if (group().target == Target::kSkip && group().label == kAll) return;
  for (const Destination& entry : kDestinations)
    if (entry.word == word_) return destination(entry);
  if (starred) {
    group().target = Target::kSkip;
    group().label = kAll;
    return;
  }
  if (formatting() || day_part()) return;
  for (const Symbol& symbol : kSymbols)
    if (symbol.word == word_) {
      if (!skips_fallback()) text(symbol.text);
      return;
    }
  paragraph_word();
}

void RtfReader::destination(const Destination& entry) {
  if (entry.target == Target::kProperty || entry.target == Target::kDay) property_.clear();
  if (entry.target == Target::kDay) day_ = {};
  if (entry.target == Target::kMarkup) markup_.clear();
  Group& g = group();
  const bool note = entry.target == Target::kBody && entry.label.empty();
  g.target = entry.target;
  if (!note) g.label = entry.label;
  if (entry.target == Target::kPicture || entry.target == Target::kObject)
    embedded_.begin(entry.target);
}

bool RtfReader::formatting() {
  Group& g = group();
  if (word_ == "rtf") {
    is_rtf_ = true;
  } else if (word_ == "ansicpg") {
    document_page_ = number(1252);
  } else if (word_ == "mac") {
    document_page_ = 10000;
  } else if (word_ == "pc") {
    document_page_ = 437;
  } else if (word_ == "pca") {
    document_page_ = 850;
  } else if (word_ == "uc") {
    g.fallback = std::clamp(number(1), 0, kMostFallback);
  } else if (word_ == "deff") {
    default_font_ = number(0);
  } else if (word_ == "f" || word_ == "af") {
    if (word_ == "f") g.font = number(0);
  } else if (word_ == "fcharset" || word_ == "cpg") {
    font_word();
  } else if (word_ == "plain") {
    g.font = default_font_;
  } else if (word_ == "pngblip") {
    embedded_.kind(".png");
  } else if (word_ == "jpegblip") {
    embedded_.kind(".jpg");
  } else if (word_ == "wmetafile") {
    embedded_.kind(".wmf");
  } else if (word_ == "emfblip") {
    embedded_.kind(".emf");
  } else {
    return false;
  }
  return true;
}

void RtfReader::font_word() {
  if (group().target != Target::kFonts || fonts_.size() > kMostFonts) return;
  const int page = word_ == "cpg" ? number(0) : code_page_of(number(1), 0);
  // \cpg comes after \fcharset and says it more exactly.
  if (page > 0) fonts_[group().font] = page;
}

bool RtfReader::day_part() {
  if (group().target != Target::kDay) return false;
  if (word_ == "yr") day_[0] = number(0);
  if (word_ == "mo") day_[1] = number(0);
  if (word_ == "dy") day_[2] = number(0);
  return true;
}

void RtfReader::paragraph_word() {
  if (group().target != Target::kBody) return;
  if (word_ == "par" || word_ == "sect" || word_ == "page") return end_paragraph();
  if (word_ == "intbl") in_table_ = true;
  if (word_ == "pard") in_table_ = false;
  if (word_ == "trowd") in_table_ = true;
  if (word_ == "cell" || word_ == "nestcell") end_cell();
  if (word_ != "row" && word_ != "nestrow") return;
  if (row_.empty() && rows_.empty()) return;
  if (rows_.empty()) rows_begin_ = number_of_paragraph_;
  end_row();
  in_table_ = false;
  ++number_of_paragraph_;
  if (rows_.size() > kMostRows) flush_rows();
}

void RtfReader::open_group() {
  flush_bytes();
  fallback_left_ = 0;
  ++depth_;
  if (depth_ < kMostGroups) groups_.push_back(groups_.back());
}

void RtfReader::close_group() {
  flush_bytes();
  fallback_left_ = 0;
  starred_ = false;
  if (depth_ == 0) return;
  if (depth_-- >= kMostGroups) return;
  const Group ended = groups_.back();
  groups_.pop_back();
  closed_ = depth_ == 0;
  if (ended.target == group().target && ended.label == group().label) return;
  switch (ended.target) {
    case Target::kBody: {
      const auto note = notes_.find(ended.label);
      if (note != notes_.end()) {
        out_.prose({PlaceKind::kParagraph, number_of_paragraph_, 0, std::string(ended.label)},
                   note->second);
        notes_.erase(note);
      }
      break;
    }
    case Target::kProperty:
      property(ended.label);
      break;
    case Target::kDay:
      day(ended.label);
      break;
    case Target::kPicture:
    case Target::kObject:
      embedded_.end();
      break;
    case Target::kMarkup:
      // Links and hidden fields; the text between the tags stands in the body anyway.
      if (markup_.find("mailto:") != std::string::npos ||
          markup_.find("tel:") != std::string::npos ||
          markup_.find("value=") != std::string::npos || markup_.find("<!--") != std::string::npos)
        out_.prose({PlaceKind::kParagraph, number_of_paragraph_, 0, "markup"}, markup_);
      break;
    default:
      break;
  }
}

// --- text ---

int RtfReader::page() const {
  const Group& g = groups_.back();
  const auto found = fonts_.find(g.font >= 0 ? g.font : default_font_);
  return found != fonts_.end() ? found->second : document_page_;
}

void RtfReader::byte(char c) {
  high_surrogate_ = 0;
  bytes_.push_back(c);
  if (bytes_.size() >= kMostParagraph && static_cast<unsigned char>(c) < 0x80) flush_bytes();
}

void RtfReader::flush_bytes() {
  if (bytes_.empty()) return;
  std::string utf8;
  const bool ascii = std::all_of(bytes_.begin(), bytes_.end(),
                                 [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  if (ascii) {
    utf8 = bytes_;
  } else if (auto decoder = Decoder::by_label(label_of_page(page()))) {
    decoder->decode(bytes_, utf8, true);
  } else {
    utf8 = decode_as("", bytes_);
  }
  bytes_.clear();
  text(utf8);
}

void RtfReader::unit(std::uint32_t code) {
  flush_bytes();
  fallback_left_ = group().fallback;
  if (code >= 0xD800 && code < 0xDC00) {
    high_surrogate_ = code;
    return;
  }
  if (code >= 0xDC00 && code < 0xE000 && high_surrogate_ != 0)
    code = 0x10000 + ((high_surrogate_ - 0xD800) << 10) + (code - 0xDC00);
  high_surrogate_ = 0;
  // Symbol fonts put their signs into the private area, over the letters they replace.
  if (code >= 0xF020 && code <= 0xF0FF) code -= 0xF000;
  std::string utf8;
  append_utf8(utf8, code);
  text(utf8);
}

std::string& RtfReader::target_text() {
  const Group& g = group();
  if (g.target == Target::kProperty || g.target == Target::kDay) return property_;
  if (g.target == Target::kMarkup) return markup_;
  return g.label.empty() ? paragraph_ : notes_[g.label];
}

void RtfReader::text(std::string_view utf8) {
  const Target target = group().target;
  const bool kept =
      target == Target::kBody || target == Target::kProperty || target == Target::kMarkup;
  if (!kept) return;
  flush_bytes();
  std::string& into = target_text();
  if (target == Target::kProperty && into.size() > kMostProperty) return;
  into += utf8;
  if (into.size() < kMostParagraph) return;
  if (target == Target::kMarkup) into.clear();
  if (target == Target::kBody) end_paragraph();
}

void RtfReader::end_paragraph() {
  flush_bytes();
  const Group& g = group();
  if (g.target != Target::kBody) return;
  if (!g.label.empty()) {
    notes_[g.label].push_back('\n');
    return;
  }
  if (in_table_ && paragraph_.size() < kMostParagraph) {
    paragraph_.push_back(' ');
    return;
  }
  flush_rows();
  out_.prose({PlaceKind::kParagraph, number_of_paragraph_, 0, {}}, paragraph_);
  ++number_of_paragraph_;
  paragraph_.clear();
}

void RtfReader::end_cell() {
  flush_bytes();
  std::replace(paragraph_.begin(), paragraph_.end(), '\t', ' ');
  std::replace(paragraph_.begin(), paragraph_.end(), '\n', ' ');
  row_ += paragraph_;
  row_.push_back('\t');
  paragraph_.clear();
  if (row_.size() < kMostRows) return;
  end_row();
  flush_rows();
}

// Each cell ends in a tab; behind the last there is no other.
void RtfReader::end_row() {
  if (row_.ends_with('\t')) row_.pop_back();
  rows_ += row_;
  rows_.push_back('\n');
  row_.clear();
}

void RtfReader::flush_rows() {
  if (!row_.empty()) end_row();
  if (rows_.empty()) return;
  out_.table({PlaceKind::kParagraph, rows_begin_, 0, {}}, rows_);
  rows_.clear();
  rows_begin_ = number_of_paragraph_;
}

void RtfReader::property(std::string_view label) {
  out_.record(PlaceKind::kProperty, label, property_);
  property_.clear();
}

void RtfReader::day(std::string_view label) {
  const DateKind kind = label == "created" ? DateKind::kDocCreated : DateKind::kDocModified;
  out_.date(kind, fmt::format("{:04}-{:02}-{:02}", day_[0], day_[1], day_[2]));
}

void RtfReader::finish() {
  flush_bytes();
  for (const auto& [label, note] : notes_)
    out_.prose({PlaceKind::kParagraph, number_of_paragraph_, 0, std::string(label)}, note);
  notes_.clear();
  if (!property_.empty()) out_.record(PlaceKind::kProperty, "property", property_);
  flush_rows();
  out_.prose({PlaceKind::kParagraph, number_of_paragraph_, 0, {}}, paragraph_);
  paragraph_.clear();
  embedded_.break_off();
}

Outcome extract_rtf(const ExtractRequest& request, ExtractSink& sink) {
  RtfReader reader(sink, request.first_member);
  std::vector<char> block(kBlockBytes);
  for (std::uint64_t at = 0;;) {
    const auto n = request.source.read(at, std::as_writable_bytes(std::span(block)));
    const std::size_t got = n > 0 ? static_cast<std::size_t>(n) : 0;
    at += got;
    reader.read({block.data(), got});
    if (got == block.size()) continue;
    reader.finish();
    if (n >= 0) break;
    return at > 0 ? Outcome::in_part(Reason::kIoError) : Outcome::not_read(Reason::kIoError);
  }
  if (!reader.is_rtf()) return Outcome::not_read(Reason::kCorrupt, "no \\rtf in it");
  if (!reader.complete()) return Outcome::in_part(Reason::kCorrupt, "ends before its last brace");
  return Outcome::read();
}

}  // namespace

extern const ExtractorEntry extractor_rtf;
const ExtractorEntry extractor_rtf{"rtf", {Format::kRtf}, true, extract_rtf, prepare_charsets};

}  // namespace gallra::extract

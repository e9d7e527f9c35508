#include "scanner/extract/charset.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <iconv.h>
#include <map>
#include <mutex>
#include <span>
#include <utility>

#include "scanner/extract/charset_tables.hpp"
#include "scanner/extract/text_writer.hpp"

namespace gallra::extract {
namespace {

constexpr std::string_view kReplacement = "\uFFFD";
// Enough to see the pattern of UTF-16, even when the file begins with a long foreign word.
constexpr std::size_t kHeadBytes = 4096;
// Evidence from earlier lines counts as much as four clear letters of the line itself.
constexpr std::int64_t kMostLeaning = 40;
// Bytes beyond ASCII that settle the choice: some lines of Swedish.
constexpr std::uint64_t kEnoughEvidence = 64;
constexpr int kMostLooksAhead = 8;

// --- single-byte sets ---

// UTF-8 of the bytes 0x80 to 0xFF; the fourth byte is the length.
using Narrow = std::array<std::array<char, 4>, 128>;

Narrow narrow_table(const HighCodes& codes) {
  Narrow table{};
  for (std::size_t i = 0; i < codes.size(); ++i) {
    std::string utf8;
    append_utf8(utf8, codes[i]);
    std::copy(utf8.begin(), utf8.end(), table[i].begin());
    table[i][3] = static_cast<char>(utf8.size());
  }
  return table;
}

const Narrow* own_table(Encoding encoding) {
  static const Narrow cp1252 = narrow_table(kCp1252Codes);
  static const Narrow latin9 = narrow_table(kLatin9Codes);
  static const Narrow cp850 = narrow_table(kCp850Codes);
  static const Narrow cp437 = narrow_table(kCp437Codes);
  static const Narrow mac = narrow_table(kMacRomanCodes);
  switch (encoding) {
    case Encoding::kCp1252:
      return &cp1252;
    case Encoding::kLatin9:
      return &latin9;
    case Encoding::kCp850:
      return &cp850;
    case Encoding::kCp437:
      return &cp437;
    case Encoding::kMacRoman:
      return &mac;
    default:
      return nullptr;
  }
}

// First byte from `at` that is beyond ASCII.
std::size_t ascii_end(std::string_view text, std::size_t at) {
  constexpr std::uint64_t kHigh = 0x8080808080808080u;
  const auto word_at = [&](std::size_t i) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + i, sizeof word);
    return word;
  };
  while (at + 8 <= text.size() && (word_at(at) & kHigh) == 0) at += 8;
  while (at < text.size() && static_cast<unsigned char>(text[at]) < 0x80) ++at;
  return at;
}

void decode_narrow_set(const Narrow& table, std::string_view bytes, std::string& out) {
  for (std::size_t at = 0; at < bytes.size();) {
    const std::size_t end = ascii_end(bytes, at);
    out.append(bytes, at, end - at);
    for (at = end; at < bytes.size() && static_cast<unsigned char>(bytes[at]) >= 0x80; ++at) {
      const auto& character = table[static_cast<unsigned char>(bytes[at]) - 0x80u];
      out.append(character.data(), static_cast<std::size_t>(character[3]));
    }
  }
}

// Valid stretches as they are, other bytes as U+FFFD. Returns how many were replaced.
std::uint64_t append_repaired(std::string_view bytes, std::string& out) {
  std::uint64_t invalid = 0;
  std::size_t from = 0;
  for (std::size_t at = ascii_end(bytes, 0); at < bytes.size(); at = ascii_end(bytes, at)) {
    const std::size_t length = utf8_length(bytes, at);
    if (length > 0) {
      at += length;
      continue;
    }
    out.append(bytes, from, at - from);
    out += kReplacement;
    from = ++at;
    ++invalid;
  }
  out.append(bytes, from);
  return invalid;
}

// Bytes at the end that may be the beginning of a character.
std::size_t cut_character(std::string_view text) {
  for (std::size_t tail = 1; tail <= 3 && tail <= text.size(); ++tail) {
    const auto byte = static_cast<unsigned char>(text[text.size() - tail]);
    if (byte < 0x80) return 0;
    if (byte < 0xC0) continue;
    const std::size_t length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : 2;
    return byte <= 0xF4 && byte >= 0xC2 && length > tail ? tail : 0;
  }
  return 0;
}

// --- iconv: sets that are only met by their label ---

// Their names as glibc knows them.
constexpr std::string_view kSingleByte[] = {
    "ISO-8859-2", "ISO-8859-3", "ISO-8859-4",  "ISO-8859-5",  "ISO-8859-6",  "ISO-8859-7",
    "ISO-8859-8", "ISO-8859-9", "ISO-8859-10", "ISO-8859-13", "ISO-8859-14", "ISO-8859-16",
    "CP1250",     "CP1251",     "CP1253",      "CP1254",      "CP1255",      "CP1256",
    "CP1257",     "CP1258",     "KOI8-R",      "KOI8-U",      "CP852",       "CP861",
    "CP863",      "CP865",      "CP866",       "CP874",       "CP858",       "MAC-CYRILLIC",
};
constexpr std::string_view kMultiByte[] = {
    "GB18030", "CP932", "EUC-JP", "ISO-2022-JP", "CP949",        "ISO-2022-KR",
    "EUC-TW",  "UTF-7", "BIG5",   "BIG5-HKSCS",  "SEN_850200_B", "SEN_850200_C",
};
// Seven bits a byte: what looks like ASCII is not.
constexpr std::string_view kSevenBit[] = {"ISO-2022-JP", "ISO-2022-KR", "UTF-7", "SEN_850200_B",
                                          "SEN_850200_C"};

bool is_one_of(std::string_view name, std::span<const std::string_view> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

const iconv_t kNoConverter = reinterpret_cast<iconv_t>(-1);  // NOLINT(performance-no-int-to-ptr)

class Converters {
 public:
  Converters() = default;
  Converters(const Converters&) = delete;
  Converters& operator=(const Converters&) = delete;
  ~Converters() {
    for (const auto& [name, converter] : open_)
      if (converter != kNoConverter) iconv_close(converter);
  }
  iconv_t get(std::string_view name) {
    const auto found = open_.find(name);
    if (found != open_.end()) return found->second;
    const iconv_t opened = iconv_open("UTF-8", std::string(name).c_str());
    // A failure inside a jail is remembered only as long as the worker lives.
    return open_.emplace(name, opened).first->second;
  }

 private:
  std::map<std::string, iconv_t, std::less<>> open_;
};

// One per thread; a jailed worker inherits those of the thread that it was forked from.
Converters& converters() {
  static thread_local Converters mine;
  return mine;
}

// Appends; returns the number of bytes taken. What is left is an unfinished character.
std::size_t convert(iconv_t converter, std::string_view bytes, std::string& out,
                    std::uint64_t& invalid) {
  char* in = const_cast<char*>(bytes.data());
  std::size_t left = bytes.size();
  std::array<char, 8192> buffer;
  while (left > 0) {
    char* to = buffer.data();
    std::size_t room = buffer.size();
    const std::size_t done = iconv(converter, &in, &left, &to, &room);
    const int error = done == static_cast<std::size_t>(-1) ? errno : 0;
    out.append(buffer.data(), buffer.size() - room);
    if (error == 0 || error == E2BIG) continue;
    if (error != EILSEQ) break;  // EINVAL: unfinished
    out += kReplacement;
    ++invalid;
    ++in;
    --left;
  }
  return bytes.size() - left;
}

// The single-byte sets become tables, so that nothing of iconv is needed later.
const Narrow* named_table(std::string_view name) {
  static std::mutex mutex;
  static std::map<std::string, Narrow, std::less<>> tables;  // guarded by mutex; never shrinks
  if (!is_one_of(name, kSingleByte)) return nullptr;
  const std::lock_guard lock(mutex);
  if (const auto found = tables.find(name); found != tables.end()) return &found->second;
  const iconv_t converter = converters().get(name);
  if (converter == kNoConverter) return nullptr;
  Narrow table{};
  for (std::size_t i = 0; i < table.size(); ++i) {
    std::string utf8;
    std::uint64_t invalid = 0;
    const char byte = static_cast<char>(0x80 + i);
    convert(converter, std::string_view(&byte, 1), utf8, invalid);
    if (utf8.empty() || utf8.size() > 3) utf8 = kReplacement;
    std::copy(utf8.begin(), utf8.end(), table[i].begin());
    table[i][3] = static_cast<char>(utf8.size());
  }
  return &tables.emplace(name, table).first->second;
}

// --- labels ---

struct Label {
  std::string_view label;
  Encoding encoding;
  std::string_view name;  // kNamed: as iconv says it
};

// Labels in lower case with '-' for '_' and blank. Superset sets stand for their subsets, as in
// browsers (WHATWG Encoding): windows-1252 for Latin-1, GB18030 for GB2312.
constexpr Label kLabels[] = {
    {"utf-8", Encoding::kUtf8, {}},
    {"utf8", Encoding::kUtf8, {}},
    {"unicode-1-1-utf-8", Encoding::kUtf8, {}},
    {"iso-8859-1", Encoding::kCp1252, {}},
    {"iso8859-1", Encoding::kCp1252, {}},
    {"iso88591", Encoding::kCp1252, {}},
    {"8859-1", Encoding::kCp1252, {}},
    {"iso-8859-1-windows-3.1-latin-1", Encoding::kCp1252, {}},
    {"latin1", Encoding::kCp1252, {}},
    {"latin-1", Encoding::kCp1252, {}},
    {"l1", Encoding::kCp1252, {}},
    {"cp819", Encoding::kCp1252, {}},
    {"ibm819", Encoding::kCp1252, {}},
    {"windows-1252", Encoding::kCp1252, {}},
    {"cp1252", Encoding::kCp1252, {}},
    {"cp-1252", Encoding::kCp1252, {}},
    {"ansi", Encoding::kCp1252, {}},
    {"x-ansi", Encoding::kCp1252, {}},
    {"iso-8859-15", Encoding::kLatin9, {}},
    {"iso8859-15", Encoding::kLatin9, {}},
    {"latin9", Encoding::kLatin9, {}},
    {"latin-9", Encoding::kLatin9, {}},
    {"l9", Encoding::kLatin9, {}},
    {"cp850", Encoding::kCp850, {}},
    {"ibm850", Encoding::kCp850, {}},
    {"pc850", Encoding::kCp850, {}},
    {"cp437", Encoding::kCp437, {}},
    {"ibm437", Encoding::kCp437, {}},
    {"pc8", Encoding::kCp437, {}},
    {"macintosh", Encoding::kMacRoman, {}},
    {"mac", Encoding::kMacRoman, {}},
    {"macroman", Encoding::kMacRoman, {}},
    {"x-mac-roman", Encoding::kMacRoman, {}},
    {"utf-16le", Encoding::kUtf16Le, {}},
    {"utf-16", Encoding::kUtf16Le, {}},
    {"utf16", Encoding::kUtf16Le, {}},
    {"unicode", Encoding::kUtf16Le, {}},
    {"ucs-2", Encoding::kUtf16Le, {}},
    {"iso-10646-ucs-2", Encoding::kUtf16Le, {}},
    {"utf-16be", Encoding::kUtf16Be, {}},
    {"unicodefffe", Encoding::kUtf16Be, {}},
    {"utf-32", Encoding::kUtf32Le, {}},
    {"utf-32le", Encoding::kUtf32Le, {}},
    {"utf-32be", Encoding::kUtf32Be, {}},
    {"utf-7", Encoding::kNamed, "UTF-7"},
    {"unicode-1-1-utf-7", Encoding::kNamed, "UTF-7"},
    {"gb18030", Encoding::kNamed, "GB18030"},
    {"gb2312", Encoding::kNamed, "GB18030"},
    {"gbk", Encoding::kNamed, "GB18030"},
    {"cp936", Encoding::kNamed, "GB18030"},
    {"windows-936", Encoding::kNamed, "GB18030"},
    {"shift-jis", Encoding::kNamed, "CP932"},
    {"sjis", Encoding::kNamed, "CP932"},
    {"x-sjis", Encoding::kNamed, "CP932"},
    {"windows-31j", Encoding::kNamed, "CP932"},
    {"cp932", Encoding::kNamed, "CP932"},
    {"euc-jp", Encoding::kNamed, "EUC-JP"},
    {"iso-2022-jp", Encoding::kNamed, "ISO-2022-JP"},
    {"iso-2022-kr", Encoding::kNamed, "ISO-2022-KR"},
    {"euc-kr", Encoding::kNamed, "CP949"},
    {"ks-c-5601-1987", Encoding::kNamed, "CP949"},
    {"ks-c-5601", Encoding::kNamed, "CP949"},
    {"cp949", Encoding::kNamed, "CP949"},
    {"euc-tw", Encoding::kNamed, "EUC-TW"},
    {"big5", Encoding::kNamed, "BIG5"},
    {"cp950", Encoding::kNamed, "BIG5"},
    {"big5-hkscs", Encoding::kNamed, "BIG5-HKSCS"},
    {"iso-8859-8-i", Encoding::kNamed, "ISO-8859-8"},
    {"iso-8859-11", Encoding::kNamed, "CP874"},
    {"tis-620", Encoding::kNamed, "CP874"},
    {"latin2", Encoding::kNamed, "ISO-8859-2"},
    {"latin5", Encoding::kNamed, "CP1254"},
    {"koi8-r", Encoding::kNamed, "KOI8-R"},
    {"koi8-u", Encoding::kNamed, "KOI8-U"},
    {"x-mac-cyrillic", Encoding::kNamed, "MAC-CYRILLIC"},
    {"sen-850200-b", Encoding::kNamed, "SEN_850200_B"},
    {"iso646-se", Encoding::kNamed, "SEN_850200_B"},
    {"iso-ir-10", Encoding::kNamed, "SEN_850200_B"},
    {"sen-850200-c", Encoding::kNamed, "SEN_850200_C"},
    {"iso646-se2", Encoding::kNamed, "SEN_850200_C"},
};

std::string canonical(std::string_view label) {
  std::string out;
  for (const char c : label.substr(0, 64)) {
    if (c == '"' || c == '\'') continue;
    if (c == ' ' && out.empty()) continue;
    out.push_back(c >= 'A' && c <= 'Z'   ? static_cast<char>(c + 32)
                  : c == '_' || c == ' ' ? '-'
                                         : c);
  }
  while (out.ends_with('-')) out.pop_back();
  return out;
}

// "windows-1250", "iso-8859-2", "ibm866" -> as kSingleByte has them.
std::string_view single_byte_name(std::string_view canonical_label) {
  std::string name(canonical_label);
  for (const std::string_view prefix : {"windows-", "ibm-", "ibm", "x-cp", "cp-"})
    if (name.starts_with(prefix)) {
      name = "cp" + name.substr(prefix.size());
      break;
    }
  if (name.starts_with("iso8859-")) name = "iso-" + name.substr(3);
  std::transform(name.begin(), name.end(), name.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  for (const std::string_view known : kSingleByte)
    if (known == name) return known;
  return {};
}

std::optional<Label> find_label(std::string_view label) {
  const std::string wanted = canonical(label);
  for (const Label& entry : kLabels)
    if (entry.label == wanted) return entry;
  const std::string_view single = single_byte_name(wanted);
  if (single.empty()) return std::nullopt;
  return Label{single, Encoding::kNamed, single};
}

bool is_wide(Encoding encoding) {
  return encoding >= Encoding::kUtf16Le && encoding <= Encoding::kUtf32Be;
}

}  // namespace

void prepare_charsets() {
  for (const std::string_view name : kSingleByte) named_table(name);
  for (const std::string_view name : kMultiByte) {
    const iconv_t converter = converters().get(name);
    if (converter == kNoConverter) continue;
    // Some sets load a second module with the first conversion.
    std::string unused;
    std::uint64_t invalid = 0;
    convert(converter, "a", unused, invalid);
    iconv(converter, nullptr, nullptr, nullptr, nullptr);
  }
}

// --- telling encodings apart ---

std::optional<Encoding> encoding_by_mark(std::string_view head, std::size_t& length) {
  using namespace std::string_view_literals;
  struct Mark {
    std::string_view bytes;
    Encoding encoding;
  };
  static constexpr Mark kMarks[] = {
      {"\xEF\xBB\xBF"sv, Encoding::kUtf8},    {"\xFF\xFE\0\0"sv, Encoding::kUtf32Le},
      {"\0\0\xFE\xFF"sv, Encoding::kUtf32Be}, {"\xFF\xFE"sv, Encoding::kUtf16Le},
      {"\xFE\xFF"sv, Encoding::kUtf16Be},
  };
  for (const Mark& mark : kMarks) {
    if (!head.starts_with(mark.bytes)) continue;
    length = mark.bytes.size();
    return mark.encoding;
  }
  length = 0;
  return std::nullopt;
}

namespace {

// UTF-32: of four bytes three are zero, always the same ones.
std::optional<Encoding> four_byte_encoding(std::string_view head) {
  std::size_t groups = 0;
  std::size_t little = 0;
  std::size_t big = 0;
  for (std::size_t at = 0; at + 4 <= head.size(); at += 4) {
    const auto zero = [&](std::size_t i) { return head[at + i] == '\0'; };
    if (zero(0) && zero(1) && zero(2) && zero(3)) continue;
    ++groups;
    little += !zero(0) && zero(2) && zero(3) ? 1 : 0;
    big += !zero(3) && zero(1) && zero(0) ? 1 : 0;
  }
  if (groups < 2) return std::nullopt;
  if (little * 10 >= groups * 9) return Encoding::kUtf32Le;
  if (big * 10 >= groups * 9) return Encoding::kUtf32Be;
  return std::nullopt;
}

}  // namespace

std::optional<Encoding> wide_encoding(std::string_view head) {
  if (head.find('\0') == std::string_view::npos) return std::nullopt;
  if (const auto four = four_byte_encoding(head)) return four;
  // In UTF-16 one byte of each pair is the block of the script: 0 for ours and for blanks, one
  // other value for a foreign one. In 8-bit text with stray zero bytes neither side is so even.
  std::array<std::array<std::uint32_t, 256>, 2> seen{};
  std::uint32_t pairs = 0;
  for (std::size_t at = 0; at + 2 <= head.size(); at += 2) {
    if (head[at] == '\0' && head[at + 1] == '\0') continue;
    ++pairs;
    ++seen[0][static_cast<unsigned char>(head[at])];
    ++seen[1][static_cast<unsigned char>(head[at + 1])];
  }
  const auto is_block_side = [&](std::size_t side) {
    const std::uint32_t zeros = seen[side][0];
    const auto top = std::max_element(seen[side].begin() + 1, seen[side].end());
    const std::uint32_t other = *top;
    // Text that UTF-16 was appended to begins otherwise.
    const auto first = static_cast<unsigned char>(head[side]);
    if (first != 0 && first != top - seen[side].begin()) return false;
    return zeros >= 2 && zeros * 20 >= pairs && seen[1 - side][0] * 20 <= zeros &&
           (zeros + other) * 10 >= pairs * 9;
  };
  if (is_block_side(1)) return Encoding::kUtf16Le;
  if (is_block_side(0)) return Encoding::kUtf16Be;
  return std::nullopt;
}

Encoding detect_encoding(std::string_view sample, bool cut) {
  std::size_t mark = 0;
  if (const auto marked = encoding_by_mark(sample, mark)) return *marked;
  if (const auto wide = wide_encoding(sample.substr(0, kHeadBytes))) return *wide;
  TextDecoder decoder;
  std::string unused;
  if (cut) sample.remove_suffix(cut_character(sample));
  decoder.decode(sample, unused, true);
  return decoder.encoding();
}

// --- Decoder ---

struct Decoder::State {
  Encoding encoding = Encoding::kUtf8;
  const Narrow* table = nullptr;
  iconv_t converter = kNoConverter;  // owned by the thread's Converters
  std::string carry;
  std::uint64_t invalid = 0;

  std::size_t utf8(std::string_view bytes, std::string& out);
  std::size_t utf16(std::string_view bytes, std::string& out);
  std::size_t utf32(std::string_view bytes, std::string& out) const;
  std::size_t part(std::string_view bytes, std::string& out);
};

std::size_t Decoder::State::utf8(std::string_view bytes, std::string& out) {
  const std::string_view whole = bytes.substr(0, bytes.size() - cut_character(bytes));
  if (is_valid_utf8_fast(whole)) {
    out += whole;
  } else {
    invalid += append_repaired(whole, out);
  }
  return whole.size();
}

std::size_t Decoder::State::utf16(std::string_view bytes, std::string& out) {
  const std::size_t low = encoding == Encoding::kUtf16Le ? 0 : 1;
  const auto unit = [&](std::size_t at) {
    return static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[at + low]) |
                                      static_cast<unsigned char>(bytes[at + 1 - low]) << 8);
  };
  std::size_t at = 0;
  while (at + 2 <= bytes.size()) {
    std::array<char, 256> ascii;
    std::size_t n = 0;
    while (n < ascii.size() && at + 2 <= bytes.size() && unit(at) < 0x80) {
      ascii[n++] = static_cast<char>(unit(at));
      at += 2;
    }
    out.append(ascii.data(), n);
    if (at + 2 > bytes.size() || unit(at) < 0x80) continue;
    std::uint32_t code = unit(at);
    if (code >= 0xD800 && code < 0xDC00) {
      if (at + 4 > bytes.size()) break;
      const std::uint32_t second = unit(at + 2);
      if (second >= 0xDC00 && second < 0xE000) {
        code = 0x10000 + ((code - 0xD800) << 10) + (second - 0xDC00);
        at += 2;
      }
    }
    at += 2;
    if (code >= 0xD800 && code < 0xE000) ++invalid;
    append_utf8(out, code);
  }
  return at;
}

std::size_t Decoder::State::utf32(std::string_view bytes, std::string& out) const {
  std::size_t at = 0;
  for (; at + 4 <= bytes.size(); at += 4) {
    std::uint32_t code = 0;
    for (std::size_t i = 0; i < 4; ++i) {
      const std::size_t from = encoding == Encoding::kUtf32Be ? at + i : at + 3 - i;
      code = code << 8 | static_cast<unsigned char>(bytes[from]);
    }
    if (code == 0) {
      out.push_back(' ');
    } else {
      append_utf8(out, code);
    }
  }
  return at;
}

std::size_t Decoder::State::part(std::string_view bytes, std::string& out) {
  if (table != nullptr) {
    decode_narrow_set(*table, bytes, out);
    return bytes.size();
  }
  if (converter != kNoConverter) return convert(converter, bytes, out, invalid);
  if (encoding == Encoding::kUtf16Le || encoding == Encoding::kUtf16Be) return utf16(bytes, out);
  if (is_wide(encoding)) return utf32(bytes, out);
  return utf8(bytes, out);
}

Decoder::Decoder(std::unique_ptr<State> state) : state_(std::move(state)) {}
Decoder::Decoder(Encoding encoding) : state_(std::make_unique<State>()) {
  state_->encoding = encoding == Encoding::kNamed ? Encoding::kUtf8 : encoding;
  state_->table = own_table(encoding);
}
Decoder::Decoder(Decoder&&) noexcept = default;
Decoder& Decoder::operator=(Decoder&&) noexcept = default;
Decoder::~Decoder() = default;

std::optional<Decoder> Decoder::by_label(std::string_view label) {
  const auto found = find_label(label);
  if (!found) return std::nullopt;
  if (found->encoding != Encoding::kNamed) return Decoder(found->encoding);
  auto state = std::make_unique<State>();
  state->encoding = Encoding::kNamed;
  state->table = named_table(found->name);
  if (state->table == nullptr) state->converter = converters().get(found->name);
  if (state->table == nullptr && state->converter == kNoConverter) return std::nullopt;
  if (state->converter != kNoConverter)
    iconv(state->converter, nullptr, nullptr, nullptr, nullptr);  // back to the first shift state
  return Decoder(std::move(state));
}

void Decoder::decode(std::string_view bytes, std::string& out, bool last) {
  State& s = *state_;
  const std::size_t start = out.size();
  std::string joined;
  if (!s.carry.empty()) {
    joined = std::exchange(s.carry, {});
    joined += bytes;
    bytes = joined;
  }
  std::string_view left = bytes.substr(s.part(bytes, out));
  // A converter may stop at an unfinished character in front of others only at the very end.
  if (last && !left.empty()) {
    out += kReplacement;
    ++s.invalid;
    left = {};
  }
  s.carry = left;
  if (out.find('\0', start) != std::string::npos)
    std::replace(out.begin() + static_cast<std::ptrdiff_t>(start), out.end(), '\0', ' ');
}

Encoding Decoder::encoding() const { return state_->encoding; }
std::uint64_t Decoder::invalid() const { return state_->invalid; }

// --- TextDecoder ---

namespace {

// Zero bytes in 8-bit text: UTF-16 that was appended to it loses every other byte and is text
// again; all others become spaces.
std::string without_zeros(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size());
  const auto zero = [&](std::size_t i) { return i < bytes.size() && bytes[i] == '\0'; };
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (!zero(i)) {
      out.push_back(bytes[i]);
      continue;
    }
    const bool alone = !zero(i + 1) && (i == 0 || !zero(i - 1));
    const bool beat = zero(i + 2) || (i >= 2 && zero(i - 2));
    if (!alone || !beat) out.push_back(' ');
  }
  return out;
}

template <class Use>
void each_line(std::string_view text, Use use) {
  for (std::size_t from = 0; from < text.size();) {
    const std::size_t end = std::min(text.find('\n', from), text.size() - 1) + 1;
    use(text.substr(from, end - from));
    from = end;
  }
}

struct Mixture {
  std::uint64_t characters = 0;  // of several bytes, valid
  std::uint64_t ours = 0;        // those of them that Swedish text has
  std::uint64_t invalid = 0;     // bytes
};

Mixture mixture_of(std::string_view line) {
  Mixture m;
  for (std::size_t at = ascii_end(line, 0); at < line.size(); at = ascii_end(line, at)) {
    const std::size_t length = utf8_length(line, at);
    m.invalid += length == 0;
    m.characters += length > 0;
    const auto lead = static_cast<unsigned char>(line[at]);
    m.ours += (length == 2 && lead <= 0xC5) || (length == 3 && lead == 0xE2) ? 1 : 0;
    at += std::max<std::size_t>(length, 1);
  }
  return m;
}

}  // namespace

TextDecoder::TextDecoder(Encoding declared) : declared_(declared) {}

bool TextDecoder::wants_more() const { return context_.judged() < kEnoughEvidence; }

// Only lines that are not UTF-8 say something about the single-byte set.
void TextDecoder::learn(std::string_view bytes) {
  each_line(bytes, [this](std::string_view line) {
    if (wants_more() && !is_valid_utf8_fast(line)) context_.add(line);
  });
}

void TextDecoder::begin(std::string_view head) {
  begun_ = true;
  std::size_t mark = 0;
  auto encoding = encoding_by_mark(head, mark);
  if (!encoding) encoding = wide_encoding(head.substr(0, kHeadBytes));
  if (!encoding || !is_wide(*encoding)) return;
  seen_ = *encoding;
  wide_.emplace(*encoding);
}

void TextDecoder::decode(std::string_view bytes, std::string& out, bool last) {
  std::string joined;
  if (!carry_.empty()) {
    joined = std::exchange(carry_, {});
    joined += bytes;
    bytes = joined;
  }
  if (!begun_) {
    if (bytes.size() < kHeadBytes && !last) {
      carry_ = bytes;
      return;
    }
    begin(bytes);
    std::size_t mark = 0;
    encoding_by_mark(bytes, mark);
    bytes.remove_prefix(mark);
  }
  if (wide_) return wide_->decode(bytes, out, last);
  decode_narrow(bytes, out, last);
}

void TextDecoder::decode_narrow(std::string_view bytes, std::string& out, bool last) {
  if (!last) {
    const std::size_t cut = cut_character(bytes);
    carry_ = bytes.substr(bytes.size() - cut);
    bytes.remove_suffix(cut);
  }
  if (bytes.empty()) return;
  std::string clean;
  if (std::memchr(bytes.data(), 0, bytes.size()) != nullptr) bytes = clean = without_zeros(bytes);
  if (is_valid_utf8_fast(bytes) && other_lines_ == 0) {
    out += bytes;
    if (utf8_lines_ == 0 && ascii_end(bytes, 0) < bytes.size()) ++utf8_lines_;
    return;
  }
  decode_lines(bytes, out);
}

void TextDecoder::decode_lines(std::string_view bytes, std::string& out) {
  // The first line alone may say too little: ask the ones after it too.
  if (wants_more()) learn(bytes);
  if (wants_more() && context_.judged() > 0 && read_ahead_ && asked_ahead_++ < kMostLooksAhead)
    learn(read_ahead_());
  each_line(bytes, [&](std::string_view line) { decode_line(line, out); });
}

// Where other lines were not UTF-8, a line that could be is believed when it gives letters of ours.
bool TextDecoder::reads_as_utf8(std::string_view line, bool valid) const {
  const Mixture m = mixture_of(line);
  if (valid) return m.ours == m.characters || other_lines_ < utf8_lines_ || other_lines_ == 0;
  if (m.ours == m.invalid) return m.ours > 0 && utf8_lines_ > other_lines_;
  return m.ours > m.invalid;
}

void TextDecoder::decode_line(std::string_view line, std::string& out) {
  if (ascii_end(line, 0) == line.size()) {
    out += line;
    return;
  }
  const bool valid = is_valid_utf8_fast(line);
  if (reads_as_utf8(line, valid)) {
    ++utf8_lines_;
    append_repaired(line, out);
    return;
  }
  ++other_lines_;
  if (const Narrow* declared = own_table(declared_)) {
    seen_ = declared_;
    return decode_narrow_set(*declared, line, out);
  }
  LetterContext mine;
  mine.add(line);
  const LetterContext own = mine;
  mine.add_weighed(context_, kMostLeaning);
  context_.add(own);
  seen_ = mine.best();
  decode_narrow_set(*own_table(seen_), line, out);
}

// --- LabelledDecoder ---

namespace {

Encoding narrow_of(std::string_view label) {
  const auto found = find_label(label);
  return found && own_table(found->encoding) != nullptr ? found->encoding : Encoding::kUtf8;
}

}  // namespace

LabelledDecoder::LabelledDecoder(std::string_view label) : text_(narrow_of(label)) {
  const auto found = find_label(label);
  if (found && found->encoding == Encoding::kNamed) declared_ = Decoder::by_label(label);
}

void LabelledDecoder::decode(std::string_view bytes, std::string& out, bool last) {
  if (declared_) return declared_->decode(bytes, out, last);
  text_.decode(bytes, out, last);
}

// --- whole strings ---

std::string decode_name(std::string_view raw) {
  std::string out;
  TextDecoder().decode(raw, out, true);
  return out;
}

std::string decode_as(std::string_view label, std::string_view bytes) {
  std::string out;
  const auto found = find_label(label);
  const bool named = found && found->encoding == Encoding::kNamed;
  const bool wide = found && is_wide(found->encoding) && bytes.find('\0') != std::string_view::npos;
  std::size_t mark = 0;
  if (wide && !encoding_by_mark(bytes, mark) && !wide_encoding(bytes.substr(0, kHeadBytes))) {
    Decoder(found->encoding).decode(bytes, out, true);
    return out;
  }
  // Eight-bit text that is valid UTF-8 and says it is KOI8 is UTF-8 all the same.
  if (named && (is_one_of(found->name, kSevenBit) || !is_valid_utf8_fast(bytes))) {
    if (auto decoder = Decoder::by_label(label)) {
      decoder->decode(bytes, out, true);
      // A damaged character or two is no contradiction.
      if (decoder->invalid() * 50 <= bytes.size()) return out;
      out.clear();
    }
  }
  TextDecoder(found && !named ? found->encoding : Encoding::kUtf8).decode(bytes, out, true);
  return out;
}

}  // namespace gallra::extract

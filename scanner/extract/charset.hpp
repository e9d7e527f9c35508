// Encodings: telling them apart (by evidence, for Swedish text) and decoding to UTF-8. Decoding
// never stops: what cannot be decoded becomes U+FFFD, NUL becomes a space.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace gallra::extract {

enum class Encoding : std::uint8_t {
  kUtf8,
  kUtf16Le,
  kUtf16Be,
  kUtf32Le,
  kUtf32Be,
  kCp1252,  // also for ISO 8859-1, as browsers read it
  kLatin9,  // ISO 8859-15
  kCp850,
  kCp437,
  kMacRoman,
  kNamed,  // one of iconv's; only by label, never detected
};

// Opens the character sets of iconv that mail and documents declare. Call once before a jail
// closes; where it was not called they are opened when first needed.
void prepare_charsets();

// --- telling encodings apart ---

// A byte order mark; its length goes to `length`.
std::optional<Encoding> encoding_by_mark(std::string_view head, std::size_t& length);
// UTF-16 and UTF-32 without a mark, by where the zero bytes stand.
std::optional<Encoding> wide_encoding(std::string_view head);
// The encoding of text of which `sample` is a part. `cut`: the sample ends in the middle of the
// text, so a last character may be incomplete. Plain ASCII is kUtf8.
Encoding detect_encoding(std::string_view sample, bool cut = false);

// Which single-byte set fits: every byte from 0x80 up is judged by the letter it would be and the
// letters it stands between. Add as much text as there is.
class LetterContext {
 public:
  void add(std::string_view bytes);
  void add(const LetterContext& other);
  // What is known from before, as a leaning that `most` points of own evidence overcome.
  void add_weighed(const LetterContext& before, std::int64_t most);
  Encoding best() const;
  std::uint64_t judged() const { return judged_; }

 private:
  std::array<std::int64_t, 3> scores_{};  // CP1252, CP850, Mac Roman
  std::uint64_t judged_ = 0;
};

// --- decoding ---

// The same answer, by vectors and byte by byte. NUL is valid.
bool is_valid_utf8_fast(std::string_view text);
bool is_valid_utf8_slow(std::string_view text);
// Length of the character at `at` (below the size), 0 when there is none.
std::size_t utf8_length(std::string_view text, std::size_t at);

// One encoding, streaming: characters may be cut between calls.
class Decoder {
 public:
  explicit Decoder(Encoding encoding);
  // By label ("iso-8859-1", "koi8-r", "utf-16"); nullopt when nobody knows it.
  static std::optional<Decoder> by_label(std::string_view label);
  Decoder(Decoder&&) noexcept;
  Decoder& operator=(Decoder&&) noexcept;
  ~Decoder();

  // Appends to `out`. `last`: what is still incomplete becomes U+FFFD.
  void decode(std::string_view bytes, std::string& out, bool last);
  Encoding encoding() const;
  // Bytes that were no characters so far.
  std::uint64_t invalid() const;

 private:
  struct State;
  explicit Decoder(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// Text of unknown encoding, streaming: a byte order mark or the pattern of zero bytes decides at
// the beginning; else every line that is valid UTF-8 is UTF-8, and the lines that are not are in
// the single-byte set that they and the lines before them speak for. So nothing has to be decided
// before the first byte beyond ASCII comes, and logs with lines of several encodings are read
// right.
class TextDecoder {
 public:
  // `declared`: what the document says of itself. A single-byte set is believed for lines that are
  // not UTF-8; everything else is left to the evidence.
  explicit TextDecoder(Encoding declared = Encoding::kUtf8);
  // Text that comes later: evidence for the choice before it is needed.
  void learn(std::string_view bytes);
  // Called, a few times at most, when a choice must be made on thin evidence: answers with text
  // that comes later.
  void on_doubt(std::function<std::string()> read_ahead) { read_ahead_ = std::move(read_ahead); }
  void decode(std::string_view bytes, std::string& out, bool last);
  // kUtf8 while all of it was; else what the last line that was not was read as.
  Encoding encoding() const { return seen_; }

 private:
  bool wants_more() const;
  void begin(std::string_view head);
  void decode_narrow(std::string_view bytes, std::string& out, bool last);
  void decode_lines(std::string_view bytes, std::string& out);
  void decode_line(std::string_view line, std::string& out);
  bool reads_as_utf8(std::string_view line, bool valid) const;

  bool begun_ = false;
  Encoding declared_;
  std::optional<Decoder> wide_;
  std::string carry_;  // the head before it can be judged; later, the start of a character
  LetterContext context_;
  std::function<std::string()> read_ahead_;
  int asked_ahead_ = 0;
  std::uint64_t utf8_lines_ = 0;  // lines beyond ASCII that were valid, and that were not
  std::uint64_t other_lines_ = 0;
  Encoding seen_ = Encoding::kUtf8;
};

// Text whose document declares its encoding, streaming. What the bytes say against the declaration
// wins: a byte order mark, the pattern of UTF-16, lines that are valid UTF-8.
class LabelledDecoder {
 public:
  // An empty or unknown label, or one of UTF-16 (which whoever read it cannot be in), declares
  // nothing.
  explicit LabelledDecoder(std::string_view label);
  void decode(std::string_view bytes, std::string& out, bool last);

 private:
  std::optional<Decoder> declared_;  // sets that only a label can tell
  TextDecoder text_;
};

// --- whole strings ---

// The name of an archive member, of unknown encoding.
std::string decode_name(std::string_view raw);
// Text with a declared character set (mail parts, HTML). A label that is missing, unknown,
// "us-ascii" or contradicted by the bytes makes us look at the text itself.
std::string decode_as(std::string_view label, std::string_view bytes);

}  // namespace gallra::extract

// JSON, JSON lines, and what nearly is: read as a stream, in constant memory, with tolerance for
// comments, missing commas and a missing end.
#include <algorithm>
#include <vector>

#include "scanner/extract/extractor.hpp"
#include "scanner/extract/plain_text.hpp"
#include "scanner/extract/record_text.hpp"
#include "scanner/extract/text_writer.hpp"

namespace gallra::extract {
namespace {

// Deeper levels are read, but not told apart.
constexpr std::size_t kMostLevels = 256;
// A longer string goes on in pieces; no key is so long.
constexpr std::size_t kMostToken = 32u << 10;
// Where one object holds lists of lists, its record is parted when it has grown so large.
constexpr std::size_t kLargeRecord = 8u << 10;

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

class JsonReader {
 public:
  explicit JsonReader(ExtractSink& sink) : record_(sink) {}

  void read(std::string_view text);
  void end();
  // Brackets or a string were left open.
  bool cut_off() const { return depth_ > 0 || state_ != State::kBetween; }

 private:
  enum class State : std::uint8_t { kBetween, kString, kEscape, kUnicode, kBare };
  struct Level {
    bool array = false;
    bool listed = false;  // array: a value was written already
    std::string key;      // what its values are called
  };

  void structure(char c);
  std::size_t string_part(std::string_view text);
  std::size_t bare_part(std::string_view text);
  void escape(char c);
  void unicode(char c);
  void open(bool array);
  void close();
  void value(std::string_view text, std::uint32_t line);
  void end_token();
  void flush_pending();
  void long_token();
  const std::string& key() const;

  RecordText record_;
  State state_ = State::kBetween;
  std::vector<Level> levels_;
  std::size_t depth_ = 0;
  std::size_t record_depth_ = 0;  // of the object whose fields are being gathered; 0 = none
  std::size_t children_ = 0;      // objects that the outermost object held so far
  std::string token_;
  bool pending_ = false;    // token_ is a whole string: a key if ':' follows
  bool in_pieces_ = false;  // a part of the string was handed on
  std::string key_;
  std::uint32_t line_ = 1;
  std::uint32_t token_line_ = 1;
  std::uint32_t unit_ = 0;  // \uXXXX being read
  int unit_digits_ = 0;
  std::uint32_t high_surrogate_ = 0;
};

const std::string& JsonReader::key() const {
  static const std::string none;
  if (!key_.empty() || levels_.empty()) return key_;
  return levels_.back().array ? levels_.back().key : none;
}

void JsonReader::value(std::string_view text, std::uint32_t line) {
  Level* list = levels_.empty() || !levels_.back().array ? nullptr : &levels_.back();
  if (list != nullptr && list->listed && key_.empty()) {
    record_.also(text, line);
  } else if (!text.empty()) {
    record_.field(key(), text, line);
    if (list != nullptr) list->listed = true;
  }
  key_.clear();
}

void JsonReader::flush_pending() {
  if (!pending_) return;
  pending_ = false;
  value(token_, token_line_);
  token_.clear();
}

// Too long to be a key: the value is handed on as it comes.
void JsonReader::long_token() {
  const std::size_t cut = cut_after_line(token_);
  const std::string_view part = std::string_view(token_).substr(0, cut);
  if (in_pieces_) {
    record_.more(part, token_line_);
  } else {
    value(part, token_line_);
  }
  in_pieces_ = true;
  token_.erase(0, cut);
}

void JsonReader::end_token() {
  state_ = State::kBetween;
  if (in_pieces_) {
    record_.more(token_, token_line_);
    token_.clear();
    in_pieces_ = false;
    return;
  }
  pending_ = true;
}

void JsonReader::open(bool array) {
  flush_pending();
  ++depth_;
  const bool in_array = !levels_.empty() && levels_.back().array;
  const bool starts = record_depth_ == 0 && (in_array || depth_ == 1);
  // Objects beside each other in the outermost one are records too, from the second on.
  const bool sibling = record_depth_ == 0 && depth_ == 2 && !array && children_++ > 0;
  if (starts || sibling || (!array && record_.size() > kLargeRecord)) record_.flush();
  if (record_depth_ == 0 && (in_array || sibling)) record_depth_ = depth_;
  std::string name = key();
  if (!key_.empty() && !array) record_.field(name, {}, token_line_);
  key_.clear();
  if (depth_ <= kMostLevels) levels_.push_back({array, false, std::move(name)});
}

void JsonReader::close() {
  flush_pending();
  key_.clear();
  if (depth_ == 0) return;
  if (depth_ == record_depth_ || depth_ == 1) {
    record_.flush();
    record_depth_ = 0;
  }
  if (depth_ == 1) children_ = 0;
  if (depth_ <= kMostLevels) levels_.pop_back();
  --depth_;
}

void JsonReader::structure(char c) {
  switch (c) {
    case '\n':
      ++line_;
      break;
    case '{':
    case '[':
      open(c == '[');
      break;
    case '}':
    case ']':
      close();
      break;
    case ':':
      if (pending_) key_ = std::move(token_);
      token_.clear();
      pending_ = false;
      break;
    case ',':
      flush_pending();
      key_.clear();
      break;
    case '"':
      flush_pending();
      token_.clear();
      token_line_ = line_;
      state_ = State::kString;
      break;
    default:
      if (is_space(c)) break;
      flush_pending();
      token_.assign(1, c);
      token_line_ = line_;
      state_ = State::kBare;
  }
}

std::size_t JsonReader::string_part(std::string_view text) {
  const std::size_t most = std::min(text.size(), kMostToken);
  std::size_t end = 0;
  while (end < most && text[end] != '"' && text[end] != '\\' && text[end] != '\n') ++end;
  token_ += text.substr(0, end);
  if (token_.size() > kMostToken) long_token();
  if (end == most) return end;
  if (end > 0 || text[end] != '\\') high_surrogate_ = 0;
  if (text[end] == '\\') {
    state_ = State::kEscape;
    return end + 1;
  }
  // No string of JSON goes over a line end: its quote is lost, the next line begins afresh.
  end_token();
  return text[end] == '"' ? end + 1 : end;
}

void JsonReader::escape(char c) {
  state_ = State::kString;
  switch (c) {
    case 'n':
    case 'r':
      if (!token_.ends_with('\v')) token_.push_back('\v');
      break;
    case 't':
    case 'b':
    case 'f':
      token_.push_back(' ');
      break;
    case 'u':
      unit_ = 0;
      unit_digits_ = 0;
      state_ = State::kUnicode;
      break;
    case '\n':
      ++line_;
      token_.push_back('\n');
      break;
    default:
      token_.push_back(c);  // also where no escape is known
  }
}

void JsonReader::unicode(char c) {
  const int digit = c >= '0' && c <= '9'   ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                           : -1;
  if (digit >= 0) {
    unit_ = unit_ << 4 | static_cast<std::uint32_t>(digit);
    if (++unit_digits_ < 4) return;
  }
  state_ = State::kString;
  if (unit_ >= 0xD800 && unit_ < 0xDC00) {
    high_surrogate_ = unit_;
    return;
  }
  if (unit_ >= 0xDC00 && unit_ < 0xE000 && high_surrogate_ != 0)
    unit_ = 0x10000 + ((high_surrogate_ - 0xD800) << 10) + (unit_ - 0xDC00);
  high_surrogate_ = 0;
  if (unit_ == 0) {
    token_.push_back(' ');
  } else {
    append_utf8(token_, unit_);
  }
}

// Numbers, true, null, and whatever stands without quotes.
std::size_t JsonReader::bare_part(std::string_view text) {
  const std::size_t most = std::min(text.size(), kMostToken);
  const std::size_t end = std::min(text.find_first_of("{}[],:\"\n"), most);
  token_ += text.substr(0, end);
  if (token_.size() > kMostToken) long_token();
  if (end == most) return end;
  while (!token_.empty() && is_space(token_.back())) token_.pop_back();
  if (token_ == "null" && text[end] != ':') token_.clear();
  end_token();
  return end;
}

void JsonReader::read(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    switch (state_) {
      case State::kBetween:
        structure(text[at++]);
        break;
      case State::kString:
        at += string_part(text.substr(at));
        break;
      case State::kBare:
        at += bare_part(text.substr(at));
        break;
      case State::kEscape:
        escape(text[at++]);
        break;
      case State::kUnicode:
        // A sign that is no digit ends the escape and is read again.
        if (unit_digits_ > 0 || text[at] != '"') {
          const int before = unit_digits_;
          unicode(text[at]);
          at += unit_digits_ > before ? 1 : 0;
        } else {
          state_ = State::kString;
        }
        break;
    }
  }
}

void JsonReader::end() {
  if (state_ == State::kBare && depth_ == 0) state_ = State::kBetween;
  if (in_pieces_) {
    record_.more(token_, token_line_);
  } else if (!token_.empty()) {
    value(token_, token_line_);
  }
  record_.flush();
}

Outcome extract_json(const ExtractRequest& request, ExtractSink& sink) {
  PlainText input(request.source);
  JsonReader reader(sink);
  std::string text;
  bool garbage = false;
  while (input.next(text)) {
    garbage = garbage || holds_garbage(text);
    reader.read(text);
    text.clear();
  }
  reader.read(text);
  reader.end();
  Outcome outcome = input.outcome();
  if (outcome.kind == OutcomeKind::kRead && reader.cut_off())
    return Outcome::in_part(Reason::kCorrupt, "ends before its last bracket");
  if (outcome.kind == OutcomeKind::kRead && garbage)
    return Outcome::in_part(Reason::kCorrupt, "bytes that are no text");
  return outcome;
}

}  // namespace

extern const ExtractorEntry extractor_json;
const ExtractorEntry extractor_json{"json", {Format::kJson}, false, extract_json, nullptr};

}  // namespace gallra::extract

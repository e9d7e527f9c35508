// The gitignore-like filter. A pattern is matched by running all its states side by side over the
// path, so the time is path × pattern at worst: no pattern and no name can make it explode.
#include <algorithm>
#include <array>
#include <bitset>
#include <string>

#include "scanner/walk/walk.hpp"

namespace gallra::walk {
namespace {

using ByteSet = std::bitset<256>;

enum class Kind : std::uint8_t {
  kByte,       // exactly `byte`
  kAny,        // '?': one byte, not '/'
  kSet,        // '[...]': one byte of `set`, never '/'
  kStar,       // '*': any run without '/'
  kDeep,       // '**' at the end: any run
  kDeepSlash,  // '**/': nothing, or any run that ends in '/'
};

struct Token {
  Kind kind = Kind::kByte;
  unsigned char byte = 0;
  ByteSet set;
};

constexpr std::size_t kMaxPattern = 4096;  // bytes; longer than any path a person writes

unsigned char low(unsigned char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<unsigned char>(c + 32) : c;
}

// Lower case of ASCII and of U+00C0..U+00DE in UTF-8 (second byte after 0xC3; 0x97 is '×').
std::string folded(std::string_view text) {
  std::string out(text);
  bool after_c3 = false;
  for (char& c : out) {
    auto byte = static_cast<unsigned char>(c);
    if (after_c3 && byte >= 0x80 && byte <= 0x9e && byte != 0x97)
      byte = static_cast<unsigned char>(byte + 0x20);
    after_c3 = byte == 0xc3;
    c = static_cast<char>(low(byte));
  }
  return out;
}

bool in_posix_class(std::string_view name, unsigned char c, bool& known) {
  known = true;
  const bool upper = c >= 'A' && c <= 'Z';
  const bool lower = c >= 'a' && c <= 'z';
  const bool digit = c >= '0' && c <= '9';
  const bool graph = c > 0x20 && c < 0x7f;
  if (name == "alnum") return upper || lower || digit;
  if (name == "alpha") return upper || lower;
  if (name == "blank") return c == ' ' || c == '\t';
  if (name == "cntrl") return c < 0x20 || c == 0x7f;
  if (name == "digit") return digit;
  if (name == "graph") return graph;
  if (name == "lower") return lower;
  if (name == "print") return graph || c == ' ';
  if (name == "punct") return graph && !upper && !lower && !digit;
  if (name == "space") return c == ' ' || (c >= '\t' && c <= '\r');
  if (name == "upper") return upper;
  if (name == "xdigit") return digit || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
  known = false;
  return false;
}

// Adds [:name:] to the set; in folded patterns "upper" means any letter.
bool add_class(std::string_view name, bool fold, ByteSet& set) {
  if (fold && name == "upper") name = "alpha";
  bool known = true;
  for (unsigned c = 0; c < 256; ++c)
    if (in_posix_class(name, static_cast<unsigned char>(c), known)) set.set(c);
  return known;
}

// Reads '[...]' at `at` (on the '['), leaves `at` behind it. False when it is malformed.
bool read_set(std::string_view p, std::size_t& at, bool fold, ByteSet& set) {
  std::size_t i = at + 1;
  const bool negated = i < p.size() && (p[i] == '!' || p[i] == '^');
  if (negated) ++i;
  int previous = -1;  // first end of a possible range
  for (bool first = true;; first = false) {
    if (i >= p.size()) return false;
    auto c = static_cast<unsigned char>(p[i]);
    if (c == ']' && !first) break;
    if (c == '[' && i + 1 < p.size() && p[i + 1] == ':') {
      const std::size_t close = p.find(']', i + 2);
      if (close == std::string_view::npos) return false;
      if (close > i + 2 && p[close - 1] == ':') {
        if (!add_class(p.substr(i + 2, close - i - 3), fold, set)) return false;
        i = close + 1;
        previous = -1;
        continue;
      }
    }
    const bool range = c == '-' && previous >= 0 && i + 1 < p.size() && p[i + 1] != ']' && !first;
    if (range) ++i;
    if (p[i] == '\\') ++i;
    if (i >= p.size()) return false;
    c = static_cast<unsigned char>(p[i++]);
    for (unsigned b = range ? static_cast<unsigned>(previous) : c; b <= c; ++b) set.set(b);
    previous = range ? -1 : c;
  }
  if (negated) set.flip();
  set.reset('/');
  at = i + 1;
  return true;
}

// Only called on patterns matched against a whole path or a bare name, both without a leading '/'.
bool tokenise(std::string_view p, bool fold, std::vector<Token>& tokens) {
  for (std::size_t i = 0; i < p.size();) {
    Token token;
    if (p[i] == '*') {
      std::size_t end = i;
      while (end < p.size() && p[end] == '*') ++end;
      const bool begins = i == 0 || p[i - 1] == '/';
      const bool ends = end == p.size() || p[end] == '/';
      token.kind = Kind::kStar;
      if (end - i >= 2 && begins && ends) {
        token.kind = end == p.size() ? Kind::kDeep : Kind::kDeepSlash;
        if (end < p.size()) ++end;
      }
      i = end;
    } else if (p[i] == '?') {
      token.kind = Kind::kAny;
      ++i;
    } else if (p[i] == '[') {
      token.kind = Kind::kSet;
      if (!read_set(p, i, fold, token.set)) return false;
    } else {
      if (p[i] == '\\' && ++i >= p.size()) return false;
      token.byte = static_cast<unsigned char>(p[i++]);
    }
    tokens.push_back(token);
  }
  return true;
}

// State s = "tokens before s have matched". The second bit of states inside '**/' is kept as s
// itself: such a state swallows any byte, and passes on after '/'.
class Runner {
 public:
  explicit Runner(const std::vector<Token>& tokens)
      : tokens_(tokens), now_(tokens.size() + 1), next_(tokens.size() + 1) {}

  bool matches(std::string_view text) {
    enter(now_, 0, true);
    for (const char c : text) {
      std::fill(next_.begin(), next_.end(), char{0});
      bool alive = false;
      for (std::size_t s = 0; s < tokens_.size(); ++s)
        if (now_[s] != 0) alive |= step(s, static_cast<unsigned char>(c));
      now_.swap(next_);
      if (!alive) return false;
    }
    return now_[tokens_.size()] != 0;
  }

 private:
  // Reaching state s also reaches what stands behind tokens that may match nothing. `fresh` tells
  // that s was reached from the token before it, not by '**/' swallowing a byte.
  void enter(std::vector<char>& states, std::size_t s, bool fresh) const {
    for (;; ++s, fresh = true) {
      states[s] = 1;
      if (s == tokens_.size()) return;
      const Kind kind = tokens_[s].kind;
      const bool may_be_empty =
          kind == Kind::kStar || kind == Kind::kDeep || (kind == Kind::kDeepSlash && fresh);
      if (!may_be_empty) return;
    }
  }

  bool step(std::size_t s, unsigned char c) {
    const Token& token = tokens_[s];
    switch (token.kind) {
      case Kind::kByte:
        if (c != token.byte) return false;
        enter(next_, s + 1, true);
        return true;
      case Kind::kAny:
        if (c == '/') return false;
        enter(next_, s + 1, true);
        return true;
      case Kind::kSet:
        if (!token.set.test(c)) return false;
        enter(next_, s + 1, true);
        return true;
      case Kind::kStar:
        if (c == '/') return false;
        enter(next_, s, true);
        return true;
      case Kind::kDeep:
        enter(next_, s, true);
        return true;
      case Kind::kDeepSlash:
        enter(next_, s, false);
        if (c == '/') enter(next_, s + 1, true);
        return true;
    }
    return false;
  }

  const std::vector<Token>& tokens_;
  std::vector<char> now_;
  std::vector<char> next_;
};

std::string_view without_trailing_blanks(std::string_view p) {
  while (!p.empty() && (p.back() == ' ' || p.back() == '\r' || p.back() == '\n')) {
    std::size_t slashes = 0;
    while (slashes + 1 < p.size() && p[p.size() - 2 - slashes] == '\\') ++slashes;
    if (p.back() == ' ' && slashes % 2 == 1) break;  // "\ " is a blank that is meant
    p.remove_suffix(1);
  }
  return p;
}

std::string_view last_part(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

}  // namespace

struct Filter::Rule {
  std::string pattern;  // as the user wrote it
  bool includes = false;
  bool folders_only = false;
  bool name_only = false;  // no '/' in it: matched against the last part, at any depth
  bool plain = false;      // no wildcard: `literal` is compared
  bool suffix = false;     // "*" and then a literal
  std::string literal;
  std::vector<Token> tokens;

  bool matches(std::string_view path, bool is_dir) const {
    if (folders_only && !is_dir) return false;
    const std::string_view text = name_only ? last_part(path) : path;
    if (plain) return text == literal;
    if (suffix) return text.ends_with(literal);
    return Runner(tokens).matches(text);
  }
};

tl::expected<Filter, std::string> Filter::compile(const std::vector<std::string>& patterns,
                                                  Case fold) {
  Filter filter;
  filter.fold_ = fold;
  for (const std::string& written : patterns) {
    std::string_view p = without_trailing_blanks(written);
    if (p.empty() || p.front() == '#') continue;
    if (p.size() > kMaxPattern)
      return tl::unexpected(
          "filter pattern longer than 4096 bytes: " + std::string(p.substr(0, 40)) + "...");
    auto rule = std::make_shared<Rule>();
    rule->pattern = std::string(p);
    const std::string text = fold == Case::kFold ? folded(p) : std::string(p);
    p = text;
    if (p.front() == '!') {
      rule->includes = true;
      p.remove_prefix(1);
    }
    if (!p.empty() && p.back() == '/') {
      rule->folders_only = true;
      p.remove_suffix(1);
    }
    rule->name_only = p.find('/') == std::string_view::npos;
    if (!p.empty() && p.front() == '/') p.remove_prefix(1);
    if (p.empty()) return tl::unexpected("filter pattern without a name: " + rule->pattern);
    if (!tokenise(p, fold == Case::kFold, rule->tokens))
      return tl::unexpected(
          "filter pattern with an open '[', an unknown [:class:] or a '\\' at its end: " +
          rule->pattern);
    const auto literal_from = [&](std::size_t from) {
      return std::all_of(rule->tokens.begin() + static_cast<std::ptrdiff_t>(from),
                         rule->tokens.end(), [](const Token& t) { return t.kind == Kind::kByte; });
    };
    rule->plain = literal_from(0);
    rule->suffix = !rule->plain && rule->name_only && rule->tokens.front().kind == Kind::kStar &&
                   literal_from(1);
    if (rule->plain || rule->suffix) {
      for (const Token& token : rule->tokens)
        if (token.kind == Kind::kByte) rule->literal += static_cast<char>(token.byte);
      rule->tokens.clear();
    }
    filter.rules_.push_back(std::move(rule));
  }
  return filter;
}

const std::string* Filter::excludes(std::string_view path, bool is_dir) const {
  if (rules_.empty()) return nullptr;
  const std::string copy = fold_ == Case::kFold ? folded(path) : std::string();
  if (fold_ == Case::kFold) path = copy;
  for (auto rule = rules_.rbegin(); rule != rules_.rend(); ++rule)
    if ((*rule)->matches(path, is_dir)) return (*rule)->includes ? nullptr : &(*rule)->pattern;
  return nullptr;
}

const std::string* Filter::excluded_by(std::string_view path, bool is_dir) const {
  for (std::size_t slash = path.find('/'); slash != std::string_view::npos;
       slash = path.find('/', slash + 1))
    if (const std::string* rule = excludes(path.substr(0, slash), true)) return rule;
  return excludes(path, is_dir);
}

}  // namespace gallra::walk

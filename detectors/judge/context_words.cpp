#include "detectors/judge/context_words.hpp"

#include <algorithm>

#include "detectors/judge/fold.hpp"
#include "detectors/validators/parts/dates.hpp"

namespace gallra::detect {
namespace {

bool is_word_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         static_cast<unsigned char>(c) >= 0x80;
}

bool joins(char c) { return c == '.' || c == '-' || c == '/' || c == '&'; }

struct Token {
  std::size_t begin, end;
};

// The next run of word bytes, with dots, hyphens and slashes inside it ("pers.nr", "p-nr", "s/n").
bool next_token(std::string_view text, std::size_t& at, std::size_t end, Token& token) {
  while (at < end && !is_word_byte(text[at])) ++at;
  if (at >= end) return false;
  token.begin = at;
  while (at < end) {
    const bool joined = joins(text[at]) && at + 1 < end && is_word_byte(text[at + 1]);
    if (!is_word_byte(text[at]) && !joined) break;
    ++at;
  }
  token.end = at;
  return true;
}

std::vector<std::string> tokens_of(std::string_view text) {
  std::vector<std::string> tokens;
  Token token{};
  for (std::size_t at = 0; next_token(text, at, text.size(), token);)
    tokens.emplace_back(text.substr(token.begin, token.end - token.begin));
  return tokens;
}

}  // namespace

void ContextWords::add_word(std::uint16_t rule, WordKind kind, const std::string& word) {
  std::string text = folded(word);
  const bool any_begin = !text.empty() && text.front() == '*';
  const bool any_end = !text.empty() && text.back() == '*';
  if (any_begin) text.erase(0, 1);
  if (any_end && !text.empty()) text.pop_back();
  std::vector<std::string> tokens = tokens_of(text);
  if (tokens.empty()) return;
  const auto put = [&](Entry& entry) { entry.uses.push_back({rule, kind}); };
  if (any_begin || any_end) {
    std::vector<Affix>& list = any_begin ? endings_ : beginnings_;
    const auto same =
        std::find_if(list.begin(), list.end(), [&](const Affix& a) { return a.part == text; });
    if (same != list.end()) return put(same->entry);
    list.push_back({text, {text, {}, {}}});
    return put(list.back().entry);
  }
  Entries& entries = by_token_[tokens.front()];
  std::vector<std::string> rest(tokens.begin() + 1, tokens.end());
  const auto same =
      std::find_if(entries.begin(), entries.end(), [&](const Entry& e) { return e.rest == rest; });
  if (same != entries.end()) return put(*same);
  entries.push_back({text, std::move(rest), {}});
  put(entries.back());
  std::sort(entries.begin(), entries.end(),
            [](const Entry& a, const Entry& b) { return a.rest.size() > b.rest.size(); });
}

void ContextWords::add(std::uint16_t rule, const ContextRule& context) {
  for (const std::string& word : context.labels) add_word(rule, WordKind::kLabel, word);
  for (const std::string& word : context.raise) add_word(rule, WordKind::kRaise, word);
  for (const std::string& word : context.lower) add_word(rule, WordKind::kLower, word);
}

template <typename Emit>
void ContextWords::each(std::string_view text, std::size_t begin, std::size_t end,
                        Emit emit) const {
  std::string low;
  fold_into(text.substr(begin, end - begin), low);
  const std::string_view view = low;
  std::string key;
  const auto whole = [&](Token token) -> std::size_t {
    const auto found = by_token_.find(key);
    if (found == by_token_.end()) return 0;
    for (const Entry& entry : found->second) {
      std::size_t at = token.end;
      Token next{};
      const bool all = std::all_of(entry.rest.begin(), entry.rest.end(), [&](const auto& word) {
        return next_token(view, at, view.size(), next) &&
               view.substr(next.begin, next.end - next.begin) == word;
      });
      if (!all) continue;
      const std::size_t stop = entry.rest.empty() ? token.end : next.end;
      emit(begin + token.begin, begin + stop, entry);
      return stop;
    }
    return 0;
  };
  // One rule may know the word itself, another its ending.
  const auto lookup = [&](Token token) -> std::size_t {
    key.assign(view.substr(token.begin, token.end - token.begin));
    std::size_t after = whole(token);
    const auto affix = [&](const Affix& a) {
      emit(begin + token.begin, begin + token.end, a.entry);
      after = std::max(after, token.end);
    };
    for (const Affix& a : endings_)
      if (key.ends_with(a.part)) affix(a);
    for (const Affix& a : beginnings_)
      if (key.starts_with(a.part)) affix(a);
    return after;
  };
  Token token{};
  for (std::size_t at = 0; next_token(view, at, view.size(), token);) {
    if (const std::size_t after = lookup(token); after != 0) {
      at = std::max(at, after);
      continue;
    }
    // "personnr/samordningsnr", "kund-personnummer", "pnr850101": the parts on their own.
    std::size_t part = token.begin;
    while (part < token.end) {
      std::size_t stop = part;
      while (stop < token.end && !joins(view[stop]) && !(view[stop] >= '0' && view[stop] <= '9'))
        ++stop;
      // "2016f", "fd.o": letters by themselves are a word only when digits and nothing else follow.
      const bool word =
          stop - part > 2 || (part == token.begin && all_digits(view, stop, token.end - stop));
      if (stop > part && (part != token.begin || stop != token.end) && word) lookup({part, stop});
      part = std::max(stop, part) + 1;
    }
  }
}

void ContextWords::find(std::uint16_t rule, std::string_view text, std::size_t begin,
                        std::size_t end, std::vector<FoundWord>& out) const {
  each(text, begin, end, [&](std::size_t from, std::size_t to, const Entry& entry) {
    if (!out.empty() && out.back().begin == from) return;  // the whole word goes before its ending
    for (const Use& use : entry.uses)
      if (use.rule == rule) {
        out.push_back({from, to, use.kind, entry.word});
        break;
      }
  });
}

bool ContextWords::is_label(std::string_view text) const {
  bool found = false;
  each(text, 0, text.size(), [&](std::size_t, std::size_t, const Entry& entry) {
    for (const Use& use : entry.uses) found = found || use.kind == WordKind::kLabel;
  });
  return found;
}

}  // namespace gallra::detect

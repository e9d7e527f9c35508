#include "detectors/judge/document_kind.hpp"

#include <algorithm>
#include <toml++/toml.h>

#include "detectors/judge/fold.hpp"
#include "scanner/support/embedded.hpp"

namespace gallra::detect {
namespace {

constexpr std::size_t kHeadBytes = 16 << 10;  // a document says what it is on its first pages
constexpr int kNameFactor = 2;                // the name says it louder than the text

bool is_word_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || static_cast<unsigned char>(c) >= 0x80;
}

// Words of folded text.
bool next_word(std::string_view text, std::size_t& at, std::string_view& word) {
  while (at < text.size() && !is_word_byte(text[at])) ++at;
  const std::size_t begin = at;
  while (at < text.size() && is_word_byte(text[at])) ++at;
  word = text.substr(begin, at - begin);
  return !word.empty();
}

std::vector<std::string> texts_of(toml::node_view<const toml::node> node) {
  std::vector<std::string> texts;
  if (const toml::array* array = node.as_array())
    for (const toml::node& one : *array) texts.push_back(one.value_or(std::string()));
  return texts;
}

}  // namespace

tl::expected<DocumentKinds, std::string> DocumentKinds::load() {
  DocumentKinds kinds;
  for (const EmbeddedFile& file : embedded_files()) {
    if (!file.name.starts_with("detectors/kinds/")) continue;
    try {
      const toml::table table = toml::parse(file.bytes, file.name);
      Kind kind;
      kind.id = table["id"].value_or(std::string());
      kind.needs = static_cast<int>(table["needs"].value_or<std::int64_t>(0));
      kind.dated_entries = static_cast<int>(table["dated_entries"].value_or<std::int64_t>(0));
      kind.finds = texts_of(table["finds"]);
      kind.ignores = texts_of(table["ignores"]);
      if (kind.finds.size() < 3 || kind.ignores.empty())
        return tl::unexpected(std::string(file.name) +
                              ": three `finds` and an `ignores` are wanted");
      if (kind.id.empty() || kind.needs < 1)
        return tl::unexpected(std::string(file.name) + ": `id` and `needs` are wanted");
      for (const char* part : {"words", "name_words"}) {
        const toml::table* words = table[part].as_table();
        if (words == nullptr) continue;
        for (const auto& [key, value] : *words) {
          const std::string phrase = folded(key.str());
          std::vector<std::string> tokens;
          std::string_view token;
          for (std::size_t at = 0; next_word(phrase, at, token);) tokens.emplace_back(token);
          const bool ending = key.str().starts_with("*");
          if (tokens.empty() || !value.is_integer() || (ending && tokens.size() > 1))
            return tl::unexpected(std::string(file.name) + ": `" + std::string(key.str()) +
                                  "` must be a word and its points");
          Use use;
          use.kind = kinds.kinds_.size();
          use.points = static_cast<int>(value.value_or<std::int64_t>(0));
          use.number = kinds.word_count_++;
          use.rest.assign(tokens.begin() + 1, tokens.end());
          use.name_only = std::string_view(part) == "name_words";
          if (ending)
            kinds.endings_.emplace_back(tokens.front(), std::move(use));
          else
            kinds.words_[tokens.front()].push_back(std::move(use));
        }
      }
      kinds.kinds_.push_back(std::move(kind));
    } catch (const toml::parse_error& error) {
      return tl::unexpected(std::string(file.name) + ": " + std::string(error.description()));
    }
  }
  return kinds;
}

DocumentKinds::Tally DocumentKinds::start(std::string_view name, std::string_view path) const {
  Tally tally;
  tally.points.assign(kinds_.size(), 0);
  tally.counted.assign(word_count_ / 64 + 1, 0);
  look(tally, name, true);
  // The folder the document lies in says it too.
  const std::size_t slash = path.rfind('/');
  if (slash != std::string_view::npos && slash > 0) {
    const std::string_view folders = path.substr(0, slash);
    const std::size_t before = folders.rfind('/');
    look(tally, before == std::string_view::npos ? folders : folders.substr(before + 1), true);
  }
  std::fill(tally.counted.begin(), tally.counted.end(), 0);  // the text may say it again
  return tally;
}

void DocumentKinds::add(Tally& tally, std::string_view text) const {
  if (tally.bytes >= kHeadBytes) return;
  text = text.substr(0, kHeadBytes - tally.bytes);
  tally.bytes += text.size();
  look(tally, text, false);
}

void DocumentKinds::look(Tally& tally, std::string_view text, bool is_name) const {
  const std::string low = folded(text);
  std::string key;
  std::string_view word;
  for (std::size_t at = 0; next_word(low, at, word);) {
    for (const auto& [ending, use] : endings_)
      if (word.size() > ending.size() && word.ends_with(ending) && (is_name || !use.name_only))
        count(tally, use, is_name);
    key.assign(word);
    const auto found = words_.find(key);
    if (found == words_.end()) continue;
    for (const Use& use : found->second) {
      if (use.name_only && !is_name) continue;
      std::size_t ahead = at;
      std::string_view next;
      const bool all = std::all_of(use.rest.begin(), use.rest.end(), [&](const std::string& part) {
        return next_word(low, ahead, next) && next == part;
      });
      if (all) count(tally, use, is_name);
    }
  }
}

// A word counts once, however often it stands there.
void DocumentKinds::count(Tally& tally, const Use& use, bool is_name) {
  std::uint64_t& bits = tally.counted[use.number / 64];
  const std::uint64_t bit = 1ull << (use.number % 64);
  if ((bits & bit) != 0) return;
  bits |= bit;
  tally.points[use.kind] += use.points * (is_name ? kNameFactor : 1);
}

void DocumentKinds::add_dated_entries(Tally& tally) const {
  for (std::size_t i = 0; i < kinds_.size(); ++i) tally.points[i] += kinds_[i].dated_entries;
}

std::string_view DocumentKinds::best(const Tally& tally) const {
  std::string_view best;
  int most = 0;
  for (std::size_t i = 0; i < kinds_.size(); ++i) {
    const int over = tally.points[i] * 100 / kinds_[i].needs;
    if (over < 100 || over <= most) continue;
    most = over;
    best = kinds_[i].id;
  }
  return best;
}

std::vector<std::string> DocumentKinds::check() const {
  std::vector<std::string> failures;
  const auto kind_of = [&](std::string_view example) {
    Tally tally = start("", "");
    add(tally, example);
    return best(tally);
  };
  for (const Kind& kind : kinds_) {
    for (const std::string& example : kind.finds)
      if (const auto found = kind_of(example); found != kind.id)
        failures.push_back(kind.id + ": told as \"" + std::string(found) + "\": " + example);
    for (const std::string& example : kind.ignores)
      if (kind_of(example) == kind.id)
        failures.push_back(kind.id + ": found, but should be left alone: " + example);
  }
  return failures;
}

std::vector<std::string> DocumentKinds::ids() const {
  std::vector<std::string> ids;
  for (const Kind& kind : kinds_) ids.push_back(kind.id);
  return ids;
}

}  // namespace gallra::detect

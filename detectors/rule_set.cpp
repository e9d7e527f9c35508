// Loading, checking and explaining the set of rules.
#include <algorithm>
#include <map>

#include "detectors/detectors.hpp"
#include "detectors/judge/date_evidence.hpp"
#include "detectors/judge/fold.hpp"
#include "detectors/rule.hpp"
#include "scanner/support/embedded.hpp"
#include "scanner/support/small_file.hpp"
#if __has_include("detectors/lexicon/source.hpp")
#include "detectors/lexicon/source.hpp"
#endif

namespace gallra::detect {
namespace {

// FNV-1a, 64 bits: tells rule sets apart, guards nothing.
class Fingerprint {
 public:
  void add(std::string_view bytes) {
    for (const char c : bytes) {
      hash_ ^= static_cast<unsigned char>(c);
      hash_ *= 0x100000001b3ull;
    }
    hash_ ^= 0x1f;
    hash_ *= 0x100000001b3ull;
  }
  std::string text() const {
    static constexpr char kHex[] = "0123456789abcdef";
    std::string out;
    for (int shift = 60; shift >= 0; shift -= 4) out.push_back(kHex[hash_ >> shift & 0xF]);
    return out;
  }

 private:
  std::uint64_t hash_ = 0xcbf29ce484222325ull;
};

std::string read_whole(const std::string& file) {
  return read_small_file(file, kMaxWordListBytes).value_or("");
}

std::string fingerprint(const Options& options, const LoadedRules& loaded) {
  Fingerprint print;
  print.add(GALLRA_VERSION);
  print.add(Matcher::engine_version());
  print.add(options.lexicons ? "lexicons" : "identifiers");
  print.add(options.test_data == TestData::kCount ? "count" : "label");
  for (const EmbeddedFile& file : embedded_files()) {
    if (!file.name.starts_with("detectors/")) continue;
    print.add(file.name);
    print.add(file.bytes);
  }
  for (const RuleInfo& info : loaded.info)
    if (!info.file.starts_with("detectors/")) print.add(read_whole(info.file));
  for (const std::string& list : options.word_lists) print.add(read_whole(list));
  return print.text();
}

constexpr std::size_t kShortWord = 2;  // "f", "4d": as mere literals they would be met everywhere

// The letters of a word as a pattern, in any case.
std::string spelt(std::string_view word) {
  std::string out;
  for (std::size_t i = 0; i < word.size(); ++i) {
    const char c = word[i];
    // Small letters of Latin-1 are 0xC3 0xA0-0xBE, capital ones 0x20 below.
    if (static_cast<unsigned char>(c) == 0xC3 && i + 1 < word.size()) {
      static constexpr char kHex[] = "0123456789abcdef";
      const auto low = static_cast<unsigned char>(word[++i]);
      const auto hex = [](unsigned b) {
        return std::string("\\x") + kHex[b >> 4 & 0xF] + kHex[b & 0xF];
      };
      out += "\\xc3[" + hex(low) + hex(low & ~0x20u) + "]";
    } else if ((c >= 'a' && c <= 'z') || is_digit(c)) {
      out += c;
    } else {
      out.append("\\").append(1, c);
    }
  }
  return out;
}

// A word of a `context` table, or the first of a phrase: what to look for, and what it may touch.
std::pair<std::string, NearWord> near_word(std::string_view word) {
  NearWord near;
  if (word.starts_with('*')) {
    near.any_begin = true;
    word.remove_prefix(1);
  }
  if (word.ends_with('*')) {
    near.any_end = true;
    word.remove_suffix(1);
  }
  word = word.substr(0, word.find(' '));
  near.size = word.size();
  const std::string letters = spelt(word);
  if (word.size() > kShortWord) return {letters, near};
  return {"(?:^|[^a-zA-Z0-9])" + letters + "(?:[^a-zA-Z0-9\\xc3]|$)", {0, true, true}};
}

// The words near which scan_near() has to look, by pattern.
std::map<std::string, NearWord> near_words(const Rules& rules) {
  std::map<std::string, NearWord> words;
  const auto add = [&](const std::string& text) {
    const auto [pattern, word] = near_word(folded(text));
    NearWord& known = words.emplace(pattern, word).first->second;
    known.any_begin = known.any_begin || word.any_begin;
    known.any_end = known.any_end || word.any_end;
  };
  for (const Rule& rule : rules.loaded.rules) {
    if (rule.context.required == ContextRule::Required::kNothing || rule.patterns.empty()) continue;
    for (const std::string& word : rule.context.labels) add(word);
    for (const std::string& word : rule.context.raise) add(word);
  }
  return words;
}

tl::expected<void, std::string> compile(Rules& rules, const PatternCache& cache) {
  std::vector<Pattern> patterns;
  for (std::size_t i = 0; i < rules.loaded.rules.size(); ++i) {
    const Rule& rule = rules.loaded.rules[i];
    for (const std::string& expression : rule.patterns) {
      const bool near = rule.context.required != ContextRule::Required::kNothing;
      patterns.push_back({expression, rule.caseless, rule.validator == nullptr, rule.group, near});
      rules.rule_of_pattern.push_back(static_cast<std::uint16_t>(i));
    }
  }
  for (Pattern& pattern : DateGatherer::patterns()) {
    patterns.push_back(std::move(pattern));
    rules.rule_of_pattern.push_back(kDatePattern);
  }
  rules.first_word = rules.rule_of_pattern.size();
  for (const auto& [pattern, word] : near_words(rules)) {
    patterns.push_back({pattern, true, false, "words", false});
    rules.rule_of_pattern.push_back(kWordPattern);
    rules.word_of_pattern.push_back(word);
  }
  auto matcher = Matcher::compile(patterns, cache);
  if (!matcher) {
    const std::uint16_t rule = rules.rule_of_pattern[matcher.error().pattern];
    const std::string where = rule == kDatePattern   ? std::string("dates")
                              : rule == kWordPattern ? std::string("context words")
                                                     : rules.loaded.info[rule].file;
    return tl::unexpected(where + ": the pattern does not compile: " + matcher.error().why);
  }
  rules.matcher = std::move(*matcher);
  return {};
}

}  // namespace

tl::expected<std::shared_ptr<const RuleSet>, std::string> RuleSet::load(const Options& options) {
  auto loaded = load_rules(options.rule_dirs);
  if (!loaded) return tl::unexpected(loaded.error());
  auto kinds = DocumentKinds::load();
  if (!kinds) return tl::unexpected(kinds.error());
  auto rules = std::make_shared<Rules>();
  rules->loaded = std::move(*loaded);
  rules->kinds = std::move(*kinds);
  rules->test_data = options.test_data;
  auto whole = WholeDocument::create(rules->loaded);
  if (!whole) return tl::unexpected(whole.error() + ": nothing judges this rule");
  rules->whole = *whole;
  if (auto done = compile(*rules, PatternCache(options.cache_folder)); !done)
    return tl::unexpected(done.error());
  for (std::size_t i = 0; i < rules->loaded.rules.size(); ++i)
    rules->words.add(static_cast<std::uint16_t>(i), rules->loaded.rules[i].context);
  for (std::size_t i = 0; i < rules->loaded.rules.size(); ++i) {
    const ContextRule& context = rules->loaded.rules[i].context;
    if (context.required == ContextRule::Required::kNothing) continue;
    ContextRule near;
    near.labels = context.labels;
    near.labels.insert(near.labels.end(), context.raise.begin(), context.raise.end());
    rules->near_words.add(static_cast<std::uint16_t>(i), near);
  }
  if (options.lexicons) {
#if __has_include("detectors/lexicon/source.hpp")
    auto lexicon = lexicon::make_source(options, rules->loaded.info);
    if (!lexicon) return tl::unexpected(lexicon.error());
    rules->lexicon = std::move(*lexicon);
#endif
  }
  rules->id_text = fingerprint(options, rules->loaded);
  return rules;
}

}  // namespace gallra::detect

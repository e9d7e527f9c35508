// Loading, checking and explaining the set of rules.
#include <algorithm>

#include "detectors/detectors.hpp"
#include "detectors/judge/date_evidence.hpp"
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

tl::expected<void, std::string> compile(Rules& rules) {
  std::vector<Pattern> patterns;
  for (std::size_t i = 0; i < rules.loaded.rules.size(); ++i) {
    const Rule& rule = rules.loaded.rules[i];
    for (const std::string& expression : rule.patterns) {
      patterns.push_back({expression, rule.caseless, rule.validator == nullptr, rule.group});
      rules.rule_of_pattern.push_back(static_cast<std::uint16_t>(i));
    }
  }
  for (Pattern& pattern : DateGatherer::patterns()) {
    patterns.push_back(std::move(pattern));
    rules.rule_of_pattern.push_back(kDatePattern);
  }
  auto matcher = Matcher::compile(std::move(patterns));
  if (!matcher) {
    const std::uint16_t rule = rules.rule_of_pattern[matcher.error().pattern];
    const std::string where =
        rule == kDatePattern ? std::string("dates") : rules.loaded.info[rule].file;
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
  if (auto done = compile(*rules); !done) return tl::unexpected(done.error());
  for (std::size_t i = 0; i < rules->loaded.rules.size(); ++i)
    rules->words.add(static_cast<std::uint16_t>(i), rules->loaded.rules[i].context);
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

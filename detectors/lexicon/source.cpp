#include "detectors/lexicon/source.hpp"

#include <algorithm>

#include "detectors/lexicon/address.hpp"
#include "detectors/lexicon/lexicon.hpp"
#include "detectors/lexicon/names.hpp"
#include "detectors/lexicon/reading.hpp"
#include "detectors/lexicon/somebody.hpp"

namespace gallra::detect::lexicon {
namespace {

// One per thread; begun anew for another lexicon, whose entries it would not know.
Dictionary::Memo& memo_of(const Lexicon& lexicon) {
  struct Kept {
    std::uint64_t serial = 0;
    Dictionary::Memo memo;
  };
  thread_local Kept kept;
  if (kept.serial != lexicon.serial()) {
    kept.memo = Dictionary::Memo();
    kept.serial = lexicon.serial();
  }
  return kept.memo;
}

class Source : public HitSource {
 public:
  explicit Source(std::unique_ptr<const Lexicon> lexicon) : lexicon_(std::move(lexicon)) {}

  void scan(const Window& window, std::vector<Hit>& hits) const override {
    const Reading reading = read(*lexicon_, window, memo_of(*lexicon_));
    find_addresses(*lexicon_, window, reading, hits);
    find_names(*lexicon_, window, reading, hits);
    judge_terms(*lexicon_, window, reading, hits);
  }

  std::string mask(std::uint16_t rule, std::string_view value) const override {
    return rule == lexicon_->name_rule() ? mask_name(value) : HitSource::mask(rule, value);
  }

  bool is_label(std::string_view text) const override {
    return lexicon_->label(text).kind != LabelKind::kNone;
  }

  // What one window could not know: whether the document names anybody at all.
  void close(const DocumentFacts& facts, Gathered& value) const override {
    const bool strong = value.signals.has(Signal::kStrongTerm);
    if (!strong && !value.signals.has(Signal::kTerm)) return;
    if (facts.numbers + facts.names == 0) return;
    value.signals.drop(Signal::kNobody);
    if (value.score < kMediumScore && !value.signals.has(Signal::kPersonNear) &&
        !value.signals.has(Signal::kSamePerson)) {
      value.signals.add(Signal::kPersonInFile);
    }
  }

 private:
  std::unique_ptr<const Lexicon> lexicon_;
};

}  // namespace

tl::expected<std::unique_ptr<const HitSource>, std::string> make_source(
    const Options& options, const std::vector<RuleInfo>& rules) {
  auto lexicon = Lexicon::load(options, rules);
  if (!lexicon) return tl::unexpected(lexicon.error());
  return std::make_unique<const Source>(std::move(*lexicon));
}

}  // namespace gallra::detect::lexicon

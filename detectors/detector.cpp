// One document at a time through patterns, validators, lexicon and judge.
#include <algorithm>
#include <unordered_map>

#include "detectors/detectors.hpp"
#include "detectors/judge/date_evidence.hpp"
#include "detectors/judge/ledger.hpp"
#include "detectors/judge/minor_words.hpp"
#include "detectors/judge/snippet.hpp"
#include "detectors/judge/weigh.hpp"
#include "detectors/judge/whole.hpp"
#include "detectors/rule.hpp"
#include "detectors/text_buffer.hpp"
#include "detectors/wipe.hpp"

namespace gallra::detect {
namespace {

constexpr std::size_t kMaxCandidates = 10'000;  // for a person to read
constexpr std::size_t kNearReach = 400;         // around a word that some rule cannot do without
constexpr std::size_t kExactBytes = 512;        // around a hit of a rule that is only a pattern

class Detector final : public DocumentDetector {
 public:
  Detector(std::shared_ptr<const RuleSet> rules, const Secret& secret, Reveal reveal)
      : owner_(std::move(rules)),
        rules_(static_cast<const Rules&>(*owner_)),
        secret_(secret),
        reveal_(reveal == Reveal::kYes),
        scratch_(*rules_.matcher),
        ledger_(rules_, secret_, reveal_),
        buffer_([this](const Window& window) { scan(window); },
                [this](std::string_view cell) {
                  return rules_.words.is_label(cell) ||
                         (rules_.lexicon != nullptr &&
                          std::none_of(cell.begin(), cell.end(), is_digit) &&
                          rules_.lexicon->is_label(cell));
                }) {}

  ~Detector() override { forget(); }

  void begin(const DocumentContext& context) override {
    forget();
    context_ = context;
    buffer_.begin(context.format, reveal_);
    dates_.begin(context.today, context.path);
    kind_ = rules_.kinds.start(context.name, context.path, context.format);
    minor_words_.begin();
    candidates_.clear();
  }

  void text(const TextChunk& chunk) override {
    rules_.kinds.add(kind_, chunk);
    minor_words_.add(chunk);
    buffer_.add(chunk);
  }

  bool wants_flush() const override { return ledger_.size() > kFlushValues; }

  DocumentFindings flush() override {
    DocumentFindings out;
    ledger_.close(facts(), out);
    rules_.whole->judge(secret_, context_.format, written(out), context_.written, false, out);
    return out;
  }

  DocumentFindings finish() override {
    buffer_.finish();
    DocumentFindings out;
    settle_candidates();
    ledger_.close(facts(), out);
    out.dates = dates_.take(births_beside_names(out));
    DocumentKinds::add_findings(kind_, out);
    out.document_kind = rules_.kinds.best(kind_);
    const bool told = out.document_kind != "policy_text" && minor_words_.told();
    rules_.whole->judge(secret_, context_.format, written(out), context_.written, told, out);
    forget();
    return out;
  }

  void keep_candidates(bool keep) override { keep_candidates_ = keep; }
  const std::vector<Candidate>& candidates() const override { return candidates_; }

 private:
  struct Kept {
    std::size_t candidate;
    Hit hit;
    std::uint32_t column;
  };

  void forget() {
    buffer_.wipe();
    ledger_.clear();
    for (Hit& hit : hits_) wipe(hit.value);
    hits_.clear();
    for (Kept& kept : kept_) wipe(kept.hit.value);
    kept_.clear();
  }

  // When the document was written: what it says itself, or at the latest now.
  std::int32_t written(const DocumentFindings& out) const {
    std::int32_t day = 0;
    for (const DateEvidence& date : out.dates)
      if (quality_of(date.kind) != 'C') day = std::max(day, date.day);
    return day != 0 ? day : context_.today;
  }

  static bool births_beside_names(const DocumentFindings& out) {
    return std::any_of(out.findings.begin(), out.findings.end(), [](const Finding& finding) {
      return finding.category == "birth_date" &&
             std::find(finding.signals.begin(), finding.signals.end(),
                       key_of(Signal::kNeighbourName)) != finding.signals.end();
    });
  }

  DocumentFacts facts() const {
    DocumentFacts facts;
    facts.format = context_.format;
    facts.path = context_.path;
    facts.name = context_.name;
    facts.kind = rules_.kinds.best(kind_);
    facts.text_bytes = buffer_.bytes();
    return facts;
  }

  void scan(const Window& window);
  bool is_near_word(std::string_view text, const Event& event) const;
  void scan_near(const Window& window);
  bool scan_beside(const Window& window);
  void scan_spans(const Window& window, const std::vector<Span>& spans);
  void locate(const Window& window);
  void locate_exact(const Window& window, const Event& event, std::uint16_t rule);
  void add_reading(const Window& window, std::uint16_t rule, Reading& reading);
  std::uint32_t column_of(const Window& window, const Hit& hit);
  void count_rows(const Window& window);
  void record(const Window& window);
  void keep_candidate(const Window& window, const Hit& hit, std::uint32_t column);
  void settle_candidates();

  std::shared_ptr<const RuleSet> owner_;
  const Rules& rules_;
  const Secret secret_;
  const bool reveal_;
  Matcher::Scratch scratch_;
  Ledger ledger_;
  TextBuffer buffer_;
  DateGatherer dates_;
  DocumentKinds::Tally kind_;
  MinorWords minor_words_;
  DocumentContext context_;
  bool keep_candidates_ = false;
  std::vector<Candidate> candidates_;
  std::vector<Kept> kept_;

  // one window's work, kept to save allocations
  std::vector<Event> events_;
  std::vector<Span> near_;  // where patterns that want a word were looked for
  std::vector<Hit> hits_;
  std::vector<Reading> readings_;
};

void Detector::scan(const Window& window) {
  for (Hit& hit : hits_) wipe(hit.value);
  hits_.clear();
  events_.clear();
  rules_.matcher->scan(window.text, scratch_, events_);
  scan_near(window);
  // Groups are scanned one after the other: back into the order of the text.
  std::sort(events_.begin(), events_.end(), [](const Event& a, const Event& b) {
    return a.end != b.end ? a.end < b.end : a.pattern < b.pattern;
  });
  locate(window);
  if (rules_.lexicon != nullptr) rules_.lexicon->scan(window, hits_);
  if (hits_.empty()) {
    dates_.settle(rules_, hits_);
    count_rows(window);
    return;
  }
  const auto sort_hits = [this] {
    std::sort(hits_.begin(), hits_.end(), [](const Hit& a, const Hit& b) {
      if (a.begin != b.begin) return a.begin < b.begin;
      return a.end != b.end ? a.end > b.end : a.rule < b.rule;
    });
  };
  sort_hits();
  if (scan_beside(window)) sort_hits();
  for (Hit& hit : hits_)
    if (hit.rejected.empty() || hit.near_miss) weigh_context(rules_, window, hit);
  weigh_beside(rules_, window, hits_);
  weigh_neighbours(rules_, window, hits_);
  // What the column says counts between rivals too: a child's number in a register is no telephone.
  for (Hit& hit : hits_) {
    if (hit.shape == 0 || !hit.rejected.empty()) continue;
    Signals signals = hit.signals;
    int score = 0;
    const auto shape = static_cast<Shape>(hit.shape);
    weigh_density(shape, ledger_.density(column_of(window, hit), shape), score, signals);
    hit.score += score;
  }
  arbitrate(rules_, hits_);
  for (Hit& hit : hits_) {
    if (hit.shape == 0) continue;
    Signals signals = hit.signals;
    int score = 0;
    const auto shape = static_cast<Shape>(hit.shape);
    weigh_density(shape, ledger_.density(column_of(window, hit), shape), score, signals);
    if (hit.rejected.empty()) hit.score -= score;
  }
  dates_.settle(rules_, hits_);
  record(window);
  count_rows(window);
}

// A whole word, where no star in the rule says otherwise.
bool Detector::is_near_word(std::string_view text, const Event& event) const {
  if (rules_.rule_of_pattern[event.pattern] != kWordPattern) return false;
  const NearWord& word = rules_.word_of_pattern[event.pattern - rules_.first_word];
  if (word.size == 0) return true;
  const auto is_ascii_letter = [](char c) {
    return is_letter(c) && static_cast<unsigned char>(c) < 0x80;
  };
  const std::size_t begin = event.end - word.size;
  const bool free_before = begin == 0 || !is_ascii_letter(text[begin - 1]);
  const bool free_after =
      event.end >= text.size() || (!is_ascii_letter(text[event.end]) && text[event.end] != '\xC3');
  return (word.any_begin || free_before) && (word.any_end || free_after);
}

// Patterns that are nothing without a word that names them are looked for near such words, and in
// tables and fields with such a heading: most text is spared them.
void Detector::scan_near(const Window& window) {
  std::vector<Span> stretches;
  for (const Event& event : events_) {
    if (!is_near_word(window.text, event)) continue;
    stretches.push_back({event.end > kNearReach ? event.end - kNearReach : 0,
                         std::min(window.text.size(), event.end + kNearReach)});
  }
  for (const Segment& segment : *window.segments) {
    bool headed =
        segment.layout == Layout::kRecord && rules_.near_words.is_label(segment.place.label);
    if (segment.layout == Layout::kTable && segment.headers != nullptr)
      headed = std::any_of(segment.headers->begin(), segment.headers->end(),
                           [&](const auto& h) { return rules_.near_words.is_label(h); });
    const std::size_t end = std::min(segment.end, window.text.size());
    if (headed && segment.begin < end) stretches.push_back({segment.begin, end});
  }
  std::sort(stretches.begin(), stretches.end(),
            [](const Span& a, const Span& b) { return a.begin < b.begin; });
  near_.clear();
  for (const Span& stretch : stretches) {
    if (near_.empty() || stretch.begin > near_.back().end)
      near_.push_back(stretch);
    else
      near_.back().end = std::max(near_.back().end, stretch.end);
  }
  scan_spans(window, near_);
}

// The same beside people, where scan_near() has not been. True when it looked anywhere.
bool Detector::scan_beside(const Window& window) {
  std::vector<Span> spans;
  for (const Span& span : beside_somebody(rules_, window, hits_)) {
    const auto after = std::upper_bound(near_.begin(), near_.end(), span.begin,
                                        [](std::size_t at, const Span& s) { return at < s.begin; });
    if (after == near_.begin() || std::prev(after)->end < span.end) spans.push_back(span);
  }
  if (spans.empty()) return false;
  events_.clear();
  scan_spans(window, spans);
  locate(window);
  return true;
}

void Detector::scan_spans(const Window& window, const std::vector<Span>& spans) {
  for (const Span& span : spans) {
    const std::size_t first = events_.size();
    rules_.matcher->scan_near(window.text.substr(span.begin, span.size()), scratch_, events_);
    for (std::size_t e = first; e < events_.size(); ++e)
      events_[e].end += static_cast<std::uint32_t>(span.begin);
  }
}

void Detector::locate(const Window& window) {
  std::unordered_map<std::uint16_t, std::pair<std::size_t, std::size_t>> last;  // by rule
  std::unordered_map<std::uint16_t, std::size_t> exact_until;
  for (const Event& event : events_) {
    const std::uint16_t rule = rules_.rule_of_pattern[event.pattern];
    if (rule == kWordPattern) continue;
    if (rule == kDatePattern) {
      dates_.look(window, event.end);
      continue;
    }
    const Rule& loaded = rules_.loaded.rules[rule];
    if (loaded.validator == nullptr) {
      std::size_t& until = exact_until[rule];
      if (event.end <= until) continue;
      locate_exact(window, event, rule);
      until = std::min(window.text.size(), event.end + kExactBytes);
      continue;
    }
    const Segment& segment = window.segment_at(event.end == 0 ? 0 : event.end - 1);
    Scene scene;
    scene.text = window.text;
    scene.begin = segment.begin;
    scene.end = std::min(segment.end, window.text.size());
    scene.today = context_.today;
    scene.written = context_.written;
    scene.table = segment.layout == Layout::kTable;
    scene.name = segment.place.kind == PlaceKind::kName;
    if (segment.layout == Layout::kRecord || segment.place.kind == PlaceKind::kHeader)
      scene.header = segment.place.label;
    readings_.clear();
    loaded.validator->locate(scene, event.end, readings_);
    for (Reading& reading : readings_) {
      auto& before = last[rule];
      if (before.first == reading.begin && before.second == reading.end) continue;
      before = {reading.begin, reading.end};
      add_reading(window, rule, reading);
    }
  }
}

void Detector::add_reading(const Window& window, std::uint16_t rule, Reading& reading) {
  Hit hit;
  hit.rule = rule;
  hit.begin = reading.begin;
  hit.end = reading.end;
  hit.value = std::move(reading.value);
  hit.score = reading.score;
  hit.signals = reading.signals;
  hit.person = reading.person;
  hit.birth_day = reading.birth_day;
  hit.birth_year = reading.birth_year;
  hit.test_number = reading.test_number;
  hit.shape = static_cast<std::uint8_t>(reading.shape);
  hit.near_miss = reading.near_miss && !reading.valid;
  hit.needs_context = reading.needs_context;
  hit.named = reading.named;
  hit.within = reading.within;
  if (!reading.valid) hit.rejected = key_of(reading.invalid);
  if (reading.shape != Shape::kNone && hit.begin >= window.begin && hit.begin < window.end)
    ledger_.count_shape(column_of(window, hit), reading.shape, reading.valid);
  hits_.push_back(std::move(hit));
}

// A rule of the organisation that is a pattern and nothing more: its spans, around where it ended.
void Detector::locate_exact(const Window& window, const Event& event, std::uint16_t rule) {
  const Segment& segment = window.segment_at(event.end == 0 ? 0 : event.end - 1);
  std::size_t from = event.end > kExactBytes ? event.end - kExactBytes : 0;
  from = std::max(from, segment.begin);
  const std::size_t to = std::min({segment.end, window.text.size(), event.end + 2 * kExactBytes});
  if (from >= to) return;
  std::vector<std::pair<std::size_t, std::size_t>> spans;
  rules_.matcher->exact(event.pattern, window.text.substr(from, to - from), scratch_, spans);
  for (const auto& [begin, end] : spans) {
    Hit hit;
    hit.rule = rule;
    hit.begin = from + begin;
    hit.end = from + end;
    const bool known = std::any_of(hits_.rbegin(), hits_.rend(), [&](const Hit& h) {
      return h.rule == rule && h.begin == hit.begin && h.end == hit.end;
    });
    if (known) continue;
    hit.value = window.text.substr(hit.begin, hit.end - hit.begin);
    hit.score = rules_.loaded.rules[rule].score;
    hit.signals.add(Signal::kPattern);
    hit.person = !rules_.loaded.rules[rule].subject.empty();
    hits_.push_back(std::move(hit));
  }
}

std::uint32_t Detector::column_of(const Window& window, const Hit& hit) {
  const Segment& segment = window.segment_at(hit.begin);
  if (segment.layout == Layout::kTable)
    return ledger_.column_of(segment.place.label, window.column_at(hit.begin), "");
  if (segment.layout == Layout::kRecord && !segment.place.label.empty())
    return ledger_.column_of("", 0, segment.place.label);
  return 0;
}

void Detector::count_rows(const Window& window) {
  for (const Segment& segment : *window.segments) {
    if (segment.layout != Layout::kTable) continue;
    const std::size_t from = std::max(segment.begin, window.begin);
    const std::size_t to = std::min({segment.end, window.end, window.text.size()});
    if (from >= to) continue;
    const std::string_view rows = window.text.substr(from, to - from);
    auto n = static_cast<std::uint64_t>(std::count(rows.begin(), rows.end(), '\n'));
    if (to == segment.end && rows.back() != '\n') ++n;  // a last row without its newline
    ledger_.count_rows(segment.place.label, n);
  }
}

void Detector::record(const Window& window) {
  // What stands together in one record, over the context as well.
  struct Together {
    std::uint64_t categories = 0;
    bool identity = false;
    bool name = false;
  };
  std::unordered_map<std::uint64_t, Together> records;
  std::vector<std::uint64_t> record_of(hits_.size(), 0);
  for (std::size_t i = 0; i < hits_.size(); ++i) {
    const Hit& hit = hits_[i];
    if (!hit.rejected.empty() || hit.silent || hit.score < kMediumScore) continue;
    record_of[i] = window.record_id(hit.begin);
    Together& together = records[record_of[i]];
    together.categories |= ledger_.category_bit(hit.rule);
    together.name =
        together.name || (rules_.loaded.rules[hit.rule].subject == "name" && hit.person);
    together.identity = together.identity || (is_identity(rules_.loaded.rules[hit.rule].subject) &&
                                              !hit.signals.has(Signal::kMalformed));
  }
  for (std::size_t i = 0; i < hits_.size(); ++i) {
    const Hit& hit = hits_[i];
    if (hit.begin < window.begin || hit.begin >= window.end || hit.silent) continue;
    const std::uint32_t column = column_of(window, hit);
    if (keep_candidates_) keep_candidate(window, hit, column);
    if (!hit.rejected.empty()) continue;
    Ledger::Sighting seen;
    seen.column = column;
    seen.place = buffer_.place_of(hit.begin);
    if (ledger_.wants_snippet(hit)) {
      const std::string masked = hit.term ? hit.value : mask_value(rules_, hit.rule, hit.value);
      seen.snippet = make_snippet(window, hits_, i, masked);
    }
    if (reveal_) seen.written = buffer_.source_of(hit.begin, hit.end);
    const auto together =
        records.find(record_of[i] != 0 ? record_of[i] : window.record_id(hit.begin));
    if (together != records.end()) {
      seen.categories = together->second.categories;
      // A name and an address beside each other are one person: the name's.
      const bool address = rules_.loaded.rules[hit.rule].subject == "email";
      seen.identity_near = together->second.identity || (address && together->second.name);
    }
    seen.in_name = window.is_name;
    ledger_.add(hit, std::move(seen));
  }
}

void Detector::keep_candidate(const Window& window, const Hit& hit, std::uint32_t column) {
  if (candidates_.size() >= kMaxCandidates) return;
  (void)window;
  Candidate candidate;
  candidate.detector = rules_.loaded.info[hit.rule].id;
  candidate.shown = reveal_    ? hit.value
                    : hit.term ? hit.value
                               : mask_value(rules_, hit.rule, hit.value);
  candidate.place = buffer_.place_of(hit.begin);
  candidate.accepted = hit.rejected.empty();
  candidate.rejected_because = hit.rejected;
  candidates_.push_back(std::move(candidate));
  kept_.push_back({candidates_.size() - 1, hit, column});
}

// Bands and signals of the candidates, now that the columns are counted.
void Detector::settle_candidates() {
  for (const Kept& kept : kept_) {
    Ledger::Verdict verdict{};
    ledger_.verdict_now(kept.hit, kept.column, verdict);
    candidates_[kept.candidate].confidence = verdict.confidence;
    candidates_[kept.candidate].signals = std::move(verdict.signals);
  }
}

}  // namespace

std::unique_ptr<DocumentDetector> DocumentDetector::create(std::shared_ptr<const RuleSet> rules,
                                                           const Secret& secret, Reveal reveal) {
  return std::make_unique<Detector>(std::move(rules), secret, reveal);
}

}  // namespace gallra::detect

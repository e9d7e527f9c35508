// The seam inside detection: a Window of text, the Hits that sources report in it, and what the
// judge asks of them when the document closes. Sources: the pattern engine (identifiers) and the
// lexicon (terms, names, addresses).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

#include "detectors/detectors.hpp"
#include "detectors/signal.hpp"

namespace gallra::detect {

// Score bands. Below 1 a hit is not a finding.
inline constexpr int kMediumScore = 45;
inline constexpr int kHighScore = 75;

struct Span {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::size_t size() const { return end - begin; }
  bool holds(std::size_t at) const { return begin <= at && at < end; }
};

// A stretch of a window that came as one chunk (pieces that continue each other are one segment).
struct Segment {
  std::size_t begin = 0;  // in Window::text
  std::size_t end = 0;
  Layout layout = Layout::kProse;
  Place place;               // of the byte at `begin`
  std::uint64_t record = 0;  // neighbouring kRecord segments of one object share it; 0 elsewhere
  // kTable only: what stands in the header row, by column (1-based; empty text = no header known).
  const std::vector<std::string>* headers = nullptr;
};

// Normalised text (NFC, plain spaces and hyphens; see normalise.hpp) in which to look. Sources
// report everything they see in the whole text; the engine keeps what begins in [begin, end) and
// drops the rest, which is context: seen before, or seen again in the next window. So sources may
// look around freely, and never keep state between windows. Lines end in '\n'; segments are parted
// by '\n'.
struct Window {
  std::string_view text;
  std::size_t begin = 0;
  std::size_t end = 0;
  const std::vector<Segment>* segments = nullptr;  // sorted, cover the text; never empty
  std::uint64_t origin = 0;                        // document offset of text[0]
  Format format = Format::kUnknown;
  bool is_name = false;  // the text is the document's own name, and nothing else

  const Segment& segment_at(std::size_t at) const;
  // The line (table: the row) around `at`, without its newline; cut at 1000 bytes to each side.
  Span line_at(std::size_t at) const;
  // The cell around `at` in a table; the whole segment in a record; the line elsewhere.
  Span cell_at(std::size_t at) const;
  // From the last ". ", "! ", "? " or line end to the next.
  Span sentence_at(std::size_t at) const;
  // What belongs together: a table row, the paragraph (blank lines part them), the fields of one
  // object; cut at `reach` bytes to each side, 1000 at most.
  Span record_at(std::size_t at, std::size_t reach = 1000) const;
  // A number that is equal for equal records of this document.
  std::uint64_t record_id(std::size_t at) const;
  // Column of `at` in a table, 1-based; 0 elsewhere.
  std::uint32_t column_at(std::size_t at) const;
  // The header of the column (table) or the field's label (record); "" when none. Document text:
  // weigh it, never store it.
  std::string_view header_at(std::size_t at) const;
};

// Something found in a window.
struct Hit {
  std::uint16_t rule = 0;  // position in RuleSet::rules()
  std::size_t begin = 0;   // half-open span in Window::text
  std::size_t end = 0;
  // Canonical value: ten digits, address in lower case, +46..., the lemma of a term. Distinct
  // values are counted, and keys are made from it.
  std::string value;
  int score = 0;  // see kMediumScore; the judge adds and takes
  Signals signals;
  std::string_view
      label;  // the word behind a "=label" signal: from our tables, lives as long as they
  std::string_view lower_label;  // the same for the signals that lower
  bool silent = false;   // helps others to judge, is never a finding itself (a given name alone)
  bool person = false;   // stands for somebody: identity number, name, address of a person
  bool term = false;     // value is a word of our dictionary and may be shown in clear
  std::string rejected;  // validator error or the reading that won; then never a finding

  // identity numbers
  std::uint8_t birth_day = 0;  // 1-31, 0 unknown
  std::int16_t birth_year = 0;
  bool test_number = false;
  std::uint8_t shape = 0;      // for the density of equally shaped numbers; 0 = none
  bool near_miss = false;      // rejected, but a label may still make it a mistyped number
  bool needs_context = false;  // see Reading
  bool named = false;          // see Reading
  bool within = false;         // see Reading
  // For names: the canonical text of the subject when it differs from `value` ("" = value).
  std::string subject;
};

// What is known of the whole document (or segment of a huge one) when its findings are decided.
struct DocumentFacts {
  Format format = Format::kUnknown;
  std::string_view path, name;
  std::string_view kind;         // document kind or ""
  std::uint64_t text_bytes = 0;  // detection has read so much
  std::uint64_t numbers = 0;     // distinct identity numbers at medium or above
  std::uint64_t names = 0;       // distinct full names at medium or above
};

// One distinct value of one rule, gathered over the document. `score` and `signals` are those of
// its best hit.
struct Gathered {
  std::uint16_t rule = 0;
  std::string_view value;
  int score = 0;
  Signals signals;
  std::uint64_t count = 0;
};

// Const and shared by all threads.
class HitSource {
 public:
  virtual ~HitSource() = default;
  // Adds hits, in any order. `hits` already holds what earlier sources found (identifiers first),
  // also in the context around [begin, end), so persons near by can be seen.
  virtual void scan(const Window& window, std::vector<Hit>& hits) const = 0;
  // How a value that is no dictionary word (Hit::term false) is shown: a name as "A••• S•••".
  virtual std::string mask(std::uint16_t rule, std::string_view value) const {
    (void)rule;
    (void)value;
    return "•••";
  }
  // Is the text (a cell) what a column or a field is called?
  virtual bool is_label(std::string_view text) const {
    (void)text;
    return false;
  }
  // Last word on a value of this source's rules, when the document closes.
  virtual void close(const DocumentFacts& facts, Gathered& value) const {
    (void)facts;
    (void)value;
  }
};

// The lexicon's source lives in detectors/lexicon/source.hpp:
//   namespace gallra::detect::lexicon {
//   tl::expected<std::unique_ptr<const HitSource>, std::string> make_source(
//       const Options& options, const std::vector<RuleInfo>& rules);
//   }
// Its rules are TOML files with `engine = "lexicon"` instead of a pattern; a rule's index in
// `rules` is Hit::rule, found by RuleInfo::id. The error names file and line of a word list.

}  // namespace gallra::detect

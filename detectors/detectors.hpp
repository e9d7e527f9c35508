// Detection: rules and lexicons as data, compiled once, run over every document by one
// DocumentDetector a thread. Findings are decided when the document closes, since density and form
// come last.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "scanner/model/finding.hpp"
#include "scanner/model/format.hpp"
#include "scanner/model/text_chunk.hpp"
#include "scanner/support/keyed_hash.hpp"
#include "scanner/support/text.hpp"

namespace gallra::detect {

enum class TestData : std::uint8_t { kLabel, kCount };

struct Options {
  std::vector<std::string> rule_dirs;   // the organisation's own *.toml, beside the built-in ones
  std::vector<std::string> word_lists;  // own *.tsv
  std::string cache_folder;             // for compiled patterns, made 0700; "" = none kept
  TestData test_data = TestData::kLabel;
  bool lexicons = true;  // false: identifiers only (bench)
};

// One loaded rule: what a person may read about a detector.
struct RuleInfo {
  std::string id;        // "se.personnummer"
  std::string category;  // export category id
  GdprClass gdpr = GdprClass::kOrdinary;
  std::string name_sv, name_en, about_sv, about_en;
  std::vector<std::string> sources;
  std::vector<std::string> finds, ignores;
  std::string file;  // where it was read from
};

// Compiled rules, const after load and shared by all threads.
class RuleSet {
 public:
  // Refuses (with file and reason, one problem a line): a rule without examples or source, an empty
  // set, a pattern that does not compile, an unknown validator, a duplicate id.
  static tl::expected<std::shared_ptr<const RuleSet>, std::string> load(const Options& options);
  virtual ~RuleSet() = default;
  virtual const std::vector<RuleInfo>& rules() const = 0;
  // Changes when any rule, lexicon or the engine's version changes: findings of another id are
  // re-read.
  virtual const std::string& id() const = 0;
};

// Runs every example of every rule through the whole detection. One line a failure; empty = all
// well.
std::vector<std::string> check(const std::shared_ptr<const RuleSet>& rules);

struct DocumentContext {
  std::string path;  // printable provenance, for folder words and path dates
  std::string name;  // last step's name
  Format format = Format::kUnknown;
  std::int32_t today = 0;  // days since 1970: what "future" means; the sweep's start
  std::int32_t written =
      0;  // best known date of the document so far (mtime), for the century; 0 = unknown
};

// One candidate with everything that was weighed, for `detectors test` and `explain`.
struct Candidate {
  std::string detector;
  std::string shown;  // masked unless `reveal`
  Place place;
  bool accepted = false;
  std::string rejected_because;  // validator error or the reading that won
  Confidence confidence = Confidence::kLow;
  std::vector<std::string> signals;
};

// One per thread; reused for document after document.
class DocumentDetector {
 public:
  enum class Reveal : std::uint8_t { kNo, kYes };
  static std::unique_ptr<DocumentDetector> create(std::shared_ptr<const RuleSet> rules,
                                                  const Secret& secret,
                                                  Reveal reveal = Reveal::kNo);
  virtual ~DocumentDetector() = default;

  virtual void begin(const DocumentContext& context) = 0;
  virtual void text(const TextChunk& chunk) = 0;
  // True when so many distinct values are held that a segment should be taken with flush().
  virtual bool wants_flush() const = 0;
  // What was found since begin() or the last flush(); the document goes on.
  virtual DocumentFindings flush() = 0;
  // Closes the document; wipes what was held in clear.
  virtual DocumentFindings finish() = 0;
  // Collect candidates (also the rejected) of the open document; off by default.
  virtual void keep_candidates(bool keep) = 0;
  virtual const std::vector<Candidate>& candidates() const = 0;
};

// The reason of a finding as one sentence, from its signals and band.
std::string sentence(Lang lang, const Finding& finding);

}  // namespace gallra::detect

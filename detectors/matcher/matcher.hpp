// Patterns over text: all of Hyperscan. The first pass only notes where a pattern ends (no start of
// match, bytes not characters), in a few databases grouped by the class of a pattern's first byte,
// which is faster than one. The exact span is found afterwards, around each hit.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "detectors/matcher/pattern_cache.hpp"

namespace gallra::detect {

struct Pattern {
  std::string expression;
  bool caseless = false;
  bool exact = false;  // exact() will be asked for spans of it
  std::string group;   // patterns of one group share a database
  bool near = false;   // looked for by scan_near() only
};

struct Event {
  std::uint32_t pattern = 0;  // position in the list given to compile()
  std::uint32_t end = 0;      // one past the last byte
};

// Const after compile(), shared by all threads.
class Matcher {
 public:
  struct Failure {
    std::size_t pattern = 0;
    std::string why;
  };
  // One per thread.
  class Scratch {
   public:
    explicit Scratch(const Matcher& matcher);
    ~Scratch();
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;

   private:
    friend class Matcher;
    void* scratch_ = nullptr;
  };

  // From the cache when it holds just these, compiled by this engine for this processor.
  static tl::expected<std::unique_ptr<const Matcher>, Failure> compile(
      const std::vector<Pattern>& patterns, const PatternCache& cache);
  ~Matcher();
  Matcher(const Matcher&) = delete;
  Matcher& operator=(const Matcher&) = delete;

  // Adds every (pattern, end), in no promised order. Throws std::runtime_error when the engine
  // fails: a text that was not searched must never pass for one without findings.
  void scan(std::string_view text, Scratch& scratch, std::vector<Event>& events) const;
  // The same with the patterns that only count near a word that names them.
  void scan_near(std::string_view text, Scratch& scratch, std::vector<Event>& events) const;
  // The leftmost, longest, non-overlapping spans of one pattern in a short text.
  void exact(std::uint32_t pattern, std::string_view text, Scratch& scratch,
             std::vector<std::pair<std::size_t, std::size_t>>& spans) const;

  static std::string engine_version();

 private:
  // One database: which patterns, and with spans or without.
  struct Part {
    std::vector<std::size_t> patterns;
    bool near = false, exact = false;
  };
  static std::vector<Part> parts_of(const std::vector<Pattern>& patterns);
  static tl::expected<void*, Failure> compile_part(const std::vector<Pattern>& patterns,
                                                   const Part& part);
  Matcher() = default;
  void place(const Part& part, void* db);
  bool take_from(const PatternCache& cache, const std::string& meaning,
                 const std::vector<Part>& parts);
  static void scan_with(void* db, std::string_view text, Scratch& scratch,
                        std::vector<Event>& events);

  std::vector<void*> groups_;  // hs_database_t*
  std::vector<void*> near_;
  std::vector<void*> exact_;  // by pattern; null when not asked for
};

}  // namespace gallra::detect

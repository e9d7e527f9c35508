#include "detectors/matcher/matcher.hpp"

#include <algorithm>
#include <hs.h>
#include <map>
#include <stdexcept>

namespace gallra::detect {
namespace {

[[noreturn]] void fail(const char* what, hs_error_t code) {
  throw std::runtime_error(std::string("pattern engine: ") + what + " gave " +
                           std::to_string(code));
}

struct Span {
  std::size_t begin, end;
};

int note_event(unsigned id, unsigned long long, unsigned long long to, unsigned, void* context) {
  static_cast<std::vector<Event>*>(context)->push_back({id, static_cast<std::uint32_t>(to)});
  return 0;
}

int note_span(unsigned, unsigned long long from, unsigned long long to, unsigned, void* context) {
  static_cast<std::vector<Span>*>(context)->push_back({from, to});
  return 0;
}

unsigned flags_of(const Pattern& pattern) {
  return (pattern.caseless ? HS_FLAG_CASELESS : 0u) | HS_FLAG_MULTILINE;
}

hs_database_t* database(void* opaque) { return static_cast<hs_database_t*>(opaque); }

}  // namespace

Matcher::Scratch::Scratch(const Matcher& matcher) {
  hs_scratch_t* scratch = nullptr;
  const auto grow = [&](void* db) {
    if (db == nullptr) return;
    if (const hs_error_t code = hs_alloc_scratch(database(db), &scratch); code != HS_SUCCESS) {
      hs_free_scratch(scratch);
      fail("hs_alloc_scratch", code);
    }
  };
  for (void* db : matcher.groups_) grow(db);
  for (void* db : matcher.near_) grow(db);
  for (void* db : matcher.exact_) grow(db);
  scratch_ = scratch;
}

Matcher::Scratch::~Scratch() { hs_free_scratch(static_cast<hs_scratch_t*>(scratch_)); }

Matcher::~Matcher() {
  for (void* db : groups_) hs_free_database(database(db));
  for (void* db : near_) hs_free_database(database(db));
  for (void* db : exact_) hs_free_database(database(db));
}

tl::expected<std::unique_ptr<const Matcher>, Matcher::Failure> Matcher::compile(
    std::vector<Pattern> patterns) {
  if (const hs_error_t code = hs_valid_platform(); code != HS_SUCCESS)
    return tl::unexpected(Failure{0, "this processor lacks SSSE3, which Hyperscan needs"});
  std::unique_ptr<Matcher> matcher(new Matcher);
  std::map<std::pair<bool, std::string>, std::vector<std::size_t>> groups;
  for (std::size_t i = 0; i < patterns.size(); ++i)
    groups[{patterns[i].near, patterns[i].near ? "" : patterns[i].group}].push_back(i);
  for (const auto& [group, members] : groups) {
    std::vector<const char*> expressions;
    std::vector<unsigned> flags;
    std::vector<unsigned> ids;
    for (const std::size_t i : members) {
      expressions.push_back(patterns[i].expression.c_str());
      flags.push_back(flags_of(patterns[i]));
      ids.push_back(static_cast<unsigned>(i));
    }
    hs_database_t* db = nullptr;
    hs_compile_error_t* error = nullptr;
    const hs_error_t code = hs_compile_multi(expressions.data(), flags.data(), ids.data(),
                                             static_cast<unsigned>(members.size()), HS_MODE_BLOCK,
                                             nullptr, &db, &error);
    if (code != HS_SUCCESS) {
      const std::size_t at = error != nullptr && error->expression >= 0
                                 ? members[static_cast<std::size_t>(error->expression)]
                                 : members.front();
      Failure failure{at, error != nullptr ? error->message : "does not compile"};
      hs_free_compile_error(error);
      return tl::unexpected(std::move(failure));
    }
    (group.first ? matcher->near_ : matcher->groups_).push_back(db);
  }
  matcher->exact_.resize(patterns.size(), nullptr);
  for (std::size_t i = 0; i < patterns.size(); ++i) {
    if (!patterns[i].exact) continue;
    hs_database_t* db = nullptr;
    hs_compile_error_t* error = nullptr;
    if (hs_compile(patterns[i].expression.c_str(), flags_of(patterns[i]) | HS_FLAG_SOM_LEFTMOST,
                   HS_MODE_BLOCK, nullptr, &db, &error) != HS_SUCCESS) {
      Failure failure{i, error != nullptr ? error->message : "does not compile"};
      hs_free_compile_error(error);
      return tl::unexpected(std::move(failure));
    }
    matcher->exact_[i] = db;
  }
  return matcher;
}

void Matcher::scan(std::string_view text, Scratch& scratch, std::vector<Event>& events) const {
  for (void* db : groups_) scan_with(db, text, scratch, events);
}

void Matcher::scan_near(std::string_view text, Scratch& scratch, std::vector<Event>& events) const {
  for (void* db : near_) scan_with(db, text, scratch, events);
}

void Matcher::scan_with(void* db, std::string_view text, Scratch& scratch,
                        std::vector<Event>& events) {
  const hs_error_t code =
      hs_scan(database(db), text.data(), static_cast<unsigned>(text.size()), 0,
              static_cast<hs_scratch_t*>(scratch.scratch_), note_event, &events);
  if (code != HS_SUCCESS) fail("hs_scan", code);
}

void Matcher::exact(std::uint32_t pattern, std::string_view text, Scratch& scratch,
                    std::vector<std::pair<std::size_t, std::size_t>>& spans) const {
  if (pattern >= exact_.size() || exact_[pattern] == nullptr) return;
  std::vector<Span> found;
  const hs_error_t code =
      hs_scan(database(exact_[pattern]), text.data(), static_cast<unsigned>(text.size()), 0,
              static_cast<hs_scratch_t*>(scratch.scratch_), note_span, &found);
  if (code != HS_SUCCESS) fail("hs_scan", code);
  std::sort(found.begin(), found.end(), [](const Span& a, const Span& b) {
    return a.begin != b.begin ? a.begin < b.begin : a.end > b.end;
  });
  std::size_t free_from = 0;
  for (const Span& span : found) {
    if (span.begin < free_from || span.end == span.begin) continue;
    spans.emplace_back(span.begin, span.end);
    free_from = span.end;
  }
}

std::string Matcher::engine_version() { return hs_version(); }

}  // namespace gallra::detect

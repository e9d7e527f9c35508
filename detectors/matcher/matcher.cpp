#include "detectors/matcher/matcher.hpp"

#include <algorithm>
#include <cstdlib>
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

// All that decides what a compiled database is: patterns, engine, processor.
std::string meaning_of(const std::vector<Pattern>& patterns) {
  hs_platform_info_t platform{};
  hs_populate_platform(&platform);
  std::string meaning = hs_version() + std::string("\n") + std::to_string(platform.tune) + ' ' +
                        std::to_string(platform.cpu_features) + '\n';
  for (const Pattern& pattern : patterns) {
    meaning += std::to_string(flags_of(pattern)) + (pattern.exact ? 'x' : '-') +
               (pattern.near ? 'n' : '-') + pattern.group + '\0' + pattern.expression + '\n';
  }
  return meaning;
}

std::string serialised_database(void* opaque) {
  char* bytes = nullptr;
  std::size_t size = 0;
  if (hs_serialize_database(database(opaque), &bytes, &size) != HS_SUCCESS) return {};
  std::string out(bytes, size);
  std::free(bytes);
  return out;
}

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

std::vector<Matcher::Part> Matcher::parts_of(const std::vector<Pattern>& patterns) {
  std::map<std::pair<bool, std::string>, Part> groups;
  std::vector<Part> exact;
  for (std::size_t i = 0; i < patterns.size(); ++i) {
    const Pattern& pattern = patterns[i];
    Part& part = groups[{pattern.near, pattern.near ? "" : pattern.group}];
    part.near = pattern.near;
    part.patterns.push_back(i);
    if (pattern.exact) exact.push_back({{i}, false, true});
  }
  std::vector<Part> parts;
  parts.reserve(groups.size() + exact.size());
  for (auto& [name, part] : groups) parts.push_back(std::move(part));
  parts.insert(parts.end(), exact.begin(), exact.end());
  return parts;
}

tl::expected<void*, Matcher::Failure> Matcher::compile_part(const std::vector<Pattern>& patterns,
                                                            const Part& part) {
  std::vector<const char*> expressions;
  std::vector<unsigned> flags;
  std::vector<unsigned> ids;
  for (const std::size_t i : part.patterns) {
    expressions.push_back(patterns[i].expression.c_str());
    flags.push_back(flags_of(patterns[i]) | (part.exact ? HS_FLAG_SOM_LEFTMOST : 0u));
    ids.push_back(static_cast<unsigned>(i));
  }
  hs_database_t* db = nullptr;
  hs_compile_error_t* error = nullptr;
  if (hs_compile_multi(expressions.data(), flags.data(), ids.data(),
                       static_cast<unsigned>(ids.size()), HS_MODE_BLOCK, nullptr, &db,
                       &error) == HS_SUCCESS)
    return db;
  const std::size_t at = error != nullptr && error->expression >= 0
                             ? part.patterns[static_cast<std::size_t>(error->expression)]
                             : part.patterns.front();
  Failure failure{at, error != nullptr ? error->message : "does not compile"};
  hs_free_compile_error(error);
  return tl::unexpected(std::move(failure));
}

void Matcher::place(const Part& part, void* db) {
  if (part.exact)
    exact_[part.patterns.front()] = db;
  else
    (part.near ? near_ : groups_).push_back(db);
}

bool Matcher::take_from(const PatternCache& cache, const std::string& meaning,
                        const std::vector<Part>& parts) {
  const auto kept = cache.read(meaning);
  if (!kept || kept->size() != parts.size()) return false;
  std::vector<void*> databases;
  for (const std::string& bytes : *kept) {
    hs_database_t* db = nullptr;
    if (hs_deserialize_database(bytes.data(), bytes.size(), &db) != HS_SUCCESS) break;
    databases.push_back(db);
  }
  if (databases.size() != parts.size()) {
    for (void* db : databases) hs_free_database(database(db));
    return false;
  }
  for (std::size_t i = 0; i < parts.size(); ++i) place(parts[i], databases[i]);
  return true;
}

tl::expected<std::unique_ptr<const Matcher>, Matcher::Failure> Matcher::compile(
    const std::vector<Pattern>& patterns, const PatternCache& cache) {
  if (const hs_error_t code = hs_valid_platform(); code != HS_SUCCESS)
    return tl::unexpected(Failure{0, "this processor lacks SSSE3, which Hyperscan needs"});
  std::unique_ptr<Matcher> matcher(new Matcher);
  matcher->exact_.resize(patterns.size(), nullptr);
  const std::vector<Part> parts = parts_of(patterns);
  const std::string meaning = meaning_of(patterns);
  if (matcher->take_from(cache, meaning, parts)) return matcher;
  std::vector<std::string> serialised;
  for (const Part& part : parts) {
    const auto db = compile_part(patterns, part);
    if (!db) return tl::unexpected(db.error());
    matcher->place(part, *db);
    serialised.push_back(serialised_database(*db));
  }
  cache.write(meaning, serialised);
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

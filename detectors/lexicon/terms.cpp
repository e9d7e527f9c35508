#include "detectors/lexicon/terms.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "detectors/lexicon/fold.hpp"
#include "detectors/lexicon/tsv.hpp"

namespace gallra::detect::lexicon {
namespace {

std::vector<std::string> split(std::string_view text, char by) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const std::size_t end = text.find(by);
    if (end != 0) out.emplace_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return out;
}

std::string_view without_last_letters(std::string_view text, std::size_t letters) {
  while (letters > 0 && !text.empty()) {
    while (text.size() > 1 && is_continuation(text.back())) text.remove_suffix(1);
    text.remove_suffix(1);
    --letters;
  }
  return text;
}

bool match_mode(std::string_view text, MatchMode& mode) {
  if (text == "word")
    mode = MatchMode::kWord;
  else if (text == "prefix")
    mode = MatchMode::kPrefix;
  else if (text == "both")
    mode = MatchMode::kBoth;
  else if (text == "phrase")
    mode = MatchMode::kPhrase;
  else if (text == "exact")
    mode = MatchMode::kExact;
  else
    return false;
  return true;
}

// "" when the row is good.
std::string parse_row(const std::vector<std::string_view>& row, const Paradigms& paradigms,
                      Term& term) {
  if (row.size() < 7) return fmt::format("{} columns, 7 are needed", row.size());
  term.lemma = fold(row[0]);
  term.english = row[1] == "en";
  term.cls = row[2];
  term.note = row[4];
  if (count_letters(term.lemma) < 2) return "the term is empty or one letter";
  if (row[3].size() != 1 || row[3][0] < '1' || row[3][0] > '3') return "weight is not 1, 2 or 3";
  term.weight = static_cast<std::uint8_t>(row[3][0] - '0');
  if (!match_mode(row[5], term.match)) return "match is not word, prefix, both, phrase or exact";
  if (row[6].substr(0, 2) == "F:") {
    for (const std::string& form : split(row[6].substr(2), ',')) term.forms.push_back(fold(form));
    return term.forms.empty() ? "F: lists no form" : "";
  }
  term.paradigm = paradigms.find(row[6]);
  return term.paradigm == nullptr ? "unknown paradigm" : "";
}

}  // namespace

Paradigms Paradigms::parse(std::string_view table) {
  Paradigms out;
  each_row(table, [&](const std::vector<std::string_view>& row, std::size_t) {
    if (row.size() < 3) return;
    Paradigm p;
    p.code = row[0];
    p.strip = static_cast<std::size_t>(row[1].empty() ? 0 : row[1][0] - '0');
    for (std::string& ending : split(row[2], ' ')) {
      p.endings.push_back(ending == "0" ? std::string() : fold(ending));
    }
    p.vowel_stem = p.code == "A" || p.code == "E";
    out.by_code_.emplace(p.code, std::move(p));
  });
  return out;
}

const Paradigm* Paradigms::find(std::string_view code) const {
  const auto it = by_code_.find(code);
  return it == by_code_.end() ? nullptr : &it->second;
}

tl::expected<std::vector<Term>, std::string> parse_terms(std::string_view name,
                                                         std::string_view table,
                                                         const Paradigms& paradigms,
                                                         std::uint32_t source) {
  std::vector<Term> terms;
  std::string problem;
  each_row(table, [&](const std::vector<std::string_view>& row, std::size_t line) {
    Term term;
    term.source = source;
    const std::string wrong = parse_row(row, paradigms, term);
    if (wrong.empty()) {
      terms.push_back(std::move(term));
    } else if (problem.empty()) {
      problem = fmt::format("{}:{}: {}", name, line, wrong);
    }
  });
  if (!problem.empty()) return tl::unexpected(problem);
  if (terms.empty()) return tl::unexpected(fmt::format("{}: no terms", name));
  return terms;
}

std::string_view stem_of(const Term& term) {
  if (term.paradigm == nullptr) return term.lemma;
  const std::string_view stem = without_last_letters(term.lemma, term.paradigm->strip);
  return count_letters(stem) < 3 ? std::string_view(term.lemma) : stem;
}

std::vector<std::string> inflected_forms(const Term& term) {
  if (term.match == MatchMode::kPhrase) return {};
  if (term.paradigm == nullptr) return term.forms;
  std::vector<std::string> forms = {term.lemma};
  // Endings go on the true stem, also when it is too short to begin a compound ("öga").
  const std::string stem(without_last_letters(term.lemma, term.paradigm->strip));
  for (const std::string& ending : term.paradigm->endings) {
    std::string form = stem + ending;
    if (form != term.lemma) forms.push_back(std::move(form));
  }
  return forms;
}

}  // namespace gallra::detect::lexicon

#include "detectors/lexicon/lexicon.hpp"

#include <array>
#include <atomic>
#include <fmt/format.h>

#include "detectors/lexicon/fold.hpp"
#include "detectors/lexicon/tsv.hpp"
#include "scanner/support/embedded.hpp"
#include "scanner/support/small_file.hpp"

namespace gallra::detect::lexicon {
namespace {

constexpr std::array<std::string_view, 23> kRoleKeys = {
    "pronoun", "self",    "who",     "clinical", "norm",  "maybe",    "condition", "told",
    "has",     "privacy", "statute", "record",   "title", "greeting", "company",   "institution",
    "denial",  "subject", "group",   "career",   "you",   "topic",    "negated"};

constexpr std::array<std::string_view, 7> kTermFiles = {
    "health", "medicines", "social", "criminal", "protected-identity", "sensitive", "employment"};

std::string_view file(std::string_view name) {
  return embedded(fmt::format("detectors/lexicons/{}", name));
}

std::string upper(std::string_view folded) {
  std::string out(folded);
  unsigned char before = 0;
  for (char& c : out) {
    const auto u = static_cast<unsigned char>(c);
    if (u >= 'a' && u <= 'z') c = static_cast<char>(u & ~0x20);
    if (before == 0xC3 && u >= 0xA0 && u != 0xB7 && u != 0xBF) c = static_cast<char>(u & ~0x20);
    before = u;
  }
  return out;
}

// The spelling an `exact` term's note gives ("'SoL' med exakt versalisering SoL"), else capitals.
std::string exact_spelling(const Term& term) {
  std::string capitals = upper(term.lemma);
  std::size_t at = 0;
  while (at < term.note.size()) {
    std::size_t end = at;
    while (end < term.note.size() && (std::isalnum(static_cast<unsigned char>(term.note[end])) ||
                                      static_cast<unsigned char>(term.note[end]) >= 0x80)) {
      ++end;
    }
    const std::string_view word = std::string_view(term.note).substr(at, end - at);
    if (fold(word) == term.lemma && word != term.lemma) return std::string(word);
    at = std::max(end, at + 1);
  }
  return capitals;
}

LabelKind label_kind(std::string_view key) {
  constexpr std::array<std::pair<std::string_view, LabelKind>, 12> kKinds = {
      {{"name", LabelKind::kName},
       {"given", LabelKind::kGiven},
       {"surname", LabelKind::kSurname},
       {"person", LabelKind::kPerson},
       {"health", LabelKind::kHealth},
       {"sensitive", LabelKind::kSensitive},
       {"address", LabelKind::kAddress},
       {"organisation", LabelKind::kOrganisation},
       {"postcode", LabelKind::kPostcode},
       {"town", LabelKind::kTown},
       {"absence", LabelKind::kAbsence},
       {"topic", LabelKind::kTopic}}};
  for (const auto& [name, kind] : kKinds) {
    if (name == key) return kind;
  }
  return LabelKind::kNone;
}

unsigned ambiguity_in(std::string_view field) {
  return field.size() == 1 && field[0] >= '0' && field[0] <= '2'
             ? static_cast<unsigned>(field[0] - '0')
             : 0;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n*_:.#";
  const std::size_t first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

}  // namespace

std::optional<Role> role_from_key(std::string_view key) {
  for (std::size_t i = 0; i < kRoleKeys.size(); ++i) {
    if (kRoleKeys[i] == key) return static_cast<Role>(i);
  }
  return std::nullopt;
}

tl::expected<std::unique_ptr<const Lexicon>, std::string> Lexicon::load(
    const Options& options, const std::vector<RuleInfo>& rules) {
  static std::atomic<std::uint64_t> serials{0};
  std::unique_ptr<Lexicon> lexicon(new Lexicon);
  lexicon->serial_ = ++serials;
  lexicon->paradigms_ = Paradigms::parse(file("paradigms.tsv"));
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const std::string& category = rules[i].category;
    const bool identity = category == "personnummer" || category == "reserve_id" ||
                          category == "foreign_id" || category == "birth_date";
    lexicon->rule_ids_.push_back(rules[i].id);
    lexicon->kinds_.push_back(identity ? 1 : category == "email" ? 2 : 0);
    if (rules[i].id == "common.name") lexicon->name_rule_ = static_cast<std::uint16_t>(i);
    if (rules[i].id == "common.postal_address") {
      lexicon->address_rule_ = static_cast<std::uint16_t>(i);
    }
  }
  std::string problem = lexicon->load_terms(options, rules);
  if (!problem.empty()) return tl::unexpected(problem);
  problem = lexicon->load_context();
  if (!problem.empty()) return tl::unexpected(problem);
  lexicon->load_names();
  lexicon->load_places();
  lexicon->words_.finish();
  return lexicon;
}

std::string Lexicon::load_terms(const Options& options, const std::vector<RuleInfo>& rules) {
  std::unordered_map<std::string, std::uint16_t> by_id;
  for (std::size_t i = 0; i < rules.size(); ++i) {
    by_id.emplace(rules[i].id, static_cast<std::uint16_t>(i));
  }
  std::unordered_map<std::string, std::string> rule_of_class;
  each_row(file("classes.tsv"), [&](const std::vector<std::string_view>& row, std::size_t) {
    if (row.size() >= 2) rule_of_class.emplace(row[0], row[1]);
  });
  const auto rule = [&](const std::string& cls) {
    const auto named = rule_of_class.find(cls);
    const auto found = by_id.find(named == rule_of_class.end() ? cls : named->second);
    return found == by_id.end() ? kNoRule : found->second;
  };
  std::string problem;
  const auto take = [&](std::string_view name, std::string_view table, bool own) {
    auto parsed = parse_terms(name, table, paradigms_, 0);
    if (!parsed) {
      problem = parsed.error();
      return;
    }
    for (Term& term : *parsed) {
      const std::uint16_t r = rule(term.cls);
      if (r == kNoRule) {
        if (own && rule_of_class.find(term.cls) == rule_of_class.end()) {
          problem = fmt::format("{}: \"{}\": no class or rule is called \"{}\"", name, term.lemma,
                                term.cls);
          return;
        }
        continue;
      }
      const auto id = static_cast<std::uint32_t>(terms_.size());
      words_.add_term(term, id);
      rules_.push_back(r);
      spellings_.push_back(term.match == MatchMode::kExact ? exact_spelling(term) : std::string());
      terms_.push_back(std::move(term));
    }
  };
  terms_.reserve(10'000);
  for (const std::string_view name : kTermFiles) {
    take(name, file(fmt::format("{}.tsv", name)), false);
    if (!problem.empty()) return problem;
  }
  for (const std::string& path : options.word_lists) {
    const auto table = read_small_file(path, kMaxWordListBytes);
    if (!table) return fmt::format("{}: {}", path, table.error().text(Lang::kEn));
    take(path, *table, true);
    if (!problem.empty()) return problem;
  }
  load_codes(rule("diagnosis"), rule("medication"));
  each_row(file("compound-deny.tsv"), [&](const std::vector<std::string_view>& row, std::size_t) {
    words_.deny_start(row[0]);
  });
  each_row(file("compound-heads.txt"), [&](const std::vector<std::string_view>& row, std::size_t) {
    words_.allow_head(row[0]);
  });
  return {};
}

void Lexicon::load_codes(std::uint16_t diagnosis, std::uint16_t medication) {
  const auto add = [&](std::uint16_t rule, std::string_view lemma, std::string_view cls) {
    if (rule == kNoRule) return kNoTerm;
    Term term;
    term.lemma = lemma;
    term.cls = cls;
    term.weight = 3;
    term.forms.emplace_back();
    terms_.push_back(std::move(term));
    rules_.push_back(rule);
    spellings_.emplace_back();
    return static_cast<std::uint32_t>(terms_.size() - 1);
  };
  diagnosis_code_ = add(diagnosis, "diagnoskod", "diagnosis");
  medicine_code_ = add(medication, "atc-kod", "medication");
}

void Lexicon::load_names() {
  const auto take = [&](std::string_view name, EntryKind kind, std::size_t ambiguity_column) {
    each_row(file(name), [&](const std::vector<std::string_view>& row, std::size_t) {
      if (row.size() <= ambiguity_column) return;
      const std::string folded = fold(row[0]);
      const unsigned ambiguity = ambiguity_in(row[ambiguity_column]);
      words_.add_word(folded, {kind, name_id(ambiguity, false)});
      const char last = folded.back();
      if (last != 's' && last != 'x' && last != 'z') {
        words_.add_word(folded + "s", {kind, name_id(ambiguity, true)});
      }
    });
  };
  each_row(file("common-words.txt"), [&](const std::vector<std::string_view>& row, std::size_t) {
    common_words_.emplace(row[0]);
  });
  take("given-names.tsv", EntryKind::kGiven, 3);
  take("surnames.tsv", EntryKind::kSurname, 2);
}

std::string Lexicon::load_context() {
  std::string problem;
  const auto add = [&](std::string_view text, Role role) {
    const Entry entry{EntryKind::kWord, static_cast<std::uint32_t>(role)};
    if (text.find_first_of(" -") == std::string_view::npos) {
      words_.add_word(fold(text), entry);
    } else {
      words_.add_phrase(text, false, entry);
    }
  };
  each_row(file("context.tsv"), [&](const std::vector<std::string_view>& row, std::size_t line) {
    const auto role = row.size() < 2 ? std::nullopt : role_from_key(row[1]);
    if (!role) {
      problem = fmt::format("context.tsv:{}: unknown role", line);
      return;
    }
    add(row[0], *role);
  });
  each_row(file("denied-phrases.tsv"), [&](const std::vector<std::string_view>& row, std::size_t) {
    add(row[0], Role::kDenied);
  });
  each_row(file("labels.tsv"), [&](const std::vector<std::string_view>& row, std::size_t line) {
    const LabelKind kind = row.size() < 2 ? LabelKind::kNone : label_kind(row[1]);
    if (kind == LabelKind::kNone) {
      problem = fmt::format("labels.tsv:{}: unknown kind", line);
      return;
    }
    if (kind == LabelKind::kAddress) add(row[0], Role::kAddressLabel);
    label_texts_.push_back(std::make_unique<std::string>(row[0]));
    const bool weak = row.size() > 2 && row[2] == "weak";
    labels_.emplace(fold(row[0]), Label{kind, *label_texts_.back(), weak});
  });
  return problem;
}

void Lexicon::load_places() {
  each_row(file("places.tsv"), [&](const std::vector<std::string_view>& row, std::size_t) {
    if (row.size() < 4 || row[0].find(' ') != std::string_view::npos) return;
    words_.add_word(fold(row[0]), {EntryKind::kPlace, ambiguity_in(row[3])});
  });
  each_row(file("streets.tsv"), [&](const std::vector<std::string_view>& row, std::size_t) {
    if (row.size() < 2) return;
    const std::string folded = fold(row[0]);
    if (row[1] == "suffix") {
      street_endings_.emplace(folded, row.size() > 2 && row[2] == "strong" ? 2 : 1);
    } else if (row[1] == "word") {
      street_words_.emplace(folded, true);
    } else if (row[1] == "prefix") {
      street_prefixes_.emplace(folded, true);
    }
  });
  for (const auto& [ending, strength] : street_endings_) {
    if (strength == 2) {
      words_.add_ending(ending, {EntryKind::kStreet, 2});
      words_.add_word(ending, {EntryKind::kStreet, 1});
    }
  }
  each_row(embedded("detectors/tables/postal-orter.tsv"),
           [&](const std::vector<std::string_view>& row, std::size_t) {
             if (row.size() < 2 || row[1].empty() || !is_digit(row[1][0])) return;
             std::vector<std::string>& codes = towns_[fold(row[0])];
             std::string_view list = row[1];
             while (!list.empty()) {
               codes.emplace_back(list.substr(0, list.find(',')));
               list.remove_prefix(std::min(list.size(), codes.back().size() + 1));
             }
             const std::size_t space = row[0].find_first_of(" -");
             words_.add_word(fold(row[0].substr(0, space)),
                             {EntryKind::kTown, static_cast<std::uint32_t>(0)});
           });
  each_row(embedded("detectors/tables/postal-prefixes.tsv"),
           [&](const std::vector<std::string_view>& row, std::size_t) {
             prefixes_.emplace(row[0], true);
           });
}

Label Lexicon::label(std::string_view text) const {
  if (text.size() > 120) return {};
  const std::string folded = fold(trimmed(text));
  if (folded.empty()) return {};
  const auto find = [&](std::string_view key) {
    const auto it = labels_.find(std::string(trimmed(key)));
    return it == labels_.end() ? Label{} : it->second;
  };
  if (const Label whole = find(folded); whole.kind != LabelKind::kNone) return whole;
  // "Aktuella diagnoser (ICD-10)"
  if (const std::size_t open = folded.find(" ("); open != std::string::npos && folded.back() == ')')
    return label(std::string_view(folded).substr(0, open));
  // Shorter and shorter ends ("brukarens hemadress"), then shorter and shorter beginnings
  // ("diagnos enligt läkarintyg"), at whole words.
  for (std::size_t at = folded.find_first_of(" ('/-"); at != std::string::npos;
       at = folded.find_first_of(" ('/-", at + 1)) {
    const Label tail = find(std::string_view(folded).substr(at + 1));
    if (tail.weak && tail.text.size() <= 3) continue;  // "fel baserat på, med:"
    if (tail.kind != LabelKind::kNone) return tail;
  }
  for (std::size_t at = folded.find_last_of(" (,/-"); at != std::string::npos && at > 0;
       at = folded.find_last_of(" (,/-", at - 1)) {
    const Label head = find(std::string_view(folded).substr(0, at));
    if (head.weak) continue;  // "diagnose failures"
    if (head.kind != LabelKind::kNone) return head;
  }
  return {};
}

int Lexicon::street_ending(std::string_view folded) const {
  // The longest ending is "esplanaden"; at least two letters of a name stand before it.
  const std::size_t longest = std::min<std::size_t>(folded.size() > 2 ? folded.size() - 2 : 0, 12);
  for (std::size_t n = longest; n >= 2; --n) {
    const auto it = street_endings_.find(std::string(folded.substr(folded.size() - n)));
    if (it != street_endings_.end()) return it->second;
  }
  return 0;
}

bool Lexicon::is_street_word(std::string_view folded) const {
  return street_words_.count(std::string(folded)) != 0;
}

bool Lexicon::is_street_prefix(std::string_view word) const {
  return street_prefixes_.count(fold(word)) != 0;
}

bool Lexicon::is_town(std::string_view folded) const {
  return towns_.count(std::string(folded)) != 0;
}

int Lexicon::town_matches(std::string_view folded, std::string_view digits) const {
  const auto it = towns_.find(std::string(folded));
  if (it == towns_.end()) return -1;
  for (const std::string& code : it->second) {
    if (digits.substr(0, code.size()) == code) return 1;
  }
  return 0;
}

bool Lexicon::postcode_in_use(std::string_view digits) const {
  return prefixes_.count(std::string(digits.substr(0, 2))) != 0;
}

}  // namespace gallra::detect::lexicon

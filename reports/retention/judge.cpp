// From rules and facts to one verdict. The order of the steps is the order in which a mistake would
// hurt: what must not be destroyed is settled before any date is counted.
#include <algorithm>

#include "reports/retention/policy.hpp"

namespace gallra::retention {
namespace {

constexpr std::int32_t kSoonDays = 90;

// Lower case for ASCII and for the two-byte Latin-1 letters (Å -> å): enough for folder names.
std::string fold(std::string_view text) {
  std::string out(text);
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (out[i] >= 'A' && out[i] <= 'Z')
      out[i] = static_cast<char>(out[i] + 32);
    else if (static_cast<unsigned char>(out[i]) == 0xc3 && i + 1 < out.size()) {
      const auto next = static_cast<unsigned char>(out[++i]);
      if (next >= 0x80 && next <= 0x9e && next != 0x97) out[i] = static_cast<char>(next + 0x20);
    }
  }
  return out;
}

// Iterative matcher with one remembered "**" and one remembered "*": linear in practice, no
// recursion.
bool glob_folded(std::string_view glob, std::string_view path) {
  std::size_t g = 0, p = 0;
  std::size_t star_g = std::string_view::npos, star_p = 0;
  std::size_t deep_g = std::string_view::npos, deep_p = 0;
  while (p < path.size()) {
    if (glob.substr(g, 2) == "**") {
      deep_g = g;
      deep_p = p;
      star_g = std::string_view::npos;
      g += 2;
      if (g < glob.size() && glob[g] == '/') ++g;
    } else if (g < glob.size() && glob[g] == '*') {
      star_g = g++;
      star_p = p;
    } else if (g < glob.size() && (glob[g] == path[p] || (glob[g] == '?' && path[p] != '/'))) {
      ++g;
      ++p;
    } else if (star_g != std::string_view::npos && path[star_p] != '/') {
      g = star_g + 1;
      p = ++star_p;
    } else if (deep_g != std::string_view::npos) {
      g = deep_g + 2;
      if (g < glob.size() && glob[g] == '/') {  // "**/" ends only at a step's border
        ++g;
        while (deep_p < path.size() && path[deep_p] != '/') ++deep_p;
      }
      if (deep_p >= path.size()) return false;
      p = ++deep_p;
      star_g = std::string_view::npos;
    } else {
      return false;
    }
  }
  while (g < glob.size() && (glob[g] == '*' || glob[g] == '/')) ++g;
  return g == glob.size();
}

bool any_glob(const std::vector<std::string>& globs, std::string_view path) {
  return std::any_of(globs.begin(), globs.end(),
                     [&](const std::string& glob) { return glob_matches(glob, path); });
}

bool intersects(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  return std::any_of(a.begin(), a.end(), [&](const std::string& x) {
    return std::find(b.begin(), b.end(), x) != b.end();
  });
}

// How a rule met the file: by place before kind before category; 0 = not at all.
int match_strength(const Rule& rule, const FileFacts& facts) {
  if (any_glob(rule.paths, facts.path)) return 3;
  if (intersects(rule.kinds, facts.kinds)) return 2;
  if (intersects(rule.categories, facts.categories)) return 1;
  return 0;
}

// The latest date of quality A, else of B, else of C. Later is safer: it never shortens what must
// be kept.
std::optional<DateEvidence> best_date(const FileFacts& facts, std::int32_t today) {
  std::optional<DateEvidence> best;
  for (const DateEvidence& date : facts.dates) {
    if (date.day > today || date.day <= last_day_of(1980))
      continue;  // clock artefacts are no evidence
    const bool better = !best || quality_of(date.kind) < quality_of(best->kind) ||
                        (quality_of(date.kind) == quality_of(best->kind) && date.day > best->day);
    if (better) best = date;
  }
  return best;
}

bool whole_area_exempt(const std::string& municipality);

class Judge {
 public:
  Judge(const Organisation& organisation, const FileFacts& facts, std::int32_t today, Lang lang)
      : organisation_(organisation), facts_(facts), today_(today), lang_(lang) {}

  Judgement by(const Rule& rule) {
    rule_ = &rule;
    evidence_ = best_date(facts_, today_);
    if (rule.misplaced)
      return any_glob(rule.allowed, facts_.path) ? verdict(Verdict::kWithin, say("allowed"))
                                                 : verdict(Verdict::kMisplaced, say("misplaced"));
    if (organisation_.is_public && rule.support.empty())
      return verdict(Verdict::kKept, say("no_support"));
    if (!rule.keep_min && !rule.delete_by) return verdict(Verdict::kNoTime, say("no_time"));
    if (!rule.confirmed) return verdict(Verdict::kLookInto, say("unconfirmed") + seen_date());
    if (rule.trigger == Trigger::kLookup)
      return verdict(Verdict::kLookInto, say("lookup." + known_lookup(rule.lookup)) + seen_date());
    if (rule.needs_closed_case && !any_glob(rule.whole_file, facts_.path))
      return verdict(Verdict::kLookInto, say("closed_case") + seen_date());
    if (!evidence_) return verdict(Verdict::kLookInto, say("no_date"));
    if (quality_of(evidence_->kind) == 'C')
      return verdict(Verdict::kLookInto, say("weak_date") + seen_date());
    if (rule.research_exception)
      if (auto exempt = research()) return *exempt;
    return by_date(rule);
  }

  Judgement conflict(const Rule& one, const Rule& other) {
    rule_ = &one;
    Judgement judgement = verdict(
        Verdict::kConflict,
        text(lang_, "retention.conflict", {one.id, periods(one), other.id, periods(other)}));
    return judgement;
  }

 private:
  Judgement verdict(Verdict v, std::string sentence,
                    std::optional<std::int32_t> due = std::nullopt) const {
    return {v, rule_->id, due, evidence_, std::move(sentence)};
  }

  std::string say(const std::string& key) const {
    return text(lang_, "retention." + key, {rule_->id, rule_->name});
  }

  std::string date_source(const DateEvidence& date) const {
    return text(lang_, "retention.date." + std::string(key_of(date.kind)),
                {day_text(date.day), std::string(1, quality_of(date.kind))});
  }

  std::string seen_date() const { return evidence_ ? " " + date_source(*evidence_) : ""; }

  static std::string known_lookup(const std::string& name) {
    return name == "tillsatt" ? name : "other";
  }

  std::string periods(const Rule& rule) const {
    std::string out;
    if (rule.keep_min) out += text(lang_, "retention.keeps", {period_text(lang_, *rule.keep_min)});
    if (rule.delete_by)
      out += (out.empty() ? "" : ", ") +
             text(lang_, "retention.deletes", {period_text(lang_, *rule.delete_by)});
    return out;
  }

  // Born 5/15/25 or an area where all are exempt: the person the file is about is handed over,
  // never destroyed.
  std::optional<Judgement> research() const {
    const Verdict hand_over =
        organisation_.is_public ? Verdict::kHandOverArchive : Verdict::kHandOverBoard;
    const std::string to = organisation_.is_public ? "hand_over.archive" : "hand_over.board";
    if (organisation_.deciding_municipality.empty())
      return verdict(Verdict::kLookInto, say("municipality") + seen_date());
    if (whole_area_exempt(organisation_.deciding_municipality))
      return verdict(hand_over, say(to + ".area"));
    const std::uint64_t exempt = facts_.persons_exempt_day + facts_.persons_unknown_day;
    if (exempt == 0) return std::nullopt;
    if (exempt >= facts_.persons) return verdict(hand_over, say(to));
    return verdict(Verdict::kLookInto, text(lang_, "retention.main_person",
                                            {rule_->id, number_text(lang_, exempt),
                                             number_text(lang_, facts_.persons)}));
  }

  Judgement by_date(const Rule& rule) const {
    std::int32_t from = evidence_->day;
    if (rule.trigger == Trigger::kFiscalYearEnd)
      from = fiscal_year_end(from, organisation_.fiscal_month, organisation_.fiscal_day);
    if (rule.keep_min) {
      std::int32_t keep = add(from, *rule.keep_min);
      if (rule.trigger == Trigger::kFiscalYearEnd) keep = last_day_of(year_of(keep));
      if (today_ <= keep)
        return verdict(Verdict::kTooEarly, dated("too_early", keep, *rule.keep_min), keep);
      if (!rule.delete_by)
        return verdict(Verdict::kLookInto, dated("minimum_over", keep, *rule.keep_min));
    }
    const std::int32_t due = add(from, *rule.delete_by);
    const std::int32_t deadline = rule.grace ? last_day_of(year_of(due) + 1) : due;
    if (today_ > deadline)
      return verdict(Verdict::kOverdue,
                     dated(rule.grace ? "overdue.grace" : "overdue", deadline, *rule.delete_by),
                     deadline);
    if (today_ >= due)
      return verdict(Verdict::kDue, dated("due", deadline, *rule.delete_by), deadline);
    if (due - today_ <= kSoonDays)
      return verdict(Verdict::kDueSoon, dated("due_soon", due, *rule.delete_by), due);
    return verdict(Verdict::kWithin, dated("within", due, *rule.delete_by), due);
  }

  std::string dated(const std::string& key, std::int32_t day, const Period& period) const {
    const std::string from = std::string(
        text(lang_, rule_->trigger == Trigger::kFiscalYearEnd ? "retention.from.fiscal_year"
                    : rule_->trigger == Trigger::kLastEntry   ? "retention.from.last_entry"
                                                              : "retention.from.document"));
    return text(lang_, "retention." + key,
                {day_text(day), rule_->id, period_text(lang_, period), from}) +
           " " + date_source(*evidence_);
  }

  const Organisation& organisation_;
  const FileFacts& facts_;
  const std::int32_t today_;
  const Lang lang_;
  const Rule* rule_ = nullptr;
  std::optional<DateEvidence> evidence_;
};

// Göteborg and every municipality of Östergötlands, Gotlands and Västernorrlands län: all
// personakter are kept for research (socialtjänstförordningen (2025:468) 13 kap. 1 §).
bool whole_area_exempt(const std::string& municipality) {
  static constexpr std::string_view kMunicipalities[] = {
      "göteborg",  "gotland",    "boxholm",    "finspång",    "kinda",    "linköping",
      "mjölby",    "motala",     "norrköping", "söderköping", "vadstena", "valdemarsvik",
      "ydre",      "åtvidaberg", "ödeshög",    "härnösand",   "kramfors", "sollefteå",
      "sundsvall", "timrå",      "ånge",       "örnsköldsvik"};
  const auto known = [](const std::string& name) {
    return std::find(std::begin(kMunicipalities), std::end(kMunicipalities), name) !=
           std::end(kMunicipalities);
  };
  std::string name = fold(municipality);
  for (std::string_view tail : {" kommun", " stad", "s"})  // "Linköpings kommun" -> "linköping"
    if (!known(name) && name.ends_with(tail)) name.resize(name.size() - tail.size());
  return known(name);
}

// A promise and a duty of law that cannot both hold.
bool conflicts(const Rule& a, const Rule& b) {
  if (a.origin == b.origin || a.trigger != b.trigger) return false;
  const Rule& law = a.origin == Origin::kLaw ? a : b;
  const Rule& promise = a.origin == Origin::kLaw ? b : a;
  if (law.origin != Origin::kLaw || promise.origin != Origin::kPolicy || !promise.delete_by)
    return false;
  const std::int32_t promised = add(0, *promise.delete_by);
  if (law.keep_min && promised < add(0, *law.keep_min)) return true;
  return law.delete_by && promised > add(0, *law.delete_by);
}

}  // namespace

bool glob_matches(std::string_view glob, std::string_view path) {
  return glob_folded(fold(glob), fold(path));
}

Judgement judge_by(const std::vector<Rule>& rules, const Organisation& organisation,
                   const FileFacts& facts, std::int32_t today, Lang lang) {
  const Rule* best = nullptr;
  int best_strength = 0;
  std::vector<const Rule*> matching;
  for (const Rule& rule : rules) {
    if ((rule.body == Body::kPrivate && organisation.is_public) ||
        (rule.body == Body::kPublic && !organisation.is_public))
      continue;
    const int strength = match_strength(rule, facts);
    if (strength == 0) continue;
    matching.push_back(&rule);
    if (strength > best_strength ||
        (strength == best_strength && best != nullptr && rule.origin < best->origin)) {
      best = &rule;
      best_strength = strength;
    }
  }
  if (best == nullptr)
    return {Verdict::kNoRule, "", std::nullopt, best_date(facts, today),
            std::string(text(lang, "retention.no_rule"))};
  Judge judge(organisation, facts, today, lang);
  for (const Rule* other : matching)
    if (other != best && conflicts(*best, *other)) return judge.conflict(*best, *other);
  return judge.by(*best);
}

}  // namespace gallra::retention

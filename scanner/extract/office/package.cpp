#include "scanner/extract/office/package.hpp"

#include <algorithm>
#include <fmt/core.h>

namespace gallra::extract {
namespace {

// Named in the outcome is one; the others are counted.
constexpr std::size_t kMaxProblems = 100;

class RelationReader : public MarkupHandler {
 public:
  RelationReader(std::string_view part, std::vector<Relation>& into) : part_(part), into_(into) {}

  void open(const Tag& tag) override {
    if (tag.local() != "Relationship") return;
    Relation relation;
    relation.id = tag.value("Id");
    const std::string type = tag.value("Type");
    relation.type = type.substr(type.rfind('/') + 1);
    relation.external = tag.value("TargetMode") == "External";
    const std::string target = tag.value("Target");
    relation.target = relation.external ? target : resolve_part(part_, target);
    into_.push_back(std::move(relation));
  }
  void close(std::string_view) override {}
  void text(std::string_view) override {}

 private:
  std::string_view part_;
  std::vector<Relation>& into_;
};

// Printable, short, and no words of the document: names of parts are made by programs.
std::string shown_name(std::string_view part) { return valid_utf8(part.substr(0, 80)); }

}  // namespace

std::string lower_case(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

std::string_view base_name(std::string_view part) { return part.substr(part.rfind('/') + 1); }
std::string_view folder_of(std::string_view part) { return part.substr(0, part.rfind('/') + 1); }

std::string resolve_part(std::string_view from, std::string_view target) {
  std::string path = target.starts_with('/') ? std::string(target)
                                             : std::string(folder_of(from)) + std::string(target);
  std::vector<std::string_view> steps;
  for (std::size_t at = 0; at <= path.size();) {
    const std::size_t end = std::min(path.find('/', at), path.size());
    const std::string_view step = std::string_view(path).substr(at, end - at);
    if (step == ".." && !steps.empty()) steps.pop_back();
    if (step != ".." && step != "." && !step.empty()) steps.push_back(step);
    at = end + 1;
  }
  std::string out;
  for (const std::string_view step : steps) out += (out.empty() ? "" : "/") + std::string(step);
  return out;
}

Package::Package(const ExtractRequest& request, ExtractSink& sink)
    : request_(request),
      out_(sink, request.first_member > 0),
      zip_(request.source, request.limits) {}

bool Package::was_read(std::string_view name) const { return read_.contains(lower_case(name)); }
void Package::leave(std::string_view name) { read_.insert(lower_case(name)); }

void Package::note(std::string_view part, const Outcome& outcome) {
  if (outcome.kind == OutcomeKind::kRead) return;
  ++problem_count_;
  if (problems_.size() < kMaxProblems) problems_.push_back({shown_name(part), outcome});
}

bool Package::read(std::string_view name, MarkupHandler& handler) {
  const ZipPart* part = zip_.find(name);
  if (part == nullptr) part = zip_.find(percent_decoded(name));
  if (part == nullptr || was_read(part->name)) return false;
  leave(part->name);
  Tokenizer tokenizer(handler, Dialect::kXml);
  XmlFeed feed(tokenizer);
  bool any = false;
  Outcome outcome = zip_.stream(*part, [&](std::string_view piece) {
    any = true;
    feed.feed(piece, false);
    return true;
  });
  feed.feed({}, true);
  if (outcome.kind == OutcomeKind::kRead && tokenizer.damaged())
    outcome = Outcome::in_part(Reason::kCorrupt);
  note(part->name, outcome);
  return any;
}

std::string Package::bytes(std::string_view name) {
  std::string all;
  const ZipPart* part = zip_.find(name);
  if (part == nullptr || was_read(part->name)) return all;
  leave(part->name);
  note(part->name, zip_.read(*part, all));
  return all;
}

std::vector<Relation> Package::relations(std::string_view part) {
  std::vector<Relation> found;
  const std::string name =
      std::string(folder_of(part)) + "_rels/" + std::string(base_name(part)) + ".rels";
  const ZipPart* where = zip_.find(name);
  if (where == nullptr) return found;
  RelationReader reader(part, found);
  std::string xml;
  const Outcome outcome = zip_.read(*where, xml);
  if (!was_read(where->name)) note(where->name, outcome);
  leave(where->name);
  tokenize_xml(xml, reader);
  return found;
}

void Package::member(const ZipPart& part) {
  if (was_read(part.name)) return;
  leave(part.name);
  const std::uint32_t ordinal = next_member_++;
  if (ordinal < request_.first_member) return;
  if (ordinal >= request_.limits.max_members)
    return note(part.name, Outcome::in_part(Reason::kTooManyMembers));
  ExtractSink& sink = out_.sink();
  sink.member({.kind = MemberKind::kEmbedded,
               .name = valid_utf8(part.name),
               .ordinal = ordinal,
               .size = part.size});
  sink.member_end(zip_.stream(part, [&](std::string_view piece) {
    sink.member_bytes(std::as_bytes(std::span(piece.data(), piece.size())));
    return true;
  }));
}

void Package::members_in(std::string_view folder) {
  for (const ZipPart& part : zip_.parts())
    if (lower_case(part.name).find(folder) != std::string::npos) member(part);
}

Outcome Package::outcome(std::string_view main) const {
  if (zip_.parts().empty()) return Outcome::not_read(Reason::kCorrupt, "no parts");
  const std::uint64_t text = out_.bytes();
  if (problems_.empty()) {
    if (!has(main))
      return text > 0 ? Outcome::in_part(Reason::kCorrupt, "main part missing")
                      : Outcome::not_read(Reason::kCorrupt, "main part missing");
    return zip_.recovered() ? Outcome::in_part(Reason::kCorrupt, "directory of the zip")
                            : Outcome::read();
  }
  // The main part's trouble is the document's; else the first one met.
  const auto of_main = std::find_if(
      problems_.begin(), problems_.end(),
      [&](const Problem& problem) { return lower_case(problem.part) == lower_case(main); });
  const Problem& worst = of_main == problems_.end() ? problems_.front() : *of_main;
  const bool nothing = text == 0 && next_member_ == 0;
  std::string detail = worst.part;
  if (problem_count_ > 1) detail += fmt::format(" and {} more parts", problem_count_ - 1);
  return {nothing ? OutcomeKind::kNotRead : OutcomeKind::kReadInPart, worst.outcome.reason,
          std::move(detail)};
}

}  // namespace gallra::extract

#include "reports/export/export.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <map>
#include <memory>

#include "reports/export/facts.hpp"
#include "reports/export/risk.hpp"
#include "reports/export/rows.hpp"
#include "reports/export/sarif.hpp"

namespace gallra::exporting {
namespace {

// Writes rows in one of the two row formats; the prototype gives CSV its header, also when no row
// comes.
class RowWriter {
 public:
  RowWriter(std::ostream& out, Format format, const Row& prototype) : out_(out), format_(format) {
    if (format_ == Format::kCsv) write_csv_header(out_, prototype);
  }
  void add(const Row& row) {
    if (format_ == Format::kCsv)
      write_csv_line(out_, row);
    else
      write_json_line(out_, row);
    ++written_.rows;
  }
  void withhold(std::uint64_t findings) { written_.withheld += findings; }
  Result done() const {
    if (!out_) return tl::unexpected(std::string("the export could not be written"));
    return written_;
  }

 private:
  std::ostream& out_;
  Format format_;
  Written written_;
};

tl::unexpected<std::string> findings_only() {
  return tl::unexpected(std::string("sarif is a format of findings; use jsonl or csv"));
}

// Source ids -> what stands in the rows.
class Sources {
 public:
  explicit Sources(store::Reader& reader) {
    for (const store::SourceRow& source : reader.sources()) paths_[source.id] = source.path;
  }
  const std::string& path(std::int64_t id) { return paths_[id]; }

 private:
  std::map<std::int64_t, std::string> paths_;
};

// A name in bytes: readable, and lossless beside it when it is not UTF-8.
void add_path(Row& row, const std::string& name, std::string_view raw) {
  row.push_back(text_field(name, raw));
  const std::string lossless = is_utf8(raw) ? "" : base64(raw);
  Field field{name + "_b64", "", lossless};
  if (!lossless.empty()) append_json_string(field.json, lossless);
  row.push_back(std::move(field));
}

Row object_row(Sources& sources, const store::DocumentRow& document) {
  Row row;
  add_path(row, "source", sources.path(document.source_id));
  add_path(row, "path", document.file.path());
  row.push_back(list_field("inner", document.inner));
  return row;
}

std::string key_text(const Key& key) { return key == Key{} ? std::string() : hex(key); }

// A column as spreadsheets letter it: 1 -> A, 27 -> AA.
std::string column_letters(std::uint32_t column) {
  std::string letters;
  for (; column > 0; column = (column - 1) / 26)
    letters.insert(letters.begin(), static_cast<char>('A' + (column - 1) % 26));
  return letters;
}

// The parts of a place under the names a reader expects.
Row place_parts(const Place& place) {
  Row parts{text_field("kind", key_of(place.kind))};
  const auto number = [&](const char* name, std::uint32_t value) {
    if (value > 0) parts.push_back(number_field(name, value));
  };
  const auto label = [&](const char* name) {
    if (!place.label.empty()) parts.push_back(text_field(name, place.label));
  };
  switch (place.kind) {
    case PlaceKind::kNone:
    case PlaceKind::kName:
      break;
    case PlaceKind::kLine:
      number("line", place.a);
      break;
    case PlaceKind::kPage:
      number("page", place.a);
      number("line", place.b);
      break;
    case PlaceKind::kCell:
      label("sheet");
      number("row", place.a);
      number("column", place.b);
      if (place.a > 0 && place.b > 0)
        parts.push_back(text_field("cell", column_letters(place.b) + std::to_string(place.a)));
      break;
    case PlaceKind::kSlide:
      number("slide", place.a);
      label("part");
      break;
    case PlaceKind::kParagraph:
      number("paragraph", place.a);
      label("part");
      break;
    case PlaceKind::kHeader:
      label("header");
      break;
    case PlaceKind::kBody:
      label("part");
      number("line", place.a);
      break;
    case PlaceKind::kField:
      label("field");
      number("line", place.a);
      break;
    case PlaceKind::kProperty:
      label("property");
      break;
  }
  return parts;
}

std::string place_json(const Place& place) {
  std::string out = "{";
  for (const Field& part : place_parts(place)) {
    if (out.size() > 1) out += ',';
    out += '"' + part.name + "\":" + part.json;
  }
  return out + '}';
}

std::string place_text(const Place& place) {
  std::string out;
  for (const Field& part : place_parts(place))
    out += (out.empty() ? "" : " ") + part.name + '=' + part.csv;
  return out;
}

Field place_field(const std::vector<Place>& places) {
  const Place first = places.empty() ? Place{} : places.front();
  return {"place", place_json(first), place_text(first)};
}

Field places_field(const std::vector<Place>& places) {
  Field field{"places", "[", ""};
  for (const Place& place : places) {
    if (field.json.size() > 1) {
      field.json += ',';
      field.csv += " | ";
    }
    field.json += place_json(place);
    field.csv += place_text(place);
  }
  field.json += ']';
  return field;
}

Row finding_row(Sources& sources, const store::DocumentRow& document, const Finding& finding) {
  Row row = object_row(sources, document);
  row.push_back(place_field(finding.places));
  row.push_back(text_field("detector", finding.detector));
  row.push_back(text_field("category", finding.category));
  row.push_back(text_field("gdpr_class", key_of(finding.gdpr)));
  row.push_back(text_field("confidence", key_of(finding.confidence)));
  row.push_back(list_field("signals", finding.signals));
  row.push_back(text_field("masked", finding.masked));
  row.push_back(key_field("subject_key", key_text(finding.subject_key)));
  row.push_back(key_field("finding_key", key_text(finding.finding_key)));
  row.push_back(key_field("content_id", key_text(document.content_id)));
  row.push_back(bool_field("test_data", finding.test_data));
  row.push_back(number_field("count", finding.count));
  row.push_back(places_field(finding.places));
  return row;
}

// "2017-03-04T10:20:30Z", with the fraction when there is one; "" for an unknown time.
std::string time_text(std::int64_t ns) {
  if (ns == 0) return {};
  constexpr std::int64_t kSecond = 1'000'000'000, kDay = 86'400;
  std::int64_t seconds = ns / kSecond, fraction = ns % kSecond;
  if (fraction < 0) {
    fraction += kSecond;
    --seconds;
  }
  std::int64_t day = seconds / kDay, rest = seconds % kDay;
  if (rest < 0) {
    rest += kDay;
    --day;
  }
  std::string out = day_text(static_cast<std::int32_t>(day)) +
                    fmt::format("T{:02}:{:02}:{:02}", rest / 3600, rest / 60 % 60, rest % 60);
  if (fraction != 0) out += fmt::format(".{:09}", fraction);
  return out + 'Z';
}

Row outcome_row(Sources& sources, const store::DocumentRow& document) {
  Row row = object_row(sources, document);
  row.push_back(text_field("format", document.format));
  row.push_back(text_field("outcome", key_of(document.outcome.kind)));
  row.push_back(key_field("reason", key_of(document.outcome.reason)));
  row.push_back(key_field("detail", document.outcome.detail));
  row.push_back(number_field("size", document.size));
  row.push_back(key_field("mtime", time_text(document.mtime_ns)));
  row.push_back(number_field("findings", document.findings));
  row.push_back(number_field("persons", document.persons));
  return row;
}

Field dates_field(const std::vector<DateEvidence>& dates) {
  Field field{"dates", "[", ""};
  for (const DateEvidence& date : dates) {
    if (field.json.size() > 1) {
      field.json += ',';
      field.csv += " | ";
    }
    const std::string day = day_text(date.day);
    field.json += fmt::format(R"({{"kind":"{}","date":"{}","quality":"{}"}})", key_of(date.kind),
                              day, quality_of(date.kind));
    field.csv += fmt::format("{} {} ({})", day, key_of(date.kind), quality_of(date.kind));
  }
  field.json += ']';
  return field;
}

bool is_past_due(const retention::Judgement& judgement, std::int32_t today) {
  using retention::Verdict;
  const bool to_destroy =
      judgement.verdict == Verdict::kDue || judgement.verdict == Verdict::kOverdue;
  return to_destroy && judgement.due && *judgement.due < today;
}

Row file_row(Sources& sources, const store::FileSummary& summary,
             const std::optional<retention::Judgement>& judged, const Risk& risk,
             std::int32_t today) {
  const store::DocumentRow& file = summary.file;
  Row row;
  add_path(row, "source", sources.path(file.source_id));
  add_path(row, "path", file.file.path());
  row.push_back(text_field("format", file.format));
  row.push_back(text_field("outcome", key_of(file.outcome.kind)));
  row.push_back(number_field("size", file.size));
  row.push_back(key_field("mtime", time_text(file.mtime_ns)));
  row.push_back(key_field("owner", file.file.owner));
  row.push_back(text_field("exposure", key_of(file.file.exposure)));
  row.push_back(key_field("exposure_by", file.file.exposure_by));
  row.push_back(number_field("members", file.members));
  row.push_back(number_field("findings", summary.findings));
  row.push_back(number_field("persons", summary.persons));
  std::vector<std::string> categories;
  for (const store::CategoryTally& tally : summary.categories) categories.push_back(tally.category);
  row.push_back(list_field("categories", categories));
  row.push_back(number_field("risk", static_cast<std::uint64_t>(risk.total)));
  row.push_back(text_field("risk_level", key_of(risk.level)));
  row.push_back(list_field("document_kinds", summary.kinds));
  row.push_back(dates_field(summary.dates));
  row.push_back(key_field("content_id", key_text(file.content_id)));
  const retention::Judgement judgement = judged.value_or(retention::Judgement{});
  row.push_back(key_field("verdict", judged ? retention::key_of(judgement.verdict) : ""));
  row.push_back(key_field("rule", judgement.rule));
  row.push_back(key_field("due", judgement.due ? day_text(*judgement.due) : ""));
  row.push_back(bool_field("past_due", is_past_due(judgement, today)));
  row.push_back(key_field("sentence", judgement.sentence));
  row.push_back(key_field("decision", ""));
  return row;
}

Row decision_prototype() {
  Row row;
  for (const char* name :
       {"source", "path", "choice", "reason", "until", "decided_by", "decided_at", "state"})
    row.push_back(text_field(name, ""));
  return row;
}

// Other files with the same content, for each content that more than one file has.
std::map<Key, std::uint64_t> copies(store::Reader& reader) {
  std::map<Key, std::uint64_t> others;
  reader.duplicates([&](const std::vector<store::DocumentRow>& group) {
    others[group.front().content_id] = group.size() - 1;
  });
  return others;
}

bool is_mark(const Finding& finding) { return finding.gdpr == GdprClass::kProtected; }

// Calls `each` for every finding that may be shown; counts the others.
template <typename Each>
std::uint64_t each_allowed_finding(store::Reader& reader, const Options& options,
                                   const Each& each) {
  std::uint64_t withheld = 0;
  reader.documents([&](const store::DocumentRow& row) {
    if (row.findings == 0) return;
    const bool guarded = !options.include_protected && has_protected_identity(reader, row);
    reader.findings_of(row.id, [&](const Finding& finding) {
      if (guarded && !is_mark(finding))
        ++withheld;
      else
        each(row, finding);
    });
  });
  return withheld;
}

}  // namespace

std::optional<What> what_from_key(std::string_view key) {
  if (key == "files") return What::kFiles;
  if (key == "findings") return What::kFindings;
  if (key == "outcomes") return What::kOutcomes;
  if (key == "decisions") return What::kDecisions;
  return std::nullopt;
}

std::optional<Format> format_from_key(std::string_view key) {
  if (key == "jsonl") return Format::kJsonl;
  if (key == "csv") return Format::kCsv;
  if (key == "sarif") return Format::kSarif;
  return std::nullopt;
}

bool has_protected_identity(store::Reader& reader, const store::DocumentRow& row) {
  bool marked = false;
  reader.findings_of(row.id, [&](const Finding& finding) {
    marked = marked || (is_mark(finding) && finding.confidence >= Confidence::kMedium);
  });
  return marked;
}

Result write_findings(store::Reader& reader, std::ostream& out, Format format,
                      const Options& options) {
  if (format == Format::kSarif) {
    SarifWriter sarif(out, reader.sources());
    Written written;
    written.withheld = each_allowed_finding(
        reader, options, [&](const store::DocumentRow& row, const Finding& finding) {
          sarif.add(row, finding);
          ++written.rows;
        });
    sarif.close();
    if (!out) return tl::unexpected(std::string("the export could not be written"));
    return written;
  }
  Sources sources(reader);
  const auto row_of = [&](const store::DocumentRow& document, const Finding& finding,
                          bool heading) {
    Row row = finding_row(sources, document, finding);
    if (options.reveal) {
      const auto shown = heading ? std::nullopt : options.reveal(document, finding);
      row.push_back(shown ? text_field("value", shown->first) : key_field("value", ""));
      row.push_back(shown ? text_field("normalised", shown->second) : key_field("normalised", ""));
    }
    return row;
  };
  RowWriter rows(out, format, row_of({}, {}, true));
  rows.withhold(each_allowed_finding(reader, options,
                                     [&](const store::DocumentRow& row, const Finding& finding) {
                                       rows.add(row_of(row, finding, false));
                                     }));
  return rows.done();
}

Result write_outcomes(store::Reader& reader, std::ostream& out, Format format,
                      const Options& options) {
  (void)options;
  if (format == Format::kSarif) return findings_only();
  Sources sources(reader);
  RowWriter rows(out, format, outcome_row(sources, {}));
  reader.documents([&](const store::DocumentRow& row) { rows.add(outcome_row(sources, row)); });
  return rows.done();
}

Result write_files(store::Reader& reader, std::ostream& out, Format format,
                   const Options& options) {
  if (format == Format::kSarif) return findings_only();
  std::shared_ptr<const retention::Policy> own;
  if (options.policy == nullptr) own = retention::Policy::built_in();
  const retention::Policy& policy = options.policy != nullptr ? *options.policy : *own;
  const std::map<Key, std::uint64_t> copied = copies(reader);
  Sources sources(reader);
  RowWriter rows(out, format, file_row(sources, {}, {}, {}, options.today));
  reader.files([&](const store::FileSummary& summary) {
    const auto judgement = judgement_of(summary, policy, options.today, options.lang);
    const auto at = copied.find(summary.file.content_id);
    const Risk risk =
        judgement ? risk_of(summary, *judgement, at == copied.end() ? 0 : at->second, options.today)
                  : Risk{};
    rows.add(file_row(sources, summary, judgement, risk, options.today));
  });
  return rows.done();
}

Result write_decisions(store::Reader& reader, std::ostream& out, Format format,
                       const Options& options) {
  (void)reader;
  (void)options;
  if (format == Format::kSarif) return findings_only();
  return RowWriter(out, format, decision_prototype()).done();
}

Result write_export(store::Reader& reader, std::ostream& out, What what, Format format,
                    const Options& options) {
  switch (what) {
    case What::kFiles:
      return write_files(reader, out, format, options);
    case What::kFindings:
      return write_findings(reader, out, format, options);
    case What::kOutcomes:
      return write_outcomes(reader, out, format, options);
    case What::kDecisions:
      return write_decisions(reader, out, format, options);
  }
  return tl::unexpected(std::string("unknown export"));
}

}  // namespace gallra::exporting

#include "reports/export/sarif.hpp"

#include <nlohmann/json.hpp>

#include "reports/export/rows.hpp"
#include "scanner/model/provenance.hpp"

namespace gallra::exporting {
namespace {

using nlohmann::ordered_json;

std::string dump(const ordered_json& json) {
  return json.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

const char* level_of(Confidence confidence) {
  switch (confidence) {
    case Confidence::kHigh:
      return "error";
    case Confidence::kMedium:
      return "warning";
    case Confidence::kLow:
      return "note";
  }
  return "note";
}

bool has_line(const Place& place) {
  return (place.kind == PlaceKind::kLine || place.kind == PlaceKind::kBody ||
          place.kind == PlaceKind::kField) &&
         place.a > 0;
}

}  // namespace

std::string uri_path(std::string_view raw) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : raw) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '/' || c == '-' || c == '.' || c == '_' || c == '~';
    if (plain) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += kHex[byte >> 4];
    out += kHex[byte & 15];
  }
  return out;
}

SarifWriter::SarifWriter(std::ostream& out, const std::vector<store::SourceRow>& sources)
    : out_(out), sources_(sources) {
  out_
      << R"({"$schema":"https://json.schemastore.org/sarif-2.1.0.json","version":"2.1.0","runs":[{"results":[)";
}

std::string SarifWriter::base_of(std::int64_t source) const {
  for (std::size_t i = 0; i < sources_.size(); ++i)
    if (sources_[i].id == source) return "SOURCE" + std::to_string(i + 1);
  return "SOURCE0";
}

void SarifWriter::add(const store::DocumentRow& row, const Finding& finding) {
  rules_.insert(finding.detector);
  ordered_json location;
  location["physicalLocation"]["artifactLocation"] = {{"uri", uri_path(row.file.path())},
                                                      {"uriBaseId", base_of(row.source_id)}};
  if (row.inner.empty() && !finding.places.empty() && has_line(finding.places.front()))
    location["physicalLocation"]["region"]["startLine"] = finding.places.front().a;
  if (!row.inner.empty())
    location["logicalLocations"] = {
        {{"fullyQualifiedName", lossy_utf8(Provenance{row.file.path(), row.inner}.str())},
         {"kind", "member"}}};
  ordered_json result;
  result["ruleId"] = lossy_utf8(finding.detector);
  result["level"] = level_of(finding.confidence);
  result["message"]["text"] = lossy_utf8(finding.category + ": " + finding.masked);
  result["locations"] = ordered_json::array({std::move(location)});
  result["occurrenceCount"] = finding.count;
  result["partialFingerprints"]["findingKey/v1"] = hex(finding.finding_key);
  result["properties"] = {{"category", lossy_utf8(finding.category)},
                          {"gdprClass", key_of(finding.gdpr)},
                          {"confidence", key_of(finding.confidence)},
                          {"testData", finding.test_data}};
  if (!first_) out_ << ',';
  first_ = false;
  out_ << '\n' << dump(result);
}

void SarifWriter::close() {
  ordered_json bases = ordered_json::object();
  for (const store::SourceRow& source : sources_) {
    const std::string folder =
        source.single_file ? source.path.substr(0, source.path.rfind('/') + 1) : source.path + '/';
    bases[base_of(source.id)]["uri"] = "file://" + uri_path(folder == "//" ? "/" : folder);
  }
  ordered_json tool;
  tool["driver"] = {{"name", "Gallra"}, {"version", GALLRA_VERSION}};
  tool["driver"]["rules"] = ordered_json::array();
  for (const std::string& rule : rules_)
    tool["driver"]["rules"].push_back({{"id", lossy_utf8(rule)}});
  out_ << "\n],\"tool\":" << dump(tool) << ",\"originalUriBaseIds\":" << dump(bases)
       << ",\"columnKind\":\"unicodeCodePoints\"}]}\n";
}

}  // namespace gallra::exporting

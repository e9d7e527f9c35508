// vCard 2.1 to 4.0: address books. Each card is one record of labelled properties.
#include <algorithm>
#include <string>

#include "scanner/extract/charset.hpp"
#include "scanner/extract/content_lines.hpp"
#include "scanner/extract/extractor.hpp"
#include "scanner/extract/text_writer.hpp"

namespace gallra::extract {
namespace {

void append(std::string& into, std::string_view part, std::string_view between) {
  if (is_blank(part)) return;
  if (!into.empty()) into += between;
  into += part;
}

// family; given; additional; prefixes; suffixes -> as the name is said.
std::string name_text(std::string_view value) {
  const auto parts = components(value);
  std::string out;
  for (const std::size_t i : {3u, 1u, 2u, 0u, 4u})
    if (i < parts.size()) append(out, parts[i], " ");
  return out;
}

// box; extended; street; locality; region; postal code; country -> as on a Swedish envelope.
std::string address_text(std::string_view value) {
  const auto parts = components(value);
  std::string town;
  for (const std::size_t i : {5u, 3u})
    if (i < parts.size()) append(town, parts[i], " ");
  std::string out;
  for (const std::size_t i : {0u, 1u, 2u})
    if (i < parts.size()) append(out, parts[i], ", ");
  append(out, town, ", ");
  for (const std::size_t i : {4u, 6u})
    if (i < parts.size()) append(out, parts[i], ", ");
  return out;
}

class Cards {
 public:
  Cards(ExtractSink& sink, std::uint32_t first)
      : sink_(sink), writer_(sink), record_(sink), first_(first) {}

  void take(const ContentLine& line) {
    if (line.name == "BEGIN" || line.name == "END") {
      flush();
      open_ = line.name == "BEGIN";
      seen_ = seen_ || open_;
      return;
    }
    if (line.binary) {
      if (members_ >= first_) send_attachment(sink_, line, members_);
      ++members_;
      return;
    }
    if (line.name == "VERSION" || line.name == "PRODID" || resumed()) return;
    if (line.name == "REV" || line.name == "LAST-MODIFIED")
      latest_ = std::max(latest_, iso_day(line.value));
    record_.add(line.name, text_of(line), line.line);
    if (line.name == "ADR") record_.add("LABEL", line.parameter("LABEL"), line.line);
  }
  void finish() {
    flush();
    if (!latest_.empty()) writer_.date(DateKind::kDocModified, latest_);
  }
  bool seen() const { return seen_; }
  bool open() const { return open_; }

 private:
  bool resumed() const { return first_ > 0; }
  void flush() { record_.flush(); }

  static std::string text_of(const ContentLine& line) {
    if (line.name == "N") return name_text(line.value);
    if (line.name == "ADR") return address_text(line.value);
    if (line.name == "ORG") {
      std::string out;
      for (const std::string& part : components(line.value)) append(out, part, ", ");
      return out;
    }
    std::string text = unescaped(line.value);
    for (const std::string_view scheme : {"tel:", "mailto:"})
      if (text.starts_with(scheme)) text.erase(0, scheme.size());
    // An embedded picture of version 4; its bytes say nothing as text.
    if (text.starts_with("data:image/")) text.clear();
    return text;
  }

  ExtractSink& sink_;
  TextWriter writer_;
  PropertyRecord record_;
  const std::uint32_t first_;
  std::uint32_t members_ = 0;
  std::string latest_;
  bool open_ = false;
  bool seen_ = false;
};

Outcome extract_vcard(const ExtractRequest& request, ExtractSink& sink) {
  Cards cards(sink, request.first_member);
  Outcome outcome =
      read_content_lines(request.source, [&](const ContentLine& line) { cards.take(line); });
  cards.finish();
  if (outcome.kind != OutcomeKind::kRead || request.source.size == 0) return outcome;
  if (!cards.seen()) return Outcome::in_part(Reason::kCorrupt, "no BEGIN:VCARD in it");
  if (cards.open()) return Outcome::in_part(Reason::kCorrupt, "ends inside a card");
  return outcome;
}

}  // namespace

extern const ExtractorEntry extractor_vcard;
const ExtractorEntry extractor_vcard{
    "vcard", {Format::kVcard}, true, extract_vcard, prepare_charsets};

}  // namespace gallra::extract

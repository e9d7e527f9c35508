// iCalendar: appointments, tasks and journals. Each component is one record of labelled properties.
#include <algorithm>
#include <array>
#include <ctime>
#include <string>

#include "scanner/extract/charset.hpp"
#include "scanner/extract/content_lines.hpp"
#include "scanner/extract/extractor.hpp"
#include "scanner/extract/text_writer.hpp"

namespace gallra::extract {
namespace {

// The calendar's own workings: rules of repetition, time zones, versions.
bool is_machinery(std::string_view name) {
  constexpr std::array<std::string_view, 14> kNames = {
      "VERSION", "PRODID", "CALSCALE", "METHOD", "TZID",           "TZOFFSETFROM", "TZOFFSETTO",
      "TZNAME",  "RRULE",  "SEQUENCE", "TRANSP", "X-LIC-LOCATION", "TZURL",        "ACTION"};
  return std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

class Calendar {
 public:
  Calendar(ExtractSink& sink, std::uint32_t first)
      : sink_(sink), writer_(sink), record_(sink), first_(first) {}

  void take(const ContentLine& line) {
    if (line.name == "BEGIN" || line.name == "END") {
      record_.flush();
      depth_ += line.name == "BEGIN" ? 1 : depth_ > 0 ? -1 : 0;
      in_zone_ = line.value == "VTIMEZONE" ? line.name == "BEGIN" : in_zone_;
      seen_ = seen_ || depth_ > 0;
      return;
    }
    if (line.binary) {
      if (members_ >= first_) send_attachment(sink_, line, members_);
      ++members_;
      return;
    }
    if (is_machinery(line.name) || first_ > 0) return;
    if (!in_zone_) days(line);
    record_.add(line.name, text_of(line), line.line);
  }

  void finish() {
    record_.flush();
    if (!created_.empty()) writer_.date(DateKind::kDocCreated, created_);
    if (!modified_.empty()) writer_.date(DateKind::kDocModified, modified_);
    if (!entry_.empty()) writer_.date(DateKind::kLastEntry, entry_);
  }
  bool seen() const { return seen_; }
  bool open() const { return depth_ > 0; }

 private:
  void days(const ContentLine& line) {
    const std::string day = iso_day(line.value);
    if (day.empty()) return;
    if (line.name == "CREATED") created_ = created_.empty() ? day : std::min(created_, day);
    if (line.name == "LAST-MODIFIED" || line.name == "DTSTAMP")
      modified_ = std::max(modified_, day);
    // An appointment to come is no entry about what was done.
    std::int32_t parsed = 0;
    if (line.name == "DTSTART" && parse_day(day, parsed) && parsed <= today_)
      entry_ = std::max(entry_, day);
  }

  static std::string text_of(const ContentLine& line) {
    std::string text = unescaped(line.value);
    if (text.starts_with("mailto:") || text.starts_with("MAILTO:")) text.erase(0, 7);
    const std::string_view name = line.parameter("CN");
    if (!name.empty()) text = std::string(name) + " <" + text + ">";
    return text;
  }

  ExtractSink& sink_;
  TextWriter writer_;
  PropertyRecord record_;
  const std::uint32_t first_;
  const std::int32_t today_ = day_from_unix(std::time(nullptr));
  std::uint32_t members_ = 0;
  std::string created_;
  std::string modified_;
  std::string entry_;
  int depth_ = 0;
  bool in_zone_ = false;
  bool seen_ = false;
};

Outcome extract_icalendar(const ExtractRequest& request, ExtractSink& sink) {
  Calendar calendar(sink, request.first_member);
  Outcome outcome =
      read_content_lines(request.source, [&](const ContentLine& line) { calendar.take(line); });
  calendar.finish();
  if (outcome.kind != OutcomeKind::kRead || request.source.size == 0) return outcome;
  if (!calendar.seen()) return Outcome::in_part(Reason::kCorrupt, "no BEGIN:VCALENDAR in it");
  if (calendar.open()) return Outcome::in_part(Reason::kCorrupt, "ends inside a component");
  return outcome;
}

}  // namespace

extern const ExtractorEntry extractor_icalendar;
const ExtractorEntry extractor_icalendar{
    "icalendar", {Format::kIcalendar}, true, extract_icalendar, prepare_charsets};

}  // namespace gallra::extract

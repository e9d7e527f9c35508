// The lines of vCard (RFC 6350, 2.1 too) and iCalendar (RFC 5545): unfolded, taken apart into name,
// parameters and value, decoded.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "scanner/extract/extractor.hpp"

namespace gallra::extract {

struct ContentLine {
  std::string name;  // upper case, without its group ("item1.TEL" is TEL)
  std::vector<std::pair<std::string, std::string>> parameters;  // name in upper case; "" in 2.1
  std::string value;  // text: valid UTF-8; binary: the bytes
  bool binary = false;
  std::uint32_t line = 0;  // where it begins

  std::string_view parameter(std::string_view name) const;
};

// Hands on every line that has a name. False = the file could not be read to its end (see outcome).
Outcome read_content_lines(const Source& source,
                           const std::function<void(const ContentLine&)>& use);

// "Svensson;Anna;;" -> its components, with "\," "\;" "\n" undone.
std::vector<std::string> components(std::string_view value);
// A text value with its escapes undone.
std::string unescaped(std::string_view value);
// "20170304T101500Z", "2017-03-04T..." -> "2017-03-04"; "" when it is no date.
std::string iso_day(std::string_view value);

// The properties of one card or entry: those of the same name stand together, so that they stay one
// record for whoever reads them.
class PropertyRecord {
 public:
  explicit PropertyRecord(ExtractSink& sink) : sink_(sink) {}
  void add(std::string_view label, std::string_view text, std::uint32_t line);
  void flush();

 private:
  struct Property {
    std::string label;
    std::string text;
    std::uint32_t line = 0;
  };
  ExtractSink& sink_;
  std::vector<Property> properties_;
  std::size_t bytes_ = 0;
  std::uint64_t offset_ = 0;
};

// A picture, sound or file that stands in the line itself.
void send_attachment(ExtractSink& sink, const ContentLine& line, std::uint32_t ordinal);

}  // namespace gallra::extract

// A forgiving push reader of XML for office documents: local names only (any prefix will do), the
// five entities and numbers, CDATA. It goes on after malformed bytes, expands nothing that a
// document declares, follows nothing, and recurses nowhere.
#pragma once

#include <string>
#include <string_view>

namespace gallra::extract {

// The attributes of one tag, looked up when asked for; valid during open() only.
class XmlAttributes {
 public:
  explicit XmlAttributes(std::string_view raw) : raw_(raw) {}
  // By local name ("val" finds w:val), entities resolved; "" when there is none.
  std::string get(std::string_view local) const;
  bool has(std::string_view local) const;
  // Each in turn: full name and value, entities resolved. `next` starts at 0; false at the end.
  bool each(std::size_t& next, std::string_view& name, std::string& value) const;

 private:
  bool raw_next(std::size_t& next, std::string_view& name, std::string_view& value) const;
  std::string_view raw_;
};

class XmlEvents {
 public:
  virtual ~XmlEvents() = default;
  virtual void open(std::string_view name, const XmlAttributes& attributes) = 0;
  // An empty tag closes at once. Names need not match those opened in damaged XML.
  virtual void close(std::string_view name) = 0;
  virtual void text(std::string_view utf8) = 0;  // may come in pieces; never empty
};

class XmlReader {
 public:
  explicit XmlReader(XmlEvents& events) : events_(events) {}
  // The document, cut anywhere. UTF-8, UTF-16 (with or without mark) and the declared 8-bit
  // encodings ISO-8859-1 and windows-1252 are understood.
  void feed(std::string_view bytes);
  // After the last byte. False when elements were left open: the document was cut off.
  bool finish();

 private:
  enum class Encoding { kUnknown, kUtf8, kUtf16Le, kUtf16Be, kLatin1 };
  enum class State { kText, kCdata, kComment };

  void decide_encoding();
  void convert(std::string_view bytes, std::string& into);
  std::size_t parse(std::string_view bytes, bool last);
  std::size_t parse_text(std::string_view rest, bool last);
  std::size_t parse_until(std::string_view rest, std::string_view end, bool last);
  std::size_t parse_markup(std::string_view rest, bool last);
  void tag(std::string_view inside);
  void emit(std::string_view raw);

  XmlEvents& events_;
  Encoding encoding_ = Encoding::kUnknown;
  State state_ = State::kText;
  std::string pending_;  // bytes not yet converted (an odd half of UTF-16, the first few bytes)
  std::string buffer_;   // converted, not yet parsed: an unfinished tag or entity
  std::string scratch_;
  long depth_ = 0;
  bool any_ = false;
};

// `bytes` as one document.
bool read_xml(std::string_view bytes, XmlEvents& events);

}  // namespace gallra::extract

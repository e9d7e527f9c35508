// Tags, attributes and text of XML and HTML, as a stream. Goes on after any malformed byte, keeps
// no tree and no stack, works in linear time on hostile input. Text must be UTF-8 already (XmlFeed
// decodes; charset.hpp knows the encodings); invalid bytes pass through unharmed.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace gallra::extract {

enum class Dialect : std::uint8_t { kXml, kHtml };

struct Attribute {
  std::string_view name;  // as written, prefix and all
  std::string_view raw;   // as written, entities not decoded

  // Without the prefix: "r:id" and "id" both give "id".
  std::string_view local() const;
  std::string value(Dialect dialect = Dialect::kXml) const;
};

// The attributes of a tag, one after the other; nothing is copied.
class AttributeReader {
 public:
  explicit AttributeReader(std::string_view text) : rest_(text) {}
  bool next(Attribute& into);

 private:
  std::string_view rest_;
};

// A start tag. Views are valid during the call that delivers it.
class Tag {
 public:
  Tag(std::string_view name, std::string_view attributes, Dialect dialect);

  // XML: as written. HTML: lower case.
  std::string_view name() const { return name_; }
  // Without the prefix. HTML knows no prefixes: "o:p" stays "o:p".
  std::string_view local() const { return local_; }
  AttributeReader attributes() const { return AttributeReader(attributes_); }

  // Attributes are asked for by local name; HTML's regardless of case. The first one counts.
  bool has(std::string_view local) const;
  std::string_view raw(std::string_view local) const;  // "" when absent; entities not decoded
  std::string value(std::string_view local) const;     // "" when absent

 private:
  bool find(std::string_view local, Attribute& into) const;

  std::string_view name_;
  std::string_view local_;
  std::string_view attributes_;
  Dialect dialect_;
};

class MarkupHandler {
 public:
  virtual ~MarkupHandler() = default;
  virtual void open(const Tag& tag) = 0;
  // XML: called for <a/> too, right after open(). HTML: only for a written end tag. Ends without a
  // beginning and beginnings without an end happen; nothing is balanced here.
  virtual void close(std::string_view local_name) = 0;
  // Entities decoded. One stretch of text may come in several pieces; CDATA comes here too.
  virtual void text(std::string_view piece) = 0;
  // One comment may come in several pieces too; its end is told.
  virtual void comment(std::string_view piece) { (void)piece; }
  virtual void comment_end() {}
  // "xml version=..." of <?xml ...?>, "DOCTYPE ..." and what an internal subset declares.
  virtual void declaration(std::string_view content) { (void)content; }
};

class Tokenizer {
 public:
  // `handler` must outlive the tokenizer.
  Tokenizer(MarkupHandler& handler, Dialect dialect);
  ~Tokenizer();

  // The next piece of the document, cut anywhere; `last` with the final one (which may be empty). A
  // whole document in one call is not copied.
  void feed(std::string_view utf8, bool last);
  // Line (1-based) of the token that is being delivered.
  std::uint32_t line() const;
  // Something was malformed or cut off. HTML forgives nearly everything.
  bool damaged() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// XML of any encoding into a tokenizer: byte order mark, UTF-16 without one, the declaration's
// encoding, else UTF-8.
class XmlFeed {
 public:
  explicit XmlFeed(Tokenizer& tokenizer);
  ~XmlFeed();
  void feed(std::string_view bytes, bool last);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// A whole document at once. False when something was malformed or cut off.
bool tokenize_xml(std::string_view bytes, MarkupHandler& handler);

// Decodes &amp; &#229; &#xE5; &aring; (all names of HTML 4; in HTML also without ';').
void append_decoded(std::string& into, std::string_view raw, Dialect dialect);

}  // namespace gallra::extract

#include "scanner/extract/pdf/pdf_objects.hpp"

// qpdf asks its users to say that they know shared_ptr only.
#define POINTERHOLDER_TRANSITION 4
#include <algorithm>
#include <cstdio>
#include <functional>
#include <optional>
#include <qpdf/Pipeline.hh>
#include <qpdf/QPDF.hh>
#include <qpdf/QPDFExc.hh>
#include <qpdf/QPDFLogger.hh>
#include <qpdf/QPDFObjectHandle.hh>
#include <set>
#include <utility>
#include <vector>

#include "scanner/extract/xml_text.hpp"

namespace gallra::extract {
namespace {

using Object = QPDFObjectHandle;

// Each option of a list is compared with each value; a list that a person can use is shorter.
constexpr int kMaxOptions = 10'000;
// XMP and XFA packets are kilobytes; forms of authorities reach a few megabytes.
constexpr std::size_t kMaxPacketBytes = 32 << 20;

std::string utf8_of(Object object) {
  if (object.isString()) return object.getUTF8Value();
  if (object.isName()) return object.getName().substr(1);
  return {};
}

// Visits a tree by its child arrays, each object once, so that rings end.
class TreeWalk {
 public:
  explicit TreeWalk(const char* kids) : kids_(kids) {}

  void run(Object root, const std::function<void(Object&, const std::string&)>& visit) {
    std::vector<std::pair<Object, std::string>> stack{{root, {}}};
    while (!stack.empty()) {
      auto [node, path] = std::move(stack.back());
      stack.pop_back();
      if (!node.isDictionary() || !first_visit(node)) continue;
      const std::string name = utf8_of(node.getKey("/T"));
      if (!name.empty() && path.size() < 1000) path += (path.empty() ? "" : ".") + name;
      visit(node, path);
      Object kids = node.getKey(kids_);
      if (!kids.isArray()) continue;
      for (int i = kids.getArrayNItems() - 1; i >= 0; --i)
        stack.emplace_back(kids.getArrayItem(i), path);
    }
  }

 private:
  bool first_visit(Object& node) {
    return !node.isIndirect() || seen_.insert(node.getObjGen()).second;
  }

  const char* kids_;
  std::set<QPDFObjGen> seen_;
};

// Collects decoded stream data up to a limit; what comes after is dropped and told.
class Collect : public Pipeline {
 public:
  Collect(std::string& into, std::size_t limit)
      : Pipeline("collect", nullptr), into_(into), limit_(limit) {}
  void write(unsigned char const* data, size_t length) override {
    const std::size_t take = std::min(length, limit_ - into_.size());
    into_.append(reinterpret_cast<const char*>(data), take);
    cut_ = cut_ || take < length;
  }
  void finish() override {}
  bool cut() const { return cut_; }

 private:
  std::string& into_;
  std::size_t limit_;
  bool cut_ = false;
};

// Hands decoded stream data on as member bytes. qpdf swallows exceptions of its pipelines, so the
// sink's wish to stop is kept and thrown again by `rethrow`.
class ToMember : public Pipeline {
 public:
  ToMember(ExtractSink& sink, const Limits& limits, std::uint64_t packed)
      : Pipeline("member", nullptr), sink_(sink), limits_(limits), packed_(packed) {}
  void write(unsigned char const* data, size_t length) override {
    if (stopped_ || bomb_) return;
    bytes_ += length;
    bomb_ = bytes_ > limits_.ratio_after_bytes && bytes_ / limits_.max_ratio > packed_;
    if (bomb_) return;
    try {
      sink_.member_bytes(std::as_bytes(std::span(data, length)));
    } catch (...) {
      stopped_ = std::current_exception();
    }
  }
  void finish() override {}
  void rethrow() const {
    if (stopped_) std::rethrow_exception(stopped_);
  }
  bool bomb() const { return bomb_; }
  std::uint64_t bytes() const { return bytes_; }

 private:
  ExtractSink& sink_;
  const Limits& limits_;
  std::uint64_t packed_;
  std::uint64_t bytes_ = 0;
  bool bomb_ = false;
  std::exception_ptr stopped_;
};

std::string stream_text(Object stream, bool& cut) {
  std::string text;
  if (!stream.isStream()) return text;
  Collect collect(text, kMaxPacketBytes);
  cut = !stream.pipeStreamData(&collect, 0, qpdf_dl_generalized, true) || collect.cut() || cut;
  return text;
}

// "D:20190304101500+01'00'" -> "2019-03-04"; the month and day are optional in the format, but a
// bare year is no date of a document.
std::string iso_day(std::string_view pdf_date) {
  if (pdf_date.starts_with("D:")) pdf_date.remove_prefix(2);
  if (pdf_date.size() < 8) return {};
  for (const char c : pdf_date.substr(0, 8))
    if (c < '0' || c > '9') return {};
  return std::string(pdf_date.substr(0, 4)) + '-' + std::string(pdf_date.substr(4, 2)) + '-' +
         std::string(pdf_date.substr(6, 2));
}

std::string lower(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

// A field's value as a person reads it. A choice field stores an export value ("2"); what was shown
// stands in /Opt beside it.
std::string field_value(Object value, Object options, bool& cut) {
  std::string text;
  const auto add = [&](const std::string& more) {
    if (more.empty()) return;
    if (!text.empty()) text += '\n';
    text += more;
  };
  const auto add_one = [&](Object one) {
    if (one.isStream()) return add(stream_text(one, cut));
    const std::string stored = utf8_of(one);
    add(stored == "Off" && one.isName() ? "" : stored);
    const int count = options.isArray() ? std::min(options.getArrayNItems(), kMaxOptions) : 0;
    for (int i = 0; i < count; ++i) {
      Object option = options.getArrayItem(i);
      if (option.isArray() && option.getArrayNItems() == 2 &&
          utf8_of(option.getArrayItem(0)) == stored)
        return add(utf8_of(option.getArrayItem(1)));
    }
  };
  if (!value.isArray()) add_one(value);
  for (int i = 0; value.isArray() && i < std::min(value.getArrayNItems(), 1000); ++i)
    add_one(value.getArrayItem(i));
  return text;
}

// What a choice field offers, a line each: often the names of clients or staff.
std::string field_choices(Object options) {
  std::string text;
  const int count = options.isArray() ? std::min(options.getArrayNItems(), kMaxOptions) : 0;
  for (int i = 0; i < count; ++i) {
    Object option = options.getArrayItem(i);
    const bool pair = option.isArray() && option.getArrayNItems() == 2;
    text += utf8_of(pair ? option.getArrayItem(1) : option) + '\n';
  }
  return text;
}

// The bytes of an embedded file: /EF's /F, else the other names it may stand under.
Object embedded_stream(Object& spec) {
  if (!spec.isDictionary()) return Object::newNull();
  Object files = spec.getKey("/EF");
  if (!files.isDictionary()) return Object::newNull();
  for (const char* key : {"/UF", "/F", "/DOS", "/Unix", "/Mac"})
    if (Object stream = files.getKey(key); stream.isStream()) return stream;
  return Object::newNull();
}

std::string embedded_name(Object& spec) {
  for (const char* key : {"/UF", "/F", "/Desc"})
    if (std::string name = utf8_of(spec.getKey(key)); !name.empty()) return valid_utf8(name);
  return "attachment";
}

std::shared_ptr<QPDFLogger> silent_logger() {
  auto logger = QPDFLogger::create();
  logger->setInfo(logger->discard());
  logger->setWarn(logger->discard());
  logger->setError(logger->discard());
  return logger;
}

}  // namespace

struct PdfObjects::State {
  QPDF pdf;
  bool opened = false;
  bool encrypted = false;
  bool cut = false;  // a stream of text was damaged, or longer than its limit

  // One broken object must not cost the others: qpdf throws on what it cannot repair.
  template <typename Part>
  static bool guarded(Part part) {
    try {
      part();
      return true;
    } catch (const StopExtract&) {
      throw;
    } catch (const std::bad_alloc&) {
      throw;
    } catch (const std::exception&) {
      return false;
    }
  }

  std::vector<Object> embedded_files();
  bool form_fields(TextWriter& out);
  void xfa(TextWriter& out, Object packets);
  bool annotations(TextWriter& out);
  void annotation(TextWriter& out, Object note, std::uint32_t page);
  void outlines(TextWriter& out);
  void info(TextWriter& out);
};

PdfObjects::PdfObjects(std::string_view bytes) : state_(std::make_unique<State>()) {
  QPDF& pdf = state_->pdf;
  pdf.setLogger(silent_logger());
  pdf.setSuppressWarnings(true);
  pdf.setAttemptRecovery(true);
  try {
    pdf.processMemoryFile("document", bytes.data(), bytes.size());
    state_->opened = true;
  } catch (const QPDFExc& problem) {
    state_->encrypted =
        problem.getErrorCode() == qpdf_e_password || problem.getErrorCode() == qpdf_e_unsupported;
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception&) {
    state_->opened = false;
  }
}

PdfObjects::~PdfObjects() = default;
bool PdfObjects::opened() const { return state_->opened; }
bool PdfObjects::encrypted() const { return state_->encrypted; }

// File specifications from the name tree, from attachment annotations, and from associated files.
std::vector<Object> PdfObjects::State::embedded_files() {
  std::vector<Object> specs;
  std::set<QPDFObjGen> seen;
  const auto add = [&](Object spec) {
    Object stream = embedded_stream(spec);
    if (stream.isNull()) return;
    if (seen.insert(stream.getObjGen()).second) specs.push_back(spec);
  };
  Object root = pdf.getRoot();
  Object names = root.getKey("/Names");
  if (names.isDictionary()) {
    TreeWalk("/Kids").run(names.getKey("/EmbeddedFiles"), [&](Object& node, const std::string&) {
      Object pairs = node.getKey("/Names");
      if (!pairs.isArray()) return;
      for (int i = 1; i < pairs.getArrayNItems(); i += 2) add(pairs.getArrayItem(i));
    });
  }
  Object associated = root.getKey("/AF");
  for (int i = 0; associated.isArray() && i < associated.getArrayNItems(); ++i)
    add(associated.getArrayItem(i));
  for (Object page : pdf.getAllPages()) {
    Object notes = page.getKey("/Annots");
    for (int i = 0; notes.isArray() && i < notes.getArrayNItems(); ++i)
      if (Object note = notes.getArrayItem(i); note.isDictionary()) add(note.getKey("/FS"));
  }
  return specs;
}

bool PdfObjects::rights_managed() {
  bool managed = false;
  State::guarded([&] {
    for (Object& spec : state_->embedded_files()) {
      Object relation = spec.getKey("/AFRelationship");
      managed = managed || spec.hasKey("/EP") || relation.isNameAndEquals("/EncryptedPayload");
    }
  });
  return managed;
}

bool PdfObjects::State::form_fields(TextWriter& out) {
  bool found = false;
  Object form = pdf.getRoot().getKey("/AcroForm");
  if (!form.isDictionary()) return false;
  // The fields hang under an array; a dictionary of our own makes it one tree.
  Object top = Object::newDictionary();
  top.replaceKey("/Kids", form.getKey("/Fields"));
  TreeWalk("/Kids").run(top, [&](Object& field, const std::string& path) {
    guarded([&] {
      const std::string shown = utf8_of(field.getKey("/TU"));
      const std::string choices = field_choices(field.getKey("/Opt"));
      if (!choices.empty())
        out.prose({PlaceKind::kField, 0, 0, shown.empty() ? path : shown}, choices);
      const std::string value = field_value(field.getKey("/V"), field.getKey("/Opt"), cut);
      if (value.empty()) return;
      out.record(PlaceKind::kField, shown.empty() ? path : shown, value);
      found = true;
    });
  });
  guarded([&] { xfa(out, form.getKey("/XFA")); });
  return found;
}

// XFA is one XML packet, or an array of names and packets; people's words are in "datasets", the
// form's own words in "template".
void PdfObjects::State::xfa(TextWriter& out, Object packets) {
  if (packets.isStream()) emit_xml_leaves(stream_text(packets, cut), PlaceKind::kField, out);
  for (int i = 1; packets.isArray() && i < std::min(packets.getArrayNItems(), 100); i += 2)
    emit_xml_leaves(stream_text(packets.getArrayItem(i), cut), PlaceKind::kField, out);
}

void PdfObjects::State::annotation(TextWriter& out, Object note, std::uint32_t page) {
  if (!note.isDictionary()) return;
  std::string text;
  const auto add = [&](const std::string& line) {
    if (!line.empty()) text += line + '\n';
  };
  const bool widget = note.getKey("/Subtype").isNameAndEquals("/Widget");
  if (!widget) add(utf8_of(note.getKey("/T")));  // of a widget it is the field's name
  add(utf8_of(note.getKey("/Subj")));
  add(utf8_of(note.getKey("/Contents")));
  Object rich = note.getKey("/RC");
  if (rich.isString() || rich.isStream())
    add(xml_text(rich.isStream() ? stream_text(rich, cut) : rich.getUTF8Value()));
  Object action = note.getKey("/A");
  if (action.isDictionary()) add(percent_decoded(utf8_of(action.getKey("/URI"))));
  out.prose({PlaceKind::kPage, page, 0, {}}, text);
}

bool PdfObjects::State::annotations(TextWriter& out) {
  const std::uint64_t before = out.bytes();
  std::uint32_t number = 0;
  for (Object page : pdf.getAllPages()) {
    ++number;
    Object notes = page.getKey("/Annots");
    for (int i = 0; notes.isArray() && i < notes.getArrayNItems(); ++i)
      guarded([&] { annotation(out, notes.getArrayItem(i), number); });
  }
  return out.bytes() > before;
}

// Bookmarks are a list of lists: /First goes down, /Next along.
void PdfObjects::State::outlines(TextWriter& out) {
  std::set<QPDFObjGen> seen;
  std::vector<Object> stack{pdf.getRoot().getKey("/Outlines")};
  std::string titles;
  while (!stack.empty()) {
    Object node = stack.back();
    stack.pop_back();
    if (!node.isDictionary() || !seen.insert(node.getObjGen()).second) continue;
    if (const std::string title = utf8_of(node.getKey("/Title")); !title.empty())
      titles += title + '\n';
    stack.push_back(node.getKey("/Next"));
    stack.push_back(node.getKey("/First"));
  }
  out.prose({PlaceKind::kField, 0, 0, "bookmark"}, titles);
}

void PdfObjects::State::info(TextWriter& out) {
  Object info = pdf.getTrailer().getKey("/Info");
  if (info.isDictionary()) {
    for (const std::string& key : info.getKeys()) {
      Object value = info.getKey(key);
      if (!value.isString()) continue;
      const std::string text = value.getUTF8Value();
      if (key == "/CreationDate") out.date(DateKind::kDocCreated, iso_day(text));
      if (key == "/ModDate") out.date(DateKind::kDocModified, iso_day(text));
      if (!key.ends_with("Date")) out.record(PlaceKind::kProperty, lower(key.substr(1)), text);
    }
  }
  Object xmp = pdf.getRoot().getKey("/Metadata");
  if (xmp.isStream()) emit_properties(stream_text(xmp, cut), out);
}

PdfObjects::Found PdfObjects::emit_text(TextWriter& out) {
  Found found;
  const auto part = [&](auto what) { found.damaged = !State::guarded(what) || found.damaged; };
  part([&] { found.content = state_->form_fields(out); });
  part([&] { found.content = state_->annotations(out) || found.content; });
  part([&] { state_->outlines(out); });
  part([&] { state_->info(out); });
  found.damaged = found.damaged || state_->cut;
  return found;
}

PdfObjects::Found PdfObjects::emit_members(const ExtractRequest& request, ExtractSink& sink) {
  Found found;
  std::vector<Object> specs;
  found.damaged = !State::guarded([&] { specs = state_->embedded_files(); });
  for (std::uint32_t ordinal = request.first_member; ordinal < specs.size(); ++ordinal) {
    if (ordinal >= request.limits.max_members) break;
    Object stream = embedded_stream(specs[ordinal]);
    Member member{.kind = MemberKind::kAttachment, .ordinal = ordinal};
    State::guarded([&] { member.name = embedded_name(specs[ordinal]); });
    std::uint64_t packed = request.source.size;
    State::guarded([&] {
      Object length = stream.getDict().getKey("/Length");
      if (length.isInteger()) packed = std::min<std::uint64_t>(packed, length.getUIntValue());
    });
    sink.member(member);
    ToMember pipe(sink, request.limits, std::max<std::uint64_t>(packed, 1));
    bool whole = false;
    State::guarded([&] { whole = stream.pipeStreamData(&pipe, 0, qpdf_dl_all, true); });
    pipe.rethrow();
    sink.member_end(pipe.bomb()         ? Outcome::in_part(Reason::kBomb, "ratio")
                    : whole             ? Outcome::read()
                    : pipe.bytes() == 0 ? Outcome::not_read(Reason::kCorrupt)
                                        : Outcome::in_part(Reason::kCorrupt));
    found.content = true;
  }
  return found;
}

}  // namespace gallra::extract

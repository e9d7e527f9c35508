#include "scanner/extract/mail/formatted_body.hpp"

#include <utility>

#include "scanner/extract/charset.hpp"

namespace gallra::extract::mail {
namespace {

class BodySink : public ExtractSink {
 public:
  BodySink(ExtractSink& sink, Told& told, std::string_view label)
      : sink_(sink), told_(told), begin_(told.offset), label_(label) {}

  void text(const TextChunk& chunk) override {
    TextChunk moved = chunk;
    moved.offset += begin_;
    if (chunk.place.kind == PlaceKind::kLine)
      moved.place = {PlaceKind::kBody, chunk.place.a, 0, std::string(label_)};
    sink_.text(moved);
    told_.offset = moved.offset + moved.text.size();
  }
  void member(const Member& member) override {
    Member counted = member;
    if (depth_++ == 0) counted.ordinal = told_.next_member++;
    sink_.member(counted);
  }
  void member_bytes(std::span<const std::byte> bytes) override { sink_.member_bytes(bytes); }
  void member_end(Outcome outcome) override {
    --depth_;
    sink_.member_end(std::move(outcome));
  }
  void date(DateEvidence evidence) override { sink_.date(evidence); }
  void mailbox(const MailboxTally& tally) override { sink_.mailbox(tally); }

 private:
  ExtractSink& sink_;
  Told& told_;
  std::uint64_t begin_;
  std::string_view label_;
  int depth_ = 0;  // members inside members are counted by whoever tells them
};

}  // namespace

Outcome read_formatted(Format format, std::string_view bytes, const Limits& limits,
                       ExtractSink& sink, Told& told) {
  if (bytes.empty()) return Outcome::read();
  const ExtractorEntry* reader = extractor_for(format);
  if (reader == nullptr)
    return Outcome::not_read(Reason::kUnsupported, std::string(key_of(format)));
  BodySink body(sink, told, format == Format::kHtml ? "text/html" : "text/rtf");
  ExtractRequest request;
  request.format = format;
  request.source = Source::of(bytes);
  request.limits = limits;
  return reader->extract(request, body);
}

std::string html_in(std::string_view charset, std::string_view bytes) {
  if (charset.empty()) return std::string(bytes);
  return "<meta charset=\"utf-8\">" + decode_as(charset, bytes);
}

}  // namespace gallra::extract::mail

// Damaged mail: whatever is done to the bytes, the reader ends, every member it opens it closes,
// and what it says is text.
#include <cstdint>

#include "mail_run.hpp"
#include "scanner/extract/text_writer.hpp"

namespace gallra::test {
namespace {

// A small generator of our own (Knuth's MMIX), so that the same damage is done everywhere.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed) {}
  std::size_t below(std::size_t n) {
    state_ = state_ * 6364136223846793005u + 1442695040888963407u;
    return static_cast<std::size_t>(state_ >> 33) % n;
  }

 private:
  std::uint64_t state_;
};

std::string damage(std::string bytes, Dice& dice) {
  const std::size_t at = dice.below(bytes.size());
  const std::size_t length = std::min(bytes.size() - at, 1 + dice.below(64));
  switch (dice.below(6)) {
    case 0:
      bytes.resize(at);
      break;
    case 1:
      bytes.erase(at, length);
      break;
    case 2:
      bytes.replace(at, length, length, '\0');
      break;
    case 3:
      bytes.replace(at, length, length, '\xFF');
      break;
    case 4:
      bytes.insert(at, bytes.substr(dice.below(bytes.size()), length));
      break;
    default:
      for (int i = 0; i < 8; ++i)
        bytes[dice.below(bytes.size())] ^= static_cast<char>(1 << dice.below(8));
  }
  return bytes.empty() ? "x" : bytes;
}

void check_sane(const MailRun& r) {
  for (const SeenMember& member : r.sink.members) CHECK(member.ended);
  for (const auto& [chunk, text] : r.sink.chunks) {
    CHECK(extract::is_valid_utf8(text));
    CHECK(extract::is_valid_utf8(chunk.place.label));
  }
  for (const SeenMember& member : r.sink.members) CHECK(extract::is_valid_utf8(member.member.name));
  if (r.outcome.kind != OutcomeKind::kRead) CHECK(r.outcome.reason != Reason::kNone);
}

}  // namespace

TEST_CASE("damaged mail never harms the reader") {
  const auto* const name = GENERATE("brev.eml", "bilagor.eml", "smime-signed.eml",
                                    "smime-signed-ber.eml", "smime-encrypted.eml");
  const std::string good = mail_fixture(name);
  Dice dice(2025);
  for (int i = 0; i < 300; ++i) {
    CAPTURE(name, i);
    extract::ExtractRequest request;
    request.mbox_quoted = i % 2 == 0;
    check_sane(run(Format::kEml, damage(damage(good, dice), dice), request));
  }
}

TEST_CASE("damaged mailboxes lose no byte") {
  const auto* const name = GENERATE("brevlada.mbox", "brevlada.mmdf");
  const std::string good = mail_fixture(name);
  Dice dice(7);
  for (int i = 0; i < 300; ++i) {
    CAPTURE(name, i);
    const std::string bytes = damage(damage(good, dice), dice);
    const MailRun r = run(Format::kMbox, bytes);
    check_sane(r);
    std::uint64_t end = 0;
    for (const SeenMember& member : r.sink.members) {
      CHECK(member.member.offset >= end);
      // Between messages stand separators and blank lines only.
      for (std::uint64_t at = end; at < member.member.offset; ++at)
        CHECK((bytes[at] == '\n' || bytes[at] == '\r' || bytes[at] == '\x01' || bytes[at] == ' ' ||
               bytes[at] == '\t'));
      end = member.member.offset + member.member.size;
    }
    CHECK(end <= bytes.size());
  }
}

}  // namespace gallra::test

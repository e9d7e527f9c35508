// Mailboxes: where messages begin, and that nothing is lost between them.
#include "mail_run.hpp"

namespace gallra::test {
namespace {

constexpr std::string_view kMark = "From a@example.org Thu Mar 12 10:00:00 2015\n";

struct Piece {
  std::string text;
  bool quoted;
};

std::vector<Piece> split(std::string_view bytes, extract::ExtractRequest request = {}) {
  const MailRun r = run(Format::kMbox, bytes, std::move(request));
  std::vector<Piece> pieces;
  for (const SeenMember& seen : r.sink.members) {
    CHECK(seen.ended);
    CHECK(seen.member.content == extract::Member::Content::kRange);
    CHECK(seen.member.format_hint == Format::kEml);
    pieces.push_back(
        {std::string(bytes.substr(seen.member.offset, seen.member.size)), seen.member.mbox_quoted});
  }
  return pieces;
}

}  // namespace

TEST_CASE("a mailbox is split at its postmarks") {
  struct Row {
    std::string what;
    std::string line;  // between two messages, after an empty line
    std::size_t messages;
  };
  const std::string mark(kMark);
  const auto row = GENERATE(values<Row>({
      {"as RFC 4155 has it", "From b@example.org Thu Mar 12 10:00:00 2015\n", 2},
      {"without seconds", "From b@example.org Thu Mar 12 10:00 2015\n", 2},
      {"with a zone", "From b@example.org Thu Mar 12 10:00:00 CET 2015\n", 2},
      {"with a zone behind", "From - Thu Mar 12 10:00:00 2015 +0100\n", 2},
      {"from a mail service", "From 1234567890@xxx Thu Mar 12 10:00:00 +0000 2015\n", 2},
      {"with the date of a header", "From b@example.org Thu, 12 Mar 2015 10:00:00 +0100\n", 2},
      {"with an ISO date", "From b@example.org 2015-03-12 10:00:00\n", 2},
      {"in Swedish", "From b@example.org tor mar 12 10:00:00 2015\n", 2},
      {"with a name of several words", "From Åsa Ödlund Thu Mar 12 10:00:00 2015\n", 2},
      {"without a date, before headers", "From b@example.org\nReceived: from x\n", 2},
      {"a sentence", "From nu till då gäller detta.\n", 1},
      {"a sentence with a time", "From 10:00 to 11:00 on 12 March we meet in 2015.\n", 1},
      {"a word", "From\n", 1},
      {"no space", "From: b@example.org\n", 1},
  }));
  CAPTURE(row.what);
  const std::string box = mark + "Subject: ett\n\nhej\n\n" + row.line + "Subject: två\n\nslut\n";
  const auto pieces = split(box);
  CHECK(pieces.size() == row.messages);
  std::string all;
  for (const Piece& piece : pieces) all += piece.text;
  CHECK(all == box);
}

TEST_CASE("a postmark in the middle of a paragraph splits only before headers") {
  const std::string mark(kMark);
  CHECK(split(mark + "Subject: ett\n\ntext\n" + mark + "mer text\n").size() == 1);
  CHECK(split(mark + "Subject: ett\n\nhalvskriv\n" + mark + "Received: from x\n\nhej\n").size() ==
        2);
}

TEST_CASE("mailboxes of every make are split") {
  for (const std::string name : {"brevlada.mbox", "brevlada.mmdf"}) {
    CAPTURE(name);
    const std::string bytes = mail_fixture(name);
    const MailRun r = run(Format::kMbox, bytes);
    CHECK(r.outcome.kind == OutcomeKind::kRead);
    REQUIRE(r.sink.members.size() == 4);
    CHECK(r.sink.members[3].member.name == "message-4");
    CHECK(r.sink.members[3].member.ordinal == 3);
    REQUIRE(r.sink.mailboxes.size() == 1);
    CHECK(r.sink.mailboxes[0].expected == 4);
    CHECK(r.sink.mailboxes[0].read == 4);
    const extract::Member& last = r.sink.members[3].member;
    CHECK(last.mbox_quoted);
    extract::ExtractRequest request;
    request.mbox_quoted = true;
    const MailRun mail =
        run(Format::kEml, std::string_view(bytes).substr(last.offset, last.size), request);
    CHECK(mail.header("Subject") == "Brev 4\n");
    CHECK(mail.body().starts_with(
        "Brev 4\n\nFrom nu till då.\n\nFrom kurt Thu Mar 12 10:00:00 2015\nslut 4\n"));
  }
}

TEST_CASE("line ends of Windows and of the old Mac split as well") {
  const auto with_ends = [](std::string text, std::string_view end) {
    std::string out;
    for (const char c : text) c == '\n' ? out += end : out += c;
    return out;
  };
  const std::string box = std::string(kMark) + "Subject: x\n\nhej\n\n" + std::string(kMark) +
                          "Subject: y\n\n>From nu\nslut\n";
  for (const std::string_view end : {"\n", "\r\n", "\r"}) {
    const auto pieces = split(with_ends(box, end));
    REQUIRE(pieces.size() == 2);
    CHECK_FALSE(pieces[0].quoted);
    CHECK(pieces[1].quoted);
  }
}

TEST_CASE("an empty mailbox is read, and what stands before the first postmark is a message") {
  CHECK(split("\n\n").empty());
  CHECK(split("\n\n" + std::string(kMark) + "\nhej").size() == 1);
  const auto pieces = split("skräp före\n\n" + std::string(kMark) + "\nhej");
  REQUIRE(pieces.size() == 2);
  CHECK(pieces[0].text == "skräp före\n\n");
}

TEST_CASE("messages past the limit are counted and reported") {
  std::string box;
  for (int i = 0; i < 20; ++i) box += std::string(kMark) + "Subject: x\n\nhej\n\n";
  extract::ExtractRequest request;
  request.limits.max_members = 7;
  const MailRun r = run(Format::kMbox, box, request);
  CHECK(r.sink.members.size() == 7);
  CHECK(r.outcome.reason == Reason::kTooManyMembers);
  CHECK(r.outcome.detail == "7 of 20 messages");
  CHECK(r.sink.mailboxes.at(0).failed == 13);
}

TEST_CASE("a mailbox is taken up again where a reader died") {
  std::string box;
  for (int i = 0; i < 20; ++i) box += std::string(kMark) + "Subject: x\n\nhej\n\n";
  extract::ExtractRequest request;
  request.first_member = 15;
  const MailRun r = run(Format::kMbox, box, request);
  REQUIRE(r.sink.members.size() == 5);
  CHECK(r.sink.members[0].member.name == "message-16");
  CHECK(r.sink.mailboxes.at(0).read == 20);
}

TEST_CASE("messages are found wherever the buffer's edge falls") {
  // The reader's buffer is 1 MiB: postmarks and quotes are put across its edge at every distance.
  for (std::size_t shift = 0; shift < 80; ++shift) {
    std::string box = std::string(kMark) + "Subject: x\n\n";
    box += std::string((1u << 20) - box.size() - shift - 2, 'a') + "\n\n";
    const std::size_t second = box.size();
    box += std::string(kMark) + "Subject: y\n\n";
    box += std::string((2u << 20) - box.size() - shift, 'a') + "\n>>From z\n";
    const auto pieces = split(box);
    CAPTURE(shift);
    REQUIRE(pieces.size() == 2);
    CHECK(pieces[0].text.size() == second);
    CHECK_FALSE(pieces[0].quoted);
    CHECK(pieces[1].quoted);
  }
}

}  // namespace gallra::test

// Outlook mailboxes: there is no free writer of them, so whole ones are read by scripts/test_pst;
// here stands what a broken one comes to.
#include "mail_run.hpp"

namespace gallra::test {
namespace {

// The head of a 64-bit PST (MS-PST 2.2.2.6): magic, checksum, client magic, versions.
std::string head() {
  std::string bytes("!BDN\0\0\0\0SM\x17\0\x13\0\x01\x01", 16);
  bytes.resize(564);
  return bytes;
}

}  // namespace

TEST_CASE("a mailbox that cannot be opened is not read, and says so") {
  struct Row {
    std::string what;
    std::string bytes;
  };
  const auto row = GENERATE(values<Row>({
      {"a signature alone", "!BDN"},
      {"a head alone", head()},
      {"a head and zeros", head() + std::string(100'000, '\0')},
      {"a head and ones", head() + std::string(100'000, '\xFF')},
      {"no mailbox", std::string(2000, 'a')},
  }));
  CAPTURE(row.what);
  const MailRun r = run(Format::kPst, row.bytes);
  CHECK(r.outcome.kind == OutcomeKind::kNotRead);
  CHECK(r.outcome.reason == Reason::kCorrupt);
  CHECK(r.sink.members.empty());
}

}  // namespace gallra::test

// Mail: headers, bodies, parts, and what broken mails come to.
#include <algorithm>

#include "mail_run.hpp"
#include "scanner/extract/mail/encoded_words.hpp"
#include "scanner/extract/mail/headers.hpp"
#include "scanner/extract/mail/mail_view.hpp"
#include "scanner/extract/mail/signed_data.hpp"
#include "scanner/extract/mail/transfer.hpp"

namespace gallra::test {
namespace {

std::string mail(std::string_view headers, std::string_view body) {
  return "From: a@example.org\n" + std::string(headers) + "\n" + std::string(body);
}

std::string multipart(std::string_view parts) {
  return mail("Content-Type: multipart/mixed; boundary=gr\n", parts);
}

}  // namespace

TEST_CASE("a mail tells its headers, its date and both bodies") {
  const MailRun r = run(Format::kEml, mail_fixture("brev.eml"));
  CHECK(r.outcome.kind == OutcomeKind::kRead);
  CHECK(r.header("From") == "Åsa Ödlund <asa.odlund@example.org>\n");
  CHECK(r.header("To").find("Örjan <orjan@example.org>") != std::string::npos);
  CHECK(r.header("Cc") == "kopia@example.org\n");
  CHECK(r.header("Subject") == "Läkarintyg för Åsa\n");
  CHECK(r.header("Message-Id").empty());
  CHECK(r.body() == "Hej!\nIntyget gäller 18900101-9802.\nHälsningar\n");
  CHECK(r.line_of("18900101-9802") == 2);
  CHECK(r.body("text/html").find("18900101-9802") != std::string::npos);
  CHECK(r.body("text/html").find('<') == std::string::npos);
  REQUIRE(r.sink.dates.size() == 1);
  CHECK(day_text(r.sink.dates[0].day) == "2015-03-12");
  CHECK(r.sink.dates[0].kind == DateKind::kMailDate);
}

TEST_CASE("of the way of a mail, the receiver and the first host are told") {
  const MailRun r = run(Format::kEml, mail_fixture("brev.eml"));
  CHECK(r.header("Received").find("for <nils.berg@example.org>\n") != std::string::npos);
  CHECK(r.header("Received").find("192.0.2.7") != std::string::npos);
  CHECK(r.header("Received").find("inne.example.org") == std::string::npos);
}

TEST_CASE("attachments and mails in mails are members with the names people gave them") {
  const MailRun r = run(Format::kEml, mail_fixture("bilagor.eml"));
  CHECK(r.outcome.kind == OutcomeKind::kRead);
  const SeenMember* pdf = r.sink.find("part-2/läkarintyg, åäö.pdf");
  REQUIRE(pdf != nullptr);
  CHECK(pdf->bytes == "%PDF-1.4\n%%EOF\n");
  CHECK(pdf->member.kind == extract::MemberKind::kAttachment);
  const SeenMember* text = r.sink.find("part-3/anteckning.txt");
  REQUIRE(text != nullptr);
  CHECK(text->bytes == "Bilagans text, å\n");
  REQUIRE(r.sink.find("part-4") != nullptr);
  const SeenMember* inner = r.sink.find("part-5");
  REQUIRE(inner != nullptr);
  CHECK(inner->member.kind == extract::MemberKind::kMail);
  CHECK(inner->member.format_hint == Format::kEml);
  CHECK(inner->member.content == extract::Member::Content::kInline);
  CHECK(r.header("Subject") == "Läkarintyg för Åsa\nVidarebefordrat\n");
  const SeenMember* deep = r.sink.find("part-2/arkiv.zip");
  REQUIRE(deep != nullptr);
  CHECK(deep->depth == 2);
  CHECK(deep->member.ordinal == 0);
  for (const SeenMember& member : r.sink.members) CHECK(member.ended);
}

TEST_CASE("a resumed mail says nothing twice") {
  extract::ExtractRequest request;
  request.first_member = 2;
  const MailRun r = run(Format::kEml, mail_fixture("bilagor.eml"), request);
  CHECK(r.sink.find("part-3/anteckning.txt") == nullptr);
  REQUIRE(r.sink.find("part-4") != nullptr);
  CHECK(r.sink.find("part-4")->member.ordinal == 2);
  CHECK(r.header("Subject") == "Vidarebefordrat\n");
}

TEST_CASE("text is read whatever its charset says") {
  struct Row {
    std::string label;
    std::string bytes;
    std::string text;
  };
  const auto row = GENERATE(values<Row>({
      {"", "r\xE4ksm\xF6rg\xE5s p\xE5 \xC5land", "räksmörgås på Åland"},
      {"us-ascii", "r\xC3\xA4ksm\xC3\xB6rg\xC3\xA5s", "räksmörgås"},
      {"iso-8859-1", "sjuk 5 \x80", "sjuk 5 €"},
      {"utf-8", "r\xE4ksm\xF6rg\xE5s p\xE5 \xC5land", "räksmörgås på Åland"},
      {"x-unknown", "r\xC3\xA4k", "räk"},
      {"koi8-r", "\xC1\xC2\xD7", "абв"},
      {"utf-16le", std::string("h\0e\0j\0\n\0\xE5\0", 10), "hej\nå"},
  }));
  CAPTURE(row.label);
  const std::string type =
      row.label.empty() ? "" : "Content-Type: text/plain; charset=" + row.label + "\n";
  const MailRun r = run(Format::kEml, mail(type + "Content-Transfer-Encoding: 8bit\n", row.bytes));
  CHECK(r.body() == row.text + "\n");
}

TEST_CASE("headers are read encoded, raw, and wrongly labelled") {
  struct Row {
    std::string raw;
    std::string text;
  };
  const auto row = GENERATE(values<Row>({
      {"=?iso-8859-1?Q?L=E4karintyg?=", "Läkarintyg"},
      {"=?utf-8?B?w4VzYQ==?= =?utf-8?B?IMOWZGx1bmQ=?=", "Åsa Ödlund"},
      {"=?utf-8?Q?delat_=C3?= =?utf-8?Q?=A5?=", "delat å"},
      {"=?windows-1252?Q?5_=80?=", "5 €"},
      {"H\xE4lsning", "Hälsning"},
      {"H\xC3\xA4lsning", "Hälsning"},
      {"=?utf-8?Q?ej_slut", "=?utf-8?Q?ej_slut"},
      {"=?utf-8*sv?q?spr=C3=A5k?=", "språk"},
      {"=?utf-8?B?SGVqIGR1?", "=?utf-8?B?SGVqIGR1?"},
      {"=?utf-8?B?SGVqIGR1?= och =?utf-8?Q?=C3=A5?=", "Hej du och å"},
      {"=?us-ascii?Q?r=C3=A4k?=", "räk"},
      {"\"=?utf-8?Q?=C3=85sa?=\" <a@example.org>", "\"Åsa\" <a@example.org>"},
      {"vikt\n\trubrik", "vikt rubrik"},
  }));
  CAPTURE(row.raw);
  CHECK(run(Format::kEml, mail("Subject: " + row.raw + "\n", "x")).header("Subject") ==
        row.text + "\n");
}

TEST_CASE("file names come in every encoding that mailers use") {
  struct Row {
    std::string headers;
    std::string name;
  };
  const auto row = GENERATE(values<Row>({
      {"Content-Disposition: attachment; filename*0*=utf-8''l%C3%A4k; filename*1*=arintyg.pdf",
       "part-1/läkarintyg.pdf"},
      {"Content-Disposition: attachment; filename*=iso-8859-1'sv'%E5.pdf", "part-1/å.pdf"},
      {"Content-Type: application/pdf; name=\"=?iso-8859-1?Q?=E5.pdf?=\"", "part-1/å.pdf"},
      {"Content-Disposition: attachment;\n\tfilename=\"=?utf-8?B?w6Q=?=\n =?utf-8?B?LnBkZg==?=\"",
       "part-1/ä.pdf"},
      {"Content-Type: application/pdf; name=\"r\xE5.pdf\"", "part-1/rå.pdf"},
      {"Content-Type: application/pdf; name=\"C:\\a\\b.pdf\"", "part-1/C:ab.pdf"},
      {"Content-Type: application/pdf; name=\"../../etc/x.pdf\"", "part-1/../../etc/x.pdf"},
      {"Content-Type: application/pdf", "part-1"},
  }));
  CAPTURE(row.headers);
  const MailRun r = run(Format::kEml, multipart("--gr\n" + row.headers + "\n\nx\n--gr--\n"));
  REQUIRE(r.sink.members.size() == 1);
  CHECK(r.sink.members[0].member.name == row.name);
}

TEST_CASE("format=flowed joins what it broke and keeps the lines' numbers") {
  const std::string type = "Content-Type: text/plain; charset=utf-8; format=flowed; delsp=";
  const MailRun joined =
      run(Format::kEml, mail(type + "yes\n", "nummer 18900101 \n-9802 slut\nrad tre\n"));
  CHECK(joined.body() == "nummer 18900101-9802 slut\nrad tre\n");
  CHECK(joined.line_of("rad tre") == 3);
  const MailRun spaced =
      run(Format::kEml,
          mail(type + "no\n", "ett \ntv\xC3\xA5\n> citat \n> mer\n>> annat\n-- \nnamn\n"));
  CHECK(spaced.body() == "ett två\n> citat mer\n>> annat\n-- \nnamn\n");
  CHECK(spaced.line_of("namn") == 7);
}

TEST_CASE("files in the middle of a letter are taken out of it") {
  const MailRun r = run(Format::kEml, mail("",
                                           "fore\nbegin 644 namn.txt\n#0V%T\n`\nend\nefter\n"
                                           "begin 644 bara text\nsom fortsätter här\n"));
  const SeenMember* file = r.sink.find("part-1/namn.txt");
  REQUIRE(file != nullptr);
  CHECK(file->bytes == "Cat");
  CHECK(r.body() == "fore\nefter\nbegin 644 bara text\nsom fortsätter här\n");
  CHECK(r.line_of("efter") == 6);
  CHECK(r.line_of("bara text") == 7);
}

TEST_CASE("what is encrypted is named, and the rest of the mail is read") {
  const MailRun inline_pgp = run(Format::kEml, mail("",
                                                    "hej\n-----BEGIN PGP MESSAGE-----\nabc\n"
                                                    "-----END PGP MESSAGE-----\nslut\n"));
  CHECK(inline_pgp.outcome.kind == OutcomeKind::kRead);
  CHECK(inline_pgp.body() == "hej\nslut\n");
  REQUIRE(inline_pgp.sink.members.size() == 1);
  CHECK(inline_pgp.sink.members[0].outcome.reason == Reason::kEncrypted);

  const MailRun pgp =
      run(Format::kEml,
          mail("Subject: hemligt\nContent-Type: multipart/encrypted; boundary=gr\n",
               "--gr\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n--gr\nContent-Type: "
               "application/octet-stream; name=encrypted.asc\n\nabc\n--gr--\n"));
  CHECK(pgp.outcome.kind == OutcomeKind::kRead);
  CHECK(pgp.header("Subject") == "hemligt\n");
  REQUIRE(pgp.sink.find("part-2/encrypted.asc") != nullptr);
  CHECK(pgp.sink.find("part-2/encrypted.asc")->outcome.reason == Reason::kEncrypted);

  const MailRun smime = run(Format::kEml, mail_fixture("smime-encrypted.eml"));
  CHECK(smime.outcome.kind == OutcomeKind::kRead);
  CHECK(smime.header("Subject") == "Intyg\n");
  REQUIRE(smime.sink.members.size() == 1);
  CHECK(smime.sink.members[0].outcome.reason == Reason::kEncrypted);
}

TEST_CASE("what is only signed is read") {
  for (const std::string name : {"smime-signed.eml", "smime-signed-ber.eml"}) {
    CAPTURE(name);
    const MailRun r = run(Format::kEml, mail_fixture(name));
    REQUIRE(r.sink.members.size() == 1);
    CHECK(r.sink.members[0].member.format_hint == Format::kEml);
    CHECK(r.sink.members[0].outcome.kind == OutcomeKind::kRead);
    const MailRun inner = run(Format::kEml, r.sink.members[0].bytes);
    CHECK(inner.outcome.kind == OutcomeKind::kRead);
    CHECK(inner.body() == "Undertecknat av Åsa, 18900101-9802\n");
  }
}

TEST_CASE("broken mails give what they hold and say that they are broken") {
  struct Row {
    std::string what;
    std::string bytes;
    std::string body;
    OutcomeKind kind;
    Reason reason;
  };
  const auto row = GENERATE(values<Row>({
      {"no last boundary", multipart("--gr\n\ntext\n--gr\n\nmer"), "text\nmer\n",
       OutcomeKind::kReadInPart, Reason::kCorrupt},
      {"another boundary", multipart("--annan\n\ntext\n--annan--\n"),
       "--annan\n\ntext\n--annan--\n", OutcomeKind::kReadInPart, Reason::kCorrupt},
      {"no headers", "bara text\nutan rubriker\n", "bara text\nutan rubriker\n",
       OutcomeKind::kReadInPart, Reason::kCorrupt},
      {"garbage", std::string("\0\1\2\3\4\5\6\7", 8), "", OutcomeKind::kNotRead, Reason::kCorrupt},
      {"line ends of the old Mac", "From: a@example.org\rSubject: mac\r\rhej\rdu\r", "hej\ndu\n",
       OutcomeKind::kRead, Reason::kNone},
      {"a postmark, a mark and empty lines in front",
       "\xEF\xBB\xBF\r\n\r\nFrom a@example.org Thu Mar 12 10:00:00 2015\r\nSubject: x\r\n\r\nhej",
       "hej\n", OutcomeKind::kRead, Reason::kNone},
      {"Apple Mail's byte count", "120        \nFrom: a@example.org\n\nhej\n", "hej\n",
       OutcomeKind::kRead, Reason::kNone},
      {"text that calls itself base64",
       mail("Content-Transfer-Encoding: base64\n", "Hej du, det här är ingen kod alls.\n"),
       "Hej du, det här är ingen kod alls.\n", OutcomeKind::kRead, Reason::kNone},
      {"base64 after its padding",
       mail("Content-Transfer-Encoding: base64\n", "SGVq\nSA==\nZHU=\n"), "HejHdu\n",
       OutcomeKind::kRead, Reason::kNone},
      {"base64 without its padding", mail("Content-Transfer-Encoding: base64\n", "SGVqIGR1IQ"),
       "Hej du!\n", OutcomeKind::kRead, Reason::kNone},
      {"a content type that is none", mail("Content-Type: text\n", "hej\n"), "hej\n",
       OutcomeKind::kRead, Reason::kNone},
  }));
  CAPTURE(row.what);
  const MailRun r = run(Format::kEml, row.bytes);
  CHECK(r.outcome.kind == row.kind);
  CHECK(r.outcome.reason == row.reason);
  CHECK(r.body() == row.body);
}

TEST_CASE("base64 that is cut off says so") {
  const MailRun r =
      run(Format::kEml,
          multipart("--gr\nContent-Type: application/pdf; name=a.pdf\nContent-Transfer-Encoding: "
                    "base64\n\nSGVqI"));
  REQUIRE(r.sink.members.size() == 1);
  CHECK(r.sink.members[0].bytes == "Hej");
  CHECK(r.sink.members[0].outcome.kind == OutcomeKind::kReadInPart);
}

TEST_CASE("mails that go past the limits end, and say where") {
  std::string deep = "From: a@example.org\n";
  for (int i = 0; i < 1000; ++i)
    deep += "Content-Type: multipart/mixed; boundary=b" + std::to_string(i) + "\n\n--b" +
            std::to_string(i) + "\n";
  CHECK(run(Format::kEml, deep).outcome.reason == Reason::kTooDeep);

  std::string nested;
  for (int i = 0; i < 30; ++i) nested += "From: a@example.org\nContent-Type: message/rfc822\n\n";
  const MailRun mails = run(Format::kEml, nested + "From: a@example.org\n\nhej\n");
  REQUIRE(mails.sink.members.size() == Limits().max_depth + 1);
  CHECK(mails.sink.members.back().outcome.reason == Reason::kTooDeep);
  CHECK(mails.sink.members.back().ended);

  std::string parts;
  for (int i = 0; i < 10'100; ++i) parts += "--gr\n\nx\n";
  CHECK(run(Format::kEml, multipart(parts)).outcome.reason == Reason::kTooManyMembers);

  std::string headers;
  for (int i = 0; headers.size() < (2u << 20); ++i) headers += "X-" + std::to_string(i) + ": v\n";
  const MailRun many = run(Format::kEml, mail(headers, "kroppen"));
  CHECK(many.outcome.reason == Reason::kTooLarge);
  CHECK(many.body() == "kroppen\n");
  const MailRun long_line =
      run(Format::kEml, mail("Subject: " + std::string(2u << 20, 'a') + "\n", "kroppen"));
  CHECK(long_line.outcome.reason == Reason::kTooLarge);
  CHECK(long_line.body() == "kroppen\n");
}

TEST_CASE("dates that clocks without a battery give are no evidence") {
  struct Row {
    std::string date;
    std::string day;
  };
  const auto row = GENERATE(values<Row>({
      {"Thu, 12 Mar 2015 23:30:00 -0800", "2015-03-12"},
      {"12 Mar 15 10:00", "2015-03-12"},
      {"Thu, 1 Jan 1970 00:00:00 +0000", ""},
      {"Tue, 1 Jan 1980 00:00:00 +0000", ""},
      {"Thu, 12 Mar 2099 10:00:00 +0100", ""},
      {"igår", ""},
  }));
  CAPTURE(row.date);
  const MailRun r = run(Format::kEml, mail("Date: " + row.date + "\n", "x"));
  CHECK((r.sink.dates.empty() ? "" : day_text(r.sink.dates[0].day)) == row.day);
}

TEST_CASE("a long body keeps its place from piece to piece") {
  std::string body;
  for (int i = 1; i <= 40'000; ++i) body += "rad " + std::to_string(i) + " med n\xE5got\n";
  const MailRun r = run(Format::kEml, mail("Content-Transfer-Encoding: 8bit\n", body));
  CHECK(r.line_of("rad 40000 med något") == 40'000);
  std::uint64_t offset = r.header("From").size() - 1;
  bool first = true;
  for (const auto& [chunk, text] : r.sink.chunks) {
    if (chunk.place.kind != PlaceKind::kBody) continue;
    CHECK(chunk.offset == offset);
    CHECK(chunk.continues == !first);
    first = false;
    offset += text.size();
  }
  const MailRun one_line =
      run(Format::kEml, mail("Content-Type: text/plain; charset=utf-8\n",
                             std::string(65'535, 'a') + "å" + std::string(700'000, 'b')));
  CHECK(one_line.body() == std::string(65'535, 'a') + "å" + std::string(700'000, 'b') + "\n");
}

TEST_CASE("a quoted line of a mailbox loses one sign") {
  extract::ExtractRequest request;
  request.mbox_quoted = true;
  const MailRun r = run(Format::kEml,
                        "From a@example.org Thu Mar 12 10:00:00 2015\nFrom: a@example.org\n\n"
                        ">From nu\n>>From sen\n> From inte\ntext >From mitt i\nslut",
                        request);
  CHECK(r.body() == "From nu\n>From sen\n> From inte\ntext >From mitt i\nslut\n");
  CHECK(r.header("From") == "a@example.org\n");
}

TEST_CASE("a view without its quotes reads the same in any pieces") {
  std::string bytes = "Subject: x\n\n";
  for (int i = 0; i < 300; ++i) bytes += i % 3 == 0 ? ">From rad\n" : "rad\n";
  const MemoryFile file(bytes);
  const extract::mail::MailView view(file.source(), true);
  std::string whole(bytes.size(), '\0');
  const auto read_in = [&](std::size_t step) {
    std::string all;
    std::string piece(step, '\0');
    for (std::int64_t n = 1; n > 0;) {
      n = view.read(all.size(), piece);
      if (n > 0) all.append(piece, 0, static_cast<std::size_t>(n));
    }
    return all;
  };
  const std::string all = read_in(4096);
  CHECK(all.size() == view.size());
  CHECK(all.find(">From") == std::string::npos);
  CHECK(read_in(1) == all);
  CHECK(read_in(7) == all);
}

TEST_CASE("signed content is looked for in any bytes without harm") {
  using extract::mail::CmsKind;
  CHECK(extract::mail::cms_kind("") == CmsKind::kNone);
  CHECK(extract::mail::cms_kind("\x30\x80") == CmsKind::kNone);
  CHECK(extract::mail::cms_kind("\x30\x88\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x06\x01") ==
        CmsKind::kNone);
  CHECK_FALSE(
      extract::mail::signed_content("\x30\x0B\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07\x02"));
}

TEST_CASE("headers of nothing but beginnings of words cost little") {
  std::string raw;
  while (raw.size() < (1u << 20)) raw += "=?utf-8?B?";
  CHECK(extract::mail::header_text(raw) == raw);
}

TEST_CASE("a receiver is an address and nothing else") {
  CHECK(extract::mail::receiver_of("from a by b for <x@example.org>; Thu") == "<x@example.org>");
  CHECK(extract::mail::receiver_of("by b with Mail Service for Windows id 1").empty());
  CHECK(extract::mail::receiver_of("by b for").empty());
}

}  // namespace gallra::test

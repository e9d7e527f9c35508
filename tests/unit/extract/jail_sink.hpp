// What an extractor said, kept for looking at.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "scanner/extract/extractor.hpp"

namespace gallra::test {

struct SeenMember {
  extract::Member member;
  std::string bytes;
  Outcome outcome;
  bool ended = false;
  std::size_t depth = 0;
};

class KeepingSink : public extract::ExtractSink {
 public:
  void text(const TextChunk& chunk) override {
    text_ += chunk.text;
    chunks.push_back({chunk, std::string(chunk.text)});
  }
  void member(const extract::Member& member) override {
    open_.push_back(members.size());
    members.push_back({member, {}, {}, false, open_.size()});
  }
  void member_bytes(std::span<const std::byte> bytes) override {
    members.at(open_.back())
        .bytes.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  }
  void member_end(Outcome outcome) override {
    members.at(open_.back()).outcome = std::move(outcome);
    members.at(open_.back()).ended = true;
    open_.pop_back();
  }
  void date(DateEvidence evidence) override { dates.push_back(evidence); }
  void mailbox(const MailboxTally& tally) override { mailboxes.push_back(tally); }

  const std::string& all_text() const { return text_; }
  const SeenMember* find(const std::string& name) const {
    for (const SeenMember& seen : members)
      if (seen.member.name == name) return &seen;
    return nullptr;
  }

  std::vector<std::pair<TextChunk, std::string>> chunks;
  std::vector<SeenMember> members;
  std::vector<DateEvidence> dates;
  std::vector<MailboxTally> mailboxes;

 private:
  std::string text_;
  std::vector<std::size_t> open_;
};

}  // namespace gallra::test

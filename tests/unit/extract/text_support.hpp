// Runs an extractor on bytes held in memory and gathers what it says.
#pragma once

#include <algorithm>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/mman.h>
#include <unistd.h>
#include <vector>

#include "scanner/extract/extractor.hpp"

namespace gallra::extract::text_test {

struct Piece {
  Place place;
  Layout layout;
  bool continues;
  std::string text;
  std::uint64_t offset;
};

class Gathered : public ExtractSink {
 public:
  void text(const TextChunk& chunk) override {
    pieces.push_back(
        {chunk.place, chunk.layout, chunk.continues, std::string(chunk.text), chunk.offset});
  }
  void member(const Member& member) override {
    members.push_back(member);
    bytes.emplace_back();
    ++open;
  }
  void member_bytes(std::span<const std::byte> some) override {
    bytes.back().append(reinterpret_cast<const char*>(some.data()), some.size());
  }
  void member_end(Outcome) override { --open; }
  void date(DateEvidence evidence) override { dates.push_back(evidence); }
  void mailbox(const MailboxTally&) override {}

  std::string all() const {
    std::string out;
    for (const Piece& piece : pieces) out += piece.text;
    return out;
  }
  bool has(std::string_view wanted) const { return all().find(wanted) != std::string::npos; }
  // The line on which `wanted` begins, by the promise of TextChunk; 0 = not there.
  std::uint32_t line_of(std::string_view wanted) const {
    for (const Piece& piece : pieces) {
      const std::size_t at = piece.text.find(wanted);
      if (at == std::string::npos) continue;
      const bool grows =
          piece.place.kind == PlaceKind::kLine || piece.place.kind == PlaceKind::kCell;
      const auto lines = std::count(piece.text.begin(),
                                    piece.text.begin() + static_cast<std::ptrdiff_t>(at), '\n');
      return piece.place.a + (grows ? static_cast<std::uint32_t>(lines) : 0);
    }
    return 0;
  }
  // The piece that holds `wanted`.
  const Piece* piece_of(std::string_view wanted) const {
    for (const Piece& piece : pieces)
      if (piece.text.find(wanted) != std::string::npos) return &piece;
    return nullptr;
  }

  std::vector<Piece> pieces;
  std::vector<Member> members;
  std::vector<std::string> bytes;
  std::vector<DateEvidence> dates;
  int open = 0;
  Outcome outcome;
};

// A file without a name.
class Memory {
 public:
  explicit Memory(std::string_view bytes) : fd_(::memfd_create("test", MFD_CLOEXEC)) {
    if (fd_ < 0) throw std::runtime_error("memfd_create");
    append(bytes);
  }
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;
  ~Memory() { ::close(fd_); }
  void append(std::string_view bytes) {
    if (::pwrite(fd_, bytes.data(), bytes.size(), static_cast<off_t>(size_)) !=
        static_cast<ssize_t>(bytes.size()))
      throw std::runtime_error("pwrite");
    size_ += bytes.size();
  }
  void grow_hole(std::uint64_t bytes) {
    size_ += bytes;
    if (::ftruncate(fd_, static_cast<off_t>(size_)) != 0) throw std::runtime_error("ftruncate");
  }
  Source source() const { return {fd_, 0, size_}; }

 private:
  int fd_;
  std::uint64_t size_ = 0;
};

inline Gathered run(Format format, const Source& source, std::uint32_t first_member = 0) {
  ExtractRequest request;
  request.format = format;
  request.source = source;
  request.first_member = first_member;
  Gathered gathered;
  gathered.outcome = extractor_for(format)->extract(request, gathered);
  return gathered;
}

inline Gathered run(Format format, std::string_view bytes) {
  const Memory memory(bytes);
  return run(format, memory.source());
}

}  // namespace gallra::extract::text_test

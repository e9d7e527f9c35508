#include "scanner/extract/archive/inflate.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <new>
#include <vector>
#include <zlib.h>

namespace gallra::extract {

namespace {

constexpr std::size_t kBlock = 128 << 10;

// Packed bytes of a range, block by block.
class Input {
 public:
  Input(const Source& source, std::uint64_t at, std::uint64_t size)
      : source_(source), at_(at), size_(size), block_(kBlock) {}

  // The next block; empty at the end or on an error.
  std::span<const std::byte> next() {
    const auto want = std::min<std::uint64_t>(size_ - taken_, block_.size());
    if (want == 0) return {};
    const std::int64_t got =
        source_.read(at_ + taken_, std::span(block_).first(static_cast<std::size_t>(want)));
    if (got < 0) io_error_ = true;
    if (got <= 0) return {};
    taken_ += static_cast<std::uint64_t>(got);
    return std::span(block_).first(static_cast<std::size_t>(got));
  }
  std::uint64_t taken() const { return taken_; }
  bool io_error() const { return io_error_; }

 private:
  const Source& source_;
  const std::uint64_t at_;
  const std::uint64_t size_;
  std::uint64_t taken_ = 0;
  std::vector<std::byte> block_;
  bool io_error_ = false;
};

// --- Deflate64: RFC 1951 with a window of 64 KiB, length code 285 of 16 extra bits, and distance
// codes 30 and 31 (as described in APPNOTE 5.4 and by what writers of it do) ---

constexpr std::array<std::uint16_t, 29> kLengthBase = {3,  4,  5,  6,   7,   8,   9,   10,  11, 13,
                                                       15, 17, 19, 23,  27,  31,  35,  43,  51, 59,
                                                       67, 83, 99, 115, 131, 163, 195, 227, 3};
constexpr std::array<std::uint8_t, 29> kLengthExtra = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2,
                                                       2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 16};
constexpr std::array<std::uint8_t, 19> kCodeOrder = {16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                                     11, 4,  12, 3, 13, 2, 14, 1, 15};
constexpr unsigned kMaxBits = 15;
constexpr std::size_t kWindow = 64 << 10;

struct Damaged {};

class Codes {
 public:
  Codes() : table_(std::size_t{1} << kMaxBits) {}

  // False: the lengths make no code.
  bool build(std::span<const std::uint8_t> lengths) {
    std::array<unsigned, kMaxBits + 2> count{};
    for (const std::uint8_t length : lengths) ++count[length];
    count[0] = 0;
    std::array<unsigned, kMaxBits + 2> next{};
    unsigned code = 0;
    for (unsigned bits = 1; bits <= kMaxBits; ++bits) {
      code = (code + count[bits - 1]) << 1;
      next[bits] = code;
      if (code + count[bits] > (1u << bits)) return false;
    }
    std::fill(table_.begin(), table_.end(), Entry{});
    for (std::size_t symbol = 0; symbol < lengths.size(); ++symbol) {
      const unsigned bits = lengths[symbol];
      if (bits == 0) continue;
      const std::size_t first = reversed(next[bits]++, bits);
      for (std::size_t at = first; at < table_.size(); at += std::size_t{1} << bits)
        table_[at] = {static_cast<std::uint16_t>(symbol), static_cast<std::uint8_t>(bits)};
    }
    return true;
  }

  struct Entry {
    std::uint16_t symbol = 0;
    std::uint8_t bits = 0;  // 0 = no such code
  };
  Entry at(std::uint64_t bits) const { return table_[bits & (table_.size() - 1)]; }

 private:
  static std::size_t reversed(unsigned code, unsigned bits) {
    std::size_t out = 0;
    for (unsigned i = 0; i < bits; ++i)
      out |= static_cast<std::size_t>((code >> i) & 1) << (bits - 1 - i);
    return out;
  }
  std::vector<Entry> table_;
};

class Inflate64 {
 public:
  Inflate64(Input& input, std::uint64_t& used, const TakeBytes& take)
      : input_(input), used_(used), take_(take), out_(4 * kWindow) {}

  Unpacked run() {
    try {
      for (bool last = false; !last && !stopped_;) {
        last = bits(1) == 1;
        block(bits(2));
      }
      flush();
    } catch (const Damaged&) {
      if (!stopped_) flush();
      if (!stopped_) return input_.io_error() ? Unpacked::kIoError : Unpacked::kDamaged;
    }
    used_ = input_.taken() - (piece_.size() - piece_at_) - held_ / 8;
    return stopped_ ? Unpacked::kStopped : Unpacked::kWhole;
  }

 private:
  void refill() {
    while (held_ <= 56) {
      if (piece_at_ == piece_.size()) {
        piece_ = input_.next();
        piece_at_ = 0;
        used_ = input_.taken();
        if (piece_.empty()) return;
      }
      bit_buffer_ |= std::to_integer<std::uint64_t>(piece_[piece_at_++]) << held_;
      held_ += 8;
    }
  }
  void drop(unsigned count) {
    if (count > held_) throw Damaged();
    bit_buffer_ >>= count;
    held_ -= count;
  }
  std::uint32_t bits(unsigned count) {
    if (held_ < count) refill();
    const auto value = static_cast<std::uint32_t>(bit_buffer_ & ((1ull << count) - 1));
    drop(count);
    return value;
  }
  unsigned symbol(const Codes& codes) {
    if (held_ < kMaxBits) refill();
    const Codes::Entry entry = codes.at(bit_buffer_);
    if (entry.bits == 0) throw Damaged();
    drop(entry.bits);
    return entry.symbol;
  }

  void block(std::uint32_t type) {
    if (type == 0) return stored();
    if (type == 3) throw Damaged();
    if (type == 1)
      fixed_codes();
    else
      dynamic_codes();
    while (!stopped_) {
      const unsigned literal = symbol(literals_);
      if (literal == 256) return;
      if (literal < 256)
        put(static_cast<std::byte>(literal));
      else
        copy(literal - 257);
    }
  }

  void stored() {
    drop(held_ % 8);
    const std::uint32_t length = bits(16);
    if ((bits(16) ^ 0xFFFF) != length) throw Damaged();
    for (std::uint32_t i = 0; i < length && !stopped_; ++i) put(static_cast<std::byte>(bits(8)));
  }

  void fixed_codes() {
    std::array<std::uint8_t, 288> lengths{};
    for (std::size_t i = 0; i < lengths.size(); ++i)
      lengths[i] = i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8;
    std::array<std::uint8_t, 32> distances{};
    distances.fill(5);
    literals_.build(lengths);
    distances_.build(distances);
  }

  void dynamic_codes() {
    const std::size_t literals = bits(5) + 257;
    const std::size_t distances = bits(5) + 1;
    const std::size_t codes = bits(4) + 4;
    std::array<std::uint8_t, 19> code_lengths{};
    for (std::size_t i = 0; i < codes; ++i)
      code_lengths[kCodeOrder[i]] = static_cast<std::uint8_t>(bits(3));
    if (!literals_.build(code_lengths)) throw Damaged();
    std::array<std::uint8_t, 288 + 32> lengths{};
    for (std::size_t at = 0; at < literals + distances;) {
      const unsigned code = symbol(literals_);
      if (code < 16) {
        lengths[at++] = static_cast<std::uint8_t>(code);
        continue;
      }
      if (code == 16 && at == 0) throw Damaged();
      const std::uint8_t value = code == 16 ? lengths[at - 1] : std::uint8_t{0};
      const std::size_t repeat = code == 16 ? 3 + bits(2) : code == 17 ? 3 + bits(3) : 11 + bits(7);
      if (at + repeat > literals + distances) throw Damaged();
      std::fill_n(lengths.begin() + static_cast<std::ptrdiff_t>(at), repeat, value);
      at += repeat;
    }
    const std::span all(lengths);
    if (!literals_.build(all.first(literals)) ||
        !distances_.build(all.subspan(literals, distances)))
      throw Damaged();
  }

  void copy(unsigned code) {
    if (code >= kLengthBase.size()) throw Damaged();
    const std::size_t length = kLengthBase[code] + bits(kLengthExtra[code]);
    const unsigned far = symbol(distances_);
    const unsigned extra = far < 2 ? 0 : far / 2 - 1;
    const std::size_t base = far < 2 ? far : (2u + (far & 1)) << extra;
    const std::size_t distance = 1 + base + bits(extra);
    if (distance > written_) throw Damaged();
    for (std::size_t i = 0; i < length && !stopped_; ++i) put(out_[end_ - distance]);
  }

  void put(std::byte byte) {
    if (end_ == out_.size()) flush();
    out_[end_++] = byte;
    ++written_;
  }

  // Gives what is new and keeps the window.
  void flush() {
    if (end_ > given_ && !take_(std::span(out_).subspan(given_, end_ - given_))) stopped_ = true;
    const std::size_t keep = std::min(end_, kWindow);
    std::memmove(out_.data(), out_.data() + end_ - keep, keep);
    end_ = given_ = keep;
  }

  Input& input_;
  std::uint64_t& used_;
  const TakeBytes& take_;
  std::span<const std::byte> piece_;
  std::size_t piece_at_ = 0;
  std::uint64_t bit_buffer_ = 0;
  unsigned held_ = 0;  // bits
  std::vector<std::byte> out_;
  std::size_t end_ = 0;
  std::size_t given_ = 0;
  std::uint64_t written_ = 0;
  bool stopped_ = false;
  Codes literals_;
  Codes distances_;
};

}  // namespace

Unpacked inflate(const Source& source, std::uint64_t at, std::uint64_t size, std::uint64_t& used,
                 const TakeBytes& take) {
  Input input(source, at, size);
  z_stream stream{};
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) throw std::bad_alloc();
  const std::unique_ptr<z_stream, int (*)(z_stream*)> closing(&stream, inflateEnd);
  std::vector<std::byte> out(kBlock);
  for (int status = Z_OK; status != Z_STREAM_END;) {
    if (stream.avail_in == 0) {
      const std::span<const std::byte> block = input.next();
      // zlib only reads its input
      stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(block.data()));
      stream.avail_in = static_cast<uInt>(block.size());
    }
    used = input.taken() - stream.avail_in;
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    status = ::inflate(&stream, Z_NO_FLUSH);
    used = input.taken() - stream.avail_in;
    const std::size_t given = out.size() - stream.avail_out;
    if (given > 0 && !take(std::span(out).first(given))) return Unpacked::kStopped;
    if (status == Z_STREAM_END) break;
    // Z_BUF_ERROR: it wants more and there is no more.
    if (status != Z_OK) return input.io_error() ? Unpacked::kIoError : Unpacked::kDamaged;
  }
  return Unpacked::kWhole;
}

Unpacked inflate64(const Source& source, std::uint64_t at, std::uint64_t size, std::uint64_t& used,
                   const TakeBytes& take) {
  Input input(source, at, size);
  return Inflate64(input, used, take).run();
}

struct GzipStream::State {
  explicit State(const Source& source) : input(source, 0, source.size), out(kBlock), name(1024) {
    constexpr int kGzipOnly = 16;
    if (inflateInit2(&zlib, MAX_WBITS + kGzipOnly) != Z_OK) throw std::bad_alloc();
    header.name = reinterpret_cast<Bytef*>(name.data());
    header.name_max = static_cast<uInt>(name.size() - 1);  // the last byte stays zero
    inflateGetHeader(&zlib, &header);
  }
  ~State() { inflateEnd(&zlib); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  bool refill() {
    const std::span<const std::byte> block = input.next();
    zlib.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(block.data()));  // only read
    zlib.avail_in = static_cast<uInt>(block.size());
    return !block.empty();
  }

  // Behind a member: another one, or the end.
  void begin_next_member() {
    if (zlib.avail_in == 0) refill();
    over = zlib.avail_in == 0 || *zlib.next_in != 0x1f;
    later_header = {};
    if (!over) inflateReset(&zlib);
    if (!over) inflateGetHeader(&zlib, &later_header);
    first = false;
    member_gave = false;
  }

  std::span<const std::byte> next() {
    while (!over) {
      if (zlib.avail_in == 0) refill();
      zlib.next_out = reinterpret_cast<Bytef*>(out.data());
      zlib.avail_out = static_cast<uInt>(out.size());
      const int status = ::inflate(&zlib, Z_NO_FLUSH);
      const std::size_t given = out.size() - zlib.avail_out;
      if (header.done == 1) is_gzip = true;
      member_gave = member_gave || given > 0;
      if (status == Z_STREAM_END) {
        is_gzip = true;
        begin_next_member();
      } else if (status != Z_OK) {
        over = true;
        // Garbage behind a whole member that happens to begin like another is still only garbage.
        damaged = first || member_gave || later_header.done == 1;
      }
      if (given > 0) return std::span(out).first(given);
    }
    return {};
  }

  Input input;
  z_stream zlib{};
  gz_header header{};
  gz_header later_header{};  // of the member at hand, if it is not the first
  std::vector<std::byte> out;
  std::vector<char> name;
  bool is_gzip = false;
  bool damaged = false;
  bool over = false;
  bool first = true;
  bool member_gave = false;
};

GzipStream::GzipStream(const Source& source) : state_(std::make_unique<State>(source)) {}
GzipStream::~GzipStream() = default;
std::span<const std::byte> GzipStream::next() { return state_->next(); }
bool GzipStream::is_gzip() const { return state_->is_gzip; }
bool GzipStream::damaged() const { return state_->damaged; }
bool GzipStream::io_error() const { return state_->input.io_error(); }
std::uint64_t GzipStream::used() const { return state_->input.taken() - state_->zlib.avail_in; }
std::string GzipStream::raw_name() const { return state_->name.data(); }
std::int64_t GzipStream::mtime_ns() const {
  return static_cast<std::int64_t>(state_->header.time) * 1'000'000'000;
}

}  // namespace gallra::extract

#include "scanner/extract/inflate.hpp"

#include <algorithm>
#include <climits>
#include <new>
#include <zlib.h>

namespace gallra::extract {
namespace {

constexpr std::size_t kOutBytes = 256 << 10;

}  // namespace

struct Inflater::State {
  z_stream stream{};
  std::string out = std::string(kOutBytes, '\0');
};

Inflater::Inflater(Wrapping wrapping) : state_(std::make_unique<State>()) {
  const int window = wrapping == Wrapping::kZlib ? MAX_WBITS : -MAX_WBITS;
  if (inflateInit2(&state_->stream, window) != Z_OK) throw std::bad_alloc();
}

Inflater::~Inflater() { inflateEnd(&state_->stream); }

Inflater::Step Inflater::run(std::string_view& packed, std::string_view& out) {
  z_stream& stream = state_->stream;
  const std::size_t given = std::min<std::size_t>(packed.size(), UINT_MAX);
  // zlib does not write to its input; its type predates const.
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(given);
  stream.next_out = reinterpret_cast<Bytef*>(state_->out.data());
  stream.avail_out = static_cast<uInt>(state_->out.size());
  const int status = ::inflate(&stream, Z_NO_FLUSH);
  packed.remove_prefix(given - stream.avail_in);
  out = std::string_view(state_->out).substr(0, state_->out.size() - stream.avail_out);
  if (status == Z_STREAM_END) return Step::kEnd;
  // Z_BUF_ERROR only says that nothing could be done without more input.
  return status == Z_OK || status == Z_BUF_ERROR ? Step::kMore : Step::kBroken;
}

std::string inflate_zlib(std::string_view packed, std::size_t limit) {
  std::string all;
  Inflater inflater(Inflater::Wrapping::kZlib);
  for (;;) {
    std::string_view out;
    const Inflater::Step step = inflater.run(packed, out);
    all += out.substr(0, limit - all.size());
    const bool stuck = out.empty() && packed.empty();
    if (step != Inflater::Step::kMore || stuck || all.size() >= limit) return all;
  }
}

}  // namespace gallra::extract

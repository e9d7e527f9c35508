// Deflate, piece by piece and up to the byte where it breaks. All of zlib is behind this.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace gallra::extract {

class Inflater {
 public:
  enum class Wrapping { kNone, kZlib };
  explicit Inflater(Wrapping wrapping);
  ~Inflater();

  enum class Step {
    kMore,    // give it more input, or call again when there is some left
    kEnd,     // the stream is complete
    kBroken,  // what came so far is good
  };
  // Takes what it can from the front of `packed`; `out` is what this step gave, valid until the
  // next one.
  Step run(std::string_view& packed, std::string_view& out);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// A zlib stream in memory, as far as it can be unpacked; at most `limit` bytes.
std::string inflate_zlib(std::string_view packed, std::size_t limit);

}  // namespace gallra::extract

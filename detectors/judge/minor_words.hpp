// Children told of in words, where no number or date of birth says it: an age, a label of a form, a
// class at school. One plain sign is enough; of vague ones it takes three kinds.
#pragma once

#include <cstddef>
#include <string_view>

#include "scanner/model/text_chunk.hpp"

namespace gallra::detect {

class MinorWords {
 public:
  void begin() { *this = MinorWords(); }
  void add(const TextChunk& chunk);
  bool told() const;

 private:
  void look_at_label(std::string_view label, bool filled);
  void look_at_line(std::string_view line, std::string_view low);
  void look_at_words(std::string_view line, std::string_view low);

  std::size_t bytes_ = 0;
  bool plain_ = false;
  bool grown_ = false;     // a school for adults
  bool enrolled_ = false;  // a class that the persons go to
  bool greeting_ = false;  // a letter to all parents
  bool klass_ = false, child_ = false, guardian_ = false, service_ = false;
};

}  // namespace gallra::detect

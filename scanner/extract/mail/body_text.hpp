// The lines of a plain text body: joins what format=flowed (RFC 3676) broke, so that a number split
// over two lines is whole again; takes out uuencoded files and PGP blocks, which are attachments in
// all but name. Works on bytes of any charset that keeps ASCII.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "scanner/model/outcome.hpp"

namespace gallra::extract::mail {

struct Flow {
  bool flowed = false;
  bool delete_space = false;  // DelSp=yes: the blank before a soft break belongs to the break
};

class BodyReceiver {
 public:
  virtual ~BodyReceiver() = default;
  // Whole lines where possible; `line` is that of the first byte, 1-based. `continues`: no gap
  // since the last call.
  virtual void lines(std::string_view bytes, std::uint32_t line, bool continues) = 0;
  virtual void attachment_begin(std::string_view name) = 0;
  virtual void attachment_bytes(std::string_view bytes) = 0;
  virtual void attachment_end(Outcome outcome) = 0;
};

class BodyText {
 public:
  BodyText(BodyReceiver& receiver, Flow flow) : receiver_(receiver), flow_(flow) {}

  void add(std::string_view bytes);
  void finish();

 private:
  enum class Inside : std::uint8_t { kText, kUuencode, kPgp };

  void line(std::string_view line, bool whole);
  bool takes_attachment_line(std::string_view line);
  bool takes_uu_line(std::string_view line);
  void begin_attachment(std::string_view name, Inside inside);
  void give_back_begin_line();
  void text_line(std::string_view line, bool whole);
  void flowed_line(std::string_view line);
  void append(std::string_view text);
  void flush_whole_characters();
  void flush();

  BodyReceiver& receiver_;
  Flow flow_;
  Inside inside_ = Inside::kText;
  std::string partial_;           // of the line that add() has not seen the end of
  bool line_was_cut_ = false;     // its beginning was passed on already
  std::uint32_t line_ = 1;        // number of the line being read
  std::string buffer_;            // text not yet handed on
  std::uint32_t first_line_ = 1;  // of buffer_
  std::uint32_t next_line_ = 1;   // what a reader would number the end of buffer_
  bool continues_ = false;
  std::string uu_begin_;  // a "begin 644 x" line, until the next line says whether it means it
  bool open_paragraph_ = false;  // flowed: the last line ended in a soft break
  std::size_t open_depth_ = 0;   // its quote depth
};

}  // namespace gallra::extract::mail

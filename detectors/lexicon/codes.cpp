#include "detectors/lexicon/codes.hpp"

#include "detectors/lexicon/fold.hpp"

namespace gallra::detect::lexicon {
namespace {

bool is_word_byte(char c) { return is_letter_byte(c) || is_digit(c) || c == '_'; }

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  std::vector<Code> run() {
    // Both digits behind the letter stand next to each other, so every other byte is looked at.
    for (std::size_t i = 1; i < text_.size(); i += 2) {
      if (!is_digit(text_[i])) continue;
      if (is_digit(at(i + 1)) && is_ascii_upper(text_[i - 1])) read(i - 1);
      if (i > 1 && is_digit(text_[i - 1]) && is_ascii_upper(text_[i - 2])) read(i - 2);
    }
    return std::move(codes_);
  }

 private:
  char at(std::size_t i) const { return i < text_.size() ? text_[i] : '\0'; }

  bool free(std::size_t begin, std::size_t end) const {
    if (begin > 0 &&
        (is_word_byte(text_[begin - 1]) || text_[begin - 1] == '-' || text_[begin - 1] == '/'))
      return false;
    const char next = at(end);
    return !is_word_byte(next) && next != '-' && next != '/' &&
           !(next == '.' && is_word_byte(at(end + 1)));
  }

  void add(std::size_t begin, std::size_t end, CodeKind kind) {
    if (free(begin, end)) codes_.push_back({{begin, end}, kind});
  }

  void read(std::size_t begin) {
    const std::size_t digits = begin + 1;
    if (is_ascii_upper(at(digits + 2)) && is_ascii_upper(at(digits + 3))) {
      constexpr std::string_view kGroups = "ABCDGHJLMNPRSV";
      const bool whole = is_digit(at(digits + 4)) && is_digit(at(digits + 5));
      if (kGroups.find(text_[begin]) != std::string_view::npos && whole)
        add(begin, digits + 6, CodeKind::kMedicine);
      return;
    }
    std::size_t end = digits + 2;
    const bool dotted = at(end) == '.' && is_digit(at(end + 1));
    if (dotted) ++end;
    for (int more = 0; more < 2 && is_digit(at(end)); ++more) ++end;
    if (is_ascii_upper(at(end)) && (dotted || end > digits + 2)) ++end;
    add(begin, end, dotted ? CodeKind::kDiagnosis : CodeKind::kDiagnosisShort);
  }

  std::string_view text_;
  std::vector<Code> codes_;
};

}  // namespace

std::vector<Code> find_codes(std::string_view text) { return Reader(text).run(); }

}  // namespace gallra::detect::lexicon

// What the words around a term take away from it: "ingen epilepsi" denies, "kurs om demens" and
// "brukare med epilepsi" speak of a subject, and a Swedish word in an English text is another word.
#pragma once

#include <string>

#include "detectors/lexicon/reading.hpp"

namespace gallra::detect::lexicon {

class Bearing {
 public:
  Bearing(const Lexicon& lexicon, const Window& window, const Reading& reading)
      : lexicon_(lexicon), window_(window), text_(window.text), reading_(reading) {}

  // "ingen känd epilepsi", "förnekar bröstsmärtor", but not "inte längre cancer".
  bool is_denied(const TermHit& hit, Span sentence) const;
  // "föreläsning om demens", "diabetessköterska", "personer med epilepsi".
  // `somebody`: the sentence tells of somebody.
  bool is_subject(const TermHit& hit, Span sentence, bool somebody) const;
  // The text around is in a language that is not the term's, or in none at all.
  bool is_foreign(const TermHit& hit) const;
  // The text around is English.
  bool is_english(Span span) const;
  // "LVM" of a disk, "MS" of a camera: capitals that mean something else among machines.
  bool is_machine(const TermHit& hit) const;
  // "Algerian Jewish Sign Language": the name of a language, nobody's.
  bool is_language_name(const TermHit& hit) const;

 private:
  struct Tongue {
    int swedish = 0, english = 0, words = 0;
    int own = 0;        // Swedish words that no neighbour shares
    int other = 0;      // small words of neither language
    bool ring = false;  // å, ä or ö
  };
  Tongue tongue_of(Span span) const;
  Tongue tongue_around(Span span) const;
  bool is_trade(const TermHit& hit) const;
  bool is_workplace(const TermHit& hit) const;
  bool is_unit(const TermHit& hit) const;
  bool is_counted(const TermHit& hit) const;
  bool is_share(std::size_t at) const;
  bool is_named_place(const TermHit& hit) const;
  bool is_employer(const TermHit& hit) const;
  bool is_job(const TermHit& hit, bool somebody) const;
  std::string word_before(std::size_t at) const;
  bool reaches(Span between, Span term, Span sentence, bool verb) const;
  bool denied_behind(Span term) const;

  const Lexicon& lexicon_;
  const Window& window_;
  std::string_view text_;
  const Reading& reading_;
  mutable std::size_t block_ = static_cast<std::size_t>(-1);
  mutable Tongue tongue_;
};

}  // namespace gallra::detect::lexicon

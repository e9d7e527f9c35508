#include "detectors/lexicon/dictionary.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "detectors/lexicon/fold.hpp"
#include "detectors/lexicon/words.hpp"

namespace gallra::detect::lexicon {
namespace {

constexpr std::size_t kLongestWord = 96;     // bytes; longer runs of letters are no words
constexpr std::size_t kKnownBits = 20;       // 128 KiB: 150,000 forms fill 14 %
constexpr std::size_t kStartBits = 18;       // 32 KiB
constexpr std::size_t kBucketBits = 13;      // 32 KiB a table
constexpr std::size_t kEndBits = 12;         // 512 bytes
constexpr std::size_t kMemoBits = 14;        // 256 KiB of words met last
constexpr std::size_t kMemoKnown = 1 << 16;  // results kept before the memo is begun anew
constexpr std::size_t kSplitLetters = 8;     // only longer unknown words are split
constexpr std::size_t kLettersBefore = 2;    // at least, before the second element
constexpr std::size_t kPhraseTail = 4;       // letters a word of a phrase may take on
constexpr std::uint64_t kOdd = 0x9E3779B97F4A7C15ull;

std::uint64_t load8(const char* p, std::size_t n) {
  std::uint64_t x = 0;
  std::memcpy(&x, p, std::min<std::size_t>(n, 8));
  return x;
}

// First eight bytes, folded so cheaply that different words may fall together: filters only.
std::uint64_t rough_key(std::uint64_t first8, std::size_t size) {
  first8 |= 0x2020202020202020ull;
  return size >= 8 ? first8 : first8 & ((1ull << size * 8) - 1);
}

std::size_t known_bit(std::uint64_t key, std::size_t size) {
  return (key ^ size * 0xD6E8FEB86659FD93ull) * kOdd >> (64 - kKnownBits);
}

std::size_t start_bit(std::uint64_t key) {
  return (key & 0xFFFFFFFFull) * kOdd >> (64 - kStartBits);
}

// Folded bytes of a word and eight zeros behind them.
struct Folded {
  alignas(8) std::array<char, kLongestWord + 16> bytes;
  std::size_t size = 0;
  std::string_view view() const { return {bytes.data(), size}; }
};

constexpr std::uint64_t kHigh = 0x8080808080808080ull;

// ASCII letters of eight bytes at once.
std::uint64_t fold8(std::uint64_t x) {
  constexpr std::uint64_t kOnes = 0x0101010101010101ull;
  const std::uint64_t low = x & ~kHigh;
  const std::uint64_t above_z = low + kOnes * (0x7F - 'Z');
  const std::uint64_t from_a = low + kOnes * (0x80 - 'A');
  return x | ((~x & (from_a ^ above_z) & kHigh) >> 2);
}

// Last four bytes of a word, folded roughly.
std::size_t end_bit(const char* end) {
  std::uint32_t x = 0;
  std::memcpy(&x, end - 4, 4);
  return (x | 0x20202020u) * kOdd >> (64 - kEndBits);
}

std::uint64_t hash_step(std::uint64_t h, std::uint64_t eight) {
  h = (h ^ eight) * 0xC4CEB9FE1A85EC53ull;
  return h ^ h >> 29;
}
std::uint64_t hash_end(std::uint64_t h) {
  h ^= h >> 32;
  return h == 0 ? 1 : h;
}

std::size_t bucket_of(std::uint64_t bytes) {
  return (bytes & 0xFFFFFF) * kOdd >> (64 - kBucketBits);
}

std::uint64_t hash_of(std::string_view folded) {
  std::uint64_t h = folded.size() * kOdd;
  for (std::size_t at = 0; at < folded.size(); at += 8) {
    h = hash_step(h, load8(folded.data() + at, folded.size() - at));
  }
  return hash_end(h);
}

// Folds `word`, which may be read up to `limit`, and gives the hash_of() of the result.
std::uint64_t fold_and_hash(std::string_view word, const char* limit, Folded& out) {
  out.size = word.size();
  std::uint64_t h = word.size() * kOdd;
  for (std::size_t at = 0; at < word.size(); at += 8) {
    const std::size_t left = word.size() - at;
    const char* p = word.data() + at;
    std::uint64_t x = 0;
    if (limit - p >= 8) {
      std::memcpy(&x, p, 8);
      if (left < 8) x &= (1ull << left * 8) - 1;
    } else {
      std::memcpy(&x, p, std::min<std::size_t>(left, 8));
    }
    x = fold8(x);
    if ((x & kHigh) != 0) {
      auto before = static_cast<unsigned char>(at == 0 ? 0 : word[at - 1]);
      std::array<unsigned char, 8> b;
      std::memcpy(b.data(), &x, 8);
      for (unsigned char& c : b) {
        c = fold_byte(before, c);
        before = c;
      }
      std::memcpy(&x, b.data(), 8);
    }
    std::memcpy(out.bytes.data() + at, &x, 8);
    h = hash_step(h, x);
  }
  std::memset(out.bytes.data() + word.size(), 0, 8);
  return hash_end(h);
}

// True when `item` may begin what stands at `padded`.
template <typename Item>
bool begins(const Item& item, const char* padded) {
  std::uint64_t bytes = 0;
  std::memcpy(&bytes, padded, 8);
  return (bytes & item.mask) == item.bytes;
}

void set_bit(std::vector<std::uint64_t>& bits, std::size_t i) { bits[i / 64] |= 1ull << i % 64; }
bool has_bit(const std::vector<std::uint64_t>& bits, std::size_t i) {
  return (bits[i / 64] >> i % 64 & 1) != 0;
}

bool starts_with(std::string_view text, std::string_view head) {
  return text.substr(0, head.size()) == head;
}

// The word without its last a, e or s, which inflection may take; as it is when three letters or
// fewer.
std::string_view phrase_stem(std::string_view word) {
  if (count_letters(word) <= 3) return word;
  const char last = word.back();
  return last == 'a' || last == 'e' || last == 's' ? word.substr(0, word.size() - 1) : word;
}

bool has_vowel(std::string_view folded) {
  return folded.find_first_of("aeiouy\xC3") != std::string_view::npos;
}

// May `tail` follow a whole lemma as the second element of a compound? Endings that the term's own
// paradigm lists were looked up before this: "candida|te", "statin|g", "eksem|pel" are no Swedish.
bool is_element(std::string_view tail) {
  if (tail.empty()) return true;
  static constexpr std::array<std::string_view, 70> kShort = {
      "s",   "n",   "en",  "et",  "er",  "ar",  "na",  "ens", "ers", "ets", "are", "dos",
      "fas", "fri", "tid", "dag", "hem", "rum", "råd", "kur", "mun", "hud", "ben", "arm",
      "fot", "sår", "fel", "tur", "rör", "lag", "dom", "död", "liv", "vak", "syn", "led",
      "akt", "gel", "bad", "bok", "bas", "bud", "väg", "sjö", "sal", "tub", "ort", "oro",
      "öga", "öra", "hus", "lås", "mat", "ark", "typ", "vis", "ras", "val", "rop", "rus",
      "tal", "yta", "låg", "hög", "ad",  "as",  "at",  "ade", "ats", "des"};
  if (count_letters(tail) > 3) return has_vowel(tail);
  return std::find(kShort.begin(), kShort.end(), tail) != kShort.end();
}

// The same behind a lemma that lost its last vowel: "smärt|lindring", "hjärnskad|e|enhet".
bool is_joined(std::string_view tail) {
  const char first = tail.front();
  if (first == 'e' || first == 'o' || first == 'u') return is_element(tail.substr(1));
  return first != 'a' && first != 'i' && first != 'y' && is_element(tail);
}

std::size_t letters_from(std::string_view text, std::size_t at, std::size_t& letters) {
  letters = 0;
  while (at < text.size() && is_letter_byte(text[at])) {
    letters += is_continuation(text[at]) ? 0 : 1;
    ++at;
  }
  return at;
}

bool folded_equal(std::string_view text, std::size_t at, std::string_view folded) {
  if (at + folded.size() > text.size()) return false;
  unsigned char before = 0;
  for (std::size_t i = 0; i < folded.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[at + i]);
    if (fold_byte(before, c) != static_cast<unsigned char>(folded[i])) return false;
    before = c;
  }
  return true;
}

// The end of `word` of a phrase when it stands at `at`; 0 when it does not.
std::size_t phrase_word_end(std::string_view text, std::size_t at, std::string_view word,
                            bool any_tail) {
  const std::string_view stem = phrase_stem(word);
  if (!folded_equal(text, at, stem)) return 0;
  std::size_t letters = 0;
  const std::size_t end = letters_from(text, at + stem.size(), letters);
  if (end < text.size() && is_digit(text[end])) return 0;
  if (any_tail) return end;
  const bool fixed = count_letters(word) <= 3 || is_digit(word.back());
  return letters <= (fixed ? 0 : kPhraseTail) ? end : 0;
}

bool is_separator(char c) { return c == ' ' || c == '\n' || c == '-' || c == '\r'; }

// White space or one hyphen; not a whole empty line.
std::size_t skip_separator(std::string_view text, std::size_t at) {
  std::size_t end = at;
  while (end < text.size() && end - at < 3 && is_separator(text[end])) ++end;
  return text.substr(at, end - at).find("\n\n") == std::string_view::npos ? end : at;
}

std::size_t skip_separator_back(std::string_view text, std::size_t at) {
  std::size_t begin = at;
  while (begin > 0 && at - begin < 3 && is_separator(text[begin - 1])) --begin;
  return begin;
}

std::size_t word_start_back(std::string_view text, std::size_t end) {
  std::size_t at = end;
  while (at > 0 && end - at < kLongestWord &&
         (is_letter_byte(text[at - 1]) || is_digit(text[at - 1]) || text[at - 1] == '\'' ||
          text[at - 1] == ',')) {
    --at;
  }
  return at;
}

}  // namespace

Span match_phrase(const Phrase& phrase, std::string_view text, std::size_t begin) {
  if (begin < phrase.anchor_at) return {};
  std::size_t at = begin - phrase.anchor_at;
  if (at > 0 &&
      (is_digit(text[at - 1]) || (phrase.anchor_at > 0 && is_letter_byte(text[at - 1])))) {
    return {};
  }
  std::size_t first = at;
  for (std::size_t i = phrase.anchor; i-- > 0;) {
    const std::size_t end = skip_separator_back(text, first);
    if (end == first) return {};  // nothing parts them
    first = word_start_back(text, end);
    if (phrase_word_end(text, first, phrase.words[i], false) != end) return {};
  }
  for (std::size_t i = phrase.anchor; i < phrase.words.size(); ++i) {
    const bool last = i + 1 == phrase.words.size();
    const std::size_t end = phrase_word_end(text, at, phrase.words[i], last && phrase.open_tail);
    if (end == 0) return {};
    at = last ? end : skip_separator(text, end);
    if (!last && at == end) return {};
  }
  return {first, at};
}

Dictionary::Memo::Memo() : words_(std::size_t{1} << kMemoBits) {}

void Dictionary::Buckets::add(std::string_view beginning, std::uint32_t id) {
  const std::size_t n = std::min<std::size_t>(beginning.size(), 8);
  const std::uint64_t mask = n == 8 ? ~0ull : (1ull << n * 8) - 1;
  items_.push_back({load8(beginning.data(), n), mask, id});
}

void Dictionary::Buckets::finish() {
  std::stable_sort(items_.begin(), items_.end(), [](const Item& a, const Item& b) {
    return bucket_of(a.bytes) < bucket_of(b.bytes);
  });
  first_.assign((std::size_t{1} << kBucketBits) + 1, 0);
  for (const Item& item : items_) ++first_[bucket_of(item.bytes) + 1];
  for (std::size_t i = 1; i < first_.size(); ++i) first_[i] += first_[i - 1];
}

std::span<const Dictionary::Buckets::Item> Dictionary::Buckets::at(const char* padded) const {
  std::uint64_t bytes = 0;
  std::memcpy(&bytes, padded, 8);
  const std::size_t i = bucket_of(bytes);
  return {items_.data() + first_[i], first_[i + 1] - first_[i]};
}

void Dictionary::add_word(std::string_view form, Entry entry) {
  if (form.size() < 2 || form.size() > kLongestWord) return;
  added_.push_back(
      {static_cast<std::uint32_t>(arena_.size()), static_cast<std::uint32_t>(form.size()), entry});
  arena_ += form;
}

void Dictionary::add_term(const Term& term, std::uint32_t id) {
  const bool one_word = std::all_of(term.lemma.begin(), term.lemma.end(), is_letter_byte);
  if (term.match == MatchMode::kPhrase || !one_word) {
    const bool open = term.match == MatchMode::kPrefix || term.match == MatchMode::kBoth;
    add_phrase(term.lemma, open, {EntryKind::kTerm, id});
    return;
  }
  if (term.match == MatchMode::kExact) {
    add_word(term.lemma, {EntryKind::kExact, id});
    add_word(term.lemma + "s", {EntryKind::kExact, id});
    return;
  }
  for (const std::string& form : inflected_forms(term)) {
    if (std::all_of(form.begin(), form.end(), is_letter_byte))
      add_word(form, {EntryKind::kTerm, id});
  }
  if (term.match == MatchMode::kWord) return;
  Stem stem;
  stem.lemma = term.lemma;
  stem.term = id;
  stem.paradigm = term.paradigm;
  stem.weight = term.weight;
  stem.inner = term.match == MatchMode::kBoth;
  stem.short_lemma = count_letters(term.lemma) <= 3;
  const std::string_view bare = stem_of(term);
  stem.stem_size = static_cast<std::uint32_t>(bare.size());
  const auto whole = static_cast<std::uint32_t>(term.lemma.size());
  const bool vowel = term.paradigm != nullptr && term.paradigm->vowel_stem;
  const std::size_t letters = count_letters(bare);
  stem.first_open = vowel && letters >= (stem.inner ? 5u : 6u) ? stem.stem_size : whole;
  stem.inner_open = vowel && letters >= 6 ? stem.stem_size : whole;
  stems_.push_back(std::move(stem));
}

void Dictionary::add_phrase(std::string_view text, bool open_tail, Entry entry) {
  Phrase phrase;
  phrase.open_tail = open_tail;
  phrase.entry = entry;
  const std::string folded = fold(text);
  std::size_t longest = 0;
  for (std::size_t at = 0; at < folded.size();) {
    const std::size_t end = std::min(folded.find_first_of(" -", at), folded.size());
    if (end > at) {
      const std::string word = folded.substr(at, end - at);
      for (std::size_t i = 0; i < word.size();) {
        std::size_t letters = 0;
        const std::size_t stop = letters_from(word, i, letters);
        if (letters > longest) {
          longest = letters;
          phrase.anchor = phrase.words.size();
          phrase.anchor_at = i;
        }
        i = std::max(stop, i + 1);
      }
      phrase.words.push_back(word);
    }
    at = end + 1;
  }
  if (longest < 2) return;  // single letters are not looked up
  phrases_.push_back(std::move(phrase));
}

void Dictionary::add_ending(std::string_view ending, Entry entry) {
  if (ending.size() >= 4) endings_.push_back({fold(ending), {entry}});
}

void Dictionary::deny_start(std::string_view start) { denied_.push_back(fold(start)); }
void Dictionary::allow_head(std::string_view head) { heads_.push_back(fold(head)); }

void Dictionary::note_start(std::string_view stem) {
  const std::uint64_t key = rough_key(load8(stem.data(), stem.size()), stem.size());
  if (stem.size() >= 4) return set_bit(starts_, start_bit(key));
  for (std::uint64_t fourth = 0; fourth < 256; ++fourth) {
    set_bit(starts_, start_bit(key | (fourth == 0 ? 0 : fourth | 0x20) << 24));
  }
}

// Puts a form into the table. `chain` holds, for every entry, the one added before it for the same
// form (plus one; 0 = none); Slot::first is such a link until finish() lays the entries out.
void Dictionary::insert(const Form& form, std::vector<std::uint32_t>& chain) {
  const std::string_view text(arena_.data() + form.text, form.size);
  const std::uint64_t hash = hash_of(text);
  const auto tag = static_cast<std::uint32_t>(hash >> 32);
  std::size_t i = hash & (table_.size() - 1);
  for (; table_[i].size != 0; i = (i + 1) & (table_.size() - 1)) {
    const Slot& s = table_[i];
    if (s.tag == tag && std::string_view(arena_.data() + s.text, s.size) == text) break;
  }
  Slot& s = table_[i];
  if (s.size == 0) {
    s = {tag, form.text, 0, static_cast<std::uint8_t>(form.size), 0, true, false};
    ++form_count_;
    const std::uint64_t key = rough_key(load8(text.data(), text.size()), text.size());
    set_bit(known_, known_bit(key, text.size()));
  }
  for (std::uint32_t link = s.first; link != 0; link = chain[link - 1]) {
    if (added_[link - 1].entry == form.entry) return;
  }
  if (s.count == 255) return;
  const auto index = static_cast<std::uint32_t>(&form - added_.data());
  chain[index] = s.first;
  s.first = index + 1;
  ++s.count;
  const EntryKind kind = form.entry.kind;
  if (kind != EntryKind::kGiven && kind != EntryKind::kSurname && kind != EntryKind::kPlace) {
    s.capital_only = false;
  } else if (kind != EntryKind::kPlace && (form.entry.id & 3) == 0) {
    s.small_name = true;
  }
}

void Dictionary::finish() {
  known_.assign((std::size_t{1} << kKnownBits) / 64, 0);
  starts_.assign((std::size_t{1} << kStartBits) / 64, 0);
  ends_.assign((std::size_t{1} << kEndBits) / 64, 0);
  for (const auto& [ending, entries] : endings_) {
    set_bit(ends_, end_bit(ending.data() + ending.size()));
  }
  std::unordered_map<std::string, std::uint32_t> groups;
  for (std::uint32_t i = 0; i < phrases_.size(); ++i) {
    const Phrase& phrase = phrases_[i];
    const std::string& word = phrase.words[phrase.anchor];
    std::size_t letters = 0;
    const std::size_t end = letters_from(word, phrase.anchor_at, letters);
    const std::string run = word.substr(phrase.anchor_at, end - phrase.anchor_at);
    const Entry entry{EntryKind::kAnchor, i};
    if (end < word.size() || letters <= 3) {  // digits follow, or too short to be inflected
      add_word(run, entry);
      if (letters > 3 || !phrase.open_tail) continue;
    }
    const bool open = phrase.open_tail && phrase.anchor + 1 == phrase.words.size();
    if (letters <= 3 && !open) continue;
    const std::string stem(phrase_stem(run));
    const auto [it, fresh] =
        groups.try_emplace(stem + (open ? "+" : ""), static_cast<std::uint32_t>(anchors_.size()));
    if (fresh) anchors_.push_back({stem, run.size() - stem.size(), open, {}});
    anchors_[it->second].entries.push_back(entry);
  }
  std::size_t capacity = 1024;
  while (capacity < added_.size() * 3 / 2) capacity *= 2;
  table_.assign(capacity, {});
  std::vector<std::uint32_t> chain(added_.size(), 0);
  for (const Form& form : added_) insert(form, chain);
  entries_.reserve(added_.size());
  for (Slot& s : table_) {
    if (s.size == 0) continue;
    const auto first = static_cast<std::uint32_t>(entries_.size());
    for (std::uint32_t link = s.first; link != 0; link = chain[link - 1]) {
      entries_.push_back(added_[link - 1].entry);
    }
    std::reverse(entries_.begin() + first, entries_.end());  // as added
    s.first = first;
  }
  added_.clear();
  added_.shrink_to_fit();
  for (std::uint32_t i = 0; i < stems_.size(); ++i) {
    const std::string_view lemma = stems_[i].lemma;
    note_start(lemma.substr(0, stems_[i].first_open));
    stems_by_start_.add(lemma.substr(0, stems_[i].first_open), i);
    const std::uint32_t least = std::min(stems_[i].stem_size, stems_[i].inner_open);
    if (stems_[i].inner) inner_by_start_.add(lemma.substr(0, least), i);
  }
  for (std::uint32_t i = 0; i < anchors_.size(); ++i) {
    if (anchors_[i].stem.size() < 3) continue;
    note_start(anchors_[i].stem);
    anchors_by_start_.add(anchors_[i].stem, i);
  }
  for (std::uint32_t i = 0; i < denied_.size(); ++i) denied_by_start_.add(denied_[i], i);
  for (Buckets* buckets :
       {&stems_by_start_, &inner_by_start_, &anchors_by_start_, &denied_by_start_}) {
    buckets->finish();
  }
}

const Dictionary::Slot* Dictionary::slot(std::string_view folded, std::uint64_t hash) const {
  const auto tag = static_cast<std::uint32_t>(hash >> 32);
  for (std::size_t i = hash & (table_.size() - 1); table_[i].size != 0;
       i = (i + 1) & (table_.size() - 1)) {
    const Slot& s = table_[i];
    if (s.tag == tag && std::string_view(arena_.data() + s.text, s.size) == folded) return &s;
  }
  return nullptr;
}

std::span<const Entry> Dictionary::find(std::string_view folded) const {
  const Slot* s = slot(folded, hash_of(folded));
  if (s == nullptr) return {};
  return std::span(entries_).subspan(s->first, s->count);
}

bool Dictionary::allowed_tail(const Stem& stem, std::string_view word) const {
  const bool whole = starts_with(word, stem.lemma);
  const std::string_view tail = word.substr(whole ? stem.lemma.size() : stem.stem_size);
  if (!stem.short_lemma && (whole ? is_element(tail) : !tail.empty() && is_joined(tail)))
    return true;
  if (!stem.short_lemma && whole) return false;
  return std::any_of(heads_.begin(), heads_.end(),
                     [&](const std::string& head) { return starts_with(tail, head); });
}

// Step 3. Of several the weightiest, then the longest.
const Dictionary::Stem* Dictionary::stem_at_start(std::string_view folded) const {
  const Stem* best = nullptr;
  for (const Buckets::Item& item : stems_by_start_.at(folded.data())) {
    if (!begins(item, folded.data())) continue;
    const Stem& stem = stems_[item.id];
    const std::string_view open = std::string_view(stem.lemma).substr(0, stem.first_open);
    if (folded.size() <= open.size() || !starts_with(folded, open)) continue;
    if (!allowed_tail(stem, folded)) continue;
    if (best == nullptr || stem.weight > best->weight ||
        (stem.weight == best->weight && stem.lemma.size() > best->lemma.size())) {
      best = &stem;
    }
  }
  return best;
}

// Step 4: the stem stands behind at least two letters and only its endings follow, or the whole
// lemma with any tail.
const Dictionary::Stem* Dictionary::stem_inside(std::string_view folded) const {
  if (count_letters(folded) < kSplitLetters) return nullptr;
  const Stem* best = nullptr;
  std::size_t letters = 0;
  for (std::size_t at = 0; at + 3 <= folded.size(); ++at) {
    if (is_continuation(folded[at])) continue;
    if (letters++ < kLettersBefore) continue;
    const std::string_view rest = folded.substr(at);
    if (is_denied_start(rest)) continue;
    if (!has_vowel(folded.substr(0, at))) continue;  // "cd|paranoia" is a program
    for (const Buckets::Item& item : inner_by_start_.at(rest.data())) {
      if (!begins(item, rest.data())) continue;
      const Stem& stem = stems_[item.id];
      const std::string_view lemma = stem.lemma;
      bool found = starts_with(rest, lemma.substr(0, stem.inner_open)) && !stem.short_lemma &&
                   allowed_tail(stem, rest);
      if (!found && stem.paradigm != nullptr &&
          starts_with(rest, lemma.substr(0, stem.stem_size))) {
        const std::string_view tail = rest.substr(stem.stem_size);
        const auto& endings = stem.paradigm->endings;
        found = std::find(endings.begin(), endings.end(), tail) != endings.end();
      }
      if (found && (best == nullptr || stem.weight > best->weight ||
                    (stem.weight == best->weight && lemma.size() > best->lemma.size()))) {
        best = &stem;
      }
    }
  }
  return best;
}

bool Dictionary::is_denied_start(std::string_view folded) const {
  for (const Buckets::Item& item : denied_by_start_.at(folded.data())) {
    if (begins(item, folded.data()) && starts_with(folded, denied_[item.id])) return true;
  }
  return false;
}

std::uint32_t Dictionary::compound(std::string_view folded) const {
  if (folded.size() < 4) return kNoTerm;
  if (is_denied_start(folded)) return kNoTerm;
  if (const Stem* stem = stem_at_start(folded)) return stem->term;
  if (const Stem* stem = stem_inside(folded)) return stem->term;
  return kNoTerm;
}

void Dictionary::phrase_anchors(std::string_view folded, Memo& memo) const {
  if (folded.size() < 3) return;
  for (const Buckets::Item& item : anchors_by_start_.at(folded.data())) {
    if (!begins(item, folded.data())) continue;
    const AnchorGroup& group = anchors_[item.id];
    if (!starts_with(folded, group.stem)) continue;
    const std::size_t tail = count_letters(folded.substr(group.stem.size()));
    if (!group.open_tail && tail > kPhraseTail) continue;
    memo.known_.push_back({kNoTerm, false, false, group.entries});
  }
}

// Looks a word up by all means and leaves what it came to at the end of the memo.
void Dictionary::analyse(std::string_view folded, std::uint64_t hash, bool may_be_known,
                         Memo& memo) const {
  Memo::Known known;
  bool term = false;
  if (const Slot* s = may_be_known ? slot(folded, hash) : nullptr) {
    known.entries = std::span(entries_).subspan(s->first, s->count);
    known.capital_only = s->capital_only;
    known.small_name = s->small_name;
    for (const Entry& e : known.entries) term |= e.kind == EntryKind::kTerm;
  }
  if (!known.entries.empty()) memo.known_.push_back(known);
  if (!term) {
    const std::uint32_t found = compound(folded);
    if (found != kNoTerm) memo.known_.push_back({found, false, false, {}});
  }
  phrase_anchors(folded, memo);
  if (folded.size() < 6 || !has_bit(ends_, end_bit(folded.data() + folded.size()))) return;
  for (const auto& [ending, entries] : endings_) {
    if (folded.size() < ending.size() + 2 ||
        folded.substr(folded.size() - ending.size()) != ending) {
      continue;
    }
    memo.known_.push_back({kNoTerm, true, false, entries});
    break;
  }
}

void Dictionary::scan(std::string_view text, Memo& memo, std::vector<WordHit>& hits) const {
  // Three passes over the words of a block, so that the look-ups in tables larger than the first
  // cache do not wait for one another.
  struct Candidate {
    std::uint32_t begin, size;
    std::uint64_t hash;
    bool may_be_known;
  };
  std::array<std::uint32_t, kWordBlock + 64> edges;
  std::array<Candidate, kWordBlock / 2 + 64> candidates;
  const char* const limit = text.data() + text.size();
  WordCarry carry;
  Folded folded;
  std::uint32_t open = 0;  // begin of a word that goes on in the next piece
  bool is_open = false;
  for (std::size_t at = 0; at < text.size(); at += kWordBlock) {
    const std::string_view piece = text.substr(at, kWordBlock);
    // A word left open is closed by the first edge of this piece.
    std::size_t n = 0;
    if (is_open) edges[n++] = open;
    n += word_edges(piece, static_cast<std::uint32_t>(at), carry, edges.data() + n);
    if (at + kWordBlock >= text.size() && n % 2 != 0) {
      edges[n++] = static_cast<std::uint32_t>(text.size());
    }
    is_open = n % 2 != 0;
    if (is_open) open = edges[n - 1];

    std::size_t count = 0;
    for (std::size_t i = 0; i + 1 < n; i += 2) {
      const std::uint32_t begin = edges[i];
      const std::uint32_t size = edges[i + 1] - begin;
      if (size < 2 || size > kLongestWord) continue;
      const char* p = text.data() + begin;
      std::uint64_t first8 = 0;
      if (limit - p >= 8) {
        std::memcpy(&first8, p, 8);
      } else {
        first8 = load8(p, size);
      }
      const std::uint64_t key = rough_key(first8, size);
      const bool known = has_bit(known_, known_bit(key, size));
      const bool wanted = known || size >= kSplitLetters || has_bit(starts_, start_bit(key)) ||
                          (size >= 6 && has_bit(ends_, end_bit(p + size)));
      candidates[count] = {begin, size, 0, known};
      count += wanted ? 1 : 0;
    }
    for (std::size_t i = 0; i < count; ++i) {
      Candidate& c = candidates[i];
      c.hash = fold_and_hash({text.data() + c.begin, c.size}, limit, folded);
      __builtin_prefetch(&memo.words_[c.hash >> (64 - kMemoBits)]);
    }
    for (std::size_t i = 0; i < count; ++i) {
      const Candidate& c = candidates[i];
      const std::string_view word(text.data() + c.begin, c.size);
      Memo::Word met = memo.words_[c.hash >> (64 - kMemoBits)];
      if (met.hash != c.hash) {
        if (memo.known_.size() > kMemoKnown) memo = Memo();
        const auto first = static_cast<std::uint32_t>(memo.known_.size());
        fold_and_hash(word, limit, folded);
        analyse(folded.view(), c.hash, c.may_be_known, memo);
        met = {c.hash, first, static_cast<std::uint32_t>(memo.known_.size()) - first};
        memo.words_[c.hash >> (64 - kMemoBits)] = met;
      }
      for (std::uint32_t k = met.first; k < met.first + met.count; ++k) {
        const Memo::Known& known = memo.known_[k];
        if (known.capital_only && !known.small_name && !is_upper_at(word, 0)) continue;
        hits.push_back({c.begin, c.begin + c.size, known.compound, known.entries});
      }
    }
  }
}

}  // namespace gallra::detect::lexicon

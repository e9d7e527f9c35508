#include "detectors/judge/document_kind.hpp"

#include <algorithm>
#include <array>
#include <toml++/toml.h>

#include "detectors/judge/fold.hpp"
#include "scanner/support/embedded.hpp"

namespace gallra::detect {
namespace {

constexpr std::size_t kHeadBytes = 16 << 10;  // a document says what it is on its first pages
constexpr int kNameFactor = 2;                // the name says it louder than the text
constexpr int kWordsOver = 3;                 // words alone bring so much more than is needed
constexpr std::size_t kTitleLines = 8;        // headings among the first lines say what it is
constexpr std::size_t kTitleBytes = 90;
constexpr std::size_t kTitleWords = 4;   // the word itself is among the first of its line
constexpr std::size_t kHeaderRows = 4;   // a table may have headings above its header
constexpr std::size_t kLabelBytes = 48;  // longer is a sentence, not a label

bool is_word_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || static_cast<unsigned char>(c) >= 0x80;
}

// Words of folded text.
bool next_word(std::string_view text, std::size_t& at, std::string_view& word) {
  while (at < text.size() && !is_word_byte(text[at])) ++at;
  const std::size_t begin = at;
  while (at < text.size() && is_word_byte(text[at])) ++at;
  word = text.substr(begin, at - begin);
  return !word.empty();
}

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r*_#|");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r*_#|") - begin + 1);
}

// The first words of a text: as many as a heading has before it comes to the point.
std::string_view first_words(std::string_view text, std::size_t words) {
  std::size_t at = 0;
  std::string_view word;
  while (words-- > 0 && next_word(text, at, word)) {
  }
  return text.substr(0, at);
}

bool is_list_item(std::string_view low) {
  return low.starts_with("[") || low.starts_with("-") || low.starts_with("\xE2\x80\xA2") ||
         low.starts_with("\xE2\x98") || low.starts_with("\xE2\x80\x93");
}

std::vector<std::string> texts_of(toml::node_view<const toml::node> node) {
  std::vector<std::string> texts;
  if (const toml::array* array = node.as_array())
    for (const toml::node& one : *array) texts.push_back(one.value_or(std::string()));
  return texts;
}

template <class Use>
void each_line(std::string_view text, const Use& use) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    use(at, end);
    at = end + 1;
  }
}

}  // namespace

tl::expected<DocumentKinds, std::string> DocumentKinds::load() {
  DocumentKinds kinds;
  for (const EmbeddedFile& file : embedded_files()) {
    if (!file.name.starts_with("detectors/kinds/")) continue;
    const std::string problem = kinds.read(file.name, file.bytes);
    if (!problem.empty()) return tl::unexpected(std::string(file.name) + ": " + problem);
  }
  return kinds;
}

// The reason it cannot be used, or "".
std::string DocumentKinds::read(std::string_view file, std::string_view bytes) {
  try {
    const toml::table table = toml::parse(bytes, file);
    Kind kind;
    kind.id = table["id"].value_or(std::string());
    kind.needs = static_cast<int>(table["needs"].value_or<std::int64_t>(0));
    if (kind.id.empty() || kind.needs < 1) return "`id` and `needs` are wanted";
    const std::vector<std::string> finds = texts_of(table["finds"]);
    const std::vector<std::string> ignores = texts_of(table["ignores"]);
    if (finds.size() < 3 || ignores.empty()) return "three `finds` and an `ignores` are wanted";
    for (const std::string& text : finds) examples_.push_back({kind.id, text, true});
    for (const std::string& text : ignores) examples_.push_back({kind.id, text, false});
    if (const toml::table* shape = table["shape"].as_table())
      for (const auto& [key, value] : *shape) {
        const std::optional<Trait> trait = trait_of(key.str());
        if (!trait || !value.is_integer()) return "`" + std::string(key.str()) + "` is no trait";
        kind.shape.emplace_back(*trait, static_cast<int>(value.value_or<std::int64_t>(0)));
      }
    kinds_.push_back(std::move(kind));
    for (const std::string_view part : {"title", "labels", "words", "name_words"}) {
      const toml::table* words = table[part].as_table();
      if (words == nullptr) continue;
      for (const auto& [key, value] : *words) {
        if (!value.is_integer()) return "`" + std::string(key.str()) + "` has no points";
        const int points = static_cast<int>(value.value_or<std::int64_t>(0));
        const std::string problem = read_words(part, key.str(), points);
        if (!problem.empty()) return problem;
      }
    }
  } catch (const toml::parse_error& error) {
    return std::string(error.description());
  }
  return "";
}

std::string DocumentKinds::read_words(std::string_view part, std::string_view key, int points) {
  const std::string phrase = folded(key);
  std::vector<std::string> tokens;
  std::string_view token;
  for (std::size_t at = 0; next_word(phrase, at, token);) tokens.emplace_back(token);
  const bool ending = key.starts_with("*");
  if (tokens.empty() || (ending && tokens.size() > 1))
    return "`" + std::string(key) + "` must be words, or the end of one";
  Use use;
  use.kind = kinds_.size() - 1;
  use.points = points;
  use.number = word_count_++;
  use.rest.assign(tokens.begin() + 1, tokens.end());
  use.zones = part == "title"    ? kName | kTitle
              : part == "labels" ? kLabel
              : part == "words"  ? kName | kText
                                 : kName;
  use.twice = part == "words" || part == "name_words";
  if (ending)
    endings_.emplace_back(tokens.front(), std::move(use));
  else
    words_[tokens.front()].push_back(std::move(use));
  return "";
}

DocumentKinds::Tally DocumentKinds::start(std::string_view name, std::string_view path,
                                          Format format) const {
  Tally tally;
  tally.points.assign(kinds_.size(), 0);
  tally.words.assign(kinds_.size(), 0);
  tally.counted.assign(word_count_ / 64 + 1, 0);
  look(tally, folded(name), kName);
  // The folder the document lies in says it too.
  const std::size_t slash = path.rfind('/');
  if (slash != std::string_view::npos && slash > 0) {
    const std::string_view folders = path.substr(0, slash);
    const std::size_t before = folders.rfind('/');
    look(tally, folded(before == std::string_view::npos ? folders : folders.substr(before + 1)),
         kName);
  }
  std::fill(tally.counted.begin(), tally.counted.end(), 0);  // the text may say it again
  if (format == Format::kEml) tally.shape.set(Trait::kMail);
  return tally;
}

void DocumentKinds::add(Tally& tally, const TextChunk& chunk) const {
  if (tally.bytes >= kHeadBytes || chunk.place.kind == PlaceKind::kName) return;
  const std::string_view text = chunk.text.substr(0, kHeadBytes - tally.bytes);
  tally.bytes += text.size();
  const std::string low = folded(text);
  look(tally, low, kText);
  const std::string label = folded(chunk.place.label);
  const bool record = chunk.layout == Layout::kRecord;
  if (record && !chunk.continues) look(tally, label, kLabel | kText);
  if (chunk.place.kind == PlaceKind::kCell && tally.lines == 0) look(tally, label, kTitle);
  if (record && (label == "subject" || label == "title")) look(tally, first_words(low, 2), kTitle);
  if (chunk.place.kind == PlaceKind::kHeader) return;
  bool headed = chunk.continues || chunk.place.a > kHeaderRows;
  each_line(low, [&](std::size_t begin, std::size_t end) {
    const std::string_view line = std::string_view(low).substr(begin, end - begin);
    if (chunk.layout == Layout::kTable) {
      headed = headed || look_at_row(tally, line);
      tally.shape.add_row(line);
    } else {
      if (!record) look_at_line(tally, line);
      tally.shape.add_line(line, text.substr(begin, end - begin));
    }
  });
}

// A line of running text: a heading, a label before its value, or the header of columns.
void DocumentKinds::look_at_line(Tally& tally, std::string_view low) const {
  low = trimmed(low);
  if (low.empty()) return;
  ++tally.lines;
  const bool sentence = low.ends_with(".") || low.ends_with("?") || low.ends_with("!");
  if (tally.lines == 1 ||
      (tally.lines <= kTitleLines && low.size() <= kTitleBytes && !sentence && !is_list_item(low)))
    look(tally, first_words(low, kTitleWords), kTitle);
  if (is_list_item(low)) return;
  const std::size_t colon = low.find(':');
  if (colon != std::string_view::npos && colon <= kLabelBytes)
    look(tally, low.substr(0, colon), kLabel);
  else if (low.size() <= kLabelBytes && !sentence)
    look(tally, low, kLabel);
  else if (low.find("  ") != std::string_view::npos || low.find('|') != std::string_view::npos ||
           low.find(';') != std::string_view::npos || low.find('\t') != std::string_view::npos)
    look(tally, low, kLabel);
}

// A row near the top of a table: its header, or a heading above it.
bool DocumentKinds::look_at_row(Tally& tally, std::string_view low) const {
  const std::string_view line = trimmed(low);
  if (line.empty()) return false;
  ++tally.lines;
  const bool header = line.find('	') != std::string_view::npos;
  if (header)
    look(tally, line, kLabel);
  else
    look(tally, first_words(line, kTitleWords), kTitle);
  return header;
}

void DocumentKinds::look(Tally& tally, std::string_view low, unsigned zone) const {
  std::string key;
  std::string_view word;
  for (std::size_t at = 0; next_word(low, at, word);) {
    for (const auto& [ending, use] : endings_)
      if (word.size() > ending.size() && word.ends_with(ending)) count(tally, use, zone);
    key.assign(word);
    const auto found = words_.find(key);
    if (found == words_.end()) continue;
    for (const Use& use : found->second) {
      std::size_t ahead = at;
      std::string_view next;
      const bool all = std::all_of(use.rest.begin(), use.rest.end(), [&](const std::string& part) {
        return next_word(low, ahead, next) && next == part;
      });
      if (all) count(tally, use, zone);
    }
  }
}

// A word counts once, however often it stands there.
void DocumentKinds::count(Tally& tally, const Use& use, unsigned zone) {
  if ((use.zones & zone) == 0) return;
  std::uint64_t& bits = tally.counted[use.number / 64];
  const std::uint64_t bit = 1ull << (use.number % 64);
  if ((bits & bit) != 0) return;
  bits |= bit;
  if ((zone & kText) != 0 && (use.zones & kText) != 0 && use.points > 0)
    tally.words[use.kind] += use.points;
  else
    tally.points[use.kind] += use.points * (zone == kName && use.twice ? kNameFactor : 1);
}

void DocumentKinds::add_findings(Tally& tally, const DocumentFindings& found) {
  constexpr std::array<std::string_view, 5> kPersonal{"name", "personnummer", "reserve_id",
                                                      "foreign_id", "birth_date"};
  constexpr std::size_t kSome = 3, kMany = 5;
  std::size_t persons = 0, emails = 0, phones = 0, health = 0;
  for (const Finding& finding : found.findings) {
    if (finding.confidence == Confidence::kLow) continue;
    const std::string_view category = finding.category;
    if (std::find(kPersonal.begin(), kPersonal.end(), category) != kPersonal.end()) ++persons;
    if (category == "email") ++emails;
    if (category == "phone") ++phones;
    if (category == "health") ++health;
  }
  DocumentShape& shape = tally.shape;
  if (persons == 0 && found.subjects.empty()) shape.set(Trait::kNobody);
  if (found.subjects.size() < kSome) shape.set(Trait::kFew);
  if (found.subjects.size() >= kMany) shape.set(Trait::kPersons);
  if (emails >= kMany) shape.set(Trait::kEmails);
  if (phones + 1 >= kMany) shape.set(Trait::kPhones);
  if (health >= 2) shape.set(Trait::kHealth);
}

std::string_view DocumentKinds::best(const Tally& tally) const {
  std::string_view best;
  int most = 0;
  for (std::size_t i = 0; i < kinds_.size(); ++i) {
    // A long text says everything sometime: words alone weigh no more than a heading against it.
    int points = tally.points[i] + std::min(tally.words[i], kinds_[i].needs + kWordsOver);
    for (const auto& [trait, more] : kinds_[i].shape)
      if (tally.shape.has(trait)) points += more;
    const int over = points * 100 / kinds_[i].needs;
    if (over < 100 || over <= most) continue;
    most = over;
    best = kinds_[i].id;
  }
  return best;
}

std::vector<std::string> DocumentKinds::ids() const {
  std::vector<std::string> ids;
  for (const Kind& kind : kinds_) ids.push_back(kind.id);
  return ids;
}

}  // namespace gallra::detect

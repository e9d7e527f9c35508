#include "detectors/lexicon/name_form.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "detectors/lexicon/fold.hpp"
#include "detectors/lexicon/organisation.hpp"

namespace gallra::detect::lexicon {
namespace {

// Scores; see kMediumScore (45) and kHighScore (75).
constexpr int kInField = 60;
constexpr int kInColumn = 62;
constexpr int kInDenseColumn = 54;  // no header, but most cells of the column are names
constexpr int kBesideNumber = 58;
constexpr int kBeforeMail = 60;
constexpr int kSigned = 50;
constexpr int kAfterTitle = 50;
constexpr int kTurned = 52;  // "Krasniqi, Anna" as a whole item

constexpr std::size_t kLongestName = 70;   // bytes
constexpr std::size_t kLongestLabel = 40;  // bytes
constexpr std::size_t kMostColumns = 64;
constexpr std::size_t kMostListed = 20;        // names after one label
constexpr std::size_t kFewRows = 4;            // a dense column has more
constexpr std::size_t kLongestGridLine = 600;  // bytes
constexpr std::size_t kWidestGap = 30;         // spaces between two columns of plain text

bool is_particle(std::string_view word) {
  constexpr std::array<std::string_view, 22> kParticles = {
      "von", "af", "de", "van", "der", "den", "la",  "le", "el",  "al",  "bin",
      "ibn", "di", "da", "du",  "dos", "ten", "ter", "zu", "del", "abu", "e"};
  return std::find(kParticles.begin(), kParticles.end(), word) != kParticles.end();
}

class Finder {
 public:
  Finder(const Lexicon& lexicon, const Window& window, const Reading& reading,
         const std::vector<Hit>& hits)
      : lexicon_(lexicon), window_(window), text_(window.text), reading_(reading) {
    for (const Hit& hit : hits) {
      if (hit.rejected.empty() && hit.rule == lexicon.address_rule())
        addresses_.push_back({hit.begin, hit.end});
      if (!hit.rejected.empty() || hit.score < 1) continue;
      if (lexicon.is_identity(hit.rule)) numbers_.push_back({hit.begin, hit.end});
      if (lexicon.is_mail(hit.rule)) mails_.push_back({hit.begin, hit.end});
    }
    std::sort(addresses_.begin(), addresses_.end(),
              [](const Span& a, const Span& b) { return a.begin < b.begin; });
  }

  std::vector<PlacedName> run() {
    for (const Segment& segment : *window_.segments) {
      if (segment.layout == Layout::kTable)
        table(segment);
      else
        fields(segment);
    }
    for (const Span& number : numbers_) beside_number(number);
    for (const Span& mail : mails_) before_mail(mail);
    for (const Span& address : addresses_) above_address(address);
    for (const Mark& mark : reading_.marks) {
      if (mark.role == Role::kGreeting) signed_by(mark.span);
      if (mark.role == Role::kTitle || mark.role == Role::kWho || mark.role == Role::kClinical)
        titled(mark.span);
    }
    for (const NameWord& word : reading_.names) {
      if (word.given) turned(word.span);
    }
    std::stable_sort(found_.begin(), found_.end(), [](const PlacedName& a, const PlacedName& b) {
      return a.span.begin != b.span.begin ? a.span.begin < b.span.begin : a.score > b.score;
    });
    return std::move(found_);
  }

 private:
  std::string_view cut(Span span) const { return text_.substr(span.begin, span.size()); }
  char byte(std::size_t i) const { return i < text_.size() ? text_[i] : '\0'; }
  std::size_t word_end(std::size_t at) const {
    while (at < text_.size() && is_letter_byte(text_[at])) ++at;
    return at;
  }

  bool in_address(Span span) const {
    const auto after = std::upper_bound(addresses_.begin(), addresses_.end(), span.begin,
                                        [](std::size_t at, const Span& a) { return at < a.begin; });
    return after != addresses_.begin() && std::prev(after)->end > span.begin;
  }

  // --- one word ---

  struct Known {
    bool name = false, other = false;
  };
  Known known(std::string_view folded) const {
    Known k;
    for (const Entry& e : lexicon_.words().find(folded)) {
      if (e.kind == EntryKind::kGiven || e.kind == EntryKind::kSurname)
        k.name = true;
      else if (e.kind == EntryKind::kTerm || e.kind == EntryKind::kWord ||
               e.kind == EntryKind::kPlace || e.kind == EntryKind::kExact)
        k.other = true;
    }
    return k;
  }

  // May the word be part of a name? A word of the lists, or one that is nothing else we know.
  bool may_be_name(std::string_view folded) const {
    if (names_organisation(folded)) return false;
    const Known k = known(folded);
    if (k.name) return true;
    if (k.other || lexicon_.is_common_word(folded) || lexicon_.is_town(folded)) return false;
    return lexicon_.label(folded).kind == LabelKind::kNone;
  }

  // --- one stretch ---

  struct Words {
    std::size_t count = 0, known = 0, small = 0, comma_at = 0;
    Span span;
  };

  // The words of a name from `at` on, as many as there are: "Xhemal Krasniqi", "von Essen, Åsa",
  // "al-Hassan Fatima". `small` allows small letters throughout.
  Words name_from(std::size_t at, std::size_t limit, bool small, bool comma) const {
    Words w;
    w.span = {at, at};
    std::size_t acronyms = 0, capitals = 0;
    while (at < limit && w.count < 6) {
      const std::size_t end = word_end(at);
      if (end == at) break;
      const std::string folded = fold(cut({at, end}));
      const bool upper = is_upper_at(text_, at);
      const bool particle = !upper && is_particle(folded);
      if (!particle && !upper && !small) break;
      std::size_t stop = end;
      if (!particle) {
        if (count_letters(folded) == 1) {
          if (!upper) break;
          if (byte(stop) == '.') ++stop;
        } else if (!may_be_name(folded)) {
          break;
        }
        const bool acronym =
            upper && stop - at <= 3 && is_all_upper(cut({at, end})) && count_letters(folded) > 1;
        acronyms += acronym ? 1 : 0;
        capitals += is_all_upper(cut({at, end})) ? 1 : 0;
        ++w.count;
        w.known += known(folded).name ? 1 : 0;
        w.small += upper ? 0 : 1;
        w.span.end = stop;
      }
      if (is_digit(byte(stop)) || byte(stop) == '@' || byte(stop) == '_') {
        w.count = 0;
        break;
      }
      if (comma && byte(stop) == ',' && byte(stop + 1) == ' ' && w.comma_at == 0 && w.count <= 2 &&
          is_letter_byte(byte(stop + 2))) {
        w.comma_at = w.count;
        at = stop + 2;
      } else if ((byte(stop) == ' ' || byte(stop) == '-' || byte(stop) == '\'') &&
                 is_letter_byte(byte(stop + 1))) {
        at = stop + 1;
      } else {
        break;
      }
    }
    // "Anna Berg, Xhemal Krasniqi" are two.
    if (w.comma_at > 1 && w.count > w.comma_at + 1)
      return name_from(w.span.begin, limit, small, false);
    if (w.small > 0 && w.small < w.count) w.count = 0;    // "Hon heter anna"
    if (acronyms > 0 && capitals < w.count) w.count = 0;  // "VC Norr"
    return w;
  }

  bool is_boundary(std::size_t at) const {
    const char c = byte(at);
    if (at >= text_.size() || c == '\n' || c == '\r' || c == '\t') return true;
    if (std::string_view(",;|/(<[\"").find(c) != std::string_view::npos) return true;
    if (c == '.') return at + 1 >= text_.size() || byte(at + 1) == ' ' || byte(at + 1) == '\n';
    if (c != ' ') return false;
    const char next = byte(at + 1);
    if (next == ' ' || next == '\n' || next == '\r' || next == '(' || next == '<' || next == '-' ||
        next == '/' || next == '|' || next == '[' || next == '+' || next == '&' || is_digit(next))
      return true;
    return !is_upper_at(text_, at + 1);  // "Xhemal Krasniqi kom", never "Xhemal Krasniqi Sjukhus"
  }

  bool bounds_before(std::size_t at) const {
    if (at == 0) return true;
    const char c = text_[at - 1];
    if (std::string_view("\n\t;:|\"").find(c) != std::string_view::npos) return true;
    return c == ' ' &&
           (at == 1 || std::string_view(" \n\t;:|-").find(text_[at - 2]) != std::string_view::npos);
  }

  // Takes the name that begins at `at`; its end, or 0.
  std::size_t take(std::size_t at, std::size_t limit, int score, Signal why, std::string_view label,
                   bool small) {
    const Words w = name_from(at, limit, small, true);
    if (w.count < 2 || w.count > 5 || w.span.size() > kLongestName) return 0;
    if (w.comma_at > 0 && w.count - w.comma_at > 2) return 0;
    if (w.small > 0 && (w.known == 0 || w.count > 3)) return 0;
    const bool ends = w.small > 0 ? ends_item(w.span.end) : is_boundary(w.span.end);
    if (!ends || in_address(w.span)) return 0;
    found_.push_back({w.span, score, why, label});
    return w.span.end;
  }

  bool ends_item(std::size_t at) const {
    if (at < text_.size() && byte(at) == ' ' && byte(at + 1) != ' ' && byte(at + 1) != '\n' &&
        byte(at + 1) != '(' && !is_digit(byte(at + 1)))
      return false;
    return is_boundary(at);
  }

  // "A B, C D och E F"
  void take_list(std::size_t at, std::size_t limit, int score, Signal why, std::string_view label,
                 bool small) {
    for (std::size_t n = 0; n < kMostListed && at != 0 && at < limit; ++n) {
      at = take(at, limit, score, why, label, small);
      if (at == 0) return;
      if (text_.substr(at, 5) == " och ")
        at += 5;
      else if (text_.substr(at, 3) == " & " || text_.substr(at, 3) == " / ")
        at += 3;
      else if (text_.substr(at, 2) == ", " || text_.substr(at, 2) == "; ")
        at += 2;
      else
        return;
    }
  }

  // --- fields ---

  static bool names(const Label& label) { return label.kind == LabelKind::kName; }

  void fields(const Segment& segment) {
    const bool labelled =
        segment.layout == Layout::kRecord || segment.place.kind == PlaceKind::kHeader ||
        segment.place.kind == PlaceKind::kField || segment.place.kind == PlaceKind::kProperty;
    if (labelled) {
      const Label label = lexicon_.label(segment.place.label);
      if (names(label)) {
        std::size_t at = segment.begin;
        while (at < segment.end && (text_[at] == ' ' || text_[at] == '"')) ++at;
        take_list(at, segment.end, kInField, Signal::kFieldLabel, label.text, true);
      }
    }
    colons(segment);
    grids(segment);
    pipes(segment);
    lines(segment);
  }

  Span line_of(const Segment& segment, std::size_t at) const {
    const std::size_t newline = text_.substr(0, at).rfind('\n');
    const std::size_t begin =
        newline == std::string_view::npos ? 0 : std::max(newline + 1, segment.begin);
    return {std::max(begin, segment.begin), std::min(text_.find('\n', at), segment.end)};
  }

  // "Klient: Xhemal Krasniqi", the label at the start of its line or behind other words.
  void colons(const Segment& segment) {
    std::size_t from = segment.begin;
    const std::string_view text = text_.substr(0, segment.end);  // never past it: segments are many
    for (std::size_t colon = text.find(':', segment.begin); colon != std::string_view::npos;
         colon = text.find(':', colon + 1)) {
      const std::size_t floor = std::max(from, colon - std::min(colon, kLongestLabel));
      const std::string_view before = text_.substr(floor, colon - floor);
      const std::size_t newline = before.rfind('\n');
      after_label({newline == std::string_view::npos ? floor : floor + newline + 1, colon},
                  colon + 1, segment.end);
      from = colon + 1;
    }
  }

  // Columns of plain text, parted by two spaces or more: "Haddad Malte   930628-2394   Kiruna".
  void grids(const Segment& segment) {
    Grid grid;
    std::size_t last = segment.begin;
    const std::string_view text = text_.substr(0, segment.end);
    for (std::size_t at = text.find("  ", segment.begin); at != std::string_view::npos;) {
      const Span line = line_of(segment, at);
      if (line.begin > last + 1) close(grid);  // a line without columns ends the grid
      grid_line(line, grid);
      last = line.end;
      at = text.find("  ", line.end);
    }
    close(grid);
  }

  struct Chunk {
    Span span;
    std::size_t place = 0;  // letters before it on its line
  };
  struct GridColumn {
    std::size_t place = 0, cells = 0, names = 0, known = 0;
    Label label;
    std::vector<Span> spans;
  };
  using Grid = std::vector<GridColumn>;

  std::vector<Chunk> chunks_of(Span line) const {
    std::vector<Chunk> chunks;
    std::size_t place = 0, counted = line.begin;
    for (std::size_t at = line.begin; at < line.end && chunks.size() < kMostColumns;) {
      while (at < line.end && (text_[at] == ' ' || text_[at] == '\r')) ++at;
      if (at >= line.end) break;
      const std::size_t end = std::min(text_.find("  ", at), line.end);
      place += count_letters(cut({counted, at}));
      counted = at;
      chunks.push_back({trimmed({at, end}), place});
      at = end;
    }
    return chunks;
  }

  // Rows of a Markdown or wiki table: "| Anna Krasniqi | 070-1740605 |".
  void pipes(const Segment& segment) {
    Grid grid;
    std::size_t last = segment.begin;
    const std::string_view text = text_.substr(0, segment.end);
    for (std::size_t at = text.find('|', segment.begin); at != std::string_view::npos;) {
      const Span line = line_of(segment, at);
      if (line.begin > last + 1) close(grid);
      std::vector<Chunk> chunks;
      for (std::size_t cell = line.begin; cell <= line.end && chunks.size() < kMostColumns;) {
        const std::size_t end = std::min(text.find('|', cell), line.end);
        chunks.push_back({trimmed({cell, end}), chunks.size()});
        cell = end + 1;
      }
      if (chunks.size() > 2 && line.size() <= kLongestGridLine) grid_row(chunks, grid);
      last = line.end;
      at = text.find('|', line.end);
    }
    close(grid);
  }

  void grid_line(Span line, Grid& grid) {
    if (line.size() > kLongestGridLine) return;
    grid_row(chunks_of(line), grid);
  }

  void grid_row(const std::vector<Chunk>& chunks, Grid& grid) {
    if (chunks.size() == 2) {  // "Den unge      Xhemal Krasniqi"
      const Label label = lexicon_.label(cut(chunks[0].span));
      const Words w = names(label) ? whole_cell(chunks[1].span, true) : Words{};
      if (w.count > 0) add_cell(w.span, kInField, Signal::kFieldLabel, label.text);
    }
    std::size_t labels = 0;
    for (const Chunk& chunk : chunks) {
      if (chunk.span.size() <= kLongestLabel && labels < 2)
        labels += lexicon_.label(cut(chunk.span)).kind != LabelKind::kNone ? 1 : 0;
    }
    const bool first =
        grid.empty() && chunks.size() > 2 &&
        std::none_of(chunks.begin(), chunks.end(), [&](const Chunk& chunk) {
          return cut(chunk.span).find_first_of("0123456789") != std::string_view::npos;
        });
    if (labels >= 2 || (labels == 1 && first)) {
      close(grid);
      for (const Chunk& chunk : chunks)
        grid.push_back({chunk.place, 0, 0, 0, lexicon_.label(cut(chunk.span)), {}});
      return;
    }
    for (const Chunk& chunk : chunks) {
      auto column = std::find_if(grid.begin(), grid.end(),
                                 [&](const GridColumn& c) { return c.place == chunk.place; });
      if (column == grid.end()) {
        if (grid.size() >= kMostColumns) continue;
        grid.push_back({chunk.place, 0, 0, 0, {}, {}});
        column = std::prev(grid.end());
      }
      if (chunk.span.size() == 0 || is_rule(chunk.span)) continue;
      const bool named = names(column->label);
      const Words w = whole_cell(chunk.span, named);
      ++column->cells;
      if (w.count == 0) continue;
      ++column->names;
      column->known += w.known > 0 ? 1 : 0;
      if (named)
        add_cell(w.span, kInColumn, Signal::kColumnHeader, column->label.text);
      else if (column->label.kind == LabelKind::kNone)
        column->spans.push_back(w.span);
    }
  }

  // "---" under a heading
  bool is_rule(Span span) const {
    return cut(span).find_first_not_of("-:= ") == std::string_view::npos;
  }

  void close(Grid& grid) {
    for (const GridColumn& column : grid) add_dense(column);
    grid.clear();
  }

  template <typename Column>
  void add_dense(const Column& c) {
    if (c.cells < kFewRows || c.names * 10 < c.cells * 7 || c.known * 2 < c.names) return;
    for (const Span& span : c.spans) add_cell(span, kInDenseColumn, Signal::kFullName, {});
  }

  // "Xhemal Krasniqi, familjehemskonsulent" as a line.
  void lines(const Segment& segment) {
    for (std::size_t line = segment.begin; line < segment.end;) {
      const std::size_t end = std::min(text_.find('\n', line), segment.end);
      std::size_t at = line;
      while (at < end && (text_[at] == ' ' || text_[at] == '/')) ++at;
      if (is_upper_at(text_, at)) {
        const std::size_t stop = word_end(at);
        const char c = byte(stop);
        const std::size_t next = c == ',' && byte(stop + 1) == ' ' ? stop + 2 : stop + 1;
        if ((c == ' ' || c == ',' || c == '-') && is_upper_at(text_, next)) signed_line({at, end});
      }
      line = end + 1;
    }
  }

  void signed_line(Span line) {
    Words w = name_from(line.begin, line.end, false, true);
    if (w.count < 2 || w.count > 5 || byte(w.span.end) != ',' || byte(w.span.end + 1) != ' ')
      return;
    const std::size_t trade = w.span.end + 2;
    if (line.end - trade > 60 || !is_trade(fold(cut({trade, word_end(trade)})))) return;
    found_.push_back({w.span, kSigned, Signal::kTitle, {}});
  }

  // What people are at work: "familjehemskonsulent", "enhetschef".
  bool is_trade(std::string_view folded) const {
    static constexpr std::array<std::string_view, 29> kEndings = {
        "konsulent",  "samordnare", "sekreterare", "sköterska", "handläggare",  "chef",
        "läkare",     "terapeut",   "pedagog",     "assistent", "ledare",       "lärare",
        "rektor",     "kurator",    "psykolog",    "inspektör", "utredare",     "ombud",
        "ansvarig",   "biträde",    "koordinator", "strateg",   "ingenjör",     "ordförande",
        "behandlare", "morska",     "jurist",      "ekonom",    "administratör"};
    if (folded == "ssk" || folded == "usk" || folded == "dsk" || folded == "vik") return true;
    return std::any_of(kEndings.begin(), kEndings.end(),
                       [&](std::string_view ending) { return folded.ends_with(ending); });
  }

  void after_label(Span label, std::size_t at, std::size_t limit) {
    std::size_t gap = 0;
    while (at < limit && gap < 40 &&
           std::string_view(" \t_*\"").find(text_[at]) != std::string_view::npos) {
      ++at;
      ++gap;
    }
    if (at < limit && text_[at] == '\n' && at + 1 < limit) ++at;  // the value on the next line
    if (at >= limit || !is_letter_byte(text_[at])) return;
    if (label.size() > kLongestLabel) {
      // Only its last words: "... enligt beslut. Handläggare: "
      label.begin = label.end - kLongestLabel;
    }
    const std::size_t stop = cut(label).find_last_of(".;,|\t(");
    if (stop != std::string_view::npos) label.begin += stop + 1;
    const std::string_view words = cut(label);
    const std::size_t wide = words.rfind("  ");
    const std::size_t own = wide == std::string_view::npos ? 0 : wide + 2;
    if (own >= words.size()) return;
    const Label read = lexicon_.label(words.substr(own));
    if (names(read)) take_list(at, limit, kInField, Signal::kFieldLabel, read.text, true);
  }

  // --- tables ---

  void table(const Segment& segment) {
    std::vector<Label> labels;
    bool labelled = false;
    if (segment.headers != nullptr) {
      for (const std::string& header : *segment.headers) {
        labels.push_back(lexicon_.label(header));
        labelled |= labels.back().kind != LabelKind::kNone;
      }
    }
    struct Column {
      std::size_t cells = 0, names = 0, known = 0;
      std::vector<Span> spans;
    };
    std::vector<Column> columns;
    std::size_t column = std::max(segment.place.b, 1u) - 1;
    Label left;  // of the cell to the left, where a form is a table
    for (std::size_t at = segment.begin; at < segment.end;) {
      const std::size_t end = std::min(text_.find_first_of("\t\n", at), segment.end);
      const Span cell = trimmed({at, end});
      const Label own = column < labels.size() ? labels[column] : Label{};
      const bool heading = segment.headers != nullptr && column < segment.headers->size() &&
                           cut(cell) == (*segment.headers)[column];
      if (cell.size() > 0 && !heading) {
        const Words w = whole_cell(cell, names(own) || names(left));
        if (w.count > 0 && names(own))
          add_cell(w.span, kInColumn, Signal::kColumnHeader, own.text);
        else if (w.count > 0 && names(left))
          add_cell(w.span, kInField, Signal::kFieldLabel, left.text);
        if (column < kMostColumns) {
          if (columns.size() <= column) columns.resize(column + 1);
          Column& c = columns[column];
          ++c.cells;
          c.names += w.count > 0 ? 1 : 0;
          c.known += w.count > 0 && w.known > 0 ? 1 : 0;
          if (w.count > 0 && own.kind == LabelKind::kNone) c.spans.push_back(w.span);
        }
      }
      left = cell.size() > 2 && cell.size() <= kLongestLabel && own.kind == LabelKind::kNone &&
                     !labelled
                 ? lexicon_.label(cut(cell))
                 : Label{};
      column = byte(end) == '\n' ? 0 : column + 1;
      if (column == 0) left = {};
      at = end + 1;
    }
    for (const Column& c : columns) {
      add_dense(c);
    }
  }

  Words whole_cell(Span cell, bool small) const {
    if (cell.size() < 4 || cell.size() > kLongestName) return {};
    const Words w = name_from(cell.begin, cell.end, small, true);
    if (w.count < 2 || w.count > 5 || w.span.end < cell.end) return {};
    if (w.small > 0 && w.known == 0) return {};
    return w;
  }

  void add_cell(Span span, int score, Signal why, std::string_view label) {
    if (!in_address(span)) found_.push_back({span, score, why, label});
  }

  Span trimmed(Span cell) const {
    while (cell.begin < cell.end && (text_[cell.begin] == ' ' || text_[cell.begin] == '"'))
      ++cell.begin;
    while (cell.end > cell.begin &&
           std::string_view(" \r\"").find(text_[cell.end - 1]) != std::string_view::npos)
      --cell.end;
    return cell;
  }

  // --- beside numbers and mail addresses ---

  void beside_number(Span number) {
    std::size_t end = number.begin;
    while (end > 0 && number.begin - end < kWidestGap &&
           (text_[end - 1] == ' ' ||
            (number.begin - end < 4 &&
             std::string_view("\t,;:(-|").find(text_[end - 1]) != std::string_view::npos)))
      --end;
    if (end < number.begin) end = without_label(end);
    if (end > 0 && end < number.begin && is_letter_byte(text_[end - 1])) ending_at(end);
    std::size_t begin = number.end;
    while (begin < text_.size() && begin - number.end < kWidestGap &&
           std::string_view(" \t,;:)-|").find(text_[begin]) != std::string_view::npos)
      ++begin;
    if (begin > number.end && begin < text_.size() && is_letter_byte(text_[begin]))
      take(begin, std::min(text_.size(), begin + kLongestName), kBesideNumber,
           Signal::kNeighbourNumber, {}, false);
  }

  // "Xhemal Krasniqi, pnr 850101-...": where the name ends.
  std::size_t without_label(std::size_t end) const {
    std::size_t begin = end;
    while (begin > 0 && end - begin < 20 &&
           (is_letter_byte(text_[begin - 1]) || text_[begin - 1] == '.'))
      --begin;
    const std::string word = fold(cut({begin, end}));
    if (word != "f" && word != "f." && word != "född" && word != "p" &&
        lexicon_.label(word).kind != LabelKind::kPerson)
      return end;
    std::size_t at = begin;
    while (at > 0 && begin - at < 4 &&
           std::string_view(" \t,;:(-|").find(text_[at - 1]) != std::string_view::npos)
      --at;
    return at == begin ? end : at;
  }

  // The words before `end` that make a name: as many as begin with a capital, from the start of the
  // item, or the last of a sentence.
  void ending_at(std::size_t end) {
    std::size_t begin = end;
    std::size_t best = 0;
    for (int words = 0; words < 4; ++words) {
      std::size_t at = begin;
      while (at > 0 && end - at < kLongestName && is_letter_byte(text_[at - 1])) --at;
      if (at == begin) break;
      const std::string folded = fold(cut({at, begin}));
      const bool upper = is_upper_at(text_, at);
      if (!(upper ? may_be_name(folded) || count_letters(folded) == 1 : is_particle(folded))) break;
      if (upper) best = at;
      if (at < 2) break;
      const char c = text_[at - 1];
      if (c == ',' || (c == ' ' && text_[at - 2] == ',')) {
        begin = c == ',' ? at - 1 : at - 2;
      } else if (c == ' ' || c == '-' || c == '\'') {
        begin = at - 1;
      } else {
        break;
      }
    }
    if (best == 0 && !(end > 0 && is_upper_at(text_, 0))) return;
    take_exact({best, end}, kBesideNumber, Signal::kNeighbourNumber);
  }

  void take_exact(Span span, int score, Signal why) {
    const Words w = name_from(span.begin, span.end, false, true);
    if (w.count < 2 || w.count > 5 || w.span.end != span.end || in_address(span)) return;
    found_.push_back({w.span, score, why, {}});
  }

  // "Xhemal Krasniqi <x@exempel.se>", "\"Krasniqi, Xhemal\" <...>"
  void before_mail(Span mail) {
    std::size_t end = mail.begin;
    if (end < 4 || (text_[end - 1] != '<' && text_[end - 1] != '(' && text_[end - 1] != '['))
      return;
    --end;
    while (end > 0 && std::string_view(" \"'").find(text_[end - 1]) != std::string_view::npos)
      --end;
    const std::size_t floor = end - std::min(end, kLongestName);
    std::size_t begin = end;
    const bool quoted = byte(end) == '"';
    const std::string_view stops =
        quoted ? std::string_view("\"\n") : std::string_view("\";:<>\n\t");
    while (begin > floor && stops.find(text_[begin - 1]) == std::string_view::npos) --begin;
    while (begin < end && text_[begin] == ' ') ++begin;
    const Words w = name_from(begin, end, true, true);
    if (w.count >= 2 && w.count <= 5 && w.span.end == end) {
      found_.push_back({w.span, kBeforeMail, Signal::kNeighbourEmail, {}});
      return;
    }
    const std::size_t comma = cut({begin, end}).rfind(", ");
    if (comma == std::string_view::npos) return;
    const Words last = name_from(begin + comma + 2, end, true, false);
    if (last.count >= 2 && last.count <= 5 && last.span.end == end)
      found_.push_back({last.span, kBeforeMail, Signal::kNeighbourEmail, {}});
  }

  // The line above a street, when it is nothing but a name.
  void above_address(Span address) {
    const std::size_t newline = text_.substr(0, address.begin).rfind('\n');
    if (newline == std::string_view::npos || newline == 0) return;
    if (cut({newline + 1, address.begin}).find_first_not_of(' ') != std::string_view::npos) return;
    const std::size_t before = text_.substr(0, newline).rfind('\n');
    const Span line = trimmed({before == std::string_view::npos ? 0 : before + 1, newline});
    const Words w = whole_cell(line, false);
    if (w.count > 0) add_cell(w.span, kSigned, Signal::kFullName, {});
  }

  // --- signatures, titles, items ---

  void signed_by(Span greeting) {
    std::size_t at = greeting.end;
    while (at < text_.size() && at - greeting.end < 40 &&
           std::string_view(" \r\n,!.").find(text_[at]) != std::string_view::npos)
      ++at;
    if (at == greeting.end || at >= text_.size() || !is_letter_byte(text_[at])) return;
    if (cut({greeting.end, at}).find('\n') == std::string_view::npos) {
      take(at, text_.size(), kSigned, Signal::kFullName, {}, false);
      return;
    }
    const Words w = name_from(at, std::min(text_.size(), at + kLongestName), true, false);
    if (w.count < 2 || w.count > 4 || (w.small > 0 && w.known == 0)) return;
    const char after = byte(w.span.end);
    if (after != '\0' && std::string_view("\n\r,;").find(after) == std::string_view::npos) return;
    found_.push_back({w.span, kSigned, Signal::kFullName, {}});
  }

  // "handläggare Xhemal Krasniqi", "modern Krasniqi, Anna har", "heter anna krasniqi"
  void titled(Span title) {
    std::size_t at = title.end;
    if (byte(at) == '.') ++at;
    if (byte(at) != ' ' || !is_letter_byte(byte(at + 1)) || is_all_upper(cut(title))) return;
    ++at;
    const std::size_t limit = std::min(text_.size(), at + kLongestName);
    if (!is_upper_at(text_, at)) return titled_small(at);
    Words w = name_from(at, limit, false, true);
    if (w.comma_at > 0 && !(w.comma_at == 1 && w.count <= 3 && w.known > 0))
      w = name_from(at, limit, false, false);
    if (w.count < 2 || w.count > 4 || !is_boundary(w.span.end) || in_address(w.span)) return;
    found_.push_back({w.span, kAfterTitle, Signal::kTitle, {}});
  }

  void titled_small(std::size_t at) {
    std::size_t end = word_end(at);
    while (byte(end) == '-' && is_letter_byte(byte(end + 1))) end = word_end(end + 1);
    if (byte(end) != ' ' || !is_letter_byte(byte(end + 1)) || is_upper_at(text_, end + 1)) return;
    const std::size_t second = word_end(end + 1);
    const Words w = name_from(at, second, true, false);
    if (w.count < 2 || w.span.end != second || w.known == 0 ||
        count_letters(cut({end + 1, second})) < 4)
      return;
    const std::string first = fold(cut({at, word_end(at)}));
    bool given = false, surname = false, other = false;
    for (const Entry& e : lexicon_.words().find(first))
      given |= e.kind == EntryKind::kGiven && ambiguity_of(e.id) < 2;
    for (const Entry& e : lexicon_.words().find(fold(cut({end + 1, second})))) {
      surname |= e.kind == EntryKind::kSurname && ambiguity_of(e.id) == 0;
      other |= e.kind == EntryKind::kTerm || e.kind == EntryKind::kWord;
    }
    if (given ? other && !surname : !surname || known(first).other) return;
    found_.push_back({w.span, kAfterTitle - 2, Signal::kTitle, {}});
  }

  // "Krasniqi, Anna" as a whole item of a list.
  void turned(Span given) {
    if (given.begin < 5 || text_[given.begin - 1] != ' ' || text_[given.begin - 2] != ',') return;
    std::size_t begin = given.begin - 2;
    const std::size_t floor = begin - std::min<std::size_t>(begin, 40);
    while (begin > floor && (is_letter_byte(text_[begin - 1]) || text_[begin - 1] == '-')) --begin;
    // "de la Cruz", "Lind Krasniqi"
    for (int more = 0; more < 2 && begin > floor + 1 && text_[begin - 1] == ' '; ++more) {
      std::size_t at = begin - 1;
      while (at > floor && is_letter_byte(text_[at - 1])) --at;
      if (at == begin - 1 || !(is_upper_at(text_, at) || is_particle(cut({at, begin - 1})))) break;
      begin = at;
    }
    if (!bounds_before(begin)) return;
    const Words w = name_from(begin, std::min(text_.size(), begin + kLongestName), false, true);
    if (w.comma_at == 0 || w.count < 2 || w.count > 5 || w.span.end < given.end) return;
    if (byte(w.span.end) == ',' || !is_boundary(w.span.end) || in_address(w.span)) return;
    if (byte(w.span.end) == ' ' && is_letter_byte(byte(w.span.end + 1))) return;
    found_.push_back({w.span, kTurned, Signal::kFullName, {}});
  }

  const Lexicon& lexicon_;
  const Window& window_;
  std::string_view text_;
  const Reading& reading_;
  std::vector<Span> numbers_, mails_, addresses_;
  std::vector<PlacedName> found_;
};

}  // namespace

std::vector<PlacedName> placed_names(const Lexicon& lexicon, const Window& window,
                                     const Reading& reading, const std::vector<Hit>& hits) {
  return Finder(lexicon, window, reading, hits).run();
}

}  // namespace gallra::detect::lexicon

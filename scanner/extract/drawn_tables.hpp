// Tables drawn in plain text: rows of a Markdown table ("| Namn | Tel |"), and columns that stand
// under each other with blanks between.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace gallra::extract {

class DrawnTables {
 public:
  struct Part {
    std::string_view text;  // as it stood
    std::string rows;       // of a table: as many lines, cells parted by '\t'
    bool table = false;
    bool continues = false;  // the table that ended the lines before goes on
  };
  // Parts whole lines (the last may lack its end), in order; the parts together are `lines`.
  std::vector<Part> parts(std::string_view lines);
  // What comes next does not follow on what came before.
  void gap() { open_ = Kind::kProse; }

 private:
  enum class Kind { kProse, kPipes, kColumns };
  static Kind kind_of(std::string_view line);
  std::string draw(std::string_view lines, Kind kind) const;

  Kind open_ = Kind::kProse;          // what the last part was
  std::vector<std::size_t> gutters_;  // of open columns: in code points from the line's start
};

}  // namespace gallra::extract

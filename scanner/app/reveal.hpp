// Shows found values in clear again: never from the database, which has none, but by reading the
// document once more. Works only while the file is as it was when it was scanned.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>

#include "reports/store/store.hpp"
#include "scanner/app/file_reader.hpp"

namespace gallra::app {

class Revealer {
 public:
  // `setup.reveal` must be kYes. `sources`: id -> path as opened.
  Revealer(const ReaderSetup& setup, std::map<std::int64_t, store::SourceRow> sources);

  // {value as written, normalised}, or nullopt: the file changed, is gone, or no longer says so.
  // Rows of one file must come one after another (as the export's order has them): one file is held
  // at a time.
  std::optional<std::pair<std::string, std::string>> reveal(const store::DocumentRow& row,
                                                            const Finding& finding);

  // Files that could not be shown because they changed or are gone, as "source path/path".
  const std::set<std::string>& changed() const { return changed_; }

 private:
  using Id = std::tuple<std::vector<std::string>, std::uint32_t, std::string, Key>;

  bool read(const store::DocumentRow& row);

  Counters counters_;
  FileReader reader_;
  std::map<std::int64_t, store::SourceRow> sources_;
  std::string open_;  // absolute path of the file whose values are held
  bool usable_ = false;
  std::map<Id, std::pair<std::string, std::string>> values_;
  std::set<std::string> changed_;
};

}  // namespace gallra::app

// Folders of an archive that hold nothing: no member carries their names ("Klienter/Anna Ek/"), so
// the archive itself does.
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <string_view>

#include "scanner/extract/charset.hpp"
#include "scanner/extract/text_writer.hpp"

namespace gallra::extract {

class EmptyFolders {
 public:
  void folder(std::string_view raw_name) {
    while (raw_name.ends_with('/')) raw_name.remove_suffix(1);
    if (raw_name.empty()) return;
    member(raw_name);
    keep(folders_, raw_name);
  }
  // What stands in a folder names it.
  void member(std::string_view raw_name) {
    std::size_t end = raw_name.find('/');
    for (int level = 0; end != std::string_view::npos && level < kMostLevels; ++level) {
      keep(filled_, raw_name.substr(0, end));
      end = raw_name.find('/', end + 1);
    }
  }
  void emit(ExtractSink& sink) const {
    std::string names;
    for (const std::string& folder : folders_)
      if (!filled_.contains(folder)) names += decode_name(folder) + '\n';
    TextWriter(sink).prose({PlaceKind::kName, 0, 0, {}}, names);
  }

 private:
  using Names = std::set<std::string, std::less<>>;
  // Hostile archives have names of 64 KiB and a folder for every letter.
  static constexpr std::size_t kMostBytes = 4 << 20;
  static constexpr int kMostLevels = 64;

  void keep(Names& names, std::string_view name) {
    if (bytes_ + name.size() > kMostBytes || names.contains(name)) return;
    names.emplace(name);
    bytes_ += name.size() + sizeof(std::string);
  }

  Names folders_;
  Names filled_;
  std::size_t bytes_ = 0;
};

}  // namespace gallra::extract

// OLE2 compound files. There is no reader for the old office formats yet, but what they are is told
// from the names in their directory: an encrypted or rights-managed OOXML document, or .doc .xls
// .ppt .msg. Layout: [MS-CFB]; encryption: [MS-OFFCRYPTO] 2.2 (DRM) and 2.3 (EncryptedPackage).
#include <algorithm>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "scanner/extract/extractor.hpp"
#include "scanner/extract/text_writer.hpp"

namespace gallra::extract {
namespace {

constexpr std::size_t kHeaderBytes = 512;
constexpr std::size_t kEntryBytes = 128;
constexpr std::uint32_t kLastRegularSector = 0xFFFFFFFA;
constexpr std::uint32_t kEndOfChain = 0xFFFFFFFE;
constexpr std::uint32_t kNoEntry = 0xFFFFFFFF;
constexpr std::size_t kTableInHeader = 109;
// 2 GiB at 512 bytes a sector, which is where the format itself stops.
constexpr std::size_t kMaxChainHops = 260;
// A directory of 100 000 entries; a .msg with hundreds of attachments has some thousands.
constexpr std::size_t kMaxDirectorySectors = 25'000;

std::uint32_t u32(std::string_view bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 4; i-- > 0;)
    value = value << 8 | static_cast<unsigned char>(bytes.size() > at + i ? bytes[at + i] : 0);
  return value;
}

std::string read_at(const Source& source, std::uint64_t at, std::size_t size) {
  std::string bytes(size, '\0');
  const std::int64_t got =
      source.read(at, std::as_writable_bytes(std::span(bytes.data(), bytes.size())));
  bytes.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
  return bytes;
}

// The directory's names: all of them, and those at the top, which say what the file itself is (an
// embedded object brings names of its own further down).
class CompoundDirectory {
 public:
  explicit CompoundDirectory(const Source& source) : source_(source) {
    header_ = read_at(source, 0, kHeaderBytes);
    if (header_.size() < kHeaderBytes) return;
    const unsigned shift = static_cast<unsigned char>(header_[30]);
    if (shift != 9 && shift != 12) return;
    sector_bytes_ = std::size_t{1} << shift;
    read_entries();
    find_top();
  }

  bool whole() const { return whole_; }
  bool top_has(std::string_view name) const { return top_.contains(std::string(name)); }
  bool top_has_prefix(std::string_view prefix) const { return has_prefix(top_, prefix); }
  bool any_has_prefix(std::string_view prefix) const { return has_prefix(all_, prefix); }

 private:
  struct Entry {
    std::string name;  // empty: unused
    std::uint32_t left = kNoEntry;
    std::uint32_t right = kNoEntry;
    std::uint32_t child = kNoEntry;
  };

  static bool has_prefix(const std::set<std::string>& names, std::string_view prefix) {
    const auto next = names.lower_bound(std::string(prefix));
    return next != names.end() && next->starts_with(prefix);
  }

  std::string sector(std::uint32_t number) const {
    return read_at(source_, (std::uint64_t{number} + 1) * sector_bytes_, sector_bytes_);
  }

  // The `index`th sector of the allocation table: the header lists the first 109, a chain of
  // sectors the rest.
  std::uint32_t table_sector(std::size_t index) const {
    const std::size_t per_sector = sector_bytes_ / 4 - 1;
    if (index < kTableInHeader) return u32(header_, 76 + 4 * index);
    index -= kTableInHeader;
    if (index / per_sector > kMaxChainHops) return kNoEntry;
    std::uint32_t link = u32(header_, 68);
    for (std::size_t hops = index / per_sector; hops > 0 && link <= kLastRegularSector; --hops)
      link = u32(sector(link), 4 * per_sector);
    if (link > kLastRegularSector) return link;
    return u32(sector(link), 4 * (index % per_sector));
  }

  std::uint32_t next(std::uint32_t number) {
    const std::size_t index = number / (sector_bytes_ / 4);
    if (index != cached_index_) {
      cached_index_ = index;
      const std::uint32_t where = table_sector(index);
      table_ = where <= kLastRegularSector ? sector(where) : std::string();
    }
    if (table_.size() < sector_bytes_) return kNoEntry;
    return u32(table_, 4 * (number % (sector_bytes_ / 4)));
  }

  void read_entries() {
    std::unordered_set<std::uint32_t> seen;
    std::uint32_t number = u32(header_, 48);
    while (number <= kLastRegularSector && seen.size() < kMaxDirectorySectors) {
      if (!seen.insert(number).second) return;  // a ring
      const std::string bytes = sector(number);
      for (std::size_t at = 0; at + kEntryBytes <= bytes.size(); at += kEntryBytes)
        take_entry(std::string_view(bytes).substr(at, kEntryBytes));
      if (bytes.size() < sector_bytes_) return;  // cut off
      number = next(number);
    }
    whole_ = number == kEndOfChain;
  }

  void take_entry(std::string_view bytes) {
    Entry entry{{}, u32(bytes, 68), u32(bytes, 72), u32(bytes, 76)};
    const std::size_t name_bytes = std::min<std::size_t>(u32(bytes, 64) & 0xFFFF, 64);
    const char type = bytes[66];
    if (type == 1 || type == 2 || type == 5)  // storage, stream, root
      for (std::size_t at = 0; at + 2 < name_bytes; at += 2)
        append_utf8(entry.name, u32(bytes, at) & 0xFFFF);
    if (!entry.name.empty()) all_.insert(entry.name);
    entries_.push_back(std::move(entry));
  }

  // The root's children form a tree of siblings.
  void find_top() {
    std::vector<std::uint32_t> stack;
    std::unordered_set<std::uint32_t> seen;
    if (!entries_.empty()) stack.push_back(entries_[0].child);
    while (!stack.empty()) {
      const std::uint32_t id = stack.back();
      stack.pop_back();
      if (id >= entries_.size() || !seen.insert(id).second) continue;
      top_.insert(entries_[id].name);
      stack.push_back(entries_[id].left);
      stack.push_back(entries_[id].right);
    }
  }

  const Source& source_;
  std::string header_;
  std::size_t sector_bytes_ = 0;
  std::vector<Entry> entries_;
  std::set<std::string> all_;
  std::set<std::string> top_;
  std::size_t cached_index_ = SIZE_MAX;
  std::string table_;
  bool whole_ = false;
};

struct Kind {
  std::string_view name;    // at the top of the directory
  std::string_view detail;  // what the file is
};
constexpr Kind kKinds[] = {
    {"__properties_version1.0", "msg"},
    {"WordDocument", "doc"},
    {"Workbook", "xls"},
    {"Book", "xls"},
    {"PowerPoint Document", "ppt"},
    {"VisioDocument", "vsd"},
};

Outcome extract_ole(const ExtractRequest& request, ExtractSink&) {
  const CompoundDirectory directory(request.source);
  if (directory.any_has_prefix("DRM") || directory.any_has_prefix("\tDRM"))
    return Outcome::not_read(Reason::kRightsManaged);
  if (directory.top_has("EncryptedPackage") || directory.top_has("EncryptionInfo"))
    return Outcome::not_read(Reason::kEncrypted);
  if (directory.top_has_prefix("EncryptedSummary"))
    return Outcome::not_read(Reason::kEncrypted, "ppt");
  for (const Kind& kind : kKinds)
    if (directory.top_has(kind.name))
      return Outcome::not_read(Reason::kUnsupported, std::string(kind.detail));
  if (!directory.whole()) return Outcome::not_read(Reason::kCorrupt);
  return Outcome::not_read(Reason::kUnsupported, "ole");
}

}  // namespace

extern const ExtractorEntry extractor_ole;
const ExtractorEntry extractor_ole{
    .name = "ole", .formats = {Format::kOle}, .jailed = true, .extract = extract_ole};

}  // namespace gallra::extract

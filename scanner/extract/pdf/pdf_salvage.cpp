// Objects: ISO 32000-1, 7.3.10; object streams: 7.5.7; page tree: 7.7.3.
#include "scanner/extract/pdf/pdf_salvage.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <vector>

#include "scanner/extract/inflate.hpp"

namespace gallra::extract {
namespace {

constexpr std::size_t kMaxObjects = 1'000'000;
// Dictionaries of pages and catalogues are short; what comes later is not looked at.
constexpr std::size_t kDictionaryBytes = 4096;
constexpr std::size_t kMaxStreamBytes = 64 << 20;
constexpr int kMaxNumber = 8'388'607;  // object numbers of real files stay far below

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_blank(char c) {
  return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == '\0' || c == '\f';
}

// A number that ends just before `end`, going backwards; `end` moves to its first digit.
std::optional<int> number_before(std::string_view bytes, std::size_t& end) {
  std::size_t at = end;
  while (at > 0 && is_blank(bytes[at - 1])) --at;
  const std::size_t last = at;
  while (at > 0 && is_digit(bytes[at - 1]) && last - at < 9) --at;
  if (at == last) return std::nullopt;
  int value = 0;
  for (std::size_t i = at; i < last; ++i) value = value * 10 + (bytes[i] - '0');
  end = at;
  return value;
}

std::optional<int> number_after(std::string_view text, std::size_t& at) {
  while (at < text.size() && is_blank(text[at])) ++at;
  int value = 0;
  const std::size_t start = at;
  while (at < text.size() && is_digit(text[at]) && at - start < 9)
    value = value * 10 + (text[at++] - '0');
  return at == start ? std::nullopt : std::optional<int>(value);
}

std::optional<int> entry_number(std::string_view dictionary, std::string_view key) {
  for (std::size_t at = dictionary.find(key); at != std::string_view::npos;
       at = dictionary.find(key, at + 1)) {
    std::size_t value = at + key.size();
    if (value < dictionary.size() && (is_blank(dictionary[value])))
      return number_after(dictionary, value);
  }
  return std::nullopt;
}

// "/Type /Page", with any blanks between, and not "/Pages".
bool has_type(std::string_view dictionary, std::string_view type) {
  for (std::size_t at = dictionary.find("/Type"); at != std::string_view::npos;
       at = dictionary.find("/Type", at + 1)) {
    std::size_t value = at + 5;
    while (value < dictionary.size() && is_blank(dictionary[value])) ++value;
    if (dictionary.substr(value, type.size()) != type) continue;
    const std::size_t end = value + type.size();
    const char next = end < dictionary.size() ? dictionary[end] : ' ';
    if (is_blank(next) || next == '/' || next == '>') return true;
  }
  return false;
}

struct Frame {
  std::vector<int> pages;
  std::set<int> trees;  // page tree nodes
  int catalogue = 0;
  int catalogue_tree = 0;
  int highest = 0;
  std::string plain;  // objects out of compressed streams

  void take(int number, std::string_view dictionary) {
    highest = std::max(highest, number);
    if (has_type(dictionary, "/Page")) pages.push_back(number);
    if (has_type(dictionary, "/Pages")) trees.insert(number);
    if (!has_type(dictionary, "/Catalog")) return;
    catalogue = number;
    catalogue_tree = entry_number(dictionary, "/Pages").value_or(0);
  }

  // Pairs of number and offset, then the objects.
  void unpack(std::string_view dictionary, std::string_view data) {
    const std::string objects = inflate_zlib(data, kMaxStreamBytes);
    const int count = std::min(entry_number(dictionary, "/N").value_or(0), 100'000);
    const auto first = static_cast<std::size_t>(entry_number(dictionary, "/First").value_or(0));
    std::vector<std::pair<int, std::size_t>> index;
    std::size_t at = 0;
    for (int i = 0; i < count; ++i) {
      const std::optional<int> number = number_after(objects, at);
      const std::optional<int> offset = number_after(objects, at);
      if (!number || !offset || *number > kMaxNumber) break;
      index.emplace_back(*number, first + static_cast<std::size_t>(*offset));
    }
    for (std::size_t i = 0; i < index.size(); ++i) {
      const auto [number, begin] = index[i];
      const std::size_t end = i + 1 < index.size() ? index[i + 1].second : objects.size();
      if (begin >= objects.size() || end <= begin) continue;
      const std::string_view object = std::string_view(objects).substr(begin, end - begin);
      take(number, object.substr(0, kDictionaryBytes));
      plain += std::to_string(number) + " 0 obj\n" + std::string(object) + "\nendobj\n";
    }
  }
};

void scan_objects(std::string_view bytes, std::uint64_t limit, Frame& frame) {
  std::size_t seen = 0;
  for (std::size_t at = bytes.find(" obj"); at != std::string_view::npos && seen < kMaxObjects;
       at = bytes.find(" obj", at + 4)) {
    std::size_t before = at;
    if (!number_before(bytes, before)) continue;
    const std::optional<int> number = number_before(bytes, before);
    if (!number || *number > kMaxNumber) continue;
    ++seen;
    std::string_view dictionary = bytes.substr(at + 4, kDictionaryBytes);
    dictionary = dictionary.substr(0, dictionary.find("endobj"));
    const std::size_t stream = dictionary.find("stream");
    if (stream != std::string_view::npos && has_type(dictionary, "/ObjStm")) {
      std::size_t data = at + 4 + stream + 6;
      if (data < bytes.size() && bytes[data] == '\r') ++data;
      if (data < bytes.size() && bytes[data] == '\n') ++data;
      if (bytes.size() + frame.plain.size() < limit)
        frame.unpack(dictionary.substr(0, stream), bytes.substr(data));
    }
    frame.take(*number, dictionary.substr(0, stream));
  }
}

}  // namespace

std::string salvage_pdf(std::string_view bytes, std::uint64_t limit) {
  Frame frame;
  scan_objects(bytes, limit, frame);
  // The last object may have been cut in the middle.
  std::string out = std::string(bytes) + "\nendstream\nendobj\n" + frame.plain;
  int root = frame.catalogue;
  if (root == 0 || !frame.trees.contains(frame.catalogue_tree)) {
    const int tree = frame.highest + 1;
    root = frame.highest + 2;
    std::string kids;
    for (const int page : frame.pages) kids += std::to_string(page) + " 0 R ";
    out += std::to_string(tree) + " 0 obj\n<< /Type /Pages /Count " +
           std::to_string(frame.pages.size()) + " /Kids [ " + kids +
           "] /MediaBox [0 0 595 842] >>\nendobj\n" + std::to_string(root) +
           " 0 obj\n<< /Type /Catalog /Pages " + std::to_string(tree) + " 0 R >>\nendobj\n";
  }
  out += "trailer\n<< /Size " + std::to_string(frame.highest + 3) + " /Root " +
         std::to_string(root) + " 0 R >>\nstartxref\n0\n%%EOF\n";
  return out;
}

}  // namespace gallra::extract

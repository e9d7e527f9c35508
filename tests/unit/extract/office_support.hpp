// Documents for the tests of office formats and PDF: fixtures from disk, and small ones built here
// so that a test shows what is in them.
#pragma once

#include <cstdint>
#include <fstream>
#include <libdeflate.h>
#include <sstream>
#include <string>
#include <sys/mman.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include "scanner/extract/extractor.hpp"
#include "tests/unit/extract/jail_sink.hpp"

namespace gallra::test {

inline std::string fixture(const std::string& name) {
  std::ifstream file(std::string(GALLRA_SOURCE_DIR "/fixtures/documents/") + name,
                     std::ios::binary);
  std::stringstream bytes;
  bytes << file.rdbuf();
  return bytes.str();
}

struct Extracted {
  Outcome outcome;
  KeepingSink sink;

  bool has(const std::string& text) const {
    return sink.all_text().find(text) != std::string::npos;
  }
  // The first chunk that holds `text`; an empty one when none does.
  std::pair<TextChunk, std::string> chunk_with(const std::string& text) const {
    for (const auto& chunk : sink.chunks)
      if (chunk.second.find(text) != std::string::npos) return chunk;
    return {};
  }
  std::string words() const {
    return std::string(key_of(outcome.kind)) + ' ' + std::string(key_of(outcome.reason));
  }
};

inline Extracted extract_document(Format format, const std::string& bytes,
                                  const Limits& limits = {}, std::uint32_t first_member = 0) {
  const int fd = memfd_create("document", MFD_CLOEXEC);
  std::size_t written = 0;
  while (written < bytes.size()) {
    const ssize_t n = write(fd, bytes.data() + written, bytes.size() - written);
    if (n <= 0) break;
    written += static_cast<std::size_t>(n);
  }
  const extract::ExtractorEntry* entry = extract::extractor_for(format);
  if (entry->prepare != nullptr) entry->prepare();
  extract::ExtractRequest request;
  request.format = format;
  request.source = {fd, 0, bytes.size()};
  request.limits = limits;
  request.first_member = first_member;
  Extracted result;
  result.outcome = entry->extract(request, result.sink);
  close(fd);
  return result;
}

// --- zip ---

using Parts = std::vector<std::pair<std::string, std::string>>;

inline void put_little(std::string& into, std::uint64_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) into.push_back(static_cast<char>(value >> (8 * i) & 0xFF));
}

inline std::string deflated(const std::string& bytes) {
  libdeflate_compressor* packer = libdeflate_alloc_compressor(6);
  std::string out(libdeflate_deflate_compress_bound(packer, bytes.size()), '\0');
  out.resize(
      libdeflate_deflate_compress(packer, bytes.data(), bytes.size(), out.data(), out.size()));
  libdeflate_free_compressor(packer);
  return out;
}

struct ZipOptions {
  bool deflate = true;
  bool directory = true;        // without: cut off before the central directory
  std::uint16_t flags = 0x800;  // names in UTF-8; bit 0 = encrypted
};

inline std::string make_zip(const Parts& parts, const ZipOptions& options = {}) {
  std::string zip;
  std::string directory;
  for (const auto& [name, bytes] : parts) {
    const std::string data = options.deflate ? deflated(bytes) : bytes;
    std::string common;
    put_little(common, 20, 2);
    put_little(common, options.flags, 2);
    put_little(common, options.deflate ? 8 : 0, 2);
    put_little(common, 0, 4);
    put_little(common, libdeflate_crc32(0, bytes.data(), bytes.size()), 4);
    put_little(common, data.size(), 4);
    put_little(common, bytes.size(), 4);
    put_little(common, name.size(), 2);
    put_little(common, 0, 2);
    put_little(directory, 0x02014b50, 4);
    put_little(directory, 20, 2);
    directory += common;
    directory.append(2 + 2 + 2 + 4, '\0');  // comment, disk, attributes
    put_little(directory, zip.size(), 4);
    directory += name;
    put_little(zip, 0x04034b50, 4);
    zip += common + name + data;
  }
  if (!options.directory) return zip;
  const std::size_t at = zip.size();
  zip += directory;
  put_little(zip, 0x06054b50, 4);
  put_little(zip, 0, 4);
  put_little(zip, parts.size(), 2);
  put_little(zip, parts.size(), 2);
  put_little(zip, directory.size(), 4);
  put_little(zip, at, 4);
  put_little(zip, 0, 2);
  return zip;
}

// --- pdf ---

// Objects 1, 2, ...; the first is the catalogue.
inline std::string make_pdf(const std::vector<std::string>& objects,
                            const std::string& trailer = "") {
  std::string pdf = "%PDF-1.7\n";
  std::vector<std::size_t> at;
  for (std::size_t i = 0; i < objects.size(); ++i) {
    at.push_back(pdf.size());
    pdf += std::to_string(i + 1) + " 0 obj\n" + objects[i] + "\nendobj\n";
  }
  const std::size_t xref = pdf.size();
  pdf += "xref\n0 " + std::to_string(objects.size() + 1) + "\n0000000000 65535 f \n";
  for (const std::size_t offset : at) {
    std::string number = std::to_string(offset);
    pdf += std::string(10 - number.size(), '0') + number + " 00000 n \n";
  }
  pdf += "trailer\n<< /Size " + std::to_string(objects.size() + 1) + " /Root 1 0 R " + trailer +
         " >>\nstartxref\n" + std::to_string(xref) + "\n%%EOF\n";
  return pdf;
}

inline std::string pdf_stream(const std::string& content, const std::string& dictionary = "") {
  return "<< /Length " + std::to_string(content.size()) + " " + dictionary + " >>\nstream\n" +
         content + "\nendstream";
}

}  // namespace gallra::test

// What Hyperscan alone costs over the bytes of a corpus: the lower bound scripts/bench holds a scan
// against.
//   bench_hyperscan PATTERNS THREADS FILE...
// PATTERNS has one regular expression a line, matched as bytes without validation. The files are
// read into memory first; the seconds printed on stdout are those of the matching only, with one
// file a thread at a time.
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <hs/hs.h>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

namespace {

std::vector<std::string> lines_of(const char* path) {
  std::ifstream in(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) {
    if (!line.empty()) lines.push_back(line);
  }
  return lines;
}

int count_match(unsigned, unsigned long long, unsigned long long, unsigned, void* count) {
  ++*static_cast<unsigned long long*>(count);
  return 0;
}

hs_database_t* compile(const std::vector<std::string>& patterns) {
  std::vector<const char*> expressions;
  for (const std::string& pattern : patterns) expressions.push_back(pattern.c_str());
  const std::vector<unsigned> flags(patterns.size(), 0);
  std::vector<unsigned> ids(patterns.size());
  for (unsigned i = 0; i < ids.size(); ++i) ids[i] = i;
  hs_database_t* database = nullptr;
  hs_compile_error_t* error = nullptr;
  if (hs_compile_multi(expressions.data(), flags.data(), ids.data(),
                       static_cast<unsigned>(ids.size()), HS_MODE_BLOCK, nullptr, &database,
                       &error) != HS_SUCCESS) {
    std::cerr << "bench_hyperscan: " << error->message << '\n';
    std::exit(2);
  }
  return database;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) {
    std::cerr << "bench_hyperscan PATTERNS THREADS FILE...\n";
    return 2;
  }
  hs_database_t* database = compile(lines_of(argv[1]));
  std::vector<std::string> texts;
  for (int i = 3; i < argc; ++i) {
    std::string& text = texts.emplace_back(std::filesystem::file_size(argv[i]), '\0');
    std::ifstream(argv[i], std::ios::binary)
        .read(text.data(), static_cast<std::streamsize>(text.size()));
  }
  std::atomic<size_t> next{0};
  std::atomic<unsigned long long> matches{0};
  const auto start = std::chrono::steady_clock::now();
  std::vector<std::thread> threads;
  for (int t = 0; t < std::atoi(argv[2]); ++t) {
    threads.emplace_back([&] {
      hs_scratch_t* scratch = nullptr;
      if (hs_alloc_scratch(database, &scratch) != HS_SUCCESS) std::exit(2);
      unsigned long long count = 0;
      for (size_t i = next++; i < texts.size(); i = next++) {
        hs_scan(database, texts[i].data(), static_cast<unsigned>(texts[i].size()), 0, scratch,
                count_match, &count);
      }
      matches += count;
      hs_free_scratch(scratch);
    });
  }
  for (std::thread& thread : threads) thread.join();
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  std::cout << seconds.count() << '\n';
  std::cerr << matches << " matches\n";
  hs_free_database(database);
  return 0;
}

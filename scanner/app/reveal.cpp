#include "scanner/app/reveal.hpp"

#include <sys/stat.h>
#include <unistd.h>

namespace gallra::app {
namespace {

// Keeps what one file's reading found.
class Collector : public ResultSink {
 public:
  void file(FileResult result) override {
    for (DocumentResult& document : result.documents) documents.push_back(std::move(document));
  }
  void directory(DirectoryResult) override {}

  std::vector<DocumentResult> documents;
};

}  // namespace

Revealer::Revealer(const ReaderSetup& setup, std::map<std::int64_t, store::SourceRow> sources)
    : reader_(setup, counters_), sources_(std::move(sources)) {}

bool Revealer::read(const store::DocumentRow& row) {
  values_.clear();
  const int fd = walk::open_read_only(open_);
  if (fd < 0 || !is_as_seen(fd, row.file)) {
    if (fd >= 0) ::close(fd);
    return false;
  }
  Collector collector;
  walk::FileJob job;
  job.file = row.file;
  job.fd = fd;
  if (!reader_.read(std::move(job), collector)) return false;
  for (const DocumentResult& document : collector.documents)
    for (const Finding& finding : document.found.findings)
      values_.emplace(Id{document.inner, document.ordinal, finding.detector, finding.finding_key},
                      std::pair{finding.value, finding.normalised});
  return true;
}

std::optional<std::pair<std::string, std::string>> Revealer::reveal(const store::DocumentRow& row,
                                                                    const Finding& finding) {
  const store::SourceRow& source = sources_[row.source_id];
  const std::string path = source.single_file ? source.path : source.path + '/' + row.file.path();
  if (path != open_) {
    open_ = path;
    usable_ = read(row);
    if (!usable_) changed_.insert(path);
  }
  if (!usable_) return std::nullopt;
  const auto at = values_.find(Id{row.inner, row.ordinal, finding.detector, finding.finding_key});
  if (at == values_.end()) return std::nullopt;
  return at->second;
}

}  // namespace gallra::app

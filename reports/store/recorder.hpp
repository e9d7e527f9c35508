// Writes results into the tables. Belongs to the writer thread; the caller opens and commits
// transactions.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "reports/store/sqlite.hpp"
#include "scanner/model/result.hpp"

namespace gallra::store {

class Recorder {
 public:
  explicit Recorder(Database& db);

  void begin_run(std::int64_t sweep, std::int64_t run, const std::string& rules);
  // Records a part of a file. With `last`, what was known of that file before goes.
  void file(const FileResult& part);
  // Records how a folder was listed, and which of its known files are still as they were.
  void directory(const DirectoryResult& result);
  // Removes files whose last part never came.
  void remove_unfinished();
  // After a rolled-back transaction: nothing remembered in memory holds any more.
  void forget();

  std::size_t rows = 0;  // written since the caller last set it to 0; what a batch is measured by

 private:
  // A row that is not closed: a step seen on the way to a member, or an object sent in segments.
  struct OpenRow {
    std::int64_t id = 0;
    std::int64_t ordinal = -1;  // -1: not known yet
    bool has_segments = false;
    std::vector<DateEvidence> dates;  // of its segments so far
    std::string kind;
    std::uint64_t rolled_up = 0;
  };
  struct Earlier {
    std::int64_t id = 0;
    std::int64_t first_sweep = 0;
    bool unfinished = false;
  };
  // A file some of whose parts are here.
  struct OpenFile {
    std::int64_t id = 0;
    std::int64_t directory = 0;
    std::uint64_t members = 0;
    OpenRow top;
    bool top_closed = false;
    std::vector<Earlier> before;  // what was known of it, removed with its last part
    std::map<std::pair<std::int64_t, std::string>, std::vector<OpenRow>>
        open;  // by parent and step
  };
  struct Counted {
    std::uint64_t findings = 0, persons = 0, test_persons = 0;
  };

  std::int64_t word(std::string_view text);
  void bind_word(Statement& statement, int at, std::string_view text);      // NULL when empty
  void bind_outcome(Statement& statement, int at, const Outcome& outcome);  // three parameters
  std::int64_t directory_id(std::int64_t source, const std::string& dir);
  std::vector<Earlier> earlier(std::int64_t directory, const std::string& name);
  void remove(std::int64_t file_id);

  OpenFile& open_file(const FileResult& part);
  void finish_file(const FileResult& part, OpenFile& file);
  std::int64_t insert_file(const FileRef& ref, std::int64_t directory);
  std::int64_t insert_member(const OpenFile& file, std::int64_t parent, std::string_view name,
                             std::int64_t ordinal);
  std::int64_t parent_of(OpenFile& file, const DocumentResult& document);
  void record(OpenFile& file, const DocumentResult& document);
  void record_into(OpenRow& row, const DocumentResult& document);
  void close_row(OpenRow& row, const DocumentResult& document, const Counted& counted);

  // `fresh`: the document has no findings yet.
  Counted store_found(std::int64_t document, const DocumentFindings& found, bool fresh);
  void bind_finding(Statement& statement, int first, std::int64_t document, const Finding& finding,
                    const std::string& places);
  std::size_t store_bulk(std::int64_t document, const std::vector<Finding>& findings);
  bool store_finding(std::int64_t document, const Finding& finding);
  void merge_finding(std::int64_t document, const Finding& finding);
  bool store_subject(std::int64_t document, const DocumentSubject& subject);
  void merge_subject(std::int64_t document, const DocumentSubject& subject);
  void store_column(std::int64_t document, const ColumnFacts& column);
  void store_mailboxes(std::int64_t document, const std::vector<MailboxTally>& mailboxes);
  Counted recount(std::int64_t document);

  Database& db_;
  std::int64_t sweep_ = 0;
  std::int64_t run_ = 0;
  std::int64_t rules_ = 0;
  // Looked up by view: a word is asked for several times a finding.
  struct WordHash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  std::unordered_map<std::string, std::int64_t, WordHash, std::equal_to<>> words_;
  std::string signals_;  // room for the list of the finding in hand
  std::map<std::pair<std::int64_t, std::string>, std::int64_t> directories_;
  std::map<std::pair<std::int64_t, std::string>, OpenFile> files_;  // by directory and name

  Statement find_word_, add_word_, find_directory_, add_directory_, set_directory_;
  Statement find_earlier_, listed_files_, mark_missing_, clear_missing_;
  Statement add_file_, add_member_, close_document_, finish_file_;
  Statement add_finding_, add_findings_, find_finding_, update_finding_;
  Statement add_subject_, find_subject_, update_subject_, add_column_, add_mailbox_;
  Statement count_findings_, count_subjects_;
  std::vector<Statement> remove_own_, remove_members_;
};

// One date a kind, the latest, sorted by kind: what is worth keeping of many.
std::vector<DateEvidence> strongest_dates(std::vector<DateEvidence> dates);

}  // namespace gallra::store

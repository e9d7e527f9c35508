// How much of what was meant to be read was read. One figure, told alike by scan, status and
// report.
#pragma once

#include <string>

#include "reports/store/store.hpp"
#include "scanner/support/text.hpp"

namespace gallra::exporting {

// What was read (now, in part or carried over) of that and what was not read; 1.0 when there was
// nothing to read, 0.0 when not even a folder could be listed. What was left out on purpose does
// not count. What nobody could have read, a password or damage, does: the figure says what was
// seen, not whose fault the rest is. Folders that could not be listed hide an unknown number of
// files and are told beside it; the files known there from earlier count as not read.
double coverage_of(const store::Ledger& ledger);

// `share` as words: "98,8 %", rounded down, so that it is 100 % only when nothing is unread; "at
// most 98.8%" when folders could not be listed, since nobody knows what they hold; "not done" while
// a sweep is open.
std::string coverage_text(Lang lang, const store::Ledger& ledger, double share);

// The same without what nobody could read for us (passwords, unknown formats, damage, pages that
// are pictures, bombs). What `min_coverage` is compared with: a few locked files are no alarm.
double readable_coverage_of(const store::Ledger& ledger);

}  // namespace gallra::exporting

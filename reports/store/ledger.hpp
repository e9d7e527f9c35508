// Counting a sweep: which objects are there, how each ended, and closing a sweep that reconciles.
#pragma once

#include <cstdint>
#include <optional>

#include "reports/store/sqlite.hpp"
#include "reports/store/store.hpp"

namespace gallra::store {

// The ledger of an open sweep as far as it is known, or of the latest one of its sources before it
// closes. `members_not_of_run`: members of files that `run` did not read (carried over, or read by
// an earlier run).
Ledger count_ledger(Database& db, std::int64_t sweep, std::int64_t run,
                    std::uint64_t* members_not_of_run = nullptr);
// The same over every source, each as its latest sweep left it (an open one: as far as it is
// known): what `file_now` shows, which is what reports and exports show.
Ledger count_ledger_now(Database& db);
void store_ledger(Database& db, std::int64_t sweep, const Ledger& ledger);
std::optional<Ledger> stored_ledger(Database& db, std::int64_t sweep);

// After a whole walk by `run`: files that are not where they were are marked gone, folders that
// were not met are gone (their parent was listed without them) or not known of any more in this
// sweep.
void settle(Database& db, std::int64_t sweep, std::int64_t run);

// How an outcome as read counts in a sweep that carried it over.
OutcomeKind carried_kind(OutcomeKind read);

}  // namespace gallra::store

// How much of what could be read was read.
#pragma once

#include "reports/store/store.hpp"

namespace gallra::app {

// Read (now, in part or carried over) divided by what should have been readable: not the excluded,
// and not what nobody could read for us (passwords, unknown formats, damage, pages that are
// pictures, bombs). 1.0 when nothing was to be read.
double coverage_of(const store::Ledger& ledger);

}  // namespace gallra::app

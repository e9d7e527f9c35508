// What the process is for the operating system: no cores, a UTF-8 locale, and how signals stop a
// scan.
#pragma once

#include "scanner/app/pipeline.hpp"

namespace gallra::app {

// First thing in main: found data must never end in a core dump, nor be read by a debugger of
// another user.
void harden_process();

// SIGINT and SIGTERM: first finish the documents in hand, at the second (or after the grace) drop
// them. `stop` must outlive the process's interest in signals. Returns through `last_signal`.
void stop_on_signals(Stop& stop);
int last_signal();

}  // namespace gallra::app

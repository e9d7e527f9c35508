// What the process is for the operating system: its standard streams, no cores, a UTF-8 locale, and
// how signals stop a scan.
#pragma once

#include <string_view>

#include "scanner/app/pipeline.hpp"

namespace gallra::app {

// First of all: a closed standard stream must not become the number of the next file opened, a
// database perhaps.
void fill_standard_streams();

// One line on stderr. Nothing written there may end or stop the program, so failure is ignored.
void tell(std::string_view line);

// Last of all: false when something printed could not be written. A reader that has had enough
// (| head) is no failure.
bool finish_output();

// Before anything is read: found data must never end in a core dump, nor be read by a debugger of
// another user.
void harden_process();

// SIGINT, SIGTERM and SIGHUP (told as SIGTERM; ignored under nohup): first finish the documents in
// hand, at the second (or after the grace) drop them. `stop` must outlive the process's interest in
// signals. Returns through `last_signal`.
void stop_on_signals(Stop& stop);
int last_signal();

// SIGUSR1 asks how the scan goes; true once a signal. Ignored until listened for.
void listen_for_questions();
bool was_asked();

}  // namespace gallra::app

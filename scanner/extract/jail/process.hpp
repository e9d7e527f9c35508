// What keeper, zygote and workers do alike when they begin: each is forked with more in its hands
// than it may keep.
#pragma once

#include <sys/types.h>

#include "scanner/extract/jail/channel.hpp"

namespace gallra::jail {

// A connected pair of local sockets, close-on-exec, never numbered 0 to 2: whoever starts the
// engine may have left those closed. False: errno tells why.
bool make_pair(int type, Fd& one, Fd& other);

// A child that outlives its parent would be a stray with a document in its hands.
void die_with(pid_t parent);

// Keeps 0 to 2 and `fd`, which becomes `number`; all else is closed.
void keep_only(int fd, int number);

// The terminal's signals and the standard streams are not for the processes of the jail.
void leave_terminal();

}  // namespace gallra::jail

// What is taken away from a process before it may look at a stranger's document. All of libseccomp
// and Landlock is here.
#pragma once

#include <linux/filter.h>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "scanner/extract/jail/jail.hpp"

namespace gallra::jail {

// The worker's socket always has this number, the only one it may write to (0 to 2 are /dev/null).
inline constexpr int kWorkerSocket = 3;

using SyscallFilter = std::vector<sock_filter>;

// The allow-list, compiled once. Opening files for reading is on it only when Landlock narrows it
// to poppler's tables.
tl::expected<SyscallFilter, std::string> build_syscall_filter(bool may_open_for_reading);

// For the zygote; what it gives up, its workers never have: network, files, capabilities, core
// dumps. Fills `strength` with what the kernel granted; parts that it refused are named in
// `strength.problem`.
void give_up_shared_rights(Strength& strength);

// Bytes of address space in use; 0 when it cannot be told (inside the jail it cannot).
std::uint64_t mapped_now();

// For a worker, last of all. `address_space` is RLIMIT_AS (0 = no limit).
bool close_jail(const SyscallFilter& filter, std::uint64_t address_space);

// A child under the whole confinement tries what is forbidden. "" = all was refused, else what was
// not.
std::string try_to_break_out(const SyscallFilter& filter);

}  // namespace gallra::jail

// From what the store holds of a file to what the policy and the reports judge it by.
#pragma once

#include <cstdint>
#include <optional>

#include "reports/retention/retention.hpp"
#include "reports/store/store.hpp"

namespace gallra::exporting {

// Categories at medium or above, document kinds and dates of the file and its members, its persons.
retention::FileFacts file_facts(const store::FileSummary& summary);

// The same for one file by its document id; nullopt when it is not there (or is a member).
std::optional<retention::FileFacts> facts_of(store::Reader& reader, std::int64_t document_id);

}  // namespace gallra::exporting

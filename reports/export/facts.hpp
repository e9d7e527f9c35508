// From what the store holds of a file to what the policy and the reports judge it by.
#pragma once

#include <cstdint>
#include <optional>

#include "reports/retention/retention.hpp"
#include "reports/store/store.hpp"

namespace gallra::exporting {

// Categories at medium or above, document kinds and dates of the file and its members, its persons.
retention::FileFacts file_facts(const store::FileSummary& summary);

// Does the file, or a member of it, hold a finding at medium or above? Only such files are judged
// and counted, by report, export and `why` alike.
bool holds_personal_data(const store::FileSummary& summary);

// What the policy says of the file; nullopt when there is nothing in it to judge.
std::optional<retention::Judgement> judgement_of(const store::FileSummary& summary,
                                                 const retention::Policy& policy,
                                                 std::int32_t today, Lang lang);

}  // namespace gallra::exporting

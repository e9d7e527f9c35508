// From what the store holds of a file to what the policy and the reports judge it by.
#pragma once

#include <cstdint>
#include <optional>

#include "reports/retention/retention.hpp"
#include "reports/store/store.hpp"

namespace gallra::exporting {

// Categories at medium or above, document kinds and dates of the file and its members, its persons.
retention::FileFacts file_facts(const store::FileSummary& summary);

// What the policy says of the file; nullopt when neither it nor a member of it holds a finding at
// medium or above: such files are not judged or counted, by report, export and `why` alike.
std::optional<retention::Judgement> judgement_of(const store::FileSummary& summary,
                                                 const retention::Policy& policy,
                                                 std::int32_t today, Lang lang);

}  // namespace gallra::exporting

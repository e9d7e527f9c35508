#include "detectors/signal.hpp"

#include <array>

namespace gallra::detect {

std::string_view key_of(Signal signal) {
  static constexpr std::array<std::string_view, static_cast<std::size_t>(Signal::kCount)> kKeys = {
      "twelve_digits",
      "hyphen",
      "odd_separator",
      "bare_ten",
      "lost_zero",
      "in_vat_number",
      "mobile",
      "landline",
      "international",
      "grouped",
      "obfuscated",
      "person_address",
      "function_address",
      "switchboard",
      "date_valid",
      "check_digit",
      "malformed",
      "no_such_day",
      "test_number",
      "column_header",
      "field_label",
      "context_word",
      "dense_column",
      "neighbour_name",
      "neighbour_email",
      "neighbour_number",
      "other_header",
      "other_label",
      "other_word",
      "sparse",
      "timestamp",
      "log_line",
      "glued",
      "competing_phone",
      "competing_personnummer",
      "competing_organisation",
      "competing_other",
      "strong_term",
      "term",
      "same_person",
      "person_near",
      "person_in_file",
      "nobody",
      "record_document",
      "policy_text",
      "denied",
      "subject",
      "foreign",
      "full_name",
      "given_name",
      "title",
      "ambiguous_name",
      "street",
      "postcode",
      "town",
      "letterhead",
      "pattern",
  };
  const auto at = static_cast<std::size_t>(signal);
  return at < kKeys.size() ? kKeys[at] : std::string_view("");
}

}  // namespace gallra::detect

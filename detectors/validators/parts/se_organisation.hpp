// Organisation numbers and VAT numbers, as typed.
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "detectors/validators/validator.hpp"

namespace gallra::detect {

// Any written form, nothing around it; answers the ten digits.
tl::expected<std::string, Invalid> validate_organisation(std::string_view text);

// "SE" + ten digits + "01" of a sole trader: answers the ten digits of the personnummer in it.
tl::expected<std::string, Invalid> validate_vat_person(std::string_view text, std::int32_t today);

}  // namespace gallra::detect

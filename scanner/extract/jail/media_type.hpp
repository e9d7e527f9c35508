// libmagic's opinion of a document nobody else knows. Only asked inside the jail.
#pragma once

#include <string>

#include "scanner/extract/extractor.hpp"

namespace gallra::jail {

// Once, in the zygote: loads the database. Without it every answer is "".
void load_media_types();
// "image/png"; "" when libmagic does not know or is not there. Looks at the first 4 KiB.
std::string media_type_of(const extract::Source& source);

}  // namespace gallra::jail

# Two interface targets: `gallra_settings` carries standard, include root, sanitizers and warnings for our
# own code; third-party headers come in as SYSTEM and meet none of it.
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE RelWithDebInfo)
endif()
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

add_library(gallra_settings INTERFACE)
target_compile_features(gallra_settings INTERFACE cxx_std_20)
target_include_directories(gallra_settings INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_definitions(gallra_settings INTERFACE _FILE_OFFSET_BITS=64 GALLRA_VERSION="${PROJECT_VERSION}")
target_compile_options(gallra_settings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor -Woverloaded-virtual -Wnull-dereference
  -Wduplicated-cond -Wlogical-op -Wno-missing-field-initializers
  -Wno-restrict)  # g++ 12 sees overlaps in std::string that are not there (GCC bug 105329)
target_link_libraries(gallra_settings INTERFACE fmt::fmt Threads::Threads)
if(GALLRA_WERROR)
  target_compile_options(gallra_settings INTERFACE -Werror)
endif()
if(GALLRA_SANITIZE)
  add_compile_options(-fsanitize=${GALLRA_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${GALLRA_SANITIZE})
  add_compile_definitions(GALLRA_SANITIZED=1)
  # g++ 12 gives false alarms of these under sanitizers.
  target_compile_options(gallra_settings INTERFACE -Wno-null-dereference -Wno-maybe-uninitialized -Wno-tsan)
else()
  add_compile_options(-fstack-protector-strong -D_GLIBCXX_ASSERTIONS)
  if(CMAKE_BUILD_TYPE STREQUAL "Release")
    add_compile_options(-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
  endif()
  add_link_options(-Wl,-z,relro,-z,now)
endif()

# gallra_room(name folder deps...): a static library of every .cpp below the folder.
function(gallra_room name folder)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${folder}/*.cpp)
  if(NOT sources)
    file(WRITE ${CMAKE_BINARY_DIR}/empty_${name}.cpp "")
    set(sources ${CMAKE_BINARY_DIR}/empty_${name}.cpp)
  endif()
  add_library(gallra_${name} STATIC ${sources})
  target_link_libraries(gallra_${name} PUBLIC gallra_settings ${ARGN})
endfunction()

# Writes the table of extractors: every formats/NAME.cpp defines `extractor_NAME`. No second list to forget.
function(gallra_extractor_table target folder)
  file(GLOB files CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${folder}/*.cpp)
  set(declared "")
  set(listed "")
  foreach(file ${files})
    get_filename_component(stem ${file} NAME_WE)
    string(APPEND declared "extern const ExtractorEntry extractor_${stem};\n")
    string(APPEND listed "    &extractor_${stem},\n")
  endforeach()
  file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/extractor_table.cpp CONTENT
"// Written by CMake from ${folder}/*.cpp.
#include \"scanner/extract/extractor.hpp\"
namespace gallra::extract {
${declared}std::span<const ExtractorEntry* const> extractors() {
  static const std::vector<const ExtractorEntry*> table = {
${listed}  };
  return table;
}
}  // namespace gallra::extract
")
  target_sources(${target} PRIVATE ${CMAKE_BINARY_DIR}/extractor_table.cpp)
endfunction()

# The same for validators: every validators/NAME.cpp defines `validator_NAME`.
function(gallra_validator_table target folder)
  file(GLOB files CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${folder}/*.cpp)
  set(declared "")
  set(listed "")
  foreach(file ${files})
    get_filename_component(stem ${file} NAME_WE)
    string(APPEND declared "extern const ValidatorEntry validator_${stem};\n")
    string(APPEND listed "    &validator_${stem},\n")
  endforeach()
  file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/validator_table.cpp CONTENT
"// Written by CMake from ${folder}/*.cpp.
#include \"detectors/validators/validator.hpp\"
namespace gallra::detect {
${declared}std::span<const ValidatorEntry* const> validators() {
  static const std::vector<const ValidatorEntry*> table = {
${listed}  };
  return table;
}
}  // namespace gallra::detect
")
  target_sources(${target} PRIVATE ${CMAKE_BINARY_DIR}/validator_table.cpp)
endfunction()

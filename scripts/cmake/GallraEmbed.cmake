# gallra_embed(target globs...): builds files into the binary by .incbin and writes the table that
# scanner/support/embedded.hpp reads. Names are paths from the repository's root.
function(gallra_embed target)
  set(files "")
  foreach(pattern ${ARGN})
    file(GLOB_RECURSE some CONFIGURE_DEPENDS RELATIVE ${CMAKE_SOURCE_DIR} ${CMAKE_SOURCE_DIR}/${pattern})
    list(APPEND files ${some})
  endforeach()
  list(SORT files)
  list(REMOVE_DUPLICATES files)
  set(code "")
  set(rows "")
  set(index 0)
  set(absolute "")
  foreach(file ${files})
    string(APPEND code
"asm(\".section .rodata\\n.balign 16\\ngallra_file_${index}:\\n.incbin \\\"${CMAKE_SOURCE_DIR}/${file}\\\"\\ngallra_file_${index}_end:\\n.byte 0\\n.previous\\n\");
extern \"C\" const char file_${index}[] asm(\"gallra_file_${index}\");
extern \"C\" const char file_${index}_end[] asm(\"gallra_file_${index}_end\");
")
    string(APPEND rows "      {\"${file}\", {file_${index}, static_cast<std::size_t>(file_${index}_end - file_${index})}},\n")
    list(APPEND absolute ${CMAKE_SOURCE_DIR}/${file})
    math(EXPR index "${index} + 1")
  endforeach()
  set(out ${CMAKE_BINARY_DIR}/${target}.cpp)
  file(CONFIGURE OUTPUT ${out} CONTENT
"// Written by CMake: the files built into the binary.
#include <array>
#include \"scanner/support/embedded.hpp\"
${code}
namespace gallra {
std::span<const EmbeddedFile> embedded_files() {
  static const std::array<EmbeddedFile, ${index}> table{{
${rows}  }};
  return table;
}
}  // namespace gallra
")
  set_source_files_properties(${out} PROPERTIES OBJECT_DEPENDS "${absolute}")
  add_library(${target} STATIC ${out})
  target_include_directories(${target} PRIVATE ${CMAKE_SOURCE_DIR})
  target_compile_features(${target} PRIVATE cxx_std_20)
endfunction()

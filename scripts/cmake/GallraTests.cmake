# tests/unit/ROOM/*.cpp -> one Catch2 program a room, linked with that room only (so that a room that
# reaches into another does not link). tests/scan/*.py runs the shipped binary.
add_library(gallra_test_main STATIC ${CMAKE_SOURCE_DIR}/tests/unit/main.cpp)
target_link_libraries(gallra_test_main PUBLIC gallra_settings Catch2::Catch2)

foreach(room model support walk identify extract detectors store retention export html)
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/unit/${room}/*.cpp)
  if(sources)
    add_executable(test_${room} ${sources})
    target_link_libraries(test_${room} PRIVATE gallra_${room} gallra_test_main)
    target_compile_definitions(test_${room} PRIVATE GALLRA_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
    add_test(NAME unit.${room} COMMAND test_${room})
    set_tests_properties(unit.${room} PROPERTIES TIMEOUT 1800)  # the thread sanitizer takes its time
  endif()
endforeach()

if(TARGET gallra)
  find_program(PYTHON3 python3 REQUIRED)
  file(GLOB scans CONFIGURE_DEPENDS RELATIVE ${CMAKE_SOURCE_DIR}/tests/scan ${CMAKE_SOURCE_DIR}/tests/scan/test_*.py)
  foreach(scan ${scans})
    string(REGEX REPLACE "^test_(.*)\\.py$" "\\1" name ${scan})
    add_test(NAME scan.${name} COMMAND ${PYTHON3} -B ${CMAKE_SOURCE_DIR}/tests/scan/${scan})
    set_tests_properties(scan.${name} PROPERTIES TIMEOUT 1200 ENVIRONMENT "GALLRA=$<TARGET_FILE:gallra>;XDG_CACHE_HOME=${CMAKE_BINARY_DIR}/cache;GALLRA_SANITIZE=${GALLRA_SANITIZE}")
  endforeach()
endif()

# Not part of a build or test: scripts/bench asks for it.
add_executable(bench_hyperscan EXCLUDE_FROM_ALL ${CMAKE_SOURCE_DIR}/tests/bench/hyperscan.cpp)
target_link_libraries(bench_hyperscan PRIVATE gallra_settings PkgConfig::HS Threads::Threads)

# Functions that make Podium's targets, so that flags, warnings and layout stand in one place.

# Warnings live on one interface target.
add_library(podium_build_flags INTERFACE)
target_compile_features(podium_build_flags INTERFACE cxx_std_20)
target_compile_options(podium_build_flags INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor
                                                    -Wold-style-cast -Woverloaded-virtual $<$<CONFIG:Debug>:-Wnull-dereference>)
# With optimization GCC 12 follows inlined code of the standard library and finds faults there that are none (bugs 105329 and 105651; which of
# these warnings comes depends on what is inlined, and so on the precompiled headers).
foreach(warning IN ITEMS restrict stringop-overread stringop-overflow array-bounds)
  target_compile_options(podium_build_flags INTERFACE $<$<AND:$<CXX_COMPILER_ID:GNU>,$<NOT:$<CONFIG:Debug>>>:-Wno-${warning}>)
endforeach()
if(PODIUM_WARNINGS_AS_ERRORS)
  target_compile_options(podium_build_flags INTERFACE -Werror)
endif()
foreach(sanitizer IN LISTS PODIUM_SANITIZERS)
  # The instrumented code makes GCC see uninitialized values where there are none.
  target_compile_options(podium_build_flags INTERFACE -fsanitize=${sanitizer} -fno-omit-frame-pointer
                                                      $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
  target_link_options(podium_build_flags INTERFACE -fsanitize=${sanitizer})
endforeach()

# What is tested is optimized in full; the tests themselves are better compiled quickly.
set(podium_test_options $<$<CONFIG:Release>:-O1>)

# podium_precompile(TARGET KIND SET): TARGET reads the headers that most files include in compiled form. They are compiled once for all targets of a
# KIND (code: position-independent and hidden, as libraries and modules are; test: with GoogleTest) and a SET: common; json, onnx: those too; engines:
# the common ones, under the macros that engines' packages define for the whole folder of their tests; none. A build that a compiler cache serves is
# better off without (PODIUM_PRECOMPILE_HEADERS=OFF).
set(podium_headers_common <algorithm> <array> <chrono> <cmath> <cstdint> <filesystem> <functional> <map> <memory> <numeric> <optional> <set> <span>
                          <string> <string_view> <vector> <fmt/format.h> <tl/expected.hpp>)
set(podium_headers_json ${podium_headers_common} <nlohmann/json.hpp>)
set(podium_headers_onnx ${podium_headers_common} <onnx-ml.pb.h>)
set(podium_headers_engines ${podium_headers_common})
function(podium_precompile target kind set)
  if(PODIUM_PRECOMPILE_HEADERS AND NOT set STREQUAL "none")
    if(NOT TARGET podium_headers_${kind}_${set})
      podium_compiled_headers(podium_headers_${kind}_${set} ${kind} ${set})
    endif()
    target_precompile_headers(${target} REUSE_FROM podium_headers_${kind}_${set})
  endif()
endfunction()
function(podium_compiled_headers name kind set)
  set(source "${PROJECT_BINARY_DIR}/headers/${name}.cpp")
  file(CONFIGURE OUTPUT "${source}" CONTENT "// CMake compiles headers for a target, and a target has a source.\n")
  add_library(${name} OBJECT "${source}")
  set(headers ${podium_headers_${set}})
  target_link_libraries(${name} PRIVATE podium_build_flags fmt::fmt tl::expected nlohmann_json::nlohmann_json $<$<STREQUAL:${set},onnx>:podium_onnx_schema>)
  if(kind STREQUAL "code")
    set_target_properties(${name} PROPERTIES POSITION_INDEPENDENT_CODE ON CXX_VISIBILITY_PRESET hidden)
  elseif(kind STREQUAL "test")
    list(APPEND headers <gmock/gmock.h> <gtest/gtest.h>)
    target_link_libraries(${name} PRIVATE GTest::gmock)
    target_compile_options(${name} PRIVATE ${podium_test_options})
  endif()
  target_precompile_headers(${name} PRIVATE ${headers})
endfunction()

# podium_library(NAME [HEADERS SET] SOURCES a.cpp … DEPENDS core … PUBLIC lib … PRIVATE lib …): one folder of src/ as a static library
# `podium_NAME`. DEPENDS are other folders: the arrows of docs/architecture.md.
function(podium_library name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "HEADERS" "SOURCES;DEPENDS;PUBLIC;PRIVATE")
  if(NOT arg_HEADERS)
    set(arg_HEADERS common)
  endif()
  list(TRANSFORM arg_DEPENDS PREPEND podium_)
  add_library(podium_${name} STATIC ${arg_SOURCES})
  set_target_properties(podium_${name} PROPERTIES POSITION_INDEPENDENT_CODE ON CXX_VISIBILITY_PRESET hidden)
  target_include_directories(podium_${name} PUBLIC "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>" "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/src>")
  target_link_libraries(podium_${name} PUBLIC ${arg_DEPENDS} ${arg_PUBLIC} PRIVATE podium_build_flags ${arg_PRIVATE})
  podium_precompile(podium_${name} code ${arg_HEADERS})
endfunction()

# podium_test(NAME [SERIAL] [HEADERS SET] SOURCES a_test.cpp … DEPENDS folder … LIBRARIES lib … LABELS label …): a GoogleTest program, one
# CTest test for each case. SERIAL: what it looks at (load, memory, blocks that are set aside) would be another with a second test beside it.
function(podium_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "SERIAL" "TIMEOUT;HEADERS" "SOURCES;DEPENDS;LIBRARIES;LABELS")
  if(NOT arg_HEADERS)
    set(arg_HEADERS common)
  endif()
  list(TRANSFORM arg_DEPENDS PREPEND podium_)
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 120)
  endif()
  add_executable(${name} ${arg_SOURCES})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/tests")
  target_link_libraries(${name} PRIVATE podium_build_flags ${arg_DEPENDS} ${arg_LIBRARIES} GTest::gmock GTest::gtest_main)
  target_compile_options(${name} PRIVATE ${podium_test_options})
  podium_precompile(${name} test ${arg_HEADERS})
  gtest_discover_tests(${name} DISCOVERY_TIMEOUT 60 PROPERTIES TIMEOUT ${arg_TIMEOUT} RUN_SERIAL ${arg_SERIAL} LABELS "${arg_LABELS}")
endfunction()

# podium_backend(NAME [HEADERS SET] SOURCES … LIBRARIES … INCLUDES …): the module podium-backend-NAME.so and, from its own descriptor(), NAME.json beside it.
function(podium_backend name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "HEADERS" "SOURCES;LIBRARIES;INCLUDES;DEFINITIONS")
  if(NOT arg_HEADERS)
    set(arg_HEADERS none)
  endif()
  add_library(podium-backend-${name} MODULE ${arg_SOURCES})
  set_target_properties(podium-backend-${name} PROPERTIES PREFIX "" CXX_VISIBILITY_PRESET hidden
                                                          LIBRARY_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/backends")
  target_include_directories(podium-backend-${name} SYSTEM PRIVATE ${arg_INCLUDES})
  target_compile_definitions(podium-backend-${name} PRIVATE ${arg_DEFINITIONS})
  target_link_libraries(podium-backend-${name} PRIVATE podium_build_flags podium_backend_api ${arg_LIBRARIES})
  podium_precompile(podium-backend-${name} code ${arg_HEADERS})
  target_link_options(podium-backend-${name} PRIVATE "LINKER:--version-script=${PROJECT_SOURCE_DIR}/cmake/backend-module.map")
  add_custom_command(
    TARGET podium-backend-${name} POST_BUILD
    COMMAND podium-worker --module $<TARGET_FILE:podium-backend-${name}> --describe "${PROJECT_BINARY_DIR}/backends/${name}.json"
    COMMENT "Describing backend ${name}" VERBATIM)
  add_dependencies(podium-backend-${name} podium-worker)
  set_property(GLOBAL APPEND PROPERTY podium_backends podium-backend-${name})
  install(TARGETS podium-backend-${name} LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}/podium/backends" COMPONENT runtime)
  install(FILES "${PROJECT_BINARY_DIR}/backends/${name}.json" DESTINATION "${CMAKE_INSTALL_LIBDIR}/podium/backends" COMPONENT runtime)
endfunction()

# podium_missing_backend(NAME ENGINE REASON REMEDY): a backend that cannot be built here; `podium doctor` says why and how to mend it.
function(podium_missing_backend name engine reason remedy)
  file(CONFIGURE OUTPUT "${PROJECT_BINARY_DIR}/backends/${name}.json" @ONLY CONTENT
[=[{"name": "@name@", "engine": "@engine@", "launch": "none", "reason": "@reason@", "remedy": "@remedy@"}
]=])
  message(STATUS "Podium: backend ${name} is not built: ${reason}")
endfunction()

# podium_python_backend(NAME): a backend served by the Python worker; described without importing its engine.
function(podium_python_backend name)
  set(described "${PROJECT_BINARY_DIR}/backends/${name}.json")
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/python/podium_torch/*.py")
  add_custom_command(
    OUTPUT "${described}"
    COMMAND ${CMAKE_COMMAND} -E env "PYTHONPATH=${PROJECT_SOURCE_DIR}/python" PYTHONDONTWRITEBYTECODE=1
            "${Python3_EXECUTABLE}" -m podium_torch.worker --backend ${name} --describe "${described}"
    DEPENDS ${sources}
    COMMENT "Describing backend ${name}" VERBATIM)
  add_custom_target(podium-backend-${name} ALL DEPENDS "${described}")
  set_property(GLOBAL APPEND PROPERTY podium_backends podium-backend-${name})
  install(FILES "${described}" DESTINATION "${CMAKE_INSTALL_LIBDIR}/podium/backends")
endfunction()

# Libraries that Podium itself needs, all from Debian's packages (scripts/setup installs them).
find_package(fmt 9 REQUIRED)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(tl-expected 1.0 REQUIRED)
find_package(Boost 1.74 REQUIRED)  # Boost.Math, headers only
find_package(OpenSSL 3 REQUIRED COMPONENTS Crypto)
find_package(CLI11 2.1 REQUIRED)
find_package(Protobuf REQUIRED)
find_package(JPEG REQUIRED)
find_package(PNG REQUIRED)
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(ZIP REQUIRED IMPORTED_TARGET libzip)
find_package(Python3 3.10 REQUIRED COMPONENTS Interpreter)
if(PODIUM_BUILD_TESTS)
  find_package(GTest REQUIRED)
  include(GoogleTest)
endif()

# Where the engines come from: the Python environment that scripts/setup made, or the one given.
if(NOT PODIUM_PYTHON AND EXISTS "${PROJECT_SOURCE_DIR}/.venv/bin/python")
  set(PODIUM_PYTHON "${PROJECT_SOURCE_DIR}/.venv/bin/python" CACHE FILEPATH "" FORCE)
endif()
if(NOT PODIUM_PYTHON AND SKBUILD)  # pip install: the environment that the wheel is for
  set(PODIUM_PYTHON "${Python_EXECUTABLE}" CACHE FILEPATH "" FORCE)
endif()
set(PODIUM_SITE_PACKAGES "")
if(PODIUM_PYTHON)
  execute_process(COMMAND "${PODIUM_PYTHON}" -c "import sysconfig; print(sysconfig.get_path('purelib'))"
                  OUTPUT_VARIABLE PODIUM_SITE_PACKAGES OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
endif()
message(STATUS "Podium: engines from Python packages in: ${PODIUM_SITE_PACKAGES}")

# The chart library of reports (Vega-Lite) comes from the Python package vl-convert-python, wherever scripts/setup put it. It is built into
# the program for HTML; for SVG and PNG the package draws when it is asked to.
if(NOT PODIUM_CHARTS_PYTHON)
  foreach(candidate IN ITEMS "${PODIUM_PYTHON}" "${PROJECT_SOURCE_DIR}/.venv/bin/python" "${PROJECT_SOURCE_DIR}/.deps/venv/bin/python")
    if(NOT PODIUM_CHARTS_PYTHON AND candidate)
      execute_process(COMMAND "${candidate}" -c "import vl_convert" RESULT_VARIABLE missing OUTPUT_QUIET ERROR_QUIET)
      if(missing EQUAL 0)
        set(PODIUM_CHARTS_PYTHON "${candidate}" CACHE FILEPATH "Python interpreter with vl-convert-python" FORCE)
      endif()
    endif()
  endforeach()
endif()
if(NOT PODIUM_CHARTS_PYTHON)
  message(FATAL_ERROR "Podium: no Python interpreter with vl-convert-python, the chart library of reports, was found: run scripts/setup, "
                      "or give one with -DPODIUM_CHARTS_PYTHON=PATH")
endif()

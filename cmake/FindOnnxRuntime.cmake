# ONNX Runtime for a header-only use: its library is opened by path when a model is loaded, never linked.
#   OnnxRuntime_INCLUDE_DIR  folder of onnxruntime_cxx_api.h: PODIUM_ONNXRUNTIME_INCLUDE, what scripts/setup unpacked, or the system's
#   OnnxRuntime_LIBRARY      libonnxruntime.so inside the Python environment; the bare name where there is none (the loader then searches)
set(PODIUM_ONNXRUNTIME_INCLUDE "" CACHE PATH "Folder with ONNX Runtime's C++ headers; empty: where scripts/setup unpacked them")

find_path(OnnxRuntime_INCLUDE_DIR onnxruntime_cxx_api.h
          HINTS "${PODIUM_ONNXRUNTIME_INCLUDE}"
          PATHS "${PROJECT_SOURCE_DIR}/.deps/onnxruntime-headers"
          PATH_SUFFIXES onnxruntime include/onnxruntime usr/include/onnxruntime
          NO_CACHE)

set(OnnxRuntime_LIBRARY "libonnxruntime.so")
file(GLOB libraries "${PODIUM_SITE_PACKAGES}/onnxruntime/capi/libonnxruntime.so*")
if(libraries)
  list(GET libraries 0 OnnxRuntime_LIBRARY)
endif()

if(OnnxRuntime_INCLUDE_DIR)
  file(STRINGS "${OnnxRuntime_INCLUDE_DIR}/onnxruntime_c_api.h" api_line REGEX "^#define ORT_API_VERSION [0-9]+")
  string(REGEX REPLACE "[^0-9]" "" OnnxRuntime_API_VERSION "${api_line}")
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(OnnxRuntime REQUIRED_VARS OnnxRuntime_INCLUDE_DIR
                                  REASON_FAILURE_MESSAGE "run scripts/setup, which unpacks the headers")

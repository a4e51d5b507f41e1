# TensorRT for a header-only use: its libraries are opened at run time, never linked.
#   TensorRT_INCLUDE_DIRS  folders of NvInfer.h, NvOnnxParser.h and cuda_runtime_api.h: TensorRT_ROOT/include, the system's, CUDA's toolkit, or
#                          what CUDA's packages put into the Python environment
#   TensorRT_LIBRARY_DIR   folder of libnvinfer.so.N; empty where there is none (the loader then searches)
#   TensorRT_MISSING       the headers that were not found, in words
find_path(TensorRT_INCLUDE_DIR NvInfer.h PATH_SUFFIXES include NO_CACHE)
find_path(TensorRT_PARSER_INCLUDE_DIR NvOnnxParser.h HINTS "${TensorRT_INCLUDE_DIR}" PATH_SUFFIXES include NO_CACHE)
file(GLOB cuda_folders "${PODIUM_SITE_PACKAGES}/nvidia/*/include")
find_path(TensorRT_CUDA_INCLUDE_DIR cuda_runtime_api.h HINTS ENV CUDA_HOME PATHS /usr/local/cuda/include ${cuda_folders} PATH_SUFFIXES include
          NO_CACHE)

file(GLOB libraries "${TensorRT_ROOT}/lib/libnvinfer.so.*" "${TensorRT_ROOT}/libnvinfer.so.*" "${PODIUM_SITE_PACKAGES}/tensorrt/libnvinfer.so.*"
     "${PODIUM_SITE_PACKAGES}/tensorrt_libs/libnvinfer.so.*")
set(TensorRT_LIBRARY_DIR "")
if(libraries)
  list(GET libraries 0 library)
  cmake_path(GET library PARENT_PATH TensorRT_LIBRARY_DIR)
endif()

if(NOT TensorRT_INCLUDE_DIR)
  set(TensorRT_MISSING "TensorRT's headers (NvInfer.h)")
elseif(NOT TensorRT_PARSER_INCLUDE_DIR)
  set(TensorRT_MISSING "the header of TensorRT's ONNX parser (NvOnnxParser.h)")
else()
  set(TensorRT_MISSING "CUDA's headers (cuda_runtime_api.h)")
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(TensorRT REQUIRED_VARS TensorRT_INCLUDE_DIR TensorRT_PARSER_INCLUDE_DIR TensorRT_CUDA_INCLUDE_DIR
                                  REASON_FAILURE_MESSAGE "configure with -DTensorRT_ROOT=FOLDER")
set(TensorRT_INCLUDE_DIRS "${TensorRT_INCLUDE_DIR}" "${TensorRT_PARSER_INCLUDE_DIR}" "${TensorRT_CUDA_INCLUDE_DIR}")

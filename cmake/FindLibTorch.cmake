# PyTorch's C++ libraries inside the Python environment, as the target LibTorch::LibTorch. PyTorch's own TorchConfig.cmake is not used: it
# insists on a CUDA toolkit of the same version even where only the CPU is wanted.
set(LibTorch_ROOT "${PODIUM_SITE_PACKAGES}/torch")

find_path(LibTorch_INCLUDE_DIR torch/csrc/inductor/aoti_package/model_package_loader.h PATHS "${LibTorch_ROOT}/include" NO_DEFAULT_PATH NO_CACHE)
set(LibTorch_LIBRARIES "")
foreach(name torch torch_cpu c10)
  find_library(LibTorch_${name} ${name} PATHS "${LibTorch_ROOT}/lib" NO_DEFAULT_PATH NO_CACHE)
  list(APPEND LibTorch_LIBRARIES "${LibTorch_${name}}")
endforeach()

# Packages are unpacked by Podium and handed over as folders, so that nothing is left behind when a worker is killed.
set(LibTorch_LOADS_FOLDERS OFF)
if(LibTorch_INCLUDE_DIR)
  file(STRINGS "${LibTorch_INCLUDE_DIR}/torch/csrc/inductor/aoti_package/model_package_loader.h" folder_lines REGEX "is_directory_")
  if(folder_lines)
    set(LibTorch_LOADS_FOLDERS ON)
  endif()
  file(STRINGS "${LibTorch_INCLUDE_DIR}/torch/headeronly/version.h" version_line REGEX "^ +\"[0-9.]+")
  string(REGEX MATCH "[0-9.]+" LibTorch_VERSION "${version_line}")
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(LibTorch REQUIRED_VARS LibTorch_torch LibTorch_torch_cpu LibTorch_c10 LibTorch_INCLUDE_DIR LibTorch_LOADS_FOLDERS
                                  VERSION_VAR LibTorch_VERSION)

if(LibTorch_FOUND AND NOT TARGET LibTorch::LibTorch)
  add_library(LibTorch::LibTorch INTERFACE IMPORTED)
  # Searched last: the folder also holds PyTorch's own copies of fmt and other libraries, which must not take the place of ours.
  target_compile_options(LibTorch::LibTorch INTERFACE "SHELL:-idirafter ${LibTorch_INCLUDE_DIR}")
  # libtorch.so is not referred to by any symbol of ours, but the package loader opens it by its bare name: it must be loaded already.
  # Its CUDA libraries are found by its own run path, not by this link.
  target_link_libraries(LibTorch::LibTorch INTERFACE "-Wl,--push-state,--no-as-needed" ${LibTorch_LIBRARIES} "-Wl,--pop-state"
                                                        "-Wl,--unresolved-symbols=ignore-in-shared-libs")
endif()

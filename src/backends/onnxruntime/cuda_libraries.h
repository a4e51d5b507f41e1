#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace podium::onnxruntime::cuda {

/// CUDA's libraries that ONNX Runtime's CUDA provider needs, below a folder of Python packages (nvidia/*/lib), each before those that
/// need it. Empty where none are there.
[[nodiscard]] std::vector<std::filesystem::path> libraries_below(const std::filesystem::path& packages);

/// Opens them, so that the provider finds them by name: in the folders of PODIUM_CUDA_LIBRARIES, else in the Python packages that
/// `engine` (the path of libonnxruntime.so) is one of, else in those that Podium was built with. What cannot be opened is left to the
/// provider to miss.
void open_libraries(const std::string& engine);

}  // namespace podium::onnxruntime::cuda

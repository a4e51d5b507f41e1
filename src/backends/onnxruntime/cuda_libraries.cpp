#include "backends/onnxruntime/cuda_libraries.h"

#include <dlfcn.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string_view>

#include "core/text.h"

namespace podium::onnxruntime::cuda {
namespace {

namespace fs = std::filesystem;

constexpr const char* folders_variable = "PODIUM_CUDA_LIBRARIES";
/// Beginnings of file names, each behind those it needs. cuDNN opens its other parts itself, beside it.
constexpr std::array<std::string_view, 8> wanted{"libcudart.so.", "libnvJitLink.so.", "libnvrtc.so.", "libcublasLt.so.",
                                                 "libcublas.so.", "libcurand.so.",    "libcufft.so.", "libcudnn.so."};

void add_libraries(const fs::path& folder, std::vector<fs::path>& found) {
  std::error_code error;
  for (fs::directory_iterator files(folder, error); !error && files != fs::directory_iterator(); files.increment(error)) {
    const std::string name = files->path().filename().string();
    if (std::any_of(wanted.begin(), wanted.end(), [&](std::string_view part) { return name.starts_with(part); }))
      found.push_back(files->path());
  }
}

void put_in_order(std::vector<fs::path>& libraries) {
  const auto place = [](const fs::path& file) {
    const std::string name = file.filename().string();
    return std::find_if(wanted.begin(), wanted.end(), [&](std::string_view part) { return name.starts_with(part); });
  };
  std::sort(libraries.begin(), libraries.end());
  std::stable_sort(libraries.begin(), libraries.end(), [&](const fs::path& a, const fs::path& b) { return place(a) < place(b); });
}

std::vector<fs::path> libraries_in(const std::vector<std::string>& folders) {
  std::vector<fs::path> found;
  for (const std::string& folder : folders) add_libraries(folder, found);
  put_in_order(found);
  return found;
}

}  // namespace

std::vector<fs::path> libraries_below(const fs::path& packages) {
  std::vector<fs::path> found;
  std::error_code error;
  for (fs::directory_iterator parts(packages / "nvidia", error); !error && parts != fs::directory_iterator(); parts.increment(error))
    add_libraries(parts->path() / "lib", found);
  put_in_order(found);
  return found;
}

void open_libraries(const std::string& engine) {
  const char* given = std::getenv(folders_variable);
  std::vector<fs::path> libraries;
  if (given != nullptr && *given != '\0') libraries = libraries_in(split(given, ':'));
  if (libraries.empty()) libraries = libraries_below(fs::path(engine).parent_path().parent_path().parent_path());
  if (libraries.empty()) libraries = libraries_below(PODIUM_SITE_PACKAGES);
  for (const fs::path& library : libraries) ::dlopen(library.c_str(), RTLD_LAZY | RTLD_GLOBAL);
}

}  // namespace podium::onnxruntime::cuda

#include "backends/api/library_place.h"

#include <dlfcn.h>

#include <filesystem>
#include <system_error>

namespace podium::backend {

std::string library_of(const void* function) {
  Dl_info found{};
  if (::dladdr(function, &found) == 0 || found.dli_fname == nullptr) return {};
  // Engines are found by relative paths from a module; nobody wants to read "backends/../../lib".
  std::error_code error;
  const std::filesystem::path whole = std::filesystem::weakly_canonical(found.dli_fname, error);
  return error ? std::string(found.dli_fname) : whole.string();
}

}  // namespace podium::backend

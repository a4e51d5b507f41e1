#include "api/workers.h"

#include <cstdlib>

#include <fmt/format.h>

#include "core/install_paths.h"

namespace podium::api {

Result<std::vector<backend::Registered>> read_backends() {
  return backend::read_registry(find_install_paths().backends);
}

Result<worker::WorkerCommand> worker_command(const backend::Registered& backend) {
  const InstallPaths paths = find_install_paths();
  const backend::Descriptor& descriptor = backend.descriptor;
  if (backend.launch == backend::Launch::none) {
    return fail(ErrorCode::unavailable, fmt::format("{} was not built: {}", descriptor.name, backend.reason), descriptor.remedy);
  }
  if (backend.launch == backend::Launch::module) {
    return worker::WorkerCommand{{paths.worker.string(), "--module", backend.module.string()}, {}};
  }
  const std::string python = python_interpreter();
  if (python.empty()) {
    return fail(ErrorCode::unavailable, "no Python interpreter with PyTorch is known", "run scripts/setup, or set PODIUM_PYTHON to one");
  }
  // The user's own PYTHONPATH stays: a python: model may live there. A torch.py in the current folder must not go before PyTorch.
  const char* users = std::getenv("PYTHONPATH");
  const std::string path = users == nullptr || *users == '\0' ? paths.python.string() : paths.python.string() + ":" + users;
  return worker::WorkerCommand{{python, "-m", "podium_torch.worker", "--backend", descriptor.name},
                               {{"PYTHONPATH", path}, {"PYTHONSAFEPATH", "1"}}};
}

std::filesystem::path machine_root() {
  const char* other = std::getenv("PODIUM_MACHINE_ROOT");
  return other == nullptr || *other == '\0' ? "/" : other;
}

}  // namespace podium::api

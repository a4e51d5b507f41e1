#pragma once

#include <filesystem>
#include <memory>

#include "backends/api/backend.h"
#include "core/result.h"

namespace podium::backend {

/// A backend's shared library, open, and the backend made from it.
class Module {
 public:
  /// Refuses with a sentence: a file that is no module, one whose engine's libraries are missing, one built against another contract.
  [[nodiscard]] static Result<Module> open(const std::filesystem::path& file);
  [[nodiscard]] Backend& backend() const noexcept { return *backend_; }

 private:
  struct Closer {
    void operator()(void* handle) const noexcept;
  };
  using Handle = std::unique_ptr<void, Closer>;
  Module(Handle handle, std::unique_ptr<Backend> backend) : handle_(std::move(handle)), backend_(std::move(backend)) {}

  Handle handle_;  // declared before the backend, whose code lies in it
  std::unique_ptr<Backend> backend_;
};

}  // namespace podium::backend

#include "backends/api/module.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include <exception>

#include "core/text.h"

namespace podium::backend {

namespace {

std::string last_loader_error() {
  const char* text = ::dlerror();
  return text == nullptr ? "the loader gave no reason" : printable(text);
}

/// Podium and its modules are built together; a module of another build would be called with types that it lays out differently.
Result<void> check_contract(const podium_backend_module_t& module, const std::string& name) {
  const std::string remedy = "build this module and Podium from the same sources";
  if (module.contract_version != contract_version) {
    return fail(ErrorCode::unavailable,
                fmt::format("the module '{}' speaks version {} of the backend contract, this Podium speaks version {}", name,
                            module.contract_version, contract_version),
                remedy);
  }
  if (module.struct_size != sizeof(podium_backend_module_t) || module.create == nullptr) {
    return fail(ErrorCode::unavailable,
                fmt::format("the entry of the module '{}' has {} bytes, this Podium expects {}", name, module.struct_size,
                            sizeof(podium_backend_module_t)),
                remedy);
  }
  return {};
}

}  // namespace

void Module::Closer::operator()(void* handle) const noexcept {
  ::dlclose(handle);
}

Result<Module> Module::open(const std::filesystem::path& file) {
  const std::string name = printable(file.string());
  // Lazy, because an engine's library may name symbols that only its unused parts need. Never unmapped, because an engine's threads
  // and exit handlers may still run its code after the last session is gone.
  Handle handle(::dlopen(std::filesystem::absolute(file).c_str(), RTLD_LAZY | RTLD_LOCAL | RTLD_NODELETE));
  if (!handle) return fail(ErrorCode::unavailable, fmt::format("cannot open the module '{}': {}", name, last_loader_error()));
  void* symbol = ::dlsym(handle.get(), "podium_backend_module");
  if (symbol == nullptr) {
    return fail(ErrorCode::unavailable, fmt::format("'{}' is no backend of Podium: it has no podium_backend_module", name));
  }
  const podium_backend_module_t* module = reinterpret_cast<decltype(&podium_backend_module)>(symbol)();
  if (module == nullptr) return fail(ErrorCode::unavailable, fmt::format("the module '{}' gives no entry", name));
  if (auto checked = check_contract(*module, name); !checked) return tl::unexpected(checked.error());
  try {
    std::unique_ptr<Backend> backend(module->create());
    if (backend) return Module(std::move(handle), std::move(backend));
    return fail(ErrorCode::unavailable, fmt::format("the module '{}' makes no backend", name));
  } catch (const std::exception& error) {
    return fail(ErrorCode::unavailable, fmt::format("the module '{}' makes no backend: {}", name, printable(error.what())));
  }
}

}  // namespace podium::backend

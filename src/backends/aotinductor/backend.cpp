#include "backends/api/backend.h"

#include <ATen/Config.h>
#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <fmt/format.h>
#include <malloc.h>
#include <torch/csrc/inductor/aoti_package/model_package_loader.h>
#include <torch/headeronly/version.h>

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "backends/aotinductor/failure.h"
#include "backends/aotinductor/machine.h"
#include "backends/aotinductor/metadata.h"
#include "backends/aotinductor/options.h"
#include "backends/aotinductor/package.h"
#include "backends/aotinductor/session.h"
#include "backends/api/library_place.h"
#include "backends/api/request_check.h"
#include "core/temporary_folder.h"
#include "core/text.h"

namespace podium::aotinductor {
namespace {

using Loader = torch::inductor::AOTIModelPackageLoader;

constexpr Precision precisions[] = {Precision::fp32, Precision::bf16, Precision::fp16, Precision::int8_dynamic, Precision::int8_static};
constexpr const char* remedy = "pip install torch";

/// The version of the library that was loaded, which its headers cannot tell.
std::string library_version() {
  constexpr std::string_view key = "TORCH_VERSION=";
  const std::string config = at::show_config();
  const std::size_t at = config.find(key);
  if (at == std::string::npos) return "";
  const std::size_t start = at + key.size();
  return config.substr(start, config.find_first_of(", \n", start) - start);
}

Result<void> check_signature(const Metadata& metadata, Precision asked) {
  if (!metadata.signature) return {};
  const Signature& signature = *metadata.signature;
  if (signature.precision != asked) {
    return fail(ErrorCode::bad_input,
                fmt::format("the package was compiled for {}, not for {}", to_string(signature.precision), to_string(asked)),
                fmt::format("--precisions {}", to_string(signature.precision)));
  }
  // The part behind '+' names PyTorch's own build ("2.15.0+cpu"), which compiled code does not depend on.
  const std::string version = signature.torch_version.substr(0, signature.torch_version.find('+'));
  if (version.empty() || version == TORCH_VERSION) return {};
  return fail(ErrorCode::bad_input,
              fmt::format("the package was compiled by PyTorch {}, this is PyTorch {}", printable(version), TORCH_VERSION),
              "export the model again");
}

Result<void> check_device(const Metadata& metadata) {
  if (metadata.device.empty() || metadata.device == "cpu") return {};
  return fail(ErrorCode::unsupported,
              fmt::format("the package was compiled for the device '{}', this backend runs on cpu only", printable(metadata.device)));
}

/// By name where the package names its inputs, else as many as it takes, in the order given.
Result<ArgumentOrder> argument_order(const Metadata& metadata, Loader& loader, const backend::LoadRequest& request) {
  ArgumentOrder order;
  if (!metadata.signature) {
    for (std::size_t i = 0; i < request.inputs.size(); ++i) order.push_back(i);
  } else {
    const std::vector<TensorSpec>& declared = metadata.signature->inputs;
    if (auto checked = backend::check_declared_inputs(declared, request.inputs); !checked)
      return tl::unexpected(std::move(checked.error()));
    for (const TensorSpec& spec : declared) {
      const auto input = std::find_if(request.inputs.begin(), request.inputs.end(), [&](const auto& it) { return it.name == spec.name; });
      order.push_back(static_cast<std::size_t>(input - request.inputs.begin()));
    }
  }
  const std::vector<std::string> call = loader.get_call_spec();
  const std::optional<std::size_t> taken = call.empty() ? std::nullopt : count_leaves(call.front());
  if (taken && *taken != order.size()) {
    return fail(ErrorCode::bad_input,
                fmt::format("the compiled model takes {} inputs, {} were given{}", *taken, order.size(),
                            metadata.signature ? "; the package's metadata does not tell the truth" : ""),
                "export the model again");
  }
  return order;
}

/// For the rest of the process, freed memory stays in it: glibc gives large blocks, and at times the end of its heap, back to the system at
/// every call (mallopt(3)).
void keep_freed_memory() {
  ::mallopt(M_MMAP_MAX, 0);
  ::mallopt(M_TRIM_THRESHOLD, std::numeric_limits<int>::max());
}

void set_up_runtime(const backend::LoadRequest& request) {
  if (backend::flag(request.options, "keep-memory")) keep_freed_memory();
  // Compiled code reads this once, at its first run: without it, a tensor of another shape than it was compiled for is read out of bounds.
  ::setenv("AOTI_RUNTIME_CHECK_INPUTS", "1", 0);
  if (backend::text(request.options, "threads-policy") == "podium")
    at::set_num_threads(static_cast<int>(std::max<std::int64_t>(request.threads / request.requests, 1)));
  at::globalContext().setFlushDenormal(backend::flag(request.options, "flush-denormals"));
}

class AotBackend final : public backend::Backend {
 public:
  [[nodiscard]] backend::Descriptor descriptor() const override {
    backend::Descriptor descriptor;
    descriptor.name = "aotinductor";
    descriptor.engine = "PyTorch 2 compiled (AOTInductor)";
    descriptor.summary = "a model that Inductor compiled ahead of time, run from C++ without Python";
    descriptor.model_format = "aoti";
    descriptor.precisions = {std::begin(precisions), std::end(precisions)};
    descriptor.remedy = remedy;
    descriptor.options = option_specs();
    descriptor.worth_trying = option_trials();
    descriptor.builds_slowly = true;
    return descriptor;
  }

  [[nodiscard]] backend::Probe probe() override {
    backend::Probe found;
    found.version = library_version();
    found.available = found.version == TORCH_VERSION;
    found.place = backend::library_of(reinterpret_cast<const void*>(&at::show_config));
    if (found.available) {
      found.devices = {"cpu"};
    } else {
      found.reason = fmt::format("it was built against PyTorch {} and finds PyTorch {}", TORCH_VERSION, found.version);
      found.remedy = "build Podium again";
    }
    return found;
  }

  [[nodiscard]] Result<std::unique_ptr<backend::Session>> load(const backend::LoadRequest& request) override {
    static const std::vector<std::string> devices{"cpu"};
    if (auto checked = backend::check_device(request.device, devices, "AOTInductor"); !checked) return tl::unexpected(checked.error());
    if (auto checked = backend::check_precision(request.precision, precisions, "AOTInductor", "Podium compiles no package for it");
        !checked)
      return tl::unexpected(std::move(checked.error()));
    if (auto checked = backend::check_model_file(request); !checked) return tl::unexpected(std::move(checked.error()));
    // Gone again when this function ends: by then the library is mapped, and a worker that is killed leaves nothing behind.
    const auto folder = TemporaryFolder::create(request.cache, "podium-package");
    if (!folder) return tl::unexpected(folder.error());
    if (auto unpacked = unpack(request.model, folder->path()); !unpacked) return tl::unexpected(std::move(unpacked.error()));
    return load_folder(folder->path(), request);
  }

 private:
  [[nodiscard]] static Result<std::unique_ptr<backend::Session>> load_folder(const std::filesystem::path& folder,
                                                                             const backend::LoadRequest& request) {
    const auto entries = guarded(ErrorCode::bad_input, "reading the package's metadata",
                                 [&] { return Loader::load_metadata_from_package(folder, "model"); });
    if (!entries) return tl::unexpected(entries.error());
    const Result<Metadata> metadata = parse_metadata(*entries);
    if (!metadata) return tl::unexpected(metadata.error());
    for (const Result<void>& checked : {check_device(*metadata), check_machine(*metadata), check_signature(*metadata, request.precision)}) {
      if (!checked) return tl::unexpected(checked.error());
    }
    set_up_runtime(request);
    const bool single = backend::flag(request.options, "run-single-threaded");
    // A runner for each request: the loader hands each call one that is free.
    const auto runners = single ? std::size_t{1} : static_cast<std::size_t>(request.requests);
    auto loader =
        guarded(ErrorCode::bad_input, "loading the package", [&] { return std::make_unique<Loader>(folder, "model", single, runners); });
    if (!loader) return tl::unexpected(std::move(loader.error()));
    const Result<ArgumentOrder> order = argument_order(*metadata, **loader, request);
    if (!order) return tl::unexpected(order.error());
    return std::make_unique<AotSession>(std::make_shared<LoadedPackage>(std::move(*loader), folder), request, *order,
                                        metadata->signature ? metadata->signature->outputs : std::vector<std::string>{});
  }
};

}  // namespace
}  // namespace podium::aotinductor

PODIUM_BACKEND_MODULE(podium::aotinductor::AotBackend)

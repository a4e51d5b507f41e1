#include "runtime/engine.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>

#include "backends/api/registry.h"
#include "backends/api/shape_ranges.h"
#include "core/device.h"
#include "core/environment.h"
#include "core/install_paths.h"
#include "core/text.h"
#include "runtime/call_check.h"
#include "runtime/engine_folder.h"
#include "runtime/remote_session.h"

namespace podium::runtime {
namespace {

/// The command of the manifest that brings the engine, where the module itself does not say.
std::string how_to_install(const Manifest& manifest, const std::string& otherwise) {
  return manifest.install.empty() ? otherwise : join(manifest.install, "; ");
}

Result<backend::Registered> find_backend(const Manifest& manifest) {
  const ArtifactVariant& variant = manifest.variants.front();
  const std::filesystem::path folder = find_install_paths().backends;
  auto registry = backend::read_registry(folder);
  if (!registry) return tl::unexpected(registry.error());
  const auto found = std::find_if(registry->begin(), registry->end(),
                                  [&](const backend::Registered& entry) { return entry.descriptor.name == variant.backend; });
  if (found == registry->end() || found->launch != backend::Launch::module) {
    const std::string reason = found == registry->end() ? fmt::format("'{}' has no module of it", printable(folder.string()))
                               : found->reason.empty()  ? "it exists in Python only"
                                                        : found->reason;
    return fail(ErrorCode::unavailable, fmt::format("the artefact needs {} ({}): {}", printable(variant.engine), variant.backend, reason),
                how_to_install(manifest, "install Podium with this engine, or set PODIUM_HOME to the folder that holds backends/"));
  }
  return std::move(*found);
}

/// The module must know every option that was measured with; what is new in it keeps its default.
Result<OptionValues> options_here(const backend::Descriptor& descriptor, const OptionValues& measured) {
  std::map<std::string, std::string> typed;
  for (const auto& [name, value] : measured) typed.emplace(name, to_string(value));
  auto values = backend::resolve_options(descriptor, typed);
  if (values) return values;
  return fail(ErrorCode::unavailable, "the artefact was made with an engine of other options: " + values.error().message,
              "use the Podium that the manifest names, or make the artefact again");
}

/// An engine that can compile for a range of shapes does so for a call at none of those that were measured: the next such call finds it.
void compile_for_a_range(const Manifest& manifest, const ArtifactVariant& variant, const std::vector<backend::InputSpec>& inputs,
                         OptionValues& options) {
  const auto shapes = options.find(backend::shapes_option);
  if (shapes == options.end() || shapes->second != OptionValue(std::string())) return;
  std::vector<std::vector<backend::InputSpec>> measured;
  for (const ArtifactVariant& each : manifest.variants) {
    if (each.backend != variant.backend) continue;
    measured.push_back(measured_specs(each));
    if (same_shapes(measured.back(), inputs)) return;
  }
  shapes->second = backend::shapes_text(backend::ranges_around(inputs, measured_specs(variant), measured));
}

std::vector<std::string> differences(const Manifest& manifest, const std::string& version_here) {
  std::vector<std::string> found;
  const ArtifactVariant& variant = manifest.variants.front();
  if (version_here != variant.engine_version) {
    found.push_back(fmt::format("{} is {} here, it was measured with {}", printable(variant.engine), printable(version_here),
                                printable(variant.engine_version)));
  }
  const Environment here = read_environment();
  if (here.cpu != manifest.environment.cpu)
    found.push_back(
        fmt::format("the processor is {} here, it was measured on {}", printable(here.cpu), printable(manifest.environment.cpu)));
  if (here.cores != manifest.environment.cores)
    found.push_back(fmt::format("{} CPUs are usable here, it was measured with {}", here.cores, manifest.environment.cores));
  // In a container the GPU has no name here; what cannot run on it is told all the same.
  if (variant.device != "cpu" && !here.gpu.empty() && here.gpu != manifest.environment.gpu)
    found.push_back(fmt::format("the GPU is {} here, it was measured on {}", printable(here.gpu), printable(manifest.environment.gpu)));
  return found;
}

/// The one that was measured on; else the first of its kind, since which number a GPU has differs from machine to machine.
std::optional<std::string> device_here(const std::string& measured, const std::vector<std::string>& devices) {
  if (std::find(devices.begin(), devices.end(), measured) != devices.end()) return measured;
  const auto wanted = parse_device(measured);
  const auto other = std::find_if(devices.begin(), devices.end(), [&](const std::string& device) {
    const auto here = parse_device(device);
    return wanted && here && here->kind == wanted->kind;
  });
  return other == devices.end() ? std::nullopt : std::optional(*other);
}

std::string not_for_here(const Manifest& manifest, const ArtifactVariant& variant) {
  const std::string& gpu = manifest.environment.gpu;
  return fmt::format(
      "{} does not run here what the artefact brings, which is for {} and {} {}: it compiled {} for this GPU, and keeps that",
      printable(variant.engine), printable(gpu.empty() ? "another GPU" : gpu), printable(variant.engine), printable(variant.engine_version),
      printable(variant.model));
}

}  // namespace

Result<Engine> Engine::open(const Manifest& manifest) {
  const auto registered = find_backend(manifest);
  if (!registered) return tl::unexpected(registered.error());
  auto module = backend::Module::open(registered->module);
  if (!module) {
    Error error = module.error();
    if (error.remedy.empty()) error.remedy = how_to_install(manifest, registered->descriptor.remedy);
    return tl::unexpected(std::move(error));
  }
  const backend::Probe probe = module->backend().probe();
  if (!probe.available) {
    const std::string& remedy = probe.remedy.empty() ? registered->descriptor.remedy : probe.remedy;
    return fail(ErrorCode::unavailable,
                fmt::format("the artefact needs {}, which is not here: {}", registered->descriptor.engine, printable(probe.reason)),
                how_to_install(manifest, remedy));
  }
  for (const ArtifactVariant& variant : manifest.variants) {
    if (variant.backend != manifest.variants.front().backend) continue;  // the process that runs it will say
    if (device_here(variant.device, probe.devices)) continue;
    return fail(ErrorCode::unavailable,
                fmt::format("the artefact needs the device {}, which {} does not see here", printable(variant.device),
                            registered->descriptor.engine),
                "run it where that device is, or make an artefact here");
  }
  Engine engine(std::move(*module), *device_here(manifest.variants.front().device, probe.devices));
  engine.notices_ = differences(manifest, probe.version);
  if (engine.device_ != manifest.variants.front().device) {
    engine.notices_.push_back(fmt::format("it was measured on {}, which is not here: it runs on {}",
                                          printable(manifest.variants.front().device), engine.device_));
  }
  return engine;
}

void Engine::ask_others(const artifact::Opened& artifact) {
  const std::vector<ArtifactVariant>& variants = artifact.manifest.variants;
  std::set<std::string> asked{variants.front().backend};
  for (std::size_t i = 0; i < variants.size(); ++i) {
    if (!asked.insert(variants[i].backend).second) continue;
    const auto told = ask_host(artifact, i);
    if (!told) {
      const std::string remedy = told.error().remedy.empty() ? "" : fmt::format(" ({})", told.error().remedy);
      notices_.push_back(
          fmt::format("calls of the shapes that {} is for fail here: {}{}", printable(variants[i].engine), told.error().message, remedy));
      continue;
    }
    for (const std::string& notice : *told) {
      if (std::find(notices_.begin(), notices_.end(), notice) == notices_.end()) notices_.push_back(notice);
    }
  }
}

Result<LoadedVariant> Engine::load(const artifact::Opened& artifact, const ArtifactVariant& variant,
                                   const std::vector<backend::InputSpec>& inputs, const LoadOptions& options) const {
  const std::vector<ArtifactVariant>& variants = artifact.manifest.variants;
  if (variant.backend != variants.front().backend) {
    auto remote = load_in_host(artifact, static_cast<std::size_t>(&variant - variants.data()), inputs, options);
    if (!remote) return tl::unexpected(std::move(remote.error()));
    return LoadedVariant{std::move(*remote)};
  }
  auto values = options_here(module_.backend().descriptor(), variant.options);
  if (!values) return tl::unexpected(values.error());
  backend::LoadRequest request;
  request.model = artifact.folder / variant.model;
  request.precision = variant.precision;
  request.device = variant.device == variants.front().device ? device_ : variant.device;
  request.threads = options.threads > 0 ? options.threads : std::min(variant.threads, usable_cpus());
  request.options = std::move(*values);
  compile_for_a_range(artifact.manifest, variant, inputs, request.options);
  request.inputs = inputs;
  request.requests = std::max<std::int64_t>(options.sessions, 1);
  const EngineFolder folder = EngineFolder::open(artifact, variant);
  request.cache = folder.path();
  auto session = module_.backend().load(request);
  if (!session) return tl::unexpected(std::move(session.error()));
  const bool could_use_it = folder.was_used() || !folder.has_compiled();
  return LoadedVariant{std::move(*session), could_use_it ? std::string() : not_for_here(artifact.manifest, variant)};
}

}  // namespace podium::runtime

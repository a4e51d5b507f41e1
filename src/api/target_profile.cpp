#include "api/target_profile.h"

#include <fmt/format.h>

#include <algorithm>

#include "api/workers.h"
#include "core/environment.h"
#include "core/text.h"

namespace podium::api {
namespace {

constexpr const char* any_target = "any";

}  // namespace

QuantizationProfile profile_of(const backend::Descriptor& descriptor) {
  const std::vector<std::string> isa = read_environment().isa;
  return choose_profile(descriptor.quantization, isa);
}

Result<QuantizationProfile> target_profile(const std::string& target) {
  if (target == any_target) return choose_profile({}, read_environment().isa);
  const auto registry = read_backends();
  if (!registry) return tl::unexpected(registry.error());
  std::vector<std::string> known{any_target};
  for (const backend::Registered& entry : *registry) {
    if (entry.descriptor.model_format == "onnx") known.push_back(entry.descriptor.name);
  }
  const auto found = std::find_if(registry->begin(), registry->end(), [&](const backend::Registered& entry) {
    return entry.descriptor.name == target && entry.descriptor.model_format == "onnx";
  });
  if (found != registry->end()) return profile_of(found->descriptor);
  return fail(ErrorCode::wrong_use,
              fmt::format("--target: no engine that reads ONNX has the name '{}'{}", printable(target), did_you_mean(target, known)),
              fmt::format("choose from {}", join(known, ", ")));
}

}  // namespace podium::api

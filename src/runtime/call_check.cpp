#include "runtime/call_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <string>

#include "core/tensor_view.h"
#include "core/text.h"
#include "runtime/requests.h"

namespace podium::runtime {
namespace {

std::string describe(const TensorSpec& spec) {
  std::vector<std::string> axes;
  for (const Dimension& axis : spec.dimensions) {
    const std::string free_axis = axis.name.empty() ? "?" : printable(axis.name);
    axes.push_back(axis.is_free() ? free_axis : std::to_string(axis.size));
  }
  return fmt::format("'{}' {} [{}]", printable(spec.name), to_string(spec.type), join(axes, "x"));
}

std::string what_it_takes(const Manifest& manifest) {
  std::vector<std::string> inputs;
  for (const TensorSpec& spec : manifest.inputs) inputs.push_back(describe(spec));
  return "the model takes " + (inputs.empty() ? "no inputs" : join(inputs, ", "));
}

tl::unexpected<Error> refuse(const Manifest& manifest, std::string what) {
  return fail(ErrorCode::wrong_use, std::move(what), what_it_takes(manifest));
}

bool fits(const TensorSpec& declared, const Shape& given) {
  return std::equal(declared.dimensions.begin(), declared.dimensions.end(), given.begin(), given.end(),
                    [](const Dimension& axis, std::int64_t size) { return axis.is_free() || axis.size == size; });
}

/// Inputs lie in the host's memory, or on the `device` that the artefact runs on; all of a call where its first does.
Result<void> check_device(const Manifest& manifest, const std::string& device, std::size_t input, const std::string& given,
                          const std::string& first) {
  const std::string name = printable(manifest.inputs[input].name);
  if (given != host_device && given != device)
    return refuse(manifest, fmt::format("input '{}' lies on {}, the artefact runs on {}", name, printable(given), device));
  if (given == first) return {};
  return fail(ErrorCode::wrong_use,
              fmt::format("input '{}' lies on {} and input '{}' on {}", printable(manifest.inputs.front().name), first, name, given),
              "bring all inputs of a call to one of the two");
}

/// How far the shapes of a call are from those that a variant was measured at: 0 where they are the same.
double distance(const ArtifactVariant& variant, std::span<const backend::InputSpec> call) {
  double sum = 0.0;
  for (std::size_t i = 0; i < call.size(); ++i) {
    const auto& axes = variant.inputs[i].dimensions;
    for (std::size_t axis = 0; axis < axes.size(); ++axis) {
      const auto measured = static_cast<double>(axes[axis].size);
      const auto asked = static_cast<double>(call[i].shape[axis]);
      sum += std::abs(std::log((asked + 1.0) / (measured + 1.0)));
    }
  }
  return sum;
}

}  // namespace

Result<std::vector<std::size_t>> places_of(const Manifest& manifest, std::span<const Tensor> inputs) {
  if (inputs.size() != manifest.inputs.size())
    return refuse(manifest, fmt::format("{} inputs were given, {} are needed", inputs.size(), manifest.inputs.size()));
  const bool all_named = std::none_of(inputs.begin(), inputs.end(), [](const Tensor& tensor) { return tensor.name().empty(); });
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const std::string& wanted = manifest.inputs[i].name;
    if (!all_named) {
      if (!inputs[i].name().empty() && inputs[i].name() != wanted) {
        return refuse(manifest, fmt::format("input {} is named '{}' and others have no name: name all of them, or give them in order", i,
                                            printable(inputs[i].name())));
      }
      places.push_back(i);
      continue;
    }
    const auto found = std::find_if(inputs.begin(), inputs.end(), [&](const Tensor& tensor) { return tensor.name() == wanted; });
    if (found == inputs.end()) {
      std::set<std::string> known;
      for (const TensorSpec& spec : manifest.inputs) known.insert(spec.name);
      const auto odd = std::find_if(inputs.begin(), inputs.end(), [&](const Tensor& tensor) { return !known.contains(tensor.name()); });
      if (odd == inputs.end()) return refuse(manifest, fmt::format("input '{}' was not given", printable(wanted)));
      return refuse(manifest, fmt::format("the model has no input '{}'{}", printable(odd->name()),
                                          did_you_mean(odd->name(), {known.begin(), known.end()})));
    }
    places.push_back(static_cast<std::size_t>(found - inputs.begin()));
  }
  return places;
}

Result<std::vector<backend::InputSpec>> checked_specs(const Manifest& manifest, std::span<const Tensor> inputs,
                                                      std::span<const std::size_t> places, const std::string& device) {
  std::vector<backend::InputSpec> specs;
  for (std::size_t i = 0; i < places.size(); ++i) {
    const TensorSpec& declared = manifest.inputs[i];
    const Tensor& given = inputs[places[i]];
    if (given.type() != declared.type || !fits(declared, given.shape())) {
      return refuse(manifest, fmt::format("input '{}' was given as {} [{}]", printable(declared.name), to_string(given.type()),
                                          to_string(given.shape())));
    }
    if (auto reached = check_device(manifest, device, i, given.device(), inputs[places.front()].device()); !reached)
      return tl::unexpected(reached.error());
    if (given.data() == nullptr && given.bytes() > 0)
      return refuse(manifest, fmt::format("input '{}' has no memory", printable(declared.name)));
    specs.push_back({declared.name, declared.type, given.shape()});
  }
  return specs;
}

Result<const ArtifactVariant*> variant_for(const Manifest& manifest, std::span<const backend::InputSpec> call) {
  const ArtifactVariant* nearest = nullptr;
  double least = std::numeric_limits<double>::infinity();
  for (const ArtifactVariant& variant : manifest.variants) {
    const double away = distance(variant, call);
    if (away >= least || (variant.fixed_shape && away > 0.0)) continue;
    nearest = &variant;
    least = away;
  }
  if (nearest != nullptr) return nearest;
  std::vector<std::string> shapes;
  for (const ArtifactVariant& variant : manifest.variants) {
    std::vector<std::string> inputs;
    for (const backend::InputSpec& input : measured_specs(variant)) inputs.push_back(to_string(input.shape));
    shapes.push_back(join(inputs, " with "));
  }
  return fail(ErrorCode::wrong_use, "the artefact was compiled for other shapes than these",
              fmt::format("give inputs of {}, or make an artefact for this shape too", join(shapes, " or ")));
}

bool same_shapes(std::span<const backend::InputSpec> a, std::span<const backend::InputSpec> b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& one, const auto& other) { return one.shape == other.shape; });
}

std::vector<backend::InputSpec> measured_specs(const ArtifactVariant& variant) {
  std::vector<backend::InputSpec> specs;
  for (const TensorSpec& input : variant.inputs) {
    backend::InputSpec& spec = specs.emplace_back(backend::InputSpec{input.name, input.type, {}});
    for (const Dimension& axis : input.dimensions) spec.shape.push_back(axis.size);
  }
  return specs;
}

}  // namespace podium::runtime

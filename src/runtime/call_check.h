#pragma once

#include <span>
#include <vector>

#include "backends/api/backend.h"
#include "core/result.h"
#include "podium/artifact.h"

/// A call's inputs against what the model declares. Errors are wrong_use, and say what the model takes.
namespace podium::runtime {

/// The place among `inputs` of each input that the model declares: by position, or by name where every one has a name.
[[nodiscard]] Result<std::vector<std::size_t>> places_of(const Manifest& manifest, std::span<const Tensor> inputs);

/// Types, ranks and fixed sizes, and that there is memory, on the host or on `device`; `places` as places_of() gave them. The shapes of the
/// call, in the model's order.
[[nodiscard]] Result<std::vector<backend::InputSpec>> checked_specs(const Manifest& manifest, std::span<const Tensor> inputs,
                                                                    std::span<const std::size_t> places, const std::string& device);

/// The variant for a call: the one that was measured at these shapes, else the nearest of those that take other shapes. An error where
/// all are compiled for others.
[[nodiscard]] Result<const ArtifactVariant*> variant_for(const Manifest& manifest, std::span<const backend::InputSpec> call);

[[nodiscard]] bool same_shapes(std::span<const backend::InputSpec> a, std::span<const backend::InputSpec> b);

/// The shapes that a variant was measured at.
[[nodiscard]] std::vector<backend::InputSpec> measured_specs(const ArtifactVariant& variant);

}  // namespace podium::runtime

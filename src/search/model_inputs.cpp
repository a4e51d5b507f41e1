#include "search/model_inputs.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/text.h"

namespace podium::search {
namespace {

std::string describe(const TensorSpec& input) {
  std::vector<std::string> axes;
  for (const Dimension& axis : input.dimensions) {
    axes.push_back(axis.is_free() ? (axis.name.empty() ? "?" : printable(axis.name)) : std::to_string(axis.size));
  }
  return fmt::format("{}={}", printable(input.name), join(axes, "x"));
}

Result<void> check_names(const ModelFacts& model, const std::map<std::string, Shape>& shapes) {
  std::vector<std::string> known;
  for (const TensorSpec& input : model.inputs) known.push_back(input.name);
  for (const auto& [name, shape] : shapes) {
    const auto input =
        std::find_if(model.inputs.begin(), model.inputs.end(), [&, &wanted = name](const TensorSpec& spec) { return spec.name == wanted; });
    if (input == model.inputs.end()) {
      return fail(ErrorCode::wrong_use, fmt::format("--shape: the model has no input '{}'{}", printable(name), did_you_mean(name, known)),
                  fmt::format("its inputs are {}", join(known, ", ")));
    }
    if (shape.size() != input->dimensions.size()) {
      return fail(ErrorCode::wrong_use,
                  fmt::format("--shape {}={}: the input has {} axes, not {}", printable(name), to_string(shape), input->dimensions.size(),
                              shape.size()),
                  fmt::format("the model declares {}", describe(*input)));
    }
    for (std::size_t axis = 0; axis < shape.size(); ++axis) {
      const Dimension& declared = input->dimensions[axis];
      if (shape[axis] < 1 || (!declared.is_free() && declared.size != shape[axis])) {
        return fail(ErrorCode::wrong_use,
                    fmt::format("--shape {}={}: axis {} cannot be {}", printable(name), to_string(shape), axis, shape[axis]),
                    fmt::format("the model declares {}", describe(*input)));
      }
    }
  }
  return {};
}

bool starts_free(const TensorSpec& input) {
  return !input.dimensions.empty() && input.dimensions.front().is_free();
}

/// The one size that axis 0 of every input is fixed to; nothing where they differ or an input has no axis.
std::optional<std::int64_t> common_first_axis(const std::vector<TensorSpec>& inputs) {
  if (inputs.empty() || inputs.front().dimensions.empty()) return std::nullopt;
  const std::int64_t size = inputs.front().dimensions.front().size;
  const bool all = std::all_of(inputs.begin(), inputs.end(),
                               [&](const TensorSpec& input) { return !input.dimensions.empty() && input.dimensions.front().size == size; });
  return all ? std::optional(size) : std::nullopt;
}

}  // namespace

Shape ConcreteInput::at_batch(std::int64_t batch) const {
  Shape result = shape;
  if (has_batch_axis && !result.empty()) result.front() = batch;
  return result;
}

std::string ModelInputs::batch_refusal(std::int64_t batch) const {
  if (!fixed_batch || *fixed_batch == batch) return {};
  return fmt::format("the model is fixed to batch {}", *fixed_batch);
}

Result<ModelInputs> concrete_inputs(const ModelFacts& model, const std::map<std::string, Shape>& shapes) {
  if (auto checked = check_names(model, shapes); !checked) return tl::unexpected(checked.error());
  const bool free_batch = std::any_of(model.inputs.begin(), model.inputs.end(), starts_free);
  const auto first_axis = common_first_axis(model.inputs);
  ModelInputs result;
  if (!free_batch) result.fixed_batch = first_axis.value_or(1);
  std::vector<std::string> unknown_axes;
  for (const TensorSpec& spec : model.inputs) {
    ConcreteInput input{spec.name, spec.type, {}, free_batch ? starts_free(spec) : first_axis.has_value()};
    const auto given = shapes.find(spec.name);
    if (given != shapes.end() && input.has_batch_axis && free_batch && given->second.front() != 1) {
      return fail(ErrorCode::wrong_use, fmt::format("--shape {}={}: axis 0 is the batch", printable(spec.name), to_string(given->second)),
                  fmt::format("write 1 there, and --batch {}", given->second.front()));
    }
    for (std::size_t axis = 0; axis < spec.dimensions.size(); ++axis) {
      const bool is_batch = axis == 0 && input.has_batch_axis;
      const Dimension& declared = spec.dimensions[axis];
      const std::int64_t size = given != shapes.end() ? given->second[axis] : declared.size;
      if (!is_batch && size < 0)
        unknown_axes.push_back(
            fmt::format("axis {} ({}) of {}", axis, declared.name.empty() ? "unnamed" : printable(declared.name), printable(spec.name)));
      input.shape.push_back(is_batch ? 1 : size);
    }
    result.inputs.push_back(std::move(input));
  }
  if (!unknown_axes.empty()) {
    std::vector<std::string> declared;
    for (const TensorSpec& spec : model.inputs) declared.push_back(describe(spec));
    return fail(ErrorCode::wrong_use, fmt::format("the model leaves free: {}", join(unknown_axes, ", ")),
                fmt::format("give each such input a shape with --shape NAME=1x128; the model declares {}", join(declared, "  ")));
  }
  return result;
}

std::vector<data::WantedInput> wanted_inputs(const ModelInputs& model) {
  std::vector<data::WantedInput> wanted;
  for (const ConcreteInput& input : model.inputs) wanted.push_back({input.name, input.type, input.shape, input.has_batch_axis});
  return wanted;
}

}  // namespace podium::search

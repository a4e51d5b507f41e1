#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "core/result.h"
#include "podium/types.h"

namespace podium::data {

/// An input of the model for which samples are wanted; `shape` is concrete and its `batch_axis` counts 1.
struct WantedInput {
  std::string name;
  DataType type = DataType::float32;
  Shape shape;
  bool has_batch_axis = true;  ///< axis 0
};

/// One sample: the bytes of every wanted input, in order.
using Sample = std::vector<std::vector<std::byte>>;

struct InputSet {
  std::vector<WantedInput> inputs;
  std::vector<Sample> samples;
  std::string description;  ///< "20 pictures from DIR", "16 generated inputs (seed 0)"
  bool real = false;        ///< false where the values were generated
};

/// Reads `path`: a folder of JPEG or PNG pictures (for a model with one NxCxHxW or NxHxWxC image input), a .npz (keys are input names, axis
/// 0 counts samples) or a .npy (for a model with one input). At most `limit` samples, in order of file name. Errors name the file and what
/// to do.
[[nodiscard]] Result<InputSet> read_inputs(const std::filesystem::path& path, const std::vector<WantedInput>& inputs, std::size_t limit);

/// Inputs drawn from a seed: standard normal for floats, small whole numbers for integers. For models whose domain nobody knows.
[[nodiscard]] Result<InputSet> generate_inputs(const std::vector<WantedInput>& inputs, std::size_t count, std::uint64_t seed);

}  // namespace podium::data

#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "backends/api/backend.h"
#include "core/result.h"

/// Shapes that one compiled model is to take, for engines that compile for a range of them. Where a backend has an option `shapes`, it
/// takes such a text; whoever runs a model at other shapes than it was measured at gives one.
namespace podium::backend {

inline constexpr const char* shapes_option = "shapes";

struct ShapeRange {
  std::string input;
  Shape least;
  Shape usual;  ///< what the engine makes fast
  Shape most;
};

/// "input_ids=1x16:128:512;mask=1x16:128:512": least, usual and largest size of an axis, or the one size that it has.
[[nodiscard]] Result<std::vector<ShapeRange>> parse_shape_ranges(std::string_view text);
[[nodiscard]] std::string shapes_text(std::span<const ShapeRange> ranges);

/// Null where there is none for that input.
[[nodiscard]] const ShapeRange* range_of(std::span<const ShapeRange> ranges, std::string_view input);
/// Every range is of an input that is there, and holds its shape; the error says which does not.
[[nodiscard]] Result<void> check_ranges_hold(std::span<const ShapeRange> ranges, std::span<const InputSpec> inputs);

/// From the least to the largest size of each axis among shapes that a model is run at, one entry of `shapes` for each, in the order of
/// `call`; usual is `usual`. Empty where nothing ranges, or where the call lies outside.
[[nodiscard]] std::vector<ShapeRange> ranges_around(std::span<const InputSpec> call, std::span<const InputSpec> usual,
                                                    std::span<const std::vector<InputSpec>> shapes);

}  // namespace podium::backend

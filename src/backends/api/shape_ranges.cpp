#include "backends/api/shape_ranges.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <set>

#include "core/tensor_view.h"
#include "core/text.h"

namespace podium::backend {
namespace {

constexpr std::int64_t largest_size = std::int64_t{1} << 31;

tl::unexpected<Error> refuse(std::string_view text, std::string_view why) {
  return fail(
      ErrorCode::wrong_use, fmt::format("shapes: '{}' {}", printable(std::string(text)), why),
      "write least, usual and largest size of each axis that ranges, as in shapes=input_ids=1x16:128:512; inputs are parted by ';'");
}

std::optional<std::int64_t> size_in(std::string_view text) {
  std::int64_t size = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), size);
  const bool is_size = error == std::errc() && end == text.data() + text.size() && size > 0 && size < largest_size;
  return is_size ? std::optional(size) : std::nullopt;
}

/// Adds "16:128:512", or "1", as the next axis.
bool add_axis(std::string_view text, ShapeRange& range) {
  const std::vector<std::string> words = split(text, ':');
  if (words.size() != 1 && words.size() != 3) return false;
  std::array<std::int64_t, 3> sizes{};
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    const std::optional<std::int64_t> size = size_in(words[words.size() == 1 ? 0 : i]);
    if (!size) return false;
    sizes[i] = *size;
  }
  range.least.push_back(sizes[0]);
  range.usual.push_back(sizes[1]);
  range.most.push_back(sizes[2]);
  return std::is_sorted(sizes.begin(), sizes.end());
}

bool holds(const ShapeRange& range, const Shape& shape) {
  if (shape.size() != range.least.size()) return false;
  for (std::size_t axis = 0; axis < shape.size(); ++axis) {
    if (shape[axis] < range.least[axis] || shape[axis] > range.most[axis]) return false;
  }
  return true;
}

std::string axes_of(const ShapeRange& range) {
  std::vector<std::string> axes;
  for (std::size_t axis = 0; axis < range.least.size(); ++axis) {
    const bool is_fixed = range.least[axis] == range.most[axis];
    axes.push_back(is_fixed ? std::to_string(range.most[axis])
                            : fmt::format("{}:{}:{}", range.least[axis], range.usual[axis], range.most[axis]));
  }
  return join(axes, "x");
}

void widen(ShapeRange& range, const Shape& shape) {
  for (std::size_t axis = 0; axis < std::min(shape.size(), range.least.size()); ++axis) {
    range.least[axis] = std::min(range.least[axis], shape[axis]);
    range.most[axis] = std::max(range.most[axis], shape[axis]);
  }
}

}  // namespace

Result<std::vector<ShapeRange>> parse_shape_ranges(std::string_view text) {
  std::vector<ShapeRange> ranges;
  if (text.empty()) return ranges;
  std::set<std::string> named;
  for (const std::string& one : split(text, ';')) {
    const auto equals = one.rfind('=');  // an input's name may hold '='
    if (equals == std::string::npos || equals == 0) return refuse(one, "names no input");
    ShapeRange range{one.substr(0, equals), {}, {}, {}};
    if (!named.insert(range.input).second) return refuse(one, "is a second range for that input");
    for (const std::string& axis : split(std::string_view(one).substr(equals + 1), 'x')) {
      if (!add_axis(axis, range)) return refuse(one, fmt::format("has an axis '{}', which is no size and no three that grow", axis));
    }
    ranges.push_back(std::move(range));
  }
  return ranges;
}

std::string shapes_text(std::span<const ShapeRange> ranges) {
  std::vector<std::string> each;
  for (const ShapeRange& range : ranges) each.push_back(fmt::format("{}={}", range.input, axes_of(range)));
  return join(each, ";");
}

const ShapeRange* range_of(std::span<const ShapeRange> ranges, std::string_view input) {
  const auto found = std::find_if(ranges.begin(), ranges.end(), [&](const ShapeRange& it) { return it.input == input; });
  return found == ranges.end() ? nullptr : &*found;
}

Result<void> check_ranges_hold(std::span<const ShapeRange> ranges, std::span<const InputSpec> inputs) {
  for (const ShapeRange& range : ranges) {
    const auto input = std::find_if(inputs.begin(), inputs.end(), [&](const InputSpec& it) { return it.name == range.input; });
    if (input == inputs.end()) return refuse(range.input, "is no input of the model");
    if (holds(range, input->shape)) continue;
    return fail(ErrorCode::unsupported,
                fmt::format("input '{}' is [{}], which lies outside of the range {}", printable(input->name), to_string(input->shape),
                            axes_of(range)),
                "give it a shape within the range, or a wider range");
  }
  return {};
}

std::vector<ShapeRange> ranges_around(std::span<const InputSpec> call, std::span<const InputSpec> usual,
                                      std::span<const std::vector<InputSpec>> shapes) {
  std::vector<ShapeRange> ranges;
  bool any_ranges = false;
  for (std::size_t i = 0; i < call.size() && i < usual.size(); ++i) {
    ShapeRange range{call[i].name, usual[i].shape, usual[i].shape, usual[i].shape};
    for (const std::vector<InputSpec>& each : shapes) {
      if (i < each.size()) widen(range, each[i].shape);
    }
    if (!holds(range, call[i].shape)) return {};
    any_ranges |= range.least != range.most;
    ranges.push_back(std::move(range));
  }
  return any_ranges ? ranges : std::vector<ShapeRange>();
}

}  // namespace podium::backend

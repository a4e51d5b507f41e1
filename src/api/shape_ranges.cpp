#include <algorithm>
#include <functional>
#include <utility>

#include <fmt/format.h>

#include "core/result.h"
#include "core/text.h"
#include "podium/optimize.h"

namespace podium {
namespace {

/// As --shape has it: "x=1x16:128:512".
std::string typed(const std::string& input, const ShapeRange& range) {
  std::vector<std::string> axes;
  for (const std::vector<std::int64_t>& sizes : range) {
    std::vector<std::string> each;
    for (const std::int64_t size : sizes) each.push_back(std::to_string(size));
    axes.push_back(join(each, ":"));
  }
  return fmt::format("{}={}", printable(input), join(axes, "x"));
}

std::size_t most_sizes(const ShapeRange& range) {
  std::size_t most = 1;
  for (const std::vector<std::int64_t>& sizes : range) most = std::max(most, sizes.size());
  return most;
}

/// Empty where nothing is wrong.
std::string what_is_wrong(const ShapeRange& range) {
  for (const std::vector<std::int64_t>& sizes : range) {
    if (sizes.empty()) return "an axis has no size";
    if (sizes.size() != 1 && sizes.size() != most_sizes(range)) return "its axes have different numbers of sizes";
    if (std::adjacent_find(sizes.begin(), sizes.end(), std::greater_equal<>()) != sizes.end()) return "the sizes of an axis do not grow";
    if (sizes.front() < 1) return "a size is less than 1";
  }
  return {};
}

/// The axes at one of the sizes.
Shape at(const ShapeRange& range, std::size_t size) {
  Shape shape;
  for (const std::vector<std::int64_t>& sizes : range) shape.push_back(sizes[sizes.size() == 1 ? 0 : size]);
  return shape;
}

Result<std::size_t> count_sizes(const std::map<std::string, ShapeRange>& ranges) {
  std::size_t count = 1;
  for (const auto& [input, range] : ranges) {
    const std::size_t own = most_sizes(range);
    std::string wrong = what_is_wrong(range);
    if (wrong.empty() && own > 1 && count > 1 && own != count) wrong = fmt::format("it has {} sizes, and another input {}", own, count);
    if (!wrong.empty()) {
      return fail(ErrorCode::wrong_use, fmt::format("--shape {}: {}", typed(input, range), wrong),
                  "give least, usual and largest size of an axis, as in input_ids=1x16:128:512");
    }
    count = std::max(count, own);
  }
  return count;
}

}  // namespace

void set_shapes(OptimizeRequest& request, const std::map<std::string, ShapeRange>& ranges) {
  const std::size_t count = value_or_throw(count_sizes(ranges));
  request.more_shapes.clear();
  for (std::size_t size = 0; size < count; ++size) {
    std::map<std::string, Shape> shapes;
    for (const auto& [input, range] : ranges) shapes.emplace(input, at(range, size));
    if (size == count / 2)
      request.what.shapes = std::move(shapes);
    else
      request.more_shapes.push_back(std::move(shapes));
  }
}

}  // namespace podium

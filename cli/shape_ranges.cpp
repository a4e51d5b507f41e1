#include "shape_ranges.h"

#include <fmt/format.h>

#include <algorithm>

#include "parse.h"
#include "podium/error.h"
#include "podium/names.h"

namespace cli {
namespace {

[[noreturn]] void refuse(const std::string& text, const std::string& why) {
  throw podium::Exception({podium::ErrorCode::wrong_use, fmt::format("--shape {}: {}", podium::printable(text), why),
                           "write least, usual and largest size, as in --shape input_ids=1x16:128:512"});
}

std::vector<std::string> parts_of(const std::string& text, char separator) {
  std::vector<std::string> parts{""};
  for (const char letter : text) {
    if (letter == separator)
      parts.emplace_back();
    else
      parts.back() += letter;
  }
  return parts;
}

/// What --shape holds, each axis with its sizes, as text.
struct Range {
  std::string typed;
  std::string input;
  std::vector<std::vector<std::string>> axes;

  [[nodiscard]] std::size_t sizes() const {
    std::size_t most = 1;
    for (const auto& axis : axes) most = std::max(most, axis.size());
    return most;
  }
  /// The plain --shape of one of the sizes.
  [[nodiscard]] std::string at(std::size_t size) const {
    std::string text;
    for (const auto& axis : axes) text += (text.empty() ? "" : "x") + axis[axis.size() == 1 ? 0 : size];
    return input + "=" + text;
  }
};

Range parse_range(const std::string& typed) {
  const auto equals = typed.rfind('=');
  if (equals == std::string::npos) return {typed, typed, {}};
  Range range{typed, typed.substr(0, equals), {}};
  for (const std::string& axis : parts_of(typed.substr(equals + 1), 'x')) range.axes.push_back(parts_of(axis, ':'));
  for (const auto& axis : range.axes) {
    if (axis.size() != 1 && axis.size() != range.sizes()) refuse(typed, "its axes have different numbers of sizes");
  }
  return range;
}

void check_that_sizes_grow(const Range& range, const std::vector<podium::Shape>& shapes) {
  for (std::size_t axis = 0; axis < range.axes.size(); ++axis) {
    for (std::size_t i = 1; range.axes[axis].size() > 1 && i < shapes.size(); ++i) {
      if (shapes[i][axis] <= shapes[i - 1][axis]) refuse(range.typed, "the sizes of an axis do not grow");
    }
  }
}

}  // namespace

ShapeSets parse_shape_ranges(const std::vector<std::string>& typed) {
  std::vector<Range> ranges;
  std::size_t sizes = 1;
  for (const std::string& text : typed) {
    ranges.push_back(parse_range(text));
    const std::size_t own = ranges.back().sizes();
    if (own > 1 && sizes > 1 && own != sizes) refuse(text, fmt::format("it has {} sizes, and another input {}", own, sizes));
    sizes = std::max(sizes, own);
  }
  std::vector<std::map<std::string, podium::Shape>> sets;
  for (std::size_t size = 0; size < sizes; ++size) {
    std::vector<std::string> plain;
    for (const Range& range : ranges) plain.push_back(range.axes.empty() ? range.typed : range.at(size));
    sets.push_back(parse_shapes(plain));
  }
  for (const Range& range : ranges) {
    std::vector<podium::Shape> shapes;
    for (const auto& set : sets) shapes.push_back(set.at(range.input));
    check_that_sizes_grow(range, shapes);
  }
  const std::size_t middle = sizes / 2;
  ShapeSets parsed{sets[middle], {}};
  sets.erase(sets.begin() + static_cast<std::ptrdiff_t>(middle));
  parsed.more = std::move(sets);
  return parsed;
}

}  // namespace cli

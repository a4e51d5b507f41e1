#include "shape_ranges.h"

#include <utility>

#include <fmt/format.h>

#include "parse.h"
#include "podium/error.h"
#include "podium/names.h"

namespace cli {
namespace {

constexpr char between_sizes = ':';

/// "NAME=1x16:128" with the sizes apart: the plain --shape of each place that an axis has a size for.
std::pair<std::string, podium::ShapeRange> parse_shape_range(const std::string& typed) {
  const auto equals = typed.rfind('=');  // an input's name may hold '='
  std::string plain = typed.substr(0, equals == std::string::npos ? typed.size() : equals + 1);
  std::vector<std::size_t> sizes_of_axes{1};
  for (const char letter : typed.substr(plain.size())) {
    if (letter == 'x') sizes_of_axes.push_back(1);
    if (letter == between_sizes) ++sizes_of_axes.back();
    plain += letter == between_sizes ? 'x' : letter;
  }
  const auto [input, sizes] = parse_shape(plain);
  podium::ShapeRange range;
  auto next = sizes.begin();
  for (const std::size_t count : sizes_of_axes) {
    range.emplace_back(next, next + static_cast<std::ptrdiff_t>(count));
    next += static_cast<std::ptrdiff_t>(count);
  }
  return {input, std::move(range)};
}

}  // namespace

std::map<std::string, podium::ShapeRange> parse_shape_ranges(const std::vector<std::string>& typed) {
  std::map<std::string, podium::ShapeRange> ranges;
  for (const std::string& text : typed) {
    auto [input, range] = parse_shape_range(text);
    if (ranges.emplace(input, std::move(range)).second) continue;
    throw podium::Exception({podium::ErrorCode::wrong_use, fmt::format("--shape: input '{}' is given twice", podium::printable(input)),
                             "give each input one --shape"});
  }
  return ranges;
}

}  // namespace cli

#pragma once

#include <map>
#include <string>
#include <vector>

#include "podium/types.h"

namespace cli {

/// The sets of shapes that a range stands for: each holds one size of every axis that has several.
struct ShapeSets {
  std::map<std::string, podium::Shape> first;  ///< that a search is made for: the middle sizes
  std::vector<std::map<std::string, podium::Shape>> more;
};

/// "NAME=1x128" and, with several sizes for an axis, "NAME=1x16:128:512" (least, usual, most; or as many as there are to be measured).
/// Axes with several sizes have equally many: they grow together.
[[nodiscard]] ShapeSets parse_shape_ranges(const std::vector<std::string>& typed);

}  // namespace cli

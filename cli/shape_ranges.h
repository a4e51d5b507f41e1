#pragma once

#include <map>
#include <string>
#include <vector>

#include "podium/optimize.h"

namespace cli {

/// Each --shape of podium optimize: "NAME=1x128" and, with several sizes for an axis, "NAME=1x16:128:512". An input that is given twice is
/// refused; what sizes go together is for podium::set_shapes() to say.
[[nodiscard]] std::map<std::string, podium::ShapeRange> parse_shape_ranges(const std::vector<std::string>& typed);

}  // namespace cli

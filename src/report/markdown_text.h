#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace podium::report {

/// Text that Markdown takes for text: no table bars, no emphasis, no links, no HTML.
[[nodiscard]] std::string escaped(std::string_view text);
/// A heading and a list item for each line; nothing where there are no lines.
[[nodiscard]] std::string list_section(std::string_view heading, const std::vector<std::string>& lines);

}  // namespace podium::report

#pragma once

#include <string>
#include <string_view>

namespace podium::report {

/// Text that Markdown takes for text: no table bars, no emphasis, no links, no HTML.
[[nodiscard]] std::string escaped(std::string_view text);

}  // namespace podium::report

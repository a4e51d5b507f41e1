#pragma once

#include <string>
#include <vector>

namespace cli {

/// "html", "markdown", …: what --format of `podium report` takes.
[[nodiscard]] std::vector<std::string> report_format_names();

}  // namespace cli

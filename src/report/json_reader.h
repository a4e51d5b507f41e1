#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "core/result.h"
#include "podium/results.h"

namespace podium::report {

/// A results file's text; `what` names it in errors. Unknown keys are passed over, so that a newer file can still be read.
[[nodiscard]] Result<Results> parse_results(std::string_view text, const std::string& what);

[[nodiscard]] Result<void> decode_head(const nlohmann::json& object, Results& results);
[[nodiscard]] Result<Cell> decode_cell(const nlohmann::json& object);
[[nodiscard]] Result<Block> decode_block(const nlohmann::json& object);
[[nodiscard]] Result<ThroughputBlock> decode_throughput_block(const nlohmann::json& object);

}  // namespace podium::report

#pragma once

#include <string>
#include <vector>

#include "podium/results.h"
#include "report/json_writer.h"

/// "A figure that cannot be had is null with a reason, never 0": where the nulls are, and what to say of each.
namespace podium::report {

/// Dotted keys of the nulls in an encoded object, "latency_ms.p99"; what is null because nothing went wrong (`failure`) is left out.
[[nodiscard]] std::vector<std::string> null_figures(const Json& object);
/// The cell's own reason where it gives one, else the plain one for its status and the key.
[[nodiscard]] std::string reason_for_missing(const Cell& cell, const std::string& key);
/// The same for a fact of the machine or the model.
[[nodiscard]] std::string reason_for_missing_fact(const std::string& key);

}  // namespace podium::report

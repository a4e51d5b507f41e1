#pragma once

#include <string>
#include <vector>

#include "core/result.h"
#include "data/input_set.h"
#include "podium/bench.h"

namespace podium::api {

/// What was asked for, so that it can be asked again from another folder: files by their absolute paths.
[[nodiscard]] RunSettings settings_of(const BenchRequest& request);

/// The other way: what asks for these cells of a recorded run again, which are of one batch size or several. The budget is the caller's.
[[nodiscard]] BenchRequest request_of(const Results& recorded, const std::vector<const Cell*>& cells);

/// Of every input's name, type, shape and bytes.
[[nodiscard]] std::string sha256_of_inputs(const data::InputSet& inputs);

/// A request may hold a run to the model and the inputs of an earlier one; an error names what differs.
[[nodiscard]] Result<void> check_same_model(const BenchRequest& request, const ModelFacts& model);
[[nodiscard]] Result<void> check_same_data(const BenchRequest& request, const std::string& data_sha256);
[[nodiscard]] Result<void> check_same_calibration(const BenchRequest& request, const std::string& calibration_sha256);

}  // namespace podium::api

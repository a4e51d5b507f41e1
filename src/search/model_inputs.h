#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/result.h"
#include "core/tensor_view.h"
#include "data/input_set.h"
#include "podium/results.h"
#include "podium/types.h"

namespace podium::search {

/// One input with every axis but the batch fixed.
struct ConcreteInput {
  std::string name;
  DataType type = DataType::float32;
  Shape shape;  ///< axis 0 counts 1 where it is the batch
  bool has_batch_axis = true;

  [[nodiscard]] Shape at_batch(std::int64_t batch) const;
};

struct ModelInputs {
  std::vector<ConcreteInput> inputs;
  std::optional<std::int64_t> fixed_batch;  ///< where the model takes one batch size only

  [[nodiscard]] std::string batch_refusal(std::int64_t batch) const;  ///< why this batch cannot run; empty where it can
};

/// Fixes the free axes by `shapes` (--shape NAME=1x128, batch axis included). A free axis that is neither the batch nor given is an error
/// that lists it; so are names and ranks that the model does not have.
[[nodiscard]] Result<ModelInputs> concrete_inputs(const ModelFacts& model, const std::map<std::string, Shape>& shapes);
/// What samples of the model's inputs must look like.
[[nodiscard]] std::vector<data::WantedInput> wanted_inputs(const ModelInputs& model);

}  // namespace podium::search

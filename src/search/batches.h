#pragma once

#include <cstdint>
#include <vector>

#include "core/result.h"
#include "data/input_set.h"
#include "search/gate.h"
#include "search/model_inputs.h"
#include "worker/input_memory.h"
#include "worker/worker.h"

namespace podium::search {

/// The samples as batches in shared memory. The last batch is filled up from the first samples, so that every sample is in a batch.
struct Batches {
  worker::InputMemory memory;
  std::int64_t batch = 1;
  std::size_t samples = 0;  ///< different ones; rows past these are repetitions
};

[[nodiscard]] Result<Batches> make_batches(const data::InputSet& inputs, const ModelInputs& model, std::int64_t batch);

/// What a worker's load() is told of each input.
[[nodiscard]] std::vector<backend::InputSpec> input_specs(const worker::InputMemory& memory);

/// Outputs of all batches, cut into one row for each sample, repetitions left out. Where an output has no batch axis, a whole batch is one
/// row.
[[nodiscard]] std::vector<Row> rows_of(const worker::Answers& answers, const Batches& batches);

}  // namespace podium::search

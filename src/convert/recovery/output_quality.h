#pragma once

#include <cstdint>
#include <vector>

#include "convert/activations.h"
#include "convert/progress.h"
#include "core/output_sums.h"

/// How far a model's outputs are from another's on the same inputs.
namespace podium::convert {

/// The outputs of a model on the first batches of a source.
struct Outputs {
  struct Batch {
    std::vector<Shape> shapes;
    std::vector<std::vector<float>> values;
  };
  std::vector<Batch> batches;
};

/// Runs `model` on the first `batches` batches, or on all where there are fewer. The outputs are kept: they are to be small.
[[nodiscard]] Result<Outputs> run_outputs(const ::onnx::ModelProto& model, ActivationSource& source, std::int64_t batches,
                                          const Progress& progress);

/// Signal to quantization noise of the worst output, the baseline's mean output taken away (see OutputSums). The leading axis counts the
/// inputs; where another axis varies between batches (a sequence's length), each place of it is taken as an input of its own. `answers`
/// may hold fewer batches. Minus infinity where they are of other shapes, or not finite.
[[nodiscard]] double sqnr_db(const Outputs& baseline, const Outputs& answers);

}  // namespace podium::convert

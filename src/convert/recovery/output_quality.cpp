#include "convert/recovery/output_quality.h"

#include <algorithm>
#include <limits>
#include <span>
#include <vector>

namespace podium::convert {

namespace {

/// Numbers of one row of an output: all but the leading axis, or the last axis alone.
std::size_t row_length(const Shape& shape, std::size_t count, bool last_axis_only) {
  if (shape.empty()) return count;
  if (last_axis_only) return static_cast<std::size_t>(shape.back());
  return shape.front() > 0 ? count / static_cast<std::size_t>(shape.front()) : 0;
}

bool lengths_vary(const Outputs& outputs, std::size_t output, std::size_t batches) {
  const auto length = [&](const Outputs::Batch& batch) { return row_length(batch.shapes[output], batch.values[output].size(), false); };
  return std::any_of(outputs.batches.begin(), outputs.batches.begin() + static_cast<std::ptrdiff_t>(batches),
                     [&](const Outputs::Batch& batch) { return length(batch) != length(outputs.batches.front()); });
}

/// Of one output, over the first batches.
std::vector<Row> rows_of(const Outputs& outputs, std::size_t output, std::size_t batches, bool last_axis_only) {
  std::vector<Row> rows;
  for (std::size_t batch = 0; batch < batches; ++batch) {
    const std::span<const float> values = outputs.batches[batch].values[output];
    const std::size_t length = row_length(outputs.batches[batch].shapes[output], values.size(), last_axis_only);
    for (std::size_t first = 0; length > 0 && first + length <= values.size(); first += length) {
      const std::span<const float> row = values.subspan(first, length);
      rows.push_back({std::vector<float>(row.begin(), row.end())});
    }
  }
  return rows;
}

bool have_like_shapes(const Outputs& baseline, const Outputs& answers) {
  if (answers.batches.empty() || answers.batches.size() > baseline.batches.size()) return false;
  return std::equal(answers.batches.begin(), answers.batches.end(), baseline.batches.begin(),
                    [](const Outputs::Batch& a, const Outputs::Batch& b) { return a.shapes == b.shapes; });
}

}  // namespace

Result<Outputs> run_outputs(const ::onnx::ModelProto& model, ActivationSource& source, std::int64_t batches, const Progress& progress) {
  Outputs outputs;
  bool is_enough = false;
  const Result<void> ran = source.run(model, [&](std::int64_t, std::span<const Activation> values) -> Result<void> {
    if (progress.is_cancelled()) return fail(ErrorCode::cancelled, "the search for sensitive layers was cancelled");
    Outputs::Batch batch;
    for (const Activation& value : values) {
      batch.shapes.push_back(value.shape);
      batch.values.emplace_back(value.values.begin(), value.values.end());
    }
    outputs.batches.push_back(std::move(batch));
    const auto done = static_cast<std::int64_t>(outputs.batches.size());
    is_enough = done >= batches && done < source.batches();
    if (is_enough) return fail(ErrorCode::cancelled, "enough batches were run");  // a source knows no other way to end early
    return {};
  });
  if (!ran && !is_enough) return tl::unexpected(ran.error());
  return outputs;
}

double sqnr_db(const Outputs& baseline, const Outputs& answers) {
  double worst = std::numeric_limits<double>::infinity();
  if (!have_like_shapes(baseline, answers)) return -worst;
  const std::size_t batches = answers.batches.size();
  for (std::size_t output = 0; output < answers.batches.front().values.size(); ++output) {
    const bool vary = lengths_vary(baseline, output, batches);
    const std::vector<Row> expected = rows_of(baseline, output, batches, vary);
    if (expected.empty()) continue;
    const OutputSums sums = sum_up(expected, rows_of(answers, output, batches, vary), 0);
    worst = std::min(worst, sums.finite ? sums.sqnr_db() : -std::numeric_limits<double>::infinity());
  }
  return worst;
}

}  // namespace podium::convert

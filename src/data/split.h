#pragma once

#include <cstdint>
#include <string>

#include "data/input_set.h"

namespace podium::data {

/// What calibrates a model and what judges it. Nothing of one is in the other: ranges that were found on the very samples they are then
/// judged by look better than they are.
struct Split {
  InputSet calibration;
  InputSet test;
};

/// SHA-256 of a sample as the model is given it.
[[nodiscard]] std::string content_hash(const Sample& sample);

/// Divides one set by a seed: `calibration` samples (at least; pairs, and samples of equal content, stay on one side) and the rest. Each
/// side keeps the order of the set, and its labels. wrong_use where nothing would be left on one side.
[[nodiscard]] Result<Split> split(const InputSet& set, std::size_t calibration, std::uint64_t seed);

/// bad_input, with the names of the samples, where a sample of one set is in the other too: by its bytes after preprocessing, or its file's
/// before.
[[nodiscard]] Result<void> check_disjoint(const InputSet& calibration, const InputSet& test);

}  // namespace podium::data

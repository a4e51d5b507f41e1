#pragma once

#include "data/input_set.h"

namespace podium::data {

/// A .npz file, whose keys are names of inputs. Two keys are the file's own, where no input has that name: `labels` (see labels_from), and
/// `lengths`, the lengths of samples of text: arrays of whole numbers then have one axis, the samples one behind the other, and an
/// attention mask that is missing is made of the lengths. Without `lengths`, rows of text that are shorter than the model's input are
/// filled up with zeros where an input masks them. Other keys are left alone.
[[nodiscard]] Result<InputSet> read_npz(const std::filesystem::path& file, const std::vector<WantedInput>& inputs,
                                        const ReadOptions& options);

}  // namespace podium::data

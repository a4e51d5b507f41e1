#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "accuracy/judge.h"
#include "core/result.h"
#include "data/input_set.h"
#include "podium/bench.h"
#include "podium/cancel.h"

namespace podium::api {

/// Whether --labels names a way to find labels, rather than a file.
[[nodiscard]] bool is_label_word(std::string_view labels) noexcept;

/// How the request's data are to be read: labels, number of samples, preprocessing. An error where a file that it names cannot be read.
[[nodiscard]] Result<data::ReadOptions> read_options(const BenchRequest& request, const ModelFacts& model);

/// A preprocessing is for pictures: where one of two data sets is a folder of them, arrays in a file beside it are read without.
[[nodiscard]] bool is_preprocessed(const std::filesystem::path& data, const std::filesystem::path& beside);

/// What is asked of every cell's answers, or why nothing is.
struct AskedAccuracy {
  std::optional<accuracy::Question> question;
  std::string why_not;  ///< a sentence for the results, where there is no question
};

/// Takes the labels out of `samples`. wrong_use where the metric asked for cannot be taken of this data, or of weights from a seed.
[[nodiscard]] Result<AskedAccuracy> ask_accuracy(const BenchRequest& request, const ModelFacts& model, const data::InputSet& samples,
                                                 const CancelToken& cancel);

/// A metric by its flag, with what is wrong about it before any model is read.
[[nodiscard]] Result<void> check_accuracy_flags(const BenchRequest& request);

}  // namespace podium::api

#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/labels.h"
#include "core/result.h"
#include "data/preprocessing.h"
#include "podium/types.h"

namespace podium::data {

/// An input of the model for which samples are wanted; `shape` is concrete and its `batch_axis` counts 1.
struct WantedInput {
  std::string name;
  DataType type = DataType::float32;
  Shape shape;
  bool has_batch_axis = true;  ///< axis 0
};

/// One sample: the bytes of every wanted input, in order.
using Sample = std::vector<std::vector<std::byte>>;

/// Where a sample comes from.
struct SampleSource {
  std::string name;    ///< "cats/3.jpg", "sample 17"
  std::string sha256;  ///< of the file before any preprocessing; empty where the sample has no file of its own
};

struct InputSet {
  std::vector<WantedInput> inputs;
  std::vector<Sample> samples;
  std::string description;                 ///< "20 pictures from DIR", "16 generated inputs (seed 0)"
  bool real = false;                       ///< false where the values were generated
  std::vector<SampleSource> sources = {};  ///< of each sample; empty where they were generated
  std::size_t available = 0;               ///< samples that the data hold, read or not
  std::size_t too_long = 0;                ///< texts without a label that have more tokens than the input takes, and were left out
  std::optional<Labels> labels = {};
};

/// Where labels are looked for. `automatic`: a labels.csv in the folder, folders as classes where the pictures lie in folders, file names
/// such as PREFIX_INDEX_LABEL.jpg where all agree with that and `classes` covers them, the array `labels` of a .npz; none is no error.
enum class LabelSource { automatic, none, file_names, folders, file };

struct ReadOptions {
  std::size_t limit = 32;            ///< of samples
  std::size_t labelled_limit = 512;  ///< where the samples have labels: spread evenly over pictures in folders
  LabelSource label_source = LabelSource::automatic;
  std::filesystem::path label_file;            ///< of LabelSource::file: a CSV (file,label) for pictures, a .npy for arrays
  std::filesystem::path tokenizer;             ///< folder of the model's tokenizer, for data that are texts; empty: it has none
  bool cuts_texts = false;                     ///< texts that have more tokens than the input takes are cut, not left out
  std::optional<std::int64_t> classes;         ///< that the model tells apart, where that is known
  std::optional<Preprocessing> preprocessing;  ///< that the user declared; comes before the folder's own preprocess.json
  std::optional<Preprocessing> of_the_model;   ///< that the model declares; comes after it
  std::function<bool(std::size_t done, std::size_t total)> on_progress;  ///< false ends the reading (ErrorCode::cancelled)
};

/// Whether `path` is a file or a folder at all, told in the words of read_inputs(), long before a model's inputs are known.
[[nodiscard]] Result<void> check_is_there(const std::filesystem::path& path);

/// Reads `path`: a folder of JPEG or PNG pictures (for a model with one NxCxHxW or NxHxWxC image input), a .npz (keys are input names, axis
/// 0 counts samples) or a .npy (for a model with one input). Samples are in order of file name. Errors name the file and what to do.
[[nodiscard]] Result<InputSet> read_inputs(const std::filesystem::path& path, const std::vector<WantedInput>& inputs,
                                           const ReadOptions& options);
/// The same for at most `limit` samples, without labels.
[[nodiscard]] Result<InputSet> read_inputs(const std::filesystem::path& path, const std::vector<WantedInput>& inputs, std::size_t limit);

/// Inputs drawn from a seed: standard normal for floats, small whole numbers for integers. For models whose domain nobody knows.
[[nodiscard]] Result<InputSet> generate_inputs(const std::vector<WantedInput>& inputs, std::size_t count, std::uint64_t seed);

}  // namespace podium::data

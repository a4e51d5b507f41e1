#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "core/result.h"
#include "core/temporary_folder.h"
#include "data/input_set.h"
#include "podium/cancel.h"

/// Data that Python makes: what a function of the user's yields, python:MODULE:FUNCTION, and the tokens of texts, FILE.txt.
namespace podium::api {

[[nodiscard]] bool is_python_function(const std::filesystem::path& data);

[[nodiscard]] bool is_made_in_python(const std::filesystem::path& data);

/// The .npz that the samples were written to, by python/podium_data; it goes with this.
struct MadeSamples {
  std::shared_ptr<const TemporaryFolder> folder;
  std::filesystem::path file;
};
/// Makes them in an interpreter of its own, guarded; it is asked for no more samples than `options` take.
[[nodiscard]] Result<MadeSamples> make_samples(const std::filesystem::path& data, const std::vector<data::WantedInput>& inputs,
                                               const data::ReadOptions& options, const CancelToken& cancel);

/// As data::read_inputs() from `file`, which is called `shown` in what is said of it.
[[nodiscard]] Result<data::InputSet> read_samples_of(const std::filesystem::path& file, const std::filesystem::path& shown,
                                                     const std::vector<data::WantedInput>& inputs, const data::ReadOptions& options);

/// As data::read_inputs(), from functions, texts and packages too. A function is called each time, so it should yield the same samples
/// every time.
[[nodiscard]] Result<data::InputSet> read_samples(const std::filesystem::path& path, const std::vector<data::WantedInput>& inputs,
                                                  const data::ReadOptions& options, const CancelToken& cancel);

/// Whether there is such a file, or folder; of functions and packages only reading them tells.
[[nodiscard]] Result<void> check_samples_are_there(const std::filesystem::path& path);

}  // namespace podium::api

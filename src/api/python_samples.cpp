#include "api/python_samples.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <string_view>

#include "api/packaged_photos.h"
#include "core/install_paths.h"
#include "core/text.h"
#include "worker/guarded_process.h"

namespace podium::api {
namespace {

constexpr std::string_view prefix = "python:";
/// Reading and preparing a whole data set takes long; a user who has waited enough presses Ctrl-C.
constexpr std::chrono::hours patience{1};

/// "MODULE:FUNCTION"; empty where it is not that.
std::string function_of(const std::filesystem::path& data) {
  const std::string text = data.string();
  const std::string function = text.substr(std::min(prefix.size(), text.size()));
  const std::size_t colon = function.find(':');
  return colon != std::string::npos && colon > 0 && colon + 1 < function.size() ? function : std::string();
}

/// What is said of the file is meant of the function: the user knows no other name.
std::string named(std::string text, const std::filesystem::path& file, const std::filesystem::path& function) {
  const std::string from = printable(file.string());
  const std::string to = printable(function.string());
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) text.replace(at, from.size(), to);
  return text;
}

/// The program of podium_data that makes samples, and what mends it where it makes none.
struct Asked {
  std::vector<std::string> arguments;
  const char* remedy;
};

Result<Asked> ask_function(const std::filesystem::path& data, const data::ReadOptions& options) {
  const std::string function = function_of(data);
  if (function.empty())
    return fail(ErrorCode::wrong_use, fmt::format("'{}' names no function", printable(data.string())), "write python:MODULE:FUNCTION");
  return Asked{{"podium_data.samples", function, "--most", fmt::format("{}", options.limit), "--most-labelled",
                fmt::format("{}", options.labelled_limit)},
               "let it yield a sample at a time: an array, a tuple in the order of the inputs, or a dictionary by their names"};
}

/// A text a line, or packaged ones, for a model that came with its tokenizer.
bool is_text(const std::filesystem::path& data) {
  return is_packaged_text(data) || (data.extension() == ".txt" && !is_python_function(data));
}

bool is_labelled_anew(const data::ReadOptions& options) {
  return options.label_source != data::LabelSource::automatic && options.label_source != data::LabelSource::none;
}

Result<Asked> ask_for_tokens(const std::filesystem::path& data, const std::vector<data::WantedInput>& inputs,
                             const data::ReadOptions& options) {
  const std::string shown = printable(data.string());
  if (auto there = check_samples_are_there(data); !there) return tl::unexpected(there.error());
  if (is_packaged_text(data) && is_labelled_anew(options)) {
    return fail(ErrorCode::wrong_use, fmt::format("--labels: nobody has labelled the texts of '{}'", shown),
                "leave it out, or give labelled data of your own with --data");
  }
  if (options.tokenizer.empty()) {
    return fail(ErrorCode::wrong_use, fmt::format("'{}' holds texts, and no tokenizer came with the model", shown),
                "give the model as hf:DIR, or an artefact of one; or tokens in a .npz");
  }
  const auto of_tokens = std::find_if(inputs.begin(), inputs.end(), [](const data::WantedInput& input) { return input.shape.size() == 2; });
  const bool cuts = options.cuts_texts || is_packaged_text(data);
  const std::int64_t longest = cuts && of_tokens != inputs.end() ? of_tokens->shape[1] : 0;
  const std::size_t most = options.label_source == data::LabelSource::file ? options.labelled_limit : options.limit;
  return Asked{{"podium_data.texts", data.string(), "--tokenizer", options.tokenizer.string(), "--most", fmt::format("{}", most), "--cut",
                fmt::format("{}", longest)},
               "write a text a line, in UTF-8"};
}

}  // namespace

bool is_python_function(const std::filesystem::path& data) {
  return data.string().starts_with(prefix);
}

bool is_made_in_python(const std::filesystem::path& data) {
  return is_python_function(data) || is_text(data);
}

Result<MadeSamples> make_samples(const std::filesystem::path& data, const std::vector<data::WantedInput>& inputs,
                                 const data::ReadOptions& options, const CancelToken& cancel) {
  const auto asked = is_text(data) ? ask_for_tokens(data, inputs, options) : ask_function(data, options);
  if (!asked) return tl::unexpected(asked.error());
  const std::string shown = printable(data.string());
  const std::string python = python_interpreter();
  if (python.empty())
    return fail(ErrorCode::unavailable, fmt::format("'{}': no Python interpreter is known", shown),
                "set PODIUM_PYTHON to one that has NumPy");
  auto folder = TemporaryFolder::create({}, "podium-data");
  if (!folder) return tl::unexpected(folder.error());
  MadeSamples made{std::make_shared<const TemporaryFolder>(std::move(*folder)), {}};
  made.file = made.folder->path() / "samples.npz";
  worker::Command command;
  command.arguments = {python, "-m"};
  command.arguments.insert(command.arguments.end(), asked->arguments.begin(), asked->arguments.end());
  command.arguments.insert(command.arguments.end(), {"--out", made.file.string(), "--inputs"});
  for (const data::WantedInput& input : inputs) command.arguments.push_back(input.name);
  command.environment = python_environment();
  const auto ran = worker::run_guarded(command, {patience, 0}, cancel);
  if (ran) return made;
  if (ran.error().code != ErrorCode::failed) return tl::unexpected(ran.error());
  return fail(ErrorCode::bad_input, fmt::format("'{}' gave no samples: {}", shown, ran.error().message), asked->remedy);
}

Result<data::InputSet> read_samples_of(const std::filesystem::path& file, const std::filesystem::path& shown,
                                       const std::vector<data::WantedInput>& inputs, const data::ReadOptions& options) {
  auto read = data::read_inputs(file, inputs, options);
  if (!read) {
    Error error = read.error();
    error.message = named(std::move(error.message), file, shown);
    return tl::unexpected(std::move(error));
  }
  read->description = named(std::move(read->description), file, shown);
  return read;
}

Result<data::InputSet> read_samples(const std::filesystem::path& path, const std::vector<data::WantedInput>& inputs,
                                    const data::ReadOptions& options, const CancelToken& cancel) {
  if (is_packaged(path) && !is_packaged_text(path)) return read_packaged(path, inputs, options, cancel);
  if (!is_made_in_python(path)) return data::read_inputs(path, inputs, options);
  const auto made = make_samples(path, inputs, options, cancel);
  if (!made) return tl::unexpected(made.error());
  return read_samples_of(made->file, path, inputs, options);
}

Result<void> check_samples_are_there(const std::filesystem::path& path) {
  if (path.empty() || is_packaged(path) || is_python_function(path)) return {};
  return data::check_is_there(path);
}

}  // namespace podium::api

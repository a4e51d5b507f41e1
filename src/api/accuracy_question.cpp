#include "api/accuracy_question.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "accuracy/command_metric.h"
#include "api/tokenizer_files.h"
#include "core/install_paths.h"
#include "core/text.h"
#include "worker/guarded_process.h"

namespace podium::api {
namespace {

using data::LabelSource;

constexpr std::array<std::pair<std::string_view, LabelSource>, 4> label_words{{
    {"auto", LabelSource::automatic},
    {"none", LabelSource::none},
    {"file-names", LabelSource::file_names},
    {"folders", LabelSource::folders},
}};

/// Classes that the model's first output tells apart, where it declares that: NxCLASSES.
std::optional<std::int64_t> classes_of(const ModelFacts& model) {
  if (model.outputs.empty() || model.outputs.front().dimensions.size() != 2) return std::nullopt;
  const Dimension& classes = model.outputs.front().dimensions.back();
  return classes.is_free() || classes.size < 2 ? std::nullopt : std::optional(classes.size);
}

using Environment = std::map<std::string, std::string>;

/// Runs a metric's program under the guard and keeps what it prints.
accuracy::RunProgram guarded(std::chrono::duration<double> timeout, const CancelToken& cancel, const Environment& environment = {}) {
  return [timeout, &cancel, environment](const std::vector<std::string>& arguments) -> Result<std::vector<std::string>> {
    worker::Command command;
    command.arguments = arguments;
    command.environment = environment;
    std::vector<std::string> lines;
    const auto done = worker::run_guarded(command, {timeout, 0}, cancel, [&lines](const std::string& line) { lines.push_back(line); });
    if (!done) return tl::unexpected(done.error());
    return lines;
  };
}

/// Calls a function of the user's in an interpreter of its own.
Result<std::vector<double>> call_function(const std::string& function, accuracy::Rows answers, const Labels* labels,
                                          std::chrono::duration<double> timeout, const CancelToken& cancel) {
  const std::string python = python_interpreter();
  if (python.empty())
    return fail(ErrorCode::unavailable, fmt::format("--metric python:{}: no Python interpreter is known", printable(function)),
                "set PODIUM_PYTHON to one that has NumPy");
  return accuracy::run_metric_program(fmt::format("function '{}'", function), {python, "-m", "podium_data.metric", function}, answers,
                                      labels, guarded(timeout, cancel, python_environment()));
}

accuracy::RunCommand own_metric(std::chrono::duration<double> timeout, const CancelToken& cancel) {
  return [timeout, &cancel](const accuracy::Metric& metric, accuracy::Rows answers, const Labels* labels) {
    if (metric.kind == accuracy::MetricKind::python) return call_function(metric.command, answers, labels, timeout, cancel);
    return accuracy::run_command_metric(metric.command, answers, labels, guarded(timeout, cancel));
  };
}

bool needs_trained_weights(accuracy::Needs needs) {
  return needs != accuracy::Needs::nothing;
}

constexpr const char* seeded_weights = "the model's weights came from a seed, so its answers are worth nothing";

}  // namespace

bool is_label_word(std::string_view labels) noexcept {
  return labels.empty() || std::any_of(label_words.begin(), label_words.end(), [&](const auto& word) { return word.first == labels; });
}

Result<data::ReadOptions> read_options(const BenchRequest& request, const ModelFacts& model) {
  data::ReadOptions options;
  if (request.samples > 0) options.limit = options.labelled_limit = static_cast<std::size_t>(request.samples);
  options.classes = classes_of(model);
  options.tokenizer = hugging_face_folder(request.model);
  for (const auto& [word, source] : label_words) {
    if (request.labels == word) options.label_source = source;
  }
  if (!is_label_word(request.labels)) {
    options.label_source = LabelSource::file;
    options.label_file = request.labels;
  } else if (request.labels.empty() && !model.trained_weights) {
    options.label_source = LabelSource::none;
  }
  if (!request.preprocess.empty()) {
    auto declared = data::read_preprocessing(request.preprocess);
    if (!declared) return tl::unexpected(declared.error());
    options.preprocessing = *declared;
  }
  if (!model.preprocess.empty()) {
    auto declared = data::parse_preprocessing(model.preprocess, fmt::format("the model's metadata '{}'", data::preprocessing_metadata_key));
    if (!declared) return tl::unexpected(declared.error());
    options.of_the_model = *declared;
  }
  return options;
}

bool is_preprocessed(const std::filesystem::path& data, const std::filesystem::path& beside) {
  std::error_code error;
  return !(std::filesystem::is_regular_file(data, error) && std::filesystem::is_directory(beside, error));
}

Result<void> check_accuracy_flags(const BenchRequest& request) {
  if (request.data.empty()) {
    for (const auto& [flag, is_given] :
         {std::pair{"--labels", !request.labels.empty()}, std::pair{"--preprocess", !request.preprocess.empty()},
          std::pair{"--samples", request.samples > 0}}) {
      if (is_given) return fail(ErrorCode::wrong_use, fmt::format("{} is about data, and there is no --data", flag), "add --data PATH");
    }
  }
  if (request.metric.empty()) return {};
  return accuracy::parse_metric(request.metric).map([](const accuracy::Metric&) {});
}

Result<AskedAccuracy> ask_accuracy(const BenchRequest& request, const ModelFacts& model, const data::InputSet& samples,
                                   const CancelToken& cancel) {
  const Labels* labels = samples.labels ? &*samples.labels : nullptr;
  const bool is_asked = !request.metric.empty() || request.max_drop.has_value();
  accuracy::Question question;
  if (!request.metric.empty()) {
    auto metric = accuracy::parse_metric(request.metric);
    if (!metric) return tl::unexpected(metric.error());
    question.metric = std::move(*metric);
  } else if (labels != nullptr) {
    question.metric = accuracy::usual_metric(*labels, samples.samples.size());
  } else if (is_asked) {
    return fail(ErrorCode::wrong_use, "--max-drop: there are no labels, and no --metric that does without",
                "give labelled data (a labels.csv in the folder, --labels, or the key 'labels' of the .npz), or --metric agreement");
  } else {
    return AskedAccuracy{std::nullopt, model.trained_weights ? "there are no labels to judge accuracy by" : seeded_weights};
  }
  if (needs_trained_weights(question.metric.facts().needs) && !model.trained_weights) {
    if (!is_asked) return AskedAccuracy{std::nullopt, seeded_weights};
    return fail(ErrorCode::wrong_use, fmt::format("--metric {} cannot be taken: {}", question.metric.name(), seeded_weights),
                "give trained weights with --weights FILE, or --metric agreement");
  }
  if (auto checked = accuracy::check_metric(question.metric, labels, samples.samples.size(), request.max_drop); !checked)
    return tl::unexpected(checked.error());
  question.max_drop = request.max_drop;
  question.labels = samples.labels;
  question.seed = request.seed;
  question.is_asked = is_asked;
  question.run_command = own_metric(request.metric_timeout, cancel);
  return AskedAccuracy{std::move(question), {}};
}

}  // namespace podium::api

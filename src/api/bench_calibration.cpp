#include <algorithm>

#include <fmt/format.h>

#include "api/accuracy_question.h"
#include "api/bench_run.h"
#include "api/python_samples.h"
#include "api/run_settings.h"
#include "data/share.h"
#include "data/split.h"
#include "data/write_npz.h"

/// The part of a run that makes models of other precisions: what ranges are found from, and the conversion of a cell's model.
namespace podium::api {
namespace {

constexpr std::size_t most_calibration_inputs = 256;
constexpr std::size_t generated_calibration_inputs = 64;

}  // namespace

Result<data::InputSet> BenchRun::read_unlabelled(const std::filesystem::path& path, std::size_t most) const {
  BenchRequest how = request_;
  how.samples = static_cast<std::int64_t>(most);
  how.labels.clear();
  auto options = read_options(how, results_.model);
  if (!options) return tl::unexpected(options.error());
  if (!is_preprocessed(path, path == request_.data ? request_.calibration : request_.data)) options->preprocessing.reset();
  options->on_progress = [this](std::size_t, std::size_t) { return !cancel_.requested(); };
  return read_samples(path, samples_.inputs, *options, cancel_);
}

bool BenchRun::finds_ranges() const {
  return std::any_of(candidates_.begin(), candidates_.end(), needs_calibration);
}

Result<void> BenchRun::share_data() {
  // A replay of a cell without ranges judges by the same inputs as the run that it repeats.
  const bool is_shared = finds_ranges() || !request_.calibration_sha256.empty();
  if (!is_shared || request_.data.empty() || !request_.calibration.empty()) return {};
  const auto all = read_unlabelled(request_.data, samples_.samples.size() + most_calibration_inputs);
  if (!all) return tl::unexpected(all.error());
  auto shared = data::share(samples_, *all, request_.seed);
  if (!shared && shared.error().code != ErrorCode::unsupported) return tl::unexpected(shared.error());
  if (!shared) {
    no_calibration_ = shared.error();
    no_calibration_->message += "; " + no_calibration_->remedy;  // a cell's reason is all that is told
    return {};
  }
  if (shared->test.samples.size() < samples_.samples.size())
    observer_.on_message(
        fmt::format("int8-static: ranges are found from {}; answers are judged by the others", shared->calibration.description));
  kept_back_ = std::move(shared->calibration);
  samples_ = std::move(shared->test);
  return {};
}

Result<data::InputSet> BenchRun::calibration_inputs() {
  if (!request_.calibration.empty()) {
    auto given = read_unlabelled(request_.calibration, most_calibration_inputs);
    if (!given) return given;
    if (auto apart = data::check_disjoint(*given, samples_); !apart) return tl::unexpected(apart.error());
    return given;
  }
  if (kept_back_) return *kept_back_;
  const std::string warning =
      "int8-static: ranges were found from random inputs, since there is neither --data nor --calibrate; its answers are worse than they "
      "would be with real ones";
  results_.environment.warnings.push_back(warning);
  observer_.on_message(warning);
  return data::generate_inputs(samples_.inputs, generated_calibration_inputs, request_.seed + 1);
}

Result<void> BenchRun::read_calibration() {
  const bool ranges = finds_ranges() && !no_calibration_;
  if (!ranges && std::none_of(candidates_.begin(), candidates_.end(), needs_conversion)) return {};
  ConversionBasis basis;
  basis.method = request_.method;
  basis.percentile = request_.percentile;
  basis.inputs = inputs_;
  basis.engine = {inputs_.fixed_batch.value_or(1), threads_, {request_.load_timeout, request_.run_timeout, request_.memory_limit_bytes}};
  if (ranges) {
    tell("data", "calibration inputs", 0, 0);
    auto inputs = calibration_inputs();
    if (!inputs) return tl::unexpected(inputs.error());
    basis.calibration = std::move(*inputs);
    basis.calibration_sha256 = sha256_of_inputs(basis.calibration);
    if (auto same = check_same_calibration(request_, basis.calibration_sha256); !same) return same;
    results_.settings.calibration_sha256 = basis.calibration_sha256;
    results_.settings.method = to_string(basis.method);
    results_.settings.percentile = basis.percentile;
    if (auto kept = keep_for_compilers(basis); !kept) return kept;
  }
  converted_.emplace(*cache_, std::move(basis));
  return {};
}

/// PyTorch's own quantizers read the same inputs from a file.
Result<void> BenchRun::keep_for_compilers(const ConversionBasis& basis) {
  const bool wanted = std::any_of(candidates_.begin(), candidates_.end(), [](const search::Candidate& candidate) {
    return needs_calibration(candidate) && !needs_conversion(candidate);
  });
  if (!wanted) return {};
  auto folder = cache_->working_folder("calibration", {basis.calibration_sha256});
  if (!folder) return tl::unexpected(folder.error());
  calibration_file_ = folder->folder() / "inputs.npz";
  held_folders_.push_back(std::move(*folder));
  return data::write_npz(calibration_file_, basis.calibration);
}

Result<import::Variant> BenchRun::variant(const search::Candidate& candidate, import::VariantRequest request, const std::string& subject) {
  if (const auto made = made_files_.find(subject); made != made_files_.end()) {
    import::Variant variant;
    variant.path = made->second.path;
    variant.sha256 = made->second.sha256;
    variant.bytes = made->second.bytes;
    return variant;
  }
  const auto on_step = [&](const std::string& what, std::int64_t done, std::int64_t all) {
    tell("build", fmt::format("{}: {}", subject, what), static_cast<std::size_t>(done), static_cast<std::size_t>(all));
  };
  const import::OnProgress on_progress = [&](const std::string& what) { on_step(what, 0, 0); };
  // The importer's ONNX is float32; an engine that narrows it by itself is given that.
  if (request.format == "onnx") request.precision = Precision::fp32;
  request.calibration = calibration_file_;
  auto made = model_->variant(request, cancel_, on_progress);
  if (made && needs_conversion(candidate)) made = converted_->variant(*made, candidate, cancel_, on_step);
  if (!made || request.format != "onnx") return made;
  if (!lowered_) lowered_.emplace(*cache_);
  return lowered_->variant(*made, candidate.backend.descriptor.newest_opset, cancel_, on_progress);
}

}  // namespace podium::api

#include "api/convert_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "accuracy/proportions.h"
#include "accuracy/verdict.h"
#include "api/accuracy_question.h"
#include "api/take_in.h"
#include "api/target_profile.h"
#include "core/environment.h"
#include "core/text.h"
#include "onnx/whole_model.h"

namespace podium::api {
namespace {

namespace fs = std::filesystem;

/// Fewer different inputs say little about the answers.
constexpr std::size_t fewest_to_judge = 16;
constexpr std::size_t part_kept_apart = 4;  ///< of the calibration data: one of so many

std::int64_t bytes_of(const std::vector<fs::path>& files) {
  std::int64_t bytes = 0;
  for (const fs::path& file : files) {
    std::error_code error;
    const auto size = fs::file_size(file, error);
    bytes += error ? 0 : static_cast<std::int64_t>(size);
  }
  return bytes;
}

std::string bound_text(const ConvertRequest& request) {
  std::vector<std::string> parts;
  if (request.min_sqnr_db) parts.push_back(fmt::format("SQNR of at least {} dB", *request.min_sqnr_db));
  if (request.max_drop) parts.push_back(fmt::format("another top-1 answer than fp32 for at most {} %", 100.0 * *request.max_drop));
  return join(parts, " and ");
}

/// What so many samples leave open of a bound on another top-1 answer; empty where they decide it.
std::string doubt_about_drop(double agreement, std::size_t samples, double max_drop) {
  Accuracy accuracy;
  accuracy.n = static_cast<std::int64_t>(samples);
  accuracy.lost = std::llround((1.0 - agreement) * static_cast<double>(samples));
  accuracy.gained = 0;
  accuracy.drop = static_cast<double>(*accuracy.lost) / static_cast<double>(samples);
  accuracy.drop_bounds = accuracy::drop_bounds({*accuracy.lost, 0}, accuracy.n);
  accuracy.max_drop = max_drop;
  accuracy::decide(accuracy, accuracy::facts_of(accuracy::MetricKind::agreement));
  return accuracy.verdict == DropVerdict::undecided ? accuracy.reason : std::string();
}

}  // namespace

Result<Conversion> ConvertRun::run() {
  made_.model = request_.model;
  made_.target = request_.target;
  made_.bound = bound_text(request_);
  for (const auto step : {&ConvertRun::check_request, &ConvertRun::choose_target, &ConvertRun::take_in_model, &ConvertRun::read_data,
                          &ConvertRun::open_engine, &ConvertRun::make, &ConvertRun::judge, &ConvertRun::write}) {
    if (auto done = (this->*step)(); !done) return tl::unexpected(done.error());
  }
  made_.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  return std::move(made_);
}

Result<void> ConvertRun::check_request() {
  const bool is_static = request_.to == Precision::int8_static;
  if (request_.to == Precision::fp32 || request_.to == Precision::tf32)
    return fail(ErrorCode::wrong_use, fmt::format("--to {}: models come in fp32, and are converted from it", to_string(request_.to)),
                "choose fp16, bf16, int8-dynamic or int8-static");
  if (request_.output.extension() != ".onnx")
    return fail(ErrorCode::wrong_use, fmt::format("-o {}: what is written is an .onnx file", printable(request_.output.string())),
                "give a name that ends in .onnx");
  if (is_static && request_.calibration.empty())
    return fail(ErrorCode::wrong_use, "--to int8-static: no calibration data were given; ranges of activations come from real inputs",
                "add --calibrate DATA: a folder of pictures, a .npz or a .npy like those that the model will meet");
  std::error_code error;
  const bool has_pictures = fs::is_directory(request_.calibration, error) || fs::is_directory(request_.data, error);
  if (!request_.preprocess.empty() && !has_pictures)
    return fail(ErrorCode::wrong_use,
                "--preprocess: a preprocessing is for pictures, and neither --calibrate nor --data is a folder of them",
                "leave it out: arrays are given to the model as they are");
  if (request_.max_drop && *request_.max_drop >= 1.0) {
    return fail(ErrorCode::wrong_use, "--max-drop: of top-1 answers, not all can differ", "write one point as --max-drop 1%");
  }
  if ((request_.min_sqnr_db || request_.max_drop) && request_.calibration.empty())
    return fail(ErrorCode::wrong_use,
                "--min-sqnr, --max-drop: no calibration data were given; layers are given back by what real inputs show",
                "add --calibrate DATA: a folder of pictures, a .npz or a .npy like those that the model will meet");
  if (!is_static && (request_.equalize || request_.smooth))
    return fail(ErrorCode::wrong_use, fmt::format("--equalize and --smooth do not go with --to {}", to_string(request_.to)),
                "leave them out, or convert to int8-static");
  return {};
}

Result<void> ConvertRun::choose_target() {
  auto profile = target_profile(request_.target);
  if (!profile) return tl::unexpected(profile.error());
  profile_ = std::move(*profile);
  return {};
}

Result<void> ConvertRun::take_in_model() {
  auto cache = cache::Cache::open();
  if (!cache) return tl::unexpected(cache.error());
  cache_.emplace(std::move(*cache));
  const auto on_progress = [this](const std::string& what) { tell("import", what); };
  tell("import", request_.model);
  auto imported = take_in(request_.model, request_.weights, request_.shapes, *cache_, cancel_, on_progress);
  if (!imported) return tl::unexpected(imported.error());
  imported_.emplace(std::move(*imported));
  for (const std::string& notice : imported_->notices()) observer_.on_message(notice);
  import::VariantRequest wanted;
  wanted.format = "onnx";
  const auto file = imported_->variant(wanted, cancel_, on_progress);
  if (!file) return tl::unexpected(file.error());
  made_.bytes_before = file->bytes;
  auto whole = onnx::read_whole(file->path);
  if (!whole) return tl::unexpected(whole.error());
  original_ = std::move(*whole);
  return {};
}

Result<SampleSet> ConvertRun::read(const fs::path& path) {
  BenchRequest how;
  how.samples = request_.samples;
  how.preprocess = request_.preprocess;
  auto options = read_options(how, imported_->facts());
  if (!options) return tl::unexpected(options.error());
  if (!is_preprocessed(path, path == request_.data ? request_.calibration : request_.data)) options->preprocessing.reset();
  options->on_progress = [&](std::size_t done, std::size_t total) {
    tell("data", path.string(), static_cast<std::int64_t>(done), static_cast<std::int64_t>(total));
    return !cancel_.requested();
  };
  return SampleSet::read(path, search::wanted_inputs(inputs_), *options, cancel_);
}

Result<void> ConvertRun::read_data() {
  if (request_.calibration.empty() && request_.data.empty()) return {};
  auto inputs = search::concrete_inputs(imported_->facts(), request_.shapes);
  if (!inputs) return tl::unexpected(inputs.error());
  inputs_ = std::move(*inputs);
  if (const std::string refusal = inputs_.batch_refusal(request_.batch); request_.batch > 0 && !refusal.empty())
    return fail(ErrorCode::wrong_use, fmt::format("--batch {}: {}", request_.batch, refusal),
                fmt::format("use --batch {}, or leave it out", *inputs_.fixed_batch));
  if (!request_.data.empty()) {
    auto judged = read(request_.data);
    if (!judged) return tl::unexpected(judged.error());
    judged_.emplace(std::move(*judged));
  }
  if (!request_.calibration.empty()) {
    auto all = read(request_.calibration);
    if (!all) return tl::unexpected(all.error());
    if (auto apart = judged_ ? SampleSet::check_disjoint(*all, *judged_) : keep_a_quarter_apart(*all); !apart) return apart;
    calibration_.emplace(std::move(*all));
    made_.calibration = calibration_->description();
  }
  if (judged_) made_.judged_on = judged_->description();
  return {};
}

Result<void> ConvertRun::keep_a_quarter_apart(SampleSet& all) {
  auto parts = all.split(all.size() - all.size() / part_kept_apart, request_.seed);
  if (!parts && parts.error().code != ErrorCode::wrong_use) return tl::unexpected(parts.error());
  if (!parts) {  // ranges come from what there is, and the report says that nothing was judged
    made_.error.reason = fmt::format("{} hold{} too few different inputs to keep a quarter apart; give --data", all.description(),
                                     all.size() == 1 ? "s" : "");
    return {};
  }
  all = std::move(parts->first);
  judged_.emplace(std::move(parts->second));
  return {};
}

Result<void> ConvertRun::open_engine() {
  if (!calibration_ && !judged_) return {};
  auto engine = CalibrationEngine::find(cancel_);
  if (!engine) return tl::unexpected(engine.error());
  engine_.emplace(std::move(*engine));
  made_.engine = engine_->name();
  CalibrationRun run;
  run.batch = request_.batch > 0 ? request_.batch : inputs_.fixed_batch.value_or(1);
  run.threads = request_.threads > 0 ? request_.threads : usable_cpus();
  const auto open = [&](const std::optional<SampleSet>& inputs, auto& source) -> Result<void> {
    if (!inputs) return {};
    auto opened = engine_->source(inputs->stream(), inputs_, run, cancel_);
    if (!opened) return tl::unexpected(opened.error());
    source = std::move(*opened);
    return {};
  };
  if (auto opened = open(calibration_, calibration_source_); !opened) return opened;
  return open(judged_, judged_source_);
}

convert::ConvertSettings ConvertRun::settings() const {
  convert::ConvertSettings settings;
  settings.to = request_.to;
  settings.profile = profile_;
  settings.exclude = {request_.exclude.begin(), request_.exclude.end()};
  settings.keep_io = request_.keep_io;
  settings.calibration.method = request_.method;
  settings.calibration.percentile = request_.percentile;
  settings.equalize = request_.equalize;
  settings.smooth = request_.smooth;
  settings.correct_biases = request_.correct_biases;
  return settings;
}

convert::Progress ConvertRun::progress() {
  convert::Progress progress;
  progress.on_step = [this](const std::string& what, std::int64_t done, std::int64_t all) { tell("convert", what, done, all); };
  progress.cancel = &cancel_;
  return progress;
}

bool ConvertRun::reaches_bound(const Judgement& judgement) const {
  if (judgement.error.verdict == Verdict::not_checked) return false;
  // Without a figure there is no noise at all, or the answers are not finite.
  const bool is_clear = !request_.min_sqnr_db || (judgement.error.sqnr_db ? *judgement.error.sqnr_db >= *request_.min_sqnr_db
                                                                          : judgement.error.verdict != Verdict::disagrees);
  const bool is_same = !request_.max_drop || (judgement.top1_agreement && 1.0 - *judgement.top1_agreement <= *request_.max_drop);
  return is_clear && is_same;
}

Result<convert::Holds> ConvertRun::bound() {
  if (made_.bound.empty()) return convert::Holds();
  tell("convert", "answers of the float model");
  auto judge = AnswerJudge::create(*original_, *calibration_source_, calibration_->size());
  if (!judge) return tl::unexpected(judge.error());
  calibration_judge_.emplace(std::move(*judge));
  return convert::Holds([this](const ::onnx::ModelProto& candidate) -> Result<bool> {
    const auto judgement = calibration_judge_->judge(candidate, request_.to);
    if (!judgement) return tl::unexpected(judgement.error());
    if (request_.max_drop && !judgement->top1_agreement)
      return fail(ErrorCode::wrong_use, "--max-drop: the model's first output is no row of scores, so there is no top-1 answer",
                  "bound its error with --min-sqnr instead");
    return reaches_bound(*judgement);
  });
}

Result<void> ConvertRun::make() {
  convert::ConvertSettings asked = settings();
  auto holds = bound();
  if (!holds) return tl::unexpected(holds.error());
  asked.holds = std::move(*holds);
  model_ = *original_;
  auto report = convert::convert(model_, asked, calibration_source_.get(), progress());
  if (!report) return tl::unexpected(report.error());
  made_.report = std::move(*report);
  if (request_.to == Precision::int8_static) made_.method = request_.method;
  return {};
}

Result<Judgement> ConvertRun::judge_half(const AnswerJudge& judge) {
  const auto rounded = convert::rounded(model_);
  if (!rounded) return tl::unexpected(rounded.error());
  auto judgement = judge.judge(*rounded, request_.to);
  if (!judgement || !request_.keep_io) return judgement;
  auto as_run = judge.judge(model_, request_.to);
  if (!as_run && as_run.error().code == ErrorCode::cancelled) return as_run;
  if (!as_run) {
    made_.report.notes.push_back(
        fmt::format("answers are those of float32 arithmetic with each value rounded to {}, since {} does not run it here: {}",
                    to_string(request_.to), made_.engine, as_run.error().message));
    return judgement;
  }
  const auto sqnr = [](const Judgement& of) {
    const bool is_right = of.error.verdict != Verdict::disagrees;
    return of.error.sqnr_db.value_or(is_right ? std::numeric_limits<double>::infinity() : -std::numeric_limits<double>::infinity());
  };
  return sqnr(*judgement) < sqnr(*as_run) ? std::move(judgement) : std::move(as_run);
}

Result<void> ConvertRun::name_losses() {
  tell("check", "which nodes lose most");
  convert::ActivationSource& source = calibration_source_ ? *calibration_source_ : *judged_source_;
  convert::ConvertSettings asked = settings();
  for (const auto& [node, reason] : made_.report.left_wide) asked.exclude.insert(node);
  const auto losses = convert::find_losses(*original_, asked, source, progress());
  if (!losses && losses.error().code == ErrorCode::cancelled) return tl::unexpected(losses.error());
  const bool is_half = request_.to == Precision::fp16 || request_.to == Precision::bf16;
  if (!losses && losses.error().code == ErrorCode::unsupported && is_half) {
    made_.report.notes.push_back(
        fmt::format("every node that was converted meets numbers on these inputs that {} cannot hold, or stands "
                    "between such nodes; --calibrate DATA keeps them wide",
                    to_string(request_.to)));
    return {};
  }
  if (!losses) {
    made_.report.notes.push_back("which nodes lose most could not be found: " + losses.error().message);
    return {};
  }
  for (const std::string& sentence : *losses) made_.report.notes.push_back("lost at " + sentence);
  if (!losses->empty())
    made_.report.notes.push_back("--exclude NODE keeps a node wide; --min-sqnr DB with --calibrate keeps as many as it takes");
  return {};
}

Result<void> ConvertRun::judge() {
  if (!judged_) {
    if (made_.error.reason.empty()) made_.error.reason = "no inputs were kept apart to judge them on; give --data";
    made_.bound_holds = made_.bound.empty();
    return {};
  }
  tell("check", "answers on inputs that calibration never saw");
  const auto judge = AnswerJudge::create(*original_, *judged_source_, judged_->size());
  if (!judge) return tl::unexpected(judge.error());
  const bool is_half = request_.to == Precision::fp16 || request_.to == Precision::bf16;
  const auto judgement = is_half ? judge_half(*judge) : judge->judge(model_, request_.to);
  if (!judgement && judgement.error().code == ErrorCode::cancelled) return tl::unexpected(judgement.error());
  if (!judgement) {
    made_.error.reason = fmt::format("{} does not run it here: {}", made_.engine, judgement.error().message);
    made_.bound_holds = made_.bound.empty();
    return {};
  }
  made_.error = judgement->error;
  made_.top1_agreement = judgement->top1_agreement;
  made_.bound_holds = made_.bound.empty() || reaches_bound(*judgement);
  if (judgement->error.verdict == Verdict::disagrees || !made_.bound_holds) {
    if (auto named = name_losses(); !named) return named;
  }
  if (request_.max_drop && made_.top1_agreement) {
    const std::string doubt = doubt_about_drop(*made_.top1_agreement, judged_->size(), *request_.max_drop);
    if (!doubt.empty()) made_.report.notes.push_back(doubt);
  }
  if (judged_->size() < fewest_to_judge)
    made_.report.notes.push_back(fmt::format("{} {} to judge answers by; give at least {} with --data", judged_->size(),
                                             judged_->size() == 1 ? "input is little" : "inputs are few", fewest_to_judge));
  return {};
}

Result<void> ConvertRun::write() {
  if (cancel_.requested()) return fail(ErrorCode::cancelled, "the conversion was stopped", "nothing was written; start it again");
  tell("write", request_.output.string());
  auto files = onnx::write_model(model_, request_.output);
  if (!files) return tl::unexpected(files.error());
  made_.files = std::move(*files);
  made_.bytes_after = bytes_of(made_.files);
  return {};
}

void ConvertRun::tell(const std::string& stage, const std::string& subject, std::int64_t done, std::int64_t total) {
  observer_.on_progress({stage, subject, done, total, std::chrono::steady_clock::now() - start_, std::chrono::duration<double>(-1)});
}

}  // namespace podium::api

#include "search/cell_preparation.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "measure/schedule.h"
#include "measure/statistics.h"

namespace podium::search {
namespace {

/// From a first look, call by call, comes how many calls make a sample.
constexpr std::chrono::nanoseconds first_look{50'000'000};
constexpr std::int64_t most_first_look_calls = 1000;
/// A window of the trend test holds at least so many calls, and the shortest warm-up has this many windows.
constexpr std::int64_t fewest_calls_in_window = 2;
constexpr std::int64_t windows_in_shortest = 8;
/// A launch after the first is asked for the answers to so many samples: enough to see that it still answers rightly.
constexpr std::int64_t samples_judged_again = 8;

bool all_finite(const std::vector<Row>& rows) {
  return std::all_of(rows.begin(), rows.end(), [](const Row& row) {
    return std::all_of(row.begin(), row.end(), [](const std::vector<float>& output) {
      return std::all_of(output.begin(), output.end(), [](float v) { return std::isfinite(v); });
    });
  });
}

}  // namespace

void CellPreparation::open(LiveCell& cell, const StageHook& on_stage) {
  if (!load(cell, on_stage)) return;
  on_stage("check");
  if (!answer(cell)) return;
  cell.judged_build = cell.build;
  on_stage("warm-up");
  if (!warm_up(cell)) return;
  take_device_memory(cell);
  cell.worker->pause();
  cell.prepared = true;
  const double took_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - began_).count();
  cell.opening_s = std::min(cell.opening_s.value_or(took_s), took_s);
  ++cell.openings;
}

/// The other cells' workers are stopped meanwhile, so what the device holds more than before is this cell's.
void CellPreparation::take_device_memory(LiveCell& cell) const {
  const auto used = request_.gpu ? request_.gpu->read().memory_used_bytes : std::nullopt;
  if (cell.prepared || !used || !device_memory_before_) return;
  cell.cell.memory.device_bytes = std::max<std::int64_t>(0, *used - *device_memory_before_);
  cell.cell.missing.erase("memory.device_bytes");
}

bool CellPreparation::load(LiveCell& cell, const StageHook& on_stage) {
  const auto specs = input_specs(batches_.memory);
  on_stage("build");
  auto model = hooks_.prepare(cell.candidate, specs, cell.build);
  if (!model) return cell.end(model.error()), false;
  if (!cell.prepared) {
    cell.cell.variant_sha256 = model->sha256;
    cell.cell.artifact_bytes = model->bytes;
  }
  began_ = std::chrono::steady_clock::now();
  on_stage("load");
  if (request_.gpu) device_memory_before_ = request_.gpu->read().memory_used_bytes;
  auto started = worker::Worker::start(hooks_.command(cell.candidate), request_.limits, batches_.memory,
                                       request_.logs / log_name(cell.cell.id, ".log"), cancel_);
  if (!started) return cell.end(started.error()), false;
  cell.worker.emplace(std::move(*started));
  auto probe = cell.worker->probe();
  if (!probe) return cell.end(probe.error()), false;
  if (!probe->available) {
    const std::string& remedy = probe->remedy.empty() ? cell.candidate.backend.descriptor.remedy : probe->remedy;
    return cell.end(Error{ErrorCode::unavailable, probe->reason, remedy}), false;
  }
  cell.engine_version = probe->version;
  const auto idle_bytes = cell.worker->private_memory_bytes();
  if (!cell.prepared) take_key(cell);  // before it may be refused or break: what was tried is known too
  const bool is_first = !cell.prepared && !cell.cell.load_s;
  if (is_first) {
    cell.cell.build_s = model->build_s;
    cell.cell.build_cached = model->cached;
    cell.cell.memory.idle_bytes = idle_bytes;
  }
  backend::LoadRequest request = load_request(cell, specs, request_.threads);
  request.model = model->path;
  request.cache = model->cache;
  auto loaded = cell.worker->load(request);
  if (!loaded) return cell.end(loaded.error()), false;
  if (cell.build == 0) hooks_.on_loaded(cell, *model, specs, loaded->load_s + loaded->build_s.value_or(0.0));
  cell.is_compiled = model->is_compiled || loaded->build_s.has_value();
  if (!is_first) return true;  // the figures of a cell are those of its first launch, though an interrupted run may have had it
  cell.cell.load_s = loaded->load_s;
  if (loaded->build_s) cell.cell.build_s = cell.cell.build_s.value_or(0.0) + *loaded->build_s;
  if (!cell.cell.build_s) cell.cell.missing["build_s"] = "this engine does not compile apart from loading";
  return true;
}

/// Blocks that an earlier run took of something else (an older engine, say) are not this cell's.
void CellPreparation::take_key(LiveCell& cell) {
  std::string key = hooks_.key(cell);
  if (cell.cell.key != key) {
    cell.cell.load_s.reset();
    cell.cell.first_inference_ms.reset();
  }
  if (!cell.cell.key.empty() && cell.cell.key != key && !cell.cell.blocks.empty()) {
    cell.cell.blocks.clear();
    cell.cell.throughput_blocks.clear();
    cell.cell.throughput.reset();
    cell.cell.throughput_per_s.reset();
    hooks_.on_message(
        fmt::format("{} is not what the earlier run measured (engine, model or settings differ), so it begins anew", cell.cell.id));
  }
  cell.cell.key = std::move(key);
}

bool CellPreparation::answer(LiveCell& cell) {
  const std::int64_t enough = (samples_judged_again + batches_.batch - 1) / batches_.batch;
  const bool is_known = cell.prepared && cell.build == cell.judged_build;
  const std::int64_t asked = is_known ? std::min(enough, batches_.memory.batches()) : batches_.memory.batches();
  auto answers = cell.worker->answers(asked);
  if (!answers) return cell.end(answers.error()), false;
  if (answers->first_inference_ms && !cell.cell.first_inference_ms) cell.cell.first_inference_ms = answers->first_inference_ms;
  last_rows_ = rows_of(*answers, batches_);
  if (reference_.empty() || cell.cell.is_baseline) return audit(cell);
  const OutputError error = judge(reference_of(asked), last_rows_, cell.cell.precision);
  // The figures are those of the first launch, which answered every sample.
  if (!cell.prepared || error.verdict == Verdict::disagrees) cell.cell.output_error = error;
  if (error.verdict != Verdict::disagrees) return judge_accuracy(cell) && audit(cell);
  cell.cell.status = CellStatus::rejected;
  cell.cell.reason = "wrong answers: " + cell.cell.output_error.reason;
  cell.cell.failure = Failure{"wrong_output", std::nullopt, {}};
  cell.release();
  return false;
}

std::span<const Row> CellPreparation::reference_of(std::int64_t batches) const {
  const bool has_samples = reference_.size() == batches_.samples;  // else a row is a whole batch
  const auto rows = static_cast<std::size_t>(has_samples ? batches * batches_.batch : batches);
  return std::span(reference_).first(std::min(rows, reference_.size()));
}

/// Agreement is about the arithmetic; this is about what the answers are worth.
bool CellPreparation::judge_accuracy(LiveCell& cell) {
  if (!accuracy_ || cell.prepared) return true;
  auto figure = accuracy_->judge(last_rows_);
  if (!figure && request_.question->is_asked) return cell.end(figure.error()), false;
  if (!figure) {
    cell.cell.missing["accuracy"] = figure.error().message;
    return true;
  }
  cell.cell.missing.erase("accuracy");
  cell.cell.accuracy = std::move(*figure);
  if (cell.cell.accuracy->verdict != DropVerdict::does_not_hold) return true;
  cell.cell.status = CellStatus::rejected;
  cell.cell.reason = "accuracy: " + cell.cell.accuracy->reason;
  cell.cell.remedy = "leave out --max-drop to measure it all the same";
  cell.cell.failure = Failure{"accuracy", std::nullopt, {}};
  cell.release();
  return false;
}

Result<void> CellPreparation::judge_baseline(LiveCell& cell) {
  if (request_.question == nullptr) return {};
  const bool is_whole = reference_.size() == batches_.samples;
  auto made = is_whole ? accuracy::Judge::make(*request_.question, reference_)
                       : fail(ErrorCode::bad_input, "the outputs have no batch axis, so that accuracy cannot be told sample by sample",
                              "use --batch 1, or leave out --metric");
  if (!made && request_.question->is_asked) return tl::unexpected(made.error());
  if (!made) {
    cell.cell.missing["accuracy"] = made.error().message;
    hooks_.on_message("accuracy is not judged: " + made.error().message);
    return {};
  }
  accuracy_.emplace(std::move(*made));
  cell.cell.missing.erase("accuracy");
  cell.cell.accuracy = accuracy_->of_baseline();
  return {};
}

Result<void> CellPreparation::make_reference(LiveCell& cell) {
  reference_ = last_rows_;
  cell.cell.is_baseline = true;
  cell.cell.output_error.samples = static_cast<std::int64_t>(reference_.size());
  cell.cell.output_error.reason = "it is the baseline";
  if (!all_finite(reference_))
    hooks_.on_message(fmt::format("the baseline {} returns infinities or values that are not numbers", cell.cell.id));
  return judge_baseline(cell);
}

/// Asks what really ran before any time is spent on measuring something else than was asked for.
bool CellPreparation::audit(LiveCell& cell) {
  if (cell.prepared) return true;  // every launch runs the same
  auto audit = cell.worker->audit();
  if (!audit && !cell.worker->is_alive()) return cell.end(audit.error()), false;
  if (!audit) {
    cell.cell.missing["audit"] = audit.error().error.message;
    return true;
  }
  cell.cell.audit = std::move(*audit);
  const auto objected = objection(*cell.cell.audit, request_.audit);
  if (objected) reject(cell, *objected);
  return !objected;
}

bool CellPreparation::warm_up(LiveCell& cell) {
  measure::BlockPlan plan;
  plan.duration = first_look;
  plan.maximum_samples = most_first_look_calls;
  measure::WarmUpWatch watch(request_.warm_up);
  while (!watch.is_over()) {
    auto measured = cell.worker->measure({plan.duration, plan.minimum_samples, plan.maximum_samples, plan.iterations_per_sample});
    if (!measured) return cell.end(measured.error()), false;
    const auto calls = static_cast<double>(plan.iterations_per_sample);
    std::vector<double> call_ns;
    for (const std::int64_t sample : measured->samples_ns) call_ns.push_back(static_cast<double>(sample) / calls);
    watch.add_window(call_ns, static_cast<std::int64_t>(call_ns.size()) * plan.iterations_per_sample,
                     std::chrono::nanoseconds(measured->elapsed_ns));
    cell.iteration = watch.call_time();
    plan = measure::plan_block(cell.iteration, 0, request_.warm_up.shortest / windows_in_shortest);
    plan.minimum_samples = fewest_calls_in_window;
  }
  measure::keep_worse(cell.cell.warm_up, watch.summary());
  return true;
}

}  // namespace podium::search

#include "podium/optimize.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "api/accuracy_question.h"
#include "api/one_clock.h"
#include "api/optimize_shapes.h"
#include "api/packaged_photos.h"
#include "api/python_samples.h"
#include "api/take_in.h"
#include "api/tokenizer_files.h"
#include "api/workers.h"
#include "artifact/write.h"
#include "cache/cache.h"
#include "core/device.h"
#include "core/result.h"
#include "core/text.h"
#include "podium/pack.h"
#include "search/model_inputs.h"
#include "search/optimize/bound.h"

namespace podium {
namespace {

constexpr std::chrono::minutes constrained_budget{10};
constexpr const char* none_of_python = "the winner exists only in Python, and an artefact runs without: none was written";

/// What can be found out about the request before any model is read.
Result<void> check(const OptimizeRequest& request) {
  const BenchRequest& what = request.what;
  const int bounds = int{what.max_drop.has_value()} + int{request.min_sqnr_db.has_value()} + int{request.speed_only};
  if (bounds > 1)
    return fail(ErrorCode::wrong_use, "--max-drop, --min-sqnr and --speed-only are three different bounds", "give one of them");
  if (request.multi_engine && what.device != BenchRequest{}.device) {
    return fail(ErrorCode::wrong_use,
                fmt::format("--multi-engine: inputs on {} cannot be handed to another process", printable(what.device)),
                "leave out --multi-engine, or --device");
  }
  if (request.output.empty()) return {};
  return artifact::check_target(request.output, request.overwrite);
}

/// Why nothing at hand can judge the model's answers, and what could.
struct NothingLent {
  std::string why;
  std::string mend = "--data PATH with real inputs";
};

/// What is no picture and has no tokenizer: tokens, mostly.
std::string data_for(const search::ModelInputs& inputs) {
  const bool takes_tokens = std::all_of(inputs.inputs.begin(), inputs.inputs.end(), [](const search::ConcreteInput& input) {
    return input.type == DataType::int64 || input.type == DataType::int32;
  });
  if (!takes_tokens) return NothingLent{}.mend;
  return "--data FILE.npz with tokens by the inputs' names; of hf:DIR with a tokenizer, --data FILE.txt with a text a line";
}

/// Without data of the user's, photos or texts inside Python packages calibrate and judge, where the model takes pictures or comes with a
/// tokenizer. The reason where they do not; what is wrong with the model is for the run to tell.
Result<std::optional<NothingLent>> lend_inputs(BenchRequest& what, BenchObserver& observer, const CancelToken& cancel) {
  if (!what.labels.empty()) return std::optional(NothingLent{"--labels need data of your own"});
  auto cache = cache::Cache::open();
  if (!cache) return tl::unexpected(cache.error());
  if (const auto device = parse_device(what.device); !device) return tl::unexpected(device.error());
  if (auto there = api::check_samples_are_there(what.calibration); !there) return tl::unexpected(there.error());
  const auto taken = api::take_in_alone(what, *cache, observer, cancel);
  if (!taken) return tl::unexpected(taken.error());
  const ModelFacts& model = taken->model.facts();
  const auto inputs = search::concrete_inputs(model, what.shapes);
  if (!inputs) return std::optional(NothingLent{inputs.error().message});
  const auto options = api::read_options(what, model);
  if (!options) return tl::unexpected(options.error());
  const bool takes_texts = !api::tokenizer_files(what.model).empty();
  const std::filesystem::path lent = takes_texts ? api::texts_to_judge_by : api::photos_to_judge_by;
  const auto judged = api::read_samples(lent, search::wanted_inputs(*inputs), *options, cancel);
  if (!judged && judged.error().code == ErrorCode::cancelled) return tl::unexpected(judged.error());
  if (!judged) return std::optional(NothingLent{judged.error().message, data_for(*inputs)});
  what.data = lent;
  if (what.calibration.empty()) what.calibration = takes_texts ? api::texts_to_calibrate_with : api::photos_to_calibrate_with;
  observer.on_message(fmt::format("without --data, answers are judged by {}; task accuracy is not measured", judged->description));
  return std::optional<NothingLent>();
}

/// Whether what is asked for can be judged by the data that there are.
Result<void> check_data(const OptimizeRequest& request, const BenchRequest& what, const NothingLent& nothing) {
  if (!what.data.empty()) return {};
  if (what.max_drop || request.min_sqnr_db) {
    return fail(ErrorCode::wrong_use,
                fmt::format("{} bounds what answers may lose, and there is no --data to judge them by ({})",
                            what.max_drop ? "--max-drop" : "--min-sqnr", nothing.why),
                "add " + nothing.mend);
  }
  const bool asks_lossy = std::any_of(what.precisions.begin(), what.precisions.end(), search::is_lossy);
  if (asks_lossy && !request.speed_only) {
    return fail(ErrorCode::wrong_use, "--precisions: without --data nobody can tell whether a lossy precision answers rightly",
                fmt::format("add {}, or --speed-only to choose by speed alone", nothing.mend));
  }
  return {};
}

/// Precisions that some backend of the run has; lossy ones only where they can be judged or need not be.
Result<std::vector<Precision>> precisions_worth_trying(const OptimizeRequest& request, bool has_data) {
  const auto registry = api::read_backends();
  if (!registry) return tl::unexpected(registry.error());
  const auto& named = request.what.backends;
  const auto device = parse_device(request.what.device);
  if (!device) return tl::unexpected(device.error());
  std::vector<Precision> precisions;
  for (const Precision precision : all_precisions()) {
    if (search::is_lossy(precision) && !has_data && !request.speed_only) continue;
    const bool any = std::any_of(registry->begin(), registry->end(), [&](const backend::Registered& entry) {
      const bool takes_part = named.empty() ? entry.descriptor.bundled_in_default_runs
                                            : std::find(named.begin(), named.end(), entry.descriptor.name) != named.end();
      const std::vector<Precision> known = backend::on_device_kind(entry.descriptor, device->kind).precisions;
      return takes_part && std::find(known.begin(), known.end(), precision) != known.end();
    });
    if (any) precisions.push_back(precision);
  }
  if (precisions.empty()) precisions.push_back(Precision::fp32);
  return precisions;
}

bool has_all_winners(const OptimizeReport& report) {
  return !report.winners.empty() &&
         std::none_of(report.more_shapes.begin(), report.more_shapes.end(), [](const ShapeReport& more) { return more.winners.empty(); });
}

bool wins_in_python(const OptimizeReport& report) {
  const auto registry = value_or_throw(api::read_backends());
  const auto exists_only_there = [&](const Winner& winner) {
    return std::any_of(registry.begin(), registry.end(), [&](const backend::Registered& entry) {
      return entry.launch == backend::Launch::python && winner.cell.starts_with(entry.descriptor.name + "/");
    });
  };
  const auto any_of = [&](const std::vector<Winner>& winners) { return std::any_of(winners.begin(), winners.end(), exists_only_there); };
  return any_of(report.winners) ||
         std::any_of(report.more_shapes.begin(), report.more_shapes.end(), [&](const ShapeReport& more) { return any_of(more.winners); });
}

std::string advice_for(const OptimizeRequest& request, const OptimizeReport& report) {
  if (!report.artifact.empty())
    return fmt::format("podium verify {0} checks it here; podium run {0} --data DATA runs it", printable(report.artifact.string()));
  if (!has_all_winners(report)) {
    return request.what.max_drop ? "give more labelled samples, or a wider --max-drop; the log says why each candidate left"
                                 : "loosen the limits of --goal or the bound; the log says why each candidate left";
  }
  if (wins_in_python(report))
    return "leave out --allow-python for the fastest that an artefact can hold; podium bench measures the winner again";
  return "add -o DIR to keep the winner as an artefact";
}

std::vector<std::string> cells_of(const std::vector<Winner>& winners) {
  std::vector<std::string> cells;
  for (const Winner& winner : winners) cells.push_back(winner.cell);
  return cells;
}

void write_artifact(const OptimizeRequest& request, OptimizeReport& report, BenchObserver& observer, const CancelToken& cancel) {
  std::vector<MeasuredAt> parts{{report.results, cells_of(report.winners)}};
  for (const ShapeReport& more : report.more_shapes) parts.push_back({more.results, cells_of(more.winners)});
  PackRequest pack_request;
  pack_request.multi_engine = request.multi_engine;
  pack_request.attached = request.attached;
  pack_request.output = request.output;
  pack_request.overwrite = request.overwrite;
  pack_request.because = fmt::format("best by {}; bound: {}; {}", report.goal, report.bound, report.verdict);
  static_cast<void>(pack(parts, pack_request, observer, cancel));
  report.artifact = request.output;
}

}  // namespace

OptimizeReport optimize(const OptimizeRequest& request, BenchObserver& observer, const CancelToken& cancel) {
  value_or_throw(check(request));
  api::OneClock watched(observer);  // the search and the packing are runs of their own
  BenchRequest what = request.what;
  NothingLent nothing;
  if (what.data.empty()) nothing = value_or_throw(lend_inputs(what, watched, cancel)).value_or(NothingLent{});
  value_or_throw(check_data(request, what, nothing));
  if (what.precisions.empty()) what.precisions = value_or_throw(precisions_worth_trying(request, !what.data.empty()));
  if (what.budget.count() <= 0 && request.preset == SearchPreset::constrained) what.budget = constrained_budget;
  if (what.data.empty() && !request.speed_only) {
    observer.on_message(
        fmt::format("without --data only fp32 is tried: nobody could tell whether a lossy precision answers rightly ({}). {} lets them "
                    "take part; --speed-only "
                    "tries all, unjudged",
                    nothing.why, nothing.mend));
  }
  OptimizeReport report = value_or_throw(api::optimize_shapes(request, what, watched, cancel));
  const bool is_wanted = !request.output.empty() && has_all_winners(report) && !cancel.requested();
  if (is_wanted && wins_in_python(report)) {
    observer.on_message(none_of_python);
    report.verdict += fmt::format("; {}", none_of_python);  // for who asked for a model to run, and gets none
  } else if (is_wanted) {
    write_artifact(request, report, watched, cancel);
  }
  report.advice = advice_for(request, report);
  return report;
}

}  // namespace podium

#include "podium/optimize.h"

#include <algorithm>

#include <fmt/format.h>

#include "api/optimize_run.h"
#include "api/workers.h"
#include "artifact/write.h"
#include "core/device.h"
#include "core/result.h"
#include "core/text.h"
#include "podium/pack.h"
#include "search/optimize/bound.h"

namespace podium {
namespace {

constexpr std::chrono::minutes constrained_budget{10};

/// What can be found out about the request before any model is read.
Result<void> check(const OptimizeRequest& request) {
  const BenchRequest& what = request.what;
  const int bounds = int{what.max_drop.has_value()} + int{request.min_sqnr_db.has_value()} + int{request.speed_only};
  if (bounds > 1)
    return fail(ErrorCode::wrong_use, "--max-drop, --min-sqnr and --speed-only are three different bounds", "give one of them");
  if (what.data.empty() && (what.max_drop || request.min_sqnr_db)) {
    return fail(ErrorCode::wrong_use,
                fmt::format("{} bounds what answers may lose, and there is no --data to judge them by",
                            what.max_drop ? "--max-drop" : "--min-sqnr"),
                "add --data PATH with real inputs");
  }
  const bool asks_lossy = std::any_of(what.precisions.begin(), what.precisions.end(), search::is_lossy);
  if (asks_lossy && what.data.empty() && !request.speed_only) {
    return fail(ErrorCode::wrong_use, "--precisions: without --data nobody can tell whether a lossy precision answers rightly",
                "add --data PATH with real inputs, or --speed-only to choose by speed alone");
  }
  if (request.output.empty()) return {};
  return artifact::check_target(request.output, request.overwrite);
}

/// Precisions that some backend of the run has; lossy ones only where they can be judged or need not be.
Result<std::vector<Precision>> precisions_worth_trying(const OptimizeRequest& request) {
  const auto registry = api::read_backends();
  if (!registry) return tl::unexpected(registry.error());
  const auto& named = request.what.backends;
  const auto device = parse_device(request.what.device);
  if (!device) return tl::unexpected(device.error());
  std::vector<Precision> precisions;
  for (const Precision precision : all_precisions()) {
    if (search::is_lossy(precision) && request.what.data.empty() && !request.speed_only) continue;
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

std::string advice_for(const OptimizeRequest& request, const OptimizeReport& report) {
  if (!report.artifact.empty())
    return fmt::format("podium verify {0} checks it here; podium run {0} --data DATA runs it", printable(report.artifact.string()));
  if (report.winners.empty()) {
    return request.what.max_drop ? "give more labelled samples, or a wider --max-drop; the log says why each candidate left"
                                 : "loosen the limits of --goal or the bound; the log says why each candidate left";
  }
  return "add -o DIR to keep the winner as an artefact";
}

bool wins_in_python(const OptimizeReport& report) {
  const auto registry = value_or_throw(api::read_backends());
  return std::any_of(registry.begin(), registry.end(), [&](const backend::Registered& entry) {
    return entry.launch == backend::Launch::python && report.winners.front().cell.starts_with(entry.descriptor.name + "/");
  });
}

void write_artifact(const OptimizeRequest& request, OptimizeReport& report, BenchObserver& observer, const CancelToken& cancel) {
  PackRequest pack_request;
  for (const Winner& winner : report.winners) pack_request.cells.push_back(winner.cell);
  pack_request.output = request.output;
  pack_request.overwrite = request.overwrite;
  pack_request.because = fmt::format("best by {}; bound: {}; {}", report.goal, report.bound, report.verdict);
  static_cast<void>(pack(report.results, pack_request, observer, cancel));
  report.artifact = request.output;
}

}  // namespace

OptimizeReport optimize(const OptimizeRequest& request, BenchObserver& observer, const CancelToken& cancel) {
  value_or_throw(check(request));
  BenchRequest what = request.what;
  if (what.precisions.empty()) what.precisions = value_or_throw(precisions_worth_trying(request));
  if (what.budget.count() <= 0 && request.preset == SearchPreset::constrained) what.budget = constrained_budget;
  if (what.data.empty() && !request.speed_only)
    observer.on_message(
        "without --data only fp32 is tried: nobody could tell whether a lossy precision answers rightly (--speed-only tries all)");
  OptimizeReport report = value_or_throw(api::OptimizeRun(request, what, observer, cancel).run());
  if (!what.json.empty()) write_file(what.json, to_json(report.results));
  const bool is_wanted = !request.output.empty() && !report.winners.empty() && !cancel.requested();
  if (is_wanted && wins_in_python(report))
    observer.on_message("the winner exists only in Python, and an artefact runs without: none was written");
  else if (is_wanted)
    write_artifact(request, report, observer, cancel);
  report.advice = advice_for(request, report);
  return report;
}

}  // namespace podium

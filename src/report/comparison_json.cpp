#include "core/json_fields.h"
#include "podium/compare.h"
#include "report/json_writer.h"
#include "report/run_load_json.h"

namespace podium {
namespace {

using report::Json;
using Plain = codec::Encoder<codec::Shared>;

constexpr std::string_view comparison_schema = "podium.comparison/1";

Json encode(const ThroughputComparison& compared) {
  return {{"change", to_string(compared.change)},
          {"before_per_s", Plain::encode(compared.before_per_s)},
          {"after_per_s", Plain::encode(compared.after_per_s)},
          {"requests_before", compared.requests_before},
          {"requests_after", compared.requests_after},
          {"ratio", Plain::encode(compared.ratio.value)},
          {"ratio_ci95", Plain::encode(compared.ratio.ci95)},
          {"ratio_corrected", Plain::encode(compared.corrected)},
          {"basis", to_string(compared.basis)},
          {"units_before", compared.units_before},
          {"units_after", compared.units_after}};
}

Json encode(const CellComparison& compared) {
  const Cell& cell = compared.cell;
  Json object = Json::object();
  object["id"] = cell.id;
  object["backend"] = cell.backend;
  object["precision"] = to_string(cell.precision);
  object["batch"] = cell.batch;
  object["device"] = cell.device;
  object["is_baseline"] = cell.is_baseline;
  object["change"] = to_string(compared.change);
  object["breaks_now"] = compared.breaks_now;
  object["missing_now"] = compared.missing_now;
  object["throughput_missing_now"] = compared.throughput_missing_now;
  object["reason"] = compared.reason.empty() ? Json() : Json(compared.reason);
  object["before_ms"] = Plain::encode(compared.before_ms);
  object["after_ms"] = Plain::encode(compared.after_ms);
  object["ratio"] = compared.ratio ? Plain::encode(compared.ratio->value) : Json();
  object["ratio_ci95"] = compared.ratio ? Plain::encode(compared.ratio->ci95) : Json();
  object["ratio_corrected"] = Plain::encode(compared.corrected);
  object["basis"] = compared.basis ? Json(to_string(*compared.basis)) : Json();
  object["units_before"] = compared.units_before;
  object["units_after"] = compared.units_after;
  object["throughput"] = compared.throughput ? encode(*compared.throughput) : Json();
  return object;
}

Json encode(const ComparisonRun& run) {
  Json object = {{"side", run.is_after ? "after" : "before"}, {"file", run.file}, {"started", report::text_or_null(run.started)}};
  report::add_load(object, run.load);
  return object;
}

}  // namespace

std::string to_json(const Comparison& comparison) {
  Json document = Json::object();
  document["schema"] = comparison_schema;
  document["model"] = comparison.model;
  document["machine"] = comparison.machine;
  document["runs_before"] = comparison.runs_before;
  document["runs_after"] = comparison.runs_after;
  document["runs"] = Json::array();
  for (const ComparisonRun& run : comparison.runs) document["runs"].push_back(encode(run));
  document["cells"] = Json::array();
  for (const CellComparison& cell : comparison.cells) document["cells"].push_back(encode(cell));
  document["what_changed"] = Json::array();
  for (const Difference& difference : comparison.what_changed)
    document["what_changed"].push_back({{"what", difference.what}, {"before", difference.before}, {"after", difference.after}});
  document["notes"] = comparison.notes;
  return report::pretty(document);
}

}  // namespace podium

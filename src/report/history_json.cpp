#include "core/json_fields.h"
#include "podium/history.h"
#include "report/json_nulls.h"
#include "report/json_writer.h"
#include "report/run_load_json.h"

namespace podium {
namespace {

using report::Json;
using report::text_or_null;
using Plain = codec::Encoder<codec::Shared>;

constexpr std::string_view history_schema = "podium.history/1";

Json encode(const HistoryPoint& point);
Json encode(const HistoryLevel& level);
Json encode(const HistoryChange& change);
Json encode(const HistoryLine& line);
Json encode(const HistoryRun& run);
Json encode(const HistorySetup& setup);

template <typename T>
Json list_of(const std::vector<T>& values) {
  Json list = Json::array();
  for (const T& value : values) list.push_back(encode(value));
  return list;
}

Json encode(const std::vector<Difference>& differences) {
  Json list = Json::array();
  for (const Difference& difference : differences)
    list.push_back({{"what", difference.what}, {"before", difference.before}, {"after", difference.after}});
  return list;
}

Json encode(const Ratio& ratio) {
  return {{"value", Plain::encode(ratio.value)}, {"ci95", Plain::encode(ratio.ci95)}};
}

Json encode(const HistoryPoint& point) {
  return {{"run", point.run},
          {"status", to_string(point.status)},
          {"reason", text_or_null(point.reason)},
          {"ms", Plain::encode(point.ms)},
          {"ci95", Plain::encode(point.ci95)},
          {"launches", point.launches},
          {"stands_alone", point.stands_alone}};
}

Json encode(const HistoryLevel& level) {
  return {{"first_run", level.first_run},
          {"last_run", level.last_run},
          {"runs", level.runs},
          {"ms", Plain::encode(level.ms)},
          {"ci95", Plain::encode(level.ci95)}};
}

Json encode(const HistoryChange& change) {
  return {{"run", change.run},
          {"run_before", change.run_before},
          {"change", to_string(change.change)},
          {"ratio", Plain::encode(change.ratio.value)},
          {"ratio_corrected", Plain::encode(change.ratio.ci95)},
          {"what_changed", encode(change.what_changed)}};
}

Json encode(const HistoryLine& line) {
  Json object = Json::object();
  object["id"] = line.cell.id;
  object["backend"] = line.cell.backend;
  object["precision"] = to_string(line.cell.precision);
  object["batch"] = line.cell.batch;
  object["device"] = line.cell.device;
  object["is_baseline"] = line.cell.is_baseline;
  object["setup"] = line.setup;
  object["course"] = to_string(line.course);
  object["breaks_now"] = line.breaks_now;
  object["missing_now"] = line.missing_now;
  object["hidden"] = Plain::encode(line.hidden);
  object["drift"] = line.drift ? encode(*line.drift) : Json();
  object["changes"] = list_of(line.changes);
  object["levels"] = list_of(line.levels);
  object["points"] = list_of(line.points);
  return object;
}

Json encode(const HistoryRun& run) {
  Json object = {{"file", run.file}, {"started", text_or_null(run.started)}, {"setup", run.setup}};
  report::add_load(object, run.load);
  return object;
}

Json encode(const HistorySetup& setup) {
  return {{"machine", setup.machine}, {"model", setup.model}, {"against_first", encode(setup.against_first)}};
}

}  // namespace

std::string to_json(const History& history) {
  Json document = Json::object();
  document["schema"] = history_schema;
  document["setups"] = list_of(history.setups);
  document["runs"] = list_of(history.runs);
  document["cells"] = list_of(history.lines);
  document["notes"] = history.notes;
  return report::pretty(document);
}

}  // namespace podium

#include "podium/optimize.h"
#include "report/json_nulls.h"
#include "report/json_writer.h"

namespace podium {
namespace {

using report::Json;
using report::or_null;
using report::text_or_null;

constexpr std::string_view search_schema = "podium.search/1";

Json winners_of(const std::vector<Winner>& winners) {
  Json array = Json::array();
  for (const Winner& winner : winners) array.push_back({{"batch", winner.batch}, {"cell", winner.cell}, {"reason", winner.reason}});
  return array;
}

Json log_of(const std::vector<SearchStep>& log) {
  Json array = Json::array();
  for (const SearchStep& step : log)
    array.push_back({{"candidate", step.candidate}, {"batch", step.batch}, {"stage", step.stage}, {"reason", step.reason}});
  return array;
}

}  // namespace

std::string to_json(const OptimizeReport& report) {
  Json document = Json::object();
  document["schema"] = search_schema;
  document["model"] = report.results.model.name;
  document["model_sha256"] = report.results.model.sha256;
  document["goal"] = report.goal;
  document["bound"] = report.bound;
  document["preset"] = to_string(report.preset);
  document["winners"] = winners_of(report.winners);
  document["log"] = log_of(report.log);
  document["pareto_front"] = Json::array();
  for (const ParetoPoint& point : report.pareto_front) {
    document["pareto_front"].push_back({{"cell", point.cell},
                                        {"batch", point.batch},
                                        {"latency_ms", point.latency_ms},
                                        {"drop", or_null(point.drop)},
                                        {"sqnr_db", or_null(point.sqnr_db)},
                                        {"memory_bytes", or_null(point.memory_bytes)}});
  }
  document["more_shapes"] = Json::array();
  for (const ShapeReport& more : report.more_shapes) {
    document["more_shapes"].push_back(
        {{"shapes", more.shapes}, {"winners", winners_of(more.winners)}, {"log", log_of(more.log)}, {"verdict", more.verdict}});
  }
  document["verdict"] = report.verdict;
  document["artifact"] = text_or_null(report.artifact.string());
  document["seconds"] = report.seconds;
  return report::pretty(document);
}

}  // namespace podium

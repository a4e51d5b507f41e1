#include "podium/convert.h"
#include "report/json_nulls.h"
#include "report/json_writer.h"

namespace podium {
namespace {

using report::Json;
using report::or_null;
using report::text_or_null;

constexpr std::string_view conversion_schema = "podium.conversion/1";

Json encode(const OutputError& error) {
  if (error.verdict == Verdict::not_checked) return {{"verdict", to_string(error.verdict)}, {"reason", text_or_null(error.reason)}};
  return {{"verdict", to_string(error.verdict)},
          {"reason", text_or_null(error.reason)},
          {"sqnr_db", or_null(error.sqnr_db)},
          {"cosine", error.cosine},
          {"max_abs", error.max_abs},
          {"mean_abs", error.mean_abs},
          {"samples", error.samples}};
}

}  // namespace

std::string to_json(const Conversion& conversion) {
  Json document = Json::object();
  document["schema"] = conversion_schema;
  document["model"] = conversion.model;
  document["to"] = to_string(conversion.report.to);
  document["target"] = conversion.target;
  document["files"] = Json::array();
  for (const std::filesystem::path& file : conversion.files) document["files"].push_back(file.string());
  document["bytes_before"] = conversion.bytes_before;
  document["bytes_after"] = conversion.bytes_after;
  document["nodes"] = conversion.report.nodes;
  document["converted"] = conversion.report.converted;
  document["left_wide"] = conversion.report.left_wide;
  document["method"] = conversion.method ? Json(to_string(*conversion.method)) : Json();
  document["calibration"] = text_or_null(conversion.calibration);
  document["judged_on"] = text_or_null(conversion.judged_on);
  document["output_error"] = encode(conversion.error);
  document["top1_agreement"] = or_null(conversion.top1_agreement);
  document["engine"] = text_or_null(conversion.engine);
  document["bound"] = text_or_null(conversion.bound);
  document["bound_holds"] = conversion.bound.empty() ? Json() : Json(conversion.bound_holds);
  document["notes"] = conversion.report.notes;
  document["seconds"] = conversion.seconds;
  return report::pretty(document);
}

}  // namespace podium

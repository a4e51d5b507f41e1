#include "podium/report.h"
#include "report/json_nulls.h"
#include "report/json_writer.h"

namespace podium {
namespace {

using report::Json;
using report::text_or_null;

constexpr std::string_view diagnosis_schema = "podium.diagnosis/1";

Json encode(const SelfTest& test) {
  Json object = Json::object();
  object["device"] = test.device;
  object["works"] = test.works;
  object["seconds"] = test.seconds;
  object["reason"] = text_or_null(test.reason);
  object["remedy"] = text_or_null(test.remedy);
  return object;
}

Json encode(const BackendReport& backend) {
  Json object = Json::object();
  object["name"] = backend.name;
  object["engine"] = backend.engine;
  object["available"] = backend.available;
  object["version"] = text_or_null(backend.version);
  object["place"] = text_or_null(backend.place);
  object["devices"] = backend.devices;
  object["precisions"] = Json::array();
  for (const Precision precision : backend.precisions) object["precisions"].push_back(to_string(precision));
  // What an engine would need is no news where it is there.
  object["reason"] = backend.available ? Json() : text_or_null(backend.reason);
  object["remedy"] = backend.available ? Json() : text_or_null(backend.remedy);
  object["self_tests"] = Json::array();
  for (const SelfTest& test : backend.self_tests) object["self_tests"].push_back(encode(test));
  return object;
}

}  // namespace

std::string to_json(const Diagnosis& diagnosis) {
  Results machine;
  machine.environment = diagnosis.environment;
  Json document = Json::object();
  document["schema"] = diagnosis_schema;
  document["environment"] = report::encode_head(machine)["environment"];
  document["backends"] = Json::array();
  for (const BackendReport& backend : diagnosis.backends) document["backends"].push_back(encode(backend));
  return report::pretty(document);
}

}  // namespace podium

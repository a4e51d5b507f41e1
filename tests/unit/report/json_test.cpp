#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "podium/report.h"
#include "report/json_reader.h"
#include "unit/report/sample_results.h"
#include "unit/temporary_folder.h"

namespace podium::report::test {
namespace {

using nlohmann::json;
using podium::test::TemporaryFolder;
using ::testing::HasSubstr;

json written(const Results& results) {
  return json::parse(to_json(results));
}

/// Every null below `object` has its reason.
void expect_reasons(const json& object, const json& missing, const std::string& prefix) {
  for (const auto& [name, value] : object.items()) {
    const std::string key = prefix + name;
    if (key == "failure" || key == "missing" || key == "blocks") continue;
    if (value.is_null()) {
      EXPECT_TRUE(missing.contains(key) && !missing[key].get<std::string>().empty()) << key;
    }
    if (value.is_object()) expect_reasons(value, missing, key + ".");
  }
}

TEST(ResultsFile, ReadsBackWhatWasWritten) {
  const std::string text = to_json(sample_results());
  const Result<Results> read = parse_results(text, "it");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(to_json(*read), text);
  EXPECT_EQ(read->cells.size(), sample_results().cells.size());
  EXPECT_EQ(read->model.inputs[0].dimensions[0].name, "batch");
  EXPECT_TRUE(read->model.inputs[0].dimensions[3].is_free());
  EXPECT_EQ(read->cells[0].blocks[0].samples_ns, sample_results().cells[0].blocks[0].samples_ns);
}

TEST(ResultsFile, KeepsWhatAGpuTells) {
  Results results = sample_results();
  results.environment.gpus = {{"cuda:0", "A GPU", 1000, "9.0"}};
  results.settings.timing_boundary = "device";
  Cell& cell = results.cells[0];
  cell.device_clock = DeviceClock{0.5, 0.75, 30};
  cell.blocks[0].device_clock = DeviceClock{0.5, 0.75, 3};
  GpuLoad& gpu = cell.blocks[0].load.gpu.emplace();
  gpu.clock_mhz = 1980;
  gpu.power_w = 690.5;
  gpu.throttle = "power cap";
  gpu.foreign_share = 0.45;
  gpu.foreign = {{4711, "trainer", 0.45}};
  const Result<Results> read = parse_results(to_json(results), "it");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(to_json(*read), to_json(results));
  EXPECT_EQ(read->environment.gpus.at(0).compute_capability, "9.0");
  EXPECT_EQ(read->settings.timing_boundary, "device");
  EXPECT_EQ(read->cells[0].device_clock->host_ms, 0.75);
  EXPECT_EQ(read->cells[0].blocks[0].device_clock->calls, 3);
  EXPECT_EQ(read->cells[0].blocks[0].load.gpu->clock_mhz, 1980);
  EXPECT_EQ(read->cells[0].blocks[0].load.gpu->throttle, "power cap");
  EXPECT_EQ(read->cells[0].blocks[0].load.gpu->foreign_share, 0.45);
  EXPECT_EQ(read->cells[0].blocks[0].load.gpu->foreign->at(0).name, "trainer");
  const json block = written(results)["cells"][0]["blocks"][0];
  EXPECT_FALSE(block["load"]["gpu"].contains("energy_j")) << "what is not told is left out of a block";
  EXPECT_FALSE(written(sample_results())["cells"][0]["blocks"][0].contains("device_clock"));
}

TEST(ResultsFile, KeepsHowARunWasToldToMeasureAndReadsFilesThatDoNotSay) {
  Results results = sample_results();
  results.settings.mode = "both";
  results.settings.rebuilds = 3;
  results.settings.interval_target = 0.025;
  json document = written(results);
  const Result<Results> read = parse_results(document.dump(), "it");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->settings.mode, "both");
  EXPECT_EQ(read->settings.rebuilds, 3);
  EXPECT_DOUBLE_EQ(read->settings.interval_target, 0.025);
  for (const char* key : {"mode", "rebuilds", "interval_target"}) document["settings"].erase(key);
  const Result<Results> older = parse_results(document.dump(), "it");
  ASSERT_TRUE(older) << older.error().message;
  EXPECT_EQ(older->settings.mode, RunSettings().mode);
  EXPECT_EQ(older->settings.rebuilds, RunSettings().rebuilds);
  EXPECT_DOUBLE_EQ(older->settings.interval_target, RunSettings().interval_target);
}

TEST(ResultsFile, KeepsTheWarmUpOfThroughputMode) {
  Results results = sample_results();
  Cell& cell = results.cells[0];
  cell.throughput_blocks[0].warm_up = WarmUp{40, 10.5, false, {3.0, 2.0}};
  cell.throughput->warm_up = cell.throughput_blocks[0].warm_up;
  const json document = written(results);
  EXPECT_EQ(document["cells"][0]["throughput"]["warm_up"]["steady"], false);
  EXPECT_FALSE(document["cells"][0]["throughput_blocks"][1].contains("warm_up")) << "the launch's first block has it";
  const Result<Results> read = parse_results(document.dump(), "it");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_DOUBLE_EQ(read->cells[0].throughput->warm_up->seconds, 10.5);
  EXPECT_EQ(read->cells[0].throughput_blocks[0].warm_up->trace_ms, (std::vector<double>{3.0, 2.0}));
}

TEST(ResultsFile, HasTheKeysOfTheSchema) {
  const json document = written(sample_results());
  EXPECT_EQ(document["schema"], "podium.results/1");
  for (const char* key : {"cpu", "isa", "cores", "memory", "gpu", "driver", "clocks", "governor", "os", "versions", "warnings"})
    EXPECT_TRUE(document["environment"].contains(key)) << key;
  for (const char* key : {"name", "sha256", "inputs", "outputs", "parameters", "flops"})
    EXPECT_TRUE(document["model"].contains(key)) << key;
  for (const char* key : {"id",
                          "backend",
                          "precision",
                          "batch",
                          "device",
                          "options",
                          "variant_sha256",
                          "mode",
                          "concurrency",
                          "status",
                          "reason",
                          "failure",
                          "latency_ms",
                          "blocks",
                          "throughput_per_s",
                          "throughput_blocks",
                          "ratio_to_baseline",
                          "ratio_to_best",
                          "timing_boundary",
                          "accuracy",
                          "output_error",
                          "memory",
                          "energy_j_per_inference",
                          "build_s",
                          "load_s",
                          "first_inference_ms",
                          "artifact_bytes",
                          "audit",
                          "rank",
                          "tied_with"})
    EXPECT_TRUE(document["cells"][0].contains(key)) << key;
  const json& latency = document["cells"][0]["latency_ms"];
  for (const char* key : {"median", "ci95", "mean", "stddev", "min", "max", "p90", "p99", "n"}) EXPECT_TRUE(latency.contains(key)) << key;
  EXPECT_EQ(document["cells"][0]["ratio_to_baseline"]["ci95"].size(), 2U);
}

TEST(ResultsFile, GivesAReasonForEveryNull) {
  const json document = written(sample_results());
  for (const json& cell : document["cells"]) expect_reasons(cell, cell["missing"], "");
  expect_reasons(document["environment"], document["environment"]["missing"], "");
  expect_reasons(document["model"], document["model"]["missing"], "");
}

TEST(ResultsFile, PrefersTheCellsOwnReason) {
  Results results = sample_results();
  results.cells[0].missing["energy_j_per_inference"] = "no counter here";
  EXPECT_EQ(written(results)["cells"][0]["missing"]["energy_j_per_inference"], "no counter here");
}

TEST(ResultsFile, SaysWhyNoBlockHasAFigure) {
  Results results = sample_results();
  results.cells[0].missing["blocks.load.gpu.foreign_share"] = "the driver does not tell";
  EXPECT_EQ(written(results)["cells"][0]["missing"]["blocks.load.gpu.foreign_share"], "the driver does not tell");
  EXPECT_FALSE(written(results)["cells"][1]["missing"].contains("blocks.load.gpu.foreign_share"));
}

TEST(ResultsFile, WritesNoFigureForOutputsThatWereNotCompared) {
  const json document = written(sample_results());
  const json& crashed = document["cells"][6];
  ASSERT_EQ(crashed["status"], "failed");
  EXPECT_TRUE(crashed["output_error"]["max_abs"].is_null());
  EXPECT_TRUE(crashed["output_error"]["cosine"].is_null());
  EXPECT_TRUE(crashed["latency_ms"].is_null());
  EXPECT_EQ(crashed["failure"]["signal"], 11);
}

TEST(ResultsFile, WritesWhatIsNotFiniteAsNull) {
  Results results = sample_results();
  results.cells[0].output_error.max_abs = std::numeric_limits<double>::infinity();
  const json cell = written(results)["cells"][0];
  EXPECT_TRUE(cell["output_error"]["max_abs"].is_null());
  EXPECT_EQ(cell["missing"]["output_error.max_abs"], "the outputs hold values that are not finite");
}

TEST(ResultsFile, BearsBytesThatAreNotText) {
  Results results = sample_results();
  results.model.name = "bad \xff name";
  EXPECT_TRUE(parse_results(to_json(results), "it"));
}

TEST(ResultsFile, KeepsEveryDigitOfAFigure) {
  Results results = sample_results();
  results.cells[0].latency_ms->median = 0.1 + 0.2;
  EXPECT_EQ(parse_results(to_json(results), "it")->cells[0].latency_ms->median, 0.1 + 0.2);
}

TEST(ResultsFile, IsFollowedToTheWrongValue) {
  json document = written(sample_results());
  document["cells"][2]["latency_ms"]["median"] = "fast";
  const Result<Results> read = parse_results(document.dump(), "'r.json'");
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, ErrorCode::bad_input);
  EXPECT_EQ(read.error().message, "'r.json': 'cells[2].latency_ms.median' is not a number or null");
}

TEST(ResultsFile, RefusesValuesOfTheWrongKind) {
  const json good = written(sample_results());
  const std::vector<std::pair<json::json_pointer, json>> edits{
      {json::json_pointer("/cells"), 3},
      {json::json_pointer("/cells/0/id"), ""},
      {json::json_pointer("/cells/0/id"), 7},
      {json::json_pointer("/cells/0/status"), "splendid"},
      {json::json_pointer("/cells/0/batch"), 1.5},
      {json::json_pointer("/cells/0/batch"), std::numeric_limits<std::uint64_t>::max()},
      {json::json_pointer("/cells/0/is_baseline"), "yes"},
      {json::json_pointer("/cells/0/blocks/0/samples_ns"), {{"a", 1}}},
      {json::json_pointer("/cells/0/latency_ms/ci95"), {1.0}},
      {json::json_pointer("/cells/0/options"), json::array()},
      {json::json_pointer("/cells/6/failure/signal"), std::int64_t{1} << 40},
      {json::json_pointer("/environment"), nullptr},
      {json::json_pointer("/environment/memory"), 5},
      {json::json_pointer("/model/inputs/0/type"), "float3"},
  };
  for (const auto& [where, value] : edits) {
    json document = good;
    document[where] = value;
    const Result<Results> read = parse_results(document.dump(), "it");
    EXPECT_FALSE(read) << where.to_string();
  }
}

TEST(ResultsFile, OfAnotherKindIsRefusedWithTheMend) {
  for (const std::string text : {"", "{", "[]", "5", "{}", R"({"schema": "podium.results/2"})", R"({"schema": 1})"}) {
    const Result<Results> read = parse_results(text, "'x.json'");
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().code, ErrorCode::bad_input);
    EXPECT_THAT(read.error().message, HasSubstr("'x.json'"));
    EXPECT_THAT(read.error().remedy, HasSubstr("--json"));
  }
}

TEST(ResultsFile, PassesOverKeysOfALaterVersion) {
  json document = written(sample_results());
  document["cells"][0]["latency_ms"]["p999"] = 3.0;
  document["colour"] = "blue";
  EXPECT_TRUE(parse_results(document.dump(), "it"));
}

TEST(ResultsFile, IsWrittenAndReadByName) {
  const TemporaryFolder folder;
  write_file(folder.path() / "r.json", to_json(sample_results()));
  EXPECT_EQ(to_json(read_results(folder.path() / "r.json")), to_json(sample_results()));
}

TEST(ResultsFile, ThatIsNotThereIsNamedInTheError) {
  try {
    (void)read_results("no/such/file.json");
    FAIL() << "it was read";
  } catch (const Exception& error) {
    EXPECT_EQ(error.error().code, ErrorCode::bad_input);
    EXPECT_THAT(error.error().message, HasSubstr("no/such/file.json"));
  }
}

TEST(ResultsFile, ThatTheDiskRefusesIsAnErrorOfTheDisk) {
  try {
    write_file("/dev/full", "x");
    FAIL() << "it was written";
  } catch (const Exception& error) {
    EXPECT_EQ(error.error().code, ErrorCode::io);
    EXPECT_THAT(error.error().message, HasSubstr("No space left"));
  }
}

TEST(ResultsFile, GivesTheSettingsOfTheRunBack) {
  Results results = sample_results();
  results.settings.model = "/models/a b.onnx";
  results.settings.data_sha256 = std::string(64, 'd');
  results.settings.batches = {1, 8};
  results.settings.shapes = {{"input_ids", {1, 128}}};
  results.settings.option_values = {{"fake.latency-us", {"1000", "2000"}}};
  results.settings.budget_s = 12.5;
  results.settings.seed = -1;
  const Result<Results> read = parse_results(to_json(results), "the file");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->settings.model, results.settings.model);
  EXPECT_EQ(read->settings.shapes, results.settings.shapes);
  EXPECT_EQ(read->settings.option_values, results.settings.option_values);
  EXPECT_EQ(to_json(*read), to_json(results));
}

TEST(ResultsFile, OfAnOlderVersionHasNoSettings) {
  nlohmann::json document = nlohmann::json::parse(to_json(sample_results()));
  document.erase("settings");
  const Result<Results> read = parse_results(document.dump(), "the file");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_TRUE(read->settings.model.empty());
}

}  // namespace
}  // namespace podium::report::test

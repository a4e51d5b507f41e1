#include "worker/messages.h"

#include <gmock/gmock.h>

namespace podium::worker {
namespace {

using nlohmann::json;

LoadMessage sample_load() {
  LoadMessage message;
  message.request = {
      "/m.onnx", Precision::bf16, "cpu", 2, {{"spinning", false}, {"level", std::string("all")}}, {{"x", DataType::int64, {8, 3}}}, "/c"};
  message.inputs = {{"x", DataType::int64, {8, 3}, {0, 192}}};
  return message;
}

TEST(Messages, LoadSurvivesItsJson) {
  const auto message = load_from_json(load_to_json(sample_load()));
  ASSERT_TRUE(message) << message.error().message;
  EXPECT_EQ(message->request.model, "/m.onnx");
  EXPECT_EQ(message->request.precision, Precision::bf16);
  EXPECT_EQ(message->request.options, sample_load().request.options);
  ASSERT_EQ(message->inputs.size(), 1U);
  EXPECT_EQ(message->inputs[0].offsets, (std::vector<std::uint64_t>{0, 192}));
  EXPECT_EQ(message->request.inputs[0].type, DataType::int64);
}

TEST(Messages, LoadThatLacksAFieldOrHasAnotherTypeIsRefused) {
  const json whole = load_to_json(sample_load());
  for (const char* key : {"model", "precision", "device", "threads", "options", "inputs"}) {
    json missing = whole;
    missing.erase(key);
    EXPECT_FALSE(load_from_json(missing)) << key;
    json wrong = whole;
    wrong[key] = json::array({json::array()});
    EXPECT_FALSE(load_from_json(wrong)) << key;
  }
  json negative = whole;
  negative["inputs"][0]["shape"] = {-1, 3};
  EXPECT_FALSE(load_from_json(negative));
}

TEST(Messages, LoadSaysHowManyRequestsWillBeInFlight) {
  LoadMessage message = sample_load();
  message.request.requests = 8;
  json whole = load_to_json(message);
  EXPECT_EQ(load_from_json(whole)->request.requests, 8);
  whole.erase("requests");
  EXPECT_EQ(load_from_json(whole)->request.requests, 1) << "where it is not said, one";
  for (const std::int64_t senseless : {0, -1, 5000}) {
    whole["requests"] = senseless;
    EXPECT_FALSE(load_from_json(whole)) << senseless;
  }
}

TEST(Messages, LoadSaysWhereACallIsTimedAndIsRefusedWhereNobodyKnowsThatPlace) {
  LoadMessage message = sample_load();
  message.request.boundary = TimingBoundary::device;
  json whole = load_to_json(message);
  EXPECT_EQ(load_from_json(whole)->request.boundary, TimingBoundary::device);
  whole["timing_boundary"] = "moon";
  EXPECT_FALSE(load_from_json(whole));
  whole.erase("timing_boundary");
  EXPECT_EQ(load_from_json(whole)->request.boundary, TimingBoundary::host) << "where it is not said, as on the CPU";
}

TEST(Messages, BlockKeepsWhatTheDevicesClockSays) {
  BlockMessage told{1, 2, 3, 4, 5, DeviceClock{0.25, 0.5, 7}};
  const auto block = block_from_json(block_to_json(told));
  ASSERT_TRUE(block);
  EXPECT_EQ(block->samples, 4U);
  EXPECT_EQ(block->offset, 5U);
  ASSERT_TRUE(block->device_clock);
  EXPECT_EQ(block->device_clock->device_ms, 0.25);
  EXPECT_EQ(block->device_clock->host_ms, 0.5);
  EXPECT_EQ(block->device_clock->calls, 7);
  told.device_clock.reset();
  EXPECT_FALSE(block_from_json(block_to_json(told))->device_clock);
  told.device_clock = DeviceClock{0.0, 0.5, 7};
  EXPECT_FALSE(block_from_json(block_to_json(told))) << "a clock that stood still";
}

TEST(Messages, ThroughputSurvivesItsJsonAndRefusesWhatMakesNoSense) {
  const auto request = throughput_from_json(throughput_to_json({std::chrono::nanoseconds(7), 3}));
  ASSERT_TRUE(request);
  EXPECT_EQ(request->duration.count(), 7);
  EXPECT_EQ(request->requests, 3);
  EXPECT_FALSE(throughput_from_json(throughput_to_json({std::chrono::nanoseconds(7), 0})));
  EXPECT_FALSE(throughput_from_json(throughput_to_json({std::chrono::nanoseconds(-1), 1})));
  EXPECT_FALSE(throughput_from_json({{"op", "throughput"}, {"requests", 1}}));
}

TEST(Messages, ThroughputFiguresWithoutACallAreNonsenseUnlessAnswersDiffered) {
  const auto figures = throughput_figures_from_json(throughput_figures_to_json({1, 2, 3, 4, {}}));
  ASSERT_TRUE(figures);
  EXPECT_EQ(figures->start_ns, 1);
  EXPECT_EQ(figures->elapsed_ns, 2);
  EXPECT_EQ(figures->calls, 3);
  EXPECT_EQ(figures->user_ns, 4);
  EXPECT_FALSE(throughput_figures_from_json(throughput_figures_to_json({1, 2, 0, 4, {}})));
  EXPECT_FALSE(throughput_figures_from_json(throughput_figures_to_json({1, 0, 3, 4, {}})));
  EXPECT_EQ(throughput_figures_from_json(throughput_figures_to_json({1, 0, 0, 4, "another answer"}))->mismatch, "another answer");
}

TEST(Messages, ErrorSurvivesItsJson) {
  const Error error = error_from_json(error_to_json({ErrorCode::unsupported, "no such operator", "try another"}));
  EXPECT_EQ(error.code, ErrorCode::unsupported);
  EXPECT_EQ(error.message, "no such operator");
  EXPECT_EQ(error.remedy, "try another");
}

TEST(Messages, DamagedErrorIsStillAnError) {
  for (const char* text : {R"({"ok": false})", R"({"ok": false, "error": 3})", R"({"ok": false, "error": {"code": "bizarre"}})"}) {
    const Error error = error_from_json(json::parse(text));
    EXPECT_EQ(error.code, ErrorCode::failed) << text;
    EXPECT_FALSE(error.message.empty()) << text;
  }
}

TEST(Messages, AuditKeepsAnUnknownShareUnknown) {
  Audit told;
  told.providers = {{"CPU", 3}};
  told.compute_types = {{"float32", 3}};
  const auto audit = audit_from_json(audit_to_json(told));
  ASSERT_TRUE(audit);
  EXPECT_EQ(audit->providers.at("CPU"), 3);
  EXPECT_FALSE(audit->fallback_share);
  EXPECT_FALSE(audit->int8_share);
  EXPECT_FALSE(audit->fused_nodes);
  EXPECT_FALSE(audit->graph_breaks);
  EXPECT_EQ(audit->fallback_reason, "");
  EXPECT_EQ(audit->other_precision, "");
}

TEST(Messages, AuditSurvivesItsJson) {
  Audit told;
  told.fallback_share = 0.25;
  told.int8_share = 0.5;
  told.fused_nodes = 7;
  told.graph_breaks = 2;
  told.fallback_reason = "two parts ran in the interpreter";
  told.other_precision = "3 nodes computed in bfloat16";
  const auto audit = audit_from_json(audit_to_json(told));
  ASSERT_TRUE(audit);
  EXPECT_EQ(audit->fallback_share, 0.25);
  EXPECT_EQ(audit->int8_share, 0.5);
  EXPECT_EQ(audit->fused_nodes, 7);
  EXPECT_EQ(audit->graph_breaks, 2);
  EXPECT_EQ(audit->fallback_reason, told.fallback_reason);
  EXPECT_EQ(audit->other_precision, told.other_precision);
}

TEST(Messages, BuildTimeThatCannotBeToldIsAbsent) {
  EXPECT_FALSE(load_figures_from_json(json::parse(R"({"load_ns": 5, "build_ns": null})"))->build_s);
  EXPECT_DOUBLE_EQ(*load_figures_from_json(json::parse(R"({"load_ns": 5, "build_ns": 2000000000})"))->build_s, 2.0);
}

TEST(Messages, OutputWhoseBytesDoNotFitItsShapeIsRefused) {
  AnswersMessage message;
  message.batches = {{{"y", DataType::float32, {2, 3}, 0, 24}}};
  EXPECT_TRUE(answers_from_json(answers_to_json(message)));
  message.batches = {{{"y", DataType::float32, {2, 3}, 0, 20}}};
  EXPECT_FALSE(answers_from_json(answers_to_json(message)));
}

TEST(Messages, MeasureThatMakesNoSenseIsRefused) {
  const MeasureRequest good{std::chrono::milliseconds(1), 1, 10, 1};
  EXPECT_TRUE(measure_from_json(measure_to_json(good)));
  std::vector<MeasureRequest> bad(5, good);
  bad[0].minimum_samples = 0;
  bad[1].minimum_samples = 11;
  bad[2].maximum_samples = std::int64_t{1} << 60;
  bad[3].iterations_per_sample = 0;
  bad[4].duration = std::chrono::nanoseconds(-1);
  for (const MeasureRequest& request : bad) EXPECT_FALSE(measure_from_json(measure_to_json(request)));
}

}  // namespace
}  // namespace podium::worker

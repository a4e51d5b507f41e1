#include "search/engine_activations.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "backends/api/registry.h"
#include "convert/calibration/calibration.h"
#include "core/install_paths.h"
#include "core/tensor_view.h"
#include "two_steps.h"

namespace podium::search {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

using test::two_steps;
constexpr std::int64_t width = test::two_steps_width;

std::vector<std::byte> bytes_of(const std::vector<float>& values) {
  std::vector<std::byte> bytes(values.size() * sizeof(float));
  std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

/// Sample i: i - 2, in each place.
std::vector<data::Sample> samples(int count) {
  std::vector<data::Sample> samples;
  for (int i = 0; i < count; ++i) samples.push_back({bytes_of(std::vector<float>(width, static_cast<float>(i) - 2.0F))});
  return samples;
}

ModelInputs one_input() {
  return {{{"x", DataType::float32, {1, width}, true}}, std::nullopt};
}

/// Nothing where this build has not got the backend.
std::optional<LentEngine> lend(const std::string& name, const std::map<std::string, std::string>& options = {}) {
  const InstallPaths paths = find_install_paths();
  const auto registry = value_or_throw(backend::read_registry(paths.backends));
  const auto found = std::find_if(registry.begin(), registry.end(), [&](const auto& it) { return it.descriptor.name == name; });
  if (found == registry.end() || found->launch != backend::Launch::module) return std::nullopt;
  return LentEngine{{{paths.worker.string(), "--module", found->module.string()}, {}},
                    {},
                    value_or_throw(backend::resolve_options(found->descriptor, options)),
                    1};
}

TEST(EngineActivations, CoverEverySampleInBatchesOfTheSameSize) {
  const auto engine = lend("fake");
  ASSERT_TRUE(engine);
  const auto five = samples(5);
  EngineActivations source(*engine, one_input(), 2, data::stream_of(five), {});
  EXPECT_EQ(source.batches(), 3);
  std::vector<std::vector<float>> rows;
  const auto ran = source.run(two_steps(), [&rows](std::int64_t batch, std::span<const convert::Activation> values) -> Result<void> {
    EXPECT_EQ(batch, static_cast<std::int64_t>(rows.size()) / 2);
    const std::size_t length = values.front().values.size() / 2;
    for (std::size_t row = 0; row < 2; ++row) {
      const auto of_row = values.front().values.subspan(row * length, length);
      rows.emplace_back(of_row.begin(), of_row.end());
    }
    return {};
  });
  ASSERT_TRUE(ran) << ran.error().message;
  ASSERT_EQ(rows.size(), 6U);
  EXPECT_NE(rows[1], rows[3]);
  EXPECT_EQ(rows[5], rows[0]) << "the last batch is filled up from the first sample";
}

TEST(EngineActivations, EndWithAnErrorOfWhoTakesThem) {
  const auto engine = lend("fake");
  ASSERT_TRUE(engine);
  const auto five = samples(5);
  EngineActivations source(*engine, one_input(), 1, data::stream_of(five), {});
  std::int64_t taken = 0;
  const auto ran = source.run(two_steps(), [&taken](std::int64_t, std::span<const convert::Activation>) -> Result<void> {
    ++taken;
    return fail(ErrorCode::bad_input, "enough");
  });
  EXPECT_EQ(ran.error().message, "enough");
  EXPECT_EQ(taken, 1);
}

TEST(EngineActivations, TellThatTheEngineDied) {
  const auto engine = lend("fake", {{"crash-at", "answers"}});
  ASSERT_TRUE(engine);
  const auto five = samples(5);
  EngineActivations source(*engine, one_input(), 1, data::stream_of(five), {});
  const auto ran = source.run(two_steps(), [](std::int64_t, std::span<const convert::Activation>) -> Result<void> { return {}; });
  ASSERT_FALSE(ran);
  EXPECT_THAT(ran.error().message, HasSubstr("the engine that runs the calibration data failed"));
}

TEST(EngineActivations, StopWhenAskedTo) {
  const auto engine = lend("fake");
  ASSERT_TRUE(engine);
  const auto five = samples(5);
  const CancelToken cancel;
  EngineActivations source(*engine, one_input(), 1, data::stream_of(five), cancel);
  const auto ran = source.run(two_steps(), [&cancel](std::int64_t, std::span<const convert::Activation>) -> Result<void> {
    cancel.request();
    return {};
  });
  ASSERT_FALSE(ran);
  EXPECT_EQ(ran.error().code, ErrorCode::cancelled);
}

TEST(EngineActivations, OfARealEngineAreTheValuesInsideTheModel) {
  const auto engine = lend("onnxruntime");
  if (!engine) GTEST_SKIP() << "ONNX Runtime is not built";
  const auto five = samples(5);
  const std::vector<std::string> values{"a", "x", "b"};
  const auto model = convert::with_outputs(two_steps(), values);
  ASSERT_TRUE(model);
  for (const std::int64_t batch : {1, 2}) {
    EngineActivations source(*engine, one_input(), batch, data::stream_of(five), {});
    std::vector<float> inside, input, output;
    const auto ran = source.run(*model, [&](std::int64_t, std::span<const convert::Activation> given) -> Result<void> {
      EXPECT_EQ(given[0].name, "a");
      EXPECT_EQ(given[0].shape, (Shape{batch, width}));
      for (std::int64_t row = 0; row < batch; ++row) {
        const auto at = static_cast<std::size_t>(row * width);
        inside.push_back(given[0].values[at]);
        input.push_back(given[1].values[at]);
        output.push_back(given[2].values[at]);
      }
      return {};
    });
    ASSERT_TRUE(ran) << ran.error().message;
    inside.resize(5), input.resize(5), output.resize(5);
    EXPECT_THAT(inside, ElementsAre(0, 0, 0, 1, 2));
    EXPECT_THAT(input, ElementsAre(-2, -1, 0, 1, 2));
    EXPECT_THAT(output, ElementsAre(0, 0, 0, -1, -2));
  }
}

TEST(EngineActivations, CalibrateAModel) {
  const auto engine = lend("onnxruntime");
  if (!engine) GTEST_SKIP() << "ONNX Runtime is not built";
  const auto five = samples(5);
  EngineActivations source(*engine, one_input(), 2, data::stream_of(five), {});
  const std::vector<std::string> values{"x", "a", "b"};
  const auto ranges = convert::calibrate(two_steps(), values, {}, source, {});
  ASSERT_TRUE(ranges) << ranges.error().message;
  EXPECT_EQ(ranges->at("x").low, -2.0F);
  EXPECT_EQ(ranges->at("a").high, 2.0F);
  EXPECT_EQ(ranges->at("b").low, -2.0F);
}

TEST(EngineActivations, GiveTheSameEndsReducedByTheEngineAsAllNumbersDo) {
  const auto engine = lend("onnxruntime");
  if (!engine) GTEST_SKIP() << "ONNX Runtime is not built";
  const auto five = samples(5);
  EngineActivations source(*engine, one_input(), 2, data::stream_of(five), {});
  const std::vector<std::string> values{"x", "a", "b"};
  convert::CalibrationSettings average;
  average.method = CalibrationMethod::moving_average;
  average.moving_average = 0.5;
  const auto ranges = convert::calibrate(two_steps(), values, average, source, {});
  ASSERT_TRUE(ranges) << ranges.error().message;
  // Batches of x: -2, -1; then 0, 1; then 2 and the first sample again.
  EXPECT_FLOAT_EQ(ranges->at("x").low, -1.5F) << "-2, half way to 0, half way to -2";
  EXPECT_FLOAT_EQ(ranges->at("x").high, 1.25F) << "0, half way to 1, half way to 2";
  EXPECT_FLOAT_EQ(ranges->at("b").low, -1.25F);
}

TEST(EngineActivations, ShowANumberThatIsNoneWhateverTheEngineMakesOfIt) {
  const auto engine = lend("onnxruntime");
  if (!engine) GTEST_SKIP() << "ONNX Runtime is not built";
  for (std::size_t place = 0; place < static_cast<std::size_t>(width); ++place) {
    auto three = samples(3);
    std::vector<float> damaged(width, 1.0F);
    damaged[place] = std::numeric_limits<float>::quiet_NaN();
    three[1] = {bytes_of(damaged)};
    EngineActivations source(*engine, one_input(), 1, data::stream_of(three), {});
    const std::vector<std::string> values{"x"};
    const auto ranges = convert::calibrate(two_steps(), values, {}, source, {});
    ASSERT_FALSE(ranges) << "place " << place;
    EXPECT_EQ(ranges.error().code, ErrorCode::bad_input);
    EXPECT_THAT(ranges.error().message, HasSubstr("'x' holds 1 infinities or values that are not numbers, of 4, in batch 1"));
  }
}

}  // namespace
}  // namespace podium::search

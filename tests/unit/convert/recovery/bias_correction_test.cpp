#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <tuple>

#include "convert/recovery/recovery.h"
#include "model_maker.h"

namespace podium::convert::test {
namespace {

/// How a quantized model stores its weight.
enum class Stored { as_int8, as_float };

/// Adds the weight `name` with one scale for each place of its first axis, all of them too coarse, and returns the value to read.
std::string add_quantized(ModelMaker& maker, const std::string& name, const Shape& shape, const std::vector<float>& values, int axis,
                          Stored stored) {
  const auto channels = static_cast<std::size_t>(shape[static_cast<std::size_t>(axis)]);
  std::vector<float> scales;
  for (std::size_t i = 0; i < channels; ++i) scales.push_back(0.3F + 0.1F * static_cast<float>(i));
  maker.weight(name + "_scale", {static_cast<std::int64_t>(channels)}, scales);
  maker.integers(name + "_zero", {static_cast<std::int64_t>(channels)}, std::vector<std::int64_t>(channels, 0), DataType::int8);
  std::size_t inner = 1;
  for (auto later = static_cast<std::size_t>(axis) + 1; later < shape.size(); ++later) inner *= static_cast<std::size_t>(shape[later]);
  if (stored == Stored::as_int8) {
    std::vector<std::int64_t> numbers;
    for (std::size_t i = 0; i < values.size(); ++i) {
      numbers.push_back(static_cast<std::int64_t>(std::nearbyint(values[i] / scales[i / inner % channels])));
    }
    maker.integers(name + "_quantized", shape, numbers, DataType::int8);
  } else {
    maker.weight(name, shape, values);
    set_integer(maker.node("QuantizeLinear", {name, name + "_scale", name + "_zero"}, name + "_quantized"), "axis", axis);
  }
  set_integer(maker.node("DequantizeLinear", {name + "_quantized", name + "_scale", name + "_zero"}, name + "_real"), "axis", axis);
  return name + "_real";
}

/// Adds a bias as int32 and returns the value to read.
std::string add_int32_bias(ModelMaker& maker, const std::vector<float>& values, float scale) {
  std::vector<std::int64_t> numbers;
  for (const float value : values) numbers.push_back(static_cast<std::int64_t>(std::nearbyint(value / scale)));
  maker.weight("b_scale", {}, {scale}).integers("b_quantized", {static_cast<std::int64_t>(values.size())}, numbers, DataType::int32);
  maker.node("DequantizeLinear", {"b_quantized", "b_scale"}, "b_real");
  return "b_real";
}

const Shape weight_shape{4, 3, 3, 3};

ModelMaker convolution() {
  ModelMaker maker;
  maker.input("x").output("y").weight("w", weight_shape, noise(108, 1)).weight("b", {4}, noise(4, 2));
  set_integers(maker.node("Conv", {"x", "w", "b"}, "y"), "pads", {1, 1, 1, 1});
  return maker;
}

ModelMaker quantized_convolution(Stored stored, bool bias_as_int32) {
  ModelMaker maker;
  maker.input("x").output("y");
  const std::string weight = add_quantized(maker, "w", weight_shape, noise(108, 1), 0, stored);
  if (!bias_as_int32) maker.weight("b", {4}, noise(4, 2));
  const std::string bias = bias_as_int32 ? add_int32_bias(maker, noise(4, 2), 1e-4F) : "b";
  set_integers(maker.node("Conv", {"x", weight, bias}, "y"), "pads", {1, 1, 1, 1});
  return maker;
}

/// Inputs that are not centred, as behind a Relu: rounded weights then shift the mean.
Evaluator positive_inputs(const Shape& shape) {
  auto batches = noise_batches(4, shape);
  for (auto& batch : batches) {
    for (float& value : batch["x"].values) value = std::abs(value) + 0.5F;
  }
  return Evaluator(std::move(batches));
}

/// The largest mean error of a channel of `y`; `inner`: numbers of one channel in a row.
float mean_error(const Evaluator& engine, const ::onnx::ModelProto& model, const ::onnx::ModelProto& quantized, std::size_t channels,
                 std::size_t inner) {
  std::vector<double> sums(channels, 0.0);
  std::size_t count = 0;
  for (std::size_t batch = 0; batch < static_cast<std::size_t>(engine.batches()); ++batch) {
    const std::vector<float> expected = engine.outputs(model, batch).value().front().values;
    const std::vector<float> given = engine.outputs(quantized, batch).value().front().values;
    for (std::size_t i = 0; i < given.size(); ++i) sums[i / inner % channels] += static_cast<double>(given[i] - expected[i]);
    count += given.size() / channels;
  }
  double largest = 0.0;
  for (const double sum : sums) largest = std::max(largest, std::abs(sum) / static_cast<double>(count));
  return static_cast<float>(largest);
}

class BiasCorrection : public testing::TestWithParam<std::tuple<Stored, bool>> {};

TEST_P(BiasCorrection, TakesTheMeanErrorOutOfAConvolution) {
  ModelMaker maker = convolution();
  const auto [stored, bias_as_int32] = GetParam();
  ModelMaker quantized = quantized_convolution(stored, bias_as_int32);
  Evaluator engine = positive_inputs({2, 3, 6, 6});
  ASSERT_GT(mean_error(engine, maker.model(), quantized.model(), 4, 36), 0.05F);
  const Result<std::int64_t> corrected = correct_biases(maker.model(), quantized.model(), engine, {});
  ASSERT_TRUE(corrected) << corrected.error().message;
  EXPECT_EQ(*corrected, 1);
  EXPECT_EQ(engine.runs, 1);
  EXPECT_LT(mean_error(engine, maker.model(), quantized.model(), 4, 36), 1e-3F);
}

TEST(BiasShifts, LeaveALayerAloneThatStayedInFloat) {
  ModelMaker maker = convolution();
  ModelMaker quantized = quantized_convolution(Stored::as_int8, false);
  Evaluator engine = positive_inputs({2, 3, 6, 6});
  const auto shifts = find_bias_shifts(maker.model(), quantized.model(), engine, {});
  ASSERT_TRUE(shifts) << shifts.error().message;
  ASSERT_EQ(shifts->size(), 1U);
  ::onnx::ModelProto in_float = maker.model();
  EXPECT_EQ(shift_biases(in_float, *shifts).value(), 0);
  EXPECT_EQ(weight_of(in_float, "b"), noise(4, 2));
  EXPECT_EQ(shift_biases(quantized.model(), *shifts).value(), 1);
  EXPECT_NE(weight_of(quantized.model(), "b"), noise(4, 2));
}

INSTANTIATE_TEST_SUITE_P(Forms, BiasCorrection, testing::Combine(testing::Values(Stored::as_int8, Stored::as_float), testing::Bool()),
                         [](const auto& instance) {
                           return std::string(std::get<0>(instance.param) == Stored::as_int8 ? "Int8Weight" : "FloatWeight") +
                                  (std::get<1>(instance.param) ? "Int32Bias" : "FloatBias");
                         });

TEST(BiasCorrectionOfProducts, TakesTheMeanErrorOutOfTheAddBehindAMatMul) {
  ModelMaker maker;
  maker.input("x").output("y").weight("w", {8, 4}, noise(32, 1)).weight("b", {4}, noise(4, 2));
  maker.node("MatMul", {"x", "w"}, "m");
  maker.node("Add", {"b", "m"}, "y");
  ModelMaker quantized;
  quantized.input("x").output("y").weight("b", {4}, noise(4, 2));
  quantized.node("MatMul", {"x", add_quantized(quantized, "w", {8, 4}, noise(32, 1), 1, Stored::as_int8)}, "m");
  quantized.node("Add", {"b", "m"}, "y");
  Evaluator engine = positive_inputs({2, 5, 8});
  ASSERT_GT(mean_error(engine, maker.model(), quantized.model(), 4, 1), 0.05F);
  EXPECT_EQ(correct_biases(maker.model(), quantized.model(), engine, {}).value(), 1);
  EXPECT_LT(mean_error(engine, maker.model(), quantized.model(), 4, 1), 1e-4F);
}

TEST(BiasCorrectionOfProducts, CountsTheFactorOfAGemmsBias) {
  const auto build = [](ModelMaker& maker, const std::string& weight) {
    auto& beta = *maker.input("x").output("y").weight("b", {4}, noise(4, 2)).node("Gemm", {"x", weight, "b"}, "y").add_attribute();
    beta.set_name("beta");
    beta.set_type(::onnx::AttributeProto::FLOAT);
    beta.set_f(2.0F);
  };
  ModelMaker maker;
  build(maker.weight("w", {8, 4}, noise(32, 1)), "w");
  ModelMaker quantized;
  build(quantized, add_quantized(quantized, "w", {8, 4}, noise(32, 1), 1, Stored::as_int8));
  Evaluator engine = positive_inputs({6, 8});
  ASSERT_EQ(correct_biases(maker.model(), quantized.model(), engine, {}).value(), 1);
  EXPECT_LT(mean_error(engine, maker.model(), quantized.model(), 4, 1), 1e-4F);
}

TEST(BiasCorrectionOfNothing, RunsNoModelWhenNoWeightIsQuantized) {
  ModelMaker maker = convolution();
  ModelMaker same = convolution();
  Evaluator engine = positive_inputs({1, 3, 4, 4});
  EXPECT_EQ(correct_biases(maker.model(), same.model(), engine, {}).value(), 0);
  EXPECT_EQ(engine.runs, 0);
  EXPECT_EQ(same.model().SerializeAsString(), convolution().model().SerializeAsString());
}

TEST(BiasCorrectionOfNothing, LeavesTheBiasOfAnotherReaderAsItWas) {
  ModelMaker maker = convolution();
  ModelMaker quantized = quantized_convolution(Stored::as_int8, false);
  quantized.output("other").node("Identity", {"b"}, "other");
  Evaluator engine = positive_inputs({1, 3, 4, 4});
  ASSERT_EQ(correct_biases(maker.model(), quantized.model(), engine, {}).value(), 1);
  EXPECT_EQ(weight_of(quantized.model(), "b"), noise(4, 2));
}

}  // namespace
}  // namespace podium::convert::test

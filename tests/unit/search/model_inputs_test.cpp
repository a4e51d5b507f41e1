#include "search/model_inputs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace podium::search {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

ModelFacts model_with(std::vector<TensorSpec> inputs) {
  ModelFacts model;
  model.inputs = std::move(inputs);
  return model;
}

const Dimension free_batch{-1, "batch"};

TEST(ModelInputs, TakeTheFirstFreeAxisAsTheBatch) {
  const auto inputs = concrete_inputs(model_with({{"image", DataType::float32, {free_batch, {3, ""}, {224, ""}}}}), {});
  ASSERT_TRUE(inputs);
  EXPECT_THAT(inputs->inputs.front().at_batch(8), ElementsAre(8, 3, 224));
  EXPECT_EQ(inputs->batch_refusal(8), "");
}

TEST(ModelInputs, ListTheAxesThatNobodyFixed) {
  const auto inputs = concrete_inputs(model_with({{"ids", DataType::int64, {free_batch, {-1, "sequence"}}}}), {});
  ASSERT_FALSE(inputs);
  EXPECT_EQ(inputs.error().code, ErrorCode::wrong_use);
  EXPECT_THAT(inputs.error().message, HasSubstr("axis 1 (sequence) of ids"));
  EXPECT_THAT(inputs.error().remedy, HasSubstr("--shape"));
}

TEST(ModelInputs, TakeOtherFreeAxesFromTheShapesGiven) {
  const auto inputs = concrete_inputs(model_with({{"ids", DataType::int64, {free_batch, {-1, "sequence"}}}}), {{"ids", {1, 128}}});
  ASSERT_TRUE(inputs);
  EXPECT_THAT(inputs->inputs.front().at_batch(4), ElementsAre(4, 128));
}

TEST(ModelInputs, RefuseABatchThatAFixedModelDoesNotHave) {
  const auto inputs = concrete_inputs(model_with({{"image", DataType::float32, {{1, ""}, {3, ""}}}}), {});
  ASSERT_TRUE(inputs);
  EXPECT_EQ(inputs->fixed_batch, 1);
  EXPECT_EQ(inputs->batch_refusal(1), "");
  EXPECT_THAT(inputs->batch_refusal(8), HasSubstr("fixed to batch 1"));
}

TEST(ModelInputs, LeaveAnInputWithoutABatchAxisAsItIs) {
  const auto inputs = concrete_inputs(model_with({{"x", DataType::float32, {free_batch, {4, ""}}},
                                                  {"rate", DataType::int64, {}},
                                                  {"state", DataType::float32, {{2, ""}, {128, ""}}}}),
                                      {});
  ASSERT_TRUE(inputs);
  EXPECT_THAT(inputs->inputs[1].at_batch(8), ElementsAre());
  EXPECT_THAT(inputs->inputs[2].at_batch(8), ElementsAre(2, 128));
}

TEST(ModelInputs, NameTheNearestInputToAnUnknownOne) {
  const auto inputs = concrete_inputs(model_with({{"image", DataType::float32, {free_batch, {3, ""}}}}), {{"imgae", {1, 3}}});
  ASSERT_FALSE(inputs);
  EXPECT_THAT(inputs.error().message, HasSubstr("'image'"));
}

TEST(ModelInputs, RefuseAShapeThatTheModelCannotTake) {
  const auto model = model_with({{"image", DataType::float32, {free_batch, {3, ""}}}});
  EXPECT_THAT(concrete_inputs(model, {{"image", {1, 4}}}).error().message, HasSubstr("axis 1 cannot be 4"));
  EXPECT_THAT(concrete_inputs(model, {{"image", {1, 3, 5}}}).error().message, HasSubstr("2 axes, not 3"));
  EXPECT_THAT(concrete_inputs(model, {{"image", {8, 3}}}).error().remedy, HasSubstr("--batch 8"));
  EXPECT_THAT(concrete_inputs(model, {{"image", {0, 3}}}).error().message, HasSubstr("axis 0 cannot be 0"));
}

}  // namespace
}  // namespace podium::search

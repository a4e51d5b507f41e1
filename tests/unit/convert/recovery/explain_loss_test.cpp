#include "convert/recovery/explain_loss.h"

#include <gmock/gmock.h>

#include <limits>

#include "model_maker.h"

namespace podium::convert::test {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::int64_t width = 4;

/// y = x · w, then shrunk by `factor`.
ModelMaker shrunk_product(float factor) {
  ModelMaker maker;
  maker.input("x").output("shrunk");
  maker.weight("w", {width, width}, noise(width * width, 1)).weight("factor", {}, {factor});
  maker.node("MatMul", {"x", "w"}, "product");
  maker.node("Mul", {"product", "factor"}, "shrunk");
  return maker;
}

class ExplainLosses : public testing::Test {
 protected:
  Evaluator engine_{noise_batches(3, {8, width})};
};

TEST_F(ExplainLosses, TellsOfNumbersBelowTheNormalOnesOfTheType) {
  ModelMaker maker = shrunk_product(1e-6F);
  const auto told = explain_losses(maker.model(), std::vector<Loss>{{"shrunk", 14.0}}, Precision::fp16, engine_, {});
  ASSERT_TRUE(told) << told.error().message;
  EXPECT_THAT(*told, ElementsAre(AllOf(HasSubstr("'shrunk' (Mul)"), HasSubstr("leaves 14.0 dB"), HasSubstr("100 % of its output 'shrunk'"),
                                       HasSubstr("where fp16 has fewer digits"))));
}

TEST_F(ExplainLosses, SaysThatRoundingDoesItWhereNoNumberIsTooSmall) {
  ModelMaker maker = shrunk_product(0.5F);
  const auto told = explain_losses(maker.model(), std::vector<Loss>{{"product", 14.0}}, Precision::bf16, engine_, {});
  ASSERT_TRUE(told) << told.error().message;
  EXPECT_THAT(*told, ElementsAre(AllOf(HasSubstr("'product' (MatMul)"), HasSubstr("within bf16's range, so rounding alone does it"))));
}

TEST_F(ExplainLosses, TellsHowFarTheLargestNumberIsFromTheOthersInInt8) {
  ModelMaker maker = shrunk_product(1.0F);
  auto batches = noise_batches(1, {8, width});
  batches[0]["x"].values.assign(8 * width, 1.0F);
  batches[0]["x"].values[5] = 321.0F;  // the mean size of 32 numbers is 11 then
  Evaluator engine(batches);
  const auto told = explain_losses(maker.model(), std::vector<Loss>{{"product", 3.0}}, Precision::int8_static, engine, {});
  ASSERT_TRUE(told) << told.error().message;
  EXPECT_THAT(*told, ElementsAre(AllOf(HasSubstr("input 'x' reaches 321, 29 times its mean size"), HasSubstr("256 steps"))));
}

TEST_F(ExplainLosses, NamesANodeOfAnInnerGraphAndAnswersThatAreNotFinite) {
  ModelMaker maker = shrunk_product(1.0F);
  const std::vector<Loss> losses{{"inside", -std::numeric_limits<double>::infinity()}};
  const auto told = explain_losses(maker.model(), losses, Precision::fp16, engine_, {});
  ASSERT_TRUE(told) << told.error().message;
  EXPECT_THAT(*told, ElementsAre(AllOf(HasSubstr("'inside'"), HasSubstr("not finite"))));
  EXPECT_EQ(engine_.runs, 0) << "there is nothing to look at";
}

}  // namespace
}  // namespace podium::convert::test

#include "onnx/value_facts.h"

#include "model_builder.h"

namespace podium::onnx {
namespace {

using testing::ElementsAre;
using testing::Pointee;

TEST(ValueFacts, FollowFreeAxesThroughTheGraph) {
  ModelBuilder builder;
  builder.input("x", {"batch", 3, "height", 8});
  builder.weight("w", {16, 3, 1, 1});
  builder.node("Conv", {"x", "w"}, {"y"});
  builder.node("GlobalAveragePool", {"y"}, {"z"});
  builder.node("Shape", {"y"}, {"s"});
  const ValueFacts facts(builder.graph());
  EXPECT_THAT(facts.shape("y"), Pointee(ElementsAre(-1, 16, -1, 8)));
  EXPECT_THAT(facts.shape("z"), Pointee(ElementsAre(-1, 16, 1, 1)));
  EXPECT_THAT(facts.shape("s"), Pointee(ElementsAre(4)));
  EXPECT_EQ(facts.shape("nothing"), nullptr);
}

TEST(ValueFacts, KnowNumbersThatDoNotDependOnFreeAxes) {
  ModelBuilder builder;
  builder.input("x", {"batch", 3, "height", 8});
  builder.integers("channels", {1}).integers("rows", {2});
  builder.node("Shape", {"x"}, {"s"});
  builder.node("Gather", {"s", "channels"}, {"c"});
  builder.node("Gather", {"s", "rows"}, {"h"});
  const ValueFacts facts(builder.graph());
  EXPECT_THAT(facts.integers("c"), Pointee(ElementsAre(3)));
  EXPECT_EQ(facts.integers("h"), nullptr);
  EXPECT_EQ(facts.integers("s"), nullptr);
}

TEST(ValueFacts, DoNotTakeABoundForASize) {
  ModelBuilder builder;
  builder.input("x", {"batch", "length"});
  builder.integers("zero", {0}).integers("most", {512}).integers("axis", {1});
  builder.node("Slice", {"x", "zero", "most", "axis"}, {"y"});
  const ValueFacts facts(builder.graph());
  EXPECT_THAT(facts.shape("y"), Pointee(ElementsAre(-1, -1)));
}

TEST(ValueFacts, OfOneNumberAndNoneAreNone) {
  ModelBuilder builder;
  builder.integers("one", {1}).integers("none", {});
  builder.node("Add", {"one", "none"}, {"a"});
  builder.node("Mul", {"none", "one"}, {"b"});
  const ValueFacts facts(builder.graph());
  EXPECT_THAT(facts.integers("a"), Pointee(ElementsAre()));
  EXPECT_THAT(facts.integers("b"), Pointee(ElementsAre()));
  EXPECT_THAT(facts.shape("a"), Pointee(ElementsAre(0)));
}

TEST(ValueFacts, AreNotToldOfNumbersThatPass64Bits) {
  ModelBuilder builder;
  const std::int64_t large = std::int64_t{1} << 31;
  builder.integers("a", {large}).integers("b", {-1});
  builder.node("Mul", {"a", "a", "a", "b"}, {"product"});  // a broken node: it has two factors
  builder.node("Mul", {"a", "a", "b"}, {"negative"});
  const ValueFacts facts(builder.graph());
  EXPECT_EQ(facts.integers("product"), nullptr);
  EXPECT_EQ(facts.integers("negative"), nullptr) << "beyond what is kept of a number";
}

TEST(ValueFacts, KeepNoWholeNumbersThroughFloats) {
  ModelBuilder builder;
  builder.integers("seven", {7}).integers("two", {2});
  set_integer(builder.node("Cast", {"seven"}, {"a"}), "to", 1);
  set_integer(builder.node("Cast", {"two"}, {"b"}), "to", 1);
  builder.node("Div", {"a", "b"}, {"c"});  // 3.5
  builder.node("Mul", {"c", "b"}, {"d"});
  set_integer(builder.node("Cast", {"d"}, {"e"}), "to", 7);
  const ValueFacts facts(builder.graph());
  EXPECT_EQ(facts.integers("e"), nullptr);
  EXPECT_EQ(facts.type("d"), 1);
  EXPECT_EQ(facts.type("e"), 7);
}

TEST(ValueFacts, FallBackOnWhatTheExporterWroteDown) {
  ModelBuilder builder;
  builder.input("x", {2});
  builder.node("Unheard", {"x"}, {"y"}).set_domain("example");
  describe(*builder.graph().add_value_info(), "y", {"batch", 5}, 10);
  const ValueFacts facts(builder.graph());
  EXPECT_THAT(facts.shape("y"), Pointee(ElementsAre(-1, 5)));
  EXPECT_EQ(facts.type("y"), 10);
}

}  // namespace
}  // namespace podium::onnx

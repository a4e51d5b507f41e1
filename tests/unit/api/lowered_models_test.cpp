#include "api/lowered_models.h"

#include <gmock/gmock.h>

#include "../onnx/model_builder.h"
#include "core/sha256.h"
#include "import/made_file.h"
#include "onnx/whole_model.h"

namespace podium::api {
namespace {

using ::testing::HasSubstr;

/// A mean over axes that stand in an input, as operator set 18 and newer have it; the last operator is the test's choice.
class LoweredModelsTest : public ::testing::Test {
 protected:
  import::Variant model_in(std::int64_t opset, const std::string& last = "Relu") {
    onnx::ModelBuilder builder;
    builder.model().mutable_opset_import(0)->set_version(opset);
    builder.input("x", {2, 4, 3, 3}).output("y", {2, 4, 1, 1});
    *builder.graph().add_initializer() = onnx::integer_tensor("axes", {2}, std::vector<std::int64_t>{2, 3}, DataType::int64);
    builder.node("ReduceMean", {"x", "axes"}, {"mean"});
    builder.node(last, {"mean"}, {"y"}).set_name("last_node");
    const auto file = folder_.write("model.onnx", builder.model().SerializeAsString());
    return value_or_throw(import::existing_file(file, value_or_throw(sha256_of_path(file))));
  }
  Result<import::Variant> lowered(const import::Variant& model, std::int64_t newest) {
    return models_.variant(model, newest, cancel_, [this](const std::string& what) { told_.push_back(what); });
  }

  test::TemporaryFolder folder_;
  cache::Cache cache_ = value_or_throw(cache::Cache::open(folder_.path() / "cache", std::int64_t{1} << 30));
  LoweredModels models_{cache_};
  CancelToken cancel_;
  std::vector<std::string> told_;
};

}  // namespace

TEST_F(LoweredModelsTest, RewritesTheModelInTheOperatorSetThatTheEngineReads) {
  const import::Variant model = model_in(18);
  const auto made = lowered(model, 17);
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_NE(made->path, model.path);
  EXPECT_NE(made->sha256, model.sha256);
  const auto read = value_or_throw(onnx::read_whole(made->path));
  EXPECT_EQ(onnx::opset_of(*read), 17);
  const ::onnx::NodeProto& mean = read->graph().node(0);
  EXPECT_EQ(mean.input_size(), 1) << "its axes are an attribute again";
  EXPECT_THAT(told_, ::testing::ElementsAre(HasSubstr("operator set 18 in 17")));
}

TEST_F(LoweredModelsTest, AreMadeOnceForAllRunsThatShareACache) {
  const import::Variant model = model_in(18);
  const auto made = lowered(model, 17);
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_FALSE(made->cached);
  LoweredModels of_another_run(cache_);
  const auto again = of_another_run.variant(model, 17, cancel_, [](const std::string&) {});
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_TRUE(again->cached);
  EXPECT_EQ(again->path, made->path);
  EXPECT_EQ(again->sha256, made->sha256);
}

TEST_F(LoweredModelsTest, AreTheModelItselfWhereTheEngineReadsIt) {
  const import::Variant model = model_in(18);
  EXPECT_EQ(lowered(model, 18)->path, model.path);
  EXPECT_EQ(lowered(model, 0)->path, model.path) << "0: it reads any";
  EXPECT_TRUE(told_.empty());
}

TEST_F(LoweredModelsTest, SayWhichOperatorHasNoOlderForm) {
  const import::Variant model = model_in(26, "BitCast");
  const auto made = lowered(model, 17);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, ErrorCode::unsupported);
  EXPECT_THAT(made.error().message, HasSubstr("reads ONNX up to operator set 17"));
  EXPECT_THAT(made.error().message, HasSubstr("BitCast"));
  ASSERT_FALSE(lowered(model, 17));
  EXPECT_EQ(told_.size(), 1U) << "a rewriting that failed is not tried again";
}

}  // namespace podium::api

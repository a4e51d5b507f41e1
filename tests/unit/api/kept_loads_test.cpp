#include "api/kept_loads.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "../temporary_folder.h"

namespace podium::api {
namespace {

namespace fs = std::filesystem;

class KeptLoadsTest : public ::testing::Test {
 protected:
  KeptLoadsTest() {
    candidate_.backend.descriptor.name = "compiler";
    candidate_.precision = Precision::fp16;
    candidate_.options = {{"graph", OptionValue{true}}};
    environment_.gpu = "a GPU";
    model_.path = folder_.write("model.onnx", "any content");
    model_.cache = folder_.path() / "engines";
    fs::create_directory(model_.cache);
  }

  KeptLoads loads() { return {cache_, {"sha256 of the model", "cuda:0", 4, environment_}}; }
  static std::vector<backend::InputSpec> inputs(std::int64_t batch) { return {{"x", DataType::float32, {batch, 3}}}; }

  /// The only file that was written.
  fs::path file() const {
    for (const auto& entry : fs::recursive_directory_iterator(folder_.path() / "cache")) {
      if (entry.path().extension() == ".json") return entry.path();
    }
    return {};
  }

  test::TemporaryFolder folder_;
  cache::Cache cache_ = cache::Cache::open(folder_.path() / "cache", std::int64_t{1} << 30).value();
  Environment environment_;
  search::Candidate candidate_;
  search::PreparedModel model_;
};

TEST_F(KeptLoadsTest, TellWhatTheLastLoadTook) {
  EXPECT_FALSE(loads().last_seconds(candidate_, inputs(1)));
  EXPECT_TRUE(file().empty()) << "asking makes nothing";
  loads().remember(candidate_, inputs(1), model_, 75.0);
  loads().remember(candidate_, inputs(1), model_, 6.5);
  EXPECT_EQ(loads().last_seconds(candidate_, inputs(1)), 6.5);
}

TEST_F(KeptLoadsTest, KnowNothingOfWhatIsCompiledOtherwise) {
  loads().remember(candidate_, inputs(1), model_, 6.5);
  EXPECT_FALSE(loads().last_seconds(candidate_, inputs(8)));
  search::Candidate other = candidate_;
  other.precision = Precision::fp32;
  EXPECT_FALSE(loads().last_seconds(other, inputs(1)));
  other = candidate_;
  other.options["graph"] = OptionValue{false};
  EXPECT_FALSE(loads().last_seconds(other, inputs(1)));
  environment_.gpu = "another GPU";
  EXPECT_FALSE(loads().last_seconds(candidate_, inputs(1)));
}

TEST_F(KeptLoadsTest, EndWhereTheEnginesFolderOrTheModelsFileIsGone) {
  loads().remember(candidate_, inputs(1), model_, 6.5);
  fs::remove(model_.cache);
  EXPECT_FALSE(loads().last_seconds(candidate_, inputs(1)));
  fs::create_directory(model_.cache);
  EXPECT_TRUE(loads().last_seconds(candidate_, inputs(1)));
  fs::remove(model_.path);
  EXPECT_FALSE(loads().last_seconds(candidate_, inputs(1)));
}

TEST_F(KeptLoadsTest, TakeABrokenOrForeignFileForNone) {
  loads().remember(candidate_, inputs(1), model_, 6.5);
  const std::string paths = R"("model": ")" + model_.path.string() + R"(", "engine": ")" + model_.cache.string() + '"';
  const std::string ours = R"({"schema": "podium.kept-load/1", )" + paths;
  for (const std::string& content :
       std::vector<std::string>{"", "{", "[]", "6.5", ours, ours + R"(, "seconds": "6.5"})", ours + R"(, "seconds": -1})",
                                ours + R"(, "seconds": 1e999})", R"({"schema": 1, )" + paths + R"(, "seconds": 6.5})",
                                R"({"schema": "podium.kept-load/1", "model": 1, "engine": 2, "seconds": 6.5})"}) {
    std::ofstream(file()) << content;
    EXPECT_FALSE(loads().last_seconds(candidate_, inputs(1))) << content;
  }
  std::ofstream(file()) << ours << R"(, "seconds": 5})";
  EXPECT_EQ(loads().last_seconds(candidate_, inputs(1)), 5.0);
}

}  // namespace
}  // namespace podium::api

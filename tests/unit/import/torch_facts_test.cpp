#include "import/torch_facts.h"

#include "import/aoti_request.h"
#include "import_fixture.h"

namespace podium::import {
namespace {

TEST(TorchFacts, KeepFreeAxesAndFiguresThatCannotBeHad) {
  const test::TemporaryFolder folder;
  const auto facts = read_torch_facts(folder.write("facts.json", R"({"sha256": "ab", "inputs": [{"name": "x", "type": "float32",
    "dimensions": [{"size": -1, "name": "batch"}, {"size": 3, "name": ""}]}], "outputs": [], "parameters": 7, "flops": null, "trained_weights": false})"));
  ASSERT_TRUE(facts) << facts.error().message;
  EXPECT_EQ(facts->origin, "torch");
  EXPECT_EQ(facts->inputs.at(0).dimensions.at(0).name, "batch");
  EXPECT_TRUE(facts->inputs.at(0).dimensions.at(0).is_free());
  EXPECT_EQ(facts->parameters, 7);
  EXPECT_FALSE(facts->flops);
  EXPECT_FALSE(facts->trained_weights);
}

TEST(TorchFacts, ThatAreDamagedNameTheirFile) {
  const test::TemporaryFolder folder;
  for (const char* text : {"{}", "[]", R"({"sha256": 1})",
                           "{\"sha256\": \"a\", \"inputs\": [{\"name\": \"x\", \"type\": \"complex64\", \"dimensions\": []}]}"}) {
    const auto facts = read_torch_facts(folder.write("facts.json", text));
    ASSERT_FALSE(facts) << text;
    EXPECT_THAT(facts.error().message, HasSubstr("facts.json"));
  }
}

TEST(AotiRequest, HoldsOnlyTheOptionsThatAreSettledWhenThePackageIsCompiled) {
  VariantRequest request{"aoti", Precision::bf16, {{"x", DataType::float32, {1, 4}}}, {{"freezing", true}, {"flush-denormals", true}}, 3};
  const nlohmann::json asked = aoti_request(request);
  EXPECT_EQ(asked.at("options"), nlohmann::json({{"freezing", true}}));
  EXPECT_EQ(asked.at("precision"), "bf16");
  EXPECT_EQ(asked.at("threads"), 3);
  EXPECT_EQ(asked.at("inputs").at(0).at("shape"), nlohmann::json({1, 4}));
}

}  // namespace
}  // namespace podium::import

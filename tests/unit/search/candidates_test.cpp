#include "search/candidates.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace podium::search {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

backend::Registered engine(const std::string& name, std::vector<std::string> baseline_for = {}, bool in_default_runs = true) {
  backend::Registered entry;
  entry.descriptor.name = name;
  entry.descriptor.precisions = {Precision::fp32};
  entry.descriptor.baseline_for = std::move(baseline_for);
  entry.descriptor.bundled_in_default_runs = in_default_runs;
  OptionSpec streams;
  streams.name = "streams";
  streams.type = OptionType::integer;
  streams.default_value = std::int64_t{1};
  streams.minimum = 1;
  streams.maximum = 64;
  OptionSpec freezing;
  freezing.name = "freezing";
  freezing.type = OptionType::flag;
  freezing.default_value = false;
  entry.descriptor.options = {streams, freezing};
  entry.launch = backend::Launch::module;
  return entry;
}

const std::vector<backend::Registered> registry{engine("alpha"), engine("beta", {"onnx"}), engine("gamma", {"torch"}),
                                                engine("pretend", {}, false)};

std::vector<std::string> ids(const std::vector<Candidate>& candidates) {
  std::vector<std::string> result;
  for (const Candidate& candidate : candidates) result.push_back(cell_id(candidate, 8, "cpu"));
  return result;
}

TEST(Candidates, AreEveryBackendOfADefaultRunAtEveryPrecision) {
  const auto candidates = make_candidates(registry, {{}, {Precision::fp32, Precision::bf16}, {}});
  ASSERT_TRUE(candidates);
  EXPECT_THAT(ids(*candidates), ElementsAre("alpha/fp32/b8/cpu", "alpha/bf16/b8/cpu", "beta/fp32/b8/cpu", "beta/bf16/b8/cpu",
                                            "gamma/fp32/b8/cpu", "gamma/bf16/b8/cpu"));
}

TEST(Candidates, OfADefaultRunAreTheBackendsThatRunOnItsDevice) {
  std::vector<backend::Registered> both = registry;
  both[1].descriptor.device_kinds = {"cuda"};
  both[2].descriptor.device_kinds = {"cpu", "cuda"};
  const auto ids_on = [&](const std::string& kind, std::vector<std::string> named = {}) {
    const auto candidates = make_candidates(both, {std::move(named), {Precision::fp32}, {}, kind});
    return candidates ? ids(*candidates) : std::vector{candidates.error().message};
  };
  EXPECT_THAT(ids_on("cpu"), ElementsAre("alpha/fp32/b8/cpu", "gamma/fp32/b8/cpu"));
  EXPECT_THAT(ids_on("cuda"), ElementsAre("beta/fp32/b8/cpu", "gamma/fp32/b8/cpu"));
  EXPECT_THAT(ids_on("cuda", {"alpha"}), ElementsAre("alpha/fp32/b8/cpu"))
      << "one that is named stays, so that the results can say why not";
  EXPECT_THAT(ids_on("tpu"), ElementsAre(HasSubstr("no backend of this build runs on tpu")));
}

TEST(Candidates, HaveTheirBackendAsItIsOnTheDevice) {
  std::vector<backend::Registered> limited = registry;
  limited[0].descriptor.precisions = {Precision::fp32, Precision::tf32};
  limited[0].descriptor.only_on = {{Precision::tf32, {"cuda"}}};
  const auto precisions_on = [&](const std::string& kind) {
    const auto candidates = make_candidates(limited, {{"alpha"}, {Precision::tf32}, {}, kind});
    return candidates ? candidates->front().backend.descriptor.precisions : std::vector<Precision>{};
  };
  EXPECT_THAT(precisions_on("cpu"), ElementsAre(Precision::fp32));
  EXPECT_THAT(precisions_on("cuda"), ElementsAre(Precision::fp32, Precision::tf32));
}

TEST(Candidates, MultiplyByTheValuesOfAnOptionAndNameWhatIsNotTheDefault) {
  const auto candidates =
      make_candidates(registry, {{"alpha"}, {Precision::fp32}, {{"alpha.streams", {"1", "4"}}, {"alpha.freezing", {"on"}}}});
  ASSERT_TRUE(candidates) << candidates.error().message;
  EXPECT_THAT(ids(*candidates), ElementsAre("alpha/fp32/b8/cpu/freezing=on", "alpha/fp32/b8/cpu/freezing=on/streams=4"));
}

TEST(Candidates, CountTwoSpellingsOfOneValueOnce) {
  const auto candidates = make_candidates(registry, {{"alpha"}, {Precision::fp32}, {{"alpha.freezing", {"on", "true"}}}});
  ASSERT_TRUE(candidates) << candidates.error().message;
  EXPECT_EQ(candidates->size(), 1U);
}

TEST(Candidates, CountABackendOrAPrecisionNamedTwiceOnce) {
  const auto candidates = make_candidates(registry, {{"alpha", "alpha"}, {Precision::fp32, Precision::fp32}, {}});
  ASSERT_TRUE(candidates) << candidates.error().message;
  EXPECT_EQ(candidates->size(), 1U);
}

TEST(Candidates, NameTheNearestBackendToAnUnknownOne) {
  const auto candidates = make_candidates(registry, {{"alhpa"}, {Precision::fp32}, {}});
  ASSERT_FALSE(candidates);
  EXPECT_EQ(candidates.error().code, ErrorCode::wrong_use);
  EXPECT_THAT(candidates.error().message, HasSubstr("'alpha'"));
}

TEST(Candidates, NameTheNearestOptionToAnUnknownOne) {
  const auto candidates = make_candidates(registry, {{"alpha"}, {Precision::fp32}, {{"alpha.steams", {"2"}}}});
  ASSERT_FALSE(candidates);
  EXPECT_EQ(candidates.error().code, ErrorCode::wrong_use);
  EXPECT_THAT(candidates.error().message, HasSubstr("'streams'"));
}

TEST(Candidates, RefuseAnOptionOfABackendThatDoesNotTakePart) {
  const auto candidates = make_candidates(registry, {{"alpha"}, {Precision::fp32}, {{"beta.streams", {"2"}}}});
  ASSERT_FALSE(candidates);
  EXPECT_THAT(candidates.error().remedy, HasSubstr("add beta to --backends"));
}

TEST(Candidates, TakeTheOriginsOwnEngineAsBaselineFirst) {
  const auto candidates = make_candidates(registry, {{}, {Precision::bf16, Precision::fp32}, {}});
  ASSERT_TRUE(candidates);
  const auto names = [&](const std::string& origin) {
    std::vector<std::string> order;
    for (const std::size_t index : baseline_order(*candidates, origin)) order.push_back((*candidates)[index].backend.descriptor.name);
    return order;
  };
  EXPECT_THAT(names("torch"), ElementsAre("gamma", "beta", "alpha"));
  EXPECT_THAT(names("onnx"), ElementsAre("beta", "gamma", "alpha"));
}

}  // namespace
}  // namespace podium::search

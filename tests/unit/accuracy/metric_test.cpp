#include "accuracy/metric.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace podium::accuracy {
namespace {

using ::testing::HasSubstr;

TEST(Metric, IsKnownByItsName) {
  for (const MetricFacts& facts : all_metrics()) {
    const std::string text = facts.argument.empty() ? std::string(facts.name) : std::string(facts.name) + ":score:f1";
    EXPECT_EQ(parse_metric(text)->kind, facts.kind) << text;
    EXPECT_FALSE(facts.help.empty());
  }
  EXPECT_EQ(parse_metric("command:python3 score.py")->command, "python3 score.py");
  EXPECT_EQ(parse_metric("python:my.scores:f1")->command, "my.scores:f1");
}

TEST(Metric, ThatIsNotKnownIsRefusedWithTheNamesThatAre) {
  const Error error = parse_metric("top1").error();
  EXPECT_EQ(error.code, ErrorCode::wrong_use);
  EXPECT_THAT(error.message, HasSubstr("did you mean 'top-1'"));
  EXPECT_THAT(error.remedy, HasSubstr("command:PROGRAM"));
  EXPECT_FALSE(parse_metric("command"));
  EXPECT_FALSE(parse_metric("command: "));
  for (const char* text : {"python", "python:", "python:score", "python::f1", "python:score:"}) EXPECT_FALSE(parse_metric(text)) << text;
  EXPECT_THAT(parse_metric("python:score").error().message, HasSubstr("names no MODULE:FUNCTION"));
}

TEST(Metric, IsRefusedWhereTheLabelsAreOfAnotherKind) {
  const Labels classes{{0, 1, 0, 1}, 1, true, ""};
  const Labels numbers{{0.5F, 1, 0, 1}, 1, false, ""};
  const Labels pairs{{0.5F, 1}, 1, false, ""};
  const auto message = [](MetricKind kind, const Labels* labels) { return check_metric({kind, {}}, labels, 4, {}).error().message; };
  EXPECT_THAT(message(MetricKind::top_1, nullptr), HasSubstr("there are no labels"));
  EXPECT_THAT(message(MetricKind::top_1, &numbers), HasSubstr("not numbers of classes"));
  EXPECT_THAT(message(MetricKind::mae, &pairs), HasSubstr("pairs"));
  EXPECT_THAT(message(MetricKind::similarity, &numbers), HasSubstr("single samples"));
  EXPECT_TRUE(check_metric({MetricKind::top_1, {}}, &classes, 4, 0.01));
  EXPECT_TRUE(check_metric({MetricKind::agreement, {}}, nullptr, 4, 0.01));
}

TEST(Metric, IsChosenByTheLabels) {
  EXPECT_EQ(usual_metric({{0, 1, 0, 1}, 1, true, ""}, 4).kind, MetricKind::top_1);
  EXPECT_EQ(usual_metric({{0.5F, 1, 0, 1}, 1, false, ""}, 4).kind, MetricKind::mae);
  EXPECT_EQ(usual_metric({{0.5F, 1}, 1, false, ""}, 4).kind, MetricKind::similarity);
}

TEST(MaxDrop, IsRefusedWhereNothingCanDrop) {
  EXPECT_THAT(check_metric({MetricKind::sqnr, {}}, nullptr, 4, 3.0).error().message, HasSubstr("nothing can drop"));
  EXPECT_THAT(check_metric({MetricKind::agreement, {}}, nullptr, 4, 1.0).error().remedy, HasSubstr("1%"));
}

}  // namespace
}  // namespace podium::accuracy

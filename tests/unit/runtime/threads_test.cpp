#include <gmock/gmock.h>

#include <atomic>
#include <thread>

#include "fake_artifact.h"

namespace podium {
namespace {

/// Each thread asks its own question over and over; returns how many answers were not those to it.
int wrong_answers(const Model& model, int threads, int calls) {
  std::atomic<int> wrong = 0;
  std::vector<std::vector<float>> questions;
  std::vector<std::vector<float>> answers;
  for (int i = 0; i < threads; ++i) {
    questions.emplace_back(4, static_cast<float>(i + 1));
    answers.push_back(test::answer_of(model, questions.back()));
  }
  {
    std::vector<std::jthread> running;
    for (int i = 0; i < threads; ++i) {
      running.emplace_back([&, i] {
        for (int call = 0; call < calls; ++call) {
          const auto at = static_cast<std::size_t>(i);
          if (test::answer_of(model, questions[at]) != answers[at]) ++wrong;
        }
      });
    }
  }
  return wrong;
}

TEST(SeveralThreads, AreEachAnsweredWithTheirOwnAnswer) {
  const test::FakeArtifact artifact({{"latency-us", std::int64_t{50}}});
  EXPECT_EQ(wrong_answers(artifact.load(), 8, 50), 0);
}

TEST(SeveralThreads, TakeTurnsWhereTheEngineAnswersOneRequestAtATime) {
  const test::FakeArtifact artifact({{"single-request", true}, {"latency-us", std::int64_t{50}}});
  EXPECT_EQ(wrong_answers(artifact.load(), 4, 20), 0);
}

TEST(SeveralThreads, SeeAnEngineThatMixesAnswersUp) {
  const test::FakeArtifact artifact({{"mixed-answers", true}, {"latency-us", std::int64_t{2000}}});
  LoadOptions options;
  options.sessions = 4;
  EXPECT_GT(wrong_answers(artifact.load(options), 4, 50), 0);
}

TEST(SeveralThreads, MayAllBeTheFirstToAskForAShape) {
  const test::FakeArtifact artifact({{"load-us", std::int64_t{2000}}});
  const Model model = artifact.load();
  std::atomic<int> answered = 0;
  {
    std::vector<std::jthread> running;
    for (int i = 0; i < 8; ++i) {
      running.emplace_back([&] {
        for (std::size_t rows = 1; rows <= 20; ++rows) answered += test::answer_of(model, std::vector<float>(rows * 4)).size() == rows * 8;
      });
    }
  }
  EXPECT_EQ(answered, 160);
}

}  // namespace
}  // namespace podium

#include <gmock/gmock.h>

#include <optional>

#include "fake_artifact.h"
#include "runtime/async_queue.h"

namespace podium {
namespace {

const std::vector<float> one_row{1, 2, 3, 4};

TEST(RunAsync, AnswersLaterWithTheSame) {
  const test::FakeArtifact artifact({{"latency-us", std::int64_t{1000}}});
  const Model model = artifact.load();
  std::vector<std::future<std::vector<Tensor>>> futures;
  for (int i = 0; i < 10; ++i) futures.push_back(model.run_async({Tensor::view("x", one_row, {1, 4})}));
  const std::vector<float> expected = test::answer_of(model, one_row);
  for (auto& future : futures) EXPECT_TRUE(std::ranges::equal(future.get()[0].values<float>(), expected));
}

TEST(RunAsync, CarriesAnErrorToWhoeverWaits) {
  const test::FakeArtifact artifact;
  std::future<std::vector<Tensor>> future = artifact.load().run_async({});
  EXPECT_EQ(test::error_of([&] { static_cast<void>(future.get()); }).code, ErrorCode::wrong_use);
}

TEST(RunAsync, IsAnsweredThoughTheModelIsLetGo) {
  const test::FakeArtifact artifact({{"latency-us", std::int64_t{2000}}});
  std::optional<Model> model = artifact.load();
  std::vector<std::future<std::vector<Tensor>>> futures;
  for (int i = 0; i < 5; ++i) futures.push_back(model->run_async({Tensor::view("x", one_row, {1, 4})}));
  model.reset();
  for (auto& future : futures) EXPECT_EQ(future.get().size(), 1U);
}

TEST(RunAsync, HoldsMemoryThatTheInputsOwn) {
  const test::FakeArtifact artifact({{"latency-us", std::int64_t{2000}}});
  const Model model = artifact.load();
  std::future<std::vector<Tensor>> future;
  {
    Tensor input = Tensor::allocate("x", DataType::float32, {1, 4});
    std::copy(one_row.begin(), one_row.end(), static_cast<float*>(input.mutable_data()));
    future = model.run_async({input});
  }
  EXPECT_TRUE(std::ranges::equal(future.get()[0].values<float>(), test::answer_of(model, one_row)));
}

TEST(AsyncQueue, DoesWhatItWasGivenInOrderBeforeItEnds) {
  std::vector<int> done;
  {
    runtime::AsyncQueue queue(1);
    for (int i = 0; i < 100; ++i) queue.add([&done, i] { done.push_back(i); });
  }
  ASSERT_EQ(done.size(), 100U);
  EXPECT_TRUE(std::ranges::is_sorted(done));
}

}  // namespace
}  // namespace podium

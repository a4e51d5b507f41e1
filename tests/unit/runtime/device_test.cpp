// Inputs and outputs in a GPU's memory, over the fake's: its addresses are none of the host's, so that whoever reads them as such ends
// there.
#include <gmock/gmock.h>

#include <algorithm>
#include <string>
#include <vector>

#include "backends/fake/device_memory.h"
#include "fake_artifact.h"

namespace podium {
namespace {

using testing::HasSubstr;

/// The same numbers as the fake's GPU has them.
Tensor on_gpu(const std::string& name, std::vector<float>& values, Shape shape) {
  return Tensor::view(name, DataType::float32, std::move(shape), fake::to_device(reinterpret_cast<const std::byte*>(values.data())),
                      "cuda:0");
}

class OnAGpu : public testing::Test {
 protected:
  const test::FakeArtifact artifact_{{}, {1}, false, "cuda:0"};
  const Model model_ = artifact_.load();
  std::vector<float> row_{1, 2, 3, 4};
  const std::vector<float> expected_ = test::answer_of(model_, row_);
};

TEST_F(OnAGpu, InputsOfTheHostAreAnswered) {
  EXPECT_EQ(expected_, test::answer_of(test::FakeArtifact().load(), row_));
}

TEST_F(OnAGpu, InputsAreReadWhereTheyLieAndAnsweredOnTheHost) {
  const std::vector<Tensor> outputs = model_.run({on_gpu("x", row_, {1, 4})});
  EXPECT_EQ(outputs[0].device(), "cpu");
  EXPECT_TRUE(std::ranges::equal(outputs[0].values<float>(), expected_));
  row_[0] = -7;  // a copy that was kept would answer as before
  EXPECT_FALSE(std::ranges::equal(model_.run({on_gpu("x", row_, {1, 4})})[0].values<float>(), expected_));
}

TEST_F(OnAGpu, OutputsAreWrittenWhereTheCallerWantsThem) {
  std::vector<float> there(8);
  std::vector<float> here(8);
  std::vector<Tensor> on_both{on_gpu("", there, {1, 8})};
  model_.run_into(std::vector{on_gpu("x", row_, {1, 4})}, on_both);
  EXPECT_EQ(there, expected_);
  there.assign(8, 0);
  model_.run_into(std::vector{Tensor::view("x", row_, {1, 4})}, on_both);
  EXPECT_EQ(there, expected_) << "inputs of the host, outputs on the GPU";
  std::vector<Tensor> on_host{Tensor::view("", here, {1, 8})};
  model_.run_into(std::vector{on_gpu("x", row_, {1, 4})}, on_host);
  EXPECT_EQ(here, expected_);
}

TEST_F(OnAGpu, OutputsAreLentWhereTheInputsLie) {
  std::vector<std::string> devices;
  std::vector<float> seen;
  const auto look = [&](std::span<const Tensor> outputs) {
    devices.push_back(outputs[0].device());
    const auto* first = reinterpret_cast<const float*>(fake::to_host(static_cast<const std::byte*>(outputs[0].data())));
    seen.assign(first, first + 8);
  };
  model_.run(std::vector{on_gpu("x", row_, {1, 4})}, look);
  EXPECT_EQ(seen, expected_);
  model_.run(std::vector{Tensor::view("x", row_, {1, 4})}, look);
  EXPECT_EQ(seen, expected_);
  EXPECT_EQ(devices, (std::vector<std::string>{"cuda:0", "cpu"}));
}

TEST_F(OnAGpu, AnotherGpuIsRefused) {
  const auto elsewhere = [&](const std::string& device) { return Tensor::view("x", DataType::float32, {1, 4}, row_.data(), device); };
  const auto refusal = [&](const Tensor& input) { return test::error_of([&] { static_cast<void>(model_.run({input})); }); };
  EXPECT_EQ(refusal(elsewhere("cuda:1")).code, ErrorCode::wrong_use);
  EXPECT_THAT(refusal(elsewhere("cuda:1")).message, HasSubstr("input 'x' lies on cuda:1, the artefact runs on cuda:0"));
  std::vector<float> memory(8);
  std::vector<Tensor> outputs{Tensor::view("", DataType::float32, {1, 8}, memory.data(), "cuda:1")};
  const Error error = test::error_of([&] { model_.run_into(std::vector{on_gpu("x", row_, {1, 4})}, outputs); });
  EXPECT_THAT(error.message, HasSubstr("output 'output' was to be written into memory of cuda:1"));
}

TEST(OnAGpuWithTwoInputs, AllOfACallLieInOnePlace) {
  Manifest manifest = test::sample_manifest();
  manifest.inputs.push_back(test::spec("mask", DataType::float32, {{-1, "batch"}}));
  manifest.variants[0].inputs.push_back(test::spec("mask", DataType::float32, {{1, ""}}));
  manifest.variants[0].device = "cuda:0";
  manifest.variants[0].calls.clear();
  const test::TemporaryFolder folder;
  test::write_sample(folder.path() / "best", manifest);
  const Model model = load(folder.path() / "best");
  std::vector<float> row{1, 2, 3, 4};
  std::vector<float> mask{1};
  EXPECT_NO_THROW(static_cast<void>(model.run({on_gpu("x", row, {1, 4}), on_gpu("mask", mask, {1})})));
  const Error error = test::error_of([&] { static_cast<void>(model.run({Tensor::view("x", row, {1, 4}), on_gpu("mask", mask, {1})})); });
  EXPECT_EQ(error.code, ErrorCode::wrong_use);
  EXPECT_THAT(error.message, HasSubstr("input 'x' lies on cpu and input 'mask' on cuda:0"));
}

}  // namespace
}  // namespace podium

// Engines on a real GPU, with inputs and outputs in its memory. Where there is none, device_test.cpp has the fake's.
#include <dlfcn.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "backends/api/registry.h"
#include "core/install_paths.h"
#include "engine_artifact.h"
#include "fake_artifact.h"

namespace podium {
namespace {

/// The driver's functions for memory, declared from its documentation, with the first GPU's context entered.
class Gpu {
 public:
  using Address = unsigned long long;

  static const Gpu* here() {
    static const Gpu gpu;
    return gpu.is_there_ ? &gpu : nullptr;
  }
  [[nodiscard]] Address allocate(std::size_t bytes) const {
    Address address = 0;
    return allocate_(&address, bytes) == 0 ? address : 0;
  }
  void write(Address to, const std::vector<float>& values) const { copy_in_(to, values.data(), values.size() * sizeof(float)); }
  [[nodiscard]] std::vector<float> read(Address from, std::size_t count) const {
    std::vector<float> values(count);
    copy_out_(values.data(), from, count * sizeof(float));
    return values;
  }

 private:
  Gpu() {
    void* const library = ::dlopen("libcuda.so.1", RTLD_NOW);
    if (library == nullptr) return;
    int (*init)(unsigned) = nullptr;
    int (*retain)(void**, int) = nullptr;
    int (*enter)(void*) = nullptr;
    void* context = nullptr;
    is_there_ = find(library, init, "cuInit") && find(library, retain, "cuDevicePrimaryCtxRetain") &&
                find(library, enter, "cuCtxSetCurrent") && find(library, allocate_, "cuMemAlloc_v2") &&
                find(library, copy_in_, "cuMemcpyHtoD_v2") && find(library, copy_out_, "cuMemcpyDtoH_v2") && init(0) == 0 &&
                retain(&context, 0) == 0 && enter(context) == 0;
  }
  template <typename Function>
  static bool find(void* library, Function& function, const char* name) {
    function = reinterpret_cast<Function>(::dlsym(library, name));
    return function != nullptr;
  }

  bool is_there_ = false;
  int (*allocate_)(Address*, std::size_t) = nullptr;
  int (*copy_in_)(Address, const void*, std::size_t) = nullptr;
  int (*copy_out_)(void*, Address, std::size_t) = nullptr;
};

Tensor at(Gpu::Address address, std::string name, Shape shape) {
  const auto* data = reinterpret_cast<const void*>(static_cast<std::uintptr_t>(address));
  return Tensor::view(std::move(name), DataType::float32, std::move(shape), data, "cuda:0");
}

std::vector<std::string> names_of_engines_for_gpus() {
  std::vector<std::string> names;
  const auto registry = backend::read_registry(find_install_paths().backends);
  if (!registry) return names;
  for (const backend::Registered& entry : *registry) {
    const auto& kinds = entry.descriptor.device_kinds;
    const bool is_for_gpus = std::find(kinds.begin(), kinds.end(), "cuda") != kinds.end();
    if (entry.launch == backend::Launch::module && entry.descriptor.bundled_in_default_runs && is_for_gpus)
      names.push_back(entry.descriptor.name);
  }
  return names;
}

/// Runs with and without a CUDA graph, which reads inputs from a place of its own.
class EngineOnAGpu : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    gpu_ = Gpu::here();
    if (gpu_ == nullptr) GTEST_SKIP() << "there is no GPU here";
    const auto registry = value_or_throw(backend::read_registry(find_install_paths().backends));
    engine_ =
        std::find_if(registry.begin(), registry.end(), [](const auto& entry) { return entry.descriptor.name == GetParam(); })->descriptor;
  }
  /// Nothing where the engine finds no GPU.
  std::optional<Model> model(bool with_graph) {
    artifacts_.push_back(std::make_unique<test::EngineArtifact>(engine_, engine_, "cuda:0", OptionValues{{"cuda-graph", with_graph}}));
    try {
      return load(artifacts_.back()->path());
    } catch (const Exception& exception) {
      if (exception.error().code != ErrorCode::unavailable) throw;
      return std::nullopt;
    }
  }

  const Gpu* gpu_ = nullptr;
  backend::Descriptor engine_;
  std::vector<std::unique_ptr<test::EngineArtifact>> artifacts_;
};

TEST_P(EngineOnAGpu, AnswersFromMemoryOfTheHostAndOfTheGpuAlike) {
  for (const bool with_graph : {false, true}) {
    const auto loaded = model(with_graph);
    if (!loaded) GTEST_SKIP() << "it finds no GPU here";
    for (const std::size_t rows : {1U, 4U}) {
      const Shape in{static_cast<std::int64_t>(rows), 4};
      const Shape out{static_cast<std::int64_t>(rows), test::answers_a_row};
      const std::size_t count = rows * static_cast<std::size_t>(test::answers_a_row);
      const Gpu::Address answer = gpu_->allocate(count * sizeof(float));
      for (int seed = 0; seed < 3; ++seed) {
        const std::vector<float> values = test::question(seed, rows);
        const std::vector<float> expected = test::expected_of(values);
        const Gpu::Address question = gpu_->allocate(values.size() * sizeof(float));  // another place each time
        gpu_->write(question, values);
        EXPECT_EQ(test::answer_of(*loaded, values), expected) << "host to host";
        const std::vector<Tensor> here = loaded->run({at(question, "x", in)});
        EXPECT_THAT(here[0].values<float>(), testing::ElementsAreArray(expected)) << "GPU to host";
        std::vector<Tensor> there{at(answer, "", out)};
        loaded->run_into(std::vector{at(question, "x", in)}, there);
        EXPECT_EQ(gpu_->read(answer, count), expected) << "GPU to GPU";
        gpu_->write(answer, std::vector<float>(count));
        loaded->run_into(std::vector{Tensor::view("x", values, in)}, there);
        EXPECT_EQ(gpu_->read(answer, count), expected) << "host to GPU";
        loaded->run(std::vector{at(question, "x", in)}, [&](std::span<const Tensor> lent) {
          EXPECT_EQ(lent[0].device(), "cuda:0");
          const auto address = static_cast<Gpu::Address>(reinterpret_cast<std::uintptr_t>(lent[0].data()));
          EXPECT_EQ(gpu_->read(address, count), expected) << "lent on the GPU";
        });
      }
    }
  }
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(EngineOnAGpu);
INSTANTIATE_TEST_SUITE_P(Gpu, EngineOnAGpu, testing::ValuesIn(names_of_engines_for_gpus()));

}  // namespace
}  // namespace podium

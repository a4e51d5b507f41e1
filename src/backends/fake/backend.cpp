#include "backends/api/backend.h"

#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "backends/api/request_check.h"
#include "backends/api/shape_ranges.h"
#include "backends/fake/options.h"
#include "backends/fake/session.h"
#include "podium/version.h"

namespace podium::fake {

namespace {

/// A process such as a compiler's pool leaves behind: in a session of its own, waiting for work that never comes.
void start_child() {
  if (::fork() != 0) return;
  ::setsid();
  while (true) ::pause();
}

/// A GPU among them, so that what is done for one can be tested without one.
const std::vector<std::string>& devices() {
  static const std::vector<std::string> names{"cpu", "cuda:0"};
  return names;
}

/// As engines do that compile a model for the GPU at hand: a file by that GPU's name, whose time tells that it was loaded; another for a
/// range of shapes.
void compile_for_the_gpu(const std::filesystem::path& folder, const std::string& shapes) {
  if (folder.empty()) return;
  const char* gpu = std::getenv("PODIUM_FAKE_GPU");
  const std::filesystem::path file =
      folder / (std::string("fake-") + (gpu == nullptr ? "gpu" : gpu) + (shapes.empty() ? "" : "-range") + ".engine");
  std::error_code error;
  if (!std::filesystem::exists(file, error)) std::ofstream(file) << "compiled" << shapes;
  std::filesystem::last_write_time(file, std::filesystem::file_time_type::clock::now(), error);
}

class FakeBackend final : public backend::Backend {
 public:
  [[nodiscard]] backend::Descriptor descriptor() const override {
    backend::Descriptor descriptor;
    descriptor.name = "fake";
    descriptor.engine = "Fake";
    descriptor.summary = "No engine: takes the time and gives the answers that its options say; for tests";
    descriptor.model_format = "onnx";
    descriptor.precisions = all_precisions();
    descriptor.narrows_by_itself = all_precisions();  // it does not look into the file
    descriptor.options = options();
    descriptor.worth_trying = {{"busy", {"on"}}};  // as fast, so that a search has something to find tied
    descriptor.bundled_in_default_runs = false;
    descriptor.device_kinds = {"cpu", "cuda"};
    return descriptor;
  }

  [[nodiscard]] backend::Probe probe() override { return {true, std::string(version()), devices(), {}, {}}; }

  [[nodiscard]] Result<std::unique_ptr<backend::Session>> load(const backend::LoadRequest& request) override {
    if (auto checked = backend::check_model_file(request); !checked) return tl::unexpected(checked.error());
    if (auto checked = backend::check_device(request.device, devices(), "The fake"); !checked) return tl::unexpected(checked.error());
    const OptionValues& options = request.options;
    for (std::int64_t i = 0; i < backend::integer(options, "children"); ++i) start_child();
    std::this_thread::sleep_for(std::chrono::microseconds(backend::integer(options, "load-us")));
    if (backend::flag(options, "compiles")) compile_for_the_gpu(request.cache, backend::text(options, backend::shapes_option));
    Faults faults(options);
    if (auto struck = faults.strike(Moment::load); !struck) return tl::unexpected(struck.error());
    return std::make_unique<FakeSession>(request, std::move(faults), std::make_shared<SharedEngine>(options));
  }
};

}  // namespace

}  // namespace podium::fake

PODIUM_BACKEND_MODULE(podium::fake::FakeBackend)

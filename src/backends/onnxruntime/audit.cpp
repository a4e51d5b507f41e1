#include "backends/onnxruntime/audit.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <utility>

#include "backends/onnxruntime/node_count.h"
#include "backends/onnxruntime/profile.h"
#include "backends/onnxruntime/session.h"
#include "backends/onnxruntime/signature.h"
#include "core/temporary_folder.h"
#include "core/text.h"

namespace podium::onnxruntime {
namespace {

constexpr std::size_t alignment = 64;

struct Free {
  void operator()(void* memory) const noexcept { std::free(memory); }
};
using Buffer = std::unique_ptr<std::byte, Free>;

/// Zeros of the cell's shapes: valid for every type, indices included.
class ZeroInputs {
 public:
  explicit ZeroInputs(const std::vector<backend::InputSpec>& specs) {
    for (const backend::InputSpec& spec : specs) {
      TensorView view{spec.name, spec.type, spec.shape, nullptr};
      const std::size_t room = (view.bytes() / alignment + 1) * alignment;
      buffers_.emplace_back(static_cast<std::byte*>(std::aligned_alloc(alignment, room)));
      if (!buffers_.back()) throw std::bad_alloc();
      std::fill_n(buffers_.back().get(), room, std::byte{0});
      view.data = buffers_.back().get();
      views_.push_back(std::move(view));
    }
  }
  [[nodiscard]] std::span<const TensorView> views() const noexcept { return views_; }

 private:
  std::vector<Buffer> buffers_;
  std::vector<TensorView> views_;
};

}  // namespace

Result<Audit> audit_by_profile(const Ort::Env& env, const backend::LoadRequest& request, Ort::SessionOptions options,
                               const std::string& asked_provider) {
  const auto folder = TemporaryFolder::create({}, "podium-profile");
  if (!folder) return tl::unexpected(folder.error());
  try {
    options.EnableProfiling((folder->path() / "run").c_str());
    Ort::Session session(env, request.model.c_str(), options);
    const Result<Signature> signature = read_signature(session);
    if (!signature) return tl::unexpected(signature.error());
    const ZeroInputs inputs(request.inputs);
    OrtSession runner(std::move(session), *signature, request.inputs, {});
    if (auto ran = runner.run(inputs.views()); !ran) return tl::unexpected(std::move(ran.error()));
    return read_profile(runner.end_profiling(), {asked_provider, request.precision, count_model_nodes(request.model)});
  } catch (const Ort::Exception& exception) {
    return tl::unexpected(to_error(exception, "profiling the model"));
  } catch (const std::exception& exception) {
    return fail(ErrorCode::failed, fmt::format("the profile of the model could not be taken: {}", printable(exception.what())));
  }
}

}  // namespace podium::onnxruntime

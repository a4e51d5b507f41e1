#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/environment.h"
#include "core/tensor_view.h"
#include "core/text.h"
#include "podium/artifact.h"
#include "runtime/call_check.h"
#include "runtime/state.h"

namespace podium {
namespace {

/// Shapes that stay loaded at once: each is a loaded model of its own. The one that was used longest ago makes room.
constexpr std::size_t most_loaded = 16;
/// Inputs whose addresses need no memory of their own.
constexpr std::size_t usual_inputs = 16;

/// Where the inputs of a call lie, which is the same for all of them.
const std::string& device_of(std::span<const Tensor> inputs) {
  static const std::string host = runtime::host_device;
  return inputs.empty() ? host : inputs.front().device();
}

/// Whether a call can go to what is loaded for `specs`, as it is; names that are given are the model's, in its order.
bool matches(const std::vector<backend::InputSpec>& specs, std::span<const Tensor> inputs, const std::string& device) {
  const std::string& given = device_of(inputs);
  if (given != runtime::host_device && given != device) return false;
  return std::equal(specs.begin(), specs.end(), inputs.begin(), inputs.end(), [&](const backend::InputSpec& spec, const Tensor& input) {
    return input.shape() == spec.shape && input.type() == spec.type && (input.name().empty() || input.name() == spec.name) &&
           (input.data() != nullptr || input.bytes() == 0) && input.device() == given;
  });
}

/// Addresses of a call's inputs in the model's order.
class Addresses {
 public:
  Addresses(std::span<const Tensor> inputs, std::span<const std::size_t> places) : count_(inputs.size()) {
    if (count_ > few_.size()) many_.resize(count_);
    const void** const all = many_.empty() ? few_.data() : many_.data();
    for (std::size_t i = 0; i < count_; ++i) all[i] = inputs[places.empty() ? i : places[i]].data();
  }
  [[nodiscard]] std::span<const void* const> all() const noexcept { return {many_.empty() ? few_.data() : many_.data(), count_}; }

 private:
  std::size_t count_;
  std::array<const void*, usual_inputs> few_{};
  std::vector<const void*> many_;
};

tl::unexpected<Error> refuse_output(const Tensor& answer, const std::string& what) {
  return fail(ErrorCode::wrong_use, fmt::format("output '{}' {}", printable(answer.name()), what),
              fmt::format("give memory for {} [{}]", to_string(answer.type()), to_string(answer.shape())));
}

/// `device` is what the engine runs on: it can write to the memory of that, and to the host's.
Result<void> copy_into(const Tensor& answer, Tensor& given, const std::string& device, runtime::Request& request) {
  if (given.type() != answer.type() || given.shape() != answer.shape())
    return refuse_output(answer, fmt::format("was to be written into {} [{}]", to_string(given.type()), to_string(given.shape())));
  if (given.data() == nullptr && answer.bytes() > 0) return refuse_output(answer, "was to be written into no memory");
  if (given.device() != runtime::host_device && given.device() != device)
    return refuse_output(answer, "was to be written into memory of " + printable(given.device()));
  return request.copy(given, answer);
}

std::size_t queue_threads(const LoadOptions& options) {
  return static_cast<std::size_t>(std::max<std::int64_t>(options.sessions, 1));
}

}  // namespace

Model::State::State(artifact::Opened artifact, runtime::Engine engine, const LoadOptions& options)
    : artifact_(std::move(artifact)),
      engine_(std::move(engine)),
      options_(options),
      notices_(engine_.notices()),
      queue_(queue_threads(options)) {}

template <typename Use>
Result<void> Model::State::run(std::span<const Tensor> inputs, Use&& use) {
  Call call{find(inputs)};
  if (!call.loaded) {
    Result<Call> prepared = prepare(inputs);
    if (!prepared) return tl::unexpected(prepared.error());
    call = std::move(*prepared);
  }
  const Addresses addresses(inputs, call.places);
  runtime::Requests::Lease lease = call.loaded->lease();
  const Result<std::span<const Tensor>> outputs = lease.request().run(addresses.all(), device_of(inputs));
  if (!outputs) return tl::unexpected(outputs.error());
  return use(*outputs, lease.request());
}

Model::State::Loaded Model::State::find(std::span<const Tensor> inputs) {
  const std::string& device = engine_.device();
  const std::lock_guard lock(mutex_);
  for (std::size_t i = 0; i < loaded_.size(); ++i) {
    if (!matches(loaded_[i]->inputs(), inputs, device)) continue;
    std::rotate(loaded_.begin(), loaded_.begin() + static_cast<std::ptrdiff_t>(i), loaded_.begin() + static_cast<std::ptrdiff_t>(i) + 1);
    return loaded_.front();
  }
  return nullptr;
}

/// The long way: inputs in another order, of a shape that is not loaded yet, or wrong.
Result<Model::State::Call> Model::State::prepare(std::span<const Tensor> inputs) {
  auto places = runtime::places_of(artifact_.manifest, inputs);
  if (!places) return tl::unexpected(places.error());
  const auto specs = runtime::checked_specs(artifact_.manifest, inputs, *places, engine_.device());
  if (!specs) return tl::unexpected(specs.error());
  const auto variant = runtime::variant_for(artifact_.manifest, *specs);
  if (!variant) return tl::unexpected(variant.error());
  auto loaded = load(**variant, *specs, nullptr);
  if (!loaded) return tl::unexpected(loaded.error());
  return Call{std::move(*loaded), std::move(*places)};
}

Result<void> Model::State::warm(const ArtifactVariant& variant) {
  std::string notice;
  const auto loaded = load(variant, runtime::measured_specs(variant), &notice);
  if (!loaded) return tl::unexpected(loaded.error());
  if (!notice.empty()) notices_.push_back(std::move(notice));
  return {};
}

Result<Model::State::Loaded> Model::State::load(const ArtifactVariant& variant, const std::vector<backend::InputSpec>& inputs,
                                                std::string* notice) {
  if (Loaded known = find_loaded(inputs)) return known;
  const std::lock_guard one_at_a_time(loading_);
  if (Loaded known = find_loaded(inputs)) return known;  // another thread was first
  auto ready = engine_.load(artifact_, variant, inputs, options_);
  if (!ready) return tl::unexpected(ready.error());
  if (notice != nullptr) *notice = std::move(ready->notice);
  const std::int64_t most = options_.sessions > 0 ? options_.sessions : usable_cpus();
  const auto loaded = std::make_shared<runtime::Requests>(std::move(ready->session), inputs, most);
  keep(loaded);
  return loaded;
}

Model::State::Loaded Model::State::find_loaded(std::span<const backend::InputSpec> inputs) {
  const std::lock_guard lock(mutex_);
  const auto found =
      std::find_if(loaded_.begin(), loaded_.end(), [&](const Loaded& it) { return runtime::same_shapes(it->inputs(), inputs); });
  return found == loaded_.end() ? nullptr : *found;
}

/// What calls still use lives until they end.
void Model::State::keep(const Loaded& loaded) {
  Loaded makes_room;  // freed after the lock: that may take a while
  const std::lock_guard lock(mutex_);
  loaded_.insert(loaded_.begin(), loaded);
  if (loaded_.size() <= most_loaded) return;
  makes_room = std::move(loaded_.back());
  loaded_.pop_back();
}

const Manifest& Model::manifest() const noexcept {
  return state_->artifact().manifest;
}
const std::vector<TensorSpec>& Model::inputs() const noexcept {
  return manifest().inputs;
}
const std::vector<TensorSpec>& Model::outputs() const noexcept {
  return manifest().outputs;
}
const std::vector<std::string>& Model::notices() const noexcept {
  return state_->notices();
}

std::vector<Tensor> Model::run(std::span<const Tensor> inputs) const {
  std::vector<Tensor> copies;
  value_or_throw(state_->run(inputs, [&](std::span<const Tensor> outputs, runtime::Request& request) -> Result<void> {
    copies.reserve(outputs.size());
    for (const Tensor& output : outputs) {
      Tensor& copy = copies.emplace_back(Tensor::allocate(output.name(), output.type(), output.shape()));
      if (auto copied = request.copy(copy, output); !copied) return copied;
    }
    return {};
  }));
  return copies;
}

void Model::run_into(std::span<const Tensor> inputs, std::span<Tensor> outputs) const {
  value_or_throw(state_->run(inputs, [&](std::span<const Tensor> answers, runtime::Request& request) -> Result<void> {
    if (answers.size() != outputs.size()) {
      return fail(ErrorCode::wrong_use, fmt::format("memory for {} outputs was given, the model has {}", outputs.size(), answers.size()),
                  "give a tensor for each of outputs()");
    }
    const std::string& device = state_->device();
    for (std::size_t i = 0; i < answers.size(); ++i) {
      if (auto copied = copy_into(answers[i], outputs[i], device, request); !copied) return copied;
    }
    return {};
  }));
}

void Model::run(std::span<const Tensor> inputs, const std::function<void(std::span<const Tensor> outputs)>& use) const {
  value_or_throw(state_->run(inputs, [&](std::span<const Tensor> outputs, runtime::Request&) -> Result<void> {
    use(outputs);
    return {};
  }));
}

std::future<std::vector<Tensor>> Model::run_async(std::vector<Tensor> inputs) const {
  const auto promise = std::make_shared<std::promise<std::vector<Tensor>>>();
  // The task knows the state by its address alone: a copy of the model in its own queue would never end, and the queue ends before the
  // state.
  State* const state = state_.get();
  state->queue().add([state, promise, held = std::move(inputs)] {
    try {
      const Model unowned(std::shared_ptr<State>(std::shared_ptr<State>(), state));
      promise->set_value(unowned.run(held));
    } catch (...) {
      promise->set_exception(std::current_exception());
    }
  });
  return promise->get_future();
}

}  // namespace podium

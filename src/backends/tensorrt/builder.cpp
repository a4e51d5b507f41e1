#include "backends/tensorrt/builder.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "backends/api/request_check.h"
#include "backends/api/shape_ranges.h"
#include "backends/tensorrt/element_types.h"
#include "backends/tensorrt/options.h"
#include "backends/tensorrt/ranges.h"
#include "backends/tensorrt/version.h"
#include "core/files.h"
#include "core/text.h"

namespace podium::tensorrt {
namespace {

using nvinfer1::BuilderFlag;
using nvinfer1::IBuilderConfig;
using nvinfer1::INetworkDefinition;

constexpr std::size_t mib = std::size_t{1} << 20;
constexpr std::size_t largest_model = std::size_t{1} << 31;  ///< protobuf's own limit

/// Texts by which a failed build is told from one that this model or GPU cannot have.
constexpr std::string_view signs_of_no_memory[] = {"OutOfMemory", "out of memory", "Out of memory"};
constexpr std::string_view signs_of_unsupported[] = {"Could not find any implementation", "not supported", "unsupported"};

template <typename Signs>
bool says(const std::string& text, const Signs& signs) {
  return std::any_of(std::begin(signs), std::end(signs), [&](std::string_view sign) { return text.find(sign) != std::string::npos; });
}

tl::unexpected<Error> refusal(const nvonnxparser::IParser& parser, const backend::LoadRequest& request, Log& log) {
  std::string reason = log.take_errors();
  ErrorCode code = ErrorCode::bad_input;  // a file that is no model gives no error of the parser's own
  if (parser.getNbErrors() > 0) {
    const nvonnxparser::IParserError& error = *parser.getError(0);
    reason = backend::engine_message(error.desc());
    if (error.code() != nvonnxparser::ErrorCode::kMODEL_DESERIALIZE_FAILED) code = ErrorCode::unsupported;
  }
  return fail(code, fmt::format("TensorRT failed while reading '{}': {}", printable(request.model.string()), reason));
}

using Values = std::map<std::string, float>;  ///< ranges of the model's values, by name

bool goes_by_ranges(const backend::LoadRequest& request, const BuildSettings& settings) {
  return request.precision == Precision::int8_static && settings.int8_by_ranges;
}

/// The file as it is; or without its Q/DQ, whose ranges come back.
Result<Values> parse(nvonnxparser::IParser& parser, const backend::LoadRequest& request, Log& log) {
  if (!goes_by_ranges(request, build_settings(request.options))) {
    if (parser.parseFromFile(request.model.c_str(), static_cast<int>(nvinfer1::ILogger::Severity::kERROR))) return Values();
    return refusal(parser, request, log);
  }
  if (!version::takes_ranges()) {
    return fail(ErrorCode::unsupported, "int8=ranges: TensorRT 11 takes ranges as Q/DQ in the model only", "--set tensorrt.int8=qdq");
  }
  const auto file = read_text_file(request.model, largest_model);
  if (!file) return tl::unexpected(file.error());
  auto model = take_out_quantization(*file);
  if (!model) return tl::unexpected(std::move(model.error()));
  if (!parser.parse(model->onnx.data(), model->onnx.size(), request.model.c_str())) return refusal(parser, request, log);
  return std::move(model->ranges);
}

void set_ranges(INetworkDefinition& network, const Values& ranges) {
  const auto set = [&](nvinfer1::ITensor* tensor) {
    const auto range = tensor == nullptr ? ranges.end() : ranges.find(tensor->getName());
    if (range != ranges.end()) version::set_range(*tensor, range->second);
  };
  for (int i = 0; i < network.getNbInputs() && !ranges.empty(); ++i) set(network.getInput(i));
  for (int i = 0; i < network.getNbLayers() && !ranges.empty(); ++i) {
    for (int output = 0; output < network.getLayer(i)->getNbOutputs(); ++output) set(network.getLayer(i)->getOutput(output));
  }
}

/// As the model declares it; 64-bit integers where the engine's are narrower, and the cell's are not.
Result<TensorSpec> declared_input(const nvinfer1::ITensor& input, const backend::LoadRequest& request) {
  const std::optional<DataType> type = to_data_type(input.getType());
  if (!type)
    return fail(ErrorCode::unsupported, fmt::format("input '{}' has elements that Podium cannot hand over", printable(input.getName())));
  TensorSpec spec{input.getName(), *type, {}};
  const auto given =
      std::find_if(request.inputs.begin(), request.inputs.end(), [&](const backend::InputSpec& it) { return it.name == spec.name; });
  if (given != request.inputs.end() && is_narrowed(given->type, *type)) spec.type = given->type;
  const nvinfer1::Dims dims = input.getDimensions();
  for (int axis = 0; axis < dims.nbDims; ++axis) spec.dimensions.push_back({dims.d[axis], ""});
  return spec;
}

/// TensorRT takes float64 inputs for float32 ones, which is not what the model says.
Result<void> refuse_doubles(const std::vector<TensorSpec>& declared, const backend::LoadRequest& request) {
  for (const backend::InputSpec& given : request.inputs) {
    const bool is_known = std::any_of(declared.begin(), declared.end(), [&](const TensorSpec& spec) { return spec.name == given.name; });
    if (!is_known || given.type != DataType::float64) continue;
    return fail(ErrorCode::bad_input, fmt::format("input '{}' is float64, and TensorRT computes in float32 at most", printable(given.name)),
                "give float32 numbers; a model whose inputs are float64 has to be exported with float32 ones");
  }
  return {};
}

using Ranges = std::vector<backend::ShapeRange>;

/// Of an input that ranges, the sizes that do are left open.
Shape network_shape(const backend::InputSpec& given, const Ranges& ranges) {
  constexpr std::int64_t open = -1;
  Shape shape = given.shape;
  const backend::ShapeRange* range = backend::range_of(ranges, given.name);
  for (std::size_t axis = 0; range != nullptr && axis < shape.size(); ++axis) {
    if (range->least[axis] != range->most[axis]) shape[axis] = open;
  }
  return shape;
}

/// Checks the cell's inputs and gives the network their shapes: nothing of it is left to be found out while it runs, but what ranges.
Result<void> set_shapes(INetworkDefinition& network, const backend::LoadRequest& request, const Ranges& ranges) {
  std::vector<TensorSpec> declared;
  for (int i = 0; i < network.getNbInputs(); ++i) {
    auto spec = declared_input(*network.getInput(i), request);
    if (!spec) return tl::unexpected(spec.error());
    declared.push_back(std::move(*spec));
  }
  if (auto refused = refuse_doubles(declared, request); !refused) return refused;
  if (auto checked = backend::check_declared_inputs(declared, request.inputs); !checked) return checked;
  for (int i = 0; i < network.getNbInputs(); ++i) {
    nvinfer1::ITensor& input = *network.getInput(i);
    const auto given = std::find_if(request.inputs.begin(), request.inputs.end(),
                                    [&](const backend::InputSpec& it) { return it.name == input.getName(); });
    input.setDimensions(to_dims(network_shape(*given, ranges)));
  }
  return {};
}

/// Tells the builder over which shapes the engine is to run, and at which it is to be fast.
Result<void> add_profile(nvinfer1::IBuilder& builder, IBuilderConfig& config, const Ranges& ranges) {
  if (ranges.empty()) return {};
  nvinfer1::IOptimizationProfile* profile = builder.createOptimizationProfile();
  bool is_taken = profile != nullptr;
  for (const backend::ShapeRange& range : ranges) {
    const char* name = range.input.c_str();
    is_taken = is_taken && profile->setDimensions(name, nvinfer1::OptProfileSelector::kMIN, to_dims(range.least)) &&
               profile->setDimensions(name, nvinfer1::OptProfileSelector::kOPT, to_dims(range.usual)) &&
               profile->setDimensions(name, nvinfer1::OptProfileSelector::kMAX, to_dims(range.most));
  }
  if (!is_taken || config.addOptimizationProfile(profile) < 0)
    return fail(ErrorCode::unsupported, fmt::format("TensorRT does not take the range of shapes {}", backend::shapes_text(ranges)),
                "--set tensorrt.shapes= with another range, or none");
  version::share_profiles(config);
  return {};
}

bool is_quantized(const INetworkDefinition& network) {
  for (int i = 0; i < network.getNbLayers(); ++i) {
    if (network.getLayer(i)->getType() == nvinfer1::LayerType::kQUANTIZE) return true;
  }
  return false;
}

void allow(IBuilderConfig& config, const std::optional<BuilderFlag>& flag) {
  if (flag) config.setFlag(*flag);
}

/// TensorRT rounds float32 to TF32 unless told otherwise; here that is a precision of its own.
void set_arithmetic(IBuilderConfig& config, const INetworkDefinition& network, Precision asked, const BuildSettings& settings) {
  if (asked == Precision::fp32) config.clearFlag(BuilderFlag::kTF32);
  if (asked == Precision::fp16) allow(config, version::fp16_flag());
  if (asked == Precision::bf16) allow(config, version::bf16_flag());
  if (asked != Precision::int8_static) return;
  if (is_quantized(network) || settings.int8_by_ranges) allow(config, version::int8_flag());
  if (settings.fp16_beside_int8) allow(config, version::fp16_flag());
}

Result<void> configure(IBuilderConfig& config, const INetworkDefinition& network, const backend::LoadRequest& request) {
  const BuildSettings settings = build_settings(request.options);
  set_arithmetic(config, network, request.precision, settings);
  config.setProfilingVerbosity(nvinfer1::ProfilingVerbosity::kDETAILED);  // for the inspector, and so for the audit
  if (!version::set_optimization_level(config, settings.optimization_level)) {
    return fail(ErrorCode::unsupported, "optimization-level: TensorRT before 8.6 has no such choice",
                "--set tensorrt.optimization-level=3");
  }
  if (settings.version_compatible) {
    if (!version::version_compatible_flag())
      return fail(ErrorCode::unsupported, "version-compatible: TensorRT before 8.6 builds no such engines",
                  "--set tensorrt.version-compatible=off");
    allow(config, version::version_compatible_flag());
  }
  if (!settings.vendor_kernels) version::keep_to_own_kernels(config);
  if (settings.workspace_mib > 0)
    config.setMemoryPoolLimit(nvinfer1::MemoryPoolType::kWORKSPACE, static_cast<std::size_t>(settings.workspace_mib) * mib);
  if (settings.timings > 0) config.setAvgTimingIterations(static_cast<int>(settings.timings));
  if (settings.sparse_weights) config.setFlag(BuilderFlag::kSPARSE_WEIGHTS);
  return {};
}

tl::unexpected<Error> build_failure(Log& log) {
  const std::string said = log.take_errors();
  const ErrorCode code = says(said, signs_of_no_memory)     ? ErrorCode::out_of_memory
                         : says(said, signs_of_unsupported) ? ErrorCode::unsupported
                                                            : ErrorCode::failed;
  return fail(code, fmt::format("TensorRT could not build an engine: {}", said.empty() ? "it gave no reason" : said));
}

/// A cache that cannot be written costs the next build its time, and nothing else.
void keep_timings(const IBuilderConfig& config, const EngineCache& cache) {
  const nvinfer1::ITimingCache* timings = config.getTimingCache();
  if (timings == nullptr) return;
  const std::unique_ptr<nvinfer1::IHostMemory> measured(timings->serialize());
  if (measured != nullptr) (void)cache.keep_timings({static_cast<const char*>(measured->data()), measured->size()});
}

}  // namespace

Result<std::unique_ptr<nvinfer1::IHostMemory>> build_engine(const Library& library, const backend::LoadRequest& request,
                                                            const EngineCache& cache, Log& log) {
  const std::unique_ptr<nvinfer1::IBuilder> builder = library.builder(log);
  if (builder == nullptr) return fail(ErrorCode::failed, fmt::format("TensorRT made no builder: {}", log.take_errors()));
  std::unique_ptr<nvinfer1::ITimingCache> timings;  // first, since it must outlive what uses it
  const std::unique_ptr<INetworkDefinition> network(builder->createNetworkV2(version::network_flags()));
  const std::unique_ptr<IBuilderConfig> config(builder->createBuilderConfig());
  const auto parser = library.parser(*network, log);
  if (!parser) return tl::unexpected(parser.error());
  const auto values = parse(**parser, request, log);
  if (!values) return tl::unexpected(values.error());
  set_ranges(*network, *values);
  const auto ranges = shape_ranges(request);
  if (!ranges) return tl::unexpected(ranges.error());
  if (auto set = set_shapes(*network, request, *ranges); !set) return tl::unexpected(std::move(set.error()));
  if (auto added = add_profile(*builder, *config, *ranges); !added) return tl::unexpected(std::move(added.error()));
  if (auto configured = configure(*config, *network, request); !configured) return tl::unexpected(std::move(configured.error()));
  const std::string known = cache.timings();
  timings.reset(config->createTimingCache(known.data(), known.size()));
  if (timings != nullptr) (void)config->setTimingCache(*timings, false);  // of another machine: measured anew

  std::unique_ptr<nvinfer1::IHostMemory> engine(builder->buildSerializedNetwork(*network, *config));
  if (engine == nullptr) return build_failure(log);
  keep_timings(*config, cache);
  return engine;
}

}  // namespace podium::tensorrt

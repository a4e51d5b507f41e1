#include "worker/messages.h"

#include <fmt/format.h>

#include "core/error_code.h"
#include "core/json.h"
#include "core/text.h"

namespace podium::worker {

using nlohmann::json;

namespace {

/// Runs a decoder that throws nlohmann's exceptions where a field is missing or of another type.
template <typename Decoder>
auto decoded(const char* what, Decoder&& decoder) -> decltype(decoder()) {
  try {
    return decoder();
  } catch (const json::exception& error) {
    return fail(ErrorCode::bad_input, fmt::format("the message '{}' is damaged: {}", what, printable(error.what())));
  }
}

template <typename T>
json or_null(const std::optional<T>& value) {
  return value ? json(*value) : json(nullptr);
}

template <typename T>
std::optional<T> optional_at(const json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || found->is_null()) return std::nullopt;
  return found->get<T>();
}

Result<DataType> type_at(const json& object) {
  const auto name = object.at("type").get<std::string>();
  if (const auto type = parse_data_type(name)) return *type;
  return fail(ErrorCode::bad_input, fmt::format("unknown element type '{}'", printable(name)));
}

/// Bytes of a dense tensor; nothing where a dimension is negative or the product too large for any memory.
std::optional<std::uint64_t> dense_bytes(const Shape& shape, DataType type) {
  constexpr std::uint64_t limit = std::uint64_t{1} << 48U;
  std::uint64_t bytes = size_of(type);
  for (const std::int64_t dimension : shape) {
    if (dimension < 0) return std::nullopt;
    if (dimension > 0 && bytes > limit / static_cast<std::uint64_t>(dimension)) return std::nullopt;
    bytes *= static_cast<std::uint64_t>(dimension);
  }
  return bytes;
}

Result<InputLayout> input_from_json(const json& object) {
  const Result<DataType> type = type_at(object);
  if (!type) return tl::unexpected(type.error());
  InputLayout input{object.at("name").get<std::string>(), *type, object.at("shape").get<Shape>(),
                    object.at("offsets").get<std::vector<std::uint64_t>>()};
  if (dense_bytes(input.shape, input.type)) return input;
  return fail(ErrorCode::bad_input, fmt::format("input '{}' has the impossible shape {}", printable(input.name), to_string(input.shape)));
}

Result<OutputRange> output_from_json(const json& object) {
  const Result<DataType> type = type_at(object);
  if (!type) return tl::unexpected(type.error());
  OutputRange output{object.at("name").get<std::string>(), *type, object.at("shape").get<Shape>(), object.at("offset").get<std::uint64_t>(),
                     object.at("bytes").get<std::uint64_t>()};
  if (dense_bytes(output.shape, output.type) == output.bytes) return output;
  return fail(ErrorCode::failed, fmt::format("output '{}' of type {} and shape {} cannot have {} bytes", printable(output.name),
                                             to_string(output.type), to_string(output.shape), output.bytes));
}

json output_to_json(const OutputRange& output) {
  return {
      {"name", output.name}, {"type", to_string(output.type)}, {"shape", output.shape}, {"offset", output.offset}, {"bytes", output.bytes}};
}

constexpr std::int64_t most_requests = 4096;

tl::unexpected<Error> too_many_requests(std::int64_t requests) {
  return fail(ErrorCode::wrong_use, fmt::format("cannot keep {} requests in flight; 1 to {} can be", requests, most_requests));
}

json with_ok(json reply) {
  reply["ok"] = true;
  return reply;
}

}  // namespace

json error_to_json(const Error& error) {
  return {{"ok", false}, {"error", {{"code", to_string(error.code)}, {"message", error.message}, {"remedy", error.remedy}}}};
}

Error error_from_json(const json& reply) {
  const auto text = [](const json& object, const char* key) {
    const auto found = object.find(key);
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
  };
  const auto found = reply.find("error");
  const json error = found != reply.end() && found->is_object() ? *found : json::object();
  const std::string message = text(error, "message");
  return {parse_error_code(text(error, "code")).value_or(ErrorCode::failed),
          message.empty() ? "the worker answered with an error and gave no reason" : message, text(error, "remedy")};
}

json probe_to_json(const backend::Probe& probe) {
  return with_ok({{"available", probe.available},
                  {"version", probe.version},
                  {"devices", probe.devices},
                  {"reason", probe.reason},
                  {"remedy", probe.remedy},
                  {"place", probe.place}});
}

Result<backend::Probe> probe_from_json(const json& reply) {
  return decoded("probe", [&reply]() -> Result<backend::Probe> {
    return backend::Probe{reply.at("available").get<bool>(),
                          optional_at<std::string>(reply, "version").value_or(""),
                          optional_at<std::vector<std::string>>(reply, "devices").value_or(std::vector<std::string>()),
                          optional_at<std::string>(reply, "reason").value_or(""),
                          optional_at<std::string>(reply, "remedy").value_or(""),
                          optional_at<std::string>(reply, "place").value_or("")};
  });
}

json load_to_json(const LoadMessage& message) {
  const backend::LoadRequest& request = message.request;
  json inputs = json::array();
  for (const InputLayout& input : message.inputs) {
    inputs.push_back({{"name", input.name}, {"type", to_string(input.type)}, {"shape", input.shape}, {"offsets", input.offsets}});
  }
  return {{"op", "load"},
          {"model", request.model.string()},
          {"precision", to_string(request.precision)},
          {"device", request.device},
          {"threads", request.threads},
          {"requests", request.requests},
          {"timing_boundary", to_string(request.boundary)},
          {"options", options_to_json(request.options)},
          {"cache", request.cache.string()},
          {"inputs", inputs}};
}

Result<LoadMessage> load_from_json(const json& request) {
  return decoded("load", [&request]() -> Result<LoadMessage> {
    LoadMessage message;
    message.request.model = request.at("model").get<std::string>();
    const auto precision_name = request.at("precision").get<std::string>();
    const std::optional<Precision> precision = parse_precision(precision_name);
    if (!precision) return fail(ErrorCode::wrong_use, fmt::format("unknown precision '{}'", printable(precision_name)));
    message.request.precision = *precision;
    message.request.device = request.at("device").get<std::string>();
    message.request.threads = request.at("threads").get<std::int64_t>();
    message.request.requests = optional_at<std::int64_t>(request, "requests").value_or(1);
    if (message.request.requests < 1 || message.request.requests > most_requests) return too_many_requests(message.request.requests);
    const std::string boundary_name = optional_at<std::string>(request, "timing_boundary").value_or("host");
    const std::optional<TimingBoundary> boundary = parse_timing_boundary(boundary_name);
    if (!boundary) return fail(ErrorCode::wrong_use, fmt::format("unknown timing boundary '{}'", printable(boundary_name)));
    message.request.boundary = *boundary;
    message.request.cache = optional_at<std::string>(request, "cache").value_or("");
    Result<OptionValues> options = options_from_json(request.at("options"));
    if (!options) return tl::unexpected(options.error());
    message.request.options = std::move(*options);
    for (const json& object : request.at("inputs")) {
      Result<InputLayout> input = input_from_json(object);
      if (!input) return tl::unexpected(input.error());
      message.request.inputs.push_back({input->name, input->type, input->shape});
      message.inputs.push_back(std::move(*input));
    }
    return message;
  });
}

Result<LoadFigures> load_figures_from_json(const json& reply) {
  return decoded("load", [&reply]() -> Result<LoadFigures> {
    LoadFigures figures;
    figures.load_s = reply.at("load_ns").get<double>() * 1e-9;
    if (const auto build_ns = optional_at<double>(reply, "build_ns")) figures.build_s = *build_ns * 1e-9;
    return figures;
  });
}

json answers_to_json(const AnswersMessage& message) {
  json batches = json::array();
  for (const std::vector<OutputRange>& outputs : message.batches) {
    json list = json::array();
    for (const OutputRange& output : outputs) list.push_back(output_to_json(output));
    batches.push_back(std::move(list));
  }
  return with_ok({{"first_inference_ns", or_null(message.first_inference_ns)}, {"batches", batches}});
}

Result<AnswersMessage> answers_from_json(const json& reply) {
  return decoded("answers", [&reply]() -> Result<AnswersMessage> {
    AnswersMessage message;
    message.first_inference_ns = optional_at<std::int64_t>(reply, "first_inference_ns");
    for (const json& batch : reply.at("batches")) {
      std::vector<OutputRange>& outputs = message.batches.emplace_back();
      for (const json& object : batch) {
        Result<OutputRange> output = output_from_json(object);
        if (!output) return tl::unexpected(output.error());
        outputs.push_back(std::move(*output));
      }
    }
    return message;
  });
}

json measure_to_json(const MeasureRequest& request) {
  return {{"op", "measure"},
          {"duration_ns", request.duration.count()},
          {"minimum_samples", request.minimum_samples},
          {"maximum_samples", request.maximum_samples},
          {"iterations_per_sample", request.iterations_per_sample}};
}

Result<MeasureRequest> measure_from_json(const json& request) {
  return decoded("measure", [&request]() -> Result<MeasureRequest> {
    constexpr std::int64_t most_samples = std::int64_t{1} << 24U;
    const MeasureRequest measure{std::chrono::nanoseconds(request.at("duration_ns").get<std::int64_t>()),
                                 request.at("minimum_samples").get<std::int64_t>(), request.at("maximum_samples").get<std::int64_t>(),
                                 request.at("iterations_per_sample").get<std::int64_t>()};
    const bool sensible = measure.duration.count() >= 0 && measure.minimum_samples >= 1 && measure.iterations_per_sample >= 1 &&
                          measure.maximum_samples >= measure.minimum_samples && measure.maximum_samples <= most_samples;
    if (sensible) return measure;
    return fail(ErrorCode::wrong_use,
                fmt::format("cannot measure {} to {} samples of {} calls each; 1 to {} samples can be kept", measure.minimum_samples,
                            measure.maximum_samples, measure.iterations_per_sample, most_samples));
  });
}

namespace {

json clock_to_json(const std::optional<DeviceClock>& clock) {
  if (!clock) return nullptr;
  return {{"device_ms", clock->device_ms}, {"host_ms", clock->host_ms}, {"calls", clock->calls}};
}

/// Times of a clock that has not run are nonsense, as are those of no call.
Result<std::optional<DeviceClock>> clock_from_json(const json& reply) {
  const auto found = reply.find("device_clock");
  if (found == reply.end() || found->is_null()) return std::nullopt;
  const DeviceClock clock{found->at("device_ms").get<double>(), found->at("host_ms").get<double>(), found->at("calls").get<std::int64_t>()};
  if (clock.device_ms > 0.0 && clock.host_ms > 0.0 && clock.calls > 0) return clock;
  return fail(ErrorCode::failed, fmt::format("the worker says that its device's clock took {} ms and the host's {} ms over {} calls",
                                             clock.device_ms, clock.host_ms, clock.calls));
}

}  // namespace

json block_to_json(const BlockMessage& message) {
  return with_ok({{"start_ns", message.start_ns},
                  {"elapsed_ns", message.elapsed_ns},
                  {"samples", message.samples},
                  {"offset", message.offset},
                  {"user_ns", message.user_ns},
                  {"device_clock", clock_to_json(message.device_clock)}});
}

Result<BlockMessage> block_from_json(const json& reply) {
  return decoded("measure", [&reply]() -> Result<BlockMessage> {
    const Result<std::optional<DeviceClock>> clock = clock_from_json(reply);
    if (!clock) return tl::unexpected(clock.error());
    return BlockMessage{reply.at("start_ns").get<std::int64_t>(), reply.at("elapsed_ns").get<std::int64_t>(),
                        reply.at("user_ns").get<std::int64_t>(),  reply.at("samples").get<std::uint64_t>(),
                        reply.at("offset").get<std::uint64_t>(),  *clock};
  });
}

json throughput_to_json(const ThroughputRequest& request) {
  return {{"op", "throughput"}, {"duration_ns", request.duration.count()}, {"requests", request.requests}};
}

Result<ThroughputRequest> throughput_from_json(const json& request) {
  return decoded("throughput", [&request]() -> Result<ThroughputRequest> {
    const ThroughputRequest throughput{std::chrono::nanoseconds(request.at("duration_ns").get<std::int64_t>()),
                                       request.at("requests").get<std::int64_t>()};
    if (throughput.requests < 1 || throughput.requests > most_requests) return too_many_requests(throughput.requests);
    if (throughput.duration.count() >= 0) return throughput;
    return fail(ErrorCode::wrong_use, "throughput cannot be measured for a negative time");
  });
}

json throughput_figures_to_json(const ThroughputFigures& figures) {
  return with_ok({{"start_ns", figures.start_ns},
                  {"elapsed_ns", figures.elapsed_ns},
                  {"calls", figures.calls},
                  {"user_ns", figures.user_ns},
                  {"mismatch", figures.mismatch}});
}

Result<ThroughputFigures> throughput_figures_from_json(const json& reply) {
  return decoded("throughput", [&reply]() -> Result<ThroughputFigures> {
    ThroughputFigures figures{reply.at("start_ns").get<std::int64_t>(), reply.at("elapsed_ns").get<std::int64_t>(),
                              reply.at("calls").get<std::int64_t>(), reply.at("user_ns").get<std::int64_t>(),
                              reply.at("mismatch").get<std::string>()};
    if (!figures.mismatch.empty() || (figures.calls > 0 && figures.elapsed_ns > 0)) return figures;
    return fail(ErrorCode::failed, fmt::format("the worker says that it made {} calls in {} ns", figures.calls, figures.elapsed_ns));
  });
}

json audit_to_json(const Audit& audit) {
  return with_ok({{"providers", audit.providers},
                  {"compute_types", audit.compute_types},
                  {"fallback_share", or_null(audit.fallback_share)},
                  {"int8_share", or_null(audit.int8_share)},
                  {"fused_nodes", or_null(audit.fused_nodes)},
                  {"graph_breaks", or_null(audit.graph_breaks)},
                  {"fallback_reason", audit.fallback_reason},
                  {"other_precision", audit.other_precision}});
}

Result<Audit> audit_from_json(const json& reply) {
  return decoded("audit", [&reply]() -> Result<Audit> {
    Audit audit;
    audit.providers = reply.at("providers").get<std::map<std::string, std::int64_t>>();
    audit.compute_types = reply.at("compute_types").get<std::map<std::string, std::int64_t>>();
    audit.fallback_share = optional_at<double>(reply, "fallback_share");
    audit.int8_share = optional_at<double>(reply, "int8_share");
    audit.fused_nodes = optional_at<std::int64_t>(reply, "fused_nodes");
    audit.graph_breaks = optional_at<std::int64_t>(reply, "graph_breaks");
    audit.fallback_reason = reply.value("fallback_reason", "");
    audit.other_precision = reply.value("other_precision", "");
    return audit;
  });
}

}  // namespace podium::worker

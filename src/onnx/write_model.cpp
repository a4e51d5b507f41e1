#include <fmt/format.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <limits>
#include <string_view>

#include "core/files.h"
#include "core/text.h"
#include "onnx/graph_copy.h"
#include "onnx/whole_model.h"

namespace podium::onnx {

namespace fs = std::filesystem;

namespace {

using ::onnx::GraphProto;
using ::onnx::ModelProto;
using ::onnx::TensorProto;

constexpr std::size_t smallest_external = 1024;  // bytes; shapes and axes stay in the model, where shape inference finds them
constexpr std::int64_t alignment = 4096;         // of a tensor in the data file, so that engines can map it

/// Hands protobuf's bytes on, and keeps the error that stopped them.
class SinkStream : public google::protobuf::io::CopyingOutputStream {
 public:
  explicit SinkStream(const ByteSink& sink) : sink_(sink) {}
  bool Write(const void* buffer, int size) override {
    result_ = sink_({static_cast<const char*>(buffer), static_cast<std::size_t>(size)});
    return result_.has_value();
  }
  [[nodiscard]] const Result<void>& result() const noexcept { return result_; }

 private:
  const ByteSink& sink_;
  Result<void> result_;
};

Result<void> write_proto(const ModelProto& model, const fs::path& file) {
  return stream_file_atomically(file, [&](const ByteSink& sink) -> Result<void> {
    SinkStream stream(sink);
    google::protobuf::io::CopyingOutputStreamAdaptor adaptor(&stream, 1 << 20);
    const bool written = model.SerializeToZeroCopyStream(&adaptor) && adaptor.Flush();
    if (!stream.result()) return stream.result();
    if (!written) return fail(ErrorCode::failed, fmt::format("protobuf could not write '{}'", printable(file.string())));
    return {};
  });
}

template <typename Values>
std::string_view bytes_of(const Values& values) {
  return {reinterpret_cast<const char*>(values.data()), static_cast<std::size_t>(values.size()) * sizeof(*values.data())};
}

/// A tensor's content as raw_data would hold it; empty where it is small, or stored in a way that takes more than a copy.
std::string_view large_content(const TensorProto& tensor) {
  std::string_view bytes;
  if (tensor.has_raw_data()) bytes = tensor.raw_data();
  if (tensor.data_type() == TensorProto::FLOAT && tensor.float_data_size() > 0) bytes = bytes_of(tensor.float_data());
  if (tensor.data_type() == TensorProto::DOUBLE && tensor.double_data_size() > 0) bytes = bytes_of(tensor.double_data());
  if (tensor.data_type() == TensorProto::INT64 && tensor.int64_data_size() > 0) bytes = bytes_of(tensor.int64_data());
  return bytes.size() < smallest_external ? std::string_view() : bytes;
}

void set_entry(TensorProto& tensor, const char* key, const std::string& value) {
  auto& entry = *tensor.add_external_data();
  entry.set_key(key);
  entry.set_value(value);
}

/// The same tensor without its content.
void refer(const TensorProto& tensor, const std::string& location, std::int64_t offset, std::size_t length, TensorProto& reference) {
  reference.set_name(tensor.name());
  reference.set_data_type(tensor.data_type());
  *reference.mutable_dims() = tensor.dims();
  *reference.mutable_metadata_props() = tensor.metadata_props();
  if (tensor.has_doc_string()) reference.set_doc_string(tensor.doc_string());
  reference.set_data_location(TensorProto::EXTERNAL);
  set_entry(reference, "location", location);
  set_entry(reference, "offset", std::to_string(offset));
  set_entry(reference, "length", std::to_string(length));
}

ModelProto copy_without_graph(const ModelProto& model) {
  ModelProto copy;
  copy.set_ir_version(model.ir_version());
  *copy.mutable_opset_import() = model.opset_import();
  if (model.has_producer_name()) copy.set_producer_name(model.producer_name());
  if (model.has_producer_version()) copy.set_producer_version(model.producer_version());
  if (model.has_domain()) copy.set_domain(model.domain());
  if (model.has_model_version()) copy.set_model_version(model.model_version());
  if (model.has_doc_string()) copy.set_doc_string(model.doc_string());
  *copy.mutable_metadata_props() = model.metadata_props();
  *copy.mutable_training_info() = model.training_info();
  *copy.mutable_functions() = model.functions();
  *copy.mutable_configuration() = model.configuration();
  return copy;
}

/// The model with references in place of large weights, and those weights in the order of the references.
struct Parted {
  ModelProto model;
  std::vector<std::pair<std::int64_t, std::string_view>> weights;  // offset, content
};

Parted part(const ModelProto& model, const std::string& location) {
  Parted parted{copy_without_graph(model), {}};
  GraphProto& graph = *parted.model.mutable_graph();
  copy_without_initializers(model.graph(), graph);
  std::int64_t end = 0;
  for (const TensorProto& tensor : model.graph().initializer()) {
    const std::string_view content = large_content(tensor);
    if (content.empty()) {
      *graph.add_initializer() = tensor;
      continue;
    }
    const std::int64_t offset = (end + alignment - 1) / alignment * alignment;
    refer(tensor, location, offset, content.size(), *graph.add_initializer());
    parted.weights.emplace_back(offset, content);
    end = offset + static_cast<std::int64_t>(content.size());
  }
  return parted;
}

Result<void> write_weights(const Parted& parted, const fs::path& file) {
  return stream_file_atomically(file, [&parted](const ByteSink& sink) -> Result<void> {
    std::int64_t end = 0;
    for (const auto& [offset, content] : parted.weights) {
      if (Result<void> padded = sink(std::string(static_cast<std::size_t>(offset - end), '\0')); !padded) return padded;
      if (Result<void> written = sink(content); !written) return written;
      end = offset + static_cast<std::int64_t>(content.size());
    }
    return {};
  });
}

}  // namespace

Result<std::vector<fs::path>> write_model(const ModelProto& model, const fs::path& file, const WriteOptions& options) {
  constexpr auto most = static_cast<std::size_t>(std::numeric_limits<int>::max());  // that protobuf writes
  const std::size_t bytes = model.ByteSizeLong();
  if (bytes <= most && static_cast<std::int64_t>(bytes) <= options.largest_single_file) {
    if (Result<void> written = write_proto(model, file); !written) return tl::unexpected(written.error());
    return std::vector{file};
  }
  fs::path data_file = file;
  data_file += ".data";
  const Parted parted = part(model, data_file.filename().string());
  if (parted.model.ByteSizeLong() > most) {
    return fail(ErrorCode::unsupported,
                fmt::format("'{}' would be larger than 2 GiB without its weights, which protobuf cannot write", printable(file.string())),
                "make initializers of the model's large Constant nodes (Podium's simplification does)");
  }
  // The data first: a reader of the new model finds it complete.
  if (Result<void> written = write_weights(parted, data_file); !written) return tl::unexpected(written.error());
  if (Result<void> written = write_proto(parted.model, file); !written) return tl::unexpected(written.error());
  return std::vector{file, data_file};
}

}  // namespace podium::onnx

#include "linear_layer.h"

#include <algorithm>
#include <cstring>
#include <fstream>
#include <iterator>
#include <optional>
#include <string_view>

namespace linear {
namespace {

/// Fields of a protobuf message, one after the other: as much of the format as ONNX needs here.
class Message {
 public:
  explicit Message(std::string_view bytes) : bytes_(bytes) {}

  struct Field {
    std::uint64_t number = 0;
    std::uint64_t value = 0;  ///< of a whole number
    std::string_view bytes;   ///< of a text, a message or packed numbers
  };

  /// Nothing at the end, and where the bytes are no message.
  std::optional<Field> next() {
    const std::uint64_t key = number();
    Field field{key >> 3U, 0, {}};
    if (broken_ || key == 0) return std::nullopt;
    switch (key & 7U) {
      case 0:
        field.value = number();
        break;
      case 1:
        field.bytes = take(8);
        break;
      case 2:
        field.bytes = take(number());
        break;
      case 5:
        field.bytes = take(4);
        break;
      default:
        broken_ = true;
    }
    return broken_ ? std::nullopt : std::optional(field);
  }

 private:
  std::uint64_t number() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && !bytes_.empty(); shift += 7) {
      const auto byte = static_cast<unsigned char>(bytes_.front());
      bytes_.remove_prefix(1);
      value |= std::uint64_t{byte & 0x7FU} << shift;
      if ((byte & 0x80U) == 0) return value;
    }
    broken_ = true;
    return 0;
  }

  std::string_view take(std::uint64_t size) {
    broken_ = broken_ || size > bytes_.size();
    if (broken_) return {};
    const std::string_view part = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return part;
  }

  std::string_view bytes_;
  bool broken_ = false;
};

/// Every field of this number.
std::vector<Message::Field> fields(std::string_view bytes, std::uint64_t number) {
  std::vector<Message::Field> found;
  Message message(bytes);
  while (const auto field = message.next()) {
    if (field->number == number) found.push_back(*field);
  }
  return found;
}

std::string_view first(std::string_view bytes, std::uint64_t number) {
  const auto found = fields(bytes, number);
  return found.empty() ? std::string_view() : found.front().bytes;
}

// Numbers of fields in onnx.proto.
constexpr std::uint64_t graph_of_model = 7;
constexpr std::uint64_t nodes = 1, initializers = 5;                             // of a graph
constexpr std::uint64_t inputs = 1, outputs = 2, op_type = 4;                    // of a node
constexpr std::uint64_t dims = 1, data_type = 2, tensor_name = 8, raw_data = 9;  // of a tensor
constexpr std::uint64_t float32 = 1;                                             // a data_type

/// Packed or one by one, as the writer liked.
std::vector<std::int64_t> shape_of(std::string_view tensor) {
  std::vector<std::int64_t> shape;
  for (const Message::Field& field : fields(tensor, dims)) {
    if (field.bytes.empty()) {
      shape.push_back(static_cast<std::int64_t>(field.value));
      continue;
    }
    std::uint64_t value = 0;
    unsigned shift = 0;
    for (const char byte : field.bytes) {
      value |= std::uint64_t{static_cast<unsigned char>(byte) & 0x7FU} << shift;
      shift += 7;
      if ((static_cast<unsigned char>(byte) & 0x80U) != 0) continue;
      shape.push_back(static_cast<std::int64_t>(value));
      value = shift = 0;
    }
  }
  return shape;
}

tl::unexpected<podium::Error> another(const std::string& what) {
  return podium::fail(podium::ErrorCode::unsupported, "this engine computes one MatMul with a constant, and the model " + what);
}

}  // namespace

void Layer::compute(const float* input_values, std::int64_t batch, float* output_values) const {
  std::fill_n(output_values, batch * columns, 0.0F);
  for (std::int64_t sample = 0; sample < batch; ++sample) {
    for (std::int64_t row = 0; row < rows; ++row) {
      const float factor = input_values[sample * rows + row];
      for (std::int64_t column = 0; column < columns; ++column)
        output_values[sample * columns + column] += factor * weight[static_cast<std::size_t>(row * columns + column)];
    }
  }
}

podium::Result<Layer> read_layer(const std::filesystem::path& model) {
  std::ifstream file(model, std::ios::binary);
  const std::string bytes(std::istreambuf_iterator<char>(file), {});
  const std::string_view graph = first(bytes, graph_of_model);
  const auto found = fields(graph, nodes);
  const auto constants = fields(graph, initializers);
  if (found.size() != 1 || constants.size() != 1) return another("has " + std::to_string(found.size()) + " nodes");
  const std::string_view node = found.front().bytes;
  const std::string_view constant = constants.front().bytes;
  const auto of_node = fields(node, inputs);
  if (first(node, op_type) != "MatMul" || of_node.size() != 2 || of_node[1].bytes != first(constant, tensor_name))
    return another("is a " + std::string(first(node, op_type)));
  const std::vector<std::int64_t> shape = shape_of(constant);
  const std::string_view values = first(constant, raw_data);
  const auto types = fields(constant, data_type);
  const bool is_matrix = shape.size() == 2 && shape[0] > 0 && shape[1] > 0 && !types.empty() && types.front().value == float32 &&
                         values.size() / sizeof(float) / static_cast<std::size_t>(shape[0]) == static_cast<std::size_t>(shape[1]);
  if (!is_matrix) return another("holds its constant in another way");
  Layer layer{std::string(of_node[0].bytes), std::string(first(node, outputs)), shape[0], shape[1], {}};
  layer.weight.resize(values.size() / sizeof(float));
  std::memcpy(layer.weight.data(), values.data(), layer.weight.size() * sizeof(float));
  return layer;
}

}  // namespace linear

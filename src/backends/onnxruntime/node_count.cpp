#include "backends/onnxruntime/node_count.h"

#include <algorithm>
#include <fstream>
#include <string>

namespace podium::onnxruntime {
namespace {

// Numbers of fields in onnx.proto.
constexpr std::uint64_t graph_of_model = 7;
constexpr std::uint64_t node_of_graph = 1;
constexpr std::uint64_t operator_of_node = 4;
constexpr std::uint64_t longest_operator_name = 256;

/// A walk through protobuf's wire format. Once something does not fit, every question is answered with "nothing".
class WireReader {
 public:
  explicit WireReader(const std::filesystem::path& file) : stream_(file, std::ios::binary), size_(file_size_of(file)) {}

  struct Field {
    std::uint64_t number = 0;
    std::uint64_t end = 0;  ///< of a field with a length; others have been passed over already
    bool has_length = false;
  };

  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }
  [[nodiscard]] std::uint64_t position() const noexcept { return position_; }
  [[nodiscard]] bool good() const noexcept { return good_; }

  [[nodiscard]] std::optional<Field> next(std::uint64_t end) {
    if (!good_ || position_ >= end) return std::nullopt;
    const std::uint64_t tag = number();
    Field field{tag >> 3U, position_, false};
    switch (tag & 7U) {
      case 0:
        number();
        break;
      case 1:
        go_to(position_ + 8, end);
        break;
      case 2: {
        const std::uint64_t length = number();
        field.has_length = true;
        field.end = position_ + length;
        good_ = good_ && length <= end - position_;
        break;
      }
      case 5:
        go_to(position_ + 4, end);
        break;
      default:
        good_ = false;
    }
    return good_ ? std::optional(field) : std::nullopt;
  }

  void go_to(std::uint64_t position, std::uint64_t end) {
    good_ = good_ && position <= end && stream_.seekg(static_cast<std::streamoff>(position));
    position_ = position;
  }

  [[nodiscard]] std::string text(const Field& field) {
    std::string bytes(std::min(field.end - position_, longest_operator_name), '\0');
    good_ = good_ && stream_.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    position_ += bytes.size();
    return bytes;
  }

 private:
  static std::uint64_t file_size_of(const std::filesystem::path& file) {
    std::error_code error;
    const auto size = std::filesystem::file_size(file, error);
    return error ? 0 : size;
  }

  std::uint64_t number() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      const int byte = stream_.get();
      good_ = good_ && byte >= 0;
      if (!good_) return 0;
      ++position_;
      value |= (static_cast<std::uint64_t>(byte) & 0x7FU) << shift;
      if (byte < 0x80) return value;
    }
    good_ = false;
    return 0;
  }

  std::ifstream stream_;
  std::uint64_t size_;
  std::uint64_t position_ = 0;
  bool good_ = true;
};

bool is_constant(WireReader& reader, std::uint64_t end) {
  while (const auto field = reader.next(end)) {
    if (field->number == operator_of_node && field->has_length) return reader.text(*field) == "Constant";
    if (field->has_length) reader.go_to(field->end, end);
  }
  return false;
}

std::int64_t nodes_of_graph(WireReader& reader, std::uint64_t end) {
  std::int64_t nodes = 0;
  while (const auto field = reader.next(end)) {
    if (field->number == node_of_graph && field->has_length && !is_constant(reader, field->end)) ++nodes;
    if (field->has_length) reader.go_to(field->end, end);
  }
  return nodes;
}

}  // namespace

std::optional<std::int64_t> count_model_nodes(const std::filesystem::path& model) {
  WireReader reader(model);
  std::optional<std::int64_t> nodes;
  while (const auto field = reader.next(reader.size())) {
    if (!field->has_length) continue;
    if (field->number == graph_of_model) nodes = nodes.value_or(0) + nodes_of_graph(reader, field->end);
    reader.go_to(field->end, reader.size());
  }
  return reader.good() ? nodes : std::nullopt;
}

}  // namespace podium::onnxruntime

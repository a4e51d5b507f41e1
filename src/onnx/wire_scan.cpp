#include "onnx/wire_scan.h"

#include <fmt/format.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl.h>

#include <optional>
#include <string>

namespace podium::onnx {

namespace {

using google::protobuf::io::CodedInputStream;

enum class Kind {
  model,
  graph,
  node,
  attribute,
  tensor,
  sparse_tensor,
  value_info,
  type,
  tensor_type,
  inner_type,
  shape,
  function,
  training,
  annotation,
  leaf
};

/// Which field of which message holds which message (onnx-ml.proto). `leaf` messages hold texts and numbers only, and so do fields not
/// listed.
struct Part {
  Kind parent;
  std::uint32_t field;
  Kind child;
};

constexpr Part parts[] = {
    {Kind::model, 7, Kind::graph},
    {Kind::model, 8, Kind::leaf},
    {Kind::model, 14, Kind::leaf},
    {Kind::model, 20, Kind::training},
    {Kind::model, 25, Kind::function},
    {Kind::model, 26, Kind::leaf},
    {Kind::training, 1, Kind::graph},
    {Kind::training, 2, Kind::graph},
    {Kind::training, 3, Kind::leaf},
    {Kind::training, 4, Kind::leaf},
    {Kind::graph, 1, Kind::node},
    {Kind::graph, 5, Kind::tensor},
    {Kind::graph, 11, Kind::value_info},
    {Kind::graph, 12, Kind::value_info},
    {Kind::graph, 13, Kind::value_info},
    {Kind::graph, 14, Kind::annotation},
    {Kind::graph, 15, Kind::sparse_tensor},
    {Kind::graph, 16, Kind::leaf},
    {Kind::function, 7, Kind::node},
    {Kind::function, 9, Kind::leaf},
    {Kind::function, 11, Kind::attribute},
    {Kind::function, 12, Kind::value_info},
    {Kind::function, 14, Kind::leaf},
    {Kind::node, 5, Kind::attribute},
    {Kind::node, 9, Kind::leaf},
    {Kind::node, 10, Kind::annotation},
    {Kind::attribute, 5, Kind::tensor},
    {Kind::attribute, 6, Kind::graph},
    {Kind::attribute, 10, Kind::tensor},
    {Kind::attribute, 11, Kind::graph},
    {Kind::attribute, 14, Kind::type},
    {Kind::attribute, 15, Kind::type},
    {Kind::attribute, 22, Kind::sparse_tensor},
    {Kind::attribute, 23, Kind::sparse_tensor},
    {Kind::tensor, 3, Kind::leaf},
    {Kind::tensor, 13, Kind::leaf},
    {Kind::tensor, 16, Kind::leaf},
    {Kind::sparse_tensor, 1, Kind::tensor},
    {Kind::sparse_tensor, 2, Kind::tensor},
    {Kind::value_info, 2, Kind::type},
    {Kind::value_info, 4, Kind::leaf},
    {Kind::type, 1, Kind::tensor_type},
    {Kind::type, 8, Kind::tensor_type},
    {Kind::type, 4, Kind::inner_type},
    {Kind::type, 9, Kind::inner_type},
    {Kind::type, 5, Kind::inner_type},
    {Kind::type, 7, Kind::leaf},
    {Kind::tensor_type, 2, Kind::shape},
    {Kind::inner_type, 1, Kind::type},
    {Kind::inner_type, 2, Kind::type},
    {Kind::shape, 1, Kind::leaf},
    {Kind::annotation, 2, Kind::annotation},
    {Kind::annotation, 3, Kind::annotation},
    {Kind::annotation, 4, Kind::annotation},
};

std::optional<Kind> child_of(Kind parent, std::uint32_t field) {
  for (const Part& part : parts) {
    if (part.parent == parent && part.field == field) return part.child;
  }
  return std::nullopt;
}

class Scanner {
 public:
  Scanner(CodedInputStream& input, const ReadLimits& limits) : input_(input), limits_(limits) {}

  /// Reads one message up to `end`; false where something is wrong, which reason() then says.
  bool message(Kind kind, std::int64_t end, int depth) {
    if (depth > message_depth(limits_)) return refuse(fmt::format("it nests graphs deeper than {}", limits_.nesting));
    while (input_.CurrentPosition() < end) {
      const std::uint32_t tag = input_.ReadTag();
      if (tag == 0) return refuse(malformed());
      if (!field(kind, tag >> 3U, tag & 7U, end, depth)) return false;
    }
    return input_.CurrentPosition() == end || refuse(malformed());
  }
  [[nodiscard]] const std::string& reason() const noexcept { return reason_; }

 private:
  enum WireType : std::uint32_t { varint = 0, fixed64 = 1, length_delimited = 2, fixed32 = 5 };

  bool field(Kind kind, std::uint32_t number, std::uint32_t wire_type, std::int64_t end, int depth) {
    switch (wire_type) {
      case varint: {
        std::uint64_t ignored = 0;
        return input_.ReadVarint64(&ignored) || refuse(malformed());
      }
      case fixed64:
        return skip(8, end);
      case fixed32:
        return skip(4, end);
      case length_delimited: {
        std::uint32_t length = 0;
        if (!input_.ReadVarint32(&length)) return refuse(malformed());
        return sized_field(kind, number, length, end, depth);
      }
      default:
        return refuse(malformed());
    }
  }

  bool sized_field(Kind kind, std::uint32_t number, std::uint32_t length, std::int64_t end, int depth) {
    const std::int64_t most_parts = 1000 + 16 * limits_.nodes;  // inputs, outputs, names and attributes of a node, and the head of a model
    if (++parts_ > most_parts) return refuse(fmt::format("it has more than {} parts", most_parts));
    const std::optional<Kind> child = child_of(kind, number);
    const std::int64_t child_end = std::int64_t{input_.CurrentPosition()} + length;
    if (!child || child_end > end) return skip(length, end);
    if (*child == Kind::node && ++nodes_ > limits_.nodes) return refuse(fmt::format("it has more than {} nodes", limits_.nodes));
    graphs_ += *child == Kind::graph ? 1 : 0;
    if (graphs_ > limits_.nesting + 1) return refuse(fmt::format("it nests graphs deeper than {}", limits_.nesting));
    const bool good = message(*child, child_end, depth + 1);
    graphs_ -= *child == Kind::graph ? 1 : 0;
    return good;
  }

  bool skip(std::int64_t bytes, std::int64_t end) {
    const std::int64_t at = input_.CurrentPosition();
    if (at + bytes > end) return refuse(fmt::format("it ends in the middle: {} bytes are missing behind byte {}", at + bytes - end, end));
    return input_.Skip(static_cast<int>(bytes)) || refuse(malformed());
  }

  bool refuse(std::string reason) {
    reason_ = std::move(reason);
    return false;
  }
  [[nodiscard]] std::string malformed() const { return fmt::format("its protobuf is damaged at byte {}", input_.CurrentPosition()); }

  CodedInputStream& input_;
  const ReadLimits& limits_;
  std::int64_t parts_ = 0;
  std::int64_t nodes_ = 0;
  int graphs_ = 0;  // that we are inside of
  std::string reason_;
};

}  // namespace

Result<void> scan(int fd, std::int64_t file_bytes, const ReadLimits& limits) {
  google::protobuf::io::FileInputStream stream(fd);
  CodedInputStream input(&stream);
  Scanner scanner(input, limits);
  if (!scanner.message(Kind::model, file_bytes, 0)) return fail(ErrorCode::bad_input, scanner.reason());
  return {};
}

}  // namespace podium::onnx
